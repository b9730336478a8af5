/// Files beneath one root directory, and nowhere else.
///
/// A `pg_root` holds a directory open. Every path handed to it is relative to that directory and is
/// resolved by the kernel with openat2(2) RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS; where that call
/// is missing or forbidden, a walk over the components gives the same answers. Symbolic links are
/// followed while they stay beneath the root. Only regular files are read.
///
/// Paths are bytes, separated by '/': PG_BAD_INPUT for an empty one, one longer than
/// PG_FS_MAX_PATH and one with a NUL; PG_OUTSIDE for an absolute one, one whose `..` climbs above
/// the root and one that leaves it through a link - in the same words whether or not anything is
/// there. "." is the root itself.
///
/// Errors of all functions, unless one says more: those of the path, PG_NOT_FOUND,
/// PG_NOT_DIRECTORY (a component is no directory), PG_PERMISSION (the file system refuses), PG_IO,
/// PG_NOMEM. Messages do not repeat the path.
///
/// Thread note: a root does not change after it was opened, so that any number of threads may use
/// one; buffers, listings and errors belong to one thread each.
#ifndef PROMPTGEN_FS_H
#define PROMPTGEN_FS_H

#include "promptgen/alloc.h"
#include "promptgen/clock.h"
#include "promptgen/status.h"
#include "promptgen/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PG_FS_MAX_PATH = 4095,                      ///< bytes; PATH_MAX of Linux without the NUL
    PG_FS_DEFAULT_MAX_BYTES = 16 * 1024 * 1024, ///< of one file
    PG_FS_DEFAULT_MAX_ENTRIES = 262144,         ///< of one directory
};

typedef enum pg_file_type {
    PG_FILE_REGULAR,
    PG_FILE_DIR,
    PG_FILE_LINK,
    PG_FILE_OTHER
} pg_file_type;

/// "file", "dir", "link" or "other".
const char *pg_file_type_name(pg_file_type type);

/// Doubts about a signature. With one of the first two set, equal signatures do not prove equal
/// content: compare a content hash.
enum {
    PG_SIG_RACY = 1, ///< changed less than the racy window before it was read, or in the future
    PG_SIG_ODD_FS =
        2, ///< on a file system whose times are not trusted (not ext, xfs, btrfs, tmpfs)
    PG_SIG_ABSENT = 4, ///< there was no such file; all other fields are 0
};

/// Identity and state of a file as the kernel reports it. Plain bytes without padding, so that it
/// can be stored; only for use on the machine that made it.
typedef struct pg_signature {
    uint64_t dev;     ///< device
    uint64_t ino;     ///< inode
    uint64_t size;    ///< bytes
    int64_t mtime_ns; ///< last change of the content, nanoseconds since the epoch
    int64_t ctime_ns; ///< last change of the inode; cannot be set back by a program
    uint32_t flags;   ///< PG_SIG_*
    uint32_t type;    ///< pg_file_type, never PG_FILE_LINK
} pg_signature;

/// Whether all fields but `flags` agree; an absent one equals only an absent one.
bool pg_signature_equal(const pg_signature *a, const pg_signature *b);

typedef struct pg_root pg_root;

/// System calls that tests replace one by one; defined in src/core/fs_internal.h.
typedef struct pg_fs_ops pg_fs_ops;

/// Zero-initialise; every zero is the default.
typedef struct pg_root_options {
    const pg_alloc *alloc;  ///< NULL = C library; outlives the root
    const pg_clock *clock;  ///< of the racy rule; NULL = pg_clock_realtime; outlives the root
    int64_t racy_window_ns; ///< 0 = 2 s; negative = no rule (to show that a test can fail)
    size_t max_bytes;       ///< of one file; 0 = PG_FS_DEFAULT_MAX_BYTES
    size_t max_entries;     ///< of one directory; 0 = PG_FS_DEFAULT_MAX_ENTRIES
    bool walk;              ///< never call openat2
    const pg_fs_ops *ops;   ///< NULL = the kernel
} pg_root_options;

