/// `promptgen.inspect`: what values are, without asking them.
///
/// Nothing here calls a metamethod or a function of a script. For the trusted code that shows
/// values to people; it is not among the modules a workflow may require.
#include "lua_common.h"
#include "lua_open.h"

enum { PARAMETERS_MAX = 64 };

/// inspect.metatable(value) -> the table, also behind a __metatable field | nil
static int l_metatable(lua_State *L)
{
    luaL_checkany(L, 1);
    return lua_getmetatable(L, 1);
}

/// inspect.address(value) -> "0x..." | nil for values that are not objects
static int l_address(lua_State *L)
{
    luaL_checkany(L, 1);
    const void *pointer = lua_topointer(L, 1);
    if (pointer == NULL || lua_type(L, 1) == LUA_TSTRING)
        return 0;
    lua_pushfstring(L, "%p", pointer);
    return 1;
}

/// inspect.type_name(value) -> name of a userdata's type | nil
static int l_type_name(lua_State *L)
{
    luaL_checkany(L, 1);
    if (lua_type(L, 1) != LUA_TUSERDATA || !lua_getmetatable(L, 1))
        return 0;
    lua_pushliteral(L, "__name");
    return lua_rawget(L, -2) == LUA_TSTRING ? 1 : 0;
}

/// Appends the string keys of the table at the top to `fields` or `methods`, by their values, and
/// pops it.
static void collect_names(lua_State *L, int fields, int methods)
{
    int from = lua_gettop(L);
    lua_pushnil(L);
    while (lua_next(L, from) != 0) { // [names, key, value]
        if (lua_type(L, -2) == LUA_TSTRING) {
            int list = lua_isfunction(L, -1) ? methods : fields;
            lua_pushvalue(L, -2);
            lua_rawseti(L, list, (lua_Integer)lua_rawlen(L, list) + 1);
        }
        lua_pop(L, 1);
    }
    lua_settop(L, from - 1);
}

/// inspect.members(userdata) -> field names, method names; unsorted
///
/// Types of C modules keep their names in the __index table, or in tables that are upvalues of the
/// __index function.
static int l_members(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TUSERDATA);
    lua_settop(L, 1);
    lua_newtable(L);
    lua_newtable(L); // [userdata, fields, methods]
    if (!lua_getmetatable(L, 1))
        return 2;
    lua_pushliteral(L, "__index");
    int type = lua_rawget(L, -2); // [.., metatable, index]
    int index = lua_gettop(L);
    if (type == LUA_TTABLE)
        collect_names(L, 2, 3);
    else if (lua_iscfunction(L, index))
        for (int i = 1; lua_getupvalue(L, index, i) != NULL; i++) { // [.., index, upvalue]
            if (lua_istable(L, -1))
                collect_names(L, 2, 3);
            else
                lua_pop(L, 1);
        }
    lua_settop(L, 3);
    return 2;
}

/// Sets `parameters` of the description at the top for the function at index 1.
static void describe_parameters(lua_State *L, const lua_Debug *ar)
{
    int count = ar->nparams < PARAMETERS_MAX ? ar->nparams : PARAMETERS_MAX;
    lua_createtable(L, count + 1, 0); // [.., description, parameters]
    for (int i = 1; i <= count; i++) {
        lua_pushvalue(L, 1);
        const char *name = lua_getlocal(L, NULL, i);
        lua_pop(L, 1); // the name lives as long as the function
        lua_pushstring(L, name != NULL ? name : "?");
        lua_rawseti(L, -2, i);
    }
    if (ar->isvararg) {
        lua_pushliteral(L, "...");
        lua_rawseti(L, -2, count + 1);
    }
    lua_setfield(L, -2, "parameters");
}

/// inspect.describe(function) -> {kind = "C"} | {kind = "Lua", source, line, end_line, parameters}
static int l_describe(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_settop(L, 1);
    lua_Debug ar;
    lua_pushvalue(L, 1);
    lua_getinfo(L, ">Su", &ar);
    lua_createtable(L, 0, 5); // [function, description]
    bool native = *ar.what == 'C';
    lua_pushstring(L, native ? "C" : "Lua");
    lua_setfield(L, -2, "kind");
    if (native)
        return 1;
    lua_pushstring(L, ar.short_src);
    lua_setfield(L, -2, "source");
    lua_pushinteger(L, ar.linedefined);
    lua_setfield(L, -2, "line");
    lua_pushinteger(L, ar.lastlinedefined);
    lua_setfield(L, -2, "end_line");
    describe_parameters(L, &ar);
    return 1;
}

int luaopen_promptgen_inspect(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"metatable", l_metatable}, {"address", l_address},   {"type_name", l_type_name},
        {"members", l_members},     {"describe", l_describe}, {NULL, NULL},
    };
    luaL_newlib(L, functions);
    return 1;
}
