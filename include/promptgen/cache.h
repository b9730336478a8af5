/// A bounded cache in memory: byte-string keys, values that are one machine word.
///
/// A cache is bounded by a number of entries and, on request, by the sum of their weights. When it
/// is full it gives up the least recently used entry, or, with PG_CACHE_SIEVE, the one that the
/// SIEVE algorithm picks (Zhang et al., NSDI 2024: a first-in-first-out list, one bit per entry and
/// a moving hand), which resists scans. Entries may expire. "Nothing there" can be cached too: such
/// negative entries have a lifetime and a quota of their own, so they never push values out.
///
/// Values. The cache stores a word and gives it no meaning. With `retain` and `release` set it
/// counts references: it retains what it stores and what it hands out, and releases what it drops;
/// the caller releases what it was handed. `retain` runs under the lock and must be cheap and must
/// not fail; `release` never runs under the lock and may take as long as it likes.
///
/// Lifetimes. An entry set at time T with lifetime N is there until the clock reads more than
/// T + N; with lifetime 0 it is gone as soon as the clock moves. Reading does not extend a life.
///
/// Thread note: every function may be called from any thread at any time, except pg_cache_free,
/// which needs exclusive use. One mutex guards a cache; neither `release` nor a loader runs under
/// it. An allocator or clock given by the caller must be as thread-safe as the use, and `retain`,
/// the clock and a visitor of pg_cache_each must not call the cache.
#ifndef PROMPTGEN_CACHE_H
#define PROMPTGEN_CACHE_H

#include "promptgen/alloc.h"
#include "promptgen/clock.h"
#include "promptgen/status.h"
#include "promptgen/str.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct pg_cache pg_cache;

/// What a cache stores for a key: a pointer or a number, as the caller likes.
typedef union pg_cache_value {
    void *ptr;
    uint64_t number;
} pg_cache_value;

typedef enum pg_cache_policy {
    PG_CACHE_LRU,   ///< gives up the least recently used entry
    PG_CACHE_SIEVE, ///< gives up an old entry that was not read since the hand last passed it
} pg_cache_policy;

typedef enum pg_cache_result {
    PG_CACHE_MISS,     ///< no entry
    PG_CACHE_EXPIRED,  ///< the entry was past its life and is removed now; counts as a miss
    PG_CACHE_HIT,      ///< the value is in the cache, or came from another thread's load
    PG_CACHE_NEGATIVE, ///< it is known that there is nothing; counts as a hit
    PG_CACHE_LOADED,   ///< this call computed the value
} pg_cache_result;

/// Why an entry left, as counted in the statistics. Replacing a value is not an eviction.
typedef enum pg_cache_reason {
    PG_CACHE_BY_SIZE,     ///< the number of entries was at its limit
    PG_CACHE_BY_BYTES,    ///< the sum of weights was at its limit
    PG_CACHE_BY_TTL,      ///< its life was over
    PG_CACHE_BY_EXPLICIT, ///< deleted or cleared
    PG_CACHE_REASONS
} pg_cache_reason;

#define PG_CACHE_FOREVER INT64_MAX     ///< lifetime without end
#define PG_CACHE_TTL_DEFAULT INT64_MIN ///< use the lifetime of the cache
#define PG_CACHE_ENTRIES_MAX ((size_t)1 << 28)

