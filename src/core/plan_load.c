/// Taking a record back from bytes that may be anything. See plan.h.
#include "promptgen/plan.h"

#include "plan_internal.h"

#include <string.h>

/// What the checks need to know of a block.
typedef struct checker {
    const unsigned char *bytes;
    uint32_t size;
    uint32_t lines; ///< lines of the text, as the head says
    const pg_plan_extent *tables;
} checker;

static bool check_value(const checker *c, pg_plan_type type, const unsigned char *value)
{
    uint32_t words[2] = {0, 0};
    memcpy(words, value, type == PG_PLAN_REF || type == PG_PLAN_PARTS ? 8 : 4);
    switch (type) {
    case PG_PLAN_REF:
        if (words[0] == 0)
            return words[1] == 0;
        return words[0] >= sizeof(pg_plan_block) && words[0] <= c->size &&
               words[1] <= c->size - words[0];
    case PG_PLAN_LINE:
        return words[0] <= c->lines;
    case PG_PLAN_FLAG:
        return words[0] <= 1;
    case PG_PLAN_PARTS: {
        uint32_t count = c->tables[PG_PLAN_TABLE_PARTS].count;
        return words[0] <= count && words[1] <= count - words[0];
    }
    default:
        return true;
    }
}

static bool check_row(const checker *c, const pg_plan_layout *layout, const unsigned char *row)
{
    for (uint32_t i = 0; i < layout->column_count; i++)
        if (!check_value(c, layout->columns[i].type, row + layout->columns[i].offset))
            return false;
    return true;
}

static bool check_table(const checker *c, unsigned table)
{
    const pg_plan_layout *layout = pg_plan_table_layout(table);
    const pg_plan_extent *extent = &c->tables[table];
    if (extent->at % sizeof(uint32_t) != 0 || extent->at < sizeof(pg_plan_block) ||
        extent->at > c->size || extent->count > (c->size - extent->at) / layout->row_size ||
        (layout->single && extent->count > 1))
        return false;
    for (uint32_t i = 0; i < extent->count; i++)
        if (!check_row(c, layout, c->bytes + extent->at + (size_t)i * layout->row_size))
            return false;
    return true;
}

/// The number of lines bounds every line of the record, so it must be that of the text.
static bool check_lines(const checker *c, const pg_plan_head *head)
{
    if (head->text.at == 0)
        return false;
    const char *text = (const char *)c->bytes + head->text.at;
    uint32_t lines = 0;
    size_t at = 0;
    while (at < head->text.len) {
        const char *end = memchr(text + at, '\n', head->text.len - at);
        at = end != NULL ? (size_t)(end - text) + 1 : head->text.len;
        lines++;
    }
    return lines == head->lines;
}

static bool check_block(const unsigned char *bytes, size_t size)
{
    pg_plan_block block;
    if (size < sizeof block)
        return false;
    memcpy(&block, bytes, sizeof block);
    if (block.magic != PG_PLAN_MAGIC || block.schema != pg_plan_schema() || block.size != size)
        return false;
    checker c = {bytes, block.size, block.head.lines, block.tables};
    if (!check_row(&c, pg_plan_head_layout(), (const unsigned char *)&block.head) ||
        !check_lines(&c, &block.head))
        return false;
    for (unsigned table = 0; table < PG_PLAN_TABLE_NUMBER; table++)
        if (!check_table(&c, table))
            return false;
    return true;
}

pg_status pg_plan_load(pg_str bytes, const pg_alloc *alloc, pg_plan **out, pg_error *err)
{
    *out = NULL;
    if (!check_block((const unsigned char *)bytes.ptr, bytes.len))
        return pg_error_set(err, PG_CORRUPT, "the bytes are not a plan record of this version");
    pg_plan *plan = pg__plan_alloc(alloc, bytes.len);
    if (plan == NULL)
        return pg_error_set(err, PG_NOMEM, "no memory for a record of %zu bytes", bytes.len);
    memcpy(plan->block, bytes.ptr, bytes.len);
    *out = plan;
    return PG_OK;
}
