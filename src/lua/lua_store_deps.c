/// Dependencies of `promptgen.store` on their way in: tables, and sets that gather those of many
/// records.
#include "lua_store.h"

#include "promptgen/dep_set.h"

#include <string.h>

static const char set_type[] = "promptgen.store.dependencies";

/// The string in field `name` of the table at the top of the stack, which keeps it alive. No
/// metamethod is called: what it returned would belong to nobody.
static pg_str raw_field(lua_State *L, const char *name, lua_Integer index)
{
    lua_pushstring(L, name);
    if (lua_rawget(L, -2) != LUA_TSTRING)
        luaL_error(L, "dependency %d: field '%s' is not a string", (int)index, name);
    pg_str s;
    s.ptr = lua_tolstring(L, -1, &s.len);
    lua_pop(L, 1);
    return s;
}

static pg_hash128 parse_hash(lua_State *L, pg_str text, lua_Integer index)
{
    uint64_t half[2] = {0, 0};
    bool ok = text.len == PG_HASH128_TEXT - 1;
    for (size_t i = 0; ok && i < text.len; i++) {
        char c = text.ptr[i];
        ok = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        half[i / 16] = half[i / 16] << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    if (!ok)
        luaL_error(L, "dependency %d: 32 hexadecimal digits expected as hash", (int)index);
    return (pg_hash128){.high = half[0], .low = half[1]};
}

/// The dependency in the table at the top of the stack; its path stays owned by the table.
static pg_dep read_dep(lua_State *L, lua_Integer index)
{
    pg_dep dep = {.path = raw_field(L, "path", index)};
    pg_str kind = raw_field(L, "kind", index);
    while (dep.kind <= PG_DEP_ABSENT &&
           !pg_str_equal(kind, pg_str_from(pg_dep_kind_name(dep.kind))))
        dep.kind++;
    if (dep.kind > PG_DEP_ABSENT)
        luaL_error(L, "dependency %d: unknown kind", (int)index);
    if (dep.kind == PG_DEP_ABSENT) {
        dep.signature.flags = PG_SIG_ABSENT;
        return dep;
    }
    pg_str signature = raw_field(L, "signature", index);
    if (signature.len != sizeof dep.signature)
        luaL_error(L, "dependency %d: a signature of promptgen.fs expected", (int)index);
    memcpy(&dep.signature, signature.ptr, sizeof dep.signature);
    dep.hash = parse_hash(L, raw_field(L, "hash", index), index);
    return dep;
}

const pg_dep *pg_lua_store_check_deps(lua_State *L, int arg, size_t *count)
{
    if (lua_type(L, arg) == LUA_TUSERDATA) {
        const pg_dep_set *set = pg_lua_check_handle(L, arg, set_type);
        luaL_argcheck(L, !pg_dep_set_mixed(set), arg, "the set is mixed");
        *count = pg_dep_set_count(set);
        return pg_dep_set_items(set);
    }
    luaL_checktype(L, arg, LUA_TTABLE);
    *count = lua_rawlen(L, arg);
    pg_dep *deps = lua_newuserdatauv(L, (*count + 1) * sizeof *deps, 0); // [.., deps]
    for (size_t i = 0; i < *count; i++) {
        if (lua_rawgeti(L, arg, (lua_Integer)i + 1) != LUA_TTABLE)
            luaL_argerror(L, arg, "a list of dependencies expected");
        deps[i] = read_dep(L, (lua_Integer)i + 1);
        lua_pop(L, 1);
    }
    return deps; // the block stays on the stack
}

/// store.dependencies() -> an empty set
int pg_lua_store_new_deps(lua_State *L)
{
    void **box = pg_lua_new_handle(L, set_type, 0);
    pg_dep_set *set = NULL;
    pg_error err = {0};
    if (pg_dep_set_new(NULL, &set, &err) != PG_OK)
        return luaL_error(L, "%s", err.message);
    *box = set;
    return 1;
}

static int l_set_close(lua_State *L)
{
    void **box = pg_lua_check_box(L, 1, set_type);
    pg_dep_set_free(*box);
    *box = NULL;
    return 0;
}

size_t pg_lua_store_position(lua_State *L, int arg, pg_str positions, size_t at, size_t count)
{
    uint32_t position;
    memcpy(&position, positions.ptr + at, sizeof position);
    luaL_argcheck(L, position < count, arg, "a position is out of range");
    return position;
}

pg_str pg_lua_store_check_positions(lua_State *L, int arg)
{
    pg_str positions = pg_lua_check_str(L, arg);
    luaL_argcheck(L, positions.len % sizeof(uint32_t) == 0, arg, "positions expected");
    return positions;
}

/// Adds a dependency and writes down its position.
static void add(lua_State *L, pg_dep_set *set, const pg_dep *dep, uint32_t *position)
{
    if (pg_dep_set_add(set, dep, position, NULL) != PG_OK)
        luaL_error(L, "not enough memory");
}

/// set:add(record | {dependency, ...}, positions?) -> their positions in the set
static int l_set_add(lua_State *L)
{
    pg_dep_set *set = pg_lua_check_handle(L, 1, set_type);
    lua_settop(L, 3);
    const pg_store_record *record = NULL;
    const pg_dep *deps = NULL;
    pg_str positions = {NULL, 0};
    size_t count = 0;
    if (lua_type(L, 2) == LUA_TUSERDATA) {
        record = pg_lua_check_handle(L, 2, PG_LUA_STORE_RECORD);
        count = pg_store_record_dep_count(record);
    } else {
        deps = pg_lua_store_check_deps(L, 2, &count); // [set, deps, nil, block]
    }
    bool chosen = !lua_isnil(L, 3);
    if (chosen)
        positions = pg_lua_store_check_positions(L, 3);
    size_t wanted = chosen ? positions.len / sizeof(uint32_t) : count;
    uint32_t *out = lua_newuserdatauv(L, (wanted + 1) * sizeof *out, 0); // [.., out]
    for (size_t i = 0; i < wanted; i++) {
        size_t at = chosen ? pg_lua_store_position(L, 3, positions, i * sizeof *out, count) : i;
        add(L, set, record != NULL ? pg_store_record_dep(record, at) : &deps[at], &out[i]);
    }
    lua_pushlstring(L, (const char *)out, wanted * sizeof *out);
    return 1;
}

/// set:count() -> number of paths
static int l_set_count(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)pg_dep_set_count(pg_lua_check_handle(L, 1, set_type)));
    return 1;
}

/// set:mixed() -> whether two additions disagreed about a path
static int l_set_mixed(lua_State *L)
{
    lua_pushboolean(L, pg_dep_set_mixed(pg_lua_check_handle(L, 1, set_type)));
    return 1;
}

void pg_lua_store_open_deps(lua_State *L)
{
    static const luaL_Reg methods[] = {{"add", l_set_add},
                                       {"close", l_set_close},
                                       {"count", l_set_count},
                                       {"mixed", l_set_mixed},
                                       {NULL, NULL}};
    pg_lua_new_type(L, set_type, methods, l_set_close);
    lua_pop(L, 1);
}
