/// `promptgen.fs`: files beneath a root, for the trusted half of the program and for tests.
///
/// Lua sees a signature as an opaque string of bytes and a listing as a plain table. A root handle
/// keeps one read buffer, so that the bytes of a file are never owned by the C stack while Lua may
/// raise.
#include "lua_fs.h"
#include "lua_common.h"
#include "lua_open.h"
#include "lua_timer.h"

#include "promptgen/fs.h"
#include "promptgen/hash.h"

#include <string.h>

static const char root_type[] = "promptgen.fs.root";
static const char listing_type[] = "promptgen.fs.listing";

enum { KEPT_BUFFER_BYTES = 256 * 1024, MAX_MARKERS = 16 };

typedef struct root_handle {
    pg_root *root; ///< NULL = closed
    pg_buf buffer; ///< of the last read; kept for the next one while it is small
} root_handle;

static root_handle *check_root(lua_State *L)
{
    root_handle *h = luaL_checkudata(L, 1, root_type);
    luaL_argcheck(L, h->root != NULL, 1, "the handle is closed");
    return h;
}

const pg_root *pg_lua_check_root(lua_State *L, int arg)
{
    const root_handle *h = luaL_checkudata(L, arg, root_type);
    luaL_argcheck(L, h->root != NULL, arg, "the handle is closed");
    return h->root;
}

static int fail_at(lua_State *L, const pg_error *err, pg_str path)
{
    return pg_lua_fail(L, err, path.ptr);
}

void pg_lua_push_signature(lua_State *L, const pg_signature *signature)
{
    lua_pushlstring(L, (const char *)signature, sizeof *signature);
}

pg_signature pg_lua_signature_of(lua_State *L, pg_str bytes, const char *what)
{
    pg_signature signature = {0};
    if (bytes.len != sizeof signature)
        luaL_error(L, "bad %s (a signature of promptgen.fs expected)", what);
    memcpy(&signature, bytes.ptr, sizeof signature);
    return signature;
}

/// fs.root(path [, {walk=, max_bytes=, max_entries=, racy_window=, clock=}]) -> root | nil, err
static int l_root(lua_State *L)
{
    pg_str path = pg_lua_check_str(L, 1);
    lua_settop(L, 2);
    pg_root_options options = {
        .walk = pg_lua_opt_field_bool(L, 2, "walk", false),
        .max_bytes = pg_lua_opt_field_size(L, 2, "max_bytes", 0),
        .max_entries = pg_lua_opt_field_size(L, 2, "max_entries", 0),
    };
    double window = pg_lua_opt_field_number(L, 2, "racy_window", 2.0);
    luaL_argcheck(L, window >= 0 && window <= 3600, 2, "racy_window is 0 to 3600 seconds");
    options.racy_window_ns = window > 0 ? (int64_t)(window * (double)PG_NS_PER_SECOND) : -1;
    if (!lua_isnil(L, 2))
        lua_getfield(L, 2, "clock");
    else
        lua_pushnil(L); // [path, options, clock]
    options.clock = pg_lua_opt_clock(L, 3);
    root_handle *h = lua_newuserdatauv(L, sizeof *h, 1); // [path, options, clock, handle]
    h->root = NULL;
    pg_buf_init(&h->buffer, NULL);
    luaL_setmetatable(L, root_type);
    lua_pushvalue(L, 3);
    lua_setiuservalue(L, 4, 1);
    pg_error err = {0};
    if (pg_root_open(path, &options, &h->root, &err) != PG_OK)
        return fail_at(L, &err, path);
    return 1;
}

static int l_close(lua_State *L)
{
    root_handle *h = luaL_checkudata(L, 1, root_type);
    pg_root_close(h->root);
    h->root = NULL;
    pg_buf_free(&h->buffer);
    return 0;
}

/// root:path() -> absolute path
static int l_path(lua_State *L)
{
    pg_str path = pg_root_path(check_root(L)->root);
    lua_pushlstring(L, path.ptr, path.len);
    return 1;
}

