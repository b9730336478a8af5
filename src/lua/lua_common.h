/// What every binding shares: error values, typed handles, argument checks.
///
/// Convention of the boundary: a caller's mistake (wrong type, out of range, closed handle) raises;
/// a failure of the world returns nil and an error table. A handle is a full userdata that holds
/// one pointer; it is created empty with its metatable set, and filled afterwards, so that no
/// resource is ever held by the C stack alone while Lua can raise.
#ifndef PROMPTGEN_LUA_COMMON_H
#define PROMPTGEN_LUA_COMMON_H

#include "promptgen/status.h"
#include "promptgen/str.h"

#include <lauxlib.h>
#include <lua.h>

/// Pushes an error table {code, message, path?, line?, column?, offset?} with the shared metatable,
/// whose __tostring gives "path:line:column: message". `path` is NULL or NUL-terminated.
void pg_lua_push_error(lua_State *L, const pg_error *err, const char *path);

/// Pushes nil and an error table; `return pg_lua_fail(L, &err, path);` ends a binding.
int pg_lua_fail(lua_State *L, const pg_error *err, const char *path);

/// Sets the shared error metatable on the table at the top of the stack.
void pg_lua_set_error_metatable(lua_State *L);

/// Defines the metatable `type` once: `methods` in __index (NULL = the caller sets __index), and
/// `close` as __gc and __close (NULL = none). Leaves the metatable on the stack.
void pg_lua_new_type(lua_State *L, const char *type, const luaL_Reg *methods, lua_CFunction close);

/// Pushes a new handle of `type` (already defined) holding NULL, with `user_values` user values.
/// Returns the address of its pointer.
void **pg_lua_new_handle(lua_State *L, const char *type, int user_values);

/// The pointer of the handle at `arg`; raises for another type or a closed (NULL) handle.
void *pg_lua_check_handle(lua_State *L, int arg, const char *type);

/// The address of that pointer, also for a closed handle; raises for another type.
void **pg_lua_check_box(lua_State *L, int arg, const char *type);

/// A string argument with its length; numbers are not converted. Borrowed from Lua.
pg_str pg_lua_check_str(lua_State *L, int arg);

/// Field readers for option tables at `arg`; absent gives `fallback`; a wrong type raises and names
/// the field. A size is a non-negative integer.
pg_str pg_lua_opt_field_str(lua_State *L, int arg, const char *field, pg_str fallback);
size_t pg_lua_opt_field_size(lua_State *L, int arg, const char *field, size_t fallback);
double pg_lua_opt_field_number(lua_State *L, int arg, const char *field, double fallback);
bool pg_lua_opt_field_bool(lua_State *L, int arg, const char *field, bool fallback);

#endif
