/// Helpers of the cmocka programs: a failing allocator and a clock under the test's control.
#ifndef PROMPTGEN_TEST_SUPPORT_H
#define PROMPTGEN_TEST_SUPPORT_H

// cmocka.h needs these four before it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "promptgen/alloc.h"
#include "promptgen/clock.h"

#include <stdbool.h>

/// Counts live blocks and fails one chosen request.
typedef struct test_alloc {
    pg_alloc alloc; ///< pass &alloc
    long requests;  ///< growing or new requests seen so far
    long fail_at;   ///< number of the request to fail (1-based); 0 = none
    bool sticky;    ///< keep failing after the first failure
    long live;      ///< blocks not yet freed
    size_t bytes;   ///< bytes not yet freed
} test_alloc;

void test_alloc_init(test_alloc *t);

/// A clock that stands still until the test moves it.
typedef struct test_clock {
    pg_clock clock; ///< pass &clock
    int64_t now;    ///< nanoseconds
} test_clock;

void test_clock_init(test_clock *t, int64_t now);

/// Makes a private directory below $TMPDIR (default /tmp) and returns its path in static storage of
/// the caller's buffer (at least 64 bytes). Fails the test when that is impossible.
char *test_temp_dir(char *buffer, size_t size);

/// Removes a directory tree made by a test.
void test_remove_tree(const char *path);

/// Writes `len` bytes to `path`; fails the test on error.
void test_write_file(const char *path, const void *bytes, size_t len);

/// Runs `body(alloc, ctx)` with the 1st, 2nd, ... allocation failing until a run completes without
/// reaching the failing request. `body` returns true on success; after each run no block may live.
void test_alloc_sweep(bool (*body)(const pg_alloc *alloc, void *ctx), void *ctx);

#endif
