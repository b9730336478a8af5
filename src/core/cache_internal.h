/// What the three files of the cache share: the slab, the hash chains, the lists, the loads.
///
/// cache_table.c keeps the structure, cache_lookup.c is the hot path, cache.c the rest of the
/// public face, cache_load.c the single flight. Every pg__cache_* function here except
/// pg__cache_release_dead needs the mutex held.
#ifndef PROMPTGEN_CACHE_INTERNAL_H
#define PROMPTGEN_CACHE_INTERNAL_H

#include "promptgen/cache.h"

#include <pthread.h>
#include <time.h>

#define PG__CACHE_NONE UINT32_MAX

/// The part of an entry that outlives its slot: unlinked under the lock, freed after it.
typedef struct cache_body {
    struct cache_body *next; ///< in a list of dead bodies
    size_t weight;
    int64_t stored_ns; ///< on the cache's clock
    // What a hit looks at lies together.
    int64_t expires_ns;
    pg_cache_value value;
    uint64_t hits;
    uint32_t key_len;
    bool negative; ///< no value to release
    bool held;     ///< the cache holds a reference to the value
    char key[];
} cache_body;

/// A slot of the slab, half a cache line. Free slots are chained through `hnext` and have
/// body == NULL.
typedef struct cache_node {
    uint64_t hash;
    cache_body *body;
    uint32_t newer, older; ///< neighbours in the list
    uint32_t hnext;        ///< next in the hash chain
    bool negative;         ///< which list it is in
    bool visited;          ///< SIEVE: read since the hand passed
} cache_node;

/// Newest first. `hand` is where SIEVE goes on; PG__CACHE_NONE = start at the oldest.
typedef struct cache_list {
    uint32_t newest, oldest, hand;
    size_t count, limit;
} cache_list;

/// A computation under way, shared by its owner and the threads that wait for it.
struct pg_cache_load {
    pg_cache *cache;
    pg_cache_load *next; ///< in cache->loads while not done
    const void *owner;
    int64_t started_ns;
    uint64_t hash;
    size_t refs; ///< the owner and each waiter
    bool done;
    bool stale;            ///< the key changed meanwhile: hand out, do not store
    pg_status status;      ///< valid when done
    pg_error err;          ///< valid when done and status is not PG_OK
    pg_cache_loaded found; ///< valid when done and status is PG_OK; holds a reference of its own
    size_t key_len;
    char key[];
};

struct pg_cache {
    const pg_alloc *alloc;
    pthread_mutex_t mutex;
    pthread_cond_t load_ended; ///< signalled whenever a load ends
    cache_node *nodes;
    uint32_t node_cap;   ///< slots allocated
    uint32_t free;       ///< first free slot
    uint32_t *buckets;   ///< heads of the hash chains
    uint32_t mask;       ///< number of buckets - 1
    cache_list lists[2]; ///< [0] values, [1] negative entries
    size_t bytes, max_bytes;
    int64_t ttl_ns, negative_ttl_ns, wait_limit_ns;
    const pg_clock *clock;      ///< of lifetimes
    const pg_clock *load_clock; ///< of load times
    pg_cache_policy policy;
    bool negative; ///< keep negative results of loads
    bool coarse;   ///< `clock` is the stock coarse one
    uint64_t (*hash)(pg_str key);
    void (*retain)(void *ctx, pg_cache_value value);
    void (*release)(void *ctx, pg_cache_value value);
    void *ctx;
    pg_cache_load *loads; ///< under way and not done
    uint64_t hits, misses, evictions[PG_CACHE_REASONS], load_count, load_failures, load_ns;
    size_t name_len;
    char name[];
};

/// Hash of a key by the cache's function.
uint64_t pg__cache_hash(const pg_cache *cache, pg_str key);

/// Slot of `key` or PG__CACHE_NONE.
uint32_t pg__cache_find(const pg_cache *cache, pg_str key, uint64_t hash);

/// Time on the clock of lifetimes. The stock coarse clock is read without a detour.
static inline int64_t pg__cache_now(const pg_cache *cache)
{
    struct timespec t;
    if (!cache->coarse || clock_gettime(CLOCK_MONOTONIC_COARSE, &t) != 0)
        return pg_now_ns(cache->clock);
    return (int64_t)t.tv_sec * PG_NS_PER_SECOND + t.tv_nsec;
}

/// Makes sure that one more slot is free; false when memory is short.
bool pg__cache_reserve(pg_cache *cache);

/// Puts `body` into a free slot (reserved) as the newest of its list. Bounds are not looked at.
void pg__cache_insert(pg_cache *cache, cache_body *body, uint64_t hash, bool visited);

/// Takes the slot out of every structure and puts its body on the list of dead ones.
void pg__cache_remove(pg_cache *cache, uint32_t slot, cache_body **dead);

/// Gives up entries until one more of this kind and weight fits.
void pg__cache_make_room(pg_cache *cache, bool negative, size_t weight, cache_body **dead);

/// Releases and frees dead bodies. The mutex must NOT be held.
void pg__cache_release_dead(pg_cache *cache, cache_body *dead);

/// Allocates a body with a copy of `key`; NULL when memory is short.
cache_body *pg__cache_new_body(const pg_cache *cache, pg_str key, pg_cache_value value,
                               bool negative);

/// Stores `body` (always consumed: it ends in the cache or on `dead`) in place of what is there.
/// `*stored` is false when it weighs too much. Returns false when memory is short.
bool pg__cache_store(pg_cache *cache, cache_body *body, uint64_t hash, int64_t ttl_ns,
                     size_t weight, bool *stored, cache_body **dead);

/// pg_cache_get without the lock; counts a hit but leaves it to the caller to count a miss.
pg_cache_result pg__cache_lookup(pg_cache *cache, pg_str key, uint64_t hash, pg_cache_value *value,
                                 cache_body **dead);

/// Marks the loads of `key` (all of them when `all`) as out of date.
void pg__cache_spoil_loads(pg_cache *cache, pg_str key, uint64_t hash, bool all);

/// Frees the loads that were begun and never ended. The mutex need not be held.
void pg__cache_free_loads(pg_cache *cache);

#endif
