/// Removes the names of local variables and upvalues from Lua 5.4 bytecode and keeps the lines: a
/// traceback of a trusted module still says where, and loading interns a third fewer strings. Part
/// of the build tool.
#ifndef PROMPTGEN_STRIP_NAMES_H
#define PROMPTGEN_STRIP_NAMES_H

#include <stddef.h>

/// Rewrites `bytes` in place and returns the new length, or 0 when the input is not what this
/// version of Lua writes.
size_t strip_names(char *bytes, size_t len);

#endif