/// Opens the directory `path` (relative to the current directory, or absolute; links are followed)
/// as a root. `options` may be NULL. The caller frees *out with pg_root_close.
PG_NODISCARD pg_status pg_root_open(pg_str path, const pg_root_options *options, pg_root **out,
                                    pg_error *err);

/// Closes and frees; NULL is fine.
void pg_root_close(pg_root *root);

/// Absolute path without links, as it was when the root was opened. Borrowed from the root.
pg_str pg_root_path(const pg_root *root);

/// Replaces the content of `out` by that of a regular file. `max_bytes` 0 = the root's limit; a
/// larger one is cut to it. `signature` (nullable) receives that of the very bytes returned: it is
/// taken from the open file before and after reading, and reading starts again, three times at
/// most, when the two differ. On failure `out` is empty.
/// Errors: also PG_NOT_REGULAR (directory, FIFO, device, socket; none is ever read), PG_TOO_LARGE,
/// PG_IO for a file that never stood still.
PG_NODISCARD pg_status pg_root_read(const pg_root *root, pg_str path, size_t max_bytes, pg_buf *out,
                                    pg_signature *signature, pg_error *err);

/// Signature of what `path` names, links followed, without reading it.
PG_NODISCARD pg_status pg_root_stat(const pg_root *root, pg_str path, pg_signature *out,
                                    pg_error *err);

typedef enum pg_freshness {
    PG_FRESH,    ///< the content is what it was
    PG_DOUBTFUL, ///< nothing differs, but `known` is racy or odd: compare a content hash
    PG_STALE,    ///< something differs, or it cannot be told
} pg_freshness;

/// Compares a file with a signature taken earlier, in one system call (fstatat) and without opening
/// anything. This may look through a link that leaves the root, but tells only whether the file is
/// the very one that was read beneath it before. `known` may be absent: then PG_FRESH means that
/// there is still nothing.
pg_freshness pg_root_check(const pg_root *root, pg_str path, const pg_signature *known);

/// A directory's entries, immutable.
typedef struct pg_listing pg_listing;

typedef struct pg_dir_entry {
    pg_str name;       ///< borrowed from the listing; NUL-terminated; any bytes but '/' and NUL
    pg_file_type type; ///< of the entry itself: links are not followed
} pg_dir_entry;

/// Lists a directory in byte order, without "." and "..". The caller frees *out with
/// pg_listing_free. Errors: also PG_NOT_DIRECTORY for a file, PG_TOO_LARGE for more entries than
/// the root allows. O(n log n).
PG_NODISCARD pg_status pg_root_list(const pg_root *root, pg_str path, pg_listing **out,
                                    pg_error *err);

void pg_listing_free(pg_listing *listing); ///< NULL is fine

/// Number of entries.
size_t pg_listing_count(const pg_listing *listing);

/// The entry at `index`, 0-based, which must be below the count; borrowed from the listing.
pg_dir_entry pg_listing_get(const pg_listing *listing, size_t index);

/// Signature of the directory at the moment it was listed. It changes when an entry appears,
/// disappears or is renamed, not when a file changes its content.
const pg_signature *pg_listing_signature(const pg_listing *listing);

/// How to write. Zero-initialise; every zero is the default.
typedef struct pg_write_options {
    const pg_signature
        *expected;     ///< NULL = whatever is there; else the file must still be this one
    bool no_replace;   ///< there must be nothing yet
    bool make_parents; ///< create missing directories (mode 0777 less the umask)
    bool no_sync;      ///< do not wait for the disk
    unsigned mode;     ///< of a new file, less the umask; an old one keeps of it
                       ///< what it has; 0 = 0666, and all that it has
} pg_write_options;

