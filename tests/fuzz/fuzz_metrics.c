/// Fuzz target: whatever the file of totals or of pending gains holds, flushing and loading keep to
/// their promises: no crash, and what was counted in this process is in the totals afterwards.
///
/// The first byte chooses where the input goes: records with hashes that verify (so that their
/// content is reached), the raw file, or the raw pending file.
#include "fuzz.h"

#include "metrics_record.h"
#include "metrics_store_internal.h"

#include "promptgen/hash.h"
#include "promptgen/metric_names.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

static char dir[64];

static void remove_dir(void)
{
    static const char *const names[] = {"metrics.v1", "metrics.v1.bad", "metrics.pending"};
    char path[96];
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(dir);
}

static void write_bytes(const char *path, const void *bytes, size_t size)
{
    FILE *f = fopen(path, "wb");
    FUZZ_CHECK(f != NULL);
    FUZZ_CHECK(fwrite(bytes, 1, size, f) == size);
    FUZZ_CHECK(fclose(f) == 0);
}

static pg_metrics *standard(void)
{
    pg_metrics *r = NULL;
    FUZZ_CHECK(pg_metrics_new_standard(NULL, NULL, &r, NULL) == PG_OK);
    return r;
}

/// Records in memory: checked ones can be added up and shown.
static void try_records(const uint8_t *data, size_t size)
{
    size_t whole = size / 8 * 8;
    char *records = malloc(whole + 8); // aligned, as the store's buffers are
    FUZZ_CHECK(records != NULL);
    memcpy(records, data, whole);
    // Give every record the hash of its key, or no mutation would ever pass.
    for (size_t at = 0; whole - at >= sizeof(record);) {
        record *r = (record *)(void *)(records + at);
        if (r->size < sizeof *r || r->size > whole - at || r->size % 8 != 0 ||
            r->key_len > r->size || r->size != record_size(r->words, r->key_len))
            break;
        r->key_hash = pg_hash64(key_of(r));
        at += r->size;
    }
    pg_str bytes = {records, whole};
    if (pg__records_check(bytes, NULL) == PG_OK) {
        pg_totals totals;
        pg__totals_init(&totals, NULL);
        FUZZ_CHECK(pg__totals_merge(&totals, bytes, PG_METRICS_STORE_HALF, NULL) == PG_OK);
        FUZZ_CHECK(pg__totals_merge(&totals, bytes, PG_METRICS_STORE_HALF, NULL) == PG_OK);
        pg_str sum = pg_str_slice(pg_buf_str(&totals.bytes), TOTALS_FRONT, totals.bytes.len);
        FUZZ_CHECK(totals.bytes.len <= PG_METRICS_STORE_HALF);
        pg_metrics *r = standard();
        FUZZ_CHECK(pg__records_show(sum, r, NULL) == PG_OK);
        pg_buf text;
        pg_buf_init(&text, NULL);
        FUZZ_CHECK(pg_metrics_write(r, PG_METRICS_OPENMETRICS, &text, NULL) == PG_OK);
        pg_buf_free(&text);
        pg_metrics_free(r);
        pg__totals_free(&totals);
    }
    free(records);
}

/// A process that counts once ends with a total of one at least.
static void try_file(const pg_metrics_store *paths, const char *path, const uint8_t *data,
                     size_t size)
{
    pg_metrics_store *store = NULL;
    pg_series *s = NULL;
    FUZZ_CHECK(pg_metrics_store_new(pg_str_from(dir), NULL, &store, NULL) == PG_OK);
    (void)unlink(paths->file);
    (void)unlink(paths->pending);
    write_bytes(path, data, size);
    pg_metrics *r = standard(), *shown = standard();
    FUZZ_CHECK(pg_metrics_series(r, PG_METRIC_ID_STORE_RESETS, NULL, 0, &s, NULL) == PG_OK);
    pg_counter_inc(s);
    pg_series_release(s);
    FUZZ_CHECK(pg_metrics_store_flush(store, r, false, NULL, NULL) == PG_OK);
    FUZZ_CHECK(pg_metrics_store_load(store, shown, NULL) == PG_OK);
    FUZZ_CHECK(pg_metrics_series(shown, PG_METRIC_ID_STORE_RESETS, NULL, 0, &s, NULL) == PG_OK);
    FUZZ_CHECK(pg_series_value(s) >= 1);
    pg_series_release(s);
    pg_metrics_free(r);
    pg_metrics_free(shown);
    pg_metrics_store_free(store);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static pg_metrics_store *paths;
    if (paths == NULL) {
        (void)snprintf(dir, sizeof dir, "/tmp/promptgen-fuzz-XXXXXX");
        FUZZ_CHECK(mkdtemp(dir) != NULL);
        FUZZ_CHECK(atexit(remove_dir) == 0);
        FUZZ_CHECK(pg_metrics_store_new(pg_str_from(dir), NULL, &paths, NULL) == PG_OK);
    }
    if (size == 0)
        return 0;
    if (data[0] % 4 < 2)
        try_records(data + 1, size - 1);
    else
        try_file(paths, data[0] % 4 == 2 ? paths->file : paths->pending, data + 1, size - 1);
    return 0;
}
