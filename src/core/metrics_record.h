/// One series as bytes: the unit of the metrics store. Internal to the store.
///
/// A record says what the series is (kind, metric, labels) and holds its numbers, which are totals
/// or gains; both have the same form. Byte order and alignment are the machine's: the half around
/// the records says which.
#ifndef PROMPTGEN_METRICS_RECORD_H
#define PROMPTGEN_METRICS_RECORD_H

#include "metrics_internal.h"

#include <string.h>

/// Head of a record; its values (64 bits each) and its key follow, then zeros up to `size`. The key
/// is the metric's name, then each label's name and value, all with their lengths in 16 bits.
typedef struct record {
    uint32_t size;     ///< of the whole record, a multiple of 8
    uint8_t kind;      ///< pg_metric_kind
    uint8_t mode;      ///< pg_gauge_mode
    uint16_t words;    ///< number of values
    uint64_t key_hash; ///< of the key
    int64_t created_ns;
    uint32_t key_len;
    uint32_t zero;
} record;

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

/// Checks the form of records; PG_CORRUPT. Nothing outside of them is ever read.
PG_NODISCARD pg_status pg__records_check(pg_str records, pg_error *err);

/// Adds checked records to the series of a registry; those of metrics that it does not have, or has
/// otherwise, are passed over. PG_NOMEM.
PG_NODISCARD pg_status pg__records_show(pg_str records, pg_metrics *metrics, pg_error *err);

#endif
