/// Numbers and names of the functions of a profile. See profiler_functions.h.
#include "profiler_functions.h"

#include "promptgen/str.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROWS_FIRST = 1024,
    ROWS_MAX = 65536,
    C_LINE = -1,
    NAME_MAX_LEN = 160,
};

void pg_profiler_functions_free(pg_profiler_functions *functions)
{
    free(functions->rows);
    functions->rows = NULL;
    functions->count = functions->cap = 0;
}

/// The row of this key, or the free one where it belongs; NULL without a table.
static pg_profiler_row *find_row(const pg_profiler_functions *functions, const void *address,
                                 int line)
{
    if (functions->cap == 0)
        return NULL;
    uint64_t mixed = ((uint64_t)(uintptr_t)address ^ (uint64_t)(unsigned)line << 48) *
                     UINT64_C(0x9E3779B97F4A7C15);
    for (size_t at = (size_t)(mixed >> 32);; at++) {
        pg_profiler_row *row = &functions->rows[at & (functions->cap - 1)];
        if (row->address == NULL || (row->address == address && row->line == line))
            return row;
    }
}

static bool grow(pg_profiler_functions *functions)
{
    size_t cap = functions->cap == 0 ? ROWS_FIRST : functions->cap * 2;
    pg_profiler_row *rows = cap > ROWS_MAX ? NULL : calloc(cap, sizeof *rows);
    if (rows == NULL)
        return false;
    pg_profiler_functions grown = {functions->profile, rows, functions->count, cap};
    for (size_t i = 0; i < functions->cap; i++)
        if (functions->rows[i].address != NULL)
            *find_row(&grown, functions->rows[i].address, functions->rows[i].line) =
                functions->rows[i];
    free(functions->rows);
    *functions = grown;
    return true;
}

static void set_row(pg_profiler_functions *functions, const void *address, int line,
                    uint32_t function)
{
    if ((functions->count + 1) * 2 > functions->cap && !grow(functions))
        return; // not cached: looked up by content next time
    pg_profiler_row *row = find_row(functions, address, line);
    functions->count += row->address == NULL;
    *row = (pg_profiler_row){.address = address, .line = line, .function = function};
}

/// What a profile shows as the source: the file of "@file", else Lua's own short form.
static pg_str shown_source(const lua_Debug *ar)
{
    pg_str source = pg_str_from(*ar->source == '@' ? ar->source + 1 : ar->short_src);
    if (source.len > PG_PROFILE_MAX_TEXT)
        source = pg_str_slice(source, source.len - PG_PROFILE_MAX_TEXT, source.len);
    return source;
}

/// A source text may be collected and its address reused, so content decides.
static bool is_of(const pg_profile *profile, uint32_t function, pg_str source, int line)
{
    if (function >= pg_profile_functions(profile))
        return true; // hidden, or without a number
    pg_profile_function known = pg_profile_function_at(profile, function);
    return known.kind == PG_PROFILE_LUA && known.line == line && pg_str_equal(known.source, source);
}

static uint32_t find_by_content(const pg_profile *profile, pg_str source, int line)
{
    for (uint32_t i = 0; i < pg_profile_functions(profile); i++)
        if (is_of(profile, i, source, line))
            return i;
    return PG_PROFILE_NONE;
}

/// The name that the calling code uses, if any.
static pg_str call_name(lua_State *L, lua_Debug *ar)
{
    if (lua_getinfo(L, "n", ar) == 0 || ar->name == NULL)
        return PG_STR("");
    return pg_str_from(ar->name);
}

static uint32_t identify_lua(pg_profiler_functions *functions, lua_State *L, lua_Debug *ar)
{
    pg_str source = shown_source(ar);
    const pg_profiler_row *row = find_row(functions, ar->source, ar->linedefined);
    if (row != NULL && row->address != NULL &&
        is_of(functions->profile, row->function, source, ar->linedefined))
        return row->function;
    uint32_t function = find_by_content(functions->profile, source, ar->linedefined);
    if (function == PG_PROFILE_NONE) {
        pg_profile_function made = {
            .kind = PG_PROFILE_LUA,
            .name = ar->linedefined == 0 ? PG_STR("main chunk") : call_name(L, ar),
            .source = source,
            .line = ar->linedefined,
        };
        function = pg_profile_add(functions->profile, &made);
    }
    set_row(functions, ar->source, ar->linedefined, function);
    return function;
}

/// The address of the C function at the top of the stack, as data.
static const void *c_address(lua_State *L)
{
    lua_CFunction f = lua_tocfunction(L, -1);
    const void *address = NULL;
    memcpy(&address, &f, sizeof address);
    return address;
}

