/// Computing what is missing: the guard of a load and cache:get_or_compute. See lua_cache.h.
///
/// One coroutine computes a key at a time. A computation that raises, is closed or is abandoned
/// counts as failed, and the error goes on unchanged: the guard is a to-be-closed value, so there
/// is no protected call in between that would lose the traceback.
#include "lua_cache.h"

#define LOAD_TYPE "promptgen.cache.load"

typedef struct load_guard {
    pg_lua_cache *cache; ///< kept alive by the first user value
    pg_cache_load *load; ///< NULL = ended, or another coroutine computes the key
    int64_t started_ns;  ///< when this one computes beside another
    bool beside;         ///< computes what another coroutine is computing; keeps nothing
} load_guard;

/// __close and __gc: a load that was not finished has failed.
static int guard_close(lua_State *L)
{
    load_guard *guard = luaL_checkudata(L, 1, LOAD_TYPE);
    pg_cache_load *load = guard->load;
    guard->load = NULL;
    pg_cache *core = guard->cache != NULL ? guard->cache->core : NULL;
    if (core == NULL)
        return 0; // a load ends with its cache
    if (load != NULL)
        pg_cache_load_fail(load, PG_INTERNAL, NULL);
    else if (guard->beside)
        pg_cache_count_load(core, false, pg_now_ns(NULL) - guard->started_ns);
    guard->beside = false;
    return 0;
}

void pg_lua_cache_open_loads(lua_State *L)
{
    pg_lua_new_type(L, LOAD_TYPE, NULL, guard_close);
    lua_pop(L, 1);
}

void pg_lua_cache_begin_load(lua_State *L, pg_lua_cache *cache, int cache_index, pg_str key, int at)
{
    load_guard *guard = lua_newuserdatauv(L, sizeof *guard, 2); // [.., guard]
    *guard = (load_guard){.cache = NULL};
    luaL_setmetatable(L, LOAD_TYPE);
    lua_pushvalue(L, cache_index);
    lua_setiuservalue(L, -2, 1);
    lua_pushthread(L); // so that no other coroutine gets its address while the guard is there
    lua_setiuservalue(L, -2, 2);
    lua_insert(L, at);
    lua_toclose(L, at);
    pg_error err = {0};
    pg_status status = pg_cache_load_begin(cache->core, key, L, &guard->load, &err);
    if (status != PG_OK)
        luaL_error(L, "%s", err.message);
    guard->cache = cache;
    guard->beside = guard->load == NULL;
    guard->started_ns = guard->beside ? pg_now_ns(NULL) : 0;
}

void pg_lua_cache_finish_load(lua_State *L, pg_lua_cache *cache, int guard_index, int value,
                              pg_cache_loaded loaded)
{
    load_guard *guard = lua_touserdata(L, guard_index);
    if (cache->core == NULL)
        return;
    if (guard->beside) {
        guard->beside = false;
        pg_cache_count_load(cache->core, true, pg_now_ns(NULL) - guard->started_ns);
        return;
    }
    uint32_t slot = 0;
    lua_getiuservalue(L, guard_index, 1);
    lua_getiuservalue(L, -1, PG_LUA_CACHE_VALUES); // [.., cache, values]
    int values = lua_gettop(L);
    loaded.negative = lua_isnoneornil(L, value);
    if (!loaded.negative) {
        lua_pushvalue(L, value);
        slot = pg_lua_cache_offer(L, cache, values);
        loaded.value.number = slot;
        loaded.no_store = loaded.no_store || slot == 0;
    }
    pg_cache_load *load = guard->load;
    guard->load = NULL;
    bool stored = pg_cache_load_finish(load, &loaded);
    pg_lua_cache_settle(L, cache, values, slot, stored);
    lua_settop(L, values - 2);
}

/// The loader returned value, err, ttl; they are at 4, 5, 6, the guard at 3, the cache at 1.
static int computed(lua_State *L, int status, lua_KContext context)
{
    (void)status;
    (void)context;
    pg_lua_cache *cache = lua_touserdata(L, 1);
    if (lua_isnil(L, 4) && !lua_isnil(L, 5)) {
        lua_settop(L, 5); // the loader's nil, err; closing the guard counts the failure
        return 2;
    }
    if (cache->core != NULL)
        pg_lua_cache_tick(L, cache, 1);
    pg_cache_loaded loaded = {.ttl_ns = PG_CACHE_TTL_DEFAULT, .weight = pg_lua_cache_weight(L, 4)};
    if (lua_type(L, 6) == LUA_TNUMBER) {
        double seconds = lua_tonumber(L, 6);
        loaded.no_store = !(seconds >= 0);
        loaded.ttl_ns = loaded.no_store ? PG_CACHE_TTL_DEFAULT : pg_lua_cache_ns(seconds);
    }
    pg_lua_cache_finish_load(L, cache, 3, 4, loaded);
    lua_settop(L, 4);
    lua_pushnil(L);
    lua_pushliteral(L, "loaded");
    return 3;
}

int pg_lua_cache_get_or_compute(lua_State *L)
{
    pg_lua_cache *cache = luaL_checkudata(L, 1, PG_LUA_CACHE_TYPE);
    luaL_argcheck(L, cache->core != NULL, 1, "the cache is closed");
    pg_str key = pg_lua_check_str(L, 2);
    luaL_checkany(L, 3);
    pg_lua_cache_tick(L, cache, 1);
    pg_cache_value value = {.number = 0};
    pg_cache_result result = pg_cache_get(cache->core, key, &value);
    lua_getiuservalue(L, 1, PG_LUA_CACHE_VALUES); // [.., values]
    int values = lua_gettop(L);
    if (result == PG_CACHE_HIT || result == PG_CACHE_NEGATIVE) {
        if (result == PG_CACHE_HIT)
            lua_rawgeti(L, values, (lua_Integer)value.number);
        else
            lua_pushnil(L);
        lua_pushnil(L);
        lua_pushstring(L, result == PG_CACHE_HIT ? "hit" : "negative");
        return 3;
    }
    pg_lua_cache_settle(L, cache, values, 0, false);
    lua_pop(L, 1);
    int nargs = lua_gettop(L) - 3;
    luaL_checkstack(L, 8, "too many arguments");
    pg_lua_cache_begin_load(L, cache, 1, key, 3); // [cache, key, guard, fn, args..]
    lua_callk(L, nargs, 3, 0, computed);
    return computed(L, LUA_OK, 0);
}
