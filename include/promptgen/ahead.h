/// Documents that a second thread reads and parses before they are asked for.
#ifndef PROMPTGEN_AHEAD_H
#define PROMPTGEN_AHEAD_H

#include "promptgen/fs.h"
#include "promptgen/hash.h"
#include "promptgen/plan.h"

/// How many documents can be wanted over the life of one reader.
#define PG_AHEAD_MAX 48

/// A reader. Its functions are for the one thread that made it; the second thread starts with the
/// first document wanted and ends in pg_ahead_free. A process must not fork in between.
typedef struct pg_ahead pg_ahead;

/// What a file gave.
typedef struct pg_ahead_result {
    pg_plan *plan;          ///< one reference
    pg_signature signature; ///< of the bytes that were parsed
    pg_hash128 hash;        ///< of those bytes
} pg_ahead_result;

/// A reader of files below `root`, which outlives it, as `alloc` does (NULL = C library;
/// thread-safe). PG_OK and `*out`, or PG_NOMEM.
PG_NODISCARD pg_status pg_ahead_new(const pg_root *root, const pg_alloc *alloc, pg_ahead **out,
                                    pg_error *err);

/// Waits for the document in work, drops what nobody took. NULL is fine.
void pg_ahead_free(pg_ahead *ahead);

/// Wants the document at `path`, of which only the header when `header_only`. False when it will
/// not be read ahead: there is one processor, the list is full, memory or the thread failed, or it
/// is on the list already.
bool pg_ahead_want(pg_ahead *ahead, pg_str path, bool header_only);

/// The patterns, which outlive the reader. Documents wanted before they are given wait for them
/// where they need them, so that both can be made at the same time.
void pg_ahead_give_patterns(pg_ahead *ahead, const pg_patterns *patterns);

/// Whether the document has been read, or has been tried.
bool pg_ahead_is_ready(pg_ahead *ahead, pg_str path, bool header_only);

/// Nothing more will be wanted: the thread ends when it has read the rest, so that pg_ahead_free
/// need not wait for it to wake up.
void pg_ahead_finish(pg_ahead *ahead);

/// The document, once. True and `*out`, of which `plan` passes to the caller; waits for one in
/// work. False when the caller has to read it: it was not wanted, was not begun (then it will not
/// be), or failed. Patterns must have been given.
bool pg_ahead_take(pg_ahead *ahead, pg_str path, bool header_only, pg_ahead_result *out);

#endif
