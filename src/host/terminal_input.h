/// The terminal at standard input, to be read without waiting.
///
/// Between a poll that finds input and the read of it, Ctrl-C may empty what the terminal holds; a
/// read that waits would then sit there until the next key, and the signal with it. Standard input
/// itself stays as it is, since others share its description. Internal to src/host.
#ifndef PROMPTGEN_TERMINAL_INPUT_H
#define PROMPTGEN_TERMINAL_INPUT_H

/// A description of its own, which never waits; STDIN_FILENO where none can be had.
int pg_terminal_input_open(void);

/// Closes it, unless it is STDIN_FILENO.
void pg_terminal_input_close(int fd);

#endif
