/// Clocks as arguments of bindings. Internal to src/lua.
#ifndef PROMPTGEN_LUA_TIMER_H
#define PROMPTGEN_LUA_TIMER_H

#include "promptgen/clock.h"

#include <lua.h>

/// The clock object at `arg`; NULL (the monotonic clock) for nil or none; raises for anything else.
/// Borrowed: anchor the argument in a user value of whatever keeps the pointer.
const pg_clock *pg_lua_opt_clock(lua_State *L, int arg);

/// Seconds of a duration in nanoseconds.
double pg_lua_seconds(int64_t ns);

#endif
