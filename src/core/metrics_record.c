/// Records of the metrics store: writing, checking and showing them. See metrics_record.h.
#include "metrics_record.h"

#include "promptgen/hash.h"
#include "promptgen/metric_names.h"

static void put_word(pg_buf *out, uint64_t value)
{
    pg_buf_put(out, &value, sizeof value);
}

void pg__put_counted(pg_buf *out, pg_str s)
{
    uint16_t len = (uint16_t)s.len;
    pg_buf_put(out, &len, sizeof len);
    pg_buf_put_str(out, s);
}

/// The key: name, then each label's name and value, all with their lengths.
static void put_key(pg_buf *out, const pg_series *s)
{
    const pg_metric *m = s->metric;
    pg__put_counted(out, m->name);
    for (size_t i = 0; i < m->label_count; i++) {
        pg__put_counted(out, m->labels[i]);
        pg__put_counted(out, s->labels[i]);
    }
}

/// Hash of a metric's bounds: histograms with other bounds cannot be added up.
static uint64_t bounds_hash(const pg_metric *m)
{
    return pg_hash64((pg_str){(const char *)m->bounds, m->bound_count * sizeof *m->bounds});
}

/// The values of a gain; returns their number.
static size_t put_values(pg_buf *out, const pg_metric *m, const pg_metric_delta *d, int64_t now_ns)
{
    if (m->kind == PG_METRIC_GAUGE) {
        put_word(out, as_bits(d->value));
        put_word(out, (uint64_t)now_ns);
        return GAUGE_WORDS;
    }
    if (m->kind == PG_METRIC_COUNTER) {
        bool whole = d->value < 9007199254740992.0 && d->value == (double)(uint64_t)d->value;
        put_word(out, whole ? (uint64_t)d->value : 0);
        put_word(out, as_bits(whole ? 0 : d->value));
        return COUNTER_WORDS;
    }
    put_word(out, bounds_hash(m));
    put_word(out, as_bits(d->value));
    put_word(out, as_bits(d->min));
    put_word(out, as_bits(d->max));
    for (size_t i = 0; i < d->count_count; i++)
        put_word(out, d->counts[i]);
    return HISTOGRAM_COUNTS + d->count_count;
}

void pg__record_finish(pg_buf *out, size_t start, size_t key_at, record *head)
{
    head->key_len = (uint32_t)(out->len - key_at);
    head->size = (uint32_t)record_size(head->words, head->key_len);
    static const char zeros[8];
    pg_buf_put(out, zeros, head->size - (out->len - start));
    if (out->failed)
        return;
    head->key_hash = pg_hash64((pg_str){out->ptr + key_at, head->key_len});
    memcpy(out->ptr + start, head, sizeof *head);
}

pg_status pg__record_put(pg_buf *out, pg_series *series, const pg_metric_delta *delta,
                         int64_t now_ns, pg_error *err)
{
    const pg_metric *m = series->metric;
    if (m->kind == PG_METRIC_GAUGE && m->mode == PG_GAUGE_LIVE)
        return PG_OK;
    size_t start = out->len;
    record head = {.kind = (uint8_t)m->kind,
                   .mode = (uint8_t)m->mode,
                   .is_open = pg_metric_is_open(m->name, series->labels),
                   .created_ns = pg_series_created_ns(series)};
    pg_buf_put(out, &head, sizeof head);
    head.words = (uint16_t)put_values(out, m, delta, now_ns);
    size_t key_at = out->len;
    put_key(out, series);
    pg__record_finish(out, start, key_at, &head);
    return out->failed ? pg_error_set(err, PG_NOMEM, "no memory to store a metric") : PG_OK;
}

/// True when the numbers of a record are such as this program writes.
static bool are_values_sane(const record *r)
{
    const uint64_t *v = values_of(r);
    if (r->kind == PG_METRIC_COUNTER)
        return r->words == COUNTER_WORDS && as_double(v[COUNTER_PART]) >= 0;
    if (r->kind == PG_METRIC_GAUGE)
        return r->words == GAUGE_WORDS && r->mode < PG_GAUGE_MODE_COUNT;
    if (r->kind == RECORD_DEFINITION)
        return pg__definition_is_sane(r);
    return r->kind == PG_METRIC_HISTOGRAM && r->words > HISTOGRAM_COUNTS &&
           r->words <= HISTOGRAM_WORDS_MAX;
}

