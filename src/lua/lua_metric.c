/// Counters, gauges and histograms as Lua objects. See lua_metrics.h.
///
/// Methods carry their type's metatable as first upvalue: comparing it is several times faster than
/// luaL_checkudata. The hot path does not even look at that: only this file's userdata hold the
/// address of a type's name at their beginning.
#include "lua_metrics.h"

#include "lua_common.h"

#include <math.h>

static const char *const type_names[PG_METRIC_KIND_COUNT] = {
    [PG_METRIC_COUNTER] = PG_LUA_COUNTER_TYPE,
    [PG_METRIC_GAUGE] = PG_LUA_GAUGE_TYPE,
    [PG_METRIC_HISTOGRAM] = PG_LUA_HISTOGRAM_TYPE,
};

int pg_lua_raise(lua_State *L, const pg_error *err)
{
    return luaL_error(L, "%s", err->message);
}

pg_lua_metric *pg_lua_new_metric(lua_State *L, pg_metric_kind kind)
{
    pg_lua_metric *h = lua_newuserdatauv(L, sizeof *h, 0); // [.., metric]
    *h = (pg_lua_metric){.tag = &type_names[kind]};
    luaL_setmetatable(L, type_names[kind]);
    return h;
}

void pg_lua_fill_metric(pg_lua_metric *handle, pg_metric *metric)
{
    handle->metric = metric;
    handle->series = pg_metric_find_series(metric, NULL, 0);
}

void pg_lua_set_metric_type(lua_State *L, pg_lua_metric *handle)
{
    pg_metric_def def;
    pg_metric_describe(handle->metric, &def);
    handle->tag = &type_names[def.kind];
    luaL_setmetatable(L, type_names[def.kind]);
}

/// The metric of any kind at `arg`, or NULL.
static pg_lua_metric *test_metric(lua_State *L, int arg)
{
    pg_lua_metric *h = NULL;
    for (int kind = 0; h == NULL && kind < PG_METRIC_KIND_COUNT; kind++)
        h = luaL_testudata(L, arg, type_names[kind]);
    return h;
}

pg_lua_metric *pg_lua_check_metric(lua_State *L, int arg)
{
    pg_lua_metric *h = test_metric(L, arg);
    if (h == NULL)
        luaL_typeerror(L, arg, "metric");
    return h;
}

pg_lua_metric *pg_lua_metric_self(lua_State *L)
{
    int top = lua_gettop(L);
    bool same = lua_getmetatable(L, 1) && lua_rawequal(L, -1, lua_upvalueindex(1));
    lua_settop(L, top);
    if (!same)
        luaL_typeerror(L, 1, "metric of this kind");
    return lua_touserdata(L, 1);
}

/// The series of the metric at index 1 when that is of `kind` and has one; else NULL. Touches no
/// stack slot.
static pg_series *ready_series(lua_State *L, pg_metric_kind kind)
{
    const pg_lua_metric *h = lua_touserdata(L, 1);
    bool is_ours =
        h != NULL && lua_rawlen(L, 1) == sizeof *h && h->tag == (const void *)&type_names[kind];
    return is_ours ? h->series : NULL;
}

/// The series of a call whose labels are at `arg`, with a reference: the object's own without
/// labels. Raises when labels are missing, or given to an object that has its series already.
static pg_series *call_series(lua_State *L, const pg_lua_metric *h, int arg)
{
    if (h->series != NULL) {
        luaL_argcheck(L, lua_isnoneornil(L, arg), arg, "the labels are already given");
        return pg_series_retain(h->series);
    }
    pg_str values[PG_METRIC_LABELS_MAX];
    size_t count = pg_lua_check_labels(L, arg, h->metric, values);
    pg_series *s = NULL;
    pg_error err = {0};
    if (pg_metric_series(h->metric, values, count, &s, &err) != PG_OK)
        pg_lua_raise(L, &err);
    return s;
}

/// The same, but a series that does not exist is not made: NULL.
static pg_series *find_series(lua_State *L, const pg_lua_metric *h, int arg)
{
    if (h->series != NULL)
        return call_series(L, h, arg);
    pg_str values[PG_METRIC_LABELS_MAX];
    size_t count = pg_lua_check_labels(L, arg, h->metric, values);
    return pg_metric_find_series(h->metric, values, count);
}

