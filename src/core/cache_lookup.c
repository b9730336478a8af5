/// Looking up: hash, find, mark as used. One file, so that the compiler sees the hot path as a
/// whole.
#include "cache_internal.h"

#include <string.h>
#include <sys/single_threaded.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define NONE PG__CACHE_NONE

// A call costs as much as a tenth of a hit.
#define INLINE static inline __attribute__((always_inline))

INLINE uint64_t hash_key(const pg_cache *cache, pg_str key)
{
    return cache->hash != NULL ? cache->hash(key) : XXH3_64bits(key.ptr, key.len);
}

uint64_t pg__cache_hash(const pg_cache *cache, pg_str key)
{
    return hash_key(cache, key);
}

/// Compares keys of the usual length without a call: words of 16 bytes, the last two of which may
/// overlap.
INLINE bool same_bytes(const char *a, const char *b, size_t len)
{
    typedef uint64_t word __attribute__((vector_size(16)));
    word x, y, differs;
    if (len < sizeof x || len > 8 * sizeof x)
        return len == 0 || memcmp(a, b, len) == 0;
    memcpy(&x, a + len - sizeof x, sizeof x);
    memcpy(&y, b + len - sizeof y, sizeof y);
    differs = x ^ y;
    for (size_t at = 0; at + sizeof x < len; at += sizeof x) {
        memcpy(&x, a + at, sizeof x);
        memcpy(&y, b + at, sizeof y);
        differs |= x ^ y;
    }
    return (differs[0] | differs[1]) == 0;
}

INLINE uint32_t find(const pg_cache *cache, pg_str key, uint64_t hash)
{
    if (cache->buckets == NULL)
        return NONE;
    uint32_t slot = cache->buckets[hash & cache->mask];
    for (; slot != NONE; slot = cache->nodes[slot].hnext) {
        const cache_node *node = &cache->nodes[slot];
        if (node->hash == hash && node->body->key_len == key.len &&
            same_bytes(node->body->key, key.ptr, key.len))
            break;
    }
    return slot;
}

uint32_t pg__cache_find(const pg_cache *cache, pg_str key, uint64_t hash)
{
    return find(cache, key, hash);
}

INLINE bool expired(const pg_cache *cache, const cache_body *body)
{
    return body->expires_ns != PG_CACHE_FOREVER && pg__cache_now(cache) > body->expires_ns;
}

/// Marks the slot as used, as the policy wants it.
INLINE void touch(pg_cache *cache, uint32_t slot)
{
    cache_node *node = &cache->nodes[slot];
    cache_list *list = &cache->lists[node->negative];
    if (cache->policy == PG_CACHE_SIEVE) {
        node->visited = true;
        return;
    }
    if (list->newest == slot)
        return;
    cache->nodes[node->newer].older = node->older;
    if (node->older != NONE)
        cache->nodes[node->older].newer = node->newer;
    else
        list->oldest = node->newer;
    node->newer = NONE;
    node->older = list->newest;
    cache->nodes[list->newest].newer = slot;
    list->newest = slot;
}

/// Hands out what is in the slot and counts a hit.
INLINE pg_cache_result serve(pg_cache *cache, uint32_t slot, pg_cache_value *value)
{
    cache_body *body = cache->nodes[slot].body;
    cache->hits++;
    body->hits++;
    touch(cache, slot);
    if (body->negative)
        return PG_CACHE_NEGATIVE;
    *value = body->value;
    if (cache->retain != NULL)
        cache->retain(cache->ctx, body->value);
    return PG_CACHE_HIT;
}

/// Nothing there, or nothing any more: the entry is taken out.
static pg_cache_result drop(pg_cache *cache, uint32_t slot, cache_body **dead)
{
    if (slot == NONE)
        return PG_CACHE_MISS;
    cache->evictions[PG_CACHE_BY_TTL]++;
    pg__cache_remove(cache, slot, dead);
    return PG_CACHE_EXPIRED;
}

pg_cache_result pg__cache_lookup(pg_cache *cache, pg_str key, uint64_t hash, pg_cache_value *value,
                                 cache_body **dead)
{
    uint32_t slot = find(cache, key, hash);
    if (slot != NONE && !expired(cache, cache->nodes[slot].body))
        return serve(cache, slot, value);
    return drop(cache, slot, dead);
}

/// Ends a look-up in vain; unlocks.
static __attribute__((noinline)) pg_cache_result miss(pg_cache *cache, uint32_t slot, bool alone)
{
    cache_body *dead = NULL;
    pg_cache_result result = drop(cache, slot, &dead);
    cache->misses++;
    if (!alone)
        (void)pthread_mutex_unlock(&cache->mutex);
    pg__cache_release_dead(cache, dead);
    return result;
}

pg_cache_result pg_cache_get(pg_cache *cache, pg_str key, pg_cache_value *value)
{
    uint64_t hash = hash_key(cache, key);
    // While there is only one thread, the lock would be a fifth of the time of a hit. No thread can
    // come into being before the look-up is over, since nothing in it creates one.
    bool alone = __libc_single_threaded;
    if (!alone)
        (void)pthread_mutex_lock(&cache->mutex);
    uint32_t slot = find(cache, key, hash);
    if (slot == NONE || expired(cache, cache->nodes[slot].body))
        return miss(cache, slot, alone);
    pg_cache_result result = serve(cache, slot, value);
    if (!alone)
        (void)pthread_mutex_unlock(&cache->mutex);
    return result;
}

pg_cache_result pg_cache_peek(pg_cache *cache, pg_str key, pg_cache_value *value)
{
    uint64_t hash = hash_key(cache, key);
    pg_cache_result result = PG_CACHE_MISS;
    (void)pthread_mutex_lock(&cache->mutex);
    uint32_t slot = find(cache, key, hash);
    if (slot != NONE) {
        const cache_body *body = cache->nodes[slot].body;
        result = expired(cache, body) ? PG_CACHE_EXPIRED
                 : body->negative     ? PG_CACHE_NEGATIVE
                                      : PG_CACHE_HIT;
        if (result == PG_CACHE_HIT) {
            *value = body->value;
            if (cache->retain != NULL)
                cache->retain(cache->ctx, *value);
        }
    }
    (void)pthread_mutex_unlock(&cache->mutex);
    return result;
}
