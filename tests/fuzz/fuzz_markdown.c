/// Fuzz target: the blocks of a text are those that cmark finds in the whole text.
///
/// The parser shows cmark an outline of the text only; this target shows it everything and compares
/// kind, first line, column and nesting of each block.
#include "fuzz.h"

#include "promptgen/markdown.h"

#include <stdlib.h>
#include <string.h>

#include <cmark.h>

static const int cmark_kinds[PG_MD_KIND_COUNT] = {
    [PG_MD_QUOTE] = CMARK_NODE_BLOCK_QUOTE, [PG_MD_LIST] = CMARK_NODE_LIST,
    [PG_MD_ITEM] = CMARK_NODE_ITEM,         [PG_MD_CODE] = CMARK_NODE_CODE_BLOCK,
    [PG_MD_HTML] = CMARK_NODE_HTML_BLOCK,   [PG_MD_PARAGRAPH] = CMARK_NODE_PARAGRAPH,
    [PG_MD_HEADING] = CMARK_NODE_HEADING,   [PG_MD_RULE] = CMARK_NODE_THEMATIC_BREAK,
};

static void check_block(const pg_md_block *block, cmark_node *node, uint32_t lines)
{
    FUZZ_CHECK(cmark_node_get_type(node) == (cmark_node_type)cmark_kinds[block->kind]);
    FUZZ_CHECK(block->line == (uint32_t)cmark_node_get_start_line(node));
    FUZZ_CHECK(block->column == (uint32_t)cmark_node_get_start_column(node));
    FUZZ_CHECK(block->line <= block->end_line && block->end_line <= lines);
    FUZZ_CHECK(block->level == cmark_node_get_heading_level(node));
}

/// Walks both in document order.
static void compare(const pg_markdown *md, cmark_node *root)
{
    uint32_t count = 0;
    const pg_md_block *blocks = pg_markdown_blocks(md, &count);
    uint32_t lines = pg_markdown_line_count(md);
    uint32_t at = 0;
    cmark_iter *iter = cmark_iter_new(root);
    for (cmark_event_type event; (event = cmark_iter_next(iter)) != CMARK_EVENT_DONE;) {
        cmark_node *node = cmark_iter_get_node(iter);
        int type = cmark_node_get_type(node);
        if (event != CMARK_EVENT_ENTER || type < CMARK_NODE_FIRST_BLOCK + 1 ||
            type > CMARK_NODE_LAST_BLOCK)
            continue;
        FUZZ_CHECK(at < count);
        check_block(&blocks[at], node, lines);
        bool top = cmark_node_get_type(cmark_node_parent(node)) == CMARK_NODE_DOCUMENT;
        FUZZ_CHECK(top == (blocks[at].parent == PG_MD_NONE));
        FUZZ_CHECK(blocks[at].next > at && blocks[at].next <= count);
        at++;
    }
    cmark_iter_free(iter);
    FUZZ_CHECK(at == count);
}

static void read_all(const pg_markdown *md)
{
    pg_str text = pg_markdown_text(md);
    uint32_t count = 0;
    const pg_md_section *sections = pg_markdown_sections(md, &count);
    for (uint32_t i = 0; i < count; i++) {
        FUZZ_CHECK(sections[i].line <= sections[i].end_line);
        FUZZ_CHECK(sections[i].title.ptr >= text.ptr);
        FUZZ_CHECK(sections[i].title.ptr + sections[i].title.len <= text.ptr + text.len);
    }
    pg_md_cursor cursor = {0};
    for (pg_md_field field; pg_markdown_next_field(md, &cursor, &field);)
        FUZZ_CHECK(field.label.len > 0 && field.line <= pg_markdown_line_count(md));
    cursor = (pg_md_cursor){0};
    for (pg_md_table table; pg_markdown_next_table(md, &cursor, &table);)
        FUZZ_CHECK(table.line < table.end_line && table.columns > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pg_markdown *md = NULL;
    pg_str text = {(const char *)data, size};
    if (pg_markdown_parse(text, NULL, &md, NULL) != PG_OK)
        return 0;
    read_all(md);
    pg_str regular = pg_markdown_text(md);
    pg_buf marked; // with a byte order mark, so that cmark drops none of the regular text
    pg_buf_init(&marked, NULL);
    pg_buf_put_str(&marked, PG_STR("\xEF\xBB\xBF"));
    pg_buf_put_str(&marked, regular);
    cmark_node *root = cmark_parse_document(marked.ptr, marked.len, CMARK_OPT_DEFAULT);
    pg_buf_free(&marked);
    compare(md, root);
    cmark_node_free(root);
    pg_markdown_free(md);
    return 0;
}
