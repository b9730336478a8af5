/// Tests of sets of dependencies: each path once, copied, and no two contents under one path.
#include "support.h"

#include "promptgen/dep_set.h"

#include <stdio.h>
#include <string.h>

static pg_dep file(const char *path, uint64_t content)
{
    return (pg_dep){.path = pg_str_from(path), .kind = PG_DEP_FILE, .hash = {.low = content}};
}

static uint32_t add(pg_dep_set *set, pg_dep dep)
{
    uint32_t position = UINT32_MAX;
    assert_int_equal(pg_dep_set_add(set, &dep, &position, NULL), PG_OK);
    return position;
}

static pg_dep_set *make(void)
{
    pg_dep_set *set = NULL;
    assert_int_equal(pg_dep_set_new(NULL, &set, NULL), PG_OK);
    return set;
}

static void test_a_path_is_kept_once_and_keeps_its_position(void **state)
{
    (void)state;
    pg_dep_set *set = make();
    char name[16];
    for (int round = 0; round < 2; round++)
        for (uint32_t i = 0; i < 5000; i++) {
            (void)snprintf(name, sizeof name, "f%u", i);
            assert_int_equal(add(set, file(name, i)), i);
        }
    memset(name, 'x', sizeof name);
    assert_int_equal(pg_dep_set_count(set), 5000);
    assert_true(pg_str_equal(pg_dep_set_items(set)[4711].path, PG_STR("f4711")));
    assert_int_equal(pg_dep_set_items(set)[4711].hash.low, 4711);
    assert_false(pg_dep_set_mixed(set));
    pg_dep_set_free(set);
}

static void test_another_content_or_kind_under_a_path_makes_the_set_mixed(void **state)
{
    (void)state;
    pg_dep_set *set = make();
    (void)add(set, file("a", 1));
    (void)add(set, file("a", 2));
    assert_true(pg_dep_set_mixed(set));
    assert_int_equal(pg_dep_set_items(set)[0].hash.low, 1);
    pg_dep_set_free(set);
    set = make();
    (void)add(set, file("a", 0));
    (void)add(set, (pg_dep){.path = PG_STR("a"), .kind = PG_DEP_ABSENT});
    assert_true(pg_dep_set_mixed(set));
    assert_int_equal(pg_dep_set_count(set), 1);
    pg_dep_set_free(set);
}

static void test_another_signature_of_the_same_content_is_the_same_dependency(void **state)
{
    (void)state;
    pg_dep_set *set = make();
    pg_dep dep = file("a", 1);
    (void)add(set, dep);
    dep.signature.mtime_ns = 5;
    assert_int_equal(add(set, dep), 0);
    assert_false(pg_dep_set_mixed(set));
    pg_dep_set_free(set);
}

static void test_long_paths_have_room(void **state)
{
    (void)state;
    pg_dep_set *set = make();
    static char path[200 * 1000];
    memset(path, 'p', sizeof path);
    (void)add(set, (pg_dep){.path = {path, sizeof path}});
    (void)add(set, (pg_dep){.path = {path, sizeof path - 1}});
    assert_int_equal(pg_dep_set_items(set)[1].path.len, sizeof path - 1);
    pg_dep_set_free(set);
    pg_dep_set_free(NULL);
}

static bool build(const pg_alloc *alloc, void *ctx)
{
    (void)ctx;
    pg_dep_set *set = NULL;
    bool ok = pg_dep_set_new(alloc, &set, NULL) == PG_OK;
    char name[16];
    for (int i = 0; i < 200 && ok; i++) {
        (void)snprintf(name, sizeof name, "f%d", i);
        pg_dep dep = file(name, 1);
        size_t before = pg_dep_set_count(set);
        ok = pg_dep_set_add(set, &dep, NULL, NULL) == PG_OK;
        assert_int_equal(pg_dep_set_count(set), before + (ok ? 1 : 0));
    }
    pg_dep_set_free(set);
    return ok;
}

static void test_a_set_survives_every_failed_allocation(void **state)
{
    (void)state;
    test_alloc_sweep(build, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_path_is_kept_once_and_keeps_its_position),
        cmocka_unit_test(test_another_content_or_kind_under_a_path_makes_the_set_mixed),
        cmocka_unit_test(test_another_signature_of_the_same_content_is_the_same_dependency),
        cmocka_unit_test(test_long_paths_have_room),
        cmocka_unit_test(test_a_set_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
