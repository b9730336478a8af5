/// Records of `promptgen.store`: what they hold, and how they stand to the files.
#include "lua_store.h"

#include "lua_fs.h"
#include "lua_open.h"
#include "lua_plan.h"

void pg_lua_set_str(lua_State *L, const char *field, pg_str value)
{
    lua_pushlstring(L, value.len > 0 ? value.ptr : "", value.len);
    lua_setfield(L, -2, field);
}

void pg_lua_set_text(lua_State *L, const char *field, const char *value)
{
    lua_pushstring(L, value);
    lua_setfield(L, -2, field);
}

void pg_lua_set_count(lua_State *L, const char *field, uint64_t value)
{
    lua_pushinteger(L, (lua_Integer)value);
    lua_setfield(L, -2, field);
}

static pg_store_record *check_record(lua_State *L)
{
    return pg_lua_check_handle(L, 1, PG_LUA_STORE_RECORD);
}

static int l_record_close(lua_State *L)
{
    void **box = pg_lua_check_box(L, 1, PG_LUA_STORE_RECORD);
    pg_store_record_free(*box);
    *box = NULL;
    return 0;
}

static int push_str(lua_State *L, pg_str s)
{
    lua_pushlstring(L, s.len > 0 ? s.ptr : "", s.len);
    return 1;
}

static int l_record_key(lua_State *L)
{
    return push_str(L, pg_store_record_key(check_record(L)));
}

static int l_record_root(lua_State *L)
{
    return push_str(L, pg_store_record_root(check_record(L)));
}

/// record:payload(first?, last?) -> bytes, all of them or those from first to last (1-based)
static int l_record_payload(lua_State *L)
{
    pg_str payload = pg_store_record_payload(check_record(L));
    lua_Integer first = luaL_optinteger(L, 2, 1);
    lua_Integer last = luaL_optinteger(L, 3, (lua_Integer)payload.len);
    luaL_argcheck(L, first >= 1, 2, "a positive position expected");
    luaL_argcheck(L, last >= 0, 3, "a position expected");
    return push_str(L, pg_str_slice(payload, (size_t)first - 1, (size_t)last));
}

/// record:plan(first, last) -> the record of promptgen.plan that these bytes of the payload are |
/// nil, err
static int l_record_plan(lua_State *L)
{
    pg_str payload = pg_store_record_payload(check_record(L));
    lua_Integer first = luaL_checkinteger(L, 2);
    lua_Integer last = luaL_checkinteger(L, 3);
    luaL_argcheck(L, first >= 1, 2, "a positive position expected");
    luaL_argcheck(L, last >= 0, 3, "a position expected");
    luaL_requiref(L, "promptgen.plan", luaopen_promptgen_plan, 0); // defines the type of records
    void **box = pg_lua_new_plan(L);                               // [.., record]
    pg_plan *plan = NULL;
    pg_error err = {0};
    if (pg_plan_load(pg_str_slice(payload, (size_t)first - 1, (size_t)last), NULL, &plan, &err) !=
        PG_OK)
        return pg_lua_fail(L, &err, NULL);
    *box = plan;
    return 1;
}

/// record:created() -> seconds since the epoch
static int l_record_created(lua_State *L)
{
    lua_pushnumber(L, (lua_Number)pg_store_record_created_ns(check_record(L)) /
                          (lua_Number)PG_NS_PER_SECOND);
    return 1;
}

/// record:count(kind?) -> number of dependencies, or of those of a kind
static int l_record_count(lua_State *L)
{
    const pg_store_record *record = check_record(L);
    size_t all = pg_store_record_dep_count(record);
    if (lua_isnoneornil(L, 2)) {
        lua_pushinteger(L, (lua_Integer)all);
        return 1;
    }
    static const char *const kinds[] = {"file", "dir", "absent", NULL};
    pg_dep_kind kind = (pg_dep_kind)luaL_checkoption(L, 2, NULL, kinds);
    lua_Integer count = 0;
    for (size_t i = 0; i < all; i++)
        count += pg_store_record_dep(record, i)->kind == kind && pg_store_record_holds(record, i);
    lua_pushinteger(L, count);
    return 1;
}

/// record:holds(positions) -> whether none of these dependencies was found changed
static int l_record_holds(lua_State *L)
{
    const pg_store_record *record = check_record(L);
    pg_str positions = pg_lua_store_check_positions(L, 2);
    size_t count = pg_store_record_dep_count(record);
    bool holds = true;
    for (size_t at = 0; at < positions.len && holds; at += sizeof(uint32_t))
        holds = pg_store_record_holds(record, pg_lua_store_position(L, 2, positions, at, count));
    lua_pushboolean(L, holds);
    return 1;
}