/// The number at `arg`; strings are not converted.
static double check_number(lua_State *L, int arg)
{
    luaL_checktype(L, arg, LUA_TNUMBER);
    return lua_tonumber(L, arg);
}

/// Reads ([amount] [, labels]): the amount defaults to 1; returns the index of the labels.
static int check_amount(lua_State *L, double *amount)
{
    *amount = 1;
    if (lua_istable(L, 2)) {
        luaL_argcheck(L, lua_isnoneornil(L, 3), 3, "labels come last");
        return 2;
    }
    if (!lua_isnoneornil(L, 2))
        *amount = check_number(L, 2);
    return 3;
}

/// The whole of counter:inc; apart, so that the hot path has no stack frame to set up.
__attribute__((noinline)) static int increment(lua_State *L)
{
    pg_lua_metric *h = pg_lua_metric_self(L);
    double amount;
    int labels = check_amount(L, &amount);
    pg_series *s = call_series(L, h, labels);
    pg_error err = {0};
    pg_status status = pg_counter_add(s, amount, &err);
    pg_series_release(s);
    return status == PG_OK ? 0 : pg_lua_raise(L, &err);
}

/// counter:inc([amount] [, labels])
static int l_counter_inc(lua_State *L)
{
    pg_series *ready = lua_gettop(L) == 1 ? ready_series(L, PG_METRIC_COUNTER) : NULL;
    if (ready == NULL)
        return increment(L);
    pg_counter_inc(ready); // nothing to look at and nothing to clean up
    return 0;
}

__attribute__((noinline)) static int add_amount(lua_State *L, pg_series *series)
{
    pg_error err = {0};
    pg_status status = pg_counter_add(series, check_number(L, 1), &err);
    return status == PG_OK ? 0 : pg_lua_raise(L, &err);
}

/// The function that counter:incrementer() gives; its upvalue is a metric with its series.
static int l_bound_inc(lua_State *L)
{
    const pg_lua_metric *h = lua_touserdata(L, lua_upvalueindex(1));
    if (lua_gettop(L) > 0)
        return add_amount(L, h->series);
    pg_counter_inc(h->series);
    return 0;
}

/// counter:incrementer() -> function([amount])
static int l_counter_incrementer(lua_State *L)
{
    const pg_lua_metric *h = pg_lua_metric_self(L);
    luaL_argcheck(L, h->series != NULL, 1, "labels are missing");
    lua_settop(L, 1);
    lua_pushcclosure(L, l_bound_inc, 1);
    return 1;
}

/// gauge:set(value [, labels])
static int l_gauge_set(lua_State *L)
{
    pg_lua_metric *h = pg_lua_metric_self(L);
    double value = check_number(L, 2);
    pg_series *s = call_series(L, h, 3);
    pg_gauge_set(s, value);
    pg_series_release(s);
    return 0;
}

static int add_to_gauge(lua_State *L, double sign)
{
    pg_lua_metric *h = pg_lua_metric_self(L);
    double amount;
    int labels = check_amount(L, &amount);
    pg_series *s = call_series(L, h, labels);
    pg_gauge_add(s, sign * amount);
    pg_series_release(s);
    return 0;
}

/// gauge:inc([amount] [, labels]), gauge:dec([amount] [, labels])
static int l_gauge_inc(lua_State *L)
{
    return add_to_gauge(L, 1);
}

static int l_gauge_dec(lua_State *L)
{
    return add_to_gauge(L, -1);
}

/// The whole of histogram:observe; apart as that of counter:inc.
__attribute__((noinline)) static int observe(lua_State *L)
{
    const pg_lua_metric *h = pg_lua_metric_self(L);
    double value = check_number(L, 2);
    pg_series *s = call_series(L, h, 3);
    pg_histogram_observe(s, value);
    pg_series_release(s);
    return 0;
}

/// histogram:observe(value [, labels])
static int l_histogram_observe(lua_State *L)
{
    bool is_plain = lua_gettop(L) == 2 && lua_type(L, 2) == LUA_TNUMBER;
    pg_series *ready = is_plain ? ready_series(L, PG_METRIC_HISTOGRAM) : NULL;
    if (ready == NULL)
        return observe(L);
    pg_histogram_observe(ready, lua_tonumber(L, 2));
    return 0;
}

