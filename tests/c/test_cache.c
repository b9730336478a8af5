/// Tests of the cache: order, bounds, lifetimes, statistics, references. Vectors of other
/// libraries' suites are restated here as facts.
#include "support.h"

#include "promptgen/cache.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pg_cache *make(pg_cache_options options)
{
    pg_cache *cache = NULL;
    assert_int_equal(pg_cache_new(NULL, &options, &cache, NULL), PG_OK);
    return cache;
}

static pg_cache *make_small(size_t max_entries)
{
    pg_cache_options options = pg_cache_defaults();
    options.max_entries = max_entries;
    return make(options);
}

static void put_weighed(pg_cache *cache, const char *key, uint64_t number, int64_t ttl_ns,
                        size_t weight, bool expect_stored)
{
    bool stored = !expect_stored;
    pg_cache_value value = {.number = number};
    assert_int_equal(pg_cache_set(cache, pg_str_from(key), value, ttl_ns, weight, &stored, NULL),
                     PG_OK);
    assert_int_equal(stored, expect_stored);
}

static void put(pg_cache *cache, const char *key, uint64_t number)
{
    put_weighed(cache, key, number, PG_CACHE_TTL_DEFAULT, 0, true);
}

/// The number under `key`, or -1 for anything but a hit.
static int64_t got(pg_cache *cache, const char *key)
{
    pg_cache_value value = {.number = 0};
    return pg_cache_get(cache, pg_str_from(key), &value) == PG_CACHE_HIT ? (int64_t)value.number
                                                                         : -1;
}

static pg_cache_result peeked(pg_cache *cache, const char *key)
{
    pg_cache_value value = {.number = 0};
    return pg_cache_peek(cache, pg_str_from(key), &value);
}

static bool add_key(void *ctx, const pg_cache_entry *entry)
{
    char *text = ctx;
    size_t used = strlen(text);
    (void)snprintf(text + used, 200 - used, "%s%s%.*s", used > 0 ? " " : "",
                   entry->negative ? "!" : "", (int)entry->key.len, entry->key.ptr);
    return true;
}

static void assert_keys(pg_cache *cache, const char *expected)
{
    char text[200] = "";
    pg_cache_each(cache, add_key, text);
    assert_string_equal(text, expected);
}

static pg_cache_stats stats_of(pg_cache *cache)
{
    pg_cache_stats stats;
    pg_cache_read_stats(cache, &stats);
    return stats;
}

static void test_the_least_recently_used_entry_goes_first(void **state)
{
    (void)state;
    pg_cache *cache = make_small(2);
    put(cache, "1", 1);
    put(cache, "2", 2);
    put(cache, "3", 3);
    assert_keys(cache, "3 2");
    assert_int_equal(got(cache, "2"), 2);
    put(cache, "4", 4);
    assert_keys(cache, "4 2");
    put(cache, "5", 5);
    assert_keys(cache, "5 4");
    assert_int_equal(stats_of(cache).evictions[PG_CACHE_BY_SIZE], 3);
    pg_cache_free(cache);
}

static void test_setting_again_counts_as_use(void **state)
{
    (void)state;
    pg_cache *cache = make_small(2);
    put(cache, "a", 1);
    put(cache, "b", 2);
    put(cache, "a", 3);
    put(cache, "c", 4);
    assert_int_equal(got(cache, "b"), -1);
    assert_int_equal(got(cache, "a"), 3);
    pg_cache_free(cache);
}

static void test_peek_does_not_count_as_use_and_get_does(void **state)
{
    (void)state;
    pg_cache *cache = make_small(2);
    put(cache, "x", 1);
    put(cache, "y", 2);
    assert_int_equal(got(cache, "x"), 1);
    put(cache, "z", 3);
    assert_keys(cache, "z x");
    assert_int_equal(peeked(cache, "x"), PG_CACHE_HIT);
    put(cache, "w", 4);
    assert_keys(cache, "w z");
    assert_int_equal(stats_of(cache).hits, 1);
    assert_int_equal(stats_of(cache).misses, 0);
    pg_cache_free(cache);
}

static void test_a_cache_of_one_entry_replaces_in_place(void **state)
{
    (void)state;
    pg_cache *cache = make_small(1);
    put(cache, "k", 1);
    put(cache, "k", 2);
    assert_int_equal(got(cache, "k"), 2);
    assert_int_equal(stats_of(cache).entries, 1);
    assert_int_equal(stats_of(cache).evictions[PG_CACHE_BY_SIZE], 0);
    pg_cache_free(cache);
}

