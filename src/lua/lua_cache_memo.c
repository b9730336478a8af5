/// Memoised functions: cache.cached, and the key that stands for a list of arguments.
///
/// The default key is injective: each argument is written as a type letter and its exact bytes, so
/// that 1, 1.0 and "1", or ("a", nil) and ("a"), or ("ab", "c") and ("a", "bc") all differ. NaN,
/// tables, functions, userdata and threads have no key; a call with one of these bypasses the
/// cache, as does a call for which the `key` function of the options fails.
#include "lua_cache.h"

#include <string.h>

#define RESULTS_TYPE "promptgen.cache.results"

/// User values of a memoised function.
enum { MEMO_CACHE = 1, MEMO_FUNCTION, MEMO_KEY, MEMO_VALUES };

/// The userdata of a memoised function.
typedef struct memo {
    pg_lua_cache *cache; ///< kept alive by MEMO_CACHE
    bool has_key;        ///< MEMO_KEY is a function
} memo;

enum { SMALL_KEY = 512 };

/// Bytes that one argument adds to a key, or 0 when it has no key.
static size_t part_size(lua_State *L, int index)
{
    switch (lua_type(L, index)) {
    case LUA_TNIL:
    case LUA_TBOOLEAN:
        return 1;
    case LUA_TNUMBER:
        if (!lua_isinteger(L, index) && lua_tonumber(L, index) != lua_tonumber(L, index))
            return 0; // NaN equals nothing, not even itself
        return 1 + sizeof(lua_Integer);
    case LUA_TSTRING:
        return 1 + sizeof(size_t) + lua_rawlen(L, index);
    default:
        return 0;
    }
}

/// Size of the key of the arguments [first, last]; (size_t)-1 and `*bad` when one has none.
static size_t key_size(lua_State *L, int first, int last, int *bad)
{
    size_t total = 0;
    for (int i = first; i <= last; i++) {
        size_t size = part_size(L, i);
        if (size == 0) {
            *bad = i;
            return (size_t)-1;
        }
        total += size;
    }
    return total;
}

static char *put_part(char *out, char letter, const void *bytes, size_t size)
{
    *out++ = letter;
    if (size > 0)
        memcpy(out, bytes, size);
    return out + size;
}

/// Writes the key of the arguments [first, last], none of which is without one.
static void write_key(lua_State *L, int first, int last, char *out)
{
    for (int i = first; i <= last; i++) {
        lua_Integer integer;
        lua_Number number;
        size_t len;
        const char *text;
        switch (lua_type(L, i)) {
        case LUA_TNIL:
            out = put_part(out, 'n', NULL, 0);
            break;
        case LUA_TBOOLEAN:
            out = put_part(out, lua_toboolean(L, i) ? 't' : 'f', NULL, 0);
            break;
        case LUA_TNUMBER:
            integer = lua_tointeger(L, i);
            number = lua_tonumber(L, i);
            if (lua_isinteger(L, i))
                out = put_part(out, 'i', &integer, sizeof integer);
            else
                out = put_part(out, 'd', &number, sizeof number);
            break;
        default: // LUA_TSTRING
            text = lua_tolstring(L, i, &len);
            out = put_part(out, 's', &len, sizeof len);
            memcpy(out, text, len);
            out += len;
            break;
        }
    }
}

/// cache.key(...) -> the default key of the arguments; raises for one that has none
int pg_lua_cache_l_key(lua_State *L)
{
    int last = lua_gettop(L);
    int bad = 0;
    size_t size = key_size(L, 1, last, &bad);
    if (bad != 0)
        return luaL_argerror(L, bad, "a NaN, table, function, userdata or thread makes no key");
    luaL_Buffer buffer;
    char *out = luaL_buffinitsize(L, &buffer, size);
    write_key(L, 1, last, out);
    luaL_pushresultsize(&buffer, size);
    return 1;
}

