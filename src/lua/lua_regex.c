/// `promptgen.regex`: compile, search and walk over matches. Replacement is in lua_regex_replace.c.
///
/// Any push may run a finalizer, and that may use or even close the same pattern. So a search
/// copies the spans of its match before it pushes anything, and touches the pattern no more.
#include "lua_regex.h"

#include "lua_open.h"

static const char regex_type[] = "promptgen.regex";
static const char walk_type[] = "promptgen.regex.walk";

typedef struct regex_handle {
    pg_regex *re;    ///< NULL = closed
    pg_match *match; ///< of the single searches; NULL until the first one
} regex_handle;      // user value 1: {name = group}, nil without names

enum { LOCAL_SPANS = 32 };

const pg_regex *pg_lua_check_regex(lua_State *L, int arg)
{
    regex_handle *h = luaL_checkudata(L, arg, regex_type);
    luaL_argcheck(L, h->re != NULL, arg, "the handle is closed");
    return h->re;
}

static unsigned check_flags(lua_State *L, int arg)
{
    static const struct {
        char letter;
        unsigned flag;
    } rows[] = {
        {'i', PG_REGEX_CASELESS}, {'m', PG_REGEX_MULTILINE}, {'s', PG_REGEX_DOTALL},
        {'x', PG_REGEX_EXTENDED}, {'A', PG_REGEX_ANCHORED},  {'u', PG_REGEX_UNICODE},
    };
    if (lua_isnoneornil(L, arg))
        return 0;
    pg_str letters = pg_lua_check_str(L, arg);
    unsigned flags = 0;
    for (size_t i = 0; i < letters.len; i++) {
        unsigned flag = 0;
        for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++)
            if (rows[k].letter == letters.ptr[i])
                flag = rows[k].flag;
        if (flag == 0)
            luaL_argerror(L, arg, "flags are letters of \"imsxAu\"");
        flags |= flag;
    }
    return flags;
}

/// Stores {name = group} in the handle at the top of the stack, when the pattern has names.
static void keep_names(lua_State *L, const pg_regex *re)
{
    size_t count = pg_regex_name_count(re);
    if (count == 0)
        return;
    lua_createtable(L, 0, (int)count); // [.., handle, names]
    for (size_t i = 0; i < count; i++) {
        pg_regex_name row = pg_regex_name_at(re, i);
        lua_pushlstring(L, row.name.ptr, row.name.len);
        lua_pushinteger(L, (lua_Integer)row.group);
        lua_rawset(L, -3);
    }
    (void)lua_setiuservalue(L, -2, 1);
}

enum { CACHED_PATTERNS = 128 };

/// Calls a method of the cache of compiled patterns with the key at index `key`, and with the value
/// at the top of the stack (popped) when `set`. Pushes one result.
static void call_cache(lua_State *L, const char *method, int key, bool set)
{
    static const char place[] = "promptgen.regex.cache";
    if (lua_getfield(L, LUA_REGISTRYINDEX, place) == LUA_TNIL) {
        luaL_requiref(L, "promptgen.cache", luaopen_promptgen_cache, 0);
        lua_getfield(L, -1, "new");
        lua_createtable(L, 0, 2); // [.., nil, module, new, options]
        lua_pushliteral(L, "regex_cache");
        lua_setfield(L, -2, "name");
        lua_pushinteger(L, CACHED_PATTERNS);
        lua_setfield(L, -2, "max_size");
        lua_call(L, 1, 1);
        lua_replace(L, -3);
        lua_pop(L, 1); // [.., cache]
        lua_pushvalue(L, -1);
        lua_setfield(L, LUA_REGISTRYINDEX, place);
    }
    lua_getfield(L, -1, method); // [.., value?, cache, method]
    lua_insert(L, -2);
    lua_pushvalue(L, key); // [.., value?, method, cache, key]
    if (set)
        lua_rotate(L, -4, -1); // [.., method, cache, key, value]
    lua_call(L, set ? 3 : 2, 1);
}

/// Pushes a handle that holds nothing yet.
static regex_handle *push_handle(lua_State *L)
{
    regex_handle *h = lua_newuserdatauv(L, sizeof *h, 1);
    *h = (regex_handle){0};
    luaL_setmetatable(L, regex_type);
    return h;
}

