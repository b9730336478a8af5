/// Reading and writing single records. See store.h for the rules.
#include "store_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const int64_t touch_after_ns = INT64_C(24) * 3600 * PG_NS_PER_SECOND;

store_path pg__store_path_named(const char *name)
{
    store_path path;
    (void)snprintf(path.text, sizeof path.text, "%.2s/%.16s", name, name);
    return path;
}

store_path pg__store_path_of(pg_str key)
{
    char name[STORE_NAME + 1];
    (void)snprintf(name, sizeof name, "%016llx", (unsigned long long)pg_hash64(key));
    return pg__store_path_named(name);
}

/// Reads `size` bytes and makes sure that there are no more; NULL and `*miss` on failure.
static char *read_block(pg_store *store, int fd, size_t size, pg_store_miss *miss)
{
    char *block = pg_malloc(store->options.alloc, size);
    *miss = PG_STORE_MISS_UNREADABLE;
    size_t used = 0;
    while (block != NULL && used < size) {
        ssize_t n = store->options.ops->read(fd, block + used, size - used);
        if (n > 0) {
            used += (size_t)n;
        } else if (n == 0 || errno != EINTR) {
            *miss = n == 0 ? PG_STORE_MISS_TRUNCATED : PG_STORE_MISS_UNREADABLE;
            pg_free(store->options.alloc, block, size);
            block = NULL;
        }
    }
    return block;
}

static pg_store_miss check_file(const struct stat *st)
{
    if (!S_ISREG(st->st_mode) || st->st_uid != geteuid() || st->st_size > STORE_MAX_RECORD)
        return PG_STORE_MISS_UNTRUSTED;
    return st->st_size < (off_t)sizeof(store_header) ? PG_STORE_MISS_TRUNCATED : PG_STORE_MISS_NONE;
}

static void renew_time(pg_store *store, int fd, const struct stat *st)
{
    int64_t used_ns = (int64_t)st->st_mtim.tv_sec * PG_NS_PER_SECOND + st->st_mtim.tv_nsec;
    int64_t now_ns = pg_now_ns(store->options.clock);
    if (now_ns - used_ns <= touch_after_ns)
        return;
    const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT},
                                      {.tv_sec = (time_t)(now_ns / PG_NS_PER_SECOND),
                                       .tv_nsec = (long)(now_ns % PG_NS_PER_SECOND)}};
    (void)futimens(fd, times); // of no consequence when it fails
}

static pg_store_record *load_open_file(pg_store *store, int fd, bool touch, pg_store_miss *miss)
{
    struct stat st;
    if (fstat(fd, &st) != 0) {
        *miss = PG_STORE_MISS_UNREADABLE;
        return NULL;
    }
    *miss = check_file(&st);
    if (*miss != PG_STORE_MISS_NONE)
        return NULL;
    size_t size = (size_t)st.st_size;
    char *block = read_block(store, fd, size, miss);
    if (block == NULL)
        return NULL;
    pg_store_record *record =
        pg__store_decode(store->options.alloc, block, size, store->options.schema, miss);
    if (record == NULL)
        pg_free(store->options.alloc, block, size);
    else if (touch)
        renew_time(store, fd, &st);
    return record;
}

pg_store_record *pg__store_load(pg_store *store, const store_path *path, bool touch,
                                pg_store_miss *miss)
{
    // Without O_NONBLOCK a planted FIFO would make this wait.
    int fd = store->options.ops->openat(store->fd, path->text,
                                        O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0);
    if (fd < 0) {
        *miss = errno == ENOENT  ? PG_STORE_MISS_ABSENT
                : errno == ELOOP ? PG_STORE_MISS_UNTRUSTED
                                 : PG_STORE_MISS_UNREADABLE;
        return NULL;
    }
    pg_store_record *record = load_open_file(store, fd, touch, miss);
    (void)close(fd);
    return record;
}

/// Whether a file that missed for this reason is of no use to anybody.
static bool is_damage(pg_store_miss miss)
{
    switch (miss) {
    case PG_STORE_MISS_UNTRUSTED:
    case PG_STORE_MISS_TRUNCATED:
    case PG_STORE_MISS_MAGIC:
    case PG_STORE_MISS_SCHEMA:
    case PG_STORE_MISS_CHECKSUM:
    case PG_STORE_MISS_LAYOUT:
        return true;
    default:
        return false;
    }
}

