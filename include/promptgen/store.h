/// A persistent cache: one checksummed file for each record, in a private directory.
///
/// A record is found by its key and holds an opaque payload and the files the payload was computed
/// from, each with its signature and a hash of its content. Nothing here is needed for a right
/// answer: whatever goes wrong, from a full disk to a flipped bit, is a miss that is counted, never
/// an error. What does not verify is removed.
///
/// Layout: <dir>/v<16 hex>/<2 hex>/<16 hex>, where v... stands for the format, the caller's schema
/// and the machine's byte order, and the rest for the XXH3-64 of the key. Directories are made with
/// mode 0700; a directory that belongs to somebody else, that others may write, or that is reached
/// by a symbolic link is not used. A record is written under a temporary name and renamed, so a
/// reader sees the old one or the new one; nothing is locked for that. It is not flushed: after a
/// power loss the checksum fails.
///
/// Bounds: one write in 64, or a write that goes over the bounds as far as this process knows, is
/// followed by a collection, which removes what was not used for longest down to 80 % of the
/// bounds. A record that is used gets a new time of use at most once a day.
///
/// Thread note: a store belongs to one thread; any number of processes may share its directory.
#ifndef PROMPTGEN_STORE_H
#define PROMPTGEN_STORE_H

#include "promptgen/fs.h"
#include "promptgen/hash.h"

#define PG_STORE_MAX_BYTES ((uint64_t)256 * 1024 * 1024) ///< default bound of all records
#define PG_STORE_MAX_RECORDS ((size_t)50000)             ///< default bound of their number

/// What a payload depends on.
typedef enum pg_dep_kind {
    PG_DEP_FILE,   ///< content of a regular file
    PG_DEP_DIR,    ///< names and types of the entries of a directory
    PG_DEP_ABSENT, ///< that there is nothing
} pg_dep_kind;

/// "file", "dir" or "absent".
const char *pg_dep_kind_name(pg_dep_kind kind);

/// One thing a payload was computed from.
typedef struct pg_dep {
    pg_str path; ///< relative to the root, 1..PG_FS_MAX_PATH bytes without NUL
    pg_dep_kind kind;
    pg_signature signature; ///< as read together with the content
    pg_hash128 hash;        ///< of the content; of a directory by pg_listing_hash; else 0
} pg_dep;

/// Hash of the names and types of a directory, for PG_DEP_DIR.
PG_NODISCARD pg_status pg_listing_hash(const pg_listing *listing, pg_hash128 *hash, pg_error *err);

/// X(symbol, "name"): why a record was not found. All but ABSENT, STALE, COLLISION and UNREADABLE
/// mean that the file was damaged or tampered with; it is then removed.
#define PG_STORE_MISS_LIST(X)                                                                      \
    X(NONE, "none")             /* it was found */                                                 \
    X(ABSENT, "absent")         /* there is no such record */                                      \
    X(UNREADABLE, "unreadable") /* the system refused to open or read it */                        \
    X(UNTRUSTED, "untrusted")   /* a link, no regular file, too large, or somebody else's */       \
    X(TRUNCATED, "truncated")   /* its length is not what it says */                               \
    X(MAGIC, "magic")           /* not a record */                                                 \
    X(SCHEMA, "schema")         /* of another format, schema, byte order or word size */           \
    X(CHECKSUM, "checksum")     /* some byte changed */                                            \
    X(LAYOUT, "layout")         /* verifies but makes no sense */                                  \
    X(COLLISION, "collision")   /* the record of another key with the same hash */                 \
    X(STALE, "stale")           /* something it depends on has changed */

typedef enum pg_store_miss {
#define PG_STORE_MISS_ENUM(symbol, name) PG_STORE_MISS_##symbol,
    PG_STORE_MISS_LIST(PG_STORE_MISS_ENUM)
#undef PG_STORE_MISS_ENUM
        PG_STORE_MISS_COUNT
} pg_store_miss;

/// "absent", "stale" and so on; "none" for a value outside the list. Static text.
const char *pg_store_miss_name(pg_store_miss miss);

typedef struct pg_store pg_store;

/// System calls that tests replace one by one; defined in src/core/store_internal.h.
typedef struct pg_store_ops pg_store_ops;

