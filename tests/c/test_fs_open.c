/// Tests of path resolution beneath a root: both ways of resolving must give the same answers.
#include "fs_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

static void test_paths_that_break_the_rules_are_refused_without_looking(void **state)
{
    fixture *f = *state;
    put(f, "x", "x");
    char *longest = calloc(1, PG_FS_MAX_PATH + 2);
    memset(longest, 'a', PG_FS_MAX_PATH + 1);
    const struct {
        pg_str path;
        pg_status want;
    } rows[] = {
        {PG_STR(""), PG_BAD_INPUT},
        {PG_STR("x\0y"), PG_BAD_INPUT},
        {{longest, PG_FS_MAX_PATH + 1}, PG_BAD_INPUT},
        {{longest, PG_FS_MAX_PATH}, PG_BAD_INPUT}, // short enough, but one name of 4095 bytes
        {PG_STR("/etc/passwd"), PG_OUTSIDE},
        {PG_STR("../x"), PG_OUTSIDE},
        {PG_STR(".."), PG_OUTSIDE},
        {PG_STR("./../x"), PG_OUTSIDE},
        {PG_STR("a/../../x"), PG_OUTSIDE},
        {PG_STR("a//..//../x"), PG_OUTSIDE},
        {PG_STR("~/x"), PG_NOT_FOUND},
        {PG_STR("file:///etc/passwd"), PG_NOT_FOUND},
        {PG_STR("\\..\\x"), PG_NOT_FOUND},
        {PG_STR("x/"), PG_NOT_DIRECTORY},
        {PG_STR("x/y"), PG_NOT_DIRECTORY},
        {PG_STR("x/."), PG_NOT_DIRECTORY},
        {PG_STR("."), PG_NOT_REGULAR},
        {PG_STR("..x"), PG_NOT_FOUND},
        {PG_STR("./x"), PG_OK},
        {PG_STR(".//./x"), PG_OK},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        pg_buf out;
        pg_buf_init(&out, NULL);
        assert_int_equal(pg_root_read(f->root, rows[i].path, 0, &out, NULL, NULL), rows[i].want);
        assert_int_equal(pg_root_read(f->walking, rows[i].path, 0, &out, NULL, NULL), rows[i].want);
        pg_buf_free(&out);
    }
    pg_error err = {0};
    pg_buf out;
    pg_buf_init(&out, NULL);
    const pg_str too_long = {longest, PG_FS_MAX_PATH + 1};
    assert_int_equal(pg_root_read(f->root, too_long, 0, &out, NULL, &err), PG_BAD_INPUT);
    assert_non_null(strstr(err.message, "longer than")); // refused before it is copied
    free(longest);
}

/// Builds the links that the parity test looks at.
static void make_links(fixture *f)
{
    test_write_file(at(f, "../secret"), "secret", 6);
    make_dir_at(f, "dir");
    make_dir_at(f, "dir/deep");
    put(f, "dir/file", "inside");
    put(f, "top", "top");
    make_link(f, "dir/file", "to_file");
    make_link(f, "dir", "to_dir");
    make_link(f, "deep/../file", "dir/up_and_down");
    make_link(f, "../../top", "dir/deep/to_top");
    make_link(f, "./dir//.", "to_dir_dotted");
    make_link(f, "/etc/passwd", "absolute");
    make_link(f, "/nowhere/at/all", "absolute_missing");
    make_link(f, "../secret", "relative_out");
    make_link(f, "../missing", "relative_out_missing");
    make_link(f, "dir/../../secret", "detour_out");
    make_link(f, "/proc/self/environ", "environment");
    make_link(f, "missing", "dangling");
    make_link(f, "loop_b", "loop_a");
    make_link(f, "loop_a", "loop_b");
    make_link(f, "self", "self");
    make_link(f, "top", "chain0");
    for (int i = 1; i <= 41; i++) {
        char name[32];
        char target[32];
        (void)snprintf(name, sizeof name, "chain%d", i);
        (void)snprintf(target, sizeof target, "chain%d", i - 1);
        make_link(f, target, name);
    }
}

