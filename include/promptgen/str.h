/// Strings with a length: a borrowed view and a growable buffer.
///
/// NUL bytes are ordinary data. A view borrows; it never owns. A buffer owns its bytes and records
/// the first failed allocation, so that a writer can append many pieces and check once.
///
/// Thread note: nothing here is thread-safe; use one buffer per thread.
#ifndef PROMPTGEN_STR_H
#define PROMPTGEN_STR_H

#include "promptgen/alloc.h"
#include "promptgen/status.h"

#include <stdbool.h>
#include <stddef.h>

/// A borrowed run of bytes. `ptr` may be NULL only when `len` is 0.
typedef struct pg_str {
    const char *ptr;
    size_t len;
} pg_str;

/// View on a string literal.
#define PG_STR(literal) ((pg_str){(literal), sizeof(literal) - 1})

/// View on a NUL-terminated string; NULL gives the empty view.
pg_str pg_str_from(const char *cstr);

/// Bytes [from, to) of `s`; both are clamped to the length.
pg_str pg_str_slice(pg_str s, size_t from, size_t to);

/// Without leading and trailing ASCII white space.
pg_str pg_str_trim(pg_str s);

/// Equal length and bytes.
bool pg_str_equal(pg_str a, pg_str b);

/// Equal when ASCII letters are compared without case.
bool pg_str_equal_nocase(pg_str a, pg_str b);

/// Whether the first bytes are those; every string starts and ends with the empty one.
bool pg_str_starts_with(pg_str s, pg_str prefix);

/// Whether the last bytes are those.
bool pg_str_ends_with(pg_str s, pg_str suffix);

/// Offset of the first `needle` in `s` at or after `from`, or (size_t)-1. O(len) on average.
size_t pg_str_find(pg_str s, pg_str needle, size_t from);

/// The same without ASCII case. O(len * needle).
size_t pg_str_find_nocase(pg_str s, pg_str needle, size_t from);

/// Byte order of two views: negative, 0, positive.
int pg_str_compare(pg_str a, pg_str b);

/// Length of the valid UTF-8 prefix of `s`: `s.len` when all of it is valid (RFC 3629: no overlong
/// forms, no surrogates, nothing above U+10FFFF).
size_t pg_utf8_valid_prefix(pg_str s);

/// A growable byte buffer. Invariant: `len <= cap`; after a failure `failed` is true, the content
/// is what was appended before, and every later append is ignored.
typedef struct pg_buf {
    char *ptr;             ///< owned; NULL while cap is 0
    size_t len;            ///< bytes in use
    size_t cap;            ///< bytes allocated
    const pg_alloc *alloc; ///< NULL = C library
    bool failed;           ///< an allocation failed
} pg_buf;

/// Makes an empty buffer. `alloc` (NULL = C library) must outlive it.
void pg_buf_init(pg_buf *buf, const pg_alloc *alloc);
void pg_buf_free(pg_buf *buf); ///< frees the bytes and leaves an empty, reusable buffer

/// Makes room for `extra` more bytes; false (and `failed`) when that is impossible.
bool pg_buf_reserve(pg_buf *buf, size_t extra);

/// Appends `len` bytes, which may lie anywhere but in the buffer itself.
void pg_buf_put(pg_buf *buf, const void *bytes, size_t len);

/// Appends the bytes of `s`.
void pg_buf_put_str(pg_buf *buf, pg_str s);

/// Appends one byte.
void pg_buf_put_char(pg_buf *buf, char c);

/// Appends formatted text, as printf(3) writes it in the C locale.
void pg_buf_printf(pg_buf *buf, const char *fmt, ...) PG_PRINTF(2, 3);

/// The content; borrowed until the next change of the buffer.
pg_str pg_buf_str(const pg_buf *buf);

#endif
