/// From text to blocks, with cmark. See markdown.h.
///
/// cmark sees the outline of the text only (markdown_outline.c) and allocates from an arena
/// (arena.h), so that running out of memory is an error and not the end of the process.
#include "promptgen/markdown.h"

#include "arena.h"
#include "markdown_internal.h"

#include <string.h>

#include <cmark.h>

#define ARENA_MAX ((size_t)256 << 20)
#define EFFORT_MAX (UINT64_C(1) << 28)

const char *pg_md_kind_name(unsigned kind)
{
    static const char *const names[] = {
#define KIND_NAME(symbol, name) name,
        PG_MD_KIND_LIST(KIND_NAME)
#undef KIND_NAME
    };
    return kind < PG_MD_KIND_COUNT ? names[kind] : "unknown";
}

/// Parses `outline` inside the arena, whose escape is set. Does not return when memory runs out.
static cmark_node *run_cmark(const char *outline, size_t len)
{
    // cmark takes no const pointer, and never writes through this one.
    static cmark_mem memory = {pg_arena_calloc, pg_arena_realloc, pg_arena_release};
    cmark_parser *parser = cmark_parser_new_with_mem(CMARK_OPT_DEFAULT, &memory);
    cmark_parser_feed(parser, outline, len);
    return cmark_parser_finish(parser);
}

/// run_cmark with the escape around it; NULL when memory ran out.
static cmark_node *run_guarded(pg_arena *arena, const char *outline, size_t len)
{
    cmark_node *volatile root = NULL;
    pg_arena_enter(arena);
    if (setjmp(arena->escape) == 0)
        root = run_cmark(outline, len);
    else
        root = NULL;
    pg_arena_enter(NULL);
    return root;
}

static pg_md_kind kind_of(cmark_node *node)
{
    switch (cmark_node_get_type(node)) {
    case CMARK_NODE_BLOCK_QUOTE:
        return PG_MD_QUOTE;
    case CMARK_NODE_LIST:
        return PG_MD_LIST;
    case CMARK_NODE_ITEM:
        return PG_MD_ITEM;
    case CMARK_NODE_CODE_BLOCK:
        return PG_MD_CODE;
    case CMARK_NODE_HTML_BLOCK:
        return PG_MD_HTML;
    case CMARK_NODE_HEADING:
        return PG_MD_HEADING;
    case CMARK_NODE_THEMATIC_BREAK:
        return PG_MD_RULE;
    default:
        return PG_MD_PARAGRAPH;
    }
}

static bool is_container(pg_md_kind kind)
{
    return kind == PG_MD_QUOTE || kind == PG_MD_LIST || kind == PG_MD_ITEM;
}

static uint32_t count_char(const char *s, char c)
{
    uint32_t count = 0;
    for (s = strchr(s, c); s != NULL; s = strchr(s + 1, c))
        count++;
    return count;
}

/// Fenced or indented: cmark does not say. The literal of indented code has the first line of the
/// block as its first line, and as many lines as the block.
static bool is_fenced(const pg_markdown *md, const pg_md_block *block, const char *literal)
{
    pg_str line = pg_markdown_line(md, block->line);
    pg_str first = pg_str_slice(line, block->column - 1, line.len);
    if (first.len < 3 || (first.ptr[0] != '`' && first.ptr[0] != '~'))
        return false;
    return strncmp(literal, first.ptr, first.len) != 0 ||
           count_char(literal, '\n') != block->end_line - block->line + 1;
}

static uint32_t last_not_blank(const pg_markdown *md, uint32_t first, uint32_t last)
{
    while (last > first && (md->source.flags[last - 1] & PG_MD_LINE_BLANK) != 0)
        last--;
    return last;
}

static void flag_lines(pg_markdown *md, const pg_md_block *block)
{
    uint8_t bit = block->kind == PG_MD_RULE   ? PG_MD_LINE_RULE
                  : block->kind == PG_MD_CODE ? PG_MD_LINE_CODE
                  : block->kind == PG_MD_HTML ? PG_MD_LINE_HTML
                                              : 0;
    if (bit == 0)
        return;
    for (uint32_t line = block->line; line <= block->end_line; line++)
        md->source.flags[line - 1] |= bit;
}

/// Fills `block`, which cannot reach beyond line `last`.
static void read_block(pg_markdown *md, cmark_node *node, uint32_t last, pg_md_block *block)
{
    block->kind = (uint8_t)kind_of(node);
    block->line = (uint32_t)cmark_node_get_start_line(node);
    block->column = (uint32_t)cmark_node_get_start_column(node);
    uint32_t end = (uint32_t)cmark_node_get_end_line(node);
    // cmark leaves out the line with the end marker of an HTML block, and adds the line after a
    // container that ends inside a fence.
    if (block->kind == PG_MD_HTML)
        end = block->line - 1 + count_char(cmark_node_get_literal(node), '\n');
    if (end > last)
        end = last;
    block->end_line = end > block->line ? end : block->line;
    uint32_t trimmed = last_not_blank(md, block->line, block->end_line);
    if (block->kind == PG_MD_HEADING)
        block->level = (uint8_t)cmark_node_get_heading_level(node);
    if (block->kind == PG_MD_LIST)
        block->ordered = cmark_node_get_list_type(node) == CMARK_ORDERED_LIST;
    if (block->kind == PG_MD_CODE) {
        pg_md_block indented = *block;
        indented.end_line = trimmed;
        block->fenced = is_fenced(md, &indented, cmark_node_get_literal(node));
    }
    if (!block->fenced)
        block->end_line = trimmed;
    flag_lines(md, block);
}