pg_status pg__records_check(pg_str records, pg_error *err)
{
    for (size_t at = 0; at < records.len;) {
        const record *r = (const record *)(const void *)(records.ptr + at);
        size_t left = records.len - at;
        // The size that words and key make is a multiple of 8 and holds both.
        if (left < sizeof *r || r->size > left || r->size != record_size(r->words, r->key_len) ||
            !are_values_sane(r) || pg_hash64(key_of(r)) != r->key_hash)
            return pg_error_set(err, PG_CORRUPT, "the record at byte %zu does not verify", at);
        at += r->size;
    }
    return PG_OK;
}

bool pg__take_counted(pg_str *rest, pg_str *out)
{
    uint16_t len;
    if (rest->len < sizeof len)
        return false;
    memcpy(&len, rest->ptr, sizeof len);
    if (rest->len - sizeof len < len)
        return false;
    *out = pg_str_slice(*rest, sizeof len, sizeof len + len);
    *rest = pg_str_slice(*rest, sizeof len + len, rest->len);
    return true;
}

/// Reads the label values of a key whose name has been taken; false unless the names are the
/// metric's.
static bool take_labels(pg_str rest, const pg_metric *m, pg_str *values)
{
    for (size_t i = 0; i < m->label_count; i++) {
        pg_str name;
        if (!pg__take_counted(&rest, &name) || !pg__take_counted(&rest, &values[i]) ||
            !pg_str_equal(name, m->labels[i]))
            return false;
    }
    return rest.len == 0;
}

/// True when the record is of this metric as it is defined now.
static bool fits(const record *r, const pg_metric *m)
{
    return r->kind == m->kind &&
           (m->kind != PG_METRIC_HISTOGRAM || (r->words == HISTOGRAM_COUNTS + m->bound_count + 1 &&
                                               values_of(r)[HISTOGRAM_BOUNDS] == bounds_hash(m)));
}

static void show_values(const record *r, pg_series *s)
{
    const uint64_t *v = values_of(r);
    pg_metric_delta d = {.kind = s->metric->kind};
    if (r->kind == PG_METRIC_COUNTER) {
        atomic_fetch_add_explicit(&s->whole, v[COUNTER_WHOLE], memory_order_relaxed);
        pg__atomic_add(&s->part, as_double(v[COUNTER_PART]));
    } else if (r->kind == PG_METRIC_GAUGE) {
        d.value = as_double(v[GAUGE_VALUE]);
        pg__series_apply(s, &d);
    } else {
        d.value = as_double(v[HISTOGRAM_SUM]);
        d.min = as_double(v[HISTOGRAM_MIN]);
        d.max = as_double(v[HISTOGRAM_MAX]);
        d.counts = v + HISTOGRAM_COUNTS;
        d.count_count = r->words - (size_t)HISTOGRAM_COUNTS;
        pg__series_apply(s, &d);
    }
    pthread_mutex_lock(&s->metric->lock);
    s->created_ns = r->created_ns;
    pthread_mutex_unlock(&s->metric->lock);
}

static pg_status show_record(const record *r, pg_metrics *metrics, pg_error *err)
{
    pg_str rest = key_of(r), name, values[PG_METRIC_LABELS_MAX];
    pg_metric *m = pg__take_counted(&rest, &name) ? pg_metrics_find(metrics, name) : NULL;
    if (m == NULL)
        return PG_OK;
    pg_status status = PG_OK;
    pg_series *s = NULL;
    pg_error cause = {0};
    if (fits(r, m) && take_labels(rest, m, values))
        status = pg_metric_series(m, values, m->label_count, &s, &cause);
    if (s != NULL)
        show_values(r, s);
    pg_series_release(s);
    pg_metric_release(m);
    // PG_INVALID: label values that are not allowed any more.
    return status == PG_NOMEM ? pg_error_set(err, status, "%s", cause.message) : PG_OK;
}

pg_str pg__record_metric(const record *r)
{
    pg_str rest = key_of(r), name = {"", 0};
    if (pg__take_counted(&rest, &name) && r->kind == RECORD_DEFINITION)
        (void)pg__take_counted(&rest, &name);
    return name;
}

/// Shows the records that define metrics, or those of series.
static pg_status show(pg_str records, pg_metrics *metrics, bool definitions, pg_error *err)
{
    pg_status status = PG_OK;
    for (size_t at = 0; status == PG_OK && at < records.len;) {
        const record *r = (const record *)(const void *)(records.ptr + at);
        if (definitions && r->kind == RECORD_DEFINITION)
            status = pg__definition_show(r, metrics, err);
        else if (!definitions && r->kind != RECORD_DEFINITION)
            status = show_record(r, metrics, err);
        at += r->size;
    }
    return status;
}

pg_status pg__records_show(pg_str records, pg_metrics *metrics, pg_error *err)
{
    pg_status status = show(records, metrics, true, err);
    return status == PG_OK ? show(records, metrics, false, err) : status;
}
