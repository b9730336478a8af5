/// Tests of reading, signatures and freshness beneath a root.
#include "fs_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/time.h>

static pg_signature signature_of(const pg_root *root, const char *path)
{
    pg_buf out;
    pg_buf_init(&out, NULL);
    pg_signature s = {0};
    assert_int_equal(pg_root_read(root, pg_str_from(path), 0, &out, &s, NULL), PG_OK);
    pg_buf_free(&out);
    return s;
}

static pg_freshness check(const pg_root *root, const char *path, const pg_signature *known)
{
    return pg_root_check(root, pg_str_from(path), known);
}

static void test_content_is_returned_byte_for_byte(void **state)
{
    fixture *f = *state;
    const char bytes[] = "a\0b\xff\n";
    test_write_file(at(f, "x"), bytes, sizeof bytes - 1);
    pg_buf out;
    pg_buf_init(&out, NULL);
    pg_buf_put(&out, "old", 3);
    assert_int_equal(pg_root_read(f->root, PG_STR("x"), 0, &out, NULL, NULL), PG_OK);
    assert_int_equal(out.len, sizeof bytes - 1);
    assert_memory_equal(out.ptr, bytes, out.len);
    put(f, "empty", "");
    assert_int_equal(pg_root_read(f->root, PG_STR("empty"), 0, &out, NULL, NULL), PG_OK);
    assert_int_equal(out.len, 0);
    pg_buf_free(&out);
}

static void test_a_file_above_the_limit_is_too_large_and_one_at_it_is_not(void **state)
{
    fixture *f = *state;
    put(f, "x", "12345");
    pg_buf out;
    pg_buf_init(&out, NULL);
    assert_int_equal(pg_root_read(f->root, PG_STR("x"), 5, &out, NULL, NULL), PG_OK);
    assert_int_equal(pg_root_read(f->root, PG_STR("x"), 4, &out, NULL, NULL), PG_TOO_LARGE);
    assert_int_equal(out.len, 0);
    put(f, "huge", "");
    assert_int_equal(truncate(at(f, "huge"), (off_t)10 * 1024 * 1024 * 1024), 0);
    assert_int_equal(pg_root_read(f->root, PG_STR("huge"), 0, &out, NULL, NULL), PG_TOO_LARGE);
    assert_int_equal(pg_root_read(f->root, PG_STR("huge"), SIZE_MAX, &out, NULL, NULL),
                     PG_TOO_LARGE);
    assert_true(out.cap < 1024);
    pg_buf_free(&out);
}

static fixture *current;
static int interventions; ///< how many reads are still to be disturbed
static int reads;

/// Reads, then appends to the file before the reader looks at it again.
static ssize_t pread_while_it_grows(int fd, void *bytes, size_t count, off_t offset)
{
    reads++;
    ssize_t n = pread(fd, bytes, count, offset);
    if (interventions > 0) {
        interventions--;
        int other = open(at(current, "x"), O_WRONLY | O_APPEND | O_CLOEXEC);
        assert_int_equal(write(other, "+", 1), 1);
        assert_int_equal(close(other), 0);
    }
    return n;
}

static ssize_t pread_while_it_shrinks(int fd, void *bytes, size_t count, off_t offset)
{
    if (interventions > 0) {
        interventions--;
        assert_int_equal(truncate(at(current, "x"), 2), 0);
    }
    return pread(fd, bytes, count, offset);
}

