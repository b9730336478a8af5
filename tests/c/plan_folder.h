/// A folder of small plans and the patterns to parse them, for tests of parsing many files. Define
/// FILES, their number, before the inclusion.
#ifndef PROMPTGEN_TEST_PLAN_FOLDER_H
#define PROMPTGEN_TEST_PLAN_FOLDER_H

#include "support.h"

#include "promptgen/fs.h"

#include "plan_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct fixture {
    char dir[64];
    test_words *words;
    pg_patterns *patterns;
    pg_root *root;
    char names[FILES][32];
    pg_str paths[FILES];
} fixture;

static fixture f;

static int set_up(void **state)
{
    (void)state;
    memset(&f, 0, sizeof f);
    f.words = test_words_stock();
    if (pg_patterns_new(&f.words->words, NULL, &f.patterns, NULL) != PG_OK)
        return -1;
    (void)test_temp_dir(f.dir, sizeof f.dir);
    assert_int_equal(pg_root_open(pg_str_from(f.dir), NULL, &f.root, NULL), PG_OK);
    for (int i = 0; i < FILES; i++) {
        (void)snprintf(f.names[i], sizeof f.names[i], "PLAN_%d.md", i);
        f.paths[i] = pg_str_from(f.names[i]);
        char path[128], text[512];
        (void)snprintf(path, sizeof path, "%s/%s", f.dir, f.names[i]);
        int n = snprintf(text, sizeof text,
                         "# PLAN: Number %d\n**Status**: Active\n\n## Achievements\n\n"
                         "**Achievement 1.%d**: The only one\n\n- Effort: %dh\n",
                         i, i, i);
        test_write_file(path, text, (size_t)n);
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    pg_root_close(f.root);
    pg_patterns_free(f.patterns);
    free(f.words);
    test_remove_tree(f.dir);
    return 0;
}

#endif
