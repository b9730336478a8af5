/// `promptgen.editor`: line editing and the user's own editor, for the trusted half of the program.
/// See line_editor.h, external_editor.h.
///
/// editor.open(signals, complete, settle) -> editor | nil, err
///   complete(before, after) -> bytes to erase before the cursor, text to insert, text to show
///   settle() is called once, behind the first prompt
///   editor:read(prompt) -> line | nil, "end"|"interrupted" | nil, err
///   editor:remember(entry), editor:close()
/// editor.edit_file(command, path) -> true | nil, err
/// editor.edit_text(command, text, suffix?, max_bytes?) -> text | nil, err; the file's name ends in
///   `suffix` (".lua")
#include "external_editor.h"
#include "line_editor.h"
#include "lua_host.h"
#include "lua_signals.h"

#include "../lua/lua_common.h"

static const char editor_type[] = "promptgen.editor";
static const char text_type[] = "promptgen.editor.text";

enum { SIGNALS = 1, COMPLETE = 2, SETTLE = 3, USER_VALUES = 3 };

typedef struct lua_editor {
    pg_line_editor *editor;
    lua_State *L; ///< the thread that reads, for the completion; NULL otherwise
    int self;     ///< index of the handle on its stack
    pg_buf line;
} lua_editor;

static lua_editor *check_editor(lua_State *L)
{
    lua_editor *e = luaL_checkudata(L, 1, editor_type);
    luaL_argcheck(L, e->editor != NULL, 1, "the editor is closed");
    return e;
}

static int l_close(lua_State *L)
{
    lua_editor *e = luaL_checkudata(L, 1, editor_type);
    pg_line_editor_free(e->editor);
    e->editor = NULL;
    pg_buf_free(&e->line);
    return 0;
}

static pg_str result_text(lua_State *L, int index)
{
    return lua_type(L, index) == LUA_TSTRING ? pg_lua_check_str(L, index) : PG_STR("");
}

/// Calls the completion; what it raises is as if it had found nothing, since an error cannot pass
/// through libedit.
static void complete(void *ctx, pg_str before, pg_str after, pg_line_completion *out)
{
    lua_editor *e = ctx;
    lua_State *L = e->L;
    int top = lua_gettop(L);
    if (!lua_checkstack(L, 8))
        return;
    lua_getiuservalue(L, e->self, COMPLETE);
    lua_pushlstring(L, before.ptr != NULL ? before.ptr : "", before.len);
    lua_pushlstring(L, after.ptr != NULL ? after.ptr : "", after.len);
    if (lua_pcall(L, 2, 3, 0) == LUA_OK) { // [.., erase, insert, listing]
        lua_Integer erase = lua_tointeger(L, top + 1);
        out->erase = erase > 0 ? (size_t)erase : 0;
        pg_buf_put_str(&out->insert, result_text(L, top + 2));
        pg_buf_put_str(&out->listing, result_text(L, top + 3));
    }
    lua_settop(L, top);
}

static void settle(void *ctx)
{
    lua_editor *e = ctx;
    lua_State *L = e->L;
    int top = lua_gettop(L);
    if (!lua_checkstack(L, 4))
        return;
    lua_getiuservalue(L, e->self, SETTLE);
    (void)lua_pcall(L, 0, 0, 0);
    lua_settop(L, top);
}

static int l_open(lua_State *L)
{
    pg_attention *attention = pg_host_check_signals(L, 1);
    luaL_checktype(L, 2, LUA_TFUNCTION);
    luaL_checktype(L, 3, LUA_TFUNCTION);
    lua_settop(L, 3);
    lua_editor *e = lua_newuserdatauv(L, sizeof *e, USER_VALUES); // [.., settle, editor]
    *e = (lua_editor){.editor = NULL};
    pg_buf_init(&e->line, NULL);
    luaL_setmetatable(L, editor_type);
    for (int value = SIGNALS; value <= SETTLE; value++) {
        lua_pushvalue(L, value);
        lua_setiuservalue(L, -2, value);
    }
    const pg_line_hooks hooks = {.complete = complete, .settle = settle, .ctx = e};
    pg_error err = {0};
    if (pg_line_editor_new(attention, &hooks, &e->editor, &err) != PG_OK)
        return pg_lua_fail(L, &err, NULL);
    return 1;
}

static int l_read(lua_State *L)
{
    lua_editor *e = check_editor(L);
    pg_str prompt = pg_lua_check_str(L, 2);
    luaL_argcheck(L, e->L == NULL, 1, "the editor is reading already");
    e->L = L;
    e->self = 1;
    pg_line_end end;
    pg_error err = {0};
    pg_status status = pg_line_editor_read(e->editor, prompt, &e->line, &end, &err);
    e->L = NULL;
    if (status != PG_OK)
        return pg_lua_fail(L, &err, NULL);
    if (end != PG_LINE_TEXT) {
        lua_pushnil(L);
        lua_pushstring(L, end == PG_LINE_EOF ? "end" : "interrupted");
        return 2;
    }
    lua_pushlstring(L, e->line.ptr != NULL ? e->line.ptr : "", e->line.len);
    return 1;
}

static int l_remember(lua_State *L)
{
    lua_editor *e = check_editor(L);
    pg_error err = {0};
    if (pg_line_editor_remember(e->editor, pg_lua_check_str(L, 2), &err) != PG_OK)
        return pg_lua_fail(L, &err, NULL);
    lua_pushboolean(L, 1);
    return 1;
}

static int l_edit_file(lua_State *L)
{
    const char *command = luaL_checkstring(L, 1);
    const char *path = luaL_checkstring(L, 2);
    pg_error err = {0};
    if (pg_external_editor_run(command, path, &err) != PG_OK)
        return pg_lua_fail(L, &err, NULL);
    lua_pushboolean(L, 1);
    return 1;
}

static int text_close(lua_State *L)
{
    pg_buf_free(luaL_checkudata(L, 1, text_type));
    return 0;
}

static int l_edit_text(lua_State *L)
{
    const char *command = luaL_checkstring(L, 1);
    pg_str text = pg_lua_check_str(L, 2);
    const char *suffix = luaL_optstring(L, 3, ".lua");
    lua_Integer max = luaL_optinteger(L, 4, PG_LINE_MAX);
    luaL_argcheck(L, max > 0, 4, "out of range");
    pg_buf *edited = lua_newuserdatauv(L, sizeof *edited, 0); // [.., edited]
    pg_buf_init(edited, NULL);
    luaL_setmetatable(L, text_type);
    pg_error err = {0};
    if (pg_external_editor_edit_as(command, text, suffix, (size_t)max, edited, &err) != PG_OK)
        return pg_lua_fail(L, &err, NULL);
    lua_pushlstring(L, edited->ptr != NULL ? edited->ptr : "", edited->len);
    return 1;
}

int luaopen_promptgen_editor(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"read", l_read},
        {"remember", l_remember},
        {"close", l_close},
        {NULL, NULL},
    };
    static const luaL_Reg functions[] = {
        {"open", l_open},
        {"edit_file", l_edit_file},
        {"edit_text", l_edit_text},
        {NULL, NULL},
    };
    pg_lua_new_type(L, editor_type, methods, l_close);
    pg_lua_new_type(L, text_type, NULL, text_close);
    lua_pop(L, 2);
    luaL_newlib(L, functions);
    return 1;
}
