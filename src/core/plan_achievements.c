/// Which paragraphs of a plan define achievements, and what each section says. See plan.h.
///
/// A definition is the first line of a paragraph at the top level, or a heading, in a section that
/// defines achievements. Everything else that looks like one - an index, tracking, an example, a
/// digest of another plan - only repeats, so it is decided by section first and by form second.
#include "plan_internal.h"

#include <string.h>

/// How much the words of a section count.
typedef enum rank {
    RANK_NONE,     ///< lists or shows achievements, or is about something else
    RANK_ANYWHERE, ///< any section of a plan that has no section for definitions
    RANK_RETELL,   ///< in a plan by its title: defines what no other section does
    RANK_DEFINE    ///< defines
} rank;

/// A paragraph or heading that has the form of a definition.
typedef struct candidate {
    uint32_t block;
    uint32_t heading; ///< index of the innermost section around it, PG_MD_NONE above the first
    rank rank;
    bool is_heading;
    pg_str number;
    pg_str title; ///< ptr NULL when the definition has none
    pg_str tail;  ///< what follows the title
} candidate;

/// Where the walk over the blocks stands.
typedef struct walk {
    pg_plan_builder *b;
    bool is_plan;     ///< the title says so
    uint32_t section; ///< index of the innermost section, PG_MD_NONE above the first
    rank base;        ///< of the section at heading level 1 or 2
    rank rank;        ///< of the innermost section
    pg_buf candidates;
} walk;

/// 1.2 or 3.5.1: two or three parts of one to four digits.
static bool is_number(pg_str s)
{
    size_t parts = 0;
    size_t digits = 0;
    for (size_t i = 0; i <= s.len; i++) {
        if (i == s.len || s.ptr[i] == '.') {
            if (digits < 1 || digits > 4)
                return false;
            parts++;
            digits = 0;
        } else if (s.ptr[i] >= '0' && s.ptr[i] <= '9') {
            digits++;
        } else {
            return false;
        }
    }
    return parts == 2 || parts == 3;
}

static rank rank_of_section(const walk *w, uint32_t section)
{
    const pg_plan_builder *b = w->b;
    if (pg__plan_heading(b, section, PG_HEADING_LISTING))
        return RANK_NONE;
    if (pg__plan_heading(b, section, PG_HEADING_RETELLING))
        return w->is_plan ? RANK_RETELL : RANK_NONE;
    if (pg__plan_heading(b, section, PG_HEADING_DEFINING))
        return RANK_DEFINE;
    if (!w->is_plan || pg__plan_heading(b, section, PG_HEADING_HANDOFF) ||
        pg__plan_heading(b, section, PG_HEADING_ASIDE))
        return RANK_NONE;
    return RANK_ANYWHERE;
}

static void enter_section(walk *w, uint32_t block)
{
    pg_plan_builder *b = w->b;
    w->section = w->section == PG_MD_NONE ? 0 : w->section + 1;
    while (w->section < b->section_count && b->sections[w->section].block != block)
        w->section++;
    const pg_md_section *section = &b->sections[w->section];
    if (section->level <= 2)
        w->base = rank_of_section(w, w->section);
    bool listing = pg__plan_heading(b, w->section, PG_HEADING_LISTING);
    w->rank = listing ? RANK_NONE : w->base;
}

static void add_candidate(walk *w, uint32_t block, bool is_heading, const pg_str groups[3])
{
    candidate c = {block, w->section, w->rank, is_heading, groups[0], groups[1], groups[2]};
    if (!is_number(c.number)) {
        pg__plan_warn(w->b, "malformed_number", w->b->blocks[block].line,
                      "'%.*s' is not a number such as 1.2 or 3.5.1", (int)c.number.len,
                      c.number.ptr);
        return;
    }
    pg_buf_put(&w->candidates, &c, sizeof c);
}

enum { DEFINITIONS_MAX = 10000 };

