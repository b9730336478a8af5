/// Tests of validity: a record is used exactly as long as the content it was computed from is
/// there.
#include "store_support.h"

#include <sys/stat.h>
#include <time.h>

static fixture f;

static int setup(void **state)
{
    (void)state;
    fixture_init(&f);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fixture_free(&f);
    return 0;
}

static void path_of(const char *name, char *path, size_t size)
{
    (void)snprintf(path, size, "%s/%s", f.work, name);
}

static void put(const pg_dep *deps, size_t count)
{
    assert_true(fixture_put(&f, "/w/plan", deps, count, "value"));
}

static void put_file(const char *name)
{
    pg_dep dep = fixture_dep(&f, name, PG_DEP_FILE);
    put(&dep, 1);
}

/// What fetching says of the record.
static pg_store_verdict fetch(pg_store_miss *miss)
{
    pg_store_verdict verdict;
    pg_store_miss why;
    pg_store_record *record = pg_store_fetch(f.store, PG_STR("/w/plan"), f.root, &why, &verdict);
    assert_int_equal(record != NULL, why == PG_STORE_MISS_NONE);
    pg_store_record_free(record);
    if (miss != NULL)
        *miss = why;
    return verdict;
}

static void assert_stale(pg_store_change change)
{
    pg_store_miss miss;
    pg_store_verdict verdict = fetch(&miss);
    assert_int_equal(miss, PG_STORE_MISS_STALE);
    assert_int_equal(verdict.state, PG_STORE_STALE);
    assert_int_equal(verdict.change, change);
}

static void assert_valid(pg_store_state expected, size_t hashed)
{
    pg_store_miss miss;
    pg_store_verdict verdict = fetch(&miss);
    assert_int_equal(miss, PG_STORE_MISS_NONE);
    assert_int_equal(verdict.state, expected);
    assert_int_equal(verdict.hashed, hashed);
}

