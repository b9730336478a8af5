/// The parent's side of a worker: start it, exchange frames until a deadline, end it.
///
/// The worker is a fork of the calling process. Nothing it sends is trusted: a malformed frame, a
/// frame after the last one or silence past the deadline ends it with SIGKILL. Internal to
/// src/host.
#ifndef PROMPTGEN_SUPERVISOR_H
#define PROMPTGEN_SUPERVISOR_H

#include "attention.h"
#include "channel.h"

#include "promptgen/status.h"
#include "promptgen/str.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct pg_supervisor {
    pid_t pid;               ///< the worker; 0 when there is none (any more)
    int fd;                  ///< parent's end of the channel; -1 when closed
    int64_t deadline_ns;     ///< monotonic time after which the worker is killed
    bool finished;           ///< a result or an error frame has arrived
    int wait_status;         ///< as of waitpid, once pid is 0
    pg_attention *attention; ///< SIGINT asks the worker to stop; NULL = nothing is watched
    atomic_int *interrupt;   ///< shared with the worker: 1 = stop; NULL = it cannot be asked
    int64_t grace_ns;        ///< time that it then has; pg_supervisor_start sets one second
    bool interrupted;        ///< it was asked during this turn
} pg_supervisor;

/// Forks. In the parent: `*worker_fd` is -1 and `s` is ready. In the worker: `*worker_fd` is its
/// end of the channel and the caller must never return to its own caller. `timeout_ns` > 0 counts
/// from now. PG_IO when no socket or process can be made, PG_INTERNAL in a process with threads.
PG_NODISCARD pg_status pg_supervisor_start(pg_supervisor *s, int64_t timeout_ns, int *worker_fd,
                                           pg_error *err);

/// Waits for the next frame. PG_LIMIT (the worker has been killed) after the deadline, or
/// PG_INTERRUPTED when that followed an interrupt; PG_CRASH when it died, with the signal in the
/// message; PG_CORRUPT for a frame out of order (killed).
PG_NODISCARD pg_status pg_supervisor_next(pg_supervisor *s, pg_frame_type *type, pg_buf *payload,
                                          pg_error *err);

/// Begins a turn of a worker that lives on: nothing asks it to stop any more, and it has
/// `timeout_ns` from now (<= 0: no limit) until the next call.
void pg_supervisor_begin_turn(pg_supervisor *s, int64_t timeout_ns);

/// Asks the worker to raise `interrupted` where it is and gives it `grace_ns`.
void pg_supervisor_interrupt(pg_supervisor *s);

/// Waits for something to receive. True when there is, the end of the worker included; false after
/// `timeout_ns` (<= 0: at once), or when a signal is held back, which is left to the caller.
bool pg_supervisor_wait(const pg_supervisor *s, int64_t timeout_ns);

/// False when there is no worker, or its end of the channel is closed.
bool pg_supervisor_is_alive(const pg_supervisor *s);

/// Answers a request. A worker that died meanwhile, or that does not take the answer before its
/// deadline, is not an error here; the next receive tells.
void pg_supervisor_answer(pg_supervisor *s, pg_frame_type type, pg_str payload);

/// Kills the worker if it still runs, collects it and closes the channel. Idempotent.
void pg_supervisor_end(pg_supervisor *s);

#endif
