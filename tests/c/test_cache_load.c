/// Tests of single flight: one computation per key, shared results, shared errors, no staleness.
#include "support.h"

#include "cache_internal.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

static pg_cache *make(pg_cache_options options)
{
    pg_cache *cache = NULL;
    assert_int_equal(pg_cache_new(NULL, &options, &cache, NULL), PG_OK);
    return cache;
}

static pg_cache_stats stats_of(pg_cache *cache)
{
    pg_cache_stats stats;
    pg_cache_read_stats(cache, &stats);
    return stats;
}

/// What a loader of these tests does, and what it counted.
typedef struct plan {
    pg_cache *cache;
    atomic_int runs;
    pg_status status;       ///< what to return
    pg_cache_loaded loaded; ///< what to find
    const char *delete_key; ///< delete it while loading
    const char *set_key;    ///< set it to 99 while loading
    const char *ask_key;    ///< load it while loading
    pg_status asked;        ///< what that gave
    int64_t takes_ns;       ///< moves the clock
    test_clock *clock;
} plan;

static pg_status answer_five(void *ctx, pg_str key, pg_cache_loaded *loaded, pg_error *err)
{
    (void)ctx;
    (void)key;
    (void)err;
    loaded->value.number = 5;
    return PG_OK;
}

static pg_status load(void *ctx, pg_str key, pg_cache_loaded *loaded, pg_error *err)
{
    plan *p = ctx;
    assert_int_equal(loaded->ttl_ns, PG_CACHE_TTL_DEFAULT);
    (void)atomic_fetch_add(&p->runs, 1);
    pg_cache_value value = {.number = 99};
    pg_cache_result result;
    if (p->clock != NULL)
        p->clock->now += p->takes_ns;
    if (p->delete_key != NULL)
        (void)pg_cache_delete(p->cache, pg_str_from(p->delete_key));
    if (p->set_key != NULL)
        assert_int_equal(pg_cache_set(p->cache, pg_str_from(p->set_key), value,
                                      PG_CACHE_TTL_DEFAULT, 0, NULL, NULL),
                         PG_OK);
    if (p->ask_key != NULL)
        p->asked = pg_cache_get_or_load(p->cache, pg_str_from(p->ask_key), answer_five, NULL,
                                        &value, &result, err);
    if (p->status != PG_OK)
        return pg_error_set(err, p->status, "no %.*s today", (int)key.len, key.ptr);
    *loaded = p->loaded;
    return PG_OK;
}

static plan plan_of(pg_cache *cache, uint64_t number)
{
    return (plan){.cache = cache,
                  .loaded = {.value = {.number = number}, .ttl_ns = PG_CACHE_TTL_DEFAULT}};
}

/// Loads "k" by `p`; the number, or -1 for "nothing there", or -2 for an error.
static int64_t ask(plan *p, pg_cache_result *result)
{
    pg_cache_value value = {.number = 0};
    pg_error err = {0};
    pg_status status = pg_cache_get_or_load(p->cache, PG_STR("k"), load, p, &value, result, &err);
    if (status != PG_OK) {
        assert_int_equal(err.code, status);
        return -2;
    }
    return *result == PG_CACHE_NEGATIVE ? -1 : (int64_t)value.number;
}

static void test_a_value_is_computed_once_and_then_served(void **state)
{
    (void)state;
    pg_cache *cache = make(pg_cache_defaults());
    plan p = plan_of(cache, 7);
    pg_cache_result result;
    assert_int_equal(ask(&p, &result), 7);
    assert_int_equal(result, PG_CACHE_LOADED);
    assert_int_equal(ask(&p, &result), 7);
    assert_int_equal(result, PG_CACHE_HIT);
    assert_int_equal(p.runs, 1);
    assert_int_equal(stats_of(cache).loads, 1);
    assert_int_equal(stats_of(cache).hits, 1);
    assert_int_equal(stats_of(cache).misses, 1);
    pg_cache_free(cache);
}

static void test_an_error_is_handed_out_and_not_cached(void **state)
{
    (void)state;
    pg_cache *cache = make(pg_cache_defaults());
    plan p = plan_of(cache, 7);
    pg_cache_result result;
    p.status = PG_IO;
    pg_cache_value value;
    pg_error err = {0};
    assert_int_equal(pg_cache_get_or_load(cache, PG_STR("k"), load, &p, &value, &result, &err),
                     PG_IO);
    assert_string_equal(err.message, "no k today");
    p.status = PG_OK;
    assert_int_equal(ask(&p, &result), 7);
    assert_int_equal(p.runs, 2);
    assert_int_equal(stats_of(cache).loads, 2);
    assert_int_equal(stats_of(cache).load_failures, 1);
    pg_cache_free(cache);
}

