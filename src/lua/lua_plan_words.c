/// The words of plans, from Lua tables to compiled patterns. See lua_plan.h.
#include "lua_plan.h"

static const char patterns_type[] = "promptgen.plan.patterns";
// Tables {configuration = patterns} in the registry, by whether they are machine code.
static const char *const compiled_patterns[] = {"promptgen.plan.patterns.interpreted",
                                                "promptgen.plan.patterns.jit"};

/// Machine code costs about a millisecond and saves about ten microseconds a file.
enum { JIT_FILES = 100 };

static int release_patterns(lua_State *L)
{
    void **box = pg_lua_check_box(L, 1, patterns_type);
    pg_patterns *patterns = *box;
    *box = NULL;
    pg_patterns_free(patterns);
    return 0;
}

/// Reads the patterns of {name = pattern} at the top; the strings live as long as the table.
static void read_forms(lua_State *L, pg_pattern list[PG_PATTERN_COUNT])
{
    for (unsigned i = 0; i < PG_PATTERN_COUNT; i++) {
        const char *name = pg_pattern_text(i);
        if (lua_getfield(L, -1, name) != LUA_TSTRING) // [.., forms, pattern]
            luaL_error(L, "pattern '%s' is not a string", name);
        list[i].name = pg_str_from(name);
        list[i].pattern = pg_lua_check_str(L, -1);
        lua_pop(L, 1);
    }
}

enum { PHRASES_MAX = 1024 };

/// Reads the phrases of {meaning = {phrase, ...}} at the top into `list`, which has room for
/// PHRASES_MAX; returns their number. The strings live as long as the table.
static size_t read_phrases(lua_State *L, const char *(*name_of)(unsigned), unsigned meanings,
                           pg_phrase *list)
{
    size_t count = 0;
    for (unsigned meaning = 1; meaning < meanings; meaning++) {
        if (lua_getfield(L, -1, name_of(meaning)) != LUA_TTABLE) // [.., sets, set]
            luaL_error(L, "the phrases of '%s' are not a table", name_of(meaning));
        lua_Integer length = (lua_Integer)lua_rawlen(L, -1);
        for (lua_Integer i = 1; i <= length; i++) {
            if (lua_rawgeti(L, -1, i) != LUA_TSTRING) // [.., sets, set, phrase]
                luaL_error(L, "phrase %I of '%s' is not a string", i, name_of(meaning));
            if (count == PHRASES_MAX)
                luaL_error(L, "there are more than %d phrases", PHRASES_MAX);
            list[count++] = (pg_phrase){pg_lua_check_str(L, -1), meaning};
            lua_pop(L, 1);
        }
        lua_pop(L, 1);
    }
    return count;
}

/// Reads the phrase sets of field `field` of the table at `arg` and leaves that field and the
/// memory of the list, a userdata, on the stack.
static const pg_phrase *push_phrases(lua_State *L, int arg, const char *field,
                                     const char *(*name_of)(unsigned), unsigned meanings,
                                     size_t *count)
{
    if (lua_getfield(L, arg, field) != LUA_TTABLE) // [.., sets]
        luaL_error(L, "field '%s' is not a table", field);
    pg_phrase *list = lua_newuserdatauv(L, PHRASES_MAX * sizeof *list, 0); // [.., sets, list]
    lua_insert(L, -2);                                                     // [.., list, sets]
    *count = read_phrases(L, name_of, meanings, list);
    return list;
}

/// Reads the list of strings in the optional field `keyword` and leaves the field and the memory of
/// the list on the stack.
static const pg_phrase *push_keywords(lua_State *L, int arg, size_t *count)
{
    enum { KEYWORDS_MAX = 64 };
    pg_phrase *list = lua_newuserdatauv(L, KEYWORDS_MAX * sizeof *list, 0); // [.., list]
    if (lua_getfield(L, arg, "keyword") == LUA_TNIL)
        return list;
    luaL_checktype(L, -1, LUA_TTABLE);
    lua_Integer length = (lua_Integer)lua_rawlen(L, -1);
    if (length > KEYWORDS_MAX)
        luaL_error(L, "there are more than %d keywords", KEYWORDS_MAX);
    for (lua_Integer i = 1; i <= length; i++) {
        if (lua_rawgeti(L, -1, i) != LUA_TSTRING)
            luaL_error(L, "keyword %I is not a string", i);
        list[(*count)++] = (pg_phrase){pg_lua_check_str(L, -1), 1};
        lua_pop(L, 1);
    }
    return list;
}

