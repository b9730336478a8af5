/// `promptgen.cache`: bounded caches of Lua values. See lua_cache.h for how values are kept.
#include "lua_cache.h"
#include "lua_open.h"

#include <string.h>

/// The cache at index 1 of a method. Reading a mark from a userdata of the right size is as safe as
/// luaL_checkudata and several times faster, and this is the hot path.
static pg_lua_cache *self_of(lua_State *L)
{
    pg_lua_cache *cache = lua_touserdata(L, 1);
    if (cache == NULL || lua_rawlen(L, 1) != sizeof *cache || cache->mark != &pg_lua_cache_mark)
        luaL_typeerror(L, 1, PG_LUA_CACHE_TYPE);
    else if (cache->core == NULL)
        luaL_argerror(L, 1, "the cache is closed");
    return cache;
}

static const char *result_name(pg_cache_result result)
{
    switch (result) {
    case PG_CACHE_EXPIRED:
        return "expired";
    case PG_CACHE_HIT:
        return "hit";
    case PG_CACHE_NEGATIVE:
        return "negative";
    default:
        return "miss";
    }
}

/// Pushes what a look-up gave: the value and "hit", or nil and why there is none. The table of
/// values is at `values`.
static int push_found(lua_State *L, pg_cache_result result, pg_cache_value value, int values)
{
    if (result == PG_CACHE_HIT)
        lua_rawgeti(L, values, (lua_Integer)value.number);
    else
        lua_pushnil(L);
    lua_pushstring(L, result_name(result));
    return 2;
}

/// cache:get(key) -> value, "hit" | nil, "miss"|"expired"|"negative". Every call of the Lua API
/// here shows in the time of a hit.
static int l_get(lua_State *L)
{
    pg_lua_cache *cache = self_of(L);
    if (lua_type(L, 2) != LUA_TSTRING)
        luaL_typeerror(L, 2, "string");
    pg_str key;
    key.ptr = lua_tolstring(L, 2, &key.len);
    if (cache->has_clock)
        pg_lua_cache_tick(L, cache, 1);
    pg_cache_value value = {.number = 0};
    pg_cache_result result = pg_cache_get(cache->core, key, &value);
    lua_getiuservalue(L, 1, PG_LUA_CACHE_VALUES); // [.., values]
    if (result == PG_CACHE_HIT) {
        lua_rawgeti(L, -1, (lua_Integer)value.number);
        lua_pushvalue(L, lua_upvalueindex(1)); // "hit", without hashing it again
        return 2;
    }
    int values = lua_gettop(L);
    pg_lua_cache_settle(L, cache, values, 0, false);
    return push_found(L, result, value, values);
}

/// cache:peek(key): as get, without counting, without marking
static int l_peek(lua_State *L)
{
    pg_lua_cache *cache = self_of(L);
    pg_str key = pg_lua_check_str(L, 2);
    pg_lua_cache_tick(L, cache, 1);
    pg_cache_value value = {.number = 0};
    pg_cache_result result = pg_cache_peek(cache->core, key, &value);
    lua_getiuservalue(L, 1, PG_LUA_CACHE_VALUES);
    return push_found(L, result, value, lua_gettop(L));
}

/// The function cache:getter() returns. Upvalues: cache, table of values.
static int l_getter_call(lua_State *L)
{
    pg_lua_cache *cache = lua_touserdata(L, lua_upvalueindex(1));
    luaL_checktype(L, 1, LUA_TSTRING);
    if (cache->core == NULL)
        return luaL_error(L, "the cache is closed");
    if (cache->has_clock) {
        lua_settop(L, 1);
        lua_pushvalue(L, lua_upvalueindex(1));
        pg_lua_cache_tick(L, cache, 2);
    }
    pg_str key;
    key.ptr = lua_tolstring(L, 1, &key.len);
    pg_cache_value value = {.number = 0};
    if (pg_cache_get(cache->core, key, &value) == PG_CACHE_HIT) {
        lua_rawgeti(L, lua_upvalueindex(2), (lua_Integer)value.number);
        return 1;
    }
    lua_pushvalue(L, lua_upvalueindex(2));
    pg_lua_cache_settle(L, cache, lua_gettop(L), 0, false);
    lua_pushnil(L);
    return 1;
}

/// cache:getter() -> function(key) -> value | nil
static int l_getter(lua_State *L)
{
    (void)self_of(L);
    lua_settop(L, 1);
    lua_getiuservalue(L, 1, PG_LUA_CACHE_VALUES); // [cache, values]
    lua_pushcclosure(L, l_getter_call, 2);
    return 1;
}

static int no_memory(lua_State *L)
{
    return luaL_error(L, "not enough memory");
}

