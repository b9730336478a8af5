/// Stopwatch and deadline. See timer.h.
#include "promptgen/timer.h"

/// `later - earlier`, never negative and never beyond the type.
static int64_t span(int64_t earlier, int64_t later)
{
    if (later <= earlier)
        return 0;
    if (earlier < 0 && later > INT64_MAX + earlier)
        return INT64_MAX;
    return later - earlier;
}

pg_stopwatch pg_stopwatch_new(const pg_clock *clock)
{
    return (pg_stopwatch){.clock = clock};
}

void pg_stopwatch_start(pg_stopwatch *watch)
{
    watch->running = true;
    watch->started_ns = pg_now_ns(watch->clock);
}

int64_t pg_stopwatch_stop(pg_stopwatch *watch)
{
    if (watch->running) {
        watch->elapsed_ns = span(watch->started_ns, pg_now_ns(watch->clock));
        watch->running = false;
    }
    return watch->elapsed_ns;
}

int64_t pg_stopwatch_elapsed_ns(const pg_stopwatch *watch)
{
    if (!watch->running)
        return watch->elapsed_ns;
    return span(watch->started_ns, pg_now_ns(watch->clock));
}

pg_deadline pg_deadline_after(const pg_clock *clock, int64_t after_ns)
{
    int64_t now = pg_now_ns(clock);
    pg_deadline deadline = {.clock = clock, .at_ns = now};
    if (after_ns > 0)
        deadline.at_ns = now > INT64_MAX - after_ns ? PG_DEADLINE_NEVER : now + after_ns;
    return deadline;
}

bool pg_deadline_passed(const pg_deadline *deadline)
{
    return deadline->at_ns != PG_DEADLINE_NEVER && pg_now_ns(deadline->clock) >= deadline->at_ns;
}

int64_t pg_deadline_left_ns(const pg_deadline *deadline)
{
    if (deadline->at_ns == PG_DEADLINE_NEVER)
        return PG_DEADLINE_NEVER;
    return span(pg_now_ns(deadline->clock), deadline->at_ns);
}
