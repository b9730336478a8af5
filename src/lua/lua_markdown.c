/// `promptgen.markdown`: blocks, sections, fields and tables of a Markdown text, for Lua.
///
/// Each reader builds a fresh table on each call. Indexes into the list of blocks are 1-based. The
/// handle has no `close`: any push may run a finalizer, and none may take a text away from a
/// reader.
#include "lua_common.h"
#include "lua_open.h"

#include "promptgen/markdown.h"

static const char document_type[] = "promptgen.markdown";

static const pg_markdown *check_document(lua_State *L, int arg)
{
    return pg_lua_check_handle(L, arg, document_type);
}

static void set_integer(lua_State *L, const char *name, lua_Integer value)
{
    lua_pushinteger(L, value);
    lua_setfield(L, -2, name);
}

static void set_str(lua_State *L, const char *name, pg_str value)
{
    lua_pushlstring(L, value.ptr, value.len);
    lua_setfield(L, -2, name);
}

static void set_bool(lua_State *L, const char *name, bool value)
{
    lua_pushboolean(L, value);
    lua_setfield(L, -2, name);
}

/// markdown.parse(text) -> document | nil, err
static int l_parse(lua_State *L)
{
    pg_str text = pg_lua_check_str(L, 1);
    void **box = pg_lua_new_handle(L, document_type, 0); // [.., document]
    pg_markdown *md = NULL;
    pg_error err = {0};
    if (pg_markdown_parse(text, NULL, &md, &err) != PG_OK)
        return pg_lua_fail(L, &err, NULL);
    *box = md;
    return 1;
}

static int release(lua_State *L)
{
    void **box = pg_lua_check_box(L, 1, document_type);
    pg_markdown *md = *box;
    *box = NULL;
    pg_markdown_free(md);
    return 0;
}

/// Line argument: `fallback` when absent, else clamped to 0..line_count + 1.
static uint32_t opt_line(lua_State *L, int arg, const pg_markdown *md, uint32_t fallback)
{
    if (lua_isnoneornil(L, arg))
        return fallback;
    lua_Integer line = luaL_checkinteger(L, arg);
    lua_Integer last = (lua_Integer)pg_markdown_line_count(md) + 1;
    return (uint32_t)(line < 0 ? 0 : line > last ? last : line);
}

/// document:text(first = 1, last = line count) -> string
static int l_text(lua_State *L)
{
    const pg_markdown *md = check_document(L, 1);
    uint32_t first = opt_line(L, 2, md, 1);
    uint32_t last = opt_line(L, 3, md, pg_markdown_line_count(md));
    pg_str text = pg_markdown_text(md);
    size_t from = pg_markdown_line_offset(md, first);
    size_t to = pg_markdown_line_offset(md, last + 1);
    if (to > from && text.ptr[to - 1] == '\n')
        to--;
    text = pg_str_slice(text, from, to);
    lua_pushlstring(L, text.ptr, text.len);
    return 1;
}

/// document:line_count() -> integer
static int l_line_count(lua_State *L)
{
    lua_pushinteger(L, pg_markdown_line_count(check_document(L, 1)));
    return 1;
}

/// document:invalid() -> number of malformed bytes, line?, offset?
static int l_invalid(lua_State *L)
{
    uint32_t line = 0;
    size_t offset = 0;
    size_t count = pg_markdown_invalid_bytes(check_document(L, 1), &line, &offset);
    lua_pushinteger(L, (lua_Integer)count);
    if (count == 0)
        return 1;
    lua_pushinteger(L, line);
    lua_pushinteger(L, (lua_Integer)offset);
    return 3;
}

static void push_block(lua_State *L, const pg_markdown *md, const pg_md_block *block,
                       uint32_t index)
{
    lua_createtable(L, 0, 8); // [block]
    lua_pushstring(L, pg_md_kind_name(block->kind));
    lua_setfield(L, -2, "kind");
    set_integer(L, "line", block->line);
    set_integer(L, "end_line", block->end_line);
    set_integer(L, "column", block->column);
    set_integer(L, "depth", block->depth);
    if (block->parent != PG_MD_NONE)
        set_integer(L, "parent", (lua_Integer)block->parent + 1);
    if (block->kind == PG_MD_HEADING) {
        set_integer(L, "level", block->level);
        set_str(L, "text", pg_markdown_heading_text(md, index));
    } else if (block->kind == PG_MD_LIST) {
        set_bool(L, "ordered", block->ordered);
    } else if (block->kind == PG_MD_CODE) {
        set_bool(L, "fenced", block->fenced);
        set_str(L, "info", pg_markdown_fence_info(md, index));
    }
}

