/// Tests of taking records back from bytes that may be damaged.
#include "support.h"

#include "plan_internal.h"
#include "plan_words.h"

#include <string.h>

static test_words *words;
static pg_patterns *patterns;
static pg_plan *plan;

static int set_up(void **state)
{
    (void)state;
    words = test_words_stock();
    if (pg_patterns_new(&words->words, NULL, &patterns, NULL) != PG_OK)
        return -1;
    pg_plan_options options = {.patterns = patterns, .path = PG_STR("PLAN_A.md")};
    pg_str text = PG_STR("# PLAN: A\n## Achievements\n**Achievement 1.1**: T\n- Goal: g\n"
                         "## Status & Handoff\nNext: 1.1\n");
    return pg_plan_parse(text, &options, NULL, &plan, NULL) == PG_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    pg_plan_release(plan);
    pg_patterns_free(patterns);
    free(words);
    return 0;
}

static pg_status load(pg_str bytes, pg_plan **out)
{
    pg_error err = {0};
    pg_status status = pg_plan_load(bytes, NULL, out, &err);
    assert_int_equal(err.code, status);
    assert_int_equal(*out != NULL, status == PG_OK);
    return status;
}

static void test_the_bytes_of_a_record_load_from_any_address(void **state)
{
    (void)state;
    pg_str bytes = pg_plan_dump(plan);
    char *shifted = malloc(bytes.len + 1);
    assert_non_null(shifted);
    memcpy(shifted + 1, bytes.ptr, bytes.len);
    pg_plan *back = NULL;
    assert_int_equal(load((pg_str){shifted + 1, bytes.len}, &back), PG_OK);
    free(shifted);
    assert_true(pg_str_equal(pg_plan_dump(back), bytes));
    pg_plan_release(back);
}

static void test_bytes_of_another_length_are_refused(void **state)
{
    (void)state;
    pg_str bytes = pg_plan_dump(plan);
    pg_plan *back = NULL;
    for (size_t len = 0; len < bytes.len; len++)
        assert_int_equal(load((pg_str){bytes.ptr, len}, &back), PG_CORRUPT);
}

/// Loads the record with `value` written over its 32-bit word at `at`.
static pg_status load_with(size_t at, uint32_t value, pg_plan **out)
{
    pg_str bytes = pg_plan_dump(plan);
    char *copy = malloc(bytes.len);
    assert_non_null(copy);
    memcpy(copy, bytes.ptr, bytes.len);
    memcpy(copy + at, &value, sizeof value);
    pg_status status = load((pg_str){copy, bytes.len}, out);
    free(copy);
    return status;
}

