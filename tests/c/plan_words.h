/// The stock words of plans for C programs that test the parser: they are data of Lua modules, so
/// tests read the copy in tests/fixtures/plan_words.tsv (a spec keeps it up to date).
#ifndef PROMPTGEN_TEST_PLAN_WORDS_H
#define PROMPTGEN_TEST_PLAN_WORDS_H

#include "promptgen/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEST_WORDS_MAX = 512, TEST_WORD_BYTES = 64 << 10 };

typedef struct test_words {
    char bytes[TEST_WORD_BYTES];
    pg_pattern patterns[TEST_WORDS_MAX];
    pg_phrase labels[TEST_WORDS_MAX];
    pg_phrase headings[TEST_WORDS_MAX];
    pg_plan_words words; ///< views on the arrays above
} test_words;

static inline unsigned test_meaning(const char *(*name_of)(unsigned), unsigned count, pg_str name)
{
    for (unsigned i = 1; i < count; i++)
        if (pg_str_equal(pg_str_from(name_of(i)), name))
            return i;
    return 0;
}

static inline void test_words_add(test_words *w, pg_str kind, pg_str name, pg_str text)
{
    if (pg_str_equal(kind, PG_STR("pattern")))
        w->patterns[w->words.pattern_count++] = (pg_pattern){name, text};
    else if (pg_str_equal(kind, PG_STR("labels")))
        w->labels[w->words.label_count++] =
            (pg_phrase){text, test_meaning(pg_label_text, PG_LABEL_COUNT, name)};
    else
        w->headings[w->words.heading_count++] =
            (pg_phrase){text, test_meaning(pg_heading_text, PG_HEADING_COUNT, name)};
}

/// Reads the words from `path`; aborts when that is impossible. Free the result with free().
static inline test_words *test_words_load(const char *path)
{
    FILE *f = fopen(path, "rb");
    test_words *w = calloc(1, sizeof *w);
    if (f == NULL || w == NULL) {
        fprintf(stderr, "cannot read %s\n", path);
        abort();
    }
    size_t len = fread(w->bytes, 1, sizeof w->bytes, f);
    (void)fclose(f);
    w->words.patterns = w->patterns;
    w->words.labels = w->labels;
    w->words.headings = w->headings;
    pg_str rest = {w->bytes, len};
    while (rest.len > 0) {
        pg_str line = pg_str_slice(rest, 0, pg_str_find(rest, PG_STR("\n"), 0));
        size_t first = pg_str_find(line, PG_STR("\t"), 0);
        size_t second = pg_str_find(line, PG_STR("\t"), first + 1);
        test_words_add(w, pg_str_slice(line, 0, first), pg_str_slice(line, first + 1, second),
                       pg_str_slice(line, second + 1, line.len));
        rest = pg_str_slice(rest, line.len + 1, rest.len);
    }
    return w;
}

/// The stock words of the source tree.
static inline test_words *test_words_stock(void)
{
    const char *source = getenv("PROMPTGEN_SOURCE_DIR");
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/tests/fixtures/plan_words.tsv",
                   source != NULL ? source : ".");
    return test_words_load(path);
}

#endif
