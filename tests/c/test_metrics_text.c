/// Tests of the exposition text: escaping, numbers, order, both formats.
#include "support.h"

#include "metrics_internal.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pg_metrics *new_registry(int64_t wall_ns)
{
    static test_clock wall;
    test_clock_init(&wall, wall_ns);
    pg_metrics *r = NULL;
    assert_int_equal(pg_metrics_new(NULL, &wall.clock, &r, NULL), PG_OK);
    return r;
}

static void assert_text(pg_metrics *r, pg_metrics_format format, const char *expected)
{
    pg_buf text;
    pg_buf_init(&text, NULL);
    assert_int_equal(pg_metrics_write(r, format, &text, NULL), PG_OK);
    pg_buf_put_char(&text, '\0');
    assert_string_equal(text.ptr, expected);
    pg_buf_free(&text);
}

static pg_series *series(pg_metrics *r, pg_metric_def def, const pg_str *values)
{
    pg_metric *m = NULL;
    pg_series *s = NULL;
    assert_int_equal(pg_metrics_define(r, &def, &m, NULL), PG_OK);
    assert_int_equal(pg_metric_series(m, values, def.label_count, &s, NULL), PG_OK);
    pg_metric_release(m);
    return s;
}

static pg_metric_def gauge_def(const char *name, const char *help)
{
    return (pg_metric_def){
        .kind = PG_METRIC_GAUGE, .name = pg_str_from(name), .help = pg_str_from(help)};
}

static void test_label_values_and_help_texts_are_escaped_by_their_own_rules(void **state)
{
    (void)state;
    pg_metrics *r = new_registry(0);
    pg_str label = PG_STR("k");
    pg_metric_def def = gauge_def("g", "A\ngaug\\e with \"quotes\"");
    def.labels = &label;
    def.label_count = 1;
    const pg_str values[] = {PG_STR("\\x\n\""), PG_STR("\\n"), PG_STR("foo\\"),
                             PG_STR("} # {=,\xC3\xA9"), PG_STR("")};
    for (size_t i = 0; i < 5; i++) {
        pg_series *s = series(r, def, &values[i]);
        pg_gauge_set(s, (double)i);
        pg_series_release(s);
    }
    assert_text(r, PG_METRICS_PROMETHEUS,
                "# HELP g A\\ngaug\\\\e with \"quotes\"\n"
                "# TYPE g gauge\n"
                "g{k=\"\"} 4\n"
                "g{k=\"\\\\n\"} 1\n"
                "g{k=\"\\\\x\\n\\\"\"} 0\n"
                "g{k=\"foo\\\\\"} 2\n"
                "g{k=\"} # {=,\xC3\xA9\"} 3\n");
    pg_buf text;
    pg_buf_init(&text, NULL);
    assert_int_equal(pg_metrics_write(r, PG_METRICS_OPENMETRICS, &text, NULL), PG_OK);
    pg_str help = PG_STR("# HELP g A\\ngaug\\\\e with \\\"quotes\\\"\n");
    assert_true(pg_str_find(pg_buf_str(&text), help, 0) != (size_t)-1);
    pg_buf_free(&text);
    pg_metrics_free(r);
}

typedef struct number_row {
    double value;
    const char *text;  ///< as a value
    const char *bound; ///< as a bucket bound
} number_row;

static const number_row numbers[] = {
    {0, "0", "0.0"},
    {1, "1", "1.0"},
    {-1, "-1", "-1.0"},
    {0.23, "0.23", "0.23"},
    {3.14e+42, "3.14e+42", "3.14e+42"},
    {-1.23e-45, "-1.23e-45", "-1.23e-45"},
    {5e-324, "5e-324", "5e-324"},
    {2.2250738585072014e-308, "2.2250738585072014e-308", "2.2250738585072014e-308"},
    {1.7976931348623157e+308, "1.7976931348623157e+308", "1.7976931348623157e+308"},
    {0.30000000000000004, "0.30000000000000004", "0.30000000000000004"},
    {0.1, "0.1", "0.1"},
    {9007199254740991.0, "9007199254740991", "9.007199254740991e+15"},
    {18446744073709551616.0, "1.8446744073709552e+19", "1.8446744073709552e+19"},
    {0.0001, "0.0001", "0.0001"},
    {0.00001, "1e-05", "1e-05"},
    {100000, "100000", "100000.0"},
    {1000000, "1000000", "1e+06"},
    {123456.5, "123456.5", "123456.5"},
    {1234567.5, "1234567.5", "1.2345675e+06"},
    {2.5, "2.5", "2.5"},
    {1e10, "10000000000", "1e+10"},
    {1e22, "1e+22", "1e+22"},
};

