/// The file of totals: opening, locking, reading and writing halves. See metrics_store_internal.h.
#include "metrics_store_internal.h"

#include "metrics_record.h"

#include "promptgen/hash.h"
#include "promptgen/timer.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    SCHEMA = 1,
    BYTE_ORDER_TAG = 0x01020304,
    OPEN_TRIES = 8, ///< a file may be set aside between opening and locking it
};

static const char magic[8] = "PGMETRIC";

pg_status pg__store_errno(const char *verb, pg_error *err)
{
    pg_status code = PG_IO;
    if (errno == EACCES || errno == EPERM)
        code = PG_PERMISSION;
    else if (errno == ENOENT)
        code = PG_NOT_FOUND;
    else if (errno == ENOTDIR)
        code = PG_NOT_DIRECTORY;
    else if (errno == ELOOP || errno == EISDIR || errno == ENXIO)
        code = PG_NOT_REGULAR;
    return pg_error_set(err, code, "cannot %s the totals of the metrics: %s", verb,
                        strerror(errno));
}

void pg__store_close(int fd)
{
    if (fd >= 0)
        (void)close(fd);
}

/// Waits for the lock in growing steps: flock itself knows no time limit.
static pg_status lock(int fd, int op, int64_t wait_ns, pg_error *err)
{
    pg_deadline deadline = pg_deadline_after(NULL, wait_ns);
    long pause_ns = 50000;
    while (op != 0 && flock(fd, op | LOCK_NB) != 0) {
        if (errno == EINTR)
            continue;
        if (errno != EWOULDBLOCK)
            return pg__store_errno("lock", err);
        if (pg_deadline_passed(&deadline))
            return pg_error_set(err, PG_LIMIT, "the totals of the metrics stay locked");
        struct timespec pause = {0, pause_ns};
        (void)nanosleep(&pause, NULL);
        if (pause_ns < 1000000)
            pause_ns *= 2;
    }
    return PG_OK;
}

/// One try to open and lock; `*same` tells whether the path still means the file.
static pg_status open_once(const char *path, int flags, int op, int64_t wait_ns, int *fd,
                           bool *same, pg_error *err)
{
    *fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600);
    if (*fd < 0)
        return pg__store_errno("open", err);
    struct stat own, named;
    if (fstat(*fd, &own) != 0)
        return pg__store_errno("open", err);
    if (!S_ISREG(own.st_mode))
        return pg_error_set(err, PG_NOT_REGULAR, "the totals of the metrics are no regular file");
    pg_status status = lock(*fd, op, wait_ns, err);
    if (status != PG_OK)
        return status;
    *same = stat(path, &named) == 0 && named.st_ino == own.st_ino && named.st_dev == own.st_dev;
    return PG_OK;
}

pg_status pg__store_open(const char *path, int flags, int op, int64_t wait_ns, int *fd,
                         pg_error *err)
{
    for (int i = 0; i < OPEN_TRIES; i++) {
        int opened = -1;
        bool same = false;
        pg_status status = open_once(path, flags, op, wait_ns, &opened, &same, err);
        if (status == PG_OK && same) {
            *fd = opened;
            return PG_OK;
        }
        pg__store_close(opened);
        if (status != PG_OK)
            return status;
    }
    return pg_error_set(err, PG_LIMIT, "the totals of the metrics keep being replaced");
}

