/// `promptgen.copier`: the system's side of the clipboard, for the parent. See clipboard.h.
///
/// copier.find(name) -> absolute path of a program on PATH | nil
/// copier.feed(argv, text, seconds) -> true | nil, err; argv[1] is an absolute path
/// copier.osc52(text) -> control sequence
#include "clipboard.h"
#include "lua_host.h"

#include "promptgen/clock.h"

#include "../lua/lua_common.h"

#include <stdlib.h>
#include <string.h>

static const char buffer_type[] = "promptgen.copier.buffer";

enum { WORDS_MAX = 8 };

static pg_buf *new_buffer(lua_State *L)
{
    pg_buf *buffer = lua_newuserdatauv(L, sizeof *buffer, 0);
    pg_buf_init(buffer, NULL);
    luaL_setmetatable(L, buffer_type);
    return buffer;
}

static int free_buffer(lua_State *L)
{
    pg_buf_free(luaL_checkudata(L, 1, buffer_type));
    return 0;
}

static int l_find(lua_State *L)
{
    pg_str name = pg_lua_check_str(L, 1);
    luaL_argcheck(L, name.len > 0 && memchr(name.ptr, '/', name.len) == NULL, 1,
                  "a name without '/' expected");
    pg_buf *path = new_buffer(L); // [name, path]
    if (!pg_clipboard_find(pg_str_from(getenv("PATH")), name, path))
        return 0;
    lua_pushlstring(L, path->ptr, path->len);
    return 1;
}

static int l_feed(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    pg_str text = pg_lua_check_str(L, 2);
    lua_Number seconds = luaL_checknumber(L, 3);
    luaL_argcheck(L, seconds >= 0 && seconds <= 60, 3, "seconds out of range");
    lua_Unsigned count = lua_rawlen(L, 1);
    luaL_argcheck(L, count >= 1 && count <= WORDS_MAX, 1, "1 to 8 words expected");
    char *argv[WORDS_MAX + 1] = {NULL};
    luaL_checkstack(L, WORDS_MAX, NULL);
    for (lua_Unsigned i = 0; i < count; i++) { // the stack keeps the words alive
        (void)lua_rawgeti(L, 1, (lua_Integer)i + 1);
        luaL_argcheck(L, lua_type(L, -1) == LUA_TSTRING, 1, "words expected");
        argv[i] = (char *)lua_tostring(L, -1);
    }
    luaL_argcheck(L, argv[0] != NULL && argv[0][0] == '/', 1, "an absolute path expected");
    int64_t deadline_ns = pg_now_ns(NULL) + (int64_t)(seconds * (lua_Number)PG_NS_PER_SECOND);
    pg_error err = {0};
    if (pg_clipboard_feed(argv, text, deadline_ns, &err) != PG_OK)
        return pg_lua_fail(L, &err, NULL);
    lua_pushboolean(L, 1);
    return 1;
}

static int l_osc52(lua_State *L)
{
    pg_str text = pg_lua_check_str(L, 1);
    pg_buf *out = new_buffer(L); // [text, out]
    pg_clipboard_put_osc52(out, text);
    if (out->failed)
        return luaL_error(L, "not enough memory");
    lua_pushlstring(L, out->ptr, out->len);
    return 1;
}

int luaopen_promptgen_copier(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"find", l_find},
        {"feed", l_feed},
        {"osc52", l_osc52},
        {NULL, NULL},
    };
    pg_lua_new_type(L, buffer_type, NULL, free_buffer);
    lua_pop(L, 1);
    luaL_newlib(L, functions);
    return 1;
}
