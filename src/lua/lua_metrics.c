/// `promptgen.metrics`: the registry of this Lua state, and registries of one's own.
///
/// Every function of the module is also a method of registries: called on one it works there, else
/// on the state's own registry, which is an upvalue.
#include "lua_metrics.h"

#include "lua_common.h"
#include "lua_open.h"

#include "promptgen/metric_names.h"

#include <string.h>

static const char text_type[] = "promptgen.metrics.text";

pg_metrics *pg_lua_target_registry(lua_State *L, int *first)
{
    bool method = luaL_testudata(L, 1, PG_LUA_REGISTRY_TYPE) != NULL;
    *first = method ? 2 : 1;
    return pg_lua_check_handle(L, method ? 1 : lua_upvalueindex(1), PG_LUA_REGISTRY_TYPE);
}

static int registry_gc(lua_State *L)
{
    pg_metrics **box = lua_touserdata(L, 1);
    pg_metrics_free(*box);
    *box = NULL;
    return 0;
}

/// Reads the list of strings in field `labels` of the definition at `arg`; they stay in that list.
static size_t read_label_names(lua_State *L, int arg, pg_str *names)
{
    int type = lua_getfield(L, arg, "labels"); // [def, .., labels]
    if (type == LUA_TNIL)
        return 0;
    if (type != LUA_TTABLE)
        return (size_t)luaL_error(L, "bad field 'labels' (list of names expected)");
    size_t count = (size_t)lua_rawlen(L, -1);
    if (count > PG_METRIC_LABELS_MAX)
        return (size_t)luaL_error(L, "a metric has at most %d labels", PG_METRIC_LABELS_MAX);
    for (size_t i = 0; i < count; i++) {
        if (lua_rawgeti(L, -1, (lua_Integer)i + 1) != LUA_TSTRING)
            return (size_t)luaL_error(L, "bad field 'labels' (list of names expected)");
        names[i].ptr = lua_tolstring(L, -1, &names[i].len);
        lua_pop(L, 1);
    }
    return count;
}

/// Reads the list of numbers in field `buckets` of the definition at `arg`; false when there is
/// none.
static bool read_bounds(lua_State *L, int arg, double *bounds, size_t *count)
{
    int type = lua_getfield(L, arg, "buckets"); // [def, .., buckets]
    if (type == LUA_TNIL)
        return false;
    if (type != LUA_TTABLE)
        return luaL_error(L, "bad field 'buckets' (list of numbers expected)");
    *count = (size_t)lua_rawlen(L, -1);
    if (*count > PG_METRIC_BOUNDS_MAX + 1) // one more for a last +Inf
        return luaL_error(L, "a histogram has at most %d buckets", PG_METRIC_BOUNDS_MAX);
    for (size_t i = 0; i < *count; i++) {
        if (lua_rawgeti(L, -1, (lua_Integer)i + 1) != LUA_TNUMBER)
            return luaL_error(L, "bad field 'buckets' (list of numbers expected)");
        bounds[i] = lua_tonumber(L, -1);
        lua_pop(L, 1);
    }
    return true;
}

static pg_gauge_mode read_mode(lua_State *L, int arg)
{
    pg_str name = pg_lua_opt_field_str(L, arg, "mode", PG_STR("live"));
    for (int mode = 0; mode < PG_GAUGE_MODE_COUNT; mode++)
        if (pg_str_equal(name, pg_str_from(pg_gauge_mode_name((pg_gauge_mode)mode))))
            return (pg_gauge_mode)mode;
    return (pg_gauge_mode)luaL_error(L, "bad field 'mode' (live, last, max or min expected)");
}

/// Raises for a field that no definition has: most often a misspelt one.
static void check_fields(lua_State *L, int arg, pg_metric_kind kind)
{
    static const char *const known[] = {"name",       "help",     "unit",    "labels",
                                        "max_series", "register", "buckets", "mode"};
    for (lua_pushnil(L); lua_next(L, arg) != 0; lua_pop(L, 1)) {
        const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";
        bool ok = false;
        for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
            ok = ok || strcmp(key, known[i]) == 0;
        if ((strcmp(key, "buckets") == 0 && kind != PG_METRIC_HISTOGRAM) ||
            (strcmp(key, "mode") == 0 && kind != PG_METRIC_GAUGE))
            ok = false;
        if (!ok)
            luaL_error(L, "a %s has no field '%s'", pg_metric_kind_name(kind), key);
    }
}

