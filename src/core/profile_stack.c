/// The stacks of a profile: which call runs where, corrected by every report. See
/// promptgen/profile.h.
#include "profile_internal.h"

static pg__profile_thread **bucket_of(pg_profile *p, const void *thread)
{
    uint64_t mixed = (uint64_t)(uintptr_t)thread * UINT64_C(0x9E3779B97F4A7C15);
    return &p->buckets[mixed >> 32 & (PG__PROFILE_BUCKETS - 1)];
}

static pg__profile_thread *find_thread(pg_profile *p, const void *thread)
{
    if (p->current != NULL && p->current->thread == thread)
        return p->current;
    for (pg__profile_thread *t = *bucket_of(p, thread); t != NULL; t = t->next)
        if (t->thread == thread)
            return t;
    return NULL;
}

static pg__profile_thread *make_thread(pg_profile *p, const void *thread)
{
    pg__profile_thread *t =
        p->thread_count < PG_PROFILE_MAX_THREADS ? pg_calloc(p->alloc, 1, sizeof *t) : NULL;
    if (t == NULL) {
        p->lost++;
        return NULL;
    }
    pg__profile_thread **bucket = bucket_of(p, thread);
    *t = (pg__profile_thread){.thread = thread, .next = *bucket};
    *bucket = t;
    p->thread_count++;
    return t;
}

static void free_thread(pg_profile *p, pg__profile_thread *t)
{
    pg_free(p->alloc, t->frames, t->cap * sizeof *t->frames);
    pg_free(p->alloc, t, sizeof *t);
    p->thread_count--;
}

void pg__profile_drop_threads(pg_profile *p)
{
    for (size_t i = 0; i < PG__PROFILE_BUCKETS; i++) {
        for (pg__profile_thread *t = p->buckets[i]; t != NULL;) {
            pg__profile_thread *next = t->next;
            free_thread(p, t);
            t = next;
        }
        p->buckets[i] = NULL;
    }
    p->current = NULL;
}

static uint32_t top_node(const pg__profile_thread *t)
{
    if (t == NULL)
        return PG__PROFILE_ROOT;
    return t->count > 0 ? t->frames[t->count - 1].node : t->base;
}

uint32_t pg__profile_running(const pg_profile *p)
{
    return top_node(p->current);
}

static void pop_to(pg_profile *p, pg__profile_thread *t, size_t count)
{
    while (t->count > count) {
        const pg__profile_frame *top = &t->frames[--t->count];
        if (top->span != PG_PROFILE_NONE)
            p->spans[top->span].end_ns = p->mark_ns;
    }
}

/// Moves the open calls of a stack beneath another node.
static void rebase(pg_profile *p, pg__profile_thread *t, uint32_t base)
{
    if (t->base == base)
        return;
    t->base = base;
    for (size_t i = 0; i < t->count; i++) {
        base = pg__profile_child(p, base, t->frames[i].function);
        t->frames[i].node = base;
    }
}

/// Takes a stack out: nothing of it is open any more.
static void retire(pg_profile *p, pg__profile_thread *t)
{
    pg__profile_thread **link = bucket_of(p, t->thread);
    while (*link != t)
        link = &(*link)->next;
    *link = t->next;
    for (pg__profile_thread *at = p->current; at != NULL; at = at->resumer)
        if (at->resumer == t)
            at->resumer = t->resumer;
    if (p->current == t)
        p->current = t->resumer;
    free_thread(p, t);
}

/// Makes `t` the stack that runs. One that waits for others is returned to: those have yielded or
/// ended. Any other is continued by the one that ran.
static void switch_to(pg_profile *p, pg__profile_thread *t)
{
    if (p->current == t)
        return;
    for (pg__profile_thread *at = p->current; at != NULL; at = at->resumer)
        if (at == t) {
            p->current = t;
            return;
        }
    t->resumer = p->current;
    rebase(p, t, top_node(p->current));
    p->current = t;
}

static pg__profile_thread *switch_to_thread(pg_profile *p, const void *thread)
{
    pg__profile_thread *t = find_thread(p, thread);
    if (t == NULL)
        t = make_thread(p, thread);
    if (t != NULL)
        switch_to(p, t);
    return t;
}

