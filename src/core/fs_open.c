/// Resolution of a path beneath a directory: openat2(2), and a walk that answers the same where the
/// kernel lacks or forbids that call (before Linux 5.6; seccomp filters of old containers).
#include "fs_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    MAX_RETRIES = 3, ///< of a resolution that raced with a rename
    MAX_LINKS = 40,  ///< MAXSYMLINKS of the kernel
    MAX_REST = 2 * (PG_FS_MAX_PATH + 1),
};

static int kernel_openat2(int dir, const char *path, const struct open_how *how)
{
    return (int)syscall(SYS_openat2, dir, path, how, sizeof *how);
}

static int kernel_renameat2(int from_dir, const char *from, int to_dir, const char *to,
                            unsigned flags)
{
    return renameat2(from_dir, from, to_dir, to, flags);
}

const pg_fs_ops pg__fs_kernel = {kernel_openat2, pread, write, fsync, kernel_renameat2};

static void close_keeping_errno(int fd)
{
    int saved = errno;
    (void)close(fd);
    errno = saved;
}

/// A walk under way. Invariant: `at` is the directory `done` names beneath `top`, reached without
/// a link; `rest` is what remains to be resolved from there.
typedef struct walk {
    int top; ///< borrowed
    int at;  ///< owned unless it is `top`
    int links;
    bool want_dir; ///< the path so far demands a directory (trailing '/', or "..")
    char done[MAX_REST];
    char rest[MAX_REST];
} walk;

static void leave(walk *w)
{
    if (w->at != w->top)
        close_keeping_errno(w->at);
    w->at = w->top;
}

/// Takes the next component off `rest` into `name`; false when none is left. `last` tells whether
/// it was the last one.
static bool next_component(walk *w, char name[static MAX_REST], bool *last)
{
    char *p = w->rest;
    size_t len;
    for (;;) {
        p += strspn(p, "/");
        len = strcspn(p, "/");
        if (len != 1 || p[0] != '.')
            break;
        p += len;
        w->want_dir = w->want_dir || *p == '\0';
    }
    if (len == 0)
        return false;
    memcpy(name, p, len);
    name[len] = '\0';
    p += len;
    w->want_dir = *p == '/';
    p += strspn(p, "/");
    *last = *p == '\0';
    memmove(w->rest, p, strlen(p) + 1);
    return true;
}

/// Puts `head` in front of `rest`; false (ENAMETOOLONG) when they do not fit.
static bool put_before_rest(walk *w, const char *head)
{
    char joined[MAX_REST];
    const char *slash = w->rest[0] != '\0' || w->want_dir ? "/" : "";
    int n = snprintf(joined, sizeof joined, "%s%s%s", head, slash, w->rest);
    if (n < 0 || (size_t)n >= sizeof joined) {
        errno = ENAMETOOLONG;
        return false;
    }
    memcpy(w->rest, joined, (size_t)n + 1);
    return true;
}

/// "..": starts again from the top with one component less. Opening ".." would leave the root if
/// the directory were moved out of it at this moment.
static bool step_up(walk *w)
{
    char *slash = strrchr(w->done, '/');
    if (w->done[0] == '\0') {
        errno = EXDEV;
        return false;
    }
    int searched =
        openat(w->at, ".", O_PATH | O_CLOEXEC); // the kernel asks for that permission too
    if (searched < 0)
        return false;
    (void)close(searched);
    *(slash != NULL ? slash : w->done) = '\0';
    char head[MAX_REST];
    memcpy(head, w->done, sizeof head);
    w->done[0] = '\0';
    leave(w);
    w->want_dir = true;
    return put_before_rest(w, head[0] != '\0' ? head : ".");
}

/// Replaces a link by its target.
static bool step_through_link(walk *w, int link_fd)
{
    char target[PG_FS_MAX_PATH + 1];
    ssize_t n = readlinkat(link_fd, "", target, sizeof target - 1);
    if (n < 0)
        return false;
    target[n] = '\0';
    if (n > 0 && target[0] == '/') {
        errno = EXDEV;
        return false;
    }
    if (++w->links > MAX_LINKS) {
        errno = ELOOP;
        return false;
    }
    return put_before_rest(w, target);
}

static bool step_down(walk *w, int fd, const char *name)
{
    size_t len = strlen(w->done);
    int n = snprintf(w->done + len, sizeof w->done - len, "%s%s", len > 0 ? "/" : "", name);
    leave(w);
    w->at = fd;
    if (n < 0 || (size_t)n >= sizeof w->done - len) {
        errno = ENAMETOOLONG;
        return false;
    }
    return true;
}

/// Opens the last component with the caller's flags; `fd` is an O_PATH descriptor of it, taken
/// over.
static int open_last(const walk *w, int fd, const struct stat *st, const char *name, int flags)
{
    bool want_dir = w->want_dir || (flags & O_DIRECTORY) != 0;
    if (want_dir && !S_ISDIR(st->st_mode)) {
        (void)close(fd);
        errno = ENOTDIR;
        return -1;
    }
    if ((flags & O_PATH) != 0)
        return fd;
    int opened = openat(w->at, name, flags | O_NOFOLLOW);
    if (opened < 0 && errno == ELOOP)
        errno = EAGAIN; // it has become a link since
    close_keeping_errno(fd);
    return opened;
}

static int walk_on(walk *w, int flags)
{
    char name[MAX_REST];
    bool last = false;
    while (next_component(w, name, &last)) {
        if (strcmp(name, "..") == 0) {
            if (!step_up(w))
                return -1;
            continue;
        }
        int fd = openat(w->at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        struct stat st;
        if (fd < 0)
            return -1;
        bool ok = fstat(fd, &st) == 0;
        if (ok && S_ISLNK(st.st_mode)) {
            ok = step_through_link(w, fd);
            close_keeping_errno(fd);
        } else if (ok && last) {
            return open_last(w, fd, &st, name, flags);
        } else if (ok && S_ISDIR(st.st_mode)) {
            ok = step_down(w, fd, name);
        } else {
            errno = ok ? ENOTDIR : errno;
            ok = false;
            close_keeping_errno(fd);
        }
        if (!ok)
            return -1;
    }
    return openat(w->at, ".", flags);
}

int pg__fs_walk(int dir, const char *path, int flags)
{
    walk w = {.top = dir, .at = dir};
    (void)snprintf(w.rest, sizeof w.rest, "%s", path);
    int fd = walk_on(&w, flags | O_CLOEXEC);
    leave(&w);
    return fd;
}

static int open_once(const pg_root *root, const char *path, int flags)
{
    if (!root->options.walk) {
        const struct open_how how = {
            .flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
            .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
        };
        int fd = root->options.ops->openat2(root->fd, path, &how);
        if (fd >= 0 || (errno != ENOSYS && errno != EPERM))
            return fd;
    }
    return pg__fs_walk(root->fd, path, flags);
}

int pg__fs_open(const pg_root *root, const char *path, int flags)
{
    int retries = 0;
    for (;;) {
        int fd = open_once(root, path, flags);
        if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
            return fd;
        if (errno == EAGAIN && retries++ == MAX_RETRIES)
            return fd;
    }
}
