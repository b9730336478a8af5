/// `promptgen.logfile`: a file that entries are appended to, and the time they carry. For the
/// parent only; a worker has no files.
#include "lua_host.h"

#include "../lua/lua_common.h"

#include "promptgen/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char file_type[] = "promptgen.logfile.file";

/// A descriptor, or -1 once closed.
static int *check_file(lua_State *L)
{
    return luaL_checkudata(L, 1, file_type);
}

static int file_close(lua_State *L)
{
    int *fd = check_file(L);
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
    return 0;
}

/// Opens for appending. Non-blocking at first, so that a FIFO without a reader fails instead of
/// stopping the program; only files and character devices are accepted.
static pg_status open_for_append(const char *path, int *fd, pg_error *err)
{
    int opened =
        open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0666);
    if (opened < 0 && errno == ENXIO)
        return pg_error_set(err, PG_NOT_REGULAR, "the log file is a FIFO that nobody reads");
    if (opened < 0)
        return pg_error_set(err, PG_IO, "cannot open the log file: %s", strerror(errno));
    struct stat st;
    if (fstat(opened, &st) != 0 || (!S_ISREG(st.st_mode) && !S_ISCHR(st.st_mode))) {
        (void)close(opened);
        return pg_error_set(err, PG_NOT_REGULAR, "the log file is neither a file nor a terminal");
    }
    int flags = fcntl(opened, F_GETFL);
    (void)fcntl(opened, F_SETFL, flags & ~O_NONBLOCK);
    *fd = opened;
    return PG_OK;
}

/// logfile.open(path) -> file | nil, err
static int l_open(lua_State *L)
{
    pg_str path = pg_lua_check_str(L, 1);
    luaL_argcheck(L, strlen(path.ptr) == path.len, 1, "a path has no NUL");
    int *fd = lua_newuserdatauv(L, sizeof *fd, 0);
    *fd = -1;
    luaL_setmetatable(L, file_type);
    pg_error err = {0};
    if (open_for_append(path.ptr, fd, &err) != PG_OK)
        return pg_lua_fail(L, &err, path.ptr);
    return 1;
}

/// file:write(line) -> true | nil, err. One write(2), so that lines of several processes do not
/// mix.
static int file_write(lua_State *L)
{
    int fd = *check_file(L);
    pg_str line = pg_lua_check_str(L, 2);
    luaL_argcheck(L, fd >= 0, 1, "the file is closed");
    ssize_t n;
    do {
        n = write(fd, line.ptr, line.len);
    } while (n < 0 && errno == EINTR);
    if (n == (ssize_t)line.len) {
        lua_pushboolean(L, 1);
        return 1;
    }
    pg_error err = {0};
    (void)pg_error_set(&err, PG_IO, "cannot write: %s", n < 0 ? strerror(errno) : "disk full");
    return pg_lua_fail(L, &err, NULL);
}

/// Year, month and day of a day number counted from 1970-01-01, in the proleptic Gregorian
/// calendar. Own arithmetic: gmtime_r of the C library reads time-zone files first.
static void civil_date(int64_t days, int *year, int *month, int *day)
{
    const int64_t days_of_400_years = 146097;
    int64_t shifted = days + 719468; // day 0 is 0000-03-01: a leap day ends its year
    int64_t era = (shifted >= 0 ? shifted : shifted - days_of_400_years + 1) / days_of_400_years;
    int64_t rest = shifted - era * days_of_400_years;
    int64_t y = (rest - rest / 1460 + rest / 36524 - rest / 146096) / 365;
    int64_t day_of_year = rest - (365 * y + y / 4 - y / 100);
    int64_t m = (5 * day_of_year + 2) / 153; // 0 = March
    *day = (int)(day_of_year - (153 * m + 2) / 5 + 1);
    *month = (int)(m < 10 ? m + 3 : m - 9);
    *year = (int)(y + era * 400 + (*month <= 2));
}

/// logfile.timestamp([seconds]) -> "YYYY-MM-DDTHH:MM:SS.mmmZ" of now, or of a time since the epoch
static int l_timestamp(lua_State *L)
{
    int64_t ns = pg_now_ns(&pg_clock_realtime);
    if (!lua_isnoneornil(L, 1)) {
        lua_Number seconds = luaL_checknumber(L, 1);
        luaL_argcheck(L, seconds > -9e9 && seconds < 9e9, 1, "out of range");
        ns = (int64_t)(seconds * (lua_Number)PG_NS_PER_SECOND);
    }
    const int64_t day_seconds = 86400;
    int64_t second = ns / PG_NS_PER_SECOND - (ns % PG_NS_PER_SECOND < 0);
    int64_t milli = (ns - second * PG_NS_PER_SECOND) / 1000000;
    int64_t day = second / day_seconds - (second % day_seconds < 0);
    int in_day = (int)(second - day * day_seconds);
    int y, m, d;
    civil_date(day, &y, &m, &d);
    char text[64];
    int len = snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", y, m, d,
                       in_day / 3600, in_day / 60 % 60, in_day % 60, (int)milli);
    lua_pushlstring(L, text, (size_t)len);
    return 1;
}

int luaopen_promptgen_logfile(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"write", file_write},
        {"close", file_close},
        {NULL, NULL},
    };
    static const luaL_Reg functions[] = {
        {"open", l_open},
        {"timestamp", l_timestamp},
        {NULL, NULL},
    };
    pg_lua_new_type(L, file_type, methods, file_close);
    lua_pop(L, 1);
    luaL_newlib(L, functions);
    return 1;
}
