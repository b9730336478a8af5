/// Tests of SHA-256 against the examples of FIPS 180-4.
#include "support.h"

#include "promptgen/digest.h"

static void expect(pg_str bytes, const char *hex)
{
    char out[PG_SHA256_HEX + 1];
    pg_sha256_hex(bytes, out);
    assert_string_equal(out, hex);
}

static void test_the_published_examples_hold(void **state)
{
    (void)state;
    expect(PG_STR("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect(PG_STR("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
           "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void test_the_empty_string_and_nul_bytes_have_digests(void **state)
{
    (void)state;
    expect((pg_str){NULL, 0}, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect((pg_str){"\0", 1}, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_published_examples_hold),
        cmocka_unit_test(test_the_empty_string_and_nul_bytes_have_digests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
