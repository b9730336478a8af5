/// The hook and the life of a state's profiler. See profiler.h.
#include "profiler.h"

#include "profiler_functions.h"

#include "lua_common.h"

#include "promptgen/profile.h"

static const char profiler_type[] = "promptgen.profiler.state";

/// Address of a registry slot.
static const char slot = 0;

struct pg_profiler {
    pg_profile *profile; ///< owned; NULL while being made
    pg_profiler_functions functions;
};

pg_profiler *pg_profiler_of(lua_State *L)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &slot);
    pg_profiler *profiler = lua_touserdata(L, -1);
    lua_pop(L, 1);
    return profiler;
}

int pg_profiler_mask(lua_State *L)
{
    return pg_profiler_of(L) != NULL ? LUA_MASKCALL | LUA_MASKRET : 0;
}

static int profiler_gc(lua_State *L)
{
    pg_profiler *profiler = luaL_checkudata(L, 1, profiler_type);
    pg_profiler_functions_free(&profiler->functions);
    pg_profile_free(profiler->profile);
    profiler->profile = NULL;
    return 0;
}

pg_profiler *pg_profiler_new(lua_State *L, const lua_CFunction *own, size_t count)
{
    pg_lua_new_type(L, profiler_type, NULL, profiler_gc);
    lua_pop(L, 1);
    pg_profiler *profiler = lua_newuserdatauv(L, sizeof *profiler, 0); // [profiler]
    *profiler = (pg_profiler){.profile = NULL};
    luaL_setmetatable(L, profiler_type);
    if (pg_profile_new(NULL, NULL, &profiler->profile, NULL) != PG_OK) {
        lua_pop(L, 1);
        return NULL;
    }
    profiler->functions.profile = profiler->profile;
    for (size_t i = 0; i < count; i++) {
        lua_pushcfunction(L, own[i]);
        pg_profiler_hide(L, profiler);
        lua_pop(L, 1);
    }
    lua_rawsetp(L, LUA_REGISTRYINDEX, &slot);
    pg_profile_resume(profiler->profile);
    return profiler;
}

void pg_profiler_end(lua_State *L)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &slot); // [profiler]
    if (lua_isuserdata(L, -1)) {
        lua_pushnil(L);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &slot);
        pg_profiler *profiler = lua_touserdata(L, -1);
        pg_profiler_functions_free(&profiler->functions);
        pg_profile_free(profiler->profile);
        profiler->profile = NULL;
        profiler->functions.profile = NULL;
    }
    lua_pop(L, 1);
}

/// The frame that called the one of `ar`; NULL when that is the first of its thread.
static const void *caller_of(lua_State *L)
{
    lua_Debug caller;
    return lua_getstack(L, 1, &caller) != 0 ? (const void *)caller.i_ci : NULL;
}

void pg_profiler_hook(lua_State *L, lua_Debug *ar)
{
    pg_profiler *profiler = pg_profiler_of(L);
    if (profiler == NULL)
        return;
    pg_profile *profile = profiler->profile;
    pg_profile_pause(profile);
    if (ar->event == LUA_HOOKRET) {
        pg_profile_return(profile, L, ar->i_ci);
    } else if (ar->event == LUA_HOOKCALL || ar->event == LUA_HOOKTAILCALL) {
        uint32_t function = pg_profiler_identify(&profiler->functions, L, ar);
        if (function == PG_PROFILER_HIDDEN)
            ; // its caller goes on
        else if (ar->event == LUA_HOOKCALL)
            pg_profile_call(profile, L, ar->i_ci, caller_of(L), function);
        else
            pg_profile_tail_call(profile, L, ar->i_ci, function);
    }
    pg_profile_resume(profile);
}

void pg_profiler_restart(lua_State *L)
{
    pg_profiler *profiler = pg_profiler_of(L);
    if (profiler == NULL)
        return;
    pg_profile_restart(profiler->profile);
    pg_profile_resume(profiler->profile);
}

void pg_profiler_calibrate(lua_State *L)
{
    pg_profiler *profiler = pg_profiler_of(L);
    if (profiler == NULL)
        return;
    pg_profile_calibrate(profiler->profile);
    pg_profile_resume(profiler->profile);
}

pg_status pg_profiler_pack(lua_State *L, pg_buf *out, pg_error *err)
{
    pg_profiler *profiler = pg_profiler_of(L);
    if (profiler == NULL)
        return pg_error_set(err, PG_INVALID, "no profiler runs");
    pg_profile_pause(profiler->profile);
    pg_profiler_name_exports(&profiler->functions, L);
    return pg_profile_pack(profiler->profile, out, err);
}

void pg_profiler_hide(lua_State *L, pg_profiler *profiler)
{
    pg_profiler_hide_function(&profiler->functions, L);
}

void pg_profiler_enter(lua_State *L, pg_profiler *profiler, int level, pg_str name)
{
    lua_Debug ar;
    const void *frame = lua_getstack(L, level, &ar) != 0 ? (const void *)ar.i_ci : NULL;
    pg_profile_pause(profiler->profile);
    pg_profile_enter(profiler->profile, L, frame, name);
    pg_profile_resume(profiler->profile);
}

void pg_profiler_leave(lua_State *L, pg_profiler *profiler, pg_str name)
{
    pg_profile_pause(profiler->profile);
    pg_profile_leave(profiler->profile, L, name);
    pg_profile_resume(profiler->profile);
}
