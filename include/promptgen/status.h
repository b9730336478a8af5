/// Status codes and the error value of every fallible function.
///
/// One list names each code, its stable text, its process exit status and a short explanation; the
/// enum, the name table, the Lua table `promptgen.status` and the exit codes of the program are all
/// generated from it. Codes are stable interface, messages are not.
///
/// Thread note: no state here; all functions are safe to call from any thread.
#ifndef PROMPTGEN_STATUS_H
#define PROMPTGEN_STATUS_H

#include <stddef.h>

/// X(symbol, "name", exit status, "explanation").
///
/// Exit statuses: 0 ok, 1 workflow or template, 2 usage, 3 permission, 4 bad input, 5 limit,
/// 6 I/O, 7 conflict, 8 lint, 70 internal.
#define PG_STATUS_LIST(X)                                                                          \
    X(OK, "ok", 0, "success")                                                                      \
    X(WORKFLOW, "workflow_error", 1, "a workflow failed")                                          \
    X(TEMPLATE, "template_error", 1, "a template failed")                                          \
    X(TEMPLATE_SYNTAX, "template_syntax", 1, "a template does not parse")                          \
    X(UNDEFINED, "undefined_name", 1, "a template uses a name that is not defined")                \
    X(SCRIPT_SYNTAX, "script_syntax", 1, "a script does not compile")                              \
    X(REGEX_SYNTAX, "regex_syntax", 1, "a pattern does not compile")                               \
    X(USAGE, "usage", 2, "the command line is wrong")                                              \
    X(CONFIG, "config", 2, "the configuration is wrong")                                           \
    X(PERMISSION, "permission", 3, "the run may not do this")                                      \
    X(OUTSIDE, "outside_root", 3, "the path leaves the workspace")                                 \
    X(NOT_FOUND, "not_found", 4, "there is no such file, plan or achievement")                     \
    X(AMBIGUOUS, "ambiguous", 4, "several things match")                                           \
    X(NOT_REGULAR, "not_regular", 4, "not a regular file")                                         \
    X(NOT_DIRECTORY, "not_directory", 4, "not a directory")                                        \
    X(TOO_LARGE, "too_large", 4, "larger than the limit for an input")                             \
    X(BAD_INPUT, "bad_input", 4, "the input is malformed")                                         \
    X(NO_ACHIEVEMENTS, "no_achievements", 4, "the plan defines no achievement")                    \
    X(LIMIT, "limit", 5, "a limit of time, memory, output or effort was reached")                  \
    X(IO, "io", 6, "reading or writing failed")                                                    \
    X(CONFLICT, "conflict", 7, "the plan and the files beside it disagree")                        \
    X(LINT, "lint", 8, "lint found errors")                                                        \
    X(BLOCKED, "blocked", 11, "every open achievement waits for another one")                      \
    X(NOMEM, "out_of_memory", 70, "memory could not be allocated")                                 \
    X(INVALID, "invalid_argument", 70, "a function was called with an argument it rejects")        \
    X(CORRUPT, "corrupt", 70, "stored bytes do not verify")                                        \
    X(UNSUPPORTED, "unsupported", 70, "the platform lacks what is needed")                         \
    X(CRASH, "worker_crash", 70, "the worker process died")                                        \
    X(INTERNAL, "internal", 70, "a defect of the program")                                         \
    X(INTERRUPTED, "interrupted", 130, "interrupted by a signal")

typedef enum pg_status {
#define PG_STATUS_ENUM(symbol, name, exit, text) PG_##symbol,
    PG_STATUS_LIST(PG_STATUS_ENUM)
#undef PG_STATUS_ENUM
        PG_STATUS_COUNT
} pg_status;

enum { PG_ERROR_MESSAGE_MAX = 256 };

/// What went wrong. A plain value: nothing to free. Zero-initialise before use.
typedef struct pg_error {
    pg_status code;                     ///< PG_OK when no error is recorded
    int line;                           ///< 1-based line in the input, 0 when unknown
    int column;                         ///< 1-based byte column, 0 when unknown
    size_t offset;                      ///< byte offset in the input, 0 when unknown
    char message[PG_ERROR_MESSAGE_MAX]; ///< one sentence without a final full stop, NUL-terminated
} pg_error;

#define PG_NODISCARD __attribute__((warn_unused_result))
#define PG_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))

/// Stable text of a code, such as "not_found"; "internal" for a value outside the list.
const char *pg_status_name(pg_status code);

/// One-line explanation of a code.
const char *pg_status_text(pg_status code);

/// Process exit status of a code (0-130).
int pg_status_exit(pg_status code);

/// Code with this name (`len` bytes), or PG_STATUS_COUNT when there is none.
pg_status pg_status_from_name(const char *name, size_t len);

/// Records `code` and a printf-style message in `err` (nullable), clears its position and returns
/// `code`, so that a caller can write `return pg_error_set(err, PG_IO, "...")`. A message that does
/// not fit is cut at a UTF-8 boundary.
pg_status pg_error_set(pg_error *err, pg_status code, const char *fmt, ...) PG_PRINTF(3, 4);
#ifdef __clang_analyzer__ // which looks at one file at a time: that the result is `code`
#define pg_error_set(err, code, ...) ((void)(pg_error_set)(err, code, __VA_ARGS__), (code))
#endif

/// Adds a position to an error already recorded; `err` may be NULL. Lines and columns are 1-based.
void pg_error_at(pg_error *err, int line, int column, size_t offset);

/// Resets `err` (nullable) to PG_OK.
void pg_error_clear(pg_error *err);

#endif
