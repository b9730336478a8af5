/// Tests of bounds, collection, listing and clearing.
#include "store_support.h"

#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

static fixture f;

static int setup(void **state)
{
    (void)state;
    fixture_init(&f);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fixture_free(&f);
    return 0;
}

static void key_of(int i, char *key, size_t size)
{
    (void)snprintf(key, size, "/w/plan-%d", i);
}

static void put_many(int from, int to, const char *payload)
{
    for (int i = from; i < to; i++) {
        char key[32];
        key_of(i, key, sizeof key);
        assert_true(fixture_put(&f, key, NULL, 0, payload));
    }
}

/// Number and bytes of the records on disk.
static size_t on_disk(uint64_t *bytes)
{
    pg_store_item *items = NULL;
    size_t count = 0;
    assert_int_equal(pg_store_list(f.store, &items, &count, NULL), PG_OK);
    *bytes = 0;
    for (size_t i = 0; i < count; i++) {
        *bytes += items[i].size;
        if (i > 0)
            assert_true(strcmp(items[i - 1].name, items[i].name) < 0);
    }
    pg_store_items_free(f.store, items, count);
    return count;
}

static void set_used(const char *key, int64_t ns)
{
    char path[256];
    fixture_record_path(&f, key, path, sizeof path);
    const struct timespec t = {.tv_sec = (time_t)(ns / PG_NS_PER_SECOND)};
    const struct timespec times[2] = {t, t};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static int64_t used(const char *key)
{
    char path[256];
    struct stat st;
    fixture_record_path(&f, key, path, sizeof path);
    assert_int_equal(stat(path, &st), 0);
    return (int64_t)st.st_mtim.tv_sec * PG_NS_PER_SECOND + st.st_mtim.tv_nsec;
}

static void test_ten_times_the_bound_of_records_stays_within_it(void **state)
{
    (void)state;
    f.options.max_records = 150;
    fixture_reopen(&f);
    put_many(0, 1500, "x");
    uint64_t bytes;
    assert_true(on_disk(&bytes) <= 150);
    assert_true(on_disk(&bytes) >= 100);
    pg_store_stats stats;
    pg_store_read_stats(f.store, &stats);
    assert_int_equal(stats.writes, 1500);
    assert_true(stats.removed >= 1350);
}

static void test_ten_times_the_bound_of_bytes_stays_within_it(void **state)
{
    (void)state;
    f.options.max_bytes = 200000;
    fixture_reopen(&f);
    char payload[2000];
    memset(payload, 'p', sizeof payload);
    payload[sizeof payload - 1] = '\0';
    put_many(0, 1000, payload);
    uint64_t bytes;
    (void)on_disk(&bytes);
    assert_true(bytes <= 200000);
    assert_true(bytes >= 140000);
    char *huge = calloc(1, 200001);
    assert_non_null(huge);
    memset(huge, 'h', 200000);
    assert_false(fixture_put(&f, "/w/huge", NULL, 0, huge)); // would never fit
    free(huge);
}

static void test_what_was_used_longest_ago_goes_first(void **state)
{
    (void)state;
    put_many(0, 10, "x");
    for (int i = 0; i < 10; i++) {
        char key[32];
        key_of(i, key, sizeof key);
        set_used(key, f.clock.now - (i % 2 == 0 ? 100 : 200) * PG_NS_PER_SECOND);
    }
    f.options.max_records = 6;
    fixture_reopen(&f);
    pg_store_gc gc = pg_store_collect(f.store);
    assert_int_equal(gc.records, 4); // 80 % of 6
    assert_int_equal(gc.removed, 6);
    for (int i = 1; i < 10; i += 2) {
        char key[32];
        key_of(i, key, sizeof key);
        assert_false(fixture_has(&f, key, "x", NULL));
    }
    gc = pg_store_collect(f.store);
    assert_int_equal(gc.removed, 0);
}

static void test_use_is_noted_once_a_day(void **state)
{
    (void)state;
    put_many(0, 1, "x");
    int64_t hours = 3600 * PG_NS_PER_SECOND;
    set_used("/w/plan-0", f.clock.now - 23 * hours);
    int64_t before = used("/w/plan-0");
    assert_true(fixture_has(&f, "/w/plan-0", "x", NULL));
    assert_int_equal(used("/w/plan-0"), before);
    set_used("/w/plan-0", f.clock.now - 25 * hours);
    assert_true(fixture_has(&f, "/w/plan-0", "x", NULL));
    assert_int_equal(used("/w/plan-0"), f.clock.now);
}

static void test_temporary_files_of_the_dead_go_after_an_hour(void **state)
{
    (void)state;
    put_many(0, 1, "x");
    char path[256], temp[300];
    fixture_record_path(&f, "/w/plan-0", path, sizeof path);
    *strrchr(path, '/') = '\0';
    (void)snprintf(temp, sizeof temp, "%s/.123.1.abcdef01", path);
    test_write_file(temp, "half", 4);
    assert_int_equal(pg_store_collect(f.store).stale_files, 0);
    f.clock.now += 3601 * PG_NS_PER_SECOND;
    assert_int_equal(pg_store_collect(f.store).stale_files, 1);
    assert_int_equal(access(temp, F_OK), -1);
    assert_true(fixture_has(&f, "/w/plan-0", "x", NULL));
}

static void test_schemas_nobody_used_for_a_week_go(void **state)
{
    (void)state;
    put_many(0, 3, "x");
    f.options.schema = 8;
    fixture_reopen(&f);
    put_many(0, 1, "y");
    assert_int_equal(pg_store_collect(f.store).stale_schemas, 0);
    char bystander[256];
    (void)snprintf(bystander, sizeof bystander, "%s/not-ours", f.dir);
    test_write_file(bystander, "x", 1);
    f.clock.now += (7 * 24 * 3600 + 60) * PG_NS_PER_SECOND;
    assert_int_equal(pg_store_collect(f.store).stale_schemas, 1);
    assert_true(fixture_has(&f, "/w/plan-0", "y", NULL));
    assert_int_equal(access(bystander, F_OK), 0);
    f.options.schema = 7;
    fixture_reopen(&f);
    assert_false(fixture_has(&f, "/w/plan-0", "x", NULL));
}

static void test_a_collection_is_left_to_the_process_that_is_at_it(void **state)
{
    (void)state;
    put_many(0, 10, "x");
    f.options.max_records = 5;
    fixture_reopen(&f);
    char lock[256];
    (void)snprintf(lock, sizeof lock, "%s/%s/gc.lock", f.dir, f.store->version);
    int fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    pg_store_gc gc = pg_store_collect(f.store);
    assert_true(gc.busy);
    uint64_t bytes;
    assert_int_equal(on_disk(&bytes), 10);
    assert_int_equal(close(fd), 0); // what a dead process leaves is an unlocked file
    assert_false(pg_store_collect(f.store).busy);
    assert_int_equal(on_disk(&bytes), 4);
}

static void test_clearing_removes_every_record_of_every_schema(void **state)
{
    (void)state;
    put_many(0, 5, "x");
    f.options.schema = 8;
    fixture_reopen(&f);
    put_many(0, 2, "y");
    pg_store_gc gc = pg_store_clear(f.store);
    assert_int_equal(gc.removed, 2);
    assert_int_equal(gc.stale_schemas, 1);
    uint64_t bytes;
    assert_int_equal(on_disk(&bytes), 0);
    put_many(0, 1, "z");
    assert_true(fixture_has(&f, "/w/plan-0", "z", NULL));
}

static void test_clearing_works_without_records_of_ones_own(void **state)
{
    (void)state;
    assert_int_equal(pg_store_clear(f.store).removed, 0);
    put_many(0, 5, "x");
    f.options.schema = 8;
    fixture_reopen(&f);
    assert_int_equal(pg_store_clear(f.store).stale_schemas, 1);
}

static void test_records_can_be_looked_at_by_name_without_marking_them(void **state)
{
    (void)state;
    put_many(0, 3, "payload");
    set_used("/w/plan-1", f.clock.now - 100 * 3600 * PG_NS_PER_SECOND);
    int64_t before = used("/w/plan-1");
    pg_store_item *items = NULL;
    size_t count = 0;
    assert_int_equal(pg_store_list(f.store, &items, &count, NULL), PG_OK);
    assert_int_equal(count, 3);
    int seen = 0;
    for (size_t i = 0; i < count; i++) {
        pg_store_miss miss;
        pg_store_record *record = pg_store_inspect(f.store, items[i].name, &miss);
        assert_non_null(record);
        seen += pg_str_equal(pg_store_record_key(record), PG_STR("/w/plan-1"));
        pg_store_record_free(record);
    }
    assert_int_equal(seen, 1);
    assert_int_equal(used("/w/plan-1"), before);
    assert_true(pg_store_discard(f.store, items[0].name));
    assert_false(pg_store_discard(f.store, items[0].name));
    pg_store_items_free(f.store, items, count);
    const char *const bad[] = {"", "..", "../../../etc/pass", "0123456789abcde",
                               "0123456789ABCDEF"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_null(pg_store_inspect(f.store, bad[i], NULL));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(pg_store_discard(f.store, bad[i]));
    pg_store_stats stats;
    pg_store_read_stats(f.store, &stats);
    assert_int_equal(stats.misses[PG_STORE_MISS_ABSENT], 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_ten_times_the_bound_of_records_stays_within_it),
        TEST(test_ten_times_the_bound_of_bytes_stays_within_it),
        TEST(test_what_was_used_longest_ago_goes_first),
        TEST(test_use_is_noted_once_a_day),
        TEST(test_temporary_files_of_the_dead_go_after_an_hour),
        TEST(test_schemas_nobody_used_for_a_week_go),
        TEST(test_a_collection_is_left_to_the_process_that_is_at_it),
        TEST(test_clearing_removes_every_record_of_every_schema),
        TEST(test_clearing_works_without_records_of_ones_own),
        TEST(test_records_can_be_looked_at_by_name_without_marking_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
