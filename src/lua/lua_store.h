/// What the files of the `promptgen.store` binding share. Internal to src/lua.
#ifndef PROMPTGEN_LUA_STORE_H
#define PROMPTGEN_LUA_STORE_H

#include "lua_common.h"

#include "promptgen/store.h"

#define PG_LUA_STORE_RECORD "promptgen.store.record"

/// Defines the type of records; call once per state.
void pg_lua_store_open_records(lua_State *L);

/// Sets a field of the table at the top of the stack.
void pg_lua_set_str(lua_State *L, const char *field, pg_str value);
void pg_lua_set_text(lua_State *L, const char *field, const char *value);
void pg_lua_set_count(lua_State *L, const char *field, uint64_t value);

#endif
