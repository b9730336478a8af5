/// Totals of metrics over many processes, in one file that no crash can damage.
///
/// A directory holds `metrics.v1` and, now and then, `metrics.pending`. The first has two halves; a
/// flush locks the file (flock, which the kernel frees when a process dies), reads the valid half
/// with the higher generation, adds what this process gained since its last flush, and writes the
/// other half, checksummed. A process that dies in the middle leaves the old half valid. Only gains
/// are written, so that nothing is counted twice. When the lock cannot be had in time, the gain is
/// appended to the second file, and the next flush moves it over exactly once.
///
/// A file that does not verify, or that a newer program wrote, is renamed to `metrics.v1.bad`; the
/// totals start anew, which Prometheus reads as a restart, and
/// promptgen_metrics_store_resets_total counts it. Nothing is synced to disk: after a power failure
/// the last flushes may be missing.
///
/// Counters and histograms are added up. Gauges follow their mode; live ones are not stored. A
/// histogram whose bounds have changed starts anew.
///
/// Thread note: a store may be used from several threads.
#ifndef PROMPTGEN_METRICS_STORE_H
#define PROMPTGEN_METRICS_STORE_H

#include "promptgen/alloc.h"
#include "promptgen/clock.h"
#include "promptgen/metrics.h"
#include "promptgen/status.h"
#include "promptgen/str.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    PG_METRICS_STORE_HALF = 256 * 1024,     ///< bytes of a half; what does not fit is dropped
    PG_METRICS_STORE_PENDING = 1024 * 1024, ///< greatest size of the pending file
};

/// Zero-initialise; every zero is the default.
typedef struct pg_metrics_store_options {
    const pg_alloc *alloc; ///< NULL = C library; outlives the store
    const pg_clock *wall;  ///< dates the totals; NULL = pg_clock_realtime; outlives the store
    int64_t lock_wait_ns;  ///< longest wait for the lock; 0 = 50 ms; negative = do not wait
} pg_metrics_store_options;

typedef struct pg_metrics_store pg_metrics_store;

/// A store in directory `dir` (absolute or relative to the current directory). Touches no file.
/// PG_INVALID: an empty path, one with a NUL or of more than 4000 bytes. PG_NOMEM.
PG_NODISCARD pg_status pg_metrics_store_new(pg_str dir, const pg_metrics_store_options *options,
                                            pg_metrics_store **out, pg_error *err);

void pg_metrics_store_free(pg_metrics_store *store); ///< NULL is fine

/// What became of a flush.
typedef enum pg_flush_result {
    PG_FLUSH_NOTHING, ///< there was nothing to add, and the file was not touched
    PG_FLUSH_STORED,  ///< the totals hold all that was counted
    PG_FLUSH_PENDING, ///< the lock was not to be had: the next flush will add it
} pg_flush_result;

/// Adds what `metrics` gained since its last flush (or take) to the totals. `thorough` looks at the
/// file even without a gain, so that a damaged one is set aside and pending gains are moved over.
/// `result` may be NULL. Makes the directory (mode 0700) when it is missing.
/// PG_IO, PG_PERMISSION, PG_NOT_DIRECTORY, PG_NOT_REGULAR: the file cannot be used. PG_LIMIT:
/// neither lock was to be had, or too much is pending. PG_NOMEM. After an error the gain is flushed
/// next time.
PG_NODISCARD pg_status pg_metrics_store_flush(pg_metrics_store *store, pg_metrics *metrics,
                                              bool thorough, pg_flush_result *result,
                                              pg_error *err);

/// Adds the totals to the metrics that `metrics` has registered; stored series of others are
/// passed over. Series without a record began when the totals did. The registry is for showing: do
/// not flush it. No file is no error, nor is one that stays locked. PG_CORRUPT: the file does not
/// verify (a thorough flush sets it aside). PG_IO, PG_PERMISSION, PG_NOMEM.
PG_NODISCARD pg_status pg_metrics_store_load(pg_metrics_store *store, pg_metrics *metrics,
                                             pg_error *err);

/// Empties the totals, pending gains included. Errors as pg_metrics_store_flush.
PG_NODISCARD pg_status pg_metrics_store_reset(pg_metrics_store *store, pg_error *err);

#endif
