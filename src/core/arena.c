/// Bump allocation with an escape. See arena.h.
#include "arena.h"

#include <stdint.h>
#include <string.h>

enum { ALIGNMENT = 8, CHUNK_MIN = 16 << 10, CHUNK_MAX = 1 << 20 };

struct pg_arena_chunk {
    pg_arena_chunk *older;
    size_t size; ///< bytes, this header included
};

/// Stands before every block; it keeps the payload aligned.
typedef struct block_header {
    size_t size; ///< bytes of the payload, rounded up
} block_header;

_Static_assert(sizeof(block_header) % ALIGNMENT == 0, "payloads stay aligned");
_Static_assert(sizeof(pg_arena_chunk) % ALIGNMENT == 0, "the first header is aligned");

/// The library's allocation functions have no context argument; this is the one there is.
static _Thread_local pg_arena *current;

void pg_arena_init(pg_arena *arena, const pg_alloc *alloc, size_t first, size_t max)
{
    memset(arena, 0, sizeof *arena);
    arena->alloc = alloc;
    arena->max = max;
    arena->chunk_size = first < CHUNK_MIN ? CHUNK_MIN : first < CHUNK_MAX ? first : CHUNK_MAX;
}

void pg_arena_free(pg_arena *arena)
{
    pg_arena_chunk *chunk = arena->chunks;
    while (chunk != NULL) {
        pg_arena_chunk *older = chunk->older;
        pg_free(arena->alloc, chunk, chunk->size);
        chunk = older;
    }
    arena->chunks = NULL;
    arena->next = arena->end = NULL;
    arena->total = 0;
}

void pg_arena_enter(pg_arena *arena)
{
    current = arena;
}

static _Noreturn void escape(pg_arena *arena, pg_status failure)
{
    arena->failure = failure;
    longjmp(arena->escape, 1);
}

/// Makes the newest chunk one with room for `need` bytes.
static void add_chunk(pg_arena *arena, size_t need)
{
    size_t size = arena->chunk_size;
    if (need > size - sizeof(pg_arena_chunk))
        size = need + sizeof(pg_arena_chunk);
    if (size > arena->max - arena->total)
        escape(arena, PG_LIMIT);
    pg_arena_chunk *chunk = pg_malloc(arena->alloc, size);
    if (chunk == NULL)
        escape(arena, PG_NOMEM);
    chunk->older = arena->chunks;
    chunk->size = size;
    arena->chunks = chunk;
    arena->total += size;
    arena->next = (char *)(chunk + 1);
    arena->end = (char *)chunk + size;
    if (arena->chunk_size < CHUNK_MAX)
        arena->chunk_size *= 2;
}

/// A block of at least `size` bytes, not zeroed.
static void *take(pg_arena *arena, size_t size)
{
    if (size > SIZE_MAX / 2)
        escape(arena, PG_LIMIT);
    size_t rounded = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    size_t need = rounded + sizeof(block_header);
    if (need > (size_t)(arena->end - arena->next))
        add_chunk(arena, need);
    block_header *header = (block_header *)(void *)arena->next;
    header->size = rounded;
    arena->next += need;
    return header + 1;
}

void *pg_arena_calloc(size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        escape(current, PG_LIMIT);
    void *ptr = take(current, count * size);
    memset(ptr, 0, count * size);
    return ptr;
}

void *pg_arena_realloc(void *ptr, size_t size)
{
    if (ptr == NULL)
        return take(current, size);
    size_t old = ((block_header *)ptr - 1)->size;
    if (size <= old)
        return ptr;
    if ((char *)ptr + old == current->next) // the newest block: grow or move it without a hole
        current->next = (char *)((block_header *)ptr - 1);
    void *grown = take(current, size);
    if (grown != ptr)
        memcpy(grown, ptr, old);
    return grown;
}

void pg_arena_release(void *ptr)
{
    if (ptr == NULL)
        return;
    block_header *header = (block_header *)ptr - 1;
    if ((char *)ptr + header->size == current->next)
        current->next = (char *)header;
}
