/// Descriptors, limits and kernel filters of the worker. See sandbox.h.
///
/// Rules: close_range(2), prctl(2), landlock(7), seccomp(2).
#include "sandbox.h"

#include "promptgen/clock.h"
#include "sandbox_filter.h"

#include <errno.h>
#include <linux/landlock.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/// Closes the descriptors first..last.
static void close_range_of(unsigned first, unsigned last)
{
    if (first > last || syscall(SYS_close_range, first, last, 0) == 0)
        return;
    long max = sysconf(_SC_OPEN_MAX);
    unsigned end = max > 0 && max < 65536 ? (unsigned)max : 65536;
    for (unsigned fd = first; fd <= last && fd < end; fd++)
        (void)close((int)fd);
}

static void keep_one_descriptor(int channel_fd)
{
#ifdef PROMPTGEN_SANITIZED
    const unsigned first = 3; // a sanitizer needs standard error to report
#else
    const unsigned first = 0;
#endif
    close_range_of(first, (unsigned)channel_fd - 1);
    close_range_of((unsigned)channel_fd + 1, ~0U);
}

static pg_status tie_to_parent(pid_t parent, pg_error *err)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return pg_error_set(err, PG_UNSUPPORTED, "prctl failed: %s", strerror(errno));
    if (getppid() != parent)
        _exit(1); // the parent died before the signal was armed
#ifndef PROMPTGEN_SANITIZED
    (void)prctl(PR_SET_DUMPABLE, 0);
#endif // LeakSanitizer traces its own process
    return PG_OK;
}

static void limit(int resource, rlim_t value)
{
    struct rlimit current;
    if (getrlimit((__rlimit_resource_t)resource, &current) != 0)
        return;
    if (current.rlim_max != RLIM_INFINITY && value > current.rlim_max)
        value = current.rlim_max;
    current.rlim_cur = value;
    current.rlim_max = value;
    (void)setrlimit((__rlimit_resource_t)resource, &current);
}

static void limit_resources(const pg_sandbox_limits *limits)
{
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_FSIZE, 0);
    limit(RLIMIT_NPROC, 0);
    limit(RLIMIT_CPU, (rlim_t)(limits->timeout_ns / PG_NS_PER_SECOND) + 2);
#ifndef PROMPTGEN_SANITIZED
    // Room for the program itself, the records inherited from the parent and thread stacks.
    const size_t address_space_headroom = (size_t)512 << 20;
    limit(RLIMIT_NOFILE, 0);
    if (limits->memory_bytes < SIZE_MAX / 4)
        limit(RLIMIT_AS, limits->memory_bytes * 2 + address_space_headroom);
#endif // shadow memory needs the address space
}

/// Denies every file system operation by handling all rights and granting none.
static int enter_landlock(void)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (abi < 1)
        return 0;
    // ABI 1 knows 13 rights; later ones add refer, truncate and device ioctl in this order.
    unsigned rights = abi >= 5 ? 16 : abi >= 3 ? 15 : abi == 2 ? 14 : 13;
    struct landlock_ruleset_attr rules = {.handled_access_fs = (UINT64_C(1) << rights) - 1};
    long fd = syscall(SYS_landlock_create_ruleset, &rules, sizeof rules.handled_access_fs, 0);
    if (fd < 0)
        return 0;
    long result = syscall(SYS_landlock_restrict_self, (int)fd, 0);
    (void)close((int)fd);
    return result == 0 ? (int)abi : 0;
}

pg_status pg_sandbox_enter(int channel_fd, const pg_sandbox_limits *limits,
                           pg_sandbox_report *report, pg_error *err)
{
    keep_one_descriptor(channel_fd);
    pg_status status = tie_to_parent(limits->parent, err);
    if (status != PG_OK)
        return status;
    (void)clearenv();
    report->landlock = enter_landlock();
    limit_resources(limits);
    report->seccomp = pg_sandbox_filter_install() ? 1 : 0;
    return PG_OK;
}