/// How a cache is made; start from pg_cache_defaults.
typedef struct pg_cache_options {
    pg_str name;             ///< for statistics; copied
    size_t max_entries;      ///< 1..PG_CACHE_ENTRIES_MAX; 0 is taken as 1
    size_t max_bytes;        ///< bound of the sum of weights; 0 = none
    int64_t ttl_ns;          ///< lifetime of a value, >= 0 or PG_CACHE_FOREVER
    int64_t negative_ttl_ns; ///< lifetime of a negative entry, >= 0 or PG_CACHE_FOREVER
    size_t max_negative;     ///< 0 = a quarter of max_entries, at least 1
    int64_t wait_limit_ns;   ///< longest wait for another thread's load, then compute alone
    pg_cache_policy policy;
    bool negative;         ///< pg_cache_get_or_load keeps a negative result
    const pg_clock *clock; ///< NULL = coarse monotonic, or the fine one when a lifetime is < 1 s
    uint64_t (*hash)(pg_str key);                     ///< NULL = XXH3-64; tests force collisions
    void (*retain)(void *ctx, pg_cache_value value);  ///< NULL = values are plain words
    void (*release)(void *ctx, pg_cache_value value); ///< NULL = nothing to do
    void *ctx; ///< passed to retain and release; owned by the caller
} pg_cache_options;

/// 128 entries, no byte bound, no expiry, negative lifetime 5 s, wait limit 10 s, LRU.
pg_cache_options pg_cache_defaults(void);

/// Makes an empty cache that keeps `alloc` (NULL = C library). Memory for entries is taken as they
/// come. PG_INVALID: a limit or lifetime out of range. PG_NOMEM.
PG_NODISCARD pg_status pg_cache_new(const pg_alloc *alloc, const pg_cache_options *options,
                                    pg_cache **cache, pg_error *err);

/// Releases every value and frees the cache; NULL is fine. No other thread may use it any more.
void pg_cache_free(pg_cache *cache);

/// Looks `key` up and marks it as used. On PG_CACHE_HIT stores a reference in `*value`, which the
/// caller releases; otherwise `*value` is untouched. Counts a hit or a miss.
pg_cache_result pg_cache_get(pg_cache *cache, pg_str key, pg_cache_value *value);

/// The same without counting, without marking and without removing an expired entry.
pg_cache_result pg_cache_peek(pg_cache *cache, pg_str key, pg_cache_value *value);

/// Stores `value` under `key` (copied, < 4 GiB) in place of what is there, as the most recent
/// entry. `ttl_ns` is >= 0, PG_CACHE_FOREVER or PG_CACHE_TTL_DEFAULT. When `weight` alone exceeds
/// `max_bytes` nothing is stored, an older value of the key is removed (it is out of date) and
/// `*stored` (nullable) is false. The caller keeps its own reference in every case.
/// PG_INVALID: a negative lifetime or a key too long. PG_NOMEM: the cache is unchanged.
PG_NODISCARD pg_status pg_cache_set(pg_cache *cache, pg_str key, pg_cache_value value,
                                    int64_t ttl_ns, size_t weight, bool *stored, pg_error *err);

/// Records that there is nothing for `key`; in place of what is there. `ttl_ns` as for
/// pg_cache_set, the default being the negative lifetime. Errors as for pg_cache_set.
PG_NODISCARD pg_status pg_cache_set_negative(pg_cache *cache, pg_str key, int64_t ttl_ns,
                                             pg_error *err);

/// Removes `key`; true when it was there and alive. A load of it under way is not stored.
bool pg_cache_delete(pg_cache *cache, pg_str key);

/// As pg_cache_delete, for an entry that the caller has just been given and found out of date: the
/// hit becomes a miss.
bool pg_cache_reject(pg_cache *cache, pg_str key);

/// Removes everything and sets hits and misses to 0. Loads under way are not stored.
void pg_cache_clear(pg_cache *cache);

/// Removes what is past its life and returns how many entries that were. O(entries).
size_t pg_cache_expire(pg_cache *cache);

/// One entry as a visitor sees it; borrowed for the time of the visit.
typedef struct pg_cache_entry {
    pg_str key;
    pg_cache_value value;
    size_t weight;
    int64_t expires_ns; ///< on the cache's clock; PG_CACHE_FOREVER = never
    int64_t left_ns;    ///< of its life, below 0 when it is over; PG_CACHE_FOREVER = it never is
    int64_t age_ns;     ///< since it was stored
    uint64_t hits;      ///< look-ups that found it since then
    bool negative;
} pg_cache_entry;

