/// Tests of string views, buffers and UTF-8 validation.
#include "support.h"

#include "promptgen/str.h"

#include <string.h>

static void test_views_with_nul_bytes_compare_by_length(void **state)
{
    (void)state;
    pg_str a = {"a\0b", 3};
    pg_str b = {"a\0c", 3};
    assert_false(pg_str_equal(a, b));
    assert_true(pg_str_compare(a, b) < 0);
    assert_true(pg_str_compare((pg_str){"a", 1}, a) < 0);
    assert_true(pg_str_equal((pg_str){NULL, 0}, PG_STR("")));
}

static void test_slices_are_clamped(void **state)
{
    (void)state;
    assert_true(pg_str_equal(pg_str_slice(PG_STR("hello"), 1, 3), PG_STR("el")));
    assert_true(pg_str_equal(pg_str_slice(PG_STR("hello"), 3, 99), PG_STR("lo")));
    assert_int_equal(pg_str_slice(PG_STR("hello"), 9, 2).len, 0);
}

static void test_trim_and_affixes(void **state)
{
    (void)state;
    assert_true(pg_str_equal(pg_str_trim(PG_STR(" \t x y \r\n")), PG_STR("x y")));
    assert_int_equal(pg_str_trim(PG_STR(" \n ")).len, 0);
    assert_true(pg_str_starts_with(PG_STR("abc"), PG_STR("ab")));
    assert_false(pg_str_starts_with(PG_STR("a"), PG_STR("ab")));
    assert_true(pg_str_ends_with(PG_STR("abc"), PG_STR("bc")));
    assert_true(pg_str_equal_nocase(PG_STR("PlAn"), PG_STR("pLaN")));
}

static void test_find_reports_offsets_and_absence(void **state)
{
    (void)state;
    assert_int_equal(pg_str_find(PG_STR("abcabc"), PG_STR("ca"), 0), 2);
    assert_int_equal(pg_str_find(PG_STR("abcabc"), PG_STR("abc"), 1), 3);
    assert_int_equal(pg_str_find(PG_STR("abc"), PG_STR("x"), 0), (size_t)-1);
    assert_int_equal(pg_str_find(PG_STR("abc"), PG_STR("abcd"), 0), (size_t)-1);
    assert_int_equal(pg_str_find(PG_STR("abc"), PG_STR(""), 3), 3);
    assert_int_equal(pg_str_find(PG_STR("abc"), PG_STR("a"), 4), (size_t)-1);
    assert_int_equal(pg_str_find_nocase(PG_STR("x Status"), PG_STR("STATUS"), 0), 2);
}

static void test_utf8_validation_stops_at_the_first_bad_byte(void **state)
{
    (void)state;
    const struct {
        const char *bytes;
        size_t len;
        size_t valid;
    } rows[] = {
        {"plain text", 10, 10},
        {"\xE2\x9C\x85 ok", 6, 6},
        {"\xF0\x9F\x9A\x80", 4, 4},
        {"ab\xC0\xAF", 4, 2},        // overlong
        {"ab\xE0\x80\xAF", 5, 2},    // overlong
        {"x\xED\xA0\x80", 4, 1},     // surrogate
        {"x\xF4\x90\x80\x80", 5, 1}, // above U+10FFFF
        {"x\xF5", 2, 1},             // never a lead byte
        {"12345678\xE2\x9C", 10, 8}, // cut sequence
        {"12345678\x80", 9, 8},      // stray continuation
        {"a\0b", 3, 3},              // NUL is valid
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(pg_utf8_valid_prefix((pg_str){rows[i].bytes, rows[i].len}), rows[i].valid);
}

static bool build_text(const pg_alloc *alloc, void *ctx)
{
    (void)ctx;
    pg_buf buf;
    pg_buf_init(&buf, alloc);
    for (int i = 0; i < 200; i++)
        pg_buf_printf(&buf, "%d,", i);
    pg_buf_put_char(&buf, '.');
    bool ok = !buf.failed;
    if (ok)
        assert_true(pg_str_ends_with(pg_buf_str(&buf), PG_STR("199,.")));
    pg_buf_free(&buf);
    return ok;
}

static void test_a_buffer_survives_every_failed_allocation(void **state)
{
    (void)state;
    test_alloc_sweep(build_text, NULL);
}

static void test_an_absurd_reservation_fails_without_allocating(void **state)
{
    (void)state;
    pg_buf buf;
    pg_buf_init(&buf, NULL);
    assert_false(pg_buf_reserve(&buf, SIZE_MAX - 3));
    assert_true(buf.failed);
    pg_buf_put(&buf, "x", 1);
    assert_int_equal(buf.len, 0);
    pg_buf_free(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_views_with_nul_bytes_compare_by_length),
        cmocka_unit_test(test_slices_are_clamped),
        cmocka_unit_test(test_trim_and_affixes),
        cmocka_unit_test(test_find_reports_offsets_and_absence),
        cmocka_unit_test(test_utf8_validation_stops_at_the_first_bad_byte),
        cmocka_unit_test(test_a_buffer_survives_every_failed_allocation),
        cmocka_unit_test(test_an_absurd_reservation_fails_without_allocating),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