static void test_openat2_and_the_walk_answer_alike_about_links(void **state)
{
    fixture *f = *state;
    make_links(f);
    const struct {
        const char *path;
        pg_status want;
        const char *content;
    } rows[] = {
        {"to_file", PG_OK, "inside"},
        {"to_dir/file", PG_OK, "inside"},
        {"to_dir/../top", PG_OK, "top"},
        {"to_dir/deep/to_top", PG_OK, "top"},
        {"to_dir_dotted/file", PG_OK, "inside"},
        {"dir/up_and_down", PG_OK, "inside"},
        {"dir/deep/../../top", PG_OK, "top"},
        {"chain39", PG_OK, "top"},
        {"chain41", PG_NOT_FOUND, NULL},
        {"absolute", PG_OUTSIDE, NULL},
        {"absolute_missing", PG_OUTSIDE, NULL},
        {"relative_out", PG_OUTSIDE, NULL},
        {"relative_out_missing", PG_OUTSIDE, NULL},
        {"detour_out", PG_OUTSIDE, NULL},
        {"environment", PG_OUTSIDE, NULL},
        {"dangling", PG_NOT_FOUND, NULL},
        {"loop_a", PG_NOT_FOUND, NULL},
        {"self", PG_NOT_FOUND, NULL},
        {"to_file/", PG_NOT_DIRECTORY, NULL},
        {"to_file/x", PG_NOT_DIRECTORY, NULL},
        {"to_dir", PG_NOT_REGULAR, NULL},
        {"to_dir/", PG_NOT_REGULAR, NULL},
    };
    int descriptors = open_descriptors();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        pg_error kernel = {0};
        pg_error walked = {0};
        if (rows[i].want == PG_OK) {
            assert_reads(f->root, rows[i].path, rows[i].content);
            assert_reads(f->walking, rows[i].path, rows[i].content);
            continue;
        }
        pg_status got = read_status(f->root, rows[i].path, &kernel);
        pg_status too = read_status(f->walking, rows[i].path, &walked);
        if (got != rows[i].want || too != rows[i].want)
            fail_msg("%s: %s and %s", rows[i].path, pg_status_name(got), pg_status_name(too));
        assert_string_equal(kernel.message, walked.message);
    }
    assert_int_equal(open_descriptors(), descriptors);
}

static void
test_a_link_out_is_refused_in_the_same_words_whether_or_not_it_leads_anywhere(void **state)
{
    fixture *f = *state;
    make_links(f);
    const char *const pairs[][2] = {
        {"absolute", "absolute_missing"},
        {"relative_out", "relative_out_missing"},
        {"../secret", "../missing"},
        {"/etc/passwd", "/nowhere"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        pg_error there = {0};
        pg_error missing = {0};
        assert_int_equal(read_status(f->root, pairs[i][0], &there), PG_OUTSIDE);
        assert_int_equal(read_status(f->root, pairs[i][1], &missing), PG_OUTSIDE);
        assert_string_equal(there.message, missing.message);
        assert_null(strstr(there.message, "secret"));
    }
}

static void test_only_regular_files_are_read(void **state)
{
    fixture *f = *state;
    assert_int_equal(mkfifo(at(f, "fifo"), 0666), 0);
    make_dir_at(f, "dir");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s/socket", f->dir);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    const char *const names[] = {"fifo", "dir", "socket"};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(read_status(f->root, names[i], NULL), PG_NOT_REGULAR);
        assert_int_equal(read_status(f->walking, names[i], NULL), PG_NOT_REGULAR);
    }
    (void)close(fd);
    pg_root *devices = NULL;
    assert_int_equal(pg_root_open(PG_STR("/dev"), NULL, &devices, NULL), PG_OK);
    assert_int_equal(read_status(devices, "zero", NULL), PG_NOT_REGULAR);
    pg_root_close(devices);
}

static int calls;

static int openat2_missing(int dir, const char *path, const struct open_how *how)
{
    (void)dir;
    (void)path;
    (void)how;
    calls++;
    errno = ENOSYS;
    return -1;
}

static int openat2_forbidden(int dir, const char *path, const struct open_how *how)
{
    (void)openat2_missing(dir, path, how);
    errno = EPERM;
    return -1;
}

static int openat2_busy_twice(int dir, const char *path, const struct open_how *how)
{
    if (++calls <= 2) {
        errno = EAGAIN;
        return -1;
    }
    return pg__fs_kernel.openat2(dir, path, how);
}

