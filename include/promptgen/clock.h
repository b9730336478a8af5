/// A clock that can be replaced, so that time-outs and lifetimes are tested without waiting.
///
/// Times are nanoseconds in a signed 64-bit integer. The stock clocks never fail.
/// Thread note: the stock clocks are thread-safe.
#ifndef PROMPTGEN_CLOCK_H
#define PROMPTGEN_CLOCK_H

#include <stdint.h>

#define PG_NS_PER_SECOND INT64_C(1000000000)

typedef struct pg_clock {
    int64_t (*now_ns)(void *ctx); ///< current time in nanoseconds
    void *ctx;                    ///< passed to `now_ns`; owned by the caller
} pg_clock;

/// CLOCK_MONOTONIC: for durations; never jumps.
extern const pg_clock pg_clock_monotonic;

/// CLOCK_MONOTONIC_COARSE: a few milliseconds of grain, several times cheaper.
extern const pg_clock pg_clock_coarse;

/// CLOCK_REALTIME: nanoseconds since the epoch; for comparison with file times only.
extern const pg_clock pg_clock_realtime;

/// Time of `clock`; NULL = pg_clock_monotonic.
int64_t pg_now_ns(const pg_clock *clock);

#endif