/// record:changed() -> {[path] = true, ...} of the dependencies that were found changed
static int l_record_changed(lua_State *L)
{
    const pg_store_record *record = check_record(L);
    lua_newtable(L); // [.., paths]
    for (size_t i = 0; i < pg_store_record_dep_count(record); i++) {
        if (pg_store_record_holds(record, i))
            continue;
        (void)push_str(L, pg_store_record_dep(record, i)->path);
        lua_pushboolean(L, true);
        lua_rawset(L, -3);
    }
    return 1;
}

/// record:dependencies() -> {{path=, kind=, signature=, hash=}, ...}
static int l_record_dependencies(lua_State *L)
{
    const pg_store_record *record = check_record(L);
    size_t count = pg_store_record_dep_count(record);
    lua_createtable(L, (int)count, 0); // [.., list]
    for (size_t i = 0; i < count; i++) {
        const pg_dep *dep = pg_store_record_dep(record, i);
        lua_createtable(L, 0, 4);
        pg_lua_set_str(L, "path", dep->path);
        pg_lua_set_text(L, "kind", pg_dep_kind_name(dep->kind));
        pg_lua_set_str(L, "signature",
                       (pg_str){(const char *)&dep->signature, sizeof dep->signature});
        if (dep->kind != PG_DEP_ABSENT) {
            char text[PG_HASH128_TEXT];
            pg_hash128_text(dep->hash, text);
            pg_lua_set_text(L, "hash", text);
        }
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/// record:dependency(index) -> path, kind, signature, hash | nil
static int l_record_dependency(lua_State *L)
{
    const pg_store_record *record = check_record(L);
    lua_Integer index = luaL_checkinteger(L, 2);
    if (index < 1 || (size_t)index > pg_store_record_dep_count(record))
        return 0;
    const pg_dep *dep = pg_store_record_dep(record, (size_t)index - 1);
    (void)push_str(L, dep->path);
    lua_pushstring(L, pg_dep_kind_name(dep->kind));
    lua_pushlstring(L, (const char *)&dep->signature, sizeof dep->signature);
    if (dep->kind == PG_DEP_ABSENT)
        return 3;
    char text[PG_HASH128_TEXT];
    pg_hash128_text(dep->hash, text);
    lua_pushstring(L, text);
    return 4;
}

/// Pushes {change=, path=, hashed=, doubtful=}; path only of the dependency that changed.
static void push_verdict(lua_State *L, const pg_store_record *record,
                         const pg_store_verdict *verdict)
{
    lua_createtable(L, 0, 4); // [.., verdict]
    pg_lua_set_text(L, "change", pg_store_change_name(verdict->change));
    pg_lua_set_count(L, "hashed", verdict->hashed);
    pg_lua_set_count(L, "doubtful", verdict->doubtful);
    bool placed = verdict->state == PG_STORE_STALE && verdict->change != PG_STORE_CHANGE_ROOT;
    if (placed)
        pg_lua_set_str(L, "path", pg_store_record_dep(record, verdict->dep)->path);
}

const char *pg_lua_store_state_name(pg_store_state state)
{
    static const char *const names[] = {"fresh", "refreshed", "stale"};
    return names[state];
}

/// record:validate(root) -> "fresh"|"refreshed"|"stale", {change=, path=?, hashed=, doubtful=}
static int l_record_validate(lua_State *L)
{
    pg_store_record *record = check_record(L);
    const pg_root *root = pg_lua_check_root(L, 2);
    pg_store_verdict verdict = pg_store_validate(record, root);
    lua_pushstring(L, pg_lua_store_state_name(verdict.state));
    push_verdict(L, record, &verdict);
    return 2;
}

void pg_lua_store_open_records(lua_State *L)
{
    static const luaL_Reg record_methods[] = {
        {"changed", l_record_changed},
        {"close", l_record_close},
        {"count", l_record_count},
        {"holds", l_record_holds},
        {"created", l_record_created},
        {"dependencies", l_record_dependencies},
        {"dependency", l_record_dependency},
        {"key", l_record_key},
        {"payload", l_record_payload},
        {"plan", l_record_plan},
        {"root", l_record_root},
        {"validate", l_record_validate},
        {NULL, NULL},
    };
    pg_lua_new_type(L, PG_LUA_STORE_RECORD, record_methods, l_record_close);
    lua_pop(L, 1);
}
