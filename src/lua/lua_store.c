/// `promptgen.store`: the persistent cache, for the trusted half of the program.
///
/// Signatures and hashes are the strings that promptgen.fs gives and takes. A record is a handle,
/// so that its payload is copied only when it is asked for.
#include "lua_store.h"

#include "lua_fs.h"
#include "lua_open.h"
#include "lua_plan.h"

#include <string.h>

static const char store_type[] = "promptgen.store";
static const char items_type[] = "promptgen.store.items";

static pg_store *check_store(lua_State *L)
{
    return pg_lua_check_handle(L, 1, store_type);
}

static void set_seconds(lua_State *L, const char *field, int64_t ns)
{
    lua_pushnumber(L, (lua_Number)ns / (lua_Number)PG_NS_PER_SECOND);
    lua_setfield(L, -2, field);
}

/// store.open(dir, {schema=, max_bytes=, max_records=}?) -> store | nil, err
static int l_open(lua_State *L)
{
    pg_str dir = pg_lua_check_str(L, 1);
    lua_settop(L, 2);
    pg_store_options options = {
        .schema = pg_lua_opt_field_size(L, 2, "schema", 0),
        .max_bytes = pg_lua_opt_field_size(L, 2, "max_bytes", 0),
        .max_records = pg_lua_opt_field_size(L, 2, "max_records", 0),
    };
    void **box = pg_lua_new_handle(L, store_type, 0);
    pg_error err = {0};
    pg_store *store = NULL;
    if (pg_store_open(dir, &options, &store, &err) != PG_OK)
        return pg_lua_fail(L, &err, dir.ptr);
    *box = store;
    return 1;
}

static int l_close(lua_State *L)
{
    void **box = pg_lua_check_box(L, 1, store_type);
    pg_store_close(*box);
    *box = NULL;
    return 0;
}

/// Pushes nil and the reason of a miss.
static int push_miss(lua_State *L, pg_store_miss miss)
{
    lua_pushnil(L);
    lua_pushstring(L, pg_store_miss_name(miss));
    return 2;
}

/// store:get(key) -> record | nil, reason
static int l_get(lua_State *L)
{
    pg_store *store = check_store(L);
    pg_str key = pg_lua_check_str(L, 2);
    void **box = pg_lua_new_handle(L, PG_LUA_STORE_RECORD, 0);
    pg_store_miss miss;
    *box = pg_store_get(store, key, &miss);
    return *box != NULL ? 1 : push_miss(L, miss);
}

/// store:fetch(key, root) -> record | nil, reason
static int l_fetch(lua_State *L)
{
    pg_store *store = check_store(L);
    pg_str key = pg_lua_check_str(L, 2);
    const pg_root *root = pg_lua_check_root(L, 3);
    void **box = pg_lua_new_handle(L, PG_LUA_STORE_RECORD, 0);
    pg_store_miss miss;
    *box = pg_store_fetch(store, key, root, &miss, NULL);
    return *box != NULL ? 1 : push_miss(L, miss);
}

/// store:fetch_each(key, root) -> record, "fresh"|"refreshed"|"stale" | nil, reason
static int l_fetch_each(lua_State *L)
{
    pg_store *store = check_store(L);
    pg_str key = pg_lua_check_str(L, 2);
    const pg_root *root = pg_lua_check_root(L, 3);
    void **box = pg_lua_new_handle(L, PG_LUA_STORE_RECORD, 0);
    pg_store_miss miss;
    pg_store_verdict verdict;
    *box = pg_store_fetch_each(store, key, root, &miss, &verdict);
    if (*box == NULL)
        return push_miss(L, miss);
    lua_pushstring(L, pg_lua_store_state_name(verdict.state));
    return 2;
}

/// The pieces of the payload at `arg`: a string, or a list of strings and records of
/// promptgen.plan. They live as long as that value; the list itself is left on the stack.
static const pg_str *push_parts(lua_State *L, int arg, size_t *count)
{
    bool list = lua_istable(L, arg);
    *count = list ? lua_rawlen(L, arg) : 1;
    pg_str *parts = lua_newuserdatauv(L, (*count + 1) * sizeof *parts, 0); // [.., parts]
    if (!list)
        parts[0] = pg_lua_check_str(L, arg);
    for (size_t i = 0; list && i < *count; i++) {
        int type = lua_rawgeti(L, arg, (lua_Integer)i + 1); // [.., parts, part]
        const pg_plan *plan = pg_lua_test_plan(L, -1);
        if (plan != NULL)
            parts[i] = pg_plan_dump(plan);
        else if (type == LUA_TSTRING)
            parts[i].ptr = lua_tolstring(L, -1, &parts[i].len);
        else
            luaL_argerror(L, arg, "a list of strings and records expected");
        lua_pop(L, 1);
    }
    return parts;
}

