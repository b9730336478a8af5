/// Tests of the pool: every item once, worker numbers, fewer threads than asked for, none left.
#include "support.h"

#include "promptgen/pool.h"

#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ITEMS = 10000 };

typedef struct seen {
    atomic_int times[ITEMS];
    size_t by_worker[PG_POOL_MAX_THREADS]; ///< each written by its worker only
    unsigned threads;                      ///< asked for
    atomic_int bad_worker;
} seen;

static void note(void *ctx, size_t index, unsigned worker)
{
    seen *s = ctx;
    (void)atomic_fetch_add(&s->times[index], 1);
    if (worker >= s->threads)
        (void)atomic_fetch_add(&s->bad_worker, 1);
    else
        s->by_worker[worker]++;
}

static seen *run(size_t count, unsigned threads, unsigned *worked)
{
    seen *s = calloc(1, sizeof *s);
    assert_non_null(s);
    s->threads = threads == 0 ? pg_pool_processors() : threads;
    *worked = pg_pool_run(count, threads, note, s);
    assert_int_equal(s->bad_worker, 0);
    size_t total = 0;
    for (size_t i = 0; i < PG_POOL_MAX_THREADS; i++)
        total += s->by_worker[i];
    assert_int_equal(total, count);
    for (size_t i = 0; i < ITEMS; i++)
        assert_int_equal(s->times[i], i < count ? 1 : 0);
    return s;
}

static void test_every_item_is_worked_on_once(void **state)
{
    (void)state;
    const unsigned threads[] = {1, 2, 3, 16, 64, 0};
    for (size_t i = 0; i < sizeof threads / sizeof threads[0]; i++) {
        unsigned worked;
        free(run(ITEMS, threads[i], &worked));
        assert_true(worked >= 1 && worked <= (threads[i] == 0 ? pg_pool_processors() : threads[i]));
    }
}

static void test_no_more_threads_than_items_are_made(void **state)
{
    (void)state;
    unsigned worked;
    free(run(0, 8, &worked));
    assert_int_equal(worked, 1);
    free(run(1, 8, &worked));
    assert_int_equal(worked, 1);
    free(run(3, 8, &worked));
    assert_true(worked <= 3);
    seen *s = calloc(1, sizeof *s);
    assert_non_null(s);
    s->threads = PG_POOL_MAX_THREADS;
    assert_true(pg_pool_run(1000, 100000, note, s) <= PG_POOL_MAX_THREADS);
    assert_int_equal(s->bad_worker, 0);
    free(s);
}

/// Number of threads of this process.
static int thread_count(void)
{
    DIR *dir = opendir("/proc/self/task");
    assert_non_null(dir);
    int count = 0;
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir))
        count += e->d_name[0] != '.';
    (void)closedir(dir);
    return count;
}

static void test_the_process_is_single_threaded_afterwards(void **state)
{
    (void)state;
    int before = thread_count();
    unsigned worked;
    free(run(ITEMS, 8, &worked));
    // A joined thread leaves the task list a moment after it was joined.
    for (int i = 0; i < 100000 && thread_count() != before; i++)
        (void)sched_yield();
    assert_int_equal(thread_count(), before);
}

static void test_a_system_without_threads_leaves_all_work_to_the_caller(void **state)
{
    (void)state;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
            _exit(77);
        const struct rlimit none = {0, 0};
        (void)setrlimit(RLIMIT_NPROC, &none);
        unsigned worked = 0;
        seen *s = calloc(1, sizeof *s);
        if (s == NULL)
            _exit(78);
        s->threads = 8;
        worked = pg_pool_run(ITEMS, 8, note, s);
        _exit(worked == 1 && s->by_worker[0] == ITEMS ? 0 : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
        skip();
    assert_int_equal(status, 0);
}

static void check_mask(void *ctx, size_t index, unsigned worker)
{
    (void)index;
    sigset_t mask;
    (void)pthread_sigmask(SIG_SETMASK, NULL, &mask);
    if (worker > 0 && sigismember(&mask, SIGINT) != 1)
        (void)atomic_fetch_add((atomic_int *)ctx, 1);
}

static void test_signals_are_left_to_the_caller(void **state)
{
    (void)state;
    sigset_t before, after;
    (void)pthread_sigmask(SIG_SETMASK, NULL, &before);
    atomic_int wrong;
    atomic_init(&wrong, 0);
    (void)pg_pool_run(1000, 4, check_mask, &wrong);
    assert_int_equal(atomic_load(&wrong), 0);
    (void)pthread_sigmask(SIG_SETMASK, NULL, &after);
    assert_int_equal(sigismember(&before, SIGINT), sigismember(&after, SIGINT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_item_is_worked_on_once),
        cmocka_unit_test(test_no_more_threads_than_items_are_made),
        cmocka_unit_test(test_the_process_is_single_threaded_afterwards),
        cmocka_unit_test(test_a_system_without_threads_leaves_all_work_to_the_caller),
        cmocka_unit_test(test_signals_are_left_to_the_caller),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