/// Sets the access and modification times of a file of the workspace.
static void set_times(const char *name, int64_t ns)
{
    char path[256];
    path_of(name, path, sizeof path);
    const struct timespec t = {.tv_sec = (time_t)(ns / PG_NS_PER_SECOND),
                               .tv_nsec = (long)(ns % PG_NS_PER_SECOND)};
    const struct timespec times[2] = {t, t};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

/// Changes content without changing size, in place.
static void overwrite(const char *name, const char *text)
{
    char path[256];
    path_of(name, path, sizeof path);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(close(fd), 0);
}

static void test_untouched_files_cost_no_reading(void **state)
{
    (void)state;
    fixture_write(&f, "a.md", "one");
    put_file("a.md");
    assert_valid(PG_STORE_FRESH, 0);
    assert_valid(PG_STORE_FRESH, 0);
    pg_store_stats stats;
    pg_store_read_stats(f.store, &stats);
    assert_int_equal(stats.hits, 2);
    assert_int_equal(stats.hashed, 0);
}

static void test_a_rewrite_of_the_same_size_is_seen(void **state)
{
    (void)state;
    fixture_write(&f, "a.md", "one");
    put_file("a.md");
    overwrite("a.md", "two");
    assert_stale(PG_STORE_CHANGE_CONTENT);
}

/// Pretends that a rewrite fell into the same tick of the file system's clock: the record has the
/// signature of the new content and the hash of the old one.
static void put_same_tick(void)
{
    fixture_write(&f, "a.md", "one");
    pg_dep dep = fixture_dep(&f, "a.md", PG_DEP_FILE);
    overwrite("a.md", "two");
    pg_dep now = fixture_dep(&f, "a.md", PG_DEP_FILE);
    dep.signature = now.signature;
    put(&dep, 1);
}

static void test_a_rewrite_within_one_tick_is_seen_because_the_signature_is_racy(void **state)
{
    (void)state;
    f.wall.now = pg_now_ns(&pg_clock_realtime);
    put_same_tick();
    assert_stale(PG_STORE_CHANGE_CONTENT);
    // Without the rule the old record would be served; this shows that the test can fail.
    f.root_options.racy_window_ns = -1;
    fixture_reopen_root(&f);
    put_same_tick();
    assert_valid(PG_STORE_FRESH, 0);
}

static void test_a_racy_record_is_compared_until_it_is_certain(void **state)
{
    (void)state;
    f.wall.now = pg_now_ns(&pg_clock_realtime);
    fixture_write(&f, "a.md", "one");
    put_file("a.md");
    assert_valid(PG_STORE_FRESH, 1);
    assert_int_equal(fetch(NULL).doubtful, 1);
    f.wall.now += 3 * PG_NS_PER_SECOND;
    assert_valid(PG_STORE_REFRESHED, 1);
    assert_valid(PG_STORE_FRESH, 0);
    pg_store_stats stats;
    pg_store_read_stats(f.store, &stats);
    assert_int_equal(stats.refreshed, 1);
}

static void test_a_future_time_is_always_compared(void **state)
{
    (void)state;
    fixture_write(&f, "a.md", "one");
    set_times("a.md", f.wall.now + 3600 * PG_NS_PER_SECOND);
    put_file("a.md");
    assert_valid(PG_STORE_FRESH, 1);
    assert_valid(PG_STORE_FRESH, 1);
    overwrite("a.md", "two");
    set_times("a.md", f.wall.now + 3600 * PG_NS_PER_SECOND);
    assert_stale(PG_STORE_CHANGE_CONTENT);
}

static void test_a_time_set_back_does_not_hide_a_change(void **state)
{
    (void)state;
    fixture_write(&f, "a.md", "one");
    struct stat st;
    char path[256];
    path_of("a.md", path, sizeof path);
    assert_int_equal(stat(path, &st), 0);
    put_file("a.md");
    overwrite("a.md", "two");
    set_times("a.md", (int64_t)st.st_mtim.tv_sec * PG_NS_PER_SECOND + st.st_mtim.tv_nsec);
    assert_stale(PG_STORE_CHANGE_CONTENT);
}

static void test_touch_and_chmod_refresh_the_signature_once(void **state)
{
    (void)state;
    fixture_write(&f, "a.md", "one");
    put_file("a.md");
    set_times("a.md", 1000000000 * PG_NS_PER_SECOND);
    assert_valid(PG_STORE_REFRESHED, 1);
    assert_valid(PG_STORE_FRESH, 0);
    char path[256];
    path_of("a.md", path, sizeof path);
    assert_int_equal(chmod(path, 0600), 0);
    assert_valid(PG_STORE_REFRESHED, 1);
    assert_valid(PG_STORE_FRESH, 0);
}

static void test_another_size_is_stale_without_reading(void **state)
{
    (void)state;
    fixture_write(&f, "a.md", "one");
    put_file("a.md");
    fixture_write(&f, "a.md", "three");
    assert_stale(PG_STORE_CHANGE_SIZE);
    assert_int_equal(fetch(NULL).hashed, 0);
}

static void test_a_file_replaced_by_rename_is_judged_by_its_content(void **state)
{
    (void)state;
    fixture_write(&f, "a.md", "one");
    put_file("a.md");
    char from[256], to[256];
    path_of("new", from, sizeof from);
    path_of("a.md", to, sizeof to);
    fixture_write(&f, "new", "one");
    assert_int_equal(rename(from, to), 0);
    assert_valid(PG_STORE_REFRESHED, 1);
    fixture_write(&f, "new", "two");
    assert_int_equal(rename(from, to), 0);
    assert_stale(PG_STORE_CHANGE_CONTENT);
}

static void test_hard_links_and_retargeted_links_are_judged_by_content(void **state)
{
    (void)state;
    fixture_write(&f, "one", "one");
    fixture_write(&f, "two", "two");
    char link_path[256], other[256];
    path_of("a.md", link_path, sizeof link_path);
    assert_int_equal(symlink("one", link_path), 0);
    put_file("a.md");
    assert_valid(PG_STORE_FRESH, 0);
    assert_int_equal(unlink(link_path), 0);
    assert_int_equal(symlink("two", link_path), 0);
    assert_stale(PG_STORE_CHANGE_CONTENT);
    assert_int_equal(unlink(link_path), 0);
    path_of("two", other, sizeof other);
    assert_int_equal(link(other, link_path), 0);
    put_file("a.md");
    overwrite("two", "TWO"); // through the other name
    assert_stale(PG_STORE_CHANGE_CONTENT);
}

static void test_a_file_made_again_with_the_same_inode_is_seen(void **state)
{
    (void)state;
    char path[256];
    path_of("a.md", path, sizeof path);
    fixture_write(&f, "a.md", "one");
    put_file("a.md");
    for (int i = 0; i < 20; i++) { // the inode is often, not always, used again
        assert_int_equal(unlink(path), 0);
        fixture_write(&f, "a.md", "two");
        assert_stale(PG_STORE_CHANGE_CONTENT);
    }
}

static void test_a_vanished_or_unreadable_file_is_stale(void **state)
{
    (void)state;
    char path[256];
    path_of("a.md", path, sizeof path);
    fixture_write(&f, "a.md", "one");
    put_file("a.md");
    assert_int_equal(unlink(path), 0);
    assert_stale(PG_STORE_CHANGE_GONE);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_stale(PG_STORE_CHANGE_GONE);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_stale(PG_STORE_CHANGE_GONE);
}

static void test_what_was_absent_and_appears_makes_the_record_stale(void **state)
{
    (void)state;
    fixture_write(&f, "a.md", "one");
    pg_dep deps[] = {fixture_dep(&f, "a.md", PG_DEP_FILE),
                     fixture_dep(&f, "execution/APPROVED_01.md", PG_DEP_ABSENT)};
    put(deps, 2);
    assert_valid(PG_STORE_FRESH, 0);
    char path[256];
    path_of("execution", path, sizeof path);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_valid(PG_STORE_FRESH, 0);
    fixture_write(&f, "execution/APPROVED_01.md", "ok");
    assert_stale(PG_STORE_CHANGE_APPEARED);
    assert_int_equal(fetch(NULL).dep, 1);
}

static void test_a_directory_is_judged_by_its_names_and_types(void **state)
{
    (void)state;
    char dir[256], path[256];
    path_of("sub", dir, sizeof dir);
    assert_int_equal(mkdir(dir, 0700), 0);
    fixture_write(&f, "sub/one", "1");
    pg_dep dep = fixture_dep(&f, "sub", PG_DEP_DIR);
    put(&dep, 1);
    assert_valid(PG_STORE_FRESH, 0);
    fixture_write(&f, "sub/one", "changed"); // the content of a child is another dependency
    assert_valid(PG_STORE_FRESH, 0);
    fixture_write(&f, "sub/two", "2");
    assert_stale(PG_STORE_CHANGE_CONTENT);
    path_of("sub/two", path, sizeof path);
    assert_int_equal(unlink(path), 0);
    assert_valid(PG_STORE_REFRESHED, 1); // the same names again
    assert_valid(PG_STORE_FRESH, 0);
    path_of("sub/one", path, sizeof path);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0700), 0); // the same name, another type
    assert_stale(PG_STORE_CHANGE_CONTENT);
}

