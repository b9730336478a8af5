/// Tests of handing a text to another program.
#include "support.h"

#include "external_editor.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char directory[64];

static int make_directory(void **state)
{
    (void)state;
    (void)test_temp_dir(directory, sizeof directory);
    return setenv("TMPDIR", directory, 1);
}

static int remove_directory(void **state)
{
    (void)state;
    test_remove_tree(directory);
    return unsetenv("TMPDIR");
}

static int count_files(void)
{
    int count = 0;
    DIR *dir = opendir(directory);
    assert_non_null(dir);
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;)
        count += entry->d_name[0] != '.';
    (void)closedir(dir);
    return count;
}

static void test_the_edited_text_comes_back_and_the_file_goes(void **state)
{
    (void)state;
    pg_buf edited;
    pg_buf_init(&edited, NULL);
    pg_error err = {0};
    assert_int_equal(
        pg_external_editor_edit("sed -i s/one/two/", PG_STR("one\n"), 100, &edited, &err), PG_OK);
    assert_true(pg_str_equal(pg_buf_str(&edited), PG_STR("two\n")));
    assert_int_equal(count_files(), 0);
    assert_int_equal(pg_external_editor_edit("true", PG_STR("\0\xff"), 100, &edited, &err), PG_OK);
    assert_true(pg_str_equal(pg_buf_str(&edited), PG_STR("\0\xff")));
    pg_buf_free(&edited);
}

static void test_the_temporary_file_is_private(void **state)
{
    (void)state;
    pg_buf edited;
    pg_buf_init(&edited, NULL);
    char command[160];
    char path[96];
    (void)snprintf(path, sizeof path, "%s/editor", directory);
    static const char script[] = "#!/bin/sh\nm=$(stat -c %a \"$1\")\necho \"$m\" > \"$1\"\n";
    test_write_file(path, script, sizeof script - 1);
    (void)snprintf(command, sizeof command, "sh %s", path);
    assert_int_equal(pg_external_editor_edit(command, PG_STR("x"), 100, &edited, NULL), PG_OK);
    assert_true(pg_str_equal(pg_buf_str(&edited), PG_STR("600\n")));
    pg_buf_free(&edited);
}

static void test_a_failing_editor_is_an_error(void **state)
{
    (void)state;
    pg_buf edited;
    pg_buf_init(&edited, NULL);
    pg_error err = {0};
    static const char *const commands[] = {"false", "kill -9 $$;", "/nonexistent/editor"};
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        assert_int_equal(pg_external_editor_edit(commands[i], PG_STR("x"), 100, &edited, &err),
                         PG_IO);
        assert_non_null(strstr(err.message, "editor"));
    }
    pg_buf_free(&edited);
}

static void test_a_text_above_the_limit_is_refused(void **state)
{
    (void)state;
    pg_buf edited;
    pg_buf_init(&edited, NULL);
    assert_int_equal(pg_external_editor_edit("sed -i p", PG_STR("12345\n"), 10, &edited, NULL),
                     PG_TOO_LARGE);
    pg_buf_free(&edited);
}

static void test_the_editor_gets_no_blocked_signal(void **state)
{
    (void)state;
    sigset_t blocked;
    sigset_t before;
    (void)sigemptyset(&blocked);
    (void)sigaddset(&blocked, SIGINT);
    (void)sigprocmask(SIG_BLOCK, &blocked, &before);
    pg_buf edited;
    pg_buf_init(&edited, NULL);
    assert_int_equal(
        pg_external_editor_edit("grep SigBlk /proc/self/status >", PG_STR(""), 100, &edited, NULL),
        PG_OK);
    assert_true(pg_str_equal(pg_buf_str(&edited), PG_STR("SigBlk:\t0000000000000000\n")));
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    pg_buf_free(&edited);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_edited_text_comes_back_and_the_file_goes),
        cmocka_unit_test(test_the_temporary_file_is_private),
        cmocka_unit_test(test_a_failing_editor_is_an_error),
        cmocka_unit_test(test_a_text_above_the_limit_is_refused),
        cmocka_unit_test(test_the_editor_gets_no_blocked_signal),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
