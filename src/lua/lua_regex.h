/// What the two halves of `promptgen.regex` share. Internal to src/lua.
#ifndef PROMPTGEN_LUA_REGEX_H
#define PROMPTGEN_LUA_REGEX_H

#include "lua_common.h"

#include "promptgen/regex.h"

/// A walk over the matches of one subject, with a match object of its own, so that a callback may
/// use the same pattern meanwhile. User value 1 is the pattern's handle, 2 the subject.
typedef struct pg_lua_regex_walk {
    pg_match *match; ///< owned; NULL = closed
    pg_regex_iter it;
    size_t groups;   ///< capture groups of the pattern
    pg_span spans[]; ///< of the current match: the whole and every group
} pg_lua_regex_walk;

/// The pattern of the handle at `arg`; raises for another type or a closed handle. Borrowed until
/// Lua runs anything that might close it.
const pg_regex *pg_lua_check_regex(lua_State *L, int arg);

/// Pushes a new walk from byte `start` over the subject at `subject_arg` with the pattern at
/// `re_arg`. NULL after a failure: then nil and the error are pushed instead.
pg_lua_regex_walk *pg_lua_regex_walk_new(lua_State *L, int re_arg, int subject_arg, size_t start);

/// Next match of the walk at `index` into its spans. Raises when its pattern was closed meanwhile.
pg_status pg_lua_regex_walk_next(lua_State *L, int index, bool *found, pg_error *err);

/// Pushes the groups, or the whole match when there are none; one that took no part is false.
/// `spans` has the whole match and `groups` more. Returns how many were pushed.
int pg_lua_regex_push_captures(lua_State *L, pg_str subject, const pg_span *spans, size_t groups);

/// re:gsub(subject, replacement [, max]) -> text, count | nil, err
int pg_lua_regex_gsub(lua_State *L);

/// Defines the types of lua_regex_replace.c.
void pg_lua_regex_open_replace(lua_State *L);

#endif
