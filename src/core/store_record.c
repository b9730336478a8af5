/// The format of a record file: writing and verifying it. See store_internal.h.
#include "store_internal.h"

#include <string.h>

static const char magic[8] = "PGSTORE";
enum { FORMAT = 1 };

/// Reads as another number on a machine of another byte order or word size.
static const uint32_t machine_tag = 0x01020300u + (uint32_t)sizeof(void *);

static const size_t checked_from = offsetof(store_header, tag);

uint64_t pg__store_version(uint64_t schema)
{
    const uint64_t parts[] = {FORMAT, machine_tag, sizeof(pg_signature), schema};
    return pg_hash64((pg_str){(const char *)parts, sizeof parts});
}

static uint64_t aligned(uint64_t n)
{
    return (n + 7) & ~UINT64_C(7);
}

static bool dep_valid(uint32_t kind, uint32_t flags, size_t path_len)
{
    bool absent = (flags & PG_SIG_ABSENT) != 0;
    return kind <= PG_DEP_ABSENT && absent == (kind == PG_DEP_ABSENT) && path_len > 0 &&
           path_len <= PG_FS_MAX_PATH;
}

bool pg__store_deps_valid(const pg_dep *deps, size_t dep_count)
{
    for (size_t i = 0; i < dep_count; i++)
        if (!dep_valid((uint32_t)deps[i].kind, deps[i].signature.flags, deps[i].path.len))
            return false;
    return true;
}

void pg__store_encode(pg_buf *out, uint64_t schema, int64_t created_ns, pg_str root, pg_str key,
                      const pg_dep *deps, size_t dep_count, const pg_str *parts, size_t part_count)
{
    size_t start = out->len;
    uint64_t strings_len = (uint64_t)root.len + key.len;
    for (size_t i = 0; i < dep_count; i++)
        strings_len += deps[i].path.len;
    uint64_t payload_len = 0;
    for (size_t i = 0; i < part_count; i++)
        payload_len += parts[i].len;
    uint64_t payload_at =
        aligned(sizeof(store_header) + dep_count * sizeof(store_dep) + strings_len);
    uint64_t total = payload_at + payload_len;
    if (total > STORE_MAX_RECORD || !pg_buf_reserve(out, (size_t)total)) {
        out->failed = true;
        return;
    }
    store_header header = {.tag = machine_tag,
                           .format = FORMAT,
                           .schema = schema,
                           .total_len = total,
                           .created_ns = created_ns,
                           .root_len = (uint32_t)root.len,
                           .key_len = (uint32_t)key.len,
                           .dep_count = (uint32_t)dep_count,
                           .strings_len = (uint32_t)strings_len,
                           .payload_len = payload_len};
    memcpy(header.magic, magic, sizeof magic);
    pg_buf_put(out, &header, sizeof header);
    for (size_t i = 0; i < dep_count; i++) {
        const store_dep dep = {.signature = deps[i].signature,
                               .hash = deps[i].hash,
                               .kind = (uint32_t)deps[i].kind,
                               .path_len = (uint32_t)deps[i].path.len};
        pg_buf_put(out, &dep, sizeof dep);
    }
    pg_buf_put_str(out, root);
    pg_buf_put_str(out, key);
    for (size_t i = 0; i < dep_count; i++)
        pg_buf_put_str(out, deps[i].path);
    while (out->len < start + payload_at)
        pg_buf_put_char(out, '\0');
    for (size_t i = 0; i < part_count; i++)
        pg_buf_put_str(out, parts[i]);
    header.checksum =
        pg_hash64((pg_str){out->ptr + start + checked_from, (size_t)total - checked_from});
    memcpy(out->ptr + start, &header, sizeof header);
}

/// What is wrong with the frame of the file, lengths inside it aside.
static pg_store_miss check_frame(const char *block, size_t len, uint64_t schema)
{
    store_header header;
    if (len < sizeof header)
        return PG_STORE_MISS_TRUNCATED;
    memcpy(&header, block, sizeof header);
    if (memcmp(header.magic, magic, sizeof magic) != 0)
        return PG_STORE_MISS_MAGIC;
    if (header.tag != machine_tag || header.format != FORMAT || header.schema != schema)
        return PG_STORE_MISS_SCHEMA;
    if (header.total_len != len)
        return PG_STORE_MISS_TRUNCATED;
    if (header.checksum != pg_hash64((pg_str){block + checked_from, len - checked_from}))
        return PG_STORE_MISS_CHECKSUM;
    return PG_STORE_MISS_NONE;
}

