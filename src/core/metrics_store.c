/// Flushing, loading and resetting the totals. See metrics_store.h.
#include "metrics_store_internal.h"

#include "metrics_record.h"

#include "promptgen/metric_names.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#define DEFAULT_LOCK_WAIT_NS INT64_C(50000000)

/// Writes "dir" + "name" + NUL at `at`; returns the byte after.
static char *put_path(char *at, pg_str dir, const char *name)
{
    size_t len = strlen(name) + 1;
    memcpy(at, dir.ptr, dir.len);
    memcpy(at + dir.len, name, len);
    return at + dir.len + len;
}

pg_status pg_metrics_store_new(pg_str dir, const pg_metrics_store_options *options,
                               pg_metrics_store **out, pg_error *err)
{
    static const char *const names[] = {"", "/metrics.v1", "/metrics.v1.bad", "/metrics.pending"};
    if (dir.len == 0 || dir.len > METRICS_DIR_MAX || memchr(dir.ptr, '\0', dir.len) != NULL)
        return pg_error_set(err, PG_INVALID, "the directory of the metrics is no path");
    const pg_alloc *alloc = options != NULL ? options->alloc : NULL;
    size_t size = sizeof(pg_metrics_store);
    for (size_t i = 0; i < 4; i++)
        size += dir.len + strlen(names[i]) + 1;
    pg_metrics_store *s = pg_calloc(alloc, 1, size);
    if (s == NULL)
        return pg_error_set(err, PG_NOMEM, "no memory for a store of metrics");
    s->alloc = alloc;
    s->size = size;
    s->wall = options != NULL && options->wall != NULL ? options->wall : &pg_clock_realtime;
    s->lock_wait_ns = options != NULL && options->lock_wait_ns != 0 ? options->lock_wait_ns
                                                                    : DEFAULT_LOCK_WAIT_NS;
    const char **paths[] = {&s->dir, &s->file, &s->bad, &s->pending};
    char *at = (char *)(s + 1);
    for (size_t i = 0; i < 4; i++) {
        *paths[i] = at;
        at = put_path(at, dir, names[i]);
    }
    *out = s;
    return PG_OK;
}

void pg_metrics_store_free(pg_metrics_store *store)
{
    if (store != NULL)
        pg_free(store->alloc, store, store->size);
}

/// Makes the directory and what is missing above it.
static pg_status make_directory(const pg_metrics_store *store, pg_error *err)
{
    char path[METRICS_DIR_MAX + 1];
    size_t len = strlen(store->dir);
    memcpy(path, store->dir, len + 1);
    for (size_t i = 1; i <= len; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        char kept = path[i];
        path[i] = '\0';
        if (mkdir(path, 0700) != 0 && errno != EEXIST)
            return pg__store_errno("make a directory for", err);
        path[i] = kept;
    }
    return PG_OK;
}

/// Opens the file of totals for writing, locked; makes it, and its directory, when missing.
static pg_status create_file(const pg_metrics_store *store, int *fd, pg_error *err)
{
    enum { TRIES = 4 }; // another process may set the file aside as soon as it is made
    pg_status status = PG_NOT_FOUND;
    for (int i = 0; i < TRIES && status == PG_NOT_FOUND; i++) {
        status = pg__store_open(store->file, O_RDWR, LOCK_EX, store->lock_wait_ns, fd, err);
        if (status != PG_NOT_FOUND)
            return status;
        pg_error_clear(err);
        status = make_directory(store, err);
        if (status == PG_OK)
            status = pg__store_make(store, err);
        if (status != PG_OK)
            return status;
        status = PG_NOT_FOUND;
    }
    return pg_error_set(err, PG_LIMIT, "the totals of the metrics keep being replaced");
}

/// Merges what the file holds (`records`), what is pending, and `gain`, and writes the result.
static pg_status write_sum(int fd, pg_half *head, pg_totals *totals, pg_str records,
                           pg_pending *pending, pg_str gain, pg_error *err)
{
    const size_t limit = PG_METRICS_STORE_HALF;
    pg_status status = pg__totals_merge(totals, records, limit, err);
    if (status == PG_OK)
        status = pg__totals_merge(totals, pg_buf_str(&pending->records), limit, err);
    if (status == PG_OK)
        status = pg__totals_merge(totals, gain, limit, err);
    if (status != PG_OK)
        return status;
    if (pending->fd >= 0) {
        head->pending_id = pending->id;
        head->pending_done = pending->done;
    }
    return pg__store_write(fd, head, totals, err);
}

