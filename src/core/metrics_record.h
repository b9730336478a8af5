/// One series as bytes: the unit of the metrics store. Internal to the store.
///
/// A record says what the series is (kind, metric, labels) and holds its numbers, which are totals
/// or gains; both have the same form. Of a metric that is not promptgen's own, whose definition is
/// no part of the program, a record of its own holds the definition. Byte order and alignment are
/// the machine's: the half around the records says which.
#ifndef PROMPTGEN_METRICS_RECORD_H
#define PROMPTGEN_METRICS_RECORD_H

#include "metrics_internal.h"

#include <string.h>

/// Head of a record; its values (64 bits each) and its key follow, then zeros up to `size`. The key
/// is the metric's name, then each label's name and value, all with their lengths in 16 bits.
typedef struct record {
    uint32_t size;     ///< of the whole record, a multiple of 8
    uint8_t kind;      ///< pg_metric_kind or RECORD_DEFINITION
    uint8_t mode;      ///< pg_gauge_mode
    uint16_t words;    ///< number of values
    uint64_t key_hash; ///< of the key
    int64_t created_ns;
    uint32_t key_len;
    uint32_t is_open; ///< 1 when code that is not promptgen's counts here, see pg_metric_is_open
} record;

/// Kind of a record that defines a metric. Its key is an empty name, which no series has, and the
/// metric's; its values are the kind, max_series, the numbers of bounds, of labels and of bytes of
/// text, the bounds, and the text: help, unit and names of labels with their lengths.
enum { RECORD_DEFINITION = PG_METRIC_KIND_COUNT };

/// Values of each kind.
enum {
    COUNTER_WHOLE = 0,
    COUNTER_PART,
    COUNTER_WORDS,
    GAUGE_VALUE = 0,
    GAUGE_SET_NS,
    GAUGE_WORDS,
    HISTOGRAM_BOUNDS = 0, ///< hash of the bounds
    HISTOGRAM_SUM,
    HISTOGRAM_MIN,
    HISTOGRAM_MAX,
    HISTOGRAM_COUNTS,
    HISTOGRAM_WORDS_MAX = HISTOGRAM_COUNTS + PG_METRIC_BOUNDS_MAX + 1,
    DEFINITION_KIND = 0,
    DEFINITION_MAX_SERIES,
    DEFINITION_BOUND_COUNT,
    DEFINITION_LABEL_COUNT,
    DEFINITION_TEXT, ///< bytes
    DEFINITION_WORDS,
};

static inline uint64_t *values_of(const record *r)
{
    return (uint64_t *)(uintptr_t)(r + 1);
}

static inline pg_str key_of(const record *r)
{
    return (pg_str){(const char *)(r + 1) + r->words * sizeof(uint64_t), r->key_len};
}

static inline double as_double(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint64_t as_bits(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline size_t record_size(size_t words, size_t key_len)
{
    return (sizeof(record) + words * sizeof(uint64_t) + key_len + 7) & ~(size_t)7;
}

/// Appends the gain of a series to `out`; nothing for a live gauge. `now_ns` dates a gauge.
/// PG_NOMEM.
PG_NODISCARD pg_status pg__record_put(pg_buf *out, pg_series *series, const pg_metric_delta *delta,
                                      int64_t now_ns, pg_error *err);

/// Appends the definition of a metric. PG_NOMEM.
PG_NODISCARD pg_status pg__record_put_definition(pg_buf *out, const pg_metric *metric,
                                                 pg_error *err);

/// True when the values of a record that defines a metric are such as this program writes.
bool pg__definition_is_sane(const record *r);

/// True when series of one definition cannot be series of the other: all but the help text and the
/// bound on their number must be the same. Both are checked records of RECORD_DEFINITION.
bool pg__definition_differs(const record *a, const record *b);

/// Defines the metric of a checked record in a registry. One that the registry cannot have, for its
/// names are taken or not allowed any more, is passed over. PG_NOMEM.
PG_NODISCARD pg_status pg__definition_show(const record *r, pg_metrics *metrics, pg_error *err);

/// The name of the metric that a checked record is of.
pg_str pg__record_metric(const record *r);

/// Takes a string with its length from the front of `rest`.
bool pg__take_counted(pg_str *rest, pg_str *out);

/// Appends a string with its length.
void pg__put_counted(pg_buf *out, pg_str s);

/// Makes the record whose head and values were appended from `start` on, and whose key from
/// `key_at` on, whole: fills its head in and pads it.
void pg__record_finish(pg_buf *out, size_t start, size_t key_at, record *head);

/// Checks the form of records; PG_CORRUPT. Nothing outside of them is ever read.
PG_NODISCARD pg_status pg__records_check(pg_str records, pg_error *err);

/// Adds checked records to the series of a registry, after defining the metrics that are defined
/// there; those of metrics that it does not have, or has otherwise, are passed over. PG_NOMEM.
PG_NODISCARD pg_status pg__records_show(pg_str records, pg_metrics *metrics, pg_error *err);

#endif