/// Reads up to `len` bytes; returns how many there were, or -1.
static ssize_t read_at(int fd, void *out, size_t len, off_t at)
{
    size_t done = 0;
    while (done < len) {
        ssize_t n = pread(fd, (char *)out + done, len - done, at + (off_t)done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        done += (size_t)n;
    }
    return (ssize_t)done;
}

static pg_status write_at(int fd, const void *bytes, size_t len, off_t at, pg_error *err)
{
    size_t done = 0;
    while (done < len) {
        ssize_t n = pwrite(fd, (const char *)bytes + done, len - done, at + (off_t)done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return pg__store_errno("write", err);
        done += (size_t)n;
    }
    return PG_OK;
}

static uint64_t hash_head(const pg_half *head)
{
    return pg_hash64((pg_str){(const char *)head, offsetof(pg_half, head_hash)});
}

static off_t half_offset(uint64_t generation)
{
    return generation % 2 == 1 ? 0 : PG_METRICS_STORE_HALF;
}

/// True when the head of a half verifies, in whatever schema.
static bool is_head(const pg_half *head)
{
    return memcmp(head->magic, magic, sizeof magic) == 0 && head->order == BYTE_ORDER_TAG &&
           head->head_hash == hash_head(head);
}

/// Reads the records of a half whose head verifies; PG_CORRUPT when they do not.
static pg_status read_records(int fd, const pg_half *head, off_t at, pg_buf *records, pg_error *err)
{
    records->len = 0;
    if (head->length > PG_METRICS_STORE_HALF - sizeof *head)
        return pg_error_set(err, PG_CORRUPT, "a half of the totals is too long");
    if (!pg_buf_reserve(records, (size_t)head->length + 1))
        return pg_error_set(err, PG_NOMEM, "no memory for the totals of the metrics");
    ssize_t n = read_at(fd, records->ptr, head->length, at + (off_t)sizeof *head);
    if (n < 0)
        return pg__store_errno("read", err);
    pg_str bytes = {records->ptr, (size_t)n};
    if ((size_t)n != head->length || pg_hash64(bytes) != head->records_hash)
        return pg_error_set(err, PG_CORRUPT, "a half of the totals does not verify");
    pg_status status = pg__records_check(bytes, err);
    if (status == PG_OK)
        records->len = (size_t)n;
    return status;
}

pg_status pg__store_read(int fd, pg_half *head, pg_buf *records, pg_error *err)
{
    pg_half heads[2];
    memset(heads, 0, sizeof heads);
    ssize_t first = read_at(fd, &heads[0], sizeof heads[0], 0);
    ssize_t second = read_at(fd, &heads[1], sizeof heads[1], PG_METRICS_STORE_HALF);
    if (first < 0 || second < 0)
        return pg__store_errno("read", err);
    bool usable[2] = {is_head(&heads[0]), is_head(&heads[1])};
    for (int i = 0; i < 2; i++)
        if (usable[i] && heads[i].schema != SCHEMA)
            return pg_error_set(err, PG_CORRUPT, "another version wrote the totals of the metrics");
    int better = usable[1] && (!usable[0] || heads[1].generation > heads[0].generation);
    pg_status status = pg_error_set(err, PG_CORRUPT, "no half of the totals verifies");
    for (int tries = 0; tries < 2 && status == PG_CORRUPT; tries++, better = !better) {
        if (!usable[better])
            continue;
        status = read_records(fd, &heads[better], better ? PG_METRICS_STORE_HALF : 0, records, err);
        if (status == PG_OK)
            *head = heads[better];
    }
    if (status == PG_OK)
        pg_error_clear(err);
    return status;
}

pg_status pg__store_write(int fd, const pg_half *head, pg_totals *totals, pg_error *err)
{
    pg_half next = *head;
    memcpy(next.magic, magic, sizeof magic);
    next.order = BYTE_ORDER_TAG;
    next.schema = SCHEMA;
    next.generation++;
    pg_str records = {"", 0};
    if (totals != NULL && totals->bytes.len > sizeof next)
        records = pg_str_slice(pg_buf_str(&totals->bytes), sizeof next, totals->bytes.len);
    next.length = (uint32_t)records.len;
    next.records_hash = pg_hash64(records);
    next.head_hash = hash_head(&next);
    off_t at = half_offset(next.generation);
    if (totals == NULL || records.len == 0)
        return write_at(fd, &next, sizeof next, at, err);
    memcpy(totals->bytes.ptr, &next, sizeof next); // the front is kept free for it
    return write_at(fd, totals->bytes.ptr, totals->bytes.len, at, err);
}

/// Gives the file `made` its name unless that is taken.
static pg_status publish(const char *made, const char *name, pg_error *err)
{
    if (renameat2(AT_FDCWD, made, AT_FDCWD, name, RENAME_NOREPLACE) == 0)
        return PG_OK;
    bool is_unknown = errno == EINVAL || errno == ENOSYS; // an old kernel or file system
    bool is_done = errno == EEXIST || (is_unknown && (link(made, name) == 0 || errno == EEXIST));
    pg_status status = is_done ? PG_OK : pg__store_errno("make", err);
    (void)unlink(made);
    return status;
}

pg_status pg__store_make(const pg_metrics_store *store, pg_error *err)
{
    char path[METRICS_DIR_MAX + 64];
    (void)snprintf(path, sizeof path, "%s.XXXXXX", store->file);
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0)
        return pg__store_errno("make", err);
    const pg_half none = {.created_ns = pg_now_ns(store->wall)};
    pg_status status = pg__store_write(fd, &none, NULL, err);
    pg__store_close(fd);
    if (status == PG_OK)
        return publish(path, store->file, err);
    (void)unlink(path);
    return status;
}
