/// Line editing on a terminal, by libedit.
///
/// Text in and out is UTF-8; bytes that are not keep their value. Signals are taken from a
/// pg_attention while the user types, so that the terminal is itself again before any of them acts.
/// A pasted text of several lines is one entry (bracketed paste). The user's ~/.editrc applies.
/// libedit's wide-character interface is used, with LC_CTYPE set to C.UTF-8 for its display while
/// an editor is open. Not thread-safe; one editor per process. Internal to src/host.
#ifndef PROMPTGEN_LINE_EDITOR_H
#define PROMPTGEN_LINE_EDITOR_H

#include "attention.h"

#include "promptgen/status.h"
#include "promptgen/str.h"

typedef struct pg_line_editor pg_line_editor;

/// What pressing Tab does to a line.
typedef struct pg_line_completion {
    size_t erase;   ///< bytes before the cursor to take away
    pg_buf insert;  ///< text to put in their place
    pg_buf listing; ///< text to show below the line; empty = nothing
} pg_line_completion;

/// What an editor asks its owner.
typedef struct pg_line_hooks {
    /// Fills `out`, which comes empty, for the text before and after the cursor.
    void (*complete)(void *ctx, pg_str before, pg_str after, pg_line_completion *out);
    /// Called once, when the first prompt is there and its reader is waited for: time for what is
    /// needed only then, such as filling the history.
    void (*settle)(void *ctx);
    void *ctx; ///< passed to both
} pg_line_hooks;

typedef enum pg_line_end {
    PG_LINE_TEXT,        ///< a line was entered
    PG_LINE_EOF,         ///< end of input, or Ctrl-D on an empty line
    PG_LINE_INTERRUPTED, ///< SIGINT; what was typed is dropped
} pg_line_end;

enum {
    PG_LINE_MAX = 256 * 1024,     ///< bytes of one line
    PG_LINE_HISTORY_MAX = 2000,   ///< entries kept in memory
    PG_LINE_PROMPT_ESCAPE = '\1', ///< surrounds parts of a prompt that take no room
};

/// Opens an editor on the standard streams. `attention` must outlive it; `hooks` is copied.
/// PG_NOMEM; PG_UNSUPPORTED when libedit cannot work here.
PG_NODISCARD pg_status pg_line_editor_new(pg_attention *attention, const pg_line_hooks *hooks,
                                          pg_line_editor **editor, pg_error *err);

/// Returns the terminal to its own modes; NULL is fine.
void pg_line_editor_free(pg_line_editor *editor);

/// Reads one line into `line` (replaced; without its end, but with those of a pasted text).
/// PG_TOO_LARGE above PG_LINE_MAX; PG_NOMEM.
PG_NODISCARD pg_status pg_line_editor_read(pg_line_editor *editor, pg_str prompt, pg_buf *line,
                                           pg_line_end *end, pg_error *err);

/// Makes `entry` the newest entry of the history that the arrow keys walk. PG_NOMEM.
PG_NODISCARD pg_status pg_line_editor_remember(pg_line_editor *editor, pg_str entry, pg_error *err);

#endif
