/// Tests of the worker process: what the kernel denies it, and how the parent sees it end.
#include "support.h"

#include "sandbox.h"
#include "supervisor.h"

#include "promptgen/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SECOND = 1000 * 1000 * 1000 };

static const pg_sandbox_limits some_limits = {
    .memory_bytes = 64 << 20, .timeout_ns = 10LL * SECOND, .parent = 0};

/// Runs `body` in a worker and returns the supervisor.
static pg_supervisor start(void (*body)(int fd), int64_t timeout_ns)
{
    pg_supervisor s;
    int fd;
    pid_t self = getpid();
    assert_int_equal(pg_supervisor_start(&s, timeout_ns, &fd, NULL), PG_OK);
    if (fd >= 0) {
        pg_sandbox_limits limits = some_limits;
        limits.parent = self;
        pg_sandbox_report report = {0};
        if (pg_sandbox_enter(fd, &limits, &report, NULL) != PG_OK)
            _exit(9);
        body(fd);
        _exit(0);
    }
    return s;
}

#ifndef PROMPTGEN_SANITIZED
static void send_nothing(int fd)
{
    (void)fd;
}
#endif

static void send_text(int fd, const char *text)
{
    (void)!pg_channel_send(fd, PG_FRAME_RESULT, pg_str_from(text), NULL);
}

static void expect_text(pg_supervisor *s, const char *text)
{
    pg_buf payload;
    pg_buf_init(&payload, NULL);
    pg_frame_type type;
    pg_error err = {0};
    assert_int_equal(pg_supervisor_next(s, &type, &payload, &err), PG_OK);
    assert_true(pg_str_equal(pg_buf_str(&payload), pg_str_from(text)));
    pg_buf_free(&payload);
    pg_supervisor_end(s);
    assert_int_equal(s->pid, 0);
    assert_int_equal(s->fd, -1);
}

static const char *probe(void)
{
#ifndef PROMPTGEN_SANITIZED
    if (open("/etc/passwd", O_RDONLY) >= 0 || open("/dev/null", O_WRONLY) >= 0)
        return "a file was opened";
    if (socket(AF_INET, SOCK_STREAM, 0) >= 0 || socket(AF_UNIX, SOCK_STREAM, 0) >= 0)
        return "a socket was made";
    if (fork() >= 0)
        return "a process was made";
    char *const argv[] = {"/bin/true", NULL};
    (void)execv(argv[0], argv);
    if (kill(getppid(), 0) == 0)
        return "a signal could be sent";
    if (fcntl(0, F_GETFD) >= 0 || fcntl(1, F_GETFD) >= 0 || fcntl(2, F_GETFD) >= 0)
        return "a standard descriptor is open";
#endif
    if (getenv("HOME") != NULL || getenv("PATH") != NULL)
        return "the environment is there";
    if (mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
        MAP_FAILED)
        return "memory is denied";
    return "denied";
}

static void probe_body(int fd)
{
    send_text(fd, probe());
}

static void test_a_worker_can_neither_open_nor_connect_nor_start_anything(void **state)
{
    (void)state;
    pg_supervisor s = start(probe_body, 10LL * SECOND);
    expect_text(&s, "denied");
}

static void loop_body(int fd)
{
    (void)fd;
    for (volatile unsigned i = 0;; i++) {
    }
}

static void test_a_worker_that_never_answers_is_killed_at_the_deadline(void **state)
{
    (void)state;
    pg_supervisor s = start(loop_body, SECOND / 50);
    pid_t pid = s.pid;
    pg_buf payload;
    pg_buf_init(&payload, NULL);
    pg_frame_type type;
    pg_error err = {0};
    assert_int_equal(pg_supervisor_next(&s, &type, &payload, &err), PG_LIMIT);
    assert_int_equal(s.pid, 0);
    assert_int_equal(kill(pid, 0), -1);
    assert_int_equal(errno, ESRCH);
}

static void crash_body(int fd)
{
    (void)fd;
    (void)signal(SIGSEGV, SIG_DFL);
    (void)raise(SIGSEGV);
    volatile int *nowhere = NULL;
    *nowhere = 1;
}

static void test_a_worker_that_crashes_is_reported_with_its_signal(void **state)
{
    (void)state;
    pg_supervisor s = start(crash_body, 10LL * SECOND);
    pg_buf payload;
    pg_buf_init(&payload, NULL);
    pg_frame_type type;
    pg_error err = {0};
    assert_int_equal(pg_supervisor_next(&s, &type, &payload, &err), PG_CRASH);
    assert_non_null(strstr(err.message, "worker process"));
    assert_int_equal(s.pid, 0);
}

static void out_of_order_body(int fd)
{
    (void)!pg_channel_send(fd, PG_FRAME_ANSWER, PG_STR("x"), NULL);
    loop_body(fd);
}

static void test_a_frame_that_only_a_parent_sends_kills_the_worker(void **state)
{
    (void)state;
    pg_supervisor s = start(out_of_order_body, 10LL * SECOND);
    pg_buf payload;
    pg_buf_init(&payload, NULL);
    pg_frame_type type;
    assert_int_equal(pg_supervisor_next(&s, &type, &payload, NULL), PG_CORRUPT);
    assert_int_equal(s.pid, 0);
    pg_buf_free(&payload);
}

static void test_nothing_is_received_after_the_result(void **state)
{
    (void)state;
    pg_supervisor s = start(probe_body, 10LL * SECOND);
    pg_buf payload;
    pg_buf_init(&payload, NULL);
    pg_frame_type type;
    assert_int_equal(pg_supervisor_next(&s, &type, &payload, NULL), PG_OK);
    assert_int_equal(pg_supervisor_next(&s, &type, &payload, NULL), PG_INVALID);
    pg_supervisor_end(&s);
    pg_supervisor_end(&s);
    pg_buf_free(&payload);
}

#ifndef PROMPTGEN_SANITIZED
static void *wait_for_close(void *fd)
{
    char byte;
    (void)!read(*(int *)fd, &byte, 1);
    return NULL;
}

static void test_a_process_with_threads_starts_no_worker(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, wait_for_close, &ends[0]), 0);
    pg_supervisor s;
    int fd = 0;
    assert_int_equal(pg_supervisor_start(&s, SECOND, &fd, NULL), PG_INTERNAL);
    (void)close(ends[1]);
    assert_int_equal(pthread_join(thread, NULL), 0);
    (void)close(ends[0]);
    s = start(send_nothing, SECOND);
    pg_supervisor_end(&s);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_worker_can_neither_open_nor_connect_nor_start_anything),
        cmocka_unit_test(test_a_worker_that_never_answers_is_killed_at_the_deadline),
        cmocka_unit_test(test_a_worker_that_crashes_is_reported_with_its_signal),
        cmocka_unit_test(test_a_frame_that_only_a_parent_sends_kills_the_worker),
        cmocka_unit_test(test_nothing_is_received_after_the_result),
#ifndef PROMPTGEN_SANITIZED
        cmocka_unit_test(test_a_process_with_threads_starts_no_worker),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