/// metric:get([labels]) -> value of a counter or gauge; 0 for a series that does not exist
static int l_get(lua_State *L)
{
    pg_series *s = find_series(L, pg_lua_metric_self(L), 2);
    double value = s != NULL ? pg_series_value(s) : 0;
    pg_series_release(s);
    lua_pushnumber(L, value);
    return 1;
}

/// histogram:summary([labels]) -> {count=, sum=, min=, max=, avg=}
static int l_histogram_summary(lua_State *L)
{
    pg_histogram_summary y = {0};
    pg_series *s = find_series(L, pg_lua_metric_self(L), 2);
    if (s != NULL)
        pg_histogram_summarise(s, &y);
    pg_series_release(s);
    lua_createtable(L, 0, 5); // [.., summary]
    lua_pushinteger(L, (lua_Integer)y.count);
    lua_setfield(L, -2, "count");
    const struct {
        const char *name;
        double value;
    } fields[] = {{"sum", y.sum}, {"min", y.min}, {"max", y.max}, {"avg", y.mean}};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        lua_pushnumber(L, fields[i].value);
        lua_setfield(L, -2, fields[i].name);
    }
    return 1;
}

/// histogram:percentile(p [, labels]) -> number
static int l_histogram_percentile(lua_State *L)
{
    pg_lua_metric *h = pg_lua_metric_self(L);
    double p = check_number(L, 2), value = 0;
    luaL_argcheck(L, p >= 0 && p <= 1, 2, "a percentile is a number from 0 to 1");
    pg_series *s = find_series(L, h, 3);
    pg_error err = {0};
    pg_status status = s != NULL ? pg_histogram_percentile(s, p, &value, &err) : PG_OK;
    pg_series_release(s);
    if (status != PG_OK)
        return pg_lua_raise(L, &err);
    lua_pushnumber(L, value);
    return 1;
}

/// metric:labels(labels) -> the metric of these label values
static int l_labels(lua_State *L)
{
    pg_lua_metric *h = pg_lua_metric_self(L);
    pg_metric_def def;
    pg_metric_describe(h->metric, &def);
    luaL_argcheck(L, h->series == NULL || def.label_count == 0, 1, "the labels are already given");
    pg_str values[PG_METRIC_LABELS_MAX];
    size_t count = pg_lua_check_labels(L, 2, h->metric, values);
    pg_lua_metric *child = pg_lua_new_metric(L, def.kind); // [.., child]
    child->metric = pg_metric_retain(h->metric);
    pg_error err = {0};
    if (pg_metric_series(h->metric, values, count, &child->series, &err) != PG_OK)
        return pg_lua_raise(L, &err);
    return 1;
}

/// metric:remove(labels) -> boolean: there was such a series
static int l_remove(lua_State *L)
{
    pg_lua_metric *h = pg_lua_metric_self(L);
    pg_str values[PG_METRIC_LABELS_MAX];
    size_t count = pg_lua_check_labels(L, 2, h->metric, values);
    lua_pushboolean(L, pg_metric_remove(h->metric, values, count));
    return 1;
}

/// metric:clear()
static int l_clear(lua_State *L)
{
    pg_metric_clear(pg_lua_metric_self(L)->metric);
    return 0;
}

/// metric:reset([labels])
static int l_reset(lua_State *L)
{
    pg_lua_metric *h = pg_lua_metric_self(L);
    if (h->series == NULL && lua_isnoneornil(L, 2)) {
        pg_metric_reset(h->metric);
        return 0;
    }
    pg_series *s = find_series(L, h, 2);
    if (s != NULL)
        pg_series_reset(s);
    pg_series_release(s);
    return 0;
}