static void test_nothing_is_kept_only_when_asked_for(void **state)
{
    (void)state;
    for (int negative = 0; negative < 2; negative++) {
        pg_cache_options options = pg_cache_defaults();
        options.negative = negative != 0;
        pg_cache *cache = make(options);
        plan p = plan_of(cache, 0);
        p.loaded.negative = true;
        pg_cache_result result;
        assert_int_equal(ask(&p, &result), -1);
        assert_int_equal(ask(&p, &result), -1);
        assert_int_equal(p.runs, negative != 0 ? 1 : 2);
        pg_cache_free(cache);
    }
}

static void test_a_loader_may_choose_the_life_or_refuse_to_store(void **state)
{
    (void)state;
    test_clock clock;
    test_clock_init(&clock, 0);
    pg_cache_options options = pg_cache_defaults();
    options.clock = &clock.clock;
    pg_cache *cache = make(options);
    plan p = plan_of(cache, 7);
    pg_cache_result result;
    p.loaded.ttl_ns = 10;
    assert_int_equal(ask(&p, &result), 7);
    clock.now = 11;
    p.loaded.ttl_ns = -3; // not a lifetime: do not store
    assert_int_equal(ask(&p, &result), 7);
    assert_int_equal(p.runs, 2);
    p.loaded.ttl_ns = PG_CACHE_TTL_DEFAULT;
    p.loaded.no_store = true;
    assert_int_equal(ask(&p, &result), 7);
    assert_int_equal(p.runs, 3);
    assert_int_equal(stats_of(cache).entries, 0);
    pg_cache_free(cache);
}

static void test_a_key_changed_during_its_load_is_not_stored(void **state)
{
    (void)state;
    pg_cache *cache = make(pg_cache_defaults());
    plan p = plan_of(cache, 7);
    pg_cache_result result;
    p.delete_key = "k";
    assert_int_equal(ask(&p, &result), 7);
    assert_int_equal(stats_of(cache).entries, 0);
    p.delete_key = NULL;
    p.set_key = "k";
    assert_int_equal(ask(&p, &result), 7);  // the caller gets what was computed
    assert_int_equal(ask(&p, &result), 99); // the cache keeps what was set
    pg_cache_free(cache);
}

static void test_changing_another_key_does_not_spoil_a_load(void **state)
{
    (void)state;
    pg_cache *cache = make(pg_cache_defaults());
    plan p = plan_of(cache, 7);
    pg_cache_result result;
    p.delete_key = "other";
    p.set_key = "third";
    assert_int_equal(ask(&p, &result), 7);
    assert_int_equal(ask(&p, &result), 7);
    assert_int_equal(p.runs, 1);
    pg_cache_free(cache);
}

static void test_a_loader_may_load_other_keys_but_not_its_own(void **state)
{
    (void)state;
    pg_cache *cache = make(pg_cache_defaults());
    plan p = plan_of(cache, 7);
    pg_cache_result result;
    p.ask_key = "b";
    assert_int_equal(ask(&p, &result), 7);
    assert_int_equal(p.asked, PG_OK);
    (void)pg_cache_delete(cache, PG_STR("k"));
    p.ask_key = "k";
    assert_int_equal(ask(&p, &result), 7);
    assert_int_equal(p.asked, PG_INVALID);
    (void)pg_cache_delete(cache, PG_STR("k"));
    p.delete_key = "k"; // the recursion is found even when the load is already out of date
    assert_int_equal(ask(&p, &result), 7);
    assert_int_equal(p.asked, PG_INVALID);
    pg_cache_free(cache);
}

static void test_the_time_in_loaders_is_summed(void **state)
{
    (void)state;
    test_clock clock;
    test_clock_init(&clock, 0);
    pg_cache_options options = pg_cache_defaults();
    options.clock = &clock.clock;
    pg_cache *cache = make(options);
    plan p = plan_of(cache, 7);
    p.clock = &clock;
    p.takes_ns = 30;
    p.loaded.no_store = true;
    pg_cache_result result;
    assert_int_equal(ask(&p, &result), 7);
    assert_int_equal(ask(&p, &result), 7);
    assert_int_equal(stats_of(cache).load_ns, 60);
    pg_cache_free(cache);
}

