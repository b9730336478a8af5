/// The structure of a cache: slab of slots, hash chains, lists in order of use. See
/// cache_internal.h. Links are 32-bit slot numbers, so the slab can move when it grows.
#include "cache_internal.h"

#include <string.h>

#define NONE PG__CACHE_NONE

static void list_push(pg_cache *cache, cache_list *list, uint32_t slot)
{
    cache_node *node = &cache->nodes[slot];
    node->newer = NONE;
    node->older = list->newest;
    if (list->newest != NONE)
        cache->nodes[list->newest].newer = slot;
    else
        list->oldest = slot;
    list->newest = slot;
}

static void list_unlink(pg_cache *cache, cache_list *list, uint32_t slot)
{
    const cache_node *node = &cache->nodes[slot];
    if (list->hand == slot)
        list->hand = node->newer;
    if (node->newer != NONE)
        cache->nodes[node->newer].older = node->older;
    else
        list->newest = node->older;
    if (node->older != NONE)
        cache->nodes[node->older].newer = node->newer;
    else
        list->oldest = node->newer;
}

/// Chains every used slot into fresh buckets.
static void rehash(pg_cache *cache)
{
    for (uint32_t i = 0; i <= cache->mask; i++)
        cache->buckets[i] = NONE;
    for (uint32_t slot = 0; slot < cache->node_cap; slot++) {
        cache_node *node = &cache->nodes[slot];
        if (node->body == NULL)
            continue;
        uint32_t *head = &cache->buckets[node->hash & cache->mask];
        node->hnext = *head;
        *head = slot;
    }
}

bool pg__cache_reserve(pg_cache *cache)
{
    if (cache->free != NONE)
        return true;
    uint32_t cap = cache->node_cap == 0 ? 8 : cache->node_cap * 2;
    size_t bucket_count = (size_t)cap * 2; // chains of half an entry on average
    uint32_t *buckets = pg_malloc(cache->alloc, bucket_count * sizeof *buckets);
    if (buckets == NULL)
        return false;
    cache_node *nodes = pg_realloc(cache->alloc, cache->nodes, cache->node_cap * sizeof *nodes,
                                   cap * sizeof *nodes);
    if (nodes == NULL) {
        pg_free(cache->alloc, buckets, bucket_count * sizeof *buckets);
        return false;
    }
    for (uint32_t slot = cap; slot-- > cache->node_cap;) {
        nodes[slot] = (cache_node){.hnext = cache->free};
        cache->free = slot;
    }
    if (cache->buckets != NULL)
        pg_free(cache->alloc, cache->buckets, ((size_t)cache->mask + 1) * sizeof *buckets);
    cache->nodes = nodes;
    cache->node_cap = cap;
    cache->buckets = buckets;
    cache->mask = (uint32_t)(bucket_count - 1);
    rehash(cache);
    return true;
}

void pg__cache_insert(pg_cache *cache, cache_body *body, uint64_t hash, bool visited)
{
    uint32_t slot = cache->free;
    cache_node *node = &cache->nodes[slot];
    cache->free = node->hnext;
    uint32_t *head = &cache->buckets[hash & cache->mask];
    *node = (cache_node){
        .hash = hash, .body = body, .hnext = *head, .negative = body->negative, .visited = visited};
    *head = slot;
    cache_list *list = &cache->lists[body->negative];
    list_push(cache, list, slot);
    list->count++;
    cache->bytes += body->weight;
}

void pg__cache_remove(pg_cache *cache, uint32_t slot, cache_body **dead)
{
    cache_node *node = &cache->nodes[slot];
    uint32_t *link = &cache->buckets[node->hash & cache->mask];
    while (*link != slot)
        link = &cache->nodes[*link].hnext;
    *link = node->hnext;
    cache_list *list = &cache->lists[node->negative];
    list_unlink(cache, list, slot);
    list->count--;
    cache->bytes -= node->body->weight;
    node->body->next = *dead;
    *dead = node->body;
    node->body = NULL;
    node->hnext = cache->free;
    cache->free = slot;
}

/// The entry that the policy gives up next; the list is not empty.
static uint32_t choose_victim(pg_cache *cache, cache_list *list)
{
    if (cache->policy == PG_CACHE_LRU)
        return list->oldest;
    uint32_t slot = list->hand != NONE ? list->hand : list->oldest;
    while (cache->nodes[slot].visited) {
        cache->nodes[slot].visited = false;
        slot = cache->nodes[slot].newer;
        if (slot == NONE)
            slot = list->oldest;
    }
    list->hand = slot; // removal moves it on to the next newer one
    return slot;
}

void pg__cache_make_room(pg_cache *cache, bool negative, size_t weight, cache_body **dead)
{
    cache_list *list = &cache->lists[negative];
    while (list->count >= list->limit) {
        cache->evictions[PG_CACHE_BY_SIZE]++;
        pg__cache_remove(cache, choose_victim(cache, list), dead);
    }
    while (cache->bytes > cache->max_bytes - weight) {
        cache->evictions[PG_CACHE_BY_BYTES]++;
        pg__cache_remove(cache, choose_victim(cache, &cache->lists[0]), dead);
    }
}

cache_body *pg__cache_new_body(const pg_cache *cache, pg_str key, pg_cache_value value,
                               bool negative)
{
    cache_body *body = pg_malloc(cache->alloc, sizeof *body + key.len);
    if (body == NULL)
        return NULL;
    *body = (cache_body){
        .value = value, .key_len = (uint32_t)key.len, .negative = negative, .held = false};
    if (key.len > 0)
        memcpy(body->key, key.ptr, key.len);
    return body;
}

void pg__cache_release_dead(pg_cache *cache, cache_body *dead)
{
    while (dead != NULL) {
        cache_body *next = dead->next;
        if (dead->held && !dead->negative && cache->release != NULL)
            cache->release(cache->ctx, dead->value);
        pg_free(cache->alloc, dead, sizeof *dead + dead->key_len);
        dead = next;
    }
}
