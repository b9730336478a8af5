/// Eight threads change metrics while the text is written and deltas are taken.
#include "support.h"

#include "promptgen/metrics.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef PROMPTGEN_SANITIZED
enum { THREADS = 8, INCREMENTS = 50000, OBSERVATIONS = 10000 };
#else
enum { THREADS = 8, INCREMENTS = 1000000, OBSERVATIONS = 200000 };
#endif

typedef struct shared {
    pg_metrics *metrics;
    pg_metric *split;
    pg_series *counter;
    pg_series *histogram;
    pg_series *gauge;
    atomic_int running;
} shared;

static const char *const workflows[] = {"next", "fix", "subplan", "execution"};

static void *change(void *arg)
{
    shared *sh = arg;
    for (int i = 0; i < INCREMENTS; i++)
        pg_counter_inc(sh->counter);
    for (int i = 0; i < OBSERVATIONS; i++) {
        pg_histogram_observe(sh->histogram, (double)(i % 4) * 0.25);
        pg_gauge_add(sh->gauge, 1);
        pg_str label = pg_str_from(workflows[i % 4]);
        pg_series *s = NULL;
        if (i % 16 == 0 && pg_metric_series(sh->split, &label, 1, &s, NULL) == PG_OK) {
            pg_counter_inc(s);
            pg_series_release(s);
        }
    }
    atomic_fetch_sub(&sh->running, 1);
    return NULL;
}

/// The number after `name` and a space at the start of a line.
static double sample(const pg_buf *text, const char *name)
{
    size_t at = pg_str_find(pg_buf_str(text), pg_str_from(name), 0);
    assert_true(at != (size_t)-1);
    return strtod(text->ptr + at + strlen(name), NULL);
}

/// One scrape: +Inf equals the count, and nothing is below the scrape before.
static void scrape(shared *sh, double *last_counter, double *last_count)
{
    pg_buf text;
    pg_buf_init(&text, NULL);
    assert_int_equal(pg_metrics_write(sh->metrics, PG_METRICS_PROMETHEUS, &text, NULL), PG_OK);
    pg_buf_put_char(&text, '\0');
    double counter = sample(&text, "\nall_total "), count = sample(&text, "\nd_seconds_count ");
    assert_true(count == sample(&text, "\nd_seconds_bucket{le=\"+Inf\"} "));
    assert_true(counter >= *last_counter && count >= *last_count);
    *last_counter = counter;
    *last_count = count;
    pg_buf_free(&text);
}

static pg_series *plain(pg_metrics *r, pg_metric_kind kind, const char *name)
{
    pg_metric_def def = {.kind = kind, .name = pg_str_from(name), .help = PG_STR("Help")};
    pg_metric *m = NULL;
    pg_series *s = NULL;
    assert_int_equal(pg_metrics_define(r, &def, &m, NULL), PG_OK);
    assert_int_equal(pg_metric_series(m, NULL, 0, &s, NULL), PG_OK);
    pg_metric_release(m);
    return s;
}

static void start(shared *sh, pthread_t *threads)
{
    static const pg_str label = {"workflow", 8};
    memset(sh, 0, sizeof *sh);
    assert_int_equal(pg_metrics_new(NULL, NULL, &sh->metrics, NULL), PG_OK);
    sh->gauge = plain(sh->metrics, PG_METRIC_GAUGE, "a");
    sh->counter = plain(sh->metrics, PG_METRIC_COUNTER, "all_total");
    sh->histogram = plain(sh->metrics, PG_METRIC_HISTOGRAM, "d_seconds");
    pg_metric_def def = {.kind = PG_METRIC_COUNTER,
                         .name = PG_STR("split_total"),
                         .help = PG_STR("Help"),
                         .labels = &label,
                         .label_count = 1};
    assert_int_equal(pg_metrics_define(sh->metrics, &def, &sh->split, NULL), PG_OK);
    atomic_store(&sh->running, THREADS);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, change, sh), 0);
}

static void finish(shared *sh, pthread_t *threads)
{
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_true(pg_series_value(sh->counter) == (double)THREADS * INCREMENTS);
    assert_true(pg_series_value(sh->gauge) == (double)THREADS * OBSERVATIONS);
    pg_histogram_summary summary;
    pg_histogram_summarise(sh->histogram, &summary);
    assert_int_equal(summary.count, (uint64_t)THREADS * OBSERVATIONS);
    assert_true(summary.sum == THREADS * (OBSERVATIONS / 4) * 1.5);
    double split = 0;
    for (pg_series *s = pg_metric_next(sh->split, NULL); s != NULL;) {
        split += pg_series_value(s);
        pg_series *next = pg_metric_next(sh->split, s);
        pg_series_release(s);
        s = next;
    }
    assert_true(split == (double)THREADS * OBSERVATIONS / 16);
}

static void stop(shared *sh)
{
    pg_series_release(sh->counter);
    pg_series_release(sh->histogram);
    pg_series_release(sh->gauge);
    pg_metric_release(sh->split);
    pg_metrics_free(sh->metrics);
}

static void test_totals_are_exact_and_every_text_is_consistent(void **state)
{
    (void)state;
    shared sh;
    pthread_t threads[THREADS];
    start(&sh, threads);
    double counter = 0, count = 0;
    while (atomic_load(&sh.running) > 0)
        scrape(&sh, &counter, &count);
    finish(&sh, threads);
    scrape(&sh, &counter, &count);
    assert_true(counter == (double)THREADS * INCREMENTS);
    stop(&sh);
}

/// Takes deltas and adds the counter's and the histogram's up; every third time it gives them back.
static void take(shared *sh, int round, double *increments, uint64_t *observations)
{
    pg_deltas *d = NULL;
    assert_int_equal(pg_metrics_take(sh->metrics, &d, NULL), PG_OK);
    size_t count;
    const pg_metric_delta *rows = pg_deltas_rows(d, &count);
    for (size_t i = 0; round % 3 != 0 && i < count; i++) {
        if (pg_str_equal(rows[i].name, PG_STR("all_total")))
            *increments += rows[i].value;
        for (size_t k = 0; k < rows[i].count_count; k++)
            *observations += rows[i].counts[k];
    }
    if (round % 3 != 0)
        pg_deltas_commit(d);
    pg_deltas_free(d);
}

static void test_deltas_taken_meanwhile_add_up_to_the_totals(void **state)
{
    (void)state;
    shared sh;
    pthread_t threads[THREADS];
    start(&sh, threads);
    double increments = 0;
    uint64_t observations = 0;
    int round = 1;
    for (; atomic_load(&sh.running) > 0; round++)
        take(&sh, round, &increments, &observations);
    finish(&sh, threads);
    take(&sh, 1, &increments, &observations);
    assert_true(increments == (double)THREADS * INCREMENTS);
    assert_int_equal(observations, (uint64_t)THREADS * OBSERVATIONS);
    stop(&sh);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_totals_are_exact_and_every_text_is_consistent),
        cmocka_unit_test(test_deltas_taken_meanwhile_add_up_to_the_totals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
