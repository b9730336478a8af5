/// Single keys of the terminal, for menus.
///
/// From open to close the terminal hands over every key at once and shows none; signals keep their
/// keys and are taken from a pg_attention, so that the terminal is itself again before any acts.
/// Rules: termios(3), the key sequences of xterm's "Control Sequences". Internal to src/host.
#ifndef PROMPTGEN_KEYBOARD_H
#define PROMPTGEN_KEYBOARD_H

#include "attention.h"

#include "promptgen/status.h"

#include <termios.h>

typedef enum pg_key {
    PG_KEY_BYTE, ///< a byte of text
    PG_KEY_UP,
    PG_KEY_DOWN,
    PG_KEY_LEFT,
    PG_KEY_RIGHT,
    PG_KEY_HOME,
    PG_KEY_END,
    PG_KEY_PAGE_UP,
    PG_KEY_PAGE_DOWN,
    PG_KEY_ENTER,
    PG_KEY_BACKSPACE,
    PG_KEY_ESCAPE,      ///< alone: nothing followed within a moment
    PG_KEY_OTHER,       ///< a sequence without a meaning here
    PG_KEY_REDRAW,      ///< the size has changed, or the program was continued
    PG_KEY_INTERRUPTED, ///< SIGINT
    PG_KEY_EOF,         ///< end of input, or Ctrl-D
} pg_key;

typedef struct pg_keyboard {
    pg_attention *attention; ///< NULL when closed
    struct termios before;   ///< modes to return to
    int input;               ///< of pg_terminal_input_open
} pg_keyboard;

/// Takes the terminal on standard input. `attention` must outlive the keyboard. PG_IO when there is
/// no terminal.
PG_NODISCARD pg_status pg_keyboard_open(pg_keyboard *k, pg_attention *attention, pg_error *err);

/// Gives the terminal back. Idempotent.
void pg_keyboard_close(pg_keyboard *k);

/// Waits for a key; `*byte` is that of PG_KEY_BYTE.
pg_key pg_keyboard_read(pg_keyboard *k, unsigned char *byte);

#endif
