/// `promptgen.digest`: SHA-256 for Lua.
#include "lua_common.h"
#include "lua_open.h"

#include "promptgen/digest.h"

/// digest.sha256(bytes) -> 64 hexadecimal digits
static int l_sha256(lua_State *L)
{
    char text[PG_SHA256_HEX + 1];
    pg_sha256_hex(pg_lua_check_str(L, 1), text);
    lua_pushlstring(L, text, PG_SHA256_HEX);
    return 1;
}

int luaopen_promptgen_digest(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"sha256", l_sha256},
        {NULL, NULL},
    };
    luaL_newlib(L, functions);
    return 1;
}
