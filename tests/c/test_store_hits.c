/// Tests of the table of hits: it counts over processes, and whatever becomes of it harms nothing.
#include "store_support.h"

#include <sys/stat.h>

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

static void use(const char *key, int times)
{
    for (int i = 0; i < times; i++) {
        pg_store_record *record = pg_store_fetch(f.store, pg_str_from(key), f.root, NULL, NULL);
        assert_non_null(record);
        pg_store_record_free(record);
    }
}

static uint64_t hits_of(const char *key)
{
    return pg_store_hits(f.store, pg__store_path_of(pg_str_from(key)).text + 3);
}

static void table_path(char *path, size_t size)
{
    (void)snprintf(path, size, "%s/%s/hits", f.dir, f.store->version);
}

static void test_uses_are_counted_over_processes_and_misses_are_not(void **state)
{
    (void)state;
    assert_true(fixture_put(&f, "/w/a", NULL, 0, "x"));
    assert_true(fixture_put(&f, "/w/b", NULL, 0, "x"));
    assert_int_equal(hits_of("/w/a"), 0);
    use("/w/a", 3);
    use("/w/b", 1);
    fixture_reopen(&f);
    use("/w/a", 2);
    assert_null(pg_store_fetch(f.store, PG_STR("/w/none"), f.root, NULL, NULL));
    assert_int_equal(hits_of("/w/a"), 5);
    assert_int_equal(hits_of("/w/b"), 1);
    assert_int_equal(hits_of("/w/none"), 0);
}

static void test_clearing_begins_anew(void **state)
{
    (void)state;
    assert_true(fixture_put(&f, "/w/a", NULL, 0, "x"));
    use("/w/a", 3);
    (void)pg_store_clear(f.store);
    assert_true(fixture_put(&f, "/w/a", NULL, 0, "x"));
    assert_int_equal(hits_of("/w/a"), 0);
    use("/w/a", 1);
    assert_int_equal(hits_of("/w/a"), 1);
}

static void test_a_table_that_is_damaged_or_in_the_way_harms_nothing(void **state)
{
    (void)state;
    char path[256], other[256];
    assert_true(fixture_put(&f, "/w/a", NULL, 0, "x"));
    table_path(path, sizeof path);
    test_write_file(path, "not a table", 11);
    use("/w/a", 2);
    assert_int_equal(hits_of("/w/a"), 2);
    (void)snprintf(other, sizeof other, "%s/other", f.base);
    test_write_file(other, "", 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink(other, path), 0);
    fixture_reopen(&f);
    use("/w/a", 2);
    assert_int_equal(hits_of("/w/a"), 0);
    struct stat st;
    assert_int_equal(stat(other, &st), 0);
    assert_int_equal(st.st_size, 0); // the link was not followed
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    fixture_reopen(&f);
    use("/w/a", 2);
    assert_int_equal(hits_of("/w/a"), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_uses_are_counted_over_processes_and_misses_are_not),
        TEST(test_clearing_begins_anew),
        TEST(test_a_table_that_is_damaged_or_in_the_way_harms_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
