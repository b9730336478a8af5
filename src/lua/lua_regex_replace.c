/// re:gsub of `promptgen.regex`: replacement by a template, a table or a function.
#include "lua_regex.h"

static const char buffer_type[] = "promptgen.regex.buffer";

static int l_buffer_close(lua_State *L)
{
    pg_buf_free(luaL_checkudata(L, 1, buffer_type));
    return 0;
}

void pg_lua_regex_open_replace(lua_State *L)
{
    pg_lua_new_type(L, buffer_type, NULL, l_buffer_close);
    lua_pop(L, 1);
}

static int replace_by_template(lua_State *L, size_t max)
{
    pg_str subject = pg_lua_check_str(L, 2);
    pg_str replacement = pg_lua_check_str(L, 3);
    pg_buf *out = lua_newuserdatauv(L, sizeof *out, 0);
    pg_buf_init(out, NULL);
    luaL_setmetatable(L, buffer_type);
    const pg_regex *re = pg_lua_check_regex(L, 1);
    size_t count = 0;
    pg_error err = {0};
    if (pg_regex_replace(re, subject, replacement, max, out, &count, &err) != PG_OK) {
        pg_buf_free(out);
        return pg_lua_fail(L, &err, NULL);
    }
    lua_pushlstring(L, out->len > 0 ? out->ptr : "", out->len);
    pg_buf_free(out);
    lua_pushinteger(L, (lua_Integer)count);
    return 2;
}

/// Pushes what the table or function at index 3 gives for the match; false or nil = unchanged.
static void push_replacement(lua_State *L, const pg_lua_regex_walk *w)
{
    bool call = lua_type(L, 3) == LUA_TFUNCTION;
    if (call)
        lua_pushvalue(L, 3);
    int count = pg_lua_regex_push_captures(L, w->it.subject, w->spans, w->groups);
    if (call) {
        lua_call(L, count, 1);
    } else {
        lua_pop(L, count - 1);
        (void)lua_gettable(L, 3);
    }
}

/// [re, subject, replacer, walk] on the stack.
static int replace_by_lua(lua_State *L, const pg_lua_regex_walk *w, size_t max)
{
    pg_str subject = w->it.subject;
    size_t copied = 0;
    size_t count = 0;
    luaL_Buffer out;
    luaL_buffinit(L, &out);
    for (; count < max; count++) {
        bool found = false;
        pg_error err = {0};
        if (pg_lua_regex_walk_next(L, 4, &found, &err) != PG_OK)
            return pg_lua_fail(L, &err, NULL);
        if (!found)
            break;
        pg_span whole = w->spans[0];
        if (whole.start > copied) {
            luaL_addlstring(&out, subject.ptr + copied, whole.start - copied);
            copied = whole.start;
        }
        push_replacement(L, w); // [.., value]
        if (!lua_toboolean(L, -1)) {
            lua_pop(L, 1); // the match itself is copied with what follows
            continue;
        }
        if (!lua_isstring(L, -1))
            return luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
        luaL_addvalue(&out);
        copied = whole.end;
    }
    luaL_addlstring(&out, subject.ptr + copied, subject.len - copied);
    luaL_pushresult(&out);
    lua_pushinteger(L, (lua_Integer)count);
    return 2;
}

int pg_lua_regex_gsub(lua_State *L)
{
    (void)pg_lua_check_regex(L, 1);
    (void)pg_lua_check_str(L, 2);
    int type = lua_type(L, 3);
    luaL_argexpected(L, type == LUA_TSTRING || type == LUA_TTABLE || type == LUA_TFUNCTION, 3,
                     "string/table/function");
    size_t max = SIZE_MAX;
    if (!lua_isnoneornil(L, 4)) {
        lua_Integer given = luaL_checkinteger(L, 4);
        max = given > 0 ? (size_t)given : 0;
    }
    lua_settop(L, 3);
    if (type == LUA_TSTRING)
        return replace_by_template(L, max);
    const pg_lua_regex_walk *w = pg_lua_regex_walk_new(L, 1, 2, 0);
    return w != NULL ? replace_by_lua(L, w, max) : 2;
}
