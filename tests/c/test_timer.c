/// Tests of the stopwatch and the deadline.
#include "support.h"

#include "promptgen/timer.h"

static void test_a_stopwatch_reads_zero_before_its_first_start(void **state)
{
    (void)state;
    test_clock t;
    test_clock_init(&t, 5000);
    pg_stopwatch w = pg_stopwatch_new(&t.clock);
    t.now += 100;
    assert_int_equal(pg_stopwatch_elapsed_ns(&w), 0);
    assert_int_equal(pg_stopwatch_stop(&w), 0);
}

static void test_a_stopwatch_grows_while_open_and_stands_after_stop(void **state)
{
    (void)state;
    test_clock t;
    test_clock_init(&t, 5000);
    pg_stopwatch w = pg_stopwatch_new(&t.clock);
    pg_stopwatch_start(&w);
    t.now += 7;
    assert_int_equal(pg_stopwatch_elapsed_ns(&w), 7);
    t.now += 3;
    assert_int_equal(pg_stopwatch_stop(&w), 10);
    t.now += 90;
    assert_int_equal(pg_stopwatch_elapsed_ns(&w), 10);
    assert_int_equal(pg_stopwatch_stop(&w), 10);
}

static void test_a_second_start_begins_a_new_span(void **state)
{
    (void)state;
    test_clock t;
    test_clock_init(&t, 0);
    pg_stopwatch w = pg_stopwatch_new(&t.clock);
    pg_stopwatch_start(&w);
    t.now = 50;
    pg_stopwatch_start(&w);
    t.now = 60;
    assert_int_equal(pg_stopwatch_stop(&w), 10);
}

static void test_a_clock_that_jumps_back_gives_zero(void **state)
{
    (void)state;
    test_clock t;
    test_clock_init(&t, 1000);
    pg_stopwatch w = pg_stopwatch_new(&t.clock);
    pg_stopwatch_start(&w);
    t.now = 10;
    assert_int_equal(pg_stopwatch_elapsed_ns(&w), 0);
    assert_int_equal(pg_stopwatch_stop(&w), 0);
}

static void test_a_span_over_the_whole_range_does_not_overflow(void **state)
{
    (void)state;
    test_clock t;
    test_clock_init(&t, INT64_MIN);
    pg_stopwatch w = pg_stopwatch_new(&t.clock);
    pg_stopwatch_start(&w);
    t.now = INT64_MAX;
    assert_true(pg_stopwatch_stop(&w) == INT64_MAX);
}

static void test_the_stock_clock_serves_a_null_clock(void **state)
{
    (void)state;
    pg_stopwatch w = pg_stopwatch_new(NULL);
    pg_stopwatch_start(&w);
    int64_t first = pg_stopwatch_elapsed_ns(&w);
    assert_true(first >= 0);
    assert_true(pg_stopwatch_stop(&w) >= first);
}

static void test_a_deadline_passes_at_its_very_moment(void **state)
{
    (void)state;
    test_clock t;
    test_clock_init(&t, 100);
    pg_deadline d = pg_deadline_after(&t.clock, 50);
    assert_int_equal(pg_deadline_left_ns(&d), 50);
    t.now = 149;
    assert_false(pg_deadline_passed(&d));
    t.now = 150;
    assert_true(pg_deadline_passed(&d));
    assert_int_equal(pg_deadline_left_ns(&d), 0);
}

static void test_a_deadline_of_zero_or_less_has_passed(void **state)
{
    (void)state;
    test_clock t;
    test_clock_init(&t, 100);
    pg_deadline now = pg_deadline_after(&t.clock, 0);
    pg_deadline past = pg_deadline_after(&t.clock, INT64_MIN);
    assert_true(pg_deadline_passed(&now));
    assert_true(pg_deadline_passed(&past));
}

static void test_a_deadline_beyond_the_clock_is_never(void **state)
{
    (void)state;
    test_clock t;
    test_clock_init(&t, 100);
    pg_deadline d = pg_deadline_after(&t.clock, INT64_MAX);
    t.now = INT64_MAX;
    assert_false(pg_deadline_passed(&d));
    assert_true(pg_deadline_left_ns(&d) == PG_DEADLINE_NEVER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_stopwatch_reads_zero_before_its_first_start),
        cmocka_unit_test(test_a_stopwatch_grows_while_open_and_stands_after_stop),
        cmocka_unit_test(test_a_second_start_begins_a_new_span),
        cmocka_unit_test(test_a_clock_that_jumps_back_gives_zero),
        cmocka_unit_test(test_a_span_over_the_whole_range_does_not_overflow),
        cmocka_unit_test(test_the_stock_clock_serves_a_null_clock),
        cmocka_unit_test(test_a_deadline_passes_at_its_very_moment),
        cmocka_unit_test(test_a_deadline_of_zero_or_less_has_passed),
        cmocka_unit_test(test_a_deadline_beyond_the_clock_is_never),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
