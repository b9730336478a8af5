/// Gains that could not be added at once: appended to a second file, moved over exactly once.
///
/// The file has its own lock, held for one append or while its gains are moved. Its head holds a
/// random id, new with every life of the file; a half notes the id and how many bytes it includes.
/// So when a process dies between writing the half and emptying this file, the next one knows what
/// is already there. See metrics_store_internal.h.
#include "metrics_store_internal.h"

#include "metrics_record.h"

#include "promptgen/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/// What the file begins with.
typedef struct pending_head {
    char magic[8];
    uint64_t id; ///< never 0
} pending_head;

/// What each set of gains begins with; the records follow.
typedef struct entry_head {
    uint32_t tag;
    uint32_t length; ///< of the records, a multiple of 8
    uint64_t hash;   ///< of the records
} entry_head;

enum { ENTRY_TAG = 0x50474554 };

#define PENDING_WAIT_NS INT64_C(10000000)

static const char magic[8] = "PGPENDG1";

bool pg__pending_exists(const pg_metrics_store *store)
{
    struct stat st;
    return stat(store->pending, &st) == 0 && st.st_size > 0;
}

static uint64_t new_id(const pg_metrics_store *store)
{
    uint64_t id = 0;
    if (getrandom(&id, sizeof id, GRND_NONBLOCK) != (ssize_t)sizeof id)
        id = (uint64_t)pg_now_ns(store->wall) ^ (uint64_t)getpid() << 32;
    return id != 0 ? id : 1;
}

/// Reads the whole file, which is locked; what lies beyond the greatest size is not read.
static pg_status read_all(int fd, pg_buf *out, pg_error *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return pg__store_errno("read", err);
    size_t size = st.st_size < PG_METRICS_STORE_PENDING ? (size_t)st.st_size
                                                        : (size_t)PG_METRICS_STORE_PENDING;
    if (!pg_buf_reserve(out, size + 1))
        return pg_error_set(err, PG_NOMEM, "no memory for pending metrics");
    while (out->len < size) {
        ssize_t n = pread(fd, out->ptr + out->len, size - out->len, (off_t)out->len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return pg__store_errno("read", err);
        if (n == 0)
            break;
        out->len += (size_t)n;
    }
    return PG_OK;
}

/// Copies the records of all entries from `at` on that verify into `records`.
static pg_status collect(pg_str file, size_t at, pg_buf *records, pg_error *err)
{
    while (file.len - at >= sizeof(entry_head)) {
        entry_head entry;
        memcpy(&entry, file.ptr + at, sizeof entry);
        at += sizeof entry;
        if (entry.tag != ENTRY_TAG || entry.length > file.len - at || entry.length % 8 != 0)
            break;
        pg_str bytes = {file.ptr + at, entry.length};
        if (pg_hash64(bytes) != entry.hash || pg__records_check(bytes, NULL) != PG_OK)
            break;
        pg_buf_put_str(records, bytes);
        at += entry.length;
    }
    return records->failed ? pg_error_set(err, PG_NOMEM, "no memory for pending metrics") : PG_OK;
}

pg_status pg__pending_read(const pg_metrics_store *store, const pg_half *head, pg_pending *out,
                           pg_error *err)
{
    *out = (pg_pending){.fd = -1};
    pg_buf_init(&out->records, store->alloc);
    if (!pg__pending_exists(store))
        return PG_OK;
    int fd = -1;
    pg_status status = pg__store_open(store->pending, O_RDWR, LOCK_EX, PENDING_WAIT_NS, &fd, err);
    if (status == PG_NOT_FOUND || status == PG_LIMIT) {
        pg_error_clear(err);
        return PG_OK; // another time
    }
    if (status != PG_OK)
        return status;
    pg_buf file;
    pg_buf_init(&file, store->alloc);
    status = read_all(fd, &file, err);
    pending_head begin = {.id = 0};
    if (status == PG_OK && file.len >= sizeof begin)
        memcpy(&begin, file.ptr, sizeof begin);
    if (status == PG_OK && memcmp(begin.magic, magic, sizeof magic) == 0) {
        size_t at = begin.id == head->pending_id ? head->pending_done : sizeof begin;
        if (at >= sizeof begin && at <= file.len)
            status = collect(pg_buf_str(&file), at, &out->records, err);
    }
    out->fd = fd;
    out->id = begin.id;
    out->done = (uint32_t)file.len;
    pg_buf_free(&file);
    if (status != PG_OK)
        pg__pending_close(out, false);
    return status;
}

void pg__pending_close(pg_pending *pending, bool stored)
{
    // Should emptying fail, the half still says what it includes.
    if (stored && pending->fd >= 0)
        (void)(ftruncate(pending->fd, 0) == 0);
    pg__store_close(pending->fd);
    pending->fd = -1;
    pg_buf_free(&pending->records);
}

/// Appends to the locked file in one write; a short one is undone.
static pg_status append(int fd, const pg_buf *bytes, off_t size, pg_error *err)
{
    ssize_t n = write(fd, bytes->ptr, bytes->len);
    if (n == (ssize_t)bytes->len)
        return PG_OK;
    if (n >= 0)
        errno = ENOSPC;
    pg_status status = pg__store_errno("append to", err);
    if (n > 0)
        (void)(ftruncate(fd, size) == 0);
    return status;
}

/// The bytes to append to a file of `size` bytes.
static void put_entry(const pg_metrics_store *store, off_t size, pg_str records, pg_buf *out)
{
    if (size == 0) {
        pending_head begin = {.id = new_id(store)};
        memcpy(begin.magic, magic, sizeof magic);
        pg_buf_put(out, &begin, sizeof begin);
    }
    entry_head entry = {ENTRY_TAG, (uint32_t)records.len, pg_hash64(records)};
    pg_buf_put(out, &entry, sizeof entry);
    pg_buf_put_str(out, records);
}

pg_status pg__pending_append(const pg_metrics_store *store, pg_str records, pg_error *err)
{
    int fd = -1;
    pg_status status = pg__store_open(store->pending, O_RDWR | O_APPEND | O_CREAT, LOCK_EX,
                                      PENDING_WAIT_NS, &fd, err);
    if (status != PG_OK)
        return status;
    struct stat st;
    pg_buf bytes;
    pg_buf_init(&bytes, store->alloc);
    if (fstat(fd, &st) != 0) {
        status = pg__store_errno("append to", err);
    } else {
        put_entry(store, st.st_size, records, &bytes);
        if (bytes.failed)
            status = pg_error_set(err, PG_NOMEM, "no memory for pending metrics");
        else if ((size_t)st.st_size + bytes.len > PG_METRICS_STORE_PENDING)
            status = pg_error_set(err, PG_LIMIT, "too many metrics are pending");
        else
            status = append(fd, &bytes, st.st_size, err);
    }
    pg_buf_free(&bytes);
    pg__store_close(fd);
    return status;
}