int pg_lua_patterns(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    pg_pattern forms[PG_PATTERN_COUNT];
    pg_plan_words words = {.patterns = forms, .pattern_count = PG_PATTERN_COUNT};
    words.jit = lua_toboolean(L, 2);
    if (lua_getfield(L, 1, "patterns") != LUA_TTABLE) // [.., forms]
        return luaL_error(L, "field 'patterns' is not a table");
    read_forms(L, forms);
    words.labels = push_phrases(L, 1, "labels", pg_label_text, PG_LABEL_COUNT, &words.label_count);
    words.headings =
        push_phrases(L, 1, "headings", pg_heading_text, PG_HEADING_COUNT, &words.heading_count);
    words.keywords = push_keywords(L, 1, &words.keyword_count);
    void **box = pg_lua_new_handle(L, patterns_type, 0); // [.., patterns]
    pg_patterns *patterns = NULL;
    pg_error err = {0};
    if (pg_patterns_new(&words, NULL, &patterns, &err) != PG_OK)
        return pg_lua_fail(L, &err, NULL);
    *box = patterns;
    return 1;
}

/// Pushes the stock words as they were spelled out at build time; false and nothing where there are
/// none (a stock interpreter).
static bool push_stock_words(lua_State *L)
{
    lua_getglobal(L, "require");
    lua_pushliteral(L, "promptgen.stock_words");
    if (lua_pcall(L, 1, 1, 0) == LUA_OK)
        return true;
    lua_pop(L, 1);
    return false;
}

/// Replaces the configuration at the top (a table or nil) by its words.
static void spell_words(lua_State *L)
{
    if (lua_isnil(L, -1) && push_stock_words(L)) {
        lua_remove(L, -2);
        return;
    }
    lua_getglobal(L, "require");
    lua_pushliteral(L, "promptgen.patterns");
    lua_call(L, 1, 1); // [config, module]
    lua_getfield(L, -1, "list");
    lua_rotate(L, -3, 1); // [list, config, module]
    lua_pop(L, 1);
    lua_call(L, 1, 1);
}

/// Replaces the configuration at the top (a table or nil) by its compiled patterns, or by nil and
/// an error.
static void compile_config(lua_State *L, bool jit)
{
    spell_words(L);
    lua_pushcfunction(L, pg_lua_patterns);
    lua_insert(L, -2);
    lua_pushboolean(L, jit);
    lua_call(L, 2, 2); // [patterns, err]
}

/// Pushes the compiled patterns of the configuration at `config` (a table, or nil for the stock
/// ones), compiled once for each table and Lua state; false, and an error pushed, when they do not
/// compile.
static bool push_compiled(lua_State *L, int config, bool jit)
{
    if (lua_getfield(L, LUA_REGISTRYINDEX, compiled_patterns[jit]) == LUA_TNIL) { // [compiled]
        lua_pop(L, 1);
        lua_newtable(L); // [compiled]; a configuration that is dropped takes its patterns along
        lua_createtable(L, 0, 1);
        lua_pushliteral(L, "k");
        lua_setfield(L, -2, "__mode");
        lua_setmetatable(L, -2);
        lua_pushvalue(L, -1);
        lua_setfield(L, LUA_REGISTRYINDEX, compiled_patterns[jit]);
    }
    if (lua_isnil(L, config))
        lua_pushboolean(L, false); // a key that stands for the stock patterns
    else
        lua_pushvalue(L, config);
    lua_pushvalue(L, -1);
    if (lua_rawget(L, -3) != LUA_TNIL) { // [compiled, key, patterns]
        lua_replace(L, -3);
        lua_pop(L, 1);
        return true;
    }
    lua_pop(L, 1);
    lua_pushvalue(L, config);
    compile_config(L, jit); // [compiled, key, patterns, err]
    if (lua_isnil(L, -2))
        return false;
    lua_pop(L, 1);
    lua_pushvalue(L, -1);
    lua_replace(L, -4); // [patterns, key, patterns]
    lua_getfield(L, LUA_REGISTRYINDEX, compiled_patterns[jit]);
    lua_insert(L, -3);
    lua_rawset(L, -3); // [patterns, compiled]
    lua_pop(L, 1);
    return true;
}

const pg_patterns *pg_lua_push_patterns(lua_State *L, int arg, size_t files)
{
    if (lua_isnoneornil(L, arg))
        lua_pushnil(L);
    else
        lua_getfield(L, arg, "patterns");
    if (lua_isnil(L, -1) || lua_istable(L, -1)) {
        int config = lua_gettop(L);
        if (!push_compiled(L, config, files >= JIT_FILES))
            return NULL;
    }
    return pg_lua_check_handle(L, -1, patterns_type);
}

void pg_lua_define_patterns(lua_State *L)
{
    pg_lua_new_type(L, patterns_type, NULL, NULL); // [metatable]
    lua_pushcfunction(L, release_patterns);
    lua_setfield(L, -2, "__gc");
    lua_pop(L, 1);
}