static void test_a_load_by_hand_is_known_to_its_owner_and_to_others(void **state)
{
    (void)state;
    pg_cache *cache = make(pg_cache_defaults());
    int a = 0, b = 0;
    pg_cache_load *first = NULL;
    pg_cache_load *second = NULL;
    pg_error err = {0};
    assert_int_equal(pg_cache_load_begin(cache, PG_STR("k"), &a, &first, NULL), PG_OK);
    assert_non_null(first);
    assert_int_equal(pg_cache_load_begin(cache, PG_STR("k"), &a, &second, &err), PG_INVALID);
    assert_int_equal(pg_cache_load_begin(cache, PG_STR("k"), &b, &second, NULL), PG_OK);
    assert_null(second);
    pg_cache_count_load(cache, false, 5);
    pg_cache_loaded loaded = {.value = {.number = 3}, .ttl_ns = PG_CACHE_TTL_DEFAULT};
    assert_true(pg_cache_load_finish(first, &loaded));
    pg_cache_value value;
    assert_int_equal(pg_cache_get(cache, PG_STR("k"), &value), PG_CACHE_HIT);
    assert_int_equal(pg_cache_load_begin(cache, PG_STR("k2"), &a, &first, NULL), PG_OK);
    pg_cache_load_fail(first, PG_IO, NULL);
    assert_int_equal(stats_of(cache).loads, 3);
    assert_int_equal(stats_of(cache).load_failures, 2);
    pg_cache_free(cache);
}

/// What a loader needs that does not return before all threads wait for it.
typedef struct crowd {
    pg_cache *cache;
    size_t size; ///< threads that ask
    atomic_int runs;
    pg_status status;
    atomic_int refs; ///< references to the value
} crowd;

static void retain(void *ctx, pg_cache_value value)
{
    (void)value;
    (void)atomic_fetch_add(&((crowd *)ctx)->refs, 1);
}

static void release(void *ctx, pg_cache_value value)
{
    (void)value;
    (void)atomic_fetch_sub(&((crowd *)ctx)->refs, 1);
}

/// How many threads take part in the only load under way.
static size_t participants(pg_cache *cache)
{
    (void)pthread_mutex_lock(&cache->mutex);
    size_t refs = cache->loads->refs;
    (void)pthread_mutex_unlock(&cache->mutex);
    return refs;
}

static pg_status crowd_load(void *ctx, pg_str key, pg_cache_loaded *loaded, pg_error *err)
{
    crowd *c = ctx;
    (void)key;
    (void)atomic_fetch_add(&c->runs, 1);
    while (participants(c->cache) < c->size)
        (void)sched_yield();
    if (c->status != PG_OK)
        return pg_error_set(err, c->status, "the disk is gone");
    loaded->value.number = 77;
    (void)atomic_fetch_add(&c->refs, 1);
    return PG_OK;
}

typedef struct asker {
    crowd *crowd;
    pg_status status;
    pg_error err;
    pg_cache_result result;
    pg_cache_value value;
} asker;

static void *ask_in_crowd(void *arg)
{
    asker *a = arg;
    a->status = pg_cache_get_or_load(a->crowd->cache, PG_STR("k"), crowd_load, a->crowd, &a->value,
                                     &a->result, &a->err);
    return NULL;
}

