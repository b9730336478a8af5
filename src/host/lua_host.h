/// The Lua state of a run and its privileged module. Internal to src/host.
#ifndef PROMPTGEN_LUA_HOST_H
#define PROMPTGEN_LUA_HOST_H

#include "lua_memory.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdatomic.h>
#include <stdint.h>

/// What the bindings of the host know about the process; one per state, in its extra space.
typedef struct pg_host {
    pg_lua_memory memory; ///< allocator of the state
    int argc;
    char **argv;
    int64_t started_ns;   ///< monotonic time at which the program began
    int worker_fd;        ///< the channel inside a worker, -1 in the parent
    int64_t deadline_ns;  ///< inside a worker: monotonic end of the run
    bool expired;         ///< inside a worker: a limit has fired; sticky
    size_t collect_above; ///< inside a worker: use of memory at which collecting begins; 0 = begun
    size_t memory_cap;    ///< inside a worker that lives on: memory.limit of its turns
    const atomic_int *interrupt; ///< inside such a worker: 1 = the parent wants it to stop
} pg_host;

/// The host of a state made by pg_host_new_state.
pg_host *pg_host_of(lua_State *L);

/// A state with the safe standard libraries, `require` for C modules and embedded modules, and the
/// collector stopped. NULL when memory is out. `host` must outlive it.
lua_State *pg_host_new_state(pg_host *host);

/// `promptgen.host`: arguments, environment, standard streams, embedded files, worker processes.
/// For trusted modules only; a worker drops it.
int luaopen_promptgen_host(lua_State *L);

/// `promptgen.embedded`: source and bytecode of the stock scripts.
int luaopen_promptgen_embedded(lua_State *L);

/// Inside a worker: limits, and the channel module as the only way out.
int luaopen_promptgen_channel(lua_State *L);

/// `promptgen.logfile`: the log file and timestamps. For the parent.
int luaopen_promptgen_logfile(lua_State *L);

/// `promptgen.signals`: SIGINT as something to wait for, for interactive commands.
int luaopen_promptgen_signals(lua_State *L);

/// `promptgen.editor`: line editing on the terminal, and the user's own editor.
int luaopen_promptgen_editor(lua_State *L);

/// `promptgen.copier`: programs that keep the clipboard, and the terminal's own. For the parent.
int luaopen_promptgen_copier(lua_State *L);

/// `promptgen.input`: lines of the standard input when nobody edits them.
int luaopen_promptgen_input(lua_State *L);

/// `promptgen.keyboard`: single keys of the terminal, for menus.
int luaopen_promptgen_keyboard(lua_State *L);

/// Inside a worker that lives on: user code in turns, each within its own limits.
int luaopen_promptgen_turn(lua_State *L);

/// Functions that replace the dangerous ones of the standard library in a user's environment.
int luaopen_promptgen_guard(lua_State *L);

#endif