/// Zero-initialise; every zero is the default.
typedef struct pg_store_options {
    const pg_alloc *alloc;   ///< NULL = C library; outlives the store
    uint64_t schema;         ///< version of what the payloads mean; another one finds nothing
    uint64_t max_bytes;      ///< 0 = PG_STORE_MAX_BYTES
    size_t max_records;      ///< 0 = PG_STORE_MAX_RECORDS
    const pg_clock *clock;   ///< of times of use; NULL = pg_clock_realtime
    const pg_store_ops *ops; ///< NULL = the kernel
} pg_store_options;

/// Opens the store in `dir`, an absolute path; what is missing of it is made by the first write.
/// PG_INVALID: `dir` is relative, too long or has a NUL. PG_PERMISSION: it must not be used (see
/// above) or may not be opened. PG_NOT_DIRECTORY, PG_IO, PG_NOMEM. The caller then goes on without
/// a store. The caller frees *out with pg_store_close.
PG_NODISCARD pg_status pg_store_open(pg_str dir, const pg_store_options *options, pg_store **out,
                                     pg_error *err);

void pg_store_close(pg_store *store); ///< NULL is fine

/// A record in memory. Everything it hands out is borrowed from it.
typedef struct pg_store_record pg_store_record;

void pg_store_record_free(pg_store_record *record); ///< NULL is fine

/// The key it was written under.
pg_str pg_store_record_key(const pg_store_record *record);
pg_str pg_store_record_root(const pg_store_record *record);    ///< absolute path of its root
pg_str pg_store_record_payload(const pg_store_record *record); ///< starts at a multiple of 8 bytes
int64_t pg_store_record_created_ns(const pg_store_record *record); ///< since the epoch

/// Number of files and directories that the record rests on.
size_t pg_store_record_dep_count(const pg_store_record *record);

/// The dependency at `index`, 0-based, which must be below the count.
const pg_dep *pg_store_record_dep(const pg_store_record *record, size_t index);

/// Reads the record of `key`; NULL when there is none, and `*miss` (nullable) tells why. Whether it
/// is still true is not looked at, see pg_store_validate. Counts a hit or a miss.
pg_store_record *pg_store_get(pg_store *store, pg_str key, pg_store_miss *miss);

/// How a record stands to the files.
typedef enum pg_store_state {
    PG_STORE_FRESH,     ///< all is as it was
    PG_STORE_REFRESHED, ///< all content is as it was, but some signature changed or became certain
    PG_STORE_STALE,     ///< some content changed, or cannot be read
} pg_store_state;

/// X(symbol, "name"): in which way a dependency is not what it was.
#define PG_STORE_CHANGE_LIST(X)                                                                    \
    X(NONE, "none")                                                                                \
    X(ROOT, "root")         /* another root than the record's */                                   \
    X(GONE, "gone")         /* it is no longer there, or no longer of its kind */                  \
    X(APPEARED, "appeared") /* something is there now */                                           \
    X(SIZE, "size")         /* another size */                                                     \
    X(CONTENT, "content")   /* same size, other content; or another listing */                     \
    X(UNREADABLE, "unreadable")

typedef enum pg_store_change {
#define PG_STORE_CHANGE_ENUM(symbol, name) PG_STORE_CHANGE_##symbol,
    PG_STORE_CHANGE_LIST(PG_STORE_CHANGE_ENUM)
#undef PG_STORE_CHANGE_ENUM
} pg_store_change;

/// The name of a change; "none" for a value outside the list. Static text.
const char *pg_store_change_name(pg_store_change change);

typedef struct pg_store_verdict {
    pg_store_state state;
    pg_store_change change; ///< of the first dependency that is stale
    size_t dep;             ///< its index; valid when stale for another reason than the root
    size_t hashed;          ///< contents that had to be compared
    size_t doubtful;        ///< dependencies that will have to be compared next time too
} pg_store_verdict;

/// Compares a record with the files beneath `root`: one fstatat for each dependency, and a
/// comparison of content hashes for those whose signature differs while the size is the same, or
/// whose equal signature proves nothing (see PG_SIG_RACY, PG_SIG_ODD_FS). Signatures in the record
/// are brought up to date. Stops at the first stale dependency.
pg_store_verdict pg_store_validate(pg_store_record *record, const pg_root *root);

/// pg_store_get and pg_store_validate; a refreshed record is written again. NULL unless the record
/// is there and true; counts a hit or a miss. `miss` and `verdict` are nullable; the verdict is
/// that of a record that was read, else zero.
pg_store_record *pg_store_fetch(pg_store *store, pg_str key, const pg_root *root,
                                pg_store_miss *miss, pg_store_verdict *verdict);

