/// Deltas: what series gained, taken from a registry. See metrics.h; metrics_merge.c adds them.
///
/// A series remembers what was taken of it; taking moves that mark to the present. Giving back
/// moves it by the same amount, unless the series was reset in between.
#include "metrics_internal.h"

#include <string.h>

/// What is needed to give one row back.
typedef struct claim {
    pg_series *series; ///< holds a reference
    uint64_t whole;
    double part;
    unsigned epoch;
} claim;

struct pg_deltas {
    const pg_alloc *alloc;
    pg_metric_delta *rows; ///< `counts` is filled in at the end, when `counts` has stopped moving
    claim *claims;         ///< one for each row
    size_t count;
    size_t row_cap;
    size_t claim_cap;
    uint64_t *counts; ///< bucket counts of all histogram rows, in the order of the rows
    size_t counts_len;
    size_t counts_cap;
    bool committed;
};

/// Grows an array to hold `need` elements; NULL without memory.
static void *grow(const pg_alloc *alloc, void *array, size_t *cap, size_t need, size_t element)
{
    if (need <= *cap)
        return array;
    size_t wanted = *cap > 0 ? *cap : 16;
    while (wanted < need)
        wanted *= 2;
    void *grown = pg_realloc(alloc, array, *cap * element, wanted * element);
    if (grown != NULL)
        *cap = wanted;
    return grown;
}

/// Makes room for one more row with `buckets` counts.
static bool reserve(pg_deltas *d, size_t buckets)
{
    pg_metric_delta *rows = grow(d->alloc, d->rows, &d->row_cap, d->count + 1, sizeof *rows);
    if (rows == NULL)
        return false;
    d->rows = rows;
    claim *claims = grow(d->alloc, d->claims, &d->claim_cap, d->count + 1, sizeof *claims);
    if (claims == NULL)
        return false;
    d->claims = claims;
    if (buckets == 0)
        return true;
    uint64_t *counts =
        grow(d->alloc, d->counts, &d->counts_cap, d->counts_len + buckets, sizeof *counts);
    if (counts == NULL)
        return false;
    d->counts = counts;
    return true;
}

/// `now - taken` for sums that may have become infinite.
static double gained(double now, double taken)
{
    return now == taken ? 0 : now - taken;
}

/// Takes a counter or histogram sum; true when there is something to take.
static bool take_numbers(pg_series *s, claim *c)
{
    uint64_t whole = atomic_load_explicit(&s->whole, memory_order_relaxed);
    double part = atomic_load_explicit(&s->part, memory_order_relaxed);
    c->whole = whole - s->taken_whole;
    c->part = gained(part, s->taken_part);
    s->taken_whole = whole;
    s->taken_part = part;
    return c->whole > 0 || c->part != 0;
}

/// A sum whose observation is not yet counted (another thread is about to) waits for it.
static bool take_histogram(pg_deltas *d, pg_series *s, claim *c)
{
    bool any = false;
    uint64_t *counts = d->counts + d->counts_len;
    for (size_t i = 0; i <= s->bound_count; i++) {
        uint64_t now = atomic_load_explicit(&s->counts[i], memory_order_relaxed);
        counts[i] = now - s->taken_counts[i];
        s->taken_counts[i] = now;
        any = any || counts[i] > 0;
    }
    if (any)
        (void)take_numbers(s, c);
    return any;
}

/// Appends a row when the series changed; its metric's lock is held.
static bool take_series(pg_deltas *d, pg_series *s)
{
    const pg_metric *m = s->metric;
    size_t buckets = s->counts != NULL ? s->bound_count + 1 : 0;
    if (!reserve(d, buckets))
        return false;
    claim c = {.epoch = s->epoch};
    pg_metric_delta row = {.name = m->name,
                           .kind = m->kind,
                           .labels = s->labels,
                           .label_count = m->label_count,
                           .count_count = buckets};
    bool any;
    if (m->kind == PG_METRIC_GAUGE) {
        any = atomic_exchange_explicit(&s->changed, false, memory_order_relaxed);
        row.value = atomic_load_explicit(&s->part, memory_order_relaxed);
    } else if (m->kind == PG_METRIC_HISTOGRAM) {
        any = take_histogram(d, s, &c);
        row.value = c.part;
        row.min = atomic_load_explicit(&s->min, memory_order_relaxed);
        row.max = atomic_load_explicit(&s->max, memory_order_relaxed);
    } else {
        any = take_numbers(s, &c);
        row.value = (double)c.whole + c.part;
    }
    if (!any)
        return true;
    c.series = pg_series_retain(s);
    d->counts_len += buckets;
    d->rows[d->count] = row;
    d->claims[d->count] = c;
    d->count++;
    return true;
}

