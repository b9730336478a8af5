/// `promptgen.embedded`: the stock scripts inside the program. See embed.h.
#include "embed.h"
#include "lua_host.h"

#include "../lua/lua_common.h"

/// embedded.source(name) -> source text, boolean has_code | nil
static int l_source(lua_State *L)
{
    const pg_embedded *file = pg_embedded_find(pg_lua_check_str(L, 1));
    if (file == NULL || file->source.len == 0)
        return 0;
    lua_pushlstring(L, file->source.ptr, file->source.len);
    lua_pushboolean(L, file->code.len > 0);
    return 2;
}

/// embedded.names(prefix) -> sorted list of the names of embedded scripts
static int l_names(lua_State *L)
{
    pg_str prefix = pg_lua_check_str(L, 1);
    lua_newtable(L); // [names]
    lua_Integer n = 0;
    for (size_t i = 0; i < pg_embedded_count; i++) {
        const pg_embedded *file = &pg_embedded_files[i];
        if (file->source.len == 0 || !pg_str_starts_with(file->name, prefix))
            continue;
        lua_pushlstring(L, file->name.ptr, file->name.len);
        lua_rawseti(L, -2, ++n);
    }
    return 1;
}

/// embedded.load(name, env) -> function with `env` as its _ENV | nil
static int l_load(lua_State *L)
{
    const pg_embedded *file = pg_embedded_find(pg_lua_check_str(L, 1));
    luaL_checktype(L, 2, LUA_TTABLE);
    if (file == NULL || file->code.len == 0)
        return 0;
    if (luaL_loadbufferx(L, file->code.ptr, file->code.len, file->name.ptr, "b") != LUA_OK)
        return lua_error(L);
    lua_pushvalue(L, 2); // [function, env]
    if (lua_setupvalue(L, -2, 1) == NULL)
        lua_pop(L, 1);
    return 1;
}

int luaopen_promptgen_embedded(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"source", l_source},
        {"names", l_names},
        {"load", l_load},
        {NULL, NULL},
    };
    luaL_newlib(L, functions);
    return 1;
}