/// regex.compile(pattern [, flags [, {jit=}]]) -> re | nil, err. A pattern is compiled once and
/// shared; each caller has a handle of his own to close.
static int l_compile(lua_State *L)
{
    pg_str pattern = pg_lua_check_str(L, 1);
    unsigned flags = check_flags(L, 2);
    if (!pg_lua_opt_field_bool(L, 3, "jit", true))
        flags |= PG_REGEX_NO_JIT;
    lua_settop(L, 3);
    lua_pushinteger(L, flags);
    lua_pushliteral(L, ":");
    lua_pushvalue(L, 1);
    lua_concat(L, 3); // [pattern, flags, options, key]
    regex_handle *h = push_handle(L);
    call_cache(L, "get", 4, false); // [.., key, handle, shared]
    const regex_handle *shared = lua_touserdata(L, -1);
    if (shared != NULL) {
        h->re = pg_regex_retain(shared->re);
        lua_getiuservalue(L, -1, 1);
        (void)lua_setiuservalue(L, 5, 1); // names
        lua_settop(L, 5);
        return 1;
    }
    lua_pop(L, 1);
    pg_error err = {0};
    if (pg_regex_new(pattern, flags, NULL, &h->re, &err) != PG_OK)
        return pg_lua_fail(L, &err, NULL);
    keep_names(L, h->re);
    regex_handle *kept = push_handle(L); // [.., key, handle, kept]
    kept->re = pg_regex_retain(h->re);
    lua_getiuservalue(L, 5, 1);
    (void)lua_setiuservalue(L, 6, 1);
    call_cache(L, "set", 4, true);
    lua_settop(L, 5);
    return 1;
}

static int l_close(lua_State *L)
{
    regex_handle *h = luaL_checkudata(L, 1, regex_type);
    pg_match_free(h->match);
    pg_regex_free(h->re);
    *h = (regex_handle){0};
    return 0;
}

static void copy_spans(const pg_match *match, pg_span *spans, size_t groups)
{
    for (size_t i = 0; i <= groups; i++)
        spans[i] = pg_match_group(match, i);
}

static void push_span(lua_State *L, pg_str subject, pg_span span)
{
    if (span.set)
        lua_pushlstring(L, subject.ptr + span.start, span.end - span.start);
    else
        lua_pushboolean(L, 0);
}

int pg_lua_regex_push_captures(lua_State *L, pg_str subject, const pg_span *spans, size_t groups)
{
    size_t first = groups == 0 ? 0 : 1;
    luaL_checkstack(L, (int)groups + 4, "too many groups");
    for (size_t i = first; i <= groups; i++)
        push_span(L, subject, spans[i]);
    return (int)(groups - first + 1);
}

/// Byte offset of the optional 1-based position at `arg`; negative counts from the end, as in
/// string.find. SIZE_MAX when it lies beyond the end.
static size_t opt_start(lua_State *L, int arg, size_t len)
{
    lua_Integer init = luaL_optinteger(L, arg, 1);
    if (init > 0)
        return (lua_Unsigned)init - 1 <= len ? (size_t)init - 1 : SIZE_MAX;
    lua_Unsigned back = 0 - (lua_Unsigned)init; // negating the least integer would overflow
    return init == 0 || back >= len ? 0 : len - (size_t)back;
}

/// What a single search found, free of the pattern that found it.
typedef struct hit {
    pg_str subject;
    const pg_span *spans;
    size_t groups;
} hit;

typedef int (*push_result)(lua_State *L, const hit *found);

static pg_status search_once(regex_handle *h, pg_str subject, size_t start, pg_span *spans,
                             size_t groups, bool *found, pg_error *err)
{
    pg_status status = PG_OK;
    if (h->match == NULL)
        status = pg_match_new(h->re, &h->match, err);
    if (status == PG_OK)
        status = pg_regex_match(h->re, subject, start, h->match, found, err);
    if (status == PG_OK && *found)
        copy_spans(h->match, spans, groups);
    if (status == PG_LIMIT) { // it may hold all the memory the limit admits
        pg_match_free(h->match);
        h->match = NULL;
    }
    return status;
}

