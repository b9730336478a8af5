/// A temporary directory with a root opened on it, for the tests of the fs unit.
#ifndef PROMPTGEN_FS_FIXTURE_H
#define PROMPTGEN_FS_FIXTURE_H

#include "support.h"

#include "fs_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct fixture {
    char base[64];    ///< temporary directory
    char dir[96];     ///< the root's directory, base/root
    pg_root *root;    ///< as the kernel resolves
    pg_root *walking; ///< the same, without openat2
    test_clock clock; ///< of both
    pg_fs_ops ops;    ///< of both; a test replaces single calls
    char scratch[4][8192];
} fixture;

/// A moment long after every file time, so that nothing is racy unless a test says so.
#define FAR_FUTURE_NS (INT64_C(4102444800) * PG_NS_PER_SECOND)

static inline pg_root *open_fixture_root(fixture *f, bool walk)
{
    pg_root *root = NULL;
    pg_root_options options = {.clock = &f->clock.clock, .walk = walk, .ops = &f->ops};
    assert_int_equal(pg_root_open(pg_str_from(f->dir), &options, &root, NULL), PG_OK);
    return root;
}

static inline int set_up(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    test_temp_dir(f->base, sizeof f->base);
    (void)snprintf(f->dir, sizeof f->dir, "%s/root", f->base);
    assert_int_equal(mkdir(f->dir, 0777), 0);
    test_clock_init(&f->clock, FAR_FUTURE_NS);
    f->ops = pg__fs_kernel;
    f->root = open_fixture_root(f, false);
    f->walking = open_fixture_root(f, true);
    *state = f;
    return 0;
}

static inline int tear_down(void **state)
{
    fixture *f = *state;
    pg_root_close(f->root);
    pg_root_close(f->walking);
    test_remove_tree(f->base);
    free(f);
    return 0;
}

/// Absolute path of `name` beneath the root, in slot 0-3 of the fixture.
static inline const char *at_slot(fixture *f, int slot, const char *name)
{
    (void)snprintf(f->scratch[slot], sizeof f->scratch[slot], "%s/%s", f->dir, name);
    return f->scratch[slot];
}

static inline const char *at(fixture *f, const char *name)
{
    return at_slot(f, 0, name);
}

static inline void put(fixture *f, const char *name, const char *text)
{
    test_write_file(at(f, name), text, strlen(text));
}

static inline void make_dir_at(fixture *f, const char *name)
{
    assert_int_equal(mkdir(at(f, name), 0777), 0);
}

static inline void make_link(fixture *f, const char *target, const char *name)
{
    assert_int_equal(symlink(target, at(f, name)), 0);
}

/// Reads and throws away; `err` may be NULL.
static inline pg_status read_status(const pg_root *root, const char *path, pg_error *err)
{
    pg_buf out;
    pg_buf_init(&out, NULL);
    pg_status status = pg_root_read(root, pg_str_from(path), 0, &out, NULL, err);
    if (status != PG_OK)
        assert_int_equal(out.len, 0);
    pg_buf_free(&out);
    return status;
}

static inline void assert_reads(const pg_root *root, const char *path, const char *want)
{
    pg_buf out;
    pg_buf_init(&out, NULL);
    pg_error err = {0};
    pg_status status = pg_root_read(root, pg_str_from(path), 0, &out, NULL, &err);
    if (status != PG_OK)
        fail_msg("%s: %s", path, err.message);
    assert_int_equal(out.len, strlen(want));
    assert_memory_equal(out.ptr, want, out.len);
    pg_buf_free(&out);
}

static inline int open_descriptors(void)
{
    int count = 0;
    for (int fd = 0; fd < 256; fd++) {
        struct stat st;
        count += fstat(fd, &st) == 0;
    }
    return count;
}

#define FS_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
