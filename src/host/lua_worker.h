/// Worker processes as Lua sees them, from both sides. Internal to src/host.
#ifndef PROMPTGEN_LUA_WORKER_H
#define PROMPTGEN_LUA_WORKER_H

#include <lua.h>

/// Defines the metatable of worker handles: `next`, `answer`, `refuse`, `close`.
void pg_host_define_worker_type(lua_State *L);

/// host.start_worker({timeout=seconds, memory=bytes, profile=boolean?, signals=handle?}, entry) ->
/// worker | nil, err
///
/// Forks. The child never returns: it enters the sandbox, calls `entry(report)` and sends what it
/// returns as the result, or what it raises as the error. The parent gets a handle:
///   worker:next() -> frame name, value | nil, err
///   worker:answer(value), worker:refuse(error), worker:close()
/// With `profile` a worker whose parent is being profiled sends a "profile" frame before its
/// outcome. With `signals` the worker lives on: its user code runs in turns (promptgen.turn),
/// SIGINT asks a turn to end while the parent waits in next(), and `timeout` bounds its processor
/// time only:
///   worker:begin_turn(seconds?), worker:interrupted() -> boolean, worker:alive() -> boolean
int pg_host_start_worker(lua_State *L);

#endif
