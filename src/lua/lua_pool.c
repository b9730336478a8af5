/// `promptgen.pool`: many files parsed on all cores, as records of promptgen.plan.
#include "lua_fs.h"
#include "lua_open.h"
#include "lua_plan.h"

#include "promptgen/batch.h"
#include "promptgen/pool.h"

static const char results_type[] = "promptgen.pool.results";

/// What the threads found, until all of it belongs to Lua.
typedef struct result_list {
    size_t count;
    pg_batch_result results[];
} result_list;

static int l_results_close(lua_State *L)
{
    result_list *list = luaL_checkudata(L, 1, results_type);
    for (size_t i = 0; i < list->count; i++)
        pg_plan_release(list->results[i].plan);
    list->count = 0;
    return 0;
}

static result_list *push_results(lua_State *L, size_t count)
{
    result_list *list = lua_newuserdatauv(L, sizeof *list + count * sizeof list->results[0], 0);
    list->count = 0; // nothing to release before the threads have run
    luaL_setmetatable(L, results_type);
    return list;
}

/// The paths in the table at `arg`, as a list that Lua owns; the strings stay owned by the table.
static const pg_str *push_paths(lua_State *L, int arg, size_t *count)
{
    luaL_checktype(L, arg, LUA_TTABLE);
    *count = lua_rawlen(L, arg);
    pg_str *paths = lua_newuserdatauv(L, (*count + 1) * sizeof *paths, 0); // [.., paths]
    for (size_t i = 0; i < *count; i++) {
        if (lua_rawgeti(L, arg, (lua_Integer)i + 1) != LUA_TSTRING)
            luaL_argerror(L, arg, "a list of paths expected");
        paths[i].ptr = lua_tolstring(L, -1, &paths[i].len);
        lua_pop(L, 1);
    }
    return paths;
}

/// Pushes {record=, signature=, hash=} or {err=}.
static void push_result(lua_State *L, pg_batch_result *result, pg_str path)
{
    lua_createtable(L, 0, 3); // [result]
    if (result->plan == NULL) {
        pg_lua_push_error(L, &result->err, path.ptr);
        lua_setfield(L, -2, "err");
        return;
    }
    void **box = pg_lua_new_plan(L); // [result, record]
    *box = result->plan;
    result->plan = NULL;
    lua_setfield(L, -2, "record");
    lua_pushlstring(L, (const char *)&result->signature, sizeof result->signature);
    lua_setfield(L, -2, "signature");
    char text[PG_HASH128_TEXT];
    pg_hash128_text(result->hash, text);
    lua_pushstring(L, text);
    lua_setfield(L, -2, "hash");
}

static int64_t deadline_option(lua_State *L, int arg)
{
    double seconds = pg_lua_opt_field_number(L, arg, "timeout", 0);
    luaL_argcheck(L, seconds >= 0 && seconds <= 1e6, arg, "timeout is 0 to 1e6 seconds");
    return seconds > 0 ? pg_now_ns(NULL) + (int64_t)(seconds * (double)PG_NS_PER_SECOND) : 0;
}

/// pool.parse(root, paths, {patterns=, threads=, timeout=}?) -> {{record=, signature=, hash=} |
/// {err=}, ...} | nil, err
static int l_parse(lua_State *L)
{
    const pg_root *root = pg_lua_check_root(L, 1);
    luaL_checktype(L, 2, LUA_TTABLE);
    if (!lua_isnoneornil(L, 3))
        luaL_checktype(L, 3, LUA_TTABLE);
    lua_settop(L, 3);
    size_t threads = pg_lua_opt_field_size(L, 3, "threads", 0);
    pg_batch_options options = {
        .threads = threads > PG_POOL_MAX_THREADS ? PG_POOL_MAX_THREADS : (unsigned)threads,
        .deadline_ns = deadline_option(L, 3),
    };
    size_t count = 0;
    const pg_str *paths = push_paths(L, 2, &count);       // [root, table, options, paths]
    options.patterns = pg_lua_push_patterns(L, 3, count); // [.., patterns]
    if (options.patterns == NULL) {
        lua_pushnil(L);
        lua_insert(L, -2);
        return 2; // nil, err
    }
    result_list *list = push_results(L, count); // [.., list]
    (void)pg_batch_parse(root, paths, count, &options, list->results);
    list->count = count;
    lua_createtable(L, (int)count, 0); // [.., list, out]
    for (size_t i = 0; i < count; i++) {
        push_result(L, &list->results[i], paths[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/// pool.processors() -> number of processors this process may use
static int l_processors(lua_State *L)
{
    lua_pushinteger(L, pg_pool_processors());
    return 1;
}

int luaopen_promptgen_pool(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"parse", l_parse}, {"processors", l_processors}, {NULL, NULL}};
    luaL_requiref(L, "promptgen.plan", luaopen_promptgen_plan, 0); // defines the type of records
    lua_pop(L, 1);
    pg_lua_new_type(L, results_type, NULL, l_results_close);
    lua_pop(L, 1);
    luaL_newlib(L, functions);
    return 1;
}