static void assert_number(void (*put)(pg_buf *, double), double value, const char *expected)
{
    pg_buf text;
    pg_buf_init(&text, NULL);
    put(&text, value);
    pg_buf_put_char(&text, '\0');
    assert_string_equal(text.ptr, expected);
    pg_buf_free(&text);
}

static void assert_all_numbers(void)
{
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        assert_number(pg__number_put, numbers[i].value, numbers[i].text);
        assert_number(pg__number_put_bound, numbers[i].value, numbers[i].bound);
    }
    assert_number(pg__number_put, -0.0, "-0");
    assert_number(pg__number_put, (double)NAN, "NaN");
    assert_number(pg__number_put, (double)INFINITY, "+Inf");
    assert_number(pg__number_put, -(double)INFINITY, "-Inf");
    assert_number(pg__number_put_bound, (double)INFINITY, "+Inf");
}

static void test_numbers_have_one_spelling_that_reads_back(void **state)
{
    (void)state;
    assert_all_numbers();
    uint64_t seed = 88172645463325252u;
    for (int i = 0; i < 20000; i++) {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        double value;
        memcpy(&value, &seed, sizeof value);
        if (!isfinite(value))
            continue;
        pg_buf text;
        pg_buf_init(&text, NULL);
        pg__number_put(&text, value);
        pg_buf_put_char(&text, '\0');
        assert_true(strtod(text.ptr, NULL) == value);
        text.len = 0;
        pg__number_put_bound(&text, value);
        pg_buf_put_char(&text, '\0');
        assert_true(strtod(text.ptr, NULL) == value);
        pg_buf_free(&text);
    }
}

