/// `promptgen.guard`: standard functions with the checks that a stranger's script needs.
///
/// A hook cannot interrupt a C function, so the functions here refuse argument ranges whose work is
/// out of proportion before they call the stock function (their first upvalue). Rules on finalizers
/// and message handlers: the count hook is switched off while either runs (Lua 5.4, ldo.c), so a
/// script may set neither a __gc nor a message handler that runs after a limit has fired.
#include "lua_host.h"
#include "run_limits.h"

#include <lualib.h>
#include <string.h>

enum {
    SOURCE_MAX = 256 * 1024,      ///< bytes of a chunk given to load
    RANGE_MAX = 10 * 1000 * 1000, ///< elements that one table function may touch
};

static int call_stock(lua_State *L)
{
    int arguments = lua_gettop(L);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, arguments, LUA_MULTRET);
    return lua_gettop(L);
}

/// load(text [, name [, mode [, env]]]): text chunks only, given as one string.
static int guard_load(lua_State *L)
{
    size_t len;
    luaL_argcheck(L, lua_type(L, 1) == LUA_TSTRING, 1, "string expected");
    const char *text = lua_tolstring(L, 1, &len);
    const char *name = luaL_optstring(L, 2, "=(load)");
    if (!lua_isnoneornil(L, 4))
        luaL_checktype(L, 4, LUA_TTABLE);
    if (len > SOURCE_MAX) {
        lua_pushnil(L);
        lua_pushfstring(L, "chunk of more than %d bytes", SOURCE_MAX);
        return 2;
    }
    lua_settop(L, 4);
    if (luaL_loadbufferx(L, text, len, name, "t") != LUA_OK) {
        lua_pushnil(L);
        lua_insert(L, -2);
        return 2;
    }
    lua_pushvalue(L, lua_isnil(L, 4) ? lua_upvalueindex(1) : 4); // [.., function, env]
    if (lua_setupvalue(L, -2, 1) == NULL)
        lua_pop(L, 1);
    return 1;
}

/// setmetatable(t, mt): refuses a metatable with __gc; one added later is never registered by Lua.
static int guard_setmetatable(lua_State *L)
{
    if (lua_istable(L, 2)) {
        lua_pushliteral(L, "__gc");
        if (lua_rawget(L, 2) != LUA_TNIL)
            return luaL_error(L, "__gc is not permitted in a workflow");
        lua_pop(L, 1);
    }
    return call_stock(L);
}

/// The message handler that xpcall really installs: passes a limit's error on unchanged.
static int handler(lua_State *L)
{
    if (pg_limits_expired(pg_host_of(L)))
        return 1;
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, 1, 1);
    return 1;
}

static int guard_xpcall(lua_State *L)
{
    luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_pushvalue(L, 2);
    lua_pushcclosure(L, handler, 1);
    lua_replace(L, 2);
    return call_stock(L);
}

/// string.rep(s, n [, sep]): returns at once when nothing would be produced.
static int guard_rep(lua_State *L)
{
    size_t len;
    size_t separator = 0;
    luaL_checklstring(L, 1, &len);
    luaL_checkinteger(L, 2);
    if (!lua_isnoneornil(L, 3))
        luaL_checklstring(L, 3, &separator);
    if (len == 0 && separator == 0) {
        lua_pushliteral(L, "");
        return 1;
    }
    return call_stock(L);
}

static void check_range(lua_State *L, lua_Integer first, lua_Integer last)
{
    if (last >= first && (lua_Unsigned)last - (lua_Unsigned)first >= RANGE_MAX)
        luaL_error(L, "a range of more than %d elements", RANGE_MAX);
}

/// table.insert and table.remove shift up to #t elements, and #t may be a script's claim.
static int guard_shift(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    check_range(L, 1, luaL_len(L, 1));
    return call_stock(L);
}

/// table.concat(t, sep, first, last), table.unpack(t, first, last): positions of the range differ.
static int check_slice(lua_State *L, int first_arg)
{
    lua_Integer first = luaL_optinteger(L, first_arg, 1);
    lua_Integer last =
        lua_isnoneornil(L, first_arg + 1) ? luaL_len(L, 1) : luaL_checkinteger(L, first_arg + 1);
    check_range(L, first, last);
    return call_stock(L);
}

static int guard_concat(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    return check_slice(L, 3);
}

static int guard_unpack(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    return check_slice(L, 2);
}

/// table.move(a1, first, last, to [, a2])
static int guard_move(lua_State *L)
{
    check_range(L, luaL_checkinteger(L, 2), luaL_checkinteger(L, 3));
    return call_stock(L);
}

