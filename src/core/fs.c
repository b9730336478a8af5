/// Roots, path checks, signatures and error mapping of the fs unit. See fs.h.
#include "fs_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <unistd.h>

#ifndef XFS_SUPER_MAGIC
#define XFS_SUPER_MAGIC 0x58465342
#endif

static const int64_t default_racy_window_ns = 2 * PG_NS_PER_SECOND;

const char *pg_file_type_name(pg_file_type type)
{
    static const char *const names[] = {"file", "dir", "link", "other"};
    return names[type <= PG_FILE_OTHER ? type : PG_FILE_OTHER];
}

pg_file_type pg__fs_type(mode_t mode)
{
    if (S_ISREG(mode))
        return PG_FILE_REGULAR;
    if (S_ISDIR(mode))
        return PG_FILE_DIR;
    return S_ISLNK(mode) ? PG_FILE_LINK : PG_FILE_OTHER;
}

pg_status pg__fs_fail(pg_error *err, int errnum, const char *doing)
{
    switch (errnum) {
    case ENOENT:
        return pg_error_set(err, PG_NOT_FOUND, "there is no such file or directory");
    case ENOTDIR:
        return pg_error_set(err, PG_NOT_DIRECTORY, "a part of the path is not a directory");
    case EISDIR:
    case ENXIO:
    case ENODEV:
        return pg_error_set(err, PG_NOT_REGULAR, "not a regular file");
    case EXDEV:
        return pg_error_set(err, PG_OUTSIDE, "the path leads out of the workspace");
    case ELOOP:
        return pg_error_set(err, PG_NOT_FOUND, "the symbolic links of the path form a loop");
    case EACCES:
    case EPERM:
    case EROFS:
        return pg_error_set(err, PG_PERMISSION, "%s is not permitted: %s", doing,
                            strerrordesc_np(errnum));
    case ENAMETOOLONG:
        return pg_error_set(err, PG_BAD_INPUT, "a name in the path is too long");
    case ENOMEM:
        return pg_error_set(err, PG_NOMEM, "out of memory");
    default: {
        const char *text = strerrordesc_np(errnum);
        return pg_error_set(err, PG_IO, "%s failed: %s", doing, text != NULL ? text : "?");
    }
    }
}

/// Whether `..` climbs above the start anywhere on the way. A link on the way may still do so;
/// resolution refuses that.
static bool climbs_out(const char *path)
{
    size_t depth = 0;
    for (const char *p = path; *p != '\0';) {
        size_t len = strcspn(p, "/");
        if (len == 2 && p[0] == '.' && p[1] == '.') {
            if (depth == 0)
                return true;
            depth--;
        } else if (len > 1 || (len == 1 && p[0] != '.')) {
            depth++;
        }
        p += len;
        p += strspn(p, "/");
    }
    return false;
}

pg_status pg__fs_path(pg_str path, pg__path *out, pg_error *err)
{
    if (path.len == 0)
        return pg_error_set(err, PG_BAD_INPUT, "the path is empty");
    if (path.len > PG_FS_MAX_PATH)
        return pg_error_set(err, PG_BAD_INPUT, "the path is longer than %d bytes", PG_FS_MAX_PATH);
    if (memchr(path.ptr, '\0', path.len) != NULL)
        return pg_error_set(err, PG_BAD_INPUT, "the path contains a NUL byte");
    memcpy(out->text, path.ptr, path.len);
    out->text[path.len] = '\0';
    out->len = path.len;
    if (out->text[0] == '/' || climbs_out(out->text))
        return pg__fs_fail(err, EXDEV, "");
    return PG_OK;
}

static bool is_odd(int fd)
{
    struct statfs fs;
    if (fstatfs(fd, &fs) != 0)
        return true;
    switch ((unsigned long)fs.f_type) {
    case EXT4_SUPER_MAGIC: // ext2 and ext3 share it
    case XFS_SUPER_MAGIC:
    case BTRFS_SUPER_MAGIC:
    case TMPFS_MAGIC:
        return false;
    default:
        return true;
    }
}

static int64_t nanoseconds(struct timespec t)
{
    return (int64_t)t.tv_sec * PG_NS_PER_SECOND + t.tv_nsec;
}