static void test_an_entry_removed_at_once_after_listing_is_seen_on_tmpfs(void **state)
{
    (void)state;
    char dir[] = "/dev/shm/promptgen-test-XXXXXX";
    if (access("/dev/shm", W_OK) != 0 || mkdtemp(dir) == NULL)
        skip();
    char work[sizeof f.work];
    (void)snprintf(work, sizeof work, "%s", f.work);
    (void)snprintf(f.work, sizeof f.work, "%s", dir);
    f.wall.now = pg_now_ns(&pg_clock_realtime);
    fixture_reopen_root(&f);
    for (int i = 0; i < 100; i++) {
        char path[256];
        fixture_write(&f, "x", "1");
        pg_dep dep = fixture_dep(&f, ".", PG_DEP_DIR);
        path_of("x", path, sizeof path);
        assert_int_equal(unlink(path), 0); // the directory's time need not move
        put(&dep, 1);
        assert_stale(PG_STORE_CHANGE_CONTENT);
    }
    (void)snprintf(f.work, sizeof f.work, "%s", work);
    fixture_reopen_root(&f);
    test_remove_tree(dir);
}

static void test_another_root_is_another_workspace(void **state)
{
    (void)state;
    fixture_write(&f, "a.md", "one");
    put_file("a.md");
    pg_root *other = NULL;
    assert_int_equal(pg_root_open(pg_str_from(f.base), &f.root_options, &other, NULL), PG_OK);
    pg_store_record *record = pg_store_get(f.store, PG_STR("/w/plan"), NULL);
    assert_non_null(record);
    pg_store_verdict verdict = pg_store_validate(record, other);
    assert_int_equal(verdict.state, PG_STORE_STALE);
    assert_int_equal(verdict.change, PG_STORE_CHANGE_ROOT);
    pg_store_record_free(record);
    pg_root_close(other);
}

