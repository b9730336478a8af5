/// Tests of moving files and removing empty directories: nothing is ever replaced.
#include "fs_fixture.h"

#include <errno.h>

static pg_status move(const pg_root *root, const char *from, const char *to,
                      const pg_move_options *options)
{
    return pg_root_move(root, pg_str_from(from), pg_str_from(to), options, NULL);
}

static void test_a_file_takes_its_new_name_and_keeps_its_content_and_times(void **state)
{
    fixture *f = *state;
    make_dir_at(f, "dir");
    put(f, "x", "text");
    pg_signature before, after;
    assert_int_equal(pg_root_stat(f->root, PG_STR("x"), &before, NULL), PG_OK);
    assert_int_equal(move(f->root, "x", "dir/y", NULL), PG_OK);
    assert_reads(f->root, "dir/y", "text");
    assert_int_not_equal(access(at(f, "x"), F_OK), 0);
    assert_int_equal(pg_root_stat(f->root, PG_STR("dir/y"), &after, NULL), PG_OK);
    assert_true(before.ino == after.ino && before.mtime_ns == after.mtime_ns);
    assert_int_equal(move(f->walking, "dir/y", "x", NULL), PG_OK);
    assert_reads(f->root, "x", "text");
}

static void test_what_is_at_the_new_place_is_never_replaced(void **state)
{
    fixture *f = *state;
    put(f, "x", "mine");
    put(f, "y", "theirs");
    make_dir_at(f, "dir");
    make_link(f, "nowhere", "link");
    assert_int_equal(move(f->root, "x", "y", NULL), PG_CONFLICT);
    assert_int_equal(move(f->root, "x", "dir", NULL), PG_CONFLICT);
    assert_int_equal(move(f->root, "x", "link", NULL), PG_CONFLICT);
    assert_reads(f->root, "x", "mine");
    assert_reads(f->root, "y", "theirs");
}

static fixture *current;

static int renameat2_after_a_rival(int from_dir, const char *from, int to_dir, const char *to,
                                   unsigned flags)
{
    put(current, "y", "rival");
    return pg__fs_kernel.renameat2(from_dir, from, to_dir, to, flags);
}

static int renameat2_without_flags(int from_dir, const char *from, int to_dir, const char *to,
                                   unsigned flags)
{
    (void)from_dir;
    (void)from;
    (void)to_dir;
    (void)to;
    errno = flags != 0 ? EINVAL : EIO;
    return -1;
}

static int renameat2_across(int from_dir, const char *from, int to_dir, const char *to,
                            unsigned flags)
{
    (void)from_dir;
    (void)from;
    (void)to_dir;
    (void)to;
    (void)flags;
    errno = EXDEV;
    return -1;
}

static void test_a_rival_between_check_and_rename_wins(void **state)
{
    fixture *f = current = *state;
    put(f, "x", "mine");
    f->ops.renameat2 = renameat2_after_a_rival;
    assert_int_equal(move(f->root, "x", "y", NULL), PG_CONFLICT);
    assert_reads(f->root, "x", "mine");
    assert_reads(f->root, "y", "rival");
}

static void test_a_file_system_without_no_replace_moves_by_hard_link(void **state)
{
    fixture *f = *state;
    put(f, "x", "mine");
    put(f, "taken", "theirs");
    f->ops.renameat2 = renameat2_without_flags;
    assert_int_equal(move(f->root, "x", "taken", NULL), PG_CONFLICT);
    assert_int_equal(move(f->root, "x", "y", NULL), PG_OK);
    assert_reads(f->root, "y", "mine");
    assert_int_not_equal(access(at(f, "x"), F_OK), 0);
}

static void test_a_place_on_another_file_system_is_an_error(void **state)
{
    fixture *f = *state;
    put(f, "x", "mine");
    f->ops.renameat2 = renameat2_across;
    assert_int_equal(move(f->root, "x", "y", NULL), PG_IO);
    assert_reads(f->root, "x", "mine");
}

static void test_a_link_is_moved_as_a_link(void **state)
{
    fixture *f = *state;
    put(f, "target", "text");
    make_link(f, "target", "link");
    assert_int_equal(move(f->root, "link", "other", NULL), PG_OK);
    struct stat st;
    assert_int_equal(lstat(at(f, "other"), &st), 0);
    assert_true(S_ISLNK(st.st_mode));
}

