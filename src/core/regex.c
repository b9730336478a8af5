/// Patterns, matches and iteration over PCRE2. See regex.h. The only file that includes pcre2.h.
#include "promptgen/regex.h"

#include <stdatomic.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum {
    MATCH_LIMIT = 1000000,
    DEPTH_LIMIT = 250000, ///< beyond what the heap limit admits; a bound, not the one that bites
    HEAP_LIMIT_KIB = 20 * 1024,
    NEST_LIMIT = 100,
    BLOCK_HEADER = 16, ///< keeps the alignment of malloc
};

struct pg_regex {
    const pg_alloc *alloc;
    atomic_size_t holders;
    pcre2_general_context *general;
    pcre2_match_context *limits;
    pcre2_code *code;
    uint32_t group_count;
    uint32_t name_count;
    uint32_t name_size; ///< bytes of one row of `names`
    PCRE2_SPTR names;   ///< rows: group (2 bytes, big endian), name, NUL; inside `code`
};

struct pg_match {
    const pg_alloc *alloc;
    pcre2_match_data *data;
};

/// pg_free needs the size of a block, which PCRE2 does not remember: it stands before the block.
static void *allocate(size_t size, void *alloc)
{
    if (size > SIZE_MAX - BLOCK_HEADER)
        return NULL;
    size_t total = size + BLOCK_HEADER;
    char *block = pg_malloc(alloc, total);
    if (block == NULL)
        return NULL;
    memcpy(block, &total, sizeof total);
    return block + BLOCK_HEADER;
}

static void release(void *ptr, void *alloc)
{
    if (ptr == NULL)
        return;
    char *block = (char *)ptr - BLOCK_HEADER;
    size_t total;
    memcpy(&total, block, sizeof total);
    pg_free(alloc, block, total);
}

static pg_status out_of_memory(pg_error *err)
{
    return pg_error_set(err, PG_NOMEM, "out of memory");
}

/// PCRE2 wants a pointer even for no bytes.
static PCRE2_SPTR pointer_of(pg_str s)
{
    return (PCRE2_SPTR)(s.ptr != NULL ? s.ptr : "");
}

static uint32_t compile_options(unsigned flags)
{
    static const struct {
        unsigned flag;
        uint32_t option;
    } rows[] = {
        {PG_REGEX_CASELESS, PCRE2_CASELESS}, {PG_REGEX_MULTILINE, PCRE2_MULTILINE},
        {PG_REGEX_DOTALL, PCRE2_DOTALL},     {PG_REGEX_EXTENDED, PCRE2_EXTENDED},
        {PG_REGEX_ANCHORED, PCRE2_ANCHORED}, {PG_REGEX_UNICODE, PCRE2_UCP},
    };
    uint32_t options = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if ((flags & rows[i].flag) != 0)
            options |= rows[i].option;
    return options;
}

static pg_status compile(pg_regex *re, pg_str pattern, unsigned flags, pg_error *err)
{
    pcre2_compile_context *context = pcre2_compile_context_create(re->general);
    if (context == NULL)
        return out_of_memory(err);
    (void)pcre2_set_max_pattern_length(context, PG_REGEX_MAX_PATTERN);
    (void)pcre2_set_parens_nest_limit(context, NEST_LIMIT);
    (void)pcre2_set_newline(context, PCRE2_NEWLINE_LF);
    int code = 0;
    PCRE2_SIZE offset = 0;
    re->code = pcre2_compile(pointer_of(pattern), pattern.len, compile_options(flags), &code,
                             &offset, context);
    pcre2_compile_context_free(context);
    if (re->code != NULL)
        return PG_OK;
    if (code == PCRE2_ERROR_HEAP_FAILED)
        return out_of_memory(err);
    PCRE2_UCHAR text[PG_ERROR_MESSAGE_MAX] = "";
    (void)pcre2_get_error_message(code, text, sizeof text);
    pg_status status = pg_error_set(err, PG_REGEX_SYNTAX, "%s", (const char *)text);
    pg_error_at(err, 0, 0, offset);
    return status;
}

static pg_status set_limits(pg_regex *re, pg_error *err)
{
    re->limits = pcre2_match_context_create(re->general);
    if (re->limits == NULL)
        return out_of_memory(err);
    (void)pcre2_set_match_limit(re->limits, MATCH_LIMIT);
    (void)pcre2_set_depth_limit(re->limits, DEPTH_LIMIT);
    (void)pcre2_set_heap_limit(re->limits, HEAP_LIMIT_KIB);
    return PG_OK;
}