/// Pushes path and line of the innermost frame that runs a script; false and nothing without one.
static bool push_place(lua_State *L)
{
    static const char trusted[] = "@promptgen/";
    lua_Debug ar;
    for (int level = 1; lua_getstack(L, level, &ar); level++) {
        lua_getinfo(L, "Sl", &ar);
        if (*ar.source != '@' || ar.currentline < 1 ||
            strncmp(ar.source, trusted, sizeof trusted - 1) == 0)
            continue;
        lua_pushstring(L, ar.source + 1);
        lua_pushinteger(L, ar.currentline);
        return true;
    }
    return false;
}

/// guard.place() -> path, line of the innermost frame that runs a script | nothing
static int l_place(lua_State *L)
{
    return push_place(L) ? 2 : 0;
}

/// True when the table at `index` has a value other than nil of that name.
static bool has_field(lua_State *L, int index, const char *name)
{
    lua_pushstring(L, name);
    const bool there = lua_rawget(L, index) != LUA_TNIL;
    lua_pop(L, 1);
    return there;
}

static int finish_located(lua_State *L, int status, lua_KContext context)
{
    (void)status;
    (void)context;
    const int count = lua_gettop(L);
    if (count < 2 || !lua_isnil(L, 1) || !lua_istable(L, 2) || has_field(L, 2, "path") ||
        has_field(L, 2, "line") || !push_place(L))
        return count; // [result..., path, line]
    luaL_checkstack(L, 2, NULL);
    lua_pushliteral(L, "line");
    lua_insert(L, -2);
    lua_rawset(L, 2); // [result..., path]
    lua_pushliteral(L, "path");
    lua_insert(L, -2);
    lua_rawset(L, 2);
    return count;
}

/// A Lua function that is called as `return f()` has lost its caller; a C function has not.
static int call_located(lua_State *L)
{
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_callk(L, lua_gettop(L) - 1, LUA_MULTRET, 0, finish_located);
    return finish_located(L, LUA_OK, 0);
}

/// guard.located(f) -> f, whose errors (nil, err) that have no place get the place of the call
static int l_located(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_settop(L, 1);
    lua_pushcclosure(L, call_located, 1);
    return 1;
}

/// guard.limit() -> "memory" | "time" | nil: the limit that has fired in this worker
static int l_limit(lua_State *L)
{
    const pg_host *host = pg_host_of(L);
    if (!pg_limits_expired(host))
        return 0;
    lua_pushstring(L, host->memory.limit_was_hit ? "memory" : "time");
    return 1;
}

/// guard.disarm(): ends the limits, once user code has been left
static int l_disarm(lua_State *L)
{
    pg_limits_disarm(L, pg_host_of(L));
    return 0;
}

/// Pushes library.name from the globals of the state.
static void push_stock(lua_State *L, const char *library, const char *name)
{
    lua_getglobal(L, library);
    lua_getfield(L, -1, name);
    lua_remove(L, -2);
}

/// guard.load_in(env) -> a `load` whose chunks get `env` when the caller names none
static int l_load_in(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    lua_pushcclosure(L, guard_load, 1);
    return 1;
}

/// guard.chunk(text, name, env) -> function | nil, message: a script file, text only
static int l_chunk(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TSTRING);
    luaL_checkstring(L, 2);
    luaL_checktype(L, 3, LUA_TTABLE);
    lua_settop(L, 3);
    lua_pushnil(L);
    lua_insert(L, 3); // [text, name, mode, env]
    return guard_load(L);
}

int luaopen_promptgen_guard(lua_State *L)
{
    static const struct {
        const char *name;
        const char *library;
        const char *field;
        lua_CFunction function;
    } rows[] = {
        {"setmetatable", LUA_GNAME, "setmetatable", guard_setmetatable},
        {"xpcall", LUA_GNAME, "xpcall", guard_xpcall},
        {"rep", LUA_STRLIBNAME, "rep", guard_rep},
        {"insert", LUA_TABLIBNAME, "insert", guard_shift},
        {"remove", LUA_TABLIBNAME, "remove", guard_shift},
        {"concat", LUA_TABLIBNAME, "concat", guard_concat},
        {"unpack", LUA_TABLIBNAME, "unpack", guard_unpack},
        {"move", LUA_TABLIBNAME, "move", guard_move},
    };
    lua_newtable(L); // [module]
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        push_stock(L, rows[i].library, rows[i].field);
        lua_pushcclosure(L, rows[i].function, 1);
        lua_setfield(L, -2, rows[i].name);
    }
    lua_pushcfunction(L, l_load_in);
    lua_setfield(L, -2, "load_in");
    lua_pushcfunction(L, l_chunk);
    lua_setfield(L, -2, "chunk");
    lua_pushcfunction(L, l_place);
    lua_setfield(L, -2, "place");
    lua_pushcfunction(L, l_located);
    lua_setfield(L, -2, "located");
    lua_pushcfunction(L, l_limit);
    lua_setfield(L, -2, "limit");
    lua_pushcfunction(L, l_disarm);
    lua_setfield(L, -2, "disarm");
    return 1;
}