void pg_lua_push_definition(lua_State *L, const pg_metric_def *def)
{
    lua_createtable(L, 0, 8); // [.., definition]
    lua_pushlstring(L, def->name.ptr, def->name.len);
    lua_setfield(L, -2, "name");
    lua_pushstring(L, pg_metric_kind_name(def->kind));
    lua_setfield(L, -2, "kind");
    lua_pushlstring(L, def->help.ptr, def->help.len);
    lua_setfield(L, -2, "help");
    if (def->unit.len > 0) {
        lua_pushlstring(L, def->unit.ptr, def->unit.len);
        lua_setfield(L, -2, "unit");
    }
    lua_createtable(L, (int)def->label_count, 0); // [.., definition, labels]
    for (size_t i = 0; i < def->label_count; i++) {
        lua_pushlstring(L, def->labels[i].ptr, def->labels[i].len);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "labels");
    if (def->kind == PG_METRIC_HISTOGRAM) {
        lua_createtable(L, (int)def->bound_count, 0); // [.., definition, buckets]
        for (size_t i = 0; i < def->bound_count; i++) {
            lua_pushnumber(L, def->bounds[i]);
            lua_rawseti(L, -2, (lua_Integer)i + 1);
        }
        lua_setfield(L, -2, "buckets");
    }
    if (def->kind == PG_METRIC_GAUGE) {
        lua_pushstring(L, pg_gauge_mode_name(def->mode));
        lua_setfield(L, -2, "mode");
    }
    lua_pushinteger(L, (lua_Integer)def->max_series);
    lua_setfield(L, -2, "max_series");
}

/// metric:describe() -> {name=, kind=, help=, unit=?, labels=, buckets=?, max_series=, mode=?}
static int l_describe(lua_State *L)
{
    pg_metric_def def;
    pg_metric_describe(pg_lua_metric_self(L)->metric, &def);
    pg_lua_push_definition(L, &def);
    return 1;
}

static int l_gc(lua_State *L)
{
    pg_lua_metric *h = lua_touserdata(L, 1);
    pg_series_release(h->series);
    pg_metric_release(h->metric);
    *h = (pg_lua_metric){.tag = h->tag};
    return 0;
}

/// Objects are made anew by each call that gives one: they are equal when they count in the same
/// place.
static int l_eq(lua_State *L)
{
    const pg_lua_metric *a = test_metric(L, 1);
    const pg_lua_metric *b = test_metric(L, 2);
    lua_pushboolean(L, a != NULL && b != NULL && a->metric == b->metric && a->series == b->series);
    return 1;
}

static void define_type(lua_State *L, const char *type, const luaL_Reg *own)
{
    static const luaL_Reg common[] = {
        {"labels", l_labels}, {"remove", l_remove},     {"clear", l_clear},
        {"reset", l_reset},   {"describe", l_describe}, {NULL, NULL},
    };
    enum { ROOM = 64 };          // for few names: in a sparse table each is found at once
    lua_createtable(L, 0, ROOM); // [metatable]
    lua_pushvalue(L, -1);
    lua_setfield(L, LUA_REGISTRYINDEX, type);
    lua_pushstring(L, type);
    lua_setfield(L, -2, "__name");
    lua_pushliteral(L, "locked");
    lua_setfield(L, -2, "__metatable");
    lua_pushcfunction(L, l_gc);
    lua_setfield(L, -2, "__gc");
    lua_pushcfunction(L, l_eq);
    lua_setfield(L, -2, "__eq");
    lua_createtable(L, 0, ROOM); // [metatable, methods]
    lua_pushvalue(L, -2);
    luaL_setfuncs(L, common, 1);
    lua_pushvalue(L, -2);
    luaL_setfuncs(L, own, 1);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
}

void pg_lua_define_metric_types(lua_State *L)
{
    static const luaL_Reg counter[] = {
        {"inc", l_counter_inc},
        {"incrementer", l_counter_incrementer},
        {"get", l_get},
        {NULL, NULL},
    };
    static const luaL_Reg gauge[] = {
        {"set", l_gauge_set}, {"inc", l_gauge_inc}, {"dec", l_gauge_dec},
        {"get", l_get},       {NULL, NULL},
    };
    static const luaL_Reg histogram[] = {
        {"observe", l_histogram_observe},       {"summary", l_histogram_summary},
        {"percentile", l_histogram_percentile}, {"time", pg_lua_histogram_time},
        {"wrap", pg_lua_histogram_wrap},        {NULL, NULL},
    };
    define_type(L, PG_LUA_COUNTER_TYPE, counter);
    define_type(L, PG_LUA_GAUGE_TYPE, gauge);
    define_type(L, PG_LUA_HISTOGRAM_TYPE, histogram);
}