/// The fields that identify a file and its state; no flags.
static pg_signature plain_signature(const struct stat *st)
{
    return (pg_signature){
        .dev = st->st_dev,
        .ino = st->st_ino,
        .size = (uint64_t)st->st_size,
        .mtime_ns = nanoseconds(st->st_mtim),
        .ctime_ns = nanoseconds(st->st_ctim),
        .type = (uint32_t)pg__fs_type(st->st_mode),
    };
}

pg_signature pg__fs_signature(const pg_root *root, int fd, const struct stat *st, int64_t now_ns)
{
    pg_signature s = plain_signature(st);
    int64_t changed = s.mtime_ns > s.ctime_ns ? s.mtime_ns : s.ctime_ns;
    if (root->options.racy_window_ns >= 0 && changed > now_ns - root->options.racy_window_ns)
        s.flags |= PG_SIG_RACY;
    if (s.dev == root->dev ? root->odd : is_odd(fd))
        s.flags |= PG_SIG_ODD_FS;
    return s;
}

bool pg_signature_equal(const pg_signature *a, const pg_signature *b)
{
    return ((a->flags ^ b->flags) & PG_SIG_ABSENT) == 0 && a->dev == b->dev && a->ino == b->ino &&
           a->size == b->size && a->mtime_ns == b->mtime_ns && a->ctime_ns == b->ctime_ns &&
           a->type == b->type;
}

pg_freshness pg_root_check(const pg_root *root, pg_str path, const pg_signature *known)
{
    pg__path checked;
    if (pg__fs_path(path, &checked, NULL) != PG_OK)
        return PG_STALE;
    struct stat st;
    if (fstatat(root->fd, checked.text, &st, 0) != 0)
        return (known->flags & PG_SIG_ABSENT) != 0 && errno == ENOENT ? PG_FRESH : PG_STALE;
    pg_signature now = plain_signature(&st);
    if (!pg_signature_equal(&now, known))
        return PG_STALE;
    return (known->flags & (PG_SIG_RACY | PG_SIG_ODD_FS)) != 0 ? PG_DOUBTFUL : PG_FRESH;
}

static pg_root_options with_defaults(const pg_root_options *options)
{
    pg_root_options o = options != NULL ? *options : (pg_root_options){0};
    if (o.clock == NULL)
        o.clock = &pg_clock_realtime;
    if (o.racy_window_ns == 0)
        o.racy_window_ns = default_racy_window_ns;
    if (o.max_bytes == 0)
        o.max_bytes = PG_FS_DEFAULT_MAX_BYTES;
    if (o.max_entries == 0)
        o.max_entries = PG_FS_DEFAULT_MAX_ENTRIES;
    if (o.ops == NULL)
        o.ops = &pg__fs_kernel;
    return o;
}

static size_t root_size(size_t path_len)
{
    return sizeof(pg_root) + path_len + 1;
}

pg_status pg_root_open(pg_str path, const pg_root_options *options, pg_root **out, pg_error *err)
{
    char given[PATH_MAX];
    char absolute[PATH_MAX];
    if (path.len == 0 || path.len >= sizeof given || memchr(path.ptr, '\0', path.len) != NULL)
        return pg_error_set(err, PG_BAD_INPUT,
                            "the path of the root is empty, too long or has a NUL");
    memcpy(given, path.ptr, path.len);
    given[path.len] = '\0';
    if (realpath(given, absolute) == NULL)
        return pg__fs_fail(err, errno, "opening the root");
    int fd = open(absolute, O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct stat st;
    if (fd < 0)
        return pg__fs_fail(err, errno, "opening the root");
    if (fstat(fd, &st) != 0) {
        int saved = errno;
        (void)close(fd);
        return pg__fs_fail(err, saved, "opening the root");
    }
    pg_root_options filled = with_defaults(options);
    size_t len = strlen(absolute);
    pg_root *root = pg_malloc(filled.alloc, root_size(len));
    if (root == NULL) {
        (void)close(fd);
        return pg_error_set(err, PG_NOMEM, "out of memory");
    }
    root->options = filled;
    root->fd = fd;
    root->dev = st.st_dev;
    root->odd = is_odd(fd);
    root->path_len = len;
    memcpy(root->path, absolute, len + 1);
    *out = root;
    return PG_OK;
}

void pg_root_close(pg_root *root)
{
    if (root == NULL)
        return;
    (void)close(root->fd);
    pg_free(root->options.alloc, root, root_size(root->path_len));
}

pg_str pg_root_path(const pg_root *root)
{
    return (pg_str){root->path, root->path_len};
}
