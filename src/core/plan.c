/// From text to record: the order of the steps, and what the header says. See plan.h.
#include "promptgen/plan.h"

#include "plan_internal.h"

#include <string.h>

/// NAME of "dir/PLAN_NAME.md"; {NULL, 0} for another file name.
static pg_str feature_of(pg_str path)
{
    for (size_t i = path.len; i > 0; i--)
        if (path.ptr[i - 1] == '/') {
            path = pg_str_slice(path, i, path.len);
            break;
        }
    bool named = pg_str_starts_with(path, PG_STR("PLAN_")) && pg_str_ends_with(path, PG_STR(".md"));
    return named && path.len > 8 ? pg_str_slice(path, 5, path.len - 3) : (pg_str){NULL, 0};
}

static bool is_heading(pg_str line)
{
    size_t marks = 0;
    while (marks < line.len && line.ptr[marks] == '#')
        marks++;
    return marks >= 1 && marks <= 6 && (marks == line.len || line.ptr[marks] == ' ');
}

static bool is_fence(pg_str line)
{
    return pg_str_starts_with(line, PG_STR("```")) || pg_str_starts_with(line, PG_STR("~~~"));
}

/// Length of the text before its second heading outside a fence.
static size_t header_length(pg_str text)
{
    size_t at = 0;
    unsigned headings = 0;
    bool fenced = false;
    while (at < text.len) {
        size_t end = at;
        while (end < text.len && text.ptr[end] != '\n' && text.ptr[end] != '\r')
            end++;
        pg_str line = pg_str_slice(text, at, end);
        if (is_fence(line))
            fenced = !fenced;
        else if (!fenced && is_heading(line) && ++headings == 2)
            return at;
        at = end + 1;
    }
    return text.len;
}

static bool is_blank(pg_str text)
{
    if (pg_str_starts_with(text, PG_STR("\xEF\xBB\xBF")))
        text = pg_str_slice(text, 3, text.len);
    return pg_str_trim(text).len == 0;
}

static void read_sections(pg_plan_builder *b)
{
    for (uint32_t i = 0; i < b->section_count; i++) {
        pg_plan_row_sections *row = pg__plan_add(b, PG_PLAN_TABLE_SECTIONS);
        row->level = b->sections[i].level;
        row->title = pg__plan_ref(b, b->sections[i].title);
        row->line = b->sections[i].line;
        row->end_line = b->sections[i].end_line;
    }
}

static void read_header(pg_plan_builder *b)
{
    if (b->section_count > 0) {
        b->head.title = pg__plan_ref(b, b->sections[0].title);
        b->head.title_line = b->sections[0].line;
    }
    const pg_plan_row_fields *status =
        pg__plan_field(b, PG_LABEL_STATUS, 1, pg__plan_header_end(b));
    if (status != NULL && status->value.len > 0) {
        b->head.status = status->value;
        b->head.status_line = status->line;
    }
}

/// Warns of what hides or changes content: malformed bytes, a fence that is never closed.
static void check_text(pg_plan_builder *b)
{
    uint32_t line = 0;
    size_t offset = 0;
    size_t count = pg_markdown_invalid_bytes(b->md, &line, &offset);
    if (count > 0)
        pg__plan_warn(b, "invalid_utf8", line,
                      "%zu malformed byte%s read as U+FFFD, the first at byte offset %zu", count,
                      count == 1 ? "" : "s", offset);
    const pg_md_block *last = b->block_count > 0 ? &b->blocks[b->block_count - 1] : NULL;
    if (last == NULL || !last->fenced || last->end_line != pg_markdown_line_count(b->md))
        return;
    pg_str end = pg_str_trim(pg_markdown_line(b->md, last->end_line));
    if (last->end_line == last->line || !is_fence(end))
        pg__plan_warn(b, "unclosed_fence", last->line,
                      "the fence that begins here is never closed and hides the rest of the file");
}

static void read_all(pg_plan_builder *b, const pg_plan_options *options)
{
    pg_str path = options->path;
    b->head.path = pg__plan_ref(b, path);
    b->head.feature = pg__plan_ref(b, feature_of(path));
    check_text(b);
    pg__plan_read_headings(b);
    pg__plan_read_fields(b);
    read_sections(b);
    read_header(b);
    if (!options->header_only) {
        pg__plan_read_achievements(b);
        pg__plan_read_parts(b);
        pg__plan_read_handoff(b);
        pg__plan_read_archive(b);
    }
    pg__plan_read_facets(b);
    uint32_t achievements = 0;
    (void)pg__plan_rows(b, PG_PLAN_TABLE_ACHIEVEMENTS, &achievements);
    b->head.kind = pg__plan_ref(b, pg_str_from(achievements > 0 ? "plan" : "document"));
}

pg_status pg_plan_parse(pg_str text, const pg_plan_options *options, const pg_alloc *alloc,
                        pg_plan **out, pg_error *err)
{
    *out = NULL;
    if (options->path.len > PG_MD_INPUT_MAX)
        return pg_error_set(err, PG_TOO_LARGE, "the path has %zu bytes", options->path.len);
    bool cut = options->header_only && text.len <= PG_MD_INPUT_MAX;
    pg_str shown = cut ? pg_str_slice(text, 0, header_length(text)) : text;
    pg_markdown *md = NULL;
    pg_status status = pg_markdown_parse_in_place(shown, alloc, &md, err);
    if (status != PG_OK)
        return status;
    const pg_patterns *patterns = options->patterns;
    if (patterns == NULL)
        patterns = options->wait_for_patterns(options->ctx);
    if (patterns == NULL) {
        pg_markdown_free(md);
        return pg_error_set(err, PG_INVALID, "there are no patterns");
    }
    pg_plan_builder b = {.alloc = alloc, .md = md, .patterns = patterns, .err = err};
    pg_buf_init(&b.strings, alloc);
    pg_buf_init(&b.meanings, alloc);
    pg_buf_init(&b.headings, alloc);
    for (unsigned i = 0; i < PG_PLAN_TABLE_NUMBER; i++)
        pg_buf_init(&b.tables[i], alloc);
    b.blocks = pg_markdown_blocks(md, &b.block_count);
    b.sections = pg_markdown_sections(md, &b.section_count);
    b.head.text = pg__plan_ref(&b, pg_markdown_text(md));
    b.head.lines = pg_markdown_line_count(md);
    b.head.bytes = (uint32_t)text.len;
    b.head.empty = is_blank(text);
    b.head.partial = shown.len < text.len;
    read_all(&b, options);
    *out = pg__plan_finish(&b);
    status = b.status;
    pg__plan_builder_free(&b);
    pg_markdown_free(md);
    return status;
}
