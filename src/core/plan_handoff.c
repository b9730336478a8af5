/// The handoff section of a plan: which achievement it names as next, and whether it says that the
/// plan is complete. See plan.h.
///
/// Handoffs are prose, so each line is asked in turn and the strongest answer counts: a line that
/// names the next one, a mark on one, the only one in progress, the only pending one, the first
/// open step to come, a line that tells to begin one. What follows the last rule of the file is the
/// closing block, which plans leave as it was when they were written; it is asked last.
#include "plan_internal.h"

#include <string.h>

/// Kinds of answers, the strongest first.
typedef enum answer {
    ANSWER_NAMED,
    ANSWER_MARKED,
    ANSWER_STARTED,
    ANSWER_PENDING,
    ANSWER_STEP,
    ANSWER_ACTION,
    ANSWER_CLOSING,
    ANSWER_COUNT
} answer;

typedef struct naming {
    pg_str number; ///< ptr NULL = none
    uint32_t line;
    bool several; ///< another number was named so, too
} naming;

typedef struct reading {
    pg_plan_builder *b;
    uint32_t line;     ///< of the heading
    uint32_t end_line; ///< last line of the section
    uint32_t closing;  ///< first line of the closing block; end_line + 1 when there is none
    naming answers[ANSWER_COUNT];
    bool in_next_block; ///< the line belongs to the steps to come
} reading;

/// Writes the latest "YYYY-MM-DD HH:MM" of the lines into `out`; the empty string when there is no
/// date. The time is 00:00 when the date has none.
static void latest_date(const pg_markdown *md, uint32_t first, uint32_t last, char out[17])
{
    out[0] = '\0';
    for (uint32_t line = first; line <= last; line++) {
        pg_str text = pg_markdown_line(md, line);
        for (size_t i = 0; i + 10 <= text.len; i++) {
            static const char shape[] = "dddd-dd-dd dd:dd";
            char date[17] = "0000-00-00 00:00";
            size_t k = 0;
            while (k < 16 && i + k < text.len &&
                   (shape[k] == 'd' ? text.ptr[i + k] >= '0' && text.ptr[i + k] <= '9'
                                    : text.ptr[i + k] == shape[k])) {
                date[k] = text.ptr[i + k];
                k++;
            }
            if (k < 10)
                continue;
            if (k < 16)
                memcpy(date + 10, " 00:00", 6);
            if (strcmp(out, date) < 0)
                memcpy(out, date, sizeof date);
        }
    }
}

/// Last line of the section at index `i`: the line before the next heading of rank 1 or 2.
static uint32_t handoff_end(const pg_plan_builder *b, uint32_t i)
{
    for (uint32_t k = i + 1; k < b->section_count; k++)
        if (b->sections[k].level <= 2)
            return b->sections[k].line - 1;
    return pg_markdown_line_count(b->md);
}

/// Chooses the handoff section: the newest by its dates, else the last. False when there is none.
static bool find_handoff(pg_plan_builder *b, uint32_t *line, uint32_t *end_line)
{
    char newest[17] = "";
    uint32_t found = 0;
    for (uint32_t i = 0; i < b->section_count; i++) {
        const pg_md_section *section = &b->sections[i];
        if (section->level > 2 || !pg__plan_heading(b, i, PG_HEADING_HANDOFF))
            continue;
        char date[17];
        uint32_t end = handoff_end(b, i);
        latest_date(b->md, section->line, end, date);
        if (found++ > 0)
            pg__plan_warn(b, "repeated_handoff", section->line,
                          "the file has more than one handoff section; the newest counts");
        if (found > 1 && strcmp(date, newest) < 0)
            continue;
        memcpy(newest, date, strlen(date) + 1);
        *line = section->line;
        *end_line = end;
    }
    return found > 0;
}

/// First line after the last rule of the file, when the section reaches the end of the file and
/// text follows that rule; else the line after the section.
static uint32_t closing_block(const pg_plan_builder *b, uint32_t line, uint32_t end_line)
{
    if (end_line != pg_markdown_line_count(b->md))
        return end_line + 1;
    bool text = false;
    for (uint32_t i = end_line; i > line; i--) {
        unsigned flags = pg_markdown_line_flags(b->md, i);
        if ((flags & PG_MD_LINE_RULE) != 0 && text)
            return i + 1;
        text = text || (flags & (PG_MD_LINE_BLANK | PG_MD_LINE_RULE)) == 0;
    }
    return end_line + 1;
}

static void name(reading *r, answer kind, pg_str number, uint32_t line)
{
    if (r->answers[kind].number.ptr == NULL)
        r->answers[kind] = (naming){number, line, false};
    else if (!pg_str_equal(r->answers[kind].number, number))
        r->answers[kind].several = true;
}

/// Whether a number with a dot can stand in `text`: nothing else needs the number patterns.
static bool has_number(pg_str text)
{
    for (size_t i = 1; i + 1 < text.len; i++)
        if (text.ptr[i] == '.' && text.ptr[i - 1] >= '0' && text.ptr[i - 1] <= '9' &&
            text.ptr[i + 1] >= '0' && text.ptr[i + 1] <= '9')
            return true;
    return false;
}

