/// Lua values to and from packed bytes, and `promptgen.pack`. See lua_pack.h.
#include "lua_pack.h"

#include "lua_common.h"
#include "lua_open.h"

typedef struct walk {
    lua_State *L;
    pg_error *err;
    int elements; ///< values seen so far
} walk;

static pg_status pack_value(walk *w, int index, pg_buf *buf, int depth);

static pg_status count_element(walk *w)
{
    if (++w->elements > PG_LUA_PACK_ELEMENTS)
        return pg_error_set(w->err, PG_INVALID, "a value of more than %d elements cannot be sent",
                            PG_LUA_PACK_ELEMENTS);
    return PG_OK;
}

/// Number of pairs of the table at `index`; `*is_array` when its keys are exactly 1..n.
static uint32_t measure(lua_State *L, int index, bool *is_array)
{
    lua_Unsigned n = lua_rawlen(L, index);
    uint32_t pairs = 0;
    *is_array = true;
    lua_pushnil(L);
    while (lua_next(L, index) != 0) { // [key, value]
        pairs++;
        bool in_sequence = lua_isinteger(L, -2) && lua_tointeger(L, -2) >= 1 &&
                           (lua_Unsigned)lua_tointeger(L, -2) <= n;
        *is_array = *is_array && in_sequence;
        lua_pop(L, 1);
    }
    *is_array = *is_array && pairs == n;
    return pairs;
}

static pg_status pack_map(walk *w, int index, uint32_t pairs, pg_buf *buf, int depth)
{
    lua_State *L = w->L;
    pg_pack_map(buf, pairs);
    lua_pushnil(L);
    while (lua_next(L, index) != 0) { // [key, value]
        pg_status status = PG_OK;
        if (lua_type(L, -2) != LUA_TSTRING && !lua_isinteger(L, -2))
            status = pg_error_set(w->err, PG_INVALID, "a table key of type %s cannot be sent",
                                  lua_typename(L, lua_type(L, -2)));
        if (status == PG_OK)
            status = pack_value(w, lua_gettop(L) - 1, buf, depth + 1);
        if (status == PG_OK)
            status = pack_value(w, lua_gettop(L), buf, depth + 1);
        if (status != PG_OK) {
            lua_pop(L, 2);
            return status;
        }
        lua_pop(L, 1);
    }
    return PG_OK;
}

static pg_status pack_table(walk *w, int index, pg_buf *buf, int depth)
{
    lua_State *L = w->L;
    if (depth >= PG_LUA_PACK_DEPTH || !lua_checkstack(L, 4))
        return pg_error_set(w->err, PG_INVALID,
                            "a table nested deeper than %d levels cannot be sent",
                            PG_LUA_PACK_DEPTH);
    bool is_array;
    uint32_t pairs = measure(L, index, &is_array);
    if (!is_array)
        return pack_map(w, index, pairs, buf, depth);
    pg_pack_array(buf, pairs);
    for (uint32_t i = 1; i <= pairs; i++) {
        lua_rawgeti(L, index, i); // [value]
        pg_status status = pack_value(w, lua_gettop(L), buf, depth + 1);
        lua_pop(L, 1);
        if (status != PG_OK)
            return status;
    }
    return PG_OK;
}

static pg_status pack_value(walk *w, int index, pg_buf *buf, int depth)
{
    lua_State *L = w->L;
    pg_status status = count_element(w);
    if (status != PG_OK)
        return status;
    switch (lua_type(L, index)) {
    case LUA_TNIL:
        pg_pack_nil(buf);
        return PG_OK;
    case LUA_TBOOLEAN:
        pg_pack_bool(buf, lua_toboolean(L, index));
        return PG_OK;
    case LUA_TNUMBER:
        if (lua_isinteger(L, index))
            pg_pack_int(buf, lua_tointeger(L, index));
        else
            pg_pack_double(buf, lua_tonumber(L, index));
        return PG_OK;
    case LUA_TSTRING: {
        pg_str s;
        s.ptr = lua_tolstring(L, index, &s.len);
        pg_pack_str(buf, s);
        return PG_OK;
    }
    case LUA_TTABLE:
        return pack_table(w, index, buf, depth);
    default:
        return pg_error_set(w->err, PG_INVALID, "a %s cannot be sent",
                            lua_typename(L, lua_type(L, index)));
    }
}

pg_status pg_lua_pack(lua_State *L, int index, pg_buf *buf, pg_error *err)
{
    walk w = {L, err, 0};
    pg_status status = pack_value(&w, lua_absindex(L, index), buf, 0);
    if (status == PG_OK && buf->failed)
        status = pg_error_set(err, PG_NOMEM, "not enough memory to send a value");
    return status;
}

