#include "lua_host.h"
int luaopen_promptgen_guard(lua_State *L)
{
    lua_newtable(L);
    return 1;
}
