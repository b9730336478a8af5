/// Tests of whole-file writes and new directories: the old content or the new, never a mixture.
#include "fs_fixture.h"

#include <errno.h>

static pg_status write_text(const pg_root *root, const char *path, const char *text,
                            const pg_write_options *options)
{
    return pg_root_write(root, pg_str_from(path), pg_str_from(text), options, NULL, NULL);
}

static size_t entry_count(const pg_root *root)
{
    pg_listing *l = NULL;
    assert_int_equal(pg_root_list(root, PG_STR("."), &l, NULL), PG_OK);
    size_t count = pg_listing_count(l);
    pg_listing_free(l);
    return count;
}

static void test_a_file_is_created_and_replaced(void **state)
{
    fixture *f = *state;
    pg_signature s = {0};
    assert_int_equal(pg_root_write(f->root, PG_STR("x"), PG_STR("a\0b"), NULL, &s, NULL), PG_OK);
    assert_int_equal(s.size, 3);
    pg_freshness fresh = pg_root_check(f->root, PG_STR("x"), &s);
    assert_int_equal(fresh, (s.flags & PG_SIG_ODD_FS) != 0 ? PG_DOUBTFUL : PG_FRESH);
    assert_int_equal(write_text(f->walking, "x", "second", NULL), PG_OK);
    assert_reads(f->root, "x", "second");
    assert_int_equal(write_text(f->root, "x", "", NULL), PG_OK);
    assert_reads(f->root, "x", "");
    assert_int_equal(entry_count(f->root), 1);
}