/// metrics.counter{name=, help=, labels=?, unit=?, max_series=?, register=?, ...} -> metric
static int define(lua_State *L, pg_metric_kind kind)
{
    int arg;
    pg_metrics *metrics = pg_lua_target_registry(L, &arg);
    luaL_checktype(L, arg, LUA_TTABLE);
    lua_settop(L, arg);
    check_fields(L, arg, kind);
    pg_str labels[PG_METRIC_LABELS_MAX];
    double bounds[PG_METRIC_BOUNDS_MAX + 1];
    pg_metric_def def = {.kind = kind, .labels = labels};
    def.name = pg_lua_opt_field_str(L, arg, "name", PG_STR(""));
    def.help = pg_lua_opt_field_str(L, arg, "help", PG_STR(""));
    def.unit = pg_lua_opt_field_str(L, arg, "unit", PG_STR(""));
    def.max_series = pg_lua_opt_field_size(L, arg, "max_series", 0);
    bool registered = pg_lua_opt_field_bool(L, arg, "register", true);
    def.label_count = read_label_names(L, arg, labels); // [def, labels]
    if (kind == PG_METRIC_HISTOGRAM && read_bounds(L, arg, bounds, &def.bound_count))
        def.bounds = bounds;
    if (kind == PG_METRIC_GAUGE)
        def.mode = read_mode(L, arg);
    pg_lua_metric *h = pg_lua_new_metric(L, kind); // [.., metric]
    pg_metric *metric = NULL;
    pg_error err = {0};
    pg_status status = registered ? pg_metrics_define(metrics, &def, &metric, &err)
                                  : pg_metric_new(NULL, NULL, &def, &metric, &err);
    if (status != PG_OK)
        return pg_lua_raise(L, &err);
    pg_lua_fill_metric(h, metric);
    return 1;
}

static int l_counter(lua_State *L)
{
    return define(L, PG_METRIC_COUNTER);
}

static int l_gauge(lua_State *L)
{
    return define(L, PG_METRIC_GAUGE);
}

static int l_histogram(lua_State *L)
{
    return define(L, PG_METRIC_HISTOGRAM);
}

/// metrics.get(name) -> metric | nil
static int l_get(lua_State *L)
{
    int arg;
    pg_metrics *metrics = pg_lua_target_registry(L, &arg);
    pg_str name = pg_lua_check_str(L, arg);
    pg_lua_metric *h = pg_lua_new_metric(L, PG_METRIC_COUNTER); // [.., name, metric]
    pg_metric *metric = pg_metrics_find(metrics, name);
    if (metric == NULL)
        return 0;
    pg_lua_fill_metric(h, metric);
    pg_lua_set_metric_type(L, h); // the kind is known only now
    return 1;
}

/// metrics.register(metric) -> the metric
static int l_register(lua_State *L)
{
    int arg;
    pg_metrics *metrics = pg_lua_target_registry(L, &arg);
    pg_lua_metric *h = pg_lua_check_metric(L, arg);
    pg_error err = {0};
    if (pg_metrics_register(metrics, h->metric, &err) != PG_OK)
        return pg_lua_raise(L, &err);
    lua_settop(L, arg);
    return 1;
}

static int text_gc(lua_State *L)
{
    pg_buf_free(lua_touserdata(L, 1));
    return 0;
}

/// Pushes the text of the metrics in a format.
static int push_text(lua_State *L, pg_metrics *metrics, pg_metrics_format format)
{
    pg_buf *text = lua_newuserdatauv(L, sizeof *text, 0); // [.., buffer]
    pg_buf_init(text, NULL);
    luaL_setmetatable(L, text_type);
    pg_error err = {0};
    if (pg_metrics_write(metrics, format, text, &err) != PG_OK)
        return pg_lua_raise(L, &err);
    lua_pushlstring(L, text->ptr != NULL ? text->ptr : "", text->len);
    pg_buf_free(text);
    return 1;
}

/// metrics.export([format]) -> text
static int l_export(lua_State *L)
{
    static const char *const names[] = {"prometheus", "openmetrics", NULL};
    static const pg_metrics_format formats[] = {PG_METRICS_PROMETHEUS, PG_METRICS_OPENMETRICS};
    int arg;
    pg_metrics *metrics = pg_lua_target_registry(L, &arg);
    return push_text(L, metrics, formats[luaL_checkoption(L, arg, names[0], names)]);
}

/// metrics.export_prometheus_text() -> text
static int l_export_prometheus(lua_State *L)
{
    int arg;
    return push_text(L, pg_lua_target_registry(L, &arg), PG_METRICS_PROMETHEUS);
}

/// metrics.reset_all()
static int l_reset_all(lua_State *L)
{
    int arg;
    pg_metrics_reset(pg_lua_target_registry(L, &arg));
    return 0;
}

/// Fills an empty registry userdata; raises without memory.
static void fill_registry(lua_State *L, pg_metrics **box, bool standard)
{
    pg_error err = {0};
    pg_status status = standard ? pg_metrics_new_standard(NULL, NULL, box, &err)
                                : pg_metrics_new(NULL, NULL, box, &err);
    if (status != PG_OK)
        pg_lua_raise(L, &err);
}