pg_status pg_regex_new(pg_str pattern, unsigned flags, const pg_alloc *alloc, pg_regex **out,
                       pg_error *err)
{
    pg_regex *re = pg_calloc(alloc, 1, sizeof *re);
    if (re == NULL)
        return out_of_memory(err);
    re->alloc = alloc;
    atomic_init(&re->holders, 1);
    // The cast drops const only to pass through a void pointer; nothing writes through it.
    re->general = pcre2_general_context_create(allocate, release, (void *)(uintptr_t)alloc);
    pg_status status = re->general != NULL ? set_limits(re, err) : out_of_memory(err);
    if (status == PG_OK)
        status = compile(re, pattern, flags, err);
    if (status != PG_OK) {
        pg_regex_free(re);
        return status;
    }
    // Where machine code cannot be made (no executable memory), the interpreter gives the answers.
    if ((flags & PG_REGEX_NO_JIT) == 0)
        (void)pcre2_jit_compile(re->code, PCRE2_JIT_COMPLETE);
    (void)pcre2_pattern_info(re->code, PCRE2_INFO_CAPTURECOUNT, &re->group_count);
    (void)pcre2_pattern_info(re->code, PCRE2_INFO_NAMECOUNT, &re->name_count);
    (void)pcre2_pattern_info(re->code, PCRE2_INFO_NAMEENTRYSIZE, &re->name_size);
    (void)pcre2_pattern_info(re->code, PCRE2_INFO_NAMETABLE, &re->names);
    *out = re;
    return PG_OK;
}

pg_regex *pg_regex_retain(pg_regex *re)
{
    (void)atomic_fetch_add_explicit(&re->holders, 1, memory_order_relaxed);
    return re;
}

void pg_regex_free(pg_regex *re)
{
    // What other holders did with the pattern comes before the last one frees it.
    if (re == NULL || atomic_fetch_sub_explicit(&re->holders, 1, memory_order_acq_rel) > 1)
        return;
    pcre2_code_free(re->code);
    pcre2_match_context_free(re->limits);
    pcre2_general_context_free(re->general);
    pg_free(re->alloc, re, sizeof *re);
}

size_t pg_regex_group_count(const pg_regex *re)
{
    return re->group_count;
}

bool pg_regex_has_jit(const pg_regex *re)
{
    size_t size = 0;
    return pcre2_pattern_info(re->code, PCRE2_INFO_JITSIZE, &size) == 0 && size > 0;
}

size_t pg_regex_name_count(const pg_regex *re)
{
    return re->name_count;
}

pg_regex_name pg_regex_name_at(const pg_regex *re, size_t index)
{
    PCRE2_SPTR row = re->names + index * re->name_size;
    return (pg_regex_name){
        .name = pg_str_from((const char *)row + 2),
        .group = (size_t)row[0] << 8 | row[1],
    };
}

size_t pg_regex_group(const pg_regex *re, pg_str name)
{
    for (size_t i = 0; i < re->name_count; i++) {
        pg_regex_name row = pg_regex_name_at(re, i);
        if (pg_str_equal(row.name, name))
            return row.group;
    }
    return 0;
}

pg_status pg_match_new(const pg_regex *re, pg_match **out, pg_error *err)
{
    pg_match *match = pg_malloc(re->alloc, sizeof *match);
    if (match == NULL)
        return out_of_memory(err);
    match->alloc = re->alloc;
    match->data = pcre2_match_data_create_from_pattern(re->code, re->general);
    if (match->data == NULL) {
        pg_free(re->alloc, match, sizeof *match);
        return out_of_memory(err);
    }
    *out = match;
    return PG_OK;
}

void pg_match_free(pg_match *match)
{
    if (match == NULL)
        return;
    pcre2_match_data_free(match->data);
    pg_free(match->alloc, match, sizeof *match);
}

pg_span pg_match_group(const pg_match *match, size_t group)
{
    const PCRE2_SIZE *offsets = pcre2_get_ovector_pointer(match->data);
    if (group >= pcre2_get_ovector_count(match->data) || offsets[2 * group] == PCRE2_UNSET)
        return (pg_span){0};
    return (pg_span){.start = offsets[2 * group], .end = offsets[2 * group + 1], .set = true};
}