/// Whether the lengths in a verified file fill it exactly.
static bool lengths_fit(const char *block, size_t len)
{
    store_header header;
    memcpy(&header, block, sizeof header);
    uint64_t left = len - sizeof header;
    if (header.dep_count > left / sizeof(store_dep))
        return false;
    left -= header.dep_count * sizeof(store_dep);
    if (header.strings_len > left || header.payload_len > left - header.strings_len)
        return false;
    uint64_t strings = (uint64_t)header.root_len + header.key_len;
    const char *deps = block + sizeof header;
    for (uint32_t i = 0; i < header.dep_count; i++) {
        store_dep dep;
        memcpy(&dep, deps + i * sizeof dep, sizeof dep);
        if (!dep_valid(dep.kind, dep.signature.flags, dep.path_len))
            return false;
        strings += dep.path_len;
    }
    uint64_t strings_end = sizeof header + header.dep_count * sizeof(store_dep) + strings;
    return strings == header.strings_len && aligned(strings_end) + header.payload_len == len;
}

/// Fills the record from a file whose lengths fit; paths follow one another in the strings.
static void fill_record(pg_store_record *record, const char *block)
{
    store_header header;
    memcpy(&header, block, sizeof header);
    const char *deps = block + sizeof header;
    const char *strings = deps + header.dep_count * sizeof(store_dep);
    record->created_ns = header.created_ns;
    record->root = (pg_str){strings, header.root_len};
    record->key = (pg_str){strings + header.root_len, header.key_len};
    const char *path = strings + header.root_len + header.key_len;
    for (uint32_t i = 0; i < header.dep_count; i++) {
        store_dep dep;
        memcpy(&dep, deps + i * sizeof dep, sizeof dep);
        record->deps[i] = (pg_dep){.path = {path, dep.path_len},
                                   .kind = (pg_dep_kind)dep.kind,
                                   .signature = dep.signature,
                                   .hash = dep.hash};
        path += dep.path_len;
    }
    record->payload =
        (pg_str){block + (record->block_len - header.payload_len), header.payload_len};
}

static size_t record_size(size_t dep_count)
{
    return sizeof(pg_store_record) + dep_count * (sizeof(pg_dep) + sizeof(bool));
}

pg_store_record *pg__store_decode(const pg_alloc *alloc, char *block, size_t len, uint64_t schema,
                                  pg_store_miss *miss)
{
    *miss = check_frame(block, len, schema);
    if (*miss == PG_STORE_MISS_NONE && !lengths_fit(block, len))
        *miss = PG_STORE_MISS_LAYOUT;
    if (*miss != PG_STORE_MISS_NONE)
        return NULL;
    store_header header;
    memcpy(&header, block, sizeof header);
    pg_store_record *record = pg_malloc(alloc, record_size(header.dep_count));
    if (record == NULL) {
        *miss = PG_STORE_MISS_UNREADABLE;
        return NULL;
    }
    record->alloc = alloc;
    record->block = block;
    record->block_len = len;
    record->dep_count = header.dep_count;
    record->stale = (bool *)(record->deps + header.dep_count);
    memset(record->stale, 0, header.dep_count * sizeof *record->stale);
    fill_record(record, block);
    return record;
}

void pg_store_record_free(pg_store_record *record)
{
    if (record == NULL)
        return;
    pg_free(record->alloc, record->block, record->block_len);
    pg_free(record->alloc, record, record_size(record->dep_count));
}

pg_str pg_store_record_key(const pg_store_record *record)
{
    return record->key;
}

pg_str pg_store_record_root(const pg_store_record *record)
{
    return record->root;
}

pg_str pg_store_record_payload(const pg_store_record *record)
{
    return record->payload;
}

int64_t pg_store_record_created_ns(const pg_store_record *record)
{
    return record->created_ns;
}

size_t pg_store_record_dep_count(const pg_store_record *record)
{
    return record->dep_count;
}

bool pg_store_record_holds(const pg_store_record *record, size_t index)
{
    return !record->stale[index];
}

const pg_dep *pg_store_record_dep(const pg_store_record *record, size_t index)
{
    return &record->deps[index];
}
