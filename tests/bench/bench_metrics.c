/// Counting beside an atomic addition and an empty call, in one run. Prints name, operations and
/// nanoseconds an operation, tab-separated; a ratio row has the ratio in place of nanoseconds.
#include "promptgen/metric_names.h"
#include "promptgen/metrics.h"
#include "promptgen/metrics_store.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { ROUNDS = 25, OPS = 200000, SERIES = 1000, TEXTS = 4 };

static pg_metrics *registry;
static pg_series *counter;
static pg_series *histogram;
static _Atomic uint64_t word;

__attribute__((noinline)) static void empty_call(pg_series *series)
{
    __asm__ volatile("" : : "r"(series) : "memory");
}

static void run_empty_call(int n)
{
    for (int i = 0; i < n; i++)
        empty_call(counter);
}

static void run_atomic_add(int n)
{
    for (int i = 0; i < n; i++)
        atomic_fetch_add_explicit(&word, 1, memory_order_relaxed);
}

static void run_inc(int n)
{
    for (int i = 0; i < n; i++)
        pg_counter_inc(counter);
}

static void run_add(int n)
{
    for (int i = 0; i < n; i++)
        if (pg_counter_add(counter, 2, NULL) != PG_OK)
            abort();
}

static void run_observe(int n)
{
    for (int i = 0; i < n; i++)
        pg_histogram_observe(histogram, (double)(i & 1023) * 1e-5);
}

static void run_look_up(int n)
{
    const pg_str labels[] = {{"next", 4}, {"success", 7}};
    pg_metric *m = pg_metrics_find(registry, PG_STR("prompt_generation_total"));
    for (int i = 0; i < n; i++) {
        pg_series *s = NULL;
        if (pg_metric_series(m, labels, 2, &s, NULL) != PG_OK)
            abort();
        pg_series_release(s);
    }
    pg_metric_release(m);
}

/// One measurement: its name and what is run how often.
typedef struct bench {
    const char *name;
    void (*run)(int);
    int n;
    double each; ///< nanoseconds; the fastest round
} bench;

/// Runs all of them in turns, so that a slow moment of the machine meets all, and keeps the fastest
/// round of each: what is left after the noise of a shared machine.
static void measure(bench *benches, size_t count)
{
    for (int round = 0; round <= ROUNDS; round++) {
        for (size_t i = 0; i < count; i++) {
            int64_t start = pg_now_ns(NULL);
            benches[i].run(benches[i].n);
            double each = (double)(pg_now_ns(NULL) - start) / benches[i].n;
            if (round <= 1 || each < benches[i].each) // the first round warms up
                benches[i].each = each;
        }
    }
    for (size_t i = 0; i < count; i++)
        (void)printf("%s\t%d\t%.2f\n", benches[i].name, benches[i].n, benches[i].each);
}

static void run_text(int n)
{
    for (int i = 0; i < n; i++) {
        pg_buf text;
        pg_buf_init(&text, NULL);
        if (pg_metrics_write(registry, PG_METRICS_PROMETHEUS, &text, NULL) != PG_OK)
            abort();
        pg_buf_free(&text);
    }
}

/// Many series with values that are (not) integers.
static void fill(double value)
{
    static const pg_str label = {"k", 1};
    pg_metric_def def = {.kind = PG_METRIC_GAUGE,
                         .name = PG_STR("many"),
                         .help = PG_STR("Many"),
                         .labels = &label,
                         .label_count = 1,
                         .max_series = SERIES + 1};
    pg_metric *m = NULL;
    if (pg_metrics_define(registry, &def, &m, NULL) != PG_OK)
        abort();
    for (int i = 0; i < SERIES; i++) {
        char text[16];
        (void)snprintf(text, sizeof text, "%d", i);
        pg_str key = pg_str_from(text);
        pg_series *s = NULL;
        if (pg_metric_series(m, &key, 1, &s, NULL) != PG_OK)
            abort();
        pg_gauge_set(s, i * value);
        pg_series_release(s);
    }
    pg_metric_release(m);
}

