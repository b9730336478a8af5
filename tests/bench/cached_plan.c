/// A plan that is cached, as a workflow asks for it, beside one stat of its path: the file is
/// compared with its signature each time. Prints name, operations and nanoseconds an operation,
/// tab-separated, and the ratio.
/// usage: cached_plan ROOT PLAN     ROOT absolute, PLAN relative to it
#include "lua_host.h"

#include "promptgen/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <lauxlib.h>

enum { OPS = 20000, ROUNDS = 9 };

static const char script[] =
    "local root, plan = ... "
    "local workspace = assert(require('promptgen.workspace').open { root = root }) "
    "assert(workspace:document(plan)) "
    "return function(n) for _ = 1, n do workspace:document(plan) end end";

static double per_op(int64_t start)
{
    return (double)(pg_now_ns(NULL) - start) / OPS;
}

static double time_stat(const char *path)
{
    struct stat st;
    int64_t start = pg_now_ns(NULL);
    for (int i = 0; i < OPS; i++)
        if (stat(path, &st) != 0)
            abort();
    return per_op(start);
}

static double time_plan(lua_State *L)
{
    int64_t start = pg_now_ns(NULL);
    lua_pushvalue(L, -1);
    lua_pushinteger(L, OPS);
    if (lua_pcall(L, 1, 0, 0) != LUA_OK)
        abort();
    return per_op(start);
}

int main(int argc, char **argv)
{
    char path[4096];
    pg_host host = {.argc = argc, .argv = argv, .worker_fd = -1};
    lua_State *L = argc == 3 ? pg_host_new_state(&host) : NULL;
    if (L == NULL)
        return 2;
    (void)snprintf(path, sizeof path, "%s/%s", argv[1], argv[2]);
    lua_pushstring(L, argv[1]);
    lua_pushstring(L, argv[2]);
    if (luaL_loadbuffer(L, script, sizeof script - 1, "=cached_plan") != LUA_OK)
        return 1;
    lua_insert(L, -3);
    if (lua_pcall(L, 2, 1, 0) != LUA_OK) {
        fprintf(stderr, "%s\n", lua_tostring(L, -1));
        return 1;
    }
    double best_stat = 0, best_plan = 0;
    for (int round = 0; round < ROUNDS; round++) {
        double one = time_stat(path);
        double other = time_plan(L);
        best_stat = round == 0 || one < best_stat ? one : best_stat;
        best_plan = round == 0 || other < best_plan ? other : best_plan;
    }
    printf("plan.stat\t%d\t%.0f\nplan.cached_from_lua\t%d\t%.0f\n", OPS, best_stat, OPS, best_plan);
    printf("plan.cached_from_lua / plan.stat\tratio\t%.2f\n", best_plan / best_stat);
    return 0;
}