static void test_places_that_are_not_files_beneath_the_root_are_refused(void **state)
{
    fixture *f = *state;
    make_dir_at(f, "dir");
    put(f, "x", "mine");
    make_link(f, "..", "out");
    const struct {
        const char *from, *to;
        pg_status want;
    } rows[] = {
        {"dir", "new", PG_NOT_REGULAR},  {"none", "new", PG_NOT_FOUND},
        {"x", "../new", PG_OUTSIDE},     {"x", "out/new", PG_OUTSIDE},
        {"../x", "new", PG_OUTSIDE},     {"x", "/tmp/new", PG_OUTSIDE},
        {"x", "none/new", PG_NOT_FOUND}, {"x", "dir/", PG_INVALID},
        {".", "new", PG_INVALID},        {"x", "", PG_BAD_INPUT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(move(f->root, rows[i].from, rows[i].to, NULL), rows[i].want);
        assert_int_equal(move(f->walking, rows[i].from, rows[i].to, NULL), rows[i].want);
    }
    assert_reads(f->root, "x", "mine");
}

static void test_only_the_expected_file_is_moved(void **state)
{
    fixture *f = *state;
    put(f, "x", "one");
    pg_signature seen;
    assert_int_equal(pg_root_stat(f->root, PG_STR("x"), &seen, NULL), PG_OK);
    put(f, "x", "longer");
    const pg_move_options options = {.expected = &seen, .make_parents = true};
    assert_int_equal(move(f->root, "x", "a/b/y", &options), PG_CONFLICT);
    assert_int_not_equal(access(at(f, "a"), F_OK), 0);
    assert_int_equal(pg_root_stat(f->root, PG_STR("x"), &seen, NULL), PG_OK);
    assert_int_equal(move(f->root, "x", "a/b/y", &options), PG_OK);
    assert_reads(f->root, "a/b/y", "longer");
}

static void test_a_directory_is_removed_only_when_it_is_empty(void **state)
{
    fixture *f = *state;
    make_dir_at(f, "dir");
    put(f, "dir/x", "");
    put(f, "file", "");
    make_link(f, "dir", "link");
    assert_int_equal(pg_root_remove_dir(f->root, PG_STR("dir"), NULL), PG_CONFLICT);
    assert_int_equal(pg_root_remove_dir(f->root, PG_STR("file"), NULL), PG_NOT_DIRECTORY);
    assert_int_equal(pg_root_remove_dir(f->root, PG_STR("link"), NULL), PG_NOT_DIRECTORY);
    assert_int_equal(pg_root_remove_dir(f->root, PG_STR("none"), NULL), PG_NOT_FOUND);
    assert_int_equal(pg_root_remove_dir(f->root, PG_STR("../x"), NULL), PG_OUTSIDE);
    assert_int_equal(pg_root_remove_dir(f->root, PG_STR("."), NULL), PG_INVALID);
    assert_int_equal(unlink(at(f, "dir/x")), 0);
    assert_int_equal(pg_root_remove_dir(f->root, PG_STR("dir"), NULL), PG_OK);
    assert_int_not_equal(access(at(f, "dir"), F_OK), 0);
}

static int fsync_failure;

static int failing_fsync(int fd)
{
    (void)fd;
    errno = fsync_failure;
    return -1;
}

static void test_a_directory_that_does_not_reach_the_disk_is_an_error_unless_it_cannot(void **state)
{
    fixture *f = *state;
    put(f, "x", "text");
    f->ops.fsync = failing_fsync;
    fsync_failure = EIO;
    assert_int_equal(move(f->root, "x", "y", NULL), PG_IO);
    fsync_failure = EINVAL; // a file system whose directories know no fsync
    put(f, "z", "text");
    assert_int_equal(move(f->root, "z", "w", NULL), PG_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FS_TEST(test_a_file_takes_its_new_name_and_keeps_its_content_and_times),
        FS_TEST(test_what_is_at_the_new_place_is_never_replaced),
        FS_TEST(test_a_rival_between_check_and_rename_wins),
        FS_TEST(test_a_file_system_without_no_replace_moves_by_hard_link),
        FS_TEST(test_a_place_on_another_file_system_is_an_error),
        FS_TEST(test_a_link_is_moved_as_a_link),
        FS_TEST(test_places_that_are_not_files_beneath_the_root_are_refused),
        FS_TEST(test_only_the_expected_file_is_moved),
        FS_TEST(test_a_directory_is_removed_only_when_it_is_empty),
        FS_TEST(test_a_directory_that_does_not_reach_the_disk_is_an_error_unless_it_cannot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
