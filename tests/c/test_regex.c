/// Tests of compiling, matching and iterating, and of the limits that always hold.
#include "support.h"

#include "promptgen/regex.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pg_regex *compile(const char *pattern, unsigned flags)
{
    pg_regex *re = NULL;
    pg_error err = {0};
    if (pg_regex_new(pg_str_from(pattern), flags, NULL, &re, &err) != PG_OK)
        fail_msg("%s: %s", pattern, err.message);
    return re;
}

/// Status of one search from the start; *found only for PG_OK.
static pg_status search(const pg_regex *re, pg_str subject, bool *found, pg_error *err)
{
    pg_match *m = NULL;
    assert_int_equal(pg_match_new(re, &m, NULL), PG_OK);
    pg_status status = pg_regex_match(re, subject, 0, m, found, err);
    pg_match_free(m);
    return status;
}

static bool matches(const char *pattern, unsigned flags, pg_str subject)
{
    pg_regex *re = compile(pattern, flags);
    bool found = false;
    assert_int_equal(search(re, subject, &found, NULL), PG_OK);
    pg_regex_free(re);
    return found;
}

static void test_groups_report_where_they_matched(void **state)
{
    (void)state;
    pg_regex *re = compile("(?<key>\\w+)=(?:(\\d+)|(?<word>\\w+))", 0);
    assert_int_equal(pg_regex_group_count(re), 3);
    assert_int_equal(pg_regex_name_count(re), 2);
    assert_true(pg_str_equal(pg_regex_name_at(re, 0).name, PG_STR("key")));
    assert_int_equal(pg_regex_group(re, PG_STR("word")), 3);
    assert_int_equal(pg_regex_group(re, PG_STR("none")), 0);
    pg_match *m = NULL;
    assert_int_equal(pg_match_new(re, &m, NULL), PG_OK);
    bool found = false;
    assert_int_equal(pg_regex_match(re, PG_STR("  a=bc"), 1, m, &found, NULL), PG_OK);
    assert_true(found);
    assert_int_equal(pg_match_group(m, 0).start, 2);
    assert_int_equal(pg_match_group(m, 0).end, 6);
    assert_int_equal(pg_match_group(m, 1).end, 3);
    assert_false(pg_match_group(m, 2).set);
    assert_true(pg_match_group(m, 3).set);
    assert_false(pg_match_group(m, 4).set);
    assert_int_equal(pg_regex_match(re, PG_STR("nothing"), 0, m, &found, NULL), PG_OK);
    assert_false(found);
    pg_match_free(m);
    pg_match_free(NULL);
    pg_regex_free(re);
    pg_regex_free(NULL);
}

static void test_flags_do_what_they_say(void **state)
{
    (void)state;
    assert_true(matches("PLAN", PG_REGEX_CASELESS, PG_STR("a plan")));
    assert_false(matches("PLAN", 0, PG_STR("a plan")));
    assert_true(matches("^b$", PG_REGEX_MULTILINE, PG_STR("a\nb\nc")));
    assert_false(matches("^b$", 0, PG_STR("a\nb\nc")));
    assert_true(matches("a.b", PG_REGEX_DOTALL, PG_STR("a\nb")));
    assert_false(matches("a.b", 0, PG_STR("a\nb")));
    assert_true(matches("a b # c", PG_REGEX_EXTENDED, PG_STR("ab")));
    assert_false(matches("b", PG_REGEX_ANCHORED, PG_STR("ab")));
    assert_true(matches("^\\w$", PG_REGEX_UNICODE, PG_STR("\xC3\xA9")));
    assert_false(matches("^\\w$", 0, PG_STR("\xC3\xA9")));
    assert_true(matches("^.$", 0, PG_STR("\xF0\x9F\x9A\x80")));
    assert_true(matches("a\\x00b", 0, PG_STR("a\0b")));
    assert_true(matches("^$", 0, (pg_str){NULL, 0}));
}

