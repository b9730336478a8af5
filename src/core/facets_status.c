/// Complete or not: what status values say, and which of them are the document's own.
#include "facets_internal.h"

#include <string.h>

static const char *const DONE[] = {"complete",   "completed", "done", "success",
                                   "successful", "finished",  NULL};
static const char *const LEAD[] = {"fully",   "now",  "successfully", "100%", "100", "execution",
                                   "subplan", "task", "work",         "plan", NULL};
static const char *const ALL[] = {"all", NULL};
static const char *const AGAINST[] = {"blocked", "partial",    "partially", "pending",
                                      "except",  "incomplete", "failed",    NULL};
static const char *const READY[] = {"ready", NULL};
static const char *const FOR[] = {"for", "to", NULL};
/// What complete work may be ready for; anything else, such as execution, is work ahead.
static const char *const AFTER_WORK[] = {"review",    "approval",     "approved",   "archive",
                                         "archiving", "archival",     "merge",      "production",
                                         "use",       "practitioner", "deploy",     "deployment",
                                         "release",   "closure",      "completion", NULL};
static const char *const IN[] = {"in", NULL};
static const char *const PROGRESS[] = {"progress", NULL};
static const char *const CONDITION[] = {"when", "if", "once", "unless", "until", NULL};
static const char *const AHEAD[] = {
    "not",        "planning",  "planned", "executing",    "pending", "draft",  "design",
    "todo",       "waiting",   "blocked", "starting",     "started", "wip",    "ongoing",
    "active",     "paused",    "partial", "partially",    "mostly",  "nearly", "almost",
    "incomplete", "designing", "working", "implementing", NULL};

/// True when words after "complete" take it back.
static bool taken_back(pg_words words)
{
    bool first = true;
    for (pg_str word = pg__word_next(&words); word.len > 0; word = pg__word_next(&words)) {
        if (pg__word_in(word, AGAINST) || (first && pg__word_in(word, CONDITION)))
            return true;
        first = false;
        pg_words after = words;
        if (pg__word_in(word, IN) && pg__word_in(pg__word_next(&after), PROGRESS))
            return true;
        if (pg__word_in(word, READY) && !(pg__word_in(pg__word_next(&after), FOR) &&
                                          pg__word_in(pg__word_next(&after), AFTER_WORK)))
            return true;
    }
    return false;
}

static bool opens(pg_str word, pg_words after)
{
    if (pg__word_in(word, AHEAD))
        return true;
    if (pg__word_in(word, IN))
        return pg__word_in(pg__word_next(&after), PROGRESS);
    return pg__word_in(word, READY) && !(pg__word_in(pg__word_next(&after), FOR) &&
                                         pg__word_in(pg__word_next(&after), AFTER_WORK));
}

pg_verdict pg__verdict(const pg_phrases *keywords, pg_str value)
{
    pg_words words = {value}, at = words; // `at` begins with `word`
    pg_str word = pg__word_next(&words);
    int free_words = 0;    // after "all" a few words may name what is complete
    bool numbered = false; // after "achievement" its number may come
    while (!pg__word_in(word, DONE)) {
        if (opens(word, words))
            return PG_VERDICT_OPEN;
        bool number = numbered && word.len > 0 && pg__number_length(word) == word.len;
        numbered = pg__is_keyword(keywords, word, at, &words);
        if (pg__word_in(word, ALL))
            free_words = 4;
        else if (free_words > 0 && word.len > 0)
            free_words--;
        else if (!number && !numbered && !pg__word_in(word, LEAD))
            return PG_VERDICT_OTHER;
        at = words;
        word = pg__word_next(&words);
    }
    return taken_back(words) ? PG_VERDICT_OPEN : PG_VERDICT_COMPLETE;
}

pg_verdict pg_verdict_read(pg_str value)
{
    return pg__verdict(NULL, value);
}

static const char *const STATUS[] = {"status", NULL};
/// Parts of the work, and things that have a status of their own.
static const char *const PARTS[] = {
    "step",     "phase", "phases", "iteration", "deliverable", "deliverables",
    "test",     "tests", "parent", "previous",  "priority",    "design",
    "planning", "git",   "tool",   "build",     "pipeline",    NULL};

typedef enum label_kind { LABEL_OTHER, LABEL_STATUS, LABEL_ACHIEVEMENT } label_kind;

