/// Totals of the metrics store: adding records up. See metrics_totals.h.
#include "metrics_totals.h"

#include "metrics_record.h"

void pg__totals_init(pg_totals *totals, const pg_alloc *alloc)
{
    *totals = (pg_totals){.alloc = alloc};
    pg_buf_init(&totals->bytes, alloc);
}

void pg__totals_free(pg_totals *totals)
{
    pg_buf_free(&totals->bytes);
    pg_free(totals->alloc, totals->index, totals->index_cap * sizeof *totals->index);
    *totals = (pg_totals){.alloc = totals->alloc};
}

static record *record_at(const pg_totals *totals, size_t offset)
{
    return (record *)(void *)(totals->bytes.ptr + offset);
}

static void enter(pg_totals *totals, size_t offset)
{
    size_t mask = totals->index_cap - 1;
    size_t slot = record_at(totals, offset)->key_hash & mask;
    while (totals->index[slot] != 0)
        slot = (slot + 1) & mask;
    totals->index[slot] = (uint32_t)offset;
}

/// Enters all records into an index of `cap` slots.
static bool rebuild_index(pg_totals *totals, size_t cap)
{
    if (cap != totals->index_cap) {
        uint32_t *index = pg_calloc(totals->alloc, cap, sizeof *index);
        if (index == NULL)
            return false;
        pg_free(totals->alloc, totals->index, totals->index_cap * sizeof *totals->index);
        totals->index = index;
        totals->index_cap = cap;
    } else {
        memset(totals->index, 0, cap * sizeof *totals->index);
    }
    for (size_t at = TOTALS_FRONT; at < totals->bytes.len; at += record_at(totals, at)->size)
        enter(totals, at);
    return true;
}

/// Offset of the record with this key, or 0. There is an index: see pg__totals_merge.
static size_t find(const pg_totals *totals, const record *wanted)
{
    size_t mask = totals->index_cap - 1;
    for (size_t slot = wanted->key_hash & mask; totals->index[slot] != 0;
         slot = (slot + 1) & mask) {
        const record *r = record_at(totals, totals->index[slot]);
        if (r->key_hash == wanted->key_hash && pg_str_equal(key_of(r), key_of(wanted)))
            return totals->index[slot];
    }
    return 0;
}

static void add_whole(uint64_t *total, uint64_t gain)
{
    *total = *total > UINT64_MAX - gain ? UINT64_MAX : *total + gain;
}

static void add_part(uint64_t *total, uint64_t gain)
{
    *total = as_bits(as_double(*total) + as_double(gain));
}

static void merge_gauge(record *total, const record *gain)
{
    uint64_t *t = values_of(total);
    const uint64_t *g = values_of(gain);
    double old = as_double(t[GAUGE_VALUE]), new = as_double(g[GAUGE_VALUE]);
    bool later = (int64_t)g[GAUGE_SET_NS] >= (int64_t)t[GAUGE_SET_NS];
    bool take = later;
    if (total->mode == gain->mode && gain->mode == PG_GAUGE_MAX)
        take = !(old >= new);
    else if (total->mode == gain->mode && gain->mode == PG_GAUGE_MIN)
        take = !(old <= new);
    total->mode = gain->mode;
    if (take)
        t[GAUGE_VALUE] = g[GAUGE_VALUE];
    if (later)
        t[GAUGE_SET_NS] = g[GAUGE_SET_NS];
}

static void merge_histogram(uint64_t *total, const uint64_t *gain, size_t words)
{
    add_part(&total[HISTOGRAM_SUM], gain[HISTOGRAM_SUM]);
    if (as_double(gain[HISTOGRAM_MIN]) < as_double(total[HISTOGRAM_MIN]))
        total[HISTOGRAM_MIN] = gain[HISTOGRAM_MIN];
    if (as_double(gain[HISTOGRAM_MAX]) > as_double(total[HISTOGRAM_MAX]))
        total[HISTOGRAM_MAX] = gain[HISTOGRAM_MAX];
    for (size_t i = HISTOGRAM_COUNTS; i < words; i++)
        add_whole(&total[i], gain[i]);
}

/// True when the numbers of both can be added up; of definitions, when they are the same.
static bool is_same_form(const record *a, const record *b)
{
    if (a->kind == RECORD_DEFINITION || b->kind == RECORD_DEFINITION)
        return a->kind == b->kind && a->size == b->size && a->words == b->words &&
               a->mode == b->mode &&
               memcmp(values_of(a), values_of(b), a->words * sizeof(uint64_t)) == 0;
    return a->kind == b->kind && a->words == b->words &&
           (a->kind != PG_METRIC_HISTOGRAM ||
            values_of(a)[HISTOGRAM_BOUNDS] == values_of(b)[HISTOGRAM_BOUNDS]);
}

