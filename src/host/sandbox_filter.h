/// The system-call filter of the worker. Internal to src/host.
#ifndef PROMPTGEN_SANDBOX_FILTER_H
#define PROMPTGEN_SANDBOX_FILTER_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>

/// Instructions that a filter has at most.
#define PG_SANDBOX_FILTER_MAX 128

/// Writes the filter into `program` and returns its length; 0 where there is none.
size_t pg_sandbox_filter_build(struct sock_filter program[PG_SANDBOX_FILTER_MAX]);

/// Leaves memory, time, the channel and exit; every other system call fails with EPERM. Needs
/// no_new_privs. False when the kernel or the architecture has no filter, or in a sanitizer build.
bool pg_sandbox_filter_install(void);

#endif
