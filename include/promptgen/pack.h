/// MessagePack values over a byte buffer: the one encoding of frames between processes and of
/// structured payloads on disk.
///
/// The subset: nil, booleans, 64-bit signed integers, float 64, str, array, map. Byte strings use
/// the str family, with any bytes. Rule: https://github.com/msgpack/msgpack/blob/master/spec.md
/// The reader treats its input as hostile: every length is checked against what is left before it
/// is used, and an array or map may not announce more elements than bytes remain.
///
/// Thread note: a reader or a buffer belongs to one thread.
#ifndef PROMPTGEN_PACK_H
#define PROMPTGEN_PACK_H

#include "promptgen/status.h"
#include "promptgen/str.h"

#include <stdbool.h>
#include <stdint.h>

/// Writers append one value; a failed allocation is recorded in the buffer. After an array header
/// its `count` values follow, after a map header `count` key-value pairs.
void pg_pack_nil(pg_buf *buf);
void pg_pack_bool(pg_buf *buf, bool value);
void pg_pack_int(pg_buf *buf, int64_t value);
void pg_pack_double(pg_buf *buf, double value);
void pg_pack_str(pg_buf *buf, pg_str value);
void pg_pack_array(pg_buf *buf, uint32_t count);
void pg_pack_map(pg_buf *buf, uint32_t count);

typedef enum pg_pack_kind {
    PG_PACK_NIL,
    PG_PACK_BOOL,
    PG_PACK_INT,
    PG_PACK_DOUBLE,
    PG_PACK_STR,
    PG_PACK_ARRAY,
    PG_PACK_MAP,
} pg_pack_kind;

/// One value read. For an array or map only its header is consumed.
typedef struct pg_pack_item {
    pg_pack_kind kind;
    union {
        bool boolean;
        int64_t integer;
        double number;
        pg_str string;  ///< borrowed from the input
        uint32_t count; ///< elements of an array, pairs of a map
    } as;
} pg_pack_item;

typedef struct pg_unpack {
    pg_str input; ///< borrowed
    size_t at;    ///< offset of the next value
} pg_unpack;

/// Starts reading at the first byte of `input`.
void pg_unpack_init(pg_unpack *reader, pg_str input);

/// Reads the next value. Returns PG_OK, or PG_CORRUPT with the offset in `err` for a truncated
/// value, a type outside the subset, an unsigned integer above INT64_MAX, or an announced count
/// that the remaining bytes cannot hold; the reader then stays where it was.
PG_NODISCARD pg_status pg_unpack_next(pg_unpack *reader, pg_pack_item *item, pg_error *err);

/// True when every byte has been read.
bool pg_unpack_done(const pg_unpack *reader);

#endif
