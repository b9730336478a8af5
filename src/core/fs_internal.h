/// What the files of the fs unit share: the root, path checks, resolution and error mapping.
#ifndef PROMPTGEN_FS_INTERNAL_H
#define PROMPTGEN_FS_INTERNAL_H

#include "promptgen/fs.h"

#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/types.h>

/// The system calls whose failures matter most. A replacement keeps the kernel's contract: -1 and
/// errno on failure.
struct pg_fs_ops {
    int (*openat2)(int dir, const char *path, const struct open_how *how);
    ssize_t (*pread)(int fd, void *bytes, size_t count, off_t offset);
    ssize_t (*write)(int fd, const void *bytes, size_t count);
    int (*fsync)(int fd);
    int (*renameat2)(int from_dir, const char *from, int to_dir, const char *to, unsigned flags);
};

extern const pg_fs_ops pg__fs_kernel;

struct pg_root {
    pg_root_options options; ///< with every default filled in
    int fd;                  ///< the directory, O_PATH
    uint64_t dev;            ///< its device
    bool odd;                ///< that device has a file system whose times are not trusted
    size_t path_len;
    char path[]; ///< absolute, NUL-terminated
};

/// A path that passed the checks, NUL-terminated.
typedef struct pg__path {
    size_t len;
    char text[PG_FS_MAX_PATH + 1];
} pg__path;

/// Checks `path` and copies it. The lexical part of the rules of fs.h: PG_BAD_INPUT, PG_OUTSIDE.
pg_status pg__fs_path(pg_str path, pg__path *out, pg_error *err);

/// Splits "a/b/name" in place into "a/b" and "name"; the parent of a bare name is ".". PG_INVALID
/// when the last component cannot name a file.
pg_status pg__fs_split_name(pg__path *path, const char **parent, const char **name, pg_error *err);

/// Error for a failed system call; `doing` says what was tried ("reading").
pg_status pg__fs_fail(pg_error *err, int errnum, const char *doing);

/// Opens `path` beneath the root with `flags` (O_CLOEXEC is added); -1 and errno on failure, EXDEV
/// when the path leaves the root.
int pg__fs_open(const pg_root *root, const char *path, int flags);

/// The same by walking from `dir`, without openat2.
int pg__fs_walk(int dir, const char *path, int flags);

pg_file_type pg__fs_type(mode_t mode);

/// Signature from what fstat said of the open file `fd`; `now_ns` was read before it was.
pg_signature pg__fs_signature(const pg_root *root, int fd, const struct stat *st, int64_t now_ns);

#endif
