/// Counters, gauges and histograms with labels, in a registry that writes them as text.
///
/// A metric is a family of series that differ in their label values. A caller looks a series up
/// once, keeps it, and changes it with one atomic operation. Memory is bounded: a metric holds at
/// most `max_series` series; what comes later is counted in one series whose label values are all
/// "other", and in promptgen_metric_series_dropped_total.
///
/// Names follow the data model of Prometheus (https://prometheus.io/docs/concepts/data_model)
/// without the colon; the text is exposition format 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats) or OpenMetrics 1.0
/// (https://github.com/OpenObservability/OpenMetrics, specification/OpenMetrics.md).
///
/// Metrics and series are reference-counted: a function that gives one out gives a reference, which
/// the caller releases. One that was removed from its registry or metric stays valid, and is simply
/// no longer written.
///
/// Thread note: every function here is thread-safe, except pg_metrics_free.
#ifndef PROMPTGEN_METRICS_H
#define PROMPTGEN_METRICS_H

#include "promptgen/alloc.h"
#include "promptgen/clock.h"
#include "promptgen/status.h"
#include "promptgen/str.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// X(symbol, "type text").
#define PG_METRIC_KINDS(X)                                                                         \
    X(COUNTER, "counter")                                                                          \
    X(GAUGE, "gauge")                                                                              \
    X(HISTOGRAM, "histogram")

typedef enum pg_metric_kind {
#define PG_METRIC_KIND_ENUM(symbol, name) PG_METRIC_##symbol,
    PG_METRIC_KINDS(PG_METRIC_KIND_ENUM)
#undef PG_METRIC_KIND_ENUM
        PG_METRIC_KIND_COUNT
} pg_metric_kind;

/// X(symbol, "name"): what becomes of a gauge when values of several processes meet.
/// LIVE: belongs to its process, never stored. LAST: the latest. MAX, MIN: the extreme.
#define PG_GAUGE_MODES(X)                                                                          \
    X(LIVE, "live")                                                                                \
    X(LAST, "last")                                                                                \
    X(MAX, "max")                                                                                  \
    X(MIN, "min")

typedef enum pg_gauge_mode {
#define PG_GAUGE_MODE_ENUM(symbol, name) PG_GAUGE_##symbol,
    PG_GAUGE_MODES(PG_GAUGE_MODE_ENUM)
#undef PG_GAUGE_MODE_ENUM
        PG_GAUGE_MODE_COUNT
} pg_gauge_mode;

enum {
    PG_METRIC_NAME_MAX = 128,          ///< bytes of a metric's or a label's name
    PG_METRIC_HELP_MAX = 1024,         ///< bytes of a help text
    PG_METRIC_LABELS_MAX = 8,          ///< labels of a metric
    PG_METRIC_VALUE_MAX = 1024,        ///< bytes of a label value
    PG_METRIC_BOUNDS_MAX = 64,         ///< bucket bounds of a histogram, +Inf not counted
    PG_METRIC_SERIES_MAX = 1000,       ///< default of `max_series`
    PG_METRIC_EXACT_SAMPLES = 512,     ///< observations kept as they are, for percentiles
    PG_METRIC_DELTAS_MAX = 4096,       ///< rows that pg_metrics_merge takes at once
    PG_METRIC_DELTA_NEW_METRICS = 32,  ///< metrics that one merge may define
    PG_METRIC_DELTA_NEW_SERIES = 1000, ///< series that one merge may create
};

/// Greatest number that pg_metrics_merge takes for a counter's gain, a sum and an observation, and
/// greatest number of observations in a row: what a run can reasonably count, and small enough that
/// thousands of such gains leave a total exact.
#define PG_METRIC_DELTA_AMOUNT 1099511627776.0    ///< 2^40
#define PG_METRIC_DELTA_COUNT (UINT64_C(1) << 32) ///< observations
#define PG_METRIC_DELTA_VALUE 9007199254740992.0  ///< 2^53: greatest magnitude of a gauge

