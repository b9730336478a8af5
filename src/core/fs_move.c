/// Moving files beneath a root, and removing what is empty then. See fs.h.
#include "fs_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

pg_status pg__fs_split_name(pg__path *path, const char **parent, const char **name, pg_error *err)
{
    char *slash = strrchr(path->text, '/');
    *name = slash != NULL ? slash + 1 : path->text;
    *parent = slash != NULL ? path->text : ".";
    if (**name == '\0' || strcmp(*name, ".") == 0 || strcmp(*name, "..") == 0)
        return pg_error_set(err, PG_INVALID, "the path names no file");
    if (slash != NULL)
        *slash = '\0';
    return PG_OK;
}

/// One end of a move: a directory held open, and a name in it.
typedef struct end {
    pg__path path; ///< split: parent and name point into it
    const char *parent;
    const char *name;
    int dir; ///< -1 = not open
} end;

static pg_status check_end(pg_str path, end *e, pg_error *err)
{
    e->dir = -1;
    pg_status status = pg__fs_path(path, &e->path, err);
    return status == PG_OK ? pg__fs_split_name(&e->path, &e->parent, &e->name, err) : status;
}

static pg_status open_end(const pg_root *root, end *e, pg_error *err)
{
    e->dir = pg__fs_open(root, e->parent, O_RDONLY | O_DIRECTORY);
    return e->dir >= 0 ? PG_OK : pg__fs_fail(err, errno, "opening the directory");
}

static void close_end(end *e)
{
    if (e->dir >= 0)
        (void)close(e->dir);
}

/// What is about to be moved: a file or a link, and the one that was expected.
static pg_status check_source(const pg_root *root, const end *from, const pg_move_options *options,
                              pg_error *err)
{
    struct stat st;
    if (fstatat(from->dir, from->name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return pg__fs_fail(err, errno, "moving");
    if (S_ISDIR(st.st_mode))
        return pg_error_set(err, PG_NOT_REGULAR, "a directory is there, not a file");
    if (options->expected == NULL)
        return PG_OK;
    pg_signature now = pg__fs_signature(root, from->dir, &st, 0);
    if (!pg_signature_equal(&now, options->expected))
        return pg_error_set(err, PG_CONFLICT, "the file has changed since it was read");
    return PG_OK;
}

/// Where the file system cannot rename without replacing, a hard link does the same in two steps.
static pg_status rename_new(const pg_root *root, const end *from, const end *to, pg_error *err)
{
    int result =
        root->options.ops->renameat2(from->dir, from->name, to->dir, to->name, RENAME_NOREPLACE);
    if (result != 0 && (errno == EINVAL || errno == ENOSYS)) {
        result = linkat(from->dir, from->name, to->dir, to->name, 0);
        if (result == 0)
            result = unlinkat(from->dir, from->name, 0);
    }
    if (result == 0)
        return PG_OK;
    if (errno == EEXIST)
        return pg_error_set(err, PG_CONFLICT, "something is there already");
    if (errno == EXDEV)
        return pg_error_set(err, PG_IO, "the new place is on another file system");
    return pg__fs_fail(err, errno, "moving");
}

static pg_status sync_dir(const pg_root *root, int dir, pg_error *err)
{
    if (root->options.ops->fsync(dir) != 0 && errno != EINVAL)
        return pg__fs_fail(err, errno, "writing the directory to the disk");
    return PG_OK;
}

pg_status pg_root_move(const pg_root *root, pg_str from, pg_str to, const pg_move_options *options,
                       pg_error *err)
{
    static const pg_move_options defaults = {0};
    end source, target;
    if (options == NULL)
        options = &defaults;
    pg_status status = check_end(from, &source, err);
    if (status == PG_OK)
        status = check_end(to, &target, err);
    else
        target.dir = -1;
    if (status == PG_OK)
        status = open_end(root, &source, err);
    if (status == PG_OK)
        status = check_source(root, &source, options, err);
    if (status == PG_OK && options->make_parents)
        status = pg_root_make_dirs(root, pg_str_from(target.parent), err);
    if (status == PG_OK)
        status = open_end(root, &target, err);
    if (status == PG_OK)
        status = rename_new(root, &source, &target, err);
    if (status == PG_OK && !options->no_sync)
        status = sync_dir(root, target.dir, err);
    if (status == PG_OK && !options->no_sync)
        status = sync_dir(root, source.dir, err);
    close_end(&source);
    close_end(&target);
    return status;
}

pg_status pg_root_remove_dir(const pg_root *root, pg_str path, pg_error *err)
{
    end e;
    pg_status status = check_end(path, &e, err);
    if (status == PG_OK)
        status = open_end(root, &e, err);
    if (status == PG_OK && unlinkat(e.dir, e.name, AT_REMOVEDIR) != 0)
        status = errno == ENOTEMPTY || errno == EEXIST
                     ? pg_error_set(err, PG_CONFLICT, "the directory is not empty")
                     : pg__fs_fail(err, errno, "removing");
    close_end(&e);
    return status;
}
