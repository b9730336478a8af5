/// Which achievements a plan's own text marks as done.
///
/// Three places count: a mark on the title, the handoff section, and a section of completed work.
/// A line there claims an achievement when it begins with a mark of completion and its name, or
/// with its name and a status that says complete; or it claims a whole priority. A line that marks
/// an achievement as pending takes the claim back, and so does being named as the next one.
#include "facets_internal.h"

#include <string.h>

enum { CLAIMED = 1, PENDING = 2 };

static const char *const PRIORITY[] = {"priority", "priorities", NULL};
static const char *const STATUS[] = {"status", NULL};
static const char *const DONE[] = {"complete", "completed", "done", NULL};
static const char *const WAITING[] = {"pending",  "partial",   "partially", "mostly", "deferred",
                                      "remains",  "remaining", "started",   "next",   "todo",
                                      "progress", "not",       "blocked",   NULL};

static bool begins_with(pg_str s, const char *bytes)
{
    return pg_str_starts_with(s, pg_str_from(bytes));
}

/// 1 for a mark of completion (U+2705, U+2611, U+2714), -1 for one of waiting, 0 for neither; looks
/// at the symbols and emphasis in front of the text.
static int mark_of(pg_str text)
{
    static const char *const done[] = {"\xE2\x9C\x85", "\xE2\x98\x91", "\xE2\x9C\x94"};
    static const char *const waiting[] = {"\xE2\x8F\xB3", "\xF0\x9F\x9A\xA7", "\xF0\x9F\x93\x8B",
                                          "\xF0\x9F\x94\x84", "\xF0\x9F\x94\x9C"};
    size_t head = (size_t)(pg__skip_marks(text).ptr - text.ptr);
    for (size_t at = 0; at < head; at++) {
        pg_str rest = pg_str_slice(text, at, text.len);
        for (size_t i = 0; i < sizeof(done) / sizeof(done[0]); i++)
            if (begins_with(rest, done[i]))
                return 1;
        for (size_t i = 0; i < sizeof(waiting) / sizeof(waiting[0]); i++)
            if (begins_with(rest, waiting[i]))
                return -1;
    }
    return 0;
}

static void claim(pg_facet_reader *reader, size_t index, uint32_t line, pg_str says)
{
    if ((reader->claimed[index] & CLAIMED) == 0) {
        reader->claimed[index] |= CLAIMED;
        reader->claim_lines[index] = (pg_facet_line){line, says};
    }
}

static void mark_number(pg_facet_reader *reader, pg_str number, bool done, uint32_t line,
                        pg_str says)
{
    const pg_facet_plan *plan = reader->plan;
    for (size_t i = 0; i < plan->achievement_count; i++) {
        if (!pg_str_equal(plan->achievements[i].number, number))
            continue;
        if (done)
            claim(reader, i, line, says);
        else
            reader->claimed[i] |= PENDING;
    }
}

/// True when what follows the number says complete: after a colon or dash, or at the end.
static bool rest_says_done(const pg_phrases *keywords, pg_str rest)
{
    if (pg__verdict(keywords, rest) == PG_VERDICT_COMPLETE)
        return true;
    size_t at = rest.len;
    while (at > 0 && rest.ptr[at - 1] != '-' && rest.ptr[at - 1] != '(')
        at--;
    return at > 0 && pg__verdict(keywords, pg_str_slice(rest, at, rest.len)) == PG_VERDICT_COMPLETE;
}

/// A line that begins with an achievement, or with "Next: Achievement ...".
static bool read_achievement(pg_facet_reader *reader, const pg_facet_context *context,
                             uint32_t line, pg_str text)
{
    static const char *const next[] = {"next", NULL};
    int mark = mark_of(text);
    if (context->boxed)
        mark = context->ticked ? 1 : -1;
    pg_words words = {pg__skip_marks(text)};
    pg_words after = words;
    if (pg__word_in(pg__word_next(&after), next)) {
        mark = -1;
        words = after;
    }
    if (!pg__take_keyword(reader->keywords, &words))
        return false;
    pg_str number = pg__word_next(&words);
    size_t length = pg__number_length(number);
    bool range = words.rest.len > 1 && words.rest.ptr[0] == '-' && words.rest.ptr[1] >= '0' &&
                 words.rest.ptr[1] <= '9';
    if (length == 0 || length != number.len || range)
        return true;
    bool waits = mark < 0 || pg__has_word(words.rest, WAITING);
    if (waits)
        mark_number(reader, number, false, line, text);
    else if (mark > 0 || rest_says_done(reader->keywords, words.rest))
        mark_number(reader, number, true, line, text);
    return true;
}