/// Writes a file as a whole: a temporary file in the same directory, flushed, then renamed over
/// `path`, so that a reader or a crash sees the old content or the new, never a mixture. A replaced
/// file keeps its permissions. `signature` (nullable) receives that of the new file.
/// `expected` is compared immediately before the rename; a change between those two calls is lost.
/// `no_replace` (or an absent `expected`) has no such gap.
/// Errors: also PG_CONFLICT when `expected` or `no_replace` does not hold, PG_NOT_REGULAR when
/// something else than a file is there, PG_PERMISSION when it is a link, PG_INVALID for a path that
/// names no file ("a/", "."). After an error no temporary file is left and `path` is unchanged, but
/// for the very last step: when the directory cannot be flushed (PG_IO), the new content is in
/// place and may not survive a power loss.
PG_NODISCARD pg_status pg_root_write(const pg_root *root, pg_str path, pg_str bytes,
                                     const pg_write_options *options, pg_signature *signature,
                                     pg_error *err);

/// Removes the file or link `path`, never a directory. With `expected` (nullable) only the file
/// that has this signature. PG_CONFLICT when it has another one; PG_NOT_FOUND; PG_PERMISSION;
/// PG_OUTSIDE; PG_INVALID for a path that names no file; PG_IO.
PG_NODISCARD pg_status pg_root_remove(const pg_root *root, pg_str path,
                                      const pg_signature *expected, pg_error *err);

/// How to move. Zero-initialise; every zero is the default.
typedef struct pg_move_options {
    const pg_signature *expected; ///< NULL = whatever is there; else what must still be moved
    bool make_parents;            ///< create the missing directories of the new place
    bool no_sync;                 ///< do not wait for the disk
} pg_move_options;

/// Gives the file or link `from` the name `to`, where there must be nothing yet; nothing is ever
/// replaced, not even by a race. A link is moved, not what it leads to. `options` may be NULL.
/// PG_CONFLICT when something is at `to` or `expected` does not hold; PG_NOT_FOUND; PG_NOT_REGULAR
/// for a directory; PG_INVALID for a path that names no file; PG_IO, also for a place on another
/// file system. After an error nothing has moved, but as for pg_root_write.
PG_NODISCARD pg_status pg_root_move(const pg_root *root, pg_str from, pg_str to,
                                    const pg_move_options *options, pg_error *err);

/// Removes the directory `path` if it is empty. PG_CONFLICT when it is not; PG_NOT_FOUND;
/// PG_NOT_DIRECTORY, also for a link; PG_PERMISSION; PG_INVALID for a path that names no entry.
PG_NODISCARD pg_status pg_root_remove_dir(const pg_root *root, pg_str path, pg_error *err);

/// A lock on a directory.
typedef struct pg_dir_lock pg_dir_lock;

/// Locks the directory `path` beneath the root against every other pg_root_lock of it, in this
/// process too, and waits for it up to `wait_ns` (0 or less = not at all). The lock is advisory
/// (flock(2) on the directory itself): it leaves no file, and the kernel frees it when the process
/// dies; a child made by fork shares it until it closes its descriptors. The caller frees *out
/// with pg_dir_lock_free. PG_CONFLICT when another one holds it all the time; PG_UNSUPPORTED on a
/// file system without locks.
PG_NODISCARD pg_status pg_root_lock(const pg_root *root, pg_str path, int64_t wait_ns,
                                    pg_dir_lock **out, pg_error *err);

/// Unlocks; NULL is fine.
void pg_dir_lock_free(pg_dir_lock *lock);

/// Creates the directory `path` and the missing ones above it; one that is there is fine.
PG_NODISCARD pg_status pg_root_make_dirs(const pg_root *root, pg_str path, pg_error *err);

/// Looks for a workspace: writes into `out` the nearest directory, from the absolute path `start`
/// upwards, in which one of `markers` exists - a directory when the marker ends in '/', else a
/// regular file. `which` (nullable) receives its index.
/// Errors: PG_NOT_FOUND when there is none; PG_PERMISSION when that directory or marker belongs to
/// another user (root excepted), or others may write into the directory: its owner would choose
/// what this user's prompts say.
PG_NODISCARD pg_status pg_fs_find_up(pg_str start, const pg_str *markers, size_t count, pg_buf *out,
                                     size_t *which, pg_error *err);

#endif
