/// SHA-256 of a byte string, to name exactly which script or template made a prompt.
///
/// Rule: FIPS 180-4, by libmd. Thread note: safe from any thread.
#ifndef PROMPTGEN_DIGEST_H
#define PROMPTGEN_DIGEST_H

#include "promptgen/str.h"

enum { PG_SHA256_HEX = 64 }; ///< digits of a digest

/// Writes the digest of `bytes` as 64 lower-case hexadecimal digits and a NUL to `out`.
void pg_sha256_hex(pg_str bytes, char out[PG_SHA256_HEX + 1]);

#endif