/// The priority number an achievement belongs to: that of its heading, else its own first parts.
static pg_str priority_of(const pg_facet_achievement *achievement)
{
    pg_words words = {achievement->priority};
    pg_str word = pg__word_next(&words);
    if (pg__word_in(word, PRIORITY)) {
        word = pg__word_next(&words);
        size_t length = pg__number_length(word);
        if (length > 0)
            return pg_str_slice(word, 0, length);
    }
    size_t at = achievement->number.len;
    while (at > 0 && achievement->number.ptr[at - 1] != '.')
        at--;
    return pg_str_slice(achievement->number, 0, at > 0 ? at - 1 : 0);
}

/// Value of a number of one part; -1 for others.
static long whole(pg_str number)
{
    long value = 0;
    if (number.len == 0 || number.len > 6)
        return -1;
    for (size_t i = 0; i < number.len; i++) {
        if (number.ptr[i] < '0' || number.ptr[i] > '9')
            return -1;
        value = value * 10 + (number.ptr[i] - '0');
    }
    return value;
}

enum { RANGES_MAX = 8 };

typedef struct priority_range {
    pg_str from, to; ///< `to` is empty for a single priority
} priority_range;

static bool in_ranges(pg_str priority, const priority_range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        long at = whole(priority);
        if (pg_str_equal(priority, ranges[i].from) ||
            (ranges[i].to.len > 0 && at >= 0 && at >= whole(ranges[i].from) &&
             at <= whole(ranges[i].to)))
            return true;
    }
    return false;
}

/// Reads "0-3 and 3.5" after the word Priority; leaves `*s` behind the last number.
static size_t read_ranges(pg_str *s, priority_range ranges[RANGES_MAX])
{
    static const char *const joint[] = {"and", "priority", "priorities", NULL};
    size_t count = 0;
    pg_words words = {*s};
    for (;;) {
        pg_words before = words;
        pg_str word = pg__word_next(&words);
        if (pg__word_in(word, joint))
            continue;
        size_t length = pg__number_length(word);
        if (length == 0 || length != word.len || count == RANGES_MAX) {
            *s = before.rest;
            return count;
        }
        size_t dash = words.rest.len > 0 && words.rest.ptr[0] == '-' ? 1 : 0;
        if (dash == 0 && begins_with(words.rest, "\xE2\x80\x93"))
            dash = 3;
        size_t to = pg__number_length(pg_str_slice(words.rest, dash, words.rest.len));
        ranges[count] = (priority_range){word, {0}};
        if (dash > 0 && to > 0) {
            ranges[count].to = pg_str_slice(words.rest, dash, dash + to);
            words.rest = pg_str_slice(words.rest, dash + to, words.rest.len);
        }
        count++;
        *s = words.rest;
    }
}

/// -1 when a fraction such as "2/3" or "2 of 3" is not whole, 1 when it is, 0 without one.
static int fraction(pg_str s)
{
    pg_str last = {0};
    pg_words words = {s};
    for (pg_str word = pg__word_next(&words); word.len > 0; word = pg__word_next(&words)) {
        const char *slash = memchr(word.ptr, '/', word.len);
        if (slash != NULL) {
            size_t at = (size_t)(slash - word.ptr);
            long a = whole(pg_str_slice(word, 0, at));
            long b = whole(pg_str_slice(word, at + 1, word.len));
            if (a >= 0 && b >= 0)
                return a >= b ? 1 : -1;
        }
        pg_words after = words;
        if (whole(last) >= 0 && pg_str_equal_nocase(word, PG_STR("of"))) {
            long b = whole(pg__word_next(&after));
            if (b >= 0)
                return whole(last) >= b ? 1 : -1;
        }
        last = word;
    }
    return 0;
}

