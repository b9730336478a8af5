/// Tests of definitions, series and values.
#include "support.h"

#include "promptgen/metric_names.h"
#include "promptgen/metrics.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static pg_metrics *new_registry(void)
{
    pg_metrics *r = NULL;
    assert_int_equal(pg_metrics_new(NULL, NULL, &r, NULL), PG_OK);
    return r;
}

static pg_metric_def counter_def(const char *name)
{
    return (pg_metric_def){
        .kind = PG_METRIC_COUNTER, .name = pg_str_from(name), .help = PG_STR("Help")};
}

static pg_metric_def def_of(pg_metric_kind kind, const char *name)
{
    pg_metric_def def = counter_def(name);
    def.kind = kind;
    return def;
}

static pg_status define(pg_metrics *r, pg_metric_def def)
{
    pg_metric *m = NULL;
    pg_error err = {0};
    pg_status status = pg_metrics_define(r, &def, &m, &err);
    assert_int_equal(status == PG_OK, m != NULL);
    assert_int_equal(err.code, status);
    pg_metric_release(m);
    return status;
}

/// The only series of a new metric without labels.
static pg_series *only_series(pg_metrics *r, pg_metric_def def)
{
    pg_metric *m = NULL;
    pg_series *s = NULL;
    assert_int_equal(pg_metrics_define(r, &def, &m, NULL), PG_OK);
    assert_int_equal(pg_metric_series(m, NULL, 0, &s, NULL), PG_OK);
    pg_metric_release(m);
    return s;
}

static void test_a_counter_sums_integers_and_fractions(void **state)
{
    (void)state;
    pg_metrics *r = new_registry();
    pg_series *s = only_series(r, counter_def("c_total"));
    pg_counter_inc(s);
    assert_int_equal(pg_counter_add(s, 42, NULL), PG_OK);
    assert_int_equal(pg_counter_add(s, 24.42, NULL), PG_OK);
    assert_true(pg_series_value(s) == 67.42);
    assert_int_equal(pg_counter_add(s, 0, NULL), PG_OK);
    assert_true(pg_series_value(s) == 67.42);
    pg_series_release(s);
    pg_metrics_free(r);
}

static void test_a_counter_refuses_what_does_not_grow_it(void **state)
{
    (void)state;
    pg_metrics *r = new_registry();
    pg_series *s = only_series(r, counter_def("c_total"));
    const double bad[] = {-1, -DBL_MIN, (double)NAN, (double)INFINITY, -(double)INFINITY};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(pg_counter_add(s, bad[i], NULL), PG_INVALID);
    assert_true(pg_series_value(s) == 0);
    pg_series_release(s);
    pg_metrics_free(r);
}

static void test_a_counter_is_exact_at_2_to_53_and_finite_beyond(void **state)
{
    (void)state;
    pg_metrics *r = new_registry();
    pg_series *s = only_series(r, counter_def("c_total"));
    assert_int_equal(pg_counter_add(s, 9007199254740990.0, NULL), PG_OK);
    pg_counter_inc(s);
    assert_true(pg_series_value(s) == 9007199254740991.0);
    for (int i = 0; i < 20; i++)
        assert_int_equal(pg_counter_add(s, 9223372036854775808.0, NULL), PG_OK);
    assert_true(pg_series_value(s) >= 184467440737095516160.0);
    assert_true(isfinite(pg_series_value(s)));
    pg_series_release(s);
    pg_metrics_free(r);
}

static void test_a_gauge_takes_any_value(void **state)
{
    (void)state;
    pg_metrics *r = new_registry();
    pg_series *s = only_series(r, def_of(PG_METRIC_GAUGE, "g"));
    pg_gauge_set(s, 5);
    pg_gauge_add(s, -7.5);
    assert_true(pg_series_value(s) == -2.5);
    pg_gauge_set(s, -(double)INFINITY);
    assert_true(pg_series_value(s) == -(double)INFINITY);
    pg_gauge_set(s, (double)NAN);
    assert_true(isnan(pg_series_value(s)));
    pg_series_release(s);
    pg_metrics_free(r);
}

