/// Tests of parsing many files at once: the same records as one by one, errors in their place.
#include "support.h"

#include "promptgen/batch.h"

#define FILES 200
#include "plan_folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static pg_batch_result *run(const pg_str *paths, size_t count, pg_batch_options options)
{
    pg_batch_result *results = calloc(count, sizeof *results);
    assert_non_null(results);
    options.patterns = f.patterns;
    assert_true(pg_batch_parse(f.root, paths, count, &options, results) >= 1);
    return results;
}

static void free_results(pg_batch_result *results, size_t count)
{
    for (size_t i = 0; i < count; i++)
        pg_plan_release(results[i].plan);
    free(results);
}

static void test_each_file_gives_the_record_it_gives_alone(void **state)
{
    (void)state;
    const unsigned threads[] = {1, 4, 0};
    for (size_t t = 0; t < 3; t++) {
        pg_batch_result *results = run(f.paths, FILES, (pg_batch_options){.threads = threads[t]});
        for (size_t i = 0; i < FILES; i++) {
            assert_int_equal(results[i].err.code, PG_OK);
            assert_non_null(results[i].plan);
            pg_buf text;
            pg_buf_init(&text, NULL);
            pg_signature signature;
            assert_int_equal(pg_root_read(f.root, f.paths[i], 0, &text, &signature, NULL), PG_OK);
            pg_plan_options options = {.patterns = f.patterns, .path = f.paths[i]};
            pg_plan *alone = NULL;
            assert_int_equal(pg_plan_parse(pg_buf_str(&text), &options, NULL, &alone, NULL), PG_OK);
            assert_true(pg_str_equal(pg_plan_dump(alone), pg_plan_dump(results[i].plan)));
            assert_true(pg_signature_equal(&signature, &results[i].signature));
            assert_true(pg_hash128_equal(pg_hash128_of(pg_buf_str(&text)), results[i].hash));
            pg_plan_release(alone);
            pg_buf_free(&text);
        }
        free_results(results, FILES);
    }
}

static void test_a_bad_file_has_its_error_and_stops_no_other(void **state)
{
    (void)state;
    char path[128];
    (void)snprintf(path, sizeof path, "%s/folder.md", f.dir);
    assert_int_equal(mkdir(path, 0700), 0);
    const pg_str paths[] = {f.paths[0], PG_STR("missing.md"),    PG_STR("folder.md"),
                            f.paths[1], PG_STR("../outside.md"), f.paths[2]};
    pg_batch_result *results = run(paths, 6, (pg_batch_options){.threads = 3});
    const pg_status expected[] = {PG_OK, PG_NOT_FOUND, PG_NOT_REGULAR, PG_OK, PG_OUTSIDE, PG_OK};
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(results[i].err.code, expected[i]);
        assert_int_equal(results[i].plan != NULL, expected[i] == PG_OK);
    }
    free_results(results, 6);
}

static void test_nothing_is_begun_after_the_deadline(void **state)
{
    (void)state;
    test_clock clock;
    test_clock_init(&clock, 1000);
    pg_batch_options options = {.threads = 2, .clock = &clock.clock, .deadline_ns = 1001};
    pg_batch_result *results = run(f.paths, 10, options);
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(results[i].err.code, PG_OK);
    free_results(results, 10);
    clock.now = 1001;
    results = run(f.paths, 10, options);
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(results[i].err.code, PG_LIMIT);
    free_results(results, 10);
}

static void test_no_files_are_no_work(void **state)
{
    (void)state;
    pg_batch_options options = {.patterns = f.patterns};
    assert_int_equal(pg_batch_parse(f.root, NULL, 0, &options, NULL), 1);
}

static bool parse_swept(const pg_alloc *alloc, void *ctx)
{
    (void)ctx;
    pg_batch_options options = {.patterns = f.patterns, .alloc = alloc, .threads = 1};
    pg_batch_result results[2];
    (void)pg_batch_parse(f.root, f.paths, 2, &options, results);
    bool ok = true;
    for (int i = 0; i < 2; i++) {
        ok = ok && results[i].plan != NULL;
        assert_true(results[i].plan != NULL || results[i].err.code == PG_NOMEM);
        pg_plan_release(results[i].plan);
    }
    return ok;
}

static void test_a_batch_survives_every_failed_allocation(void **state)
{
    (void)state;
    test_alloc_sweep(parse_swept, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_file_gives_the_record_it_gives_alone),
        cmocka_unit_test(test_a_bad_file_has_its_error_and_stops_no_other),
        cmocka_unit_test(test_nothing_is_begun_after_the_deadline),
        cmocka_unit_test(test_no_files_are_no_work),
        cmocka_unit_test(test_a_batch_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
