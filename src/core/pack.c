/// MessagePack writer and bounds-checked reader. See pack.h.
#include "promptgen/pack.h"

#include <string.h>

enum {
    TAG_NIL = 0xc0,
    TAG_FALSE = 0xc2,
    TAG_TRUE = 0xc3,
    TAG_FLOAT64 = 0xcb,
    TAG_UINT8 = 0xcc,
    TAG_UINT64 = 0xcf,
    TAG_INT8 = 0xd0,
    TAG_INT64 = 0xd3,
    TAG_STR8 = 0xd9,
    TAG_STR32 = 0xdb,
    TAG_ARRAY16 = 0xdc,
    TAG_ARRAY32 = 0xdd,
    TAG_MAP16 = 0xde,
    TAG_MAP32 = 0xdf,
};

/// Appends `tag` and the low `bytes` bytes of `value`, big-endian as the format asks.
static void put_tagged(pg_buf *buf, unsigned tag, uint64_t value, unsigned bytes)
{
    char out[9];
    out[0] = (char)tag;
    for (unsigned i = 0; i < bytes; i++)
        out[1 + i] = (char)(value >> (8 * (bytes - 1 - i)));
    pg_buf_put(buf, out, 1 + bytes);
}

void pg_pack_nil(pg_buf *buf)
{
    pg_buf_put_char(buf, (char)TAG_NIL);
}

void pg_pack_bool(pg_buf *buf, bool value)
{
    pg_buf_put_char(buf, (char)(value ? TAG_TRUE : TAG_FALSE));
}

void pg_pack_int(pg_buf *buf, int64_t value)
{
    uint64_t bits = (uint64_t)value;
    if (value >= -32 && value <= 127)
        pg_buf_put_char(buf, (char)value);
    else if (value >= INT8_MIN && value <= INT8_MAX)
        put_tagged(buf, TAG_INT8, bits, 1);
    else if (value >= INT16_MIN && value <= INT16_MAX)
        put_tagged(buf, TAG_INT8 + 1, bits, 2);
    else if (value >= INT32_MIN && value <= INT32_MAX)
        put_tagged(buf, TAG_INT8 + 2, bits, 4);
    else
        put_tagged(buf, TAG_INT64, bits, 8);
}

void pg_pack_double(pg_buf *buf, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_tagged(buf, TAG_FLOAT64, bits, 8);
}

void pg_pack_str(pg_buf *buf, pg_str value)
{
    if (value.len > UINT32_MAX) {
        buf->failed = true;
        return;
    }
    if (value.len < 32)
        pg_buf_put_char(buf, (char)(0xa0 | value.len));
    else if (value.len <= UINT8_MAX)
        put_tagged(buf, TAG_STR8, value.len, 1);
    else if (value.len <= UINT16_MAX)
        put_tagged(buf, TAG_STR8 + 1, value.len, 2);
    else
        put_tagged(buf, TAG_STR32, value.len, 4);
    pg_buf_put_str(buf, value);
}

/// Header of a container: one byte up to 15 elements, else 16 or 32 bits of count.
static void put_count(pg_buf *buf, uint32_t count, unsigned fix_tag, unsigned tag16)
{
    if (count < 16)
        pg_buf_put_char(buf, (char)(fix_tag | count));
    else if (count <= UINT16_MAX)
        put_tagged(buf, tag16, count, 2);
    else
        put_tagged(buf, tag16 + 1, count, 4);
}

void pg_pack_array(pg_buf *buf, uint32_t count)
{
    put_count(buf, count, 0x90, TAG_ARRAY16);
}

void pg_pack_map(pg_buf *buf, uint32_t count)
{
    put_count(buf, count, 0x80, TAG_MAP16);
}

void pg_unpack_init(pg_unpack *reader, pg_str input)
{
    reader->input = input;
    reader->at = 0;
}

bool pg_unpack_done(const pg_unpack *reader)
{
    return reader->at == reader->input.len;
}

/// Reads `bytes` big-endian bytes at `*at`; false when fewer are left.
static bool get_bytes(const pg_unpack *reader, size_t *at, unsigned bytes, uint64_t *value)
{
    *value = 0;
    if (reader->input.len - *at < bytes)
        return false;
    for (unsigned i = 0; i < bytes; i++)
        *value = *value << 8 | (unsigned char)reader->input.ptr[*at + i];
    *at += bytes;
    return true;
}

