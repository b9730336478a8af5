/// Worker processes as Lua sees them, from both sides. Internal to src/host.
#ifndef PROMPTGEN_LUA_WORKER_H
#define PROMPTGEN_LUA_WORKER_H

#include <lua.h>

/// Defines the metatable of worker handles: `next`, `answer`, `refuse`, `close`.
void pg_host_define_worker_type(lua_State *L);

/// host.start_worker({timeout=seconds, memory=bytes}, entry) -> worker | nil, err
///
/// Forks. The child never returns: it enters the sandbox, calls `entry(report)` and sends what it
/// returns as the result, or what it raises as the error. The parent gets a handle:
///   worker:next() -> frame name, value | nil, err
///   worker:answer(value), worker:refuse(error), worker:close()
int pg_host_start_worker(lua_State *L);

#endif
