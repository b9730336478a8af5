/// Construction of a Lua cache, its clock, and the slots that hold its values. See lua_cache.h.
#include "lua_cache.h"

#include <string.h>

/// Options of cache.new; cache.cached knows "key" besides.
static const char *const option_names[] = {"name",   "max_size", "max_bytes", "ttl", "negative_ttl",
                                           "policy", "negative", "clock",     NULL};

const char pg_lua_cache_mark = 0;

static void *resize_by_lua(void *ctx, void *ptr, size_t old_size, size_t new_size)
{
    const pg_lua_cache *cache = ctx;
    void *data;
    lua_Alloc resize = lua_getallocf(cache->main, &data);
    return resize(data, ptr, ptr != NULL ? old_size : 0, new_size);
}

static int64_t last_tick(void *ctx)
{
    return ((const pg_lua_cache *)ctx)->now_ns;
}

/// The core has dropped a value: note its slot.
static void note_dropped(void *ctx, pg_cache_value value)
{
    pg_lua_cache *cache = ctx;
    uint32_t slot = (uint32_t)value.number;
    cache->links[slot] = cache->dropped;
    cache->dropped = slot;
}

int64_t pg_lua_cache_ns(double seconds)
{
    double ns = seconds * (double)PG_NS_PER_SECOND;
    return ns < 9.2e18 ? (int64_t)ns : PG_CACHE_FOREVER;
}

int64_t pg_lua_cache_check_ttl(lua_State *L, int arg)
{
    if (lua_isnoneornil(L, arg))
        return PG_CACHE_TTL_DEFAULT;
    double seconds = luaL_checknumber(L, arg);
    luaL_argcheck(L, seconds >= 0, arg, "a lifetime is zero or more seconds");
    return pg_lua_cache_ns(seconds);
}

/// A lifetime option in seconds, or `fallback`.
static int64_t ttl_option(lua_State *L, int arg, const char *field, int64_t fallback)
{
    double seconds = pg_lua_opt_field_number(L, arg, field, -1);
    if (seconds >= 0)
        return pg_lua_cache_ns(seconds);
    bool given = lua_istable(L, arg) && lua_getfield(L, arg, field) != LUA_TNIL;
    if (given)
        luaL_error(L, "bad field '%s' (a lifetime is zero or more seconds)", field);
    if (lua_istable(L, arg))
        lua_pop(L, 1);
    return fallback;
}

static void check_option_names(lua_State *L, int arg, bool memo)
{
    if (lua_isnoneornil(L, arg))
        return;
    luaL_checktype(L, arg, LUA_TTABLE);
    lua_pushnil(L);
    while (lua_next(L, arg) != 0) { // [.., key, value]
        lua_pop(L, 1);
        const char *name = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "?";
        size_t i = 0;
        while (option_names[i] != NULL && strcmp(option_names[i], name) != 0)
            i++;
        if (option_names[i] == NULL && !(memo && strcmp(name, "key") == 0))
            luaL_error(L, "unknown cache option '%s'", name);
    }
}

static pg_cache_policy policy_option(lua_State *L, int arg)
{
    pg_str policy = pg_lua_opt_field_str(L, arg, "policy", PG_STR("lru"));
    if (pg_str_equal(policy, PG_STR("sieve")))
        return PG_CACHE_SIEVE;
    if (!pg_str_equal(policy, PG_STR("lru")))
        luaL_error(L, "bad field 'policy' ('lru' or 'sieve' expected)");
    return PG_CACHE_LRU;
}

/// Reads the options at `arg`; raises for a wrong one.
static pg_cache_options read_options(lua_State *L, int arg, bool memo)
{
    check_option_names(L, arg, memo);
    pg_str name = memo ? PG_STR("cached") : PG_STR("cache");
    pg_cache_options options = pg_cache_defaults();
    options.name = pg_lua_opt_field_str(L, arg, "name", name);
    options.max_entries = pg_lua_opt_field_size(L, arg, "max_size", options.max_entries);
    options.max_bytes = pg_lua_opt_field_size(L, arg, "max_bytes", 0);
    options.ttl_ns = ttl_option(L, arg, "ttl", options.ttl_ns);
    options.negative_ttl_ns = ttl_option(L, arg, "negative_ttl", options.negative_ttl_ns);
    options.negative = pg_lua_opt_field_bool(L, arg, "negative", false);
    options.policy = policy_option(L, arg);
    if (options.max_entries > PG_CACHE_ENTRIES_MAX)
        luaL_error(L, "bad field 'max_size' (too large)");
    options.release = note_dropped;
    return options;
}

