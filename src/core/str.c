/// String views, growable buffers and UTF-8 validation. See str.h.
#include "promptgen/str.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define NOT_FOUND ((size_t)-1)

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static char lower(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c + ('a' - 'A'));
    return c;
}

pg_str pg_str_from(const char *cstr)
{
    return (pg_str){cstr, cstr != NULL ? strlen(cstr) : 0};
}

pg_str pg_str_slice(pg_str s, size_t from, size_t to)
{
    if (to > s.len)
        to = s.len;
    if (from > to)
        from = to;
    if (s.ptr == NULL)
        return (pg_str){NULL, 0};
    return (pg_str){s.ptr + from, to - from};
}

pg_str pg_str_trim(pg_str s)
{
    while (s.len > 0 && is_space(s.ptr[s.len - 1]))
        s.len--;
    while (s.len > 0 && is_space(s.ptr[0])) {
        s.ptr++;
        s.len--;
    }
    return s;
}

bool pg_str_equal(pg_str a, pg_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool pg_str_equal_nocase(pg_str a, pg_str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.ptr[i]) != lower(b.ptr[i]))
            return false;
    return true;
}

bool pg_str_starts_with(pg_str s, pg_str prefix)
{
    return s.len >= prefix.len && pg_str_equal(pg_str_slice(s, 0, prefix.len), prefix);
}

bool pg_str_ends_with(pg_str s, pg_str suffix)
{
    return s.len >= suffix.len && pg_str_equal(pg_str_slice(s, s.len - suffix.len, s.len), suffix);
}

size_t pg_str_find(pg_str s, pg_str needle, size_t from)
{
    if (from > s.len || needle.len > s.len - from)
        return NOT_FOUND;
    if (needle.len == 0)
        return from;
    const char *hit = memmem(s.ptr + from, s.len - from, needle.ptr, needle.len);
    return hit != NULL ? (size_t)(hit - s.ptr) : NOT_FOUND;
}

size_t pg_str_find_nocase(pg_str s, pg_str needle, size_t from)
{
    if (from > s.len || needle.len > s.len - from)
        return NOT_FOUND;
    for (size_t i = from; i + needle.len <= s.len; i++)
        if (pg_str_equal_nocase(pg_str_slice(s, i, i + needle.len), needle))
            return i;
    return NOT_FOUND;
}

int pg_str_compare(pg_str a, pg_str b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int order = n > 0 ? memcmp(a.ptr, b.ptr, n) : 0;
    if (order != 0)
        return order;
    return a.len < b.len ? -1 : a.len > b.len;
}

/// Length of the sequence at `p` (`left` bytes remain), or 0 when it is malformed.
static size_t sequence_length(const unsigned char *p, size_t left)
{
    if (p[0] < 0x80)
        return 1;
    size_t n = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
    if (p[0] < 0xC2 || p[0] > 0xF4 || left < n)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    bool overlong = (p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xF0 && p[1] < 0x90);
    bool surrogate = p[0] == 0xED && p[1] > 0x9F;
    bool too_high = p[0] == 0xF4 && p[1] > 0x8F;
    return overlong || surrogate || too_high ? 0 : n;
}

size_t pg_utf8_valid_prefix(pg_str s)
{
    const unsigned char *p = (const unsigned char *)s.ptr;
    size_t i = 0;
    while (i < s.len) {
        uint64_t word;
        if (s.len - i >= sizeof word) {
            memcpy(&word, p + i, sizeof word);
            if ((word & UINT64_C(0x8080808080808080)) == 0) {
                i += sizeof word;
                continue;
            }
        }
        size_t n = sequence_length(p + i, s.len - i);
        if (n == 0)
            return i;
        i += n;
    }
    return i;
}

void pg_buf_init(pg_buf *buf, const pg_alloc *alloc)
{
    *buf = (pg_buf){.alloc = alloc};
}

void pg_buf_free(pg_buf *buf)
{
    pg_free(buf->alloc, buf->ptr, buf->cap);
    *buf = (pg_buf){.alloc = buf->alloc};
}

bool pg_buf_reserve(pg_buf *buf, size_t extra)
{
    if (buf->failed)
        return false;
    if (extra <= buf->cap - buf->len)
        return true;
    if (extra > SIZE_MAX / 2 - buf->len) {
        buf->failed = true;
        return false;
    }
    size_t cap = buf->cap < 64 ? 64 : buf->cap;
    while (cap - buf->len < extra)
        cap *= 2;
    char *ptr = pg_realloc(buf->alloc, buf->ptr, buf->cap, cap);
    if (ptr == NULL) {
        buf->failed = true;
        return false;
    }
    buf->ptr = ptr;
    buf->cap = cap;
    return true;
}

void pg_buf_put(pg_buf *buf, const void *bytes, size_t len)
{
    if (len == 0 || !pg_buf_reserve(buf, len))
        return;
    memcpy(buf->ptr + buf->len, bytes, len);
    buf->len += len;
}

void pg_buf_put_str(pg_buf *buf, pg_str s)
{
    pg_buf_put(buf, s.ptr, s.len);
}

void pg_buf_put_char(pg_buf *buf, char c)
{
    pg_buf_put(buf, &c, 1);
}

void pg_buf_printf(pg_buf *buf, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    // NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): started in the line above
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (n < 0 || !pg_buf_reserve(buf, (size_t)n + 1))
        return;
    va_start(args, fmt);
    (void)vsnprintf(buf->ptr + buf->len, (size_t)n + 1, fmt, args);
    va_end(args);
    buf->len += (size_t)n;
}

pg_str pg_buf_str(const pg_buf *buf)
{
    return (pg_str){buf->ptr, buf->len};
}
