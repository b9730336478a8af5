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

static const pg_str label_names[] = {{"workflow", 8}, {"status", 6}};

/// Metrics of a workflow.
static const pg_metric_def own_counter = {.kind = PG_METRIC_COUNTER,
                                          .name = {"own_total", 9},
                                          .help = {"Own", 3},
                                          .labels = label_names,
                                          .label_count = 2};
static const pg_metric_def own_duration = {.kind = PG_METRIC_HISTOGRAM,
                                           .name = {"own_seconds", 11},
                                           .help = {"Own", 3},
                                           .labels = label_names,
                                           .label_count = 1};
static const pg_metric_def own_latest = {
    .kind = PG_METRIC_GAUGE, .name = {"own_latest", 10}, .help = {"Own", 3}, .mode = PG_GAUGE_MAX};

static pg_series *series_of(pg_metrics *r, const pg_metric_def *def)
{
    pg_metric *m = NULL;
    pg_series *s = NULL;
    assert_int_equal(pg_metrics_define(r, def, &m, NULL), PG_OK);
    assert_int_equal(pg_metric_series(m, next_success, def->label_count, &s, NULL), PG_OK);
    pg_metric_release(m);
    return s;
}

static pg_series *prompts(pg_metrics *r)
{
    return series_of(r, &own_counter);
}

static pg_series *duration(pg_metrics *r)
{
    return series_of(r, &own_duration);
}

static pg_series *latest(pg_metrics *r)
{
    return series_of(r, &own_latest);
}

