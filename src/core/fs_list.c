/// Directory listings beneath a root, in byte order. See fs.h.
#include "fs_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_RELISTS = 3, BATCH_BYTES = 16384 };

typedef struct entry {
    const char *name; ///< into `names`; an offset from its start while that can still move
    size_t len;
    pg_file_type type;
} entry;

struct pg_listing {
    const pg_alloc *alloc;
    pg_signature signature;
    pg_buf names; ///< NUL-terminated names, one after the other
    entry *entries;
    size_t count;
    size_t cap;
};

static pg_file_type type_of(int dir, const struct dirent64 *d)
{
    switch (d->d_type) {
    case DT_REG:
        return PG_FILE_REGULAR;
    case DT_DIR:
        return PG_FILE_DIR;
    case DT_LNK:
        return PG_FILE_LINK;
    case DT_UNKNOWN: {
        struct stat st;
        if (fstatat(dir, d->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0)
            return pg__fs_type(st.st_mode);
        return PG_FILE_OTHER;
    }
    default:
        return PG_FILE_OTHER;
    }
}

static bool add_entry(pg_listing *l, const char *name, pg_file_type type)
{
    if (l->count == l->cap) {
        size_t cap = l->cap == 0 ? 32 : l->cap * 2;
        entry *grown =
            pg_realloc(l->alloc, l->entries, l->cap * sizeof *grown, cap * sizeof *grown);
        if (grown == NULL)
            return false;
        l->entries = grown;
        l->cap = cap;
    }
    size_t len = strlen(name);
    l->entries[l->count] = (entry){.len = len, .type = type};
    pg_buf_put(&l->names, name, len + 1);
    if (l->names.failed)
        return false;
    l->count++;
    return true;
}

static pg_status read_entries(const pg_root *root, int fd, pg_listing *l, pg_error *err)
{
    _Alignas(struct dirent64) char batch[BATCH_BYTES];
    for (;;) {
        ssize_t got = getdents64(fd, batch, sizeof batch);
        if (got < 0)
            return pg__fs_fail(err, errno, "listing");
        if (got == 0)
            return PG_OK;
        for (ssize_t at = 0; at < got;) {
            const struct dirent64 *d = (const struct dirent64 *)(const void *)(batch + at);
            at += d->d_reclen;
            if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
                continue;
            if (l->count == root->options.max_entries)
                return pg_error_set(err, PG_TOO_LARGE, "the directory has more than %zu entries",
                                    root->options.max_entries);
            if (!add_entry(l, d->d_name, type_of(fd, d)))
                return pg_error_set(err, PG_NOMEM, "out of memory");
        }
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const entry *)a)->name, ((const entry *)b)->name);
}

/// Names have stopped moving: points the entries at them and sorts.
static void finish(pg_listing *l)
{
    const char *name = l->names.ptr;
    for (size_t i = 0; i < l->count; i++) {
        l->entries[i].name = name;
        name += l->entries[i].len + 1;
    }
    if (l->count > 1)
        qsort(l->entries, l->count, sizeof *l->entries, by_name);
}

/// One attempt; `*steady` tells whether the directory stood still.
static pg_status list_attempt(const pg_root *root, int fd, pg_listing *l, bool *steady,
                              pg_error *err)
{
    struct stat before;
    struct stat after;
    int64_t now_ns = pg_now_ns(root->options.clock);
    l->count = 0;
    l->names.len = 0;
    if (lseek(fd, 0, SEEK_SET) < 0 || fstat(fd, &before) != 0)
        return pg__fs_fail(err, errno, "listing");
    pg_status status = read_entries(root, fd, l, err);
    if (status != PG_OK)
        return status;
    if (fstat(fd, &after) != 0)
        return pg__fs_fail(err, errno, "listing");
    l->signature = pg__fs_signature(root, fd, &after, now_ns);
    pg_signature first = pg__fs_signature(root, fd, &before, now_ns);
    *steady = pg_signature_equal(&first, &l->signature);
    return PG_OK;
}

pg_status pg_root_list(const pg_root *root, pg_str path, pg_listing **out, pg_error *err)
{
    pg__path checked;
    pg_status status = pg__fs_path(path, &checked, err);
    if (status != PG_OK)
        return status;
    int fd = pg__fs_open(root, checked.text, O_RDONLY | O_DIRECTORY | O_NONBLOCK);
    if (fd < 0 && errno == ENOTDIR)
        return pg_error_set(err, PG_NOT_DIRECTORY, "not a directory");
    if (fd < 0)
        return pg__fs_fail(err, errno, "opening the directory");
    pg_listing *l = pg_calloc(root->options.alloc, 1, sizeof *l);
    if (l == NULL) {
        (void)close(fd);
        return pg_error_set(err, PG_NOMEM, "out of memory");
    }
    l->alloc = root->options.alloc;
    pg_buf_init(&l->names, l->alloc);
    bool steady = false;
    for (int relist = 0; status == PG_OK && !steady && relist <= MAX_RELISTS; relist++)
        status = list_attempt(root, fd, l, &steady, err);
    (void)close(fd);
    // A directory that never stands still is listed as last seen, and never taken from a cache.
    if (!steady)
        l->signature.flags |= PG_SIG_RACY;
    if (status != PG_OK) {
        pg_listing_free(l);
        return status;
    }
    finish(l);
    *out = l;
    return PG_OK;
}

void pg_listing_free(pg_listing *listing)
{
    if (listing == NULL)
        return;
    pg_buf_free(&listing->names);
    pg_free(listing->alloc, listing->entries, listing->cap * sizeof *listing->entries);
    pg_free(listing->alloc, listing, sizeof *listing);
}

size_t pg_listing_count(const pg_listing *listing)
{
    return listing->count;
}

pg_dir_entry pg_listing_get(const pg_listing *listing, size_t index)
{
    const entry *e = &listing->entries[index];
    return (pg_dir_entry){.name = {e->name, e->len}, .type = e->type};
}

const pg_signature *pg_listing_signature(const pg_listing *listing)
{
    return &listing->signature;
}
