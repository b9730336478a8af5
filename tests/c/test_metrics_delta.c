/// Tests of deltas: taking, giving back, merging, and refusing hostile ones.
#include "support.h"

#include "promptgen/metric_names.h"
#include "promptgen/metrics.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const pg_str next_success[] = {{"next", 4}, {"success", 7}};

static pg_metrics *standard(void)
{
    pg_metrics *r = NULL;
    assert_int_equal(pg_metrics_new_standard(NULL, NULL, &r, NULL), PG_OK);
    pg_deltas *d = NULL; // build_info was set; start with nothing to take
    assert_int_equal(pg_metrics_take(r, &d, NULL), PG_OK);
    pg_deltas_commit(d);
    pg_deltas_free(d);
    return r;
}

static pg_series *prompts(pg_metrics *r)
{
    pg_series *s = NULL;
    assert_int_equal(pg_metrics_series(r, PG_METRIC_ID_PROMPTS, next_success, 2, &s, NULL), PG_OK);
    return s;
}

static pg_series *duration(pg_metrics *r)
{
    pg_series *s = NULL;
    assert_int_equal(pg_metrics_series(r, PG_METRIC_ID_PROMPT_DURATION, next_success, 1, &s, NULL),
                     PG_OK);
    return s;
}

/// Takes from one registry and merges into another.
static pg_status move_deltas(pg_metrics *from, pg_metrics *to)
{
    pg_deltas *d = NULL;
    assert_int_equal(pg_metrics_take(from, &d, NULL), PG_OK);
    size_t count;
    const pg_metric_delta *rows = pg_deltas_rows(d, &count);
    pg_status status = pg_metrics_merge(to, rows, count, NULL);
    if (status == PG_OK)
        pg_deltas_commit(d);
    pg_deltas_free(d);
    return status;
}

static size_t changed(pg_metrics *r)
{
    pg_deltas *d = NULL;
    size_t count;
    assert_int_equal(pg_metrics_take(r, &d, NULL), PG_OK);
    (void)pg_deltas_rows(d, &count);
    pg_deltas_free(d);
    return count;
}

static void test_deltas_carry_every_kind_to_another_registry(void **state)
{
    (void)state;
    pg_metrics *worker = standard(), *parent = standard();
    pg_series *c = prompts(worker), *h = duration(worker), *g = NULL;
    assert_int_equal(pg_metrics_series(worker, PG_METRIC_ID_LAST_SUCCESS, NULL, 0, &g, NULL),
                     PG_OK);
    for (int round = 1; round <= 2; round++) {
        pg_counter_inc(c);
        assert_int_equal(pg_counter_add(c, 0.5, NULL), PG_OK);
        pg_histogram_observe(h, 0.002);
        pg_histogram_observe(h, 0.5);
        pg_gauge_set(g, 1000.25);
        assert_int_equal(move_deltas(worker, parent), PG_OK);
    }
    pg_series *pc = prompts(parent), *ph = duration(parent), *pgauge = NULL;
    assert_int_equal(pg_metrics_series(parent, PG_METRIC_ID_LAST_SUCCESS, NULL, 0, &pgauge, NULL),
                     PG_OK);
    assert_true(pg_series_value(pc) == 3);
    assert_true(pg_series_value(pgauge) == 1000.25);
    pg_histogram_summary summary;
    pg_histogram_summarise(ph, &summary);
    assert_true(summary.count == 4 && summary.min == 0.002 && summary.max == 0.5);
    assert_true(fabs(summary.sum - 1.004) < 1e-12);
    double p = 0;
    assert_int_equal(pg_histogram_percentile(ph, 0.9, &p, NULL), PG_OK);
    assert_true(p > 0.25 && p <= 0.5); // known by bucket only
    pg_series *all[] = {c, h, g, pc, ph, pgauge};
    for (size_t i = 0; i < 6; i++)
        pg_series_release(all[i]);
    pg_metrics_free(worker);
    pg_metrics_free(parent);
}

static void test_what_was_taken_is_not_taken_again(void **state)
{
    (void)state;
    pg_metrics *worker = standard(), *parent = standard();
    pg_series *c = prompts(worker);
    assert_int_equal(changed(worker), 0);
    pg_counter_inc(c);
    assert_int_equal(move_deltas(worker, parent), PG_OK);
    assert_int_equal(changed(worker), 0);
    assert_true(pg_series_value(c) == 1); // taking leaves the value alone
    pg_series_release(c);
    pg_metrics_free(worker);
    pg_metrics_free(parent);
}

