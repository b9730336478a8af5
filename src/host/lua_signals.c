/// `promptgen.signals`: SIGINT as something to wait for. See attention.h.
///
/// signals.open() -> handle | nil, err; handle:take() -> signal number | nil; handle:drain();
/// handle:put_back_interrupt(): the line editor gets a SIGINT that was taken; handle:close()
#include "lua_signals.h"

#include "lua_host.h"

#include "../lua/lua_common.h"

static const char signals_type[] = "promptgen.signals";

pg_attention *pg_host_check_signals(lua_State *L, int index)
{
    pg_attention *a = luaL_checkudata(L, index, signals_type);
    luaL_argcheck(L, a->fd >= 0, index, "the signals are closed");
    return a;
}

static int l_open(lua_State *L)
{
    pg_attention *a = lua_newuserdatauv(L, sizeof *a, 0); // [handle]
    a->fd = -1;
    luaL_setmetatable(L, signals_type);
    pg_error err = {0};
    if (pg_attention_open(a, &err) != PG_OK)
        return pg_lua_fail(L, &err, NULL);
    return 1;
}

static int l_take(lua_State *L)
{
    int signal = pg_attention_take(pg_host_check_signals(L, 1));
    if (signal == 0)
        return 0;
    lua_pushinteger(L, signal);
    return 1;
}

static int l_drain(lua_State *L)
{
    pg_attention_drain(pg_host_check_signals(L, 1));
    return 0;
}

static int l_put_back_interrupt(lua_State *L)
{
    pg_attention_put_back(pg_host_check_signals(L, 1), SIGINT);
    return 0;
}

static int l_close(lua_State *L)
{
    pg_attention_close(luaL_checkudata(L, 1, signals_type));
    return 0;
}

int luaopen_promptgen_signals(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"take", l_take},   {"drain", l_drain}, {"put_back_interrupt", l_put_back_interrupt},
        {"close", l_close}, {NULL, NULL},
    };
    static const luaL_Reg functions[] = {{"open", l_open}, {NULL, NULL}};
    pg_lua_new_type(L, signals_type, methods, l_close);
    lua_pop(L, 1);
    luaL_newlib(L, functions);
    return 1;
}