/// A registry that knows the workflow's metrics and has no series of them.
static pg_metrics *acquainted(void)
{
    pg_metrics *r = standard();
    const pg_metric_def *defs[] = {&own_counter, &own_duration, &own_latest};
    for (size_t i = 0; i < 3; i++) {
        pg_metric *m = NULL;
        assert_int_equal(pg_metrics_define(r, defs[i], &m, NULL), PG_OK);
        pg_metric_release(m);
    }
    return r;
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
    pg_metrics *worker = acquainted(), *parent = acquainted();
    pg_series *c = prompts(worker), *h = duration(worker), *g = latest(worker);
    for (int round = 1; round <= 2; round++) {
        pg_counter_inc(c);
        assert_int_equal(pg_counter_add(c, 0.5, NULL), PG_OK);
        pg_histogram_observe(h, 0.002);
        pg_histogram_observe(h, 0.5);
        pg_gauge_set(g, 1000.25);
        assert_int_equal(move_deltas(worker, parent), PG_OK);
    }
    pg_series *pc = prompts(parent), *ph = duration(parent), *pgauge = latest(parent);
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
    pg_metrics *worker = acquainted(), *parent = acquainted();
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

static void test_an_infinite_observation_stays_in_its_process(void **state)
{
    (void)state;
    pg_metrics *worker = acquainted(), *parent = acquainted();
    pg_series *h = duration(worker), *ph = duration(parent);
    pg_histogram_observe(h, (double)INFINITY);
    assert_int_equal(move_deltas(worker, parent), PG_BAD_INPUT);
    pg_histogram_summary summary;
    pg_histogram_summarise(h, &summary);
    assert_int_equal(summary.count, 1);
    pg_histogram_summarise(ph, &summary);
    assert_int_equal(summary.count, 0);
    pg_series_release(h);
    pg_series_release(ph);
    pg_metrics_free(worker);
    pg_metrics_free(parent);
}

static void test_merged_maxima_keep_the_greatest(void **state)
{
    (void)state;
    pg_metrics *r = acquainted();
    pg_metric_delta d = {.name = own_latest.name, .kind = PG_METRIC_GAUGE};
    const double values[] = {5, 9, 7};
    for (size_t i = 0; i < 3; i++) {
        d.value = values[i];
        assert_int_equal(pg_metrics_merge(r, &d, 1, NULL), PG_OK);
    }
    pg_series *g = latest(r);
    assert_true(pg_series_value(g) == 9);
    pg_series_release(g);
    pg_metrics_free(r);
}

/// A good counter row and a good histogram row to spoil.
static pg_metric_delta good_counter(void)
{
    return (pg_metric_delta){.name = own_counter.name,
                             .kind = PG_METRIC_COUNTER,
                             .labels = next_success,
                             .label_count = 2,
                             .value = 1};
}

static uint64_t good_counts[15] = {1, 1};

static pg_metric_delta good_histogram(void)
{
    return (pg_metric_delta){.name = own_duration.name,
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
    pg_metrics *r = acquainted();
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
    const double absurd[] = {
        -1, (double)NAN, (double)INFINITY, -(double)INFINITY, 1e18, PG_METRIC_DELTA_AMOUNT + 1};
    for (size_t i = 0; i < 6; i++) {
        d = good_counter();
        d.value = absurd[i];
        assert_refused(d);
    }
    const double no_gauge[] = {(double)NAN, (double)INFINITY, -(double)INFINITY, 1e300, -1e17};
    for (size_t i = 0; i < 5; i++)
        assert_refused((pg_metric_delta){
            .name = own_latest.name, .kind = PG_METRIC_GAUGE, .value = no_gauge[i]});
}

static void test_numbers_up_to_the_limits_are_taken(void **state)
{
    (void)state;
    pg_metrics *r = acquainted();
    uint64_t counts[15] = {[14] = PG_METRIC_DELTA_COUNT};
    pg_metric_delta rows[] = {
        good_counter(),
        good_histogram(),
        {.name = own_latest.name, .kind = PG_METRIC_GAUGE, .value = -PG_METRIC_DELTA_VALUE}};
    rows[0].value = PG_METRIC_DELTA_AMOUNT;
    rows[1].counts = counts;
    rows[1].max = rows[1].value = PG_METRIC_DELTA_AMOUNT;
    assert_int_equal(pg_metrics_merge(r, rows, 3, NULL), PG_OK);
    pg_metrics_free(r);
}

static void test_hostile_histograms_are_refused(void **state)
{
    (void)state;
    uint64_t counts[15] = {1};
    pg_metric_delta d = good_histogram();
    d.count_count = 14;
    assert_refused(d);
    d = good_histogram();
    const uint64_t many[] = {UINT64_C(1000000000000000000), PG_METRIC_DELTA_COUNT + 1,
                             PG_METRIC_DELTA_COUNT}; // with the first bucket one too many
    d.counts = counts;
    for (size_t i = 0; i < 3; i++) {
        counts[3] = many[i];
        assert_refused(d);
    }
    counts[3] = counts[4] = UINT64_C(1) << 63; // their sum is 0 again
    counts[0] = 0;
    d.value = 0;
    assert_refused(d);
    counts[0] = 1;
    d = good_histogram();
    d.min = -0.0001; // a negative duration
    assert_refused(d);
    d = good_histogram();
    d.value = -1;
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
    pg_metrics *r = acquainted();
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
    pg_metrics *r = acquainted();
    assert_int_equal(pg_metrics_merge(r, rows, 1, NULL), PG_OK);
    assert_int_equal(pg_metrics_merge(r, rows, PG_METRIC_DELTAS_MAX + 1, NULL), PG_BAD_INPUT);
    assert_int_equal(pg_metrics_merge(r, rows, PG_METRIC_DELTAS_MAX, NULL), PG_OK);
    for (size_t i = 0; i <= PG_METRIC_DELTAS_MAX; i++)
        rows[i].labels = labels[i];
    assert_int_equal(pg_metrics_merge(r, rows, PG_METRIC_DELTA_NEW_SERIES + 1, NULL), PG_BAD_INPUT);
    assert_int_equal(pg_metrics_merge(r, rows, PG_METRIC_DELTA_NEW_SERIES, NULL), PG_OK);
    pg_metrics_free(r);
}

/// A row of a metric that the registry does not know.
static pg_metric_delta foreign(const pg_metric_def *def)
{
    static uint64_t counts[3] = {1, 2, 0};
    pg_metric_delta d = {.name = def->name,
                         .kind = def->kind,
                         .labels = next_success,
                         .label_count = def->label_count,
                         .value = 3,
                         .definition = def};
    if (def->kind == PG_METRIC_HISTOGRAM) {
        d.counts = counts;
        d.count_count = def->bound_count + 1;
        d.max = 2;
    }
    return d;
}

static void test_rows_define_metrics_that_the_registry_does_not_know(void **state)
{
    (void)state;
    const double bounds[] = {1, 2};
    pg_metric_def histogram = own_duration;
    histogram.bounds = bounds;
    histogram.bound_count = 2;
    pg_metrics *r = standard();
    pg_metric_delta rows[] = {foreign(&own_counter), foreign(&own_counter), foreign(&histogram),
                              foreign(&own_latest)};
    const pg_str other[] = {PG_STR("next"), PG_STR("error")};
    rows[1].labels = other;
    rows[1].definition = NULL; // once is enough
    for (int round = 0; round < 2; round++)
        assert_int_equal(pg_metrics_merge(r, rows, 4, NULL), PG_OK);
    pg_series *c = prompts(r), *h = series_of(r, &histogram), *g = latest(r);
    assert_true(pg_series_value(c) == 6 && pg_series_value(g) == 3);
    pg_histogram_summary summary;
    pg_histogram_summarise(h, &summary);
    assert_int_equal(summary.count, 6);
    pg_series_release(c);
    pg_series_release(h);
    pg_series_release(g);
    pg_metrics_free(r);
}

/// A row that defines `def` must be refused with the good row before it, and define nothing.
static void assert_not_defined(pg_metric_def def)
{
    pg_metrics *r = standard();
    pg_metric_delta rows[] = {foreign(&own_counter), foreign(&def)};
    assert_int_equal(pg_metrics_merge(r, rows, 2, NULL), PG_BAD_INPUT);
    assert_null(pg_metrics_find(r, own_counter.name));
    pg_metrics_free(r);
}

static void test_definitions_that_are_not_allowed_are_refused(void **state)
{
    (void)state;
    const char *const names[] = {"promptgen_mine_total",    // promptgen's own prefix
                                 "prompt_generation_total", // its metric, defined otherwise
                                 "a-b_total", "mine", ""};
    pg_metric_def def = own_counter;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        def.name = pg_str_from(names[i]);
        assert_not_defined(def);
    }
    def = own_latest;
    def.name = PG_STR("plan_cache_hits"); // the family of plan_cache_hits_total
    assert_not_defined(def);
    def.name = PG_STR("own"); // the family of the row before
    assert_not_defined(def);
    static const pg_str reserved = {"le", 2};
    def = own_duration;
    def.labels = &reserved;
    assert_not_defined(def);
    def = own_latest;
    def.help = PG_STR("");
    assert_not_defined(def);
    def = own_counter; // the same name, defined in another way
    def.help = PG_STR("Other");
    assert_not_defined(def);
    pg_metrics *r = standard();
    pg_metric_delta d = foreign(&own_counter);
    d.definition = &own_latest; // of another metric
    assert_int_equal(pg_metrics_merge(r, &d, 1, NULL), PG_BAD_INPUT);
    pg_metrics_free(r);
}

static void test_a_flood_of_new_metrics_is_refused(void **state)
{
    (void)state;
    static char names[PG_METRIC_DELTA_NEW_METRICS + 1][16];
    static pg_metric_def defs[PG_METRIC_DELTA_NEW_METRICS + 1];
    static pg_metric_delta rows[PG_METRIC_DELTA_NEW_METRICS + 1];
    for (size_t i = 0; i <= PG_METRIC_DELTA_NEW_METRICS; i++) {
        (void)snprintf(names[i], sizeof names[i], "own%zu_total", i);
        defs[i] = own_counter;
        defs[i].name = pg_str_from(names[i]);
        rows[i] = foreign(&defs[i]);
    }
    pg_metrics *r = standard();
    assert_int_equal(pg_metrics_merge(r, rows, PG_METRIC_DELTA_NEW_METRICS + 1, NULL),
                     PG_BAD_INPUT);
    assert_null(pg_metrics_find(r, defs[0].name));
    assert_int_equal(pg_metrics_merge(r, rows, PG_METRIC_DELTA_NEW_METRICS, NULL), PG_OK);
    pg_metrics_free(r);
}

/// A row of a metric of promptgen with these label values.
static pg_status merge_listed(pg_metric_id id, const char *first, const char *second)
{
    pg_metric_def def;
    pg_str names[PG_METRIC_LABELS_MAX];
    pg_metric_name_def(id, &def, names);
    const pg_str values[] = {pg_str_from(first), pg_str_from(second)};
    uint64_t counts[15] = {1};
    pg_metric_delta d = {.name = def.name,
                         .kind = def.kind,
                         .labels = values,
                         .label_count = def.label_count,
                         .value = 1,
                         .max = 1,
                         .counts = counts,
                         .count_count = def.kind == PG_METRIC_HISTOGRAM ? 15 : 0};
    pg_metrics *r = standard();
    pg_status status = pg_metrics_merge(r, &d, 1, NULL);
    pg_metrics_free(r);
    return status;
}

static void test_what_promptgen_counts_itself_is_refused(void **state)
{
    (void)state;
    for (int id = 0; id < PG_METRIC_ID_COUNT; id++)
        assert_int_equal(merge_listed((pg_metric_id)id, "prompt_generation_total", "next"),
                         id == PG_METRIC_ID_RETRIES ? PG_OK : PG_BAD_INPUT);
    assert_int_equal(merge_listed(PG_METRIC_ID_ERRORS, "mine", "workflow"), PG_OK);
    assert_int_equal(merge_listed(PG_METRIC_ID_ERRORS, "workflow", "store"), PG_BAD_INPUT);
    assert_int_equal(merge_listed(PG_METRIC_ID_SERIES_DROPPED, "own_total", ""), PG_OK);
    assert_int_equal(merge_listed(PG_METRIC_ID_OBSERVATIONS_DROPPED, "own_total", ""), PG_OK);
    assert_int_equal(merge_listed(PG_METRIC_ID_LABELS_CHANGED, "own_total", ""), PG_OK);
}

static bool take_and_merge(const pg_alloc *alloc, void *ctx)
{
    pg_metrics *from = NULL, *to = NULL;
    (void)ctx;
    if (pg_metrics_new_standard(alloc, NULL, &from, NULL) != PG_OK)
        return false;
    pg_metric *m = NULL;
    pg_series *h = NULL;
    pg_deltas *d = NULL;
    bool ok = pg_metrics_new_standard(alloc, NULL, &to, NULL) == PG_OK &&
              pg_metrics_define(from, &own_duration, &m, NULL) == PG_OK &&
              pg_metric_series(m, next_success, 1, &h, NULL) == PG_OK;
    if (ok)
        pg_histogram_observe(h, 0.5);
    ok = ok && pg_metrics_take(from, &d, NULL) == PG_OK;
    if (ok) {
        size_t count;
        pg_metric_delta row = *pg_deltas_rows(d, &count); // own_seconds comes before promptgen_…
        row.definition = &own_duration;
        ok = pg_metrics_merge(to, &row, 1, NULL) == PG_OK &&
             pg_metrics_merge(from, &row, 1, NULL) == PG_OK;
    }
    pg_deltas_free(d);
    pg_series_release(h);
    pg_metric_release(m);
    pg_metrics_free(from);
    pg_metrics_free(to);
    return ok;
}

static void test_every_failed_allocation_leaves_nothing_behind(void **state)
{
    (void)state;
    test_alloc_sweep(take_and_merge, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_deltas_carry_every_kind_to_another_registry),
        cmocka_unit_test(test_what_was_taken_is_not_taken_again),
        cmocka_unit_test(test_deltas_that_were_not_delivered_are_taken_again),
        cmocka_unit_test(test_a_reset_between_taking_and_giving_back_wins),
        cmocka_unit_test(test_an_infinite_observation_stays_in_its_process),
        cmocka_unit_test(test_merged_maxima_keep_the_greatest),
        cmocka_unit_test(test_hostile_rows_are_refused_together_with_the_good_ones),
        cmocka_unit_test(test_numbers_up_to_the_limits_are_taken),
        cmocka_unit_test(test_hostile_histograms_are_refused),
        cmocka_unit_test(test_a_flood_of_rows_or_of_new_series_is_refused),
        cmocka_unit_test(test_rows_define_metrics_that_the_registry_does_not_know),
        cmocka_unit_test(test_definitions_that_are_not_allowed_are_refused),
        cmocka_unit_test(test_a_flood_of_new_metrics_is_refused),
        cmocka_unit_test(test_what_promptgen_counts_itself_is_refused),
        cmocka_unit_test(test_every_failed_allocation_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
