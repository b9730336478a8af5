/// UTF-8 to and from the wide characters of libedit.
///
/// A byte that is not part of valid UTF-8 becomes the code 0xDC00 + byte, which no valid text has,
/// and goes back to that byte. Rule: RFC 3629. Internal to src/host.
#ifndef PROMPTGEN_LINE_TEXT_H
#define PROMPTGEN_LINE_TEXT_H

#include "promptgen/str.h"

#include <wchar.h>

/// Code of a byte that is not text.
#define PG_RAW_BYTE(byte) ((wchar_t)(0xDC00 + (unsigned char)(byte)))

/// Bytes of the sequence that begins with `lead`; 1 for a byte that begins none.
size_t pg_utf8_length(unsigned char lead);

/// The code at the start of `s` (not empty); `*used` is how many bytes it took.
wchar_t pg_utf8_decode(pg_str s, size_t *used);

/// A NUL-terminated wide copy that the caller frees with free(); NULL when memory is out. A NUL in
/// `s` becomes a raw byte.
wchar_t *pg_wide_from(pg_str s);

/// Appends the text of `count` wide characters.
void pg_wide_put(pg_buf *buf, const wchar_t *wide, size_t count);

/// How many rows below the first one the cursor stands, behind a prompt and `count` characters of
/// text in a terminal of `columns` > 0 columns. What lies between two `escape` characters of the
/// prompt takes no room. Widths are those of LC_CTYPE, and of libedit for what cannot be shown.
size_t pg_wide_rows(const wchar_t *prompt, wchar_t escape, const wchar_t *text, size_t count,
                    size_t columns);

#endif
