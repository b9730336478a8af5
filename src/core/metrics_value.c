/// The numbers of a series: the hot path. See metrics.h.
#include "metrics_internal.h"

#include <float.h>
#include <math.h>

/// Integers up to here go to the 64-bit part of a counter, which they cannot overflow in practice.
#define WHOLE_STEP_MAX 4294967296.0

void pg__atomic_add(_Atomic double *target, double amount)
{
    double old = atomic_load_explicit(target, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(target, &old, old + amount, memory_order_relaxed,
                                                  memory_order_relaxed)) {
    }
}

void pg__atomic_min(_Atomic double *target, double value)
{
    double old = atomic_load_explicit(target, memory_order_relaxed);
    while (value < old && !atomic_compare_exchange_weak_explicit(
                              target, &old, value, memory_order_relaxed, memory_order_relaxed)) {
    }
}

void pg__atomic_max(_Atomic double *target, double value)
{
    double old = atomic_load_explicit(target, memory_order_relaxed);
    while (value > old && !atomic_compare_exchange_weak_explicit(
                              target, &old, value, memory_order_relaxed, memory_order_relaxed)) {
    }
}

pg_status pg_counter_add(pg_series *series, double amount, pg_error *err)
{
    if (!(amount >= 0 && amount <= DBL_MAX))
        return pg_error_set(err, PG_INVALID, "a counter only grows, by a finite amount");
    if (amount <= WHOLE_STEP_MAX && amount == (double)(uint64_t)amount)
        atomic_fetch_add_explicit(&series->whole, (uint64_t)amount, memory_order_relaxed);
    else
        pg__atomic_add(&series->part, amount);
    return PG_OK;
}

void pg_gauge_set(pg_series *series, double value)
{
    atomic_store_explicit(&series->part, value, memory_order_relaxed);
    atomic_store_explicit(&series->changed, true, memory_order_relaxed);
}

void pg_gauge_add(pg_series *series, double amount)
{
    pg__atomic_add(&series->part, amount);
    atomic_store_explicit(&series->changed, true, memory_order_relaxed);
}

double pg_series_value(pg_series *series)
{
    return (double)atomic_load_explicit(&series->whole, memory_order_relaxed) +
           atomic_load_explicit(&series->part, memory_order_relaxed);
}

void pg_histogram_observe(pg_series *series, double value)
{
    if (!(value > -(double)INFINITY)) {
        atomic_fetch_add_explicit(&series->metric->observations_dropped, 1, memory_order_relaxed);
        return;
    }
    const double *bounds = series->bounds;
    size_t bucket = 0;
    while (bucket < series->bound_count && value > bounds[bucket])
        bucket++;
    pg__atomic_add(&series->part, value);
    pg__atomic_min(&series->min, value);
    pg__atomic_max(&series->max, value);
    pg__samples_add(series->samples, value);
    atomic_fetch_add_explicit(&series->counts[bucket], 1, memory_order_relaxed);
}

void pg_histogram_counts(pg_series *series, uint64_t *counts)
{
    for (size_t i = 0; i <= series->bound_count; i++)
        counts[i] = atomic_load_explicit(&series->counts[i], memory_order_relaxed);
}

void pg_histogram_summarise(pg_series *series, pg_histogram_summary *out)
{
    uint64_t counts[PG_METRIC_BOUNDS_MAX + 1];
    pg_histogram_counts(series, counts);
    *out = (pg_histogram_summary){0};
    for (size_t i = 0; i <= series->bound_count; i++)
        out->count += counts[i];
    if (out->count == 0)
        return;
    out->sum = atomic_load_explicit(&series->part, memory_order_relaxed);
    out->min = atomic_load_explicit(&series->min, memory_order_relaxed);
    out->max = atomic_load_explicit(&series->max, memory_order_relaxed);
    out->mean = out->sum / (double)out->count;
}

pg_status pg_histogram_percentile(pg_series *series, double p, double *out, pg_error *err)
{
    if (!(p >= 0 && p <= 1))
        return pg_error_set(err, PG_INVALID, "a percentile is a number from 0 to 1");
    *out = pg__samples_percentile(series->samples, p,
                                  atomic_load_explicit(&series->min, memory_order_relaxed),
                                  atomic_load_explicit(&series->max, memory_order_relaxed));
    return PG_OK;
}

int64_t pg_series_created_ns(pg_series *series)
{
    pthread_mutex_lock(&series->metric->lock);
    int64_t created = series->created_ns;
    pthread_mutex_unlock(&series->metric->lock);
    return created;
}

void pg__series_zero(pg_series *series)
{
    atomic_store_explicit(&series->whole, 0, memory_order_relaxed);
    atomic_store_explicit(&series->part, 0, memory_order_relaxed);
    atomic_store_explicit(&series->changed, false, memory_order_relaxed);
    series->taken_whole = 0;
    series->taken_part = 0;
    series->epoch++;
    series->created_ns = pg_now_ns(&series->metric->wall);
    if (series->counts == NULL)
        return;
    atomic_store_explicit(&series->min, (double)INFINITY, memory_order_relaxed);
    atomic_store_explicit(&series->max, -(double)INFINITY, memory_order_relaxed);
    for (size_t i = 0; i <= series->bound_count; i++) {
        atomic_store_explicit(&series->counts[i], 0, memory_order_relaxed);
        series->taken_counts[i] = 0;
    }
    pg__samples_clear(series->samples);
}

void pg_series_reset(pg_series *series)
{
    pthread_mutex_lock(&series->metric->lock);
    pg__series_zero(series);
    pthread_mutex_unlock(&series->metric->lock);
}

/// A value that stands for the observations of bucket `index`.
static double bucket_middle(const pg_series *s, size_t index, double min, double max)
{
    double low = index > 0 ? s->bounds[index - 1] : min;
    double high = index < s->bound_count ? s->bounds[index] : max;
    low = low < min ? min : low;
    high = high > max ? max : high;
    return high > DBL_MAX ? low : low + (high - low) / 2;
}

static void apply_histogram(pg_series *s, const pg_metric_delta *delta)
{
    pg__atomic_add(&s->part, delta->value);
    if (!(delta->min <= delta->max))
        return;
    pg__atomic_min(&s->min, delta->min);
    pg__atomic_max(&s->max, delta->max);
    for (size_t i = 0; i < delta->count_count; i++) {
        if (delta->counts[i] == 0)
            continue;
        double middle = bucket_middle(s, i, delta->min, delta->max);
        pg__samples_add_many(s->samples, middle, delta->counts[i]);
        atomic_fetch_add_explicit(&s->counts[i], delta->counts[i], memory_order_relaxed);
    }
}

static void apply_gauge(pg_series *s, const pg_metric_delta *delta)
{
    bool untouched = !atomic_load_explicit(&s->changed, memory_order_relaxed);
    pg_gauge_mode mode = s->metric->mode;
    if (mode == PG_GAUGE_MAX && !untouched)
        pg__atomic_max(&s->part, delta->value);
    else if (mode == PG_GAUGE_MIN && !untouched)
        pg__atomic_min(&s->part, delta->value);
    else
        atomic_store_explicit(&s->part, delta->value, memory_order_relaxed);
    atomic_store_explicit(&s->changed, true, memory_order_relaxed);
}

void pg__series_apply(pg_series *series, const pg_metric_delta *delta)
{
    if (series->metric->kind == PG_METRIC_HISTOGRAM)
        apply_histogram(series, delta);
    else if (series->metric->kind == PG_METRIC_GAUGE)
        apply_gauge(series, delta);
    else // the amount has been checked
        (void)(pg_counter_add(series, delta->value, NULL) == PG_OK);
}
