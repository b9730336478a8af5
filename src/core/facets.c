/// Reads the facets of a document in one walk. See promptgen/facets.h.
#include "promptgen/facets.h"

#include "facets_internal.h"

#include <string.h>

/// The number that the first heading names.
static void read_title(const pg_markdown *md, const pg_phrases *keywords, pg_facets *out)
{
    uint32_t count = 0;
    const pg_md_block *blocks = pg_markdown_blocks(md, &count);
    for (uint32_t i = 0; i < count; i = blocks[i].next) {
        if (blocks[i].kind != PG_MD_HEADING)
            continue;
        pg_str number = pg__achievement_number(keywords, pg_markdown_heading_text(md, i));
        if (number.len > 0)
            out->number = (pg_facet_line){blocks[i].line, number};
        return;
    }
}

static bool visit(void *self, const pg_facet_context *context, uint32_t line, pg_str text)
{
    pg_facet_reader *reader = self;
    pg__facet_status_line(reader, context, line, text);
    pg__facet_date_line(reader, context, line, text);
    pg__facet_placeholder_line(reader, context, line, text);
    pg__facet_synthesis_line(reader, context, line, text);
    pg__facet_claim_line(reader, context, line, text);
    return pg__facet_planned_line(reader, context, line, text);
}

pg_status pg_facets_read(const pg_markdown *md, const pg_facet_plan *plan, const pg_alloc *alloc,
                         pg_facets *out, pg_error *err)
{
    memset(out, 0, sizeof(*out));
    pg_facet_reader reader = {.md = md, .plan = plan, .alloc = alloc, .out = out};
    reader.keywords = plan != NULL ? plan->keywords : NULL;
    read_title(md, reader.keywords, out);
    reader.own_number = out->number.says;
    bool done = pg__facet_claims_begin(&reader) && pg__facet_walk(md, visit, &reader) &&
                pg__facet_claims_end(&reader);
    pg__facet_claims_free(&reader);
    if (!done) {
        pg_facets_free(out, alloc);
        return pg_error_set(err, PG_NOMEM, "out of memory");
    }
    pg__facet_status_end(&reader);
    // Header and closing block both complete: the work was brought together.
    if (out->synthesis == 0 && out->header_complete && reader.closing_complete)
        out->synthesis = out->header.line;
    return PG_OK;
}

void pg_facets_free(pg_facets *facets, const pg_alloc *alloc)
{
    pg_free(alloc, facets->planned, facets->planned_cap * sizeof(*facets->planned));
    pg_free(alloc, facets->claims, facets->claim_count * sizeof(*facets->claims));
    memset(facets, 0, sizeof(*facets));
}
