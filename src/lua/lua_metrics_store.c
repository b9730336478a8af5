/// `promptgen.metrics_store`: totals of metrics over many processes. For trusted Lua only: it
/// reaches files.
#include "lua_common.h"
#include "lua_metrics.h"
#include "lua_open.h"

#include "promptgen/metrics_store.h"

#include <string.h>

static const char store_type[] = "promptgen.metrics_store";

static int l_gc(lua_State *L)
{
    pg_metrics_store **box = lua_touserdata(L, 1);
    pg_metrics_store_free(*box);
    *box = NULL;
    return 0;
}

/// metrics_store.open(dir [, {lock_wait=}]) -> store
static int l_open(lua_State *L)
{
    pg_str dir = pg_lua_check_str(L, 1);
    luaL_argcheck(L, dir.len > 0 && memchr(dir.ptr, '\0', dir.len) == NULL, 1, "not a path");
    double wait = pg_lua_opt_field_number(L, 2, "lock_wait", 0.05);
    luaL_argcheck(L, wait >= 0 && wait <= 3600, 2, "lock_wait is 0 to 3600 seconds");
    pg_metrics_store_options options = {
        .lock_wait_ns = wait > 0 ? (int64_t)(wait * (double)PG_NS_PER_SECOND) : -1,
    };
    void **box = pg_lua_new_handle(L, store_type, 0); // [.., store]
    pg_error err = {0};
    if (pg_metrics_store_new(dir, &options, (pg_metrics_store **)box, &err) != PG_OK)
        return pg_lua_fail(L, &err, NULL);
    return 1;
}

static pg_metrics *check_registry(lua_State *L)
{
    return pg_lua_check_handle(L, 2, PG_LUA_REGISTRY_TYPE);
}

/// store:flush(registry [, thorough]) -> "nothing"|"stored"|"pending" | nil, err
static int l_flush(lua_State *L)
{
    static const char *const names[] = {
        [PG_FLUSH_NOTHING] = "nothing",
        [PG_FLUSH_STORED] = "stored",
        [PG_FLUSH_PENDING] = "pending",
    };
    pg_metrics_store *store = pg_lua_check_handle(L, 1, store_type);
    pg_metrics *metrics = check_registry(L);
    pg_flush_result result = PG_FLUSH_NOTHING;
    pg_error err = {0};
    if (pg_metrics_store_flush(store, metrics, lua_toboolean(L, 3), &result, &err) != PG_OK)
        return pg_lua_fail(L, &err, NULL);
    lua_pushstring(L, names[result]);
    return 1;
}

/// store:load(registry) -> the registry | nil, err
static int l_load(lua_State *L)
{
    pg_metrics_store *store = pg_lua_check_handle(L, 1, store_type);
    pg_metrics *metrics = check_registry(L);
    pg_error err = {0};
    if (pg_metrics_store_load(store, metrics, &err) != PG_OK)
        return pg_lua_fail(L, &err, NULL);
    lua_settop(L, 2);
    return 1;
}

/// store:reset() -> true | nil, err
static int l_reset(lua_State *L)
{
    pg_metrics_store *store = pg_lua_check_handle(L, 1, store_type);
    pg_error err = {0};
    if (pg_metrics_store_reset(store, &err) != PG_OK)
        return pg_lua_fail(L, &err, NULL);
    lua_pushboolean(L, 1);
    return 1;
}

int luaopen_promptgen_metrics_store(lua_State *L)
{
    static const luaL_Reg functions[] = {{"open", l_open}, {NULL, NULL}};
    static const luaL_Reg methods[] = {
        {"flush", l_flush},
        {"load", l_load},
        {"reset", l_reset},
        {NULL, NULL},
    };
    pg_lua_new_type(L, store_type, methods, NULL); // [type]
    lua_pushcfunction(L, l_gc);
    lua_setfield(L, -2, "__gc");
    luaL_newlib(L, functions);
    return 1;
}