/// cache:set(key, value, ttl?, weight?) -> whether it was stored
static int l_set(lua_State *L)
{
    pg_lua_cache *cache = self_of(L);
    pg_str key = pg_lua_check_str(L, 2);
    luaL_checkany(L, 3);
    int64_t ttl_ns = pg_lua_cache_check_ttl(L, 4);
    lua_Integer weight = luaL_optinteger(L, 5, (lua_Integer)pg_lua_cache_weight(L, 3));
    luaL_argcheck(L, weight >= 0, 5, "a weight is not negative");
    lua_settop(L, 5);
    pg_lua_cache_tick(L, cache, 1);
    lua_getiuservalue(L, 1, PG_LUA_CACHE_VALUES); // [.., values]
    bool stored = true;
    uint32_t slot = 0;
    pg_status status = PG_OK;
    if (lua_isnil(L, 3)) {
        status = pg_cache_set_negative(cache->core, key, ttl_ns, NULL);
    } else {
        lua_pushvalue(L, 3);
        slot = pg_lua_cache_offer(L, cache, 6);
        pg_cache_value value = {.number = slot};
        status = slot == 0
                     ? PG_NOMEM
                     : pg_cache_set(cache->core, key, value, ttl_ns, (size_t)weight, &stored, NULL);
    }
    stored = stored && status == PG_OK;
    pg_lua_cache_settle(L, cache, 6, slot, stored);
    if (status != PG_OK)
        return no_memory(L);
    lua_pushboolean(L, stored);
    return 1;
}

static int take_out(lua_State *L, bool (*remove)(pg_cache *cache, pg_str key))
{
    pg_lua_cache *cache = self_of(L);
    pg_str key = pg_lua_check_str(L, 2);
    lua_settop(L, 2);
    pg_lua_cache_tick(L, cache, 1);
    bool there = remove(cache->core, key);
    lua_getiuservalue(L, 1, PG_LUA_CACHE_VALUES);
    pg_lua_cache_settle(L, cache, 3, 0, false);
    lua_pushboolean(L, there);
    return 1;
}

/// cache:delete(key) -> whether it was there
static int l_delete(lua_State *L)
{
    return take_out(L, pg_cache_delete);
}

/// cache:reject(key) -> whether it was there
static int l_reject(lua_State *L)
{
    return take_out(L, pg_cache_reject);
}

/// cache:clear()
static int l_clear(lua_State *L)
{
    pg_lua_cache *cache = self_of(L);
    lua_settop(L, 1);
    pg_cache_clear(cache->core);
    cache->bypassed = 0;
    lua_getiuservalue(L, 1, PG_LUA_CACHE_VALUES);
    pg_lua_cache_settle(L, cache, 2, 0, false);
    return 0;
}

/// cache:expire() -> how many entries were past their life
static int l_expire(lua_State *L)
{
    pg_lua_cache *cache = self_of(L);
    lua_settop(L, 1);
    pg_lua_cache_tick(L, cache, 1);
    size_t count = pg_cache_expire(cache->core);
    lua_getiuservalue(L, 1, PG_LUA_CACHE_VALUES);
    pg_lua_cache_settle(L, cache, 2, 0, false);
    lua_pushinteger(L, (lua_Integer)count);
    return 1;
}

/// Keys are copied out under the lock into a block that Lua owns, then pushed: two passes, the
/// first for the size.
typedef struct key_snapshot {
    char *bytes; ///< each key as its length and its bytes; NULL = count only
    size_t used, size;
} key_snapshot;

static bool snapshot_key(void *ctx, const pg_cache_entry *entry)
{
    key_snapshot *s = ctx;
    size_t need = sizeof(size_t) + entry->key.len;
    if (entry->negative || (s->bytes != NULL && need > s->size - s->used))
        return false; // negative ones come last
    if (s->bytes != NULL) {
        memcpy(s->bytes + s->used, &entry->key.len, sizeof(size_t));
        if (entry->key.len > 0)
            memcpy(s->bytes + s->used + sizeof(size_t), entry->key.ptr, entry->key.len);
    }
    s->used += need;
    return true;
}

/// cache:keys() -> {key, ...}, most recent first, expired ones not yet touched included
static int l_keys(lua_State *L)
{
    pg_lua_cache *cache = self_of(L);
    key_snapshot s = {NULL, 0, 0};
    pg_cache_each(cache->core, snapshot_key, &s);
    s.size = s.used;
    s.used = 0;
    s.bytes = lua_newuserdatauv(L, s.size > 0 ? s.size : 1, 0); // [.., block]
    pg_cache_each(cache->core, snapshot_key, &s);
    lua_newtable(L); // [.., block, keys]
    lua_Integer count = 0;
    for (size_t at = 0; at < s.used;) {
        size_t len;
        memcpy(&len, s.bytes + at, sizeof len);
        lua_pushlstring(L, s.bytes + at + sizeof len, len);
        lua_rawseti(L, -2, ++count);
        at += sizeof len + len;
    }
    return 1;
}

static void set_integer(lua_State *L, const char *field, uint64_t value)
{
    lua_pushinteger(L, (lua_Integer)value);
    lua_setfield(L, -2, field);
}

