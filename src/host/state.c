/// Construction of the run's Lua state and its `require`. See lua_host.h.
#include "embed.h"
#include "lua_host.h"

#include "promptgen/lua.h"

#include <lualib.h>
#include <string.h>

pg_host *pg_host_of(lua_State *L)
{
    pg_host *host;
    memcpy(&host, lua_getextraspace(L), sizeof host);
    return host;
}

/// Entry point of lua-cjson, which has no usable header of its own.
int luaopen_cjson(lua_State *L);

static lua_CFunction find_c_module(const char *name)
{
    static const luaL_Reg own[] = {
        {"cjson", luaopen_cjson},
        {"promptgen.channel", luaopen_promptgen_channel},
        {"promptgen.copier", luaopen_promptgen_copier},
        {"promptgen.editor", luaopen_promptgen_editor},
        {"promptgen.embedded", luaopen_promptgen_embedded},
        {"promptgen.guard", luaopen_promptgen_guard},
        {"promptgen.host", luaopen_promptgen_host},
        {"promptgen.keyboard", luaopen_promptgen_keyboard},
        {"promptgen.logfile", luaopen_promptgen_logfile},
        {"promptgen.input", luaopen_promptgen_input},
        {"promptgen.signals", luaopen_promptgen_signals},
        {"promptgen.turn", luaopen_promptgen_turn},
        {NULL, NULL},
    };
    for (const luaL_Reg *row = own; row->name != NULL; row++)
        if (strcmp(row->name, name) == 0)
            return row->func;
    return pg_lua_find_module(name);
}

/// Pushes the loader of module `name`; false when there is none.
static bool push_loader(lua_State *L, pg_str name)
{
    lua_CFunction open = find_c_module(name.ptr);
    if (open != NULL) {
        lua_pushcfunction(L, open);
        return true;
    }
    const pg_embedded *file = pg_embedded_find(name);
    if (file == NULL || file->code.len == 0)
        return false;
    if (luaL_loadbufferx(L, file->code.ptr, file->code.len, file->name.ptr, "b") != LUA_OK)
        lua_error(L);
    return true;
}

/// require(name): the module, loaded once. There is no search path: trusted code comes from the
/// program itself, whatever the environment says.
static int l_require(lua_State *L)
{
    pg_str name;
    name.ptr = luaL_checklstring(L, 1, &name.len);
    lua_settop(L, 1);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE); // [name, loaded]
    if (lua_getfield(L, 2, name.ptr) != LUA_TNIL)
        return 1;
    lua_pop(L, 1);
    if (!push_loader(L, name)) // [name, loaded, loader]
        return luaL_error(L, "module '%s' is not part of this program", name.ptr);
    lua_pushvalue(L, 1);
    lua_call(L, 1, 1); // [name, loaded, module]
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_pushboolean(L, 1);
    }
    lua_pushvalue(L, -1);
    lua_setfield(L, 2, name.ptr);
    return 1;
}

static void open_libraries(lua_State *L)
{
    static const luaL_Reg libraries[] = {
        {LUA_GNAME, luaopen_base},
        {LUA_TABLIBNAME, luaopen_table},
        {LUA_STRLIBNAME, luaopen_string},
        {LUA_MATHLIBNAME, luaopen_math},
        {LUA_UTF8LIBNAME, luaopen_utf8},
        {LUA_COLIBNAME, luaopen_coroutine},
        {NULL, NULL},
    };
    for (const luaL_Reg *row = libraries; row->name != NULL; row++) {
        luaL_requiref(L, row->name, row->func, 1);
        lua_pop(L, 1);
    }
}

static void remove_file_access(lua_State *L)
{
    static const char *const names[] = {"dofile", "loadfile", "print", "warn"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        lua_pushnil(L);
        lua_setglobal(L, names[i]);
    }
}

lua_State *pg_host_new_state(pg_host *host)
{
    pg_lua_memory_init(&host->memory);
    lua_State *L = lua_newstate(pg_lua_memory_resize, &host->memory);
    if (L == NULL)
        return NULL;
    memcpy(lua_getextraspace(L), &host, sizeof host);
    // A run is short: memory is bounded by the limit, and collecting costs more than it frees.
    lua_gc(L, LUA_GCSTOP);
    open_libraries(L);
    remove_file_access(L);
    lua_pushcfunction(L, l_require);
    lua_setglobal(L, "require");
    return L;
}
