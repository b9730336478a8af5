/// Timers that a histogram gives out: a to-be-closed value and a function wrapper.
#include "lua_metrics.h"

#include "lua_common.h"
#include "lua_timer.h"

#include "promptgen/timer.h"

static const char timer_type[] = "promptgen.metrics.timer";

typedef struct metric_timer {
    pg_series *series; ///< NULL until acquired
    pg_stopwatch watch;
    bool done; ///< observed or cancelled
} metric_timer;

/// Pushes a running timer for the histogram at 1 with the labels at 2 and the clock at 3.
static metric_timer *push_timer(lua_State *L)
{
    lua_settop(L, 3);
    pg_lua_metric *h = pg_lua_metric_self(L);
    const pg_clock *clock = pg_lua_opt_clock(L, 3);
    pg_str values[PG_METRIC_LABELS_MAX];
    size_t count = 0;
    if (h->series == NULL)
        count = pg_lua_check_labels(L, 2, h->metric, values);
    else
        luaL_argcheck(L, lua_isnil(L, 2), 2, "the labels are already given");
    metric_timer *t = lua_newuserdatauv(L, sizeof *t, 1); // [.., timer]
    *t = (metric_timer){.watch = pg_stopwatch_new(clock)};
    luaL_setmetatable(L, timer_type);
    if (clock != NULL) {
        lua_pushvalue(L, 3);
        lua_setiuservalue(L, -2, 1); // keeps the clock
    }
    pg_error err = {0};
    if (h->series != NULL)
        t->series = pg_series_retain(h->series);
    else if (pg_metric_series(h->metric, values, count, &t->series, &err) != PG_OK)
        pg_lua_raise(L, &err);
    pg_stopwatch_start(&t->watch);
    return t;
}

/// histogram:time([labels] [, clock]) -> running timer, to be closed
int pg_lua_histogram_time(lua_State *L)
{
    push_timer(L);
    return 1;
}

static metric_timer *check_timer(lua_State *L)
{
    return luaL_checkudata(L, 1, timer_type);
}

/// Ends the timer, observes its time once, and returns it in seconds.
static double stop(metric_timer *t)
{
    double seconds = pg_lua_seconds(pg_stopwatch_stop(&t->watch));
    if (!t->done)
        pg_histogram_observe(t->series, seconds);
    t->done = true;
    return seconds;
}

/// timer:stop() -> seconds
static int l_stop(lua_State *L)
{
    lua_pushnumber(L, stop(check_timer(L)));
    return 1;
}

/// __close: only Lua itself calls it, so the type is certain.
static int l_close(lua_State *L)
{
    (void)stop(lua_touserdata(L, 1));
    return 0;
}

/// timer:cancel(): nothing will be observed
static int l_cancel(lua_State *L)
{
    metric_timer *t = check_timer(L);
    (void)pg_stopwatch_stop(&t->watch);
    t->done = true;
    return 0;
}

/// timer:elapsed() -> seconds
static int l_elapsed(lua_State *L)
{
    lua_pushnumber(L, pg_lua_seconds(pg_stopwatch_elapsed_ns(&check_timer(L)->watch)));
    return 1;
}

static int l_gc(lua_State *L)
{
    metric_timer *t = lua_touserdata(L, 1);
    pg_series_release(t->series);
    t->series = NULL;
    t->done = true;
    return 0;
}

enum { WRAP_HISTOGRAM = 1, WRAP_FUNCTION, WRAP_CLOCK, WRAP_DEPTH };

/// __close of the value that guards an outermost call: the next call is outermost again.
static int l_leave(lua_State *L)
{
    lua_pushboolean(L, 0);
    lua_setiuservalue(L, 1, 1);
    return 0;
}

/// The wrapped function returned: all values above the two guards are its results. Returning closes
/// the guards.
static int wrapped_done(lua_State *L, int status, lua_KContext base)
{
    (void)status;
    return lua_gettop(L) - (int)base;
}

/// The function that histogram:wrap gives. Recursion is measured once, at the outermost call.
static int l_wrapped(lua_State *L)
{
    lua_getiuservalue(L, lua_upvalueindex(WRAP_DEPTH), 1); // [args.., inside]
    bool inside = lua_toboolean(L, -1);
    lua_pop(L, 1);
    int args = lua_gettop(L);
    if (inside) {
        lua_pushvalue(L, lua_upvalueindex(WRAP_FUNCTION));
        lua_insert(L, 1);
        lua_callk(L, args, LUA_MULTRET, 0, wrapped_done);
        return wrapped_done(L, LUA_OK, 0);
    }
    luaL_checkstack(L, 6, "too many arguments");
    lua_getfield(L, lua_upvalueindex(WRAP_HISTOGRAM), "time");
    lua_pushvalue(L, lua_upvalueindex(WRAP_HISTOGRAM));
    lua_pushnil(L);
    lua_pushvalue(L, lua_upvalueindex(WRAP_CLOCK));
    lua_call(L, 3, 1); // [args.., timer]
    lua_insert(L, 1);  // [timer, args..]
    lua_pushvalue(L, lua_upvalueindex(WRAP_DEPTH));
    lua_insert(L, 1); // [depth, timer, args..]
    lua_pushvalue(L, lua_upvalueindex(WRAP_FUNCTION));
    lua_insert(L, 3); // [depth, timer, function, args..]
    lua_pushboolean(L, 1);
    lua_setiuservalue(L, 1, 1);
    lua_toclose(L, 1);
    lua_toclose(L, 2);
    lua_callk(L, args, LUA_MULTRET, 2, wrapped_done);
    return wrapped_done(L, LUA_OK, 2);
}

/// histogram:wrap(fn [, labels] [, clock]) -> function
int pg_lua_histogram_wrap(lua_State *L)
{
    const pg_lua_metric *h = pg_lua_metric_self(L);
    luaL_checktype(L, 2, LUA_TFUNCTION);
    (void)pg_lua_opt_clock(L, 4);
    lua_settop(L, 4);
    if (h->series != NULL) {
        luaL_argcheck(L, lua_isnil(L, 3), 3, "the labels are already given");
        lua_pushvalue(L, 1);
    } else {
        lua_getfield(L, 1, "labels");
        lua_pushvalue(L, 1);
        lua_pushvalue(L, 3);
        lua_call(L, 2, 1);
    } // [histogram, fn, labels, clock, child]
    lua_pushvalue(L, 2);
    lua_pushvalue(L, 4);
    (void)lua_newuserdatauv(L, 0, 1); // [.., child, fn, clock, depth]
    luaL_setmetatable(L, "promptgen.metrics.depth");
    lua_pushcclosure(L, l_wrapped, 4);
    return 1;
}

void pg_lua_define_metric_timer(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"stop", l_stop},
        {"cancel", l_cancel},
        {"elapsed", l_elapsed},
        {NULL, NULL},
    };
    pg_lua_new_type(L, timer_type, methods, NULL); // [timer]
    lua_pushcfunction(L, l_gc);
    lua_setfield(L, -2, "__gc");
    lua_pushcfunction(L, l_close);
    lua_setfield(L, -2, "__close");
    pg_lua_new_type(L, "promptgen.metrics.depth", NULL, NULL); // [timer, depth]
    lua_pushcfunction(L, l_leave);
    lua_setfield(L, -2, "__close");
    lua_pop(L, 2);
}
