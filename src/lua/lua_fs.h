/// What the bindings of `promptgen.fs` share, and its root handle for others. Internal to src/lua.
#ifndef PROMPTGEN_LUA_FS_H
#define PROMPTGEN_LUA_FS_H

#include "lua_common.h"

#include "promptgen/fs.h"

/// The open root at `arg`; raises for another type or a closed one. Borrowed from the handle.
const pg_root *pg_lua_check_root(lua_State *L, int arg);

/// Pushes a signature as a string of bytes.
void pg_lua_push_signature(lua_State *L, const pg_signature *signature);

/// The signature in such a string; raises for another one, naming `what`.
pg_signature pg_lua_signature_of(lua_State *L, pg_str bytes, const char *what);

/// Adds the methods that change files to the type of roots, which is on top of the stack, and
/// defines the type of locks.
void pg_lua_fs_add_changes(lua_State *L);

#endif