/// Adds the cache at the top of the stack to the registered ones of this state.
static void register_cache(lua_State *L)
{
    if (!luaL_getsubtable(L, LUA_REGISTRYINDEX, "promptgen.caches")) { // [.., cache, registered]
        lua_createtable(L, 0, 1);
        lua_pushliteral(L, "v");
        lua_setfield(L, -2, "__mode");
        lua_setmetatable(L, -2);
    }
    // Close the gaps that collected caches left, so that the list does not grow for ever.
    lua_getfield(L, -1, "n");
    lua_Integer last = lua_tointeger(L, -1);
    lua_pop(L, 1);
    lua_Integer kept = 0;
    for (lua_Integer i = 1; i <= last; i++)
        if (lua_rawgeti(L, -1, i) != LUA_TNIL)
            lua_rawseti(L, -2, ++kept);
        else
            lua_pop(L, 1);
    for (lua_Integer i = kept + 2; i <= last; i++) {
        lua_pushnil(L);
        lua_rawseti(L, -2, i);
    }
    lua_pushvalue(L, -2);
    lua_rawseti(L, -2, kept + 1);
    lua_pushinteger(L, kept + 1);
    lua_setfield(L, -2, "n");
    lua_pop(L, 1);
}

pg_lua_cache *pg_lua_cache_create(lua_State *L, int arg, bool memo)
{
    pg_cache_options options = read_options(L, arg, memo);
    bool named = lua_istable(L, arg) && lua_getfield(L, arg, "name") != LUA_TNIL;
    int clock_type = lua_istable(L, arg) ? lua_getfield(L, arg, "clock") : LUA_TNIL;
    bool readable =
        clock_type == LUA_TFUNCTION ||
        (clock_type == LUA_TUSERDATA && luaL_getmetafield(L, -1, "__index") != LUA_TNIL);
    if (clock_type != LUA_TNIL && !readable)
        luaL_error(L, "bad field 'clock' (function or clock expected)");
    pg_lua_cache *cache = lua_newuserdatauv(L, sizeof *cache, 2); // [.., cache]
    memset(cache, 0, sizeof *cache);
    cache->mark = &pg_lua_cache_mark;
    luaL_setmetatable(L, PG_LUA_CACHE_TYPE);
    int index = lua_gettop(L);
    lua_newtable(L);
    lua_setiuservalue(L, index, PG_LUA_CACHE_VALUES);
    lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
    cache->main = lua_tothread(L, -1);
    lua_pop(L, 1);
    cache->alloc = (pg_alloc){resize_by_lua, cache};
    cache->clock = (pg_clock){last_tick, cache};
    options.ctx = cache;
    if (readable) {
        lua_getfield(L, arg, "clock");
        lua_setiuservalue(L, index, PG_LUA_CACHE_CLOCK);
        cache->has_clock = true;
        options.clock = &cache->clock;
    }
    if (named)
        register_cache(L);
    if (pg_cache_new(&cache->alloc, &options, &cache->core, NULL) != PG_OK)
        luaL_error(L, "not enough memory");
    return cache;
}

void pg_lua_cache_tick(lua_State *L, pg_lua_cache *cache, int cache_index)
{
    if (!cache->has_clock)
        return;
    lua_getiuservalue(L, cache_index, PG_LUA_CACHE_CLOCK);
    bool object = lua_type(L, -1) != LUA_TFUNCTION;
    if (object) {
        lua_getfield(L, -1, "now"); // [.., clock, method]
        lua_insert(L, -2);
    }
    lua_call(L, object ? 1 : 0, 1);
    double seconds = lua_tonumber(L, -1);
    lua_pop(L, 1);
    if (cache->core == NULL)
        luaL_error(L, "the cache is closed");
    cache->now_ns = pg_lua_cache_ns(seconds);
}

/// Doubles the slots; false when memory is short.
static bool grow_slots(pg_lua_cache *cache)
{
    uint32_t slots = cache->slots == 0 ? 8 : cache->slots * 2;
    size_t old_size = cache->links != NULL ? ((size_t)cache->slots + 1) * sizeof(uint32_t) : 0;
    uint32_t *links =
        pg_realloc(&cache->alloc, cache->links, old_size, ((size_t)slots + 1) * sizeof *links);
    if (links == NULL)
        return false;
    for (uint32_t slot = slots; slot > cache->slots; slot--) {
        links[slot] = cache->free;
        cache->free = slot;
    }
    cache->links = links;
    cache->slots = slots;
    return true;
}

uint32_t pg_lua_cache_offer(lua_State *L, pg_lua_cache *cache, int values_index)
{
    if (cache->free == 0 && !grow_slots(cache)) {
        lua_pop(L, 1);
        return 0;
    }
    lua_rawseti(L, values_index, (lua_Integer)cache->free);
    return cache->free;
}

void pg_lua_cache_settle(lua_State *L, pg_lua_cache *cache, int values_index, uint32_t slot,
                         bool stored)
{
    if (stored && slot != 0) {
        cache->free = cache->links[slot];
    } else if (slot != 0) {
        lua_pushnil(L);
        lua_rawseti(L, values_index, (lua_Integer)slot);
    }
    while (cache->dropped != 0) {
        uint32_t gone = cache->dropped;
        cache->dropped = cache->links[gone];
        lua_pushnil(L);
        lua_rawseti(L, values_index, (lua_Integer)gone);
        cache->links[gone] = cache->free;
        cache->free = gone;
    }
}

size_t pg_lua_cache_weight(lua_State *L, int index)
{
    return lua_type(L, index) == LUA_TSTRING ? lua_rawlen(L, index) : 64;
}
