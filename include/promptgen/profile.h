/// Where time goes: an exact tree of calls, with named spans, on one monotonic clock.
///
/// The caller reports what is called and what returns; time between two reports belongs to the
/// function that runs. One node stands for one chain of callers, so that the size of a profile
/// depends on the shape of a program, not on how long it runs. Several stacks of calls
/// (coroutines) take turns: a stack that is continued from somewhere else moves its open calls
/// there. Threads and frames are opaque addresses; they are compared, never read.
///
/// Reports may be missing: an error unwinds without returns, and reporting may begin in the middle
/// of a program. Each report therefore says which frame it is about, and the stack is corrected by
/// it. A report that finds no memory, or the profile full, counts as lost; its time goes to the
/// caller.
///
/// Bracket the reports by pg_profile_pause and pg_profile_resume: what happens between them is the
/// profiler's own work, charged to nobody and told apart.
///
/// Thread note: a profile belongs to one thread.
#ifndef PROMPTGEN_PROFILE_H
#define PROMPTGEN_PROFILE_H

#include "promptgen/alloc.h"
#include "promptgen/clock.h"
#include "promptgen/status.h"
#include "promptgen/str.h"

#include <stdbool.h>
#include <stdint.h>

/// Not a function: the profile is full.
#define PG_PROFILE_NONE UINT32_MAX

enum {
    PG_PROFILE_MAX_NODES = 65536,
    PG_PROFILE_MAX_FUNCTIONS = 8192,
    PG_PROFILE_MAX_SPANS = 4096,     ///< spans that keep their start and end
    PG_PROFILE_MAX_SPAN_NAMES = 256, ///< further names count as "(other spans)"
    PG_PROFILE_MAX_THREADS = 4096,   ///< stacks that hold open calls at the same time
    PG_PROFILE_MAX_DEPTH = 1 << 20,  ///< open calls of one stack
    PG_PROFILE_MAX_TEXT = 200,       ///< bytes kept of a name or a source; the end of a source
};

typedef enum pg_profile_kind {
    PG_PROFILE_LUA,  ///< "lua": known by source and line
    PG_PROFILE_C,    ///< "c": known by its name alone
    PG_PROFILE_SPAN, ///< "span": a piece of work that was given a name
} pg_profile_kind;

/// What is known of a function. Strings are borrowed.
typedef struct pg_profile_function {
    pg_profile_kind kind;
    pg_str name;   ///< may be empty
    pg_str source; ///< file, or a description of the text it was loaded from; empty for C
    int line;      ///< 1-based line of its definition; 0 for a main chunk, a C function, a span
} pg_profile_function;

typedef struct pg_profile pg_profile;

/// A profile that is paused and empty. `alloc` NULL = C library, `clock` NULL = monotonic; both
/// must outlive it. The caller frees *out with pg_profile_free. PG_NOMEM.
PG_NODISCARD pg_status pg_profile_new(const pg_alloc *alloc, const pg_clock *clock,
                                      pg_profile **out, pg_error *err);

void pg_profile_free(pg_profile *profile); ///< NULL is fine

/// Forgets all calls, spans and open frames, and begins now; keeps the functions. Paused.
void pg_profile_restart(pg_profile *profile);

/// Takes the shortest time between a resume and the next pause so far for what reports themselves
/// cost, and restarts. To be called after some reports of functions that do nothing: from then on
/// that time is overhead and nobody's own.
void pg_profile_calibrate(pg_profile *profile);

/// Charges the time since the last resume to the running function and stops the clock. Does nothing
/// while paused.
void pg_profile_pause(pg_profile *profile);

/// Starts the clock again; does nothing while running.
void pg_profile_resume(pg_profile *profile);

/// Adds a function and returns its number, or PG_PROFILE_NONE when there is no room. O(1).
uint32_t pg_profile_add(pg_profile *profile, const pg_profile_function *function);

/// Number of functions added, and one of them (must exist); strings are borrowed from the profile
/// until the next addition or renaming.
uint32_t pg_profile_functions(const pg_profile *profile);
pg_profile_function pg_profile_function_at(const pg_profile *profile, uint32_t function);

/// Gives a function another name; the old one stays when there is no memory.
void pg_profile_rename(pg_profile *profile, uint32_t function, pg_str name);

/// `function` (or PG_PROFILE_NONE) is called on `thread` in `frame` by the frame `caller`. NULL for
/// `caller` says that this is the first frame of its stack. A caller that is not on the stack,
/// since it was never reported, leaves the stack as it is.
void pg_profile_call(pg_profile *profile, const void *thread, const void *frame, const void *caller,
                     uint32_t function);

/// `function` takes the place of the one that runs in `frame`. The profile shows it as called by
/// the one it replaces; a loop of tail calls closes at the first function that comes back.
void pg_profile_tail_call(pg_profile *profile, const void *thread, const void *frame,
                          uint32_t function);

/// The function in `frame` returns, and with it everything above. Nothing happens when the frame is
/// not on the stack.
void pg_profile_return(pg_profile *profile, const void *thread, const void *frame);

/// Opens a span within the call in `frame`; it ends by pg_profile_leave, or with that call.
void pg_profile_enter(pg_profile *profile, const void *thread, const void *frame, pg_str name);

/// Closes the innermost span of this name on `thread`, and everything above. Nothing happens when
/// there is none.
void pg_profile_leave(pg_profile *profile, const void *thread, pg_str name);

/// Appends the profile as one packed value (promptgen/pack.h), a map:
///   "start", "end"      nanoseconds of the clock: the last restart, and the last pause
///   "overhead", "lost"  nanoseconds spent in the profiler; reports without effect
///   "functions"         array of [kind name, name, source, line]
///   "nodes"             flat array: parent, function, calls, own nanoseconds; 0-based numbers; the
///                       first node is the root, whose parent and function are -1; parents precede
///   "spans"             flat array: function, start, end, in order of start; an open span ends at
///                       "end"
/// Names, sources and span names that are not valid UTF-8 are passed as they are. PG_NOMEM.
PG_NODISCARD pg_status pg_profile_pack(const pg_profile *profile, pg_buf *out, pg_error *err);

#endif
