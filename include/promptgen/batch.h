/// Parsing many files on all cores.
#ifndef PROMPTGEN_BATCH_H
#define PROMPTGEN_BATCH_H

#include "promptgen/fs.h"
#include "promptgen/hash.h"
#include "promptgen/plan.h"

/// What became of one file.
typedef struct pg_batch_result {
    pg_plan *plan;          ///< one reference, which passes to the caller; NULL on failure
    pg_signature signature; ///< of the bytes that were parsed
    pg_hash128 hash;        ///< of those bytes
    pg_error err;           ///< of this file; PG_OK when it was parsed
} pg_batch_result;

/// Zero-initialise but for the patterns.
typedef struct pg_batch_options {
    const pg_patterns *patterns; ///< required
    const pg_alloc *alloc;       ///< NULL = C library; thread-safe, outlives the records
    const pg_clock *clock;       ///< of the deadline; NULL = pg_clock_monotonic
    int64_t deadline_ns;         ///< on that clock; files not begun by then fail; 0 = none
    unsigned threads;            ///< 0 = one for each processor
} pg_batch_options;

/// Reads and parses the files `paths` (relative to `root`) and fills `results`, of `count`
/// elements, in the same order. A file that cannot be read or parsed has its error there and stops
/// no other: those of pg_root_read and pg_plan_parse, PG_LIMIT after the deadline. All threads have
/// ended when this returns. Returns how many threads worked.
unsigned pg_batch_parse(const pg_root *root, const pg_str *paths, size_t count,
                        const pg_batch_options *options, pg_batch_result *results);

#endif
