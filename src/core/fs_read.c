/// Reading and stating files beneath a root. See fs.h.
#include "fs_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { MAX_REREADS = 3 };

/// Reads until the end or `want` bytes, whichever comes first; -1 and errno on failure.
static ssize_t read_up_to(const pg_fs_ops *ops, int fd, char *bytes, size_t want)
{
    size_t total = 0;
    while (total < want) {
        ssize_t n = ops->pread(fd, bytes + total, want - total, (off_t)total);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        total += (size_t)n;
    }
    return (ssize_t)total;
}

static bool same_state(const struct stat *a, const struct stat *b)
{
    return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec && a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
           a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

/// One attempt; `*steady` tells whether the file stood still. One byte more than the size is asked
/// for, so that a file which grew shows it.
static pg_status read_attempt(const pg_root *root, int fd, size_t max, pg_buf *out,
                              pg_signature *signature, bool *steady, pg_error *err)
{
    struct stat before;
    struct stat after;
    int64_t now_ns = pg_now_ns(root->options.clock);
    if (fstat(fd, &before) != 0)
        return pg__fs_fail(err, errno, "reading");
    if (!S_ISREG(before.st_mode))
        return pg_error_set(err, PG_NOT_REGULAR, "not a regular file");
    if ((uint64_t)before.st_size > max)
        return pg_error_set(err, PG_TOO_LARGE, "%lld bytes are more than the %zu allowed",
                            (long long)before.st_size, max);
    size_t size = (size_t)before.st_size;
    out->len = 0;
    if (!pg_buf_reserve(out, size + 1))
        return pg_error_set(err, PG_NOMEM, "out of memory");
    ssize_t got = read_up_to(root->options.ops, fd, out->ptr, size + 1);
    if (got < 0 || fstat(fd, &after) != 0)
        return pg__fs_fail(err, errno, "reading");
    out->len = (size_t)got;
    *steady = (size_t)got == size && same_state(&before, &after);
    if (signature != NULL)
        *signature = pg__fs_signature(root, fd, &after, now_ns);
    return PG_OK;
}

pg_status pg_root_read(const pg_root *root, pg_str path, size_t max_bytes, pg_buf *out,
                       pg_signature *signature, pg_error *err)
{
    out->len = 0;
    pg__path checked;
    pg_status status = pg__fs_path(path, &checked, err);
    if (status != PG_OK)
        return status;
    size_t max = root->options.max_bytes;
    if (max_bytes != 0 && max_bytes < max)
        max = max_bytes;
    // O_NONBLOCK keeps a FIFO without a writer from blocking; on a regular file it does nothing.
    int fd = pg__fs_open(root, checked.text, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return pg__fs_fail(err, errno, "opening");
    pg_signature seen = {0};
    bool steady = false;
    for (int reread = 0; status == PG_OK && !steady && reread <= MAX_REREADS; reread++)
        status = read_attempt(root, fd, max, out, &seen, &steady, err);
    (void)close(fd);
    if (status == PG_OK && !steady)
        status = pg_error_set(err, PG_IO, "the file kept changing while it was read");
    if (status != PG_OK)
        out->len = 0;
    else if (signature != NULL)
        *signature = seen;
    return status;
}

pg_status pg_root_stat(const pg_root *root, pg_str path, pg_signature *out, pg_error *err)
{
    pg__path checked;
    pg_status status = pg__fs_path(path, &checked, err);
    if (status != PG_OK)
        return status;
    int64_t now_ns = pg_now_ns(root->options.clock);
    int fd = pg__fs_open(root, checked.text, O_PATH);
    struct stat st;
    if (fd < 0)
        return pg__fs_fail(err, errno, "looking at the file");
    if (fstat(fd, &st) == 0)
        *out = pg__fs_signature(root, fd, &st, now_ns);
    else
        status = pg__fs_fail(err, errno, "looking at the file");
    (void)close(fd);
    return status;
}
