/// One metric: its definition and the list of its series. See metrics.h.
#include "metrics_internal.h"

#include <math.h>
#include <string.h>

/// Carves pieces out of one block.
typedef struct carver {
    char *at;
} carver;

static pg_str carve_str(carver *c, pg_str s)
{
    if (s.len > 0)
        memcpy(c->at, s.ptr, s.len);
    pg_str copy = {c->at, s.len};
    c->at += s.len;
    return copy;
}

/// Bytes of the definition's strings, and of the bounds with their texts.
static size_t definition_size(const pg_metric_def *def, const pg_buf *texts, size_t bound_count)
{
    size_t size = sizeof(pg_metric) + def->label_count * sizeof(pg_str);
    size += bound_count * (sizeof(double) + sizeof(pg_str));
    size += def->name.len + def->help.len + def->unit.len + texts->len;
    for (size_t i = 0; i < def->label_count; i++)
        size += def->labels[i].len;
    return size;
}

/// Copies the definition into the metric's block. `texts` holds the bounds' spellings, each
/// followed by a space.
static void copy_definition(pg_metric *m, const pg_metric_def *def, const double *bounds,
                            size_t bound_count, const pg_buf *texts)
{
    m->kind = def->kind;
    m->mode = def->kind == PG_METRIC_GAUGE ? def->mode : PG_GAUGE_LIVE;
    m->max_series = def->max_series > 0 ? def->max_series : PG_METRIC_SERIES_MAX;
    m->label_count = def->label_count;
    m->bound_count = bound_count;

    carver c = {(char *)(m->labels + def->label_count)};
    double *own_bounds = (double *)(void *)c.at;
    c.at += bound_count * sizeof *own_bounds;
    pg_str *own_texts = (pg_str *)(void *)c.at;
    c.at += bound_count * sizeof *own_texts;
    if (bound_count > 0)
        memcpy(own_bounds, bounds, bound_count * sizeof *own_bounds);
    m->bounds = own_bounds;
    m->bound_texts = own_texts;

    m->name = carve_str(&c, def->name);
    m->help = carve_str(&c, def->help);
    m->unit = carve_str(&c, def->unit);
    for (size_t i = 0; i < def->label_count; i++)
        m->labels[i] = carve_str(&c, def->labels[i]);
    size_t from = 0;
    for (size_t i = 0; i < bound_count; i++) {
        size_t to = pg_str_find(pg_buf_str(texts), PG_STR(" "), from);
        own_texts[i] = carve_str(&c, pg_str_slice(pg_buf_str(texts), from, to));
        from = to + 1;
    }
}

/// A metric from a checked definition, without series.
static pg_metric *allocate_metric(const pg_alloc *alloc, const pg_metric_def *def)
{
    const double *bounds;
    size_t bound_count;
    pg__metric_bounds(def, &bounds, &bound_count);
    pg_metric *m = NULL;
    pg_buf texts;
    pg_buf_init(&texts, alloc);
    for (size_t i = 0; i < bound_count; i++) {
        pg__number_put_bound(&texts, bounds[i]);
        pg_buf_put_char(&texts, ' ');
    }
    if (!texts.failed) {
        size_t size = definition_size(def, &texts, bound_count);
        m = pg_calloc(alloc, 1, size);
        if (m != NULL) {
            m->size = size;
            m->alloc = alloc;
            copy_definition(m, def, bounds, bound_count, &texts);
        }
    }
    pg_buf_free(&texts);
    return m;
}

pg_metric *pg_metric_retain(pg_metric *metric)
{
    atomic_fetch_add_explicit(&metric->refs, 1, memory_order_relaxed);
    return metric;
}

static void free_series(pg_series *s, const pg_alloc *alloc)
{
    pg_free(alloc, s, s->size);
}

/// Drops the list's own reference; only the last of all frees.
static void drop_from_list(pg_metric *m, pg_series *s)
{
    if (atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) == 1)
        free_series(s, m->alloc);
}

