/// A text handed to the user's own editor. Internal to src/host.
#ifndef PROMPTGEN_EXTERNAL_EDITOR_H
#define PROMPTGEN_EXTERNAL_EDITOR_H

#include "promptgen/status.h"
#include "promptgen/str.h"

/// Runs the shell words `command` with the absolute `path` as last argument, on this terminal, and
/// waits for their end. PG_IO when that fails or the status is not 0.
PG_NODISCARD pg_status pg_external_editor_run(const char *command, const char *path, pg_error *err);

/// Lets the user edit `text` in a private temporary file ($TMPDIR, else /tmp) whose name ends in
/// `suffix` (such as ".lua"), and reads it back into `edited` (replaced). PG_IO, PG_NOMEM;
/// PG_TOO_LARGE above `max` bytes.
PG_NODISCARD pg_status pg_external_editor_edit_as(const char *command, pg_str text,
                                                  const char *suffix, size_t max, pg_buf *edited,
                                                  pg_error *err);

/// The same for Lua: the name ends in ".lua".
PG_NODISCARD pg_status pg_external_editor_edit(const char *command, pg_str text, size_t max,
                                               pg_buf *edited, pg_error *err);

#endif
