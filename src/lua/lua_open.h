/// Entry points of the C modules, generated from one list. Internal to src/lua.
#ifndef PROMPTGEN_LUA_OPEN_H
#define PROMPTGEN_LUA_OPEN_H

#include <lua.h>

/// One line per module; `luaopen_promptgen_<name>` must exist in src/lua/lua_<name>.c.
// clang-format off: one module a line keeps the list easy to extend.
#define PG_LUA_MODULES(X)                                                                          \
    X(ahead)                                                                                       \
    X(cache)                                                                                       \
    X(digest)                                                                                      \
    X(fs)                                                                                          \
    X(inspect)                                                                                     \
    X(markdown)                                                                                    \
    X(metrics)                                                                                     \
    X(metrics_store)                                                                               \
    X(pack)                                                                                        \
    X(profiler)                                                                                    \
    X(plan)                                                                                        \
    X(pool)                                                                                        \
    X(regex)                                                                                       \
    X(status)                                                                                      \
    X(store)                                                                                       \
    X(timer)
// clang-format on

#define PG_LUA_EXPORT __attribute__((visibility("default")))

#define PG_LUA_MODULE_DECLARATION(name) PG_LUA_EXPORT int luaopen_promptgen_##name(lua_State *L);
PG_LUA_MODULES(PG_LUA_MODULE_DECLARATION)
#undef PG_LUA_MODULE_DECLARATION

#endif
