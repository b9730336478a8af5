/// A record in the making: strings, rows, pattern matches, the finished block. See plan_internal.h.
#include "plan_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    TEXT_AT = sizeof(pg_plan_block),
    SUBJECT_MAX = 1024, ///< bytes of a line that patterns see: what counts stands at its beginning
};

void pg__plan_fail(pg_plan_builder *b, pg_status status, const char *message)
{
    if (b->status == PG_OK)
        b->status = pg_error_set(b->err, status, "%s", message);
}

pg_ref pg__plan_ref(pg_plan_builder *b, pg_str s)
{
    if (s.ptr == NULL)
        return (pg_ref){0, 0};
    pg_str text = pg_markdown_text(b->md);
    // Comparing addresses as integers is defined for pointers into different objects.
    uintptr_t offset = (uintptr_t)s.ptr - (uintptr_t)text.ptr;
    if ((uintptr_t)s.ptr >= (uintptr_t)text.ptr && offset + s.len <= text.len)
        return (pg_ref){(uint32_t)(TEXT_AT + offset), (uint32_t)s.len};
    size_t at = TEXT_AT + text.len + b->strings.len;
    pg_buf_put_str(&b->strings, s);
    return (pg_ref){(uint32_t)at, (uint32_t)s.len};
}

pg_str pg__plan_view(const pg_plan_builder *b, pg_ref ref)
{
    pg_str text = pg_markdown_text(b->md);
    if (ref.at == 0 || b->strings.failed)
        return (pg_str){NULL, 0};
    if (ref.at - TEXT_AT + ref.len <= text.len)
        return pg_str_slice(text, ref.at - TEXT_AT, ref.at - TEXT_AT + ref.len);
    size_t at = ref.at - TEXT_AT - text.len;
    return pg_str_slice(pg_buf_str(&b->strings), at, at + ref.len);
}

void *pg__plan_add(pg_plan_builder *b, pg_plan_table table)
{
    pg_buf *rows = &b->tables[table];
    size_t size = pg_plan_table_layout(table)->row_size;
    if (!pg_buf_reserve(rows, size)) {
        memset(b->dummy, 0, sizeof b->dummy);
        return b->dummy;
    }
    void *row = memset(rows->ptr + rows->len, 0, size);
    rows->len += size;
    return row;
}

void *pg__plan_rows(pg_plan_builder *b, pg_plan_table table, uint32_t *count)
{
    *count = (uint32_t)(b->tables[table].len / pg_plan_table_layout(table)->row_size);
    return b->tables[table].ptr;
}

void pg__plan_warn(pg_plan_builder *b, const char *code, uint32_t line, const char *format, ...)
{
    char message[PG_ERROR_MESSAGE_MAX];
    va_list args;
    va_start(args, format);
    // clang-tidy 14 forgets va_start when it checks several files in one run.
    int len = vsnprintf(message, sizeof message, format, args); // NOLINT(clang-analyzer-valist*)
    va_end(args);
    if (len < 0)
        len = 0;
    pg_str whole = {message, (size_t)len < sizeof message ? (size_t)len : sizeof message - 1};
    whole.len = pg_utf8_valid_prefix(whole); // a cut may have split a character
    pg_ref code_ref = pg__plan_ref(b, pg_str_from(code));
    pg_ref message_ref = pg__plan_ref(b, whole);
    pg_plan_row_warnings *row = pg__plan_add(b, PG_PLAN_TABLE_WARNINGS);
    row->code = code_ref;
    row->line = line;
    row->message = message_ref;
}

bool pg__plan_match(pg_plan_builder *b, pg_pattern_name name, pg_str subject, pg_str *groups,
                    size_t count)
{
    const pg_regex *regex = b->patterns->regex[name];
    if (b->status != PG_OK)
        return false;
    if (subject.len > SUBJECT_MAX) {
        subject.len = SUBJECT_MAX;
        subject.len = pg_utf8_valid_prefix(subject);
    }
    if (b->matches[name] == NULL) {
        b->status = pg_match_new(regex, &b->matches[name], b->err);
        if (b->status != PG_OK)
            return false;
    }
    bool found = false;
    pg_status status = pg_regex_match(regex, subject, 0, b->matches[name], &found, NULL);
    if (status == PG_LIMIT) // a line that wears a pattern out says nothing
        return false;
    if (status != PG_OK) {
        pg__plan_fail(b, status, "matching a pattern failed");
        return false;
    }
    for (size_t i = 0; found && i < count; i++) {
        pg_span span = pg_match_group(b->matches[name], i + 1);
        groups[i] = span.set ? pg_str_slice(subject, span.start, span.end) : (pg_str){NULL, 0};
    }
    return found;
}

/// Bytes of the whole block, or 0 when an allocation failed or the block would be too large.
static size_t block_size(const pg_plan_builder *b)
{
    size_t size = TEXT_AT + pg_markdown_text(b->md).len + b->strings.len;
    bool failed = b->strings.failed || b->meanings.failed || b->headings.failed;
    for (unsigned i = 0; i < PG_PLAN_TABLE_NUMBER; i++) {
        size += b->tables[i].len;
        failed = failed || b->tables[i].failed;
    }
    size += (0 - size) % sizeof(uint32_t); // the tables begin at a multiple of 4
    return failed || size > UINT32_MAX ? 0 : size;
}

pg_plan *pg__plan_finish(pg_plan_builder *b)
{
    size_t size = block_size(b);
    pg_plan *plan = size > 0 && b->status == PG_OK ? pg__plan_alloc(b->alloc, size) : NULL;
    if (plan == NULL) {
        pg__plan_fail(b, PG_NOMEM, "no memory for a plan record");
        return NULL;
    }
    pg_str text = pg_markdown_text(b->md);
    pg_plan_block *block = (pg_plan_block *)(void *)plan->block;
    *block = (pg_plan_block){PG_PLAN_MAGIC, pg_plan_schema(), (uint32_t)size, b->head, {{0, 0}}};
    size_t at = TEXT_AT;
    memcpy(plan->block + at, text.ptr, text.len);
    at += text.len;
    if (b->strings.len > 0)
        memcpy(plan->block + at, b->strings.ptr, b->strings.len);
    at += b->strings.len;
    while (at % sizeof(uint32_t) != 0)
        plan->block[at++] = 0;
    for (unsigned i = 0; i < PG_PLAN_TABLE_NUMBER; i++) {
        const pg_buf *rows = &b->tables[i];
        uint32_t count = (uint32_t)(rows->len / pg_plan_table_layout(i)->row_size);
        block->tables[i] = (pg_plan_extent){(uint32_t)at, count};
        if (rows->len > 0)
            memcpy(plan->block + at, rows->ptr, rows->len);
        at += rows->len;
    }
    return plan;
}

void pg__plan_builder_free(pg_plan_builder *b)
{
    for (unsigned i = 0; i < PG_PATTERN_COUNT; i++)
        pg_match_free(b->matches[i]);
    for (unsigned i = 0; i < PG_PLAN_TABLE_NUMBER; i++)
        pg_buf_free(&b->tables[i]);
    pg_buf_free(&b->strings);
    pg_buf_free(&b->meanings);
    pg_buf_free(&b->headings);
}