/// Adds `gain` to the locked file. PG_CORRUPT: it was damaged and is now set aside.
static pg_status add_locked(const pg_metrics_store *store, int fd, pg_str gain, uint64_t *discarded,
                            pg_error *err)
{
    pg_half head;
    pg_buf records;
    pg_pending pending = {.fd = -1};
    pg_totals totals;
    pg_buf_init(&records, store->alloc);
    pg__totals_init(&totals, store->alloc);
    pg_status status = pg__store_read(fd, &head, &records, err);
    if (status == PG_CORRUPT && rename(store->file, store->bad) != 0)
        status = pg__store_errno("set aside", err);
    if (status == PG_OK)
        status = pg__pending_read(store, &head, &pending, err);
    if (status == PG_OK && (gain.len > 0 || pending.fd >= 0))
        status = write_sum(fd, &head, &totals, pg_buf_str(&records), &pending, gain, err);
    pg__pending_close(&pending, status == PG_OK);
    *discarded = totals.discarded;
    pg__totals_free(&totals);
    pg_buf_free(&records);
    return status;
}

/// Adds `gain` to the totals, or to the pending gains when the lock is not to be had.
static pg_status add(const pg_metrics_store *store, pg_str gain, uint64_t *discarded,
                     pg_flush_result *result, pg_error *err)
{
    int fd = -1;
    *result = PG_FLUSH_STORED;
    pg_status status;
    if (gain.len == 0 && !pg__pending_exists(store)) { // only to look: nothing is made for that
        status = pg__store_open(store->file, O_RDWR, LOCK_EX, store->lock_wait_ns, &fd, err);
        if (status == PG_NOT_FOUND) {
            pg_error_clear(err);
            *result = PG_FLUSH_NOTHING;
            return PG_OK;
        }
    } else {
        status = create_file(store, &fd, err);
    }
    if (status == PG_OK) {
        status = add_locked(store, fd, gain, discarded, err);
        pg__store_close(fd);
        return status;
    }
    if (status != PG_LIMIT)
        return status;
    *result = PG_FLUSH_PENDING;
    if (gain.len == 0)
        return PG_OK;
    status = pg__pending_append(store, gain, err);
    if (status == PG_OK)
        pg_error_clear(err);
    return status;
}

/// Counts in the registry, where it has the metric, what happened to the store.
static void count(pg_metrics *metrics, pg_metric_id id, uint64_t amount)
{
    pg_series *series = NULL;
    if (amount > 0 && pg_metrics_series(metrics, id, NULL, 0, &series, NULL) == PG_OK)
        (void)(pg_counter_add(series, (double)amount, NULL) == PG_OK);
    pg_series_release(series);
}

/// The records of what the deltas say. A metric that is not promptgen's own comes with its
/// definition.
static pg_status encode(const pg_metrics_store *store, const pg_deltas *deltas, pg_buf *gain,
                        pg_error *err)
{
    size_t rows;
    const pg_metric_delta *row = pg_deltas_rows(deltas, &rows);
    int64_t now = pg_now_ns(store->wall);
    const pg_metric *before = NULL;
    pg_status status = PG_OK;
    for (size_t i = 0; status == PG_OK && i < rows; i++) {
        pg_series *series = pg__deltas_series(deltas, i);
        const pg_metric *m = series->metric;
        bool is_live = m->kind == PG_METRIC_GAUGE && m->mode == PG_GAUGE_LIVE;
        if (m != before && !is_live && !pg_metric_is_listed(m->name))
            status = pg__record_put_definition(gain, m, err);
        before = m;
        if (status == PG_OK)
            status = pg__record_put(gain, series, &row[i], now, err);
    }
    return status;
}

