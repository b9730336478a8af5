/// Tests of the block structure, lines, sections, fields and tables of Markdown texts.
#include "support.h"

#include "promptgen/markdown.h"

#include <stdlib.h>
#include <string.h>

static pg_markdown *parse(pg_str text)
{
    pg_markdown *md = NULL;
    pg_error err = {0};
    if (pg_markdown_parse(text, NULL, &md, &err) != PG_OK)
        fail_msg("%s", err.message);
    return md;
}

static void assert_str(pg_str got, const char *want)
{
    if (!pg_str_equal(got, pg_str_from(want)))
        fail_msg("got '%.*s', want '%s'", (int)got.len, got.ptr, want);
}

/// Writes "kind line-end_line depth" of each block, separated by "; ".
static void describe(const pg_markdown *md, pg_buf *out)
{
    uint32_t count = 0;
    const pg_md_block *blocks = pg_markdown_blocks(md, &count);
    for (uint32_t i = 0; i < count; i++)
        pg_buf_printf(out, "%s%s %u-%u %u", i > 0 ? "; " : "", pg_md_kind_name(blocks[i].kind),
                      blocks[i].line, blocks[i].end_line, blocks[i].depth);
}

static void assert_blocks(const char *text, const char *want)
{
    pg_markdown *md = parse(pg_str_from(text));
    pg_buf got;
    pg_buf_init(&got, NULL);
    describe(md, &got);
    assert_str(pg_buf_str(&got), want);
    pg_buf_free(&got);
    pg_markdown_free(md);
}

static void test_blocks_have_their_kind_span_and_depth(void **state)
{
    (void)state;
    assert_blocks("# T\n\ntext\nmore\n\n- a\n\n  b\n- c\n\n> q\n\n---\n",
                  "heading 1-1 0; paragraph 3-4 0; list 6-9 0; item 6-8 1; paragraph 6-6 2; "
                  "paragraph 8-8 2; item 9-9 1; paragraph 9-9 2; quote 11-11 0; paragraph 11-11 1; "
                  "rule 13-13 0");
    assert_blocks("", "");
    assert_blocks("\n \n\t\n", "");
    assert_blocks("<div>\nx\n</div>\n\n    code\n\n\nend",
                  "html 1-3 0; code 5-5 0; paragraph 8-8 0");
}

static void test_fences_are_recognised_inside_list_items_and_quotes(void **state)
{
    (void)state;
    assert_blocks("- a\n\n  ```lua\n  # no heading\n\n  ```\n- b\n",
                  "list 1-7 0; item 1-6 1; paragraph 1-1 2; code 3-6 2; item 7-7 1; "
                  "paragraph 7-7 2");
    assert_blocks("````md\n```\n# no\n```\n````\n# yes\n", "code 1-5 0; heading 6-6 0");
    assert_blocks("~~~\n# no\n\n", "code 1-3 0");
    assert_blocks("``` a`b\n# yes\n", "paragraph 1-1 0; heading 2-2 0");
    assert_blocks("> ```\n> # no\n# yes\n", "quote 1-2 0; code 1-2 1; heading 3-3 0");
}