static void test_each_part_of_the_head_is_checked(void **state)
{
    (void)state;
    const struct {
        size_t at;
        uint32_t value;
    } rows[] = {
        {offsetof(pg_plan_block, magic), 0},
        {offsetof(pg_plan_block, schema), pg_plan_schema() + 1},
        {offsetof(pg_plan_block, size), 7},
        {offsetof(pg_plan_block, head.text.at), 0},
        {offsetof(pg_plan_block, head.text.len), 3},
        {offsetof(pg_plan_block, head.title.at), 8},
        {offsetof(pg_plan_block, head.title.at), UINT32_MAX},
        {offsetof(pg_plan_block, head.title.len), UINT32_MAX},
        {offsetof(pg_plan_block, head.title.len), 100000},
        {offsetof(pg_plan_block, head.status.len), 1}, // none, yet with a length
        {offsetof(pg_plan_block, head.lines), 8},
        {offsetof(pg_plan_block, head.title_line), 7},
        {offsetof(pg_plan_block, head.empty), 2},
        {offsetof(pg_plan_block, tables[PG_PLAN_TABLE_ACHIEVEMENTS].at), 1},
        {offsetof(pg_plan_block, tables[PG_PLAN_TABLE_ACHIEVEMENTS].at), 4},
        {offsetof(pg_plan_block, tables[PG_PLAN_TABLE_ACHIEVEMENTS].at), UINT32_MAX - 3},
        {offsetof(pg_plan_block, tables[PG_PLAN_TABLE_ACHIEVEMENTS].count), UINT32_MAX},
        {offsetof(pg_plan_block, tables[PG_PLAN_TABLE_HANDOFF].count), 2},
        {offsetof(pg_plan_block, tables[PG_PLAN_TABLE_PARTS].count), 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        pg_plan *back = NULL;
        if (load_with(rows[i].at, rows[i].value, &back) != PG_CORRUPT)
            fail_msg("row %zu is accepted", i);
    }
}

static void test_each_row_is_checked(void **state)
{
    (void)state;
    uint32_t count = 0;
    const char *row = pg_plan_rows(plan, PG_PLAN_TABLE_ACHIEVEMENTS, &count);
    size_t at = (size_t)(row - pg_plan_dump(plan).ptr);
    const struct {
        size_t at;
        uint32_t value;
    } rows[] = {
        {offsetof(pg_plan_row_achievements, number.at), 3},
        {offsetof(pg_plan_row_achievements, number.len), UINT32_MAX},
        {offsetof(pg_plan_row_achievements, end_line), 1000},
        {offsetof(pg_plan_row_achievements, parts.first), 1000},
        {offsetof(pg_plan_row_achievements, parts.count), 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        pg_plan *back = NULL;
        if (load_with(at + rows[i].at, rows[i].value, &back) != PG_CORRUPT)
            fail_msg("row %zu is accepted", i);
    }
}

/// Touches every byte that the record refers to.
static size_t read_all(const pg_plan *p)
{
    size_t sum = 0;
    for (unsigned table = 0; table < PG_PLAN_TABLE_NUMBER; table++) {
        const pg_plan_layout *layout = pg_plan_table_layout(table);
        uint32_t count = 0;
        const char *rows = pg_plan_rows(p, (pg_plan_table)table, &count);
        for (uint32_t i = 0; i < count; i++)
            for (uint32_t k = 0; k < layout->column_count; k++) {
                if (layout->columns[k].type != PG_PLAN_REF)
                    continue;
                pg_ref ref;
                memcpy(&ref, rows + (size_t)i * layout->row_size + layout->columns[k].offset,
                       sizeof ref);
                pg_str s = pg_plan_str(p, ref);
                for (size_t c = 0; c < s.len; c++)
                    sum += (unsigned char)s.ptr[c];
            }
    }
    return sum;
}

static void test_a_record_with_any_word_changed_is_refused_or_safe_to_read(void **state)
{
    (void)state;
    const uint32_t values[] = {0, 1, 0x7FFFFFFF, UINT32_MAX, 400};
    size_t size = pg_plan_dump(plan).len;
    size_t sum = 0;
    for (size_t at = 0; at + 4 <= size; at += 4)
        for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
            pg_plan *back = NULL;
            if (load_with(at, values[i], &back) == PG_OK)
                sum += read_all(back) + pg_plan_text(back, 1, UINT32_MAX).len;
            pg_plan_release(back);
        }
    assert_true(sum > 0);
}

static bool load_once(const pg_alloc *alloc, void *ctx)
{
    (void)ctx;
    pg_plan *back = NULL;
    pg_status status = pg_plan_load(pg_plan_dump(plan), alloc, &back, NULL);
    assert_true(status == PG_OK || status == PG_NOMEM);
    pg_plan_release(back);
    return status == PG_OK;
}

static void test_failed_allocations_leak_nothing(void **state)
{
    (void)state;
    test_alloc_sweep(load_once, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_bytes_of_a_record_load_from_any_address),
        cmocka_unit_test(test_bytes_of_another_length_are_refused),
        cmocka_unit_test(test_each_part_of_the_head_is_checked),
        cmocka_unit_test(test_each_row_is_checked),
        cmocka_unit_test(test_a_record_with_any_word_changed_is_refused_or_safe_to_read),
        cmocka_unit_test(test_failed_allocations_leak_nothing),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
