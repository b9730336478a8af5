/// Where a plan says that it is to be archived. See plan.h.
///
/// A plan states that in a section of its own, in its header, in the handoff, or in a list of
/// deliverables. A folder that somebody filled in beats a placeholder; then the section beats the
/// header, and the header beats the rest.
#include "plan_internal.h"

#include <string.h>

typedef enum place { PLACE_ELSEWHERE, PLACE_HEADER, PLACE_SECTION } place;

/// The first folder in `text`: a code span with a slash in it, else a word that ends with one.
/// ptr NULL when there is none.
static pg_str find_folder(pg_str text)
{
    size_t open = pg_str_find(text, PG_STR("`"), 0);
    while (open != (size_t)-1) {
        size_t close = pg_str_find(text, PG_STR("`"), open + 1);
        if (close == (size_t)-1)
            break;
        pg_str span = pg_str_trim(pg_str_slice(text, open + 1, close));
        if (pg_str_find(span, PG_STR("/"), 0) != (size_t)-1)
            return span;
        open = pg_str_find(text, PG_STR("`"), close + 1);
    }
    size_t at = 0;
    while (at < text.len) {
        size_t end = at;
        while (end < text.len && strchr(" \t`*()<>,", text.ptr[end]) == NULL)
            end++;
        pg_str word = pg_str_slice(text, at, end);
        if (word.len > 1 && pg_str_ends_with(word, PG_STR("/")))
            return word;
        at = end + 1;
    }
    return (pg_str){NULL, 0};
}

/// The section at rank 2 that states the location; false when there is none.
static bool find_section(pg_plan_builder *b, uint32_t *first, uint32_t *last)
{
    for (uint32_t i = 0; i < b->section_count; i++)
        if (b->sections[i].level <= 3 && pg__plan_heading(b, i, PG_HEADING_ARCHIVE)) {
            *first = b->sections[i].line;
            *last = b->sections[i].end_line;
            return true;
        }
    return false;
}

/// Takes `folder` when it beats what was found before, and lists it when it is new.
static void consider(pg_plan_builder *b, pg_str folder, uint32_t line, place where, unsigned *best)
{
    uint32_t count = 0;
    const pg_plan_row_archives *rows = pg__plan_rows(b, PG_PLAN_TABLE_ARCHIVES, &count);
    bool known = false;
    for (uint32_t i = 0; i < count && !known; i++)
        known = pg_str_equal(pg__plan_view(b, rows[i].value), folder);
    bool filled = !pg__plan_match(b, PG_PATTERN_PLACEHOLDER, folder, NULL, 0);
    unsigned weight = 1 + (unsigned)where + (filled ? 4 : 0);
    if (weight > *best) {
        *best = weight;
        b->head.archive_location = pg__plan_ref(b, folder);
        b->head.archive_line = line;
    }
    if (known || count >= 64)
        return;
    pg_ref ref = pg__plan_ref(b, folder);
    pg_plan_row_archives *row = pg__plan_add(b, PG_PLAN_TABLE_ARCHIVES);
    row->value = ref;
    row->line = line;
}

/// A section may state the folder without a label.
static void read_section(pg_plan_builder *b, uint32_t first, uint32_t last, unsigned *best)
{
    for (uint32_t i = pg__plan_block_index(b, first + 1);
         i < b->block_count && b->blocks[i].line <= last; i++) {
        if (b->blocks[i].kind != PG_MD_PARAGRAPH)
            continue;
        uint32_t line = b->blocks[i].line;
        pg_str folder = find_folder(pg_markdown_block_line(b->md, i, line));
        if (folder.ptr != NULL && pg_str_ends_with(folder, PG_STR("/"))) {
            consider(b, folder, line, PLACE_SECTION, best);
            return;
        }
    }
}

void pg__plan_read_archive(pg_plan_builder *b)
{
    uint32_t first = 0;
    uint32_t last = 0;
    uint32_t header = pg__plan_header_end(b);
    bool section = find_section(b, &first, &last);
    unsigned best = 0;
    uint32_t count = 0;
    const pg_plan_row_fields *rows = pg__plan_rows(b, PG_PLAN_TABLE_FIELDS, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (pg__plan_meaning(b, i) != PG_LABEL_ARCHIVE)
            continue;
        pg_str folder = find_folder(pg__plan_view(b, rows[i].value));
        bool inside = section && rows[i].line >= first && rows[i].line <= last;
        place where = inside                   ? PLACE_SECTION
                      : rows[i].line <= header ? PLACE_HEADER
                                               : PLACE_ELSEWHERE;
        if (folder.ptr != NULL)
            consider(b, folder, rows[i].line, where, &best);
    }
    if (section && best < 1 + PLACE_SECTION + 4)
        read_section(b, first, last, &best);
}
