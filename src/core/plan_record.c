/// Layouts, references and readers of records. See plan.h.
#include "promptgen/plan.h"

#include "plan_internal.h"

#include <string.h>

#define COLUMN(row, type, name) {#name, PG_PLAN_##type, (uint32_t)offsetof(row, name)},

#define ROW_IS_WORDS(symbol, name, fields, single)                                                 \
    _Static_assert(sizeof(pg_plan_row_##name) % sizeof(uint32_t) == 0, "rows are made of words");  \
    _Static_assert(_Alignof(pg_plan_row_##name) == _Alignof(uint32_t), "rows have no padding");
PG_PLAN_TABLES(ROW_IS_WORDS)
_Static_assert(sizeof(pg_plan_block) % sizeof(uint32_t) == 0, "the head is made of words");

#define HEAD_COLUMN(type, name, comment) COLUMN(pg_plan_head, type, name)
static const pg_plan_column head_columns[] = {PG_PLAN_HEAD(HEAD_COLUMN)};

// Each table needs its row type inside the list of its fields, which takes one macro per table.
#define ACHIEVEMENTS_COLUMN(type, name, comment) COLUMN(pg_plan_row_achievements, type, name)
#define PARTS_COLUMN(type, name, comment) COLUMN(pg_plan_row_parts, type, name)
#define HANDOFF_COLUMN(type, name, comment) COLUMN(pg_plan_row_handoff, type, name)
#define SECTIONS_COLUMN(type, name, comment) COLUMN(pg_plan_row_sections, type, name)
#define FIELDS_COLUMN(type, name, comment) COLUMN(pg_plan_row_fields, type, name)
#define DUPLICATES_COLUMN(type, name, comment) COLUMN(pg_plan_row_duplicates, type, name)
#define ARCHIVES_COLUMN(type, name, comment) COLUMN(pg_plan_row_archives, type, name)
#define COMPLETE_COLUMN(type, name, comment) COLUMN(pg_plan_row_complete, type, name)
#define HEADER_STATUS_COLUMN(type, name, comment) COLUMN(pg_plan_row_header_status, type, name)
#define PLANNED_COLUMN(type, name, comment) COLUMN(pg_plan_row_planned, type, name)
#define PLACEHOLDER_COLUMN(type, name, comment) COLUMN(pg_plan_row_placeholder, type, name)
#define SYNTHESIS_COLUMN(type, name, comment) COLUMN(pg_plan_row_synthesis, type, name)
#define DATE_COLUMN(type, name, comment) COLUMN(pg_plan_row_date, type, name)
#define NAMES_NUMBER_COLUMN(type, name, comment) COLUMN(pg_plan_row_names_number, type, name)
#define CLAIMS_COLUMN(type, name, comment) COLUMN(pg_plan_row_claims, type, name)
#define WARNINGS_COLUMN(type, name, comment) COLUMN(pg_plan_row_warnings, type, name)

#define TABLE_COLUMNS(symbol, name, fields, single)                                                \
    static const pg_plan_column name##_columns[] = {fields(symbol##_COLUMN)};
PG_PLAN_TABLES(TABLE_COLUMNS)

#define COLUMN_COUNT(columns) (uint32_t)(sizeof(columns) / sizeof(columns)[0])

static const pg_plan_layout head_layout = {"head", head_columns, COLUMN_COUNT(head_columns),
                                           sizeof(pg_plan_head), true};

static const pg_plan_layout table_layouts[] = {
#define TABLE_LAYOUT(symbol, name, fields, single)                                                 \
    {#name, name##_columns, COLUMN_COUNT(name##_columns), sizeof(pg_plan_row_##name), single},
    PG_PLAN_TABLES(TABLE_LAYOUT)};

const pg_plan_layout *pg_plan_head_layout(void)
{
    return &head_layout;
}

const pg_plan_layout *pg_plan_table_layout(unsigned table)
{
    return table < PG_PLAN_TABLE_NUMBER ? &table_layouts[table] : NULL;
}

#define SCHEMA_STEP(value) hash = (hash ^ (unsigned char)(value)) * UINT32_C(16777619);
#define SCHEMA_COLUMN(type, name, comment)                                                         \
    SCHEMA_STEP(PG_PLAN_##type)                                                                    \
    SCHEMA_STEP(sizeof(#name))                                                                     \
    SCHEMA_STEP(#name[0])                                                                          \
    SCHEMA_STEP(#name[sizeof(#name) / 2]) SCHEMA_STEP(#name[sizeof(#name) - 2])
#define SCHEMA_TABLE(symbol, name, fields, single)                                                 \
    SCHEMA_COLUMN(COUNT, name, "") SCHEMA_STEP(single) fields(SCHEMA_COLUMN)

uint32_t pg_plan_schema(void)
{
    // Raised when the meaning of a field changes and its name does not. All is constant, so that
    // compilers reduce it to one number.
    const uint32_t revision = 1;
    uint32_t hash = UINT32_C(2166136261);
    SCHEMA_STEP(revision)
    PG_PLAN_HEAD(SCHEMA_COLUMN)
    PG_PLAN_TABLES(SCHEMA_TABLE)
    return hash;
}

pg_plan *pg__plan_alloc(const pg_alloc *alloc, size_t size)
{
    pg_plan *plan = pg_malloc(alloc, sizeof *plan + size);
    if (plan == NULL)
        return NULL;
    atomic_init(&plan->references, 1);
    plan->alloc = alloc;
    plan->size = sizeof *plan + size;
    return plan;
}

pg_plan *pg_plan_retain(pg_plan *plan)
{
    atomic_fetch_add_explicit(&plan->references, 1, memory_order_relaxed);
    return plan;
}

void pg_plan_release(pg_plan *plan)
{
    if (plan == NULL || atomic_fetch_sub_explicit(&plan->references, 1, memory_order_acq_rel) != 1)
        return;
    pg_free(plan->alloc, plan, plan->size);
}

static const pg_plan_block *block_of(const pg_plan *plan)
{
    return (const pg_plan_block *)(const void *)plan->block;
}

pg_str pg_plan_dump(const pg_plan *plan)
{
    return (pg_str){(const char *)plan->block, block_of(plan)->size};
}

const pg_plan_head *pg_plan_scalars(const pg_plan *plan)
{
    return &block_of(plan)->head;
}

const void *pg_plan_rows(const pg_plan *plan, pg_plan_table table, uint32_t *count)
{
    const pg_plan_extent *extent = &block_of(plan)->tables[table];
    *count = extent->count;
    return plan->block + extent->at;
}

pg_str pg_plan_str(const pg_plan *plan, pg_ref ref)
{
    if (ref.at == 0)
        return (pg_str){NULL, 0};
    return (pg_str){(const char *)plan->block + ref.at, ref.len};
}

/// Offset of the start of line `line` (1-based) in `text`, at most its length.
static size_t line_start(pg_str text, uint32_t line)
{
    size_t at = 0;
    for (uint32_t i = 1; i < line && at < text.len; i++) {
        const char *end = memchr(text.ptr + at, '\n', text.len - at);
        at = end != NULL ? (size_t)(end - text.ptr) + 1 : text.len;
    }
    return at;
}

pg_str pg_plan_text(const pg_plan *plan, uint32_t first, uint32_t last)
{
    pg_str text = pg_plan_str(plan, pg_plan_scalars(plan)->text);
    if (last < first || last == 0)
        return pg_str_slice(text, 0, 0);
    size_t from = line_start(text, first);
    pg_str rest = pg_str_slice(text, from, text.len);
    uint32_t lines = last - (first > 0 ? first : 1);
    size_t end = line_start(rest, lines < UINT32_MAX - 1 ? lines + 2 : UINT32_MAX);
    if (end > 0 && rest.ptr[end - 1] == '\n')
        end--;
    return pg_str_slice(rest, 0, end);
}
