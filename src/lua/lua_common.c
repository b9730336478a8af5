/// Error values, typed handles and argument checks of the bindings. See lua_common.h.
#include "lua_common.h"

#include <string.h>

static const char error_type[] = "promptgen.error";

/// Appends the string or integer field `name` of the table at index 1, with `prefix` before it.
static bool add_field(lua_State *L, luaL_Buffer *text, const char *name, const char *prefix)
{
    lua_pushstring(L, name);
    int type = lua_rawget(L, 1); // [.., value]
    if (type != LUA_TSTRING && type != LUA_TNUMBER) {
        lua_pop(L, 1);
        return false;
    }
    lua_tostring(L, -1);
    lua_pushstring(L, prefix);
    lua_insert(L, -2);
    lua_concat(L, 2); // [.., prefix .. value]
    luaL_addvalue(text);
    return true;
}

static int error_tostring(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_Buffer text;
    luaL_buffinit(L, &text);
    bool placed = add_field(L, &text, "path", "");
    if (add_field(L, &text, "line", placed ? ":" : "line ")) {
        (void)add_field(L, &text, "column", ":");
        placed = true;
    }
    if (!add_field(L, &text, "message", placed ? ": " : ""))
        luaL_addstring(&text, "unknown error");
    luaL_pushresult(&text);
    return 1;
}

void pg_lua_set_error_metatable(lua_State *L)
{
    if (luaL_newmetatable(L, error_type)) { // [table, metatable]
        lua_pushcfunction(L, error_tostring);
        lua_setfield(L, -2, "__tostring");
    }
    lua_setmetatable(L, -2);
}

void pg_lua_push_error(lua_State *L, const pg_error *err, const char *path)
{
    lua_createtable(L, 0, 6); // [error]
    lua_pushstring(L, pg_status_name(err->code));
    lua_setfield(L, -2, "code");
    lua_pushstring(L, err->message);
    lua_setfield(L, -2, "message");
    if (path != NULL) {
        lua_pushstring(L, path);
        lua_setfield(L, -2, "path");
    }
    if (err->line > 0) {
        lua_pushinteger(L, err->line);
        lua_setfield(L, -2, "line");
    }
    if (err->column > 0) {
        lua_pushinteger(L, err->column);
        lua_setfield(L, -2, "column");
    }
    if (err->offset > 0) {
        lua_pushinteger(L, (lua_Integer)err->offset);
        lua_setfield(L, -2, "offset");
    }
    pg_lua_set_error_metatable(L);
}

int pg_lua_fail(lua_State *L, const pg_error *err, const char *path)
{
    lua_pushnil(L);
    pg_lua_push_error(L, err, path);
    return 2;
}

void pg_lua_new_type(lua_State *L, const char *type, const luaL_Reg *methods, lua_CFunction close)
{
    if (!luaL_newmetatable(L, type)) // [metatable]
        return;
    if (methods != NULL) {
        lua_newtable(L); // [metatable, methods]
        luaL_setfuncs(L, methods, 0);
        lua_setfield(L, -2, "__index");
    }
    if (close != NULL) {
        lua_pushcfunction(L, close);
        lua_setfield(L, -2, "__gc");
        lua_pushcfunction(L, close);
        lua_setfield(L, -2, "__close");
    }
    lua_pushliteral(L, "locked");
    lua_setfield(L, -2, "__metatable");
}

void **pg_lua_new_handle(lua_State *L, const char *type, int user_values)
{
    void **box = lua_newuserdatauv(L, sizeof *box, user_values); // [handle]
    *box = NULL;
    luaL_setmetatable(L, type);
    return box;
}

void **pg_lua_check_box(lua_State *L, int arg, const char *type)
{
    return luaL_checkudata(L, arg, type);
}

void *pg_lua_check_handle(lua_State *L, int arg, const char *type)
{
    void **box = luaL_checkudata(L, arg, type);
    luaL_argcheck(L, *box != NULL, arg, "the handle is closed");
    return *box;
}

pg_str pg_lua_check_str(lua_State *L, int arg)
{
    luaL_checktype(L, arg, LUA_TSTRING);
    pg_str s;
    s.ptr = lua_tolstring(L, arg, &s.len);
    return s;
}

/// Pushes field `name` of the table at `arg`; false (and nothing pushed) when it is absent.
/// Raises when its type is not `want`.
static bool push_field(lua_State *L, int arg, const char *field, int want)
{
    if (lua_isnoneornil(L, arg))
        return false;
    luaL_checktype(L, arg, LUA_TTABLE);
    int type = lua_getfield(L, arg, field); // [.., value]
    if (type == LUA_TNIL) {
        lua_pop(L, 1);
        return false;
    }
    if (type != want)
        luaL_error(L, "bad field '%s' (%s expected, got %s)", field, lua_typename(L, want),
                   lua_typename(L, type));
    return true;
}

pg_str pg_lua_opt_field_str(lua_State *L, int arg, const char *field, pg_str fallback)
{
    if (!push_field(L, arg, field, LUA_TSTRING))
        return fallback;
    pg_str s;
    s.ptr = lua_tolstring(L, -1, &s.len);
    lua_pop(L, 1); // the table at `arg` keeps the string alive
    return s;
}

size_t pg_lua_opt_field_size(lua_State *L, int arg, const char *field, size_t fallback)
{
    if (!push_field(L, arg, field, LUA_TNUMBER))
        return fallback;
    int exact = 0;
    lua_Integer value = lua_tointegerx(L, -1, &exact);
    lua_pop(L, 1);
    if (!exact || value < 0)
        luaL_error(L, "bad field '%s' (non-negative integer expected)", field);
    return (size_t)value;
}

double pg_lua_opt_field_number(lua_State *L, int arg, const char *field, double fallback)
{
    if (!push_field(L, arg, field, LUA_TNUMBER))
        return fallback;
    double value = lua_tonumber(L, -1);
    lua_pop(L, 1);
    return value;
}

bool pg_lua_opt_field_bool(lua_State *L, int arg, const char *field, bool fallback)
{
    if (!push_field(L, arg, field, LUA_TBOOLEAN))
        return fallback;
    bool value = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return value;
}