/// The common part of the single searches: re:method(subject [, init]).
static int search(lua_State *L, push_result push)
{
    size_t groups = pg_regex_group_count(pg_lua_check_regex(L, 1));
    pg_str subject = pg_lua_check_str(L, 2);
    size_t start = opt_start(L, 3, subject.len);
    pg_span local[LOCAL_SPANS];
    pg_span *spans = local;
    if (groups >= LOCAL_SPANS)
        spans = lua_newuserdatauv(L, (groups + 1) * sizeof *spans, 0);
    (void)pg_lua_check_regex(L, 1); // the line above may have run a finalizer
    bool found = false;
    pg_error err = {0};
    if (start != SIZE_MAX && search_once(luaL_checkudata(L, 1, regex_type), subject, start, spans,
                                         groups, &found, &err) != PG_OK)
        return pg_lua_fail(L, &err, NULL);
    const hit result = {.subject = subject, .spans = spans, .groups = groups};
    if (found)
        return push(L, &result);
    lua_pushnil(L);
    return 1;
}

static int push_match(lua_State *L, const hit *found)
{
    return pg_lua_regex_push_captures(L, found->subject, found->spans, found->groups);
}

static int push_positions(lua_State *L, const hit *found)
{
    lua_pushinteger(L, (lua_Integer)found->spans[0].start + 1);
    lua_pushinteger(L, (lua_Integer)found->spans[0].end);
    return found->groups == 0 ? 2 : 2 + push_match(L, found);
}

static int push_true(lua_State *L, const hit *found)
{
    (void)found;
    lua_pushboolean(L, 1);
    return 1;
}

/// Adds named={name=..} to the match table at the top of the stack; the handle is at index 1.
static void add_named(lua_State *L, const hit *found)
{
    lua_newtable(L);                                // [.., result, named]
    if (lua_getiuservalue(L, 1, 1) == LUA_TTABLE) { // [.., result, named, names]
        lua_pushnil(L);
        while (lua_next(L, -2) != 0) { // [.., result, named, names, name, group]
            size_t group = (size_t)lua_tointeger(L, -1);
            lua_pop(L, 1);
            lua_pushvalue(L, -1);
            push_span(L, found->subject, found->spans[group]);
            lua_rawset(L, -5); // [.., result, named, names, name]
        }
    }
    lua_pop(L, 1);
    lua_setfield(L, -2, "named");
}

/// {[0]=whole, [1]=.., start=, stop=, named={name=..}}
static int push_table(lua_State *L, const hit *found)
{
    lua_createtable(L, (int)found->groups, 4); // [.., result]
    for (size_t i = 0; i <= found->groups; i++) {
        push_span(L, found->subject, found->spans[i]);
        lua_rawseti(L, -2, (lua_Integer)i);
    }
    lua_pushinteger(L, (lua_Integer)found->spans[0].start + 1);
    lua_setfield(L, -2, "start");
    lua_pushinteger(L, (lua_Integer)found->spans[0].end);
    lua_setfield(L, -2, "stop");
    add_named(L, found);
    return 1;
}

/// re:match(subject [, init]) -> captures | nil [, err]
static int l_match(lua_State *L)
{
    return search(L, push_match);
}

/// re:find(subject [, init]) -> start, stop, captures | nil [, err]
static int l_find(lua_State *L)
{
    return search(L, push_positions);
}

/// re:exec(subject [, init]) -> match table | nil [, err]
static int l_exec(lua_State *L)
{
    return search(L, push_table);
}

/// re:test(subject [, init]) -> boolean | nil, err
static int l_test(lua_State *L)
{
    int count = search(L, push_true);
    if (count == 1 && lua_isnil(L, -1))
        lua_pushboolean(L, 0);
    return count;
}

static int l_walk_close(lua_State *L)
{
    pg_lua_regex_walk *w = luaL_checkudata(L, 1, walk_type);
    pg_match_free(w->match);
    w->match = NULL;
    return 0;
}

pg_lua_regex_walk *pg_lua_regex_walk_new(lua_State *L, int re_arg, int subject_arg, size_t start)
{
    size_t groups = pg_regex_group_count(pg_lua_check_regex(L, re_arg));
    pg_str subject = pg_lua_check_str(L, subject_arg);
    pg_lua_regex_walk *w = lua_newuserdatauv(L, sizeof *w + (groups + 1) * sizeof w->spans[0], 2);
    w->match = NULL; // [.., walk]
    w->groups = groups;
    luaL_setmetatable(L, walk_type);
    lua_pushvalue(L, re_arg);
    (void)lua_setiuservalue(L, -2, 1);
    lua_pushvalue(L, subject_arg);
    (void)lua_setiuservalue(L, -2, 2);
    const pg_regex *re = pg_lua_check_regex(L, re_arg); // a finalizer may have run
    pg_error err = {0};
    if (pg_match_new(re, &w->match, &err) != PG_OK) {
        (void)pg_lua_fail(L, &err, NULL);
        return NULL;
    }
    pg_regex_iter_init(&w->it, re, subject, start, w->match);
    return w;
}

