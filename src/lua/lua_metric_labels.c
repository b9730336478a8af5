/// Label values between Lua tables and the core. See lua_metrics.h.
#include "lua_metrics.h"

#include "lua_common.h"

/// Pushes the text of the label value at the top of the stack in its place.
static pg_str label_text(lua_State *L, pg_metric *metric, pg_str name)
{
    int type = lua_type(L, -1);
    if (type == LUA_TNIL)
        luaL_error(L, "label '%s' is missing", lua_pushlstring(L, name.ptr, name.len));
    if (type != LUA_TSTRING && type != LUA_TNUMBER && type != LUA_TBOOLEAN)
        luaL_error(L, "label '%s' is a %s, not a string, number or boolean",
                   lua_pushlstring(L, name.ptr, name.len), lua_typename(L, type));
    if (type == LUA_TBOOLEAN) {
        lua_pushstring(L, lua_toboolean(L, -1) ? "true" : "false");
        lua_replace(L, -2);
    }
    pg_str text;
    text.ptr = lua_tolstring(L, -1, &text.len);
    char storage[PG_METRIC_VALUE_MAX];
    pg_str value = pg_metric_label_value(metric, text, storage);
    if (value.ptr == storage) {
        value.ptr = lua_pushlstring(L, value.ptr, value.len);
        lua_replace(L, -2);
    }
    return value;
}

/// Raises and names the first key of the table at `arg` that is no label of the metric.
static void check_no_other_label(lua_State *L, int arg, const pg_metric_def *def)
{
    lua_pushnil(L);
    while (lua_next(L, arg) != 0) { // [.., key, value]
        lua_pop(L, 1);
        bool known = false;
        if (lua_type(L, -1) == LUA_TSTRING) {
            pg_str key;
            key.ptr = lua_tolstring(L, -1, &key.len);
            for (size_t i = 0; i < def->label_count; i++)
                known = known || pg_str_equal(key, def->labels[i]);
        }
        if (!known) {
            const char *key = luaL_tolstring(L, -1, NULL);
            const char *name = lua_pushlstring(L, def->name.ptr, def->name.len);
            luaL_error(L, "'%s' has no label '%s'", name, key);
        }
    }
}

size_t pg_lua_check_labels(lua_State *L, int arg, pg_metric *metric, pg_str *values)
{
    pg_metric_def def;
    pg_metric_describe(metric, &def);
    if (lua_isnoneornil(L, arg) && def.label_count == 0)
        return 0;
    luaL_checktype(L, arg, LUA_TTABLE);
    luaL_checkstack(L, PG_METRIC_LABELS_MAX + 8, "too many labels");
    check_no_other_label(L, arg, &def);
    for (size_t i = 0; i < def.label_count; i++) {
        lua_pushlstring(L, def.labels[i].ptr, def.labels[i].len);
        lua_rawget(L, arg); // [.., value], left there: it keeps the text
        values[i] = label_text(L, metric, def.labels[i]);
    }
    return def.label_count;
}

void pg_lua_push_labels(lua_State *L, const pg_metric_def *def, const pg_str *values)
{
    lua_createtable(L, 0, (int)def->label_count); // [.., labels]
    for (size_t i = 0; i < def->label_count; i++) {
        lua_pushlstring(L, def->labels[i].ptr, def->labels[i].len);
        lua_pushlstring(L, values[i].ptr, values[i].len);
        lua_rawset(L, -3);
    }
}