typedef struct pg_metrics pg_metrics;
typedef struct pg_metric pg_metric;
typedef struct pg_series pg_series;

/// What a metric is. All is copied.
typedef struct pg_metric_def {
    pg_metric_kind kind;
    pg_str name;          ///< [a-zA-Z_][a-zA-Z0-9_]*; a counter's ends in _total, no other's does
    pg_str help;          ///< one sentence, not empty, valid UTF-8
    pg_str unit;          ///< empty, or the last word of the name (before _total): "seconds"
    const pg_str *labels; ///< names, in the order in which they are written
    size_t label_count;   ///< 0..PG_METRIC_LABELS_MAX
    const double *bounds; ///< histogram: upper bounds, ascending; NULL = pg_metric_default_bounds
    size_t bound_count;   ///< a last bound of +Inf is allowed and means nothing
    size_t max_series;    ///< 0 = PG_METRIC_SERIES_MAX
    pg_gauge_mode mode;   ///< gauge only
} pg_metric_def;

/// "counter", "gauge" or "histogram".
const char *pg_metric_kind_name(pg_metric_kind kind);
const char *pg_gauge_mode_name(pg_gauge_mode mode);

/// Bounds of a histogram that names none, for a program that answers within milliseconds: 14 bounds
/// from 0.1 ms to 5 s, in seconds.
const double *pg_metric_default_bounds(size_t *count);

/// Fills `out` with `count` bounds from `start` in steps of `width`; the +Inf bound is not counted.
/// PG_INVALID: count 0 or above PG_METRIC_BOUNDS_MAX, width not positive, a bound not finite.
PG_NODISCARD pg_status pg_metric_linear_bounds(double start, double width, size_t count,
                                               double *out, pg_error *err);

/// The same with each bound `factor` times the one before.
/// PG_INVALID: count as above, start not positive, factor not above 1, a bound not finite.
PG_NODISCARD pg_status pg_metric_exponential_bounds(double start, double factor, size_t count,
                                                    double *out, pg_error *err);

/// A new, empty registry. `wall` dates new series (NULL = pg_clock_realtime). PG_NOMEM.
PG_NODISCARD pg_status pg_metrics_new(const pg_alloc *alloc, const pg_clock *wall, pg_metrics **out,
                                      pg_error *err);

/// Frees the registry and its references; NULL is fine. Metrics that others hold live on.
void pg_metrics_free(pg_metrics *metrics);

/// The metric of this definition, made and registered unless it exists. A metric without labels has
/// its one series from the start. PG_INVALID: a name, label, bound or help text is not allowed, or
/// a metric with this name differs in any part, or another metric claims a name that this one would
/// write (x_total claims x and x_created; a histogram h claims h_bucket, h_sum, h_count,
/// h_created). PG_NOMEM. On failure nothing is registered or claimed.
PG_NODISCARD pg_status pg_metrics_define(pg_metrics *metrics, const pg_metric_def *def,
                                         pg_metric **out, pg_error *err);

/// The registered metric of this name, or NULL.
pg_metric *pg_metrics_find(pg_metrics *metrics, pg_str name);

/// Zeroes every series of every metric; nothing is removed.
void pg_metrics_reset(pg_metrics *metrics);

/// The registered metric that follows `after` (NULL = the first) in the order of names, or NULL.
/// `after` need not be registered any more. O(log metrics).
pg_metric *pg_metrics_next(pg_metrics *metrics, const pg_metric *after);

/// A metric outside any registry; `wall` as in pg_metrics_new. PG_INVALID, PG_NOMEM.
PG_NODISCARD pg_status pg_metric_new(const pg_alloc *alloc, const pg_clock *wall,
                                     const pg_metric_def *def, pg_metric **out, pg_error *err);

/// Registers a metric made by pg_metric_new. PG_INVALID: a name is taken. PG_NOMEM.
PG_NODISCARD pg_status pg_metrics_register(pg_metrics *metrics, pg_metric *metric, pg_error *err);