static int openat2_busy(int dir, const char *path, const struct open_how *how)
{
    (void)openat2_missing(dir, path, how);
    errno = EAGAIN;
    return -1;
}

static int openat2_interrupted_often(int dir, const char *path, const struct open_how *how)
{
    if (++calls <= 50) {
        errno = EINTR;
        return -1;
    }
    return pg__fs_kernel.openat2(dir, path, how);
}

static void test_a_missing_or_forbidden_openat2_falls_back_to_the_walk(void **state)
{
    fixture *f = *state;
    make_links(f);
    int (*const replacements[])(int, const char *, const struct open_how *) = {openat2_missing,
                                                                               openat2_forbidden};
    for (size_t i = 0; i < 2; i++) {
        f->ops.openat2 = replacements[i];
        calls = 0;
        assert_reads(f->root, "to_dir/file", "inside");
        assert_int_equal(read_status(f->root, "relative_out", NULL), PG_OUTSIDE);
        assert_true(calls > 0);
    }
}

static void test_a_resolution_that_races_is_retried_three_times(void **state)
{
    fixture *f = *state;
    put(f, "x", "x");
    f->ops.openat2 = openat2_busy_twice;
    calls = 0;
    assert_reads(f->root, "x", "x");
    f->ops.openat2 = openat2_busy;
    calls = 0;
    assert_int_equal(read_status(f->root, "x", NULL), PG_IO);
    assert_int_equal(calls, 4);
    f->ops.openat2 = openat2_interrupted_often;
    calls = 0;
    assert_reads(f->root, "x", "x");
}

static void test_the_walk_survives_deep_and_winding_paths(void **state)
{
    fixture *f = *state;
    char path[PG_FS_MAX_PATH + 1] = "";
    for (int i = 0; i < 150; i++) {
        (void)strcat(path, i == 0 ? "d" : "/d");
        make_dir_at(f, path);
    }
    (void)strcat(path, "/file");
    put(f, path, "deep");
    assert_reads(f->walking, path, "deep");
    char winding[PG_FS_MAX_PATH + 1] = "";
    for (int i = 0; i < 400; i++)
        (void)strcat(winding, "d/../");
    (void)strcat(winding, path);
    int descriptors = open_descriptors();
    assert_reads(f->walking, winding, "deep");
    assert_reads(f->root, winding, "deep");
    assert_int_equal(open_descriptors(), descriptors);
}

/// A small generator with its own state, so that every run asks the same.
static unsigned next_random(unsigned *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 16;
}

static void random_path(unsigned *seed, char *path, size_t size)
{
    static const char *const parts[] = {"..",  ".",      "dir",  "deep",   "file",
                                        "top", "to_dir", "link", "to_top", "missing",
                                        "",    "up",     "out",  "loop_a"};
    size_t count = 1 + next_random(seed) % 7;
    path[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(path);
        const char *part = parts[next_random(seed) % (sizeof parts / sizeof parts[0])];
        (void)snprintf(path + len, size - len, "%s%s", i > 0 ? "/" : "", part);
    }
}

static void test_openat2_and_the_walk_answer_alike_about_random_paths_and_links(void **state)
{
    fixture *f = *state;
    make_links(f);
    make_link(f, "..", "dir/up");
    make_link(f, "../..", "dir/out");
    make_link(f, "dir/deep/to_top", "link");
    unsigned seed = 20240229;
    int reached = 0;
    for (int i = 0; i < 5000; i++) {
        char path[128];
        char target[128];
        random_path(&seed, path, sizeof path);
        if (i % 50 == 0) {
            random_path(&seed, target, sizeof target);
            (void)unlink(at(f, "dir/link"));
            if (target[0] != '\0')
                make_link(f, target, "dir/link");
        }
        pg_status kernel = read_status(f->root, path, NULL);
        pg_status walked = read_status(f->walking, path, NULL);
        if (kernel != walked)
            fail_msg("%s: %s and %s", path, pg_status_name(kernel), pg_status_name(walked));
        reached += kernel == PG_OK;
    }
    assert_true(reached > 100);
}