static void run_crowd(crowd *c, asker *askers)
{
    pg_cache_options options = pg_cache_defaults();
    options.retain = retain;
    options.release = release;
    options.ctx = c;
    c->cache = make(options);
    pthread_t threads[10];
    for (size_t i = 0; i < c->size; i++) {
        askers[i] = (asker){.crowd = c};
        assert_int_equal(pthread_create(&threads[i], NULL, ask_in_crowd, &askers[i]), 0);
    }
    for (size_t i = 0; i < c->size; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
}

static void test_ten_threads_cost_one_load_and_share_its_value(void **state)
{
    (void)state;
    crowd c = {.size = 10};
    asker askers[10];
    run_crowd(&c, askers);
    int loaded = 0;
    for (int i = 0; i < 10; i++) {
        assert_int_equal(askers[i].status, PG_OK);
        assert_int_equal(askers[i].value.number, 77);
        loaded += askers[i].result == PG_CACHE_LOADED;
    }
    assert_int_equal(loaded, 1);
    assert_int_equal(c.runs, 1);
    pg_cache_stats stats = stats_of(c.cache);
    assert_int_equal(stats.loads, 1);
    assert_int_equal(stats.hits, 9);
    assert_int_equal(stats.misses, 1);
    assert_int_equal(atomic_load(&c.refs), 11); // ten callers and the cache
    pg_cache_free(c.cache);
    assert_int_equal(atomic_load(&c.refs), 10);
}

static void test_an_error_reaches_every_thread_that_waited(void **state)
{
    (void)state;
    crowd c = {.size = 10, .status = PG_IO};
    asker askers[10];
    run_crowd(&c, askers);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(askers[i].status, PG_IO);
        assert_string_equal(askers[i].err.message, "the disk is gone");
    }
    pg_cache_stats stats = stats_of(c.cache);
    assert_int_equal(c.runs, 1);
    assert_int_equal(stats.loads, 1);
    assert_int_equal(stats.load_failures, 1);
    assert_int_equal(stats.hits, 0);
    assert_int_equal(stats.misses, 10);
    assert_int_equal(atomic_load(&c.refs), 0);
    pg_cache_free(c.cache);
}

static void test_a_thread_that_waited_too_long_computes_for_itself(void **state)
{
    (void)state;
    crowd c = {.size = 1};
    pg_cache_options options = pg_cache_defaults();
    options.wait_limit_ns = 0;
    options.retain = retain;
    options.release = release;
    options.ctx = &c;
    c.cache = make(options);
    int other = 0;
    pg_cache_load *held = NULL; // a load that does not end while the thread asks
    assert_int_equal(pg_cache_load_begin(c.cache, PG_STR("k"), &other, &held, NULL), PG_OK);
    plan p = plan_of(c.cache, 7);
    pg_cache_result result;
    (void)atomic_fetch_add(&c.refs, 1);
    assert_int_equal(ask(&p, &result), 7);
    assert_int_equal(result, PG_CACHE_LOADED);
    assert_int_equal(stats_of(c.cache).entries, 0); // it left the storing to the other one
    pg_cache_loaded loaded = {.value = {.number = 8}, .ttl_ns = PG_CACHE_TTL_DEFAULT};
    (void)atomic_fetch_add(&c.refs, 1);
    assert_true(pg_cache_load_finish(held, &loaded));
    assert_int_equal(stats_of(c.cache).misses, 1);
    assert_int_equal(stats_of(c.cache).loads, 2);
    pg_cache_free(c.cache);
    assert_int_equal(atomic_load(&c.refs), 2);
}

static bool load_once(const pg_alloc *alloc, void *ctx)
{
    (void)ctx;
    pg_cache_options options = pg_cache_defaults();
    pg_cache *cache = NULL;
    if (pg_cache_new(alloc, &options, &cache, NULL) != PG_OK)
        return false;
    plan p = plan_of(cache, 7);
    pg_cache_result result;
    int64_t found = ask(&p, &result);
    bool stored = stats_of(cache).entries == 1;
    assert_true(found == 7 || found == -2); // short of memory to store is not an error
    pg_cache_free(cache);
    return stored;
}

static void test_a_load_survives_every_failed_allocation(void **state)
{
    (void)state;
    test_alloc_sweep(load_once, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_value_is_computed_once_and_then_served),
        cmocka_unit_test(test_an_error_is_handed_out_and_not_cached),
        cmocka_unit_test(test_nothing_is_kept_only_when_asked_for),
        cmocka_unit_test(test_a_loader_may_choose_the_life_or_refuse_to_store),
        cmocka_unit_test(test_a_key_changed_during_its_load_is_not_stored),
        cmocka_unit_test(test_changing_another_key_does_not_spoil_a_load),
        cmocka_unit_test(test_a_loader_may_load_other_keys_but_not_its_own),
        cmocka_unit_test(test_the_time_in_loaders_is_summed),
        cmocka_unit_test(test_a_load_by_hand_is_known_to_its_owner_and_to_others),
        cmocka_unit_test(test_ten_threads_cost_one_load_and_share_its_value),
        cmocka_unit_test(test_an_error_reaches_every_thread_that_waited),
        cmocka_unit_test(test_a_thread_that_waited_too_long_computes_for_itself),
        cmocka_unit_test(test_a_load_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
