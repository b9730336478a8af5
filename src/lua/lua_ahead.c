/// `promptgen.ahead`: documents read and parsed by a second thread before they are asked for.
#include "lua_fs.h"
#include "lua_open.h"
#include "lua_plan.h"

#include "promptgen/ahead.h"

static const char ahead_type[] = "promptgen.ahead";

/// User values of a reader: what it borrows.
enum { ROOT_VALUE = 1, PATTERNS_VALUE = 2 };

static pg_ahead *check_ahead(lua_State *L)
{
    return pg_lua_check_handle(L, 1, ahead_type);
}

static bool is_header(lua_State *L, int arg)
{
    pg_str extent = lua_isnoneornil(L, arg) ? PG_STR("all") : pg_lua_check_str(L, arg);
    bool header = pg_str_equal(extent, PG_STR("header"));
    luaL_argcheck(L, header || pg_str_equal(extent, PG_STR("all")), arg,
                  "\"all\" or \"header\" expected");
    return header;
}

/// ahead:want(path, extent = "all") -> boolean
static int l_want(lua_State *L)
{
    pg_ahead *ahead = check_ahead(L);
    lua_pushboolean(L, pg_ahead_want(ahead, pg_lua_check_str(L, 2), is_header(L, 3)));
    return 1;
}

/// ahead:prepare(options | nil) -> true | nil, err
static int l_prepare(lua_State *L)
{
    pg_ahead *ahead = check_ahead(L);
    if (!lua_isnoneornil(L, 2))
        luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    const pg_patterns *patterns = pg_lua_push_patterns(L, 2, 1); // [.., patterns]
    if (patterns == NULL) {
        lua_pushnil(L);
        lua_insert(L, -2);
        return 2; // nil, err
    }
    lua_setiuservalue(L, 1, PATTERNS_VALUE);
    pg_ahead_give_patterns(ahead, patterns);
    lua_pushboolean(L, 1);
    return 1;
}

/// ahead:ready(path, extent = "all") -> boolean
static int l_ready(lua_State *L)
{
    pg_ahead *ahead = check_ahead(L);
    lua_pushboolean(L, pg_ahead_is_ready(ahead, pg_lua_check_str(L, 2), is_header(L, 3)));
    return 1;
}

/// ahead:finish()
static int l_finish(lua_State *L)
{
    pg_ahead_finish(check_ahead(L));
    return 0;
}

/// ahead:take(path, extent = "all") -> record, signature, hash | nil
static int l_take(lua_State *L)
{
    pg_ahead *ahead = check_ahead(L);
    pg_str path = pg_lua_check_str(L, 2);
    bool header = is_header(L, 3);
    void **box = pg_lua_new_plan(L); // [.., record]
    pg_ahead_result result;
    if (!pg_ahead_take(ahead, path, header, &result))
        return 0;
    *box = result.plan;
    pg_lua_push_signature(L, &result.signature);
    char text[PG_HASH128_TEXT];
    pg_hash128_text(result.hash, text);
    lua_pushstring(L, text);
    return 3;
}

static int close_ahead(lua_State *L)
{
    void **box = pg_lua_check_box(L, 1, ahead_type);
    pg_ahead *ahead = *box;
    *box = NULL;
    pg_ahead_free(ahead);
    return 0;
}

/// ahead.new(root) -> reader | nil, err
static int l_new(lua_State *L)
{
    const pg_root *root = pg_lua_check_root(L, 1);
    void **box = pg_lua_new_handle(L, ahead_type, 2); // [root, .., reader]
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, ROOT_VALUE);
    pg_ahead *ahead = NULL;
    pg_error err = {0};
    if (pg_ahead_new(root, NULL, &ahead, &err) != PG_OK)
        return pg_lua_fail(L, &err, NULL);
    *box = ahead;
    return 1;
}

int luaopen_promptgen_ahead(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"want", l_want},     {"prepare", l_prepare}, {"ready", l_ready}, {"take", l_take},
        {"finish", l_finish}, {"close", close_ahead}, {NULL, NULL}};
    static const luaL_Reg functions[] = {{"new", l_new}, {NULL, NULL}};
    luaL_requiref(L, "promptgen.plan", luaopen_promptgen_plan, 0); // defines the type of records
    lua_pop(L, 1);
    pg_lua_new_type(L, ahead_type, methods, close_ahead);
    lua_pop(L, 1);
    luaL_newlib(L, functions);
    return 1;
}
