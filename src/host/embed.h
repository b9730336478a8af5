/// Files embedded into the program: trusted modules as bytecode, and stock scripts as bytecode
/// beside their source, so that an unchanged copy on disk can be recognised. The table is generated
/// at build time by embed/embed_lua.c from the same tree. Internal to src/host.
#ifndef PROMPTGEN_EMBED_H
#define PROMPTGEN_EMBED_H

#include "promptgen/str.h"

typedef struct pg_embedded {
    pg_str name;   ///< "promptgen.cli" for a module, "workflows/next.lua" for a script
    pg_str source; ///< text of a script or data file; empty for a module
    pg_str code;   ///< bytecode of this build's Lua; empty for a data file
} pg_embedded;

/// Generated: entries sorted bytewise by name, and their number.
extern const pg_embedded pg_embedded_files[];
extern const size_t pg_embedded_count;

/// The entry of this name, or NULL. O(log n).
const pg_embedded *pg_embedded_find(pg_str name);

#endif
