/// Allocation through the caller's function or the C library. See alloc.h.
#include "promptgen/alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *pg_realloc(const pg_alloc *alloc, void *ptr, size_t old_size, size_t new_size)
{
    if (alloc != NULL)
        return alloc->resize(alloc->ctx, ptr, old_size, new_size);
    if (new_size == 0) {
        free(ptr);
        return NULL;
    }
    return realloc(ptr, new_size);
}

void *pg_malloc(const pg_alloc *alloc, size_t size)
{
    return pg_realloc(alloc, NULL, 0, size);
}

void *pg_calloc(const pg_alloc *alloc, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        return NULL;
    void *ptr = pg_malloc(alloc, count * size);
    if (ptr != NULL)
        memset(ptr, 0, count * size);
    return ptr;
}

void pg_free(const pg_alloc *alloc, void *ptr, size_t size)
{
    if (ptr != NULL)
        (void)pg_realloc(alloc, ptr, size, 0);
}
