/// The public face of the cache but for look-ups: construction, storing, removal, statistics. See
/// cache.h.
#include "cache_internal.h"

#include <string.h>

#define NONE PG__CACHE_NONE

pg_cache_options pg_cache_defaults(void)
{
    return (pg_cache_options){.max_entries = 128,
                              .ttl_ns = PG_CACHE_FOREVER,
                              .negative_ttl_ns = 5 * PG_NS_PER_SECOND,
                              .wait_limit_ns = 10 * PG_NS_PER_SECOND};
}

static pg_status check_options(const pg_cache_options *options, pg_error *err)
{
    if (options->max_entries > PG_CACHE_ENTRIES_MAX || options->max_negative > PG_CACHE_ENTRIES_MAX)
        return pg_error_set(err, PG_INVALID, "a cache holds at most %zu entries",
                            PG_CACHE_ENTRIES_MAX);
    if (options->ttl_ns < 0 || options->negative_ttl_ns < 0 || options->wait_limit_ns < 0)
        return pg_error_set(err, PG_INVALID, "a lifetime or wait limit is negative");
    if (options->policy != PG_CACHE_LRU && options->policy != PG_CACHE_SIEVE)
        return pg_error_set(err, PG_INVALID, "unknown cache policy %d", (int)options->policy);
    return PG_OK;
}

static void set_limits(pg_cache *cache, const pg_cache_options *options)
{
    size_t entries = options->max_entries > 0 ? options->max_entries : 1;
    size_t quarter = entries / 4 > 0 ? entries / 4 : 1;
    size_t negatives = options->max_negative > 0 ? options->max_negative : quarter;
    cache->lists[0] = (cache_list){NONE, NONE, NONE, 0, entries};
    cache->lists[1] = (cache_list){NONE, NONE, NONE, 0, negatives};
    cache->max_bytes = options->max_bytes > 0 ? options->max_bytes : SIZE_MAX;
    cache->ttl_ns = options->ttl_ns;
    cache->negative_ttl_ns = options->negative_ttl_ns;
    cache->wait_limit_ns = options->wait_limit_ns;
}

/// Waits for loads are measured on the monotonic clock.
static bool init_sync(pg_cache *cache)
{
    pthread_condattr_t attr;
    if (pthread_condattr_init(&attr) != 0)
        return false;
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    bool ok = pthread_cond_init(&cache->load_ended, &attr) == 0;
    (void)pthread_condattr_destroy(&attr);
    if (ok && pthread_mutex_init(&cache->mutex, NULL) != 0) {
        (void)pthread_cond_destroy(&cache->load_ended);
        ok = false;
    }
    return ok;
}

pg_status pg_cache_new(const pg_alloc *alloc, const pg_cache_options *options, pg_cache **cache,
                       pg_error *err)
{
    pg_status status = check_options(options, err);
    if (status != PG_OK)
        return status;
    pg_cache *c = pg_calloc(alloc, 1, sizeof *c + options->name.len);
    if (c == NULL || !init_sync(c)) {
        pg_free(alloc, c, sizeof *c + options->name.len);
        return pg_error_set(err, PG_NOMEM, "no memory for a cache");
    }
    c->alloc = alloc;
    c->free = NONE;
    set_limits(c, options);
    bool fine = c->ttl_ns < PG_NS_PER_SECOND || c->negative_ttl_ns < PG_NS_PER_SECOND;
    const pg_clock *stock = fine ? &pg_clock_monotonic : &pg_clock_coarse;
    c->clock = options->clock != NULL ? options->clock : stock;
    c->coarse = c->clock == &pg_clock_coarse;
    c->load_clock = options->clock != NULL ? options->clock : &pg_clock_monotonic;
    c->policy = options->policy;
    c->negative = options->negative;
    c->hash = options->hash;
    c->retain = options->retain;
    c->release = options->release;
    c->ctx = options->ctx;
    c->name_len = options->name.len;
    if (options->name.len > 0)
        memcpy(c->name, options->name.ptr, options->name.len);
    *cache = c;
    return PG_OK;
}

/// Takes every entry out; returns how many there were.
static size_t remove_all(pg_cache *cache, cache_body **dead)
{
    size_t count = 0;
    for (int i = 0; i < 2; i++)
        for (; cache->lists[i].newest != NONE; count++)
            pg__cache_remove(cache, cache->lists[i].newest, dead);
    return count;
}