/// Each mention of priorities claims them when the words up to the next mention say complete.
static void read_priorities(pg_facet_reader *reader, uint32_t line, pg_str text, bool marked)
{
    pg_words words = {text};
    for (pg_str word = pg__word_next(&words); word.len > 0; word = pg__word_next(&words)) {
        if (!pg__word_in(word, PRIORITY))
            continue;
        priority_range ranges[RANGES_MAX];
        size_t count = read_ranges(&words.rest, ranges);
        pg_str said = words.rest;
        size_t next = pg_str_find_nocase(said, PG_STR("priorit"), 0);
        said = pg_str_slice(said, 0, next);
        int parts = fraction(said);
        if (count == 0 || parts < 0 || pg__has_word(said, WAITING) ||
            !(marked || parts > 0 || pg__has_word(said, DONE)))
            continue;
        for (size_t i = 0; i < reader->plan->achievement_count; i++)
            if (in_ranges(priority_of(&reader->plan->achievements[i]), ranges, count))
                claim(reader, i, line, text);
    }
}

void pg__facet_claim_line(pg_facet_reader *reader, const pg_facet_context *context, uint32_t line,
                          pg_str text)
{
    const pg_facet_plan *plan = reader->plan;
    if (plan == NULL || plan->achievement_count == 0 || context->elsewhere || text.len == 0)
        return;
    bool handoff =
        plan->handoff_line != 0 && line >= plan->handoff_line && line <= plan->handoff_end;
    if ((!handoff && !context->done_list) || read_achievement(reader, context, line, text))
        return;
    pg_str head = pg__skip_marks(text);
    pg_words words = {head};
    pg_str first = pg__word_next(&words);
    if (pg__word_in(first, PRIORITY)) {
        int mark = context->boxed ? (context->ticked ? 1 : -1) : mark_of(text);
        if (mark >= 0)
            read_priorities(reader, line, text, mark > 0);
    } else if (context->depth == 0 && pg__word_in(first, STATUS)) {
        read_priorities(reader, line, text, false);
    }
}

bool pg__facet_claims_begin(pg_facet_reader *reader)
{
    size_t count = reader->plan != NULL ? reader->plan->achievement_count : 0;
    if (count == 0)
        return true;
    reader->claimed = pg_calloc(reader->alloc, count, sizeof(*reader->claimed));
    reader->claim_lines = pg_calloc(reader->alloc, count, sizeof(*reader->claim_lines));
    if (reader->claimed == NULL || reader->claim_lines == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        const pg_facet_achievement *achievement = &reader->plan->achievements[i];
        if (achievement->marked)
            claim(reader, i, achievement->line, achievement->title);
    }
    return true;
}

bool pg__facet_claims_end(pg_facet_reader *reader)
{
    size_t count = reader->plan != NULL ? reader->plan->achievement_count : 0;
    size_t claims = 0;
    for (size_t i = 0; i < count; i++) {
        if (pg_str_equal(reader->plan->achievements[i].number, reader->plan->handoff_next))
            reader->claimed[i] |= PENDING;
        if (reader->claimed[i] == CLAIMED)
            claims++;
    }
    if (claims == 0)
        return true;
    reader->out->claims = pg_calloc(reader->alloc, claims, sizeof(*reader->out->claims));
    if (reader->out->claims == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (reader->claimed[i] != CLAIMED)
            continue;
        reader->out->claims[reader->out->claim_count++] =
            (pg_facet_claim){reader->plan->achievements[i].number, reader->claim_lines[i].line,
                             reader->claim_lines[i].says};
    }
    return true;
}

void pg__facet_claims_free(pg_facet_reader *reader)
{
    size_t count = reader->plan != NULL ? reader->plan->achievement_count : 0;
    pg_free(reader->alloc, reader->claimed, count * sizeof(*reader->claimed));
    pg_free(reader->alloc, reader->claim_lines, count * sizeof(*reader->claim_lines));
}
