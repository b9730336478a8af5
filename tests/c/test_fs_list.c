/// Tests of directory listings.
#include "fs_fixture.h"

#include <fcntl.h>

static pg_listing *list(const pg_root *root, const char *path)
{
    pg_listing *l = NULL;
    assert_int_equal(pg_root_list(root, pg_str_from(path), &l, NULL), PG_OK);
    return l;
}

static void assert_entry(const pg_listing *l, size_t i, const char *name, pg_file_type type)
{
    pg_dir_entry e = pg_listing_get(l, i);
    assert_string_equal(e.name.ptr, name);
    assert_int_equal(e.name.len, strlen(name));
    assert_int_equal(e.type, type);
}

static void test_entries_come_in_byte_order_with_their_own_types(void **state)
{
    fixture *f = *state;
    put(f, "b", "");
    put(f, "B", "");
    put(f, "a b", "");
    make_dir_at(f, "dir");
    make_link(f, "dir", "link");
    assert_int_equal(mkfifo(at(f, "fifo"), 0666), 0);
    const pg_root *const roots[] = {f->root, f->walking};
    for (size_t i = 0; i < 2; i++) {
        pg_listing *l = list(roots[i], ".");
        assert_int_equal(pg_listing_count(l), 6);
        assert_entry(l, 0, "B", PG_FILE_REGULAR);
        assert_entry(l, 1, "a b", PG_FILE_REGULAR);
        assert_entry(l, 2, "b", PG_FILE_REGULAR);
        assert_entry(l, 3, "dir", PG_FILE_DIR);
        assert_entry(l, 4, "fifo", PG_FILE_OTHER);
        assert_entry(l, 5, "link", PG_FILE_LINK);
        pg_listing_free(l);
    }
    pg_listing_free(NULL);
}

static void test_odd_names_are_ordinary_names(void **state)
{
    fixture *f = *state;
    char longest[256];
    memset(longest, 'z', 255);
    longest[255] = '\0';
    const char *const names[] = {"\n", "\x1b[2J", " lead",    "-rf",       ".hidden", "A",
                                 "a",  longest,   "\xC3\xA9", "e\xCC\x81", "\xff\xfe"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        put(f, names[i], "x");
    pg_listing *l = list(f->root, ".");
    assert_int_equal(pg_listing_count(l), sizeof names / sizeof names[0]);
    for (size_t i = 1; i < pg_listing_count(l); i++)
        assert_true(pg_str_compare(pg_listing_get(l, i - 1).name, pg_listing_get(l, i).name) < 0);
    for (size_t i = 0; i < pg_listing_count(l); i++)
        assert_reads(f->root, pg_listing_get(l, i).name.ptr, "x");
    pg_listing_free(l);
}

static void test_listings_of_other_things_are_refused(void **state)
{
    fixture *f = *state;
    put(f, "file", "");
    assert_int_equal(mkfifo(at(f, "fifo"), 0666), 0);
    make_link(f, "/etc", "out");
    const struct {
        const char *path;
        pg_status want;
    } rows[] = {
        {"file", PG_NOT_DIRECTORY}, {"fifo", PG_NOT_DIRECTORY}, {"none", PG_NOT_FOUND},
        {"out", PG_OUTSIDE},        {"..", PG_OUTSIDE},         {"/", PG_OUTSIDE},
        {"", PG_BAD_INPUT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        pg_listing *l = NULL;
        pg_str path = pg_str_from(rows[i].path);
        assert_int_equal(pg_root_list(f->root, path, &l, NULL), rows[i].want);
        assert_int_equal(pg_root_list(f->walking, path, &l, NULL), rows[i].want);
        assert_null(l);
    }
}

static void test_a_directory_with_too_many_entries_is_refused(void **state)
{
    fixture *f = *state;
    pg_root_options options = {.max_entries = 3};
    pg_root *root = NULL;
    assert_int_equal(pg_root_open(pg_str_from(f->dir), &options, &root, NULL), PG_OK);
    put(f, "a", "");
    put(f, "b", "");
    put(f, "c", "");
    pg_listing *l = list(root, ".");
    assert_int_equal(pg_listing_count(l), 3);
    pg_listing_free(l);
    put(f, "d", "");
    l = NULL;
    assert_int_equal(pg_root_list(root, PG_STR("."), &l, NULL), PG_TOO_LARGE);
    assert_null(l);
    pg_root_close(root);
}

// F7, on the file system of the tests: the signature alone may not tell, the racy flag must.
static void test_a_removed_entry_is_noticed_or_doubted(void **state)
{
    fixture *f = *state;
    make_dir_at(f, "d");
    put(f, "d/x", "");
    f->clock.now = pg_now_ns(&pg_clock_realtime);
    pg_listing *l = list(f->root, "d");
    assert_int_equal(unlink(at(f, "d/x")), 0);
    assert_int_not_equal(pg_root_check(f->root, PG_STR("d"), pg_listing_signature(l)), PG_FRESH);
    pg_listing_free(l);
    l = list(f->root, "d");
    assert_int_equal(pg_listing_count(l), 0);
    pg_listing_free(l);
}

static void test_a_quiet_directory_is_fresh_until_an_entry_appears(void **state)
{
    fixture *f = *state;
    make_dir_at(f, "d");
    put(f, "d/x", "1");
    pg_listing *l = list(f->root, "d");
    if ((pg_listing_signature(l)->flags & PG_SIG_ODD_FS) == 0)
        assert_int_equal(pg_root_check(f->root, PG_STR("d"), pg_listing_signature(l)), PG_FRESH);
    struct timespec past[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
    put(f, "d/y", "");
    assert_int_equal(utimensat(AT_FDCWD, at(f, "d"), past, 0), 0);
    assert_int_equal(pg_root_check(f->root, PG_STR("d"), pg_listing_signature(l)), PG_STALE);
    pg_listing_free(l);
}

static bool list_with(const pg_alloc *alloc, void *ctx)
{
    fixture *f = ctx;
    pg_root_options options = {.alloc = alloc};
    pg_root *root = NULL;
    pg_listing *l = NULL;
    pg_status status = pg_root_open(pg_str_from(f->dir), &options, &root, NULL);
    if (status == PG_OK)
        status = pg_root_list(root, PG_STR("."), &l, NULL);
    assert_true(status == PG_OK || status == PG_NOMEM);
    pg_listing_free(l);
    pg_root_close(root);
    return status == PG_OK;
}

static void test_listing_survives_every_failed_allocation(void **state)
{
    fixture *f = *state;
    for (int i = 0; i < 100; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "file%d", i);
        put(f, name, "");
    }
    int descriptors = open_descriptors();
    test_alloc_sweep(list_with, f);
    assert_int_equal(open_descriptors(), descriptors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FS_TEST(test_entries_come_in_byte_order_with_their_own_types),
        FS_TEST(test_odd_names_are_ordinary_names),
        FS_TEST(test_listings_of_other_things_are_refused),
        FS_TEST(test_a_directory_with_too_many_entries_is_refused),
        FS_TEST(test_a_removed_entry_is_noticed_or_doubted),
        FS_TEST(test_a_quiet_directory_is_fresh_until_an_entry_appears),
        FS_TEST(test_listing_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
