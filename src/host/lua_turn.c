/// `promptgen.turn`: user code in a worker that lives on. See lua_host.h.
///
/// Each turn runs on a thread of its own, so that a traceback shows the user's frames only, and
/// within limits of its own; when it was interrupted or hit a limit, the state and its variables
/// are there for the next turn.
#include "lua_host.h"
#include "run_limits.h"

#include "promptgen/clock.h"

#include <lauxlib.h>

enum { RESULTS_MAX = 200 };

/// Keeps the traceback of an error in the table that is its upvalue, and the error as it is.
static int keep_traceback(lua_State *L)
{
    luaL_traceback(L, L, NULL, 1);
    lua_setfield(L, lua_upvalueindex(1), "traceback");
    lua_settop(L, 1);
    return 1;
}

/// Pushes which limit ended the turn, "time" or "memory", or nil.
static void push_limit(lua_State *L, const pg_host *host)
{
    if (host->memory.limit_was_hit)
        lua_pushliteral(L, "memory");
    else if (host->expired)
        lua_pushliteral(L, "time");
    else
        lua_pushnil(L);
}

/// turn.run(seconds | nil, fn, ...) -> true, count, results... | false, error, traceback, limit
///
/// At most RESULTS_MAX results come back; `count` is how many there were.
static int l_run(lua_State *L)
{
    pg_host *host = pg_host_of(L);
    if (host->interrupt == NULL)
        return luaL_error(L, "there are no turns outside a worker that lives on");
    lua_Number seconds = luaL_optnumber(L, 1, 0);
    luaL_argcheck(L, seconds >= 0 && seconds < 1e9, 1, "out of range");
    luaL_checktype(L, 2, LUA_TFUNCTION);
    int arguments = lua_gettop(L) - 2;
    lua_newtable(L);
    lua_replace(L, 1);                    // [kept, fn, args...]
    lua_State *thread = lua_newthread(L); // [kept, fn, args..., thread]
    lua_insert(L, 2);                     // [kept, thread, fn, args...]
    lua_pushvalue(L, 1);
    lua_xmove(L, thread, 1);
    lua_pushcclosure(thread, keep_traceback, 1);
    lua_xmove(L, thread, arguments + 1);
    pg_limits_begin_turn(thread, host, (int64_t)(seconds * (lua_Number)PG_NS_PER_SECOND));
    int status = lua_pcall(thread, arguments, LUA_MULTRET, 1);
    push_limit(L, host); // [kept, thread, limit]
    pg_limits_end_turn(thread, host);
    if (status != LUA_OK) {
        lua_pushboolean(L, 0);
        lua_xmove(thread, L, 1);
        (void)lua_getfield(L, 1, "traceback");
        lua_pushvalue(L, 3);
        return 4;
    }
    int count = lua_gettop(thread) - 1;
    if (count > RESULTS_MAX)
        lua_settop(thread, RESULTS_MAX + 1);
    lua_pushboolean(L, 1);
    lua_pushinteger(L, count);
    int kept = count < RESULTS_MAX ? count : RESULTS_MAX;
    luaL_checkstack(L, kept, NULL);
    lua_xmove(thread, L, kept);
    return kept + 2;
}

int luaopen_promptgen_turn(lua_State *L)
{
    static const luaL_Reg functions[] = {{"run", l_run}, {NULL, NULL}};
    luaL_newlib(L, functions);
    return 1;
}
