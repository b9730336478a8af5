/// Deltas of another process on their way into a registry (merge). They may come from a hostile
/// process: only their raw content is read, and whatever has another shape refuses them.
#include "lua_metrics.h"

#include "lua_common.h"

#include "promptgen/metric_names.h"

#include <string.h>

/// A definition that came with a row.
typedef struct row_definition {
    pg_metric_def def;
    pg_str labels[PG_METRIC_LABELS_MAX];
    double bounds[PG_METRIC_BOUNDS_MAX + 1];
} row_definition;

/// Storage of one row.
typedef struct row_storage {
    pg_str labels[PG_METRIC_LABELS_MAX];
    uint64_t counts[PG_METRIC_BOUNDS_MAX + 1];
} row_storage;

/// Rows as they are read; a userdata of Lua, like the arrays.
typedef struct reader {
    pg_metrics *metrics;
    pg_metric_delta *rows;
    row_storage *storage;
    row_definition definitions[PG_METRIC_DELTA_NEW_METRICS];
    size_t definition_count;
    bool has_too_many; ///< definitions
    pg_metric *metric; ///< held while labels are read
} reader;

static const char reader_type[] = "promptgen.metrics.reader";

static int reader_gc(lua_State *L)
{
    reader *r = lua_touserdata(L, 1);
    pg_metric_release(r->metric);
    r->metric = NULL;
    return 0;
}

/// Reads a raw field of the table at the top of the stack; false when it has another type. The
/// table keeps a string alive.
static bool field_number(lua_State *L, const char *name, double *out)
{
    lua_pushstring(L, name);
    bool ok = lua_rawget(L, -2) == LUA_TNUMBER;
    *out = lua_tonumber(L, -1);
    lua_pop(L, 1);
    return ok;
}

static bool field_text(lua_State *L, const char *name, pg_str *out)
{
    lua_pushstring(L, name);
    bool ok = lua_rawget(L, -2) == LUA_TSTRING;
    if (ok)
        out->ptr = lua_tolstring(L, -1, &out->len);
    lua_pop(L, 1);
    return ok;
}

/// The same for a field that may be missing.
static bool opt_text(lua_State *L, const char *name, pg_str *out)
{
    lua_pushstring(L, name);
    bool is_missing = lua_rawget(L, -2) == LUA_TNIL;
    lua_pop(L, 1);
    *out = (pg_str){"", 0};
    return is_missing || field_text(L, name, out);
}

static bool field_kind(lua_State *L, pg_metric_kind *out)
{
    pg_str name;
    if (!field_text(L, "kind", &name))
        return false;
    for (int kind = 0; kind < PG_METRIC_KIND_COUNT; kind++) {
        *out = (pg_metric_kind)kind;
        if (pg_str_equal(name, pg_str_from(pg_metric_kind_name(*out))))
            return true;
    }
    return false;
}

/// Pushes the list in a field of the table at the top of the stack and gives its length; false, and
/// something pushed all the same, when it is none or longer than `max`.
static bool push_list(lua_State *L, const char *name, size_t max, size_t *count)
{
    lua_pushstring(L, name);
    bool ok = lua_rawget(L, -2) == LUA_TTABLE;
    *count = ok ? (size_t)lua_rawlen(L, -1) : 0;
    return ok && *count <= max;
}

/// Reads the map `labels` of the row at the top of the stack into the order of the metric's names.
static bool row_labels(lua_State *L, const pg_metric_def *def, pg_str *values)
{
    lua_pushliteral(L, "labels");
    bool ok = lua_rawget(L, -2) == LUA_TTABLE; // [.., row, labels]
    size_t keys = 0;
    if (ok)
        for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1))
            keys++;
    ok = ok && keys == def->label_count;
    for (size_t i = 0; ok && i < def->label_count; i++) {
        lua_pushlstring(L, def->labels[i].ptr, def->labels[i].len);
        ok = lua_rawget(L, -2) == LUA_TSTRING; // not a number: it would be converted in place
        if (ok)
            values[i].ptr = lua_tolstring(L, -1, &values[i].len);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return ok;
}

