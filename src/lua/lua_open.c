/// The table of C modules: the one place that lists them. See promptgen/lua.h.
#include "lua_open.h"

#include "promptgen/lua.h"

#include <string.h>

lua_CFunction pg_lua_find_module(const char *name)
{
    static const luaL_Reg modules[] = {
#define PG_LUA_MODULE_ROW(name) {"promptgen." #name, luaopen_promptgen_##name},
        PG_LUA_MODULES(PG_LUA_MODULE_ROW)
#undef PG_LUA_MODULE_ROW
            {NULL, NULL},
    };
    for (const luaL_Reg *row = modules; row->name != NULL; row++)
        if (strcmp(row->name, name) == 0)
            return row->func;
    return NULL;
}