static void test_a_size_of_zero_is_taken_as_one(void **state)
{
    (void)state;
    pg_cache *cache = make_small(0);
    put(cache, "a", 1);
    assert_int_equal(got(cache, "a"), 1);
    put(cache, "b", 2);
    assert_keys(cache, "b");
    assert_int_equal(stats_of(cache).max_entries, 1);
    pg_cache_free(cache);
}

static void test_weights_are_bounded_and_an_overweight_value_is_refused(void **state)
{
    (void)state;
    pg_cache_options options = pg_cache_defaults();
    options.max_bytes = 3;
    pg_cache *cache = make(options);
    put_weighed(cache, "a", 1, PG_CACHE_TTL_DEFAULT, 1, true);
    put_weighed(cache, "b", 2, PG_CACHE_TTL_DEFAULT, 2, true);
    assert_int_equal(stats_of(cache).bytes, 3);
    put_weighed(cache, "c", 3, PG_CACHE_TTL_DEFAULT, 3, true);
    assert_keys(cache, "c");
    put_weighed(cache, "d", 4, PG_CACHE_TTL_DEFAULT, 4, false);
    assert_keys(cache, "c");
    assert_int_equal(stats_of(cache).evictions[PG_CACHE_BY_BYTES], 2);
    put_weighed(cache, "e", 5, PG_CACHE_TTL_DEFAULT, 0, true);
    assert_keys(cache, "e c");
    pg_cache_free(cache);
}

static void test_a_value_that_grows_pushes_others_out_but_not_itself(void **state)
{
    (void)state;
    pg_cache_options options = pg_cache_defaults();
    options.max_bytes = 3;
    pg_cache *cache = make(options);
    put_weighed(cache, "grows", 1, PG_CACHE_TTL_DEFAULT, 1, true);
    put_weighed(cache, "b", 2, PG_CACHE_TTL_DEFAULT, 1, true);
    put_weighed(cache, "c", 3, PG_CACHE_TTL_DEFAULT, 1, true);
    put_weighed(cache, "grows", 4, PG_CACHE_TTL_DEFAULT, 3, true);
    assert_keys(cache, "grows");
    assert_int_equal(got(cache, "grows"), 4);
    assert_int_equal(stats_of(cache).bytes, 3);
    pg_cache_free(cache);
}

static void test_a_refused_replacement_does_not_leave_the_old_value(void **state)
{
    (void)state;
    pg_cache_options options = pg_cache_defaults();
    options.max_bytes = 3;
    pg_cache *cache = make(options);
    put_weighed(cache, "k", 1, PG_CACHE_TTL_DEFAULT, 1, true);
    put_weighed(cache, "k", 2, PG_CACHE_TTL_DEFAULT, 9, false);
    assert_int_equal(got(cache, "k"), -1);
    pg_cache_free(cache);
}

static void test_clear_resets_size_bytes_hits_misses_and_order(void **state)
{
    (void)state;
    pg_cache *cache = make_small(2);
    put_weighed(cache, "a", 1, PG_CACHE_TTL_DEFAULT, 7, true);
    put(cache, "b", 2);
    assert_int_equal(got(cache, "a"), 1);
    assert_int_equal(got(cache, "zz"), -1);
    pg_cache_clear(cache);
    pg_cache_stats stats = stats_of(cache);
    assert_int_equal(stats.entries, 0);
    assert_int_equal(stats.bytes, 0);
    assert_int_equal(stats.hits, 0);
    assert_int_equal(stats.misses, 0);
    assert_int_equal(stats.evictions[PG_CACHE_BY_EXPLICIT], 2);
    put(cache, "c", 3);
    put(cache, "d", 4);
    put(cache, "e", 5);
    assert_keys(cache, "e d");
    pg_cache_free(cache);
}

