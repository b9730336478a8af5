/// Fuzz target: any text gives a record that holds together, and any bytes load as a record that is
/// safe to read or not at all.
#include "fuzz.h"

#include "promptgen/plan.h"

#include "plan_words.h"

static const pg_patterns *stock_patterns(void)
{
    static pg_patterns *patterns; // made once: a fuzzer calls the target millions of times
    if (patterns == NULL) {
        test_words *words = test_words_stock();
        FUZZ_CHECK(pg_patterns_new(&words->words, NULL, &patterns, NULL) == PG_OK);
        free(words);
    }
    return patterns;
}

static size_t touch(pg_str s)
{
    size_t sum = 0;
    for (size_t i = 0; i < s.len; i++)
        sum += (unsigned char)s.ptr[i];
    return sum;
}

static size_t touch_row(const pg_plan *plan, const pg_plan_layout *layout, const char *row)
{
    size_t sum = 0;
    for (uint32_t i = 0; i < layout->column_count; i++) {
        if (layout->columns[i].type != PG_PLAN_REF)
            continue;
        pg_ref ref;
        memcpy(&ref, row + layout->columns[i].offset, sizeof ref);
        sum += touch(pg_plan_str(plan, ref));
    }
    return sum;
}

/// Reads every byte that the record refers to.
static size_t touch_all(const pg_plan *plan)
{
    size_t sum = touch_row(plan, pg_plan_head_layout(), (const char *)pg_plan_scalars(plan));
    for (unsigned table = 0; table < PG_PLAN_TABLE_NUMBER; table++) {
        const pg_plan_layout *layout = pg_plan_table_layout(table);
        uint32_t count = 0;
        const char *rows = pg_plan_rows(plan, (pg_plan_table)table, &count);
        for (uint32_t i = 0; i < count; i++)
            sum += touch_row(plan, layout, rows + (size_t)i * layout->row_size);
    }
    return sum + touch(pg_plan_text(plan, 2, 5));
}

static void check_parts(const pg_plan *plan, const pg_plan_row_achievements *a)
{
    uint32_t count = 0;
    const pg_plan_row_parts *parts = pg_plan_rows(plan, PG_PLAN_TABLE_PARTS, &count);
    for (uint32_t i = 0; i < a->parts.count; i++) {
        const pg_plan_row_parts *part = &parts[a->parts.first + i];
        FUZZ_CHECK(part->line > a->line && part->line <= part->end_line);
        FUZZ_CHECK(part->end_line <= a->end_line);
        FUZZ_CHECK(i == 0 || part[-1].end_line < part->line);
    }
}

static void check_achievements(const pg_plan *plan)
{
    uint32_t count = 0;
    const pg_plan_row_achievements *rows = pg_plan_rows(plan, PG_PLAN_TABLE_ACHIEVEMENTS, &count);
    FUZZ_CHECK(pg_str_equal(pg_plan_str(plan, pg_plan_scalars(plan)->kind),
                            pg_str_from(count > 0 ? "plan" : "document")));
    for (uint32_t i = 0; i < count; i++) {
        FUZZ_CHECK(rows[i].line > 0 && rows[i].line <= rows[i].end_line);
        FUZZ_CHECK(i == 0 || rows[i - 1].end_line < rows[i].line);
        for (uint32_t k = 0; k < i; k++)
            FUZZ_CHECK(!pg_str_equal(pg_plan_str(plan, rows[k].number),
                                     pg_plan_str(plan, rows[i].number)));
        check_parts(plan, &rows[i]);
    }
}

/// Loads the bytes of the record with a few of them changed, as `data` says.
static void load_damaged(const pg_plan *plan, const uint8_t *data, size_t size)
{
    pg_str bytes = pg_plan_dump(plan);
    char *copy = malloc(bytes.len);
    FUZZ_CHECK(copy != NULL);
    memcpy(copy, bytes.ptr, bytes.len);
    for (size_t i = 0; i + 2 < size && i < 12; i += 3)
        copy[((size_t)data[i] << 8 | data[i + 1]) % bytes.len] = (char)data[i + 2];
    pg_plan *damaged = NULL;
    if (pg_plan_load((pg_str){copy, bytes.len}, NULL, &damaged, NULL) == PG_OK)
        (void)touch_all(damaged);
    pg_plan_release(damaged);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pg_str text = {(const char *)data, size};
    pg_plan *plan = NULL;
    if (pg_plan_load(text, NULL, &plan, NULL) == PG_OK)
        (void)touch_all(plan);
    pg_plan_release(plan);

    pg_plan_options options = {.patterns = stock_patterns(), .path = PG_STR("p/PLAN_F.md")};
    if (pg_plan_parse(text, &options, NULL, &plan, NULL) != PG_OK)
        return 0;
    check_achievements(plan);
    (void)touch_all(plan);
    pg_plan *back = NULL;
    FUZZ_CHECK(pg_plan_load(pg_plan_dump(plan), NULL, &back, NULL) == PG_OK);
    FUZZ_CHECK(pg_str_equal(pg_plan_dump(plan), pg_plan_dump(back)));
    pg_plan_release(back);
    load_damaged(plan, data, size);
    pg_plan_release(plan);

    options.header_only = true;
    if (pg_plan_parse(text, &options, NULL, &plan, NULL) == PG_OK)
        pg_plan_release(plan);
    return 0;
}