static pg_status unpack_value(walk *w, pg_unpack *reader, int depth);

static pg_status unpack_array(walk *w, pg_unpack *reader, uint32_t count, int depth)
{
    lua_createtable(w->L, count < 1024 ? (int)count : 1024, 0); // [array]
    for (uint32_t i = 1; i <= count; i++) {
        pg_status status = unpack_value(w, reader, depth + 1);
        if (status != PG_OK)
            return status;
        lua_rawseti(w->L, -2, i);
    }
    return PG_OK;
}

static pg_status unpack_map(walk *w, pg_unpack *reader, uint32_t count, int depth)
{
    lua_createtable(w->L, 0, count < 1024 ? (int)count : 1024); // [map]
    for (uint32_t i = 0; i < count; i++) {
        pg_status status = unpack_value(w, reader, depth + 1); // [map, key]
        if (status != PG_OK)
            return status;
        if (lua_type(w->L, -1) != LUA_TSTRING && !lua_isinteger(w->L, -1))
            return pg_error_set(w->err, PG_CORRUPT, "a packed map has a key of type %s",
                                lua_typename(w->L, lua_type(w->L, -1)));
        status = unpack_value(w, reader, depth + 1); // [map, key, value]
        if (status != PG_OK)
            return status;
        lua_rawset(w->L, -3);
    }
    return PG_OK;
}

static pg_status unpack_value(walk *w, pg_unpack *reader, int depth)
{
    pg_pack_item item;
    pg_status status = pg_unpack_next(reader, &item, w->err);
    if (status != PG_OK)
        return status;
    if (++w->elements > PG_LUA_PACK_ELEMENTS || depth > PG_LUA_PACK_DEPTH ||
        !lua_checkstack(w->L, 4))
        return pg_error_set(w->err, PG_CORRUPT, "a packed value is larger or deeper than allowed");
    switch (item.kind) {
    case PG_PACK_NIL:
        lua_pushnil(w->L);
        return PG_OK;
    case PG_PACK_BOOL:
        lua_pushboolean(w->L, item.as.boolean);
        return PG_OK;
    case PG_PACK_INT:
        lua_pushinteger(w->L, item.as.integer);
        return PG_OK;
    case PG_PACK_DOUBLE:
        lua_pushnumber(w->L, item.as.number);
        return PG_OK;
    case PG_PACK_STR:
        lua_pushlstring(w->L, item.as.string.ptr, item.as.string.len);
        return PG_OK;
    case PG_PACK_ARRAY:
        return unpack_array(w, reader, item.as.count, depth);
    case PG_PACK_MAP:
        return unpack_map(w, reader, item.as.count, depth);
    }
    return pg_error_set(w->err, PG_INTERNAL, "unknown packed kind");
}

pg_status pg_lua_unpack(lua_State *L, pg_str bytes, pg_error *err)
{
    int top = lua_gettop(L);
    pg_unpack reader;
    pg_unpack_init(&reader, bytes);
    walk w = {L, err, 0};
    pg_status status = unpack_value(&w, &reader, 0);
    if (status == PG_OK && !pg_unpack_done(&reader))
        status =
            pg_error_set(err, PG_CORRUPT, "%zu bytes follow a packed value", bytes.len - reader.at);
    if (status != PG_OK)
        lua_settop(L, top);
    return status;
}

enum { BUFFER_VALUE = 1 };

static int buffer_close(lua_State *L)
{
    pg_buf *buf = lua_touserdata(L, 1);
    pg_buf_free(buf);
    return 0;
}

/// pack.encode(value) -> bytes | nil, err
static int l_encode(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_settop(L, 1);
    pg_buf *buf = lua_newuserdatauv(L, sizeof *buf, 0); // [value, buffer]
    pg_buf_init(buf, NULL);
    luaL_setmetatable(L, "promptgen.pack.buffer");
    pg_error err = {0};
    if (pg_lua_pack(L, BUFFER_VALUE, buf, &err) != PG_OK)
        return pg_lua_fail(L, &err, NULL);
    lua_pushlstring(L, buf->ptr, buf->len);
    pg_buf_free(buf);
    return 1;
}

/// pack.decode(bytes) -> value | nil, err
static int l_decode(lua_State *L)
{
    pg_str bytes = pg_lua_check_str(L, 1);
    pg_error err = {0};
    if (pg_lua_unpack(L, bytes, &err) != PG_OK)
        return pg_lua_fail(L, &err, NULL);
    return 1;
}

int luaopen_promptgen_pack(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"encode", l_encode},
        {"decode", l_decode},
        {NULL, NULL},
    };
    pg_lua_new_type(L, "promptgen.pack.buffer", NULL, buffer_close);
    lua_pop(L, 1);
    luaL_newlib(L, functions);
    return 1;
}
