/// Tests of the lock on a directory: one holder at a time, freed with its process.
#include "fs_fixture.h"

#include <pthread.h>
#include <sys/wait.h>

static pg_status lock(const pg_root *root, const char *path, int64_t wait_ns, pg_dir_lock **out)
{
    return pg_root_lock(root, pg_str_from(path), wait_ns, out, NULL);
}

static void test_a_second_lock_of_a_directory_is_refused_until_the_first_is_freed(void **state)
{
    fixture *f = *state;
    pg_dir_lock *first = NULL, *second = NULL;
    assert_int_equal(lock(f->root, ".", 0, &first), PG_OK);
    assert_int_equal(lock(f->root, ".", 0, &second), PG_CONFLICT);
    assert_int_equal(lock(f->walking, ".", 1, &second), PG_CONFLICT);
    assert_null(second);
    make_dir_at(f, "dir");
    assert_int_equal(lock(f->root, "dir", 0, &second), PG_OK); // another directory is another lock
    pg_dir_lock_free(second);
    pg_dir_lock_free(first);
    assert_int_equal(lock(f->root, ".", 0, &second), PG_OK);
    pg_dir_lock_free(second);
    pg_dir_lock_free(NULL);
}

static void test_only_a_directory_beneath_the_root_is_locked(void **state)
{
    fixture *f = *state;
    pg_dir_lock *out = NULL;
    put(f, "file", "");
    assert_int_equal(lock(f->root, "file", 0, &out), PG_NOT_DIRECTORY);
    assert_int_equal(lock(f->root, "none", 0, &out), PG_NOT_FOUND);
    assert_int_equal(lock(f->root, "..", 0, &out), PG_OUTSIDE);
    assert_int_equal(lock(f->root, "", 0, &out), PG_BAD_INPUT);
    assert_null(out);
}

/// A thread that waits for the lock.
typedef struct waiter {
    const pg_root *root;
    pg_dir_lock *lock;
    pg_status status;
} waiter;

static void *wait_for_lock(void *arg)
{
    waiter *w = arg;
    w->status = lock(w->root, ".", 60 * PG_NS_PER_SECOND, &w->lock);
    return NULL;
}

static void test_a_waiter_gets_the_lock_when_it_is_freed(void **state)
{
    fixture *f = *state;
    pg_dir_lock *first = NULL;
    assert_int_equal(lock(f->root, ".", 0, &first), PG_OK);
    waiter w = {.root = f->root};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, wait_for_lock, &w), 0);
    pg_dir_lock_free(first);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(w.status, PG_OK);
    pg_dir_lock_free(w.lock);
}

static void test_a_lock_ends_with_its_process(void **state)
{
    fixture *f = *state;
    pid_t child = fork();
    if (child == 0) {
        pg_dir_lock *held = NULL;
        _exit(lock(f->root, ".", 0, &held) == PG_OK ? 0 : 1); // never freed
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    pg_dir_lock *out = NULL;
    assert_int_equal(lock(f->root, ".", 0, &out), PG_OK);
    pg_dir_lock_free(out);
}

static bool lock_once(const pg_alloc *alloc, void *ctx)
{
    pg_root *root = NULL;
    pg_dir_lock *held = NULL;
    pg_root_options options = {.alloc = alloc};
    bool ok = pg_root_open(pg_str_from(ctx), &options, &root, NULL) == PG_OK &&
              pg_root_lock(root, PG_STR("."), 0, &held, NULL) == PG_OK;
    pg_dir_lock_free(held);
    pg_root_close(root);
    return ok;
}

static void test_a_failed_allocation_leaves_nothing_locked(void **state)
{
    fixture *f = *state;
    int before = open_descriptors();
    test_alloc_sweep(lock_once, f->dir);
    assert_int_equal(open_descriptors(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FS_TEST(test_a_second_lock_of_a_directory_is_refused_until_the_first_is_freed),
        FS_TEST(test_only_a_directory_beneath_the_root_is_locked),
        FS_TEST(test_a_waiter_gets_the_lock_when_it_is_freed),
        FS_TEST(test_a_lock_ends_with_its_process),
        FS_TEST(test_a_failed_allocation_leaves_nothing_locked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