static void test_a_pattern_that_does_not_compile_says_where(void **state)
{
    (void)state;
    char parens[512] = "";
    for (int i = 0; i < 101; i++)
        (void)strcat(parens, "(");
    (void)strcat(parens, "a");
    for (int i = 0; i < 101; i++)
        (void)strcat(parens, ")");
    char *longest = malloc(PG_REGEX_MAX_PATTERN + 1);
    memset(longest, 'a', PG_REGEX_MAX_PATTERN + 1);
    const struct {
        pg_str pattern;
        size_t offset;
    } rows[] = {
        {PG_STR("a(b"), 3},
        {PG_STR("[z-a]"), 3},
        {PG_STR("ab)"), 2},
        {PG_STR("\\C"), 2},
        {PG_STR("(?<n>a)(?<n>b)"), 12},
        {PG_STR("\xff"), 0},
        {PG_STR("(?:(?:(?:a{1,100}){1,100}){1,100}){1,100}"), 41},
        {PG_STR("(*NO_UTF_CHECK)a"), 14},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        pg_regex *re = NULL;
        pg_error err = {0};
        assert_int_equal(pg_regex_new(rows[i].pattern, 0, NULL, &re, &err), PG_REGEX_SYNTAX);
        assert_null(re);
        assert_true(err.message[0] != '\0');
        if (err.offset != rows[i].offset)
            fail_msg("row %zu: offset %zu: %s", i, err.offset, err.message);
    }
    pg_regex *re = NULL;
    pg_str too_long = {longest, PG_REGEX_MAX_PATTERN + 1};
    assert_int_equal(pg_regex_new(too_long, 0, NULL, &re, NULL), PG_REGEX_SYNTAX);
    assert_int_equal(pg_regex_new(pg_str_from(parens), 0, NULL, &re, NULL), PG_REGEX_SYNTAX);
    assert_int_equal(pg_regex_new((pg_str){longest, PG_REGEX_MAX_PATTERN}, 0, NULL, &re, NULL),
                     PG_OK);
    pg_regex_free(re);
    free(longest);
}

