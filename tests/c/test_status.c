/// Tests of status names, exit statuses and error formatting.
#include "support.h"

#include "promptgen/status.h"

#include <string.h>

static void test_every_code_has_a_unique_name_that_leads_back_to_it(void **state)
{
    (void)state;
    for (int i = 0; i < PG_STATUS_COUNT; i++) {
        const char *name = pg_status_name((pg_status)i);
        assert_int_equal(pg_status_from_name(name, strlen(name)), i);
        assert_true(strlen(pg_status_text((pg_status)i)) > 0);
    }
    assert_int_equal(pg_status_from_name("no such code", 12), PG_STATUS_COUNT);
}

static void test_exit_statuses_follow_the_documented_classes(void **state)
{
    (void)state;
    assert_int_equal(pg_status_exit(PG_OK), 0);
    assert_int_equal(pg_status_exit(PG_WORKFLOW), 1);
    assert_int_equal(pg_status_exit(PG_USAGE), 2);
    assert_int_equal(pg_status_exit(PG_PERMISSION), 3);
    assert_int_equal(pg_status_exit(PG_NOT_FOUND), 4);
    assert_int_equal(pg_status_exit(PG_LIMIT), 5);
    assert_int_equal(pg_status_exit(PG_IO), 6);
    assert_int_equal(pg_status_exit(PG_CONFLICT), 7);
    assert_int_equal(pg_status_exit(PG_INTERNAL), 70);
    assert_int_equal(pg_status_exit(PG_STATUS_COUNT), 70);
}

static void test_a_long_message_is_cut_between_characters(void **state)
{
    (void)state;
    char text[400];
    for (size_t i = 0; i < sizeof text - 1; i += 3)
        memcpy(text + i, "\xE2\x9C\x85", 3);
    text[399] = '\0';
    pg_error err = {0};
    assert_int_equal(pg_error_set(&err, PG_IO, "%s", text), PG_IO);
    assert_int_equal(strlen(err.message) % 3, 0);
    assert_true(strlen(err.message) >= PG_ERROR_MESSAGE_MAX - 4);
}

static void test_a_null_error_is_accepted(void **state)
{
    (void)state;
    assert_int_equal(pg_error_set(NULL, PG_LIMIT, "x"), PG_LIMIT);
    pg_error_at(NULL, 1, 1, 0);
    pg_error_clear(NULL);
}

static void test_setting_an_error_clears_an_older_position(void **state)
{
    (void)state;
    pg_error err = {0};
    (void)pg_error_set(&err, PG_IO, "first");
    pg_error_at(&err, 3, 4, 5);
    (void)pg_error_set(&err, PG_IO, "second");
    assert_int_equal(err.line, 0);
    assert_int_equal(err.column, 0);
    assert_string_equal(err.message, "second");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_code_has_a_unique_name_that_leads_back_to_it),
        cmocka_unit_test(test_exit_statuses_follow_the_documented_classes),
        cmocka_unit_test(test_a_long_message_is_cut_between_characters),
        cmocka_unit_test(test_a_null_error_is_accepted),
        cmocka_unit_test(test_setting_an_error_clears_an_older_position),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
