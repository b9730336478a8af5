/// What a document says about the state of work: complete or not, planned executions, placeholders,
/// dates, achievements it marks as done.
///
/// The readers take a parsed Markdown text and interpret its wording; they decide nothing about a
/// plan. What each facet means, and how far it may be trusted, is described in docs/state.md.
///
/// Thread note: no state here; the functions may run on many threads at once.
#ifndef PROMPTGEN_FACETS_H
#define PROMPTGEN_FACETS_H

#include "promptgen/alloc.h"
#include "promptgen/markdown.h"
#include "promptgen/phrases.h"
#include "promptgen/status.h"
#include "promptgen/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// What a status value says.
typedef enum pg_verdict {
    PG_VERDICT_OTHER,    ///< something else, such as "Approved", or nothing
    PG_VERDICT_OPEN,     ///< work is ahead: "In Progress", "Ready to Execute", "Planning"
    PG_VERDICT_COMPLETE, ///< "Complete", "✅ **COMPLETE** - all phases", "Done"
} pg_verdict;

/// Where a document says complete.
typedef enum pg_facet_place {
    PG_FACET_NOWHERE,
    PG_FACET_HEADER,     ///< before the first section
    PG_FACET_COMPLETION, ///< below a heading with Completion or Final in it
    PG_FACET_CLOSING,    ///< after the last rule
} pg_facet_place;

/// Something said on a line. All views are slices of the regular text of the document.
typedef struct pg_facet_line {
    uint32_t line; ///< 1-based; 0 = absent
    pg_str says;
} pg_facet_line;

/// An execution that a SUBPLAN plans.
typedef struct pg_facet_planned {
    pg_str code;    ///< "11_02", "1.1_02", or "02" where only the execution is numbered
    pg_str feature; ///< of a full file name; empty otherwise
    uint32_t line;
} pg_facet_planned;

/// An achievement that the text marks as done.
typedef struct pg_facet_claim {
    pg_str number; ///< borrowed from the plan's achievements
    uint32_t line;
    pg_str says;
} pg_facet_claim;

typedef struct pg_facets {
    bool says_complete;        ///< header, completion section or closing block says so
    bool stale_header;         ///< header and end of the document are at odds
    pg_facet_line complete;    ///< the line that says complete
    pg_facet_place where;      ///< and where it stands
    pg_facet_line header;      ///< the status in the header
    bool header_complete;      ///< and whether it says complete
    pg_facet_line placeholder; ///< the first value that a skeleton left to be filled in
    uint32_t synthesis;        ///< line of the synthesis of several executions; 0 = none
    char date[11];             ///< "YYYY-MM-DD", or "" when the header states none
    uint32_t date_line;
    pg_facet_line number;      ///< the achievement number in the title
    pg_facet_planned *planned; ///< owned
    size_t planned_count;
    size_t planned_cap;     ///< entries allocated
    pg_facet_claim *claims; ///< owned
    size_t claim_count;
} pg_facets;

/// An achievement of the plan, for claims.
typedef struct pg_facet_achievement {
    pg_str number;   ///< "1.2" or "1.2.3"
    pg_str priority; ///< "Priority 1: ..." of its heading; may be empty
    uint32_t line;
    pg_str title; ///< for a claim by the mark on the title
    bool marked;  ///< the title carries a mark of completion
} pg_facet_achievement;

/// What is known of a plan before its facets are read; all zero for other documents.
typedef struct pg_facet_plan {
    const pg_facet_achievement *achievements;
    size_t achievement_count;
    uint32_t handoff_line;      ///< first line of the handoff section, 0 = none
    uint32_t handoff_end;       ///< its last line
    pg_str handoff_next;        ///< number the handoff names as next; may be empty
    const pg_phrases *keywords; ///< what an achievement is called; NULL for "achievement"
} pg_facet_plan;

/// Reads all facets of a document. `plan` is NULL for a document that is no plan; claims are read
/// only for a plan, and their numbers are borrowed from it. Linear in the text, times the number of
/// achievements for lines that name one.
/// PG_OK and `*out` (release with pg_facets_free), or PG_NOMEM; `*out` is zeroed on failure.
PG_NODISCARD pg_status pg_facets_read(const pg_markdown *md, const pg_facet_plan *plan,
                                      const pg_alloc *alloc, pg_facets *out, pg_error *err);

/// Frees what pg_facets_read gave, with the same allocator; zeroed facets are fine.
void pg_facets_free(pg_facets *facets, const pg_alloc *alloc);

/// What the value of a status field says, such as "✅ **COMPLETE** - All 4 phases".
pg_verdict pg_verdict_read(pg_str value);

#endif