static pg_series *histogram_1_2h_5(pg_metrics *r)
{
    static const double bounds[] = {1, 2.5, 5};
    pg_metric_def def = def_of(PG_METRIC_HISTOGRAM, "h");
    def.bounds = bounds;
    def.bound_count = 3;
    return only_series(r, def);
}

static void assert_counts(pg_series *s, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    uint64_t counts[4];
    pg_histogram_counts(s, counts);
    assert_int_equal(counts[0], a);
    assert_int_equal(counts[1], b);
    assert_int_equal(counts[2], c);
    assert_int_equal(counts[3], d);
}

static void test_an_observation_equal_to_a_bound_lies_inside_it(void **state)
{
    (void)state;
    pg_metrics *r = new_registry();
    pg_series *s = histogram_1_2h_5(r);
    pg_histogram_observe(s, 2);
    assert_counts(s, 0, 1, 0, 0);
    pg_histogram_observe(s, 2.5);
    assert_counts(s, 0, 2, 0, 0);
    pg_histogram_summary summary;
    pg_histogram_summarise(s, &summary);
    assert_true(summary.sum == 4.5 && summary.mean == 2.25);
    pg_histogram_observe(s, (double)INFINITY);
    assert_counts(s, 0, 2, 0, 1);
    pg_series_release(s);
    pg_metrics_free(r);
}

static void test_odd_observations_fall_into_the_first_bucket_or_are_dropped(void **state)
{
    (void)state;
    pg_metrics *r = new_registry();
    pg_series *s = histogram_1_2h_5(r);
    pg_histogram_observe(s, -3);
    pg_histogram_observe(s, 0);
    pg_histogram_observe(s, -0.0);
    pg_histogram_observe(s, 5e-324);
    assert_counts(s, 4, 0, 0, 0);
    pg_histogram_observe(s, (double)NAN);
    pg_histogram_observe(s, -(double)INFINITY);
    assert_counts(s, 4, 0, 0, 0);
    pg_histogram_summary summary;
    pg_histogram_summarise(s, &summary);
    assert_true(summary.count == 4 && summary.sum == -3 && summary.min == -3);

    pg_buf text;
    pg_buf_init(&text, NULL);
    assert_int_equal(pg_metrics_write(r, PG_METRICS_PROMETHEUS, &text, NULL), PG_OK);
    pg_str line = PG_STR("promptgen_metric_observations_dropped_total{metric=\"h\"} 2\n");
    assert_true(pg_str_find(pg_buf_str(&text), line, 0) != (size_t)-1);
    pg_buf_free(&text);
    pg_series_release(s);
    pg_metrics_free(r);
}

static void test_an_empty_histogram_summarises_to_zeros(void **state)
{
    (void)state;
    pg_metrics *r = new_registry();
    pg_series *s = histogram_1_2h_5(r);
    pg_histogram_summary y;
    pg_histogram_summarise(s, &y);
    assert_true(y.count == 0 && y.sum == 0 && y.min == 0 && y.max == 0 && y.mean == 0);
    pg_series_release(s);
    pg_metrics_free(r);
}

