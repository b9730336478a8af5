/// What the bindings of metrics share. Internal to src/lua.
///
/// A registry is a userdata that holds one reference. A metric is a userdata of its kind's type
/// that holds the metric and, once its label values are known, one series; a metric without labels
/// has its series from the start.
#ifndef PROMPTGEN_LUA_METRICS_H
#define PROMPTGEN_LUA_METRICS_H

#include "promptgen/metrics.h"

#include <lua.h>
#include <stdbool.h>

#define PG_LUA_REGISTRY_TYPE "promptgen.metrics.registry"
#define PG_LUA_COUNTER_TYPE "promptgen.metrics.counter"
#define PG_LUA_GAUGE_TYPE "promptgen.metrics.gauge"
#define PG_LUA_HISTOGRAM_TYPE "promptgen.metrics.histogram"

typedef struct pg_lua_metric {
    const void *tag;   ///< says of which type the userdata is, see lua_metric.c
    pg_metric *metric; ///< NULL until acquired
    pg_series *series; ///< NULL while label values are missing
} pg_lua_metric;

/// The registry that a function of the module works on: argument 1 when that is a registry, else
/// the first upvalue. `*first` is the index of the first proper argument. The registry must stay
/// where it is, so that it is not collected meanwhile.
pg_metrics *pg_lua_target_registry(lua_State *L, int *first);

/// Pushes an empty metric of `kind`, to be acquired into.
pg_lua_metric *pg_lua_new_metric(lua_State *L, pg_metric_kind kind);

/// Puts `metric` and its only series, if it has no labels, into an empty handle; takes the
/// reference over.
void pg_lua_fill_metric(pg_lua_metric *handle, pg_metric *metric);

/// Gives the handle at the top of the stack the type of its metric's kind.
void pg_lua_set_metric_type(lua_State *L, pg_lua_metric *handle);

/// The metric at index 1 of a method that has its type's metatable as first upvalue; raises for
/// anything else.
pg_lua_metric *pg_lua_metric_self(lua_State *L);

/// The metric of any kind at `arg`; raises for anything else.
pg_lua_metric *pg_lua_check_metric(lua_State *L, int arg);

/// Reads the label values of `metric` from the table at `arg` (nil = no labels) into `values`, in
/// the order of the names; pushes what must stay on the stack while they are used. Raises when a
/// label is missing, unknown or neither string, number nor boolean; a text that no label may have
/// is changed (pg_metric_label_value), since it comes from data more often than from a mistake.
size_t pg_lua_check_labels(lua_State *L, int arg, pg_metric *metric, pg_str *values);

/// Pushes what a metric is as a table, as metric:describe() gives it.
void pg_lua_push_definition(lua_State *L, const pg_metric_def *def);

/// Pushes a map from the label names to the values of a series.
void pg_lua_push_labels(lua_State *L, const pg_metric_def *def, const pg_str *values);

/// Raises `err`'s message; for what only a caller's mistake can cause.
int pg_lua_raise(lua_State *L, const pg_error *err);

/// Defines the types of metrics (lua_metric.c) and of the timers they give (lua_metric_timer.c).
void pg_lua_define_metric_types(lua_State *L);
void pg_lua_define_metric_timer(lua_State *L);

/// Methods of histograms that run a timer: time and wrap (lua_metric_timer.c).
int pg_lua_histogram_time(lua_State *L);
int pg_lua_histogram_wrap(lua_State *L);

/// Functions of the module that turn registries into data (lua_metrics_data.c), and back
/// (lua_metrics_merge.c).
int pg_lua_metrics_collect(lua_State *L);
int pg_lua_metrics_deltas(lua_State *L);
int pg_lua_metrics_merge(lua_State *L);
void pg_lua_define_deltas(lua_State *L);
void pg_lua_define_merge(lua_State *L);

#endif
