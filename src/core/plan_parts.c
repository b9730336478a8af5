/// The labelled blocks inside the section of an achievement: Deliverables, Tests, Success and so
/// on.
///
/// A part begins at a label: a line of a paragraph, the first line of a list item, or a heading. It
/// goes on to the next label of the same standing. A label without a value governs all that
/// follows, so that the items of its list are content and no labels.
#include "plan_internal.h"

#include <string.h>

/// Where the walk over one section stands.
typedef struct scan {
    pg_plan_builder *b;
    uint32_t last;   ///< last line of the section
    bool open;       ///< the newest part has no end yet
    bool by_heading; ///< it began at a heading
    bool governs;    ///< its label has no value: lists below it are its content
    uint32_t count;  ///< parts of this section
} scan;

/// Ends the open part on the last line before `line` that has content.
static void close_part(scan *s, uint32_t line)
{
    uint32_t count = 0;
    pg_plan_row_parts *rows = pg__plan_rows(s->b, PG_PLAN_TABLE_PARTS, &count);
    if (!s->open || count == 0)
        return;
    pg_plan_row_parts *part = &rows[count - 1];
    part->end_line = pg_markdown_last_content_line(s->b->md, part->line, line - 1);
    s->open = false;
}

static void open_part(scan *s, pg_str label, uint32_t line, bool governs)
{
    close_part(s, line);
    pg_ref ref = pg__plan_ref(s->b, label);
    pg_plan_row_parts *row = pg__plan_add(s->b, PG_PLAN_TABLE_PARTS);
    row->label = ref;
    row->line = line;
    s->open = true;
    s->by_heading = false;
    s->governs = governs;
    s->count++;
}

/// Labels of a top-level paragraph from line `first` on, one a line.
static void scan_paragraph(scan *s, const pg_md_block *block, uint32_t first)
{
    if (s->open && s->by_heading)
        return;
    uint32_t count = 0;
    const pg_plan_row_fields *rows = pg__plan_rows(s->b, PG_PLAN_TABLE_FIELDS, &count);
    for (uint32_t i = pg__plan_field_index(s->b, first);
         i < count && rows[i].line <= block->end_line && rows[i].line <= s->last; i++)
        open_part(s, pg__plan_view(s->b, rows[i].label), rows[i].line, rows[i].value.len == 0);
}

/// Labels of the items of a top-level list.
static void scan_list(scan *s, uint32_t list)
{
    if (s->open && (s->governs || s->by_heading))
        return;
    const pg_md_block *blocks = s->b->blocks;
    for (uint32_t item = list + 1; item < blocks[list].next; item = blocks[item].next) {
        uint32_t count = 0;
        const pg_plan_row_fields *rows = pg__plan_rows(s->b, PG_PLAN_TABLE_FIELDS, &count);
        uint32_t at = pg__plan_field_index(s->b, blocks[item].line);
        if (at < count && rows[at].line == blocks[item].line && rows[at].line <= s->last) {
            open_part(s, pg__plan_view(s->b, rows[at].label), blocks[item].line, false);
            close_part(s, blocks[item].end_line + 1);
        } else {
            close_part(s, blocks[item].line);
        }
    }
}

static void scan_block(scan *s, uint32_t index)
{
    const pg_md_block *block = &s->b->blocks[index];
    switch (block->kind) {
    case PG_MD_HEADING:
        open_part(s, pg_markdown_heading_text(s->b->md, index), block->line, true);
        s->by_heading = true;
        break;
    case PG_MD_PARAGRAPH:
        scan_paragraph(s, block, block->line);
        break;
    case PG_MD_LIST:
        scan_list(s, index);
        break;
    default:
        break;
    }
}

/// Walks over the blocks from line `first`, where the definition stands, to the end of the section.
static void scan_section(scan *s, uint32_t first)
{
    const pg_plan_builder *b = s->b;
    uint32_t block = pg__plan_block_index(b, first);
    if (block < b->block_count && b->blocks[block].kind == PG_MD_PARAGRAPH)
        scan_paragraph(s, &b->blocks[block], first + 1);
    while (block < b->block_count) {
        block = b->blocks[block].next;
        if (block == b->block_count || b->blocks[block].line > s->last)
            break;
        scan_block(s, block);
    }
    close_part(s, s->last + 1);
}

void pg__plan_read_parts(pg_plan_builder *b)
{
    uint32_t count = 0;
    (void)pg__plan_rows(b, PG_PLAN_TABLE_ACHIEVEMENTS, &count);
    for (uint32_t i = 0; i < count && b->status == PG_OK; i++) {
        uint32_t first = 0;
        (void)pg__plan_rows(b, PG_PLAN_TABLE_PARTS, &first);
        pg_plan_row_achievements *rows = pg__plan_rows(b, PG_PLAN_TABLE_ACHIEVEMENTS, &count);
        scan s = {.b = b, .last = rows[i].end_line};
        scan_section(&s, rows[i].line);
        rows[i].parts = (pg_rows){first, s.count};
    }
}