pg_status pg_lua_regex_walk_next(lua_State *L, int index, bool *found, pg_error *err)
{
    pg_lua_regex_walk *w = luaL_checkudata(L, index, walk_type);
    *found = false;
    if (w->match == NULL)
        return PG_OK;
    (void)lua_getiuservalue(L, index, 1); // [.., pattern]
    const regex_handle *h = luaL_checkudata(L, -1, regex_type);
    lua_pop(L, 1);
    if (h->re == NULL)
        luaL_error(L, "the pattern was closed during the walk over its matches");
    pg_status status = pg_regex_next(&w->it, found, err);
    if (*found)
        copy_spans(w->match, w->spans, w->groups);
    return status;
}

/// One step of the iterator of re:gmatch. An error is raised: ending the loop would say "no match".
static int step(lua_State *L)
{
    bool found = false;
    pg_error err = {0};
    lua_settop(L, 0);
    lua_pushvalue(L, lua_upvalueindex(1)); // [walk]
    if (pg_lua_regex_walk_next(L, 1, &found, &err) != PG_OK) {
        pg_lua_push_error(L, &err, NULL);
        return lua_error(L);
    }
    const pg_lua_regex_walk *w = lua_touserdata(L, 1);
    if (found)
        return pg_lua_regex_push_captures(L, w->it.subject, w->spans, w->groups);
    (void)l_walk_close(L);
    lua_pushnil(L);
    return 1;
}

/// re:gmatch(subject [, init]) -> iterator, nil, nil, closing value
static int l_gmatch(lua_State *L)
{
    (void)pg_lua_check_regex(L, 1);
    pg_str subject = pg_lua_check_str(L, 2);
    size_t start = opt_start(L, 3, subject.len);
    lua_settop(L, 2);
    pg_lua_regex_walk *w = pg_lua_regex_walk_new(L, 1, 2, start);
    if (w == NULL)
        return lua_error(L); // the error is on top
    w->it.done = start == SIZE_MAX;
    lua_pushvalue(L, -1);
    lua_pushcclosure(L, step, 1); // [re, subject, walk, iterator]
    lua_insert(L, 3);
    lua_pushnil(L);
    lua_pushnil(L);
    lua_rotate(L, 4, -1); // [re, subject, iterator, nil, nil, walk]
    return 4;
}

/// re:names() -> {name = group number}
static int l_names(lua_State *L)
{
    const pg_regex *re = pg_lua_check_regex(L, 1);
    lua_settop(L, 1);
    lua_createtable(L, 0, (int)pg_regex_name_count(re)); // [re, copy]
    if (lua_getiuservalue(L, 1, 1) != LUA_TTABLE) {
        lua_pop(L, 1);
        return 1;
    }
    lua_pushnil(L);
    while (lua_next(L, 3) != 0) { // [re, copy, names, name, group]
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, 2);
    }
    lua_settop(L, 2);
    return 1;
}

/// re:jit() -> whether the pattern was compiled to machine code
static int l_jit(lua_State *L)
{
    lua_pushboolean(L, pg_regex_has_jit(pg_lua_check_regex(L, 1)));
    return 1;
}

/// regex.escape(text) -> pattern
static int l_escape(lua_State *L)
{
    pg_str text = pg_lua_check_str(L, 1);
    luaL_Buffer out;
    char *at = luaL_buffinitsize(L, &out, text.len * 2);
    luaL_pushresultsize(&out, pg_regex_escape(text, at));
    return 1;
}

int luaopen_promptgen_regex(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"compile", l_compile}, {"escape", l_escape}, {NULL, NULL}};
    static const luaL_Reg methods[] = {
        {"match", l_match}, {"find", l_find},     {"exec", l_exec},
        {"test", l_test},   {"gmatch", l_gmatch}, {"gsub", pg_lua_regex_gsub},
        {"names", l_names}, {"jit", l_jit},       {"close", l_close},
        {NULL, NULL},
    };
    pg_lua_new_type(L, regex_type, methods, l_close);
    pg_lua_new_type(L, walk_type, NULL, l_walk_close);
    lua_pop(L, 2);
    pg_lua_regex_open_replace(L);
    luaL_newlib(L, functions);
    return 1;
}