static void test_a_runaway_pattern_hits_a_limit_and_is_never_no_match(void **state)
{
    (void)state;
    char subject[64];
    memset(subject, 'a', sizeof subject);
    subject[40] = '!';
    const struct {
        const char *pattern;
        pg_str subject;
    } rows[] = {
        {"^(a+)+$", {subject, 41}},
        {"(a?){30}a{30}", {subject, 40}},
        {"(*LIMIT_MATCH=4000000000)^(a+)+$", {subject, 41}},
        {"(*LIMIT_HEAP=4000000)(*LIMIT_DEPTH=4000000000)^(a+)+$", {subject, 41}},
        {"^(?:(?R)|a)*$", {subject, 41}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (unsigned flags = 0; flags <= PG_REGEX_NO_JIT; flags += PG_REGEX_NO_JIT) {
            pg_regex *re = compile(rows[i].pattern, flags);
            bool found = true;
            pg_error err = {0};
            pg_status status = search(re, rows[i].subject, &found, &err);
            if (status != PG_LIMIT)
                fail_msg("%s (%u): %s %s", rows[i].pattern, flags, pg_status_name(status),
                         err.message);
            assert_false(found);
            pg_regex_free(re);
        }
    }
}

static void test_a_match_that_needs_much_memory_hits_a_limit(void **state)
{
    (void)state;
    char pattern[2048] =
        "^(?:(a)|b)*c|x"; // the unused groups make every step of the first half big
    for (int i = 0; i < 400; i++)
        (void)strcat(pattern, "()");
    size_t len = 20000;
    char *subject = malloc(len);
    memset(subject, 'a', len);
    for (unsigned flags = 0; flags <= PG_REGEX_NO_JIT; flags += PG_REGEX_NO_JIT) {
        pg_regex *re = compile(pattern, flags);
        bool found = false;
        pg_error err = {0};
        pg_status status = search(re, (pg_str){subject, len}, &found, &err);
        if ((flags & PG_REGEX_NO_JIT) != 0) {
            assert_int_equal(status, PG_LIMIT);
            assert_non_null(strstr(err.message, "memory"));
        }
        assert_false(found);
        pg_regex_free(re);
    }
    free(subject);
}

static void test_a_deep_match_overflows_neither_engine(void **state)
{
    (void)state;
    size_t len = 20000;
    char *subject = malloc(len + 1);
    memset(subject, 'a', len);
    subject[len] = 'c';
    for (unsigned flags = 0; flags <= PG_REGEX_NO_JIT; flags += PG_REGEX_NO_JIT) {
        pg_regex *re = compile("^(?:(a)|b)*c$", flags);
        bool found = false;
        assert_int_equal(search(re, (pg_str){subject, len + 1}, &found, NULL), PG_OK);
        assert_true(found);
        pg_regex_free(re);
    }
    free(subject);
}

static void test_invalid_utf8_is_an_error_with_its_offset(void **state)
{
    (void)state;
    pg_regex *re = compile("b", 0);
    const struct {
        pg_str subject;
        size_t offset;
    } rows[] = {
        {PG_STR("ab\xff"), 2},
        {PG_STR("ab\xC0\xAF"), 2},
        {PG_STR("ab\xED\xA0\x80"), 2},
        {PG_STR("\x80"
                "b"),
         0},
        {PG_STR("ab\xE2\x9C"), 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool found = true;
        pg_error err = {0};
        assert_int_equal(search(re, rows[i].subject, &found, &err), PG_BAD_INPUT);
        assert_int_equal(err.offset, rows[i].offset);
        assert_false(found);
    }
    pg_match *m = NULL;
    bool found = false;
    assert_int_equal(pg_match_new(re, &m, NULL), PG_OK);
    assert_int_equal(pg_regex_match(re, PG_STR("\xC3\xA9"), 1, m, &found, NULL), PG_BAD_INPUT);
    assert_int_equal(pg_regex_match(re, PG_STR("b"), 2, m, &found, NULL), PG_INVALID);
    assert_int_equal(pg_regex_match(re, PG_STR("b"), 1, m, &found, NULL), PG_OK);
    pg_match_free(m);
    pg_regex_free(re);
}

typedef struct walk_row {
    pg_str pattern;
    pg_str subject;
    const char *spans; ///< "start-end ..." in bytes
} walk_row;

#define ROW(pattern, subject, spans)                                                               \
    {                                                                                              \
        {pattern, sizeof(pattern) - 1}, {subject, sizeof(subject) - 1}, spans                      \
    }
// What Perl 5.36 reports for //g, with ASCII classes.
static const walk_row walk_rows[] = {
    ROW("a*", "baac", "0-0 1-3 3-3 4-4"),
    ROW("a*", "ax\xC3\xA9x", "0-1 1-1 2-2 4-4 5-5"),
    ROW("a*",
        "\xC3\xA9\xC3\xA9"
        "a x\0y",
        "0-0 2-2 4-5 5-5 6-6 7-7 8-8 9-9"),
    ROW("a*", "a\rb\r\nc", "0-1 1-1 2-2 3-3 4-4 5-5 6-6"),
    ROW("a*", "", "0-0"),
    ROW("(?=x)", "baac", ""),
    ROW("(?=x)", "ax\xC3\xA9x", "1-1 4-4"),
    ROW("(?=x)",
        "\xC3\xA9\xC3\xA9"
        "a x\0y",
        "6-6"),
    ROW("(?=x)", "a\rb\r\nc", ""),
    ROW("(?=x)", "", ""),
    ROW("", "baac", "0-0 1-1 2-2 3-3 4-4"),
    ROW("", "ax\xC3\xA9x", "0-0 1-1 2-2 4-4 5-5"),
    ROW("",
        "\xC3\xA9\xC3\xA9"
        "a x\0y",
        "0-0 2-2 4-4 5-5 6-6 7-7 8-8 9-9"),
    ROW("", "a\rb\r\nc", "0-0 1-1 2-2 3-3 4-4 5-5 6-6"),
    ROW("", "", "0-0"),
    ROW("\\b", "baac", "0-0 4-4"),
    ROW("\\b", "ax\xC3\xA9x", "0-0 2-2 4-4 5-5"),
    ROW("\\b",
        "\xC3\xA9\xC3\xA9"
        "a x\0y",
        "4-4 5-5 6-6 7-7 8-8 9-9"),
    ROW("\\b", "a\rb\r\nc", "0-0 1-1 2-2 3-3 5-5 6-6"),
    ROW("\\b", "", ""),
    ROW("x*?", "baac", "0-0 1-1 2-2 3-3 4-4"),
    ROW("x*?", "ax\xC3\xA9x", "0-0 1-1 1-2 2-2 4-4 4-5 5-5"),
    ROW("x*?",
        "\xC3\xA9\xC3\xA9"
        "a x\0y",
        "0-0 2-2 4-4 5-5 6-6 6-7 7-7 8-8 9-9"),
    ROW("x*?", "a\rb\r\nc", "0-0 1-1 2-2 3-3 4-4 5-5 6-6"),
    ROW("x*?", "", "0-0"),
    ROW("(?<=\xC3\xA9)", "baac", ""),
    ROW("(?<=\xC3\xA9)", "ax\xC3\xA9x", "4-4"),
    ROW("(?<=\xC3\xA9)",
        "\xC3\xA9\xC3\xA9"
        "a x\0y",
        "2-2 4-4"),
    ROW("(?<=\xC3\xA9)", "a\rb\r\nc", ""),
    ROW("(?<=\xC3\xA9)", "", ""),
    ROW("^", "baac", "0-0"),
    ROW("^", "ax\xC3\xA9x", "0-0"),
    ROW("^",
        "\xC3\xA9\xC3\xA9"
        "a x\0y",
        "0-0"),
    ROW("^", "a\rb\r\nc", "0-0"),
    ROW("^", "", "0-0"),
    ROW("$", "baac", "4-4"),
    ROW("$", "ax\xC3\xA9x", "5-5"),
    ROW("$",
        "\xC3\xA9\xC3\xA9"
        "a x\0y",
        "9-9"),
    ROW("$", "a\rb\r\nc", "6-6"),
    ROW("$", "", "0-0"),
    ROW("\\w*", "baac", "0-4 4-4"),
    ROW("\\w*", "ax\xC3\xA9x", "0-2 2-2 4-5 5-5"),
    ROW("\\w*",
        "\xC3\xA9\xC3\xA9"
        "a x\0y",
        "0-0 2-2 4-5 5-5 6-7 7-7 8-9 9-9"),
    ROW("\\w*", "a\rb\r\nc", "0-1 1-1 2-3 3-3 4-4 5-6 6-6"),
    ROW("\\w*", "", "0-0"),
    ROW("a|", "baac", "0-0 1-2 2-3 3-3 4-4"),
    ROW("a|", "ax\xC3\xA9x", "0-1 1-1 2-2 4-4 5-5"),
    ROW("a|",
        "\xC3\xA9\xC3\xA9"
        "a x\0y",
        "0-0 2-2 4-5 5-5 6-6 7-7 8-8 9-9"),
    ROW("a|", "a\rb\r\nc", "0-1 1-1 2-2 3-3 4-4 5-5 6-6"),
    ROW("a|", "", "0-0"),
    ROW("\xC3\xA9*", "baac", "0-0 1-1 2-2 3-3 4-4"),
    ROW("\xC3\xA9*", "ax\xC3\xA9x", "0-0 1-1 2-4 4-4 5-5"),
    ROW("\xC3\xA9*",
        "\xC3\xA9\xC3\xA9"
        "a x\0y",
        "0-4 4-4 5-5 6-6 7-7 8-8 9-9"),
    ROW("\xC3\xA9*", "a\rb\r\nc", "0-0 1-1 2-2 3-3 4-4 5-5 6-6"),
    ROW("\xC3\xA9*", "", "0-0"),
};

static void spans_of(const walk_row *row, unsigned flags, char *text, size_t size)
{
    pg_regex *re = NULL;
    pg_match *m = NULL;
    assert_int_equal(pg_regex_new(row->pattern, flags, NULL, &re, NULL), PG_OK);
    assert_int_equal(pg_match_new(re, &m, NULL), PG_OK);
    pg_regex_iter it;
    pg_regex_iter_init(&it, re, row->subject, 0, m);
    size_t used = 0;
    bool found = false;
    text[0] = '\0';
    while (pg_regex_next(&it, &found, NULL) == PG_OK && found) {
        pg_span s = pg_match_group(m, 0);
        used += (size_t)snprintf(text + used, size - used, "%s%zu-%zu", used > 0 ? " " : "",
                                 s.start, s.end);
    }
    assert_int_equal(pg_regex_next(&it, &found, NULL), PG_OK);
    assert_false(found);
    pg_match_free(m);
    pg_regex_free(re);
}

static void test_the_walk_over_all_matches_agrees_with_perl(void **state)
{
    (void)state;
    char text[512];
    for (size_t i = 0; i < sizeof walk_rows / sizeof walk_rows[0]; i++) {
        spans_of(&walk_rows[i], 0, text, sizeof text);
        assert_string_equal(text, walk_rows[i].spans);
        spans_of(&walk_rows[i], PG_REGEX_NO_JIT, text, sizeof text);
        assert_string_equal(text, walk_rows[i].spans);
    }
}

static void test_a_walk_ends_with_the_error_and_stays_ended(void **state)
{
    (void)state;
    pg_regex *re = compile("a|(x+x+)+y", 0);
    pg_match *m = NULL;
    assert_int_equal(pg_match_new(re, &m, NULL), PG_OK);
    pg_regex_iter it;
    pg_regex_iter_init(&it, re, PG_STR("axxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx y"), 0, m);
    bool found = false;
    assert_int_equal(pg_regex_next(&it, &found, NULL), PG_OK);
    assert_true(found);
    assert_int_equal(pg_regex_next(&it, &found, NULL), PG_LIMIT);
    assert_false(found);
    assert_int_equal(pg_regex_next(&it, &found, NULL), PG_OK);
    assert_false(found);
    pg_match_free(m);
    pg_regex_free(re);
}

static void *count_matches(void *arg)
{
    const pg_regex *re = arg;
    pg_match *m = NULL;
    size_t count = 0;
    if (pg_match_new(re, &m, NULL) != PG_OK)
        return NULL;
    for (int round = 0; round < 200; round++) {
        pg_regex_iter it;
        pg_regex_iter_init(&it, re, PG_STR("a1 b22 c333 d4444"), 0, m);
        bool found = false;
        while (pg_regex_next(&it, &found, NULL) == PG_OK && found)
            count++;
    }
    pg_match_free(m);
    return (void *)count; // NOLINT: a count travels through the thread's result
}

static void test_one_pattern_serves_several_threads(void **state)
{
    (void)state;
    pg_regex *re = compile("([a-z])(\\d+)", 0);
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count_matches, re), 0);
    for (int i = 0; i < 4; i++) {
        void *count = NULL;
        assert_int_equal(pthread_join(threads[i], &count), 0);
        assert_int_equal((size_t)count, 800);
    }
    pg_regex_free(re);
}

