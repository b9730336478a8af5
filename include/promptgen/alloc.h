/// Allocation through one replaceable function, so that a caller can account, cap or fail it.
///
/// Every constructor of the core takes a `const pg_alloc *` (NULL = the C library) and keeps it for
/// its own frees; the allocator must outlive the object. Tests pass an allocator that fails the
/// n-th request to show that no error path leaks.
///
/// Thread note: the default allocator is thread-safe; a custom one is as safe as its `resize`.
#ifndef PROMPTGEN_ALLOC_H
#define PROMPTGEN_ALLOC_H

#include <stddef.h>

typedef struct pg_alloc {
    /// Resizes `ptr` (NULL = new) from `old_size` to `new_size` bytes; `new_size` 0 frees and
    /// returns NULL. Returns NULL on failure and leaves the old block as it was.
    void *(*resize)(void *ctx, void *ptr, size_t old_size, size_t new_size);
    void *ctx; ///< passed to `resize`; owned by the caller
} pg_alloc;

/// Allocates `size` (> 0) bytes, not zeroed; NULL on failure.
void *pg_malloc(const pg_alloc *alloc, size_t size);

/// Allocates `count * size` zeroed bytes; NULL on failure or overflow.
void *pg_calloc(const pg_alloc *alloc, size_t count, size_t size);

/// Resizes a block; NULL on failure, the old block is then unchanged.
void *pg_realloc(const pg_alloc *alloc, void *ptr, size_t old_size, size_t new_size);

/// Frees a block of `size` bytes; NULL is fine.
void pg_free(const pg_alloc *alloc, void *ptr, size_t size);

#endif
