/// The allocator of the run's Lua state: fast for many small blocks, and capped. Internal to
/// src/host.
#ifndef PROMPTGEN_LUA_MEMORY_H
#define PROMPTGEN_LUA_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

enum {
    PG_LUA_MEMORY_GRAIN = 16,      ///< small blocks are multiples of this
    PG_LUA_MEMORY_SMALL_MAX = 512, ///< larger blocks come from malloc
    PG_LUA_MEMORY_CLASSES = PG_LUA_MEMORY_SMALL_MAX / PG_LUA_MEMORY_GRAIN,
    PG_LUA_MEMORY_CHUNK = 64 * 1024,
};

/// Small blocks are cut from chunks and kept on one free list per size; chunks live as long as the
/// allocator. A sanitizer build takes every block from malloc, so that misuse of one is seen.
/// Invariant: `used` is the sum of the live block sizes.
typedef struct pg_lua_memory {
    size_t used;        ///< bytes in live blocks
    size_t limit;       ///< growth beyond this is refused; SIZE_MAX = none
    bool limit_was_hit; ///< sticky: a request was refused because of the limit
    char *chunk;        ///< next free byte of the current chunk
    size_t chunk_left;  ///< bytes left in it
    void *chunks;       ///< all chunks; each begins with a pointer to the one before
    void *free_lists[PG_LUA_MEMORY_CLASSES];
} pg_lua_memory;

void pg_lua_memory_init(pg_lua_memory *memory);

/// For a process just forked: new blocks come from new memory, not from free blocks between live
/// ones, where each first write would copy a page that the parent has too.
void pg_lua_memory_leave_shared(pg_lua_memory *memory);

/// Frees all chunks; the state must be closed.
void pg_lua_memory_release(pg_lua_memory *memory);

/// A lua_Alloc; `ud` is the pg_lua_memory.
void *pg_lua_memory_resize(void *ud, void *ptr, size_t old_size, size_t new_size);

#endif
