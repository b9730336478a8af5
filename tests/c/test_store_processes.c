/// Tests of many processes on one store: writers that are killed, collections beside them, a full
/// disk.
#include "store_support.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

enum { KEYS = 20, PROCESSES = 8, OPERATIONS = 500 };

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

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/// A payload from which its key and its own length can be told.
static size_t make_payload(int key, uint64_t size, char *out)
{
    int n = sprintf(out, "key %d size %llu ", key, (unsigned long long)size);
    memset(out + n, 'a' + key, size);
    return (size_t)n + size;
}

static bool payload_is_whole(int key, pg_str payload)
{
    char text[64];
    (void)snprintf(text, sizeof text, "%.*s", payload.len < 60 ? (int)payload.len : 60,
                   payload.ptr);
    int named = -1;
    unsigned long long size = 0;
    int at = 0;
    if (sscanf(text, "key %d size %llu %n", &named, &size, &at) != 2 || named != key)
        return false;
    const char *space = memmem(payload.ptr, payload.len, "size ", 5);
    const char *body = memchr(space + 5, ' ', payload.len - (size_t)(space + 5 - payload.ptr));
    return body != NULL && payload.len - (size_t)(body + 1 - payload.ptr) == size;
}

static pg_store *open_store(void)
{
    pg_store *store = NULL;
    pg_store_options options = f.options;
    options.clock = NULL;
    return pg_store_open(pg_str_from(f.dir), &options, &store, NULL) == PG_OK ? store : NULL;
}

/// What one process does: random reads, writes and collections. Exit status 1 = a wrong value.
static void run_process(uint64_t seed)
{
    pg_store *store = open_store();
    char *payload = malloc(70000);
    int status = store == NULL || payload == NULL ? 2 : 0;
    for (int i = 0; i < OPERATIONS && status == 0; i++) {
        int key = (int)(next_random(&seed) % KEYS);
        char name[32];
        int n = snprintf(name, sizeof name, "/w/plan-%d", key);
        pg_str key_text = {name, (size_t)n};
        uint64_t choice = next_random(&seed) % 100;
        if (choice < 45) {
            size_t len = make_payload(key, next_random(&seed) % 60000, payload);
            (void)pg_store_put(store, key_text, f.root, NULL, 0, (pg_str){payload, len});
        } else if (choice < 95) {
            pg_store_miss miss;
            pg_store_record *record = pg_store_get(store, key_text, &miss);
            if (record != NULL && !payload_is_whole(key, pg_store_record_payload(record)))
                status = 1;
            if (record == NULL && miss != PG_STORE_MISS_ABSENT)
                status = 3; // no reader ever sees a damaged record
            pg_store_record_free(record);
        } else {
            (void)pg_store_collect(store);
        }
    }
    free(payload);
    pg_store_close(store);
    _exit(status);
}

static void check_all_whole(void)
{
    pg_store *store = open_store();
    assert_non_null(store);
    for (int key = 0; key < KEYS; key++) {
        char name[32];
        int n = snprintf(name, sizeof name, "/w/plan-%d", key);
        pg_store_miss miss;
        pg_store_record *record = pg_store_get(store, (pg_str){name, (size_t)n}, &miss);
        if (record != NULL)
            assert_true(payload_is_whole(key, pg_store_record_payload(record)));
        else
            assert_int_equal(miss, PG_STORE_MISS_ABSENT);
        pg_store_record_free(record);
    }
    pg_store_close(store);
}

static void test_processes_side_by_side_never_see_a_wrong_record(void **state)
{
    (void)state;
    f.options.max_bytes = 400000; // less than all keys need: collections have work
    pid_t children[PROCESSES];
    for (int i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0)
            run_process(1234567 + (uint64_t)i * 7919);
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status = 0;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
    }
    check_all_whole();
}

static void test_processes_killed_at_random_leave_only_whole_records(void **state)
{
    (void)state;
    uint64_t seed = 42;
    for (int round = 0; round < 60; round++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            run_process(next_random(&seed) + (uint64_t)round);
        // Watch the process write, then kill it somewhere in the middle.
        for (uint64_t spins = next_random(&seed) % 3000; spins > 0; spins--)
            (void)access(f.dir, F_OK);
        assert_int_equal(kill(child, SIGKILL), 0);
        int status = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    }
    check_all_whole();
    pg_store *store = open_store();
    test_clock later;
    test_clock_init(&later, pg_now_ns(&pg_clock_realtime) + 7200 * PG_NS_PER_SECOND);
    store->options.clock = &later.clock;
    (void)pg_store_collect(store);
    pg_store_close(store);
    char command[256];
    (void)snprintf(command, sizeof command, "test -z \"$(find %s -name '.*' -type f)\"", f.dir);
    assert_int_equal(system(command), 0);
}

static void test_a_file_size_limit_turns_writing_off_and_harms_nothing(void **state)
{
    (void)state;
    assert_true(fixture_put(&f, "/w/plan", NULL, 0, "old"));
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)signal(SIGXFSZ, SIG_IGN);
        const struct rlimit limit = {50, 50};
        (void)setrlimit(RLIMIT_FSIZE, &limit);
        bool put = fixture_put(&f, "/w/plan", NULL, 0, "new");
        _exit(!put && pg_store_problem(f.store) != NULL ? 0 : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_true(fixture_has(&f, "/w/plan", "old", NULL));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_processes_side_by_side_never_see_a_wrong_record),
        TEST(test_processes_killed_at_random_leave_only_whole_records),
        TEST(test_a_file_size_limit_turns_writing_off_and_harms_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
