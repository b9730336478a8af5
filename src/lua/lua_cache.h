/// What the files of the `promptgen.cache` binding share. Internal to src/lua.
///
/// The core stores a slot number for each key; the Lua value sits under that number in a table that
/// is the first user value of the handle. The core's mutex is never held while Lua is called. What
/// the core drops is noted in a list of slots, and the table is cleared after the core returned.
#ifndef PROMPTGEN_LUA_CACHE_H
#define PROMPTGEN_LUA_CACHE_H

#include "lua_common.h"

#include "promptgen/cache.h"

#define PG_LUA_CACHE_TYPE "promptgen.cache"
#define PG_LUA_CACHED_TYPE "promptgen.cached"

enum {
    PG_LUA_CACHE_VALUES = 1, ///< user value: table slot -> value
    PG_LUA_CACHE_CLOCK = 2,  ///< user value: clock function, or nil
};

/// Its address marks the userdata of a cache.
extern const char pg_lua_cache_mark;

/// The userdata of a cache.
typedef struct pg_lua_cache {
    const void *mark;  ///< &pg_lua_cache_mark
    pg_cache *core;    ///< NULL = closed
    lua_State *main;   ///< whose allocator is used
    pg_alloc alloc;    ///< Lua's allocator, so that a memory limit of the state covers the cache
    pg_clock clock;    ///< reads `now_ns`; used only with a clock function
    int64_t now_ns;    ///< what the clock function said last
    bool has_clock;    ///< a clock function was given
    uint32_t *links;   ///< for each slot the next one of its list
    uint32_t slots;    ///< size of `links`; slots count from 1
    uint32_t free;     ///< list of slots that hold nothing
    uint32_t dropped;  ///< list of slots whose value the core has dropped
    uint64_t bypassed; ///< memoised calls whose arguments gave no key
} pg_lua_cache;

/// Reads the clock function, if there is one, and keeps what it says. May raise, so call it before
/// anything is acquired. `cache_index` is absolute.
void pg_lua_cache_tick(lua_State *L, pg_lua_cache *cache, int cache_index);

/// Puts the value at the top of the stack (popped) into a free slot of the table at `values_index`
/// and returns the slot; 0 when memory is short. The slot is not taken before
/// pg_lua_cache_take_slot.
uint32_t pg_lua_cache_offer(lua_State *L, pg_lua_cache *cache, int values_index);

/// After the core was given the slot of the last offer: takes it (`stored`) or empties it, and
/// empties the slots the core has dropped. Never raises.
void pg_lua_cache_settle(lua_State *L, pg_lua_cache *cache, int values_index, uint32_t slot,
                         bool stored);

/// Weight of the value at `index` when the caller gives none: the length of a string, else 64.
size_t pg_lua_cache_weight(lua_State *L, int index);

/// Reads a lifetime in seconds: nil = PG_CACHE_TTL_DEFAULT, huge = for ever. Raises when negative
/// or NaN.
int64_t pg_lua_cache_check_ttl(lua_State *L, int arg);

/// Seconds to nanoseconds; saturates at PG_CACHE_FOREVER. `seconds` is >= 0.
int64_t pg_lua_cache_ns(double seconds);

/// Pushes a cache made from the options table at `arg` (or none), for cache.cached when `memo`.
pg_lua_cache *pg_lua_cache_create(lua_State *L, int arg, bool memo);

/// cache:entries
int pg_lua_cache_entries(lua_State *L);

/// cache:get_or_compute
int pg_lua_cache_get_or_compute(lua_State *L);

/// Defines the types of loads and memoised functions; call once per state.
void pg_lua_cache_open_loads(lua_State *L);
void pg_lua_cache_open_memo(lua_State *L);

/// Starts a load of `key` by this coroutine: inserts a guard at stack index `at` (what is there and
/// above moves up) and marks it to be closed. If the load is not finished when the guard goes out
/// of scope, it has failed. Raises for a recursive load. The indices are absolute.
void pg_lua_cache_begin_load(lua_State *L, pg_lua_cache *cache, int cache_index, pg_str key,
                             int at);

/// Finishes the load of the guard at `guard` with the value at `value` (nil = nothing there) and
/// stores it if it may be stored.
void pg_lua_cache_finish_load(lua_State *L, pg_lua_cache *cache, int guard, int value,
                              pg_cache_loaded loaded);

/// cache.cached and cache.key
int pg_lua_cache_l_cached(lua_State *L);
int pg_lua_cache_l_key(lua_State *L);

#endif
