/// The search for a workspace from a directory upwards. See fs.h.
#include "fs_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/// Whether `marker` stands in the directory `at` names ("" = "/"); `*st` receives its state.
static bool has_marker(pg_buf *scratch, pg_str at, pg_str marker, struct stat *st)
{
    bool want_dir = pg_str_ends_with(marker, PG_STR("/"));
    scratch->len = 0;
    pg_buf_put_str(scratch, at);
    pg_buf_put_char(scratch, '/');
    pg_buf_put_str(scratch, marker);
    pg_buf_put_char(scratch, '\0');
    if (scratch->failed || stat(scratch->ptr, st) != 0)
        return false;
    return want_dir ? S_ISDIR(st->st_mode) : S_ISREG(st->st_mode);
}

static bool is_own(const struct stat *st)
{
    return st->st_uid == geteuid() || st->st_uid == 0;
}

/// `out` names the directory. Refuses one that another user controls.
static pg_status check_owner(pg_buf *out, const struct stat *marker, pg_error *err)
{
    pg_buf_put_char(out, '\0');
    if (out->failed)
        return pg_error_set(err, PG_NOMEM, "out of memory");
    out->len--;
    struct stat dir;
    if (stat(out->ptr, &dir) != 0)
        return pg__fs_fail(err, errno, "looking for the workspace");
    const struct stat *foreign = !is_own(&dir) ? &dir : !is_own(marker) ? marker : NULL;
    if (foreign != NULL)
        return pg_error_set(err, PG_PERMISSION,
                            "the workspace %s belongs to user %u; name it with --root to use it",
                            out->ptr, (unsigned)foreign->st_uid);
    if ((dir.st_mode & S_IWOTH) != 0 && (dir.st_mode & S_ISVTX) == 0)
        return pg_error_set(err, PG_PERMISSION,
                            "anyone may write into the workspace %s; name it with --root to use it",
                            out->ptr);
    return PG_OK;
}

static pg_status search(pg_str at, const pg_str *markers, size_t count, pg_buf *scratch,
                        pg_buf *out, size_t *which, pg_error *err)
{
    for (;;) {
        while (at.len > 0 && at.ptr[at.len - 1] == '/')
            at.len--;
        struct stat st;
        for (size_t i = 0; i < count; i++) {
            if (!has_marker(scratch, at, markers[i], &st))
                continue;
            pg_buf_put_str(out, at.len > 0 ? at : PG_STR("/"));
            if (which != NULL)
                *which = i;
            return check_owner(out, &st, err);
        }
        if (scratch->failed)
            return pg_error_set(err, PG_NOMEM, "out of memory");
        if (at.len == 0)
            return pg_error_set(err, PG_NOT_FOUND, "no directory on the way up is a workspace");
        while (at.len > 0 && at.ptr[at.len - 1] != '/')
            at.len--;
    }
}

pg_status pg_fs_find_up(pg_str start, const pg_str *markers, size_t count, pg_buf *out,
                        size_t *which, pg_error *err)
{
    out->len = 0;
    if (start.len == 0 || start.ptr[0] != '/')
        return pg_error_set(err, PG_INVALID, "the search for a workspace needs an absolute path");
    if (start.len > PG_FS_MAX_PATH || memchr(start.ptr, '\0', start.len) != NULL)
        return pg_error_set(err, PG_BAD_INPUT, "the path is too long or contains a NUL byte");
    pg_buf scratch;
    pg_buf_init(&scratch, out->alloc);
    pg_status status = search(start, markers, count, &scratch, out, which, err);
    pg_buf_free(&scratch);
    if (status != PG_OK)
        out->len = 0;
    return status;
}
