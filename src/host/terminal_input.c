/// The terminal, read without waiting. See terminal_input.h; rules: proc(5), open(2).
#include "terminal_input.h"

#include <fcntl.h>
#include <unistd.h>

int pg_terminal_input_open(void)
{
    int fd = -1;
    if (isatty(STDIN_FILENO) == 1)
        fd = open("/proc/self/fd/0", O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd >= 0 && isatty(fd) != 1) {
        (void)close(fd);
        fd = -1;
    }
    return fd >= 0 ? fd : STDIN_FILENO;
}

void pg_terminal_input_close(int fd)
{
    if (fd > STDERR_FILENO)
        (void)close(fd);
}
