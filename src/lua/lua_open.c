/// The table of C modules: the one place that lists them. See promptgen/lua.h.
#include "lua_open.h"

#include "promptgen/lua.h"

static const luaL_Reg modules[] = {
#define PG_LUA_MODULE_ROW(name) {"promptgen." #name, luaopen_promptgen_##name},
    PG_LUA_MODULES(PG_LUA_MODULE_ROW)
#undef PG_LUA_MODULE_ROW
        {NULL, NULL},
};

void pg_lua_preload(lua_State *L)
{
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE); // [preload]
    luaL_setfuncs(L, modules, 0);
    lua_pop(L, 1);
}
