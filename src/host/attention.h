/// Signals of a terminal session, read from a descriptor instead of handled at any moment.
///
/// An interactive command waits for its user or for its worker; in both waits a signal is one more
/// thing that can become readable, so no handler and no global is needed. Rules: signalfd(2),
/// sigprocmask(2). One process has at most one at a time; single-threaded use. Internal to
/// src/host.
#ifndef PROMPTGEN_ATTENTION_H
#define PROMPTGEN_ATTENTION_H

#include "promptgen/status.h"

#include <signal.h>
#include <stdbool.h>

typedef struct pg_attention {
    int fd;            ///< readable while a held-back signal waits; -1 when closed
    sigset_t before;   ///< signal mask to return to
    sigset_t put_back; ///< taken by one who could not act on them
} pg_attention;

/// Holds SIGINT back from now on. PG_IO when the kernel gives no descriptor.
PG_NODISCARD pg_status pg_attention_open(pg_attention *a, pg_error *err);

/// Returns to the mask of before; a signal still held back then takes effect. Idempotent.
void pg_attention_close(pg_attention *a);

/// While `editing`, holds back also what would leave the terminal in raw mode (SIGHUP, SIGTERM,
/// SIGQUIT, SIGTSTP, SIGCONT) and SIGWINCH; otherwise these act as they always do.
void pg_attention_set_editing(pg_attention *a, bool editing);

/// Takes the next signal that was held back; 0 when there is none.
int pg_attention_take(pg_attention *a);

/// Leaves a signal that was taken to the line editor: a completion, say, waits for its worker while
/// only the editor knows how to give the terminal back.
void pg_attention_put_back(pg_attention *a, int signal);

/// Takes a signal that was put back; 0 when there is none.
int pg_attention_take_back(pg_attention *a);

/// Takes and forgets everything held back.
void pg_attention_drain(pg_attention *a);

/// Lets `signal` do to this process what it does by default; returns when it only stopped it.
void pg_attention_obey(int signal);

#endif