static void test_an_entry_lives_through_its_last_nanosecond(void **state)
{
    (void)state;
    test_clock clock;
    test_clock_init(&clock, 0);
    pg_cache_options options = pg_cache_defaults();
    options.ttl_ns = 2 * PG_NS_PER_SECOND;
    options.clock = &clock.clock;
    pg_cache *cache = make(options);
    put(cache, "k", 1);
    clock.now = 2 * PG_NS_PER_SECOND;
    assert_int_equal(got(cache, "k"), 1); // reading does not extend the life
    clock.now++;
    pg_cache_value value;
    assert_int_equal(pg_cache_get(cache, PG_STR("k"), &value), PG_CACHE_EXPIRED);
    assert_int_equal(pg_cache_get(cache, PG_STR("k"), &value), PG_CACHE_MISS);
    pg_cache_stats stats = stats_of(cache);
    assert_int_equal(stats.hits, 1);
    assert_int_equal(stats.misses, 2);
    assert_int_equal(stats.evictions[PG_CACHE_BY_TTL], 1);
    pg_cache_free(cache);
}

static void test_setting_again_starts_a_new_life(void **state)
{
    (void)state;
    test_clock clock;
    test_clock_init(&clock, 0);
    pg_cache_options options = pg_cache_defaults();
    options.ttl_ns = 10;
    options.clock = &clock.clock;
    pg_cache *cache = make(options);
    put(cache, "k", 1);
    clock.now = 9;
    put(cache, "k", 2);
    clock.now = 19;
    assert_int_equal(got(cache, "k"), 2);
    pg_cache_free(cache);
}

static void test_expire_removes_exactly_what_is_past_its_life(void **state)
{
    (void)state;
    test_clock clock;
    test_clock_init(&clock, 100);
    pg_cache_options options = pg_cache_defaults();
    options.clock = &clock.clock;
    pg_cache *cache = make(options);
    put_weighed(cache, "five", 1, 5, 1, true);
    put_weighed(cache, "ten", 2, 10, 1, true);
    put(cache, "ever", 3);
    assert_int_equal(pg_cache_set_negative(cache, PG_STR("none"), 5, NULL), PG_OK);
    clock.now = 106;
    assert_int_equal(stats_of(cache).entries, 3); // an expired one counts until it is touched
    assert_int_equal(pg_cache_expire(cache), 2);
    assert_keys(cache, "ever ten");
    assert_int_equal(stats_of(cache).bytes, 1);
    assert_int_equal(pg_cache_expire(cache), 0);
    pg_cache_free(cache);
}

static void test_lifetimes_at_the_ends_of_the_range(void **state)
{
    (void)state;
    test_clock clock;
    test_clock_init(&clock, 1000);
    pg_cache_options options = pg_cache_defaults();
    options.clock = &clock.clock;
    options.ttl_ns = 5;
    pg_cache *cache = make(options);
    put_weighed(cache, "zero", 1, 0, 0, true);
    put_weighed(cache, "ever", 2, PG_CACHE_FOREVER, 0, true);
    put_weighed(cache, "huge", 3, INT64_MAX - 1, 0, true); // now + this overflows
    assert_int_equal(got(cache, "zero"), 1);
    clock.now++;
    assert_int_equal(got(cache, "zero"), -1); // nothing left must not turn into for ever
    clock.now = INT64_MAX;
    assert_int_equal(got(cache, "ever"), 2);
    assert_int_equal(got(cache, "huge"), 3);
    pg_error err = {0};
    pg_cache_value value = {.number = 1};
    assert_int_equal(pg_cache_set(cache, PG_STR("k"), value, -1, 0, NULL, &err), PG_INVALID);
    assert_int_equal(pg_cache_set_negative(cache, PG_STR("k"), -1, &err), PG_INVALID);
    pg_cache_free(cache);
}

static void test_a_clock_that_goes_back_does_not_expire_anything(void **state)
{
    (void)state;
    test_clock clock;
    test_clock_init(&clock, 3600 * PG_NS_PER_SECOND);
    pg_cache_options options = pg_cache_defaults();
    options.clock = &clock.clock;
    options.ttl_ns = PG_NS_PER_SECOND;
    pg_cache *cache = make(options);
    put(cache, "k", 1);
    clock.now = 0;
    assert_int_equal(got(cache, "k"), 1);
    pg_cache_free(cache);
}

static void test_the_hit_rate_is_a_percentage_and_zero_when_idle(void **state)
{
    (void)state;
    pg_cache *cache = make_small(4);
    assert_true(stats_of(cache).hit_rate == 0.0);
    put(cache, "k", 1);
    for (int i = 0; i < 3; i++)
        assert_int_equal(got(cache, "k"), 1);
    assert_int_equal(got(cache, "other"), -1);
    assert_true(stats_of(cache).hit_rate == 75.0);
    pg_cache_free(cache);
}

