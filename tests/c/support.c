/// Failing allocator, manual clock and temporary directories for the cmocka programs.
#include "support.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *counting_resize(void *ctx, void *ptr, size_t old_size, size_t new_size)
{
    test_alloc *t = ctx;
    if (new_size == 0) {
        if (ptr != NULL) {
            t->live--;
            t->bytes -= old_size;
            free(ptr);
        }
        return NULL;
    }
    t->requests++;
    bool fail =
        t->fail_at != 0 && (t->requests == t->fail_at || (t->sticky && t->requests > t->fail_at));
    if (fail)
        return NULL;
    void *grown = realloc(ptr, new_size);
    assert_non_null(grown);
    if (ptr == NULL)
        t->live++;
    t->bytes += new_size - (ptr != NULL ? old_size : 0);
    return grown;
}

void test_alloc_init(test_alloc *t)
{
    memset(t, 0, sizeof *t);
    t->alloc.resize = counting_resize;
    t->alloc.ctx = t;
}

static int64_t manual_now(void *ctx)
{
    return ((test_clock *)ctx)->now;
}

void test_clock_init(test_clock *t, int64_t now)
{
    t->clock.now_ns = manual_now;
    t->clock.ctx = t;
    t->now = now;
}

char *test_temp_dir(char *buffer, size_t size)
{
    const char *base = getenv("TMPDIR");
    int n = snprintf(buffer, size, "%s/promptgen-test-XXXXXX", base != NULL ? base : "/tmp");
    assert_true(n > 0 && (size_t)n < size);
    assert_non_null(mkdtemp(buffer));
    return buffer;
}

static int remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

void test_remove_tree(const char *path)
{
    (void)nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

void test_write_file(const char *path, const void *bytes, size_t len)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}

void test_alloc_sweep(bool (*body)(const pg_alloc *alloc, void *ctx), void *ctx)
{
    for (long n = 1; n < 100000; n++) {
        test_alloc t;
        test_alloc_init(&t);
        t.fail_at = n;
        bool ok = body(&t.alloc, ctx);
        assert_int_equal(t.live, 0);
        assert_int_equal(t.bytes, 0);
        if (t.requests < n) {
            assert_true(ok);
            return;
        }
    }
    fail_msg("the sweep did not end");
}
