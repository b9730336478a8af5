/// Definitions of metrics as records: of those that workflows make, which the program does not
/// know. See metrics_record.h.
#include "metrics_record.h"

static void put_word(pg_buf *out, uint64_t value)
{
    pg_buf_put(out, &value, sizeof value);
}

static size_t words_of(size_t bytes)
{
    return (bytes + sizeof(uint64_t) - 1) / sizeof(uint64_t);
}

/// Appends the values of a definition; `text` has its strings.
static void put_values(pg_buf *out, const pg_metric *m, pg_str text)
{
    static const char zeros[sizeof(uint64_t)];
    put_word(out, m->kind);
    put_word(out, m->max_series);
    put_word(out, m->bound_count);
    put_word(out, m->label_count);
    put_word(out, text.len);
    for (size_t i = 0; i < m->bound_count; i++)
        put_word(out, as_bits(m->bounds[i]));
    pg_buf_put_str(out, text);
    pg_buf_put(out, zeros, words_of(text.len) * sizeof(uint64_t) - text.len);
}

pg_status pg__record_put_definition(pg_buf *out, const pg_metric *metric, pg_error *err)
{
    pg_buf text;
    pg_buf_init(&text, out->alloc);
    pg__put_counted(&text, metric->help);
    pg__put_counted(&text, metric->unit);
    for (size_t i = 0; i < metric->label_count; i++)
        pg__put_counted(&text, metric->labels[i]);
    size_t start = out->len;
    record head = {.kind = RECORD_DEFINITION, .mode = (uint8_t)metric->mode, .is_open = 1};
    head.words = (uint16_t)(DEFINITION_WORDS + metric->bound_count + words_of(text.len));
    pg_buf_put(out, &head, sizeof head);
    put_values(out, metric, pg_buf_str(&text));
    size_t key_at = out->len;
    pg__put_counted(out, (pg_str){"", 0});
    pg__put_counted(out, metric->name);
    pg__record_finish(out, start, key_at, &head);
    bool failed = out->failed || text.failed;
    pg_buf_free(&text);
    return failed ? pg_error_set(err, PG_NOMEM, "no memory to store a metric") : PG_OK;
}

static pg_str text_of(const record *r)
{
    const uint64_t *v = values_of(r);
    return (pg_str){(const char *)(v + DEFINITION_WORDS + v[DEFINITION_BOUND_COUNT]),
                    (size_t)v[DEFINITION_TEXT]};
}

bool pg__definition_is_sane(const record *r)
{
    const uint64_t *v = values_of(r);
    return r->words >= DEFINITION_WORDS && v[DEFINITION_KIND] < PG_METRIC_KIND_COUNT &&
           r->mode < PG_GAUGE_MODE_COUNT && v[DEFINITION_BOUND_COUNT] <= PG_METRIC_BOUNDS_MAX &&
           v[DEFINITION_LABEL_COUNT] <= PG_METRIC_LABELS_MAX &&
           v[DEFINITION_TEXT] <= UINT16_MAX * sizeof(uint64_t) &&
           r->words ==
               DEFINITION_WORDS + v[DEFINITION_BOUND_COUNT] + words_of((size_t)v[DEFINITION_TEXT]);
}

/// Reads the strings of a definition; false unless they are all of the text. `def->labels` must
/// have room for PG_METRIC_LABELS_MAX.
static bool read_text(const record *r, pg_metric_def *def, pg_str *labels)
{
    pg_str rest = text_of(r);
    if (!pg__take_counted(&rest, &def->help) || !pg__take_counted(&rest, &def->unit))
        return false;
    for (size_t i = 0; i < def->label_count; i++)
        if (!pg__take_counted(&rest, &labels[i]))
            return false;
    def->labels = labels;
    return rest.len == 0;
}

/// The definition of a checked record; its views are of the record. False when its strings make no
/// sense.
static bool read_definition(const record *r, pg_metric_def *def, pg_str *labels, double *bounds)
{
    const uint64_t *v = values_of(r);
    *def = (pg_metric_def){.kind = (pg_metric_kind)v[DEFINITION_KIND],
                           .name = pg__record_metric(r),
                           .mode = (pg_gauge_mode)r->mode,
                           .max_series = (size_t)v[DEFINITION_MAX_SERIES],
                           .label_count = (size_t)v[DEFINITION_LABEL_COUNT],
                           .bound_count = (size_t)v[DEFINITION_BOUND_COUNT]};
    for (size_t i = 0; i < def->bound_count; i++)
        bounds[i] = as_double(v[DEFINITION_WORDS + i]);
    def->bounds = def->bound_count > 0 ? bounds : NULL;
    return read_text(r, def, labels);
}

bool pg__definition_differs(const record *a, const record *b)
{
    pg_metric_def x, y;
    pg_str x_labels[PG_METRIC_LABELS_MAX], y_labels[PG_METRIC_LABELS_MAX];
    double x_bounds[PG_METRIC_BOUNDS_MAX], y_bounds[PG_METRIC_BOUNDS_MAX];
    if (!read_definition(a, &x, x_labels, x_bounds) ||
        !read_definition(b, &y, y_labels, y_bounds) || x.kind != y.kind || x.mode != y.mode ||
        x.label_count != y.label_count || x.bound_count != y.bound_count)
        return true;
    for (size_t i = 0; i < x.label_count; i++)
        if (!pg_str_equal(x_labels[i], y_labels[i]))
            return true;
    return memcmp(x_bounds, y_bounds, x.bound_count * sizeof *x_bounds) != 0;
}

pg_status pg__definition_show(const record *r, pg_metrics *metrics, pg_error *err)
{
    pg_metric_def def;
    pg_str labels[PG_METRIC_LABELS_MAX];
    double bounds[PG_METRIC_BOUNDS_MAX];
    if (!read_definition(r, &def, labels, bounds))
        return PG_OK;
    pg_metric *metric = NULL;
    pg_error cause = {0};
    pg_status status = pg_metrics_define(metrics, &def, &metric, &cause);
    pg_metric_release(metric);
    return status == PG_NOMEM ? pg_error_set(err, status, "%s", cause.message) : PG_OK;
}
