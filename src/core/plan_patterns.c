/// The patterns that tell what the words of a plan mean. See plan.h.
#include "promptgen/plan.h"

#include "plan_internal.h"

#define WORD_NAME(symbol, name, comment) name,

const char *pg_pattern_text(unsigned name)
{
    static const char *const names[] = {PG_PATTERN_LIST(WORD_NAME)};
    return name < PG_PATTERN_COUNT ? names[name] : "unknown";
}

const char *pg_label_text(unsigned meaning)
{
    static const char *const names[] = {"other", PG_LABEL_LIST(WORD_NAME)};
    return meaning < PG_LABEL_COUNT ? names[meaning] : "unknown";
}

const char *pg_heading_text(unsigned meaning)
{
    static const char *const names[] = {"other", PG_HEADING_LIST(WORD_NAME)};
    return meaning < PG_HEADING_COUNT ? names[meaning] : "unknown";
}

static const pg_pattern *find(const pg_pattern *list, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (pg_str_equal(list[i].name, pg_str_from(name)))
            return &list[i];
    return NULL;
}

/// Compiles one pattern; the message of a failure names it.
static pg_status compile(const pg_pattern *pattern, unsigned flags, const pg_alloc *alloc,
                         pg_regex **out, pg_error *err)
{
    pg_error cause = {0};
    pg_status status = pg_regex_new(pattern->pattern, flags, alloc, out, &cause);
    if (status != PG_OK) {
        pg_error_set(err, status, "pattern '%.*s': %s", (int)pattern->name.len, pattern->name.ptr,
                     cause.message);
        pg_error_at(err, 0, 0, cause.offset);
    }
    return status;
}

static pg_status compile_all(const pg_plan_words *words, pg_patterns *patterns, pg_error *err)
{
    unsigned flags = words->jit ? 0 : PG_REGEX_NO_JIT;
    for (unsigned i = 0; i < PG_PATTERN_COUNT; i++) {
        const char *name = pg_pattern_text(i);
        const pg_pattern *pattern = find(words->patterns, words->pattern_count, name);
        if (pattern == NULL)
            return pg_error_set(err, PG_INVALID, "there is no pattern '%s'", name);
        pg_status status = compile(pattern, flags, patterns->alloc, &patterns->regex[i], err);
        if (status != PG_OK)
            return status;
    }
    pg_status status =
        pg_phrases_new(words->labels, words->label_count, patterns->alloc, &patterns->labels, err);
    if (status == PG_OK)
        status = pg_phrases_new(words->headings, words->heading_count, patterns->alloc,
                                &patterns->headings, err);
    if (status == PG_OK && words->keyword_count > 0)
        status = pg_phrases_new(words->keywords, words->keyword_count, patterns->alloc,
                                &patterns->keywords, err);
    return status;
}

pg_status pg_patterns_new(const pg_plan_words *words, const pg_alloc *alloc, pg_patterns **out,
                          pg_error *err)
{
    *out = NULL;
    pg_patterns *patterns = pg_calloc(alloc, 1, sizeof *patterns);
    if (patterns == NULL)
        return pg_error_set(err, PG_NOMEM, "no memory for patterns");
    patterns->alloc = alloc;
    pg_status status = compile_all(words, patterns, err);
    if (status != PG_OK) {
        pg_patterns_free(patterns);
        return status;
    }
    *out = patterns;
    return PG_OK;
}

void pg_patterns_free(pg_patterns *patterns)
{
    if (patterns == NULL)
        return;
    for (unsigned i = 0; i < PG_PATTERN_COUNT; i++)
        pg_regex_free(patterns->regex[i]);
    pg_phrases_free(patterns->labels);
    pg_phrases_free(patterns->headings);
    pg_phrases_free(patterns->keywords);
    pg_free(patterns->alloc, patterns, sizeof *patterns);
}