static void visit(walk *w, uint32_t block)
{
    const pg_md_block *block_row = &w->b->blocks[block];
    pg_str groups[3] = {{NULL, 0}, {NULL, 0}, {NULL, 0}};
    if (block_row->kind == PG_MD_HEADING) {
        pg_str text = pg_markdown_heading_text(w->b->md, block);
        bool defines = block_row->level > 2 && w->rank == RANK_DEFINE &&
                       pg__plan_match(w->b, PG_PATTERN_HEADING, text, groups, 2);
        enter_section(w, block);
        if (defines && w->rank != RANK_NONE)
            add_candidate(w, block, true, groups);
    } else if (block_row->kind == PG_MD_PARAGRAPH && w->rank != RANK_NONE) {
        pg_str line = pg_markdown_block_line(w->b->md, block, block_row->line);
        size_t bold = pg_str_find(pg_str_slice(line, 0, 32), PG_STR("**"), 0);
        if (bold != (size_t)-1 && pg__plan_match(w->b, PG_PATTERN_DEFINITION, line, groups, 3))
            add_candidate(w, block, false, groups);
    }
}

/// Keeps the candidates of the strongest kind there is.
static void keep_strongest(walk *w)
{
    candidate *list = (candidate *)(void *)w->candidates.ptr;
    size_t count = w->candidates.len / sizeof *list;
    bool defined = false;
    for (size_t i = 0; i < count; i++)
        defined = defined || list[i].rank >= RANK_RETELL;
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (!defined || list[i].rank >= RANK_RETELL)
            list[kept++] = list[i];
    w->candidates.len = kept * sizeof *list;
}

/// Whether a stronger form or section defines the number of `c` too.
static bool is_retold(const candidate *list, size_t count, const candidate *c)
{
    if (c->rank == RANK_DEFINE && !c->is_heading)
        return false;
    for (size_t i = 0; i < count; i++) {
        bool stronger = list[i].rank > c->rank ||
                        (list[i].rank == c->rank && !list[i].is_heading && c->is_heading);
        if (stronger && pg_str_equal(list[i].number, c->number))
            return true;
    }
    return false;
}

/// `title` without the marks at its end; `*marks` receives them.
static pg_str strip_marks(pg_plan_builder *b, pg_str title, pg_str *marks)
{
    pg_str groups[1] = {{NULL, 0}};
    *marks = (pg_str){NULL, 0};
    if (pg__plan_match(b, PG_PATTERN_TITLE_MARK, title, groups, 1) && groups[0].ptr != NULL) {
        *marks = groups[0];
        return pg_str_trim(pg_str_slice(title, 0, (size_t)(groups[0].ptr - title.ptr)));
    }
    return title;
}

/// Line of the outermost heading around section `inner` that stands below line `above`; 0 when
/// there is none.
static uint32_t outermost_below(const pg_plan_builder *b, uint32_t inner, uint32_t above)
{
    uint32_t line = 0;
    unsigned level = 7;
    for (uint32_t i = inner; i != PG_MD_NONE && b->sections[i].line > above; i--) {
        if (b->sections[i].level < level) {
            level = b->sections[i].level;
            line = b->sections[i].line;
        }
        if (i == 0)
            break;
    }
    return line;
}

/// Last line of the section of candidate `at`: up to the next definition and the headings it stands
/// under, or the next heading that is not inside it.
static uint32_t section_end(const walk *w, const candidate *list, size_t count, size_t at)
{
    const pg_plan_builder *b = w->b;
    uint32_t last = pg_markdown_line_count(b->md);
    if (at + 1 < count) {
        uint32_t heading = outermost_below(b, list[at + 1].heading, b->blocks[list[at].block].line);
        last = (heading != 0 ? heading : b->blocks[list[at + 1].block].line) - 1;
    }
    uint32_t around = list[at].heading;
    unsigned level = around == PG_MD_NONE ? 0 : b->sections[around].level;
    // A heading of rank 4 or lower is a label inside the section, unless one of its rank is around.
    if (level < 3)
        level = 3;
    uint32_t next = around == PG_MD_NONE ? 0 : around + 1;
    for (uint32_t i = next; i < b->section_count && b->sections[i].line <= last; i++)
        if (b->sections[i].level <= level) {
            last = b->sections[i].line - 1;
            break;
        }
    return pg_markdown_last_content_line(b->md, b->blocks[list[at].block].end_line, last);
}