/// metrics.reset_instance(): a new registry with promptgen's own metrics in place of the old one
static int l_reset_instance(lua_State *L)
{
    pg_metrics *fresh = NULL;
    fill_registry(L, &fresh, true);
    pg_metrics **box =
        (pg_metrics **)pg_lua_check_box(L, lua_upvalueindex(1), PG_LUA_REGISTRY_TYPE);
    pg_metrics_free(*box);
    *box = fresh;
    return 0;
}

/// metrics.registry() -> the registry of this state
static int l_registry(lua_State *L)
{
    lua_pushvalue(L, lua_upvalueindex(1));
    return 1;
}

/// metrics.new_registry([standard]) -> registry; empty unless `standard`
static int l_new_registry(lua_State *L)
{
    bool standard = lua_toboolean(L, 1);
    fill_registry(L, (pg_metrics **)pg_lua_new_handle(L, PG_LUA_REGISTRY_TYPE, 0), standard);
    return 1;
}

/// Pushes a list of bounds.
static int push_bounds(lua_State *L, const double *bounds, size_t count)
{
    lua_createtable(L, (int)count, 0); // [.., list]
    for (size_t i = 0; i < count; i++) {
        lua_pushnumber(L, bounds[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int make_bounds(lua_State *L,
                       pg_status (*make)(double, double, size_t, double *, pg_error *))
{
    double start = luaL_checknumber(L, 1), step = luaL_checknumber(L, 2);
    lua_Integer count = luaL_checkinteger(L, 3);
    luaL_argcheck(L, count > 0 && count <= PG_METRIC_BOUNDS_MAX, 3, "out of range");
    double bounds[PG_METRIC_BOUNDS_MAX];
    pg_error err = {0};
    if (make(start, step, (size_t)count, bounds, &err) != PG_OK)
        return pg_lua_raise(L, &err);
    return push_bounds(L, bounds, (size_t)count);
}

/// metrics.linear_buckets(start, width, count), metrics.exponential_buckets(start, factor, count)
static int l_linear_buckets(lua_State *L)
{
    return make_bounds(L, pg_metric_linear_bounds);
}

static int l_exponential_buckets(lua_State *L)
{
    return make_bounds(L, pg_metric_exponential_bounds);
}

/// Functions of the module that are methods of registries as well.
static const luaL_Reg registry_functions[] = {
    {"counter", l_counter},
    {"gauge", l_gauge},
    {"histogram", l_histogram},
    {"get", l_get},
    {"register", l_register},
    {"collect", pg_lua_metrics_collect},
    {"export", l_export},
    {"export_prometheus_text", l_export_prometheus},
    {"reset_all", l_reset_all},
    {"deltas", pg_lua_metrics_deltas},
    {"merge", pg_lua_metrics_merge},
    {NULL, NULL},
};

static void define_types(lua_State *L)
{
    pg_lua_define_metric_types(L);
    pg_lua_define_metric_timer(L);
    pg_lua_define_deltas(L);
    pg_lua_define_merge(L);
    pg_lua_new_type(L, text_type, NULL, NULL); // [text]
    lua_pushcfunction(L, text_gc);
    lua_setfield(L, -2, "__gc");
    lua_pop(L, 1);
}

int luaopen_promptgen_metrics(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"reset_instance", l_reset_instance},
        {"registry", l_registry},
        {"new_registry", l_new_registry},
        {"linear_buckets", l_linear_buckets},
        {"exponential_buckets", l_exponential_buckets},
        {NULL, NULL},
    };
    define_types(L);
    pg_lua_new_type(L, PG_LUA_REGISTRY_TYPE, NULL, NULL); // [type]
    lua_pushcfunction(L, registry_gc);
    lua_setfield(L, -2, "__gc");
    fill_registry(L, (pg_metrics **)pg_lua_new_handle(L, PG_LUA_REGISTRY_TYPE, 0), true);
    // [type, registry]
    lua_newtable(L); // [type, registry, methods]
    lua_pushvalue(L, -2);
    luaL_setfuncs(L, registry_functions, 1);
    lua_setfield(L, -3, "__index"); // [type, registry]

    luaL_newlibtable(L, registry_functions); // [type, registry, module]
    lua_pushvalue(L, -2);
    luaL_setfuncs(L, registry_functions, 1);
    lua_pushvalue(L, -2);
    luaL_setfuncs(L, functions, 1);
    lua_createtable(L, 0, 2); // [type, registry, module, types]
    lua_pushliteral(L, "text/plain; version=0.0.4; charset=utf-8");
    lua_setfield(L, -2, "prometheus");
    lua_pushliteral(L, "application/openmetrics-text; version=1.0.0; charset=utf-8");
    lua_setfield(L, -2, "openmetrics");
    lua_setfield(L, -2, "content_types");
    return 1;
}