/// store:put(key, root, {dependency, ...} | dependencies, payload) -> whether it was written
static int l_put(lua_State *L)
{
    pg_store *store = check_store(L);
    pg_str key = pg_lua_check_str(L, 2);
    const pg_root *root = pg_lua_check_root(L, 3);
    size_t part_count = 0;
    const pg_str *parts = push_parts(L, 5, &part_count);
    size_t count = 0;
    const pg_dep *deps = pg_lua_store_check_deps(L, 4, &count);
    lua_pushboolean(L, pg_store_put_parts(store, key, root, deps, count, parts, part_count));
    return 1;
}

/// store:has(key) -> whether there is a record, good or not
static int l_has(lua_State *L)
{
    pg_store *store = check_store(L);
    lua_pushboolean(L, pg_store_has(store, pg_lua_check_str(L, 2)));
    return 1;
}

/// store:remove(key) -> whether it was there
static int l_remove(lua_State *L)
{
    pg_store *store = check_store(L);
    lua_pushboolean(L, pg_store_remove(store, pg_lua_check_str(L, 2)));
    return 1;
}

/// store:problem() -> why nothing is written any more | nil
static int l_problem(lua_State *L)
{
    lua_pushstring(L, pg_store_problem(check_store(L)));
    return 1;
}

/// store:stats() -> table
static int l_stats(lua_State *L)
{
    pg_store_stats stats;
    pg_store_read_stats(check_store(L), &stats);
    lua_createtable(L, 0, 9); // [.., stats]
    pg_lua_set_count(L, "hits", stats.hits);
    pg_lua_set_count(L, "refreshed", stats.refreshed);
    pg_lua_set_count(L, "hashed", stats.hashed);
    pg_lua_set_count(L, "writes", stats.writes);
    pg_lua_set_count(L, "write_failures", stats.write_failures);
    pg_lua_set_count(L, "removed", stats.removed);
    pg_lua_set_count(L, "max_bytes", stats.max_bytes);
    pg_lua_set_count(L, "max_records", stats.max_records);
    uint64_t total = 0;
    lua_createtable(L, 0, PG_STORE_MISS_COUNT); // [.., stats, reasons]
    for (int i = 1; i < PG_STORE_MISS_COUNT; i++) {
        pg_lua_set_count(L, pg_store_miss_name((pg_store_miss)i), stats.misses[i]);
        total += stats.misses[i];
    }
    lua_setfield(L, -2, "miss_reasons");
    pg_lua_set_count(L, "misses", total);
    return 1;
}

/// store:damaged() -> how many records were found damaged or tampered with
static int l_damaged(lua_State *L)
{
    static const pg_store_miss kinds[] = {PG_STORE_MISS_UNTRUSTED, PG_STORE_MISS_TRUNCATED,
                                          PG_STORE_MISS_MAGIC,     PG_STORE_MISS_SCHEMA,
                                          PG_STORE_MISS_CHECKSUM,  PG_STORE_MISS_LAYOUT};
    pg_store_stats stats;
    pg_store_read_stats(check_store(L), &stats);
    uint64_t count = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        count += stats.misses[kinds[i]];
    lua_pushinteger(L, (lua_Integer)count);
    return 1;
}

static void push_gc(lua_State *L, const pg_store_gc *gc)
{
    lua_createtable(L, 0, 6); // [.., result]
    lua_pushboolean(L, gc->busy);
    lua_setfield(L, -2, "busy");
    pg_lua_set_count(L, "records", gc->records);
    pg_lua_set_count(L, "bytes", gc->bytes);
    pg_lua_set_count(L, "removed", gc->removed);
    pg_lua_set_count(L, "stale_files", gc->stale_files);
    pg_lua_set_count(L, "stale_schemas", gc->stale_schemas);
}

/// store:collect() -> table
static int l_collect(lua_State *L)
{
    pg_store_gc gc = pg_store_collect(check_store(L));
    push_gc(L, &gc);
    return 1;
}

/// store:clear() -> table
static int l_clear(lua_State *L)
{
    pg_store_gc gc = pg_store_clear(check_store(L));
    push_gc(L, &gc);
    return 1;
}

/// A listing on its way to Lua; owned by a userdata while Lua may raise.
typedef struct item_list {
    pg_store *store;
    pg_store_item *items;
    size_t count;
} item_list;

static int l_items_close(lua_State *L)
{
    item_list *list = luaL_checkudata(L, 1, items_type);
    if (list->items != NULL)
        pg_store_items_free(list->store, list->items, list->count);
    list->items = NULL;
    return 0;
}

/// store:hits(name) -> how often the record was found true, in all processes
static int l_hits(lua_State *L)
{
    pg_store *store = check_store(L);
    lua_pushinteger(L, (lua_Integer)pg_store_hits(store, pg_lua_check_str(L, 2).ptr));
    return 1;
}

