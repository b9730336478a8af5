/// Tests of allocation through the caller's function or the C library.
#include "support.h"

#include <string.h>

static void test_the_callers_function_gets_every_request_with_its_sizes(void **state)
{
    (void)state;
    test_alloc t;
    test_alloc_init(&t);
    char *block = pg_malloc(&t.alloc, 10);
    assert_non_null(block);
    assert_int_equal(t.bytes, 10);
    block = pg_realloc(&t.alloc, block, 10, 25);
    assert_non_null(block);
    assert_int_equal(t.bytes, 25);
    pg_free(&t.alloc, block, 25);
    pg_free(&t.alloc, NULL, 7);
    assert_int_equal(t.live, 0);
    assert_int_equal(t.bytes, 0);
}

static void test_zeroed_blocks_are_zero_and_a_product_that_overflows_gives_none(void **state)
{
    (void)state;
    test_alloc t;
    test_alloc_init(&t);
    unsigned char *block = pg_calloc(&t.alloc, 5, 20);
    assert_non_null(block);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(block[i], 0);
    pg_free(&t.alloc, block, 100);
    assert_null(pg_calloc(&t.alloc, SIZE_MAX / 2 + 1, 2)); // 0 in the arithmetic of size_t
    assert_null(pg_calloc(&t.alloc, SIZE_MAX / 2 + 2, 2)); // 2
    assert_int_equal(t.live, 0);
    block = pg_calloc(&t.alloc, SIZE_MAX, 0);
    pg_free(&t.alloc, block, 0);
    assert_int_equal(t.live, 0);
}

static void test_a_request_for_nothing_frees_with_the_c_library_too(void **state)
{
    (void)state;
    char *block = pg_malloc(NULL, 10);
    assert_non_null(block);
    assert_null(pg_realloc(NULL, block, 10, 0));
    assert_null(pg_malloc(NULL, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_callers_function_gets_every_request_with_its_sizes),
        cmocka_unit_test(test_zeroed_blocks_are_zero_and_a_product_that_overflows_gives_none),
        cmocka_unit_test(test_a_request_for_nothing_frees_with_the_c_library_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