/// Title of the innermost heading around `section` that gives a priority.
static pg_ref priority_heading(pg_plan_builder *b, uint32_t section)
{
    unsigned level = 7;
    for (uint32_t i = section; i != PG_MD_NONE && level > 2; i--) {
        if (b->sections[i].level < level) {
            level = b->sections[i].level;
            if (pg__plan_match(b, PG_PATTERN_PRIORITY, b->sections[i].title, NULL, 0))
                return pg__plan_ref(b, b->sections[i].title);
        }
        if (i == 0)
            break;
    }
    return (pg_ref){0, 0};
}

/// Value of the first field of the section of that meaning.
static pg_ref field_value(pg_plan_builder *b, pg_label label, uint32_t first, uint32_t last)
{
    const pg_plan_row_fields *field = pg__plan_field(b, label, first, last);
    return field != NULL && field->value.len > 0 ? field->value : (pg_ref){0, 0};
}

static void add_achievement(walk *w, const candidate *c, uint32_t end_line)
{
    pg_plan_builder *b = w->b;
    uint32_t line = b->blocks[c->block].line;
    uint32_t inside = line < end_line ? line + 1 : line;
    pg_str raw = pg_str_trim(c->title);
    pg_str marks;
    pg_str effort[1] = {{NULL, 0}};
    pg_plan_row_achievements row = {.line = line, .end_line = end_line};
    if (raw.len == 0) {
        const pg_plan_row_fields *field = pg__plan_field(b, PG_LABEL_TITLE, inside, end_line);
        if (field != NULL)
            raw = pg__plan_view(b, field->value);
    }
    row.number = pg__plan_ref(b, c->number);
    row.title = pg__plan_ref(b, strip_marks(b, raw, &marks));
    row.title_raw = pg__plan_ref(b, raw);
    row.goal = field_value(b, PG_LABEL_GOAL, inside, end_line);
    row.effort = field_value(b, PG_LABEL_EFFORT, inside, end_line);
    if (row.effort.at == 0 && pg__plan_match(b, PG_PATTERN_EFFORT_TAIL, c->tail, effort, 1))
        row.effort = pg__plan_ref(b, effort[0]);
    row.priority = field_value(b, PG_LABEL_PRIORITY, inside, end_line);
    if (row.priority.at == 0 && c->heading != PG_MD_NONE)
        row.priority = priority_heading(b, c->heading);
    if (pg__plan_match(b, PG_PATTERN_COMPLETE_MARK, marks, NULL, 0) ||
        pg__plan_match(b, PG_PATTERN_COMPLETE_MARK, c->tail, NULL, 0))
        row.mark = pg__plan_ref(b, PG_STR("complete"));
    *(pg_plan_row_achievements *)pg__plan_add(b, PG_PLAN_TABLE_ACHIEVEMENTS) = row;
}

/// Titles that differ only in case, emphasis and spacing say the same.
static bool same_title(pg_str a, pg_str b)
{
    size_t i = 0;
    size_t k = 0;
    for (;;) {
        while (i < a.len && strchr(" \t*_`", a.ptr[i]) != NULL)
            i++;
        while (k < b.len && strchr(" \t*_`", b.ptr[k]) != NULL)
            k++;
        if (i == a.len || k == b.len)
            return i == a.len && k == b.len;
        if (!pg_str_equal_nocase(pg_str_slice(a, i, i + 1), pg_str_slice(b, k, k + 1)))
            return false;
        i++;
        k++;
    }
}

