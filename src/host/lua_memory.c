/// Size-class allocator with a cap. See lua_memory.h.
#include "lua_memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

void pg_lua_memory_init(pg_lua_memory *memory)
{
    memset(memory, 0, sizeof *memory);
    memory->limit = SIZE_MAX;
}

void pg_lua_memory_leave_shared(pg_lua_memory *memory)
{
    memset(memory->free_lists, 0, sizeof memory->free_lists);
    memory->chunk_left = 0;
}

void pg_lua_memory_release(pg_lua_memory *memory)
{
    void *chunk = memory->chunks;
    while (chunk != NULL) {
        void *before;
        memcpy(&before, chunk, sizeof before);
        free(chunk);
        chunk = before;
    }
    pg_lua_memory_init(memory);
}

static bool is_small(size_t size)
{
#ifdef PROMPTGEN_SANITIZED
    (void)size;
    return false;
#else
    return size <= PG_LUA_MEMORY_SMALL_MAX;
#endif
}

static size_t class_of(size_t size)
{
    return (size - 1) / PG_LUA_MEMORY_GRAIN;
}

/// Has the kernel give the pages of a new chunk in one call: all of them are about to be written,
/// and each would cost a fault of its own.
static void populate(char *chunk)
{
#ifdef MADV_POPULATE_WRITE
    const uintptr_t page = 4096; // where pages are larger, the call fails and the faults remain
    uintptr_t first = ((uintptr_t)chunk + page - 1) & ~(page - 1);
    uintptr_t end = ((uintptr_t)chunk + PG_LUA_MEMORY_CHUNK) & ~(page - 1);
    (void)madvise((void *)first, end - first, MADV_POPULATE_WRITE);
#else
    (void)chunk;
#endif
}

static bool add_chunk(pg_lua_memory *memory)
{
    char *chunk = malloc(PG_LUA_MEMORY_CHUNK);
    if (chunk == NULL)
        return false;
    populate(chunk);
    memcpy(chunk, &memory->chunks, sizeof memory->chunks);
    memory->chunks = chunk;
    memory->chunk = chunk + PG_LUA_MEMORY_GRAIN;
    memory->chunk_left = PG_LUA_MEMORY_CHUNK - PG_LUA_MEMORY_GRAIN;
    return true;
}

static void *take_small(pg_lua_memory *memory, size_t size)
{
    size_t class = class_of(size);
    void *block = memory->free_lists[class];
    if (block != NULL) {
        memcpy(&memory->free_lists[class], block, sizeof(void *));
        return block;
    }
    size_t bytes = (class + 1) * PG_LUA_MEMORY_GRAIN;
    if (memory->chunk_left < bytes && !add_chunk(memory))
        return NULL;
    block = memory->chunk;
    memory->chunk += bytes;
    memory->chunk_left -= bytes;
    return block;
}

static void give_small(pg_lua_memory *memory, void *block, size_t size)
{
    size_t class = class_of(size);
    memcpy(block, &memory->free_lists[class], sizeof(void *));
    memory->free_lists[class] = block;
}

static void *take(pg_lua_memory *memory, size_t size)
{
    return is_small(size) ? take_small(memory, size) : malloc(size);
}

static void give(pg_lua_memory *memory, void *block, size_t size)
{
    if (is_small(size))
        give_small(memory, block, size);
    else
        free(block);
}

/// Moves a block between the small and the large side, or between two classes.
static void *move_block(pg_lua_memory *memory, void *ptr, size_t old_size, size_t new_size)
{
    void *moved = take(memory, new_size);
    if (moved == NULL)
        // Lua assumes that shrinking cannot fail; the old block is large enough.
        return new_size < old_size ? ptr : NULL;
    memcpy(moved, ptr, old_size < new_size ? old_size : new_size);
    give(memory, ptr, old_size);
    return moved;
}

void *pg_lua_memory_resize(void *ud, void *ptr, size_t old_size, size_t new_size)
{
    pg_lua_memory *memory = ud;
    if (ptr == NULL)
        old_size = 0; // Lua passes a type tag here
    if (new_size == 0) {
        if (ptr != NULL)
            give(memory, ptr, old_size);
        memory->used -= old_size;
        return NULL;
    }
    if (new_size > old_size && new_size - old_size > memory->limit - memory->used) {
        memory->limit_was_hit = true;
        return NULL;
    }
    void *block;
    bool small_before = is_small(old_size);
    bool small_after = is_small(new_size);
    if (ptr == NULL)
        block = take(memory, new_size);
    else if (small_before && small_after && class_of(old_size) == class_of(new_size))
        block = ptr;
    else if (!small_before && !small_after)
        block = realloc(ptr, new_size);
    else
        block = move_block(memory, ptr, old_size, new_size);
    if (block != NULL)
        memory->used = memory->used - old_size + new_size;
    return block;
}
