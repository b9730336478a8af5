/// Many processes flush into one file at once, and some are killed in the middle.
#include "support.h"

#include "promptgen/metric_names.h"
#include "promptgen/metrics_store.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    PROCESSES = 50,
    FLUSHES = 20,
    STEP = 20, ///< what a flush of a process that will be killed adds
    KILLS = 40,
};

static const pg_str labels[] = {{"next", 4}, {"success", 7}};

static pg_metrics_store *new_store(const char *dir)
{
    pg_metrics_store *store = NULL;
    assert_int_equal(pg_metrics_store_new(pg_str_from(dir), NULL, &store, NULL), PG_OK);
    return store;
}

/// In a child: adds `amount` and flushes, `times` times (0 = for ever); a byte to `ack` after each.
static void flush_repeatedly(const char *dir, double amount, int times, int ack)
{
    pg_metrics_store *store = NULL;
    pg_metrics *r = NULL;
    pg_series *s = NULL;
    if (pg_metrics_store_new(pg_str_from(dir), NULL, &store, NULL) != PG_OK ||
        pg_metrics_new_standard(NULL, NULL, &r, NULL) != PG_OK ||
        pg_metrics_series(r, PG_METRIC_ID_PROMPTS, labels, 2, &s, NULL) != PG_OK)
        _exit(2);
    for (int i = 0; times == 0 || i < times; i++) {
        if (pg_counter_add(s, amount, NULL) != PG_OK)
            _exit(3);
        pg_status status;
        do // a machine so busy that neither lock is to be had: the gain is kept for another try
            status = pg_metrics_store_flush(store, r, false, NULL, NULL);
        while (status == PG_LIMIT);
        if (status != PG_OK)
            _exit(3);
        if (ack >= 0 && write(ack, "x", 1) != 1)
            _exit(4);
    }
    _exit(0);
}

static double total(const char *dir)
{
    pg_metrics_store *store = new_store(dir);
    pg_metrics *r = NULL;
    pg_series *s = NULL;
    assert_int_equal(pg_metrics_new_standard(NULL, NULL, &r, NULL), PG_OK);
    assert_int_equal(pg_metrics_store_flush(store, r, true, NULL, NULL), PG_OK); // moves pending
    pg_metrics_free(r);
    assert_int_equal(pg_metrics_new_standard(NULL, NULL, &r, NULL), PG_OK);
    assert_int_equal(pg_metrics_store_load(store, r, NULL), PG_OK);
    assert_int_equal(pg_metrics_series(r, PG_METRIC_ID_PROMPTS, labels, 2, &s, NULL), PG_OK);
    double value = pg_series_value(s);
    pg_series_release(s);
    pg_metrics_free(r);
    pg_metrics_store_free(store);
    return value;
}

static void assert_nothing_set_aside(const char *dir)
{
    char path[96];
    struct stat st;
    (void)snprintf(path, sizeof path, "%s/metrics.v1.bad", dir);
    assert_int_not_equal(stat(path, &st), 0);
}

static void test_fifty_processes_with_twenty_flushes_each_make_a_thousand(void **state)
{
    (void)state;
    char dir[64];
    test_temp_dir(dir, sizeof dir);
    pid_t children[PROCESSES];
    for (int i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0)
            flush_repeatedly(dir, 1, FLUSHES, -1);
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    assert_true(total(dir) == PROCESSES * FLUSHES);
    assert_nothing_set_aside(dir);
    test_remove_tree(dir);
}

/// Reads acknowledgements until `want` have come or the other end closes; returns how many.
static long read_acks(int fd, long want)
{
    char bytes[256];
    long got = 0;
    while (got < want) {
        size_t room = (size_t)(want - got) < sizeof bytes ? (size_t)(want - got) : sizeof bytes;
        ssize_t n = read(fd, bytes, room);
        if (n <= 0)
            break;
        got += n;
    }
    return got;
}

/// Starts two children that flush for ever, kills one at a random moment, then the other; returns
/// how many flushes were acknowledged.
static long kill_two(const char *dir, unsigned *seed)
{
    pid_t children[2];
    int acks[2][2];
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pipe(acks[i]), 0);
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0)
            flush_repeatedly(dir, STEP, 0, acks[i][1]);
        (void)close(acks[i][1]);
    }
    long acknowledged = 0;
    for (int i = 0; i < 2; i++) {
        acknowledged += read_acks(acks[i][0], 1 + rand_r(seed) % 20);
        for (volatile int spin = rand_r(seed) % 20000; spin > 0; spin--) { // a random moment
        }
        assert_int_equal(kill(children[i], SIGKILL), 0);
        int status;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_true(WIFSIGNALED(status));
        acknowledged += read_acks(acks[i][0], 1L << 30);
        (void)close(acks[i][0]);
    }
    return acknowledged;
}

static void test_killed_processes_leave_a_multiple_of_what_a_flush_adds(void **state)
{
    (void)state;
    char dir[64];
    test_temp_dir(dir, sizeof dir);
    unsigned seed = (unsigned)getpid();
    long acknowledged = 0;
    for (int i = 0; i < KILLS / 2; i++) {
        acknowledged += kill_two(dir, &seed);
        double value = total(dir);
        long flushes = (long)(value / STEP);
        assert_true(value == (double)(flushes * STEP));
        // Of each killed process one flush at most was stored without being acknowledged.
        assert_true(flushes >= acknowledged && flushes <= acknowledged + 2 * (i + 1));
        assert_nothing_set_aside(dir);
    }
    test_remove_tree(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fifty_processes_with_twenty_flushes_each_make_a_thousand),
        cmocka_unit_test(test_killed_processes_leave_a_multiple_of_what_a_flush_adds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
