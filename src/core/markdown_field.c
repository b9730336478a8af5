/// Labelled fields and pipe tables. See markdown.h.
#include "promptgen/markdown.h"

#include "markdown_internal.h"

#include <string.h>

enum {
    LABEL_MAX = 60,
    LABEL_WORDS_MAX = 5,
    COLON_MAX = 256 ///< bytes of a line, its container marks included, before the colon of a label
};

static pg_str from(pg_str s, size_t at)
{
    return pg_str_slice(s, at, s.len);
}

/// Length in bytes of the symbol (not a letter, digit or ASCII mark) `s` begins with, or 0.
static size_t symbol_length(pg_str s)
{
    const unsigned char *p = (const unsigned char *)s.ptr;
    if (s.len >= 3 && p[0] >= 0xE2 && p[0] <= 0xEF) {
        unsigned code = (p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
        bool mark = (code >= 0x2000 && code <= 0x2BFF) || (code >= 0x3000 && code <= 0x303F);
        bool modifier = code >= 0xFE00 && code <= 0xFE0F;
        return mark || modifier ? 3 : 0;
    }
    return s.len >= 4 && p[0] == 0xF0 && p[1] == 0x9F ? 4 : 0; // U+1F000 to U+1FFFF
}

pg_str pg_md_skip_symbols(pg_str s)
{
    for (;;) {
        s = pg_str_trim(s);
        size_t symbol = symbol_length(s);
        if (symbol > 0)
            s = from(s, symbol);
        else if (s.len >= 4 && s.ptr[0] == '[' && strchr(" xX~-", s.ptr[1]) != NULL &&
                 s.ptr[1] != '\0' && s.ptr[2] == ']' && s.ptr[3] == ' ')
            s = from(s, 4);
        else
            return s;
    }
}

/// Length of the run of `*` or `_` (1-3) that `s` begins with, or 0.
static size_t emphasis_length(pg_str s)
{
    size_t n = 0;
    if (s.len == 0 || (s.ptr[0] != '*' && s.ptr[0] != '_'))
        return 0;
    while (n < s.len && n < 3 && s.ptr[n] == s.ptr[0])
        n++;
    return n < s.len && s.ptr[n] != ' ' && s.ptr[n] != '\t' ? n : 0;
}

static bool accept(pg_md_field *out, pg_str label, pg_str value, bool bold)
{
    label = pg_md_skip_symbols(label);
    if (label.len == 0 || label.len > LABEL_MAX)
        return false;
    out->label = label;
    out->value = pg_str_trim(value);
    out->bold = bold;
    return true;
}

/// Offset of the first run of `count` bytes `mark` in `s`; its length when there is none.
static size_t find_run(pg_str s, char mark, size_t count)
{
    size_t run = 0;
    for (size_t i = 0; i < s.len; i++) {
        run = s.ptr[i] == mark ? run + 1 : 0;
        if (run == count)
            return i + 1 - count;
    }
    return s.len;
}

/// `rest` without the remark in parentheses that may stand between a label and its colon.
static pg_str skip_remark(pg_str rest)
{
    if (rest.len == 0 || rest.ptr[0] != '(')
        return rest;
    size_t close = pg_str_find(rest, PG_STR(")"), 0);
    return close == (size_t)-1 ? rest : pg_str_trim(from(rest, close + 1));
}

/// A field whose label is emphasised by a run of `marks` bytes.
static bool read_emphasised(pg_str line, size_t marks, pg_md_field *out)
{
    pg_str rest = from(line, marks);
    size_t close = find_run(rest, line.ptr[0], marks);
    if (close == rest.len)
        return false;
    pg_str inner = pg_str_trim(pg_str_slice(rest, 0, close));
    rest = pg_str_trim(from(rest, close + marks));
    if (inner.len > 0 && inner.ptr[inner.len - 1] == ':')
        return accept(out, pg_str_slice(inner, 0, inner.len - 1), rest, true);
    pg_str value = skip_remark(rest);
    if (value.len > 0 && value.ptr[0] == ':')
        return accept(out, inner, from(value, 1), true);
    size_t colon = pg_str_find(inner, PG_STR(": "), 0);
    return colon != (size_t)-1 &&
           accept(out, pg_str_slice(inner, 0, colon), from(inner, colon + 1), true);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

/// Bytes that no label without emphasis has, NUL included.
static bool ends_phrase(char c)
{
    static const bool ends[256] = {
        ['\0'] = true, ['.'] = true, [','] = true, [';'] = true, ['!'] = true, ['?'] = true,
        ['|'] = true,  ['`'] = true, ['"'] = true, ['*'] = true, ['<'] = true, ['>'] = true,
        ['['] = true,  [']'] = true, ['{'] = true, ['}'] = true, ['='] = true, ['\\'] = true,
    };
    return ends[(unsigned char)c];
}

/// Length of a label without emphasis, up to its colon; 0 when the line has none.
static size_t plain_label(pg_str line)
{
    size_t words = 1;
    if (line.len == 0 || !is_letter(line.ptr[0]))
        return 0;
    for (size_t i = 0; i < line.len && i <= LABEL_MAX; i++) {
        char c = line.ptr[i];
        if (c == ':')
            return i + 1 == line.len || line.ptr[i + 1] == ' ' || line.ptr[i + 1] == '\t' ? i : 0;
        if (c == ' ' && ++words > LABEL_WORDS_MAX)
            return 0;
        bool decimal = c == '.' && i + 1 < line.len && is_digit(line.ptr[i + 1]);
        if (!decimal && ends_phrase(c))
            return 0;
    }
    return 0;
}

bool pg_md_field_read(pg_str line, pg_md_field *out)
{
    line = pg_md_skip_symbols(line);
    size_t marks = emphasis_length(line);
    if (marks > 0)
        return read_emphasised(line, marks, out);
    size_t len = plain_label(line);
    return len > 0 && accept(out, pg_str_slice(line, 0, len), from(line, len + 1), false);
}

/// Moves the cursor to a line of a paragraph that was not visited; false at the end.
static bool next_line(const pg_markdown *md, pg_md_cursor *cursor)
{
    while (cursor->block < md->block_count) {
        const pg_md_block *block = &md->blocks[cursor->block];
        if (cursor->line == 0)
            cursor->line = block->line;
        if (block->kind == PG_MD_PARAGRAPH && cursor->line <= block->end_line)
            return true;
        cursor->block++;
        cursor->line = 0;
    }
    return false;
}

bool pg_markdown_next_field(const pg_markdown *md, pg_md_cursor *cursor, pg_md_field *out)
{
    while (next_line(md, cursor)) {
        uint32_t line = cursor->line++;
        pg_str text = pg__md_source_line(&md->source, line - 1);
        size_t seen = text.len < COLON_MAX ? text.len : COLON_MAX;
        if (memchr(text.ptr, ':', seen) == NULL)
            continue; // most lines, at the least cost
        text = pg_markdown_block_line(md, cursor->block, line);
        if (!pg_md_field_read(text, out))
            continue;
        out->line = line;
        out->block = cursor->block;
        return true;
    }
    return false;
}

/// Number of cells of a delimiter row such as `|---|:-:|`; 0 when `line` is none.
static uint32_t delimiter_cells(pg_str line)
{
    if (pg_str_find(line, PG_STR("|"), 0) == (size_t)-1)
        return 0;
    pg_str cells[64];
    size_t count = pg_md_row_cells(line, cells, 64);
    for (size_t i = 0; i < count && i < 64; i++) {
        pg_str cell = cells[i];
        if (cell.len > 0 && cell.ptr[0] == ':')
            cell = from(cell, 1);
        if (cell.len > 0 && cell.ptr[cell.len - 1] == ':')
            cell.len--;
        if (cell.len == 0)
            return 0;
        for (size_t k = 0; k < cell.len; k++)
            if (cell.ptr[k] != '-')
                return 0;
    }
    return (uint32_t)count;
}

bool pg_markdown_next_table(const pg_markdown *md, pg_md_cursor *cursor, pg_md_table *out)
{
    while (next_line(md, cursor)) {
        uint32_t line = cursor->line++;
        uint32_t end = md->blocks[cursor->block].end_line;
        pg_str header = pg_markdown_block_line(md, cursor->block, line);
        if (line == end || pg_str_find(header, PG_STR("|"), 0) == (size_t)-1)
            continue;
        uint32_t columns = delimiter_cells(pg_markdown_block_line(md, cursor->block, line + 1));
        if (columns == 0 || pg_md_row_cells(header, NULL, 0) != columns)
            continue;
        *out = (pg_md_table){line, end, cursor->block, columns};
        cursor->line = end + 1;
        return true;
    }
    return false;
}

size_t pg_md_row_cells(pg_str line, pg_str *cells, size_t max)
{
    line = pg_str_trim(line);
    size_t at = line.len > 0 && line.ptr[0] == '|' ? 1 : 0;
    size_t count = 0;
    while (at < line.len || count == 0) {
        size_t end = at;
        while (end < line.len && line.ptr[end] != '|')
            end += line.ptr[end] == '\\' && end + 1 < line.len ? 2 : 1;
        if (cells != NULL && count < max)
            cells[count] = pg_str_trim(pg_str_slice(line, at, end));
        count++;
        at = end + 1;
    }
    return count;
}