static uint32_t identify_c(pg_profiler_functions *functions, lua_State *L, lua_Debug *ar)
{
    lua_getinfo(L, "f", ar); // [function]
    const void *address = c_address(L);
    lua_pop(L, 1);
    const pg_profiler_row *row = find_row(functions, address, C_LINE);
    if (row != NULL && row->address != NULL)
        return row->function;
    pg_profile_function made = {.kind = PG_PROFILE_C, .name = call_name(L, ar)};
    uint32_t function = pg_profile_add(functions->profile, &made);
    set_row(functions, address, C_LINE, function);
    return function;
}

uint32_t pg_profiler_identify(pg_profiler_functions *functions, lua_State *L, lua_Debug *ar)
{
    if (lua_getinfo(L, "S", ar) == 0)
        return PG_PROFILE_NONE;
    return *ar->what == 'C' ? identify_c(functions, L, ar) : identify_lua(functions, L, ar);
}

void pg_profiler_hide_function(pg_profiler_functions *functions, lua_State *L)
{
    if (lua_iscfunction(L, -1)) {
        set_row(functions, c_address(L), C_LINE, PG_PROFILER_HIDDEN);
        return;
    }
    lua_Debug ar;
    lua_pushvalue(L, -1);
    if (lua_getinfo(L, ">S", &ar) != 0)
        set_row(functions, ar.source, ar.linedefined, PG_PROFILER_HIDDEN);
}

/// The row of the function at the top of the stack, NULL when no event was about it.
static pg_profiler_row *row_of_top(const pg_profiler_functions *functions, lua_State *L)
{
    pg_profiler_row *row;
    if (lua_iscfunction(L, -1)) {
        row = find_row(functions, c_address(L), C_LINE);
    } else {
        lua_Debug ar;
        lua_pushvalue(L, -1);
        lua_getinfo(L, ">S", &ar);
        row = find_row(functions, ar.source, ar.linedefined);
    }
    return row != NULL && row->address != NULL &&
                   row->function < pg_profile_functions(functions->profile)
               ? row
               : NULL;
}

/// Whether `name` says more than `old`: a method rather than a metamethod, then the shorter, then
/// the first in byte order; tables are walked in an order that changes from run to run.
static bool is_better(pg_str name, pg_str old)
{
    bool hidden = pg_str_find(name, PG_STR("__"), 0) != (size_t)-1;
    bool was_hidden = pg_str_find(old, PG_STR("__"), 0) != (size_t)-1;
    if (hidden != was_hidden)
        return was_hidden;
    return name.len != old.len ? name.len < old.len : pg_str_compare(name, old) < 0;
}

/// Names the function at the top of the stack, unless it has a better name already.
static void name_top(pg_profiler_functions *functions, lua_State *L, const char *owner,
                     char separator, const char *key)
{
    pg_profiler_row *row = row_of_top(functions, L);
    if (row == NULL)
        return;
    static const char prefix[] = "promptgen.";
    if (strncmp(owner, prefix, sizeof prefix - 1) == 0)
        owner += sizeof prefix - 1;
    char text[NAME_MAX_LEN];
    bool bare = row->line != C_LINE || strcmp(owner, LUA_GNAME) == 0;
    int len = bare ? snprintf(text, sizeof text, "%s", key)
                   : snprintf(text, sizeof text, "%s%c%s", owner, separator, key);
    if (len <= 0 || (size_t)len >= sizeof text)
        return;
    pg_str name = {text, (size_t)len};
    if (row->exported &&
        !is_better(name, pg_profile_function_at(functions->profile, row->function).name))
        return;
    row->exported = true;
    pg_profile_rename(functions->profile, row->function, name);
}

/// Names the functions in the table at the top of the stack.
static void name_members(pg_profiler_functions *functions, lua_State *L, const char *owner,
                         char separator)
{
    for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) // [table, key, value]
        if (lua_isfunction(L, -1) && lua_type(L, -2) == LUA_TSTRING)
            name_top(functions, L, owner, separator, lua_tostring(L, -2));
}

/// The methods of a registered type: what its metatable's __index holds, and its metamethods.
static void name_type(pg_profiler_functions *functions, lua_State *L, const char *type)
{
    name_members(functions, L, type, '.');
    lua_pushliteral(L, "__index");
    if (lua_rawget(L, -2) == LUA_TTABLE)
        name_members(functions, L, type, ':');
    lua_pop(L, 1);
}

void pg_profiler_name_exports(pg_profiler_functions *functions, lua_State *L)
{
    if (!lua_checkstack(L, 12))
        return;
    for (lua_pushnil(L); lua_next(L, LUA_REGISTRYINDEX) != 0; lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING || !lua_istable(L, -1))
            continue;
        const char *key = lua_tostring(L, -2);
        if (strcmp(key, LUA_LOADED_TABLE) != 0) {
            name_type(functions, L, key);
            continue;
        }
        for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) // [.., loaded, name, module]
            if (lua_type(L, -2) == LUA_TSTRING && lua_istable(L, -1))
                name_members(functions, L, lua_tostring(L, -2), '.');
    }
}
