/// The cache against a naive model under random operations, and under two threads.
#include "support.h"

#include "promptgen/cache.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS = 24, MODEL_MAX = 64 };

typedef struct model_entry {
    int key;
    uint64_t value;
    size_t weight;
    int64_t expires;
    bool visited;
} model_entry;

/// An array in list order, newest first; every operation is a linear walk.
typedef struct model {
    model_entry entries[MODEL_MAX];
    int count;
    int hand_key; ///< key at the hand of SIEVE, -1 = none
    int max_entries;
    size_t max_bytes;
    bool sieve;
    uint64_t hits, misses;
} model;

static int model_find(const model *m, int key)
{
    for (int i = 0; i < m->count; i++)
        if (m->entries[i].key == key)
            return i;
    return -1;
}

static void model_remove(model *m, int index)
{
    if (m->hand_key == m->entries[index].key)
        m->hand_key = index > 0 ? m->entries[index - 1].key : -1;
    for (int i = index; i + 1 < m->count; i++)
        m->entries[i] = m->entries[i + 1];
    m->count--;
}

static void model_push(model *m, model_entry entry)
{
    for (int i = m->count; i > 0; i--)
        m->entries[i] = m->entries[i - 1];
    m->entries[0] = entry;
    m->count++;
}

static size_t model_bytes(const model *m)
{
    size_t sum = 0;
    for (int i = 0; i < m->count; i++)
        sum += m->entries[i].weight;
    return sum;
}

static void model_evict(model *m)
{
    int at = m->count - 1;
    if (m->sieve) {
        if (m->hand_key >= 0)
            at = model_find(m, m->hand_key);
        while (m->entries[at].visited) {
            m->entries[at].visited = false;
            at = at > 0 ? at - 1 : m->count - 1;
        }
        m->hand_key = m->entries[at].key;
    }
    model_remove(m, at);
}

static bool model_get(model *m, int key, int64_t now, uint64_t *value)
{
    int at = model_find(m, key);
    if (at >= 0 && now > m->entries[at].expires) {
        model_remove(m, at);
        at = -1;
    }
    if (at < 0) {
        m->misses++;
        return false;
    }
    m->hits++;
    *value = m->entries[at].value;
    if (m->sieve) {
        m->entries[at].visited = true;
    } else {
        model_entry entry = m->entries[at];
        model_remove(m, at);
        model_push(m, entry);
    }
    return true;
}

static bool model_set(model *m, model_entry entry)
{
    int at = model_find(m, entry.key);
    if (at >= 0)
        model_remove(m, at);
    entry.visited = at >= 0;
    if (entry.weight > m->max_bytes)
        return false;
    while (m->count >= m->max_entries || model_bytes(m) + entry.weight > m->max_bytes)
        model_evict(m);
    model_push(m, entry);
    return true;
}

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static pg_str key_text(int key, char *text, size_t size)
{
    int n = snprintf(text, size, "key-%d", key);
    return (pg_str){text, (size_t)n};
}

typedef struct order_check {
    const model *m;
    int at;
} order_check;

static bool same_order(void *ctx, const pg_cache_entry *entry)
{
    order_check *check = ctx;
    assert_true(check->at < check->m->count);
    const model_entry *expected = &check->m->entries[check->at++];
    char text[16];
    assert_true(pg_str_equal(entry->key, key_text(expected->key, text, sizeof text)));
    assert_int_equal(entry->value.number, expected->value);
    assert_int_equal(entry->weight, expected->weight);
    return true;
}

static void one_operation(pg_cache *cache, model *m, test_clock *clock, uint64_t *seed)
{
    char text[16];
    int key = (int)(next_random(seed) % KEYS);
    pg_str name = key_text(key, text, sizeof text);
    uint64_t choice = next_random(seed) % 100;
    if (choice < 45) {
        pg_cache_value value = {.number = 0};
        uint64_t expected = 0;
        bool hit = pg_cache_get(cache, name, &value) == PG_CACHE_HIT;
        assert_int_equal(hit, model_get(m, key, clock->now, &expected));
        if (hit)
            assert_int_equal(value.number, expected);
    } else if (choice < 85) {
        bool forever = next_random(seed) % 3 == 0;
        int64_t ttl = forever ? PG_CACHE_FOREVER : (int64_t)(next_random(seed) % 20);
        model_entry entry = {.key = key,
                             .value = next_random(seed),
                             .weight = next_random(seed) % 14,
                             .expires = forever ? INT64_MAX : clock->now + ttl};
        bool stored = false;
        pg_cache_value value = {.number = entry.value};
        assert_int_equal(pg_cache_set(cache, name, value, ttl, entry.weight, &stored, NULL), PG_OK);
        assert_int_equal(stored, model_set(m, entry));
    } else if (choice < 92) {
        int at = model_find(m, key);
        bool alive = at >= 0 && clock->now <= m->entries[at].expires;
        assert_int_equal(pg_cache_delete(cache, name), alive);
        if (at >= 0)
            model_remove(m, at);
    } else if (choice < 99) {
        clock->now += (int64_t)(next_random(seed) % 8);
    } else {
        size_t gone = 0;
        for (int i = m->count - 1; i >= 0; i--)
            if (clock->now > m->entries[i].expires) {
                model_remove(m, i);
                gone++;
            }
        assert_int_equal(pg_cache_expire(cache), gone);
    }
}

