/// The registry of metrics. See metrics.h.
#include "metrics_internal.h"

#include "promptgen/metric_names.h"

#include <string.h>

pg_status pg_metrics_new(const pg_alloc *alloc, const pg_clock *wall, pg_metrics **out,
                         pg_error *err)
{
    pg_metrics *r = pg_calloc(alloc, 1, sizeof *r);
    if (r == NULL)
        return pg_error_set(err, PG_NOMEM, "no memory for a registry of metrics");
    r->alloc = alloc;
    r->wall = wall != NULL ? *wall : pg_clock_realtime;
    pthread_mutex_init(&r->lock, NULL);
    *out = r;
    return PG_OK;
}

void pg_metrics_free(pg_metrics *metrics)
{
    if (metrics == NULL)
        return;
    for (size_t i = 0; i < metrics->count; i++)
        pg_metric_release(metrics->metrics[i]);
    pg_free(metrics->alloc, metrics->metrics, metrics->cap * sizeof *metrics->metrics);
    pthread_mutex_destroy(&metrics->lock);
    pg_free(metrics->alloc, metrics, sizeof *metrics);
}

/// Index of the metric of this name, or of the place where it belongs; lock held.
static size_t locate(const pg_metrics *r, pg_str name, bool *found)
{
    size_t low = 0, high = r->count;
    *found = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = pg_str_compare(r->metrics[middle]->name, name);
        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/// PG_INVALID when a metric claims a name that this one would write; lock held.
static pg_status check_claims(const pg_metrics *r, pg_metric_kind kind, pg_str name, pg_error *err)
{
    for (size_t i = 0; i < r->count; i++) {
        const pg_metric *m = r->metrics[i];
        if (pg__metric_collides(m, kind, name))
            return pg_error_set(err, PG_INVALID, "%s '%.*s' collides with %s '%.*s'",
                                pg_metric_kind_name(kind), (int)name.len, name.ptr,
                                pg_metric_kind_name(m->kind), (int)m->name.len, m->name.ptr);
    }
    return PG_OK;
}

pg_status pg__metrics_check_claims(pg_metrics *metrics, pg_metric_kind kind, pg_str name,
                                   pg_error *err)
{
    pthread_mutex_lock(&metrics->lock);
    pg_status status = check_claims(metrics, kind, name, err);
    pthread_mutex_unlock(&metrics->lock);
    return status;
}

/// Inserts at `index` and takes one reference over; lock held.
static pg_status insert(pg_metrics *r, size_t index, pg_metric *metric, pg_error *err)
{
    if (r->count == r->cap) {
        size_t cap = r->cap > 0 ? r->cap * 2 : 32;
        pg_metric **grown =
            pg_realloc(r->alloc, r->metrics, r->cap * sizeof *r->metrics, cap * sizeof *r->metrics);
        if (grown == NULL)
            return pg_error_set(err, PG_NOMEM, "no memory to register a metric");
        r->metrics = grown;
        r->cap = cap;
    }
    memmove(r->metrics + index + 1, r->metrics + index, (r->count - index) * sizeof *r->metrics);
    r->metrics[index] = metric;
    r->count++;
    return PG_OK;
}

/// pg_metrics_define with the lock held; `*out` is borrowed from the registry.
static pg_status define(pg_metrics *r, const pg_metric_def *def, pg_metric **out, pg_error *err)
{
    bool found;
    size_t index = locate(r, def->name, &found);
    if (found && pg__metric_equals_def(r->metrics[index], def)) {
        *out = r->metrics[index];
        return PG_OK;
    }
    if (found)
        return pg_error_set(err, PG_INVALID, "metric '%.*s' is already defined differently",
                            (int)def->name.len, def->name.ptr);
    pg_status status = check_claims(r, def->kind, def->name, err);
    if (status != PG_OK)
        return status;
    pg_metric *metric = NULL;
    status = pg_metric_new(r->alloc, &r->wall, def, &metric, err);
    if (status != PG_OK)
        return status;
    status = insert(r, index, metric, err);
    if (status != PG_OK) {
        pg_metric_release(metric);
        return status;
    }
    *out = metric;
    return PG_OK;
}

pg_status pg_metrics_define(pg_metrics *metrics, const pg_metric_def *def, pg_metric **out,
                            pg_error *err)
{
    pg_status status = pg__metric_check_def(def, err);
    if (status != PG_OK)
        return status;
    pg_metric *metric = NULL;
    pthread_mutex_lock(&metrics->lock);
    status = define(metrics, def, &metric, err);
    if (status == PG_OK)
        *out = pg_metric_retain(metric);
    pthread_mutex_unlock(&metrics->lock);
    return status;
}

pg_status pg_metrics_register(pg_metrics *metrics, pg_metric *metric, pg_error *err)
{
    bool found;
    pthread_mutex_lock(&metrics->lock);
    size_t index = locate(metrics, metric->name, &found);
    pg_status status = PG_OK;
    if (!found || metrics->metrics[index] != metric) {
        status = check_claims(metrics, metric->kind, metric->name, err);
        if (status == PG_OK)
            status = insert(metrics, index, metric, err);
        if (status == PG_OK)
            pg_metric_retain(metric);
    }
    pthread_mutex_unlock(&metrics->lock);
    return status;
}

pg_metric *pg_metrics_find(pg_metrics *metrics, pg_str name)
{
    bool found;
    pthread_mutex_lock(&metrics->lock);
    size_t index = locate(metrics, name, &found);
    pg_metric *metric = found ? pg_metric_retain(metrics->metrics[index]) : NULL;
    pthread_mutex_unlock(&metrics->lock);
    return metric;
}

pg_metric *pg_metrics_next(pg_metrics *metrics, const pg_metric *after)
{
    pthread_mutex_lock(&metrics->lock);
    size_t index = 0;
    if (after != NULL) {
        bool found;
        index = locate(metrics, after->name, &found);
        index += found;
    }
    pg_metric *metric = index < metrics->count ? pg_metric_retain(metrics->metrics[index]) : NULL;
    pthread_mutex_unlock(&metrics->lock);
    return metric;
}

void pg_metrics_reset(pg_metrics *metrics)
{
    pthread_mutex_lock(&metrics->lock);
    for (size_t i = 0; i < metrics->count; i++)
        pg_metric_reset(metrics->metrics[i]);
    pthread_mutex_unlock(&metrics->lock);
}

void pg__metrics_date(pg_metrics *metrics, int64_t created_ns)
{
    pthread_mutex_lock(&metrics->lock);
    for (size_t i = 0; i < metrics->count; i++) {
        pg_metric *m = metrics->metrics[i];
        pthread_mutex_lock(&m->lock);
        for (size_t k = 0; k < m->series_count; k++)
            m->series[k]->created_ns = created_ns;
        pthread_mutex_unlock(&m->lock);
    }
    pthread_mutex_unlock(&metrics->lock);
}

/// Adds to the series of `id` that names `metric` what it dropped since the last report; registry
/// lock held.
static pg_status report(pg_metrics *r, pg_metric_id id, pg_metric *metric,
                        _Atomic uint64_t *dropped, uint64_t *reported, pg_error *err)
{
    uint64_t now = atomic_load_explicit(dropped, memory_order_relaxed);
    if (now == *reported)
        return PG_OK;
    pg_metric_def def;
    pg_str labels[PG_METRIC_LABELS_MAX];
    pg_metric_name_def(id, &def, labels);
    pg_metric *counter = NULL;
    pg_status status = define(r, &def, &counter, err);
    if (status != PG_OK)
        return status;
    pg_series *series = NULL;
    status = pg_metric_series(counter, &metric->name, 1, &series, err);
    if (status != PG_OK)
        return status;
    status = pg_counter_add(series, (double)(now - *reported), err);
    pg_series_release(series);
    *reported = now;
    return status;
}

pg_status pg__metrics_report_drops(pg_metrics *metrics, pg_error *err)
{
    pg_status status = PG_OK;
    pthread_mutex_lock(&metrics->lock);
    // A report may define the drop counter and so move this list: look again by index each time. A
    // metric that moves past the index is only looked at twice.
    for (size_t i = 0; status == PG_OK && i < metrics->count; i++) {
        pg_metric *m = metrics->metrics[i];
        status = report(metrics, PG_METRIC_ID_SERIES_DROPPED, m, &m->series_dropped,
                        &m->series_reported, err);
        if (status == PG_OK)
            status = report(metrics, PG_METRIC_ID_OBSERVATIONS_DROPPED, m, &m->observations_dropped,
                            &m->observations_reported, err);
        if (status == PG_OK)
            status = report(metrics, PG_METRIC_ID_LABELS_CHANGED, m, &m->labels_changed,
                            &m->labels_reported, err);
    }
    pthread_mutex_unlock(&metrics->lock);
    return status;
}
