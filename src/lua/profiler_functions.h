/// Which function an event is about: numbers for Lua functions by source and line, for C functions
/// by address. Internal to src/lua/profiler*.c.
#ifndef PROMPTGEN_LUA_PROFILER_FUNCTIONS_H
#define PROMPTGEN_LUA_PROFILER_FUNCTIONS_H

#include "promptgen/profile.h"

#include <lua.h>

/// Number of a function that is left out.
#define PG_PROFILER_HIDDEN (UINT32_MAX - 1)

/// One row: an address (the source text of a Lua function, or a C function) with a line.
typedef struct pg_profiler_row {
    const void *address; ///< NULL = free
    int line;            ///< -1 for a C function
    uint32_t function;   ///< in the profile, PG_PROFILER_HIDDEN, or PG_PROFILE_NONE
    bool exported;       ///< has the name by which a module exports it
} pg_profiler_row;

/// Hash table with open addressing; a cache in front of the profile's functions.
typedef struct pg_profiler_functions {
    pg_profile *profile; ///< borrowed
    pg_profiler_row *rows;
    size_t count;
    size_t cap; ///< power of two, at least twice `count`
} pg_profiler_functions;

void pg_profiler_functions_free(pg_profiler_functions *functions);

/// Number of the function that `ar` (of a hook or of lua_getstack) runs.
uint32_t pg_profiler_identify(pg_profiler_functions *functions, lua_State *L, lua_Debug *ar);

/// Hides the function at the top of the stack.
void pg_profiler_hide_function(pg_profiler_functions *functions, lua_State *L);

/// Names functions by what the loaded modules and the registered types call them.
void pg_profiler_name_exports(pg_profiler_functions *functions, lua_State *L);

#endif
