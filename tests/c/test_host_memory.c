/// Tests of the Lua allocator: accounting, the cap, shrinking, moves between sizes.
#include "support.h"

#include "lua_memory.h"

#include <stdlib.h>
#include <string.h>

static void test_a_random_sequence_keeps_contents_and_accounts(void **state)
{
    (void)state;
    enum { SLOTS = 64, STEPS = 20000 };
    pg_lua_memory memory;
    pg_lua_memory_init(&memory);
    unsigned char *blocks[SLOTS] = {NULL};
    size_t sizes[SLOTS] = {0};
    size_t expected = 0;
    unsigned seed = 7;
    for (int step = 0; step < STEPS; step++) {
        if (step % 5000 == 4999)
            pg_lua_memory_leave_shared(&memory);
        seed = seed * 1103515245u + 12345u;
        size_t slot = seed / 65536u % SLOTS;
        seed = seed * 1103515245u + 12345u;
        size_t size = seed / 65536u % (step % 5 == 0 ? 3000 : 200);
        for (size_t i = 0; i < sizes[slot]; i++)
            assert_int_equal(blocks[slot][i], (unsigned char)slot);
        unsigned char *block = pg_lua_memory_resize(&memory, blocks[slot], sizes[slot], size);
        size_t kept = size < sizes[slot] ? size : sizes[slot];
        for (size_t i = 0; i < kept; i++)
            assert_int_equal(block[i], (unsigned char)slot);
        if (size > 0)
            memset(block, (int)slot, size);
        expected = expected - sizes[slot] + size;
        blocks[slot] = block;
        sizes[slot] = size;
        assert_int_equal(memory.used, expected);
    }
    for (size_t i = 0; i < SLOTS; i++)
        if (sizes[i] > 0)
            (void)pg_lua_memory_resize(&memory, blocks[i], sizes[i], 0);
    assert_int_equal(memory.used, 0);
    pg_lua_memory_release(&memory);
}

static void test_growth_beyond_the_limit_is_refused_and_remembered(void **state)
{
    (void)state;
    pg_lua_memory memory;
    pg_lua_memory_init(&memory);
    memory.limit = 1000;
    void *a = pg_lua_memory_resize(&memory, NULL, 5 /* a type tag */, 600);
    assert_non_null(a);
    assert_null(pg_lua_memory_resize(&memory, NULL, 0, 500));
    assert_true(memory.limit_was_hit);
    assert_int_equal(memory.used, 600);
    assert_null(pg_lua_memory_resize(&memory, a, 600, 0));
    assert_int_equal(memory.used, 0);
    pg_lua_memory_release(&memory);
}

static void test_shrinking_never_fails_and_ignores_the_limit(void **state)
{
    (void)state;
    pg_lua_memory memory;
    pg_lua_memory_init(&memory);
    char *a = pg_lua_memory_resize(&memory, NULL, 0, 5000);
    assert_non_null(a);
    memory.limit = 10;
    a = pg_lua_memory_resize(&memory, a, 5000, 100);
    assert_non_null(a);
    assert_int_equal(memory.used, 100);
    (void)pg_lua_memory_resize(&memory, a, 100, 0);
    pg_lua_memory_release(&memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_random_sequence_keeps_contents_and_accounts),
        cmocka_unit_test(test_growth_beyond_the_limit_is_refused_and_remembered),
        cmocka_unit_test(test_shrinking_never_fails_and_ignores_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