void pg_cache_free(pg_cache *cache)
{
    if (cache == NULL)
        return;
    cache_body *dead = NULL;
    (void)remove_all(cache, &dead);
    pg__cache_release_dead(cache, dead);
    pg__cache_free_loads(cache);
    pg_free(cache->alloc, cache->nodes, cache->node_cap * sizeof *cache->nodes);
    if (cache->buckets != NULL)
        pg_free(cache->alloc, cache->buckets, ((size_t)cache->mask + 1) * sizeof *cache->buckets);
    (void)pthread_mutex_destroy(&cache->mutex);
    (void)pthread_cond_destroy(&cache->load_ended);
    pg_free(cache->alloc, cache, sizeof *cache + cache->name_len);
}

/// When an entry stored now with this lifetime ends; saturates at "never".
static int64_t expiry(const pg_cache *cache, int64_t ttl_ns)
{
    int64_t at = 0;
    if (ttl_ns == PG_CACHE_FOREVER || __builtin_add_overflow(pg__cache_now(cache), ttl_ns, &at))
        return PG_CACHE_FOREVER;
    return at;
}

bool pg__cache_store(pg_cache *cache, cache_body *body, uint64_t hash, int64_t ttl_ns,
                     size_t weight, bool *stored, cache_body **dead)
{
    if (ttl_ns == PG_CACHE_TTL_DEFAULT)
        ttl_ns = body->negative ? cache->negative_ttl_ns : cache->ttl_ns;
    pg_str key = {body->key, body->key_len};
    uint32_t old = pg__cache_find(cache, key, hash);
    bool fits = weight <= cache->max_bytes;
    bool visited = old != NONE;
    bool room = old != NONE || !fits || pg__cache_reserve(cache);
    if (old != NONE)
        pg__cache_remove(cache, old, dead);
    *stored = fits && room;
    if (!*stored) {
        body->next = *dead;
        *dead = body;
        return room;
    }
    pg__cache_make_room(cache, body->negative, weight, dead);
    if (!body->negative && cache->retain != NULL)
        cache->retain(cache->ctx, body->value);
    body->held = true;
    body->expires_ns = expiry(cache, ttl_ns);
    body->stored_ns = pg__cache_now(cache);
    body->weight = weight;
    pg__cache_insert(cache, body, hash, visited);
    return true;
}

static pg_status set_entry(pg_cache *cache, pg_str key, pg_cache_value value, bool negative,
                           int64_t ttl_ns, size_t weight, bool *stored, pg_error *err)
{
    if (ttl_ns < 0 && ttl_ns != PG_CACHE_TTL_DEFAULT)
        return pg_error_set(err, PG_INVALID, "a lifetime is negative");
    if (key.len > UINT32_MAX)
        return pg_error_set(err, PG_INVALID, "a cache key is longer than 4 GiB");
    cache_body *dead = NULL;
    cache_body *body = pg__cache_new_body(cache, key, value, negative);
    bool ok = body != NULL;
    bool kept = false;
    if (ok) {
        uint64_t hash = pg__cache_hash(cache, key);
        (void)pthread_mutex_lock(&cache->mutex);
        pg__cache_spoil_loads(cache, key, hash, false);
        ok = pg__cache_store(cache, body, hash, ttl_ns, weight, &kept, &dead);
        (void)pthread_mutex_unlock(&cache->mutex);
        pg__cache_release_dead(cache, dead);
    }
    if (!ok)
        return pg_error_set(err, PG_NOMEM, "no memory for a cache entry");
    if (stored != NULL)
        *stored = kept;
    return PG_OK;
}

pg_status pg_cache_set(pg_cache *cache, pg_str key, pg_cache_value value, int64_t ttl_ns,
                       size_t weight, bool *stored, pg_error *err)
{
    return set_entry(cache, key, value, false, ttl_ns, weight, stored, err);
}

pg_status pg_cache_set_negative(pg_cache *cache, pg_str key, int64_t ttl_ns, pg_error *err)
{
    return set_entry(cache, key, (pg_cache_value){.number = 0}, true, ttl_ns, 0, NULL, err);
}

