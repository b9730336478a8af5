/// Stopwatch and deadline on a clock that never jumps.
///
/// Both are plain values: nothing to free, copy them freely. Durations are nanoseconds in a signed
/// 64-bit integer. The clock is borrowed and must outlive the value; NULL is pg_clock_monotonic.
/// A clock that runs backwards (a broken one, or a test's) gives 0, never a negative duration.
///
/// Thread note: reading one value from several threads is fine, changing it is not.
#ifndef PROMPTGEN_TIMER_H
#define PROMPTGEN_TIMER_H

#include "promptgen/clock.h"

#include <stdbool.h>
#include <stdint.h>

/// `at_ns` of a deadline that never passes.
#define PG_DEADLINE_NEVER INT64_MAX

/// Measures one span at a time.
typedef struct pg_stopwatch {
    const pg_clock *clock; ///< borrowed; NULL = monotonic
    int64_t started_ns;    ///< clock time of the last start; meaningless before it
    int64_t elapsed_ns;    ///< length of the last finished span; 0 before the first
    bool running;          ///< between start and stop
} pg_stopwatch;

/// A stopwatch that has not been started: its elapsed time is 0.
pg_stopwatch pg_stopwatch_new(const pg_clock *clock);

/// Begins a span at 0, also when one is running.
void pg_stopwatch_start(pg_stopwatch *watch);

/// Ends the span and returns its length; a stopwatch that is not running keeps its last span.
int64_t pg_stopwatch_stop(pg_stopwatch *watch);

/// 0 before the first start, the running span while open, the last span after a stop.
int64_t pg_stopwatch_elapsed_ns(const pg_stopwatch *watch);

/// A moment on a clock.
typedef struct pg_deadline {
    const pg_clock *clock; ///< borrowed; NULL = monotonic
    int64_t at_ns;         ///< clock time from which it has passed; PG_DEADLINE_NEVER = never
} pg_deadline;

/// `after_ns` from now; 0 or less has passed already. A sum beyond the range of the clock is never.
pg_deadline pg_deadline_after(const pg_clock *clock, int64_t after_ns);

/// True from the very moment `at_ns` on.
bool pg_deadline_passed(const pg_deadline *deadline);

/// Time left, 0 once it has passed; PG_DEADLINE_NEVER for one that never passes.
int64_t pg_deadline_left_ns(const pg_deadline *deadline);

#endif
