/// cache:entries of `promptgen.cache`: what a cache holds, for people who look into it.
#include "lua_cache.h"

#include <string.h>

enum { LIMIT_DEFAULT = 1000, LIMIT_MAX = 1000 * 1000 };

/// One entry as it was copied out under the cache's lock; its key's bytes follow it.
typedef struct snapshot_row {
    size_t key_len;
    size_t weight;
    int64_t age_ns;
    int64_t left_ns; ///< PG_CACHE_FOREVER = never ends
    uint64_t hits;
    bool negative;
} snapshot_row;

/// Rows are written in a second pass, when their size is known. Nothing of Lua is called under the
/// lock.
typedef struct snapshot {
    char *bytes; ///< NULL = measure only
    size_t used, size;
    size_t rows, limit;
} snapshot;

static bool visit(void *ctx, const pg_cache_entry *entry)
{
    snapshot *s = ctx;
    size_t need = sizeof(snapshot_row) + entry->key.len;
    if (s->rows == s->limit || (s->bytes != NULL && need > s->size - s->used))
        return false;
    if (s->bytes != NULL) {
        snapshot_row row = {
            .key_len = entry->key.len,
            .weight = entry->weight,
            .age_ns = entry->age_ns,
            .left_ns = entry->left_ns,
            .hits = entry->hits,
            .negative = entry->negative,
        };
        memcpy(s->bytes + s->used, &row, sizeof row);
        if (entry->key.len > 0)
            memcpy(s->bytes + s->used + sizeof row, entry->key.ptr, entry->key.len);
    }
    s->used += need;
    s->rows++;
    return true;
}

static void set_seconds(lua_State *L, const char *field, int64_t ns)
{
    lua_pushnumber(L, (lua_Number)ns / (lua_Number)PG_NS_PER_SECOND);
    lua_setfield(L, -2, field);
}

static void push_row(lua_State *L, const snapshot_row *row, const char *key)
{
    lua_createtable(L, 0, 6); // [entry]
    lua_pushlstring(L, key, row->key_len);
    lua_setfield(L, -2, "key");
    lua_pushinteger(L, (lua_Integer)row->weight);
    lua_setfield(L, -2, "weight");
    lua_pushinteger(L, (lua_Integer)row->hits);
    lua_setfield(L, -2, "hits");
    set_seconds(L, "age", row->age_ns);
    if (row->left_ns != PG_CACHE_FOREVER)
        set_seconds(L, "left", row->left_ns);
    lua_pushboolean(L, row->negative);
    lua_setfield(L, -2, "negative");
}

/// cache:entries([limit]) -> {{key=, weight=, hits=, age=, left=?, negative=}, ...}
int pg_lua_cache_entries(lua_State *L)
{
    pg_lua_cache *cache = luaL_checkudata(L, 1, PG_LUA_CACHE_TYPE);
    luaL_argcheck(L, cache->core != NULL, 1, "the cache is closed");
    lua_Integer limit = LIMIT_DEFAULT;
    if (!lua_isnoneornil(L, 2)) {
        luaL_checktype(L, 2, LUA_TNUMBER);
        limit = luaL_checkinteger(L, 2);
        luaL_argcheck(L, limit >= 0 && limit <= LIMIT_MAX, 2, "out of range");
    }
    lua_settop(L, 1);
    pg_lua_cache_tick(L, cache, 1);
    snapshot s = {.limit = (size_t)limit};
    pg_cache_each(cache->core, visit, &s);
    s.size = s.used;
    s.used = 0;
    s.rows = 0;
    s.bytes = lua_newuserdatauv(L, s.size > 0 ? s.size : 1, 0); // [cache, block]
    pg_cache_each(cache->core, visit, &s);
    lua_createtable(L, (int)s.rows, 0); // [cache, block, entries]
    size_t at = 0;
    for (size_t i = 0; i < s.rows; i++) {
        snapshot_row row;
        memcpy(&row, s.bytes + at, sizeof row);
        push_row(L, &row, s.bytes + at + sizeof row);
        lua_rawseti(L, 3, (lua_Integer)i + 1);
        at += sizeof row + row.key_len;
    }
    return 1;
}