static void test_negative_entries_have_their_own_quota_and_life(void **state)
{
    (void)state;
    test_clock clock;
    test_clock_init(&clock, 0);
    pg_cache_options options = pg_cache_defaults();
    options.max_entries = 8;
    options.clock = &clock.clock;
    pg_cache *cache = make(options);
    char key[8];
    for (int i = 0; i < 8; i++) {
        (void)snprintf(key, sizeof key, "v%d", i);
        put(cache, key, (uint64_t)i);
    }
    for (int i = 0; i < 100; i++) {
        (void)snprintf(key, sizeof key, "n%d", i);
        assert_int_equal(pg_cache_set_negative(cache, pg_str_from(key), PG_CACHE_TTL_DEFAULT, NULL),
                         PG_OK);
    }
    assert_keys(cache, "v7 v6 v5 v4 v3 v2 v1 v0 !n99 !n98");
    assert_int_equal(stats_of(cache).entries, 8);
    assert_int_equal(stats_of(cache).negatives, 2);
    pg_cache_value value;
    assert_int_equal(pg_cache_get(cache, PG_STR("n99"), &value), PG_CACHE_NEGATIVE);
    clock.now = 5 * PG_NS_PER_SECOND + 1;
    assert_int_equal(pg_cache_get(cache, PG_STR("n99"), &value), PG_CACHE_EXPIRED);
    assert_int_equal(got(cache, "v0"), 0);
    pg_cache_free(cache);
}

static void test_a_key_is_either_a_value_or_negative(void **state)
{
    (void)state;
    pg_cache *cache = make_small(4);
    put(cache, "k", 1);
    assert_int_equal(pg_cache_set_negative(cache, PG_STR("k"), PG_CACHE_FOREVER, NULL), PG_OK);
    assert_keys(cache, "!k");
    put(cache, "k", 2);
    assert_keys(cache, "k");
    pg_cache_free(cache);
}

static void test_delete_tells_whether_the_key_was_there(void **state)
{
    (void)state;
    pg_cache *cache = make_small(4);
    put(cache, "k", 1);
    assert_true(pg_cache_delete(cache, PG_STR("k")));
    assert_false(pg_cache_delete(cache, PG_STR("k")));
    assert_int_equal(stats_of(cache).entries, 0);
    pg_cache_free(cache);
}

static void test_a_rejected_value_was_no_hit(void **state)
{
    (void)state;
    pg_cache *cache = make_small(4);
    put(cache, "k", 1);
    put(cache, "l", 2);
    pg_cache_value value;
    assert_int_equal(pg_cache_get(cache, PG_STR("k"), &value), PG_CACHE_HIT);
    assert_true(pg_cache_reject(cache, PG_STR("k")));
    pg_cache_stats stats = stats_of(cache);
    assert_int_equal(stats.hits, 0);
    assert_int_equal(stats.misses, 1);
    assert_int_equal(stats.evictions[PG_CACHE_BY_EXPLICIT], 1);
    assert_keys(cache, "l");
    assert_false(pg_cache_reject(cache, PG_STR("k")));
    assert_int_equal(stats_of(cache).misses, 1);
    pg_cache_free(cache);
}

static void test_sieve_spares_what_was_read_and_survives_a_scan(void **state)
{
    (void)state;
    pg_cache_options options = pg_cache_defaults();
    options.max_entries = 3;
    options.policy = PG_CACHE_SIEVE;
    pg_cache *cache = make(options);
    put(cache, "a", 1);
    put(cache, "b", 2);
    put(cache, "c", 3);
    assert_int_equal(got(cache, "a"), 1);
    put(cache, "d", 4); // the hand passes a, gives up b
    assert_keys(cache, "d c a");
    put(cache, "e", 5); // goes on from there: c
    assert_keys(cache, "e d a");
    put(cache, "f", 6);
    assert_keys(cache, "f e a"); // a one-time scan never reaches a until the hand comes round
    pg_cache_free(cache);
}

static uint64_t same_hash(pg_str key)
{
    (void)key;
    return 42;
}

