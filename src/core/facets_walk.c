/// The walk over a document's paragraphs that tells each line what it stands under.
///
/// The header reaches to the first section, or to the first rule after a labelled field. The
/// closing block is what follows the last rule, when that is not the rule below the header. A rule
/// ends an iteration or another part of the work.
#include "facets_internal.h"

#include <string.h>

/// A heading that governs the lines below it.
typedef struct heading {
    uint8_t level;
    pg_facet_context flags; ///< its own and those of the headings above it
} heading;

typedef struct walk {
    const pg_markdown *md;
    const pg_md_block *blocks;
    uint32_t count;
    uint32_t title;      ///< index of the heading that is the title, PG_MD_NONE without
    uint32_t header_end; ///< index of the block that ends the header
    uint32_t closing;    ///< index of the rule before the closing block, PG_MD_NONE without
    heading stack[6];
    size_t stack_size;
    uint8_t first_word[27]; ///< index of the first heading word with each initial, and the end
} walk;

static bool is_top(const pg_md_block *block, pg_md_kind kind)
{
    return block->kind == kind && block->depth == 0;
}

/// The first heading is the title when it has the first rank or nothing but rules precedes it.
static uint32_t find_title(const walk *w)
{
    bool text_before = false;
    for (uint32_t i = 0; i < w->count; i = w->blocks[i].next) {
        const pg_md_block *block = &w->blocks[i];
        if (block->kind == PG_MD_HEADING)
            return block->level == 1 || !text_before ? i : PG_MD_NONE;
        if (block->kind != PG_MD_RULE && block->kind != PG_MD_HTML)
            text_before = true;
    }
    return PG_MD_NONE;
}

static bool has_field(const pg_markdown *md, uint32_t index, const pg_md_block *block)
{
    pg_md_field field;
    for (uint32_t line = block->line; line <= block->end_line; line++)
        if (pg_md_field_read(pg_markdown_block_line(md, index, line), &field))
            return true;
    return false;
}

static void find_ends(walk *w)
{
    bool fields = false;
    w->header_end = w->count;
    w->closing = PG_MD_NONE;
    for (uint32_t i = 0; i < w->count; i++) {
        const pg_md_block *block = &w->blocks[i];
        bool rule = is_top(block, PG_MD_RULE);
        if (w->header_end == w->count) {
            if ((is_top(block, PG_MD_HEADING) && i != w->title) || (rule && fields))
                w->header_end = i;
            else if (block->kind == PG_MD_PARAGRAPH && !fields)
                fields = has_field(w->md, i, block);
        } else if (rule) {
            w->closing = i;
        }
    }
}

/// What the words of a heading tell.
enum {
    COMPLETION = 1,
    PART = 2,
    EXECUTION = 4,
    PLANNED = 8,
    SYNTHESIS = 16,
    AHEAD = 32,
    DONE = 64,
    TO_CHECK = 128,
    ELSEWHERE = 256
};

static const struct {
    pg_str word;
    unsigned tells;
} HEADING_WORDS[] = {
    // in alphabetical order
    {{"active", 6}, PLANNED},
    {{"approach", 8}, AHEAD},
    {{"checklist", 9}, TO_CHECK},
    {{"completed", 9}, DONE},
    {{"completion", 10}, COMPLETION | DONE},
    {{"criteria", 8}, TO_CHECK},
    {{"deliverable", 11}, PART},
    {{"deliverables", 12}, PART},
    {{"execution", 9}, EXECUTION},
    {{"executions", 10}, EXECUTION},
    {{"final", 5}, COMPLETION},
    {{"guidelines", 10}, AHEAD},
    {{"iteration", 9}, PART},
    {{"next", 4}, TO_CHECK},
    {{"phase", 5}, PART | AHEAD},
    {{"plan", 4}, PLANNED | AHEAD},
    {{"planned", 7}, PLANNED},
    {{"pre", 3}, TO_CHECK},
    {{"process", 7}, AHEAD},
    {{"protocol", 8}, TO_CHECK},
    {{"related", 7}, ELSEWHERE},
    {{"relations", 9}, ELSEWHERE},
    {{"relationship", 12}, ELSEWHERE},
    {{"review", 6}, TO_CHECK},
    {{"step", 4}, PART},
    {{"strategy", 8}, PLANNED | AHEAD},
    {{"synthesis", 9}, SYNTHESIS},
    {{"test", 4}, PART},
    {{"tests", 5}, PART},
    {{"workflow", 8}, AHEAD | TO_CHECK},
};

static void index_words(walk *w)
{
    const uint8_t count = sizeof(HEADING_WORDS) / sizeof(HEADING_WORDS[0]);
    uint8_t i = 0;
    for (uint8_t letter = 0; letter < 26; letter++) {
        w->first_word[letter] = i;
        while (i < count && HEADING_WORDS[i].word.ptr[0] == 'a' + letter)
            i++;
    }
    w->first_word[26] = count;
}

