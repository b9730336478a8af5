/// Tests of parsing plans into records. What the stock words recognise is tested from Lua
/// (tests/lua/plan_spec.lua); this is about memory, limits and the compiled words.
#include "support.h"

#include "promptgen/plan.h"

#include "plan_words.h"

#include <string.h>

static test_words *words;
static pg_patterns *patterns;

static const char sample[] =
    "# PLAN: Sample\n**Status**: Active\n**Archive Location**: `a/b/`\n\n## Achievements\n"
    "### Priority 1: HIGH - Base\n\n**Achievement 1.1**: First \xE2\x9C\x85\n\n- Effort: 3h\n"
    "- **Tests**:\n  - one\n\n**Achievement 1.1**: Again\n\n**Achievement 1**: Odd\n\n"
    "## Current Status & Handoff\n- \xE2\x8F\xB3 Next: Achievement 1.2\n\xFF\n";

static int set_up(void **state)
{
    (void)state;
    words = test_words_stock();
    return pg_patterns_new(&words->words, NULL, &patterns, NULL) == PG_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    pg_patterns_free(patterns);
    free(words);
    return 0;
}

static pg_plan *parse(pg_str text, const char *path)
{
    pg_plan_options options = {.patterns = patterns, .path = pg_str_from(path)};
    pg_plan *plan = NULL;
    pg_error err = {0};
    if (pg_plan_parse(text, &options, NULL, &plan, &err) != PG_OK)
        fail_msg("%s", err.message);
    return plan;
}

static void assert_ref(const pg_plan *plan, pg_ref ref, const char *want)
{
    pg_str got = pg_plan_str(plan, ref);
    if (want == NULL ? got.ptr != NULL : !pg_str_equal(got, pg_str_from(want)))
        fail_msg("got '%.*s', want '%s'", (int)got.len, got.ptr != NULL ? got.ptr : "", want);
}

static void test_a_record_holds_what_the_text_says(void **state)
{
    (void)state;
    pg_plan *plan = parse(pg_str_from(sample), "x/PLAN_S.md");
    const pg_plan_head *head = pg_plan_scalars(plan);
    assert_ref(plan, head->kind, "plan");
    assert_ref(plan, head->feature, "S");
    assert_ref(plan, head->status, "Active");
    assert_ref(plan, head->archive_location, "a/b/");
    assert_ref(plan, head->handoff_next, "1.2");
    assert_int_equal(head->lines, 20);
    assert_int_equal(head->bytes, sizeof sample - 1);
    uint32_t count = 0;
    const pg_plan_row_achievements *rows = pg_plan_rows(plan, PG_PLAN_TABLE_ACHIEVEMENTS, &count);
    assert_int_equal(count, 1);
    assert_ref(plan, rows[0].title, "First");
    assert_ref(plan, rows[0].mark, "complete");
    assert_ref(plan, rows[0].effort, "3h");
    assert_ref(plan, rows[0].goal, NULL);
    assert_int_equal(rows[0].parts.count, 2);
    (void)pg_plan_rows(plan, PG_PLAN_TABLE_WARNINGS, &count);
    assert_int_equal(count, 3); // malformed byte, duplicate number, malformed number
    pg_plan_release(plan);
}

static void test_references_are_counted(void **state)
{
    (void)state;
    pg_plan *plan = parse(PG_STR("# A\n"), "a.md");
    assert_ptr_equal(pg_plan_retain(plan), plan);
    pg_plan_release(plan);
    assert_ref(plan, pg_plan_scalars(plan)->title, "A");
    pg_plan_release(plan);
    pg_plan_release(NULL);
}