void pg_metric_release(pg_metric *metric)
{
    if (metric == NULL || atomic_fetch_sub_explicit(&metric->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < metric->series_count; i++)
        drop_from_list(metric, metric->series[i]);
    pg_free(metric->alloc, metric->series, metric->series_cap * sizeof *metric->series);
    pthread_mutex_destroy(&metric->lock);
    pg_free(metric->alloc, metric, metric->size);
}

pg_series *pg_series_retain(pg_series *series)
{
    atomic_fetch_add_explicit(&series->refs, 1, memory_order_relaxed);
    pg_metric_retain(series->metric);
    return series;
}

void pg_series_release(pg_series *series)
{
    if (series == NULL)
        return;
    pg_metric *m = series->metric;
    drop_from_list(m, series);
    pg_metric_release(m);
}

void pg_metric_describe(const pg_metric *metric, pg_metric_def *out)
{
    *out = (pg_metric_def){
        .kind = metric->kind,
        .name = metric->name,
        .help = metric->help,
        .unit = metric->unit,
        .labels = metric->labels,
        .label_count = metric->label_count,
        .bounds = metric->bound_count > 0 ? metric->bounds : NULL,
        .bound_count = metric->bound_count,
        .max_series = metric->max_series,
        .mode = metric->mode,
    };
}

pg_metric *pg_series_metric(const pg_series *series)
{
    return series->metric;
}

const pg_str *pg_series_labels(const pg_series *series)
{
    return series->labels;
}

static size_t align8(size_t n)
{
    return (n + 7) & ~(size_t)7;
}

/// A series of these label values with all numbers at zero and one reference; NULL without memory.
static pg_series *allocate_series(pg_metric *m, const pg_str *values, size_t count)
{
    size_t buckets = m->kind == PG_METRIC_HISTOGRAM ? m->bound_count + 1 : 0;
    size_t text = 0;
    for (size_t i = 0; i < count; i++)
        text += values[i].len;
    size_t counts_at = align8(sizeof(pg_series) + count * sizeof(pg_str));
    size_t taken_at = counts_at + buckets * sizeof(uint64_t);
    size_t samples_at = taken_at + buckets * sizeof(uint64_t);
    size_t text_at = samples_at + (buckets > 0 ? sizeof(pg_samples) : 0);
    pg_series *s = pg_calloc(m->alloc, 1, text_at + text);
    if (s == NULL)
        return NULL;
    char *block = (char *)s;
    s->size = text_at + text;
    s->metric = m;
    s->created_ns = pg_now_ns(&m->wall);
    atomic_init(&s->refs, 1);
    if (buckets > 0) {
        s->bounds = m->bounds;
        s->bound_count = m->bound_count;
        s->counts = (_Atomic uint64_t *)(void *)(block + counts_at);
        s->taken_counts = (uint64_t *)(void *)(block + taken_at);
        s->samples = (pg_samples *)(void *)(block + samples_at);
        s->samples->base = pg__samples_base(m->bounds, m->bound_count);
        pg__series_zero(s);
    }
    carver c = {block + text_at};
    for (size_t i = 0; i < count; i++)
        s->labels[i] = carve_str(&c, values[i]);
    return s;
}

static int compare_values(const pg_str *a, const pg_str *b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int order = pg_str_compare(a[i], b[i]);
        if (order != 0)
            return order;
    }
    return 0;
}