static bool take_out(pg_cache *cache, pg_str key, bool rejected)
{
    uint64_t hash = pg__cache_hash(cache, key);
    cache_body *dead = NULL;
    bool alive = false;
    (void)pthread_mutex_lock(&cache->mutex);
    pg__cache_spoil_loads(cache, key, hash, false);
    uint32_t slot = pg__cache_find(cache, key, hash);
    if (slot != NONE) {
        alive = pg__cache_now(cache) <= cache->nodes[slot].body->expires_ns;
        cache->evictions[alive ? PG_CACHE_BY_EXPLICIT : PG_CACHE_BY_TTL]++;
        pg__cache_remove(cache, slot, &dead);
    }
    if (rejected && cache->hits > 0) {
        cache->hits--;
        cache->misses++;
    }
    (void)pthread_mutex_unlock(&cache->mutex);
    pg__cache_release_dead(cache, dead);
    return alive;
}

bool pg_cache_delete(pg_cache *cache, pg_str key)
{
    return take_out(cache, key, false);
}

bool pg_cache_reject(pg_cache *cache, pg_str key)
{
    return take_out(cache, key, true);
}

void pg_cache_clear(pg_cache *cache)
{
    cache_body *dead = NULL;
    (void)pthread_mutex_lock(&cache->mutex);
    pg__cache_spoil_loads(cache, (pg_str){NULL, 0}, 0, true);
    cache->evictions[PG_CACHE_BY_EXPLICIT] += remove_all(cache, &dead);
    cache->hits = 0;
    cache->misses = 0;
    (void)pthread_mutex_unlock(&cache->mutex);
    pg__cache_release_dead(cache, dead);
}

size_t pg_cache_expire(pg_cache *cache)
{
    cache_body *dead = NULL;
    size_t count = 0;
    (void)pthread_mutex_lock(&cache->mutex);
    int64_t now = pg__cache_now(cache);
    for (uint32_t slot = 0; slot < cache->node_cap; slot++) {
        const cache_node *node = &cache->nodes[slot];
        if (node->body == NULL || node->body->expires_ns == PG_CACHE_FOREVER ||
            now <= node->body->expires_ns)
            continue;
        pg__cache_remove(cache, slot, &dead);
        count++;
    }
    cache->evictions[PG_CACHE_BY_TTL] += count;
    (void)pthread_mutex_unlock(&cache->mutex);
    pg__cache_release_dead(cache, dead);
    return count;
}

static int64_t life_left(const cache_body *body, int64_t now)
{
    return body->expires_ns == PG_CACHE_FOREVER ? PG_CACHE_FOREVER : body->expires_ns - now;
}

void pg_cache_each(pg_cache *cache, bool (*visit)(void *ctx, const pg_cache_entry *entry),
                   void *ctx)
{
    (void)pthread_mutex_lock(&cache->mutex);
    bool go_on = true;
    int64_t now = pg__cache_now(cache);
    for (int i = 0; i < 2 && go_on; i++) {
        uint32_t slot = cache->lists[i].newest;
        for (; slot != NONE && go_on; slot = cache->nodes[slot].older) {
            const cache_node *node = &cache->nodes[slot];
            go_on = visit(ctx, &(pg_cache_entry){.key = {node->body->key, node->body->key_len},
                                                 .value = node->body->value,
                                                 .weight = node->body->weight,
                                                 .expires_ns = node->body->expires_ns,
                                                 .left_ns = life_left(node->body, now),
                                                 .age_ns = now - node->body->stored_ns,
                                                 .hits = node->body->hits,
                                                 .negative = node->negative});
        }
    }
    (void)pthread_mutex_unlock(&cache->mutex);
}

void pg_cache_read_stats(pg_cache *cache, pg_cache_stats *stats)
{
    (void)pthread_mutex_lock(&cache->mutex);
    uint64_t lookups = cache->hits + cache->misses;
    *stats = (pg_cache_stats){
        .name = {cache->name, cache->name_len},
        .hits = cache->hits,
        .misses = cache->misses,
        .hit_rate = lookups > 0 ? 100.0 * (double)cache->hits / (double)lookups : 0.0,
        .entries = cache->lists[0].count,
        .max_entries = cache->lists[0].limit,
        .negatives = cache->lists[1].count,
        .bytes = cache->bytes,
        .max_bytes = cache->max_bytes == SIZE_MAX ? 0 : cache->max_bytes,
        .ttl_ns = cache->ttl_ns,
        .loads = cache->load_count,
        .load_failures = cache->load_failures,
        .load_ns = cache->load_ns,
    };
    memcpy(stats->evictions, cache->evictions, sizeof stats->evictions);
    (void)pthread_mutex_unlock(&cache->mutex);
}
