/// What the tree of a profile and its stacks share. Internal to src/core/profile*.c.
#ifndef PROMPTGEN_PROFILE_INTERNAL_H
#define PROMPTGEN_PROFILE_INTERNAL_H

#include "promptgen/profile.h"

#define PG__PROFILE_ROOT UINT32_C(0)

/// One chain of callers. Number 0 is no node but the root.
typedef struct pg__profile_node {
    uint32_t parent;
    uint32_t function;
    uint32_t first_child;  ///< 0 = none
    uint32_t next_sibling; ///< 0 = none
    uint64_t calls;
    int64_t self_ns;
} pg__profile_node;

/// Text of a function: in the profile's buffer.
typedef struct pg__profile_entry {
    pg_profile_kind kind;
    int line;
    uint32_t name_at;
    uint32_t name_len;
    uint32_t source_at;
    uint32_t source_len;
} pg__profile_entry;

typedef struct pg__profile_span {
    uint32_t function;
    int64_t start_ns;
    int64_t end_ns; ///< -1 while open
} pg__profile_span;

/// An open call or span. A span has the address of the frame that opened it.
typedef struct pg__profile_frame {
    const void *frame;
    uint32_t function;
    uint32_t node;
    uint32_t span; ///< number in `spans`; PG_PROFILE_NONE for a call or a span without record
    bool is_span;
} pg__profile_frame;

/// One stack of calls.
typedef struct pg__profile_thread {
    const void *thread;
    pg__profile_frame *frames;
    size_t count;
    size_t cap;
    uint32_t base; ///< node beneath the first frame
    struct pg__profile_thread *resumer;
    struct pg__profile_thread *next; ///< in its bucket
} pg__profile_thread;

enum { PG__PROFILE_BUCKETS = 1024 };

struct pg_profile {
    const pg_alloc *alloc;
    const pg_clock *clock;
    pg__profile_node *nodes;
    uint32_t node_count;
    uint32_t node_cap;
    pg__profile_entry *functions;
    uint32_t function_count;
    uint32_t function_cap;
    pg__profile_span *spans;
    uint32_t span_count;
    uint32_t span_cap;
    uint32_t span_names[PG_PROFILE_MAX_SPAN_NAMES]; ///< functions that are spans
    uint32_t span_name_count;
    pg_buf text;
    pg__profile_thread *buckets[PG__PROFILE_BUCKETS];
    uint32_t thread_count;
    pg__profile_thread *current; ///< NULL = the root runs
    bool running;
    int64_t start_ns;
    int64_t mark_ns; ///< last resume, or last pause
    int64_t overhead_ns;
    int64_t report_ns;   ///< what a slice of time holds of the reports around it
    int64_t shortest_ns; ///< shortest slice since the last restart
    uint64_t lost;
};

/// Makes room for one more element of `size` bytes; false, and one more lost report, when there is
/// no memory or `max` is reached.
bool pg__profile_room(pg_profile *p, void **array, uint32_t count, uint32_t *cap, size_t size,
                      uint32_t max);

/// The child of `parent` for `function`, made when missing; `parent` itself when there is no room.
uint32_t pg__profile_child(pg_profile *p, uint32_t parent, uint32_t function);

/// The function that stands for spans of this name.
uint32_t pg__profile_span_name(pg_profile *p, pg_str name);

/// Node of the function that runs now.
uint32_t pg__profile_running(const pg_profile *p);

/// Frees all stacks.
void pg__profile_drop_threads(pg_profile *p);

#endif