/// store:list() -> {{name=, size=, used=}, ...} in order of name, now | nil, err
static int l_list(lua_State *L)
{
    pg_store *store = check_store(L);
    lua_settop(L, 1);
    item_list *list = lua_newuserdatauv(L, sizeof *list, 1); // [store, list]
    *list = (item_list){.store = store};
    luaL_setmetatable(L, items_type);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, 2, 1);
    pg_error err = {0};
    if (pg_store_list(store, &list->items, &list->count, &err) != PG_OK)
        return pg_lua_fail(L, &err, NULL);
    lua_createtable(L, (int)list->count, 0); // [store, list, result]
    for (size_t i = 0; i < list->count; i++) {
        const pg_store_item *item = &list->items[i];
        lua_createtable(L, 0, 3);
        pg_lua_set_text(L, "name", item->name);
        pg_lua_set_count(L, "size", item->size);
        set_seconds(L, "used", item->used_ns);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    pg_store_items_free(store, list->items, list->count);
    list->items = NULL;
    lua_pushnumber(L, (lua_Number)pg_now_ns(&pg_clock_realtime) / (lua_Number)PG_NS_PER_SECOND);
    return 2;
}

/// The name of a record at `arg`; one with a NUL is no name and becomes the empty one.
static const char *check_name(lua_State *L, int arg)
{
    pg_str name = pg_lua_check_str(L, arg);
    return strlen(name.ptr) == name.len ? name.ptr : "";
}

/// store:inspect(name) -> record | nil, reason
static int l_inspect(lua_State *L)
{
    pg_store *store = check_store(L);
    const char *name = pg_lua_check_str(L, 2).ptr;
    void **box = pg_lua_new_handle(L, PG_LUA_STORE_RECORD, 0);
    pg_store_miss miss;
    *box = pg_store_inspect(store, name, &miss);
    return *box != NULL ? 1 : push_miss(L, miss);
}

/// store:discard(name) -> whether it was there
static int l_discard(lua_State *L)
{
    pg_store *store = check_store(L);
    lua_pushboolean(L, pg_store_discard(store, check_name(L, 2)));
    return 1;
}

/// store.listing_hash({{name=, type=}, ...}) -> hash of a listing as root:list gives it
static int l_listing_hash(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    lua_Integer count = (lua_Integer)lua_rawlen(L, 1);
    luaL_Buffer text;
    luaL_buffinit(L, &text);
    for (lua_Integer i = 1; i <= count; i++) {
        // Nothing may stay on the stack above the buffer when something is added to it.
        if (lua_rawgeti(L, 1, i) != LUA_TTABLE)
            return luaL_argerror(L, 1, "a listing expected");
        lua_pushliteral(L, "type");
        lua_rawget(L, -2);
        const char *type = lua_tostring(L, -1);
        char letter = '?';
        if (type != NULL)
            letter = type[0];
        lua_pop(L, 1);
        lua_pushliteral(L, "name");
        lua_rawget(L, -2);
        lua_remove(L, -2); // [.., name]
        if (lua_type(L, -1) != LUA_TSTRING)
            return luaL_argerror(L, 1, "a listing expected");
        luaL_addvalue(&text);
        luaL_addchar(&text, '\0');
        luaL_addchar(&text, letter);
    }
    luaL_pushresult(&text);
    char hash[PG_HASH128_TEXT];
    pg_str bytes;
    bytes.ptr = lua_tolstring(L, -1, &bytes.len);
    pg_hash128_text(pg_hash128_of(bytes), hash);
    lua_pushstring(L, hash);
    return 1;
}

/// store.program_version() -> integer
static int l_program_version(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)(pg_store_program_version() >> 1)); // never negative
    return 1;
}

int luaopen_promptgen_store(lua_State *L)
{
    static const luaL_Reg functions[] = {{"dependencies", pg_lua_store_new_deps},
                                         {"open", l_open},
                                         {"listing_hash", l_listing_hash},
                                         {"program_version", l_program_version},
                                         {NULL, NULL}};
    static const luaL_Reg store_methods[] = {
        {"clear", l_clear},
        {"close", l_close},
        {"collect", l_collect},
        {"damaged", l_damaged},
        {"discard", l_discard},
        {"fetch", l_fetch},
        {"fetch_each", l_fetch_each},
        {"get", l_get},
        {"has", l_has},
        {"hits", l_hits},
        {"inspect", l_inspect},
        {"list", l_list},
        {"problem", l_problem},
        {"put", l_put},
        {"remove", l_remove},
        {"stats", l_stats},
        {NULL, NULL},
    };
    pg_lua_new_type(L, store_type, store_methods, l_close);
    pg_lua_new_type(L, items_type, NULL, l_items_close);
    lua_pop(L, 2);
    pg_lua_store_open_records(L);
    pg_lua_store_open_deps(L);
    luaL_newlib(L, functions);
    return 1;
}