static void test_keys_are_compared_in_full(void **state)
{
    (void)state;
    pg_cache_options options = pg_cache_defaults();
    options.hash = same_hash;
    pg_cache *cache = make(options);
    char *long_key = malloc(65536);
    assert_non_null(long_key);
    memset(long_key, 'x', 65536);
    const pg_str keys[] = {{NULL, 0},   {"a", 1},          {"a\0", 2},       {"a\0b", 3},
                           {"a\0c", 3}, {long_key, 65536}, {long_key, 65535}};
    enum { KEYS = sizeof keys / sizeof keys[0] };
    pg_cache_value value;
    for (uint64_t i = 0; i < KEYS; i++) {
        value.number = i;
        assert_int_equal(pg_cache_set(cache, keys[i], value, PG_CACHE_FOREVER, 0, NULL, NULL),
                         PG_OK);
    }
    for (uint64_t i = 0; i < KEYS; i++) {
        assert_int_equal(pg_cache_get(cache, keys[i], &value), PG_CACHE_HIT);
        assert_int_equal(value.number, i);
    }
    assert_true(pg_cache_delete(cache, keys[2]));
    assert_int_equal(pg_cache_get(cache, keys[3], &value), PG_CACHE_HIT);
    assert_int_equal(pg_cache_get(cache, keys[2], &value), PG_CACHE_MISS);
    free(long_key);
    pg_cache_free(cache);
}

/// A counted object for the reference tests.
typedef struct counted {
    int refs;
    int dropped; ///< times the count reached zero
} counted;

typedef struct owner {
    pg_cache *cache;
    int releases;
    bool check_lock; ///< a release must be able to use the cache
} owner;

static void retain(void *ctx, pg_cache_value value)
{
    (void)ctx;
    ((counted *)value.ptr)->refs++;
}

static void release(void *ctx, pg_cache_value value)
{
    owner *o = ctx;
    counted *c = value.ptr;
    c->refs--;
    if (c->refs == 0)
        c->dropped++;
    o->releases++;
    if (o->check_lock)
        (void)stats_of(o->cache); // would deadlock if the lock were held
}

static void give(pg_cache *cache, const char *key, counted *object, int64_t ttl_ns, size_t weight)
{
    pg_cache_value value = {.ptr = object};
    object->refs++;
    bool stored;
    assert_int_equal(pg_cache_set(cache, pg_str_from(key), value, ttl_ns, weight, &stored, NULL),
                     PG_OK);
    object->refs--;
    if (object->refs == 0)
        object->dropped++;
}

static void test_every_value_is_released_once_and_never_under_the_lock(void **state)
{
    (void)state;
    test_clock clock;
    test_clock_init(&clock, 0);
    owner o = {.check_lock = true};
    pg_cache_options options = pg_cache_defaults();
    options.max_entries = 2;
    options.max_bytes = 100;
    options.clock = &clock.clock;
    options.retain = retain;
    options.release = release;
    options.ctx = &o;
    pg_cache *cache = make(options);
    o.cache = cache;
    counted objects[8] = {{0}};
    give(cache, "replaced", &objects[0], PG_CACHE_FOREVER, 1);
    give(cache, "replaced", &objects[1], PG_CACHE_FOREVER, 1);
    give(cache, "b", &objects[2], PG_CACHE_FOREVER, 1);
    give(cache, "c", &objects[3], PG_CACHE_FOREVER, 1); // evicts objects[1]
    assert_int_equal(objects[0].dropped, 1);
    assert_int_equal(objects[1].dropped, 1);
    assert_true(pg_cache_delete(cache, PG_STR("b")));
    assert_int_equal(objects[2].dropped, 1);
    give(cache, "d", &objects[4], 5, 1);
    clock.now = 6;
    pg_cache_value value;
    assert_int_equal(pg_cache_get(cache, PG_STR("d"), &value), PG_CACHE_EXPIRED);
    assert_int_equal(objects[4].dropped, 1);
    give(cache, "big", &objects[5], PG_CACHE_FOREVER, 1000);
    assert_int_equal(objects[5].dropped, 1); // never stored: only the caller's reference
    pg_cache_clear(cache);
    assert_int_equal(objects[3].dropped, 1);
    give(cache, "last", &objects[6], PG_CACHE_FOREVER, 1);
    assert_int_equal(pg_cache_get(cache, PG_STR("last"), &value), PG_CACHE_HIT);
    assert_ptr_equal(value.ptr, &objects[6]);
    assert_int_equal(objects[6].refs, 2);
    o.check_lock = false;
    pg_cache_free(cache);
    assert_int_equal(objects[6].refs, 1); // what was handed out outlives the cache
    assert_int_equal(objects[6].dropped, 0);
}

