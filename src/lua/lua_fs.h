/// The root handle of `promptgen.fs` for other bindings. Internal to src/lua.
#ifndef PROMPTGEN_LUA_FS_H
#define PROMPTGEN_LUA_FS_H

#include "lua_common.h"

#include "promptgen/fs.h"

/// The open root at `arg`; raises for another type or a closed one. Borrowed from the handle.
const pg_root *pg_lua_check_root(lua_State *L, int arg);

#endif