static void add_duplicate(walk *w, const candidate *c, const pg_plan_row_achievements *first)
{
    pg_plan_builder *b = w->b;
    pg_str marks;
    pg_str title = strip_marks(b, pg_str_trim(c->title), &marks);
    uint32_t line = b->blocks[c->block].line;
    uint32_t first_line = first->line;
    bool same = same_title(title, pg__plan_view(b, first->title));
    pg_plan_row_duplicates row = {.line = line, .first_line = first_line, .same_title = same};
    row.number = pg__plan_ref(b, c->number);
    row.title = pg__plan_ref(b, title);
    *(pg_plan_row_duplicates *)pg__plan_add(b, PG_PLAN_TABLE_DUPLICATES) = row;
    pg__plan_warn(b, "duplicate_number", line, "%.*s is defined on line %u already, %s",
                  (int)c->number.len, c->number.ptr, first_line,
                  same ? "with the same title" : "with another title");
}

static const pg_plan_row_achievements *find_achievement(pg_plan_builder *b, pg_str number)
{
    uint32_t count = 0;
    const pg_plan_row_achievements *rows = pg__plan_rows(b, PG_PLAN_TABLE_ACHIEVEMENTS, &count);
    for (uint32_t i = 0; i < count; i++)
        if (pg_str_equal(pg__plan_view(b, rows[i].number), number))
            return &rows[i];
    return NULL;
}

static void add_all(walk *w)
{
    const candidate *list = (const candidate *)(const void *)w->candidates.ptr;
    size_t count = w->candidates.len / sizeof *list;
    for (size_t i = 0; i < count && w->b->status == PG_OK; i++) {
        if (is_retold(list, count, &list[i]))
            continue;
        const pg_plan_row_achievements *first = find_achievement(w->b, list[i].number);
        if (first != NULL)
            add_duplicate(w, &list[i], first);
        else
            add_achievement(w, &list[i], section_end(w, list, count, i));
    }
}

/// A summary, an update note or a template of a plan defines no achievement of its own.
static bool is_about_plan(pg_plan_builder *b, pg_str title)
{
    if (pg__plan_match(b, PG_PATTERN_OTHER_TITLE, title, NULL, 0))
        return true;
    uint32_t count = 0;
    const pg_plan_row_fields *rows = pg__plan_rows(b, PG_PLAN_TABLE_FIELDS, &count);
    uint32_t last = pg__plan_header_end(b);
    pg_str feature = pg__plan_view(b, b->head.feature);
    for (uint32_t i = 0; i < count && rows[i].line <= last; i++) {
        pg_str line = pg_str_trim(pg_markdown_line(b->md, rows[i].line));
        bool own = feature.len > 0 && pg_str_find(line, feature, 0) != (size_t)-1;
        if (!own && pg__plan_match(b, PG_PATTERN_OTHER_FIELD, line, NULL, 0))
            return true;
    }
    return false;
}

static bool has_defining_section(const pg_plan_builder *b)
{
    for (uint32_t i = 0; i < b->section_count; i++)
        if (b->sections[i].level <= 2 && pg__plan_heading(b, i, PG_HEADING_DEFINING))
            return true;
    return false;
}

void pg__plan_read_achievements(pg_plan_builder *b)
{
    pg_str title = b->section_count > 0 ? b->sections[0].title : PG_STR("");
    walk w = {.b = b, .section = PG_MD_NONE};
    w.is_plan = pg__plan_match(b, PG_PATTERN_PLAN_TITLE, title, NULL, 0);
    if ((!w.is_plan && !has_defining_section(b)) || is_about_plan(b, title))
        return;
    pg_buf_init(&w.candidates, b->alloc);
    for (uint32_t i = 0; i < b->block_count && b->status == PG_OK; i = b->blocks[i].next)
        visit(&w, i);
    if (w.candidates.len / sizeof(candidate) > DEFINITIONS_MAX)
        pg__plan_fail(b, PG_LIMIT, "the file defines more than 10000 achievements");
    keep_strongest(&w);
    add_all(&w);
    if (w.candidates.failed)
        pg__plan_fail(b, PG_NOMEM, "no memory for the achievements of a plan");
    pg_buf_free(&w.candidates);
}
