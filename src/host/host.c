/// The program: one Lua state, the trusted entry module, an exit status. See promptgen/host.h.
#include "promptgen/host.h"

#include "lua_host.h"

#include "promptgen/clock.h"
#include "promptgen/status.h"

#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/// A closed standard descriptor would be taken by the next file opened; each is put on /dev/null,
/// in the wrong direction, so that using it fails.
static void claim_standard_descriptors(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            (void)!open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
}

/// A run is short and takes its memory in large pieces: what one parse frees serves the next,
/// instead of being unmapped and faulted in again page by page.
static void tune_allocator(void)
{
    enum { MAPPED_FROM = 4 << 20, TRIMMED_FROM = 8 << 20, GROWS_BY = 256 << 10 };
    (void)mallopt(M_MMAP_THRESHOLD, MAPPED_FROM);
    (void)mallopt(M_TRIM_THRESHOLD, TRIMMED_FROM);
    (void)mallopt(M_TOP_PAD, GROWS_BY);
}

static int on_panic(lua_State *L)
{
    const char *message = lua_tostring(L, -1);
    (void)fprintf(stderr, "promptgen: error[internal]: %s\n", message != NULL ? message : "panic");
    _exit(pg_status_exit(PG_INTERNAL));
}

static int message_handler(lua_State *L)
{
    const char *message = lua_tostring(L, 1);
    luaL_traceback(L, L, message != NULL ? message : "(error object)", 1);
    return 1;
}

/// Runs require("promptgen.main").run() and leaves its integer on the stack.
static int run_main(lua_State *L)
{
    lua_getglobal(L, "require");
    lua_pushliteral(L, "promptgen.main");
    lua_call(L, 1, 1);
    lua_getfield(L, -1, "run");
    lua_call(L, 0, 1);
    return 1;
}

int pg_host_main(int argc, char **argv)
{
    claim_standard_descriptors();
    tune_allocator();
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN); // a write beyond a file size limit is to fail, not to kill
    pg_host host = {.argc = argc, .argv = argv, .worker_fd = -1, .started_ns = pg_now_ns(NULL)};
    lua_State *L = pg_host_new_state(&host);
    if (L == NULL) {
        (void)fputs("promptgen: error[out_of_memory]: cannot start\n", stderr);
        return pg_status_exit(PG_NOMEM);
    }
    lua_atpanic(L, on_panic);
    lua_pushcfunction(L, message_handler);
    lua_pushcfunction(L, run_main);
    if (lua_pcall(L, 0, 1, 1) != LUA_OK) {
        (void)fprintf(stderr, "promptgen: error[internal]: %s\n", lua_tostring(L, -1));
        return pg_status_exit(PG_INTERNAL);
    }
#ifdef PROMPTGEN_SANITIZED
    int status = (int)lua_tointeger(L, -1);
    lua_close(L); // so that a leak is seen; otherwise the process ends with the state
    pg_lua_memory_release(&host.memory);
    return status;
#else
    return (int)lua_tointeger(L, -1);
#endif
}