/// As pg_store_validate, but goes on after a stale dependency, on up to `threads` threads (0 = all
/// processors) when there are many; pg_store_record_holds then tells of each. The verdict is about
/// the first stale one.
pg_store_verdict pg_store_validate_each(pg_store_record *record, const pg_root *root,
                                        unsigned threads);

/// Whether a dependency (must exist) was found as it was, or has not been compared.
bool pg_store_record_holds(const pg_store_record *record, size_t index);

/// As pg_store_fetch with pg_store_validate_each, but gives a stale record too: what in it does not
/// rest on a changed dependency is still true. A stale one counts as a miss and verdict->state is
/// PG_STORE_STALE. `verdict` is not NULL.
pg_store_record *pg_store_fetch_each(pg_store *store, pg_str key, const pg_root *root,
                                     pg_store_miss *miss, pg_store_verdict *verdict);

/// Writes the record of `key` in place of an older one. `deps` are relative to `root`. False, and
/// counted, when that fails; after a failure that would repeat itself (full disk, read-only or
/// forbidden directory) the store writes no more, see pg_store_problem.
bool pg_store_put(pg_store *store, pg_str key, const pg_root *root, const pg_dep *deps,
                  size_t dep_count, pg_str payload);

/// As pg_store_put, with a payload that is `part_count` pieces one after another.
bool pg_store_put_parts(pg_store *store, pg_str key, const pg_root *root, const pg_dep *deps,
                        size_t dep_count, const pg_str *parts, size_t part_count);

/// Removes a listed record, good or damaged, by its name; true when it was there.
bool pg_store_discard(pg_store *store, const char *name);

/// Number that tells this program file from every other: a rebuilt or upgraded program parses
/// differently, so callers mix it into their schema. From one stat of /proc/self/exe; 0 without it.
uint64_t pg_store_program_version(void);

/// Whether there is a file for the record of `key`, good or not. One system call; counts nothing.
bool pg_store_has(pg_store *store, pg_str key);

/// Removes the record of `key`; true when it was there.
bool pg_store_remove(pg_store *store, pg_str key);

/// Why the store writes no more: one sentence, borrowed; NULL when all is well.
const char *pg_store_problem(const pg_store *store);

/// What a collection or clearing did.
typedef struct pg_store_gc {
    bool busy;            ///< another process was at it: nothing was done
    size_t records;       ///< left
    uint64_t bytes;       ///< in them
    size_t removed;       ///< records removed
    size_t stale_files;   ///< temporary files of dead processes removed
    size_t stale_schemas; ///< directories of schemas not used for a week removed
} pg_store_gc;

/// Removes what exceeds the bounds, temporary files older than an hour, and the records of other
/// schemas that nobody used for a week.
pg_store_gc pg_store_collect(pg_store *store);

/// Removes every record, of every schema.
pg_store_gc pg_store_clear(pg_store *store);

/// One record file, as listed.
typedef struct pg_store_item {
    char name[17];   ///< 16 hexadecimal digits, NUL-terminated
    uint64_t size;   ///< bytes
    int64_t used_ns; ///< last use, to the day; nanoseconds since the epoch
} pg_store_item;

/// Lists the records of this schema in order of name. The caller frees *items (of *count elements)
/// with pg_store_items_free. PG_NOMEM.
PG_NODISCARD pg_status pg_store_list(pg_store *store, pg_store_item **items, size_t *count,
                                     pg_error *err);
void pg_store_items_free(pg_store *store, pg_store_item *items, size_t count);

/// How often pg_store_fetch and pg_store_fetch_each have found the listed record true, in all
/// processes. Kept for people: two processes at once may lose a count, and of two records that
/// share one of 65,536 slots the other one starts from 0.
uint64_t pg_store_hits(const pg_store *store, const char *name);

/// Reads a listed record without counting, marking or removing anything.
pg_store_record *pg_store_inspect(pg_store *store, const char *name, pg_store_miss *miss);

typedef struct pg_store_stats {
    uint64_t hits;
    uint64_t misses[PG_STORE_MISS_COUNT]; ///< by reason
    uint64_t refreshed;                   ///< hits that were written again
    uint64_t hashed;                      ///< contents compared
    uint64_t writes;
    uint64_t write_failures;
    uint64_t removed; ///< by collections
    uint64_t max_bytes;
    size_t max_records;
} pg_store_stats;

/// What this store object has done since it was opened.
void pg_store_read_stats(const pg_store *store, pg_store_stats *stats);

#endif