static void ask_for_next(reading *r, pg_str text, uint32_t line)
{
    pg_str number[1] = {{NULL, 0}};
    if (!has_number(text))
        return;
    if (line >= r->closing) {
        if (pg__plan_match(r->b, PG_PATTERN_NEXT, text, number, 1))
            name(r, ANSWER_CLOSING, number[0], line);
        return;
    }
    if (pg__plan_match(r->b, PG_PATTERN_NEXT, text, number, 1))
        name(r, ANSWER_NAMED, number[0], line);
    if (pg__plan_match(r->b, PG_PATTERN_NEXT_MARK, text, number, 1))
        name(r, ANSWER_MARKED, number[0], line);
    if (pg__plan_match(r->b, PG_PATTERN_STARTED, text, number, 1))
        name(r, ANSWER_STARTED, number[0], line);
    if (pg__plan_match(r->b, PG_PATTERN_PENDING, text, number, 1))
        name(r, ANSWER_PENDING, number[0], line);
    if (r->in_next_block && pg__plan_match(r->b, PG_PATTERN_NEXT_ITEM, text, number, 1))
        name(r, ANSWER_STEP, number[0], line);
    if (pg__plan_match(r->b, PG_PATTERN_ACTION, text, number, 1))
        name(r, ANSWER_ACTION, number[0], line);
}

static void says_complete(reading *r, uint32_t line)
{
    if (r->b->head.handoff_says_complete)
        return;
    r->b->head.handoff_says_complete = true;
    r->b->head.handoff_complete_line = line;
}

static void read_line(reading *r, pg_str text, uint32_t line, bool heading)
{
    if (heading || pg_str_find(text, PG_STR(":"), 0) != (size_t)-1) {
        if (pg__plan_match(r->b, PG_PATTERN_NEXT_BLOCK, text, NULL, 0))
            r->in_next_block = true;
        else if (heading)
            r->in_next_block = false;
    }
    if (line < r->closing && pg__plan_match(r->b, PG_PATTERN_ALL_DONE, text, NULL, 0))
        says_complete(r, line);
    ask_for_next(r, text, line);
}

/// The first status of the section outside lists speaks for the plan, and so does a progress.
static void read_status(reading *r)
{
    pg_plan_builder *b = r->b;
    uint32_t count = 0;
    const pg_plan_row_fields *rows = pg__plan_rows(b, PG_PLAN_TABLE_FIELDS, &count);
    bool status_seen = false;
    for (uint32_t i = pg__plan_field_index(b, r->line); i < count && rows[i].line < r->closing;
         i++) {
        pg_label meaning = pg__plan_meaning(b, i);
        pg_str value = pg__plan_view(b, rows[i].value);
        bool top = pg_str_find(pg_markdown_line(b->md, rows[i].line), PG_STR("-"), 0) != 0;
        if (meaning == PG_LABEL_STATUS && top && !status_seen) {
            status_seen = true;
            if (pg__plan_match(b, PG_PATTERN_ALL_DONE, value, NULL, 0) ||
                pg__plan_match(b, PG_PATTERN_STATUS_DONE, value, NULL, 0))
                says_complete(r, rows[i].line);
        } else if (meaning == PG_LABEL_PROGRESS && top &&
                   pg__plan_match(b, PG_PATTERN_PROGRESS_DONE, value, NULL, 0)) {
            says_complete(r, rows[i].line);
        }
    }
}

static void read_lines(reading *r)
{
    const pg_plan_builder *b = r->b;
    uint32_t block = pg__plan_block_index(b, r->line + 1);
    for (; block < b->block_count && b->blocks[block].line <= r->end_line; block++) {
        const pg_md_block *row = &b->blocks[block];
        if (row->kind == PG_MD_HEADING)
            read_line(r, pg_markdown_heading_text(b->md, block), row->line, true);
        if (row->kind != PG_MD_PARAGRAPH)
            continue;
        for (uint32_t line = row->line; line <= row->end_line; line++)
            read_line(r, pg_markdown_block_line(b->md, block, line), line, false);
    }
}

static void choose_next(reading *r)
{
    pg_plan_head *head = &r->b->head;
    if (head->handoff_says_complete)
        return;
    for (unsigned kind = 0; kind < ANSWER_COUNT; kind++) {
        bool single = kind == ANSWER_STARTED || kind == ANSWER_PENDING;
        if (r->answers[kind].number.ptr == NULL || (single && r->answers[kind].several))
            continue;
        head->handoff_next = pg__plan_ref(r->b, r->answers[kind].number);
        head->handoff_next_line = r->answers[kind].line;
        return;
    }
}

void pg__plan_read_handoff(pg_plan_builder *b)
{
    reading r = {.b = b};
    if (!find_handoff(b, &r.line, &r.end_line))
        return;
    pg_plan_row_handoff *row = pg__plan_add(b, PG_PLAN_TABLE_HANDOFF);
    row->line = r.line;
    row->end_line = r.end_line;
    r.closing = closing_block(b, r.line, r.end_line);
    read_status(&r);
    read_lines(&r);
    choose_next(&r);
}
