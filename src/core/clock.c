/// The stock clocks. See clock.h.
#include "promptgen/clock.h"

#include <stddef.h>
#include <time.h>

static int64_t read_clock(clockid_t id)
{
    struct timespec t;
    if (clock_gettime(id, &t) != 0)
        return 0;
    return (int64_t)t.tv_sec * PG_NS_PER_SECOND + t.tv_nsec;
}

static int64_t monotonic(void *ctx)
{
    (void)ctx;
    return read_clock(CLOCK_MONOTONIC);
}

static int64_t coarse(void *ctx)
{
    (void)ctx;
    return read_clock(CLOCK_MONOTONIC_COARSE);
}

static int64_t realtime(void *ctx)
{
    (void)ctx;
    return read_clock(CLOCK_REALTIME);
}

const pg_clock pg_clock_monotonic = {monotonic, NULL};
const pg_clock pg_clock_coarse = {coarse, NULL};
const pg_clock pg_clock_realtime = {realtime, NULL};

int64_t pg_now_ns(const pg_clock *clock)
{
    if (clock == NULL)
        clock = &pg_clock_monotonic;
    return clock->now_ns(clock->ctx);
}
