/// A workspace and a store in a temporary directory, for the tests of the store.
#ifndef PROMPTGEN_TEST_STORE_SUPPORT_H
#define PROMPTGEN_TEST_STORE_SUPPORT_H

#include "support.h"

#include "store_internal.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct fixture {
    char base[64];    ///< temporary directory
    char work[96];    ///< the workspace in it
    char dir[96];     ///< the store's directory in it
    pg_root *root;    ///< on the workspace
    pg_store *store;  ///<
    test_clock clock; ///< of the store
    test_clock wall;  ///< of the root's racy rule; far ahead, so that nothing is racy
    pg_root_options root_options;
    pg_store_options options;
} fixture;

static inline void fixture_reopen_root(fixture *f)
{
    pg_root_close(f->root);
    f->root = NULL;
    assert_int_equal(pg_root_open(pg_str_from(f->work), &f->root_options, &f->root, NULL), PG_OK);
}

static inline void fixture_reopen(fixture *f)
{
    pg_store_close(f->store);
    f->store = NULL;
    pg_error err = {0};
    pg_status status = pg_store_open(pg_str_from(f->dir), &f->options, &f->store, &err);
    if (status != PG_OK)
        print_message("%s\n", err.message);
    assert_int_equal(status, PG_OK);
}

static inline void fixture_init(fixture *f)
{
    memset(f, 0, sizeof *f);
    (void)test_temp_dir(f->base, sizeof f->base);
    (void)snprintf(f->work, sizeof f->work, "%s/work", f->base);
    (void)snprintf(f->dir, sizeof f->dir, "%s/cache/promptgen", f->base);
    assert_int_equal(mkdir(f->work, 0700), 0);
    int64_t now = pg_now_ns(&pg_clock_realtime);
    test_clock_init(&f->clock, now);
    test_clock_init(&f->wall, now + 3600 * PG_NS_PER_SECOND);
    f->root_options.clock = &f->wall.clock;
    f->options.schema = 7;
    f->options.clock = &f->clock.clock;
    fixture_reopen_root(f);
    fixture_reopen(f);
}

static inline void fixture_free(fixture *f)
{
    pg_store_close(f->store);
    pg_root_close(f->root);
    test_remove_tree(f->base);
}

/// Writes a file of the workspace.
static inline void fixture_write(const fixture *f, const char *name, const char *text)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", f->work, name);
    test_write_file(path, text, strlen(text));
}

/// Path of the record of `key`, for tests that damage it.
static inline void fixture_record_path(const fixture *f, const char *key, char *path, size_t size)
{
    store_path at = pg__store_path_of(pg_str_from(key));
    (void)snprintf(path, size, "%s/%s/%s", f->dir, f->store->version, at.text);
}

/// A dependency on what the workspace holds now.
static inline pg_dep fixture_dep(const fixture *f, const char *name, pg_dep_kind kind)
{
    pg_dep dep = {.path = pg_str_from(name), .kind = kind};
    if (kind == PG_DEP_ABSENT) {
        dep.signature.flags = PG_SIG_ABSENT;
    } else if (kind == PG_DEP_DIR) {
        pg_listing *listing = NULL;
        assert_int_equal(pg_root_list(f->root, dep.path, &listing, NULL), PG_OK);
        dep.signature = *pg_listing_signature(listing);
        assert_int_equal(pg_listing_hash(listing, &dep.hash, NULL), PG_OK);
        pg_listing_free(listing);
    } else {
        pg_buf text;
        pg_buf_init(&text, NULL);
        assert_int_equal(pg_root_read(f->root, dep.path, 0, &text, &dep.signature, NULL), PG_OK);
        dep.hash = pg_hash128_of(pg_buf_str(&text));
        pg_buf_free(&text);
    }
    return dep;
}

static inline bool fixture_put(fixture *f, const char *key, const pg_dep *deps, size_t count,
                               const char *payload)
{
    return pg_store_put(f->store, pg_str_from(key), f->root, deps, count, pg_str_from(payload));
}

/// Whether `key` is there with this payload; the reason of a miss goes to *miss.
static inline bool fixture_has(fixture *f, const char *key, const char *payload,
                               pg_store_miss *miss)
{
    pg_store_record *record = pg_store_get(f->store, pg_str_from(key), miss);
    bool same =
        record != NULL && pg_str_equal(pg_store_record_payload(record), pg_str_from(payload));
    if (record != NULL)
        assert_true(same);
    pg_store_record_free(record);
    return same;
}

#endif
