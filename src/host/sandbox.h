/// What the kernel takes away from a worker before it runs a user's script.
///
/// After pg_sandbox_enter the process has one descriptor, no environment, no way to open a file or
/// make a socket or a process, and dies with its parent. Internal to src/host.
#ifndef PROMPTGEN_SANDBOX_H
#define PROMPTGEN_SANDBOX_H

#include "promptgen/status.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct pg_sandbox_limits {
    size_t memory_bytes; ///< cap of the Lua state; the address space gets this and headroom
    int64_t timeout_ns;  ///< wall-clock limit; bounds the CPU time
    pid_t parent;        ///< process id of the parent, to notice that it is already gone
} pg_sandbox_limits;

/// What was applied; the kernel may lack Landlock or seccomp.
typedef struct pg_sandbox_report {
    int landlock; ///< ABI version in force, 0 = not available
    int seccomp;  ///< 1 when the filter is in force
} pg_sandbox_report;

/// Restricts this process to `channel_fd`, which keeps its number: a handle inherited from the
/// parent may still hold the number of a descriptor that is closed here, and close it again when it
/// is collected; the channel's own number is one that no such handle can have. On failure of a step
/// that every kernel has, PG_UNSUPPORTED; the caller must then exit. A missing Landlock or seccomp
/// is reported, not an error.
PG_NODISCARD pg_status pg_sandbox_enter(int channel_fd, const pg_sandbox_limits *limits,
                                        pg_sandbox_report *report, pg_error *err);

#endif
