/// What the metrics_*.c files share: the layout of registry, metric and series.
///
/// Locks: a registry's guards its list of metrics; a metric's guards its list of series and their
/// "taken" fields. The first may be held while the second is taken, never the other way round. The
/// numbers of a series are atomic and need no lock; they are independent of each other, so relaxed
/// order is enough.
#ifndef PROMPTGEN_METRICS_INTERNAL_H
#define PROMPTGEN_METRICS_INTERNAL_H

#include "promptgen/metrics.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

enum {
    SAMPLES_OCTAVES = 30,    ///< powers of two that the sketch covers
    SAMPLES_PER_OCTAVE = 35, ///< bins in each: 1 % relative error, see metrics_samples.c
    SAMPLES_BINS = SAMPLES_OCTAVES * SAMPLES_PER_OCTAVE + 2, ///< one more below and above
};

/// The observations of one series, in bounded memory: the first ones as they are, later ones in
/// logarithmic bins.
typedef struct pg_samples {
    _Atomic uint32_t exact_count;                  ///< slots handed out; may exceed the array
    int base;                                      ///< exponent of the lowest bin; constant
    _Atomic double exact[PG_METRIC_EXACT_SAMPLES]; ///< NaN = not yet written
    _Atomic uint32_t bins[SAMPLES_BINS];           ///< counts; stop short of wrapping
} pg_samples;

struct pg_series {
    _Atomic uint64_t whole; ///< counter: the part that came in integers; see pg_counter_inc
    _Atomic double part;    ///< counter: the rest; gauge: value; histogram: sum
    _Atomic double min;     ///< histogram: +Inf while empty
    _Atomic double max;     ///< histogram: -Inf while empty
    atomic_bool changed;    ///< gauge: set since it was taken
    atomic_uint refs;       ///< the metric's own and those given out
    const double *bounds;   ///< the metric's
    size_t bound_count;
    _Atomic uint64_t *counts; ///< histogram: bound_count + 1, not cumulative
    pg_samples *samples;      ///< histogram
    pg_metric *metric;        ///< each reference given out also holds the metric

    // Guarded by the metric's lock.
    uint64_t taken_whole;
    double taken_part;
    uint64_t *taken_counts;
    unsigned epoch; ///< counts resets, so that deltas taken before one are not given back
    int64_t created_ns;

    size_t size;     ///< bytes of this block
    pg_str labels[]; ///< values; their text ends the block
};

_Static_assert(offsetof(struct pg_series, whole) == 0, "pg_counter_inc adds to the first field");

struct pg_metric {
    const pg_alloc *alloc;
    pg_clock wall;
    atomic_uint refs;
    pg_metric_kind kind;
    pg_gauge_mode mode;
    pg_str name;
    pg_str help;
    pg_str unit;
    size_t label_count;
    size_t bound_count;
    const double *bounds;
    const pg_str *bound_texts; ///< OpenMetrics spelling: "0.005", "1.0"
    size_t max_series;
    _Atomic uint64_t series_dropped;       ///< look-ups that ended in the series "other"
    _Atomic uint64_t observations_dropped; ///< observations that are no number
    _Atomic uint64_t labels_changed;       ///< label values that had to be changed
    uint64_t series_reported;              ///< of these, in the drop counter; registry lock
    uint64_t observations_reported;
    uint64_t labels_reported;

    pthread_mutex_t lock;
    pg_series **series; ///< sorted by label values
    size_t series_count;
    size_t series_cap;

    size_t size;     ///< bytes of this block
    pg_str labels[]; ///< names; bounds and texts end the block
};

struct pg_metrics {
    const pg_alloc *alloc;
    pg_clock wall;
    pthread_mutex_t lock;
    pg_metric **metrics; ///< sorted by name
    size_t count;
    size_t cap;
};

/// Checks a definition by itself (metrics_def.c). PG_INVALID.
PG_NODISCARD pg_status pg__metric_check_def(const pg_metric_def *def, pg_error *err);

/// Bounds of a definition: the default when it names none, without a last +Inf.
void pg__metric_bounds(const pg_metric_def *def, const double **bounds, size_t *count);

/// True when the metric was made from an equal definition.
bool pg__metric_equals_def(const pg_metric *metric, const pg_metric_def *def);

/// True when the two would write a common name.
bool pg__metric_collides(const pg_metric *metric, pg_metric_kind kind, pg_str name);

/// PG_INVALID when a registered metric claims a name that this one would write.
PG_NODISCARD pg_status pg__metrics_check_claims(pg_metrics *metrics, pg_metric_kind kind,
                                                pg_str name, pg_error *err);

/// A counter's name without _total; any other name unchanged.
pg_str pg__metric_family(pg_metric_kind kind, pg_str name);

/// Index of the series with these label values, or of the place where it belongs; lock held.
size_t pg__metric_locate(const pg_metric *metric, const pg_str *values, bool *found);

/// Zeroes the numbers of a series; lock held.
void pg__series_zero(pg_series *series);

/// Adds to an atomic double.
void pg__atomic_add(_Atomic double *target, double amount);

/// Lowers or raises an atomic double to `value`.
void pg__atomic_min(_Atomic double *target, double value);
void pg__atomic_max(_Atomic double *target, double value);

/// Brings the registry's drop counters up to date; called before its content is read.
PG_NODISCARD pg_status pg__metrics_report_drops(pg_metrics *metrics, pg_error *err);

/// Says of all series of a registry that they began at `created_ns`; 0 = unknown.
void pg__metrics_date(pg_metrics *metrics, int64_t created_ns);

/// Adds what a delta holds to its series; the delta has been checked.
void pg__series_apply(pg_series *series, const pg_metric_delta *delta);

/// The series of a row of deltas; borrowed.
pg_series *pg__deltas_series(const pg_deltas *deltas, size_t row);

/// Samples (metrics_samples.c). `base` is the exponent of the lowest bin.
int pg__samples_base(const double *bounds, size_t count);
void pg__samples_clear(pg_samples *samples);
void pg__samples_add(pg_samples *samples, double value);

/// Adds `count` observations of about `value`.
void pg__samples_add_many(pg_samples *samples, double value, uint64_t count);

/// The observation of rank floor(n * p), clamped to [min, max]; 0 without observations.
double pg__samples_percentile(const pg_samples *samples, double p, double min, double max);

/// Numbers as text (metrics_number.c), the same in any locale: integers below 2^53 in full, else
/// the shortest decimal that reads back as the same double; NaN, +Inf, -Inf.
void pg__number_put(pg_buf *out, double value);

/// The spelling of a bucket bound in OpenMetrics ("Canonical Numbers"): 1.0, 0.005, 1e+06, +Inf.
void pg__number_put_bound(pg_buf *out, double value);

#endif