static pg_store_record *find(pg_store *store, pg_str key, pg_store_miss *miss)
{
    *miss = PG_STORE_MISS_ABSENT;
    if (!pg__store_enter(store, false, NULL))
        return NULL;
    store_path path = pg__store_path_of(key);
    pg_store_record *record = pg__store_load(store, &path, true, miss);
    if (is_damage(*miss))
        (void)unlinkat(store->fd, path.text, 0);
    if (record != NULL && !pg_str_equal(record->key, key)) {
        *miss = PG_STORE_MISS_COLLISION;
        pg_store_record_free(record);
        record = NULL;
    }
    return record;
}

pg_store_record *pg_store_get(pg_store *store, pg_str key, pg_store_miss *miss)
{
    pg_store_miss why;
    pg_store_record *record = find(store, key, &why);
    if (record == NULL)
        store->stats.misses[why]++;
    else
        store->stats.hits++;
    if (miss != NULL)
        *miss = why;
    return record;
}

static bool put_record(pg_store *store, pg_str key, pg_str root, const pg_dep *deps,
                       size_t dep_count, const pg_str *parts, size_t part_count,
                       int64_t created_ns);

/// Counts what became of a record that was looked for, and writes a refreshed one again.
static void conclude(pg_store *store, pg_str key, const pg_store_record *record, pg_store_miss why,
                     const pg_store_verdict *verdict)
{
    if (why == PG_STORE_MISS_NONE) {
        store->stats.hits++;
        pg__store_count_hit(store, key);
    } else {
        store->stats.misses[why]++;
    }
    store->stats.hashed += verdict->hashed;
    if (record != NULL && verdict->state == PG_STORE_REFRESHED &&
        put_record(store, key, record->root, record->deps, record->dep_count, &record->payload, 1,
                   record->created_ns))
        store->stats.refreshed++;
}

pg_store_record *pg_store_fetch(pg_store *store, pg_str key, const pg_root *root,
                                pg_store_miss *miss, pg_store_verdict *verdict)
{
    pg_store_miss why;
    pg_store_verdict found = {0};
    pg_store_record *record = find(store, key, &why);
    if (record != NULL)
        found = pg_store_validate(record, root);
    if (record != NULL && found.state == PG_STORE_STALE)
        why = PG_STORE_MISS_STALE;
    conclude(store, key, record, why, &found);
    if (why != PG_STORE_MISS_NONE) {
        pg_store_record_free(record);
        record = NULL;
    }
    if (miss != NULL)
        *miss = why;
    if (verdict != NULL)
        *verdict = found;
    return record;
}

pg_store_record *pg_store_fetch_each(pg_store *store, pg_str key, const pg_root *root,
                                     pg_store_miss *miss, pg_store_verdict *verdict)
{
    pg_store_miss why;
    *verdict = (pg_store_verdict){0};
    pg_store_record *record = find(store, key, &why);
    if (record != NULL)
        *verdict = pg_store_validate_each(record, root, 0);
    if (record != NULL && verdict->state == PG_STORE_STALE)
        why = PG_STORE_MISS_STALE;
    conclude(store, key, record, why, verdict);
    if (miss != NULL)
        *miss = why;
    return record;
}

static bool is_name(const char *name)
{
    return strspn(name, "0123456789abcdef") == STORE_NAME && name[STORE_NAME] == '\0';
}

pg_store_record *pg_store_inspect(pg_store *store, const char *name, pg_store_miss *miss)
{
    pg_store_miss why = PG_STORE_MISS_ABSENT;
    pg_store_record *record = NULL;
    if (pg__store_enter(store, false, NULL) && strspn(name, "0123456789abcdef") == STORE_NAME &&
        name[STORE_NAME] == '\0') {
        store_path path = pg__store_path_named(name);
        record = pg__store_load(store, &path, false, &why);
    }
    if (miss != NULL)
        *miss = why;
    return record;
}

bool pg_store_discard(pg_store *store, const char *name)
{
    if (!is_name(name) || !pg__store_enter(store, false, NULL))
        return false;
    store_path path = pg__store_path_named(name);
    return unlinkat(store->fd, path.text, 0) == 0;
}

/// Creates the temporary file beside `path`; makes the directory when that is missing.
static int create_temp(pg_store *store, const store_path *path, char *temp, size_t size)
{
    const int64_t seed[] = {pg_now_ns(&pg_clock_realtime), (int64_t)getpid(),
                            (int64_t)store->temp_serial++};
    (void)snprintf(
        temp, size, "%.2s/.%d.%llu.%08llx", path->text, (int)getpid(),
        (unsigned long long)store->temp_serial,
        (unsigned long long)(pg_hash64((pg_str){(const char *)seed, sizeof seed}) >> 32));
    enum { CREATE = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC };
    int fd = store->options.ops->openat(store->fd, temp, CREATE, 0600);
    if (fd >= 0 || errno != ENOENT)
        return fd;
    const char sub[] = {path->text[0], path->text[1], '\0'};
    (void)mkdirat(store->fd, sub, 0700);
    return store->options.ops->openat(store->fd, temp, CREATE, 0600);
}

