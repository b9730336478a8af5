/// Regular expressions: Perl syntax over UTF-8, by PCRE2 (see pcre2pattern(3)), with every limit
/// set.
///
/// Patterns and subjects are checked for valid UTF-8, `.` and the classes match code points, a line
/// ends at LF. Offsets are bytes, 0-based. A pattern can neither lift the limits below with a verb
/// such as (*LIMIT_MATCH=), nor split a character with \C.
///
/// Bounds: pattern 8 KiB, parentheses nested 100 deep, 1,000,000 match steps, 20 MiB of heap for
/// one attempt. Whoever runs foreign patterns needs a deadline besides: the step limit counts anew
/// for every start position.
///
/// Thread note: a compiled pattern does not change and may be used by any number of threads, each
/// with its own pg_match.
#ifndef PROMPTGEN_REGEX_H
#define PROMPTGEN_REGEX_H

#include "promptgen/alloc.h"
#include "promptgen/status.h"
#include "promptgen/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Flags of a pattern.
enum {
    PG_REGEX_CASELESS = 1,  ///< letters match without case (Unicode simple folding)
    PG_REGEX_MULTILINE = 2, ///< ^ and $ match at line breaks too
    PG_REGEX_DOTALL = 4,    ///< . matches a line feed too
    PG_REGEX_EXTENDED = 8,  ///< white space and # comments in the pattern are ignored
    PG_REGEX_ANCHORED = 16, ///< a match begins where the search does
    PG_REGEX_UNICODE = 32,  ///< \w \d \s \b and POSIX classes follow Unicode properties
    PG_REGEX_NO_JIT = 64,   ///< interpret; cheaper for a pattern that is used once on a short text
};

enum {
    PG_REGEX_MAX_PATTERN = 8192,            ///< bytes
    PG_REGEX_MAX_OUTPUT = 64 * 1024 * 1024, ///< bytes of one replacement's result
};

typedef struct pg_regex pg_regex;

/// Compiles `pattern`. `flags` are PG_REGEX_*. `alloc` (NULL = C library) must outlive the pattern.
/// The caller frees *out with pg_regex_free.
/// Errors: PG_REGEX_SYNTAX with err->offset = byte of the pattern, PG_NOMEM.
PG_NODISCARD pg_status pg_regex_new(pg_str pattern, unsigned flags, const pg_alloc *alloc,
                                    pg_regex **out, pg_error *err);

/// Frees the pattern when nobody else holds it (NULL is fine); no pg_match of it may be used after
/// the last holder has done so.
void pg_regex_free(pg_regex *re);

/// One more holder, who calls pg_regex_free as well. Returns `re`. Thread-safe, as is freeing.
pg_regex *pg_regex_retain(pg_regex *re);

size_t pg_regex_group_count(const pg_regex *re); ///< capture groups; the whole match not counted
bool pg_regex_has_jit(const pg_regex *re);       ///< compiled to machine code

typedef struct pg_regex_name {
    pg_str name;  ///< borrowed from the pattern
    size_t group; ///< 1-based
} pg_regex_name;

/// Number of groups that have a name.
size_t pg_regex_name_count(const pg_regex *re);
pg_regex_name pg_regex_name_at(const pg_regex *re, size_t index); ///< 0-based, in byte order

/// Group of that name, or 0 when there is none.
size_t pg_regex_group(const pg_regex *re, pg_str name);

/// Room for the result of one match; reusable, for the pattern it was made for.
typedef struct pg_match pg_match;

/// Makes room for the groups of `re`. The caller frees *out with pg_match_free. PG_NOMEM.
PG_NODISCARD pg_status pg_match_new(const pg_regex *re, pg_match **out, pg_error *err);
void pg_match_free(pg_match *match); ///< NULL is fine

typedef struct pg_span {
    size_t start;
    size_t end;
    bool set; ///< the group took part in the match; else start and end are 0
} pg_span;

/// Group `group` of the last successful match (0 = the whole). A group the pattern does not have is
/// not set.
pg_span pg_match_group(const pg_match *match, size_t group);

/// Searches `subject` from byte `start` on. `*found` false is PG_OK: absence is no failure.
/// Errors: PG_LIMIT (a step, heap or recursion limit), PG_BAD_INPUT (invalid UTF-8 at err->offset,
/// or `start` inside a character), PG_INVALID (`start` beyond the end), PG_NOMEM, PG_INTERNAL.
PG_NODISCARD pg_status pg_regex_match(const pg_regex *re, pg_str subject, size_t start,
                                      pg_match *match, bool *found, pg_error *err);

/// Walks over all matches, left to right, without overlap. Where a match was empty, one that is not
/// is tried at the same place before moving on by one character (the rule of Perl's //g), so that
/// the walk always ends.
typedef struct pg_regex_iter {
    const pg_regex *re; ///< borrowed
    pg_str subject;     ///< borrowed; must not change meanwhile
    pg_match *match;    ///< borrowed; the result of each step
    size_t next;        ///< where the next search begins
    bool checked;       ///< the subject is known to be valid UTF-8
    bool after_empty;   ///< the last match was empty and ended at `next`
    bool done;          ///< no further match
} pg_regex_iter;

/// Prepares a walk over the matches of `re` in `subject` from byte `start` on, into `match`.
/// Nothing is to be freed.
void pg_regex_iter_init(pg_regex_iter *it, const pg_regex *re, pg_str subject, size_t start,
                        pg_match *match);

/// Next match into it->match; `*found` false at the end, and ever after. Errors of pg_regex_match;
/// they end the walk.
PG_NODISCARD pg_status pg_regex_next(pg_regex_iter *it, bool *found, pg_error *err);

/// Appends `subject` to `out` with its first `max_count` matches replaced (SIZE_MAX = all). In
/// `replacement`, $0 is the match, $1 to $99 and ${N} a group, ${name} a named one, $$ a dollar
/// sign; a group that did not take part is empty. `*count` (nullable) receives the number replaced.
/// Errors: those of pg_regex_match; PG_REGEX_SYNTAX with err->offset = byte of `replacement` for a
/// lone $ or an unknown group; PG_LIMIT above PG_REGEX_MAX_OUTPUT. After an error the content of
/// `out` is what was appended until then.
PG_NODISCARD pg_status pg_regex_replace(const pg_regex *re, pg_str subject, pg_str replacement,
                                        size_t max_count, pg_buf *out, size_t *count,
                                        pg_error *err);

/// Writes `text` to `out` so that it stands for itself in a pattern, under every flag. `out` has
/// room for twice the length of `text`; returns the bytes written. No NUL is added.
size_t pg_regex_escape(pg_str text, char *out);

#endif
