/// Tests of the content hashes against published values of XXH3.
#include "support.h"

#include "promptgen/hash.h"

static void test_hashes_of_nothing_are_the_published_ones(void **state)
{
    (void)state;
    assert_true(pg_hash64((pg_str){NULL, 0}) == UINT64_C(0x2d06800538d394c2));
    char text[PG_HASH128_TEXT];
    pg_hash128_text(pg_hash128_of(PG_STR("")), text);
    assert_string_equal(text, "99aa06d3014798d86001c324468d497f");
}

static void test_every_byte_counts_nul_included(void **state)
{
    (void)state;
    assert_true(pg_hash64(PG_STR("a\0b")) != pg_hash64(PG_STR("a\0c")));
    assert_true(pg_hash128_equal(pg_hash128_of(PG_STR("a\0b")), pg_hash128_of(PG_STR("a\0b"))));
    assert_false(pg_hash128_equal(pg_hash128_of(PG_STR("a")), pg_hash128_of(PG_STR("a\0"))));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hashes_of_nothing_are_the_published_ones),
        cmocka_unit_test(test_every_byte_counts_nul_included),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