/// Compiles a locale whose decimal point is a comma, when the system has none; false without the
/// means to.
static bool set_comma_locale(void)
{
    static const char *const names[] = {"de_DE.UTF-8", "de_DE", "fr_FR.UTF-8", "nl_NL.UTF-8"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (setlocale(LC_ALL, names[i]) != NULL)
            return true;
    char dir[64], command[256];
    test_temp_dir(dir, sizeof dir);
    (void)snprintf(command, sizeof command,
                   "localedef -i de_DE -f UTF-8 %s/de_DE.UTF-8 2>/dev/null", dir);
    bool made = system(command) == 0 && setenv("LOCPATH", dir, 1) == 0 &&
                setlocale(LC_ALL, "de_DE.UTF-8") != NULL;
    test_remove_tree(dir);
    return made;
}

static void test_numbers_are_the_shortest_that_read_back(void **state)
{
    (void)state;
    char reference[64];
    for (int i = 1; i < 200000; i += 7) {
        double value = i / 1e5 * (i % 3 == 0 ? 1 : i % 3 == 1 ? 1e-5 : 1e5);
        for (int precision = 1; precision <= 17; precision++) {
            (void)snprintf(reference, sizeof reference, "%.*g", precision, value);
            if (strtod(reference, NULL) == value)
                break;
        }
        pg_buf text;
        pg_buf_init(&text, NULL);
        pg__number_put(&text, value);
        pg_buf_put_char(&text, '\0');
        if (strchr(reference, 'e') == NULL)
            assert_string_equal(text.ptr, reference);
        assert_true(strtod(text.ptr, NULL) == value);
        pg_buf_free(&text);
    }
}

static void test_numbers_do_not_depend_on_the_locale(void **state)
{
    (void)state;
    if (!set_comma_locale()) {
        print_message("no locale with a decimal comma can be made here\n");
        skip();
    }
    char probe[16];
    (void)snprintf(probe, sizeof probe, "%.1f", 0.5);
    assert_string_equal(probe, "0,5");
    assert_all_numbers();
    assert_non_null(setlocale(LC_ALL, "C"));
}

static pg_metric_def duration_def(const pg_str *label, const double *bounds)
{
    return (pg_metric_def){.kind = PG_METRIC_HISTOGRAM,
                           .name = PG_STR("d_seconds"),
                           .help = PG_STR("Time"),
                           .unit = PG_STR("seconds"),
                           .labels = label,
                           .label_count = 1,
                           .bounds = bounds,
                           .bound_count = 3};
}

/// The same content, defined in two orders.
static pg_metrics *small_registry(bool reversed)
{
    static const pg_str label = {"w", 1};
    static const pg_str outcome[] = {{"workflow", 8}, {"status", 6}};
    static const double bounds[] = {0.005, 1, 2.5};
    pg_metrics *r = new_registry(INT64_C(1700000000123456789));
    const pg_str rows[3][2] = {{PG_STR("next"), PG_STR("success")},
                               {PG_STR("next"), PG_STR("error")},
                               {PG_STR("fix"), PG_STR("success")}};
    pg_metric_def counter = {.kind = PG_METRIC_COUNTER,
                             .name = PG_STR("p_total"),
                             .help = PG_STR("Prompts"),
                             .labels = outcome,
                             .label_count = 2};
    for (int step = 0; step < 5; step++) {
        int i = reversed ? 4 - step : step;
        pg_series *s;
        if (i < 3) {
            s = series(r, counter, rows[i]);
            assert_int_equal(pg_counter_add(s, (double)(50 + i), NULL), PG_OK);
        } else if (i == 3) {
            s = series(r, duration_def(&label, bounds), &rows[0][0]);
            pg_histogram_observe(s, 0.004);
            pg_histogram_observe(s, 2);
            pg_histogram_observe(s, 9);
        } else {
            s = series(r, gauge_def("a_gauge", "Any"), NULL);
            pg_gauge_set(s, -2.5);
        }
        pg_series_release(s);
    }
    return r;
}

static const char small_prometheus[] = "# HELP a_gauge Any\n"
                                       "# TYPE a_gauge gauge\n"
                                       "a_gauge -2.5\n"
                                       "# HELP d_seconds Time\n"
                                       "# TYPE d_seconds histogram\n"
                                       "d_seconds_bucket{w=\"next\",le=\"0.005\"} 1\n"
                                       "d_seconds_bucket{w=\"next\",le=\"1\"} 1\n"
                                       "d_seconds_bucket{w=\"next\",le=\"2.5\"} 2\n"
                                       "d_seconds_bucket{w=\"next\",le=\"+Inf\"} 3\n"
                                       "d_seconds_sum{w=\"next\"} 11.004\n"
                                       "d_seconds_count{w=\"next\"} 3\n"
                                       "# HELP p_total Prompts\n"
                                       "# TYPE p_total counter\n"
                                       "p_total{workflow=\"fix\",status=\"success\"} 52\n"
                                       "p_total{workflow=\"next\",status=\"error\"} 51\n"
                                       "p_total{workflow=\"next\",status=\"success\"} 50\n";

static const char small_openmetrics[] =
    "# TYPE a_gauge gauge\n"
    "# HELP a_gauge Any\n"
    "a_gauge -2.5\n"
    "# TYPE d_seconds histogram\n"
    "# UNIT d_seconds seconds\n"
    "# HELP d_seconds Time\n"
    "d_seconds_bucket{w=\"next\",le=\"0.005\"} 1\n"
    "d_seconds_bucket{w=\"next\",le=\"1.0\"} 1\n"
    "d_seconds_bucket{w=\"next\",le=\"2.5\"} 2\n"
    "d_seconds_bucket{w=\"next\",le=\"+Inf\"} 3\n"
    "d_seconds_sum{w=\"next\"} 11.004\n"
    "d_seconds_count{w=\"next\"} 3\n"
    "d_seconds_created{w=\"next\"} 1700000000.123\n"
    "# TYPE p counter\n"
    "# HELP p Prompts\n"
    "p_total{workflow=\"fix\",status=\"success\"} 52\n"
    "p_created{workflow=\"fix\",status=\"success\"} 1700000000.123\n"
    "p_total{workflow=\"next\",status=\"error\"} 51\n"
    "p_created{workflow=\"next\",status=\"error\"} 1700000000.123\n"
    "p_total{workflow=\"next\",status=\"success\"} 50\n"
    "p_created{workflow=\"next\",status=\"success\"} 1700000000.123\n"
    "# EOF\n";

static void test_the_text_is_the_same_bytes_in_any_order_of_creation(void **state)
{
    (void)state;
    for (int reversed = 0; reversed < 2; reversed++) {
        pg_metrics *r = small_registry(reversed);
        for (int twice = 0; twice < 2; twice++) {
            assert_text(r, PG_METRICS_PROMETHEUS, small_prometheus);
            assert_text(r, PG_METRICS_OPENMETRICS, small_openmetrics);
        }
        pg_metrics_free(r);
    }
}

static void test_a_metric_without_labels_is_always_written_and_one_with_them_when_used(void **state)
{
    (void)state;
    pg_metrics *r = new_registry(0);
    static const pg_str label = {"k", 1};
    pg_metric_def def = {
        .kind = PG_METRIC_COUNTER, .name = PG_STR("plain_total"), .help = PG_STR("Plain")};
    pg_metric *m = NULL;
    assert_int_equal(pg_metrics_define(r, &def, &m, NULL), PG_OK);
    pg_metric_release(m);
    def.name = PG_STR("split_total");
    def.labels = &label;
    def.label_count = 1;
    assert_int_equal(pg_metrics_define(r, &def, &m, NULL), PG_OK);
    pg_metric_release(m);
    assert_text(r, PG_METRICS_PROMETHEUS,
                "# HELP plain_total Plain\n# TYPE plain_total counter\nplain_total 0\n"
                "# HELP split_total Plain\n# TYPE split_total counter\n");
    pg_metrics_free(r);
}

static void test_openmetrics_has_no_sum_that_could_shrink(void **state)
{
    (void)state;
    static const double bounds[] = {-1, 0, 1};
    pg_metrics *r = new_registry(0);
    pg_metric_def def = {.kind = PG_METRIC_HISTOGRAM,
                         .name = PG_STR("h"),
                         .help = PG_STR("H"),
                         .bounds = bounds,
                         .bound_count = 3};
    pg_series *s = series(r, def, NULL);
    pg_histogram_observe(s, 0.5);
    assert_text(r, PG_METRICS_OPENMETRICS,
                "# TYPE h histogram\n# HELP h H\n"
                "h_bucket{le=\"-1.0\"} 0\nh_bucket{le=\"0.0\"} 0\nh_bucket{le=\"1.0\"} 1\n"
                "h_bucket{le=\"+Inf\"} 1\n# EOF\n");
    pg_series_release(s);
    pg_metrics_free(r);

    r = new_registry(0);
    def.bounds = bounds + 1;
    def.bound_count = 2;
    s = series(r, def, NULL);
    pg_histogram_observe(s, -0.5); // below every bound: the sum is negative all the same
    assert_text(r, PG_METRICS_OPENMETRICS,
                "# TYPE h histogram\n# HELP h H\nh_bucket{le=\"0.0\"} 1\n"
                "h_bucket{le=\"1.0\"} 1\nh_bucket{le=\"+Inf\"} 1\n# EOF\n");
    pg_series_release(s);
    pg_metrics_free(r);
}

static void test_an_empty_registry_is_an_empty_text(void **state)
{
    (void)state;
    pg_metrics *r = new_registry(0);
    assert_text(r, PG_METRICS_PROMETHEUS, "");
    assert_text(r, PG_METRICS_OPENMETRICS, "# EOF\n");
    pg_metrics_free(r);
}

static bool write_text(const pg_alloc *alloc, void *ctx)
{
    pg_buf text;
    pg_buf_init(&text, alloc);
    pg_buf_put_str(&text, PG_STR("kept"));
    bool ok = !text.failed;
    if (ok)
        ok = pg_metrics_write(ctx, PG_METRICS_OPENMETRICS, &text, NULL) == PG_OK;
    if (!ok && text.len > 0)
        assert_int_equal(text.len, 4);
    pg_buf_free(&text);
    return ok;
}

static void test_a_text_that_does_not_fit_in_memory_leaves_the_buffer_as_it_was(void **state)
{
    (void)state;
    pg_metrics *r = small_registry(false);
    test_alloc_sweep(write_text, r);
    pg_metrics_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_label_values_and_help_texts_are_escaped_by_their_own_rules),
        cmocka_unit_test(test_numbers_have_one_spelling_that_reads_back),
        cmocka_unit_test(test_numbers_are_the_shortest_that_read_back),
        cmocka_unit_test(test_numbers_do_not_depend_on_the_locale),
        cmocka_unit_test(test_the_text_is_the_same_bytes_in_any_order_of_creation),
        cmocka_unit_test(
            test_a_metric_without_labels_is_always_written_and_one_with_them_when_used),
        cmocka_unit_test(test_openmetrics_has_no_sum_that_could_shrink),
        cmocka_unit_test(test_an_empty_registry_is_an_empty_text),
        cmocka_unit_test(test_a_text_that_does_not_fit_in_memory_leaves_the_buffer_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
