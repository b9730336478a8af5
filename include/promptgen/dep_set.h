/// A set of dependencies, one for each path, gathered from many records: what a payload rests on
/// that sums up others.
///
/// Thread note: a set belongs to one thread.
#ifndef PROMPTGEN_DEP_SET_H
#define PROMPTGEN_DEP_SET_H

#include "promptgen/store.h"

typedef struct pg_dep_set pg_dep_set;

/// An empty set. `alloc` is nullable and outlives it. PG_NOMEM. The caller frees *out.
PG_NODISCARD pg_status pg_dep_set_new(const pg_alloc *alloc, pg_dep_set **out, pg_error *err);

void pg_dep_set_free(pg_dep_set *set); ///< NULL is fine

/// Adds `dep`, whose path is copied, unless its path is there; `*position` (nullable) receives
/// where it is, from 0. When the path is there with another kind or content, the set is mixed from
/// now on and keeps what it had. PG_NOMEM leaves the set as it was.
PG_NODISCARD pg_status pg_dep_set_add(pg_dep_set *set, const pg_dep *dep, uint32_t *position,
                                      pg_error *err);

/// Number of paths.
size_t pg_dep_set_count(const pg_dep_set *set);

/// The dependencies in order of position; borrowed until the next addition.
const pg_dep *pg_dep_set_items(const pg_dep_set *set);

/// Whether two additions disagreed about a path: no payload can rest on this set.
bool pg_dep_set_mixed(const pg_dep_set *set);

#endif
