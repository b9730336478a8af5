/// Opening a store, the trust in its directories, and its counts. See store.h.
#include "store_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int kernel_openat(int dir, const char *path, int flags, mode_t mode)
{
    return openat(dir, path, flags, mode);
}

const pg_store_ops pg__store_kernel = {kernel_openat, read, write, renameat};

const char *pg_store_miss_name(pg_store_miss miss)
{
    static const char *const names[PG_STORE_MISS_COUNT] = {
#define PG_STORE_MISS_NAME(symbol, name) name,
        PG_STORE_MISS_LIST(PG_STORE_MISS_NAME)
#undef PG_STORE_MISS_NAME
    };
    return (unsigned)miss < PG_STORE_MISS_COUNT ? names[miss] : "none";
}

bool pg__store_is_private(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid() &&
           (st.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

static pg_status open_failed(pg_error *err, int errnum)
{
    switch (errnum) {
    case ELOOP:
    case ENOTDIR: // with O_NOFOLLOW | O_DIRECTORY a link gives this too
        return pg_error_set(err, PG_NOT_DIRECTORY,
                            "the cache directory is a link or not a directory");
    case EACCES:
    case EPERM:
    case EROFS:
        return pg_error_set(err, PG_PERMISSION, "the cache directory is not accessible: %s",
                            strerrordesc_np(errnum));
    default:
        return pg_error_set(err, PG_IO, "opening the cache directory failed: %s",
                            strerrordesc_np(errnum));
    }
}

/// Makes the directories of an absolute path; what is there already is fine.
static void make_path(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(path, 0700);
        *slash = '/';
    }
    (void)mkdir(path, 0700);
}

enum { DIRECTORY = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };

/// Opens a directory that nobody else can write into. -1 and, in *status, PG_OK when it does not
/// exist, else the recorded error.
static int open_private(pg_store *store, int dir, const char *name, pg_status *status,
                        pg_error *err)
{
    int fd = store->options.ops->openat(dir, name, DIRECTORY, 0);
    *status = PG_OK;
    if (fd < 0) {
        if (errno != ENOENT)
            *status = open_failed(err, errno);
        return -1;
    }
    if (pg__store_is_private(fd))
        return fd;
    (void)close(fd);
    *status = pg_error_set(err, PG_PERMISSION,
                           "the cache directory belongs to another user or others may write it");
    return -1;
}

static pg_status enter(pg_store *store, bool create, pg_error *err)
{
    pg_status status = PG_OK;
    if (create)
        make_path(store->dir);
    int base = open_private(store, AT_FDCWD, store->dir, &status, err);
    if (base < 0)
        return status;
    if (create)
        (void)mkdirat(base, store->version, 0700);
    store->fd = open_private(store, base, store->version, &status, err);
    (void)close(base);
    return status;
}

int pg__store_open_base(pg_store *store)
{
    pg_status status = PG_OK;
    return open_private(store, AT_FDCWD, store->dir, &status, NULL);
}

bool pg__store_enter(pg_store *store, bool create, pg_error *err)
{
    if (store->fd < 0)
        (void)enter(store, create, err);
    return store->fd >= 0;
}

static pg_store_options with_defaults(const pg_store_options *options)
{
    pg_store_options o = options != NULL ? *options : (pg_store_options){0};
    if (o.max_bytes == 0)
        o.max_bytes = PG_STORE_MAX_BYTES;
    if (o.max_records == 0)
        o.max_records = PG_STORE_MAX_RECORDS;
    if (o.clock == NULL)
        o.clock = &pg_clock_realtime;
    if (o.ops == NULL)
        o.ops = &pg__store_kernel;
    return o;
}

static size_t store_size(size_t dir_len)
{
    return sizeof(pg_store) + dir_len + 1;
}

/// Writes between collections are counted from a place that differs between processes, so that many
/// short ones collect as often as one long one.
static uint64_t first_collection(const pg_clock *clock)
{
    const int64_t seed[] = {pg_now_ns(clock), (int64_t)getpid()};
    return 1 + pg_hash64((pg_str){(const char *)seed, sizeof seed}) % STORE_GC_EVERY;
}

pg_status pg_store_open(pg_str dir, const pg_store_options *options, pg_store **out, pg_error *err)
{
    if (dir.len == 0 || dir.ptr[0] != '/' || dir.len > PG_FS_MAX_PATH - 64 ||
        memchr(dir.ptr, '\0', dir.len) != NULL)
        return pg_error_set(err, PG_INVALID,
                            "the cache directory is not an absolute path, or is too long");
    pg_store_options filled = with_defaults(options);
    pg_store *store = pg_calloc(filled.alloc, 1, store_size(dir.len));
    if (store == NULL)
        return pg_error_set(err, PG_NOMEM, "no memory for a store");
    store->options = filled;
    store->fd = -1;
    store->hits_fd = STORE_HITS_CLOSED;
    store->writes_to_gc = first_collection(filled.clock);
    store->dir_len = dir.len;
    memcpy(store->dir, dir.ptr, dir.len);
    (void)snprintf(store->version, sizeof store->version, "v%016llx",
                   (unsigned long long)pg__store_version(filled.schema));
    pg_status status = enter(store, false, err);
    if (status != PG_OK) {
        pg_store_close(store);
        return status;
    }
    *out = store;
    return PG_OK;
}

void pg_store_close(pg_store *store)
{
    if (store == NULL)
        return;
    pg__store_close_hits(store);
    if (store->fd >= 0)
        (void)close(store->fd);
    pg_free(store->options.alloc, store, store_size(store->dir_len));
}

const char *pg_store_problem(const pg_store *store)
{
    return store->problem[0] != '\0' ? store->problem : NULL;
}

void pg_store_read_stats(const pg_store *store, pg_store_stats *stats)
{
    *stats = store->stats;
    stats->max_bytes = store->options.max_bytes;
    stats->max_records = store->options.max_records;
}

uint64_t pg_store_program_version(void)
{
    struct stat st;
    if (stat("/proc/self/exe", &st) != 0)
        return 0;
    const uint64_t parts[] = {st.st_dev, st.st_ino, (uint64_t)st.st_size,
                              (uint64_t)st.st_mtim.tv_sec, (uint64_t)st.st_mtim.tv_nsec};
    return pg_hash64((pg_str){(const char *)parts, sizeof parts});
}
