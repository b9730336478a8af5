/// Walking the records: listing, collecting, clearing. See store.h.
///
/// Other processes write and remove while a walk is under way; what is no longer there when its
/// turn comes is passed over.
#include "store_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static const int64_t temp_life_ns = 3600 * PG_NS_PER_SECOND;
static const int64_t schema_life_ns = INT64_C(7) * 24 * 3600 * PG_NS_PER_SECOND;

enum { DIRECTORY = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, KEEP_PERCENT = 80 };

/// Calls `visit` for each entry of the directory `name` in `dir` but "." and "..".
typedef bool (*entry_visit)(void *ctx, int dir, const char *name);

static bool each_entry(int dir, const char *name, entry_visit visit, void *ctx)
{
    int fd = openat(dir, name, DIRECTORY);
    if (fd < 0)
        return true;
    DIR *stream = fdopendir(fd);
    if (stream == NULL) {
        (void)close(fd);
        return true;
    }
    bool go_on = true;
    for (struct dirent *e = readdir(stream); e != NULL && go_on; e = readdir(stream))
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            go_on = visit(ctx, dirfd(stream), e->d_name);
    (void)closedir(stream);
    return go_on;
}

static bool is_hex(const char *name, size_t len)
{
    return strspn(name, "0123456789abcdef") == len && name[len] == '\0';
}

/// What a walk over the records of this schema finds.
typedef struct walk {
    pg_store *store;
    pg_store_item *items;
    size_t count, cap;
    bool failed;       ///< memory is short
    bool remove_temps; ///< remove old temporary files on the way
    bool remove_all;   ///< remove every file on the way
    int64_t now_ns;
    size_t removed, temps; ///< removed records and temporary files
} walk;

static int64_t mtime_ns(const struct stat *st)
{
    return (int64_t)st->st_mtim.tv_sec * PG_NS_PER_SECOND + st->st_mtim.tv_nsec;
}

static void add_item(walk *w, const char *name, const struct stat *st)
{
    if (w->count == w->cap) {
        size_t cap = w->cap == 0 ? 64 : w->cap * 2;
        pg_store_item *items = pg_realloc(w->store->options.alloc, w->items, w->cap * sizeof *items,
                                          cap * sizeof *items);
        if (items == NULL) {
            w->failed = true;
            return;
        }
        w->items = items;
        w->cap = cap;
    }
    pg_store_item *item = &w->items[w->count++];
    *item = (pg_store_item){.size = (uint64_t)st->st_size, .used_ns = mtime_ns(st)};
    memcpy(item->name, name, STORE_NAME + 1);
}

static bool visit_file(void *ctx, int dir, const char *name)
{
    walk *w = ctx;
    struct stat st;
    if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return true;
    bool record = is_hex(name, STORE_NAME);
    if (w->remove_all || (!record && w->remove_temps && w->now_ns - mtime_ns(&st) > temp_life_ns)) {
        bool gone = unlinkat(dir, name, 0) == 0;
        w->removed += gone && record;
        w->temps += gone && !record;
    } else if (record) {
        add_item(w, name, &st);
    }
    return !w->failed;
}

static bool visit_bucket(void *ctx, int dir, const char *name)
{
    return !is_hex(name, 2) || each_entry(dir, name, visit_file, ctx);
}

static void walk_free(walk *w)
{
    pg_free(w->store->options.alloc, w->items, w->cap * sizeof *w->items);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const pg_store_item *)a)->name, ((const pg_store_item *)b)->name);
}

static int by_use(const void *a, const void *b)
{
    const pg_store_item *x = a;
    const pg_store_item *y = b;
    return x->used_ns != y->used_ns ? (x->used_ns > y->used_ns) - (x->used_ns < y->used_ns)
                                    : strcmp(x->name, y->name);
}

pg_status pg_store_list(pg_store *store, pg_store_item **items, size_t *count, pg_error *err)
{
    walk w = {.store = store};
    if (pg__store_enter(store, false, NULL))
        (void)each_entry(store->fd, ".", visit_bucket, &w);
    if (w.failed) {
        walk_free(&w);
        return pg_error_set(err, PG_NOMEM, "no memory for the list of records");
    }
    if (w.count > 0)
        qsort(w.items, w.count, sizeof *w.items, by_name);
    // Shrunk to the count, which is all that pg_store_items_free is told.
    pg_store_item *fitting = pg_realloc(store->options.alloc, w.items, w.cap * sizeof *w.items,
                                        w.count * sizeof *w.items);
    if (fitting == NULL && w.count > 0) {
        walk_free(&w);
        return pg_error_set(err, PG_NOMEM, "no memory for the list of records");
    }
    *items = fitting;
    *count = w.count;
    return PG_OK;
}

