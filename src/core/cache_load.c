/// Single flight: one computation per key, however many threads ask. See cache.h.
#include "cache_internal.h"

#include <string.h>
#include <time.h>

static pg_str load_key(const pg_cache_load *load)
{
    return (pg_str){load->key, load->key_len};
}

void pg__cache_spoil_loads(pg_cache *cache, pg_str key, uint64_t hash, bool all)
{
    for (pg_cache_load *load = cache->loads; load != NULL; load = load->next)
        if (all || (load->hash == hash && pg_str_equal(load_key(load), key)))
            load->stale = true;
}

/// The load of `key` that a newcomer may join: one whose result is still wanted. A load that
/// `owner` itself runs is found even when it is out of date, since it would recurse.
static pg_cache_load *find_load(const pg_cache *cache, pg_str key, uint64_t hash, const void *owner)
{
    for (pg_cache_load *load = cache->loads; load != NULL; load = load->next)
        if (load->hash == hash && (!load->stale || load->owner == owner) &&
            pg_str_equal(load_key(load), key))
            return load;
    return NULL;
}

/// Adds a load under way; NULL when memory is short. The mutex is held.
static pg_cache_load *add_load(pg_cache *cache, pg_str key, uint64_t hash, const void *owner)
{
    pg_cache_load *load = pg_calloc(cache->alloc, 1, sizeof *load + key.len);
    if (load == NULL)
        return NULL;
    load->cache = cache;
    load->owner = owner;
    load->started_ns = pg_now_ns(cache->load_clock);
    load->hash = hash;
    load->refs = 1;
    load->key_len = key.len;
    if (key.len > 0)
        memcpy(load->key, key.ptr, key.len);
    load->next = cache->loads;
    cache->loads = load;
    return load;
}

static pg_status recursive_load(pg_error *err)
{
    return pg_error_set(err, PG_INVALID, "recursive load: the loader of a key asked for that key");
}

static pg_status no_memory(pg_error *err)
{
    return pg_error_set(err, PG_NOMEM, "no memory for a cache load");
}

pg_status pg_cache_load_begin(pg_cache *cache, pg_str key, const void *owner, pg_cache_load **load,
                              pg_error *err)
{
    uint64_t hash = pg__cache_hash(cache, key);
    pg_status status = PG_OK;
    (void)pthread_mutex_lock(&cache->mutex);
    const pg_cache_load *running = find_load(cache, key, hash, owner);
    pg_cache_load *mine = NULL;
    if (running == NULL) {
        mine = add_load(cache, key, hash, owner);
        status = mine != NULL ? PG_OK : PG_NOMEM;
    } else if (running->owner == owner) {
        status = PG_INVALID;
    }
    (void)pthread_mutex_unlock(&cache->mutex);
    if (status == PG_NOMEM)
        return no_memory(err);
    if (status == PG_INVALID)
        return recursive_load(err);
    *load = mine;
    return PG_OK;
}

static void count_load(pg_cache *cache, bool ok, int64_t elapsed_ns)
{
    cache->load_count++;
    cache->load_failures += ok ? 0 : 1;
    cache->load_ns += elapsed_ns > 0 ? (uint64_t)elapsed_ns : 0;
}

void pg_cache_count_load(pg_cache *cache, bool ok, int64_t elapsed_ns)
{
    (void)pthread_mutex_lock(&cache->mutex);
    count_load(cache, ok, elapsed_ns);
    (void)pthread_mutex_unlock(&cache->mutex);
}

/// Takes the load off the list of those under way, counts it and wakes the waiters.
static void end_load(pg_cache_load *load, pg_status status)
{
    pg_cache *cache = load->cache;
    pg_cache_load **link = &cache->loads;
    while (*link != load)
        link = &(*link)->next;
    *link = load->next;
    load->done = true;
    load->status = status;
    count_load(cache, status == PG_OK, pg_now_ns(cache->load_clock) - load->started_ns);
    if (load->refs > 1)
        (void)pthread_cond_broadcast(&cache->load_ended);
}

/// Drops one reference; true when it was the last and the load is the caller's to free.
static bool unref_load(pg_cache_load *load)
{
    return --load->refs == 0;
}

/// Frees a load nobody refers to. The mutex is not held.
static void free_load(pg_cache_load *load, bool holds_value)
{
    pg_cache *cache = load->cache;
    if (holds_value && !load->found.negative && cache->release != NULL)
        cache->release(cache->ctx, load->found.value);
    pg_free(cache->alloc, load, sizeof *load + load->key_len);
}

void pg__cache_free_loads(pg_cache *cache)
{
    while (cache->loads != NULL) {
        pg_cache_load *load = cache->loads;
        cache->loads = load->next;
        free_load(load, false);
    }
}

/// Whether the result is one to keep, the state of the load aside.
static bool wants_store(const pg_cache *cache, const pg_cache_loaded *loaded)
{
    if (loaded->no_store || (loaded->ttl_ns < 0 && loaded->ttl_ns != PG_CACHE_TTL_DEFAULT))
        return false;
    return !loaded->negative || cache->negative;
}

