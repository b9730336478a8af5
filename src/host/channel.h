/// Frames over a stream socket between the parent and its worker.
///
/// A frame is a 32-bit little-endian payload length, one type byte and the payload (one packed
/// value, see promptgen/pack.h). The length is checked before anything is allocated. Internal to
/// src/host.
#ifndef PROMPTGEN_CHANNEL_H
#define PROMPTGEN_CHANNEL_H

#include "promptgen/status.h"
#include "promptgen/str.h"

#include <stdint.h>

enum { PG_FRAME_MAX = 64 * 1024 * 1024 }; ///< largest payload in bytes

/// X(symbol, letter, "name"). The worker sends the first group, the parent the second.
#define PG_FRAME_LIST(X)                                                                           \
    X(REQUEST, 'Q', "request")                                                                     \
    X(OUTPUT, 'O', "output")                                                                       \
    X(LOG, 'L', "log")                                                                             \
    X(METRICS, 'M', "metrics")                                                                     \
    X(PROFILE, 'P', "profile")                                                                     \
    X(RESULT, 'R', "result")                                                                       \
    X(ERROR, 'E', "error")                                                                         \
    X(ANSWER, 'A', "answer")                                                                       \
    X(REFUSAL, 'X', "refusal")

typedef enum pg_frame_type {
#define PG_FRAME_ENUM(symbol, letter, name) PG_FRAME_##symbol = letter,
    PG_FRAME_LIST(PG_FRAME_ENUM)
#undef PG_FRAME_ENUM
} pg_frame_type;

/// Name of a type, or NULL for a byte that is none.
const char *pg_frame_name(int type);

/// Sends one frame. PG_IO when the peer is gone, PG_TOO_LARGE above PG_FRAME_MAX.
PG_NODISCARD pg_status pg_channel_send(int fd, pg_frame_type type, pg_str payload, pg_error *err);

/// How long to wait for the other process, and what else to look after meanwhile.
typedef struct pg_channel_wait {
    int64_t deadline_ns; ///< monotonic time, or -1 for none
    int attention_fd; ///< `attend` is called whenever this can be read; -1 = nothing to attend to
    void (*attend)(void *ctx, struct pg_channel_wait *wait); ///< may change the deadline
    void *ctx;                                               ///< passed to `attend`
} pg_channel_wait;

/// As pg_channel_send, but does not block longer than `wait` says (NULL: as long as it takes);
/// PG_LIMIT when the deadline passed. What was sent by then is part of a frame.
PG_NODISCARD pg_status pg_channel_send_attending(int fd, pg_channel_wait *wait, pg_frame_type type,
                                                 pg_str payload, pg_error *err);

/// As pg_channel_receive, with its wait spelled out.
PG_NODISCARD pg_status pg_channel_receive_attending(int fd, pg_channel_wait *wait,
                                                    pg_frame_type *type, pg_buf *payload,
                                                    pg_error *err);

/// Receives one frame into `payload` (replaced). `deadline_ns` is a monotonic time, or -1 for none.
/// PG_OK; PG_LIMIT when the deadline passed; PG_CRASH at end of file; PG_CORRUPT for an unknown
/// type or a length above PG_FRAME_MAX; PG_NOMEM; PG_IO.
PG_NODISCARD pg_status pg_channel_receive(int fd, int64_t deadline_ns, pg_frame_type *type,
                                          pg_buf *payload, pg_error *err);

#endif
