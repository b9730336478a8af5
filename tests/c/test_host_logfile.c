/// Tests of the log file as Lua sees it: appending, what is refused, timestamps.
#include "support.h"

#include "lua_host.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/// Runs a chunk with `file` as its argument; it returns true or raises.
static void run(const char *chunk, const char *path)
{
    pg_host host = {.worker_fd = -1};
    lua_State *L = pg_host_new_state(&host);
    assert_non_null(L);
    lua_pushcfunction(L, luaopen_promptgen_logfile);
    lua_call(L, 0, 1);
    lua_setglobal(L, "logfile");
    assert_int_equal(luaL_loadstring(L, chunk), LUA_OK);
    lua_pushstring(L, path);
    if (lua_pcall(L, 1, 0, 0) != LUA_OK)
        fail_msg("%s", lua_tostring(L, -1));
    lua_close(L);
    pg_lua_memory_release(&host.memory);
}

static void test_lines_are_appended(void **state)
{
    (void)state;
    char dir[64];
    char path[96];
    (void)snprintf(path, sizeof path, "%s/log", test_temp_dir(dir, sizeof dir));
    test_write_file(path, "old\n", 4);
    run("local path = ... local a = assert(logfile.open(path)) local b = "
        "assert(logfile.open(path)) "
        "assert(a:write 'one\\n') assert(b:write 'two\\n') assert(a:write 'three\\0\\n') a:close() "
        "a:close()",
        path);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    char bytes[64] = {0};
    size_t n = fread(bytes, 1, sizeof bytes, f);
    (void)fclose(f);
    assert_int_equal(n, 19);
    assert_memory_equal(bytes, "old\none\ntwo\nthree\0\n", 19);
    test_remove_tree(dir);
}

static void test_what_is_no_file_is_refused(void **state)
{
    (void)state;
    char dir[64];
    char path[96];
    (void)snprintf(path, sizeof path, "%s/fifo", test_temp_dir(dir, sizeof dir));
    assert_int_equal(mkfifo(path, 0600), 0);
    run("local f, err = logfile.open(...) assert(f == nil and err.code == 'not_regular', err)",
        path);
    run("local f, err = logfile.open(...) assert(f == nil and err.code == 'io' and err.path == "
        "...)",
        dir);
    test_remove_tree(dir);
}

static void test_a_failed_write_is_reported(void **state)
{
    (void)state;
    run("local f = assert(logfile.open(...)) local ok, err = f:write 'x' assert(not ok and "
        "err.code == 'io') f:close() "
        "assert(not pcall(f.write, f, 'x'))",
        "/dev/full");
}

static void test_timestamps_follow_the_calendar(void **state)
{
    (void)state;
    run("local function is(seconds, text) assert(logfile.timestamp(seconds) == text, "
        "logfile.timestamp(seconds)) end "
        "is(0, '1970-01-01T00:00:00.000Z') is(951782400, '2000-02-29T00:00:00.000Z') "
        "is(951868799.5, '2000-02-29T23:59:59.500Z') is(1709164800, '2024-02-29T00:00:00.000Z') "
        "is(1735689599, '2024-12-31T23:59:59.000Z') is(4107542400, '2100-03-01T00:00:00.000Z') "
        "is(-1, '1969-12-31T23:59:59.000Z') is(-86400.5, '1969-12-30T23:59:59.500Z') "
        "assert(#logfile.timestamp() == 24)",
        NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_are_appended),
        cmocka_unit_test(test_what_is_no_file_is_refused),
        cmocka_unit_test(test_a_failed_write_is_reported),
        cmocka_unit_test(test_timestamps_follow_the_calendar),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
