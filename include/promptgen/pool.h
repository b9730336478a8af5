/// Work on many items with all cores.
///
/// A pool lives as long as one call: its threads are joined before the call returns, so that the
/// process is single-threaded again and may fork. The calling thread works too.
#ifndef PROMPTGEN_POOL_H
#define PROMPTGEN_POOL_H

#include "promptgen/status.h"

#include <stddef.h>

enum { PG_POOL_MAX_THREADS = 64 };

/// Works on item `index`. `worker` (below the number of threads asked for) stays the same for all
/// items of one thread, so that a buffer for each worker needs no lock. Called once for each item,
/// in no order. Items are handed out one by one, in order of index.
typedef void (*pg_pool_work)(void *ctx, size_t index, unsigned worker);

/// Number of processors this process may use, 1 to PG_POOL_MAX_THREADS.
unsigned pg_pool_processors(void);

/// Calls `work` for the items 0 to `count` - 1 on at most `threads` threads (0 =
/// pg_pool_processors; cut to PG_POOL_MAX_THREADS), the caller's among them. When the system gives
/// fewer threads, fewer do all the work. Signals are left to the threads that were there before.
/// Returns how many threads worked.
unsigned pg_pool_run(size_t count, unsigned threads, pg_pool_work work, void *ctx);

#endif