static bool write_all(const pg_store_ops *ops, int fd, pg_str bytes)
{
    for (size_t done = 0; done < bytes.len;) {
        ssize_t n = ops->write(fd, bytes.ptr + done, bytes.len - done);
        if (n == 0)
            errno = EIO;
        if (n > 0)
            done += (size_t)n;
        else if (errno != EINTR)
            return false;
    }
    return true;
}

/// Writes `bytes` as the record file at `path`. Returns 0 or an errno.
static int save(pg_store *store, const store_path *path, pg_str bytes)
{
    char temp[96];
    int fd = create_temp(store, path, temp, sizeof temp);
    if (fd < 0)
        return errno;
    int failure = write_all(store->options.ops, fd, bytes) ? 0 : errno;
    if (close(fd) != 0 && failure == 0)
        failure = errno;
    if (failure == 0 && store->options.ops->renameat(store->fd, temp, store->fd, path->text) != 0)
        failure = errno;
    if (failure != 0)
        (void)unlinkat(store->fd, temp, 0);
    return failure;
}

/// Turns writing off after a failure that the next write would meet again.
static void judge_failure(pg_store *store, int failure)
{
    switch (failure) {
    case ENOSPC:
    case EDQUOT:
    case EROFS:
    case EACCES:
    case EPERM:
    case EFBIG:
    case EIO:
        (void)snprintf(store->problem, sizeof store->problem, "writing to the cache failed: %s",
                       strerrordesc_np(failure));
        break;
    default:
        break; // may work next time
    }
}

/// Saves, after making the directories once more if somebody removed them.
static bool save_record(pg_store *store, pg_str key, pg_str bytes)
{
    store_path path = pg__store_path_of(key);
    int failure = save(store, &path, bytes);
    if (failure == ENOENT) {
        (void)close(store->fd);
        store->fd = -1;
        if (pg__store_enter(store, true, NULL))
            failure = save(store, &path, bytes);
    }
    judge_failure(store, failure);
    return failure == 0;
}

/// Notes a write and collects when that is due.
static void count_write(pg_store *store, size_t bytes)
{
    store->stats.writes++;
    store->bytes += bytes; // an older version of the record is not taken off: better too early
    store->records++;
    bool over = store->counted && (store->bytes > store->options.max_bytes ||
                                   store->records > store->options.max_records);
    if (--store->writes_to_gc == 0 || over)
        (void)pg_store_collect(store);
}

static bool put_record(pg_store *store, pg_str key, pg_str root, const pg_dep *deps,
                       size_t dep_count, const pg_str *parts, size_t part_count, int64_t created_ns)
{
    if (store->problem[0] != '\0' || !pg__store_deps_valid(deps, dep_count))
        return false;
    pg_error err = {0};
    if (!pg__store_enter(store, true, &err)) {
        (void)snprintf(store->problem, sizeof store->problem, "%.*s",
                       (int)sizeof store->problem - 1,
                       err.code != PG_OK ? err.message : "the cache directory cannot be made");
        return false;
    }
    pg_buf file;
    pg_buf_init(&file, store->options.alloc);
    pg__store_encode(&file, store->options.schema, created_ns, root, key, deps, dep_count, parts,
                     part_count);
    bool ok = !file.failed && file.len <= store->options.max_bytes &&
              save_record(store, key, pg_buf_str(&file));
    if (ok)
        count_write(store, file.len);
    pg_buf_free(&file);
    return ok;
}

bool pg_store_put(pg_store *store, pg_str key, const pg_root *root, const pg_dep *deps,
                  size_t dep_count, pg_str payload)
{
    return pg_store_put_parts(store, key, root, deps, dep_count, &payload, 1);
}

bool pg_store_put_parts(pg_store *store, pg_str key, const pg_root *root, const pg_dep *deps,
                        size_t dep_count, const pg_str *parts, size_t part_count)
{
    bool ok = put_record(store, key, pg_root_path(root), deps, dep_count, parts, part_count,
                         pg_now_ns(store->options.clock));
    store->stats.write_failures += !ok;
    return ok;
}

bool pg_store_has(pg_store *store, pg_str key)
{
    struct stat st;
    store_path path = pg__store_path_of(key);
    return pg__store_enter(store, false, NULL) &&
           fstatat(store->fd, path.text, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

bool pg_store_remove(pg_store *store, pg_str key)
{
    if (!pg__store_enter(store, false, NULL))
        return false;
    store_path path = pg__store_path_of(key);
    return unlinkat(store->fd, path.text, 0) == 0;
}
