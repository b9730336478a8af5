/// `promptgen.timer`: monotonic stopwatch and deadline, and a clock a test can move.
///
/// Lua sees seconds. A stopwatch or deadline keeps its clock object alive in its user value.
#include "lua_timer.h"

#include "lua_common.h"
#include "lua_open.h"

#include "promptgen/timer.h"

#include <math.h>

static const char clock_type[] = "promptgen.timer.clock";
static const char stopwatch_type[] = "promptgen.timer.stopwatch";
static const char deadline_type[] = "promptgen.timer.deadline";

/// A clock that stands still until it is moved.
typedef struct manual_clock {
    pg_clock clock; ///< its ctx is this object, whose address Lua never changes
    int64_t now_ns; ///< current reading
} manual_clock;

static int64_t manual_now(void *ctx)
{
    return ((const manual_clock *)ctx)->now_ns;
}

double pg_lua_seconds(int64_t ns)
{
    return (double)ns / (double)PG_NS_PER_SECOND;
}

/// Nanoseconds of the seconds at `arg`, clamped to the type; raises for NaN.
static int64_t check_ns(lua_State *L, int arg)
{
    luaL_checktype(L, arg, LUA_TNUMBER);
    double seconds = lua_tonumber(L, arg);
    luaL_argcheck(L, seconds == seconds, arg, "a duration is not NaN");
    double ns = seconds * (double)PG_NS_PER_SECOND;
    if (ns >= 9223372036854775807.0)
        return INT64_MAX;
    if (ns <= -9223372036854775808.0)
        return INT64_MIN;
    return (int64_t)(ns < 0 ? ns - 0.5 : ns + 0.5);
}

const pg_clock *pg_lua_opt_clock(lua_State *L, int arg)
{
    if (lua_isnoneornil(L, arg))
        return NULL;
    manual_clock *c = luaL_checkudata(L, arg, clock_type);
    return &c->clock;
}

/// timer.now() -> seconds on the monotonic clock
static int l_now(lua_State *L)
{
    lua_pushnumber(L, pg_lua_seconds(pg_now_ns(NULL)));
    return 1;
}

/// timer.manual([seconds]) -> clock
static int l_manual(lua_State *L)
{
    int64_t start = lua_isnoneornil(L, 1) ? 0 : check_ns(L, 1);
    manual_clock *c = lua_newuserdatauv(L, sizeof *c, 0); // [.., clock]
    c->clock = (pg_clock){.now_ns = manual_now, .ctx = c};
    c->now_ns = start;
    luaL_setmetatable(L, clock_type);
    return 1;
}

static int l_clock_now(lua_State *L)
{
    manual_clock *c = luaL_checkudata(L, 1, clock_type);
    lua_pushnumber(L, pg_lua_seconds(c->now_ns));
    return 1;
}

static int l_clock_advance(lua_State *L)
{
    manual_clock *c = luaL_checkudata(L, 1, clock_type);
    int64_t by = check_ns(L, 2), moved;
    luaL_argcheck(L, !__builtin_add_overflow(c->now_ns, by, &moved), 2, "out of the clock's range");
    c->now_ns = moved;
    lua_settop(L, 1);
    return 1;
}

static int l_clock_set(lua_State *L)
{
    manual_clock *c = luaL_checkudata(L, 1, clock_type);
    c->now_ns = check_ns(L, 2);
    lua_settop(L, 1);
    return 1;
}

/// Pushes a stopwatch on the clock at `arg` (optional).
static pg_stopwatch *push_stopwatch(lua_State *L, int arg)
{
    const pg_clock *clock = pg_lua_opt_clock(L, arg);
    lua_settop(L, arg);                                   // the clock or nil, to be anchored
    pg_stopwatch *w = lua_newuserdatauv(L, sizeof *w, 1); // [.., clock, stopwatch]
    *w = pg_stopwatch_new(clock);
    luaL_setmetatable(L, stopwatch_type);
    lua_pushvalue(L, arg);
    lua_setiuservalue(L, -2, 1);
    return w;
}

/// timer.new([clock]) -> stopwatch, not started
static int l_new(lua_State *L)
{
    push_stopwatch(L, 1);
    return 1;
}

/// timer.start([clock]) -> stopwatch, running
static int l_start(lua_State *L)
{
    pg_stopwatch_start(push_stopwatch(L, 1));
    return 1;
}

static pg_stopwatch *check_stopwatch(lua_State *L)
{
    return luaL_checkudata(L, 1, stopwatch_type);
}

static int l_stopwatch_start(lua_State *L)
{
    pg_stopwatch_start(check_stopwatch(L));
    lua_settop(L, 1);
    return 1;
}

static int l_stopwatch_stop(lua_State *L)
{
    lua_pushnumber(L, pg_lua_seconds(pg_stopwatch_stop(check_stopwatch(L))));
    return 1;
}

static int l_stopwatch_elapsed(lua_State *L)
{
    lua_pushnumber(L, pg_lua_seconds(pg_stopwatch_elapsed_ns(check_stopwatch(L))));
    return 1;
}

static int l_stopwatch_running(lua_State *L)
{
    lua_pushboolean(L, check_stopwatch(L)->running);
    return 1;
}

/// timer.deadline(seconds [, clock]) -> deadline
static int l_deadline(lua_State *L)
{
    int64_t after = check_ns(L, 1);
    const pg_clock *clock = pg_lua_opt_clock(L, 2);
    lua_settop(L, 2);
    pg_deadline *d = lua_newuserdatauv(L, sizeof *d, 1); // [seconds, clock, deadline]
    *d = pg_deadline_after(clock, after);
    luaL_setmetatable(L, deadline_type);
    lua_pushvalue(L, 2);
    lua_setiuservalue(L, -2, 1);
    return 1;
}

static int l_deadline_passed(lua_State *L)
{
    lua_pushboolean(L, pg_deadline_passed(luaL_checkudata(L, 1, deadline_type)));
    return 1;
}

static int l_deadline_left(lua_State *L)
{
    int64_t left = pg_deadline_left_ns(luaL_checkudata(L, 1, deadline_type));
    lua_pushnumber(L, left == PG_DEADLINE_NEVER ? (lua_Number)HUGE_VAL : pg_lua_seconds(left));
    return 1;
}

static void define_types(lua_State *L)
{
    static const luaL_Reg clock_methods[] = {
        {"now", l_clock_now},
        {"advance", l_clock_advance},
        {"set", l_clock_set},
        {NULL, NULL},
    };
    static const luaL_Reg stopwatch_methods[] = {
        {"start", l_stopwatch_start},
        {"stop", l_stopwatch_stop},
        {"elapsed", l_stopwatch_elapsed},
        {"running", l_stopwatch_running},
        {NULL, NULL},
    };
    static const luaL_Reg deadline_methods[] = {
        {"passed", l_deadline_passed},
        {"left", l_deadline_left},
        {NULL, NULL},
    };
    pg_lua_new_type(L, clock_type, clock_methods, NULL);
    pg_lua_new_type(L, stopwatch_type, stopwatch_methods, NULL); // [clock, stopwatch]
    lua_pushcfunction(L, l_stopwatch_stop);
    lua_setfield(L, -2, "__close");
    pg_lua_new_type(L, deadline_type, deadline_methods, NULL);
    lua_pop(L, 3);
}

int luaopen_promptgen_timer(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"now", l_now},       {"new", l_new},           {"start", l_start},
        {"manual", l_manual}, {"deadline", l_deadline}, {NULL, NULL},
    };
    define_types(L);
    luaL_newlib(L, functions);
    return 1;
}