/// root:read(path [, max_bytes]) -> bytes, signature | nil, err
static int l_read(lua_State *L)
{
    root_handle *h = check_root(L);
    pg_str path = pg_lua_check_str(L, 2);
    lua_Integer max = luaL_optinteger(L, 3, PG_FS_DEFAULT_MAX_BYTES);
    luaL_argcheck(L, max > 0, 3, "a positive number of bytes expected");
    pg_error err = {0};
    pg_signature signature;
    if (pg_root_read(h->root, path, (size_t)max, &h->buffer, &signature, &err) != PG_OK) {
        pg_buf_free(&h->buffer); // a buffer that failed once stays failed
        return fail_at(L, &err, path);
    }
    lua_pushlstring(L, h->buffer.len > 0 ? h->buffer.ptr : "", h->buffer.len);
    if (h->buffer.cap > KEPT_BUFFER_BYTES)
        pg_buf_free(&h->buffer);
    pg_lua_push_signature(L, &signature);
    return 2;
}

/// root:stat(path) -> {type=, size=, mtime=, mtime_ns=, signature=} | nil, err
static int l_stat(lua_State *L)
{
    root_handle *h = check_root(L);
    pg_str path = pg_lua_check_str(L, 2);
    pg_error err = {0};
    pg_signature s;
    if (pg_root_stat(h->root, path, &s, &err) != PG_OK)
        return fail_at(L, &err, path);
    lua_createtable(L, 0, 5); // [.., stat]
    lua_pushstring(L, pg_file_type_name((pg_file_type)s.type));
    lua_setfield(L, -2, "type");
    lua_pushinteger(L, (lua_Integer)s.size);
    lua_setfield(L, -2, "size");
    lua_pushnumber(L, pg_lua_seconds(s.mtime_ns));
    lua_setfield(L, -2, "mtime");
    lua_pushinteger(L, s.mtime_ns);
    lua_setfield(L, -2, "mtime_ns");
    pg_lua_push_signature(L, &s);
    lua_setfield(L, -2, "signature");
    return 1;
}

/// root:signature(path) -> signature | nil, err
static int l_signature(lua_State *L)
{
    root_handle *h = check_root(L);
    pg_str path = pg_lua_check_str(L, 2);
    pg_error err = {0};
    pg_signature s;
    if (pg_root_stat(h->root, path, &s, &err) != PG_OK)
        return fail_at(L, &err, path);
    pg_lua_push_signature(L, &s);
    return 1;
}

/// root:check(path, signature) -> "fresh" | "doubtful" | "stale"
static int l_check(lua_State *L)
{
    static const char *const names[] = {"fresh", "doubtful", "stale"};
    root_handle *h = check_root(L);
    pg_str path = pg_lua_check_str(L, 2);
    pg_signature known = pg_lua_signature_of(L, pg_lua_check_str(L, 3), "argument #3 to 'check'");
    lua_pushstring(L, names[pg_root_check(h->root, path, &known)]);
    return 1;
}

static int l_listing_close(lua_State *L)
{
    void **box = pg_lua_check_box(L, 1, listing_type);
    pg_listing_free(*box);
    *box = NULL;
    return 0;
}

/// root:list(dir) -> {{name=, type=}, ...}, signature | nil, err
static int l_list(lua_State *L)
{
    root_handle *h = check_root(L);
    pg_str path = pg_lua_check_str(L, 2);
    lua_settop(L, 2);
    void **box = pg_lua_new_handle(L, listing_type, 0); // [root, path, listing]
    pg_error err = {0};
    pg_listing *listing = NULL;
    if (pg_root_list(h->root, path, &listing, &err) != PG_OK)
        return fail_at(L, &err, path);
    *box = listing;
    size_t count = pg_listing_count(listing);
    lua_createtable(L, (int)count, 0); // [root, path, listing, entries]
    for (size_t i = 0; i < count; i++) {
        pg_dir_entry e = pg_listing_get(listing, i);
        lua_createtable(L, 0, 2);
        lua_pushlstring(L, e.name.ptr, e.name.len);
        lua_setfield(L, -2, "name");
        lua_pushstring(L, pg_file_type_name(e.type));
        lua_setfield(L, -2, "type");
        lua_rawseti(L, 4, (lua_Integer)i + 1);
    }
    pg_lua_push_signature(
        L, pg_listing_signature(listing)); // [root, path, listing, entries, signature]
    pg_listing_free(listing);
    *box = NULL;
    return 2;
}

/// Reads the list of strings at `arg` into `markers`; the strings stay owned by the table.
static size_t check_markers(lua_State *L, int arg, pg_str markers[static MAX_MARKERS])
{
    luaL_checktype(L, arg, LUA_TTABLE);
    lua_Unsigned count = lua_rawlen(L, arg);
    luaL_argcheck(L, count >= 1 && count <= MAX_MARKERS, arg, "1 to 16 markers expected");
    for (size_t i = 0; i < count; i++) {
        if (lua_rawgeti(L, arg, (lua_Integer)i + 1) != LUA_TSTRING)
            luaL_argerror(L, arg, "a list of strings expected");
        markers[i].ptr = lua_tolstring(L, -1, &markers[i].len);
        lua_pop(L, 1);
    }
    return count;
}