static void test_a_file_that_may_not_be_read_is_a_permission_error(void **state)
{
    fixture *f = *state;
    put(f, "locked", "x");
    make_dir_at(f, "closed");
    put(f, "closed/x", "x");
    assert_int_equal(chmod(at(f, "locked"), 0), 0);
    assert_int_equal(chmod(at(f, "closed"), 0), 0);
    assert_int_equal(chmod(f->dir, 0755), 0);
    assert_int_equal(chmod(f->base, 0755), 0);
    uid_t user = geteuid();
    if (user == 0) // root reads everything
        assert_int_equal(seteuid(65534), 0);
    pg_status results[] = {
        read_status(f->root, "locked", NULL),      read_status(f->walking, "locked", NULL),
        read_status(f->root, "closed/x", NULL),    read_status(f->walking, "closed/x", NULL),
        read_status(f->root, "closed/../x", NULL), read_status(f->walking, "closed/../x", NULL),
    };
    assert_int_equal(seteuid(user), 0);
    assert_int_equal(chmod(at(f, "closed"), 0700), 0);
    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++)
        assert_int_equal(results[i], PG_PERMISSION);
}

static void test_a_hard_link_to_a_file_outside_is_readable(void **state)
{
    fixture *f = *state;
    test_write_file(at(f, "../secret"), "secret", 6);
    assert_int_equal(link(at_slot(f, 1, "../secret"), at(f, "hard")), 0);
    assert_reads(f->root, "hard", "secret");
}

static void test_a_root_that_is_none_is_refused(void **state)
{
    fixture *f = *state;
    put(f, "file", "x");
    pg_root *root = NULL;
    assert_int_equal(pg_root_open(PG_STR(""), NULL, &root, NULL), PG_BAD_INPUT);
    assert_int_equal(pg_root_open(PG_STR("/nowhere/at/all"), NULL, &root, NULL), PG_NOT_FOUND);
    assert_int_equal(pg_root_open(pg_str_from(at(f, "file")), NULL, &root, NULL), PG_NOT_DIRECTORY);
    assert_null(root);
}

static void test_a_root_knows_its_path_without_links(void **state)
{
    fixture *f = *state;
    make_dir_at(f, "real");
    make_link(f, "real", "alias");
    pg_root *root = NULL;
    assert_int_equal(pg_root_open(pg_str_from(at(f, "alias")), NULL, &root, NULL), PG_OK);
    assert_true(pg_str_equal(pg_root_path(root), pg_str_from(at(f, "real"))));
    pg_root_close(root);
    pg_root_close(NULL);
}

static bool open_root_with(const pg_alloc *alloc, void *ctx)
{
    fixture *f = ctx;
    pg_root *root = NULL;
    pg_root_options options = {.alloc = alloc};
    pg_status status = pg_root_open(pg_str_from(f->dir), &options, &root, NULL);
    assert_true(status == PG_OK || status == PG_NOMEM);
    pg_root_close(root);
    return status == PG_OK;
}

static void test_opening_a_root_survives_every_failed_allocation(void **state)
{
    int descriptors = open_descriptors();
    test_alloc_sweep(open_root_with, *state);
    assert_int_equal(open_descriptors(), descriptors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FS_TEST(test_paths_that_break_the_rules_are_refused_without_looking),
        FS_TEST(test_openat2_and_the_walk_answer_alike_about_links),
        FS_TEST(test_a_link_out_is_refused_in_the_same_words_whether_or_not_it_leads_anywhere),
        FS_TEST(test_only_regular_files_are_read),
        FS_TEST(test_a_missing_or_forbidden_openat2_falls_back_to_the_walk),
        FS_TEST(test_a_resolution_that_races_is_retried_three_times),
        FS_TEST(test_the_walk_survives_deep_and_winding_paths),
        FS_TEST(test_openat2_and_the_walk_answer_alike_about_random_paths_and_links),
        FS_TEST(test_a_file_that_may_not_be_read_is_a_permission_error),
        FS_TEST(test_a_hard_link_to_a_file_outside_is_readable),
        FS_TEST(test_a_root_that_is_none_is_refused),
        FS_TEST(test_a_root_knows_its_path_without_links),
        FS_TEST(test_opening_a_root_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
