/// `promptgen.plan`: records of Markdown files, seen lazily.
///
/// A record is a userdata; a scalar is read from the block each time, a table of rows is built on
/// first use and kept. Both follow the layouts of plan.h, so a field added there is seen here. The
/// handle has no `close`: any push may run a finalizer, and none may take a record away from a
/// reader. Collection drops the reference.
#include "lua_plan.h"

#include "lua_open.h"

static const char record_type[] = "promptgen.plan";

static const pg_plan *check_record(lua_State *L, int arg)
{
    return pg_lua_check_handle(L, arg, record_type);
}

/// Pushes the string, or nil.
static void push_ref(lua_State *L, const pg_plan *plan, pg_ref ref)
{
    pg_str s = pg_plan_str(plan, ref);
    if (s.ptr == NULL)
        lua_pushnil(L);
    else
        lua_pushlstring(L, s.ptr, s.len);
}

static void push_parts(lua_State *L, const pg_plan *plan, pg_rows parts);

/// Pushes one field of a row: a line 0 is nil.
static void push_value(lua_State *L, const pg_plan *plan, pg_plan_type type, const void *value)
{
    uint32_t number = *(const uint32_t *)value;
    switch (type) {
    case PG_PLAN_REF:
        push_ref(L, plan, *(const pg_ref *)value);
        break;
    case PG_PLAN_LINE:
        if (number == 0)
            lua_pushnil(L);
        else
            lua_pushinteger(L, number);
        break;
    case PG_PLAN_COUNT:
        lua_pushinteger(L, number);
        break;
    case PG_PLAN_FLAG:
        lua_pushboolean(L, number != 0);
        break;
    case PG_PLAN_PARTS:
        push_parts(L, plan, *(const pg_rows *)value);
        break;
    }
}

/// Pushes a row as a table; `parts` is left to the metatable of achievements.
static void push_row(lua_State *L, const pg_plan *plan, const pg_plan_layout *layout,
                     const unsigned char *row)
{
    lua_createtable(L, 0, (int)layout->column_count); // [row]
    for (uint32_t i = 0; i < layout->column_count; i++) {
        const pg_plan_column *column = &layout->columns[i];
        if (column->type == PG_PLAN_PARTS)
            continue;
        push_value(L, plan, column->type, row + column->offset); // [row, value]
        lua_setfield(L, -2, column->name);
    }
}