/// One flush; `*discarded` is the number of series that did not fit. PG_CORRUPT: the file was set
/// aside; nothing was taken.
static pg_status flush_once(pg_metrics_store *store, pg_metrics *metrics, bool thorough,
                            uint64_t *discarded, pg_flush_result *result, pg_error *err)
{
    pg_deltas *deltas = NULL;
    pg_status status = pg_metrics_take(metrics, &deltas, err);
    if (status != PG_OK)
        return status;
    *discarded = 0;
    pg_buf gain;
    pg_buf_init(&gain, store->alloc);
    *result = PG_FLUSH_NOTHING;
    status = encode(store, deltas, &gain, err);
    if (status == PG_OK && (gain.len > 0 || thorough || pg__pending_exists(store)))
        status = add(store, pg_buf_str(&gain), discarded, result, err);
    if (status == PG_OK)
        pg_deltas_commit(deltas);
    pg_deltas_free(deltas);
    pg_buf_free(&gain);
    count(metrics, PG_METRIC_ID_STORE_DROPPED, *discarded);
    return status;
}

pg_status pg_metrics_store_flush(pg_metrics_store *store, pg_metrics *metrics, bool thorough,
                                 pg_flush_result *result, pg_error *err)
{
    pg_flush_result done;
    uint64_t discarded;
    pg_status status = flush_once(store, metrics, thorough, &discarded, &done, err);
    if (status == PG_CORRUPT) {
        count(metrics, PG_METRIC_ID_STORE_RESETS, 1);
        pg_error_clear(err);
        status = flush_once(store, metrics, thorough, &discarded, &done, err);
    }
    if (status == PG_OK && discarded > 0) // most processes end here: their loss is told now
        status = flush_once(store, metrics, false, &discarded, &done, err);
    if (status == PG_OK && result != NULL)
        *result = done;
    return status;
}

/// Opens the file of totals for reading. Should it stay locked, it is opened all the same: writers
/// leave the present half alone, and what verifies is whole.
static pg_status open_to_read(const pg_metrics_store *store, int *fd, pg_error *err)
{
    pg_status status = pg__store_open(store->file, O_RDONLY, LOCK_SH, store->lock_wait_ns, fd, err);
    if (status != PG_LIMIT)
        return status;
    pg_error_clear(err);
    return pg__store_open(store->file, O_RDONLY, 0, 0, fd, err);
}

pg_status pg_metrics_store_load(pg_metrics_store *store, pg_metrics *metrics, pg_error *err)
{
    int fd = -1;
    pg_status status = open_to_read(store, &fd, err);
    if (status == PG_NOT_FOUND) {
        pg_error_clear(err);
        pg__metrics_date(metrics, 0);
        return PG_OK;
    }
    if (status != PG_OK)
        return status;
    pg_half head;
    pg_buf records;
    pg_buf_init(&records, store->alloc);
    enum { TRIES = 3 }; // without the lock, two flushes may pass while this reads
    for (int i = 0; i < TRIES && (i == 0 || status == PG_CORRUPT); i++)
        status = pg__store_read(fd, &head, &records, err);
    pg__store_close(fd);
    if (status == PG_OK) {
        pg__metrics_date(metrics, head.created_ns);
        status = pg__records_show(pg_buf_str(&records), metrics, err);
    }
    pg_buf_free(&records);
    return status;
}

/// Writes empty totals into the locked file; what it held, and what is pending, is passed over.
static pg_status reset_locked(const pg_metrics_store *store, int fd, pg_error *err)
{
    pg_half head;
    pg_buf records;
    pg_pending pending = {.fd = -1};
    pg_buf_init(&records, store->alloc);
    pg_status status = pg__store_read(fd, &head, &records, err);
    pg_buf_free(&records);
    if (status == PG_CORRUPT) {
        pg_error_clear(err);
        return rename(store->file, store->bad) == 0 ? PG_OK : pg__store_errno("set aside", err);
    }
    if (status == PG_OK)
        status = pg__pending_read(store, &head, &pending, err);
    if (status == PG_OK) {
        head.created_ns = pg_now_ns(store->wall);
        if (pending.fd >= 0) {
            head.pending_id = pending.id;
            head.pending_done = pending.done;
        }
        status = pg__store_write(fd, &head, NULL, err);
    }
    pg__pending_close(&pending, status == PG_OK);
    return status;
}

pg_status pg_metrics_store_reset(pg_metrics_store *store, pg_error *err)
{
    int fd = -1;
    pg_status status = create_file(store, &fd, err);
    if (status == PG_OK)
        status = reset_locked(store, fd, err);
    pg__store_close(fd);
    return status;
}
