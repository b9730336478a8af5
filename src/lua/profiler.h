/// The profiler of a Lua state: turns its call and return events into a pg_profile. Internal to
/// src/lua and src/host.
///
/// A state has one debug hook. Where nobody else needs it, `profiler.start` sets pg_profiler_hook
/// itself; the limiter of a worker keeps the hook and hands on the events of pg_profiler_mask.
#ifndef PROMPTGEN_LUA_PROFILER_H
#define PROMPTGEN_LUA_PROFILER_H

#include "promptgen/status.h"
#include "promptgen/str.h"

#include <lua.h>

typedef struct pg_profiler pg_profiler;

/// The running profiler of the state, or NULL. O(1); never raises.
pg_profiler *pg_profiler_of(lua_State *L);

/// Events that it needs: call and return, or 0 when none runs.
int pg_profiler_mask(lua_State *L);

/// A lua_Hook for those events; others are ignored.
void pg_profiler_hook(lua_State *L, lua_Debug *ar);

/// Forgets what was measured and begins now: for the child of a fork. Functions keep their numbers.
void pg_profiler_restart(lua_State *L);

/// The same, after the hook has seen some calls of functions that do nothing: what such a call
/// seems to take is overhead from now on.
void pg_profiler_calibrate(lua_State *L);

/// Stops the clock, names the functions as modules export them, and appends the profile as one
/// packed value, see promptgen/profile.h. PG_NOMEM. Never raises.
PG_NODISCARD pg_status pg_profiler_pack(lua_State *L, pg_buf *out, pg_error *err);

/// Makes the profiler of the state and starts its clock; NULL when memory is out. May raise a
/// memory error of Lua. The functions `own` (n of them) will be left out of profiles.
pg_profiler *pg_profiler_new(lua_State *L, const lua_CFunction *own, size_t count);

/// Takes the profiler away and frees it.
void pg_profiler_end(lua_State *L);

/// Leaves the function at the top of the stack, and all closures of its kind, out of profiles: what
/// they call counts as called by their caller.
void pg_profiler_hide(lua_State *L, pg_profiler *profiler);

/// Opens or closes a span in the Lua or C function at `level` of the stack.
void pg_profiler_enter(lua_State *L, pg_profiler *profiler, int level, pg_str name);
void pg_profiler_leave(lua_State *L, pg_profiler *profiler, pg_str name);

#endif
