/// Puts the facets of a document into its record. See promptgen/facets.h.
#include "promptgen/facets.h"

#include "plan_internal.h"

/// The achievements as the facets unit sees them; NULL when there are none, or without memory.
static pg_facet_achievement *list_achievements(pg_plan_builder *b, uint32_t count)
{
    const pg_plan_row_achievements *rows = pg__plan_rows(b, PG_PLAN_TABLE_ACHIEVEMENTS, &count);
    pg_facet_achievement *list = count > 0 ? pg_calloc(b->alloc, count, sizeof(*list)) : NULL;
    for (uint32_t i = 0; list != NULL && i < count; i++)
        list[i] = (pg_facet_achievement){.number = pg__plan_view(b, rows[i].number),
                                         .priority = pg__plan_view(b, rows[i].priority),
                                         .title = pg__plan_view(b, rows[i].title_raw),
                                         .line = rows[i].line,
                                         .marked = rows[i].mark.at != 0};
    return list;
}

/// Reference to a number of the plan: the one its achievement already has.
static pg_ref number_ref(pg_plan_builder *b, pg_str number)
{
    uint32_t count = 0;
    const pg_plan_row_achievements *rows = pg__plan_rows(b, PG_PLAN_TABLE_ACHIEVEMENTS, &count);
    for (uint32_t i = 0; i < count; i++)
        if (pg_str_equal(pg__plan_view(b, rows[i].number), number))
            return rows[i].number;
    return (pg_ref){0, 0};
}

static void put_status(pg_plan_builder *b, const pg_facets *facets)
{
    static const char *const places[] = {"", "header", "completion", "closing"};
    b->head.says_complete = facets->says_complete;
    b->head.stale_header = facets->stale_header;
    if (facets->complete.line != 0) {
        pg_ref where = pg__plan_ref(b, pg_str_from(places[facets->where]));
        pg_plan_row_complete *row = pg__plan_add(b, PG_PLAN_TABLE_COMPLETE);
        row->line = facets->complete.line;
        row->says = pg__plan_ref(b, facets->complete.says);
        row->where = where;
    }
    if (facets->header.line != 0) {
        pg_plan_row_header_status *row = pg__plan_add(b, PG_PLAN_TABLE_HEADER_STATUS);
        row->line = facets->header.line;
        row->says = pg__plan_ref(b, facets->header.says);
        row->complete = facets->header_complete;
    }
}

static void put_work(pg_plan_builder *b, const pg_facets *facets)
{
    for (size_t i = 0; i < facets->planned_count; i++) {
        pg_plan_row_planned *row = pg__plan_add(b, PG_PLAN_TABLE_PLANNED);
        row->code = pg__plan_ref(b, facets->planned[i].code);
        row->feature = pg__plan_ref(b, facets->planned[i].feature);
        row->line = facets->planned[i].line;
    }
    if (facets->placeholder.line != 0) {
        pg_plan_row_placeholder *row = pg__plan_add(b, PG_PLAN_TABLE_PLACEHOLDER);
        row->line = facets->placeholder.line;
        row->says = pg__plan_ref(b, facets->placeholder.says);
    }
    if (facets->synthesis != 0) {
        pg_plan_row_synthesis *row = pg__plan_add(b, PG_PLAN_TABLE_SYNTHESIS);
        row->line = facets->synthesis;
    }
}

static void put_names(pg_plan_builder *b, const pg_facets *facets)
{
    if (facets->date_line != 0) {
        pg_ref value = pg__plan_ref(b, pg_str_from(facets->date));
        pg_plan_row_date *row = pg__plan_add(b, PG_PLAN_TABLE_DATE);
        row->value = value;
        row->line = facets->date_line;
    }
    if (facets->number.line != 0) {
        pg_plan_row_names_number *row = pg__plan_add(b, PG_PLAN_TABLE_NAMES_NUMBER);
        row->number = pg__plan_ref(b, facets->number.says);
        row->line = facets->number.line;
    }
    for (size_t i = 0; i < facets->claim_count; i++) {
        pg_plan_row_claims *row = pg__plan_add(b, PG_PLAN_TABLE_CLAIMS);
        row->number = number_ref(b, facets->claims[i].number);
        row->line = facets->claims[i].line;
        row->says = pg__plan_ref(b, facets->claims[i].says);
    }
}

void pg__plan_read_facets(pg_plan_builder *b)
{
    uint32_t count = 0, handoffs = 0;
    (void)pg__plan_rows(b, PG_PLAN_TABLE_ACHIEVEMENTS, &count);
    const pg_plan_row_handoff *handoff = pg__plan_rows(b, PG_PLAN_TABLE_HANDOFF, &handoffs);
    pg_facet_achievement *achievements = list_achievements(b, count);
    if (b->status != PG_OK || b->strings.failed || (achievements == NULL && count > 0)) {
        pg__plan_fail(b, PG_NOMEM, "no memory for a plan record");
        pg_free(b->alloc, achievements, count * sizeof(*achievements));
        return;
    }
    pg_facet_plan plan = {.achievements = achievements,
                          .achievement_count = count,
                          .handoff_line = handoffs > 0 ? handoff->line : 0,
                          .handoff_end = handoffs > 0 ? handoff->end_line : 0,
                          .handoff_next = pg__plan_view(b, b->head.handoff_next),
                          .keywords = b->patterns->keywords};
    pg_facets facets;
    pg_status status = pg_facets_read(b->md, &plan, b->alloc, &facets, b->err);
    if (status == PG_OK) {
        put_status(b, &facets);
        put_work(b, &facets);
        put_names(b, &facets);
        pg_facets_free(&facets, b->alloc);
    } else {
        pg__plan_fail(b, status, "no memory for the facets of a document");
    }
    pg_free(b->alloc, achievements, count * sizeof(*achievements));
}