/// Finds the key of a call with the arguments 2.. of the stack; false when there is none. A long
/// key is in a block pushed on the stack, a short one in `small`.
static bool find_key(lua_State *L, const memo *m, char *small, pg_str *key)
{
    int last = lua_gettop(L);
    if (m->has_key) {
        luaL_checkstack(L, last + 8, "too many arguments");
        lua_getiuservalue(L, 1, MEMO_KEY);
        for (int i = 2; i <= last; i++)
            lua_pushvalue(L, i);
        bool ok = lua_pcall(L, last - 1, 1, 0) == LUA_OK && lua_type(L, -1) == LUA_TSTRING;
        key->ptr = ok ? lua_tolstring(L, -1, &key->len) : NULL;
        return ok; // the result stays on the stack and keeps the bytes alive
    }
    int bad = 0;
    key->len = key_size(L, 2, last, &bad);
    if (bad != 0)
        return false;
    char *bytes = key->len <= SMALL_KEY ? small : lua_newuserdatauv(L, key->len, 0);
    write_key(L, 2, last, bytes);
    key->ptr = bytes;
    return true;
}

/// Pushes the results kept in the table at the top of the stack, in its place; one result is kept
/// as it is.
static int push_results(lua_State *L)
{
    if (lua_type(L, -1) != LUA_TTABLE || !lua_getmetatable(L, -1))
        return 1;
    bool packed = lua_topointer(L, -1) == lua_topointer(L, lua_upvalueindex(1));
    lua_pop(L, 1);
    if (!packed)
        return 1;
    lua_getfield(L, -1, "n");
    int count = (int)lua_tointeger(L, -1);
    lua_pop(L, 1);
    luaL_checkstack(L, count, "too many results");
    int table = lua_gettop(L);
    for (int i = 1; i <= count; i++)
        lua_rawgeti(L, table, i);
    return count;
}

/// Pushes a table with the results [first, top] and their number.
static void pack_results(lua_State *L, int first)
{
    int count = lua_gettop(L) - first + 1;
    lua_createtable(L, count, 1); // [.., packed]
    for (int i = 1; i <= count; i++) {
        lua_pushvalue(L, first + i - 1);
        lua_rawseti(L, -2, i);
    }
    lua_pushinteger(L, count);
    lua_setfield(L, -2, "n");
    luaL_setmetatable(L, RESULTS_TYPE);
}

/// The function returned: memoised function at 1, guard at 2, results from 3.
static int computed(lua_State *L, int status, lua_KContext context)
{
    (void)status;
    (void)context;
    const memo *m = lua_touserdata(L, 1);
    int top = lua_gettop(L);
    int count = top - 2;
    if (count >= 2 && lua_isnil(L, 3) && !lua_isnil(L, 4))
        return count; // nil, err: not kept; closing the guard counts the failure
    luaL_checkstack(L, 8, "too many results");
    if (m->cache->has_clock && m->cache->core != NULL) {
        lua_getiuservalue(L, 1, MEMO_CACHE);
        pg_lua_cache_tick(L, m->cache, lua_gettop(L));
        lua_pop(L, 1);
    }
    pg_cache_loaded loaded = {.ttl_ns = PG_CACHE_TTL_DEFAULT};
    bool several = count > 1 && !lua_isnil(L, 3);
    if (several)
        pack_results(L, 3);
    else if (count == 0)
        lua_pushnil(L);
    else
        lua_pushvalue(L, 3); // [.., to keep]
    loaded.weight = pg_lua_cache_weight(L, -1);
    pg_lua_cache_finish_load(L, m->cache, 2, lua_gettop(L), loaded);
    lua_settop(L, top);
    return count;
}

/// A call that goes past the cache: the function's own results.
static int bypassed(lua_State *L, int status, lua_KContext context)
{
    (void)status;
    (void)context;
    return lua_gettop(L) - 1;
}

static int call_past_cache(lua_State *L, memo *m, int last)
{
    m->cache->bypassed++;
    lua_settop(L, last);
    lua_getiuservalue(L, 1, MEMO_FUNCTION);
    lua_insert(L, 2); // [memo, fn, args..]
    lua_callk(L, last - 1, LUA_MULTRET, 0, bypassed);
    return bypassed(L, LUA_OK, 0);
}

/// The memoised function at index 1; upvalue 2 is the metatable of these.
static memo *check_memo(lua_State *L)
{
    memo *m = lua_touserdata(L, 1);
    bool ours = m != NULL && lua_getmetatable(L, 1);
    if (ours) {
        ours = lua_topointer(L, -1) == lua_topointer(L, lua_upvalueindex(2));
        lua_pop(L, 1);
    }
    if (!ours)
        luaL_typeerror(L, 1, PG_LUA_CACHED_TYPE);
    else if (m->cache->core == NULL)
        luaL_error(L, "the cache of this function is closed");
    return m;
}