/// Sign-extends the low `bytes` bytes.
static int64_t signed_value(uint64_t bits, unsigned bytes)
{
    uint64_t sign = UINT64_C(1) << (8 * bytes + 63) % 64; // the highest bit of the bytes
    return (int64_t)((bits ^ sign) - sign);
}

static bool get_string(const pg_unpack *reader, size_t *at, uint64_t len, pg_pack_item *item)
{
    if (len > reader->input.len - *at)
        return false;
    item->kind = PG_PACK_STR;
    item->as.string = (pg_str){reader->input.ptr + *at, (size_t)len};
    *at += (size_t)len;
    return true;
}

/// A count is plausible when each element can have at least one byte.
static bool get_container(const pg_unpack *reader, size_t at, pg_pack_kind kind, uint64_t count,
                          pg_pack_item *item)
{
    uint64_t least = kind == PG_PACK_MAP ? 2 * count : count;
    if (least > reader->input.len - at)
        return false;
    item->kind = kind;
    item->as.count = (uint32_t)count;
    return true;
}

static bool get_integer(const pg_unpack *reader, size_t *at, unsigned tag, pg_pack_item *item)
{
    static const unsigned char sizes[] = {1, 2, 4, 8};
    bool is_signed = tag >= TAG_INT8;
    unsigned bytes = sizes[(tag - (is_signed ? TAG_INT8 : TAG_UINT8)) % sizeof sizes];
    uint64_t bits;
    if (!get_bytes(reader, at, bytes, &bits))
        return false;
    if (!is_signed && bits > INT64_MAX)
        return false;
    item->kind = PG_PACK_INT;
    item->as.integer = is_signed ? signed_value(bits, bytes) : (int64_t)bits;
    return true;
}

static bool get_double(const pg_unpack *reader, size_t *at, pg_pack_item *item)
{
    uint64_t bits;
    if (!get_bytes(reader, at, 8, &bits))
        return false;
    item->kind = PG_PACK_DOUBLE;
    memcpy(&item->as.number, &bits, sizeof bits);
    return true;
}

/// Values whose length or count follows the tag in 1, 2 or 4 bytes.
static bool get_sized(const pg_unpack *reader, size_t *at, unsigned tag, pg_pack_item *item)
{
    uint64_t size;
    if (tag <= TAG_STR32)
        return get_bytes(reader, at, 1u << (tag - TAG_STR8), &size) &&
               get_string(reader, at, size, item);
    bool is_map = tag >= TAG_MAP16;
    unsigned bytes = 2u << (tag - (is_map ? TAG_MAP16 : TAG_ARRAY16));
    return get_bytes(reader, at, bytes, &size) &&
           get_container(reader, *at, is_map ? PG_PACK_MAP : PG_PACK_ARRAY, size, item);
}

static bool get_value(const pg_unpack *reader, size_t *at, pg_pack_item *item)
{
    uint64_t tag;
    if (!get_bytes(reader, at, 1, &tag))
        return false;
    if (tag <= 0x7f || tag >= 0xe0) {
        item->kind = PG_PACK_INT;
        item->as.integer = signed_value(tag, 1);
        return true;
    }
    if (tag <= 0x8f)
        return get_container(reader, *at, PG_PACK_MAP, tag & 0x0f, item);
    if (tag <= 0x9f)
        return get_container(reader, *at, PG_PACK_ARRAY, tag & 0x0f, item);
    if (tag <= 0xbf)
        return get_string(reader, at, tag & 0x1f, item);
    if (tag == TAG_NIL) {
        item->kind = PG_PACK_NIL;
        return true;
    }
    if (tag == TAG_FALSE || tag == TAG_TRUE) {
        item->kind = PG_PACK_BOOL;
        item->as.boolean = tag == TAG_TRUE;
        return true;
    }
    if (tag == TAG_FLOAT64)
        return get_double(reader, at, item);
    if (tag >= TAG_UINT8 && tag <= TAG_INT64)
        return get_integer(reader, at, (unsigned)tag, item);
    return tag >= TAG_STR8 && get_sized(reader, at, (unsigned)tag, item);
}

pg_status pg_unpack_next(pg_unpack *reader, pg_pack_item *item, pg_error *err)
{
    size_t at = reader->at;
    if (!get_value(reader, &at, item)) {
        (void)pg_error_set(err, PG_CORRUPT, "malformed packed value at byte %zu", reader->at);
        pg_error_at(err, 0, 0, reader->at);
        return PG_CORRUPT;
    }
    reader->at = at;
    return PG_OK;
}
