/// The two files of the metrics store, below the logic of flushing. Internal to the store.
#ifndef PROMPTGEN_METRICS_STORE_INTERNAL_H
#define PROMPTGEN_METRICS_STORE_INTERNAL_H

#include "metrics_totals.h"

#include "promptgen/metrics_store.h"

enum { METRICS_DIR_MAX = 4000 }; ///< bytes; with the names of its files a path is below PATH_MAX

struct pg_metrics_store {
    const pg_alloc *alloc;
    const pg_clock *wall;
    int64_t lock_wait_ns;
    const char *dir;     ///< these four NUL-terminated, in this block
    const char *file;    ///< dir/metrics.v1
    const char *bad;     ///< dir/metrics.v1.bad
    const char *pending; ///< dir/metrics.pending
    size_t size;         ///< of this block
};

/// What a half begins with; the records follow. A half is valid when both hashes verify.
typedef struct pg_half {
    char magic[8];
    uint32_t order;        ///< 0x01020304 in the machine's byte order
    uint32_t schema;       ///< version of this layout and of the records'
    uint64_t generation;   ///< one more with every write; the valid half with more is the present
    int64_t created_ns;    ///< when these totals began
    uint64_t pending_id;   ///< of the pending file whose first bytes are already included
    uint32_t pending_done; ///< how many of its bytes
    uint32_t length;       ///< bytes of records
    uint64_t records_hash;
    uint64_t head_hash; ///< of all fields above
} pg_half;

_Static_assert(sizeof(pg_half) == TOTALS_FRONT, "the front of the totals holds the head of a half");

/// Opens `path`, waits for its lock (`op` as for flock, or 0 for none) at most `wait_ns`, and makes
/// sure that the path still means this file. `flags` as for open(2). PG_NOT_FOUND, PG_LIMIT (no
/// lock), PG_NOT_REGULAR, PG_NOT_DIRECTORY, PG_PERMISSION, PG_IO.
PG_NODISCARD pg_status pg__store_open(const char *path, int flags, int op, int64_t wait_ns, int *fd,
                                      pg_error *err);

/// Makes the file of totals with an empty first half, unless there is one; its directory exists.
/// The file gets its name as a whole, so that an empty one is damaged. Errors as pg__store_open.
PG_NODISCARD pg_status pg__store_make(const pg_metrics_store *store, pg_error *err);

/// Closes a descriptor, which gives its lock up; negative is fine.
void pg__store_close(int fd);

/// Fills `err` from errno: "cannot `verb` the totals of the metrics: ...".
pg_status pg__store_errno(const char *verb, pg_error *err);

/// Reads the present half into `head` and its records into `records`. PG_CORRUPT: the file is
/// empty, or no half verifies, or a newer program wrote one. PG_IO, PG_NOMEM.
PG_NODISCARD pg_status pg__store_read(int fd, pg_half *head, pg_buf *records, pg_error *err);

/// Writes the next generation into the half that is not present: `head` has the present one's
/// generation and says what to write else. PG_IO.
PG_NODISCARD pg_status pg__store_write(int fd, const pg_half *head, pg_totals *totals,
                                       pg_error *err);

/// Pending gains, from when they are read until they are part of a half.
typedef struct pg_pending {
    int fd;         ///< locked; -1 = there is nothing to add
    uint64_t id;    ///< of the file's present life
    uint32_t done;  ///< bytes that the half holds when these gains have been added
    pg_buf records; ///< checked gains, not yet in the half that `head` describes
} pg_pending;

/// Reads the gains that `head` does not include. A record that does not verify ends the list.
/// PG_IO, PG_NOMEM.
PG_NODISCARD pg_status pg__pending_read(const pg_metrics_store *store, const pg_half *head,
                                        pg_pending *out, pg_error *err);

/// Forgets gains that a half now holds (`stored`), unlocks and frees.
void pg__pending_close(pg_pending *pending, bool stored);

/// Appends gains. PG_LIMIT: its lock is not to be had, or it is full. Else as pg__store_open.
PG_NODISCARD pg_status pg__pending_append(const pg_metrics_store *store, pg_str records,
                                          pg_error *err);

/// True when the pending file holds anything.
bool pg__pending_exists(const pg_metrics_store *store);

#endif