static void test_lines_are_cut_out_of_the_text(void **state)
{
    (void)state;
    pg_plan *plan = parse(PG_STR("a\nb\n\nd"), "a.md");
    const struct {
        uint32_t first, last;
        const char *want;
    } rows[] = {{1, 4, "a\nb\n\nd"},
                {1, 1, "a"},
                {2, 3, "b\n"},
                {4, 9, "d"},
                {0, 1, "a"},
                {5, 9, ""},
                {3, 2, ""},
                {0, 0, ""},
                {1, UINT32_MAX, "a\nb\n\nd"},
                {3, 3, ""},
                {UINT32_MAX, UINT32_MAX, ""}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (!pg_str_equal(pg_plan_text(plan, rows[i].first, rows[i].last),
                          pg_str_from(rows[i].want)))
            fail_msg("row %zu", i);
    pg_plan_release(plan);
}

static bool parse_once(const pg_alloc *alloc, void *ctx)
{
    (void)ctx;
    pg_plan_options options = {.patterns = patterns, .path = PG_STR("PLAN_S.md")};
    pg_plan *plan = NULL;
    pg_error err = {0};
    pg_status status = pg_plan_parse(pg_str_from(sample), &options, alloc, &plan, &err);
    assert_true(status == PG_OK || status == PG_NOMEM);
    assert_int_equal(err.code, status);
    assert_int_equal(plan != NULL, status == PG_OK);
    pg_plan_release(plan);
    return status == PG_OK;
}

static void test_failed_allocations_of_a_parse_leak_nothing(void **state)
{
    (void)state;
    test_alloc_sweep(parse_once, NULL);
}

static bool compile_once(const pg_alloc *alloc, void *ctx)
{
    (void)ctx;
    const pg_phrase keywords[] = {{PG_STR("Work Item"), 1}, {PG_STR("Step"), 1}};
    pg_plan_words named = words->words;
    named.keywords = keywords;
    named.keyword_count = 2;
    pg_patterns *compiled = NULL;
    pg_status status = pg_patterns_new(&named, alloc, &compiled, NULL);
    assert_true(status == PG_OK || status == PG_NOMEM);
    pg_patterns_free(compiled);
    return status == PG_OK;
}

static void test_failed_allocations_of_the_words_leak_nothing(void **state)
{
    (void)state;
    test_alloc_sweep(compile_once, NULL);
}

static void test_words_that_are_missing_or_wrong_are_named(void **state)
{
    (void)state;
    pg_plan_words few = words->words;
    few.pattern_count = 0;
    pg_patterns *compiled = NULL;
    pg_error err = {0};
    assert_int_equal(pg_patterns_new(&few, NULL, &compiled, &err), PG_INVALID);
    assert_non_null(strstr(err.message, "definition"));
    assert_null(compiled);
    pg_pattern bad[TEST_WORDS_MAX];
    memcpy(bad, words->patterns, sizeof bad);
    bad[0].pattern = PG_STR("(");
    few = words->words;
    few.patterns = bad;
    assert_int_equal(pg_patterns_new(&few, NULL, &compiled, &err), PG_REGEX_SYNTAX);
    assert_non_null(strstr(err.message, "pattern '"));
}

static void test_names_of_words_are_stable(void **state)
{
    (void)state;
    assert_string_equal(pg_pattern_text(PG_PATTERN_NEXT_MARK), "next_mark");
    assert_string_equal(pg_pattern_text(PG_PATTERN_COUNT), "unknown");
    assert_string_equal(pg_label_text(PG_LABEL_EFFORT), "effort");
    assert_string_equal(pg_label_text(PG_LABEL_COUNT), "unknown");
    assert_string_equal(pg_heading_text(PG_HEADING_HANDOFF), "handoff");
    assert_string_equal(pg_heading_text(PG_HEADING_COUNT), "unknown");
}

/// `piece` repeated `times` times after `head`; free the result.
static pg_str repeat(const char *head, const char *piece, size_t times)
{
    pg_buf buf;
    pg_buf_init(&buf, NULL);
    pg_buf_put_str(&buf, pg_str_from(head));
    for (size_t i = 0; i < times; i++)
        pg_buf_put_str(&buf, pg_str_from(piece));
    assert_false(buf.failed);
    return (pg_str){buf.ptr, buf.len};
}

static void test_hostile_texts_end_soon(void **state)
{
    (void)state;
    static const char plan_head[] = "# PLAN: X\n## Achievements\n";
    static const char handoff_head[] = "## Status & Handoff\n";
    const struct {
        const char *head, *piece;
        size_t times;
        pg_status want;
    } rows[] = {
        {plan_head, "**Achievement 1.1**: A\n\n", 9000, PG_OK},
        {plan_head, "**Achievement 1.1**: A\n\n", 20000, PG_LIMIT},
        {plan_head, "**Achievement 1.1: A ", 50000, PG_OK},
        {plan_head, "**Achievement 1.1**: **A** ** ", 50000, PG_OK},
        {handoff_head, "## Status & Handoff\n", 20000, PG_OK},
        {handoff_head, "Next: Achievement 1.1 - ", 50000, PG_OK},
        {handoff_head, "- \xE2\x8F\xB3 Achievement 1.1 create start begin\n", 20000, PG_OK},
        {"", "**Archive Location**: `a/`\n\n", 50000, PG_OK},
        {"", "- a: b\n", 100000, PG_OK},
        {"", "# a\n", 100000, PG_OK},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        pg_str text = repeat(rows[i].head, rows[i].piece, rows[i].times);
        pg_plan_options options = {.patterns = patterns};
        pg_plan *plan = NULL;
        pg_status status = pg_plan_parse(text, &options, NULL, &plan, NULL);
        if (status != rows[i].want)
            fail_msg("row %zu gives %s", i, pg_status_name(status));
        pg_plan_release(plan);
        free((void *)(uintptr_t)text.ptr);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_record_holds_what_the_text_says),
        cmocka_unit_test(test_references_are_counted),
        cmocka_unit_test(test_lines_are_cut_out_of_the_text),
        cmocka_unit_test(test_failed_allocations_of_a_parse_leak_nothing),
        cmocka_unit_test(test_failed_allocations_of_the_words_leak_nothing),
        cmocka_unit_test(test_words_that_are_missing_or_wrong_are_named),
        cmocka_unit_test(test_names_of_words_are_stable),
        cmocka_unit_test(test_hostile_texts_end_soon),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
