/// `promptgen.profiler`: starting and stopping the profiler, spans. For promptgen.profile, which
/// scripts use.
#include "lua_open.h"

#include "lua_common.h"
#include "profiler.h"

static const char buffer_type[] = "promptgen.profiler.buffer";

enum { CALIBRATION_CALLS = 64 };

static int buffer_close(lua_State *L)
{
    pg_buf_free(luaL_checkudata(L, 1, buffer_type));
    return 0;
}

/// profiler.enter(name [, level]): opens a span in the calling function, or further down the stack
static int l_enter(lua_State *L)
{
    pg_str name = pg_lua_check_str(L, 1);
    lua_Integer level = luaL_optinteger(L, 2, 1);
    luaL_argcheck(L, level >= 1 && level <= 100, 2, "out of range");
    pg_profiler *profiler = pg_profiler_of(L);
    if (profiler != NULL)
        pg_profiler_enter(L, profiler, (int)level, name);
    return 0;
}

/// profiler.leave(name): closes the innermost span of this name
static int l_leave(lua_State *L)
{
    pg_str name = pg_lua_check_str(L, 1);
    pg_profiler *profiler = pg_profiler_of(L);
    if (profiler != NULL)
        pg_profiler_leave(L, profiler, name);
    return 0;
}

/// profiler.hide(fn): leaves `fn` and all closures of its kind out of the profile
static int l_hide(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_settop(L, 1);
    pg_profiler *profiler = pg_profiler_of(L);
    if (profiler != NULL)
        pg_profiler_hide(L, profiler);
    return 0;
}

/// profiler.running() -> boolean
static int l_running(lua_State *L)
{
    lua_pushboolean(L, pg_profiler_of(L) != NULL);
    return 1;
}

static int do_nothing(lua_State *L)
{
    (void)L;
    return 0;
}

static int l_start(lua_State *L);
static int l_stop(lua_State *L);

/// profiler.start(): raises when one runs, or when the state's hook belongs to somebody else
static int l_start(lua_State *L)
{
    static const lua_CFunction own[] = {l_enter, l_leave, l_hide,    l_running,
                                        l_start, l_stop,  do_nothing};
    if (pg_profiler_of(L) != NULL)
        return luaL_error(L, "a profiler runs already");
    if (lua_gethook(L) != NULL)
        return luaL_error(L, "the debug hook of this state is in use");
    if (pg_profiler_new(L, own, sizeof own / sizeof own[0]) == NULL)
        return luaL_error(L, "out of memory");
    lua_sethook(L, pg_profiler_hook, pg_profiler_mask(L), 0);
    for (int i = 0; i < CALIBRATION_CALLS; i++) {
        lua_pushcfunction(L, do_nothing);
        lua_call(L, 0, 0);
    }
    pg_profiler_calibrate(L);
    return 0;
}

/// profiler.stop() -> packed profile, see promptgen/profile.h
static int l_stop(lua_State *L)
{
    if (pg_profiler_of(L) == NULL)
        return luaL_error(L, "no profiler runs");
    if (lua_gethook(L) == pg_profiler_hook)
        lua_sethook(L, NULL, 0, 0);
    pg_buf *packed = lua_newuserdatauv(L, sizeof *packed, 0); // [buffer]
    pg_buf_init(packed, NULL);
    luaL_setmetatable(L, buffer_type);
    pg_error err = {0};
    pg_status status = pg_profiler_pack(L, packed, &err);
    pg_profiler_end(L);
    if (status != PG_OK)
        return luaL_error(L, "%s", err.message);
    lua_pushlstring(L, packed->ptr, packed->len);
    pg_buf_free(packed);
    return 1;
}

int luaopen_promptgen_profiler(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"start", l_start}, {"stop", l_stop}, {"running", l_running}, {"enter", l_enter},
        {"leave", l_leave}, {"hide", l_hide}, {NULL, NULL},
    };
    pg_lua_new_type(L, buffer_type, NULL, buffer_close);
    lua_pop(L, 1);
    luaL_newlib(L, functions);
    return 1;
}
