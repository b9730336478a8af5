/// Signals read from a descriptor. See attention.h.
#include "attention.h"

#include <errno.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

static void fill_editing_set(sigset_t *set)
{
    static const int signals[] = {SIGHUP, SIGTERM, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH};
    (void)sigemptyset(set);
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        (void)sigaddset(set, signals[i]);
}

pg_status pg_attention_open(pg_attention *a, pg_error *err)
{
    a->fd = -1;
    (void)sigemptyset(&a->put_back);
    sigset_t all;
    fill_editing_set(&all);
    (void)sigaddset(&all, SIGINT);
    int fd = signalfd(-1, &all, SFD_NONBLOCK | SFD_CLOEXEC);
    if (fd < 0)
        return pg_error_set(err, PG_IO, "cannot watch for signals: %s", strerror(errno));
    sigset_t interrupt;
    (void)sigemptyset(&interrupt);
    (void)sigaddset(&interrupt, SIGINT);
    (void)sigprocmask(SIG_BLOCK, &interrupt, &a->before);
    a->fd = fd;
    return PG_OK;
}

void pg_attention_close(pg_attention *a)
{
    if (a->fd < 0)
        return;
    (void)close(a->fd);
    a->fd = -1;
    (void)sigprocmask(SIG_SETMASK, &a->before, NULL);
}

void pg_attention_set_editing(pg_attention *a, bool editing)
{
    if (a->fd < 0)
        return;
    sigset_t set;
    fill_editing_set(&set);
    (void)sigprocmask(editing ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

int pg_attention_take(pg_attention *a)
{
    struct signalfd_siginfo info;
    if (a->fd < 0 || read(a->fd, &info, sizeof info) != (ssize_t)sizeof info)
        return 0;
    return (int)info.ssi_signo;
}

void pg_attention_put_back(pg_attention *a, int signal)
{
    (void)sigaddset(&a->put_back, signal);
}

int pg_attention_take_back(pg_attention *a)
{
    static const int signals[] = {SIGINT, SIGHUP, SIGTERM, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        if (sigismember(&a->put_back, signals[i]) == 1) {
            (void)sigdelset(&a->put_back, signals[i]);
            return signals[i];
        }
    return 0;
}

void pg_attention_drain(pg_attention *a)
{
    while (pg_attention_take(a) != 0) {
    }
    (void)sigemptyset(&a->put_back);
}

void pg_attention_obey(int signal)
{
    struct sigaction standard = {.sa_handler = SIG_DFL};
    struct sigaction before;
    sigset_t set;
    sigset_t mask;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, signal);
    (void)sigaction(signal, &standard, &before);
    (void)sigprocmask(SIG_UNBLOCK, &set, &mask);
    (void)raise(signal);
    (void)sigprocmask(SIG_SETMASK, &mask, NULL);
    (void)sigaction(signal, &before, NULL);
}