static void push_ttl(lua_State *L, int64_t ttl_ns)
{
    if (ttl_ns == PG_CACHE_FOREVER)
        lua_pushnil(L);
    else if (ttl_ns % PG_NS_PER_SECOND == 0)
        lua_pushinteger(L, ttl_ns / PG_NS_PER_SECOND);
    else
        lua_pushnumber(L, (lua_Number)ttl_ns / (lua_Number)PG_NS_PER_SECOND);
}

/// cache:stats() -> table
static int l_stats(lua_State *L)
{
    static const char *const reasons[PG_CACHE_REASONS] = {"size", "bytes", "ttl", "explicit"};
    pg_lua_cache *cache = self_of(L);
    pg_cache_stats stats;
    pg_cache_read_stats(cache->core, &stats);
    lua_createtable(L, 0, 16); // [.., stats]
    lua_pushlstring(L, stats.name.ptr, stats.name.len);
    lua_setfield(L, -2, "name");
    set_integer(L, "hits", stats.hits);
    set_integer(L, "misses", stats.misses);
    set_integer(L, "size", stats.entries);
    set_integer(L, "max_size", stats.max_entries);
    lua_pushnumber(L, stats.hit_rate);
    lua_setfield(L, -2, "hit_rate");
    push_ttl(L, stats.ttl_ns);
    lua_setfield(L, -2, "ttl");
    set_integer(L, "bytes", stats.bytes);
    if (stats.max_bytes > 0)
        set_integer(L, "max_bytes", stats.max_bytes);
    set_integer(L, "negatives", stats.negatives);
    set_integer(L, "loads", stats.loads);
    set_integer(L, "load_failures", stats.load_failures);
    set_integer(L, "load_ns", stats.load_ns);
    set_integer(L, "bypassed", cache->bypassed);
    lua_createtable(L, 0, PG_CACHE_REASONS); // [.., stats, evictions]
    for (int i = 0; i < PG_CACHE_REASONS; i++)
        set_integer(L, reasons[i], stats.evictions[i]);
    lua_setfield(L, -2, "evictions");
    return 1;
}

/// cache:close(), __close and __gc: idempotent
static int l_close(lua_State *L)
{
    pg_lua_cache *cache = luaL_checkudata(L, 1, PG_LUA_CACHE_TYPE);
    pg_cache *core = cache->core;
    cache->core = NULL;
    pg_cache_free(core);
    pg_free(&cache->alloc, cache->links, ((size_t)cache->slots + 1) * sizeof *cache->links);
    cache->links = NULL;
    cache->slots = 0;
    lua_pushnil(L);
    lua_setiuservalue(L, 1, PG_LUA_CACHE_CLOCK);
    lua_pushnil(L);
    lua_setiuservalue(L, 1, PG_LUA_CACHE_VALUES);
    return 0;
}

/// cache.new(options?) -> cache
static int l_new(lua_State *L)
{
    (void)pg_lua_cache_create(L, 1, false);
    return 1;
}

/// cache.all() -> the named caches of this state that are still in use, in order of creation
static int l_all(lua_State *L)
{
    lua_settop(L, 0);
    lua_newtable(L); // [list]
    lua_Integer count = 0;
    luaL_getsubtable(L, LUA_REGISTRYINDEX, "promptgen.caches"); // [list, registered]
    lua_getfield(L, 2, "n");
    lua_Integer last = lua_tointeger(L, -1);
    for (lua_Integer i = 1; i <= last; i++) {
        lua_rawgeti(L, 2, i);
        const pg_lua_cache *cache = lua_touserdata(L, -1);
        if (cache != NULL && cache->core != NULL)
            lua_rawseti(L, 1, ++count);
        else
            lua_pop(L, 1);
    }
    lua_settop(L, 1);
    return 1;
}

/// Gives the metatable at the top of the stack the methods, as closures over the string "hit".
static void set_methods(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"clear", l_clear},
        {"close", l_close},
        {"delete", l_delete},
        {"entries", pg_lua_cache_entries},
        {"expire", l_expire},
        {"get", l_get},
        {"get_or_compute", pg_lua_cache_get_or_compute},
        {"getter", l_getter},
        {"keys", l_keys},
        {"peek", l_peek},
        {"reject", l_reject},
        {"set", l_set},
        {"stats", l_stats},
        {NULL, NULL},
    };
    lua_newtable(L);           // [metatable, methods]
    lua_pushliteral(L, "hit"); // [metatable, methods, "hit"]
    luaL_setfuncs(L, methods, 1);
    lua_setfield(L, -2, "__index");
}

int luaopen_promptgen_cache(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"all", l_all},
        {"cached", pg_lua_cache_l_cached},
        {"key", pg_lua_cache_l_key},
        {"new", l_new},
        {NULL, NULL},
    };
    pg_lua_new_type(L, PG_LUA_CACHE_TYPE, NULL, l_close); // [metatable]
    set_methods(L);
    lua_pop(L, 1);
    pg_lua_cache_open_loads(L);
    pg_lua_cache_open_memo(L);
    luaL_newlib(L, functions);
    return 1;
}
