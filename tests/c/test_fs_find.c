/// Tests of the search for a workspace upwards.
#include "fs_fixture.h"

static const pg_str markers[] = {{"promptgen.lua", 13}, {"work-space/plans/", 17}};

static pg_status find(fixture *f, const char *start, pg_buf *out, size_t *which, pg_error *err)
{
    (void)f;
    return pg_fs_find_up(pg_str_from(start), markers, 2, out, which, err);
}

static void test_the_nearest_directory_with_a_marker_is_found(void **state)
{
    fixture *f = *state;
    make_dir_at(f, "work-space");
    make_dir_at(f, "work-space/plans");
    make_dir_at(f, "sub");
    make_dir_at(f, "sub/deep");
    pg_buf out;
    pg_buf_init(&out, NULL);
    size_t which = 9;
    assert_int_equal(find(f, at(f, "sub/deep"), &out, &which, NULL), PG_OK);
    assert_true(pg_str_equal(pg_buf_str(&out), pg_str_from(f->dir)));
    assert_int_equal(which, 1);
    put(f, "sub/promptgen.lua", "");
    assert_int_equal(find(f, at(f, "sub/deep/"), &out, &which, NULL), PG_OK);
    assert_true(pg_str_equal(pg_buf_str(&out), pg_str_from(at(f, "sub"))));
    assert_int_equal(which, 0);
    pg_buf_free(&out);
}

static void test_a_marker_of_the_wrong_kind_is_none(void **state)
{
    fixture *f = *state;
    make_dir_at(f, "promptgen.lua");
    make_dir_at(f, "work-space");
    put(f, "work-space/plans", "a file");
    pg_buf out;
    pg_buf_init(&out, NULL);
    assert_int_equal(find(f, f->dir, &out, NULL, NULL), PG_NOT_FOUND);
    assert_int_equal(out.len, 0);
    pg_buf_free(&out);
}

static void test_a_start_that_is_not_absolute_is_the_callers_mistake(void **state)
{
    pg_buf out;
    pg_buf_init(&out, NULL);
    assert_int_equal(find(*state, "relative", &out, NULL, NULL), PG_INVALID);
    assert_int_equal(find(*state, "", &out, NULL, NULL), PG_INVALID);
    pg_buf_free(&out);
}

static void test_a_start_that_is_too_long_or_has_a_nul_is_refused(void **state)
{
    (void)state;
    pg_buf out;
    pg_buf_init(&out, NULL);
    const pg_str marker = PG_STR("promptgen.lua");
    size_t which;
    char path[PG_FS_MAX_PATH + 2];
    for (size_t i = 0; i < sizeof path; i++)
        path[i] = i % 2 == 0 ? '/' : 'a';
    assert_int_equal(
        pg_fs_find_up((pg_str){path, PG_FS_MAX_PATH + 1}, &marker, 1, &out, &which, NULL),
        PG_BAD_INPUT);
    assert_int_equal(pg_fs_find_up(PG_STR("/tmp\0/x"), &marker, 1, &out, &which, NULL),
                     PG_BAD_INPUT);
    assert_int_equal(out.len, 0);
    pg_buf_free(&out);
}

static void test_a_workspace_that_others_control_is_refused_with_a_way_out(void **state)
{
    fixture *f = *state;
    put(f, "promptgen.lua", "");
    assert_int_equal(chmod(f->dir, 0777), 0);
    pg_buf out;
    pg_buf_init(&out, NULL);
    pg_error err = {0};
    assert_int_equal(find(f, f->dir, &out, NULL, &err), PG_PERMISSION);
    assert_non_null(strstr(err.message, "--root"));
    assert_int_equal(out.len, 0);
    assert_int_equal(chmod(f->dir, 01777), 0);
    assert_int_equal(find(f, f->dir, &out, NULL, &err), PG_OK);
    assert_int_equal(chmod(f->dir, 0755), 0);
    if (geteuid() == 0) {
        assert_int_equal(chown(at(f, "promptgen.lua"), 4242, 4242), 0);
        assert_int_equal(find(f, f->dir, &out, NULL, &err), PG_PERMISSION);
        assert_non_null(strstr(err.message, "4242"));
        assert_int_equal(chown(at(f, "promptgen.lua"), 0, 0), 0);
        assert_int_equal(chown(f->dir, 4242, 4242), 0);
        assert_int_equal(find(f, f->dir, &out, NULL, &err), PG_PERMISSION);
    }
    pg_buf_free(&out);
}

static bool find_with(const pg_alloc *alloc, void *ctx)
{
    fixture *f = ctx;
    pg_buf out;
    pg_buf_init(&out, alloc);
    pg_status status = pg_fs_find_up(pg_str_from(f->dir), markers, 2, &out, NULL, NULL);
    assert_true(status == PG_OK || status == PG_NOMEM);
    pg_buf_free(&out);
    return status == PG_OK;
}

static void test_the_search_survives_every_failed_allocation(void **state)
{
    put(*state, "promptgen.lua", "");
    test_alloc_sweep(find_with, *state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FS_TEST(test_the_nearest_directory_with_a_marker_is_found),
        FS_TEST(test_a_marker_of_the_wrong_kind_is_none),
        FS_TEST(test_a_start_that_is_not_absolute_is_the_callers_mistake),
        FS_TEST(test_a_start_that_is_too_long_or_has_a_nul_is_refused),
        FS_TEST(test_a_workspace_that_others_control_is_refused_with_a_way_out),
        FS_TEST(test_the_search_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
