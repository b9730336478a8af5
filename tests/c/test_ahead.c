/// Tests of reading ahead: the same records as without, once, whatever the other thread is doing.
#include "support.h"

#include "promptgen/ahead.h"
#include "promptgen/pool.h"

#define FILES 40
#include "plan_folder.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// A reader, or the end of the test where there is no second processor.
static pg_ahead *new_reader(const pg_alloc *alloc)
{
    if (pg_pool_processors() < 2)
        skip();
    pg_ahead *ahead = NULL;
    assert_int_equal(pg_ahead_new(f.root, alloc, &ahead, NULL), PG_OK);
    return ahead;
}

static void wait_for(pg_ahead *ahead, pg_str path, bool header_only)
{
    while (!pg_ahead_is_ready(ahead, path, header_only))
        (void)sched_yield();
}

/// Compares with what reading and parsing it here gives, and releases it.
static void check_result(pg_ahead_result *result, pg_str path, bool header_only)
{
    pg_buf text;
    pg_buf_init(&text, NULL);
    pg_signature signature;
    assert_int_equal(pg_root_read(f.root, path, 0, &text, &signature, NULL), PG_OK);
    pg_plan_options options = {.patterns = f.patterns, .path = path, .header_only = header_only};
    pg_plan *alone = NULL;
    assert_int_equal(pg_plan_parse(pg_buf_str(&text), &options, NULL, &alone, NULL), PG_OK);
    assert_true(pg_str_equal(pg_plan_dump(alone), pg_plan_dump(result->plan)));
    assert_true(pg_signature_equal(&signature, &result->signature));
    assert_true(pg_hash128_equal(pg_hash128_of(pg_buf_str(&text)), result->hash));
    pg_plan_release(alone);
    pg_plan_release(result->plan);
    pg_buf_free(&text);
}

static void test_a_document_read_ahead_is_the_one_read_here(void **state)
{
    (void)state;
    for (int header = 0; header < 2; header++) {
        pg_ahead *ahead = new_reader(NULL);
        for (int i = 0; i < FILES; i++)
            assert_true(pg_ahead_want(ahead, f.paths[i], header));
        pg_ahead_give_patterns(ahead, f.patterns);
        for (int i = 0; i < FILES; i++) {
            wait_for(ahead, f.paths[i], header);
            pg_ahead_result result;
            assert_true(pg_ahead_take(ahead, f.paths[i], header, &result));
            check_result(&result, f.paths[i], header);
        }
        pg_ahead_free(ahead);
    }
}

static void test_a_document_is_given_once_and_only_as_it_was_wanted(void **state)
{
    (void)state;
    pg_ahead *ahead = new_reader(NULL);
    pg_ahead_give_patterns(ahead, f.patterns);
    assert_true(pg_ahead_want(ahead, f.paths[0], false));
    assert_false(pg_ahead_want(ahead, f.paths[0], false));
    wait_for(ahead, f.paths[0], false);
    pg_ahead_result result;
    assert_false(pg_ahead_take(ahead, f.paths[0], true, &result));
    assert_false(pg_ahead_take(ahead, f.paths[1], false, &result));
    assert_true(pg_ahead_take(ahead, f.paths[0], false, &result));
    check_result(&result, f.paths[0], false);
    assert_false(pg_ahead_take(ahead, f.paths[0], false, &result));
    pg_ahead_free(ahead);
}

static void test_taking_races_with_reading(void **state)
{
    (void)state;
    for (int round = 0; round < 20; round++) {
        pg_ahead *ahead = new_reader(NULL);
        for (int i = 0; i < FILES; i++)
            (void)pg_ahead_want(ahead, f.paths[i], false);
        pg_ahead_give_patterns(ahead, f.patterns);
        pg_ahead_finish(ahead);
        for (int i = FILES; i-- > 0;) {
            pg_ahead_result result;
            if (pg_ahead_take(ahead, f.paths[i], false, &result))
                check_result(&result, f.paths[i], false);
        }
        pg_ahead_free(ahead);
    }
}

static void test_what_cannot_be_read_is_left_to_the_caller(void **state)
{
    (void)state;
    pg_ahead *ahead = new_reader(NULL);
    pg_ahead_give_patterns(ahead, f.patterns);
    const pg_str paths[] = {PG_STR("missing.md"), PG_STR("../outside.md"), PG_STR("."), f.paths[3]};
    for (size_t i = 0; i < 4; i++)
        assert_true(pg_ahead_want(ahead, paths[i], false));
    assert_false(pg_ahead_want(ahead, PG_STR(""), false));
    for (size_t i = 0; i < 4; i++) {
        wait_for(ahead, paths[i], false);
        pg_ahead_result result;
        assert_int_equal(pg_ahead_take(ahead, paths[i], false, &result), i == 3);
        if (i == 3)
            check_result(&result, paths[i], false);
    }
    pg_ahead_free(ahead);
}

static void test_a_full_or_finished_list_takes_no_more(void **state)
{
    (void)state;
    pg_ahead *ahead = new_reader(NULL);
    char name[32];
    for (int i = 0; i < PG_AHEAD_MAX; i++) {
        (void)snprintf(name, sizeof name, "missing_%d.md", i);
        assert_true(pg_ahead_want(ahead, pg_str_from(name), false));
    }
    assert_false(pg_ahead_want(ahead, f.paths[0], false));
    pg_ahead_free(ahead);
    ahead = new_reader(NULL);
    pg_ahead_finish(ahead);
    assert_false(pg_ahead_want(ahead, f.paths[0], false));
    pg_ahead_free(ahead);
}

static void test_a_reader_ends_without_patterns_and_with_work_left(void **state)
{
    (void)state;
    for (int round = 0; round < 20; round++) {
        pg_ahead *ahead = new_reader(NULL);
        for (int i = 0; i < FILES; i++)
            (void)pg_ahead_want(ahead, f.paths[i], false);
        if (round % 2 == 1)
            pg_ahead_give_patterns(ahead, f.patterns);
        pg_ahead_free(ahead);
    }
    pg_ahead_free(NULL);
}

/// While the other thread allocates, this one only waits: the failing request is the same each run.
static bool read_swept(const pg_alloc *alloc, void *ctx)
{
    (void)ctx;
    pg_ahead *ahead = NULL;
    if (pg_ahead_new(f.root, alloc, &ahead, NULL) != PG_OK)
        return false;
    pg_ahead_give_patterns(ahead, f.patterns);
    bool ok = pg_ahead_want(ahead, f.paths[0], false);
    if (ok) {
        wait_for(ahead, f.paths[0], false);
        pg_ahead_result result;
        ok = pg_ahead_take(ahead, f.paths[0], false, &result);
        if (ok)
            check_result(&result, f.paths[0], false);
    }
    pg_ahead_free(ahead);
    return ok;
}

static void test_a_reader_survives_every_failed_allocation(void **state)
{
    (void)state;
    if (pg_pool_processors() < 2)
        skip();
    test_alloc_sweep(read_swept, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_document_read_ahead_is_the_one_read_here),
        cmocka_unit_test(test_a_document_is_given_once_and_only_as_it_was_wanted),
        cmocka_unit_test(test_taking_races_with_reading),
        cmocka_unit_test(test_what_cannot_be_read_is_left_to_the_caller),
        cmocka_unit_test(test_a_full_or_finished_list_takes_no_more),
        cmocka_unit_test(test_a_reader_ends_without_patterns_and_with_work_left),
        cmocka_unit_test(test_a_reader_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
