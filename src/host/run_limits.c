/// The count hook and the memory cap of a worker. See run_limits.h.
#include "run_limits.h"

#include "../lua/lua_common.h"
#include "../lua/profiler.h"

#include "promptgen/clock.h"

#include <stdint.h>

/// Time kept back from the deadline, so that the message leaves before the parent's kill.
static const int64_t margin_ns = INT64_C(50) * 1000 * 1000;

/// Garbage that a worker may make before it starts to collect.
static const size_t free_growth = (size_t)16 << 20;

static void on_event(lua_State *L, lua_Debug *ar);

static void raise_limit(lua_State *L, lua_Debug *ar, pg_status code, const char *what)
{
    pg_error err = {0};
    (void)pg_error_set(&err, code, "%s", what);
    const char *chunk = NULL;
    if (lua_getinfo(L, "Sl", ar) != 0 && ar->currentline > 0) {
        pg_error_at(&err, ar->currentline, 0, 0);
        chunk = *ar->source == '@' || *ar->source == '=' ? ar->source + 1 : NULL;
    }
    pg_lua_push_error(L, &err, chunk);
    lua_error(L);
}

/// Marking touches every object, and each page inherited from the parent is copied when it is first
/// written: a short run is several times cheaper when it never collects.
static void begin_collecting(lua_State *L, pg_host *host)
{
    if (host->collect_above == 0 || host->memory.used < host->collect_above)
        return;
    host->collect_above = 0;
    lua_gc(L, LUA_GCRESTART);
}

static bool is_interrupted(const pg_host *host)
{
    return host->interrupt != NULL && atomic_load_explicit(host->interrupt, memory_order_relaxed);
}

static void on_count(lua_State *L, lua_Debug *ar)
{
    pg_host *host = pg_host_of(L);
    begin_collecting(L, host);
    bool memory = host->memory.limit_was_hit;
    bool time = pg_now_ns(NULL) >= host->deadline_ns - margin_ns;
    bool asked = is_interrupted(host);
    if (!memory && !time && !host->expired && !asked) {
        if (lua_gethookcount(L) != PG_LIMITS_INTERVAL)
            pg_limits_cover(L); // a coroutine that an earlier turn's limit had stopped
        return;
    }
    if (!asked && !host->expired) {
        host->expired = true;
        host->memory.limit = SIZE_MAX; // the error itself needs memory; the kernel's cap remains
    }
    lua_sethook(L, on_event, LUA_MASKCOUNT | LUA_MASKLINE | LUA_MASKCALL, 1);
    if (asked)
        raise_limit(L, ar, PG_INTERRUPTED, "interrupted");
    raise_limit(L, ar, PG_LIMIT,
                memory ? "the memory limit was reached" : "the time limit was reached");
}

/// The one hook of a worker. Calls and returns are the profiler's, until a limit has fired: then
/// each event of every thread raises, whatever it was wanted for.
static void on_event(lua_State *L, lua_Debug *ar)
{
    bool is_call = ar->event == LUA_HOOKCALL || ar->event == LUA_HOOKTAILCALL;
    bool armed = lua_gethookcount(L) == PG_LIMITS_INTERVAL;
    if (armed && (ar->event == LUA_HOOKRET || (is_call && !pg_host_of(L)->expired)))
        pg_profiler_hook(L, ar);
    else
        on_count(L, ar);
}

void pg_limits_cover(lua_State *thread)
{
    lua_sethook(thread, on_event, LUA_MASKCOUNT | pg_profiler_mask(thread), PG_LIMITS_INTERVAL);
}

void pg_limits_arm(lua_State *L, pg_host *host, size_t memory_bytes)
{
    host->collect_above = host->memory.used + free_growth;
    host->memory.limit_was_hit = false;
    host->memory.limit =
        memory_bytes < SIZE_MAX - host->memory.used ? host->memory.used + memory_bytes : SIZE_MAX;
    pg_limits_cover(L);
}

void pg_limits_disarm(lua_State *L, pg_host *host)
{
    lua_sethook(L, NULL, 0, 0);
    host->memory.limit = SIZE_MAX;
}

bool pg_limits_expired(const pg_host *host)
{
    return host->expired || host->memory.limit_was_hit || is_interrupted(host);
}

void pg_limits_begin_turn(lua_State *L, pg_host *host, int64_t timeout_ns)
{
    // Room to let go of values with, when what earlier turns keep already fills the limit.
    const size_t reserve = (size_t)1 << 20;
    host->expired = false;
    host->memory.limit_was_hit = false;
    host->memory.limit = host->memory.used + reserve > host->memory_cap
                             ? host->memory.used + reserve
                             : host->memory_cap;
    host->deadline_ns = timeout_ns > 0 ? pg_now_ns(NULL) + timeout_ns : INT64_MAX;
    pg_limits_cover(L);
}

void pg_limits_end_turn(lua_State *L, pg_host *host)
{
    pg_limits_disarm(L, host);
    host->expired = false;
    host->memory.limit_was_hit = false;
    host->deadline_ns = INT64_MAX;
}
