/// Keys of a terminal. See keyboard.h.
#include "keyboard.h"

#include "terminal_input.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

/// Time in which the rest of a key's sequence arrives, over a slow line too.
enum { SEQUENCE_MS = 100 };

static void take_terminal(const pg_keyboard *k)
{
    struct termios modes = k->before;
    modes.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    modes.c_iflag &= ~(tcflag_t)(IXON);
    modes.c_cc[VMIN] = 1;
    modes.c_cc[VTIME] = 0;
    (void)tcsetattr(STDIN_FILENO, TCSADRAIN, &modes);
}

static void give_terminal(const pg_keyboard *k)
{
    (void)tcsetattr(STDIN_FILENO, TCSADRAIN, &k->before);
}

pg_status pg_keyboard_open(pg_keyboard *k, pg_attention *attention, pg_error *err)
{
    k->attention = NULL;
    if (tcgetattr(STDIN_FILENO, &k->before) != 0)
        return pg_error_set(err, PG_IO, "standard input is not a terminal: %s", strerror(errno));
    k->input = pg_terminal_input_open();
    k->attention = attention;
    pg_attention_set_editing(attention, true);
    take_terminal(k);
    return PG_OK;
}

void pg_keyboard_close(pg_keyboard *k)
{
    if (k->attention == NULL)
        return;
    give_terminal(k);
    pg_terminal_input_close(k->input);
    pg_attention_set_editing(k->attention, false);
    k->attention = NULL;
}

/// What a signal is to who waits for a key. False when it is nothing.
static bool obey_signal(pg_keyboard *k, int signal, pg_key *key)
{
    *key = PG_KEY_REDRAW;
    switch (signal) {
    case SIGINT:
        *key = PG_KEY_INTERRUPTED;
        return true;
    case SIGHUP:
    case SIGTERM:
    case SIGQUIT:
    case SIGTSTP:
        give_terminal(k);
        pg_attention_obey(signal);
        // The terminal may be another program's until this one is continued.
        // fall through
    case SIGCONT:
        take_terminal(k);
        return true;
    default:
        return signal == SIGWINCH;
    }
}

/// Waits at most `timeout_ms` (-1 = for ever) for a byte. False with a key, or PG_KEY_ESCAPE when
/// the time is up.
static bool read_byte(pg_keyboard *k, int timeout_ms, unsigned char *byte, pg_key *key)
{
    for (;;) {
        struct pollfd entries[2] = {
            {.fd = k->input, .events = POLLIN},
            {.fd = k->attention->fd, .events = POLLIN},
        };
        int n = poll(entries, timeout_ms < 0 ? 2 : 1, timeout_ms);
        *key = PG_KEY_EOF;
        if (n < 0 && errno != EINTR)
            return false;
        if (n == 0) {
            *key = PG_KEY_ESCAPE;
            return false;
        }
        if (n > 0 && entries[1].revents != 0)
            for (int signal; (signal = pg_attention_take(k->attention)) != 0;)
                if (obey_signal(k, signal, key))
                    return false;
        if (n <= 0 || entries[0].revents == 0)
            continue;
        ssize_t got = read(k->input, byte, 1);
        if (got == 1)
            return true;
        *key = PG_KEY_EOF;
        if (got == 0 || (errno != EINTR && errno != EAGAIN))
            return false;
    }
}

/// The key of a sequence by its parameter and its last byte.
static pg_key sequence_key(int number, unsigned char last)
{
    static const struct {
        unsigned char last;
        int number; ///< -1 = any
        pg_key key;
    } keys[] = {
        {'A', -1, PG_KEY_UP},       {'B', -1, PG_KEY_DOWN}, {'C', -1, PG_KEY_RIGHT},
        {'D', -1, PG_KEY_LEFT},     {'H', -1, PG_KEY_HOME}, {'F', -1, PG_KEY_END},
        {'M', -1, PG_KEY_ENTER},    {'~', 1, PG_KEY_HOME},  {'~', 7, PG_KEY_HOME},
        {'~', 4, PG_KEY_END},       {'~', 8, PG_KEY_END},   {'~', 5, PG_KEY_PAGE_UP},
        {'~', 6, PG_KEY_PAGE_DOWN},
    };
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (keys[i].last == last && (keys[i].number < 0 || keys[i].number == number))
            return keys[i].key;
    return PG_KEY_OTHER;
}

/// The key that began with an escape byte.
static pg_key read_sequence(pg_keyboard *k)
{
    unsigned char c;
    pg_key key;
    if (!read_byte(k, SEQUENCE_MS, &c, &key))
        return key;
    if (c != '[' && c != 'O')
        return PG_KEY_OTHER;
    int number = 0;
    bool counts = true;
    for (;;) {
        if (!read_byte(k, SEQUENCE_MS, &c, &key))
            return key == PG_KEY_ESCAPE ? PG_KEY_OTHER : key;
        if (c >= 0x40)
            return sequence_key(number, c);
        counts = counts && c >= '0' && c <= '9';
        if (counts && number < 1000)
            number = number * 10 + (c - '0');
    }
}

pg_key pg_keyboard_read(pg_keyboard *k, unsigned char *byte)
{
    pg_key key;
    if (!read_byte(k, -1, byte, &key))
        return key;
    switch (*byte) {
    case '\r':
    case '\n':
        return PG_KEY_ENTER;
    case 0x7F:
    case '\b':
        return PG_KEY_BACKSPACE;
    case 0x04:
    case 0x00: // Ctrl-D typed before the terminal was taken, as it hands it on
        return PG_KEY_EOF;
    case 0x03: // typed before the terminal knew that it interrupts
        return PG_KEY_INTERRUPTED;
    case 0x1B:
        return read_sequence(k);
    default:
        return PG_KEY_BYTE;
    }
}
