/// The C modules of promptgen for Lua 5.4. The only public header that includes lua.h.
///
/// Each `luaopen_promptgen_<module>` follows the convention of `require "promptgen.<module>"`: it
/// pushes one table and sets no global. All live in `promptgen.so` for a stock interpreter and are
/// linked into the program.
#ifndef PROMPTGEN_LUA_H
#define PROMPTGEN_LUA_H

#include <lauxlib.h>
#include <lua.h>

/// Opener of the C module `name` ("promptgen.<module>"), or NULL when there is none.
lua_CFunction pg_lua_find_module(const char *name);

#endif
