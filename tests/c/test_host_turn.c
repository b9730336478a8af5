/// Tests of a worker that lives on: how it is asked to stop, and what happens when it does not.
#include "support.h"

#include "attention.h"
#include "supervisor.h"

#include "promptgen/clock.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static atomic_int *new_flag(void)
{
    atomic_int *flag =
        mmap(NULL, sizeof *flag, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(flag != MAP_FAILED);
    return flag;
}

static void busy(void)
{
    for (volatile unsigned i = 0;; i++) {
    }
}

/// Answers when it is asked to stop.
static void polite_body(int fd, const atomic_int *flag)
{
    while (!atomic_load(flag)) {
    }
    (void)!pg_channel_send(fd, PG_FRAME_REQUEST, PG_STR("stopped"), NULL);
    busy();
}

static void deaf_body(int fd, const atomic_int *flag)
{
    (void)fd;
    (void)flag;
    busy();
}

/// Sends the beginning of a frame and no more.
static void stuck_body(int fd, const atomic_int *flag)
{
    (void)flag;
    (void)!write(fd, "\5\0", 2);
    busy();
}

static pg_supervisor start(void (*body)(int fd, const atomic_int *flag), pg_attention *attention,
                           atomic_int *flag)
{
    pg_supervisor s;
    int fd;
    assert_int_equal(pg_supervisor_start(&s, PG_NS_PER_SECOND, &fd, NULL), PG_OK);
    if (fd >= 0) {
        body(fd, flag);
        _exit(0);
    }
    s.attention = attention;
    s.interrupt = flag;
    s.grace_ns = PG_NS_PER_SECOND / 50;
    pg_supervisor_begin_turn(&s, 0);
    return s;
}

static void test_an_interrupt_asks_a_worker_that_then_goes_on(void **state)
{
    (void)state;
    pg_attention attention;
    assert_int_equal(pg_attention_open(&attention, NULL), PG_OK);
    atomic_int *flag = new_flag();
    pg_supervisor s = start(polite_body, &attention, flag);
    (void)raise(SIGINT);
    pg_buf payload;
    pg_buf_init(&payload, NULL);
    pg_frame_type type;
    s.grace_ns = 10 * PG_NS_PER_SECOND;
    assert_int_equal(pg_supervisor_next(&s, &type, &payload, NULL), PG_OK);
    assert_int_equal(type, PG_FRAME_REQUEST);
    assert_true(s.interrupted);
    assert_true(pg_supervisor_is_alive(&s));
    pg_supervisor_begin_turn(&s, 0);
    assert_int_equal(atomic_load(flag), 0);
    assert_false(s.interrupted);
    assert_int_equal(pg_attention_take(&attention), 0);
    pg_supervisor_end(&s);
    assert_false(pg_supervisor_is_alive(&s));
    pg_buf_free(&payload);
    pg_attention_close(&attention);
    (void)munmap(flag, sizeof *flag);
}

static void test_a_wait_ends_with_a_frame_a_signal_or_its_time(void **state)
{
    (void)state;
    pg_attention attention;
    assert_int_equal(pg_attention_open(&attention, NULL), PG_OK);
    atomic_int *flag = new_flag();
    pg_supervisor s = start(polite_body, &attention, flag);
    assert_false(pg_supervisor_wait(&s, 1000));
    (void)raise(SIGINT);
    assert_false(pg_supervisor_wait(&s, 20 * PG_NS_PER_SECOND));
    assert_int_equal(pg_attention_take(&attention), SIGINT);
    assert_false(s.interrupted);
    atomic_store(flag, 1);
    assert_true(pg_supervisor_wait(&s, 20 * PG_NS_PER_SECOND));
    pg_supervisor_end(&s);
    assert_true(pg_supervisor_wait(&s, 0));
    pg_attention_close(&attention);
    (void)munmap(flag, sizeof *flag);
}

static void expect_killed(void (*body)(int fd, const atomic_int *flag))
{
    pg_attention attention;
    assert_int_equal(pg_attention_open(&attention, NULL), PG_OK);
    atomic_int *flag = new_flag();
    pg_supervisor s = start(body, &attention, flag);
    pid_t pid = s.pid;
    (void)raise(SIGINT);
    pg_buf payload;
    pg_buf_init(&payload, NULL);
    pg_frame_type type;
    pg_error err = {0};
    assert_int_equal(pg_supervisor_next(&s, &type, &payload, &err), PG_INTERRUPTED);
    assert_int_equal(s.pid, 0);
    assert_int_equal(kill(pid, 0), -1);
    assert_int_equal(errno, ESRCH);
    pg_buf_free(&payload);
    pg_attention_close(&attention);
    (void)munmap(flag, sizeof *flag);
}

static void test_a_worker_that_does_not_stop_is_killed_after_the_grace(void **state)
{
    (void)state;
    expect_killed(deaf_body);
}

static void test_a_worker_stuck_inside_a_frame_is_killed_too(void **state)
{
    (void)state;
    expect_killed(stuck_body);
}

static void test_a_worker_that_takes_no_answer_is_killed_at_its_deadline(void **state)
{
    (void)state;
    pg_supervisor s = start(deaf_body, NULL, NULL);
    pg_supervisor_begin_turn(&s, PG_NS_PER_SECOND / 20);
    pg_buf large;
    pg_buf_init(&large, NULL);
    assert_true(pg_buf_reserve(&large, (size_t)8 << 20));
    memset(large.ptr, 'x', (size_t)8 << 20);
    large.len = (size_t)8 << 20;
    pg_supervisor_answer(&s, PG_FRAME_ANSWER, pg_buf_str(&large));
    pg_frame_type type;
    assert_int_equal(pg_supervisor_next(&s, &type, &large, NULL), PG_LIMIT);
    assert_int_equal(s.pid, 0);
    pg_buf_free(&large);
}

static void test_a_worker_that_cannot_be_asked_keeps_its_deadline(void **state)
{
    (void)state;
    pg_supervisor s = start(deaf_body, NULL, NULL);
    pg_supervisor_interrupt(&s);
    assert_false(s.interrupted);
    pg_supervisor_begin_turn(&s, PG_NS_PER_SECOND / 50);
    pg_buf payload;
    pg_buf_init(&payload, NULL);
    pg_frame_type type;
    assert_int_equal(pg_supervisor_next(&s, &type, &payload, NULL), PG_LIMIT);
    pg_buf_free(&payload);
}

static volatile sig_atomic_t handled;

static void on_signal(int signal)
{
    handled = signal;
}

static void test_signals_are_held_back_as_long_as_attention_is_paid(void **state)
{
    (void)state;
    struct sigaction mine = {.sa_handler = on_signal};
    struct sigaction before_int;
    struct sigaction before_winch;
    (void)sigaction(SIGINT, &mine, &before_int);
    (void)sigaction(SIGWINCH, &mine, &before_winch);
    pg_attention a;
    assert_int_equal(pg_attention_open(&a, NULL), PG_OK);
    assert_int_equal(pg_attention_take(&a), 0);
    (void)raise(SIGINT);
    assert_int_equal(handled, 0);
    assert_int_equal(pg_attention_take(&a), SIGINT);
    (void)raise(SIGWINCH);
    assert_int_equal(handled, SIGWINCH);
    handled = 0;
    pg_attention_set_editing(&a, true);
    (void)raise(SIGWINCH);
    (void)raise(SIGINT);
    pg_attention_drain(&a);
    assert_int_equal(pg_attention_take(&a), 0);
    pg_attention_set_editing(&a, false);
    pg_attention_obey(SIGWINCH);
    assert_int_equal(handled, 0);
    pg_attention_close(&a);
    pg_attention_close(&a);
    (void)raise(SIGINT);
    assert_int_equal(handled, SIGINT);
    (void)sigaction(SIGINT, &before_int, NULL);
    (void)sigaction(SIGWINCH, &before_winch, NULL);
}

static void test_what_a_wait_cannot_act_on_is_left_to_the_line_editor(void **state)
{
    (void)state;
    pg_attention attention;
    assert_int_equal(pg_attention_open(&attention, NULL), PG_OK);
    pg_attention_set_editing(&attention, true);
    atomic_int *flag = new_flag();
    pg_supervisor s = start(polite_body, &attention, flag);
    s.grace_ns = 10 * PG_NS_PER_SECOND;
    (void)raise(SIGTERM);
    (void)raise(SIGWINCH);
    (void)raise(SIGINT);
    pg_buf payload;
    pg_buf_init(&payload, NULL);
    pg_frame_type type;
    assert_int_equal(pg_supervisor_next(&s, &type, &payload, NULL), PG_OK);
    assert_true(s.interrupted);
    assert_int_equal(pg_attention_take(&attention), 0);
    assert_int_equal(pg_attention_take_back(&attention), SIGTERM);
    pg_attention_put_back(&attention, SIGINT);
    assert_int_equal(pg_attention_take_back(&attention), SIGINT);
    assert_int_equal(pg_attention_take_back(&attention), SIGWINCH);
    assert_int_equal(pg_attention_take_back(&attention), 0);
    pg_attention_put_back(&attention, SIGHUP);
    pg_attention_drain(&attention);
    assert_int_equal(pg_attention_take_back(&attention), 0);
    pg_supervisor_end(&s);
    pg_buf_free(&payload);
    pg_attention_set_editing(&attention, false);
    pg_attention_close(&attention);
    (void)munmap(flag, sizeof *flag);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_interrupt_asks_a_worker_that_then_goes_on),
        cmocka_unit_test(test_a_wait_ends_with_a_frame_a_signal_or_its_time),
        cmocka_unit_test(test_a_worker_that_does_not_stop_is_killed_after_the_grace),
        cmocka_unit_test(test_a_worker_stuck_inside_a_frame_is_killed_too),
        cmocka_unit_test(test_a_worker_that_takes_no_answer_is_killed_at_its_deadline),
        cmocka_unit_test(test_a_worker_that_cannot_be_asked_keeps_its_deadline),
        cmocka_unit_test(test_signals_are_held_back_as_long_as_attention_is_paid),
        cmocka_unit_test(test_what_a_wait_cannot_act_on_is_left_to_the_line_editor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
