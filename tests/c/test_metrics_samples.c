/// Tests of percentiles in bounded memory.
#include "support.h"

#include "metrics_internal.h"

#include <math.h>
#include <stdlib.h>

static pg_series *new_histogram(pg_metric **metric)
{
    pg_metric_def def = {
        .kind = PG_METRIC_HISTOGRAM, .name = PG_STR("h_seconds"), .help = PG_STR("H")};
    pg_series *s = NULL;
    assert_int_equal(pg_metric_new(NULL, NULL, &def, metric, NULL), PG_OK);
    assert_int_equal(pg_metric_series(*metric, NULL, 0, &s, NULL), PG_OK);
    return s;
}

static double percentile(pg_series *s, double p)
{
    double value = -1;
    assert_int_equal(pg_histogram_percentile(s, p, &value, NULL), PG_OK);
    return value;
}

static const double points[] = {0, 0.05, 0.25, 0.5, 0.9, 0.95, 0.99, 1};
enum { POINTS = sizeof points / sizeof points[0] };

static void test_up_to_512_observations_percentiles_are_exact(void **state)
{
    (void)state;
    for (size_t n = 1; n <= PG_METRIC_EXACT_SAMPLES; n++) {
        pg_metric *m = NULL;
        pg_series *s = new_histogram(&m);
        for (size_t i = 0; i < n; i++) // 521 is prime: all of 0..n-1, shuffled
            pg_histogram_observe(s, (double)(i * 521 % n));
        for (size_t k = 0; k < POINTS; k++) {
            size_t index = (size_t)((double)n * points[k]);
            if (index >= n)
                index = n - 1;
            assert_true(percentile(s, points[k]) == (double)index);
        }
        pg_series_release(s);
        pg_metric_release(m);
    }
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void test_a_million_observations_stay_within_one_percent(void **state)
{
    (void)state;
    const size_t n = 1000000;
    double *values = malloc(n * sizeof *values);
    assert_non_null(values);
    pg_metric *m = NULL;
    pg_series *s = new_histogram(&m);
    uint64_t seed = 42;
    for (size_t i = 0; i < n; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        double u = (double)(seed >> 11) / 9007199254740992.0;
        values[i] = 2e-6 * (double)(1u << (seed >> 6) % 27) * (1 + u); // 2 us to 268 s
        pg_histogram_observe(s, values[i]);
    }
    qsort(values, n, sizeof *values, ascending);
    for (double p = 0; p <= 1; p += 0.001) {
        size_t index = (size_t)((double)n * p);
        double exact = values[index < n ? index : n - 1];
        double got = percentile(s, p);
        if (fabs(got - exact) > 0.01 * exact)
            fail_msg("p=%g: %.17g instead of %.17g", p, got, exact);
    }
    free(values);
    pg_series_release(s);
    pg_metric_release(m);
}

static void test_every_bin_border_is_within_one_percent(void **state)
{
    (void)state;
    pg_metric *m = NULL;
    pg_series *s = new_histogram(&m);
    for (double v = 2e-6; v < 400; v *= 1.004) {
        pg_series_reset(s);
        for (int i = 0; i <= PG_METRIC_EXACT_SAMPLES; i++)
            pg_histogram_observe(s, 1e-6);
        for (int i = 0; i < 3 * PG_METRIC_EXACT_SAMPLES; i++)
            pg_histogram_observe(s, v);
        pg_histogram_observe(s, 1000);
        assert_true(fabs(percentile(s, 0.5) - v) <= 0.01 * v);
    }
    pg_series_release(s);
    pg_metric_release(m);
}

/// Percentiles of `count` observations from `first` on, `step` apart, are within `error` of the
/// range.
static void check_spread(double first, double step, int count, double error)
{
    pg_metric *m = NULL;
    pg_series *s = new_histogram(&m);
    for (int i = 0; i < count; i++) // in an order that has nothing to do with their size
        pg_histogram_observe(s, first + step * (double)((int64_t)i * 7919 % count));
    for (double p = 0; p <= 1; p += 0.05) {
        int index = (int)((double)count * p);
        double exact = first + step * (index < count ? index : count - 1);
        double got = percentile(s, p);
        if (fabs(got - exact) > error * step * count)
            fail_msg("p=%g of %g..: %.17g instead of %.17g", p, first, got, exact);
    }
    pg_series_release(s);
    pg_metric_release(m);
}

static void test_values_outside_the_range_count_as_evenly_spread(void **state)
{
    (void)state;
    check_spread(1, 1, 100000, 0.02);       // to 100 times above the range of the default bounds
    check_spread(-500, 0.01, 100001, 0.02); // half of them below zero
    check_spread(-2000, 1, 1000, 0.02);
    check_spread(5000, 1, 2000, 0.02);
}

static void test_values_far_outside_the_range_stay_between_its_end_and_the_extremes(void **state)
{
    (void)state;
    pg_metric *m = NULL;
    pg_series *s = new_histogram(&m);
    for (int i = 0; i < PG_METRIC_EXACT_SAMPLES; i++) // what follows is known by its bin alone
        pg_histogram_observe(s, 1);
    for (int i = 0; i < 1000; i++) {
        pg_histogram_observe(s, -5);
        pg_histogram_observe(s, 1e-30);
        pg_histogram_observe(s, 1e30);
    }
    const struct {
        double p, low, high;
    } expected[] = {{0, -5, -5}, {0.2, -5, 1e-6},  {0.5, -5, 1e-6},
                    {0.6, 1, 1}, {0.9, 512, 1e30}, {1, 1e30, 1e30}};
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        assert_true(percentile(s, expected[i].p) >= expected[i].low);
        assert_true(percentile(s, expected[i].p) <= expected[i].high);
    }
    pg_histogram_observe(s, (double)INFINITY);
    assert_true(isfinite(percentile(s, 0.9))); // at least the end of the range
    assert_true(isinf(percentile(s, 1)));
    pg_series_release(s);
    pg_metric_release(m);
}