/// Rewrites the file in place after the reader has read it: other bytes, another time, same size.
static ssize_t pread_while_it_is_rewritten(int fd, void *bytes, size_t count, off_t offset)
{
    ssize_t n = pread(fd, bytes, count, offset);
    if (interventions > 0) {
        interventions--;
        const struct timespec times[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
        put(current, "x", "54321");
        assert_int_equal(utimensat(AT_FDCWD, at(current, "x"), times, 0), 0);
    }
    return n;
}

static ssize_t pread_one_byte(int fd, void *bytes, size_t count, off_t offset)
{
    if (++reads % 2 == 0) {
        errno = EINTR;
        return -1;
    }
    return pread(fd, bytes, count > 0 ? 1 : 0, offset);
}

static ssize_t pread_broken(int fd, void *bytes, size_t count, off_t offset)
{
    (void)fd;
    (void)bytes;
    (void)count;
    (void)offset;
    errno = EIO;
    return -1;
}

static void test_a_file_that_changes_while_it_is_read_is_read_again(void **state)
{
    fixture *f = current = *state;
    put(f, "x", "12345");
    f->ops.pread = pread_while_it_grows;
    interventions = 3;
    assert_reads(f->root, "x", "12345+++");
    f->ops.pread = pread_while_it_shrinks;
    interventions = 1;
    assert_reads(f->root, "x", "12");
    put(f, "x", "12345");
    f->ops.pread = pread_while_it_is_rewritten;
    interventions = 1;
    assert_reads(f->root, "x", "54321");
}

static void test_a_file_that_never_stands_still_is_refused_after_three_rereads(void **state)
{
    fixture *f = current = *state;
    put(f, "x", "12345");
    f->ops.pread = pread_while_it_grows;
    interventions = 1000;
    reads = 0;
    assert_int_equal(read_status(f->root, "x", NULL), PG_IO);
    assert_true(reads >= 4 && reads <= 8);
}

static void test_short_and_interrupted_reads_are_continued(void **state)
{
    fixture *f = *state;
    put(f, "x", "a longer text");
    f->ops.pread = pread_one_byte;
    assert_reads(f->root, "x", "a longer text");
    f->ops.pread = pread_broken;
    assert_int_equal(read_status(f->root, "x", NULL), PG_IO);
}

static void test_a_signature_names_the_file_and_its_state(void **state)
{
    fixture *f = *state;
    put(f, "x", "12345");
    make_dir_at(f, "dir");
    struct stat st;
    assert_int_equal(stat(at(f, "x"), &st), 0);
    pg_signature s = signature_of(f->root, "x");
    assert_int_equal(s.dev, st.st_dev);
    assert_int_equal(s.ino, st.st_ino);
    assert_int_equal(s.size, 5);
    assert_int_equal(s.mtime_ns,
                     (int64_t)st.st_mtim.tv_sec * PG_NS_PER_SECOND + st.st_mtim.tv_nsec);
    assert_int_equal(s.type, PG_FILE_REGULAR);
    pg_signature stated = {0};
    assert_int_equal(pg_root_stat(f->walking, PG_STR("x"), &stated, NULL), PG_OK);
    assert_true(pg_signature_equal(&s, &stated));
    assert_int_equal(s.flags, stated.flags);
    assert_int_equal(pg_root_stat(f->root, PG_STR("dir"), &stated, NULL), PG_OK);
    assert_int_equal(stated.type, PG_FILE_DIR);
    assert_int_equal(pg_root_stat(f->root, PG_STR("none"), &stated, NULL), PG_NOT_FOUND);
    assert_int_equal(sizeof s, 48);
}

static void test_an_unchanged_file_is_fresh_and_a_missing_one_is_stale(void **state)
{
    fixture *f = *state;
    put(f, "x", "12345");
    pg_signature s = signature_of(f->root, "x");
    if ((s.flags & PG_SIG_ODD_FS) != 0)
        skip();
    assert_int_equal(check(f->root, "x", &s), PG_FRESH);
    assert_int_equal(unlink(at(f, "x")), 0);
    assert_int_equal(check(f->root, "x", &s), PG_STALE);
    assert_int_equal(check(f->root, "../x", &s), PG_STALE);
}

// F1: a rewrite of the same size within one tick of the clock may leave every time as it was.
static void test_a_file_changed_just_before_it_was_read_is_doubtful(void **state)
{
    fixture *f = *state;
    put(f, "x", "12345");
    struct stat st;
    assert_int_equal(stat(at(f, "x"), &st), 0);
    int64_t changed = (int64_t)st.st_ctim.tv_sec * PG_NS_PER_SECOND + st.st_ctim.tv_nsec;
    f->clock.now = changed + 2 * PG_NS_PER_SECOND - 1;
    pg_signature s = signature_of(f->root, "x");
    assert_true((s.flags & PG_SIG_RACY) != 0);
    assert_int_equal(check(f->root, "x", &s), PG_DOUBTFUL);
    f->clock.now = changed + 2 * PG_NS_PER_SECOND;
    s = signature_of(f->root, "x");
    assert_int_equal(s.flags & PG_SIG_RACY, 0);
}

static void test_without_the_racy_rule_the_same_file_would_pass(void **state)
{
    fixture *f = *state;
    put(f, "x", "12345");
    pg_root_options options = {.clock = &f->clock.clock, .racy_window_ns = -1};
    pg_root *root = NULL;
    assert_int_equal(pg_root_open(pg_str_from(f->dir), &options, &root, NULL), PG_OK);
    f->clock.now = 0;
    assert_int_equal(signature_of(root, "x").flags & PG_SIG_RACY, 0);
    pg_root_close(root);
}

// F2
static void test_a_backdated_modification_is_seen_through_the_change_time(void **state)
{
    fixture *f = *state;
    put(f, "x", "12345");
    pg_signature s = signature_of(f->root, "x");
    struct timespec times[2] = {
        {.tv_sec = s.mtime_ns / PG_NS_PER_SECOND, .tv_nsec = s.mtime_ns % PG_NS_PER_SECOND},
        {.tv_sec = s.mtime_ns / PG_NS_PER_SECOND, .tv_nsec = s.mtime_ns % PG_NS_PER_SECOND}};
    s.ctime_ns -= 1; // as if the rewrite came one tick later than the read
    put(f, "x", "54321");
    assert_int_equal(utimensat(AT_FDCWD, at(f, "x"), times, 0), 0);
    pg_signature now = signature_of(f->root, "x");
    assert_int_equal(now.mtime_ns, s.mtime_ns);
    assert_int_equal(now.size, s.size);
    assert_int_equal(check(f->root, "x", &s), PG_STALE);
}

// F3
static void test_a_replaced_file_is_stale_however_it_was_replaced(void **state)
{
    fixture *f = *state;
    put(f, "x", "12345");
    pg_signature s = signature_of(f->root, "x");
    put(f, "new", "54321");
    assert_int_equal(rename(at_slot(f, 1, "new"), at(f, "x")), 0);
    assert_int_equal(check(f->root, "x", &s), PG_STALE);

    put(f, "a", "aaaaa");
    put(f, "b", "bbbbb");
    make_link(f, "a", "link");
    s = signature_of(f->root, "link");
    assert_int_equal(unlink(at(f, "link")), 0);
    make_link(f, "b", "link");
    assert_int_equal(check(f->root, "link", &s), PG_STALE);
}

// F5
static void test_a_file_from_the_future_is_always_doubtful(void **state)
{
    fixture *f = *state;
    put(f, "x", "12345");
    struct timespec times[2] = {{.tv_sec = FAR_FUTURE_NS / PG_NS_PER_SECOND + 3600},
                                {.tv_sec = FAR_FUTURE_NS / PG_NS_PER_SECOND + 3600}};
    assert_int_equal(utimensat(AT_FDCWD, at(f, "x"), times, 0), 0);
    pg_signature s = signature_of(f->root, "x");
    assert_int_equal(check(f->root, "x", &s), PG_DOUBTFUL);
}

// F8
static void test_an_absent_file_stays_fresh_until_it_appears(void **state)
{
    fixture *f = *state;
    pg_signature absent = {.flags = PG_SIG_ABSENT};
    assert_int_equal(check(f->root, "x", &absent), PG_FRESH);
    assert_int_equal(check(f->root, "no/such/dir", &absent), PG_FRESH);
    put(f, "x", "");
    assert_int_equal(check(f->root, "x", &absent), PG_STALE);
    pg_signature nothing = {0};
    assert_false(pg_signature_equal(&absent, &nothing));
}

static void test_a_signature_from_an_odd_file_system_is_doubtful(void **state)
{
    (void)state;
    pg_root *proc = NULL;
    if (pg_root_open(PG_STR("/proc/self"), NULL, &proc, NULL) != PG_OK)
        skip();
    pg_signature s = {0};
    assert_int_equal(pg_root_stat(proc, PG_STR("."), &s, NULL), PG_OK);
    assert_true((s.flags & PG_SIG_ODD_FS) != 0);
    assert_int_equal(pg_root_check(proc, PG_STR("."), &s), PG_DOUBTFUL);
    pg_root_close(proc);
}

static bool read_with(const pg_alloc *alloc, void *ctx)
{
    fixture *f = ctx;
    pg_buf out;
    pg_buf_init(&out, alloc);
    pg_status status = pg_root_read(f->root, PG_STR("x"), 0, &out, NULL, NULL);
    assert_true(status == PG_OK || status == PG_NOMEM);
    pg_buf_free(&out);
    return status == PG_OK;
}

static void test_reading_survives_every_failed_allocation(void **state)
{
    put(*state, "x", "12345");
    int descriptors = open_descriptors();
    test_alloc_sweep(read_with, *state);
    assert_int_equal(open_descriptors(), descriptors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FS_TEST(test_content_is_returned_byte_for_byte),
        FS_TEST(test_a_file_above_the_limit_is_too_large_and_one_at_it_is_not),
        FS_TEST(test_a_file_that_changes_while_it_is_read_is_read_again),
        FS_TEST(test_a_file_that_never_stands_still_is_refused_after_three_rereads),
        FS_TEST(test_short_and_interrupted_reads_are_continued),
        FS_TEST(test_a_signature_names_the_file_and_its_state),
        FS_TEST(test_an_unchanged_file_is_fresh_and_a_missing_one_is_stale),
        FS_TEST(test_a_file_changed_just_before_it_was_read_is_doubtful),
        FS_TEST(test_without_the_racy_rule_the_same_file_would_pass),
        FS_TEST(test_a_backdated_modification_is_seen_through_the_change_time),
        FS_TEST(test_a_replaced_file_is_stale_however_it_was_replaced),
        FS_TEST(test_a_file_from_the_future_is_always_doubtful),
        FS_TEST(test_an_absent_file_stays_fresh_until_it_appears),
        FS_TEST(test_a_signature_from_an_odd_file_system_is_doubtful),
        FS_TEST(test_reading_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
