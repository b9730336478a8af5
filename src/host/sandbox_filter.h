/// The system-call filter of the worker. Internal to src/host.
#ifndef PROMPTGEN_SANDBOX_FILTER_H
#define PROMPTGEN_SANDBOX_FILTER_H

#include <stdbool.h>

/// Leaves memory, time, the channel and exit; every other system call fails with EPERM. Needs
/// no_new_privs. False when the kernel or the architecture has no filter, or in a sanitizer build.
bool pg_sandbox_filter_install(void);

#endif