static void test_paths_that_leave_the_root_are_stale(void **state)
{
    (void)state;
    fixture_write(&f, "a.md", "one");
    pg_dep dep = fixture_dep(&f, "a.md", PG_DEP_FILE);
    const char *const paths[] = {"/etc/passwd", "../work/a.md", "x/../../a.md"};
    for (int i = 0; i < 3; i++) {
        dep.path = pg_str_from(paths[i]);
        put(&dep, 1);
        pg_store_miss miss;
        (void)fetch(&miss);
        assert_int_equal(miss, PG_STORE_MISS_STALE);
    }
}

static void test_a_refreshed_record_is_served_also_when_it_cannot_be_written(void **state)
{
    (void)state;
    fixture_write(&f, "a.md", "one");
    put_file("a.md");
    set_times("a.md", 1000000000 * PG_NS_PER_SECOND);
    (void)snprintf(f.store->problem, sizeof f.store->problem, "the disk is full");
    assert_valid(PG_STORE_REFRESHED, 1);
    assert_valid(PG_STORE_REFRESHED, 1);
}

enum { MANY = 3000 };

/// Makes that many files and the dependencies on them.
static void make_many(pg_dep *deps, char names[][16])
{
    for (int i = 0; i < MANY; i++) {
        (void)snprintf(names[i], 16, "f%04d.md", i);
        fixture_write(&f, names[i], "one");
        deps[i] = fixture_dep(&f, names[i], PG_DEP_FILE);
    }
}

static void test_each_of_many_dependencies_is_judged_by_threads_as_by_one(void **state)
{
    (void)state;
    pg_dep *deps = calloc(MANY, sizeof *deps);
    char(*names)[16] = calloc(MANY, sizeof *names);
    assert_true(deps != NULL && names != NULL);
    make_many(deps, names);
    put(deps, MANY);
    fixture_write(&f, names[2500], "longer");
    overwrite(names[1100], "two");
    set_times(names[7], 1000000000 * PG_NS_PER_SECOND);
    for (unsigned threads = 1; threads <= 4; threads++) {
        pg_store_record *record = pg_store_get(f.store, PG_STR("/w/plan"), NULL);
        assert_non_null(record);
        pg_store_verdict verdict = pg_store_validate_each(record, f.root, threads);
        assert_int_equal(verdict.state, PG_STORE_STALE);
        assert_int_equal(verdict.dep, 1100);
        assert_int_equal(verdict.change, PG_STORE_CHANGE_CONTENT);
        assert_int_equal(verdict.hashed, 2);
        for (size_t i = 0; i < MANY; i++)
            assert_int_equal(pg_store_record_holds(record, i), i != 1100 && i != 2500);
        pg_store_record_free(record);
    }
    free(deps);
    free(names);
}