void pg_store_items_free(pg_store *store, pg_store_item *items, size_t count)
{
    pg_free(store->options.alloc, items, count * sizeof *items);
}

/// Takes the lock of collections; -1 when another process has it. A dead process holds none.
static int lock_collections(pg_store *store)
{
    int fd = openat(store->fd, "gc.lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
        (void)close(fd);
        fd = -1;
    }
    return fd;
}

/// Removes the records used longest ago until the rest fits into 80 % of the bounds.
static void remove_oldest(pg_store *store, walk *w, pg_store_gc *result)
{
    const pg_store_options *o = &store->options;
    for (size_t i = 0; i < w->count; i++)
        result->bytes += w->items[i].size;
    result->records = w->count;
    if (result->bytes <= o->max_bytes && result->records <= o->max_records)
        return;
    uint64_t keep_bytes = o->max_bytes / 100 * KEEP_PERCENT;
    size_t keep_records = o->max_records * KEEP_PERCENT / 100;
    qsort(w->items, w->count, sizeof *w->items, by_use);
    for (size_t i = 0; i < w->count; i++) {
        if (result->bytes <= keep_bytes && result->records <= keep_records)
            break;
        store_path path = pg__store_path_named(w->items[i].name);
        if (unlinkat(store->fd, path.text, 0) != 0 && errno != ENOENT)
            continue;
        result->bytes -= w->items[i].size;
        result->records--;
        result->removed++;
    }
}

/// Latest time of anything in a directory tree of two levels, or its removal.
typedef struct old_schema {
    int64_t newest_ns;
    bool remove;
    int depth;
} old_schema;

static bool visit_old(void *ctx, int dir, const char *name)
{
    old_schema *o = ctx;
    struct stat st;
    if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return true;
    if (mtime_ns(&st) > o->newest_ns)
        o->newest_ns = mtime_ns(&st);
    bool inner = S_ISDIR(st.st_mode);
    if (inner && o->depth < 2) {
        o->depth++;
        (void)each_entry(dir, name, visit_old, ctx);
        o->depth--;
    }
    if (o->remove)
        (void)unlinkat(dir, name, inner ? AT_REMOVEDIR : 0);
    return true;
}

/// Other schemas of the same base directory.
typedef struct others {
    const pg_store *store;
    bool all; ///< also those in use
    int64_t now_ns;
    size_t removed;
} others;

static bool visit_schema(void *ctx, int dir, const char *name)
{
    others *all = ctx;
    if (name[0] != 'v' || !is_hex(name + 1, STORE_NAME) || strcmp(name, all->store->version) == 0)
        return true;
    old_schema o = {0};
    (void)each_entry(dir, name, visit_old, &o);
    if (!all->all && all->now_ns - o.newest_ns <= schema_life_ns)
        return true;
    o.remove = true;
    (void)each_entry(dir, name, visit_old, &o);
    all->removed += unlinkat(dir, name, AT_REMOVEDIR) == 0;
    return true;
}

static size_t remove_schemas(pg_store *store, bool all)
{
    others o = {.store = store, .all = all, .now_ns = pg_now_ns(store->options.clock)};
    int base = pg__store_open_base(store);
    if (base < 0)
        return 0;
    (void)each_entry(base, ".", visit_schema, &o);
    (void)close(base);
    return o.removed;
}

pg_store_gc pg_store_collect(pg_store *store)
{
    pg_store_gc result = {0};
    store->writes_to_gc = STORE_GC_EVERY;
    if (!pg__store_enter(store, false, NULL))
        return result;
    int lock = lock_collections(store);
    if (lock < 0) {
        result.busy = true;
        return result;
    }
    walk w = {.store = store, .remove_temps = true, .now_ns = pg_now_ns(store->options.clock)};
    (void)each_entry(store->fd, ".", visit_bucket, &w);
    remove_oldest(store, &w, &result);
    result.stale_files = w.temps;
    result.stale_schemas = remove_schemas(store, false);
    store->counted = !w.failed;
    store->bytes = result.bytes;
    store->records = result.records;
    // A walk costs as much as looking at every record, so its price is spread over as many writes.
    store->writes_to_gc = STORE_GC_EVERY + result.records / 4;
    store->stats.removed += result.removed;
    walk_free(&w);
    (void)close(lock);
    return result;
}

pg_store_gc pg_store_clear(pg_store *store)
{
    pg_store_gc result = {0};
    walk w = {.store = store, .remove_all = true};
    if (pg__store_enter(store, false, NULL))
        (void)each_entry(store->fd, ".", visit_bucket, &w);
    pg__store_forget_hits(store);
    result.removed = w.removed;
    result.stale_files = w.temps;
    result.stale_schemas = remove_schemas(store, true);
    store->bytes = 0;
    store->records = 0;
    return result;
}