/// Visits the entries under the lock: values first, then negative ones, each most recent first
/// (newest first with PG_CACHE_SIEVE), expired ones included. `visit` returns false to stop.
void pg_cache_each(pg_cache *cache, bool (*visit)(void *ctx, const pg_cache_entry *entry),
                   void *ctx);

typedef struct pg_cache_stats {
    pg_str name; ///< borrowed from the cache
    uint64_t hits;
    uint64_t misses;
    double hit_rate;    ///< percent of lookups, 0.0 when there was none
    size_t entries;     ///< values held, expired ones not yet touched included
    size_t max_entries; ///<
    size_t negatives;   ///< negative entries held
    size_t bytes;       ///< sum of weights
    size_t max_bytes;   ///< 0 = no bound
    int64_t ttl_ns;     ///< PG_CACHE_FOREVER = none
    uint64_t evictions[PG_CACHE_REASONS];
    uint64_t loads;         ///< loader runs that ended
    uint64_t load_failures; ///< those of them that failed
    uint64_t load_ns;       ///< total time in loaders
} pg_cache_stats;

/// The numbers of this moment, all taken under one lock.
void pg_cache_read_stats(pg_cache *cache, pg_cache_stats *stats);

/// What a loader found.
typedef struct pg_cache_loaded {
    pg_cache_value value; ///< one reference, which passes to the caller of the load
    int64_t ttl_ns;       ///< as for pg_cache_set
    size_t weight;
    bool negative; ///< there is nothing; `value` is ignored
    bool no_store; ///< hand the result out but do not keep it
} pg_cache_loaded;

/// Computes the value of `key`. `loaded` comes zeroed but for `ttl_ns` = PG_CACHE_TTL_DEFAULT.
/// Runs without the lock and may use the cache, for other keys.
typedef pg_status (*pg_cache_loader)(void *ctx, pg_str key, pg_cache_loaded *loaded, pg_error *err);

/// Looks `key` up and, when it is not there, runs `loader` once however many threads ask: the
/// others wait and get the same value (counted as hits) or the same error. A thread that waited
/// longer than the wait limit computes for itself and does not store. `*result` is PG_CACHE_HIT or
/// PG_CACHE_LOADED (`*value` holds a reference for the caller), or PG_CACHE_NEGATIVE.
/// Errors are never cached. A result is not stored when `key` was set, deleted or cleared while it
/// was computed. PG_INVALID: the loader of `key` asked for `key`. PG_NOMEM. Any error of `loader`.
PG_NODISCARD pg_status pg_cache_get_or_load(pg_cache *cache, pg_str key, pg_cache_loader loader,
                                            void *ctx, pg_cache_value *value,
                                            pg_cache_result *result, pg_error *err);

/// A load under way, for callers that cannot compute inside a callback.
typedef struct pg_cache_load pg_cache_load;

/// Starts a load of `key` on behalf of `owner` (an address that stands for a thread or coroutine).
/// `*load` is NULL when another owner is loading it: then compute and keep nothing. The load must
/// be ended by pg_cache_load_finish or pg_cache_load_fail; freeing the cache frees it too.
/// PG_INVALID: `owner` itself is loading `key`. PG_NOMEM.
PG_NODISCARD pg_status pg_cache_load_begin(pg_cache *cache, pg_str key, const void *owner,
                                           pg_cache_load **load, pg_error *err);

/// Ends a load with its result and frees it; stores the result unless that is forbidden (see
/// pg_cache_get_or_load) or memory is short. Returns whether it was stored.
bool pg_cache_load_finish(pg_cache_load *load, const pg_cache_loaded *loaded);

/// Ends a load that failed with `status`; `err` (nullable) is what waiting threads get.
void pg_cache_load_fail(pg_cache_load *load, pg_status status, const pg_error *err);

/// Counts a computation that bypassed pg_cache_load_begin.
void pg_cache_count_load(pg_cache *cache, bool ok, int64_t elapsed_ns);

#endif
