/// A bump allocator for a library that cannot bear a failed allocation.
///
/// cmark calls abort() when its allocator returns NULL, and its allocator has no context argument.
/// So the arena of the running parse is found through a thread-local pointer, memory comes from
/// chunks that are freed together, and a failure leaves the library by longjmp to the caller, who
/// then frees the arena: the library keeps nothing but memory of the arena, so nothing leaks.
#ifndef PROMPTGEN_CORE_ARENA_H
#define PROMPTGEN_CORE_ARENA_H

#include "promptgen/alloc.h"
#include "promptgen/status.h"

#include <setjmp.h>
#include <stddef.h>

typedef struct pg_arena_chunk pg_arena_chunk;

/// Invariant: [next, end) is the free tail of the newest chunk; `total <= max`.
typedef struct pg_arena {
    const pg_alloc *alloc;  ///< NULL = C library
    pg_arena_chunk *chunks; ///< newest first
    char *next;             ///< first free byte
    char *end;              ///< end of the newest chunk
    size_t total;           ///< bytes of all chunks
    size_t max;             ///< bytes that all chunks may have together
    size_t chunk_size;      ///< bytes of the next chunk
    pg_status failure;      ///< PG_NOMEM or PG_LIMIT after a jump
    jmp_buf escape;         ///< set by the caller of the library before the arena is entered
} pg_arena;

/// An empty arena whose first chunk will have about `first` bytes.
void pg_arena_init(pg_arena *arena, const pg_alloc *alloc, size_t first, size_t max);

/// Frees all memory of the arena.
void pg_arena_free(pg_arena *arena);

/// Makes `arena` the one that the functions below use on this thread; NULL ends that.
void pg_arena_enter(pg_arena *arena);

/// For the library: zeroed memory, a resized block, nothing. None returns on failure.
void *pg_arena_calloc(size_t count, size_t size);
void *pg_arena_realloc(void *ptr, size_t size);
void pg_arena_release(void *ptr);

#endif
