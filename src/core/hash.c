/// XXH3 behind the project's own types. See hash.h.
#include "promptgen/hash.h"

#include <inttypes.h>
#include <stdio.h>

#include <xxhash.h>

/// XXH3 wants a pointer even for no bytes.
static const char *pointer_of(pg_str bytes)
{
    return bytes.ptr != NULL ? bytes.ptr : "";
}

uint64_t pg_hash64(pg_str bytes)
{
    return XXH3_64bits(pointer_of(bytes), bytes.len);
}

pg_hash128 pg_hash128_of(pg_str bytes)
{
    XXH128_hash_t hash = XXH3_128bits(pointer_of(bytes), bytes.len);
    return (pg_hash128){.low = hash.low64, .high = hash.high64};
}

bool pg_hash128_equal(pg_hash128 a, pg_hash128 b)
{
    return a.low == b.low && a.high == b.high;
}

void pg_hash128_text(pg_hash128 hash, char text[static PG_HASH128_TEXT])
{
    (void)snprintf(text, PG_HASH128_TEXT, "%016" PRIx64 "%016" PRIx64, hash.high, hash.low);
}
