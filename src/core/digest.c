/// SHA-256 by libmd. See digest.h.
#include "promptgen/digest.h"

#include <sys/types.h>

#include <sha2.h>

void pg_sha256_hex(pg_str bytes, char out[PG_SHA256_HEX + 1])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t digest[SHA256_DIGEST_LENGTH];
    SHA2_CTX ctx;
    SHA256Init(&ctx);
    SHA256Update(&ctx, (const uint8_t *)(bytes.len > 0 ? bytes.ptr : ""), bytes.len);
    SHA256Final(digest, &ctx);
    for (size_t i = 0; i < sizeof digest; i++) {
        out[2 * i] = digits[digest[i] >> 4];
        out[2 * i + 1] = digits[digest[i] & 15];
    }
    out[PG_SHA256_HEX] = '\0';
}
