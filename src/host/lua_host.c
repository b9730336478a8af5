/// `promptgen.host`: what trusted Lua in the parent may ask of the process. See lua_host.h.
#include "lua_host.h"

#include "lua_worker.h"

#include "promptgen/clock.h"
#include "promptgen/status.h"
#include "promptgen/version.h"

#include "../lua/lua_common.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/// host.args() -> list of the command-line arguments, without the program's name
static int l_args(lua_State *L)
{
    const pg_host *host = pg_host_of(L);
    lua_createtable(L, host->argc, 0); // [args]
    for (int i = 1; i < host->argc; i++) {
        lua_pushstring(L, host->argv[i]);
        lua_rawseti(L, -2, i);
    }
    return 1;
}

/// host.getenv(name) -> string | nil
static int l_getenv(lua_State *L)
{
    lua_pushstring(L, getenv(luaL_checkstring(L, 1)));
    return 1;
}

/// host.cwd() -> absolute path | nil, err
static int l_cwd(lua_State *L)
{
    char path[PATH_MAX];
    if (getcwd(path, sizeof path) == NULL) {
        pg_error err = {0};
        (void)pg_error_set(&err, PG_IO, "cannot tell the current directory: %s", strerror(errno));
        return pg_lua_fail(L, &err, NULL);
    }
    lua_pushstring(L, path);
    return 1;
}

/// host.executable() -> absolute path of this program | nil
static int l_executable(lua_State *L)
{
    char path[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path);
    if (n <= 0 || (size_t)n == sizeof path)
        return 0;
    lua_pushlstring(L, path, (size_t)n);
    return 1;
}

static int check_stream(lua_State *L, int arg)
{
    lua_Integer fd = luaL_checkinteger(L, arg);
    luaL_argcheck(L, fd >= 0 && fd <= 2, arg, "a standard stream (0, 1 or 2) expected");
    return (int)fd;
}

/// host.exists(path) -> boolean: one look, for what is usually absent
static int l_exists(lua_State *L)
{
    lua_pushboolean(L, access(luaL_checkstring(L, 1), F_OK) == 0);
    return 1;
}

/// host.isatty(fd) -> boolean
static int l_isatty(lua_State *L)
{
    lua_pushboolean(L, isatty(check_stream(L, 1)));
    return 1;
}

/// host.columns(fd) -> width of the terminal in characters | nil
static int l_columns(lua_State *L)
{
    struct winsize size;
    if (ioctl(check_stream(L, 1), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return 0;
    lua_pushinteger(L, size.ws_col);
    return 1;
}

/// host.rows(fd) -> height of the terminal in lines | nil
static int l_rows(lua_State *L)
{
    struct winsize size;
    if (ioctl(check_stream(L, 1), TIOCGWINSZ, &size) != 0 || size.ws_row == 0)
        return 0;
    lua_pushinteger(L, size.ws_row);
    return 1;
}

/// host.write(fd, text) -> true | nil, err
static int l_write(lua_State *L)
{
    int fd = check_stream(L, 1);
    pg_str text = pg_lua_check_str(L, 2);
    while (text.len > 0) {
        ssize_t n = write(fd, text.ptr, text.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            pg_error err = {0};
            (void)pg_error_set(&err, PG_IO, "cannot write to standard %s: %s",
                               fd == 1 ? "output" : "error", strerror(errno));
            int count = pg_lua_fail(L, &err, NULL);
            lua_pushboolean(L, errno == EPIPE);
            lua_setfield(L, -2, "closed");
            return count;
        }
        text = pg_str_slice(text, (size_t)n, text.len);
    }
    lua_pushboolean(L, 1);
    return 1;
}

/// host.wall_time() -> seconds since the epoch
static int l_wall_time(lua_State *L)
{
    lua_pushnumber(L, (double)pg_now_ns(&pg_clock_realtime) / (double)PG_NS_PER_SECOND);
    return 1;
}

/// host.now() -> seconds of the monotonic clock
static int l_now(lua_State *L)
{
    lua_pushnumber(L, (double)pg_now_ns(NULL) / (double)PG_NS_PER_SECOND);
    return 1;
}

static void on_deadline(int signal)
{
    static const char message[] = "promptgen: error[limit]: the time limit was reached\n"
                                  "hint: --timeout raises it\n";
    (void)signal;
    (void)!write(STDERR_FILENO, message, sizeof message - 1);
    _exit(pg_status_exit(PG_LIMIT));
}

/// host.deadline(seconds): ends this process with the status of a limit when it still runs then; 0
/// takes the deadline back. It bounds the parent's own parsing; a worker has a deadline of its own.
static int l_deadline(lua_State *L)
{
    lua_Number seconds = luaL_checknumber(L, 1);
    luaL_argcheck(L, seconds >= 0 && seconds < 1e9, 1, "seconds out of range");
    struct sigaction action = {.sa_handler = on_deadline};
    (void)sigaction(SIGALRM, &action, NULL);
    struct itimerval timer = {.it_value = {.tv_sec = (time_t)seconds}};
    timer.it_value.tv_usec = (suseconds_t)((seconds - (lua_Number)timer.it_value.tv_sec) * 1e6);
    (void)setitimer(ITIMER_REAL, &timer, NULL);
    return 0;
}

/// host.started_ns() -> nanoseconds of the monotonic clock at which the program began
static int l_started_ns(lua_State *L)
{
    lua_pushinteger(L, pg_host_of(L)->started_ns);
    return 1;
}

/// host.today() -> "YYYY-MM-DD", the local date
static int l_today(lua_State *L)
{
    char text[16];
    struct tm parts;
    time_t now = (time_t)(pg_now_ns(&pg_clock_realtime) / PG_NS_PER_SECOND);
    if (localtime_r(&now, &parts) == NULL || strftime(text, sizeof text, "%F", &parts) == 0)
        return luaL_error(L, "the date is out of range");
    lua_pushstring(L, text);
    return 1;
}

static int traceback_handler(lua_State *L)
{
    if (lua_type(L, 1) == LUA_TSTRING)
        luaL_traceback(L, L, lua_tostring(L, 1), 1);
    return 1;
}

/// host.protect(fn, ...) -> true, results... | false, error. A string error gets a traceback, a
/// table is kept as it is.
static int l_protect(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_pushcfunction(L, traceback_handler);
    lua_insert(L, 1); // [handler, fn, args...]
    int status = lua_pcall(L, lua_gettop(L) - 2, LUA_MULTRET, 1);
    lua_pushboolean(L, status == LUA_OK);
    lua_replace(L, 1);
    return lua_gettop(L);
}

int luaopen_promptgen_host(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"args", l_args},
        {"getenv", l_getenv},
        {"cwd", l_cwd},
        {"executable", l_executable},
        {"deadline", l_deadline},
        {"exists", l_exists},
        {"isatty", l_isatty},
        {"columns", l_columns},
        {"rows", l_rows},
        {"write", l_write},
        {"now", l_now},
        {"wall_time", l_wall_time},
        {"today", l_today},
        {"protect", l_protect},
        {"started_ns", l_started_ns},
        {"start_worker", pg_host_start_worker},
        {NULL, NULL},
    };
    pg_host_define_worker_type(L);
    luaL_newlib(L, functions);
    lua_pushliteral(L, PROMPTGEN_VERSION);
    lua_setfield(L, -2, "version");
    return 1;
}
