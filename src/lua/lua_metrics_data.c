/// Registries as data: what they hold (collect) and what changed (deltas). See lua_metrics.h.
#include "lua_metrics.h"

#include "lua_common.h"

#include "promptgen/metric_names.h"

#include <math.h>

static const char deltas_type[] = "promptgen.metrics.deltas";
static const char cursor_type[] = "promptgen.metrics.cursor";

/// Where a walk over a registry stands; a userdata, so that an error of Lua frees the references.
typedef struct cursor {
    pg_metric *metric;
    pg_series *series;
} cursor;

static int cursor_gc(lua_State *L)
{
    cursor *c = lua_touserdata(L, 1);
    pg_series_release(c->series);
    pg_metric_release(c->metric);
    *c = (cursor){NULL, NULL};
    return 0;
}

static bool next_metric(pg_metrics *metrics, cursor *c)
{
    pg_metric *next = pg_metrics_next(metrics, c->metric);
    pg_metric_release(c->metric);
    c->metric = next;
    return next != NULL;
}

static bool next_series(cursor *c)
{
    pg_series *next = pg_metric_next(c->metric, c->series);
    pg_series_release(c->series);
    c->series = next;
    return next != NULL;
}

static void set_number(lua_State *L, const char *field, double value)
{
    lua_pushnumber(L, value);
    lua_setfield(L, -2, field);
}

static void set_text(lua_State *L, const char *field, pg_str value)
{
    lua_pushlstring(L, value.ptr, value.len);
    lua_setfield(L, -2, field);
}

