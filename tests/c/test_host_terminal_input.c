/// Reading a terminal without waiting.
#include "support.h"

#include "terminal_input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/// Puts `fd` in the place of standard input; the one of before comes back.
static int exchange_input(int fd)
{
    int before = dup(STDIN_FILENO);
    assert_true(before >= 0);
    assert_int_equal(dup2(fd, STDIN_FILENO), STDIN_FILENO);
    return before;
}

static void test_a_terminal_without_input_is_not_waited_for(void **state)
{
    (void)state;
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0)
        skip(); // no terminals here
    assert_int_equal(grantpt(master), 0);
    assert_int_equal(unlockpt(master), 0);
    int slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    assert_true(slave >= 0);
    int before = exchange_input(slave);
    int fd = pg_terminal_input_open();
    assert_true(fd > STDERR_FILENO);
    char byte = 0;
    assert_int_equal(read(fd, &byte, 1), -1);
    assert_int_equal(errno, EAGAIN);
    assert_int_equal(fcntl(STDIN_FILENO, F_GETFL) & O_NONBLOCK, 0);
    assert_int_equal(write(master, "x\n", 2), 2);
    assert_int_equal(read(fd, &byte, 1), 1);
    assert_int_equal(byte, 'x');
    pg_terminal_input_close(fd);
    assert_int_equal(fcntl(fd, F_GETFD), -1);
    assert_int_equal(dup2(before, STDIN_FILENO), STDIN_FILENO);
    (void)close(before);
    (void)close(slave);
    (void)close(master);
}

static void test_what_is_no_terminal_is_standard_input(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    int before = exchange_input(ends[0]);
    int fd = pg_terminal_input_open();
    assert_int_equal(fd, STDIN_FILENO);
    pg_terminal_input_close(fd);
    assert_true(fcntl(STDIN_FILENO, F_GETFD) >= 0);
    assert_int_equal(dup2(before, STDIN_FILENO), STDIN_FILENO);
    (void)close(before);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_terminal_without_input_is_not_waited_for),
        cmocka_unit_test(test_what_is_no_terminal_is_standard_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
