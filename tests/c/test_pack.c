/// Tests of the MessagePack writer and reader.
#include "support.h"

#include "promptgen/pack.h"

#include <math.h>
#include <string.h>

static pg_pack_item read_one(pg_str bytes)
{
    pg_unpack reader;
    pg_unpack_init(&reader, bytes);
    pg_pack_item item;
    pg_error err = {0};
    assert_int_equal(pg_unpack_next(&reader, &item, &err), PG_OK);
    assert_true(pg_unpack_done(&reader));
    return item;
}

static void test_integers_round_trip_at_every_width(void **state)
{
    (void)state;
    const int64_t values[] = {0,
                              1,
                              127,
                              128,
                              255,
                              256,
                              -1,
                              -32,
                              -33,
                              -128,
                              -129,
                              32767,
                              32768,
                              -32768,
                              -32769,
                              INT32_MAX,
                              INT32_MIN,
                              INT64_MAX,
                              INT64_MIN,
                              INT64_C(1) << 31,
                              -(INT64_C(1) << 31) - 1};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        pg_buf buf;
        pg_buf_init(&buf, NULL);
        pg_pack_int(&buf, values[i]);
        pg_pack_item item = read_one(pg_buf_str(&buf));
        assert_int_equal(item.kind, PG_PACK_INT);
        assert_true(item.as.integer == values[i]);
        pg_buf_free(&buf);
    }
}

static void test_strings_round_trip_at_every_header_size(void **state)
{
    (void)state;
    const size_t sizes[] = {0, 1, 31, 32, 255, 256, 65535, 65536};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        pg_buf text, packed;
        pg_buf_init(&text, NULL);
        pg_buf_init(&packed, NULL);
        for (size_t k = 0; k < sizes[i]; k++)
            pg_buf_put_char(&text, (char)(k * 7));
        pg_pack_str(&packed, pg_buf_str(&text));
        pg_pack_item item = read_one(pg_buf_str(&packed));
        assert_int_equal(item.kind, PG_PACK_STR);
        assert_true(pg_str_equal(item.as.string, pg_buf_str(&text)));
        pg_buf_free(&text);
        pg_buf_free(&packed);
    }
}

static void test_other_scalars_round_trip(void **state)
{
    (void)state;
    const double doubles[] = {0.0, -0.0, 0.1, 5e-324, 1.7976931348623157e308, INFINITY, -INFINITY};
    for (size_t i = 0; i < sizeof doubles / sizeof doubles[0]; i++) {
        pg_buf buf;
        pg_buf_init(&buf, NULL);
        pg_pack_double(&buf, doubles[i]);
        pg_pack_item item = read_one(pg_buf_str(&buf));
        assert_int_equal(item.kind, PG_PACK_DOUBLE);
        assert_memory_equal(&item.as.number, &doubles[i], sizeof(double));
        pg_buf_free(&buf);
    }
    assert_int_equal(read_one((pg_str){"\xc0", 1}).kind, PG_PACK_NIL);
    assert_true(read_one((pg_str){"\xc3", 1}).as.boolean);
    assert_false(read_one((pg_str){"\xc2", 1}).as.boolean);
}

static void test_unsigned_integers_of_other_writers_are_read(void **state)
{
    (void)state;
    assert_int_equal(read_one((pg_str){"\xcc\xff", 2}).as.integer, 255);
    assert_int_equal(read_one((pg_str){"\xce\xff\xff\xff\xff", 5}).as.integer, 4294967295);
}

static void test_malformed_input_is_refused_where_it_stands(void **state)
{
    (void)state;
    const pg_str rows[] = {
        {"", 0},
        {"\xc1", 1},                                 // never used by the format
        {"\xc4\x01x", 3},                            // bin: outside the subset
        {"\xca\0\0\0\0", 5},                         // float 32: outside the subset
        {"\xd4\0\0", 3},                             // ext: outside the subset
        {"\xcf\xff\xff\xff\xff\xff\xff\xff\xff", 9}, // above INT64_MAX
        {"\xa5"
         "abc",
         4},                         // string longer than the input
        {"\xdb\xff\xff\xff\xff", 5}, // 4 GiB announced
        {"\xdd\xff\xff\xff\xff", 5}, // 4 G elements announced
        {"\xdf\x80\0\0\0", 5},       // 2 G pairs announced
        {"\x81\xc0", 2},             // a pair without its value
        {"\xd3\0\0\0", 4},           // integer cut short
        {"\xcb\0", 2},               // float cut short
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        pg_unpack reader;
        pg_unpack_init(&reader, rows[i]);
        pg_pack_item item;
        pg_error err = {0};
        assert_int_equal(pg_unpack_next(&reader, &item, &err), PG_CORRUPT);
        assert_int_equal(reader.at, 0);
        assert_int_equal(err.code, PG_CORRUPT);
    }
}

static void test_containers_keep_order_and_nest(void **state)
{
    (void)state;
    pg_buf buf;
    pg_buf_init(&buf, NULL);
    pg_pack_array(&buf, 20);
    for (int i = 0; i < 19; i++)
        pg_pack_int(&buf, i);
    pg_pack_map(&buf, 1);
    pg_pack_str(&buf, PG_STR("k"));
    pg_pack_bool(&buf, true);
    pg_unpack reader;
    pg_unpack_init(&reader, pg_buf_str(&buf));
    pg_pack_item item;
    assert_int_equal(pg_unpack_next(&reader, &item, NULL), PG_OK);
    assert_int_equal(item.kind, PG_PACK_ARRAY);
    assert_int_equal(item.as.count, 20);
    for (int i = 0; i < 19; i++) {
        assert_int_equal(pg_unpack_next(&reader, &item, NULL), PG_OK);
        assert_int_equal(item.as.integer, i);
    }
    assert_int_equal(pg_unpack_next(&reader, &item, NULL), PG_OK);
    assert_int_equal(item.kind, PG_PACK_MAP);
    assert_int_equal(pg_unpack_next(&reader, &item, NULL), PG_OK);
    assert_int_equal(pg_unpack_next(&reader, &item, NULL), PG_OK);
    assert_true(pg_unpack_done(&reader));
    pg_buf_free(&buf);
}

static void test_a_failed_allocation_is_recorded_in_the_buffer(void **state)
{
    (void)state;
    test_alloc t;
    test_alloc_init(&t);
    t.fail_at = 1;
    pg_buf buf;
    pg_buf_init(&buf, &t.alloc);
    pg_pack_str(&buf, PG_STR("text"));
    assert_true(buf.failed);
    pg_buf_free(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_integers_round_trip_at_every_width),
        cmocka_unit_test(test_strings_round_trip_at_every_header_size),
        cmocka_unit_test(test_other_scalars_round_trip),
        cmocka_unit_test(test_unsigned_integers_of_other_writers_are_read),
        cmocka_unit_test(test_malformed_input_is_refused_where_it_stands),
        cmocka_unit_test(test_containers_keep_order_and_nest),
        cmocka_unit_test(test_a_failed_allocation_is_recorded_in_the_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