static bool fill(const pg_alloc *alloc, void *ctx)
{
    (void)ctx;
    pg_cache_options options = pg_cache_defaults();
    options.name = PG_STR("swept");
    pg_cache *cache = NULL;
    pg_error err = {0};
    pg_status status = pg_cache_new(alloc, &options, &cache, &err);
    char key[16];
    for (int i = 0; i < 20 && status == PG_OK; i++) {
        (void)snprintf(key, sizeof key, "key%d", i);
        pg_cache_value value = {.number = (uint64_t)i};
        size_t before = stats_of(cache).entries;
        status = pg_cache_set(cache, pg_str_from(key), value, PG_CACHE_FOREVER, 1, NULL, &err);
        if (status != PG_OK)
            assert_int_equal(stats_of(cache).entries, before);
    }
    if (status != PG_OK)
        assert_int_equal(err.code, PG_NOMEM);
    pg_cache_free(cache);
    return status == PG_OK;
}

static void test_the_cache_survives_every_failed_allocation(void **state)
{
    (void)state;
    test_alloc_sweep(fill, NULL);
}

static void test_options_out_of_range_are_refused(void **state)
{
    (void)state;
    pg_cache_options bad[5];
    for (int i = 0; i < 5; i++)
        bad[i] = pg_cache_defaults();
    bad[0].max_entries = PG_CACHE_ENTRIES_MAX + 1;
    bad[1].ttl_ns = -1;
    bad[2].negative_ttl_ns = -1;
    bad[3].wait_limit_ns = -1;
    bad[4].policy = (pg_cache_policy)9;
    for (int i = 0; i < 5; i++) {
        pg_cache *cache = NULL;
        pg_error err = {0};
        assert_int_equal(pg_cache_new(NULL, &bad[i], &cache, &err), PG_INVALID);
        assert_null(cache);
        assert_true(strlen(err.message) > 0);
    }
    pg_cache_free(NULL);
}

static void test_a_key_too_long_for_its_length_field_is_refused(void **state)
{
    (void)state;
    pg_cache *cache = make_small(2);
    const pg_str key = {"k", (size_t)UINT32_MAX + 1}; // refused before it is read
    pg_cache_value value = {.number = 1};
    assert_int_equal(pg_cache_set(cache, key, value, PG_CACHE_TTL_DEFAULT, 0, NULL, NULL),
                     PG_INVALID);
    pg_cache_free(cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_least_recently_used_entry_goes_first),
        cmocka_unit_test(test_setting_again_counts_as_use),
        cmocka_unit_test(test_peek_does_not_count_as_use_and_get_does),
        cmocka_unit_test(test_a_cache_of_one_entry_replaces_in_place),
        cmocka_unit_test(test_a_size_of_zero_is_taken_as_one),
        cmocka_unit_test(test_weights_are_bounded_and_an_overweight_value_is_refused),
        cmocka_unit_test(test_a_value_that_grows_pushes_others_out_but_not_itself),
        cmocka_unit_test(test_a_refused_replacement_does_not_leave_the_old_value),
        cmocka_unit_test(test_clear_resets_size_bytes_hits_misses_and_order),
        cmocka_unit_test(test_an_entry_lives_through_its_last_nanosecond),
        cmocka_unit_test(test_setting_again_starts_a_new_life),
        cmocka_unit_test(test_expire_removes_exactly_what_is_past_its_life),
        cmocka_unit_test(test_lifetimes_at_the_ends_of_the_range),
        cmocka_unit_test(test_a_clock_that_goes_back_does_not_expire_anything),
        cmocka_unit_test(test_the_hit_rate_is_a_percentage_and_zero_when_idle),
        cmocka_unit_test(test_negative_entries_have_their_own_quota_and_life),
        cmocka_unit_test(test_a_key_is_either_a_value_or_negative),
        cmocka_unit_test(test_delete_tells_whether_the_key_was_there),
        cmocka_unit_test(test_a_rejected_value_was_no_hit),
        cmocka_unit_test(test_sieve_spares_what_was_read_and_survives_a_scan),
        cmocka_unit_test(test_keys_are_compared_in_full),
        cmocka_unit_test(test_every_value_is_released_once_and_never_under_the_lock),
        cmocka_unit_test(test_the_cache_survives_every_failed_allocation),
        cmocka_unit_test(test_options_out_of_range_are_refused),
        cmocka_unit_test(test_a_key_too_long_for_its_length_field_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