static void test_deltas_that_were_not_delivered_are_taken_again(void **state)
{
    (void)state;
    pg_metrics *r = standard();
    pg_series *c = prompts(r), *h = duration(r);
    pg_counter_inc(c);
    assert_int_equal(pg_counter_add(c, 0.25, NULL), PG_OK);
    pg_histogram_observe(h, 0.1);
    assert_int_equal(changed(r), 2); // frees without a commit
    pg_counter_inc(c);
    pg_deltas *d = NULL;
    assert_int_equal(pg_metrics_take(r, &d, NULL), PG_OK);
    size_t count;
    const pg_metric_delta *rows = pg_deltas_rows(d, &count);
    assert_int_equal(count, 2);
    for (size_t i = 0; i < count; i++)
        assert_true(rows[i].value == (rows[i].kind == PG_METRIC_COUNTER ? 2.25 : 0.1));
    pg_deltas_commit(d);
    pg_deltas_free(d);
    assert_int_equal(changed(r), 0);
    pg_series_release(c);
    pg_series_release(h);
    pg_metrics_free(r);
}

static void test_a_reset_between_taking_and_giving_back_wins(void **state)
{
    (void)state;
    pg_metrics *r = standard();
    pg_series *c = prompts(r);
    pg_counter_inc(c);
    pg_deltas *d = NULL;
    assert_int_equal(pg_metrics_take(r, &d, NULL), PG_OK);
    pg_metrics_reset(r);
    pg_deltas_free(d);
    assert_int_equal(changed(r), 0);
    pg_counter_inc(c);
    assert_int_equal(changed(r), 1);
    pg_series_release(c);
    pg_metrics_free(r);
}

static void test_an_infinite_observation_crosses_once(void **state)
{
    (void)state;
    pg_metrics *worker = standard(), *parent = standard();
    pg_series *h = duration(worker), *ph = duration(parent);
    pg_histogram_observe(h, (double)INFINITY);
    assert_int_equal(move_deltas(worker, parent), PG_OK);
    pg_histogram_observe(h, 0.1);
    assert_int_equal(move_deltas(worker, parent), PG_OK);
    pg_histogram_summary summary;
    pg_histogram_summarise(ph, &summary);
    assert_int_equal(summary.count, 2);
    assert_true(isinf(summary.sum) && isinf(summary.max) && summary.min == 0.1);
    pg_series_release(h);
    pg_series_release(ph);
    pg_metrics_free(worker);
    pg_metrics_free(parent);
}

static void test_merged_maxima_keep_the_greatest(void **state)
{
    (void)state;
    pg_metrics *r = standard();
    pg_metric_delta d = {.name = PG_STR("promptgen_last_success_timestamp_seconds"),
                         .kind = PG_METRIC_GAUGE};
    const double values[] = {5, 9, 7};
    for (size_t i = 0; i < 3; i++) {
        d.value = values[i];
        assert_int_equal(pg_metrics_merge(r, &d, 1, NULL), PG_OK);
    }
    pg_series *g = NULL;
    assert_int_equal(pg_metrics_series(r, PG_METRIC_ID_LAST_SUCCESS, NULL, 0, &g, NULL), PG_OK);
    assert_true(pg_series_value(g) == 9);
    pg_series_release(g);
    pg_metrics_free(r);
}

/// A good counter row and a good histogram row to spoil.
static pg_metric_delta good_counter(void)
{
    return (pg_metric_delta){.name = PG_STR("prompt_generation_total"),
                             .kind = PG_METRIC_COUNTER,
                             .labels = next_success,
                             .label_count = 2,
                             .value = 1};
}

static uint64_t good_counts[15] = {1, 1};

static pg_metric_delta good_histogram(void)
{
    return (pg_metric_delta){.name = PG_STR("prompt_generation_duration_seconds"),
                             .kind = PG_METRIC_HISTOGRAM,
                             .labels = next_success,
                             .label_count = 1,
                             .value = 0.0003,
                             .min = 0.0001,
                             .max = 0.0002,
                             .counts = good_counts,
                             .count_count = 15};
}

/// Merging {a good row, `bad`} must refuse both.
static void assert_refused(pg_metric_delta bad)
{
    pg_metrics *r = standard();
    pg_metric_delta rows[] = {good_counter(), bad};
    pg_error err = {0};
    assert_int_equal(pg_metrics_merge(r, rows, 2, &err), PG_BAD_INPUT);
    assert_true(err.message[0] != '\0');
    assert_int_equal(changed(r), 0);
    pg_metric *m = pg_metrics_find(r, rows[0].name);
    assert_null(pg_metric_next(m, NULL)); // not even the series was made
    pg_metric_release(m);
    pg_metrics_free(r);
}

static void test_hostile_rows_are_refused_together_with_the_good_ones(void **state)
{
    (void)state;
    pg_metric_delta d = good_counter();
    d.name = PG_STR("no_such_total");
    assert_refused(d);
    d = good_counter();
    d.kind = PG_METRIC_GAUGE;
    assert_refused(d);
    d = good_counter();
    d.label_count = 1;
    assert_refused(d);
    const pg_str not_utf8[] = {PG_STR("next"), PG_STR("\xFF")};
    d = good_counter();
    d.labels = not_utf8;
    assert_refused(d);
    static char big[PG_METRIC_VALUE_MAX + 1];
    memset(big, 'x', sizeof big);
    const pg_str too_long[] = {PG_STR("next"), {big, sizeof big}};
    d.labels = too_long;
    assert_refused(d);
    const double absurd[] = {-1, (double)NAN, (double)INFINITY, -(double)INFINITY, 1e17};
    for (size_t i = 0; i < 5; i++) {
        d = good_counter();
        d.value = absurd[i];
        assert_refused(d);
    }
}

