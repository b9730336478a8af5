/// Feeding a clipboard program. See clipboard.h.
#include "clipboard.h"

#include "promptgen/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static bool is_program(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

bool pg_clipboard_find(pg_str search, pg_str name, pg_buf *path)
{
    size_t from = 0;
    while (from < search.len) {
        size_t end = pg_str_find(search, PG_STR(":"), from);
        if (end == (size_t)-1)
            end = search.len;
        pg_str dir = pg_str_slice(search, from, end);
        from = end + 1;
        if (dir.len == 0 || dir.ptr[0] != '/')
            continue;
        path->len = 0;
        pg_buf_put_str(path, dir);
        pg_buf_put_char(path, '/');
        pg_buf_put_str(path, name);
        pg_buf_put_char(path, '\0');
        if (path->failed)
            return false;
        path->len--;
        if (is_program(path->ptr))
            return true;
    }
    return false;
}

/// Milliseconds until the deadline, rounded up; 0 when it has passed.
static int remaining_ms(int64_t deadline_ns)
{
    int64_t left = deadline_ns - pg_now_ns(NULL);
    int64_t ms = (left + PG_NS_PER_SECOND / 1000 - 1) / (PG_NS_PER_SECOND / 1000);
    return left <= 0 ? 0 : ms > 60000 ? 60000 : (int)ms;
}

static pg_status spawn(char *const argv[], int input, const sigset_t *mask, pid_t *pid,
                       pg_error *err)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    if (posix_spawn_file_actions_init(&actions) != 0)
        return pg_error_set(err, PG_IO, "cannot start %s", argv[0]);
    if (posix_spawnattr_init(&attributes) != 0) {
        (void)posix_spawn_file_actions_destroy(&actions);
        return pg_error_set(err, PG_IO, "cannot start %s", argv[0]);
    }
    sigset_t standard;
    (void)sigemptyset(&standard);
    (void)sigaddset(&standard, SIGPIPE);
    (void)sigaddset(&standard, SIGXFSZ);
    (void)posix_spawnattr_setsigmask(&attributes, mask);
    (void)posix_spawnattr_setsigdefault(&attributes, &standard);
    (void)posix_spawnattr_setpgroup(&attributes, 0);
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                    POSIX_SPAWN_SETPGROUP);
    int failed = posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    for (int fd = 1; fd <= 2 && failed == 0; fd++)
        failed = posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_WRONLY, 0);
    if (failed == 0) // what stays in the background must not keep a directory busy
        failed = posix_spawn_file_actions_addchdir_np(&actions, "/");
    if (failed == 0)
        failed = posix_spawn(pid, argv[0], &actions, &attributes, argv, environ);
    (void)posix_spawnattr_destroy(&attributes);
    (void)posix_spawn_file_actions_destroy(&actions);
    if (failed != 0)
        return pg_error_set(err, PG_IO, "cannot start %s: %s", argv[0], strerror(failed));
    return PG_OK;
}

/// Writes until all is taken, the reader has gone (not an error here: its status tells), or time is
/// up (false).
static bool feed(int fd, pg_str text, int64_t deadline_ns)
{
    while (text.len > 0) {
        ssize_t n = write(fd, text.ptr, text.len);
        if (n > 0) {
            text = pg_str_slice(text, (size_t)n, text.len);
            continue;
        }
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno != EAGAIN)
            return true;
        int left = remaining_ms(deadline_ns);
        struct pollfd entry = {.fd = fd, .events = POLLOUT};
        if (left == 0 || (poll(&entry, 1, left) < 0 && errno != EINTR))
            return false;
    }
    return true;
}

/// Waits for the end of `pid`, whose SIGCHLD is blocked. False when time is up.
static bool wait_for(pid_t pid, int64_t deadline_ns, int *status)
{
    sigset_t child;
    (void)sigemptyset(&child);
    (void)sigaddset(&child, SIGCHLD);
    for (;;) {
        pid_t ended = waitpid(pid, status, WNOHANG);
        if (ended != 0)
            return ended == pid;
        int left = remaining_ms(deadline_ns);
        if (left == 0)
            return false;
        struct timespec span = {.tv_sec = left / 1000, .tv_nsec = (long)(left % 1000) * 1000000};
        (void)sigtimedwait(&child, NULL, &span);
    }
}

static pg_status run(char *const argv[], pg_str text, int64_t deadline_ns, const sigset_t *mask,
                     pg_error *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return pg_error_set(err, PG_IO, "cannot make a pipe: %s", strerror(errno));
    pid_t pid;
    pg_status status = spawn(argv, ends[0], mask, &pid, err);
    (void)close(ends[0]);
    if (status != PG_OK) {
        (void)close(ends[1]);
        return status;
    }
    (void)fcntl(ends[1], F_SETFL, O_NONBLOCK);
    bool in_time = feed(ends[1], text, deadline_ns);
    (void)close(ends[1]);
    int ended = 0;
    if (!in_time || !wait_for(pid, deadline_ns, &ended)) {
        (void)kill(-pid, SIGKILL);
        while (waitpid(pid, &ended, 0) < 0 && errno == EINTR) {
        }
        return pg_error_set(err, PG_LIMIT, "%s took too long", argv[0]);
    }
    if (!WIFEXITED(ended) || WEXITSTATUS(ended) != 0)
        return pg_error_set(err, PG_IO, "%s failed", argv[0]);
    return PG_OK;
}

pg_status pg_clipboard_feed(char *const argv[], pg_str text, int64_t deadline_ns, pg_error *err)
{
    sigset_t child;
    sigset_t before;
    (void)sigemptyset(&child);
    (void)sigaddset(&child, SIGCHLD);
    (void)sigprocmask(SIG_BLOCK, &child, &before);
    pg_status status = run(argv, text, deadline_ns, &before, err);
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    return status;
}

void pg_clipboard_put_osc52(pg_buf *out, pg_str text)
{
    enum { PADDING = 64 };
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
    pg_buf_put_str(out, PG_STR("\033]52;c;"));
    if (!pg_buf_reserve(out, (text.len + 2) / 3 * 4 + 1))
        return;
    for (size_t i = 0; i < text.len; i += 3) {
        uint32_t bits = 0;
        size_t count = text.len - i < 3 ? text.len - i : 3;
        for (size_t k = 0; k < 3; k++)
            bits = bits << 8 | (k < count ? (unsigned char)text.ptr[i + k] : 0U);
        for (size_t k = 0; k < 4; k++)
            pg_buf_put_char(out, digits[k <= count ? bits >> (18 - 6 * k) & 63U : PADDING]);
    }
    pg_buf_put_char(out, '\a');
}
