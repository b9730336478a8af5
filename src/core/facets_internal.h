/// What the files of the facets unit share.
#ifndef PROMPTGEN_CORE_FACETS_INTERNAL_H
#define PROMPTGEN_CORE_FACETS_INTERNAL_H

#include "promptgen/facets.h"

/// Reads words out of a text: runs of ASCII letters and digits, with `.`, `/` and `%` inside.
/// Emphasis, symbols and other marks separate words.
typedef struct pg_words {
    pg_str rest;
} pg_words;

/// The next word, in its own case; empty at the end.
pg_str pg__word_next(pg_words *words);

/// True when `word` equals one of the NULL-terminated lower-case `list`, without regard to case.
bool pg__word_in(pg_str word, const char *const *list);

/// True when the text has one of the words of `list`.
bool pg__has_word(pg_str text, const char *const *list);

/// Length of the number ("3", "1.2", "3.5.1") that `s` begins with, or 0.
size_t pg__number_length(pg_str s);

/// Takes what an achievement is called from the front of `words`; false when something else is
/// there. `keywords` NULL stands for "achievement".
bool pg__take_keyword(const pg_phrases *keywords, pg_words *words);

/// Whether `word`, which `at` begins with, is or begins what an achievement is called; `after`,
/// which stands behind the word, is moved behind the whole name.
bool pg__is_keyword(const pg_phrases *keywords, pg_str word, pg_words at, pg_words *after);

/// The number after the first achievement that `text` names; empty when there is none.
pg_str pg__achievement_number(const pg_phrases *keywords, pg_str text);

/// pg_verdict_read, with the names of achievements.
pg_verdict pg__verdict(const pg_phrases *keywords, pg_str value);

/// The text without emphasis marks and symbols in front of it.
pg_str pg__skip_marks(pg_str s);

/// What a line of a document stands under.
typedef struct pg_facet_context {
    bool header;     ///< before the first section
    bool completion; ///< below a heading with Completion or Final in it
    bool closing;    ///< after the last rule
    bool part;       ///< in an iteration, phase, step or other part of the work
    bool work_list;  ///< in the execution strategy or the list of active executions
    bool synthesis;  ///< in the synthesis section
    bool done_list;  ///< in a list of completed work
    bool elsewhere;  ///< about other plans
    bool numbered;   ///< in a numbered list
    bool listed;     ///< in a list
    bool boxed;      ///< a tick box stands before it
    bool ticked;     ///< and is ticked
    uint32_t depth;  ///< containers around it
} pg_facet_context;

/// Called for each line of each paragraph that is not in a quote. `text` has no container marks and
/// no tick box. False ends the walk (memory).
typedef bool (*pg_facet_visit)(void *self, const pg_facet_context *context, uint32_t line,
                               pg_str text);

/// Walks over the paragraphs of a document with their context.
bool pg__facet_walk(const pg_markdown *md, pg_facet_visit visit, void *self);

/// True when a value is a placeholder in brackets, as a skeleton writes it.
bool pg__is_placeholder(pg_str value);

// The readers. Each takes lines from one walk.

typedef struct pg_facet_reader {
    const pg_markdown *md;
    const pg_facet_plan *plan; ///< NULL for other documents
    const pg_alloc *alloc;
    pg_facets *out;
    const pg_phrases *keywords; ///< what an achievement is called; NULL for "achievement"
    pg_str own_number;          ///< the achievement the document is about; empty when unknown
    pg_facet_line at_end;       ///< first complete status of completion section or closing block
    pg_facet_place end_place;
    bool closing_complete; ///< the closing block says complete
    bool open_at_end;      ///< a status at the end says that work is ahead
    bool label_dated;      ///< the date comes from a field labelled "... Date"
    uint8_t *claimed;      ///< per achievement: CLAIM_* of facets_claims.c
    pg_facet_line *claim_lines;
} pg_facet_reader;

void pg__facet_status_line(pg_facet_reader *reader, const pg_facet_context *context, uint32_t line,
                           pg_str text);
void pg__facet_status_end(pg_facet_reader *reader);

void pg__facet_date_line(pg_facet_reader *reader, const pg_facet_context *context, uint32_t line,
                         pg_str text);

void pg__facet_placeholder_line(pg_facet_reader *reader, const pg_facet_context *context,
                                uint32_t line, pg_str text);
void pg__facet_synthesis_line(pg_facet_reader *reader, const pg_facet_context *context,
                              uint32_t line, pg_str text);
bool pg__facet_planned_line(pg_facet_reader *reader, const pg_facet_context *context, uint32_t line,
                            pg_str text);

bool pg__facet_claims_begin(pg_facet_reader *reader);
void pg__facet_claim_line(pg_facet_reader *reader, const pg_facet_context *context, uint32_t line,
                          pg_str text);
bool pg__facet_claims_end(pg_facet_reader *reader);
void pg__facet_claims_free(pg_facet_reader *reader);

#endif
