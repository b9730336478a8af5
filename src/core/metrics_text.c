/// Metrics as text: Prometheus 0.0.4 and OpenMetrics 1.0. See metrics.h.
///
/// Differences that matter here: OpenMetrics names a counter's family without _total, adds UNIT and
/// _created lines and "# EOF", escapes quotes in HELP too, spells integral bucket bounds with ".0",
/// and forbids a sum where it would not be a counter (a negative bound or sum).
#include "metrics_internal.h"

#include <math.h>

typedef struct writer {
    pg_buf *out;
    pg_metrics_format format;
} writer;

/// Escapes backslash and line feed, and double quotes on request.
static void put_escaped(pg_buf *out, pg_str s, bool quotes)
{
    size_t from = 0;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (c != '\\' && c != '\n' && !(quotes && c == '"'))
            continue;
        pg_buf_put(out, s.ptr + from, i - from);
        pg_buf_put_char(out, '\\');
        if (c == '\n')
            c = 'n';
        pg_buf_put_char(out, c);
        from = i + 1;
    }
    pg_buf_put(out, s.ptr + from, s.len - from);
}

static void put_comment(const writer *w, const char *keyword, pg_str family, pg_str text)
{
    pg_buf_put_str(w->out, pg_str_from(keyword));
    pg_buf_put_str(w->out, family);
    pg_buf_put_char(w->out, ' ');
    put_escaped(w->out, text, w->format == PG_METRICS_OPENMETRICS);
    pg_buf_put_char(w->out, '\n');
}

static void put_header(const writer *w, const pg_metric *m)
{
    bool open = w->format == PG_METRICS_OPENMETRICS;
    pg_str family = open ? pg__metric_family(m->kind, m->name) : m->name;
    pg_str type = pg_str_from(pg_metric_kind_name(m->kind));
    if (open) {
        put_comment(w, "# TYPE ", family, type);
        if (m->unit.len > 0)
            put_comment(w, "# UNIT ", family, m->unit);
        put_comment(w, "# HELP ", family, m->help);
    } else {
        put_comment(w, "# HELP ", family, m->help);
        put_comment(w, "# TYPE ", family, type);
    }
}

/// A sample up to and with the space before its value; `le` is empty but in a bucket.
static void put_sample(const writer *w, pg_str family, const char *suffix, const pg_series *s,
                       pg_str le)
{
    const pg_metric *m = s->metric;
    pg_buf_put_str(w->out, family);
    pg_buf_put_str(w->out, pg_str_from(suffix));
    char before = '{';
    for (size_t i = 0; i < m->label_count; i++, before = ',') {
        pg_buf_put_char(w->out, before);
        pg_buf_put_str(w->out, m->labels[i]);
        pg_buf_put(w->out, "=\"", 2);
        put_escaped(w->out, s->labels[i], true);
        pg_buf_put_char(w->out, '"');
    }
    if (le.len > 0) {
        pg_buf_put_char(w->out, before);
        pg_buf_put(w->out, "le=\"", 4);
        pg_buf_put_str(w->out, le);
        pg_buf_put_char(w->out, '"');
        before = ',';
    }
    if (before == ',')
        pg_buf_put_char(w->out, '}');
    pg_buf_put_char(w->out, ' ');
}

static void put_value(const writer *w, double value)
{
    pg__number_put(w->out, value);
    pg_buf_put_char(w->out, '\n');
}

/// The line that tells when a counter began; OpenMetrics only.
static void put_created(const writer *w, pg_str family, const pg_series *s)
{
    if (w->format != PG_METRICS_OPENMETRICS || s->created_ns <= 0)
        return;
    put_sample(w, family, "_created", s, PG_STR(""));
    pg_buf_printf(w->out, "%lld.%03d\n", (long long)(s->created_ns / PG_NS_PER_SECOND),
                  (int)(s->created_ns % PG_NS_PER_SECOND / 1000000));
}

static void put_counter(const writer *w, pg_series *s)
{
    const pg_metric *m = s->metric;
    put_sample(w, m->name, "", s, PG_STR(""));
    put_value(w, pg_series_value(s));
    put_created(w, pg__metric_family(m->kind, m->name), s);
}

static void put_histogram(const writer *w, pg_series *s)
{
    const pg_metric *m = s->metric;
    bool open = w->format == PG_METRICS_OPENMETRICS;
    uint64_t counts[PG_METRIC_BOUNDS_MAX + 1];
    pg_histogram_counts(s, counts);
    uint64_t cumulative = 0;
    for (size_t i = 0; i <= m->bound_count; i++) {
        pg_str le = i < m->bound_count ? m->bound_texts[i] : PG_STR("+Inf");
        if (!open && pg_str_ends_with(le, PG_STR(".0")))
            le.len -= 2;
        cumulative += counts[i];
        put_sample(w, m->name, "_bucket", s, le);
        put_value(w, (double)cumulative);
    }
    double sum = atomic_load_explicit(&s->part, memory_order_relaxed);
    if (!open || (m->bounds[0] >= 0 && sum >= 0)) {
        put_sample(w, m->name, "_sum", s, PG_STR(""));
        put_value(w, sum);
        put_sample(w, m->name, "_count", s, PG_STR(""));
        put_value(w, (double)cumulative);
    }
    put_created(w, m->name, s);
}

static void put_metric(const writer *w, pg_metric *m)
{
    put_header(w, m);
    pthread_mutex_lock(&m->lock);
    for (size_t i = 0; i < m->series_count; i++) {
        pg_series *s = m->series[i];
        if (m->kind == PG_METRIC_HISTOGRAM) {
            put_histogram(w, s);
        } else if (m->kind == PG_METRIC_COUNTER) {
            put_counter(w, s);
        } else {
            put_sample(w, m->name, "", s, PG_STR(""));
            put_value(w, pg_series_value(s));
        }
    }
    pthread_mutex_unlock(&m->lock);
}

pg_status pg_metrics_write(pg_metrics *metrics, pg_metrics_format format, pg_buf *out,
                           pg_error *err)
{
    pg_status status = pg__metrics_report_drops(metrics, err);
    if (status != PG_OK)
        return status;
    size_t start = out->len;
    writer w = {out, format};
    pthread_mutex_lock(&metrics->lock);
    for (size_t i = 0; i < metrics->count; i++)
        put_metric(&w, metrics->metrics[i]);
    pthread_mutex_unlock(&metrics->lock);
    if (format == PG_METRICS_OPENMETRICS)
        pg_buf_put_str(out, PG_STR("# EOF\n"));
    if (!out->failed)
        return PG_OK;
    out->len = start;
    return pg_error_set(err, PG_NOMEM, "no memory for the text of the metrics");
}
