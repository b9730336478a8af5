/// How often records were used: a table beside them, for people who look into the cache. See
/// store.h.
///
/// The file `hits` is a table of slots. The name of a record chooses the slot; another record with
/// the same slot takes it over. Nothing rests on it: what cannot be read or written is zero, two
/// processes at once may lose a count.
#include "store_internal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SLOTS = 1 << 16 };

typedef struct hit_slot {
    uint64_t name;
    uint64_t hits;
} hit_slot;

static const char table_name[] = "hits";

static off_t offset_of(uint64_t name)
{
    return (off_t)((name & (SLOTS - 1)) * sizeof(hit_slot));
}

static hit_slot read_slot(int fd, uint64_t name)
{
    hit_slot slot = {0};
    ssize_t n = pread(fd, &slot, sizeof slot, offset_of(name));
    if (n != (ssize_t)sizeof slot || slot.name != name)
        slot = (hit_slot){.name = name};
    return slot;
}

static int open_table(const pg_store *store, int flags)
{
    struct stat st;
    int fd = store->fd < 0
                 ? -1
                 : openat(store->fd, table_name, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    if (fd >= 0 && (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid())) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

void pg__store_count_hit(pg_store *store, pg_str key)
{
    uint64_t name = pg_hash64(key);
    if (store->hits_fd == STORE_HITS_CLOSED) {
        store->hits_fd = open_table(store, O_RDWR | O_CREAT);
        if (store->hits_fd < 0)
            store->hits_fd = STORE_HITS_NONE;
    }
    if (store->hits_fd == STORE_HITS_NONE)
        return;
    hit_slot slot = read_slot(store->hits_fd, name);
    slot.hits++;
    ssize_t n = pwrite(store->hits_fd, &slot, sizeof slot, offset_of(name));
    if (n != (ssize_t)sizeof slot)
        pg__store_close_hits(store); // no room: the next one would fail as well
}

void pg__store_close_hits(pg_store *store)
{
    if (store->hits_fd >= 0)
        (void)close(store->hits_fd);
    store->hits_fd = STORE_HITS_NONE;
}

void pg__store_forget_hits(pg_store *store)
{
    pg__store_close_hits(store);
    store->hits_fd = STORE_HITS_CLOSED;
    if (store->fd >= 0)
        (void)unlinkat(store->fd, table_name, 0);
}

uint64_t pg_store_hits(const pg_store *store, const char *name)
{
    int fd = open_table(store, O_RDONLY);
    if (fd < 0)
        return 0;
    hit_slot slot = read_slot(fd, strtoull(name, NULL, 16));
    (void)close(fd);
    return slot.hits;
}
