/// Parsing many files on all cores. See batch.h.
#include "promptgen/batch.h"

#include "promptgen/pool.h"

typedef struct batch {
    const pg_root *root;
    const pg_str *paths;
    const pg_batch_options *options;
    pg_batch_result *results;
    pg_buf texts[PG_POOL_MAX_THREADS]; ///< one for each worker, used again for its next file
} batch;

static pg_status parse_file(batch *b, size_t index, pg_buf *text, pg_batch_result *result)
{
    const pg_batch_options *o = b->options;
    if (o->deadline_ns != 0 && pg_now_ns(o->clock) >= o->deadline_ns)
        return pg_error_set(&result->err, PG_LIMIT, "the time limit was reached");
    pg_status status =
        pg_root_read(b->root, b->paths[index], 0, text, &result->signature, &result->err);
    if (status != PG_OK)
        return status;
    result->hash = pg_hash128_of(pg_buf_str(text));
    const pg_plan_options plan_options = {.patterns = o->patterns, .path = b->paths[index]};
    return pg_plan_parse(pg_buf_str(text), &plan_options, o->alloc, &result->plan, &result->err);
}

static void work(void *ctx, size_t index, unsigned worker)
{
    batch *b = ctx;
    pg_buf *text = &b->texts[worker];
    pg_batch_result *result = &b->results[index];
    *result = (pg_batch_result){.plan = NULL};
    if (parse_file(b, index, text, result) != PG_OK && text->failed)
        pg_buf_free(text); // a buffer that failed once stays failed
}

unsigned pg_batch_parse(const pg_root *root, const pg_str *paths, size_t count,
                        const pg_batch_options *options, pg_batch_result *results)
{
    batch b = {.root = root, .paths = paths, .options = options, .results = results};
    for (size_t i = 0; i < PG_POOL_MAX_THREADS; i++)
        pg_buf_init(&b.texts[i], options->alloc);
    unsigned threads = pg_pool_run(count, options->threads, work, &b);
    for (size_t i = 0; i < PG_POOL_MAX_THREADS; i++)
        pg_buf_free(&b.texts[i]);
    return threads;
}