static void test_a_stale_record_is_fetched_with_what_still_holds(void **state)
{
    (void)state;
    fixture_write(&f, "a.md", "one");
    fixture_write(&f, "b.md", "one");
    const pg_dep deps[] = {fixture_dep(&f, "a.md", PG_DEP_FILE),
                           fixture_dep(&f, "b.md", PG_DEP_FILE)};
    put(deps, 2);
    set_times("b.md", 1000000000 * PG_NS_PER_SECOND);
    pg_store_miss miss;
    pg_store_verdict verdict;
    pg_store_record *record =
        pg_store_fetch_each(f.store, PG_STR("/w/plan"), f.root, &miss, &verdict);
    assert_int_equal(verdict.state, PG_STORE_REFRESHED);
    assert_int_equal(miss, PG_STORE_MISS_NONE);
    pg_store_record_free(record);
    fixture_write(&f, "a.md", "longer");
    record = pg_store_fetch_each(f.store, PG_STR("/w/plan"), f.root, &miss, &verdict);
    assert_non_null(record);
    assert_int_equal(miss, PG_STORE_MISS_STALE);
    assert_false(pg_store_record_holds(record, 0));
    assert_true(pg_store_record_holds(record, 1));
    pg_store_record_free(record);
    pg_store_stats stats;
    pg_store_read_stats(f.store, &stats);
    assert_int_equal(stats.hits, 1);
    assert_int_equal(stats.misses[PG_STORE_MISS_STALE], 1);
    assert_int_equal(stats.refreshed, 1);
    assert_null(pg_store_fetch_each(f.store, PG_STR("/w/none"), f.root, &miss, &verdict));
    assert_int_equal(miss, PG_STORE_MISS_ABSENT);
}

static void test_nothing_of_another_workspace_holds(void **state)
{
    (void)state;
    fixture_write(&f, "a.md", "one");
    put_file("a.md");
    pg_root *other = NULL;
    assert_int_equal(pg_root_open(pg_str_from(f.base), NULL, &other, NULL), PG_OK);
    pg_store_record *record = pg_store_get(f.store, PG_STR("/w/plan"), NULL);
    assert_int_equal(pg_store_validate_each(record, other, 0).change, PG_STORE_CHANGE_ROOT);
    assert_false(pg_store_record_holds(record, 0));
    pg_store_record_free(record);
    pg_root_close(other);
}

static void test_every_reason_has_a_name(void **state)
{
    (void)state;
    for (int i = 0; i < PG_STORE_MISS_COUNT; i++)
        assert_true(strlen(pg_store_miss_name((pg_store_miss)i)) > 0);
    assert_string_equal(pg_store_change_name(PG_STORE_CHANGE_APPEARED), "appeared");
    assert_string_equal(pg_dep_kind_name(PG_DEP_ABSENT), "absent");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_untouched_files_cost_no_reading),
        TEST(test_a_rewrite_of_the_same_size_is_seen),
        TEST(test_a_rewrite_within_one_tick_is_seen_because_the_signature_is_racy),
        TEST(test_a_racy_record_is_compared_until_it_is_certain),
        TEST(test_a_future_time_is_always_compared),
        TEST(test_a_time_set_back_does_not_hide_a_change),
        TEST(test_touch_and_chmod_refresh_the_signature_once),
        TEST(test_another_size_is_stale_without_reading),
        TEST(test_a_file_replaced_by_rename_is_judged_by_its_content),
        TEST(test_hard_links_and_retargeted_links_are_judged_by_content),
        TEST(test_a_file_made_again_with_the_same_inode_is_seen),
        TEST(test_a_vanished_or_unreadable_file_is_stale),
        TEST(test_what_was_absent_and_appears_makes_the_record_stale),
        TEST(test_a_directory_is_judged_by_its_names_and_types),
        TEST(test_an_entry_removed_at_once_after_listing_is_seen_on_tmpfs),
        TEST(test_another_root_is_another_workspace),
        TEST(test_paths_that_leave_the_root_are_stale),
        TEST(test_a_refreshed_record_is_served_also_when_it_cannot_be_written),
        TEST(test_each_of_many_dependencies_is_judged_by_threads_as_by_one),
        TEST(test_a_stale_record_is_fetched_with_what_still_holds),
        TEST(test_nothing_of_another_workspace_holds),
        TEST(test_every_reason_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
