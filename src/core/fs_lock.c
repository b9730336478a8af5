/// One writer at a time: a lock on a directory beneath a root. See fs.h.
#include "fs_internal.h"

#include "promptgen/timer.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

enum { FIRST_PAUSE_NS = 50 * 1000, LONGEST_PAUSE_NS = 2 * 1000 * 1000 };

struct pg_dir_lock {
    const pg_alloc *alloc;
    int fd; ///< the directory; the lock lives as long as this description is open
};

/// Waits for the lock in growing steps: flock itself knows no time limit.
static pg_status wait_for(int fd, int64_t wait_ns, pg_error *err)
{
    pg_deadline deadline = pg_deadline_after(NULL, wait_ns);
    long pause_ns = FIRST_PAUSE_NS;
    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EINTR)
            continue;
        if (errno == EBADF || errno == EINVAL || errno == ENOLCK || errno == ENOSYS ||
            errno == EOPNOTSUPP)
            return pg_error_set(err, PG_UNSUPPORTED, "this file system has no locks");
        if (errno != EWOULDBLOCK)
            return pg__fs_fail(err, errno, "locking");
        if (wait_ns <= 0 || pg_deadline_passed(&deadline))
            return pg_error_set(err, PG_CONFLICT, "another process holds the lock");
        struct timespec pause = {0, pause_ns};
        (void)nanosleep(&pause, NULL);
        if (pause_ns < LONGEST_PAUSE_NS)
            pause_ns *= 2;
    }
    return PG_OK;
}

pg_status pg_root_lock(const pg_root *root, pg_str path, int64_t wait_ns, pg_dir_lock **out,
                       pg_error *err)
{
    pg__path checked;
    pg_status status = pg__fs_path(path, &checked, err);
    if (status != PG_OK)
        return status;
    pg_dir_lock *lock = pg_malloc(root->options.alloc, sizeof *lock);
    if (lock == NULL)
        return pg__fs_fail(err, ENOMEM, "");
    lock->alloc = root->options.alloc;
    lock->fd = pg__fs_open(root, checked.text, O_RDONLY | O_DIRECTORY);
    status = lock->fd >= 0 ? wait_for(lock->fd, wait_ns, err) : pg__fs_fail(err, errno, "locking");
    if (status != PG_OK) {
        pg_dir_lock_free(lock);
        return status;
    }
    *out = lock;
    return PG_OK;
}

void pg_dir_lock_free(pg_dir_lock *lock)
{
    if (lock == NULL)
        return;
    if (lock->fd >= 0)
        (void)close(lock->fd);
    pg_free(lock->alloc, lock, sizeof *lock);
}
