/// Cache hits beside an uncontended lock and unlock, in one run. Prints name, operations and
/// nanoseconds an operation, tab-separated; a ratio row has the ratio in place of nanoseconds. The
/// cost of choosing a key is taken off the hits.
#include "promptgen/cache.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS = 1000, BIG = 100000, ROUNDS = 9, OPS = 200000 };

static char keys[BIG][48];
static pg_cache_value sink;

static double elapsed_per_op(int64_t start, int ops)
{
    return (double)(pg_now_ns(NULL) - start) / ops;
}

static double time_lock(void)
{
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    int64_t start = pg_now_ns(NULL);
    for (int i = 0; i < OPS; i++) {
        (void)pthread_mutex_lock(&mutex);
        __asm__ volatile("" ::: "memory");
        (void)pthread_mutex_unlock(&mutex);
    }
    return elapsed_per_op(start, OPS);
}

static double time_hits(pg_cache *cache, unsigned key_count)
{
    unsigned at = 1;
    int64_t start = pg_now_ns(NULL);
    for (int i = 0; i < OPS; i++) {
        at = (at * 1664525u + 1013904223u);
        const char *key = keys[(at >> 8) % key_count];
        if (pg_cache_get(cache, (pg_str){key, 42}, &sink) != PG_CACHE_HIT)
            abort();
    }
    return elapsed_per_op(start, OPS);
}

/// What choosing a key costs, to be taken off the hits.
static double time_choice(unsigned key_count)
{
    unsigned at = 1;
    unsigned sum = 0;
    int64_t start = pg_now_ns(NULL);
    for (int i = 0; i < OPS; i++) {
        at = (at * 1664525u + 1013904223u);
        const char *key = keys[(at >> 8) % key_count];
        sum += (unsigned char)key[41];
        __asm__ volatile("" : "+r"(sum));
    }
    sink.number = sum;
    return elapsed_per_op(start, OPS);
}

/// Two threads at once on the same thing, wall time of one operation of each.
typedef struct pair {
    pg_cache *cache; ///< NULL = only lock and unlock
    pthread_mutex_t mutex;
    pthread_barrier_t start;
} pair;

static void *work_of_pair(void *arg)
{
    pair *p = arg;
    pg_cache_value value;
    (void)pthread_barrier_wait(&p->start);
    for (int i = 0; i < OPS; i++) {
        if (p->cache == NULL) {
            (void)pthread_mutex_lock(&p->mutex);
            (void)pthread_mutex_unlock(&p->mutex);
        } else if (pg_cache_get(p->cache, (pg_str){keys[i % KEYS], 42}, &value) != PG_CACHE_HIT) {
            abort();
        }
    }
    return NULL;
}

static double time_two_threads(pg_cache *cache)
{
    pair p = {.cache = cache, .mutex = PTHREAD_MUTEX_INITIALIZER};
    pthread_t other;
    if (pthread_barrier_init(&p.start, NULL, 2) != 0 ||
        pthread_create(&other, NULL, work_of_pair, &p) != 0)
        abort();
    int64_t start = pg_now_ns(NULL);
    (void)work_of_pair(&p);
    (void)pthread_join(other, NULL);
    (void)pthread_barrier_destroy(&p.start);
    return elapsed_per_op(start, OPS);
}

static double time_set_and_evict(pg_cache *cache)
{
    int64_t start = pg_now_ns(NULL);
    for (int i = 0; i < OPS; i++)
        if (pg_cache_set(cache, (pg_str){keys[i % (KEYS * 4)], 42}, sink, PG_CACHE_TTL_DEFAULT, 1,
                         NULL, NULL) != PG_OK)
            abort();
    return elapsed_per_op(start, OPS);
}

static pg_cache *make(size_t entries, int64_t ttl_ns, pg_cache_policy policy)
{
    pg_cache_options options = pg_cache_defaults();
    options.max_entries = entries;
    options.ttl_ns = ttl_ns;
    options.policy = policy;
    pg_cache *cache = NULL;
    if (pg_cache_new(NULL, &options, &cache, NULL) != PG_OK)
        abort();
    for (size_t i = 0; i < entries; i++)
        if (pg_cache_set(cache, (pg_str){keys[i], 42}, sink, PG_CACHE_TTL_DEFAULT, 1, NULL, NULL) !=
            PG_OK)
            abort();
    return cache;
}

static void keep_best(double *best, double value)
{
    if (*best == 0 || value < *best)
        *best = value;
}

int main(void)
{
    enum { LOCK, CHOICE, CHOICE_LARGE, PLAIN, TTL, SIEVE, LARGE, SET, COUNT };
    static const char *const names[COUNT] = {
        "cache.lock_unlock", "cache.choose_1k",    "cache.choose_100k", "cache.hit_1k",
        "cache.hit_1k_ttl",  "cache.hit_1k_sieve", "cache.hit_100k",    "cache.set_evict"};
    for (int i = 0; i < BIG; i++) {
        memset(keys[i], 'k', sizeof keys[i]);
        (void)snprintf(keys[i] + 36, 12, "%06d", i);
    }
    pg_cache *plain = make(KEYS, PG_CACHE_FOREVER, PG_CACHE_LRU);
    pg_cache *ttl = make(KEYS, 300 * PG_NS_PER_SECOND, PG_CACHE_LRU);
    pg_cache *sieve = make(KEYS, PG_CACHE_FOREVER, PG_CACHE_SIEVE);
    pg_cache *large = make(BIG, 300 * PG_NS_PER_SECOND, PG_CACHE_LRU);
    pg_cache *churn = make(KEYS, PG_CACHE_FOREVER, PG_CACHE_LRU);
    double best[COUNT] = {0};
    for (int round = 0; round < ROUNDS; round++) {
        keep_best(&best[LOCK], time_lock());
        keep_best(&best[CHOICE], time_choice(KEYS));
        keep_best(&best[CHOICE_LARGE], time_choice(BIG));
        keep_best(&best[PLAIN], time_hits(plain, KEYS));
        keep_best(&best[TTL], time_hits(ttl, KEYS));
        keep_best(&best[SIEVE], time_hits(sieve, KEYS));
        keep_best(&best[LARGE], time_hits(large, BIG));
        keep_best(&best[SET], time_set_and_evict(churn));
    }
    for (int i = PLAIN; i <= SIEVE; i++)
        best[i] -= best[CHOICE];
    best[LARGE] -= best[CHOICE_LARGE];
    for (int i = 0; i < COUNT; i++)
        printf("%s\t%d\t%.1f\n", names[i], OPS, best[i]);
    // Last: from the first thread on, the cache takes its lock.
    double lock_two = 0, hit_two = 0;
    for (int round = 0; round < ROUNDS; round++) {
        keep_best(&lock_two, time_two_threads(NULL));
        keep_best(&hit_two, time_two_threads(ttl));
    }
    printf("cache.lock_unlock_2_threads\t%d\t%.1f\ncache.hit_1k_ttl_2_threads\t%d\t%.1f\n", OPS,
           lock_two, OPS, hit_two);
    printf("cache.hit_1k_ttl / cache.lock_unlock\tratio\t%.2f\n", best[TTL] / best[LOCK]);
    pg_cache_free(plain);
    pg_cache_free(ttl);
    pg_cache_free(sieve);
    pg_cache_free(large);
    pg_cache_free(churn);
    return 0;
}
