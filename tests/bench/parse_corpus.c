/// Reading and parsing the files of a workspace, on one thread and on two, beside cmark alone on
/// the same texts in memory, with the allocator that the parser gives to cmark. Prints name, files
/// and microseconds a file, tab-separated; a ratio row has the ratio in place of microseconds.
/// usage: parse_corpus ROOT
#include "arena.h"
#include "lua_host.h"

#include "promptgen/clock.h"
#include "promptgen/fs.h"

#include <cmark.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>

enum { MAX_FILES = 20000, ROUNDS = 7 };

typedef struct corpus {
    size_t count, bytes, root_len;
    pg_str paths[MAX_FILES];
    pg_buf texts[MAX_FILES];
} corpus;

static corpus files;

static void need(bool ok)
{
    if (!ok)
        abort();
}

static int add_file(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)at;
    size_t len = strlen(path);
    if (type == FTW_F && len > 3 && strcmp(path + len - 3, ".md") == 0 && files.count < MAX_FILES)
        files.paths[files.count++] = pg_str_from(strdup(path + files.root_len + 1));
    return 0;
}

static double since(int64_t start)
{
    return (double)(pg_now_ns(NULL) - start) / 1e3 / (double)files.count;
}

/// cmark_parse_document is these three calls with the default allocator.
static double time_cmark(void)
{
    static cmark_mem memory = {pg_arena_calloc, pg_arena_realloc, pg_arena_release};
    int64_t start = pg_now_ns(NULL);
    for (size_t i = 0; i < files.count; i++) {
        pg_arena arena;
        pg_arena_init(&arena, NULL, 8 * files.texts[i].len + 4096, (size_t)256 << 20);
        pg_arena_enter(&arena);
        need(setjmp(arena.escape) == 0);
        cmark_parser *parser = cmark_parser_new_with_mem(CMARK_OPT_DEFAULT, &memory);
        cmark_parser_feed(parser, files.texts[i].ptr, files.texts[i].len);
        need(cmark_parser_finish(parser) != NULL);
        pg_arena_enter(NULL);
        pg_arena_free(&arena);
    }
    return since(start);
}

/// A function of the number of threads that parses all files as `plans` does.
static const char script[] =
    "local dir, paths = ... "
    "local root = assert(require('promptgen.fs').root(dir)) "
    "local pool = require 'promptgen.pool' "
    "return function(threads) "
    "  local results = assert(pool.parse(root, paths, { threads = threads })) "
    "  assert(results[1].record) "
    "end";

static void load_parser(lua_State *L, const char *root)
{
    need(luaL_loadbuffer(L, script, sizeof script - 1, "=parse_corpus") == LUA_OK);
    lua_pushstring(L, root);
    lua_createtable(L, (int)files.count, 0);
    for (size_t i = 0; i < files.count; i++) {
        lua_pushlstring(L, files.paths[i].ptr, files.paths[i].len);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    if (lua_pcall(L, 2, 1, 0) != LUA_OK) {
        fprintf(stderr, "%s\n", lua_tostring(L, -1));
        exit(1);
    }
}

static double time_parser(lua_State *L, int threads)
{
    int64_t start = pg_now_ns(NULL);
    lua_pushvalue(L, -1);
    lua_pushinteger(L, threads);
    need(lua_pcall(L, 1, 0, 0) == LUA_OK);
    double us = since(start);
    (void)lua_gc(L, LUA_GCCOLLECT);
    return us;
}

static void keep_best(double *best, double value)
{
    if (*best == 0 || value < *best)
        *best = value;
}

static void read_texts(const pg_root *root)
{
    for (size_t i = 0; i < files.count; i++) {
        pg_signature signature;
        pg_buf_init(&files.texts[i], NULL);
        need(pg_root_read(root, files.paths[i], 0, &files.texts[i], &signature, NULL) == PG_OK);
        files.bytes += files.texts[i].len;
    }
}

int main(int argc, char **argv)
{
    pg_root *root = NULL;
    pg_host host = {.argc = argc, .argv = argv, .worker_fd = -1};
    lua_State *L = argc == 2 ? pg_host_new_state(&host) : NULL;
    need(L != NULL && pg_root_open(pg_str_from(argv[1]), NULL, &root, NULL) == PG_OK);
    pg_str path = pg_root_path(root);
    files.root_len = path.len;
    need(nftw(path.ptr, add_file, 16, FTW_PHYS) == 0 && files.count > 0);
    read_texts(root);
    load_parser(L, path.ptr);
    double cmark = 0, one = 0, two = 0;
    for (int round = 0; round < ROUNDS; round++) {
        keep_best(&cmark, time_cmark());
        keep_best(&one, time_parser(L, 1));
        keep_best(&two, time_parser(L, 2));
    }
    printf("parse.bytes_of_all\t%zu\t%zu\n", files.count, files.bytes);
    printf("parse.cmark_alone\t%zu\t%.1f\n", files.count, cmark);
    printf("parse.read_and_parse_1_thread\t%zu\t%.1f\n", files.count, one);
    printf("parse.read_and_parse_2_threads\t%zu\t%.1f\n", files.count, two);
    printf("parse.1_thread / parse.cmark_alone\tratio\t%.2f\n", one / cmark);
    printf("parse.2_threads / parse.cmark_alone\tratio\t%.2f\n", two / cmark);
    pg_root_close(root);
    return 0;
}