static void test_a_replaced_file_keeps_its_permissions_and_a_new_one_takes_the_umask(void **state)
{
    fixture *f = *state;
    mode_t old = umask(027);
    assert_int_equal(write_text(f->root, "new", "x", NULL), PG_OK);
    const pg_write_options private_file = {.mode = 0600};
    assert_int_equal(write_text(f->root, "private", "x", &private_file), PG_OK);
    (void)umask(old);
    struct stat st;
    assert_int_equal(stat(at(f, "new"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
    assert_int_equal(stat(at(f, "private"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(chmod(at(f, "new"), 0755), 0);
    assert_int_equal(write_text(f->root, "new", "y", NULL), PG_OK);
    assert_int_equal(stat(at(f, "new"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0755);
    assert_int_equal(chmod(at(f, "private"), 0444), 0);
    assert_int_equal(write_text(f->root, "private", "y", &private_file), PG_OK);
    assert_int_equal(stat(at(f, "private"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0400);
}

static void test_places_that_are_not_files_beneath_the_root_are_refused(void **state)
{
    fixture *f = *state;
    make_dir_at(f, "dir");
    put(f, "file", "old");
    make_link(f, "file", "link");
    make_link(f, "..", "out");
    assert_int_equal(mkfifo(at(f, "fifo"), 0666), 0);
    const struct {
        const char *path;
        pg_status want;
    } rows[] = {
        {"../x", PG_OUTSIDE},         {"/tmp/x", PG_OUTSIDE},
        {"out/x", PG_OUTSIDE},        {"dir", PG_NOT_REGULAR},
        {"fifo", PG_NOT_REGULAR},     {"link", PG_PERMISSION},
        {"dir/", PG_INVALID},         {".", PG_INVALID},
        {"dir/..", PG_INVALID},       {"none/x", PG_NOT_FOUND},
        {"file/x", PG_NOT_DIRECTORY}, {"", PG_BAD_INPUT},
    };
    size_t before = entry_count(f->root);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(write_text(f->root, rows[i].path, "new", NULL), rows[i].want);
        assert_int_equal(write_text(f->walking, rows[i].path, "new", NULL), rows[i].want);
    }
    assert_reads(f->root, "file", "old");
    assert_int_equal(entry_count(f->root), before);
    assert_int_not_equal(access(at(f, "../x"), F_OK), 0);
}

static void test_no_replace_loses_against_a_file_that_is_there(void **state)
{
    fixture *f = *state;
    const pg_write_options options = {.no_replace = true};
    assert_int_equal(write_text(f->root, "x", "mine", &options), PG_OK);
    assert_int_equal(write_text(f->root, "x", "theirs", &options), PG_CONFLICT);
    const pg_signature absent = {.flags = PG_SIG_ABSENT};
    const pg_write_options expecting_none = {.expected = &absent};
    assert_int_equal(write_text(f->root, "x", "theirs", &expecting_none), PG_CONFLICT);
    assert_reads(f->root, "x", "mine");
    assert_int_equal(entry_count(f->root), 1);
}

static fixture *current;

/// Lets another writer create the target after every check was made.
static int renameat2_after_a_rival(int from_dir, const char *from, int to_dir, const char *to,
                                   unsigned flags)
{
    put(current, "x", "rival");
    return pg__fs_kernel.renameat2(from_dir, from, to_dir, to, flags);
}

static int renameat2_without_flags(int from_dir, const char *from, int to_dir, const char *to,
                                   unsigned flags)
{
    if (flags != 0) {
        errno = EINVAL;
        return -1;
    }
    return pg__fs_kernel.renameat2(from_dir, from, to_dir, to, flags);
}

static void test_no_replace_has_no_gap_between_check_and_rename(void **state)
{
    fixture *f = current = *state;
    const pg_write_options options = {.no_replace = true};
    f->ops.renameat2 = renameat2_after_a_rival;
    assert_int_equal(write_text(f->root, "x", "mine", &options), PG_CONFLICT);
    assert_reads(f->root, "x", "rival");
    assert_int_equal(entry_count(f->root), 1);
}

static void test_a_file_system_without_no_replace_uses_a_hard_link(void **state)
{
    fixture *f = *state;
    const pg_write_options options = {.no_replace = true};
    f->ops.renameat2 = renameat2_without_flags;
    assert_int_equal(write_text(f->root, "x", "mine", &options), PG_OK);
    assert_reads(f->root, "x", "mine");
    assert_int_equal(entry_count(f->root), 1);
}

static void test_a_file_changed_since_it_was_read_is_a_conflict(void **state)
{
    fixture *f = *state;
    put(f, "x", "one");
    pg_signature seen = {0};
    assert_int_equal(pg_root_stat(f->root, PG_STR("x"), &seen, NULL), PG_OK);
    const pg_write_options options = {.expected = &seen};
    assert_int_equal(write_text(f->root, "x", "two", &options), PG_OK);
    assert_int_equal(write_text(f->root, "x", "three", &options), PG_CONFLICT);
    assert_reads(f->root, "x", "two");
    assert_int_equal(unlink(at(f, "x")), 0);
    assert_int_equal(write_text(f->root, "x", "three", &options), PG_CONFLICT);
    assert_int_equal(entry_count(f->root), 0);
}

static int calls;

static ssize_t write_in_bits(int fd, const void *bytes, size_t count)
{
    if (++calls % 2 == 0) {
        errno = EINTR;
        return -1;
    }
    return write(fd, bytes, count > 2 ? 2 : count);
}

static ssize_t write_to_a_full_disk(int fd, const void *bytes, size_t count)
{
    (void)fd;
    (void)bytes;
    (void)count;
    errno = ENOSPC;
    return -1;
}

static int fsync_broken(int fd)
{
    (void)fd;
    calls++;
    errno = EIO;
    return -1;
}

static int renameat2_broken(int from_dir, const char *from, int to_dir, const char *to,
                            unsigned flags)
{
    (void)from_dir;
    (void)from;
    (void)to_dir;
    (void)to;
    (void)flags;
    errno = EIO;
    return -1;
}

static void test_short_and_interrupted_writes_are_continued(void **state)
{
    fixture *f = *state;
    f->ops.write = write_in_bits;
    assert_int_equal(write_text(f->root, "x", "a longer text", NULL), PG_OK);
    assert_reads(f->root, "x", "a longer text");
}

static void test_a_failed_write_leaves_the_old_content_and_no_temporary_file(void **state)
{
    fixture *f = *state;
    put(f, "x", "old");
    int descriptors = open_descriptors();
    f->ops.write = write_to_a_full_disk;
    assert_int_equal(write_text(f->root, "x", "new", NULL), PG_IO);
    f->ops = pg__fs_kernel;
    f->ops.fsync = fsync_broken;
    calls = 0;
    assert_int_equal(write_text(f->root, "x", "new", NULL), PG_IO);
    assert_int_equal(calls, 1); // a failed fsync is not tried again
    f->ops = pg__fs_kernel;
    f->ops.renameat2 = renameat2_broken;
    assert_int_equal(write_text(f->root, "x", "new", NULL), PG_IO);
    f->ops = pg__fs_kernel;
    assert_reads(f->root, "x", "old");
    assert_int_equal(entry_count(f->root), 1);
    assert_int_equal(open_descriptors(), descriptors);
}

static int fsync_broken_for_directories(int fd)
{
    struct stat st;
    if (fstat(fd, &st) == 0 && !S_ISDIR(st.st_mode))
        return fsync(fd);
    errno = EIO;
    return -1;
}

static void test_a_name_that_does_not_reach_the_disk_is_an_error(void **state)
{
    fixture *f = *state;
    f->ops.fsync = fsync_broken_for_directories;
    assert_int_equal(write_text(f->root, "x", "new", NULL), PG_IO);
    const pg_write_options options = {.no_sync = true};
    assert_int_equal(write_text(f->root, "y", "new", &options), PG_OK);
}

static void test_removing_says_why_it_does_not(void **state)
{
    fixture *f = *state;
    put(f, "x", "text");
    pg_signature seen;
    pg_error err = {0};
    assert_int_equal(pg_root_stat(f->root, PG_STR("x"), &seen, NULL), PG_OK);
    assert_int_equal(pg_root_remove(f->root, PG_STR("none/x"), NULL, NULL), PG_NOT_FOUND);
    assert_int_equal(unlink(at(f, "x")), 0);
    assert_int_equal(pg_root_remove(f->root, PG_STR("x"), &seen, &err), PG_CONFLICT);
    assert_non_null(strstr(err.message, "has been removed"));
    assert_int_equal(pg_root_remove(f->root, PG_STR("x"), NULL, NULL), PG_NOT_FOUND);
}

static void test_no_sync_does_not_wait_for_the_disk(void **state)
{
    fixture *f = *state;
    f->ops.fsync = fsync_broken;
    const pg_write_options options = {.no_sync = true};
    assert_int_equal(write_text(f->root, "x", "new", &options), PG_OK);
}

static void test_parents_are_made_on_request(void **state)
{
    fixture *f = *state;
    const pg_write_options options = {.make_parents = true};
    assert_int_equal(write_text(f->root, "a/b/c/x", "new", &options), PG_OK);
    assert_int_equal(write_text(f->walking, "a/b/d//x", "new", &options), PG_OK);
    assert_reads(f->root, "a/b/c/x", "new");
    assert_reads(f->root, "a/b/d/x", "new");
    assert_int_equal(write_text(f->root, "x", "new", &options), PG_OK);
}

static void test_directories_are_made_beneath_the_root_only(void **state)
{
    fixture *f = *state;
    put(f, "file", "");
    make_link(f, "..", "out");
    assert_int_equal(pg_root_make_dirs(f->root, PG_STR("p/q/"), NULL), PG_OK);
    assert_int_equal(pg_root_make_dirs(f->root, PG_STR("p/q"), NULL), PG_OK);
    assert_int_equal(pg_root_make_dirs(f->root, PG_STR("."), NULL), PG_OK);
    assert_int_equal(pg_root_make_dirs(f->root, PG_STR("file"), NULL), PG_NOT_DIRECTORY);
    assert_int_equal(pg_root_make_dirs(f->root, PG_STR("file/x"), NULL), PG_NOT_DIRECTORY);
    assert_int_equal(pg_root_make_dirs(f->root, PG_STR("out/x"), NULL), PG_OUTSIDE);
    assert_int_equal(pg_root_make_dirs(f->root, PG_STR("../x"), NULL), PG_OUTSIDE);
    assert_int_not_equal(access(at(f, "../x"), F_OK), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FS_TEST(test_a_file_is_created_and_replaced),
        FS_TEST(test_a_replaced_file_keeps_its_permissions_and_a_new_one_takes_the_umask),
        FS_TEST(test_places_that_are_not_files_beneath_the_root_are_refused),
        FS_TEST(test_no_replace_loses_against_a_file_that_is_there),
        FS_TEST(test_no_replace_has_no_gap_between_check_and_rename),
        FS_TEST(test_a_file_system_without_no_replace_uses_a_hard_link),
        FS_TEST(test_a_file_changed_since_it_was_read_is_a_conflict),
        FS_TEST(test_short_and_interrupted_writes_are_continued),
        FS_TEST(test_a_failed_write_leaves_the_old_content_and_no_temporary_file),
        FS_TEST(test_a_name_that_does_not_reach_the_disk_is_an_error),
        FS_TEST(test_removing_says_why_it_does_not),
        FS_TEST(test_no_sync_does_not_wait_for_the_disk),
        FS_TEST(test_parents_are_made_on_request),
        FS_TEST(test_directories_are_made_beneath_the_root_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
