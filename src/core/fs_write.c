/// Whole-file writes and new directories beneath a root. See fs.h.
#include "fs_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum { MAX_TEMP_NAMES = 16, TEMP_NAME = 64, DEFAULT_FILE_MODE = 0666, DEFAULT_DIR_MODE = 0777 };

/// A write under way; what it owns is released by `abandon`.
typedef struct writing {
    const pg_root *root;
    const pg_write_options *options;
    int dir; ///< parent directory; -1 = not open
    int fd;  ///< temporary file; -1 = not open
    const char *name;
    char temp[TEMP_NAME]; ///< "" = no temporary file exists
} writing;

static void abandon(writing *w)
{
    if (w->temp[0] != '\0')
        (void)unlinkat(w->dir, w->temp, 0);
    if (w->fd >= 0)
        (void)close(w->fd);
    if (w->dir >= 0)
        (void)close(w->dir);
}

/// What stands at the name now: PG_OK with `*exists`, or why it may not be replaced.
static pg_status look_at_target(const writing *w, struct stat *st, bool *exists, pg_error *err)
{
    *exists = fstatat(w->dir, w->name, st, AT_SYMLINK_NOFOLLOW) == 0;
    if (!*exists)
        return errno == ENOENT ? PG_OK : pg__fs_fail(err, errno, "writing");
    if (S_ISLNK(st->st_mode))
        return pg_error_set(err, PG_PERMISSION, "symbolic links are not written through");
    if (!S_ISREG(st->st_mode))
        return pg_error_set(err, PG_NOT_REGULAR, "something else than a regular file is there");
    return PG_OK;
}

static bool must_be_new(const pg_write_options *o)
{
    return o->no_replace || (o->expected != NULL && (o->expected->flags & PG_SIG_ABSENT) != 0);
}

static pg_status compare_target(const writing *w, pg_error *err)
{
    struct stat st;
    bool exists = false;
    pg_status status = look_at_target(w, &st, &exists, err);
    if (status != PG_OK)
        return status;
    if (must_be_new(w->options))
        return exists ? pg_error_set(err, PG_CONFLICT, "the file exists already") : PG_OK;
    if (w->options->expected == NULL)
        return PG_OK;
    if (!exists)
        return pg_error_set(err, PG_CONFLICT, "the file has been removed since it was read");
    pg_signature now = pg__fs_signature(w->root, w->dir, &st, 0);
    if (!pg_signature_equal(&now, w->options->expected))
        return pg_error_set(err, PG_CONFLICT, "the file has changed since it was read");
    return PG_OK;
}

