/// Deltas of another process, which may be hostile: checked, then added to a registry. See
/// metrics.h.
#include "metrics_internal.h"

#include "promptgen/metric_names.h"

#include <math.h>
#include <string.h>

/// One merge: rows that are checked, and the metrics that they define.
typedef struct merge {
    pg_metrics *metrics;
    pg_metric *made[PG_METRIC_DELTA_NEW_METRICS]; ///< registered when all rows have been checked
    size_t made_count;
    size_t new_series;
} merge;

static pg_status refuse(const pg_metric *m, const char *what, pg_error *err)
{
    return pg_error_set(err, PG_BAD_INPUT, "delta of '%.*s' %s", (int)m->name.len, m->name.ptr,
                        what);
}

static bool is_within(double value, double limit)
{
    return fabs(value) <= limit; // false for NaN
}

/// True when what the metric measures cannot be negative.
static bool is_quantity(const pg_metric *m)
{
    return pg_str_ends_with(m->name, PG_STR("_seconds")) ||
           pg_str_ends_with(m->name, PG_STR("_bytes"));
}

static pg_status check_histogram(const pg_metric *m, const pg_metric_delta *d, pg_error *err)
{
    if (d->count_count != m->bound_count + 1)
        return refuse(m, "has a wrong number of buckets", err);
    uint64_t total = 0;
    for (size_t i = 0; i < d->count_count; i++) {
        if (d->counts[i] > PG_METRIC_DELTA_COUNT)
            return refuse(m, "has an absurd count", err);
        total += d->counts[i];
    }
    if (total > PG_METRIC_DELTA_COUNT)
        return refuse(m, "has an absurd count", err);
    if (total == 0)
        return d->value == 0 ? PG_OK : refuse(m, "has a sum without observations", err);
    if (!(d->min <= d->max) || !is_within(d->min, PG_METRIC_DELTA_AMOUNT) ||
        !is_within(d->max, PG_METRIC_DELTA_AMOUNT) || !is_within(d->value, PG_METRIC_DELTA_AMOUNT))
        return refuse(m, "has an absurd sum or range", err);
    if (is_quantity(m) && (d->min < 0 || d->value < 0))
        return refuse(m, "has negative observations", err);
    return PG_OK;
}

static pg_status check_labels(const pg_metric *m, const pg_metric_delta *d, pg_error *err)
{
    if (d->label_count != m->label_count)
        return refuse(m, "has wrong labels", err);
    for (size_t i = 0; i < d->label_count; i++)
        if (d->labels[i].len > PG_METRIC_VALUE_MAX ||
            pg_utf8_valid_prefix(d->labels[i]) != d->labels[i].len)
            return refuse(m, "has a bad label value", err);
    return PG_OK;
}

static pg_status check_delta(const pg_metric *m, const pg_metric_delta *d, pg_error *err)
{
    if (m->kind != d->kind)
        return refuse(m, "is of another kind", err);
    if (d->definition != NULL && !pg__metric_equals_def(m, d->definition))
        return refuse(m, "has another definition", err);
    pg_status status = check_labels(m, d, err);
    if (status != PG_OK)
        return status;
    if (!pg_metric_is_open(m->name, d->labels))
        return refuse(m, "is for promptgen alone to count", err);
    if (m->kind == PG_METRIC_HISTOGRAM)
        return check_histogram(m, d, err);
    if (m->kind == PG_METRIC_GAUGE)
        return is_within(d->value, PG_METRIC_DELTA_VALUE) ? PG_OK
                                                          : refuse(m, "has an absurd value", err);
    return d->value >= 0 && is_within(d->value, PG_METRIC_DELTA_AMOUNT)
               ? PG_OK
               : refuse(m, "has an absurd amount", err);
}

/// PG_INVALID when the metric collides with a registered one or one that this merge has made.
static pg_status check_collisions(const merge *g, const pg_metric *m, pg_error *err)
{
    for (size_t i = 0; i < g->made_count; i++)
        if (pg__metric_collides(g->made[i], m->kind, m->name))
            return pg_error_set(err, PG_INVALID, "'%.*s' collides with '%.*s'", (int)m->name.len,
                                m->name.ptr, (int)g->made[i]->name.len, g->made[i]->name.ptr);
    return pg__metrics_check_claims(g->metrics, m->kind, m->name, err);
}