/// What a label is about: "Status", "Final Status", "Achievement 1.2", "Achievement 1.2 Status".
static label_kind read_label(const pg_facet_reader *reader, pg_str label)
{
    pg_str own_number = reader->own_number;
    pg_words words = {label};
    pg_str first = pg__word_next(&words);
    if (first.len == 0 || pg__has_word(label, PARTS))
        return LABEL_OTHER;
    pg_str last = first;
    for (pg_str word = first; word.len > 0; word = pg__word_next(&words))
        last = word;
    pg_str number = pg__achievement_number(reader->keywords, label);
    if (number.len > 0 && own_number.len > 0 && !pg_str_equal(number, own_number))
        return LABEL_OTHER;
    if (pg__word_in(last, STATUS))
        return LABEL_STATUS;
    words.rest = label;
    return number.len > 0 && pg__take_keyword(reader->keywords, &words) ? LABEL_ACHIEVEMENT
                                                                        : LABEL_OTHER;
}

/// A status of the header: the first one labelled "Status", else the first "... Status".
static void header_line(pg_facet_reader *reader, const pg_md_field *field, uint32_t line)
{
    pg_facets *out = reader->out;
    if (reader->own_number.len == 0) {
        pg_words words = {field->label};
        size_t number = pg__number_length(field->value);
        if (pg__take_keyword(reader->keywords, &words))
            reader->own_number = number > 0
                                     ? pg_str_slice(field->value, 0, number)
                                     : pg__achievement_number(reader->keywords, field->value);
    }
    if (out->header.line != 0 || read_label(reader, field->label) != LABEL_STATUS)
        return;
    out->header = (pg_facet_line){line, field->value};
    out->header_complete = pg__verdict(reader->keywords, field->value) == PG_VERDICT_COMPLETE;
}

/// "Achievement 1.2 COMPLETE" without a colon, or before one.
static pg_verdict bare_achievement(pg_facet_reader *reader, pg_str text)
{
    pg_words words = {pg__skip_marks(text)};
    bool may =
        words.rest.len > 0 && (reader->keywords != NULL || (words.rest.ptr[0] | 0x20) == 'a');
    if (!may || !pg__take_keyword(reader->keywords, &words))
        return PG_VERDICT_OTHER;
    pg_str number = pg__word_next(&words);
    if (number.len == 0 || pg__number_length(number) != number.len ||
        (reader->own_number.len > 0 && !pg_str_equal(number, reader->own_number)))
        return PG_VERDICT_OTHER;
    pg_words rest = words;
    return pg__word_in(pg__word_next(&rest), DONE) ? pg__verdict(reader->keywords, words.rest)
                                                   : PG_VERDICT_OTHER;
}

static void end_line(pg_facet_reader *reader, const pg_facet_context *context, uint32_t line,
                     pg_str text)
{
    pg_md_field field;
    if (text.len == 0)
        return;
    pg_verdict verdict = bare_achievement(reader, text);
    pg_str says = text;
    if (verdict == PG_VERDICT_OTHER && memchr(text.ptr, ':', text.len) != NULL &&
        pg_md_field_read(text, &field) && read_label(reader, field.label) != LABEL_OTHER) {
        verdict = pg__verdict(reader->keywords, field.value);
        says = field.value;
    }
    if (verdict == PG_VERDICT_COMPLETE) {
        if (reader->at_end.line == 0) {
            reader->at_end = (pg_facet_line){line, says};
            reader->end_place = context->closing ? PG_FACET_CLOSING : PG_FACET_COMPLETION;
        }
        reader->closing_complete = reader->closing_complete || context->closing;
    } else if (verdict == PG_VERDICT_OPEN) {
        reader->open_at_end = true;
    }
}

void pg__facet_status_line(pg_facet_reader *reader, const pg_facet_context *context, uint32_t line,
                           pg_str text)
{
    bool direct = context->depth == 0 || (context->depth == 2 && context->listed);
    if (!direct || context->boxed || context->numbered || context->part)
        return;
    pg_md_field field;
    if (context->header) {
        if (pg_md_field_read(text, &field))
            header_line(reader, &field, line);
    } else if (context->completion || context->closing) {
        end_line(reader, context, line, text);
    }
}

void pg__facet_status_end(pg_facet_reader *reader)
{
    pg_facets *out = reader->out;
    bool at_end = reader->at_end.line != 0;
    out->says_complete = out->header_complete || at_end;
    if (out->header_complete) {
        out->complete = out->header;
        out->where = PG_FACET_HEADER;
        out->stale_header = reader->open_at_end && !at_end;
    } else if (at_end) {
        out->complete = reader->at_end;
        out->where = reader->end_place;
        out->stale_header = out->header.line != 0;
    }
}
