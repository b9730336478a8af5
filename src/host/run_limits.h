/// Time and memory limits inside a worker. Internal to src/host.
///
/// They exist for good messages: the parent's SIGKILL is the bound that always holds. Once a limit
/// has fired it stays: every further instruction raises again, so that a protected call cannot
/// absorb it.
#ifndef PROMPTGEN_RUN_LIMITS_H
#define PROMPTGEN_RUN_LIMITS_H

#include "lua_host.h"

/// Instructions between two looks at the clock.
enum { PG_LIMITS_INTERVAL = 10000 };

/// Caps the state's memory at `memory_bytes` above what it uses now, and arms the count hook of
/// `L`.
void pg_limits_arm(lua_State *L, pg_host *host, size_t memory_bytes);

/// Lifts both, so that the outcome can be sent.
void pg_limits_disarm(lua_State *L, pg_host *host);

/// True when a limit has fired in this worker, or its parent asked it to stop.
bool pg_limits_expired(const pg_host *host);

/// A turn of a worker that lives on: limits as they were at its start, however earlier turns ended.
/// `L` is the turn's own thread; `timeout_ns` <= 0 is no limit. What it keeps counts against the
/// memory cap of the worker.
void pg_limits_begin_turn(lua_State *L, pg_host *host, int64_t timeout_ns);

/// Lifts them again.
void pg_limits_end_turn(lua_State *L, pg_host *host);

/// Sets the hook of another thread of the state (a coroutine).
void pg_limits_cover(lua_State *thread);

#endif