/// Every negative result of pcre2_match but "no match" is a failure of its own kind.
static pg_status match_failure(const pg_match *match, int result, pg_error *err)
{
    if (result <= PCRE2_ERROR_UTF8_ERR1 && result >= PCRE2_ERROR_UTF8_ERR21) {
        size_t offset = pcre2_get_startchar(match->data);
        pg_status status =
            pg_error_set(err, PG_BAD_INPUT, "the text is not valid UTF-8 at byte %zu", offset);
        pg_error_at(err, 0, 0, offset);
        return status;
    }
    switch (result) {
    case PCRE2_ERROR_BADUTFOFFSET:
        return pg_error_set(err, PG_BAD_INPUT, "the search would begin inside a character");
    case PCRE2_ERROR_MATCHLIMIT:
        return pg_error_set(err, PG_LIMIT, "the pattern needs more than %d steps", MATCH_LIMIT);
    case PCRE2_ERROR_DEPTHLIMIT:
    case PCRE2_ERROR_HEAPLIMIT:
        return pg_error_set(err, PG_LIMIT, "the pattern needs more than %d KiB of memory",
                            HEAP_LIMIT_KIB);
    case PCRE2_ERROR_RECURSELOOP:
        return pg_error_set(err, PG_LIMIT, "the pattern recurses without end");
    case PCRE2_ERROR_NOMEMORY:
        return out_of_memory(err);
    default:
        return pg_error_set(err, PG_INTERNAL, "the regex engine failed with code %d", result);
    }
}

/// `options` are PCRE2's for one match. The machine code has a small stack of its own; what
/// overflows it is interpreted, so that both ways give the same answer.
static pg_status run(const pg_regex *re, pg_str subject, size_t start, uint32_t options,
                     pg_match *match, bool *found, pg_error *err)
{
    int result = pcre2_match(re->code, pointer_of(subject), subject.len, start, options,
                             match->data, re->limits);
    if (result == PCRE2_ERROR_JIT_STACKLIMIT)
        result = pcre2_match(re->code, pointer_of(subject), subject.len, start,
                             options | PCRE2_NO_JIT, match->data, re->limits);
    *found = result >= 0;
    return result >= 0 || result == PCRE2_ERROR_NOMATCH ? PG_OK : match_failure(match, result, err);
}

pg_status pg_regex_match(const pg_regex *re, pg_str subject, size_t start, pg_match *match,
                         bool *found, pg_error *err)
{
    *found = false;
    if (start > subject.len)
        return pg_error_set(err, PG_INVALID, "the search would begin beyond the end of the text");
    return run(re, subject, start, 0, match, found, err);
}

void pg_regex_iter_init(pg_regex_iter *it, const pg_regex *re, pg_str subject, size_t start,
                        pg_match *match)
{
    *it = (pg_regex_iter){.re = re, .subject = subject, .match = match, .next = start};
}

/// Offset of the character after the one at `at`, in valid UTF-8.
static size_t next_character(pg_str s, size_t at)
{
    at++;
    while (at < s.len && ((unsigned char)s.ptr[at] & 0xC0) == 0x80)
        at++;
    return at;
}

/// A match that is not empty at the very place where the last one was; else moves on by a
/// character.
static pg_status retry_after_empty(pg_regex_iter *it, bool *found, pg_error *err)
{
    it->after_empty = false;
    uint32_t options = PCRE2_NO_UTF_CHECK | PCRE2_NOTEMPTY_ATSTART | PCRE2_ANCHORED;
    pg_status status = run(it->re, it->subject, it->next, options, it->match, found, err);
    if (status != PG_OK || *found)
        return status;
    if (it->next == it->subject.len)
        it->done = true;
    else
        it->next = next_character(it->subject, it->next);
    return PG_OK;
}

pg_status pg_regex_next(pg_regex_iter *it, bool *found, pg_error *err)
{
    *found = false;
    if (it->done)
        return PG_OK;
    pg_status status = PG_OK;
    if (it->after_empty)
        status = retry_after_empty(it, found, err);
    if (status == PG_OK && !*found && !it->done) {
        if (it->checked)
            status = run(it->re, it->subject, it->next, PCRE2_NO_UTF_CHECK, it->match, found, err);
        else
            status = pg_regex_match(it->re, it->subject, it->next, it->match, found, err);
    }
    it->done = !*found;
    if (!*found)
        return status;
    // The check covered the subject from `next` to its end, which is all that is searched again.
    it->checked = true;
    pg_span whole = pg_match_group(it->match, 0);
    it->after_empty = whole.start == whole.end;
    it->next = whole.end;
    return PG_OK;
}