static void run_model(uint64_t seed, bool sieve)
{
    test_clock clock;
    test_clock_init(&clock, 1000);
    pg_cache_options options = pg_cache_defaults();
    options.max_entries = 1 + next_random(&seed) % 12;
    options.max_bytes = 12 + next_random(&seed) % 60;
    options.policy = sieve ? PG_CACHE_SIEVE : PG_CACHE_LRU;
    options.clock = &clock.clock;
    pg_cache *cache = NULL;
    assert_int_equal(pg_cache_new(NULL, &options, &cache, NULL), PG_OK);
    model m = {.hand_key = -1,
               .max_entries = (int)options.max_entries,
               .max_bytes = options.max_bytes,
               .sieve = sieve};
    for (int i = 0; i < 1000; i++) {
        one_operation(cache, &m, &clock, &seed);
        order_check check = {&m, 0};
        pg_cache_each(cache, same_order, &check);
        assert_int_equal(check.at, m.count);
    }
    pg_cache_stats stats;
    pg_cache_read_stats(cache, &stats);
    assert_int_equal(stats.hits, m.hits);
    assert_int_equal(stats.misses, m.misses);
    assert_int_equal(stats.entries, m.count);
    assert_int_equal(stats.bytes, model_bytes(&m));
    pg_cache_free(cache);
}

static void test_lru_agrees_with_a_naive_model_on_fifty_seeds(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 50; seed++)
        run_model(seed * UINT64_C(0x9E3779B97F4A7C15), false);
}

static void test_sieve_agrees_with_a_naive_model_on_fifty_seeds(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 50; seed++)
        run_model(seed * UINT64_C(0xD1B54A32D192ED03), true);
}

/// Operations per thread; a slow checker (valgrind) may set PROMPTGEN_TEST_OPS lower.
static long thread_operations(void)
{
    const char *text = getenv("PROMPTGEN_TEST_OPS");
    return text != NULL ? strtol(text, NULL, 10) : 1000000;
}

typedef struct worker {
    pg_cache *cache;
    uint64_t seed;
    long operations;
    uint64_t gets, hits;
} worker;

/// Every value of a key is ten times its number plus a random digit, so a mix-up shows.
static void *work(void *arg)
{
    worker *w = arg;
    char text[16];
    for (long i = 0; i < w->operations; i++) {
        int key = (int)(next_random(&w->seed) % 256);
        pg_str name = key_text(key, text, sizeof text);
        uint64_t choice = next_random(&w->seed) % 100;
        if (choice < 70) {
            pg_cache_value value = {.number = 0};
            w->gets++;
            if (pg_cache_get(w->cache, name, &value) == PG_CACHE_HIT) {
                w->hits++;
                if (value.number / 10 != (uint64_t)key)
                    return "a value of another key";
            }
        } else if (choice < 97) {
            pg_cache_value value = {.number = (uint64_t)key * 10 + choice % 10};
            if (pg_cache_set(w->cache, name, value, PG_CACHE_TTL_DEFAULT, choice % 16, NULL,
                             NULL) != PG_OK)
                return "set failed";
        } else {
            (void)pg_cache_delete(w->cache, name);
        }
    }
    return NULL;
}

static bool add_weight(void *ctx, const pg_cache_entry *entry)
{
    *(size_t *)ctx += entry->weight;
    return true;
}

static void test_two_threads_keep_the_counts_and_the_bytes_exact(void **state)
{
    (void)state;
    pg_cache_options options = pg_cache_defaults();
    options.max_entries = 100;
    options.max_bytes = 600;
    options.ttl_ns = PG_NS_PER_SECOND / 1000;
    pg_cache *cache = NULL;
    assert_int_equal(pg_cache_new(NULL, &options, &cache, NULL), PG_OK);
    worker workers[2] = {{.cache = cache, .seed = 11, .operations = thread_operations()},
                         {.cache = cache, .seed = 97, .operations = thread_operations()}};
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    for (int i = 0; i < 2; i++) {
        void *problem = NULL;
        assert_int_equal(pthread_join(threads[i], &problem), 0);
        assert_null(problem);
    }
    pg_cache_stats stats;
    pg_cache_read_stats(cache, &stats);
    assert_int_equal(stats.hits, workers[0].hits + workers[1].hits);
    assert_int_equal(stats.hits + stats.misses, workers[0].gets + workers[1].gets);
    assert_true(stats.entries <= 100);
    assert_true(stats.bytes <= 600);
    size_t sum = 0;
    pg_cache_each(cache, add_weight, &sum);
    assert_int_equal(stats.bytes, sum);
    pg_cache_free(cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lru_agrees_with_a_naive_model_on_fifty_seeds),
        cmocka_unit_test(test_sieve_agrees_with_a_naive_model_on_fifty_seeds),
        cmocka_unit_test(test_two_threads_keep_the_counts_and_the_bytes_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