static void run_new_standard(int n)
{
    for (int i = 0; i < n; i++) {
        pg_metrics *r = NULL;
        if (pg_metrics_new_standard(NULL, NULL, &r, NULL) != PG_OK)
            abort();
        pg_metrics_free(r);
    }
}

static pg_metrics_store *store;

/// What the end of a run does: a counter and a histogram have changed; the file has some 40 series.
static void run_flush(int n)
{
    for (int i = 0; i < n; i++) {
        pg_counter_inc(counter);
        pg_histogram_observe(histogram, 0.002);
        if (pg_metrics_store_flush(store, registry, false, NULL, NULL) != PG_OK)
            abort();
    }
}

/// A store in a new directory, with totals of several workflows.
static bool open_store(char *dir)
{
    static const char *const workflows[] = {"next",    "fix",   "subplan",  "execution", "review",
                                            "archive", "batch", "parallel", "resume",    "verify"};
    static const char *const outcomes[] = {"success", "error", "blocked", "conflict"};
    if (mkdtemp(dir) == NULL || pg_metrics_store_new(pg_str_from(dir), NULL, &store, NULL) != PG_OK)
        return false;
    for (size_t i = 0; i < 40; i++) {
        pg_str values[] = {pg_str_from(workflows[i / 4]), pg_str_from(outcomes[i % 4])};
        pg_series *s = NULL;
        if (pg_metrics_series(registry, PG_METRIC_ID_PROMPTS, values, 2, &s, NULL) != PG_OK)
            return false;
        pg_counter_inc(s);
        pg_series_release(s);
    }
    return true;
}

static void close_store(const char *dir)
{
    char path[64];
    (void)snprintf(path, sizeof path, "%s/metrics.v1", dir);
    (void)unlink(path);
    (void)rmdir(dir);
    pg_metrics_store_free(store);
}

int main(void)
{
    char dir[] = "/tmp/promptgen-bench-XXXXXX";
    const pg_str labels[] = {PG_STR("next"), PG_STR("success")};
    if (pg_metrics_new_standard(NULL, NULL, &registry, NULL) != PG_OK ||
        pg_metrics_series(registry, PG_METRIC_ID_PROMPTS, labels, 2, &counter, NULL) != PG_OK ||
        pg_metrics_series(registry, PG_METRIC_ID_PROMPT_DURATION, labels, 1, &histogram, NULL) !=
            PG_OK)
        return 1;
    bench hot[] = {{"metrics.empty_call", run_empty_call, OPS, 0},
                   {"metrics.atomic_add", run_atomic_add, OPS, 0},
                   {"metrics.counter_inc", run_inc, OPS, 0},
                   {"metrics.counter_add", run_add, OPS, 0},
                   {"metrics.histogram_observe", run_observe, OPS, 0}};
    measure(hot, sizeof hot / sizeof hot[0]);
    if (!open_store(dir))
        return 1;
    bench rest[] = {{"metrics.series_look_up", run_look_up, 10000, 0},
                    {"metrics.new_standard_registry", run_new_standard, 100, 0},
                    {"metrics.flush", run_flush, 200, 0}};
    measure(rest, sizeof rest / sizeof rest[0]);
    close_store(dir);
    bench text = {"metrics.text_1000_integers", run_text, TEXTS, 0};
    fill(1);
    measure(&text, 1);
    text.name = "metrics.text_1000_fractions";
    fill(1.0 / 3);
    measure(&text, 1);
    (void)printf("metrics.inc_per_atomic_add\t%d\t%.2f\n", OPS, hot[2].each / hot[1].each);
    (void)printf("metrics.observe_per_atomic_add\t%d\t%.2f\n", OPS, hot[4].each / hot[1].each);
    pg_series_release(counter);
    pg_series_release(histogram);
    pg_metrics_free(registry);
    return 0;
}
