/// The text of a Markdown file in its regular form, and its lines. See markdown_internal.h.
#include "markdown_internal.h"

#include <string.h>

static const char replacement[] = "\xEF\xBF\xBD"; // U+FFFD

static uint32_t count_line_ends(const char *p, size_t len)
{
    uint32_t count = 0;
    for (size_t i = 0; i < len; i++) {
        if (p[i] == '\n' || (p[i] == '\r' && (i + 1 == len || p[i + 1] != '\n')))
            count++;
    }
    return count;
}

/// Copies `text` with every malformed byte replaced; `good` is the length of its valid prefix.
static bool copy_repaired(pg_md_source *source, pg_str text, size_t good, size_t dropped,
                          const pg_alloc *alloc)
{
    pg_buf buf;
    pg_buf_init(&buf, alloc);
    source->invalid_at = good + dropped;
    source->invalid_line = count_line_ends(text.ptr, good) + 1;
    while (text.len > 0) {
        pg_buf_put(&buf, text.ptr, good);
        text = pg_str_slice(text, good, text.len);
        if (text.len == 0)
            break;
        pg_buf_put(&buf, replacement, sizeof replacement - 1);
        source->invalid_count++;
        text = pg_str_slice(text, 1, text.len);
        good = pg_utf8_valid_prefix(text);
    }
    if (buf.failed) {
        pg_buf_free(&buf);
        return false;
    }
    source->owned = buf.ptr;
    source->text_len = buf.len;
    source->text_cap = buf.cap;
    return true;
}

static bool copy_valid(pg_md_source *source, pg_str text, const pg_alloc *alloc)
{
    source->owned = pg_malloc(alloc, text.len + 1);
    if (source->owned == NULL)
        return false;
    if (text.len > 0)
        memcpy(source->owned, text.ptr, text.len);
    source->text_len = text.len;
    source->text_cap = text.len + 1;
    return true;
}

/// Turns CRLF and a lone CR into LF, in place.
static void unify_line_ends(pg_md_source *source)
{
    char *text = source->owned;
    size_t len = source->text_len;
    char *first = len > 0 ? memchr(text, '\r', len) : NULL;
    if (first == NULL)
        return;
    size_t to = (size_t)(first - text);
    for (size_t from = to; from < len; from++) {
        if (text[from] == '\r') {
            text[to++] = '\n';
            from += from + 1 < len && text[from + 1] == '\n';
        } else {
            text[to++] = text[from];
        }
    }
    source->text_len = to;
}

static bool grow_lines(pg_md_source *source, const pg_alloc *alloc, size_t cap)
{
    uint32_t *starts = pg_realloc(alloc, source->starts, source->starts_cap * sizeof *starts,
                                  cap * sizeof *starts);
    if (starts == NULL)
        return false;
    source->starts = starts;
    source->starts_cap = cap;
    return true;
}

static bool find_lines(pg_md_source *source, const pg_alloc *alloc)
{
    const char *text = source->text;
    size_t len = source->text_len;
    size_t at = 0;
    if (!grow_lines(source, alloc, len / 32 + 16))
        return false;
    while (at < len) {
        if (source->line_count + 2 > source->starts_cap &&
            !grow_lines(source, alloc, source->starts_cap * 2))
            return false;
        source->starts[source->line_count++] = (uint32_t)at;
        const char *end = memchr(text + at, '\n', len - at);
        at = end != NULL ? (size_t)(end - text) + 1 : len + 1;
    }
    source->starts[source->line_count] = (uint32_t)at;
    source->flags = pg_calloc(alloc, source->starts_cap, sizeof *source->flags);
    return source->flags != NULL;
}

/// Sets `text` and `text_len` from the bytes of a file whose valid prefix is `good` long.
static bool take_text(pg_md_source *source, pg_str text, size_t good, size_t dropped, bool borrow,
                      const pg_alloc *alloc)
{
    bool regular = good == text.len;
    if (borrow && regular && text.len > 0 && memchr(text.ptr, '\r', text.len) == NULL) {
        source->text = text.ptr;
        source->text_len = text.len;
        return true;
    }
    if (regular ? !copy_valid(source, text, alloc)
                : !copy_repaired(source, text, good, dropped, alloc))
        return false;
    unify_line_ends(source);
    source->text = source->owned;
    return true;
}

pg_status pg__md_source_read(pg_md_source *source, pg_str text, bool borrow, const pg_alloc *alloc,
                             pg_error *err)
{
    static const pg_str mark = {"\xEF\xBB\xBF", 3}; // byte order mark
    memset(source, 0, sizeof *source);
    size_t dropped = pg_str_starts_with(text, mark) ? mark.len : 0;
    text = pg_str_slice(text, dropped, text.len);
    size_t good = pg_utf8_valid_prefix(text);
    if (!take_text(source, text, good, dropped, borrow, alloc) || !find_lines(source, alloc)) {
        pg__md_source_free(source, alloc);
        return pg_error_set(err, PG_NOMEM, "no memory for a text of %zu bytes", text.len);
    }
    return PG_OK;
}

void pg__md_source_free(pg_md_source *source, const pg_alloc *alloc)
{
    pg_free(alloc, source->owned, source->text_cap);
    pg_free(alloc, source->starts, source->starts_cap * sizeof *source->starts);
    pg_free(alloc, source->flags, source->starts_cap * sizeof *source->flags);
    memset(source, 0, sizeof *source);
}

pg_str pg__md_source_line(const pg_md_source *source, uint32_t index)
{
    size_t from = source->starts[index];
    return (pg_str){source->text + from, source->starts[index + 1] - 1 - from};
}