static void test_hostile_histograms_are_refused(void **state)
{
    (void)state;
    uint64_t counts[15] = {1};
    pg_metric_delta d = good_histogram();
    d.count_count = 14;
    assert_refused(d);
    d = good_histogram();
    counts[3] = UINT64_C(1) << 60;
    d.counts = counts;
    assert_refused(d);
    const double absurd[] = {(double)NAN, (double)INFINITY, 1e17, -1e17};
    for (size_t i = 0; i < 4; i++) {
        d = good_histogram();
        d.value = absurd[i];
        assert_refused(d);
        d = good_histogram();
        d.max = i == 1 || i == 3 ? -1 : absurd[i];
        assert_refused(d);
        d = good_histogram();
        d.min = i == 1 ? -(double)INFINITY : i == 3 ? 1 : absurd[i];
        assert_refused(d);
    }
    const uint64_t none[15] = {0};
    d = good_histogram();
    d.counts = none; // a sum without observations
    assert_refused(d);
    pg_metrics *r = standard();
    d = good_histogram();
    assert_int_equal(pg_metrics_merge(r, &d, 1, NULL), PG_OK);
    pg_metrics_free(r);
}

static void test_a_flood_of_rows_or_of_new_series_is_refused(void **state)
{
    (void)state;
    static pg_metric_delta rows[PG_METRIC_DELTAS_MAX + 1];
    static pg_str labels[PG_METRIC_DELTAS_MAX + 1][2];
    static char names[PG_METRIC_DELTAS_MAX + 1][8];
    for (size_t i = 0; i <= PG_METRIC_DELTAS_MAX; i++) {
        (void)snprintf(names[i], sizeof names[i], "w%zu", i);
        labels[i][0] = pg_str_from(names[i]);
        labels[i][1] = PG_STR("success");
        rows[i] = good_counter();
    }
    pg_metrics *r = standard();
    assert_int_equal(pg_metrics_merge(r, rows, 1, NULL), PG_OK);
    assert_int_equal(pg_metrics_merge(r, rows, PG_METRIC_DELTAS_MAX + 1, NULL), PG_BAD_INPUT);
    assert_int_equal(pg_metrics_merge(r, rows, PG_METRIC_DELTAS_MAX, NULL), PG_OK);
    for (size_t i = 0; i <= PG_METRIC_DELTAS_MAX; i++)
        rows[i].labels = labels[i];
    assert_int_equal(pg_metrics_merge(r, rows, PG_METRIC_DELTA_NEW_SERIES + 1, NULL), PG_BAD_INPUT);
    assert_int_equal(pg_metrics_merge(r, rows, PG_METRIC_DELTA_NEW_SERIES, NULL), PG_OK);
    pg_metrics_free(r);
}

static bool take_and_merge(const pg_alloc *alloc, void *ctx)
{
    pg_metrics *from = NULL;
    if (pg_metrics_new_standard(alloc, NULL, &from, NULL) != PG_OK)
        return false;
    pg_series *h = NULL;
    pg_deltas *d = NULL;
    bool ok =
        pg_metrics_series(from, PG_METRIC_ID_PROMPT_DURATION, next_success, 1, &h, NULL) == PG_OK;
    if (ok)
        pg_histogram_observe(h, 0.5);
    ok = ok && pg_metrics_take(from, &d, NULL) == PG_OK;
    if (ok) {
        size_t count;
        const pg_metric_delta *rows = pg_deltas_rows(d, &count);
        ok = pg_metrics_merge(ctx, rows, count, NULL) == PG_OK &&
             pg_metrics_merge(from, rows, count, NULL) == PG_OK;
    }
    pg_deltas_free(d);
    pg_series_release(h);
    pg_metrics_free(from);
    return ok;
}

static void test_every_failed_allocation_leaves_nothing_behind(void **state)
{
    (void)state;
    pg_metrics *to = standard();
    test_alloc_sweep(take_and_merge, to);
    pg_metrics_free(to);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_deltas_carry_every_kind_to_another_registry),
        cmocka_unit_test(test_what_was_taken_is_not_taken_again),
        cmocka_unit_test(test_deltas_that_were_not_delivered_are_taken_again),
        cmocka_unit_test(test_a_reset_between_taking_and_giving_back_wins),
        cmocka_unit_test(test_an_infinite_observation_crosses_once),
        cmocka_unit_test(test_merged_maxima_keep_the_greatest),
        cmocka_unit_test(test_hostile_rows_are_refused_together_with_the_good_ones),
        cmocka_unit_test(test_hostile_histograms_are_refused),
        cmocka_unit_test(test_a_flood_of_rows_or_of_new_series_is_refused),
        cmocka_unit_test(test_every_failed_allocation_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