static bool take_metric(pg_deltas *d, pg_metric *m)
{
    bool ok = true;
    pthread_mutex_lock(&m->lock);
    for (size_t i = 0; ok && i < m->series_count; i++)
        ok = take_series(d, m->series[i]);
    pthread_mutex_unlock(&m->lock);
    return ok;
}

/// Points the rows at their counts.
static void fix_counts(pg_deltas *d)
{
    const uint64_t *next = d->counts;
    for (size_t i = 0; i < d->count; i++) {
        if (d->rows[i].count_count == 0)
            continue;
        d->rows[i].counts = next;
        next += d->rows[i].count_count;
    }
}

pg_status pg_metrics_take(pg_metrics *metrics, pg_deltas **out, pg_error *err)
{
    pg_status status = pg__metrics_report_drops(metrics, err);
    if (status != PG_OK)
        return status;
    pg_deltas *d = pg_calloc(metrics->alloc, 1, sizeof *d);
    if (d == NULL)
        return pg_error_set(err, PG_NOMEM, "no memory to take deltas");
    d->alloc = metrics->alloc;
    bool ok = true;
    pthread_mutex_lock(&metrics->lock);
    for (size_t i = 0; ok && i < metrics->count; i++)
        ok = take_metric(d, metrics->metrics[i]);
    pthread_mutex_unlock(&metrics->lock);
    fix_counts(d);
    if (!ok) {
        pg_deltas_free(d);
        return pg_error_set(err, PG_NOMEM, "no memory to take deltas");
    }
    *out = d;
    return PG_OK;
}

const pg_metric_delta *pg_deltas_rows(const pg_deltas *deltas, size_t *count)
{
    *count = deltas->count;
    return deltas->rows;
}

pg_series *pg__deltas_series(const pg_deltas *deltas, size_t row)
{
    return deltas->claims[row].series;
}

void pg_deltas_commit(pg_deltas *deltas)
{
    deltas->committed = true;
}

/// Undoes take_series, unless a reset has made the numbers meaningless.
static void give_back(const pg_metric_delta *row, const claim *c)
{
    pg_series *s = c->series;
    pthread_mutex_lock(&s->metric->lock);
    if (s->epoch == c->epoch) {
        if (row->kind == PG_METRIC_GAUGE)
            atomic_store_explicit(&s->changed, true, memory_order_relaxed);
        s->taken_whole -= c->whole;
        s->taken_part = gained(s->taken_part, c->part);
        for (size_t i = 0; i < row->count_count; i++)
            s->taken_counts[i] -= row->counts[i];
    }
    pthread_mutex_unlock(&s->metric->lock);
}

void pg_deltas_free(pg_deltas *deltas)
{
    if (deltas == NULL)
        return;
    for (size_t i = 0; i < deltas->count; i++) {
        if (!deltas->committed)
            give_back(&deltas->rows[i], &deltas->claims[i]);
        pg_series_release(deltas->claims[i].series);
    }
    const pg_alloc *alloc = deltas->alloc;
    pg_free(alloc, deltas->rows, deltas->row_cap * sizeof *deltas->rows);
    pg_free(alloc, deltas->claims, deltas->claim_cap * sizeof *deltas->claims);
    pg_free(alloc, deltas->counts, deltas->counts_cap * sizeof *deltas->counts);
    pg_free(alloc, deltas, sizeof *deltas);
}