static bool row_counts(lua_State *L, pg_metric_delta *d, uint64_t *counts)
{
    size_t count;
    bool ok = push_list(L, "counts", PG_METRIC_BOUNDS_MAX + 1, &count); // [.., row, counts]
    for (size_t i = 0; ok && i < count; i++) {
        lua_rawgeti(L, -1, (lua_Integer)i + 1);
        ok = lua_isinteger(L, -1) && lua_tointeger(L, -1) >= 0;
        counts[i] = (uint64_t)lua_tointeger(L, -1);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    d->counts = counts;
    d->count_count = count;
    return ok && field_number(L, "min", &d->min) && field_number(L, "max", &d->max);
}

static bool definition_labels(lua_State *L, row_definition *d)
{
    bool ok = push_list(L, "labels", PG_METRIC_LABELS_MAX, &d->def.label_count);
    for (size_t i = 0; ok && i < d->def.label_count; i++) {
        ok = lua_rawgeti(L, -1, (lua_Integer)i + 1) == LUA_TSTRING;
        if (ok)
            d->labels[i].ptr = lua_tolstring(L, -1, &d->labels[i].len);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    d->def.labels = d->labels;
    return ok;
}

static bool definition_bounds(lua_State *L, row_definition *d)
{
    if (d->def.kind != PG_METRIC_HISTOGRAM)
        return true;
    bool ok = push_list(L, "buckets", PG_METRIC_BOUNDS_MAX, &d->def.bound_count);
    for (size_t i = 0; ok && i < d->def.bound_count; i++) {
        ok = lua_rawgeti(L, -1, (lua_Integer)i + 1) == LUA_TNUMBER;
        d->bounds[i] = lua_tonumber(L, -1);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    d->def.bounds = d->bounds;
    return ok;
}

static bool definition_mode(lua_State *L, row_definition *d)
{
    pg_str name;
    if (d->def.kind != PG_METRIC_GAUGE)
        return true;
    if (!field_text(L, "mode", &name))
        return false;
    for (int mode = 0; mode < PG_GAUGE_MODE_COUNT; mode++) {
        d->def.mode = (pg_gauge_mode)mode;
        if (pg_str_equal(name, pg_str_from(pg_gauge_mode_name(d->def.mode))))
            return true;
    }
    return false;
}

/// Reads the definition at the top of the stack; its views are of its strings.
static bool read_definition(lua_State *L, const pg_metric_delta *row, row_definition *d)
{
    double max_series;
    d->def = (pg_metric_def){.kind = row->kind, .name = row->name};
    if (!field_text(L, "help", &d->def.help) || !opt_text(L, "unit", &d->def.unit) ||
        !field_number(L, "max_series", &max_series) || !(max_series >= 1 && max_series <= 1e6))
        return false;
    d->def.max_series = (size_t)max_series;
    return definition_labels(L, d) && definition_bounds(L, d) && definition_mode(L, d);
}

/// Reads the definition of the row at the top of the stack, if it has one.
static bool row_definition_field(lua_State *L, reader *r, pg_metric_delta *row)
{
    lua_pushliteral(L, "definition");
    int type = lua_rawget(L, -2); // [.., row, definition]
    bool ok = type == LUA_TNIL;
    r->has_too_many = type == LUA_TTABLE && r->definition_count == PG_METRIC_DELTA_NEW_METRICS;
    if (type == LUA_TTABLE && !r->has_too_many) {
        row_definition *d = &r->definitions[r->definition_count];
        ok = read_definition(L, row, d);
        row->definition = &d->def;
        r->definition_count++;
    }
    lua_pop(L, 1);
    return ok;
}

/// What the metric of a row is: as it is registered, or as a row before has defined it.
static bool definition_of(reader *r, const pg_metric_delta *row, pg_metric_def *out)
{
    for (size_t i = 0; i < r->definition_count; i++)
        if (pg_str_equal(r->definitions[i].def.name, row->name)) {
            *out = r->definitions[i].def;
            return true;
        }
    r->metric = pg_metrics_find(r->metrics, row->name);
    if (r->metric == NULL)
        return false;
    pg_metric_describe(r->metric, out);
    return true;
}

/// Reads the row at the top of the stack; false for what is no row.
static bool read_row(lua_State *L, reader *r, size_t index)
{
    pg_metric_delta *d = &r->rows[index];
    row_storage *storage = &r->storage[index];
    pg_metric_def def;
    if (lua_type(L, -1) != LUA_TTABLE || lua_getmetatable(L, -1) ||
        !field_text(L, "name", &d->name) || !field_kind(L, &d->kind) ||
        !field_number(L, "value", &d->value) || !row_definition_field(L, r, d) ||
        !definition_of(r, d, &def))
        return false;
    bool ok = row_labels(L, &def, storage->labels);
    d->labels = storage->labels;
    d->label_count = def.label_count;
    if (ok && d->kind == PG_METRIC_HISTOGRAM)
        ok = row_counts(L, d, storage->counts);
    pg_metric_release(r->metric);
    r->metric = NULL;
    return ok;
}

/// Counts a refused set, where the registry has the counter, and returns nil and the error.
static int refuse(lua_State *L, pg_metrics *metrics, const pg_error *err)
{
    pg_series *s = NULL;
    if (pg_metrics_series(metrics, PG_METRIC_ID_DELTAS_REJECTED, NULL, 0, &s, NULL) == PG_OK)
        pg_counter_inc(s);
    pg_series_release(s);
    return pg_lua_fail(L, err, NULL);
}

/// Pushes a reader with room for `count` rows, and the arrays below it.
static reader *push_reader(lua_State *L, pg_metrics *metrics, size_t count)
{
    size_t room = count > 0 ? count : 1;
    pg_metric_delta *rows = lua_newuserdatauv(L, room * sizeof *rows, 0);
    row_storage *storage = lua_newuserdatauv(L, room * sizeof *storage, 0);
    reader *r = lua_newuserdatauv(L, sizeof *r, 0); // [.., rows, storage, reader]
    memset(rows, 0, room * sizeof *rows);
    memset(r, 0, sizeof *r);
    r->metrics = metrics;
    r->rows = rows;
    r->storage = storage;
    luaL_setmetatable(L, reader_type);
    return r;
}

/// metrics.merge(rows) -> true | nil, err; all rows are added or none
int pg_lua_metrics_merge(lua_State *L)
{
    int arg;
    pg_metrics *metrics = pg_lua_target_registry(L, &arg);
    luaL_checkany(L, arg);
    lua_settop(L, arg);
    pg_error err = {0};
    size_t count = lua_istable(L, arg) ? (size_t)lua_rawlen(L, arg) : SIZE_MAX;
    if (count > PG_METRIC_DELTAS_MAX) {
        (void)pg_error_set(&err, PG_BAD_INPUT, "deltas are a list of at most %d rows",
                           PG_METRIC_DELTAS_MAX);
        return refuse(L, metrics, &err);
    }
    reader *r = push_reader(L, metrics, count);
    int base = lua_gettop(L);
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, arg, (lua_Integer)i + 1); // [.., list, rows, storage, reader, row]
        if (!read_row(L, r, i)) {
            if (r->has_too_many)
                (void)pg_error_set(&err, PG_BAD_INPUT, "more than %d metrics of its own at once",
                                   PG_METRIC_DELTA_NEW_METRICS);
            else
                (void)pg_error_set(&err, PG_BAD_INPUT, "row %zu is no delta of a metric", i + 1);
            return refuse(L, metrics, &err);
        }
        lua_settop(L, base);
    }
    if (pg_metrics_merge(metrics, r->rows, count, &err) != PG_OK)
        return refuse(L, metrics, &err);
    lua_pushboolean(L, 1);
    return 1;
}

void pg_lua_define_merge(lua_State *L)
{
    pg_lua_new_type(L, reader_type, NULL, NULL); // [reader]
    lua_pushcfunction(L, reader_gc);
    lua_setfield(L, -2, "__gc");
    lua_pop(L, 1);
}