static pg_status create_temp(writing *w, pg_error *err)
{
    mode_t mode = w->options->mode != 0 ? (mode_t)w->options->mode : DEFAULT_FILE_MODE;
    for (int i = 0; i < MAX_TEMP_NAMES; i++) {
        uint64_t random = 0;
        if (getrandom(&random, sizeof random, 0) != sizeof random)
            return pg__fs_fail(err, errno, "choosing a temporary name");
        (void)snprintf(w->temp, sizeof w->temp, ".promptgen-%016" PRIx64 ".tmp", random);
        w->fd = openat(w->dir, w->temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
        if (w->fd >= 0)
            return PG_OK;
        w->temp[0] = '\0';
        if (errno != EEXIST)
            return pg__fs_fail(err, errno, "creating a file");
    }
    return pg_error_set(err, PG_IO, "no temporary name is free");
}

static pg_status fill_temp(const writing *w, pg_str bytes, pg_error *err)
{
    const pg_fs_ops *ops = w->root->options.ops;
    struct stat st;
    mode_t kept = w->options->mode != 0 ? (mode_t)w->options->mode : 0777;
    if (fstatat(w->dir, w->name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
        fchmod(w->fd, st.st_mode & kept) != 0)
        return pg__fs_fail(err, errno, "keeping the permissions");
    while (bytes.len > 0) {
        ssize_t n = ops->write(w->fd, bytes.ptr, bytes.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return pg__fs_fail(err, n < 0 ? errno : EIO, "writing");
        bytes = pg_str_slice(bytes, (size_t)n, bytes.len);
    }
    // A failed fsync is final: the kernel may drop the pages, so that a second one would succeed.
    if (!w->options->no_sync && ops->fsync(w->fd) != 0)
        return pg__fs_fail(err, errno, "writing to the disk");
    return PG_OK;
}

/// Gives the temporary file its name. Where the file system cannot rename without replacing, a hard
/// link does the same in two steps.
static pg_status publish(writing *w, pg_error *err)
{
    unsigned flags = must_be_new(w->options) ? RENAME_NOREPLACE : 0;
    int result = w->root->options.ops->renameat2(w->dir, w->temp, w->dir, w->name, flags);
    if (result != 0 && flags != 0 && (errno == EINVAL || errno == ENOSYS)) {
        result = linkat(w->dir, w->temp, w->dir, w->name, 0);
        if (result == 0)
            (void)unlinkat(w->dir, w->temp, 0);
    }
    if (result == 0) {
        w->temp[0] = '\0';
        return PG_OK;
    }
    if (errno == EEXIST)
        return pg_error_set(err, PG_CONFLICT, "the file exists already");
    return pg__fs_fail(err, errno, "renaming");
}

static pg_status write_beneath(writing *w, pg_str bytes, pg_signature *signature, pg_error *err)
{
    pg_status status = compare_target(w, err);
    if (status == PG_OK)
        status = create_temp(w, err);
    if (status == PG_OK)
        status = fill_temp(w, bytes, err);
    if (status == PG_OK)
        status = compare_target(w, err);
    if (status == PG_OK)
        status = publish(w, err);
    if (status != PG_OK)
        return status;
    if (!w->options->no_sync && w->root->options.ops->fsync(w->dir) != 0 && errno != EINVAL)
        return pg__fs_fail(err, errno, "writing the directory to the disk");
    struct stat st;
    int64_t now_ns = pg_now_ns(w->root->options.clock);
    if (signature == NULL)
        return PG_OK;
    if (fstat(w->fd, &st) != 0)
        return pg__fs_fail(err, errno, "writing");
    *signature = pg__fs_signature(w->root, w->fd, &st, now_ns);
    return PG_OK;
}

pg_status pg_root_write(const pg_root *root, pg_str path, pg_str bytes,
                        const pg_write_options *options, pg_signature *signature, pg_error *err)
{
    static const pg_write_options defaults = {0};
    writing w = {.root = root, .dir = -1, .fd = -1};
    w.options = options != NULL ? options : &defaults;
    pg__path checked;
    const char *parent = NULL;
    pg_status status = pg__fs_path(path, &checked, err);
    if (status == PG_OK)
        status = pg__fs_split_name(&checked, &parent, &w.name, err);
    if (status == PG_OK && w.options->make_parents)
        status = pg_root_make_dirs(root, pg_str_from(parent), err);
    if (status != PG_OK)
        return status;
    w.dir = pg__fs_open(root, parent, O_RDONLY | O_DIRECTORY);
    status = w.dir >= 0 ? write_beneath(&w, bytes, signature, err)
                        : pg__fs_fail(err, errno, "opening the directory");
    abandon(&w);
    return status;
}

pg_status pg_root_remove(const pg_root *root, pg_str path, const pg_signature *expected,
                         pg_error *err)
{
    const pg_write_options options = {.expected = expected};
    writing w = {.root = root, .options = &options, .dir = -1, .fd = -1};
    pg__path checked;
    const char *parent = NULL;
    pg_status status = pg__fs_path(path, &checked, err);
    if (status == PG_OK)
        status = pg__fs_split_name(&checked, &parent, &w.name, err);
    if (status != PG_OK)
        return status;
    w.dir = pg__fs_open(root, parent, O_RDONLY | O_DIRECTORY);
    if (w.dir < 0)
        return pg__fs_fail(err, errno, "opening the directory");
    if (expected != NULL)
        status = compare_target(&w, err);
    if (status == PG_OK && unlinkat(w.dir, w.name, 0) != 0)
        status = pg__fs_fail(err, errno, "removing");
    abandon(&w);
    return status;
}

/// Creates the directory `path[0..len)`, whose parent exists.
static pg_status make_dir(const pg_root *root, char *path, pg_error *err)
{
    char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    if (slash != NULL)
        *slash = '\0';
    int parent = pg__fs_open(root, slash != NULL ? path : ".", O_PATH | O_DIRECTORY);
    int result = parent >= 0 ? mkdirat(parent, name, DEFAULT_DIR_MODE) : -1;
    int saved = errno;
    if (slash != NULL)
        *slash = '/';
    if (parent >= 0)
        (void)close(parent);
    if (result == 0 || saved == EEXIST)
        return PG_OK;
    return pg__fs_fail(err, saved, "creating a directory");
}

pg_status pg_root_make_dirs(const pg_root *root, pg_str path, pg_error *err)
{
    pg__path checked;
    pg_status status = pg__fs_path(path, &checked, err);
    if (status != PG_OK)
        return status;
    char *text = checked.text;
    for (size_t end = 1; end <= checked.len && status == PG_OK; end++) {
        if (text[end] != '/' && text[end] != '\0')
            continue;
        if (text[end - 1] == '/')
            continue;
        char kept = text[end];
        text[end] = '\0';
        status = make_dir(root, text, err);
        text[end] = kept;
    }
    if (status != PG_OK)
        return status;
    int fd = pg__fs_open(root, text, O_PATH | O_DIRECTORY);
    if (fd < 0)
        return pg__fs_fail(err, errno, "creating a directory");
    (void)close(fd);
    return PG_OK;
}
