/// The methods of a root that change files: write, make_dirs, remove, move, remove_dir, lock.
#include "lua_fs.h"

static const char lock_type[] = "promptgen.fs.lock";

static int fail_at(lua_State *L, const pg_error *err, pg_str path)
{
    return pg_lua_fail(L, err, path.ptr);
}

/// root:write(path, bytes [, {expected=, no_replace=, parents=, sync=, mode=}]) -> signature |
/// nil, err
static int l_write(lua_State *L)
{
    const pg_root *root = pg_lua_check_root(L, 1);
    pg_str path = pg_lua_check_str(L, 2);
    pg_str bytes = pg_lua_check_str(L, 3);
    lua_settop(L, 4);
    size_t mode = pg_lua_opt_field_size(L, 4, "mode", 0);
    luaL_argcheck(L, mode <= 0777, 4, "mode is at most 0777 (octal)");
    pg_signature expected;
    pg_write_options options = {
        .no_replace = pg_lua_opt_field_bool(L, 4, "no_replace", false),
        .make_parents = pg_lua_opt_field_bool(L, 4, "parents", false),
        .no_sync = !pg_lua_opt_field_bool(L, 4, "sync", true),
        .mode = (unsigned)mode,
    };
    pg_str given = pg_lua_opt_field_str(L, 4, "expected", (pg_str){NULL, 0});
    if (given.ptr != NULL) {
        expected = pg_lua_signature_of(L, given, "field 'expected'");
        options.expected = &expected;
    }
    pg_error err = {0};
    pg_signature written;
    if (pg_root_write(root, path, bytes, &options, &written, &err) != PG_OK)
        return fail_at(L, &err, path);
    pg_lua_push_signature(L, &written);
    return 1;
}

/// root:remove(path [, {expected=}]) -> true | nil, err
static int l_remove(lua_State *L)
{
    const pg_root *root = pg_lua_check_root(L, 1);
    pg_str path = pg_lua_check_str(L, 2);
    lua_settop(L, 3);
    pg_signature expected;
    pg_str given = pg_lua_opt_field_str(L, 3, "expected", (pg_str){NULL, 0});
    if (given.ptr != NULL)
        expected = pg_lua_signature_of(L, given, "field 'expected'");
    pg_error err = {0};
    if (pg_root_remove(root, path, given.ptr != NULL ? &expected : NULL, &err) != PG_OK)
        return fail_at(L, &err, path);
    lua_pushboolean(L, 1);
    return 1;
}

/// root:make_dirs(path) -> true | nil, err
static int l_make_dirs(lua_State *L)
{
    const pg_root *root = pg_lua_check_root(L, 1);
    pg_str path = pg_lua_check_str(L, 2);
    pg_error err = {0};
    if (pg_root_make_dirs(root, path, &err) != PG_OK)
        return fail_at(L, &err, path);
    lua_pushboolean(L, 1);
    return 1;
}

/// root:move(from, to [, {expected=, parents=, sync=}]) -> true | nil, err
static int l_move(lua_State *L)
{
    const pg_root *root = pg_lua_check_root(L, 1);
    pg_str from = pg_lua_check_str(L, 2);
    pg_str to = pg_lua_check_str(L, 3);
    lua_settop(L, 4);
    pg_signature expected;
    pg_move_options options = {
        .make_parents = pg_lua_opt_field_bool(L, 4, "parents", false),
        .no_sync = !pg_lua_opt_field_bool(L, 4, "sync", true),
    };
    pg_str given = pg_lua_opt_field_str(L, 4, "expected", (pg_str){NULL, 0});
    if (given.ptr != NULL) {
        expected = pg_lua_signature_of(L, given, "field 'expected'");
        options.expected = &expected;
    }
    pg_error err = {0};
    if (pg_root_move(root, from, to, &options, &err) != PG_OK)
        return fail_at(L, &err, err.code == PG_CONFLICT ? to : from);
    lua_pushboolean(L, 1);
    return 1;
}

/// root:remove_dir(path) -> true | nil, err
static int l_remove_dir(lua_State *L)
{
    const pg_root *root = pg_lua_check_root(L, 1);
    pg_str path = pg_lua_check_str(L, 2);
    pg_error err = {0};
    if (pg_root_remove_dir(root, path, &err) != PG_OK)
        return fail_at(L, &err, path);
    lua_pushboolean(L, 1);
    return 1;
}

static int l_unlock(lua_State *L)
{
    void **box = pg_lua_check_box(L, 1, lock_type);
    pg_dir_lock_free(*box);
    *box = NULL;
    return 0;
}

/// root:lock(path, wait) -> lock | nil, err
static int l_lock(lua_State *L)
{
    const pg_root *root = pg_lua_check_root(L, 1);
    pg_str path = pg_lua_check_str(L, 2);
    double wait = luaL_checknumber(L, 3);
    luaL_argcheck(L, wait >= 0 && wait <= 86400, 3, "0 to 86400 seconds expected");
    void **box = pg_lua_new_handle(L, lock_type, 0);
    pg_error err = {0};
    pg_dir_lock *lock = NULL;
    int64_t wait_ns = (int64_t)(wait * (double)PG_NS_PER_SECOND);
    if (pg_root_lock(root, path, wait_ns, &lock, &err) != PG_OK)
        return fail_at(L, &err, path);
    *box = lock;
    return 1;
}

void pg_lua_fs_add_changes(lua_State *L)
{
    static const luaL_Reg changes[] = {
        {"write", l_write}, {"make_dirs", l_make_dirs},   {"remove", l_remove},
        {"move", l_move},   {"remove_dir", l_remove_dir}, {"lock", l_lock},
        {NULL, NULL},
    };
    static const luaL_Reg lock_methods[] = {{"close", l_unlock}, {NULL, NULL}};
    lua_getfield(L, -1, "__index"); // [root type, methods]
    luaL_setfuncs(L, changes, 0);
    lua_pop(L, 1);
    pg_lua_new_type(L, lock_type, lock_methods, l_unlock); // [root type, lock type]
    lua_pop(L, 1);
}
