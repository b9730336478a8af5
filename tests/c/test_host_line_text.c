/// Tests of the way between UTF-8 and wide characters.
#include "support.h"

#include "line_text.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

static void expect_round_trip(pg_str text)
{
    wchar_t *wide = pg_wide_from(text);
    assert_non_null(wide);
    pg_buf back;
    pg_buf_init(&back, NULL);
    pg_wide_put(&back, wide, wcslen(wide));
    assert_true(pg_str_equal(pg_buf_str(&back), text));
    pg_buf_free(&back);
    free(wide);
}

static void test_text_of_every_length_comes_back(void **state)
{
    (void)state;
    expect_round_trip(PG_STR(""));
    expect_round_trip(PG_STR("plain ASCII\n\t\x7f\x1b"));
    expect_round_trip(PG_STR("\xc3\xa9 \xe2\x9c\x85 \xf0\x9f\x8e\x89"));
    expect_round_trip(PG_STR("\xf4\x8f\xbf\xbf \xee\x80\x80 \xc2\x80"));
}

static void test_bytes_that_are_no_text_come_back(void **state)
{
    (void)state;
    expect_round_trip(PG_STR("\xff\xfe \x80 \xc3 \xe2\x9c end"));
    expect_round_trip(PG_STR("\xc0\xaf \xed\xa0\x80 \xf4\x90\x80\x80"));
    expect_round_trip(PG_STR("cut \xf0\x9f\x8e"));
    char all[256];
    for (int i = 0; i < 256; i++)
        all[i] = (char)(i == 0 ? 1 : i);
    expect_round_trip((pg_str){all, sizeof all});
}

static void test_a_nul_does_not_end_the_text(void **state)
{
    (void)state;
    expect_round_trip(PG_STR("a\0b"));
    wchar_t *wide = pg_wide_from(PG_STR("a\0b"));
    assert_non_null(wide);
    assert_int_equal(wcslen(wide), 3);
    assert_int_equal(wide[1], PG_RAW_BYTE(0));
    free(wide);
}

static void test_each_character_is_decoded_with_its_length(void **state)
{
    (void)state;
    size_t used;
    assert_int_equal(pg_utf8_decode(PG_STR("A"), &used), 'A');
    assert_int_equal(used, 1);
    assert_int_equal(pg_utf8_decode(PG_STR("\xe2\x9c\x85 x"), &used), 0x2705);
    assert_int_equal(used, 3);
    assert_int_equal(pg_utf8_decode(PG_STR("\xf0\x9f\x8e\x89"), &used), 0x1F389);
    assert_int_equal(used, 4);
    assert_int_equal(pg_utf8_decode(PG_STR("\xe2\x9c"), &used), PG_RAW_BYTE(0xe2));
    assert_int_equal(used, 1);
    assert_int_equal(pg_utf8_length(0xe2), 3);
    assert_int_equal(pg_utf8_length(0x80), 1);
    assert_int_equal(pg_utf8_length(0xc1), 1);
    assert_int_equal(pg_utf8_length(0xf5), 1);
}

static size_t rows_of(const wchar_t *prompt, const wchar_t *text, size_t columns)
{
    return pg_wide_rows(prompt, L'\1', text, wcslen(text), columns);
}

static void test_the_row_of_the_cursor_follows_what_the_terminal_shows(void **state)
{
    (void)state;
    assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
    assert_int_equal(rows_of(L"> ", L"", 10), 0);
    assert_int_equal(rows_of(L"> ", L"1234567", 10), 0);
    assert_int_equal(rows_of(L"> ", L"12345678", 10), 1);
    assert_int_equal(rows_of(L"\1\033[1m\1>\1\033[0m\1 ", L"1234567", 10), 0);
    assert_int_equal(rows_of(L"> ", L"one\ntwo\nthree", 10), 2);
    assert_int_equal(rows_of(L"> ", L"123456789012345678\n", 10), 3);
    assert_int_equal(rows_of(L"", L"\u65e5\u672c\u8a9e", 5), 1);
    assert_int_equal(rows_of(L"", L"e\u0301e\u0301e\u0301", 4), 0);
    assert_int_equal(rows_of(L"", L"\t1", 10), 0);
    assert_int_equal(rows_of(L"", L"\033\033", 4), 1);
    const wchar_t raw[] = {PG_RAW_BYTE(0xff), 0};
    assert_int_equal(rows_of(L"", raw, 8), 0);
    (void)setlocale(LC_CTYPE, "C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_of_every_length_comes_back),
        cmocka_unit_test(test_bytes_that_are_no_text_come_back),
        cmocka_unit_test(test_a_nul_does_not_end_the_text),
        cmocka_unit_test(test_each_character_is_decoded_with_its_length),
        cmocka_unit_test(test_the_row_of_the_cursor_follows_what_the_terminal_shows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