static bool compile_and_match(const pg_alloc *alloc, void *ctx)
{
    (void)ctx;
    pg_regex *re = NULL;
    pg_match *m = NULL;
    bool found = false;
    pg_status status = pg_regex_new(PG_STR("(?<a>x)+(y|z)*"), PG_REGEX_NO_JIT, alloc, &re, NULL);
    if (status == PG_OK)
        status = pg_match_new(re, &m, NULL);
    if (status == PG_OK)
        status = pg_regex_match(re, PG_STR("xxyzyzyz"), 0, m, &found, NULL);
    assert_true(status == PG_OK || status == PG_NOMEM);
    pg_match_free(m);
    pg_regex_free(re);
    return status == PG_OK;
}

static void test_every_failed_allocation_is_reported_and_leaks_nothing(void **state)
{
    (void)state;
    test_alloc_sweep(compile_and_match, NULL);
}

static void test_a_pattern_lasts_until_its_last_holder_has_freed_it(void **state)
{
    (void)state;
    pg_regex *re = NULL;
    assert_int_equal(pg_regex_new(PG_STR("a(b)"), 0, NULL, &re, NULL), PG_OK);
    assert_ptr_equal(pg_regex_retain(re), re);
    pg_regex_free(re);
    assert_int_equal(pg_regex_group_count(re), 1);
    pg_regex_free(re);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_groups_report_where_they_matched),
        cmocka_unit_test(test_flags_do_what_they_say),
        cmocka_unit_test(test_a_pattern_that_does_not_compile_says_where),
        cmocka_unit_test(test_a_runaway_pattern_hits_a_limit_and_is_never_no_match),
        cmocka_unit_test(test_a_match_that_needs_much_memory_hits_a_limit),
        cmocka_unit_test(test_a_deep_match_overflows_neither_engine),
        cmocka_unit_test(test_invalid_utf8_is_an_error_with_its_offset),
        cmocka_unit_test(test_the_walk_over_all_matches_agrees_with_perl),
        cmocka_unit_test(test_a_walk_ends_with_the_error_and_stays_ended),
        cmocka_unit_test(test_one_pattern_serves_several_threads),
        cmocka_unit_test(test_every_failed_allocation_is_reported_and_leaks_nothing),
        cmocka_unit_test(test_a_pattern_lasts_until_its_last_holder_has_freed_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
