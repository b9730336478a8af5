/// `promptgen.status`: the error codes and the constructor of error values, for Lua.
#include "lua_common.h"
#include "lua_open.h"

/// status.error{code=, message=, path=?, line=?, column=?, hint=?, cause=?} -> the same table with
/// the error metatable.
static int l_error(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_getfield(L, 1, "code"); // [table, code]
    size_t len = 0;
    const char *name = lua_tolstring(L, -1, &len);
    if (name == NULL || pg_status_from_name(name, len) == PG_STATUS_COUNT)
        return luaL_error(L, "unknown error code '%s'", name != NULL ? name : "nil");
    lua_settop(L, 1);
    pg_lua_set_error_metatable(L);
    return 1;
}

/// status.is_error(value) -> boolean
static int l_is_error(lua_State *L)
{
    luaL_checkany(L, 1);
    if (lua_type(L, 1) != LUA_TTABLE || !lua_getmetatable(L, 1)) {
        lua_pushboolean(L, 0);
        return 1;
    }
    luaL_getmetatable(L, "promptgen.error");
    lua_pushboolean(L, lua_rawequal(L, -1, -2));
    return 1;
}

/// status.exit(code name) -> process exit status; 70 for an unknown code
static int l_exit(lua_State *L)
{
    pg_str name = pg_lua_check_str(L, 1);
    lua_pushinteger(L, pg_status_exit(pg_status_from_name(name.ptr, name.len)));
    return 1;
}

static void push_codes(lua_State *L)
{
    lua_createtable(L, 0, PG_STATUS_COUNT); // [codes]
    for (int i = 0; i < PG_STATUS_COUNT; i++) {
        lua_pushinteger(L, pg_status_exit((pg_status)i));
        lua_setfield(L, -2, pg_status_name((pg_status)i));
    }
}

int luaopen_promptgen_status(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"error", l_error},
        {"is_error", l_is_error},
        {"exit", l_exit},
        {NULL, NULL},
    };
    luaL_newlib(L, functions); // [module]
    push_codes(L);
    lua_setfield(L, -2, "codes");
    return 1;
}
