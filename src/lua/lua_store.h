/// What the files of the `promptgen.store` binding share. Internal to src/lua.
#ifndef PROMPTGEN_LUA_STORE_H
#define PROMPTGEN_LUA_STORE_H

#include "lua_common.h"

#include "promptgen/store.h"

#define PG_LUA_STORE_RECORD "promptgen.store.record"

/// Defines the type of records; call once per state.
void pg_lua_store_open_records(lua_State *L);

/// Defines the type of sets of dependencies; call once per state.
void pg_lua_store_open_deps(lua_State *L);

/// store.dependencies
int pg_lua_store_new_deps(lua_State *L);

/// The dependencies at `arg`: a set that is not mixed, or a list of tables, for which a block is
/// pushed. Borrowed from both.
const pg_dep *pg_lua_store_check_deps(lua_State *L, int arg, size_t *count);

/// Positions of dependencies, four bytes each, as a string argument; and the one at byte `at` of
/// them, which must be below `count`.
pg_str pg_lua_store_check_positions(lua_State *L, int arg);
size_t pg_lua_store_position(lua_State *L, int arg, pg_str positions, size_t at, size_t count);

/// "fresh", "refreshed" or "stale".
const char *pg_lua_store_state_name(pg_store_state state);

/// Sets a field of the table at the top of the stack.
void pg_lua_set_str(lua_State *L, const char *field, pg_str value);
void pg_lua_set_text(lua_State *L, const char *field, const char *value);
void pg_lua_set_count(lua_State *L, const char *field, uint64_t value);

#endif
