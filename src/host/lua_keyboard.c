/// `promptgen.keyboard`: single keys of the terminal, for menus. See keyboard.h.
///
/// keyboard.open(signals) -> handle | nil, err; handle:close()
/// handle:read() -> name of a key | "text", byte as a string
#include "keyboard.h"
#include "lua_host.h"
#include "lua_signals.h"

#include "../lua/lua_common.h"

static const char keyboard_type[] = "promptgen.keyboard";

static int l_read(lua_State *L)
{
    static const char *const names[] = {
        [PG_KEY_BYTE] = "text",
        [PG_KEY_UP] = "up",
        [PG_KEY_DOWN] = "down",
        [PG_KEY_LEFT] = "left",
        [PG_KEY_RIGHT] = "right",
        [PG_KEY_HOME] = "home",
        [PG_KEY_END] = "end",
        [PG_KEY_PAGE_UP] = "page_up",
        [PG_KEY_PAGE_DOWN] = "page_down",
        [PG_KEY_ENTER] = "enter",
        [PG_KEY_BACKSPACE] = "backspace",
        [PG_KEY_ESCAPE] = "escape",
        [PG_KEY_OTHER] = "other",
        [PG_KEY_REDRAW] = "redraw",
        [PG_KEY_INTERRUPTED] = "interrupted",
        [PG_KEY_EOF] = "eof",
    };
    pg_keyboard *k = luaL_checkudata(L, 1, keyboard_type);
    luaL_argcheck(L, k->attention != NULL, 1, "the keyboard is closed");
    unsigned char byte = 0;
    pg_key key = pg_keyboard_read(k, &byte);
    lua_pushstring(L, names[key]);
    if (key != PG_KEY_BYTE)
        return 1;
    lua_pushlstring(L, (const char *)&byte, 1);
    return 2;
}

static int l_close(lua_State *L)
{
    pg_keyboard_close(luaL_checkudata(L, 1, keyboard_type));
    return 0;
}

static int l_open(lua_State *L)
{
    pg_attention *attention = pg_host_check_signals(L, 1);
    pg_keyboard *k = lua_newuserdatauv(L, sizeof *k, 1); // [signals, keyboard]
    *k = (pg_keyboard){.attention = NULL};
    luaL_setmetatable(L, keyboard_type);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, 1);
    pg_error err = {0};
    if (pg_keyboard_open(k, attention, &err) != PG_OK)
        return pg_lua_fail(L, &err, NULL);
    return 1;
}

int luaopen_promptgen_keyboard(lua_State *L)
{
    static const luaL_Reg methods[] = {{"read", l_read}, {"close", l_close}, {NULL, NULL}};
    static const luaL_Reg functions[] = {{"open", l_open}, {NULL, NULL}};
    pg_lua_new_type(L, keyboard_type, methods, l_close);
    lua_pop(L, 1);
    luaL_newlib(L, functions);
    return 1;
}