static unsigned read_words(const walk *w, pg_str title)
{
    unsigned tells = 0;
    pg_words words = {title};
    for (pg_str word = pg__word_next(&words); word.len > 0; word = pg__word_next(&words)) {
        unsigned letter = (unsigned)(word.ptr[0] | 0x20) - 'a';
        if (letter >= 26)
            continue;
        for (uint8_t i = w->first_word[letter]; i < w->first_word[letter + 1]; i++)
            if (pg_str_equal_nocase(word, HEADING_WORDS[i].word))
                tells |= HEADING_WORDS[i].tells;
    }
    return tells;
}

static void add_flags(const walk *w, pg_facet_context *flags, pg_str title)
{
    unsigned tells = read_words(w, title);
    if ((tells & COMPLETION) != 0)
        flags->completion = true;
    if ((tells & PART) != 0)
        flags->part = true;
    if ((tells & (EXECUTION | PLANNED)) == (EXECUTION | PLANNED))
        flags->work_list = true;
    if ((tells & (SYNTHESIS | AHEAD)) == SYNTHESIS)
        flags->synthesis = true;
    if ((tells & (DONE | TO_CHECK)) == DONE)
        flags->done_list = true;
    if ((tells & ELSEWHERE) != 0)
        flags->elsewhere = true;
}

static void enter_heading(walk *w, uint32_t index)
{
    uint8_t level = w->blocks[index].level;
    while (w->stack_size > 0 && w->stack[w->stack_size - 1].level >= level)
        w->stack_size--;
    heading entry = {.level = level};
    if (w->stack_size > 0)
        entry.flags = w->stack[w->stack_size - 1].flags;
    if (index != w->title)
        add_flags(w, &entry.flags, pg_markdown_heading_text(w->md, index));
    w->stack[w->stack_size++] = entry; // levels rise along the stack, so six entries are enough
}

/// A rule ends the parts of the work that are open.
static void leave_parts(walk *w)
{
    while (w->stack_size > 0 && w->stack[w->stack_size - 1].flags.part)
        w->stack_size--;
}

static pg_facet_context context_of(const walk *w, uint32_t index)
{
    const pg_md_block *block = &w->blocks[index];
    pg_facet_context context = {0};
    if (w->stack_size > 0)
        context = w->stack[w->stack_size - 1].flags;
    context.header = index < w->header_end;
    context.closing = w->closing != PG_MD_NONE && index > w->closing;
    context.depth = block->depth;
    if (block->parent != PG_MD_NONE && w->blocks[block->parent].kind == PG_MD_ITEM) {
        uint32_t list = w->blocks[block->parent].parent;
        context.listed = true;
        context.numbered = list != PG_MD_NONE && w->blocks[list].ordered;
    }
    return context;
}

/// Takes a tick box off the front of a line.
static pg_str take_box(pg_str text, pg_facet_context *context)
{
    context->boxed = false;
    context->ticked = false;
    if (!context->listed || text.len < 3 || text.ptr[0] != '[')
        return text;
    size_t close = text.ptr[1] == ']' ? 1 : 2;
    if (text.ptr[close] != ']' || (text.len > close + 1 && text.ptr[close + 1] != ' '))
        return text;
    context->boxed = true;
    context->ticked = text.ptr[1] == 'x' || text.ptr[1] == 'X';
    return pg_str_trim(pg_str_slice(text, close + 1, text.len));
}

static bool visit_lines(const walk *w, uint32_t index, pg_facet_visit visit, void *self)
{
    const pg_md_block *block = &w->blocks[index];
    pg_facet_context context = context_of(w, index);
    for (uint32_t line = block->line; line <= block->end_line; line++) {
        pg_str text = pg_markdown_block_line(w->md, index, line);
        text = take_box(text, &context);
        if (!visit(self, &context, line, text))
            return false;
    }
    return true;
}

bool pg__facet_walk(const pg_markdown *md, pg_facet_visit visit, void *self)
{
    walk w = {.md = md};
    w.blocks = pg_markdown_blocks(md, &w.count);
    index_words(&w);
    w.title = find_title(&w);
    find_ends(&w);
    for (uint32_t i = 0; i < w.count;) {
        const pg_md_block *block = &w.blocks[i];
        if (block->kind == PG_MD_QUOTE) {
            i = block->next;
            continue;
        }
        if (is_top(block, PG_MD_HEADING))
            enter_heading(&w, i);
        else if (is_top(block, PG_MD_RULE))
            leave_parts(&w);
        else if (block->kind == PG_MD_PARAGRAPH && !visit_lines(&w, i, visit, self))
            return false;
        i++;
    }
    return true;
}
