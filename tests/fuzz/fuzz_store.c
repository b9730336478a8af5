/// Fuzz target: any bytes are a record of the store that is safe to read, or none at all, also when
/// their frame (magic, version, length, checksum) says that they are good.
#include "fuzz.h"

#include "store_internal.h"

#include <string.h>

enum { SCHEMA = 7 };

static size_t touch(pg_str s)
{
    size_t sum = 0;
    for (size_t i = 0; i < s.len; i++)
        sum += (unsigned char)s.ptr[i];
    return sum;
}

static bool inside(pg_str s, const char *block, size_t size)
{
    return s.ptr >= block && s.len <= size && (size_t)(s.ptr - block) <= size - s.len;
}

/// Decodes a copy of the bytes, which the record takes over, and reads all that it hands out.
static void decode(const uint8_t *data, size_t size)
{
    char *block = pg_malloc(NULL, size > 0 ? size : 1);
    FUZZ_CHECK(block != NULL);
    if (size > 0)
        memcpy(block, data, size);
    pg_store_miss miss = PG_STORE_MISS_NONE;
    pg_store_record *record = pg__store_decode(NULL, block, size, SCHEMA, &miss);
    if (record == NULL) {
        FUZZ_CHECK(miss != PG_STORE_MISS_NONE);
        pg_free(NULL, block, size);
        return;
    }
    pg_str payload = pg_store_record_payload(record);
    FUZZ_CHECK(inside(payload, block, size) && (payload.ptr - block) % 8 == 0);
    size_t sum = touch(payload) + touch(record->key) + touch(record->root);
    for (size_t i = 0; i < pg_store_record_dep_count(record); i++) {
        const pg_dep *dep = pg_store_record_dep(record, i);
        FUZZ_CHECK(inside(dep->path, block, size) && dep->kind <= PG_DEP_ABSENT);
        FUZZ_CHECK(pg_store_record_holds(record, i));
        sum += touch(dep->path);
    }
    FUZZ_CHECK(sum < SIZE_MAX);
    pg_store_record_free(record);
}

/// The bytes as the part of a record that its checksum covers, below a good frame.
static void decode_framed(const uint8_t *data, size_t size)
{
    const pg_dep deps[] = {{.path = PG_STR("a.md"), .kind = PG_DEP_FILE},
                           {.path = PG_STR("dir"), .kind = PG_DEP_DIR}};
    const pg_str payload = {(const char *)data, size};
    pg_buf file;
    pg_buf_init(&file, NULL);
    pg__store_encode(&file, SCHEMA, 0, PG_STR("/root"), PG_STR("key"), deps, 2, &payload, 1);
    FUZZ_CHECK(!file.failed);
    decode((const uint8_t *)file.ptr, file.len);
    // Lengths and dependencies from the data, the frame made to fit.
    size_t first = offsetof(store_header, root_len);
    size_t covered = size < file.len - first ? size : file.len - first;
    if (covered > 0)
        memcpy(file.ptr + first, data, covered);
    size_t checked_from = offsetof(store_header, tag);
    uint64_t checksum = pg_hash64((pg_str){file.ptr + checked_from, file.len - checked_from});
    memcpy(file.ptr + offsetof(store_header, checksum), &checksum, sizeof checksum);
    decode((const uint8_t *)file.ptr, file.len);
    pg_buf_free(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    decode(data, size);
    decode_framed(data, size);
    return 0;
}
