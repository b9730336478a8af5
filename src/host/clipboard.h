/// Handing a text to a program that keeps the clipboard, or to the terminal. Internal to src/host.
///
/// Which programs there are, and in which order, is decided in Lua. Rules: posix_spawn(3),
/// sigtimedwait(2); OSC 52 of xterm's "Control Sequences".
#ifndef PROMPTGEN_CLIPBOARD_H
#define PROMPTGEN_CLIPBOARD_H

#include "promptgen/status.h"
#include "promptgen/str.h"

#include <stdint.h>

/// Finds the program `name` (no '/') in the absolute directories of the list `search` (as in PATH).
/// What is relative in the list is passed over: it could lie in the workspace. True, and the path
/// in `path` (replaced); false when there is none, or memory is out.
bool pg_clipboard_find(pg_str search, pg_str name, pg_buf *path);

/// Runs the program at the absolute `argv[0]` with `text` as its standard input, the other streams
/// on /dev/null, in `/` and in a process group of its own, and waits for its end; what it leaves in
/// the background lives on. At the monotonic time `deadline_ns` the whole group is killed.
/// PG_IO when it cannot be run or fails; PG_LIMIT at the deadline. SIGPIPE must be ignored.
PG_NODISCARD pg_status pg_clipboard_feed(char *const argv[], pg_str text, int64_t deadline_ns,
                                         pg_error *err);

/// Appends the control sequence that makes a terminal copy `text`.
void pg_clipboard_put_osc52(pg_buf *out, pg_str text);

#endif