static void test_bounds_must_be_finite_and_ascending(void **state)
{
    (void)state;
    const double inf = (double)INFINITY;
    const struct {
        double bounds[4];
        size_t count;
        bool ok;
    } rows[] = {
        {{0}, 0, false},          {{inf}, 1, false},       {{3, 1}, 2, false},
        {{1, 2, 2, 3}, 4, false}, {{1, inf, 3}, 3, false}, {{1, (double)NAN}, 2, false},
        {{-inf, 1}, 2, false},    {{0, 1, 2}, 3, true},    {{0, 1, 2, inf}, 4, true},
        {{-1, 0, 1}, 3, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        pg_metrics *r = new_registry();
        pg_metric_def def = def_of(PG_METRIC_HISTOGRAM, "h");
        def.bounds = rows[i].bounds;
        def.bound_count = rows[i].count;
        assert_int_equal(define(r, def), rows[i].ok ? PG_OK : PG_INVALID);
        pg_metrics_free(r);
    }
}

static void test_a_last_infinite_bound_means_nothing(void **state)
{
    (void)state;
    pg_metrics *r = new_registry();
    const double bounds[] = {0, 1, 2, (double)INFINITY};
    pg_metric_def def = def_of(PG_METRIC_HISTOGRAM, "h");
    def.bounds = bounds;
    def.bound_count = 3;
    pg_metric *first = NULL, *second = NULL;
    assert_int_equal(pg_metrics_define(r, &def, &first, NULL), PG_OK);
    def.bound_count = 4;
    assert_int_equal(pg_metrics_define(r, &def, &second, NULL), PG_OK);
    assert_ptr_equal(first, second);
    pg_metric_release(first);
    pg_metric_release(second);
    pg_metrics_free(r);
}

static void test_helpers_compute_bounds(void **state)
{
    (void)state;
    double b[PG_METRIC_BOUNDS_MAX];
    assert_int_equal(pg_metric_linear_bounds(-15, 5, 6, b, NULL), PG_OK);
    assert_true(b[0] == -15 && b[5] == 10);
    assert_int_equal(pg_metric_exponential_bounds(100, 1.2, 3, b, NULL), PG_OK);
    assert_true(b[0] == 100 && b[1] == 120 && b[2] == 144);
    assert_int_equal(pg_metric_linear_bounds(0, 0, 2, b, NULL), PG_INVALID);
    assert_int_equal(pg_metric_linear_bounds(0, 1, 0, b, NULL), PG_INVALID);
    assert_int_equal(pg_metric_linear_bounds((double)NAN, 1, 2, b, NULL), PG_INVALID);
    assert_int_equal(pg_metric_exponential_bounds(0, 2, 2, b, NULL), PG_INVALID);
    assert_int_equal(pg_metric_exponential_bounds(1, 1, 2, b, NULL), PG_INVALID);
    assert_int_equal(pg_metric_exponential_bounds(1, 2, 0, b, NULL), PG_INVALID);
    assert_int_equal(pg_metric_exponential_bounds(1e300, 1e10, 3, b, NULL), PG_INVALID);
    assert_int_equal(pg_metric_exponential_bounds(1, 2, PG_METRIC_BOUNDS_MAX + 1, b, NULL),
                     PG_INVALID);
}

static void test_names_that_no_scraper_would_read_are_refused(void **state)
{
    (void)state;
    const struct {
        pg_metric_kind kind;
        const char *name;
        bool ok;
    } rows[] = {
        {PG_METRIC_COUNTER, "c_total", true},
        {PG_METRIC_COUNTER, "c", false},
        {PG_METRIC_COUNTER, "_total", false},
        {PG_METRIC_COUNTER, "", false},
        {PG_METRIC_COUNTER, "1c_total", false},
        {PG_METRIC_COUNTER, "a:b_total", false},
        {PG_METRIC_COUNTER, "a-b_total", false},
        {PG_METRIC_COUNTER, "\xC3\xA9_total", false},
        {PG_METRIC_GAUGE, "g", true},
        {PG_METRIC_GAUGE, "g_total", false},
        {PG_METRIC_GAUGE, "g_created", false},
        {PG_METRIC_HISTOGRAM, "h_seconds", true},
        {PG_METRIC_HISTOGRAM, "h_bucket", false},
        {PG_METRIC_HISTOGRAM, "h_sum", false},
        {PG_METRIC_HISTOGRAM, "h_count", false},
        {PG_METRIC_GAUGE, "_G9", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        pg_metrics *r = new_registry();
        assert_int_equal(define(r, def_of(rows[i].kind, rows[i].name)),
                         rows[i].ok ? PG_OK : PG_INVALID);
        pg_metrics_free(r);
    }
}

static void test_a_help_text_and_a_fitting_unit_are_needed(void **state)
{
    (void)state;
    pg_metrics *r = new_registry();
    pg_metric_def def = def_of(PG_METRIC_GAUGE, "age_seconds");
    def.help = PG_STR("");
    assert_int_equal(define(r, def), PG_INVALID);
    def.help = PG_STR("a\xFF");
    assert_int_equal(define(r, def), PG_INVALID);
    def.help = PG_STR("Age");
    def.unit = PG_STR("bytes");
    assert_int_equal(define(r, def), PG_INVALID);
    def.unit = PG_STR("econds");
    assert_int_equal(define(r, def), PG_INVALID);
    def.unit = PG_STR("seconds");
    assert_int_equal(define(r, def), PG_OK);
    def = counter_def("bytes_total");
    def.unit = PG_STR("bytes");
    assert_int_equal(define(r, def), PG_INVALID);
    pg_metrics_free(r);
}

static void test_a_metric_has_eight_labels_at_most(void **state)
{
    (void)state;
    pg_metrics *r = new_registry();
    static const pg_str names[] = {{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}, {"e", 1},
                                   {"f", 1}, {"g", 1}, {"h", 1}, {"i", 1}};
    pg_metric_def def = counter_def("c_total");
    def.labels = names;
    def.label_count = PG_METRIC_LABELS_MAX + 1;
    assert_int_equal(define(r, def), PG_INVALID);
    def.label_count = PG_METRIC_LABELS_MAX;
    assert_int_equal(define(r, def), PG_OK);
    pg_metrics_free(r);
}

static void test_only_a_histogram_has_bounds(void **state)
{
    (void)state;
    pg_metrics *r = new_registry();
    static const double bounds[] = {1, 2};
    pg_metric_def def = counter_def("c_total");
    def.bounds = bounds;
    def.bound_count = 2;
    assert_int_equal(define(r, def), PG_INVALID);
    def.kind = PG_METRIC_HISTOGRAM;
    def.name = PG_STR("h");
    assert_int_equal(define(r, def), PG_OK);
    pg_metrics_free(r);
}

static void test_a_series_is_looked_for_by_all_its_labels(void **state)
{
    (void)state;
    pg_metrics *r = new_registry();
    static const pg_str name = {"k", 1};
    const pg_str values[] = {PG_STR("a"), PG_STR("b")};
    pg_metric_def def = counter_def("c_total");
    def.labels = &name;
    def.label_count = 1;
    pg_metric *m = NULL;
    pg_series *s = NULL;
    assert_int_equal(pg_metrics_define(r, &def, &m, NULL), PG_OK);
    assert_int_equal(pg_metric_series(m, values, 1, &s, NULL), PG_OK);
    assert_null(pg_metric_find_series(m, values, 2));
    assert_false(pg_metric_remove(m, values, 2));
    assert_true(pg_metric_remove(m, values, 1));
    pg_series_release(s);
    pg_metric_release(m);
    // A registry without promptgen's metrics has no series of them.
    assert_int_equal(pg_metrics_series(r, PG_METRIC_ID_STORE_RESETS, NULL, 0, &s, NULL),
                     PG_INVALID);
    pg_metrics_free(r);
}

static void test_label_values_are_made_fit(void **state)
{
    (void)state;
    static char longest[2 * PG_METRIC_VALUE_MAX];
    memset(longest, 'x', sizeof longest);
    char storage[PG_METRIC_VALUE_MAX];
    pg_metric_def def = counter_def("c_total");
    pg_metric *m = NULL;
    assert_int_equal(pg_metric_new(NULL, NULL, &def, &m, NULL), PG_OK);
    const pg_str good[] = {PG_STR(""), PG_STR("\xC3\xA9\r\n"), {longest, PG_METRIC_VALUE_MAX}};
    for (size_t i = 0; i < 3; i++) // untouched, and not even copied
        assert_ptr_equal(pg_metric_label_value(m, good[i], storage).ptr, good[i].ptr);
    for (size_t len = PG_METRIC_VALUE_MAX + 1; len < sizeof longest; len += 97) {
        longest[len - 1] = (char)0xFF;
        pg_str made = pg_metric_label_value(m, (pg_str){longest, len}, storage);
        assert_ptr_equal(made.ptr, storage);
        assert_true(made.len <= PG_METRIC_VALUE_MAX);
        assert_int_equal(pg_utf8_valid_prefix(made), made.len);
    }
    pg_metric_release(m);
}

static void test_reserved_malformed_and_repeated_labels_are_refused(void **state)
{
    (void)state;
    const char *const bad[] = {"le", "quantile", "__x", "a-b", "1a", "", "\xC3\xA9"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        pg_metrics *r = new_registry();
        pg_str label = pg_str_from(bad[i]);
        pg_metric_def def = counter_def("c_total");
        def.labels = &label;
        def.label_count = 1;
        assert_int_equal(define(r, def), PG_INVALID);
        pg_metrics_free(r);
    }
    pg_metrics *r = new_registry();
    pg_str twice[] = {PG_STR("a"), PG_STR("a")};
    pg_metric_def def = counter_def("c_total");
    def.labels = twice;
    def.label_count = 2;
    assert_int_equal(define(r, def), PG_INVALID);
    pg_metrics_free(r);
}

static void test_names_that_would_be_written_twice_collide(void **state)
{
    (void)state;
    const struct {
        pg_metric_kind first;
        const char *a;
        pg_metric_kind second;
        const char *b;
        bool ok;
    } rows[] = {
        {PG_METRIC_COUNTER, "c_total", PG_METRIC_GAUGE, "c", false},
        {PG_METRIC_GAUGE, "c", PG_METRIC_COUNTER, "c_total", false},
        {PG_METRIC_COUNTER, "c_total", PG_METRIC_HISTOGRAM, "c", false},
        {PG_METRIC_HISTOGRAM, "h", PG_METRIC_GAUGE, "h", false},
        {PG_METRIC_HISTOGRAM, "h", PG_METRIC_COUNTER, "h_total", false},
        {PG_METRIC_COUNTER, "h_count_total", PG_METRIC_HISTOGRAM, "h", false},
        {PG_METRIC_COUNTER, "h_bucket_total", PG_METRIC_HISTOGRAM, "h", false},
        {PG_METRIC_COUNTER, "h_sum_total", PG_METRIC_HISTOGRAM, "h", false},
        {PG_METRIC_COUNTER, "c_total", PG_METRIC_COUNTER, "c_total_total", false},
        {PG_METRIC_COUNTER, "c_total", PG_METRIC_COUNTER, "c2_total", true},
        {PG_METRIC_COUNTER, "c_total", PG_METRIC_GAUGE, "c_age", true},
        {PG_METRIC_HISTOGRAM, "h", PG_METRIC_GAUGE, "hh", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        pg_metrics *r = new_registry();
        assert_int_equal(define(r, def_of(rows[i].first, rows[i].a)), PG_OK);
        assert_int_equal(define(r, def_of(rows[i].second, rows[i].b)),
                         rows[i].ok ? PG_OK : PG_INVALID);
        pg_metrics_free(r);
    }
}

static void test_the_same_definition_gives_the_same_metric_and_any_difference_fails(void **state)
{
    (void)state;
    pg_metrics *r = new_registry();
    pg_str labels[] = {PG_STR("a"), PG_STR("b")};
    pg_str swapped[] = {PG_STR("b"), PG_STR("a")};
    pg_metric_def def = def_of(PG_METRIC_HISTOGRAM, "h_seconds");
    def.labels = labels;
    def.label_count = 2;
    pg_metric *first = NULL, *second = NULL;
    assert_int_equal(pg_metrics_define(r, &def, &first, NULL), PG_OK);
    assert_int_equal(pg_metrics_define(r, &def, &second, NULL), PG_OK);
    assert_ptr_equal(first, second);
    pg_metric_release(first);
    pg_metric_release(second);

    pg_metric_def other = def;
    other.help = PG_STR("Another text");
    assert_int_equal(define(r, other), PG_INVALID);
    other = def;
    other.labels = swapped;
    assert_int_equal(define(r, other), PG_INVALID);
    other = def;
    other.label_count = 1;
    assert_int_equal(define(r, other), PG_INVALID);
    other = def;
    other.unit = PG_STR("seconds");
    assert_int_equal(define(r, other), PG_INVALID);
    other = def;
    other.kind = PG_METRIC_GAUGE;
    assert_int_equal(define(r, other), PG_INVALID);
    const double bounds[] = {1};
    other = def;
    other.bounds = bounds;
    other.bound_count = 1;
    assert_int_equal(define(r, other), PG_INVALID);
    assert_int_equal(define(r, def), PG_OK);
    pg_metrics_free(r);
}

static void test_a_failed_definition_frees_the_name(void **state)
{
    (void)state;
    pg_metrics *r = new_registry();
    pg_metric_def def = def_of(PG_METRIC_HISTOGRAM, "h");
    const double bad[] = {2, 1};
    def.bounds = bad;
    def.bound_count = 2;
    assert_int_equal(define(r, def), PG_INVALID);
    assert_int_equal(define(r, def_of(PG_METRIC_GAUGE, "h")), PG_OK);
    pg_metrics_free(r);
}

static pg_metric *labelled(pg_metrics *r, size_t max_series)
{
    pg_str label = PG_STR("k");
    pg_metric_def def = counter_def("c_total");
    def.labels = &label;
    def.label_count = 1;
    def.max_series = max_series;
    pg_metric *m = NULL;
    assert_int_equal(pg_metrics_define(r, &def, &m, NULL), PG_OK);
    return m;
}

static pg_series *series_of(pg_metric *m, const char *value)
{
    pg_str v = pg_str_from(value);
    pg_series *s = NULL;
    assert_int_equal(pg_metric_series(m, &v, 1, &s, NULL), PG_OK);
    return s;
}

static void test_a_series_is_found_again_by_its_values(void **state)
{
    (void)state;
    pg_metrics *r = new_registry();
    pg_metric *m = labelled(r, 0);
    const char *const values[] = {"m", "", "a", "z", "a\tb", "\xC3\xA9"};
    for (size_t i = 0; i < 6; i++) {
        pg_series *s = series_of(m, values[i]);
        assert_int_equal(pg_counter_add(s, (double)(i + 1), NULL), PG_OK);
        pg_series_release(s);
    }
    for (size_t i = 0; i < 6; i++) {
        pg_series *s = series_of(m, values[i]);
        assert_true(pg_series_value(s) == (double)(i + 1));
        pg_series_release(s);
    }
    pg_str absent = PG_STR("absent");
    assert_null(pg_metric_find_series(m, &absent, 1));
    pg_metric_release(m);
    pg_metrics_free(r);
}

static void test_label_values_must_be_utf8_short_and_complete(void **state)
{
    (void)state;
    pg_metrics *r = new_registry();
    pg_metric *m = labelled(r, 0);
    pg_series *s = NULL;
    pg_str bad = PG_STR("a\xFF");
    assert_int_equal(pg_metric_series(m, &bad, 1, &s, NULL), PG_INVALID);
    assert_int_equal(pg_metric_series(m, NULL, 0, &s, NULL), PG_INVALID);
    char big[PG_METRIC_VALUE_MAX + 1];
    memset(big, 'x', sizeof big);
    pg_str longest = {big, sizeof big};
    assert_int_equal(pg_metric_series(m, &longest, 1, &s, NULL), PG_INVALID);
    longest.len--;
    assert_int_equal(pg_metric_series(m, &longest, 1, &s, NULL), PG_OK);
    pg_series_release(s);
    pg_metric_release(m);
    pg_metrics_free(r);
}

static void test_series_beyond_the_limit_are_counted_in_one_named_other(void **state)
{
    (void)state;
    pg_metrics *r = new_registry();
    pg_metric *m = labelled(r, 4);
    for (int i = 0; i < 10; i++) {
        char value[16];
        (void)snprintf(value, sizeof value, "v%d", i);
        pg_series *s = series_of(m, value);
        pg_counter_inc(s);
        pg_series_release(s);
    }
    size_t count = 0;
    for (pg_series *s = pg_metric_next(m, NULL); s != NULL; count++) {
        pg_series *next = pg_metric_next(m, s);
        pg_series_release(s);
        s = next;
    }
    assert_int_equal(count, 4);
    pg_series *other = series_of(m, "other");
    assert_true(pg_series_value(other) == 7);
    pg_series_release(other);

    pg_buf text;
    pg_buf_init(&text, NULL);
    assert_int_equal(pg_metrics_write(r, PG_METRICS_PROMETHEUS, &text, NULL), PG_OK);
    pg_str line = PG_STR("promptgen_metric_series_dropped_total{metric=\"c_total\"} 7\n");
    assert_true(pg_str_find(pg_buf_str(&text), line, 0) != (size_t)-1);
    pg_buf_free(&text);
    pg_metric_release(m);
    pg_metrics_free(r);
}

static void test_a_removed_series_can_still_be_used_and_is_not_written(void **state)
{
    (void)state;
    pg_metrics *r = new_registry();
    pg_metric *m = labelled(r, 0);
    pg_series *stale = series_of(m, "a");
    pg_counter_inc(stale);
    pg_str a = PG_STR("a");
    assert_true(pg_metric_remove(m, &a, 1));
    assert_false(pg_metric_remove(m, &a, 1));
    pg_counter_inc(stale);
    assert_true(pg_series_value(stale) == 2);
    pg_series *fresh = series_of(m, "a");
    assert_true(pg_series_value(fresh) == 0);
    pg_metric_clear(m);
    assert_null(pg_metric_next(m, NULL));
    pg_series_release(fresh);
    pg_metric_release(m);
    pg_metrics_free(r);
    pg_counter_inc(stale); // outlives registry and metric
    pg_series_release(stale);
}

static void test_reset_zeroes_every_kind(void **state)
{
    (void)state;
    test_clock wall;
    test_clock_init(&wall, 1000);
    pg_metrics *r = NULL;
    assert_int_equal(pg_metrics_new(NULL, &wall.clock, &r, NULL), PG_OK);
    pg_series *c = only_series(r, counter_def("c_total"));
    pg_series *g = only_series(r, def_of(PG_METRIC_GAUGE, "g"));
    pg_series *h = histogram_1_2h_5(r);
    pg_counter_inc(c);
    assert_int_equal(pg_counter_add(c, 0.5, NULL), PG_OK);
    pg_gauge_set(g, 3);
    pg_histogram_observe(h, 2);
    assert_int_equal(pg_series_created_ns(c), 1000);
    wall.now = 2000;
    pg_metrics_reset(r);
    assert_true(pg_series_value(c) == 0 && pg_series_value(g) == 0);
    assert_counts(h, 0, 0, 0, 0);
    assert_int_equal(pg_series_created_ns(c), 2000);
    double p = -1;
    assert_int_equal(pg_histogram_percentile(h, 0.5, &p, NULL), PG_OK);
    assert_true(p == 0);
    pg_series_release(c);
    pg_series_release(g);
    pg_series_release(h);
    pg_metrics_free(r);
}

static void test_a_metric_may_live_outside_a_registry_and_join_later(void **state)
{
    (void)state;
    pg_metrics *r = new_registry();
    pg_metric_def def = counter_def("c_total");
    pg_metric *m = NULL;
    assert_int_equal(pg_metric_new(NULL, NULL, &def, &m, NULL), PG_OK);
    assert_null(pg_metrics_find(r, PG_STR("c_total")));
    assert_int_equal(pg_metrics_register(r, m, NULL), PG_OK);
    assert_int_equal(pg_metrics_register(r, m, NULL), PG_OK);
    pg_metric *found = pg_metrics_find(r, PG_STR("c_total"));
    assert_ptr_equal(found, m);
    pg_metric_release(found);
    pg_metric *twin = NULL;
    assert_int_equal(pg_metric_new(NULL, NULL, &def, &twin, NULL), PG_OK);
    assert_int_equal(pg_metrics_register(r, twin, NULL), PG_INVALID);
    pg_metric_release(twin);
    pg_metric_release(m);
    pg_metrics_free(r);
}

static void test_the_list_of_names_defines_the_metrics_of_the_guide(void **state)
{
    (void)state;
    pg_metrics *r = NULL;
    assert_int_equal(pg_metrics_new_standard(NULL, NULL, &r, NULL), PG_OK);
    pg_metric *m = pg_metrics_find(r, PG_STR("prompt_generation_total"));
    pg_metric_def def;
    pg_metric_describe(m, &def);
    assert_int_equal(def.label_count, 2);
    assert_true(pg_str_equal(def.labels[0], PG_STR("workflow")));
    assert_true(pg_str_equal(def.labels[1], PG_STR("status")));
    pg_metric_release(m);
    m = pg_metrics_find(r, PG_STR("prompt_generation_duration_seconds"));
    pg_metric_describe(m, &def);
    assert_int_equal(def.bound_count, 14);
    assert_true(def.bounds[0] == 0.0001 && def.bounds[13] == 5);
    pg_metric_release(m);
    pg_str labels[] = {PG_STR("plan_cache"), PG_STR("hit")};
    pg_series *s = NULL;
    assert_int_equal(pg_metrics_series(r, PG_METRIC_ID_CACHE_HITS, labels, 2, &s, NULL), PG_OK);
    pg_series_release(s);
    assert_int_equal(pg_metrics_define_names(r, NULL), PG_OK); // the same once more
    pg_metrics_free(r);
}

static bool build_registry(const pg_alloc *alloc, void *ctx)
{
    (void)ctx;
    pg_metrics *r = NULL;
    if (pg_metrics_new_standard(alloc, NULL, &r, NULL) != PG_OK)
        return false;
    bool ok = true;
    for (int i = 0; ok && i < 3; i++) {
        char value[16];
        (void)snprintf(value, sizeof value, "w%d", i);
        pg_str label = pg_str_from(value);
        pg_series *s = NULL;
        ok = pg_metrics_series(r, PG_METRIC_ID_PROMPT_DURATION, &label, 1, &s, NULL) == PG_OK;
        if (ok)
            pg_histogram_observe(s, 0.5);
        pg_series_release(s);
    }
    pg_metrics_free(r);
    return ok;
}

static void test_every_failed_allocation_leaves_nothing_behind(void **state)
{
    (void)state;
    test_alloc_sweep(build_registry, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_counter_sums_integers_and_fractions),
        cmocka_unit_test(test_a_counter_refuses_what_does_not_grow_it),
        cmocka_unit_test(test_a_counter_is_exact_at_2_to_53_and_finite_beyond),
        cmocka_unit_test(test_a_gauge_takes_any_value),
        cmocka_unit_test(test_an_observation_equal_to_a_bound_lies_inside_it),
        cmocka_unit_test(test_odd_observations_fall_into_the_first_bucket_or_are_dropped),
        cmocka_unit_test(test_an_empty_histogram_summarises_to_zeros),
        cmocka_unit_test(test_bounds_must_be_finite_and_ascending),
        cmocka_unit_test(test_a_last_infinite_bound_means_nothing),
        cmocka_unit_test(test_helpers_compute_bounds),
        cmocka_unit_test(test_names_that_no_scraper_would_read_are_refused),
        cmocka_unit_test(test_a_help_text_and_a_fitting_unit_are_needed),
        cmocka_unit_test(test_a_metric_has_eight_labels_at_most),
        cmocka_unit_test(test_only_a_histogram_has_bounds),
        cmocka_unit_test(test_a_series_is_looked_for_by_all_its_labels),
        cmocka_unit_test(test_label_values_are_made_fit),
        cmocka_unit_test(test_reserved_malformed_and_repeated_labels_are_refused),
        cmocka_unit_test(test_names_that_would_be_written_twice_collide),
        cmocka_unit_test(test_the_same_definition_gives_the_same_metric_and_any_difference_fails),
        cmocka_unit_test(test_a_failed_definition_frees_the_name),
        cmocka_unit_test(test_a_series_is_found_again_by_its_values),
        cmocka_unit_test(test_label_values_must_be_utf8_short_and_complete),
        cmocka_unit_test(test_series_beyond_the_limit_are_counted_in_one_named_other),
        cmocka_unit_test(test_a_removed_series_can_still_be_used_and_is_not_written),
        cmocka_unit_test(test_reset_zeroes_every_kind),
        cmocka_unit_test(test_a_metric_may_live_outside_a_registry_and_join_later),
        cmocka_unit_test(test_the_list_of_names_defines_the_metrics_of_the_guide),
        cmocka_unit_test(test_every_failed_allocation_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
