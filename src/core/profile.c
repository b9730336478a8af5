/// The tree of a profile, its functions and its clock. See promptgen/profile.h.
#include "profile_internal.h"

#include "promptgen/pack.h"

#include <string.h>

pg_status pg_profile_new(const pg_alloc *alloc, const pg_clock *clock, pg_profile **out,
                         pg_error *err)
{
    *out = NULL;
    pg_profile *p = pg_calloc(alloc, 1, sizeof *p);
    if (p == NULL)
        return pg_error_set(err, PG_NOMEM, "out of memory");
    p->alloc = alloc;
    p->clock = clock;
    pg_buf_init(&p->text, alloc);
    if (!pg__profile_room(p, (void **)&p->nodes, 0, &p->node_cap, sizeof *p->nodes,
                          PG_PROFILE_MAX_NODES)) {
        pg_profile_free(p);
        return pg_error_set(err, PG_NOMEM, "out of memory");
    }
    pg_profile_restart(p);
    *out = p;
    return PG_OK;
}

void pg_profile_free(pg_profile *p)
{
    if (p == NULL)
        return;
    pg__profile_drop_threads(p);
    pg_free(p->alloc, p->nodes, p->node_cap * sizeof *p->nodes);
    pg_free(p->alloc, p->functions, p->function_cap * sizeof *p->functions);
    pg_free(p->alloc, p->spans, p->span_cap * sizeof *p->spans);
    pg_buf_free(&p->text);
    pg_free(p->alloc, p, sizeof *p);
}

void pg_profile_restart(pg_profile *p)
{
    pg__profile_drop_threads(p);
    p->nodes[PG__PROFILE_ROOT] =
        (pg__profile_node){.parent = PG_PROFILE_NONE, .function = PG_PROFILE_NONE};
    p->node_count = 1;
    p->span_count = 0;
    p->running = false;
    p->overhead_ns = 0;
    p->lost = 0;
    p->shortest_ns = INT64_MAX;
    p->start_ns = p->mark_ns = pg_now_ns(p->clock);
}

bool pg__profile_room(pg_profile *p, void **array, uint32_t count, uint32_t *cap, size_t size,
                      uint32_t max)
{
    if (count < *cap)
        return true;
    uint32_t wanted = *cap == 0 ? 64 : *cap * 2;
    wanted = wanted < max ? wanted : max;
    void *grown = wanted <= count ? NULL : pg_realloc(p->alloc, *array, *cap * size, wanted * size);
    if (grown == NULL) {
        p->lost++;
        return false;
    }
    *array = grown;
    *cap = wanted;
    return true;
}

/// Nanoseconds since the mark, which moves to now; a clock that runs backwards gives 0.
static int64_t lap(pg_profile *p)
{
    int64_t now = pg_now_ns(p->clock);
    int64_t passed = now > p->mark_ns ? now - p->mark_ns : 0;
    p->mark_ns = now;
    return passed;
}

void pg_profile_calibrate(pg_profile *p)
{
    if (p->shortest_ns != INT64_MAX)
        p->report_ns = p->shortest_ns;
    pg_profile_restart(p);
}

void pg_profile_pause(pg_profile *p)
{
    if (!p->running)
        return;
    int64_t passed = lap(p);
    if (passed < p->shortest_ns)
        p->shortest_ns = passed;
    int64_t report = p->report_ns < passed ? p->report_ns : passed;
    p->nodes[pg__profile_running(p)].self_ns += passed - report;
    p->overhead_ns += report;
    p->running = false;
}

void pg_profile_resume(pg_profile *p)
{
    if (p->running)
        return;
    p->overhead_ns += lap(p);
    p->running = true;
}

uint32_t pg__profile_child(pg_profile *p, uint32_t parent, uint32_t function)
{
    for (uint32_t at = p->nodes[parent].first_child; at != 0; at = p->nodes[at].next_sibling)
        if (p->nodes[at].function == function)
            return at;
    if (function == PG_PROFILE_NONE ||
        !pg__profile_room(p, (void **)&p->nodes, p->node_count, &p->node_cap, sizeof *p->nodes,
                          PG_PROFILE_MAX_NODES))
        return parent;
    uint32_t made = p->node_count++;
    p->nodes[made] = (pg__profile_node){
        .parent = parent, .function = function, .next_sibling = p->nodes[parent].first_child};
    p->nodes[parent].first_child = made;
    return made;
}

/// Appends text, at most PG_PROFILE_MAX_TEXT bytes of it; false when there is no memory.
static bool keep_text(pg_profile *p, pg_str text, uint32_t *at, uint32_t *len)
{
    if (text.len > PG_PROFILE_MAX_TEXT)
        text = pg_str_slice(text, text.len - PG_PROFILE_MAX_TEXT, text.len);
    p->text.failed = false; // a failed growth left the content as it was
    size_t start = p->text.len;
    pg_buf_put_str(&p->text, text);
    if (p->text.failed)
        return false;
    *at = (uint32_t)start;
    *len = (uint32_t)text.len;
    return true;
}