static int call_and_keep(lua_State *L, const memo *m, int last, pg_str key)
{
    pg_lua_cache_settle(L, m->cache, lua_gettop(L), 0, false); // the table of values is on top
    lua_getiuservalue(L, 1, MEMO_CACHE);
    pg_lua_cache_begin_load(L, m->cache, lua_gettop(L), key, 2); // [memo, guard, args.., ..]
    lua_settop(L, last + 1);
    lua_getiuservalue(L, 1, MEMO_FUNCTION);
    lua_insert(L, 3); // [memo, guard, fn, args..]
    lua_callk(L, last - 1, LUA_MULTRET, 0, computed);
    return computed(L, LUA_OK, 0);
}

/// memoised(...). Upvalues: metatable of packed results, metatable of memoised functions.
static int l_call(lua_State *L)
{
    memo *m = check_memo(L);
    int last = lua_gettop(L);
    luaL_checkstack(L, 12, "too many arguments");
    char small[SMALL_KEY];
    pg_str key;
    if (!find_key(L, m, small, &key))
        return call_past_cache(L, m, last);
    if (m->cache->has_clock) {
        lua_getiuservalue(L, 1, MEMO_CACHE);
        pg_lua_cache_tick(L, m->cache, lua_gettop(L));
    }
    pg_cache_value value = {.number = 0};
    pg_cache_result result = pg_cache_get(m->cache->core, key, &value);
    if (result == PG_CACHE_NEGATIVE) {
        lua_pushnil(L);
        return 1;
    }
    lua_getiuservalue(L, 1, MEMO_VALUES); // [.., values]
    if (result != PG_CACHE_HIT)
        return call_and_keep(L, m, last, key);
    lua_rawgeti(L, -1, (lua_Integer)value.number);
    return push_results(L);
}

/// memoised.cache -> the cache behind it
static int l_index(lua_State *L)
{
    luaL_checkudata(L, 1, PG_LUA_CACHED_TYPE);
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
    if (strcmp(name, "cache") == 0)
        lua_getiuservalue(L, 1, MEMO_CACHE);
    else
        lua_pushnil(L);
    return 1;
}

/// What cache.cached returns. Upvalue: the options.
static int l_memoise(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_settop(L, 1);
    lua_pushvalue(L, lua_upvalueindex(1));                 // [fn, options]
    pg_lua_cache *cache = pg_lua_cache_create(L, 2, true); // [.., cache]
    int cache_index = lua_gettop(L);
    memo *m = lua_newuserdatauv(L, sizeof *m, 4); // [.., cache, memo]
    *m = (memo){.cache = cache};
    lua_pushvalue(L, cache_index);
    lua_setiuservalue(L, -2, MEMO_CACHE);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, MEMO_FUNCTION);
    lua_getiuservalue(L, cache_index, PG_LUA_CACHE_VALUES);
    lua_setiuservalue(L, -2, MEMO_VALUES);
    m->has_key = lua_istable(L, 2) && lua_getfield(L, 2, "key") != LUA_TNIL;
    if (m->has_key)
        lua_setiuservalue(L, cache_index + 1, MEMO_KEY);
    lua_settop(L, cache_index + 1);
    luaL_setmetatable(L, PG_LUA_CACHED_TYPE);
    return 1;
}

/// cache.cached(options?) -> function(fn) -> memoised function
int pg_lua_cache_l_cached(lua_State *L)
{
    lua_settop(L, 1);
    if (!lua_isnil(L, 1)) {
        luaL_checktype(L, 1, LUA_TTABLE);
        int type = lua_getfield(L, 1, "key");
        if (type != LUA_TNIL && type != LUA_TFUNCTION)
            return luaL_error(L, "bad field 'key' (function expected)");
        lua_settop(L, 1);
    }
    lua_pushcclosure(L, l_memoise, 1);
    return 1;
}

void pg_lua_cache_open_memo(lua_State *L)
{
    pg_lua_new_type(L, RESULTS_TYPE, NULL, NULL);       // [results]
    pg_lua_new_type(L, PG_LUA_CACHED_TYPE, NULL, NULL); // [results, memo]
    lua_pushcfunction(L, l_index);
    lua_setfield(L, -2, "__index");
    lua_insert(L, -2);    // [memo, results]
    lua_pushvalue(L, -2); // [memo, results, memo]
    lua_pushcclosure(L, l_call, 2);
    lua_setfield(L, -2, "__call"); // [memo]
    lua_pop(L, 1);
}