/// Adds a reference, which the caller gives back with pg_metric_release. Returns `metric`.
pg_metric *pg_metric_retain(pg_metric *metric);
void pg_metric_release(pg_metric *metric); ///< NULL is fine

/// Its definition; the views live as long as the metric. `bounds` excludes +Inf.
void pg_metric_describe(const pg_metric *metric, pg_metric_def *out);

/// The series of these label values (in the order of the label names), made unless it exists. At
/// `max_series` this is the series "other" instead. PG_INVALID: wrong count, a value that is too
/// long or not UTF-8. PG_NOMEM. O(log series).
PG_NODISCARD pg_status pg_metric_series(pg_metric *metric, const pg_str *values, size_t count,
                                        pg_series **out, pg_error *err);

/// A label value that pg_metric_series takes, made from any bytes: what is not UTF-8 becomes
/// U+FFFD, and what is longer than PG_METRIC_VALUE_MAX is cut between two characters. Returns the
/// value itself when it is right, else a view of `storage`, which has room for PG_METRIC_VALUE_MAX
/// bytes, and counts the change for promptgen_metric_labels_changed_total.
pg_str pg_metric_label_value(pg_metric *metric, pg_str value, char *storage);

/// The series of these label values if it exists, else NULL.
pg_series *pg_metric_find_series(pg_metric *metric, const pg_str *values, size_t count);

/// Removes one series; false when there is none. What it gained since it was last taken is lost.
/// The series of a metric without labels is zeroed instead, since such a metric is always written.
bool pg_metric_remove(pg_metric *metric, const pg_str *values, size_t count);

/// Removes every series (zeroes it, without labels).
void pg_metric_clear(pg_metric *metric);

/// Zeroes every series.
void pg_metric_reset(pg_metric *metric);

/// The series that follows `after` (NULL = the first) in the byte order of the label values, or
/// NULL. `after` need not belong to the metric any more. O(log series).
pg_series *pg_metric_next(pg_metric *metric, const pg_series *after);

/// Adds a reference, which the caller gives back with pg_series_release. Returns `series`. It keeps
/// the metric alive too.
pg_series *pg_series_retain(pg_series *series);
void pg_series_release(pg_series *series); ///< NULL is fine

/// Borrowed from the series.
pg_metric *pg_series_metric(const pg_series *series);
const pg_str *pg_series_labels(const pg_series *series);

/// When the series began to count, in nanoseconds since the epoch; 0 when that is not known.
int64_t pg_series_created_ns(pg_series *series);

/// Zeroes it: a counter starts anew, and what was not yet stored is forgotten.
void pg_series_reset(pg_series *series);

/// Counter: adds 1. Inline, since the call would cost as much as a third of the addition: a series
/// begins with the part of a counter that came in integers.
static inline void pg_counter_inc(pg_series *series)
{
    atomic_fetch_add_explicit((_Atomic uint64_t *)(void *)series, 1, memory_order_relaxed);
}

/// Counter: adds `amount`. Exact for integers up to 2^53 in total and far beyond in steps up to
/// 2^32. PG_INVALID for a negative, infinite or NaN amount; nothing is added then.
PG_NODISCARD pg_status pg_counter_add(pg_series *series, double amount, pg_error *err);

/// Gauge: any value, NaN and infinities included.
void pg_gauge_set(pg_series *series, double value);
void pg_gauge_add(pg_series *series, double amount);

/// Value of a counter or gauge.
double pg_series_value(pg_series *series);

/// Histogram: counts `value` in the first bucket whose bound is not below it. NaN and -Inf are not
/// counted, since their sum would be no number; promptgen_metric_observations_dropped_total counts
/// them.
void pg_histogram_observe(pg_series *series, double value);

/// A histogram's numbers at one moment.
typedef struct pg_histogram_summary {
    uint64_t count; ///< observations
    double sum;
    double min; ///< 0 while count is 0, like max and mean
    double max;
    double mean;
} pg_histogram_summary;

