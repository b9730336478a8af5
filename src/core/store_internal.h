/// What the files of the store share: the handle, the format on disk, directory access.
#ifndef PROMPTGEN_STORE_INTERNAL_H
#define PROMPTGEN_STORE_INTERNAL_H

#include "promptgen/store.h"

#include <sys/stat.h>
#include <sys/types.h>

/// The system calls whose failures matter most. A replacement keeps the kernel's contract: -1 and
/// errno on failure.
struct pg_store_ops {
    int (*openat)(int dir, const char *path, int flags, mode_t mode);
    ssize_t (*read)(int fd, void *bytes, size_t count);
    ssize_t (*write)(int fd, const void *bytes, size_t count);
    int (*renameat)(int from_dir, const char *from, int to_dir, const char *to);
};

extern const pg_store_ops pg__store_kernel;

enum {
    STORE_MAX_RECORD = 128 * 1024 * 1024, ///< bytes of one record file
    STORE_GC_EVERY = 64,                  ///< writes between two collections
    STORE_NAME = 16,                      ///< hexadecimal digits of a record's name
    STORE_HITS_CLOSED = -1,               ///< the table of hits was not needed yet
    STORE_HITS_NONE = -2,                 ///< it cannot be used
};

struct pg_store {
    pg_store_options options; ///< with every default filled in
    char version[18];         ///< name of the directory of this schema
    int fd;                   ///< that directory; -1 = does not exist yet
    int hits_fd;              ///< the table of hits, or STORE_HITS_*
    uint64_t writes_to_gc;    ///< writes until the next collection
    bool counted;             ///< the next two are known
    uint64_t bytes;           ///< of all records, as far as this process knows
    size_t records;           ///< number of records, likewise
    uint64_t temp_serial;     ///< makes temporary names unique within the process
    char problem[160];        ///< why writing is off; empty = it is on
    pg_store_stats stats;
    size_t dir_len;
    char dir[]; ///< absolute, NUL-terminated
};

/// Start of a record file; everything in native byte order. After it: the dependencies, the strings
/// (root, key, path of each dependency, nothing between), zero bytes up to a multiple of 8, the
/// payload.
typedef struct store_header {
    char magic[8];
    uint64_t checksum; ///< XXH3-64 of everything after this field
    uint32_t tag;      ///< tells byte order and word size
    uint32_t format;   ///< of this file
    uint64_t schema;   ///< the caller's
    uint64_t total_len;
    int64_t created_ns;
    uint32_t root_len;
    uint32_t key_len;
    uint32_t dep_count;
    uint32_t strings_len;
    uint64_t payload_len;
} store_header;

/// A dependency on disk.
typedef struct store_dep {
    pg_signature signature;
    pg_hash128 hash;
    uint32_t kind;
    uint32_t path_len;
} store_dep;

struct pg_store_record {
    const pg_alloc *alloc;
    char *block; ///< the whole file
    size_t block_len;
    pg_str root, key, payload; ///< point into the block
    int64_t created_ns;
    size_t dep_count;
    bool *stale;   ///< for each dependency whether it was found changed; after the last of them
    pg_dep deps[]; ///< paths point into the block
};

/// Whether every dependency is one that pg__store_decode accepts.
bool pg__store_deps_valid(const pg_dep *deps, size_t dep_count);

/// Appends a record file to `out`, whose payload is the parts one after another; failure is in the
/// buffer.
void pg__store_encode(pg_buf *out, uint64_t schema, int64_t created_ns, pg_str root, pg_str key,
                      const pg_dep *deps, size_t dep_count, const pg_str *parts, size_t part_count);

/// Verifies `block` (taken on success, `len` bytes from `alloc`) and makes a record of it. Every
/// length is checked against what is there. NULL and `*miss` when it does not verify;
/// PG_STORE_MISS_UNREADABLE when memory is short.
pg_store_record *pg__store_decode(const pg_alloc *alloc, char *block, size_t len, uint64_t schema,
                                  pg_store_miss *miss);

/// Number that stands for format, schema and machine in the directory's name.
uint64_t pg__store_version(uint64_t schema);

/// Opens the directory of this schema if it is not open; makes it when `create`. False when there
/// is none or it must not be used.
bool pg__store_enter(pg_store *store, bool create, pg_error *err);

/// Whether somebody else could have put something into this directory.
bool pg__store_is_private(int fd);

/// Opens the base directory; -1 when there is none or it must not be used.
int pg__store_open_base(pg_store *store);

/// Counts that the record of `key` was used; see store_hits.c.
void pg__store_count_hit(pg_store *store, pg_str key);
void pg__store_close_hits(pg_store *store);

/// Removes the table of hits.
void pg__store_forget_hits(pg_store *store);

/// Path of a record relative to the directory of the schema: "ab/" and its name, 20 bytes.
typedef struct store_path {
    char text[STORE_NAME + 4];
} store_path;
store_path pg__store_path_of(pg_str key);
store_path pg__store_path_named(const char *name);

/// Reads and verifies the record file at `path`. `touch` renews its time of use when that is due.
pg_store_record *pg__store_load(pg_store *store, const store_path *path, bool touch,
                                pg_store_miss *miss);

#endif
