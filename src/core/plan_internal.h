/// What the files of the plan unit share: the block of a record, its builder, the patterns.
///
/// To add a fact to the record, add a line to a list in plan.h, and fill it from the builder: set
/// `b->head.<scalar>`, or add a row with pg__plan_add. Strings are made with pg__plan_ref. Failed
/// allocations and pattern errors are sticky in `b->status`: check it once at the end.
#ifndef PROMPTGEN_CORE_PLAN_INTERNAL_H
#define PROMPTGEN_CORE_PLAN_INTERNAL_H

#include "promptgen/markdown.h"
#include "promptgen/plan.h"
#include "promptgen/regex.h"

#include <stdatomic.h>

/// Where a table stands in the block.
typedef struct pg_plan_extent {
    uint32_t at;    ///< bytes from the start of the block, a multiple of 4
    uint32_t count; ///< rows
} pg_plan_extent;

/// Start of a block. The text follows it, then the strings, then the tables.
typedef struct pg_plan_block {
    uint32_t magic;
    uint32_t schema; ///< pg_plan_schema()
    uint32_t size;   ///< bytes of the block
    pg_plan_head head;
    pg_plan_extent tables[PG_PLAN_TABLE_NUMBER];
} pg_plan_block;

#define PG_PLAN_MAGIC UINT32_C(0x50475031) // also tells the byte order

struct pg_plan {
    atomic_uint references;
    const pg_alloc *alloc;
    size_t size; ///< bytes of this struct and the block
    _Alignas(8) unsigned char block[];
};

/// A record of `size` bytes of uninitialised block with one reference; NULL without memory.
pg_plan *pg__plan_alloc(const pg_alloc *alloc, size_t size);

struct pg_patterns {
    const pg_alloc *alloc;
    pg_regex *regex[PG_PATTERN_COUNT];
    pg_phrases *labels;
    pg_phrases *headings;
    pg_phrases *keywords; ///< NULL for "achievement" alone
};

/// A record in the making.
typedef struct pg_plan_builder {
    const pg_alloc *alloc;
    const pg_markdown *md;
    const pg_patterns *patterns;
    pg_match *matches[PG_PATTERN_COUNT]; ///< made on first use
    pg_plan_head head;
    pg_buf meanings;                     ///< a pg_label byte for each row of `fields`
    pg_buf strings;                      ///< strings that are not slices of the text
    pg_buf tables[PG_PLAN_TABLE_NUMBER]; ///< rows
    const pg_md_block *blocks;           ///< of md
    uint32_t block_count;
    const pg_md_section *sections; ///< of md
    uint32_t section_count;
    pg_buf headings;    ///< a uint32_t of (1 << pg_heading) bits for each section
    uint32_t dummy[32]; ///< stands in for a row that could not be allocated
    pg_status status;   ///< first failure; PG_OK so far
    pg_error *err;      ///< nullable; tells about it
} pg_plan_builder;

/// Records a failure; the first one stays.
void pg__plan_fail(pg_plan_builder *b, pg_status status, const char *message);

/// Reference to `s`; a slice of the text costs nothing, other bytes are copied. ptr NULL gives
/// none.
pg_ref pg__plan_ref(pg_plan_builder *b, pg_str s);

/// The bytes a reference of this builder stands for; valid until the next pg__plan_ref.
pg_str pg__plan_view(const pg_plan_builder *b, pg_ref ref);

/// A new zeroed row of a table, valid until the next one is added; never NULL (after a failure it
/// is a dummy).
void *pg__plan_add(pg_plan_builder *b, pg_plan_table table);

/// Rows added so far; the pointer is valid until the next one is added.
void *pg__plan_rows(pg_plan_builder *b, pg_plan_table table, uint32_t *count);

/// Adds a warning with a printf-style message.
void pg__plan_warn(pg_plan_builder *b, const char *code, uint32_t line, const char *format, ...)
    PG_PRINTF(4, 5);

/// True when the pattern matches somewhere in `subject`; `groups[0..count)` (nullable) receive the
/// groups from 1 on, {NULL, 0} where one took no part.
bool pg__plan_match(pg_plan_builder *b, pg_pattern_name name, pg_str subject, pg_str *groups,
                    size_t count);

/// Row of the first field of that meaning with a line in [first, last], or NULL.
const pg_plan_row_fields *pg__plan_field(pg_plan_builder *b, pg_label meaning, uint32_t first,
                                         uint32_t last);

/// Whether the heading of section `index` has a meaning.
bool pg__plan_heading(const pg_plan_builder *b, uint32_t index, pg_heading meaning);

/// What the label of row `index` of `fields` means.
pg_label pg__plan_meaning(const pg_plan_builder *b, uint32_t index);

/// Index of the first row of `fields` with a line of at least `line`.
uint32_t pg__plan_field_index(pg_plan_builder *b, uint32_t line);

/// Index of the first block with a line of at least `line`.
uint32_t pg__plan_block_index(const pg_plan_builder *b, uint32_t line);

/// Last line before the first heading of rank 2, or the last line of the text: the header.
uint32_t pg__plan_header_end(const pg_plan_builder *b);

/// The steps of parsing, in this order.
void pg__plan_read_headings(pg_plan_builder *b);
void pg__plan_read_fields(pg_plan_builder *b);
void pg__plan_read_achievements(pg_plan_builder *b);
void pg__plan_read_parts(pg_plan_builder *b);
void pg__plan_read_handoff(pg_plan_builder *b);
void pg__plan_read_archive(pg_plan_builder *b);
void pg__plan_read_facets(pg_plan_builder *b);

/// Makes the record; b->status tells whether that worked.
pg_plan *pg__plan_finish(pg_plan_builder *b);

/// Frees what the builder holds.
void pg__plan_builder_free(pg_plan_builder *b);

#endif