/// Count, sum, least, greatest and mean of all observations, also while others observe.
void pg_histogram_summarise(pg_series *series, pg_histogram_summary *out);

/// Observations in each bucket, not cumulative: `counts` has room for the bounds and +Inf.
void pg_histogram_counts(pg_series *series, uint64_t *counts);

/// The observation with index floor(count * p) of all in ascending order (the last one for p = 1);
/// 0 without observations. Exact for the first PG_METRIC_EXACT_SAMPLES observations; beyond, within
/// 1 % for values within 30 powers of two that begin 64 times below the lowest positive bound.
/// Values outside, negative ones among them, count as evenly spread between the end of that range
/// and the least or greatest observation. Observations merged from elsewhere are known by their
/// bucket only. PG_INVALID: p outside 0..1; PG_NOMEM.
PG_NODISCARD pg_status pg_histogram_percentile(pg_series *series, double p, double *out,
                                               pg_error *err);

typedef enum pg_metrics_format {
    PG_METRICS_PROMETHEUS,  ///< text/plain; version=0.0.4; charset=utf-8
    PG_METRICS_OPENMETRICS, ///< application/openmetrics-text; version=1.0.0; charset=utf-8
} pg_metrics_format;

/// Appends the text of all metrics: families by name, series by label values. The same values give
/// the same bytes, in any locale. PG_NOMEM.
PG_NODISCARD pg_status pg_metrics_write(pg_metrics *metrics, pg_metrics_format format, pg_buf *out,
                                        pg_error *err);

/// What one series gained since it was last taken, as data that may cross a process boundary.
typedef struct pg_metric_delta {
    pg_str name;
    pg_metric_kind kind;
    const pg_str *labels; ///< values in the order of the label names
    size_t label_count;
    double value;           ///< counter: amount; gauge: its value; histogram: amount of the sum
    double min;             ///< histogram: least and greatest observation so far
    double max;             ///< (min > max when there is none)
    const uint64_t *counts; ///< histogram: observations per bucket, +Inf last
    size_t count_count;     ///< bounds + 1
    /// For pg_metrics_merge: what the metric is, should the registry not know it; may be NULL.
    const pg_metric_def *definition;
} pg_metric_delta;

/// Deltas taken from a registry and not yet delivered.
typedef struct pg_deltas pg_deltas;

/// Takes what every series gained since the last time; what is taken is not taken again, by this
/// function or by a store. Live gauges are included when they were set. PG_NOMEM: nothing is taken.
PG_NODISCARD pg_status pg_metrics_take(pg_metrics *metrics, pg_deltas **out, pg_error *err);

/// One row for each series that changed; borrowed.
const pg_metric_delta *pg_deltas_rows(const pg_deltas *deltas, size_t *count);

/// The deltas have been delivered.
void pg_deltas_commit(pg_deltas *deltas);

/// Frees the deltas; without a commit they are given back and will be taken again. NULL is fine.
void pg_deltas_free(pg_deltas *deltas);

/// Adds deltas that another process took; they are treated as hostile and are all added or none. A
/// row of a metric that is not registered defines it, when it carries a definition that
/// pg_metrics_define would take and whose name does not begin with promptgen_.
/// PG_BAD_INPUT: more than PG_METRIC_DELTAS_MAX rows; an unknown metric without a definition, or
/// one that is not allowed or not the registered one; a series that is promptgen's own to count
/// (pg_metric_is_open); another kind; wrong labels; a number that is NaN, infinite, negative where
/// it must not be (in a counter; in a histogram whose name ends in _seconds or _bytes) or above the
/// limits above; a wrong number of buckets; more than PG_METRIC_DELTA_NEW_METRICS metrics or
/// PG_METRIC_DELTA_NEW_SERIES series that do not exist. PG_NOMEM.
PG_NODISCARD pg_status pg_metrics_merge(pg_metrics *metrics, const pg_metric_delta *deltas,
                                        size_t count, pg_error *err);

#endif