/// The kind of that name at `arg`, or PG_MD_KIND_COUNT for none.
static unsigned opt_kind(lua_State *L, int arg)
{
    if (lua_isnoneornil(L, arg))
        return PG_MD_KIND_COUNT;
    pg_str name = pg_lua_check_str(L, arg);
    for (unsigned kind = 0; kind < PG_MD_KIND_COUNT; kind++)
        if (pg_str_equal(name, pg_str_from(pg_md_kind_name(kind))))
            return kind;
    return (unsigned)luaL_argerror(L, arg, "a kind of block expected");
}

/// document:blocks(kind, depth) -> block[], of that kind and depth only where they are given
static int l_blocks(lua_State *L)
{
    const pg_markdown *md = check_document(L, 1);
    unsigned kind = opt_kind(L, 2);
    lua_Integer depth = luaL_optinteger(L, 3, -1);
    bool all = kind == PG_MD_KIND_COUNT && depth < 0;
    uint32_t count = 0;
    const pg_md_block *blocks = pg_markdown_blocks(md, &count);
    lua_createtable(L, all ? (int)count : 0, 0); // [list]
    lua_Integer found = 0;
    for (uint32_t i = 0; i < count; i++) {
        if ((kind != PG_MD_KIND_COUNT && blocks[i].kind != kind) ||
            (depth >= 0 && blocks[i].depth != depth))
            continue;
        push_block(L, md, &blocks[i], i);
        lua_rawseti(L, -2, ++found);
    }
    return 1;
}

/// document:sections() -> section[]
static int l_sections(lua_State *L)
{
    const pg_markdown *md = check_document(L, 1);
    uint32_t count = 0;
    const pg_md_section *sections = pg_markdown_sections(md, &count);
    lua_createtable(L, (int)count, 0); // [list]
    for (uint32_t i = 0; i < count; i++) {
        lua_createtable(L, 0, 4); // [list, section]
        set_integer(L, "level", sections[i].level);
        set_str(L, "title", sections[i].title);
        set_integer(L, "line", sections[i].line);
        set_integer(L, "end_line", sections[i].end_line);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/// document:fields() -> field[]
static int l_fields(lua_State *L)
{
    const pg_markdown *md = check_document(L, 1);
    pg_md_cursor cursor = {0};
    pg_md_field field;
    lua_newtable(L); // [list]
    for (lua_Integer i = 1; pg_markdown_next_field(md, &cursor, &field); i++) {
        lua_createtable(L, 0, 4); // [list, field]
        set_str(L, "label", field.label);
        set_str(L, "value", field.value);
        set_integer(L, "line", field.line);
        set_bool(L, "bold", field.bold);
        lua_rawseti(L, -2, i);
    }
    return 1;
}

enum { CELLS_MAX = 256 };

static void push_row(lua_State *L, pg_str line)
{
    pg_str cells[CELLS_MAX];
    size_t count = pg_md_row_cells(line, cells, CELLS_MAX);
    if (count > CELLS_MAX)
        count = CELLS_MAX;
    lua_createtable(L, (int)count, 0); // [row]
    for (size_t i = 0; i < count; i++) {
        lua_pushlstring(L, cells[i].ptr, cells[i].len);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

/// document:tables() -> table[]
static int l_tables(lua_State *L)
{
    const pg_markdown *md = check_document(L, 1);
    pg_md_cursor cursor = {0};
    pg_md_table table;
    lua_newtable(L); // [list]
    for (lua_Integer i = 1; pg_markdown_next_table(md, &cursor, &table); i++) {
        lua_createtable(L, 0, 4); // [list, table]
        set_integer(L, "line", table.line);
        set_integer(L, "end_line", table.end_line);
        push_row(L, pg_markdown_block_line(md, table.block, table.line));
        lua_setfield(L, -2, "header");
        lua_newtable(L); // [list, table, rows]
        for (uint32_t line = table.line + 2; line <= table.end_line; line++) {
            push_row(L, pg_markdown_block_line(md, table.block, line));
            lua_rawseti(L, -2, (lua_Integer)(line - table.line) - 1);
        }
        lua_setfield(L, -2, "rows");
        lua_rawseti(L, -2, i);
    }
    return 1;
}

int luaopen_promptgen_markdown(lua_State *L)
{
    static const luaL_Reg functions[] = {{"parse", l_parse}, {NULL, NULL}};
    static const luaL_Reg methods[] = {
        {"blocks", l_blocks},   {"sections", l_sections},
        {"fields", l_fields},   {"tables", l_tables},
        {"text", l_text},       {"line_count", l_line_count},
        {"invalid", l_invalid}, {NULL, NULL},
    };
    pg_lua_new_type(L, document_type, methods, NULL); // [metatable]
    lua_pushcfunction(L, release);
    lua_setfield(L, -2, "__gc");
    luaL_newlib(L, functions); // [metatable, module]
    return 1;
}