bool pg_cache_load_finish(pg_cache_load *load, const pg_cache_loaded *loaded)
{
    pg_cache *cache = load->cache;
    cache_body *dead = NULL;
    cache_body *body = NULL;
    bool stored = false;
    if (wants_store(cache, loaded))
        body = pg__cache_new_body(cache, load_key(load), loaded->value, loaded->negative);
    (void)pthread_mutex_lock(&cache->mutex);
    if (body != NULL && !load->stale) {
        size_t weight = loaded->negative ? 0 : loaded->weight;
        (void)pg__cache_store(cache, body, load->hash, loaded->ttl_ns, weight, &stored, &dead);
        body = NULL;
    }
    load->found = *loaded;
    end_load(load, PG_OK);
    bool last = unref_load(load);
    if (!last && !loaded->negative && cache->retain != NULL)
        cache->retain(cache->ctx, loaded->value); // for the waiters, who free it with the load
    (void)pthread_mutex_unlock(&cache->mutex);
    if (body != NULL)
        pg_free(cache->alloc, body, sizeof *body + body->key_len);
    pg__cache_release_dead(cache, dead);
    if (last)
        free_load(load, false);
    return stored;
}

void pg_cache_load_fail(pg_cache_load *load, pg_status status, const pg_error *err)
{
    pg_cache *cache = load->cache;
    (void)pthread_mutex_lock(&cache->mutex);
    if (err != NULL)
        load->err = *err;
    else
        (void)pg_error_set(&load->err, status, "%s", pg_status_text(status));
    end_load(load, status);
    bool last = unref_load(load);
    (void)pthread_mutex_unlock(&cache->mutex);
    if (last)
        free_load(load, false);
}

static struct timespec deadline_after(int64_t limit_ns)
{
    int64_t now = pg_now_ns(&pg_clock_monotonic);
    int64_t at = limit_ns > INT64_MAX - now ? INT64_MAX : now + limit_ns;
    return (struct timespec){.tv_sec = (time_t)(at / PG_NS_PER_SECOND),
                             .tv_nsec = (long)(at % PG_NS_PER_SECOND)};
}

/// What a waiter came back with.
typedef enum wait_outcome { WAIT_DONE, WAIT_TIMED_OUT } wait_outcome;

/// Waits for another thread's load. Called with the mutex held, returns with it released.
static wait_outcome await_load(pg_cache_load *load, pg_cache_value *value, pg_cache_result *result,
                               pg_status *status, pg_error *err)
{
    pg_cache *cache = load->cache;
    struct timespec deadline = deadline_after(cache->wait_limit_ns);
    load->refs++;
    int rc = 0;
    while (!load->done && rc == 0)
        rc = pthread_cond_timedwait(&cache->load_ended, &cache->mutex, &deadline);
    bool done = load->done;
    bool found = done && load->status == PG_OK;
    if (done)
        *status = load->status;
    if (done && !found && err != NULL)
        *err = load->err;
    cache->hits += found;
    cache->misses += !found;
    if (found)
        *result = load->found.negative ? PG_CACHE_NEGATIVE : PG_CACHE_HIT;
    if (found && !load->found.negative) {
        *value = load->found.value;
        if (cache->retain != NULL)
            cache->retain(cache->ctx, *value);
    }
    bool last = unref_load(load);
    (void)pthread_mutex_unlock(&cache->mutex);
    if (last)
        free_load(load, found);
    return done ? WAIT_DONE : WAIT_TIMED_OUT;
}

/// Runs the loader and reports its result to `load` (NULL = nobody waits, nothing is stored).
static pg_status run_loader(pg_cache *cache, pg_str key, pg_cache_load *load,
                            pg_cache_loader loader, void *ctx, pg_cache_value *value,
                            pg_cache_result *result, pg_error *err)
{
    pg_error local = {0};
    pg_cache_loaded loaded = {.ttl_ns = PG_CACHE_TTL_DEFAULT};
    int64_t start = load != NULL ? 0 : pg_now_ns(cache->load_clock);
    pg_status status = loader(ctx, key, &loaded, &local);
    if (load == NULL)
        pg_cache_count_load(cache, status == PG_OK, pg_now_ns(cache->load_clock) - start);
    else if (status == PG_OK)
        (void)pg_cache_load_finish(load, &loaded);
    else
        pg_cache_load_fail(load, status, &local);
    if (status != PG_OK) {
        if (err != NULL)
            *err = local;
        return status;
    }
    *result = loaded.negative ? PG_CACHE_NEGATIVE : PG_CACHE_LOADED;
    if (!loaded.negative)
        *value = loaded.value;
    return PG_OK;
}

/// Stands for the calling thread.
static const void *this_thread(void)
{
    return (const void *)(uintptr_t)pthread_self();
}

pg_status pg_cache_get_or_load(pg_cache *cache, pg_str key, pg_cache_loader loader, void *ctx,
                               pg_cache_value *value, pg_cache_result *result, pg_error *err)
{
    uint64_t hash = pg__cache_hash(cache, key);
    cache_body *dead = NULL;
    (void)pthread_mutex_lock(&cache->mutex);
    pg_cache_result found = pg__cache_lookup(cache, key, hash, value, &dead);
    if (found == PG_CACHE_HIT || found == PG_CACHE_NEGATIVE) {
        (void)pthread_mutex_unlock(&cache->mutex);
        *result = found;
        return PG_OK;
    }
    pg_cache_load *running = find_load(cache, key, hash, this_thread());
    if (running != NULL && running->owner != this_thread()) {
        pg_status status = PG_OK;
        wait_outcome outcome = await_load(running, value, result, &status, err);
        pg__cache_release_dead(cache, dead);
        if (outcome == WAIT_DONE)
            return status;
        return run_loader(cache, key, NULL, loader, ctx, value, result, err);
    }
    cache->misses++;
    pg_cache_load *mine = running == NULL ? add_load(cache, key, hash, this_thread()) : NULL;
    (void)pthread_mutex_unlock(&cache->mutex);
    pg__cache_release_dead(cache, dead);
    if (running != NULL)
        return recursive_load(err);
    if (mine == NULL)
        return no_memory(err);
    return run_loader(cache, key, mine, loader, ctx, value, result, err);
}
