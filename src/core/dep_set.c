/// A set of dependencies by path. See dep_set.h.
#include "promptgen/dep_set.h"

#include <string.h>

enum { BLOCK = 64 * 1024, FIRST_CAP = 64 };

/// Paths are copied into blocks that never move.
typedef struct path_block {
    struct path_block *next;
    size_t used;
    size_t size;
    char bytes[];
} path_block;

/// Invariant: each item is in the buckets once; at most half of the buckets are used.
struct pg_dep_set {
    const pg_alloc *alloc;
    pg_dep *items;
    size_t count;
    size_t cap;        ///< a power of two
    uint32_t *buckets; ///< 2 * cap of them: position + 1, 0 = free
    path_block *blocks;
    bool mixed;
};

pg_status pg_dep_set_new(const pg_alloc *alloc, pg_dep_set **out, pg_error *err)
{
    pg_dep_set *set = pg_calloc(alloc, 1, sizeof *set);
    if (set == NULL)
        return pg_error_set(err, PG_NOMEM, "no memory for a set of dependencies");
    set->alloc = alloc;
    *out = set;
    return PG_OK;
}

static size_t bucket_bytes(size_t cap)
{
    return 2 * cap * sizeof(uint32_t);
}

void pg_dep_set_free(pg_dep_set *set)
{
    if (set == NULL)
        return;
    while (set->blocks != NULL) {
        path_block *next = set->blocks->next;
        pg_free(set->alloc, set->blocks, sizeof *set->blocks + set->blocks->size);
        set->blocks = next;
    }
    pg_free(set->alloc, set->items, set->cap * sizeof *set->items);
    pg_free(set->alloc, set->buckets, bucket_bytes(set->cap));
    pg_free(set->alloc, set, sizeof *set);
}

/// The bucket of `path`: where it is, or the free one where it would go.
static uint32_t *bucket_of(const pg_dep *items, uint32_t *buckets, size_t cap, pg_str path)
{
    size_t mask = 2 * cap - 1;
    size_t at = (size_t)pg_hash64(path) & mask;
    while (buckets[at] != 0 && !pg_str_equal(items[buckets[at] - 1].path, path))
        at = (at + 1) & mask;
    return &buckets[at];
}

static bool grow(pg_dep_set *set)
{
    size_t cap = set->cap == 0 ? FIRST_CAP : 2 * set->cap;
    uint32_t *buckets = cap < UINT32_MAX / 2 ? pg_calloc(set->alloc, 1, bucket_bytes(cap)) : NULL;
    if (buckets == NULL)
        return false;
    pg_dep *items =
        pg_realloc(set->alloc, set->items, set->cap * sizeof *items, cap * sizeof *items);
    if (items == NULL) {
        pg_free(set->alloc, buckets, bucket_bytes(cap));
        return false;
    }
    for (size_t i = 0; i < set->count; i++)
        *bucket_of(items, buckets, cap, items[i].path) = (uint32_t)i + 1;
    pg_free(set->alloc, set->buckets, bucket_bytes(set->cap));
    set->items = items;
    set->buckets = buckets;
    set->cap = cap;
    return true;
}

/// A copy of `path` that lives as long as the set; NULL when memory is short.
static const char *keep_path(pg_dep_set *set, pg_str path)
{
    if (set->blocks == NULL || set->blocks->size - set->blocks->used < path.len) {
        size_t size = path.len > BLOCK ? path.len : BLOCK;
        path_block *block = pg_malloc(set->alloc, sizeof *block + size);
        if (block == NULL)
            return NULL;
        *block = (path_block){.next = set->blocks, .size = size};
        set->blocks = block;
    }
    char *copy = set->blocks->bytes + set->blocks->used;
    if (path.len > 0)
        memcpy(copy, path.ptr, path.len);
    set->blocks->used += path.len;
    return copy;
}

pg_status pg_dep_set_add(pg_dep_set *set, const pg_dep *dep, uint32_t *position, pg_error *err)
{
    if (set->count == set->cap && !grow(set))
        return pg_error_set(err, PG_NOMEM, "no memory for a dependency");
    uint32_t *bucket = bucket_of(set->items, set->buckets, set->cap, dep->path);
    if (*bucket == 0) {
        const char *path = keep_path(set, dep->path);
        if (path == NULL)
            return pg_error_set(err, PG_NOMEM, "no memory for a dependency");
        set->items[set->count] = *dep;
        set->items[set->count].path.ptr = path;
        *bucket = (uint32_t)++set->count;
    }
    const pg_dep *kept = &set->items[*bucket - 1];
    set->mixed = set->mixed || kept->kind != dep->kind || !pg_hash128_equal(kept->hash, dep->hash);
    if (position != NULL)
        *position = *bucket - 1;
    return PG_OK;
}

size_t pg_dep_set_count(const pg_dep_set *set)
{
    return set->count;
}

const pg_dep *pg_dep_set_items(const pg_dep_set *set)
{
    return set->items;
}

bool pg_dep_set_mixed(const pg_dep_set *set)
{
    return set->mixed;
}
