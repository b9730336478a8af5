/// Held-back signals as Lua sees them. Internal to src/host.
#ifndef PROMPTGEN_LUA_SIGNALS_H
#define PROMPTGEN_LUA_SIGNALS_H

#include "attention.h"

#include <lua.h>

/// The signals of the handle at `index`; raises for another type or a closed one.
pg_attention *pg_host_check_signals(lua_State *L, int index);

#endif