static void push_parts(lua_State *L, const pg_plan *plan, pg_rows parts)
{
    uint32_t count = 0;
    const pg_plan_row_parts *rows = pg_plan_rows(plan, PG_PLAN_TABLE_PARTS, &count);
    lua_createtable(L, (int)parts.count, 0); // [list]
    for (uint32_t i = 0; i < parts.count; i++) {
        push_row(L, plan, pg_plan_table_layout(PG_PLAN_TABLE_PARTS),
                 (const unsigned char *)&rows[parts.first + i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

/// achievement.parts, built on first use. Upvalue 1: the record.
static int achievement_index(lua_State *L)
{
    if (lua_type(L, 1) != LUA_TTABLE || lua_type(L, 2) != LUA_TSTRING ||
        !pg_str_equal(pg_lua_check_str(L, 2), PG_STR("parts")))
        return 0;
    const pg_plan *plan = check_record(L, lua_upvalueindex(1));
    lua_pushliteral(L, "line");
    lua_rawget(L, 1); // [achievement, key, line]
    lua_Integer line = lua_tointeger(L, -1);
    uint32_t count = 0;
    const pg_plan_row_achievements *rows = pg_plan_rows(plan, PG_PLAN_TABLE_ACHIEVEMENTS, &count);
    for (uint32_t i = 0; i < count; i++) {
        if ((lua_Integer)rows[i].line != line)
            continue;
        push_parts(L, plan, rows[i].parts); // [achievement, key, line, parts]
        lua_pushvalue(L, 2);
        lua_pushvalue(L, -2);
        lua_rawset(L, 1);
        return 1;
    }
    return 0;
}

/// Pushes the metatable of the achievements of the record at `record`.
static void push_achievement_metatable(lua_State *L, int record)
{
    lua_createtable(L, 0, 1); // [metatable]
    lua_pushvalue(L, record);
    lua_pushcclosure(L, achievement_index, 1);
    lua_setfield(L, -2, "__index");
}

/// Pushes a table of the record at `record`: a list of rows, or the row of a single one, or nil.
static void push_table(lua_State *L, int record, const pg_plan *plan, unsigned table)
{
    const pg_plan_layout *layout = pg_plan_table_layout(table);
    uint32_t count = 0;
    const unsigned char *rows = pg_plan_rows(plan, (pg_plan_table)table, &count);
    if (layout->single) {
        if (count == 0)
            lua_pushnil(L);
        else
            push_row(L, plan, layout, rows);
        return;
    }
    bool achievements = table == PG_PLAN_TABLE_ACHIEVEMENTS;
    if (achievements)
        push_achievement_metatable(L, record);
    else
        lua_pushnil(L);
    lua_createtable(L, (int)count, 0); // [metatable, list]
    for (uint32_t i = 0; i < count; i++) {
        push_row(L, plan, layout, rows + (size_t)i * layout->row_size);
        if (achievements) {
            lua_pushvalue(L, -3);
            lua_setmetatable(L, -2);
        }
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_remove(L, -2); // [list]
}

/// Pushes record[key] for a table, from the cache in user value 1 when it was built before.
static int index_table(lua_State *L, const pg_plan *plan, unsigned table)
{
    if (lua_getiuservalue(L, 1, 1) != LUA_TTABLE) { // [record, key, cache]
        lua_pop(L, 1);
        lua_newtable(L);
        lua_pushvalue(L, -1);
        lua_setiuservalue(L, 1, 1);
    }
    if (lua_rawgeti(L, 3, (lua_Integer)table + 1) == LUA_TNIL) { // [record, key, cache, value]
        lua_pop(L, 1);
        push_table(L, 1, plan, table);
        lua_pushvalue(L, -1);
        lua_rawseti(L, 3, (lua_Integer)table + 1);
    }
    return 1;
}

/// record.key. Upvalue 1: {name = index}; scalars count from 1 on, tables down from -1; upvalue 2:
/// the methods.
static int record_index(lua_State *L)
{
    const pg_plan *plan = check_record(L, 1);
    lua_settop(L, 2);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNUMBER) { // [record, key, index]
        lua_pushvalue(L, 2);
        lua_rawget(L, lua_upvalueindex(2));
        return 1;
    }
    lua_Integer index = lua_tointeger(L, -1);
    lua_settop(L, 2);
    if (index < 0)
        return index_table(L, plan, (unsigned)(-index - 1));
    const pg_plan_column *column = &pg_plan_head_layout()->columns[index - 1];
    const unsigned char *head = (const unsigned char *)pg_plan_scalars(plan);
    push_value(L, plan, column->type, head + column->offset);
    return 1;
}

static int release_record(lua_State *L)
{
    void **box = pg_lua_check_box(L, 1, record_type);
    pg_plan *plan = *box;
    *box = NULL;
    pg_plan_release(plan);
    return 0;
}

static uint32_t opt_line(lua_State *L, int arg, uint32_t fallback)
{
    if (lua_isnoneornil(L, arg))
        return fallback;
    lua_Integer line = luaL_checkinteger(L, arg);
    return (uint32_t)(line < 0 ? 0 : line > UINT32_MAX ? UINT32_MAX : line);
}

static void push_lines(lua_State *L, const pg_plan *plan, uint32_t first, uint32_t last)
{
    pg_str text = pg_plan_text(plan, first, last);
    lua_pushlstring(L, text.ptr != NULL ? text.ptr : "", text.len);
}

/// record:text(first = 1, last = lines) -> string
static int l_text(lua_State *L)
{
    const pg_plan *plan = check_record(L, 1);
    uint32_t first = opt_line(L, 2, 1);
    uint32_t last = opt_line(L, 3, pg_plan_scalars(plan)->lines);
    push_lines(L, plan, first, last);
    return 1;
}

/// record:section(title) -> text below the first heading that contains `title`, line, end_line
static int l_section(lua_State *L)
{
    const pg_plan *plan = check_record(L, 1);
    pg_str title = pg_lua_check_str(L, 2);
    uint32_t count = 0;
    const pg_plan_row_sections *rows = pg_plan_rows(plan, PG_PLAN_TABLE_SECTIONS, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (pg_str_find_nocase(pg_plan_str(plan, rows[i].title), title, 0) == (size_t)-1)
            continue;
        push_lines(L, plan, rows[i].line + 1, rows[i].end_line);
        lua_pushinteger(L, rows[i].line);
        lua_pushinteger(L, rows[i].end_line);
        return 3;
    }
    return 0;
}

/// Defines the type of records. `metatable` is left on the stack.
static void define_record(lua_State *L)
{
    static const luaL_Reg methods[] = {{"text", l_text}, {"section", l_section}, {NULL, NULL}};
    pg_lua_new_type(L, record_type, NULL, NULL); // [metatable]
    lua_newtable(L);                             // [metatable, keys]
    const pg_plan_layout *head = pg_plan_head_layout();
    for (uint32_t i = 0; i < head->column_count; i++) {
        if (pg_str_equal(pg_str_from(head->columns[i].name), PG_STR("text")))
            continue; // a method gives the text
        lua_pushinteger(L, (lua_Integer)i + 1);
        lua_setfield(L, -2, head->columns[i].name);
    }
    for (unsigned table = 0; table < PG_PLAN_TABLE_NUMBER; table++) {
        lua_pushinteger(L, -(lua_Integer)table - 1);
        lua_setfield(L, -2, pg_plan_table_layout(table)->name);
    }
    luaL_newlib(L, methods); // [metatable, keys, methods]
    lua_pushcclosure(L, record_index, 2);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, release_record);
    lua_setfield(L, -2, "__gc");
}

/// plan.parse(text, {path = ?, patterns = ?, extent = "all"}) -> record | nil, err
static int l_parse(lua_State *L)
{
    pg_str text = pg_lua_check_str(L, 1);
    if (!lua_isnoneornil(L, 2))
        luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    pg_plan_options options = {0};
    options.path = pg_lua_opt_field_str(L, 2, "path", (pg_str){NULL, 0});
    pg_str extent = pg_lua_opt_field_str(L, 2, "extent", PG_STR("all"));
    options.header_only = pg_str_equal(extent, PG_STR("header"));
    if (!options.header_only && !pg_str_equal(extent, PG_STR("all")))
        return luaL_error(L, "bad field 'extent' (\"all\" or \"header\" expected)");
    options.patterns = pg_lua_push_patterns(L, 2, 1); // [.., patterns]
    if (options.patterns == NULL) {
        lua_pushnil(L);
        lua_insert(L, -2);
        return 2; // nil, err
    }
    void **box = pg_lua_new_handle(L, record_type, 1); // [.., patterns, record]
    pg_plan *plan = NULL;
    pg_error err = {0};
    if (pg_plan_parse(text, &options, NULL, &plan, &err) != PG_OK)
        return pg_lua_fail(L, &err, options.path.ptr);
    *box = plan;
    return 1;
}

/// plan.load(bytes) -> record | nil, err
static int l_load(lua_State *L)
{
    pg_str bytes = pg_lua_check_str(L, 1);
    void **box = pg_lua_new_handle(L, record_type, 1); // [.., record]
    pg_plan *plan = NULL;
    pg_error err = {0};
    if (pg_plan_load(bytes, NULL, &plan, &err) != PG_OK)
        return pg_lua_fail(L, &err, NULL);
    *box = plan;
    return 1;
}

/// plan.dump(record) -> bytes
static int l_dump(lua_State *L)
{
    pg_str bytes = pg_plan_dump(check_record(L, 1));
    lua_pushlstring(L, bytes.ptr, bytes.len);
    return 1;
}

/// plan.size(record) -> bytes that plan.dump gives
static int l_size(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)pg_plan_dump(check_record(L, 1)).len);
    return 1;
}

/// plan.schema() -> number that changes with the form of records
static int l_schema(lua_State *L)
{
    lua_pushinteger(L, pg_plan_schema());
    return 1;
}

const pg_plan *pg_lua_test_plan(lua_State *L, int index)
{
    void **box = luaL_testudata(L, index, record_type);
    return box != NULL ? *box : NULL;
}

void **pg_lua_new_plan(lua_State *L)
{
    return pg_lua_new_handle(L, record_type, 1);
}

int luaopen_promptgen_plan(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"parse", l_parse}, {"load", l_load},     {"dump", l_dump},
        {"size", l_size},   {"schema", l_schema}, {"patterns", pg_lua_patterns},
        {NULL, NULL},
    };
    define_record(L);
    pg_lua_define_patterns(L);
    luaL_newlib(L, functions); // [.., module]
    return 1;
}