static void merge_values(record *total, const record *gain)
{
    uint64_t *t = values_of(total);
    const uint64_t *g = values_of(gain);
    if (gain->kind == RECORD_DEFINITION)
        return; // it is the same
    if (gain->kind == PG_METRIC_GAUGE) {
        merge_gauge(total, gain);
    } else if (gain->kind == PG_METRIC_HISTOGRAM) {
        merge_histogram(t, g, gain->words);
    } else {
        add_whole(&t[COUNTER_WHOLE], g[COUNTER_WHOLE]);
        add_part(&t[COUNTER_PART], g[COUNTER_PART]);
    }
}

/// Takes the record at `offset` out.
static void remove_record(pg_totals *totals, size_t offset)
{
    size_t size = record_at(totals, offset)->size;
    totals->open_bytes -= record_at(totals, offset)->is_open ? size : 0;
    char *from = totals->bytes.ptr + offset;
    memmove(from, from + size, totals->bytes.len - offset - size);
    totals->bytes.len -= size;
    totals->count--;
    (void)rebuild_index(totals, totals->index_cap); // of the same capacity: cannot fail
}

static pg_status no_memory(pg_error *err)
{
    return pg_error_set(err, PG_NOMEM, "no memory for the totals of the metrics");
}

/// Makes room for the front, one more record of `size` bytes, and its place in the index.
static bool make_room(pg_totals *totals, size_t size)
{
    if (totals->bytes.len == 0) {
        if (!pg_buf_reserve(&totals->bytes, TOTALS_FRONT + size))
            return false;
        memset(totals->bytes.ptr, 0, TOTALS_FRONT);
        totals->bytes.len = TOTALS_FRONT;
    }
    if (!pg_buf_reserve(&totals->bytes, size))
        return false;
    size_t cap = totals->index_cap > 0 ? totals->index_cap : 32;
    while (cap < (totals->count + 1) * 2)
        cap *= 2;
    return cap == totals->index_cap || rebuild_index(totals, cap);
}

/// Takes the series of a metric out.
static void remove_series(pg_totals *totals, pg_str metric)
{
    for (size_t at = TOTALS_FRONT; at < totals->bytes.len;) {
        const record *r = record_at(totals, at);
        if (r->kind != RECORD_DEFINITION && pg_str_equal(pg__record_metric(r), metric))
            remove_record(totals, at);
        else
            at += r->size;
    }
}

/// Takes out what `gain` is to take the place of: the record at `at`, and, when that defines
/// another metric than `gain`, the metric's series.
static void make_way(pg_totals *totals, size_t at, const record *gain)
{
    const record *old = record_at(totals, at);
    bool anew = gain->kind == RECORD_DEFINITION &&
                (old->kind != RECORD_DEFINITION || pg__definition_differs(old, gain));
    remove_record(totals, at);
    if (anew)
        remove_series(totals, pg__record_metric(gain));
}

static bool fits(const pg_totals *totals, const record *gain, size_t limit)
{
    return totals->bytes.len + gain->size <= limit &&
           (!gain->is_open || totals->open_bytes + gain->size <= limit / 2);
}

static pg_status merge_record(pg_totals *totals, const record *gain, size_t limit, pg_error *err)
{
    size_t at = find(totals, gain);
    if (at != 0 && is_same_form(record_at(totals, at), gain)) {
        merge_values(record_at(totals, at), gain);
        return PG_OK;
    }
    if (at != 0) // the metric has changed: its series starts anew
        make_way(totals, at, gain);
    if (!make_room(totals, gain->size))
        return no_memory(err);
    if (!fits(totals, gain, limit)) {
        totals->discarded++;
        return PG_OK;
    }
    at = totals->bytes.len;
    pg_buf_put(&totals->bytes, gain, gain->size);
    totals->count++;
    totals->open_bytes += gain->is_open ? gain->size : 0;
    enter(totals, at);
    return PG_OK;
}

pg_status pg__totals_merge(pg_totals *totals, pg_str records, size_t limit, pg_error *err)
{
    pg_status status = make_room(totals, 0) ? PG_OK : no_memory(err);
    for (size_t at = 0; status == PG_OK && at < records.len;) {
        const record *r = (const record *)(const void *)(records.ptr + at);
        status = merge_record(totals, r, limit, err);
        at += r->size;
    }
    return status;
}