static int l_buffer_close(lua_State *L)
{
    pg_buf_free(luaL_checkudata(L, 1, "promptgen.fs.buffer"));
    return 0;
}

/// fs.find_up(start, {marker, ...}) -> directory, marker | nil, err
static int l_find_up(lua_State *L)
{
    pg_str start = pg_lua_check_str(L, 1);
    luaL_argcheck(L, start.len > 0 && start.ptr[0] == '/', 1, "an absolute path expected");
    pg_str markers[MAX_MARKERS];
    size_t count = check_markers(L, 2, markers);
    pg_buf *found = lua_newuserdatauv(L, sizeof *found, 0);
    pg_buf_init(found, NULL);
    luaL_setmetatable(L, "promptgen.fs.buffer");
    size_t which = 0;
    pg_error err = {0};
    if (pg_fs_find_up(start, markers, count, found, &which, &err) != PG_OK)
        return pg_lua_fail(L, &err, NULL);
    lua_pushlstring(L, found->ptr, found->len);
    lua_pushlstring(L, markers[which].ptr, markers[which].len);
    pg_buf_free(found);
    return 2;
}

/// fs.hash(bytes) -> 32 hexadecimal digits of XXH3-128
static int l_hash(lua_State *L)
{
    char text[PG_HASH128_TEXT];
    pg_hash128_text(pg_hash128_of(pg_lua_check_str(L, 1)), text);
    lua_pushstring(L, text);
    return 1;
}

/// fs.same(a, b) -> whether two signatures name the same state, their doubts left aside
static int l_same(lua_State *L)
{
    pg_signature a = pg_lua_signature_of(L, pg_lua_check_str(L, 1), "argument #1 to 'same'");
    pg_signature b = pg_lua_signature_of(L, pg_lua_check_str(L, 2), "argument #2 to 'same'");
    lua_pushboolean(L, pg_signature_equal(&a, &b));
    return 1;
}

/// fs.describe(signature) -> {absent=, type=, size=, mtime=, ctime=, inode=, doubtful=}
static int l_describe(lua_State *L)
{
    pg_signature s = pg_lua_signature_of(L, pg_lua_check_str(L, 1), "argument #1 to 'describe'");
    lua_createtable(L, 0, 7); // [.., description]
    lua_pushboolean(L, (s.flags & PG_SIG_ABSENT) != 0);
    lua_setfield(L, -2, "absent");
    lua_pushboolean(L, (s.flags & (PG_SIG_RACY | PG_SIG_ODD_FS)) != 0);
    lua_setfield(L, -2, "doubtful");
    lua_pushstring(L, pg_file_type_name((pg_file_type)s.type));
    lua_setfield(L, -2, "type");
    lua_pushinteger(L, (lua_Integer)s.size);
    lua_setfield(L, -2, "size");
    lua_pushinteger(L, (lua_Integer)s.ino);
    lua_setfield(L, -2, "inode");
    lua_pushnumber(L, pg_lua_seconds(s.mtime_ns));
    lua_setfield(L, -2, "mtime");
    lua_pushnumber(L, pg_lua_seconds(s.ctime_ns));
    lua_setfield(L, -2, "ctime");
    return 1;
}

int luaopen_promptgen_fs(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"root", l_root}, {"find_up", l_find_up},   {"hash", l_hash},
        {"same", l_same}, {"describe", l_describe}, {NULL, NULL},
    };
    static const luaL_Reg methods[] = {
        {"path", l_path},           {"read", l_read},   {"list", l_list},   {"stat", l_stat},
        {"signature", l_signature}, {"check", l_check}, {"close", l_close}, {NULL, NULL},
    };
    pg_lua_new_type(L, root_type, methods, l_close);
    pg_lua_fs_add_changes(L);
    pg_lua_new_type(L, listing_type, NULL, l_listing_close);
    pg_lua_new_type(L, "promptgen.fs.buffer", NULL, l_buffer_close);
    lua_pop(L, 3);
    luaL_newlib(L, functions); // [module]
    static const pg_signature absent = {.flags = PG_SIG_ABSENT};
    pg_lua_push_signature(L, &absent);
    lua_setfield(L, -2, "absent");
    return 1;
}
