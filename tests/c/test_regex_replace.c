/// Tests of replacement and escaping.
#include "support.h"

#include "promptgen/regex.h"

#include <stdlib.h>
#include <string.h>

static pg_status replace(const char *pattern, pg_str subject, pg_str replacement, size_t max,
                         pg_buf *out, size_t *count, pg_error *err)
{
    pg_regex *re = NULL;
    assert_int_equal(pg_regex_new(pg_str_from(pattern), 0, NULL, &re, NULL), PG_OK);
    pg_buf_init(out, NULL);
    pg_status status = pg_regex_replace(re, subject, replacement, max, out, count, err);
    pg_regex_free(re);
    return status;
}

static void test_references_stand_for_what_matched(void **state)
{
    (void)state;
    const struct {
        const char *pattern;
        pg_str subject;
        pg_str replacement;
        pg_str want;
        size_t count;
    } rows[] = {
        {"b", PG_STR("abcb"), PG_STR("X"), PG_STR("aXcX"), 2},
        {"x", PG_STR("abc"), PG_STR("X"), PG_STR("abc"), 0},
        {"(a)(b)?", PG_STR("aab"), PG_STR("<$2$1$0>"), PG_STR("<aa><baab>"), 2},
        {"(?<n>\\d)", PG_STR("a1"), PG_STR("${n}${1}0$$"), PG_STR("a110$"), 1},
        {"a*", PG_STR("baac"), PG_STR("-"), PG_STR("-b--c-"), 4},
        {"", PG_STR("\xC3\xA9x"), PG_STR("."), PG_STR(".\xC3\xA9.x."), 3},
        {"\\x00", PG_STR("a\0b"), PG_STR("\0\0"), PG_STR("a\0\0b"), 1},
        {"$", PG_STR(""), PG_STR("end"), PG_STR("end"), 1},
        {".", PG_STR("ab"), PG_STR(""), PG_STR(""), 2},
        {"(?=x)", PG_STR("axbx"), PG_STR("^"), PG_STR("a^xb^x"), 2},
        {"\\Ba\\Kb", PG_STR("xabab"), PG_STR("-"), PG_STR("xa-a-"), 2},
        {"(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)", PG_STR("abcdefghij"), PG_STR("$10$1"), PG_STR("ja"), 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        pg_buf out;
        size_t count = 0;
        pg_error err = {0};
        pg_status status = replace(rows[i].pattern, rows[i].subject, rows[i].replacement, SIZE_MAX,
                                   &out, &count, &err);
        if (status != PG_OK || !pg_str_equal(pg_buf_str(&out), rows[i].want))
            fail_msg("row %zu: %.*s %s", i, (int)out.len, out.ptr, err.message);
        assert_int_equal(count, rows[i].count);
        pg_buf_free(&out);
    }
}

static void test_at_most_so_many_matches_are_replaced(void **state)
{
    (void)state;
    pg_buf out;
    size_t count = 9;
    assert_int_equal(replace("a", PG_STR("aaa"), PG_STR("b"), 2, &out, &count, NULL), PG_OK);
    assert_true(pg_str_equal(pg_buf_str(&out), PG_STR("bba")));
    assert_int_equal(count, 2);
    pg_buf_free(&out);
    assert_int_equal(replace("a", PG_STR("aaa"), PG_STR("b"), 0, &out, &count, NULL), PG_OK);
    assert_true(pg_str_equal(pg_buf_str(&out), PG_STR("aaa")));
    pg_buf_free(&out);
}

static void test_a_bad_replacement_is_refused_even_without_a_match(void **state)
{
    (void)state;
    const struct {
        pg_str replacement;
        size_t offset;
    } rows[] = {
        {PG_STR("ab$"), 2},     {PG_STR("$x"), 0},       {PG_STR("a$2"), 1},
        {PG_STR("${none}"), 0}, {PG_STR("-${1"), 1},     {PG_STR("${}"), 0},
        {PG_STR("${2}"), 0},    {PG_STR("${99999}"), 0}, {PG_STR("${1x}"), 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        pg_buf out;
        pg_error err = {0};
        pg_status status =
            replace("(q)", PG_STR("abc"), rows[i].replacement, SIZE_MAX, &out, NULL, &err);
        assert_int_equal(status, PG_REGEX_SYNTAX);
        assert_int_equal(err.offset, rows[i].offset);
        pg_buf_free(&out);
    }
}

static void test_a_result_that_explodes_hits_the_limit(void **state)
{
    (void)state;
    size_t len = 64 * 1024;
    char *subject = malloc(len);
    memset(subject, 'a', len);
    char replacement[4096];
    memset(replacement, 'b', sizeof replacement);
    pg_buf out;
    pg_error err = {0};
    pg_str big = {replacement, sizeof replacement};
    assert_int_equal(replace("a", (pg_str){subject, len}, big, SIZE_MAX, &out, NULL, &err),
                     PG_LIMIT);
    pg_buf_free(&out);
    free(subject);
}

static bool replace_with(const pg_alloc *alloc, void *ctx)
{
    (void)ctx;
    pg_regex *re = NULL;
    pg_buf out;
    pg_buf_init(&out, alloc);
    pg_status status = pg_regex_new(PG_STR("(a)|b"), PG_REGEX_NO_JIT, alloc, &re, NULL);
    if (status == PG_OK)
        status = pg_regex_replace(re, PG_STR("abababababab"), PG_STR("[$1$1$1$1$1$1]"), SIZE_MAX,
                                  &out, NULL, NULL);
    assert_true(status == PG_OK || status == PG_NOMEM);
    pg_buf_free(&out);
    pg_regex_free(re);
    return status == PG_OK;
}

static void test_replacing_survives_every_failed_allocation(void **state)
{
    (void)state;
    test_alloc_sweep(replace_with, NULL);
}

static void test_an_escaped_text_matches_itself_and_nothing_else(void **state)
{
    (void)state;
    const pg_str texts[] = {PG_STR(".*+?()[]{}|^$\\"),      PG_STR("a b#c\t\n-_/"), PG_STR("\0x"),
                            PG_STR("\xC3\xA9\xE2\x9C\x85"), PG_STR("\\Q\\E"),       PG_STR("")};
    const unsigned flags[] = {0, PG_REGEX_EXTENDED, PG_REGEX_UNICODE | PG_REGEX_NO_JIT};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        for (size_t k = 0; k < 3; k++) {
            char pattern[128] = "\\A(?:";
            size_t len = 5 + pg_regex_escape(texts[i], pattern + 5);
            memcpy(pattern + len, ")\\z", 3);
            pg_str whole = {pattern, len + 3};
            pg_regex *re = NULL;
            pg_match *m = NULL;
            bool found = false;
            assert_int_equal(pg_regex_new(whole, flags[k], NULL, &re, NULL), PG_OK);
            assert_int_equal(pg_match_new(re, &m, NULL), PG_OK);
            assert_int_equal(pg_regex_match(re, texts[i], 0, m, &found, NULL), PG_OK);
            assert_true(found);
            pg_match_free(m);
            pg_regex_free(re);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_references_stand_for_what_matched),
        cmocka_unit_test(test_at_most_so_many_matches_are_replaced),
        cmocka_unit_test(test_a_bad_replacement_is_refused_even_without_a_match),
        cmocka_unit_test(test_a_result_that_explodes_hits_the_limit),
        cmocka_unit_test(test_replacing_survives_every_failed_allocation),
        cmocka_unit_test(test_an_escaped_text_matches_itself_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
