/// Sets of phrases with meanings: a fast answer to "is this label one of ours" and "which of our
/// phrases does this heading contain".
///
/// Phrases compare without ASCII case, and a run of blanks equals a space. A phrase stands between
/// word borders: the bytes beside it are no ASCII letters or digits. A phrase that begins with `=`
/// only matches the whole text, symbols around it aside.
///
/// Thread note: a set does not change; any number of threads may ask it.
#ifndef PROMPTGEN_PHRASES_H
#define PROMPTGEN_PHRASES_H

#include "promptgen/alloc.h"
#include "promptgen/status.h"
#include "promptgen/str.h"

#include <stdint.h>

/// A phrase and its meaning (1-31).
typedef struct pg_phrase {
    pg_str text;
    unsigned meaning;
} pg_phrase;

typedef struct pg_phrases pg_phrases;

/// A set of `count` phrases; their texts are copied. Phrases of less than two bytes are
/// ignored. PG_OK or PG_NOMEM.
PG_NODISCARD pg_status pg_phrases_new(const pg_phrase *list, size_t count, const pg_alloc *alloc,
                                      pg_phrases **out, pg_error *err);
void pg_phrases_free(pg_phrases *phrases); ///< NULL is fine

/// Meaning of the phrase that equals `text`, or 0. O(length).
unsigned pg_phrases_equal(const pg_phrases *phrases, pg_str text);

/// Bits (1 << meaning) of the phrases that `text` contains. O(words * phrases that begin alike).
uint32_t pg_phrases_inside(const pg_phrases *phrases, pg_str text);

#endif