size_t pg__metric_locate(const pg_metric *metric, const pg_str *values, bool *found)
{
    size_t low = 0, high = metric->series_count;
    *found = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_values(metric->series[middle]->labels, values, metric->label_count);
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

/// Inserts a new series at `index`; lock held. NULL without memory.
static pg_series *insert_series(pg_metric *m, const pg_str *values, size_t count, size_t index)
{
    if (m->series_count == m->series_cap) {
        size_t cap = m->series_cap > 0 ? m->series_cap * 2 : 1;
        pg_series **grown = pg_realloc(m->alloc, m->series, m->series_cap * sizeof *m->series,
                                       cap * sizeof *m->series);
        if (grown == NULL)
            return NULL;
        m->series = grown;
        m->series_cap = cap;
    }
    pg_series *s = allocate_series(m, values, count);
    if (s == NULL)
        return NULL;
    memmove(m->series + index + 1, m->series + index,
            (m->series_count - index) * sizeof *m->series);
    m->series[index] = s;
    m->series_count++;
    return s;
}

pg_status pg_metric_new(const pg_alloc *alloc, const pg_clock *wall, const pg_metric_def *def,
                        pg_metric **out, pg_error *err)
{
    pg_status status = pg__metric_check_def(def, err);
    if (status != PG_OK)
        return status;
    pg_metric *m = allocate_metric(alloc, def);
    if (m == NULL)
        return pg_error_set(err, PG_NOMEM, "no memory for a metric");
    m->wall = wall != NULL ? *wall : pg_clock_realtime;
    atomic_init(&m->refs, 1);
    pthread_mutex_init(&m->lock, NULL);
    if (def->label_count == 0 && insert_series(m, NULL, 0, 0) == NULL) {
        pg_metric_release(m);
        return pg_error_set(err, PG_NOMEM, "no memory for a metric");
    }
    *out = m;
    return PG_OK;
}

/// Finds or makes the series; at the cap the series "other". Lock held.
static pg_series *obtain_series(pg_metric *m, const pg_str *values)
{
    bool found;
    size_t index = pg__metric_locate(m, values, &found);
    if (found)
        return m->series[index];
    if (m->label_count == 0 || m->series_count + 1 < m->max_series)
        return insert_series(m, values, m->label_count, index);

    pg_str other[PG_METRIC_LABELS_MAX];
    for (size_t i = 0; i < PG_METRIC_LABELS_MAX; i++)
        other[i] = PG_STR("other");
    if (compare_values(values, other, m->label_count) != 0)
        atomic_fetch_add_explicit(&m->series_dropped, 1, memory_order_relaxed);
    index = pg__metric_locate(m, other, &found);
    return found ? m->series[index] : insert_series(m, other, m->label_count, index);
}

static pg_status check_values(const pg_metric *m, const pg_str *values, size_t count, pg_error *err)
{
    if (count != m->label_count)
        return pg_error_set(err, PG_INVALID, "'%.*s' has %d labels, %d were given",
                            (int)m->name.len, m->name.ptr, (int)m->label_count, (int)count);
    for (size_t i = 0; i < count; i++) {
        if (values[i].len > PG_METRIC_VALUE_MAX)
            return pg_error_set(err, PG_INVALID, "a value of label '%.*s' is longer than %d bytes",
                                (int)m->labels[i].len, m->labels[i].ptr, PG_METRIC_VALUE_MAX);
        if (pg_utf8_valid_prefix(values[i]) != values[i].len)
            return pg_error_set(err, PG_INVALID, "a value of label '%.*s' is not UTF-8",
                                (int)m->labels[i].len, m->labels[i].ptr);
    }
    return PG_OK;
}

pg_str pg_metric_label_value(pg_metric *metric, pg_str value, char *storage)
{
    if (value.len <= PG_METRIC_VALUE_MAX && pg_utf8_valid_prefix(value) == value.len)
        return value;
    atomic_fetch_add_explicit(&metric->labels_changed, 1, memory_order_relaxed);
    const size_t longest = 4; // bytes of a character
    pg_str out = {storage, 0};
    for (size_t at = 0; at < value.len;) {
        size_t good = pg_utf8_valid_prefix(pg_str_slice(value, at, at + longest));
        pg_str piece = good > 0 ? pg_str_slice(value, at, at + good) : PG_STR("\xEF\xBF\xBD");
        if (out.len + piece.len > PG_METRIC_VALUE_MAX)
            break;
        memcpy(storage + out.len, piece.ptr, piece.len);
        out.len += piece.len;
        at += good > 0 ? good : 1;
    }
    return out;
}

pg_status pg_metric_series(pg_metric *metric, const pg_str *values, size_t count, pg_series **out,
                           pg_error *err)
{
    pg_status status = check_values(metric, values, count, err);
    if (status != PG_OK)
        return status;
    pthread_mutex_lock(&metric->lock);
    pg_series *s = obtain_series(metric, values);
    if (s != NULL)
        *out = pg_series_retain(s);
    pthread_mutex_unlock(&metric->lock);
    return s != NULL ? PG_OK : pg_error_set(err, PG_NOMEM, "no memory for a series");
}

pg_series *pg_metric_find_series(pg_metric *metric, const pg_str *values, size_t count)
{
    if (count != metric->label_count)
        return NULL;
    bool found;
    pthread_mutex_lock(&metric->lock);
    size_t index = pg__metric_locate(metric, values, &found);
    pg_series *s = found ? pg_series_retain(metric->series[index]) : NULL;
    pthread_mutex_unlock(&metric->lock);
    return s;
}

pg_series *pg_metric_next(pg_metric *metric, const pg_series *after)
{
    pthread_mutex_lock(&metric->lock);
    size_t index = 0;
    if (after != NULL) {
        bool found;
        index = pg__metric_locate(metric, after->labels, &found);
        index += found;
    }
    pg_series *s = index < metric->series_count ? pg_series_retain(metric->series[index]) : NULL;
    pthread_mutex_unlock(&metric->lock);
    return s;
}

bool pg_metric_remove(pg_metric *metric, const pg_str *values, size_t count)
{
    if (count != metric->label_count)
        return false;
    bool found;
    pthread_mutex_lock(&metric->lock);
    size_t index = pg__metric_locate(metric, values, &found);
    if (found && metric->label_count == 0) {
        pg__series_zero(metric->series[index]);
    } else if (found) {
        pg_series *gone = metric->series[index];
        metric->series_count--;
        memmove(metric->series + index, metric->series + index + 1,
                (metric->series_count - index) * sizeof *metric->series);
        drop_from_list(metric, gone);
    }
    pthread_mutex_unlock(&metric->lock);
    return found;
}

void pg_metric_clear(pg_metric *metric)
{
    pthread_mutex_lock(&metric->lock);
    for (size_t i = 0; i < metric->series_count; i++) {
        if (metric->label_count == 0)
            pg__series_zero(metric->series[i]);
        else
            drop_from_list(metric, metric->series[i]);
    }
    if (metric->label_count > 0)
        metric->series_count = 0;
    pthread_mutex_unlock(&metric->lock);
}

void pg_metric_reset(pg_metric *metric)
{
    pthread_mutex_lock(&metric->lock);
    for (size_t i = 0; i < metric->series_count; i++)
        pg__series_zero(metric->series[i]);
    pthread_mutex_unlock(&metric->lock);
}
