/// `promptgen.channel`: the worker's one way out. See lua_host.h.
///
/// channel.request(value) -> answer | nil, err; channel.send(frame name, value)
#include "channel.h"
#include "lua_host.h"

#include "../lua/lua_common.h"
#include "../lua/lua_pack.h"

#include <string.h>

static const char buffer_type[] = "promptgen.channel.buffer";

static int buffer_close(lua_State *L)
{
    pg_buf_free(luaL_checkudata(L, 1, buffer_type));
    return 0;
}

/// A collected buffer on the stack: a raise between here and the end frees it.
static pg_buf *new_buffer(lua_State *L)
{
    pg_buf *buf = lua_newuserdatauv(L, sizeof *buf, 0);
    pg_buf_init(buf, NULL);
    luaL_setmetatable(L, buffer_type);
    return buf;
}

static int check_in_worker(lua_State *L)
{
    int fd = pg_host_of(L)->worker_fd;
    if (fd < 0)
        return luaL_error(L, "there is no channel outside a worker");
    return fd;
}

static pg_status send_value(lua_State *L, int fd, int index, pg_frame_type type, pg_buf *buf,
                            pg_error *err)
{
    pg_status status = pg_lua_pack(L, index, buf, err);
    if (status == PG_OK)
        status = pg_channel_send(fd, type, pg_buf_str(buf), err);
    return status;
}

static int l_request(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_settop(L, 1);
    int fd = check_in_worker(L);
    pg_buf *buf = new_buffer(L); // [request, buffer]
    pg_error err = {0};
    pg_frame_type type = PG_FRAME_REQUEST;
    pg_status status = send_value(L, fd, 1, PG_FRAME_REQUEST, buf, &err);
    if (status == PG_OK)
        status = pg_channel_receive(fd, -1, &type, buf, &err);
    if (status == PG_OK)
        status = pg_lua_unpack(L, pg_buf_str(buf), &err); // [request, buffer, answer]
    if (status != PG_OK)
        return pg_lua_fail(L, &err, NULL);
    pg_buf_free(buf);
    if (type == PG_FRAME_ANSWER)
        return 1;
    lua_pushnil(L);
    lua_insert(L, -2);
    pg_lua_set_error_metatable(L);
    return 2;
}

static int l_send(lua_State *L)
{
    static const char *const names[] = {"output", "log", "metrics", NULL};
    static const pg_frame_type types[] = {PG_FRAME_OUTPUT, PG_FRAME_LOG, PG_FRAME_METRICS};
    pg_frame_type type = types[luaL_checkoption(L, 1, NULL, names)];
    luaL_checkany(L, 2);
    lua_settop(L, 2);
    int fd = check_in_worker(L);
    pg_buf *buf = new_buffer(L);
    pg_error err = {0};
    if (send_value(L, fd, 2, type, buf, &err) != PG_OK)
        return pg_lua_fail(L, &err, NULL);
    pg_buf_free(buf);
    lua_pushboolean(L, 1);
    return 1;
}

int luaopen_promptgen_channel(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"request", l_request},
        {"send", l_send},
        {NULL, NULL},
    };
    pg_lua_new_type(L, buffer_type, NULL, buffer_close);
    lua_pop(L, 1);
    luaL_newlib(L, functions);
    return 1;
}
