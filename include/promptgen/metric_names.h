/// Every metric of promptgen, in one list: name, help, labels, buckets, gauge mode.
///
/// Add a metric here and nowhere else: the registry, the Lua module, both exposition formats and
/// the store take it from this list, and a test holds docs/metrics.md against it. Label values must
/// come from a small set: never a path, a plan or a message.
#ifndef PROMPTGEN_METRIC_NAMES_H
#define PROMPTGEN_METRIC_NAMES_H

#include "promptgen/metrics.h"

/// X(symbol, kind, "name", "help", "unit", "label,label", gauge mode). A histogram has the bounds
/// of pg_metric_default_bounds.
#define PG_METRIC_NAMES(X)                                                                         \
    X(PROMPTS, COUNTER, "prompt_generation_total", "Prompts asked for, by workflow and outcome",   \
      "", "workflow,status", LIVE)                                                                 \
    X(PROMPT_DURATION, HISTOGRAM, "prompt_generation_duration_seconds",                            \
      "Time from reading the command line to the finished prompt", "seconds", "workflow", LIVE)    \
    X(CACHE_HITS, COUNTER, "plan_cache_hits_total", "Look-ups in a cache, by what they found", "", \
      "cache_name,hit_type", LIVE)                                                                 \
    X(CACHE_ENTRIES, GAUGE, "promptgen_cache_entries", "Entries that a cache holds", "",           \
      "cache_name", LIVE)                                                                          \
    X(CACHE_SIZE, GAUGE, "promptgen_cache_size_bytes", "Memory that the entries of a cache take",  \
      "bytes", "cache_name", LIVE)                                                                 \
    X(CACHE_EVICTIONS, COUNTER, "promptgen_cache_evictions_total",                                 \
      "Entries that left a cache, by reason", "", "cache_name,reason", LIVE)                       \
    X(CACHE_CORRUPT, COUNTER, "promptgen_cache_corrupt_total",                                     \
      "Stored records that were discarded because they did not verify, by reason", "", "reason",   \
      LIVE)                                                                                        \
    X(ERRORS, COUNTER, "promptgen_errors_total", "Errors, by code and by the part that met them",  \
      "", "error_type,component", LIVE)                                                            \
    X(RETRIES, COUNTER, "promptgen_retries_total", "Operations tried again, by cause", "",         \
      "function,error_type", LIVE)                                                                 \
    X(LAST_SUCCESS, GAUGE, "promptgen_last_success_timestamp_seconds",                             \
      "When a prompt was last written, in seconds since the epoch", "seconds", "", MAX)            \
    X(BUILD_INFO, GAUGE, "promptgen_build_info", "The value is 1; the label names the version",    \
      "", "version", LIVE)                                                                         \
    X(SERIES_DROPPED, COUNTER, "promptgen_metric_series_dropped_total",                            \
      "Look-ups of series beyond the limit, answered by the series named other", "", "metric",     \
      LIVE)                                                                                        \
    X(OBSERVATIONS_DROPPED, COUNTER, "promptgen_metric_observations_dropped_total",                \
      "Observations not counted because they are no number", "", "metric", LIVE)                   \
    X(LABELS_CHANGED, COUNTER, "promptgen_metric_labels_changed_total",                            \
      "Label values that were changed because they were too long or not UTF-8", "", "metric",      \
      LIVE)                                                                                        \
    X(DELTAS_REJECTED, COUNTER, "promptgen_metric_deltas_rejected_total",                          \
      "Sets of deltas from a worker that were refused", "", "", LIVE)                              \
    X(STORE_RESETS, COUNTER, "promptgen_metrics_store_resets_total",                               \
      "Times the file of totals was set aside because it was damaged or newer", "", "", LIVE)      \
    X(STORE_DROPPED, COUNTER, "promptgen_metrics_store_dropped_total",                             \
      "Series whose gain was lost because the file of totals was full", "", "", LIVE)

typedef enum pg_metric_id {
#define PG_METRIC_ID_ENUM(symbol, kind, name, help, unit, labels, mode) PG_METRIC_ID_##symbol,
    PG_METRIC_NAMES(PG_METRIC_ID_ENUM)
#undef PG_METRIC_ID_ENUM
        PG_METRIC_ID_COUNT
} pg_metric_id;

/// Fills `out` with the definition of a metric of the list; `labels` is storage for its names and
/// has room for PG_METRIC_LABELS_MAX.
void pg_metric_name_def(pg_metric_id id, pg_metric_def *out, pg_str *labels);

/// True for the name of a metric of the list.
bool pg_metric_is_listed(pg_str name);

/// True when code that is not promptgen's may count in the series of these label values: in every
/// metric outside of the list, and of the list in those that are meant for it, which are
/// promptgen_retries_total, promptgen_errors_total with the component "workflow", and the counters
/// of what a registry dropped of metrics outside of the list. `labels` has the values of all labels
/// of a listed metric.
bool pg_metric_is_open(pg_str name, const pg_str *labels);

/// Defines every metric of the list in `metrics` and sets promptgen_build_info. PG_INVALID when the
/// registry holds something else under one of the names; PG_NOMEM.
PG_NODISCARD pg_status pg_metrics_define_names(pg_metrics *metrics, pg_error *err);

/// A new registry with every metric of the list. PG_NOMEM.
PG_NODISCARD pg_status pg_metrics_new_standard(const pg_alloc *alloc, const pg_clock *wall,
                                               pg_metrics **out, pg_error *err);

/// The series of a metric of the list; as pg_metric_series. PG_INVALID also when the metric is not
/// registered.
PG_NODISCARD pg_status pg_metrics_series(pg_metrics *metrics, pg_metric_id id, const pg_str *labels,
                                         size_t count, pg_series **out, pg_error *err);

#endif
