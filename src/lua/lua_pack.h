/// Lua values as packed bytes, for the channel between processes. Internal to src/lua and src/host.
#ifndef PROMPTGEN_LUA_PACK_H
#define PROMPTGEN_LUA_PACK_H

#include "promptgen/pack.h"

#include <lua.h>

/// Bounds of one value, both ways.
enum {
    PG_LUA_PACK_DEPTH = 32,         ///< tables within tables
    PG_LUA_PACK_ELEMENTS = 1 << 20, ///< values in all
};

/// Appends the value at `index` to `buf`. Strings, numbers, booleans, nil and tables of them; a
/// table with elements 1..n and nothing else is an array, any other table a map with string or
/// integer keys. Metatables are ignored (raw access). Returns PG_OK, PG_INVALID for another type, a
/// loop or a table beyond the bounds (message names it), PG_NOMEM. Never raises.
PG_NODISCARD pg_status pg_lua_pack(lua_State *L, int index, pg_buf *buf, pg_error *err);

/// Pushes the one value that `bytes` hold. PG_CORRUPT for malformed bytes, trailing bytes, a value
/// beyond the bounds or a map key that is neither string nor integer; nothing is pushed then.
/// May raise a Lua memory error.
PG_NODISCARD pg_status pg_lua_unpack(lua_State *L, pg_str bytes, pg_error *err);

#endif
