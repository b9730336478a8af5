/// Content hashes: XXH3 of 64 and 128 bits (xxHash 0.8, whose XXH3 output is stable since 0.8.0).
///
/// Fast and well spread, but not cryptographic: they tell whether content changed, not who wrote
/// it. Thread note: no state; every function is thread-safe.
#ifndef PROMPTGEN_HASH_H
#define PROMPTGEN_HASH_H

#include "promptgen/str.h"

#include <stdint.h>

/// A hash of 128 bits, for content that is compared without looking at it again.
typedef struct pg_hash128 {
    uint64_t low;
    uint64_t high;
} pg_hash128;

/// XXH3 of 64 bits with seed 0. O(len).
uint64_t pg_hash64(pg_str bytes);

/// XXH3 of 128 bits with seed 0. O(len).
pg_hash128 pg_hash128_of(pg_str bytes);

/// Whether all 128 bits are the same.
bool pg_hash128_equal(pg_hash128 a, pg_hash128 b);

enum { PG_HASH128_TEXT = 33 }; ///< 32 lower-case hexadecimal digits and a NUL

/// Writes the canonical text of `hash` (most significant digit first) into `text`.
void pg_hash128_text(pg_hash128 hash, char text[static PG_HASH128_TEXT]);

#endif
