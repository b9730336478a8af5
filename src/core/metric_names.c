/// The list of promptgen's metrics as definitions. See metric_names.h.
#include "promptgen/metric_names.h"

#include "metrics_internal.h"

#include "promptgen/version.h"

typedef struct name_row {
    pg_metric_kind kind;
    pg_gauge_mode mode;
    pg_str name;
    pg_str help;
    pg_str unit;
    pg_str labels; ///< separated by commas
} name_row;

static const name_row rows[PG_METRIC_ID_COUNT] = {
#define PG_METRIC_NAME_ROW(symbol, kind, name, help, unit, labels, mode)                           \
    [PG_METRIC_ID_##symbol] = {PG_METRIC_##kind,         PG_GAUGE_##mode,                          \
                               {name, sizeof(name) - 1}, {help, sizeof(help) - 1},                 \
                               {unit, sizeof(unit) - 1}, {labels, sizeof(labels) - 1}},
    PG_METRIC_NAMES(PG_METRIC_NAME_ROW)
#undef PG_METRIC_NAME_ROW
};

void pg_metric_name_def(pg_metric_id id, pg_metric_def *out, pg_str *labels)
{
    const name_row *row = &rows[id];
    *out = (pg_metric_def){
        .kind = row->kind,
        .name = row->name,
        .help = row->help,
        .unit = row->unit,
        .labels = labels,
        .mode = row->mode,
    };
    for (size_t from = 0; from < row->labels.len;) {
        size_t comma = pg_str_find(row->labels, PG_STR(","), from);
        size_t to = comma < row->labels.len ? comma : row->labels.len;
        labels[out->label_count++] = pg_str_slice(row->labels, from, to);
        from = to + 1;
    }
}

/// Index of the metric of this name, or PG_METRIC_ID_COUNT.
static pg_metric_id id_of(pg_str name)
{
    int id = 0;
    while (id < PG_METRIC_ID_COUNT && !pg_str_equal(rows[id].name, name))
        id++;
    return (pg_metric_id)id;
}

bool pg_metric_is_listed(pg_str name)
{
    return id_of(name) != PG_METRIC_ID_COUNT;
}

bool pg_metric_is_open(pg_str name, const pg_str *labels)
{
    enum { ERRORS_COMPONENT = 1 }; // index of the label
    switch (id_of(name)) {
    case PG_METRIC_ID_COUNT:
    case PG_METRIC_ID_RETRIES:
        return true;
    case PG_METRIC_ID_ERRORS:
        return pg_str_equal(labels[ERRORS_COMPONENT], PG_STR("workflow"));
    case PG_METRIC_ID_SERIES_DROPPED:
    case PG_METRIC_ID_OBSERVATIONS_DROPPED:
    case PG_METRIC_ID_LABELS_CHANGED:
        return !pg_metric_is_listed(labels[0]);
    default:
        return false;
    }
}

static pg_status set_build_info(pg_metrics *metrics, pg_error *err)
{
    pg_str version = PG_STR(PROMPTGEN_VERSION);
    pg_series *series = NULL;
    pg_status status =
        pg_metrics_series(metrics, PG_METRIC_ID_BUILD_INFO, &version, 1, &series, err);
    if (status != PG_OK)
        return status;
    pg_gauge_set(series, 1);
    atomic_store_explicit(&series->changed, false, memory_order_relaxed); // every process knows
    pg_series_release(series);
    return PG_OK;
}

pg_status pg_metrics_define_names(pg_metrics *metrics, pg_error *err)
{
    for (int id = 0; id < PG_METRIC_ID_COUNT; id++) {
        pg_metric_def def;
        pg_str labels[PG_METRIC_LABELS_MAX];
        pg_metric_name_def((pg_metric_id)id, &def, labels);
        pg_metric *metric = NULL;
        pg_status status = pg_metrics_define(metrics, &def, &metric, err);
        if (status != PG_OK)
            return status;
        pg_metric_release(metric);
    }
    return set_build_info(metrics, err);
}

pg_status pg_metrics_new_standard(const pg_alloc *alloc, const pg_clock *wall, pg_metrics **out,
                                  pg_error *err)
{
    pg_metrics *metrics = NULL;
    pg_status status = pg_metrics_new(alloc, wall, &metrics, err);
    if (status == PG_OK)
        status = pg_metrics_define_names(metrics, err);
    if (status != PG_OK) {
        pg_metrics_free(metrics);
        return status;
    }
    *out = metrics;
    return PG_OK;
}

pg_status pg_metrics_series(pg_metrics *metrics, pg_metric_id id, const pg_str *labels,
                            size_t count, pg_series **out, pg_error *err)
{
    pg_metric *metric = pg_metrics_find(metrics, rows[id].name);
    if (metric == NULL)
        return pg_error_set(err, PG_INVALID, "'%s' is not registered", rows[id].name.ptr);
    pg_status status = pg_metric_series(metric, labels, count, out, err);
    pg_metric_release(metric);
    return status;
}
