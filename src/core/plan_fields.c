/// Headings and labelled fields of a plan: what they mean, and where to look for them.
#include "plan_internal.h"

#include <string.h>

void pg__plan_read_headings(pg_plan_builder *b)
{
    for (uint32_t i = 0; i < b->section_count; i++) {
        uint32_t bits = 0; // headings of lower rank mean nothing to the parser
        if (b->sections[i].level <= 3)
            bits = pg_phrases_inside(b->patterns->headings, b->sections[i].title);
        pg_buf_put(&b->headings, &bits, sizeof bits);
    }
}

bool pg__plan_heading(const pg_plan_builder *b, uint32_t index, pg_heading meaning)
{
    if (b->headings.failed)
        return false;
    const uint32_t *bits = (const uint32_t *)(const void *)b->headings.ptr;
    return (bits[index] >> meaning & 1) != 0;
}

void pg__plan_read_fields(pg_plan_builder *b)
{
    pg_md_cursor cursor = {0};
    pg_md_field field;
    while (pg_markdown_next_field(b->md, &cursor, &field)) {
        pg_plan_row_fields *row = pg__plan_add(b, PG_PLAN_TABLE_FIELDS);
        row->label = pg__plan_ref(b, field.label);
        row->value = pg__plan_ref(b, field.value);
        row->line = field.line;
        row->bold = field.bold;
        pg_buf_put_char(&b->meanings, (char)pg_phrases_equal(b->patterns->labels, field.label));
    }
}

pg_label pg__plan_meaning(const pg_plan_builder *b, uint32_t index)
{
    return b->meanings.failed ? PG_LABEL_OTHER : (pg_label)b->meanings.ptr[index];
}

uint32_t pg__plan_field_index(pg_plan_builder *b, uint32_t line)
{
    uint32_t high = 0;
    const pg_plan_row_fields *rows = pg__plan_rows(b, PG_PLAN_TABLE_FIELDS, &high);
    uint32_t low = 0;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (rows[middle].line < line)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const pg_plan_row_fields *pg__plan_field(pg_plan_builder *b, pg_label meaning, uint32_t first,
                                         uint32_t last)
{
    uint32_t count = 0;
    const pg_plan_row_fields *rows = pg__plan_rows(b, PG_PLAN_TABLE_FIELDS, &count);
    for (uint32_t i = pg__plan_field_index(b, first); i < count && rows[i].line <= last; i++)
        if (pg__plan_meaning(b, i) == meaning)
            return &rows[i];
    return NULL;
}

uint32_t pg__plan_block_index(const pg_plan_builder *b, uint32_t line)
{
    uint32_t low = 0;
    uint32_t high = b->block_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (b->blocks[middle].line < line)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint32_t pg__plan_header_end(const pg_plan_builder *b)
{
    for (uint32_t i = 0; i < b->section_count; i++)
        if (b->sections[i].level == 2 || (i > 0 && b->sections[i].level == 1))
            return b->sections[i].line - 1;
    return pg_markdown_line_count(b->md);
}
