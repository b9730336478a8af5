/// UTF-8 and wide characters. See line_text.h.
#include "line_text.h"

#include <stdbool.h>
#include <stdlib.h>

size_t pg_utf8_length(unsigned char lead)
{
    if (lead < 0xC2 || lead > 0xF4)
        return 1;
    return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

wchar_t pg_utf8_decode(pg_str s, size_t *used)
{
    unsigned char lead = (unsigned char)s.ptr[0];
    size_t length = pg_utf8_length(lead);
    *used = 1;
    if (lead < 0x80 && lead != 0)
        return (wchar_t)lead;
    if (length == 1 || length > s.len || pg_utf8_valid_prefix(pg_str_slice(s, 0, length)) != length)
        return PG_RAW_BYTE(lead);
    *used = length;
    unsigned code = lead & (0xFFU >> (length + 1));
    for (size_t i = 1; i < length; i++)
        code = code << 6 | ((unsigned char)s.ptr[i] & 0x3FU);
    return (wchar_t)code;
}

wchar_t *pg_wide_from(pg_str s)
{
    wchar_t *wide = malloc((s.len + 1) * sizeof *wide);
    if (wide == NULL)
        return NULL;
    size_t count = 0;
    while (s.len > 0) {
        size_t used;
        wide[count++] = pg_utf8_decode(s, &used);
        s = pg_str_slice(s, used, s.len);
    }
    wide[count] = 0;
    return wide;
}

static void put_code(pg_buf *buf, unsigned code)
{
    if (code < 0x80) {
        pg_buf_put_char(buf, (char)code);
    } else if (code >= 0xDC00 && code <= 0xDCFF) {
        pg_buf_put_char(buf, (char)(code - 0xDC00));
    } else {
        unsigned char bytes[4];
        size_t length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
        for (size_t i = length; i-- > 1; code >>= 6)
            bytes[i] = (unsigned char)(0x80 | (code & 0x3F));
        bytes[0] = (unsigned char)(0xF00U >> length | code);
        pg_buf_put(buf, bytes, length);
    }
}

void pg_wide_put(pg_buf *buf, const wchar_t *wide, size_t count)
{
    for (size_t i = 0; i < count; i++)
        put_code(buf, (unsigned)wide[i]);
}

/// Columns that libedit gives a character other than a line end or a tab.
static size_t cells_of(wchar_t c)
{
    int width = wcwidth(c);
    if (width >= 0)
        return (size_t)width;
    return c < 0x80 ? 2 : c > 0xFFFF ? 8 : 7; // ^X, \U+XXXXX, \U+XXXX
}

/// Moves on by one character.
static void step(wchar_t c, size_t columns, size_t *row, size_t *column)
{
    size_t cells = c == L'\t' ? 8 - *column % 8 : c == L'\n' ? 0 : cells_of(c);
    if (c == L'\n' || *column + cells > columns) {
        ++*row;
        *column = 0;
    }
    *column += cells;
    if (*column >= columns) {
        ++*row;
        *column = 0;
    }
}

size_t pg_wide_rows(const wchar_t *prompt, wchar_t escape, const wchar_t *text, size_t count,
                    size_t columns)
{
    size_t row = 0;
    size_t column = 0;
    bool shown = true;
    for (; *prompt != 0; prompt++) {
        if (*prompt == escape)
            shown = !shown;
        else if (shown)
            step(*prompt, columns, &row, &column);
    }
    for (size_t i = 0; i < count; i++)
        step(text[i], columns, &row, &column);
    return row;
}
