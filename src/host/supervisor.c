/// Life of a worker process as its parent sees it. See supervisor.h.
#include "supervisor.h"

#include "promptgen/clock.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/// Whether this process has one thread: a fork would copy the locks of others, and not who frees
/// them. Where /proc does not tell, it is taken to be so. A thread that was joined may be seen for
/// a moment more.
static bool has_one_thread(void)
{
#ifndef PROMPTGEN_SANITIZED // a sanitizer may have a thread of its own
    struct stat tasks;      // a directory with one entry a thread
    for (int tries = 0; stat("/proc/self/task", &tasks) == 0 && tasks.st_nlink > 3; tries++) {
        if (tries == 10000)
            return false;
        (void)sched_yield();
    }
#endif
    return true;
}

pg_status pg_supervisor_start(pg_supervisor *s, int64_t timeout_ns, int *worker_fd, pg_error *err)
{
    *s = (pg_supervisor){.fd = -1, .grace_ns = PG_NS_PER_SECOND};
    if (!has_one_thread())
        return pg_error_set(err, PG_INTERNAL, "a process with threads cannot start a worker");
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return pg_error_set(err, PG_IO, "cannot make a channel: %s", strerror(errno));
    pid_t pid = fork();
    if (pid < 0) {
        int cause = errno;
        (void)close(ends[0]);
        (void)close(ends[1]);
        return pg_error_set(err, PG_IO, "cannot start a worker process: %s", strerror(cause));
    }
    if (pid == 0) {
        (void)close(ends[0]);
        *worker_fd = ends[1];
        return PG_OK;
    }
    (void)close(ends[1]);
    *worker_fd = -1;
    s->pid = pid;
    s->fd = ends[0];
    s->deadline_ns = pg_now_ns(NULL) + timeout_ns;
    return PG_OK;
}

static void reap(pg_supervisor *s)
{
    if (s->pid == 0)
        return;
    while (waitpid(s->pid, &s->wait_status, 0) < 0 && errno == EINTR) {
    }
    s->pid = 0;
}

void pg_supervisor_end(pg_supervisor *s)
{
    if (s->pid != 0)
        (void)kill(s->pid, SIGKILL);
    reap(s);
    if (s->fd >= 0)
        (void)close(s->fd);
    s->fd = -1;
}

/// Describes how a worker ended that should not have ended.
static pg_status explain_death(pg_supervisor *s, pg_error *err)
{
    reap(s);
    int status = s->wait_status;
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
        return pg_error_set(err, PG_LIMIT, "the processor time limit was reached");
    if (WIFSIGNALED(status))
        return pg_error_set(err, PG_CRASH, "the worker process was ended by signal %d (%s)",
                            WTERMSIG(status), strsignal(WTERMSIG(status)));
    return pg_error_set(err, PG_CRASH, "the worker process ended early with status %d",
                        WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

void pg_supervisor_begin_turn(pg_supervisor *s, int64_t timeout_ns)
{
    s->interrupted = false;
    if (s->interrupt != NULL)
        atomic_store(s->interrupt, 0);
    s->deadline_ns = timeout_ns > 0 ? pg_now_ns(NULL) + timeout_ns : -1;
}

void pg_supervisor_interrupt(pg_supervisor *s)
{
    if (s->interrupt == NULL || s->interrupted)
        return;
    s->interrupted = true;
    atomic_store(s->interrupt, 1);
    int64_t end = pg_now_ns(NULL) + s->grace_ns;
    if (s->deadline_ns < 0 || s->deadline_ns > end)
        s->deadline_ns = end;
}

bool pg_supervisor_is_alive(const pg_supervisor *s)
{
    struct pollfd entry = {.fd = s->fd, .events = POLLRDHUP};
    const struct timespec at_once = {0};
    return s->fd >= 0 && ppoll(&entry, 1, &at_once, NULL) == 0;
}

bool pg_supervisor_wait(const pg_supervisor *s, int64_t timeout_ns)
{
    struct pollfd entries[2] = {
        {.fd = s->fd, .events = POLLIN},
        {.fd = s->attention != NULL ? s->attention->fd : -1, .events = POLLIN},
    };
    int64_t end = pg_now_ns(NULL) + timeout_ns;
    int n;
    do {
        int64_t left = end - pg_now_ns(NULL);
        left = left > 0 ? left : 0;
        const struct timespec time = {.tv_sec = left / PG_NS_PER_SECOND,
                                      .tv_nsec = left % PG_NS_PER_SECOND};
        n = ppoll(entries, 2, &time, NULL);
    } while (n < 0 && errno == EINTR);
    return s->fd < 0 || (n > 0 && entries[0].revents != 0 && entries[1].revents == 0);
}

/// Called while waiting, when a signal was held back.
static void attend(void *ctx, pg_channel_wait *wait)
{
    pg_supervisor *s = ctx;
    for (int signal; (signal = pg_attention_take(s->attention)) != 0;)
        if (signal == SIGINT)
            pg_supervisor_interrupt(s);
        else
            pg_attention_put_back(s->attention, signal);
    wait->deadline_ns = s->deadline_ns;
}

static pg_channel_wait wait_of(pg_supervisor *s)
{
    return (pg_channel_wait){
        .deadline_ns = s->deadline_ns,
        .attention_fd = s->attention != NULL ? s->attention->fd : -1,
        .attend = attend,
        .ctx = s,
    };
}

static pg_status receive(pg_supervisor *s, pg_frame_type *type, pg_buf *payload, pg_error *err)
{
    pg_channel_wait wait = wait_of(s);
    pg_status status = pg_channel_receive_attending(s->fd, &wait, type, payload, err);
    if (status == PG_LIMIT && s->interrupted)
        return pg_error_set(err, PG_INTERRUPTED, "the worker did not stop when asked to");
    return status;
}

static bool sent_by_worker(pg_frame_type type)
{
    return type != PG_FRAME_ANSWER && type != PG_FRAME_REFUSAL;
}

pg_status pg_supervisor_next(pg_supervisor *s, pg_frame_type *type, pg_buf *payload, pg_error *err)
{
    if (s->fd < 0 || s->finished)
        return pg_error_set(err, PG_INVALID, "the worker has finished");
    pg_status status = receive(s, type, payload, err);
    if (status == PG_CRASH)
        status = explain_death(s, err);
    if (status == PG_OK && !sent_by_worker(*type))
        status = pg_error_set(err, PG_CORRUPT, "the worker sent a message out of order");
    if (status != PG_OK) {
        pg_supervisor_end(s);
        return status;
    }
    s->finished = *type == PG_FRAME_RESULT || *type == PG_FRAME_ERROR;
    if (s->finished) // its teardown runs beside what the parent does with the outcome
        (void)kill(s->pid, SIGKILL);
    return PG_OK;
}

void pg_supervisor_answer(pg_supervisor *s, pg_frame_type type, pg_str payload)
{
    pg_channel_wait wait = wait_of(s);
    if (s->fd >= 0)
        (void)!pg_channel_send_attending(s->fd, &wait, type, payload, NULL);
}
