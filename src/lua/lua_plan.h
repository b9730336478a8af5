/// Records and patterns of `promptgen.plan` for other bindings. Internal to src/lua.
#ifndef PROMPTGEN_LUA_PLAN_H
#define PROMPTGEN_LUA_PLAN_H

#include "lua_common.h"

#include "promptgen/plan.h"

/// Pushes a record handle without a record; the caller stores one reference at the address
/// returned.
void **pg_lua_new_plan(lua_State *L);

/// The record at `index`; NULL when the value there is not one.
const pg_plan *pg_lua_test_plan(lua_State *L, int index);

/// Pushes the patterns of the options table at `arg` (or none): compiled ones, those of a
/// configuration, or the stock ones, which are compiled for `files` files on first use. NULL, and
/// an error pushed, when they do not compile.
const pg_patterns *pg_lua_push_patterns(lua_State *L, int arg, size_t files);

/// plan.patterns({patterns =, labels =, headings =, keyword = ?}, jit = false) -> patterns | nil,
/// err
int pg_lua_patterns(lua_State *L);

/// Defines the type of compiled patterns.
void pg_lua_define_patterns(lua_State *L);

#endif
