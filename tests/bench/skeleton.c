/// The least that a run with a worker does: a state with the trusted modules of a run loaded, a
/// fork, a sandbox, one frame, an exit. tests/bench/run pairs it with an empty lua5.4.
#include "lua_host.h"

#include "promptgen/lua.h"

#include <lualib.h>

#include <stdio.h>

static const char script[] =
    "for _, name in ipairs { 'cli', 'options', 'app', 'run', 'runtime', "
    "'workspace', 'resolver', 'context', 'worker', 'environment', "
    "'workflow', 'template', 'prompt' } do require('promptgen.' .. name) end "
    "local host = require 'promptgen.host' "
    "local worker = assert(host.start_worker({}, function() return 1 end)) "
    "assert(worker:next() == 'result') worker:close()";

int main(int argc, char **argv)
{
    pg_host host = {.argc = argc, .argv = argv, .worker_fd = -1};
    lua_State *L = pg_host_new_state(&host);
    if (L == NULL)
        return 1;
    if (luaL_loadbuffer(L, script, sizeof script - 1, "=skeleton") != LUA_OK ||
        lua_pcall(L, 0, 0, 0) != LUA_OK) {
        fprintf(stderr, "%s\n", lua_tostring(L, -1));
        return 1;
    }
    return 0;
}
