/// Tests of phrase sets.
#include "support.h"

#include "promptgen/phrases.h"

enum { STATUS = 1, NEXT, LIST };

static const pg_phrase rows[] = {
    {{"Status", 6}, STATUS},           {{"Plan  Status", 12}, STATUS}, {{"What's Next", 11}, NEXT},
    {{"Achievement Index", 17}, LIST}, {{"=Handoff", 8}, NEXT},        {{"", 0}, STATUS},
};

static pg_phrases *make(void)
{
    pg_phrases *p = NULL;
    assert_int_equal(pg_phrases_new(rows, 6, NULL, &p, NULL), PG_OK);
    return p;
}

static void test_a_text_equals_a_phrase_without_case_and_spacing(void **state)
{
    (void)state;
    pg_phrases *p = make();
    assert_int_equal(pg_phrases_equal(p, PG_STR("STATUS")), STATUS);
    assert_int_equal(pg_phrases_equal(p, PG_STR("plan \t status")), STATUS);
    assert_int_equal(pg_phrases_equal(p, PG_STR("what's next")), NEXT);
    assert_int_equal(pg_phrases_equal(p, PG_STR("Statuses")), 0);
    assert_int_equal(pg_phrases_equal(p, PG_STR("Stat")), 0);
    assert_int_equal(pg_phrases_equal(p, PG_STR("")), 0);
    pg_phrases_free(p);
}

static void test_phrases_are_found_between_word_borders(void **state)
{
    (void)state;
    pg_phrases *p = make();
    const uint32_t status = 1u << STATUS, next = 1u << NEXT, list = 1u << LIST;
    assert_int_equal(pg_phrases_inside(p, PG_STR("Our achievement  INDEX: status")), list | status);
    assert_int_equal(pg_phrases_inside(p, PG_STR("\xF0\x9F\x93\x8B Achievement Index")), list);
    assert_int_equal(pg_phrases_inside(p, PG_STR("Achievement Indexes, Substatus")), 0);
    assert_int_equal(pg_phrases_inside(p, PG_STR("Plan Status")), status);
    assert_int_equal(pg_phrases_inside(p, PG_STR("-- Handoff --")), next);
    assert_int_equal(pg_phrases_inside(p, PG_STR("The Handoff")), 0);
    assert_int_equal(pg_phrases_inside(p, PG_STR("Handoff 2")), 0);
    assert_int_equal(pg_phrases_inside(p, PG_STR("")), 0);
    assert_int_equal(pg_phrases_inside(p, PG_STR("S")), 0);
    pg_phrases_free(p);
}

static bool make_once(const pg_alloc *alloc, void *ctx)
{
    (void)ctx;
    pg_phrases *p = NULL;
    bool ok = pg_phrases_new(rows, 6, alloc, &p, NULL) == PG_OK;
    pg_phrases_free(p);
    return ok;
}

static void test_failed_allocations_leak_nothing(void **state)
{
    (void)state;
    test_alloc_sweep(make_once, NULL);
    pg_phrases *p = NULL;
    assert_int_equal(pg_phrases_new(rows, 100000, NULL, &p, NULL), PG_INVALID);
    assert_null(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_text_equals_a_phrase_without_case_and_spacing),
        cmocka_unit_test(test_phrases_are_found_between_word_borders),
        cmocka_unit_test(test_failed_allocations_leak_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