/// Number of frames up to and including the topmost one with this address; 0 when there is none.
static size_t depth_of(const pg__profile_thread *t, const void *frame)
{
    size_t depth = t->count;
    while (depth > 0 && t->frames[depth - 1].frame != frame)
        depth--;
    return depth;
}

static bool push(pg_profile *p, pg__profile_thread *t, pg__profile_frame frame)
{
    if (t->count == t->cap) {
        size_t cap = t->cap == 0 ? 32 : t->cap * 2;
        pg__profile_frame *grown =
            cap > PG_PROFILE_MAX_DEPTH
                ? NULL
                : pg_realloc(p->alloc, t->frames, t->cap * sizeof *grown, cap * sizeof *grown);
        if (grown == NULL) {
            p->lost++;
            return false;
        }
        t->frames = grown;
        t->cap = cap;
    }
    frame.node = pg__profile_child(p, top_node(t), frame.function);
    if (frame.node != top_node(t))
        p->nodes[frame.node].calls++;
    t->frames[t->count++] = frame;
    return true;
}

void pg_profile_call(pg_profile *p, const void *thread, const void *frame, const void *caller,
                     uint32_t function)
{
    pg__profile_thread *t = switch_to_thread(p, thread);
    if (t == NULL)
        return;
    size_t depth = caller == NULL ? 0 : depth_of(t, caller);
    if (caller == NULL || depth > 0)
        pop_to(p, t, depth);
    (void)push(p, t,
               (pg__profile_frame){.frame = frame, .function = function, .span = PG_PROFILE_NONE});
}

void pg_profile_tail_call(pg_profile *p, const void *thread, const void *frame, uint32_t function)
{
    pg__profile_thread *t = switch_to_thread(p, thread);
    if (t == NULL)
        return;
    size_t depth = depth_of(t, frame);
    if (depth > 0)
        pop_to(p, t, depth);
    for (size_t at = depth; at > 0 && t->frames[at - 1].frame == frame; at--)
        if (t->frames[at - 1].function == function) {
            pop_to(p, t, at);
            p->nodes[top_node(t)].calls++;
            return;
        }
    (void)push(p, t,
               (pg__profile_frame){.frame = frame, .function = function, .span = PG_PROFILE_NONE});
}

void pg_profile_return(pg_profile *p, const void *thread, const void *frame)
{
    pg__profile_thread *t = find_thread(p, thread);
    if (t == NULL)
        return;
    switch_to(p, t);
    size_t depth = depth_of(t, frame);
    if (depth == 0)
        return;
    while (depth > 0 && t->frames[depth - 1].frame == frame)
        depth--;
    pop_to(p, t, depth);
    if (t->count == 0)
        retire(p, t);
}

void pg_profile_enter(pg_profile *p, const void *thread, const void *frame, pg_str name)
{
    pg__profile_thread *t = switch_to_thread(p, thread);
    if (t == NULL)
        return;
    size_t depth = depth_of(t, frame);
    if (depth > 0)
        pop_to(p, t, depth);
    pg__profile_frame opened = {
        .frame = frame,
        .function = pg__profile_span_name(p, name),
        .span = PG_PROFILE_NONE,
        .is_span = true,
    };
    if (opened.function == PG_PROFILE_NONE || !push(p, t, opened))
        return;
    if (pg__profile_room(p, (void **)&p->spans, p->span_count, &p->span_cap, sizeof *p->spans,
                         PG_PROFILE_MAX_SPANS)) {
        p->spans[p->span_count] = (pg__profile_span){opened.function, p->mark_ns, -1};
        t->frames[t->count - 1].span = p->span_count++;
    }
}

void pg_profile_leave(pg_profile *p, const void *thread, pg_str name)
{
    pg__profile_thread *t = find_thread(p, thread);
    if (t == NULL)
        return;
    switch_to(p, t);
    uint32_t function = pg__profile_span_name(p, name);
    size_t depth = t->count;
    while (depth > 0 &&
           !(t->frames[depth - 1].is_span && t->frames[depth - 1].function == function))
        depth--;
    if (depth == 0)
        return;
    pop_to(p, t, depth - 1);
    if (t->count == 0)
        retire(p, t);
}