static void test_the_bins_follow_the_scale_of_the_bounds(void **state)
{
    (void)state;
    static const double bounds[] = {1024, 65536, 1048576};
    pg_metric_def def = {.kind = PG_METRIC_HISTOGRAM,
                         .name = PG_STR("h_bytes"),
                         .help = PG_STR("H"),
                         .bounds = bounds,
                         .bound_count = 3};
    pg_metric *m = NULL;
    pg_series *s = NULL;
    assert_int_equal(pg_metric_new(NULL, NULL, &def, &m, NULL), PG_OK);
    assert_int_equal(pg_metric_series(m, NULL, 0, &s, NULL), PG_OK);
    for (int i = 1; i <= 100000; i++)
        pg_histogram_observe(s, i * 100.0);
    assert_true(fabs(percentile(s, 0.95) - 9500000) <= 95000);
    pg_series_release(s);
    pg_metric_release(m);
}

static void test_a_percentile_outside_0_to_1_is_refused_and_of_nothing_is_0(void **state)
{
    (void)state;
    pg_metric *m = NULL;
    pg_series *s = new_histogram(&m);
    double value = -1;
    assert_int_equal(pg_histogram_percentile(s, 1.01, &value, NULL), PG_INVALID);
    assert_int_equal(pg_histogram_percentile(s, -0.01, &value, NULL), PG_INVALID);
    assert_int_equal(pg_histogram_percentile(s, (double)NAN, &value, NULL), PG_INVALID);
    assert_true(percentile(s, 0.5) == 0);
    pg_series_release(s);
    pg_metric_release(m);
}

static void test_memory_does_not_grow_with_observations(void **state)
{
    (void)state;
    test_alloc t;
    test_alloc_init(&t);
    pg_metric_def def = {
        .kind = PG_METRIC_HISTOGRAM, .name = PG_STR("h_seconds"), .help = PG_STR("H")};
    pg_metric *m = NULL;
    pg_series *s = NULL;
    assert_int_equal(pg_metric_new(&t.alloc, NULL, &def, &m, NULL), PG_OK);
    assert_int_equal(pg_metric_series(m, NULL, 0, &s, NULL), PG_OK);
    size_t bytes = t.bytes;
    assert_true(sizeof(pg_samples) <= 8704); // 8.5 KiB a series
    for (int i = 0; i < 100000; i++)
        pg_histogram_observe(s, i * 1e-5);
    assert_true(percentile(s, 0.5) > 0);
    assert_int_equal(t.bytes, bytes);
    pg_series_release(s);
    pg_metric_release(m);
    assert_int_equal(t.live, 0);
}

static void test_a_full_bin_stops_instead_of_wrapping(void **state)
{
    (void)state;
    pg_metric *m = NULL;
    pg_series *s = new_histogram(&m);
    pg__samples_add_many(s->samples, 0.5, UINT64_C(1) << 40);
    size_t bin = 0;
    while (atomic_load(&s->samples->bins[bin]) == 0)
        bin++;
    atomic_fetch_add(&s->samples->bins[bin], 1000); // threads that passed the check together
    pg__samples_add_many(s->samples, 0.5, 5000);
    assert_true(atomic_load(&s->samples->bins[bin]) > UINT32_MAX - UINT32_C(1024));
    pg__samples_add_many(s->samples, 2, 10);
    pg_histogram_observe(s, 2);
    pg_histogram_observe(s, 0.1);
    assert_true(fabs(percentile(s, 0.5) - 0.5) <= 0.005);
    pg_series_release(s);
    pg_metric_release(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_up_to_512_observations_percentiles_are_exact),
        cmocka_unit_test(test_a_million_observations_stay_within_one_percent),
        cmocka_unit_test(test_every_bin_border_is_within_one_percent),
        cmocka_unit_test(test_values_outside_the_range_count_as_evenly_spread),
        cmocka_unit_test(test_values_far_outside_the_range_stay_between_its_end_and_the_extremes),
        cmocka_unit_test(test_the_bins_follow_the_scale_of_the_bounds),
        cmocka_unit_test(test_a_percentile_outside_0_to_1_is_refused_and_of_nothing_is_0),
        cmocka_unit_test(test_memory_does_not_grow_with_observations),
        cmocka_unit_test(test_a_full_bin_stops_instead_of_wrapping),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