static pg_md_block *add_block(pg_markdown *md)
{
    if (md->block_count == md->block_cap) {
        uint32_t cap = md->block_cap == 0 ? md->source.line_count / 2 + 8 : md->block_cap * 2;
        pg_md_block *blocks =
            pg_realloc(md->alloc, md->blocks, md->block_cap * sizeof *blocks, cap * sizeof *blocks);
        if (blocks == NULL)
            return NULL;
        md->blocks = blocks;
        md->block_cap = cap;
    }
    pg_md_block *block = &md->blocks[md->block_count];
    memset(block, 0, sizeof *block);
    md->block_count++;
    return block;
}

/// Leaves finished containers until a block with a sibling; that sibling, or NULL at the end.
static cmark_node *leave(pg_markdown *md, cmark_node *node, uint32_t *parent, uint32_t *depth)
{
    cmark_node *next = cmark_node_next(node);
    while (next == NULL && *parent != PG_MD_NONE) {
        md->blocks[*parent].next = md->block_count;
        *parent = md->blocks[*parent].parent;
        (*depth)--;
        node = cmark_node_parent(node);
        next = cmark_node_next(node);
    }
    return next;
}

/// Copies the block nodes below `root` in document order.
static bool walk(pg_markdown *md, cmark_node *root)
{
    uint32_t parent = PG_MD_NONE;
    uint32_t depth = 0;
    cmark_node *node = cmark_node_first_child(root);
    while (node != NULL) {
        pg_md_block *block = add_block(md);
        if (block == NULL)
            return false;
        uint32_t last = parent == PG_MD_NONE ? md->source.line_count : md->blocks[parent].end_line;
        read_block(md, node, last, block);
        block->parent = parent;
        block->depth = depth;
        block->next = md->block_count;
        if (parent != PG_MD_NONE)
            block->quoted = md->blocks[parent].quoted || md->blocks[parent].kind == PG_MD_QUOTE;
        cmark_node *child = is_container(block->kind) ? cmark_node_first_child(node) : NULL;
        if (child != NULL) {
            parent = md->block_count - 1;
            depth++;
            node = child;
        } else {
            node = leave(md, node, &parent, &depth);
        }
    }
    return true;
}

static pg_status parse_blocks(pg_markdown *md, pg_error *err)
{
    pg_md_source *source = &md->source;
    size_t outline_cap = source->text_len + source->line_count + 1;
    char *outline = pg_malloc(md->alloc, outline_cap);
    if (outline == NULL)
        return pg_error_set(err, PG_NOMEM, "no memory for an outline of %zu bytes", outline_cap);
    uint64_t effort = 0;
    size_t len = pg__md_outline(source, outline, &effort);
    if (effort > EFFORT_MAX) {
        pg_free(md->alloc, outline, outline_cap);
        return pg_error_set(err, PG_LIMIT, "lists and quotes nest too deep over too many lines");
    }
    pg_arena arena;
    pg_arena_init(&arena, md->alloc, len * 8, ARENA_MAX);
    pg_status status = PG_OK;
    cmark_node *root = run_guarded(&arena, outline, len);
    if (root == NULL && arena.failure == PG_LIMIT)
        status = pg_error_set(err, PG_LIMIT, "the blocks need more than %zu MiB", ARENA_MAX >> 20);
    else if (root == NULL || !walk(md, root))
        status = pg_error_set(err, PG_NOMEM, "no memory for the blocks of a text");
    pg_arena_free(&arena);
    pg_free(md->alloc, outline, outline_cap);
    return status;
}

static pg_status parse(pg_str text, bool borrow, const pg_alloc *alloc, pg_markdown **out,
                       pg_error *err)
{
    *out = NULL;
    if (text.len > PG_MD_INPUT_MAX)
        return pg_error_set(err, PG_TOO_LARGE, "the text has %zu bytes, more than %zu", text.len,
                            PG_MD_INPUT_MAX);
    pg_markdown *md = pg_calloc(alloc, 1, sizeof *md);
    if (md == NULL)
        return pg_error_set(err, PG_NOMEM, "no memory for a parsed text");
    md->alloc = alloc;
    pg_status status = pg__md_source_read(&md->source, text, borrow, alloc, err);
    if (status == PG_OK)
        status = parse_blocks(md, err);
    if (status == PG_OK)
        status = pg__md_find_sections(md, err);
    if (status != PG_OK) {
        pg_markdown_free(md);
        return status;
    }
    *out = md;
    return PG_OK;
}

pg_status pg_markdown_parse(pg_str text, const pg_alloc *alloc, pg_markdown **out, pg_error *err)
{
    return parse(text, false, alloc, out, err);
}

pg_status pg_markdown_parse_in_place(pg_str text, const pg_alloc *alloc, pg_markdown **out,
                                     pg_error *err)
{
    return parse(text, true, alloc, out, err);
}

void pg_markdown_free(pg_markdown *md)
{
    if (md == NULL)
        return;
    const pg_alloc *alloc = md->alloc;
    pg__md_source_free(&md->source, alloc);
    pg_free(alloc, md->blocks, md->block_cap * sizeof *md->blocks);
    pg_free(alloc, md->sections, md->section_count * sizeof *md->sections);
    pg_free(alloc, md, sizeof *md);
}