/// Pushes the buckets of a histogram as {le=, count=}, cumulative; the last `le` is math.huge.
static void push_buckets(lua_State *L, const pg_metric_def *def, const uint64_t *counts)
{
    lua_createtable(L, (int)def->bound_count + 1, 0); // [.., buckets]
    uint64_t cumulative = 0;
    for (size_t i = 0; i <= def->bound_count; i++) {
        cumulative += counts[i];
        lua_createtable(L, 0, 2); // [.., buckets, bucket]
        set_number(L, "le", i < def->bound_count ? def->bounds[i] : (double)HUGE_VAL);
        lua_pushinteger(L, (lua_Integer)cumulative);
        lua_setfield(L, -2, "count");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

/// Pushes one series: {labels=, created=?, value=} or {labels=, created=?, count=, sum=, min=,
/// max=, buckets=}.
static void push_series(lua_State *L, const pg_metric_def *def, pg_series *s)
{
    lua_createtable(L, 0, 7); // [.., series]
    pg_lua_push_labels(L, def, pg_series_labels(s));
    lua_setfield(L, -2, "labels");
    int64_t created_ns = pg_series_created_ns(s);
    if (created_ns != 0)
        set_number(L, "created", (double)created_ns / (double)PG_NS_PER_SECOND);
    if (def->kind != PG_METRIC_HISTOGRAM) {
        set_number(L, "value", pg_series_value(s));
        return;
    }
    uint64_t counts[PG_METRIC_BOUNDS_MAX + 1];
    pg_histogram_counts(s, counts);
    pg_histogram_summary y;
    pg_histogram_summarise(s, &y);
    lua_pushinteger(L, (lua_Integer)y.count);
    lua_setfield(L, -2, "count");
    set_number(L, "sum", y.sum);
    set_number(L, "min", y.min);
    set_number(L, "max", y.max);
    push_buckets(L, def, counts);
    lua_setfield(L, -2, "buckets");
}

/// Pushes one metric: {name=, kind=, help=, unit=?, labels=, series=}.
static void push_metric(lua_State *L, cursor *c)
{
    pg_metric_def def;
    pg_metric_describe(c->metric, &def);
    lua_createtable(L, 0, 6); // [.., metric]
    set_text(L, "name", def.name);
    set_text(L, "kind", pg_str_from(pg_metric_kind_name(def.kind)));
    set_text(L, "help", def.help);
    if (def.unit.len > 0)
        set_text(L, "unit", def.unit);
    lua_createtable(L, (int)def.label_count, 0); // [.., metric, names]
    for (size_t i = 0; i < def.label_count; i++) {
        lua_pushlstring(L, def.labels[i].ptr, def.labels[i].len);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "labels");
    lua_newtable(L); // [.., metric, list]
    for (lua_Integer i = 1; next_series(c); i++) {
        push_series(L, &def, c->series);
        lua_rawseti(L, -2, i);
    }
    lua_setfield(L, -2, "series");
}

/// Pushes an empty cursor.
static cursor *push_cursor(lua_State *L)
{
    cursor *c = lua_newuserdatauv(L, sizeof *c, 0); // [.., cursor]
    *c = (cursor){NULL, NULL};
    luaL_setmetatable(L, cursor_type);
    return c;
}

/// metrics.collect() -> list of metrics in the order of names
int pg_lua_metrics_collect(lua_State *L)
{
    int arg;
    pg_metrics *metrics = pg_lua_target_registry(L, &arg);
    cursor *c = push_cursor(L);
    lua_newtable(L); // [.., cursor, list]
    for (lua_Integer i = 1; next_metric(metrics, c); i++) {
        push_metric(L, c);
        lua_rawseti(L, -2, i);
    }
    return 1;
}

static int deltas_gc(lua_State *L)
{
    pg_deltas **box = lua_touserdata(L, 1);
    pg_deltas_free(*box);
    *box = NULL;
    return 0;
}

/// Pushes one row: {name=, kind=, labels=, value=} and, for a histogram, {min=, max=, counts=}; the
/// first one of a metric that is not promptgen's own has a {definition=}.
static void push_delta(lua_State *L, pg_metrics *metrics, const pg_metric_delta *d, bool is_first,
                       cursor *c)
{
    c->metric = pg_metrics_find(metrics, d->name);
    pg_metric_def def;
    pg_metric_describe(c->metric, &def);
    lua_createtable(L, 0, 7); // [.., row]
    set_text(L, "name", d->name);
    set_text(L, "kind", pg_str_from(pg_metric_kind_name(d->kind)));
    pg_lua_push_labels(L, &def, d->labels);
    lua_setfield(L, -2, "labels");
    set_number(L, "value", d->value);
    if (is_first && !pg_metric_is_listed(d->name)) {
        pg_lua_push_definition(L, &def);
        lua_setfield(L, -2, "definition");
    }
    pg_metric_release(c->metric);
    c->metric = NULL;
    if (d->kind != PG_METRIC_HISTOGRAM)
        return;
    set_number(L, "min", d->min);
    set_number(L, "max", d->max);
    lua_createtable(L, (int)d->count_count, 0); // [.., row, counts]
    for (size_t i = 0; i < d->count_count; i++) {
        lua_pushinteger(L, (lua_Integer)d->counts[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "counts");
}

/// metrics.deltas() -> list of rows; they are taken when this returns
int pg_lua_metrics_deltas(lua_State *L)
{
    int arg;
    pg_metrics *metrics = pg_lua_target_registry(L, &arg);
    pg_deltas **box = (pg_deltas **)pg_lua_new_handle(L, deltas_type, 0); // [.., deltas]
    cursor *c = push_cursor(L);
    pg_error err = {0};
    if (pg_metrics_take(metrics, box, &err) != PG_OK)
        return pg_lua_raise(L, &err);
    size_t count;
    const pg_metric_delta *rows = pg_deltas_rows(*box, &count);
    lua_createtable(L, (int)count, 0); // [.., deltas, cursor, list]
    for (size_t i = 0; i < count; i++) {
        push_delta(L, metrics, &rows[i], i == 0 || !pg_str_equal(rows[i].name, rows[i - 1].name),
                   c);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    pg_deltas_commit(*box);
    return 1;
}

void pg_lua_define_deltas(lua_State *L)
{
    pg_lua_new_type(L, deltas_type, NULL, NULL); // [deltas]
    lua_pushcfunction(L, deltas_gc);
    lua_setfield(L, -2, "__gc");
    pg_lua_new_type(L, cursor_type, NULL, NULL); // [deltas, cursor]
    lua_pushcfunction(L, cursor_gc);
    lua_setfield(L, -2, "__gc");
    lua_pop(L, 2);
}