uint32_t pg_profile_add(pg_profile *p, const pg_profile_function *function)
{
    pg__profile_entry entry = {.kind = function->kind, .line = function->line};
    if (!pg__profile_room(p, (void **)&p->functions, p->function_count, &p->function_cap,
                          sizeof *p->functions, PG_PROFILE_MAX_FUNCTIONS))
        return PG_PROFILE_NONE;
    if (!keep_text(p, function->name, &entry.name_at, &entry.name_len) ||
        !keep_text(p, function->source, &entry.source_at, &entry.source_len)) {
        p->lost++;
        return PG_PROFILE_NONE;
    }
    p->functions[p->function_count] = entry;
    return p->function_count++;
}

uint32_t pg_profile_functions(const pg_profile *p)
{
    return p->function_count;
}

pg_profile_function pg_profile_function_at(const pg_profile *p, uint32_t function)
{
    const pg__profile_entry *entry = &p->functions[function];
    const char *text = p->text.ptr != NULL ? p->text.ptr : "";
    return (pg_profile_function){
        .kind = entry->kind,
        .line = entry->line,
        .name = {text + entry->name_at, entry->name_len},
        .source = {text + entry->source_at, entry->source_len},
    };
}

void pg_profile_rename(pg_profile *p, uint32_t function, pg_str name)
{
    uint32_t at;
    uint32_t len;
    if (!keep_text(p, name, &at, &len))
        return;
    p->functions[function].name_at = at;
    p->functions[function].name_len = len;
}

uint32_t pg__profile_span_name(pg_profile *p, pg_str name)
{
    for (uint32_t i = 0; i < p->span_name_count; i++)
        if (pg_str_equal(pg_profile_function_at(p, p->span_names[i]).name, name))
            return p->span_names[i];
    if (p->span_name_count == PG_PROFILE_MAX_SPAN_NAMES)
        return p->span_names[PG_PROFILE_MAX_SPAN_NAMES - 1];
    pg_profile_function function = {
        .kind = PG_PROFILE_SPAN,
        .name =
            p->span_name_count == PG_PROFILE_MAX_SPAN_NAMES - 1 ? PG_STR("(other spans)") : name,
    };
    uint32_t made = pg_profile_add(p, &function);
    if (made != PG_PROFILE_NONE)
        p->span_names[p->span_name_count++] = made;
    return made;
}

static void pack_functions(const pg_profile *p, pg_buf *out)
{
    static const char *const kinds[] = {"lua", "c", "span"};
    pg_pack_array(out, p->function_count);
    for (uint32_t i = 0; i < p->function_count; i++) {
        pg_profile_function function = pg_profile_function_at(p, i);
        pg_pack_array(out, 4);
        pg_pack_str(out, pg_str_from(kinds[function.kind]));
        pg_pack_str(out, function.name);
        pg_pack_str(out, function.source);
        pg_pack_int(out, function.line);
    }
}

/// PG_PROFILE_NONE as -1.
static int64_t number(uint32_t value)
{
    return value == PG_PROFILE_NONE ? -1 : (int64_t)value;
}

static void pack_nodes(const pg_profile *p, pg_buf *out)
{
    pg_pack_array(out, p->node_count * 4);
    for (uint32_t i = 0; i < p->node_count; i++) {
        const pg__profile_node *node = &p->nodes[i];
        pg_pack_int(out, number(node->parent));
        pg_pack_int(out, number(node->function));
        pg_pack_int(out, node->calls <= INT64_MAX ? (int64_t)node->calls : INT64_MAX);
        pg_pack_int(out, node->self_ns);
    }
}

static void pack_spans(const pg_profile *p, pg_buf *out)
{
    pg_pack_array(out, p->span_count * 3);
    for (uint32_t i = 0; i < p->span_count; i++) {
        const pg__profile_span *span = &p->spans[i];
        pg_pack_int(out, number(span->function));
        pg_pack_int(out, span->start_ns);
        pg_pack_int(out, span->end_ns >= 0 ? span->end_ns : p->mark_ns);
    }
}

static void pack_number(pg_buf *out, pg_str key, int64_t value)
{
    pg_pack_str(out, key);
    pg_pack_int(out, value);
}

pg_status pg_profile_pack(const pg_profile *p, pg_buf *out, pg_error *err)
{
    pg_pack_map(out, 7);
    pack_number(out, PG_STR("start"), p->start_ns);
    pack_number(out, PG_STR("end"), p->mark_ns);
    pack_number(out, PG_STR("overhead"), p->overhead_ns);
    pack_number(out, PG_STR("lost"), (int64_t)p->lost);
    pg_pack_str(out, PG_STR("functions"));
    pack_functions(p, out);
    pg_pack_str(out, PG_STR("nodes"));
    pack_nodes(p, out);
    pg_pack_str(out, PG_STR("spans"));
    pack_spans(p, out);
    return out->failed ? pg_error_set(err, PG_NOMEM, "out of memory") : PG_OK;
}