static void test_indented_code_is_not_a_fence(void **state)
{
    (void)state;
    const struct {
        const char *text;
        bool fenced;
        uint32_t end_line;
    } rows[] = {
        {"    code\n", false, 1},         {"    ```\n", false, 1},
        {"    ```\n    x\n\n", false, 2}, {"```\n", true, 1},
        {"```\n\n\n", true, 3},           {"```\nx\n```\n\n", true, 3},
        {"  ~~~ info\n  x\n", true, 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        pg_markdown *md = parse(pg_str_from(rows[i].text));
        uint32_t count = 0;
        const pg_md_block *blocks = pg_markdown_blocks(md, &count);
        assert_int_equal(count, 1);
        assert_int_equal(blocks[0].kind, PG_MD_CODE);
        assert_int_equal(blocks[0].fenced, rows[i].fenced);
        assert_int_equal(blocks[0].end_line, rows[i].end_line);
        pg_markdown_free(md);
    }
    pg_markdown *md = parse(PG_STR("````lua title=x\n````\n"));
    assert_str(pg_markdown_fence_info(md, 0), "lua title=x");
    pg_markdown_free(md);
}

static void test_html_and_link_definitions_keep_their_extent(void **state)
{
    (void)state;
    assert_blocks("<!-- a\n\n# no\nx --> y\n# yes\n", "html 1-4 0; heading 5-5 0");
    assert_blocks("<script>\n<!--\n\n-->\nx </script>\n# yes\n", "html 1-5 0; heading 6-6 0");
    assert_blocks("> <!X\n> a\n> b > c\n> # yes\n", "quote 1-4 0; html 1-3 1; heading 4-4 1");
    assert_blocks("[a]: /url\n---\n", "paragraph 1-2 0"); // sic: cmark keeps the line
    assert_blocks("[a\nb]: /url 'x\ny'\n===\n", "paragraph 1-4 0");
    assert_blocks("[ ] a: b\n---\n", "heading 1-2 0");
    assert_blocks("<preface>\n\nx </pre>\n", "html 1-1 0; paragraph 3-3 0");
}

static void test_every_kind_of_line_end_counts_once(void **state)
{
    (void)state;
    const char *texts[] = {"# A\n\nb\n", "# A\r\n\r\nb\r\n", "# A\r\rb\r", "# A\r\n\rb"};
    for (size_t i = 0; i < 4; i++) {
        pg_markdown *md = parse(pg_str_from(texts[i]));
        assert_int_equal(pg_markdown_line_count(md), 3);
        assert_str(pg_markdown_line(md, 1), "# A");
        assert_str(pg_markdown_line(md, 2), "");
        assert_str(pg_markdown_line(md, 3), "b");
        assert_str(pg_markdown_line(md, 4), "");
        assert_str(pg_markdown_line(md, 0), "");
        assert_int_equal(pg_markdown_line_offset(md, 3), 5);
        pg_markdown_free(md);
        assert_blocks(texts[i], "heading 1-1 0; paragraph 3-3 0");
    }
}

static void test_a_byte_order_mark_hides_nothing(void **state)
{
    (void)state;
    pg_markdown *md = parse(PG_STR("\xEF\xBB\xBF# A\n"));
    uint32_t count = 0;
    const pg_md_section *sections = pg_markdown_sections(md, &count);
    assert_int_equal(count, 1);
    assert_str(sections[0].title, "A");
    pg_markdown_free(md);
}

static void test_malformed_utf8_is_replaced_and_located(void **state)
{
    (void)state;
    pg_markdown *md = parse(PG_STR("\xEF\xBB\xBFok\r\nb\xFFy\xE2\x9C\n"));
    uint32_t line = 0;
    size_t offset = 0;
    assert_int_equal(pg_markdown_invalid_bytes(md, &line, &offset), 3);
    assert_int_equal(line, 2);
    assert_int_equal(offset, 8);
    assert_str(pg_markdown_line(md, 2), "b\xEF\xBF\xBDy\xEF\xBF\xBD\xEF\xBF\xBD");
    pg_markdown_free(md);
    md = parse(PG_STR("fine"));
    assert_int_equal(pg_markdown_invalid_bytes(md, NULL, NULL), 0);
    pg_markdown_free(md);
}

static void test_nul_bytes_are_data(void **state)
{
    (void)state;
    pg_markdown *md = parse((pg_str){"# a\0b\n\0\nc", 9});
    assert_int_equal(pg_markdown_line_count(md), 3);
    uint32_t count = 0;
    const pg_md_section *sections = pg_markdown_sections(md, &count);
    assert_int_equal(count, 1);
    assert_true(pg_str_equal(sections[0].title, (pg_str){"a\0b", 3}));
    pg_markdown_free(md);
}

static void test_line_flags_tell_blank_rule_and_code(void **state)
{
    (void)state;
    pg_markdown *md = parse(PG_STR("a\n \n- - -\n```\n---\n\n```\n<!--\n-->\n"));
    const unsigned want[] = {0,
                             PG_MD_LINE_BLANK,
                             PG_MD_LINE_RULE,
                             PG_MD_LINE_CODE,
                             PG_MD_LINE_CODE,
                             PG_MD_LINE_CODE | PG_MD_LINE_BLANK,
                             PG_MD_LINE_CODE,
                             PG_MD_LINE_HTML,
                             PG_MD_LINE_HTML};
    for (uint32_t i = 0; i < 9; i++)
        assert_int_equal(pg_markdown_line_flags(md, i + 1), want[i]);
    assert_int_equal(pg_markdown_line_flags(md, 0), 0);
    assert_int_equal(pg_markdown_line_flags(md, 10), 0);
    pg_markdown_free(md);
}

static void test_a_section_ends_before_the_next_heading_of_its_rank(void **state)
{
    (void)state;
    pg_markdown *md = parse(PG_STR("# One\n\n## Two ##\n\ntext\n\n---\n\n### Three\n- x\n\n***\n"
                                   "Setext *title*\nmore\n---\n\n> # quoted\n\n# C#\n\n"));
    const struct {
        const char *title;
        uint32_t level, line, end_line;
    } want[] = {{"One", 1, 1, 17},
                {"Two", 2, 3, 10},
                {"Three", 3, 9, 10},
                {"Setext *title*\nmore", 2, 13, 17},
                {"C#", 1, 19, 19}};
    uint32_t count = 0;
    const pg_md_section *sections = pg_markdown_sections(md, &count);
    assert_int_equal(count, 5);
    for (uint32_t i = 0; i < count; i++) {
        assert_str(sections[i].title, want[i].title);
        assert_int_equal(sections[i].level, want[i].level);
        assert_int_equal(sections[i].line, want[i].line);
        assert_int_equal(sections[i].end_line, want[i].end_line);
    }
    pg_markdown_free(md);
}

static void test_fields_are_read_in_each_spelling(void **state)
{
    (void)state;
    const struct {
        const char *line, *label, *value;
        bool bold;
    } rows[] = {
        {"**Status**: done", "Status", "done", true},
        {"**Status:** done", "Status", "done", true},
        {"**Status** : ", "Status", "", true},
        {"**Status: done** (mostly)", "Status", "done", true},
        {"**Place** (when done): `a/b/`", "Place", "`a/b/`", true},
        {"__Next__: 1.2", "Next", "1.2", true},
        {"*Date*: today", "Date", "today", true},
        {"**📊 Status**: done", "Status", "done", true},
        {"✅ **Achievement 0.1**: ✅ **done**", "Achievement 0.1", "✅ **done**", true},
        {"[x] Effort: 3h", "Effort", "3h", false},
        {"⏳ Next: Achievement 2.2 (T)", "Next", "Achievement 2.2 (T)", false},
        {"Achievement 1.1: T", "Achievement 1.1", "T", false},
        {"Goal:", "Goal", "", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        pg_md_field field = {0};
        if (!pg_md_field_read(pg_str_from(rows[i].line), &field))
            fail_msg("'%s' is not a field", rows[i].line);
        assert_str(field.label, rows[i].label);
        assert_str(field.value, rows[i].value);
        assert_int_equal(field.bold, rows[i].bold);
    }
    const char *others[] = {"",
                            "plain text",
                            "**bold** text",
                            "**Bold",
                            "see http://example.org",
                            "Then, as he said: go",
                            "This has far too many words in it: no",
                            "** Status**: x",
                            "a:b",
                            ": value",
                            "12: value",
                            "****: x"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        pg_md_field field = {0};
        if (pg_md_field_read(pg_str_from(others[i]), &field))
            fail_msg("'%s' is a field", others[i]);
    }
}

static void test_fields_are_found_in_paragraphs_and_items_but_not_in_code(void **state)
{
    (void)state;
    pg_markdown *md = parse(PG_STR("**A**: 1\nB: 2\n\n- C: 3\n  - **D**: 4\n    E: 5\n\n"
                                   "```\nF: 6\n```\n> G: 7\n> H: 8\n\n# I: 9\n\n    J: 10\n"));
    const uint32_t lines[] = {1, 2, 4, 5, 6, 11, 12};
    const char *labels = "ABCDEGH";
    pg_md_cursor cursor = {0};
    pg_md_field field;
    size_t found = 0;
    while (pg_markdown_next_field(md, &cursor, &field)) {
        assert_in_range(found, 0, 6);
        assert_int_equal(field.label.len, 1);
        assert_int_equal(field.label.ptr[0], labels[found]);
        assert_int_equal(field.line, lines[found]);
        found++;
    }
    assert_int_equal(found, 7);
    pg_markdown_free(md);
}

static void test_tables_are_read_from_paragraph_lines(void **state)
{
    (void)state;
    pg_markdown *md = parse(PG_STR("Intro\n| A | B \\| c |\n|---|:-:|\n| 1 |  |\nx | y | z\n\n"
                                   "| no | table |\n\n- | I | J |\n  |--|--|\n  | 5 | 6 |\n"));
    pg_md_cursor cursor = {0};
    pg_md_table table;
    assert_true(pg_markdown_next_table(md, &cursor, &table));
    assert_int_equal(table.line, 2);
    assert_int_equal(table.end_line, 5);
    assert_int_equal(table.columns, 2);
    pg_str cells[2];
    assert_int_equal(pg_md_row_cells(pg_markdown_block_line(md, table.block, 2), cells, 2), 2);
    assert_str(cells[0], "A");
    assert_str(cells[1], "B \\| c");
    assert_int_equal(pg_md_row_cells(pg_markdown_block_line(md, table.block, 4), cells, 2), 2);
    assert_str(cells[1], "");
    assert_int_equal(pg_md_row_cells(pg_markdown_block_line(md, table.block, 5), cells, 2), 3);
    assert_true(pg_markdown_next_table(md, &cursor, &table));
    assert_int_equal(table.line, 9);
    assert_int_equal(table.end_line, 11);
    assert_int_equal(pg_md_row_cells(pg_markdown_block_line(md, table.block, 11), cells, 2), 2);
    assert_str(cells[1], "6");
    assert_false(pg_markdown_next_table(md, &cursor, &table));
    pg_markdown_free(md);
}

/// `piece` repeated `times` times, then `tail`; free the result.
static char *repeat(const char *piece, size_t times, const char *tail, size_t *len)
{
    size_t size = strlen(piece);
    *len = size * times + strlen(tail);
    char *text = malloc(*len + 1);
    assert_non_null(text);
    for (size_t i = 0; i < times; i++)
        memcpy(text + i * size, piece, size);
    memcpy(text + size * times, tail, strlen(tail) + 1);
    return text;
}

static void test_a_hundred_thousand_containers_nest(void **state)
{
    (void)state;
    const char *pieces[] = {">", "- ", "1) "};
    for (size_t i = 0; i < 3; i++) {
        size_t len = 0;
        char *text = repeat(pieces[i], 100000, "x\n\n# end\n", &len);
        pg_markdown *md = parse((pg_str){text, len});
        uint32_t count = 0;
        const pg_md_block *blocks = pg_markdown_blocks(md, &count);
        assert_true(count > 100000);
        assert_int_equal(blocks[0].next, count - 1);
        assert_int_equal(blocks[count - 1].kind, PG_MD_HEADING);
        assert_int_equal(blocks[count - 1].line, 3);
        assert_int_equal(blocks[count - 2].depth, count - 2);
        pg_markdown_free(md);
        free(text);
    }
}

static void test_a_line_of_a_megabyte_is_one_line(void **state)
{
    (void)state;
    const char *pieces[] = {"a", "*a_", "[", "`", "<!--", "![x](", "&amp;"};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        size_t len = 0;
        char *text = repeat(pieces[i], (1 << 20) / strlen(pieces[i]), "\n\n**Status**: x", &len);
        pg_markdown *md = parse((pg_str){text, len});
        assert_int_equal(pg_markdown_line_count(md), 3);
        assert_str(pg_markdown_line(md, 3), "**Status**: x");
        pg_markdown_free(md);
        free(text);
    }
}

static void test_effort_and_memory_are_bounded(void **state)
{
    (void)state;
    const struct {
        const char *piece;
        size_t times;
        const char *filler;
        size_t fillers;
        pg_status want;
    } rows[] = {
        {"- ", 100000, "\n", 1 << 20, PG_LIMIT}, // each blank line visits every item
        {">", 4 << 20, "\n", 1, PG_LIMIT},       // more blocks than fit into memory
        {"x", (16 << 20) - 1, "\n", 1, PG_OK},
        {"x", 16 << 20, "\n", 1, PG_TOO_LARGE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t head_len = 0, tail_len = 0, len = 0;
        char *tail = repeat(rows[i].filler, rows[i].fillers, "", &tail_len);
        char *text = repeat(rows[i].piece, rows[i].times, tail, &len);
        (void)head_len;
        pg_markdown *md = NULL;
        pg_error err = {0};
        assert_int_equal(pg_markdown_parse((pg_str){text, len}, NULL, &md, &err), rows[i].want);
        assert_int_equal(err.code, rows[i].want);
        assert_int_equal(md != NULL, rows[i].want == PG_OK);
        pg_markdown_free(md);
        free(text);
        free(tail);
    }
}

static bool parse_once(const pg_alloc *alloc, void *ctx)
{
    const pg_str *text = ctx;
    pg_markdown *md = NULL;
    pg_error err = {0};
    pg_status status = pg_markdown_parse(*text, alloc, &md, &err);
    assert_true(status == PG_OK || status == PG_NOMEM);
    assert_int_equal(err.code, status);
    assert_int_equal(md != NULL, status == PG_OK);
    pg_markdown_free(md);
    return status == PG_OK;
}

static void test_running_out_of_memory_inside_cmark_is_an_error(void **state)
{
    (void)state;
    size_t len = 0;
    char *text =
        repeat("- [a]: <b> **c**: `d`\n  ```\n  x\n  ```\n\n[e]: f\n# g\n", 3000, "", &len);
    pg_str view = {text, len};
    test_alloc_sweep(parse_once, &view);
    pg_str broken = PG_STR("a\xFF\nb\xFE\n");
    test_alloc_sweep(parse_once, &broken);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks_have_their_kind_span_and_depth),
        cmocka_unit_test(test_fences_are_recognised_inside_list_items_and_quotes),
        cmocka_unit_test(test_indented_code_is_not_a_fence),
        cmocka_unit_test(test_html_and_link_definitions_keep_their_extent),
        cmocka_unit_test(test_every_kind_of_line_end_counts_once),
        cmocka_unit_test(test_a_byte_order_mark_hides_nothing),
        cmocka_unit_test(test_malformed_utf8_is_replaced_and_located),
        cmocka_unit_test(test_nul_bytes_are_data),
        cmocka_unit_test(test_line_flags_tell_blank_rule_and_code),
        cmocka_unit_test(test_a_section_ends_before_the_next_heading_of_its_rank),
        cmocka_unit_test(test_fields_are_read_in_each_spelling),
        cmocka_unit_test(test_fields_are_found_in_paragraphs_and_items_but_not_in_code),
        cmocka_unit_test(test_tables_are_read_from_paragraph_lines),
        cmocka_unit_test(test_a_hundred_thousand_containers_nest),
        cmocka_unit_test(test_a_line_of_a_megabyte_is_one_line),
        cmocka_unit_test(test_effort_and_memory_are_bounded),
        cmocka_unit_test(test_running_out_of_memory_inside_cmark_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