/// Makes the metric that a row defines. `*out` is borrowed from the merge.
static pg_status define(merge *g, const pg_metric_delta *d, pg_metric **out, pg_error *err)
{
    const pg_metric_def *def = d->definition;
    if (def == NULL || !pg_str_equal(def->name, d->name))
        return pg_error_set(err, PG_BAD_INPUT, "delta of a metric that is not registered");
    if (g->made_count == PG_METRIC_DELTA_NEW_METRICS)
        return pg_error_set(err, PG_BAD_INPUT, "deltas of more than %d new metrics",
                            PG_METRIC_DELTA_NEW_METRICS);
    if (pg_str_starts_with(d->name, PG_STR("promptgen_")))
        return pg_error_set(err, PG_BAD_INPUT,
                            "delta of a metric whose name begins with promptgen_");
    pg_metric *made = NULL;
    pg_error cause = {0};
    pg_status status = pg_metric_new(g->metrics->alloc, &g->metrics->wall, def, &made, &cause);
    if (status == PG_OK)
        status = check_collisions(g, made, &cause);
    if (status != PG_OK) {
        pg_metric_release(made);
        return pg_error_set(err, status == PG_INVALID ? PG_BAD_INPUT : status, "%s", cause.message);
    }
    g->made[g->made_count++] = made;
    *out = made;
    return PG_OK;
}

/// The metric of a row with a reference: a registered one, one that this merge has made, or a new
/// one.
static pg_status obtain(merge *g, const pg_metric_delta *d, pg_metric **out, pg_error *err)
{
    *out = pg_metrics_find(g->metrics, d->name);
    if (*out != NULL)
        return PG_OK;
    for (size_t i = 0; i < g->made_count; i++)
        if (pg_str_equal(g->made[i]->name, d->name)) {
            *out = pg_metric_retain(g->made[i]);
            return PG_OK;
        }
    pg_status status = define(g, d, out, err);
    if (status == PG_OK)
        pg_metric_retain(*out);
    return status;
}

/// Checks one row and counts the series it would create.
static pg_status check_row(merge *g, const pg_metric_delta *d, pg_error *err)
{
    pg_metric *m = NULL;
    pg_status status = obtain(g, d, &m, err);
    if (status != PG_OK)
        return status;
    status = check_delta(m, d, err);
    if (status == PG_OK) {
        pg_series *s = pg_metric_find_series(m, d->labels, d->label_count);
        g->new_series += s == NULL;
        pg_series_release(s);
    }
    pg_metric_release(m);
    if (status == PG_OK && g->new_series > PG_METRIC_DELTA_NEW_SERIES)
        status = pg_error_set(err, PG_BAD_INPUT, "deltas of more than %d new series",
                              PG_METRIC_DELTA_NEW_SERIES);
    return status;
}

static pg_status register_made(merge *g, pg_error *err)
{
    pg_status status = PG_OK;
    for (size_t i = 0; status == PG_OK && i < g->made_count; i++)
        status = pg_metrics_register(g->metrics, g->made[i], err);
    return status;
}

/// Adds checked rows; `series` has room for one of each.
static pg_status apply_rows(pg_metrics *metrics, const pg_metric_delta *deltas, size_t count,
                            pg_series **series, pg_error *err)
{
    pg_status status = PG_OK;
    for (size_t i = 0; status == PG_OK && i < count; i++) {
        pg_metric *m = pg_metrics_find(metrics, deltas[i].name); // nothing leaves a registry
        status = pg_metric_series(m, deltas[i].labels, deltas[i].label_count, &series[i], err);
        pg_metric_release(m);
    }
    if (status != PG_OK)
        return status;
    for (size_t i = 0; i < count; i++)
        pg__series_apply(series[i], &deltas[i]);
    return PG_OK;
}

/// Registers what the rows define and adds them.
static pg_status add_rows(merge *g, const pg_metric_delta *deltas, size_t count, pg_error *err)
{
    const pg_alloc *alloc = g->metrics->alloc;
    pg_series **series = pg_calloc(alloc, count, sizeof *series);
    if (series == NULL)
        return pg_error_set(err, PG_NOMEM, "no memory to merge deltas");
    pg_status status = register_made(g, err);
    if (status == PG_OK)
        status = apply_rows(g->metrics, deltas, count, series, err);
    for (size_t i = 0; i < count; i++)
        pg_series_release(series[i]);
    pg_free(alloc, series, count * sizeof *series);
    return status;
}

pg_status pg_metrics_merge(pg_metrics *metrics, const pg_metric_delta *deltas, size_t count,
                           pg_error *err)
{
    if (count > PG_METRIC_DELTAS_MAX)
        return pg_error_set(err, PG_BAD_INPUT, "%zu deltas at once; %d are allowed", count,
                            PG_METRIC_DELTAS_MAX);
    merge g = {.metrics = metrics};
    pg_status status = PG_OK;
    for (size_t i = 0; status == PG_OK && i < count; i++)
        status = check_row(&g, &deltas[i], err);
    if (status == PG_OK && count > 0)
        status = add_rows(&g, deltas, count, err);
    for (size_t i = 0; i < g.made_count; i++)
        pg_metric_release(g.made[i]);
    return status;
}
