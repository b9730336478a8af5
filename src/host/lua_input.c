/// `promptgen.input`: lines of the standard input when nobody edits them.
///
/// input.open(signals) -> handle; handle:line() -> line | nil, "end"|"interrupted" | nil, err
#include "lua_host.h"
#include "lua_signals.h"

#include "../lua/lua_common.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

static const char input_type[] = "promptgen.input";

enum { LINE_MAX_BYTES = 16 * 1024 * 1024, CHUNK = 4096 };

typedef struct input {
    pg_attention *attention; ///< kept alive by the user value
    pg_buf buffer;           ///< read and not yet handed out
    size_t at;               ///< start of what is left in it
    bool ended;
} input;

/// Reads more. PG_OK also at the end of the input; PG_INTERRUPTED on SIGINT.
static pg_status read_more(input *in, pg_error *err)
{
    struct pollfd entries[2] = {
        {.fd = STDIN_FILENO, .events = POLLIN},
        {.fd = in->attention->fd, .events = POLLIN},
    };
    if (ppoll(entries, 2, NULL, NULL) < 0 && errno != EINTR)
        return pg_error_set(err, PG_IO, "cannot wait for standard input: %s", strerror(errno));
    if (entries[1].revents != 0 && pg_attention_take(in->attention) == SIGINT)
        return pg_error_set(err, PG_INTERRUPTED, "interrupted");
    if (entries[0].revents == 0)
        return PG_OK;
    if (!pg_buf_reserve(&in->buffer, CHUNK))
        return pg_error_set(err, PG_NOMEM, "not enough memory for the input");
    ssize_t n = read(STDIN_FILENO, in->buffer.ptr + in->buffer.len, CHUNK);
    if (n < 0 && errno != EINTR && errno != EAGAIN)
        return pg_error_set(err, PG_IO, "cannot read standard input: %s", strerror(errno));
    in->ended = n == 0;
    in->buffer.len += n > 0 ? (size_t)n : 0;
    if (in->buffer.len - in->at > LINE_MAX_BYTES)
        return pg_error_set(err, PG_TOO_LARGE, "a line of more than %d bytes", LINE_MAX_BYTES);
    return PG_OK;
}

static void drop_taken(input *in)
{
    if (in->at == 0)
        return;
    memmove(in->buffer.ptr, in->buffer.ptr + in->at, in->buffer.len - in->at);
    in->buffer.len -= in->at;
    in->at = 0;
}

static int l_line(lua_State *L)
{
    input *in = luaL_checkudata(L, 1, input_type);
    pg_error err = {0};
    size_t scanned = 0;
    for (;;) {
        pg_str left = pg_str_slice(pg_buf_str(&in->buffer), in->at, in->buffer.len);
        size_t end = pg_str_find(left, PG_STR("\n"), scanned);
        bool found = end != (size_t)-1;
        if (found || (in->ended && left.len > 0)) {
            size_t length = found ? end : left.len;
            in->at += found ? length + 1 : length;
            lua_pushlstring(L, left.ptr, length);
            return 1;
        }
        if (in->ended)
            break;
        scanned = left.len;
        drop_taken(in);
        pg_status status = read_more(in, &err);
        if (status == PG_INTERRUPTED)
            break;
        if (status != PG_OK)
            return pg_lua_fail(L, &err, NULL);
    }
    lua_pushnil(L);
    lua_pushstring(L, in->ended ? "end" : "interrupted");
    return 2;
}

static int l_close(lua_State *L)
{
    input *in = luaL_checkudata(L, 1, input_type);
    pg_buf_free(&in->buffer);
    in->at = 0;
    in->ended = true;
    return 0;
}

static int l_open(lua_State *L)
{
    pg_attention *attention = pg_host_check_signals(L, 1);
    input *in = lua_newuserdatauv(L, sizeof *in, 1); // [signals, input]
    *in = (input){.attention = attention};
    pg_buf_init(&in->buffer, NULL);
    luaL_setmetatable(L, input_type);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, 1);
    return 1;
}

int luaopen_promptgen_input(lua_State *L)
{
    static const luaL_Reg methods[] = {{"line", l_line}, {"close", l_close}, {NULL, NULL}};
    static const luaL_Reg functions[] = {{"open", l_open}, {NULL, NULL}};
    pg_lua_new_type(L, input_type, methods, l_close);
    lua_pop(L, 1);
    luaL_newlib(L, functions);
    return 1;
}
