/// Tests of the records of the metrics store: what is checked before it is believed.
#include "support.h"

#include "metrics_record.h"
#include "metrics_totals.h"

#include "promptgen/hash.h"
#include "promptgen/metric_names.h"

#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/// A registry in which a counter, a histogram and a maximum have changed.
static pg_metrics *changed_registry(void)
{
    const pg_str labels[] = {PG_STR("next"), PG_STR("success")};
    pg_metrics *r = NULL;
    pg_series *c = NULL, *h = NULL, *g = NULL;
    assert_int_equal(pg_metrics_new_standard(NULL, NULL, &r, NULL), PG_OK);
    assert_int_equal(pg_metrics_series(r, PG_METRIC_ID_PROMPTS, labels, 2, &c, NULL), PG_OK);
    assert_int_equal(pg_metrics_series(r, PG_METRIC_ID_PROMPT_DURATION, labels, 1, &h, NULL),
                     PG_OK);
    assert_int_equal(pg_metrics_series(r, PG_METRIC_ID_LAST_SUCCESS, NULL, 0, &g, NULL), PG_OK);
    assert_int_equal(pg_counter_add(c, 2.5, NULL), PG_OK);
    pg_histogram_observe(h, 0.01);
    pg_gauge_set(g, 7);
    pg_series_release(c);
    pg_series_release(h);
    pg_series_release(g);
    return r;
}

static void put_gains(pg_buf *out)
{
    pg_metrics *r = changed_registry();
    pg_deltas *d = NULL;
    assert_int_equal(pg_metrics_take(r, &d, NULL), PG_OK);
    size_t count;
    const pg_metric_delta *rows = pg_deltas_rows(d, &count);
    pg_buf_init(out, NULL);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(pg__record_put(out, pg__deltas_series(d, i), &rows[i], 1, NULL), PG_OK);
    pg_deltas_free(d);
    pg_metrics_free(r);
}

static record *record_of_kind(const pg_buf *gains, pg_metric_kind kind)
{
    for (size_t at = 0; at < gains->len;) {
        record *r = (record *)(void *)(gains->ptr + at);
        if (r->kind == kind)
            return r;
        at += r->size;
    }
    fail_msg("no such record");
    return NULL;
}

static void test_gains_are_three_records_since_live_gauges_are_not_stored(void **state)
{
    (void)state;
    pg_buf gains;
    put_gains(&gains);
    size_t count = 0;
    for (size_t at = 0; at < gains.len; count++)
        at += ((record *)(void *)(gains.ptr + at))->size;
    assert_int_equal(count, 3);
    assert_int_equal(pg__records_check(pg_buf_str(&gains), NULL), PG_OK);
    pg_buf_free(&gains);
}

static void test_records_that_are_cut_off_do_not_verify(void **state)
{
    (void)state;
    pg_buf gains;
    put_gains(&gains);
    size_t boundary = 0;
    for (size_t cut = 0; cut <= gains.len; cut++) {
        // The bytes beyond the cut are there and good: only the length tells.
        pg_status status = pg__records_check((pg_str){gains.ptr, cut}, NULL);
        assert_int_equal(status, cut == boundary ? PG_OK : PG_CORRUPT);
        if (cut == boundary && cut < gains.len)
            boundary += ((record *)(void *)(gains.ptr + cut))->size;
    }
    pg_buf_free(&gains);
}

static void test_not_a_byte_beyond_the_records_is_read(void **state)
{
    (void)state;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *two = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(two != MAP_FAILED);
    assert_int_equal(mprotect(two + page, page, PROT_NONE), 0);
    for (size_t len = 1; len < 4; len++) {
        pg_str end = {two + page - len, len};
        assert_int_equal(pg__records_check(end, NULL), PG_CORRUPT);
    }
    pg_buf gains;
    put_gains(&gains);
    char *start = two + page - gains.len;
    memcpy(start, gains.ptr, gains.len);
    assert_int_equal(pg__records_check((pg_str){start, gains.len}, NULL), PG_OK);
    for (size_t i = 0; i < gains.len; i++) {
        start[i] = (char)~start[i];
        (void)(pg__records_check((pg_str){start, gains.len}, NULL) == PG_OK);
        start[i] = (char)~start[i];
    }
    assert_int_equal(munmap(two, 2 * page), 0);
    pg_buf_free(&gains);
}

static void test_heads_and_values_that_make_no_sense_do_not_verify(void **state)
{
    (void)state;
    pg_buf gains;
    put_gains(&gains);
    record *counter = record_of_kind(&gains, PG_METRIC_COUNTER);
    record *gauge = record_of_kind(&gains, PG_METRIC_GAUGE);
    record *histogram = record_of_kind(&gains, PG_METRIC_HISTOGRAM);
    for (int spoil = 0; spoil < 13; spoil++) {
        record c = *counter, g = *gauge, h = *histogram;
        uint64_t part = values_of(counter)[COUNTER_PART];
        switch (spoil) {
        case 0:
            counter->kind = PG_METRIC_KIND_COUNT;
            break;
        case 1:
            counter->kind = PG_METRIC_GAUGE;
            counter->mode = PG_GAUGE_MODE_COUNT;
            break;
        case 2:
            gauge->mode = PG_GAUGE_MODE_COUNT;
            break;
        case 3:
            histogram->kind = PG_METRIC_COUNTER;
            break;
        case 4:
            counter->kind = PG_METRIC_HISTOGRAM;
            break;
        case 5:
            histogram->words++;
            break;
        case 6:
            histogram->words = UINT16_MAX;
            break;
        case 7:
            counter->key_len++;
            break;
        case 8:
            counter->key_len = UINT32_MAX;
            break;
        case 9:
            counter->key_hash++;
            break;
        case 10:
            counter->size += 4;
            break;
        case 11:
            counter->size = 0;
            break;
        default:
            values_of(counter)[COUNTER_PART] = as_bits(-1);
            break;
        }
        assert_int_equal(pg__records_check(pg_buf_str(&gains), NULL), PG_CORRUPT);
        *counter = c;
        *gauge = g;
        *histogram = h;
        values_of(counter)[COUNTER_PART] = part;
        assert_int_equal(pg__records_check(pg_buf_str(&gains), NULL), PG_OK);
    }
    values_of(counter)[COUNTER_PART] = as_bits((double)NAN);
    assert_int_equal(pg__records_check(pg_buf_str(&gains), NULL), PG_CORRUPT);
    pg_buf_free(&gains);
}

/// The definition of a workflow's histogram as a record.
static record *put_own_definition(pg_buf *out)
{
    static const double bounds[] = {1, 2};
    const pg_str labels[] = {PG_STR("kind"), PG_STR("size")};
    const pg_metric_def def = {.kind = PG_METRIC_HISTOGRAM,
                               .name = PG_STR("own_bytes"),
                               .help = PG_STR("Own"),
                               .unit = PG_STR("bytes"),
                               .labels = labels,
                               .label_count = 2,
                               .bounds = bounds,
                               .bound_count = 2};
    pg_metric *m = NULL;
    assert_int_equal(pg_metric_new(NULL, NULL, &def, &m, NULL), PG_OK);
    size_t at = out->len;
    assert_int_equal(pg__record_put_definition(out, m, NULL), PG_OK);
    pg_metric_release(m);
    return (record *)(void *)(out->ptr + at);
}

static void test_definitions_that_make_no_sense_do_not_verify(void **state)
{
    (void)state;
    pg_buf bytes;
    pg_buf_init(&bytes, NULL);
    record *r = put_own_definition(&bytes);
    assert_int_equal(pg__records_check(pg_buf_str(&bytes), NULL), PG_OK);
    const struct {
        size_t word;
        uint64_t value;
    } spoilt[] = {{DEFINITION_KIND, PG_METRIC_KIND_COUNT},
                  {DEFINITION_BOUND_COUNT, PG_METRIC_BOUNDS_MAX + 1},
                  {DEFINITION_BOUND_COUNT, 3},
                  {DEFINITION_LABEL_COUNT, PG_METRIC_LABELS_MAX + 1},
                  {DEFINITION_TEXT, 0},
                  {DEFINITION_TEXT, UINT64_MAX},
                  {DEFINITION_TEXT, UINT64_MAX - 7}};
    for (size_t i = 0; i < sizeof spoilt / sizeof spoilt[0]; i++) {
        uint64_t good = values_of(r)[spoilt[i].word];
        values_of(r)[spoilt[i].word] = spoilt[i].value;
        assert_int_equal(pg__records_check(pg_buf_str(&bytes), NULL), PG_CORRUPT);
        values_of(r)[spoilt[i].word] = good;
    }
    r->mode = PG_GAUGE_MODE_COUNT;
    assert_int_equal(pg__records_check(pg_buf_str(&bytes), NULL), PG_CORRUPT);
    pg_buf_free(&bytes);
}

static bool defines(pg_str records)
{
    pg_metrics *r = NULL;
    assert_int_equal(pg_metrics_new_standard(NULL, NULL, &r, NULL), PG_OK);
    assert_int_equal(pg__records_show(records, r, NULL), PG_OK);
    pg_metric *m = pg_metrics_find(r, PG_STR("own_bytes"));
    pg_metric_release(m);
    pg_metrics_free(r);
    return m != NULL;
}

static void test_definitions_whose_text_makes_no_sense_are_passed_over(void **state)
{
    (void)state;
    pg_buf bytes;
    pg_buf_init(&bytes, NULL);
    record *r = put_own_definition(&bytes);
    assert_true(defines(pg_buf_str(&bytes)));
    char *text = (char *)(values_of(r) + DEFINITION_WORDS + 2);
    const size_t at[] = {0, 5, 12}; // lengths of help, unit and the first label
    for (size_t i = 0; i < 3; i++) {
        char good = text[at[i]];
        text[at[i]] = (char)200;
        assert_int_equal(pg__records_check(pg_buf_str(&bytes), NULL), PG_OK);
        assert_false(defines(pg_buf_str(&bytes)));
        text[at[i]] = good;
    }
    values_of(r)[DEFINITION_LABEL_COUNT] = 1; // text is left over
    assert_false(defines(pg_buf_str(&bytes)));
    pg_buf_free(&bytes);
}

static void test_a_series_with_the_key_of_a_definition_gives_way_to_it(void **state)
{
    (void)state;
    pg_buf bytes;
    pg_buf_init(&bytes, NULL);
    record head = {.kind = PG_METRIC_COUNTER, .words = COUNTER_WORDS};
    const uint64_t words[COUNTER_WORDS] = {1, 0};
    pg_buf_put(&bytes, &head, sizeof head);
    pg_buf_put(&bytes, words, sizeof words);
    size_t key_at = bytes.len;
    pg__put_counted(&bytes, PG_STR(""));
    pg__put_counted(&bytes, PG_STR("own_bytes"));
    pg__record_finish(&bytes, 0, key_at, &head);
    (void)put_own_definition(&bytes);
    assert_int_equal(pg__records_check(pg_buf_str(&bytes), NULL), PG_OK);
    pg_totals totals;
    pg__totals_init(&totals, NULL);
    for (int round = 0; round < 2; round++) // also a series in place of a definition
        assert_int_equal(pg__totals_merge(&totals, pg_buf_str(&bytes), 1 << 16, NULL), PG_OK);
    assert_int_equal(totals.count, 1);
    assert_true(defines(pg_str_slice(pg_buf_str(&totals.bytes), TOTALS_FRONT, totals.bytes.len)));
    pg__totals_free(&totals);
    pg_buf_free(&bytes);
}

/// A counter record of promptgen_retries_total; `last` is the end of its key, in place of the value
/// of its last label.
static void put_retries(pg_buf *out, pg_str last)
{
    record head = {.kind = PG_METRIC_COUNTER, .words = COUNTER_WORDS};
    const uint64_t words[COUNTER_WORDS] = {7, 0};
    pg_buf_put(out, &head, sizeof head);
    pg_buf_put(out, words, sizeof words);
    size_t key_at = out->len;
    const pg_str key[] = {PG_STR("promptgen_retries_total"), PG_STR("function"), PG_STR("f"),
                          PG_STR("error_type")};
    for (size_t i = 0; i < sizeof key / sizeof key[0]; i++)
        pg__put_counted(out, key[i]);
    pg_buf_put_str(out, last);
    pg__record_finish(out, 0, key_at, &head);
}

static void test_keys_that_end_early_are_passed_over(void **state)
{
    (void)state;
    const pg_str ends[] = {{"\2\0io", 4}, {"", 0}, {"\2", 1}, {"\3\0io", 4}, {"\2\0io\0", 5}};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        pg_buf bytes;
        pg_buf_init(&bytes, NULL);
        put_retries(&bytes, ends[i]);
        assert_int_equal(pg__records_check(pg_buf_str(&bytes), NULL), PG_OK);
        pg_metrics *r = NULL;
        assert_int_equal(pg_metrics_new_standard(NULL, NULL, &r, NULL), PG_OK);
        assert_int_equal(pg__records_show(pg_buf_str(&bytes), r, NULL), PG_OK);
        pg_metric *m = pg_metrics_find(r, PG_STR("promptgen_retries_total"));
        pg_series *s = pg_metric_next(m, NULL);
        assert_int_equal(s != NULL, i == 0); // the first one is whole
        pg_series_release(s);
        pg_metric_release(m);
        pg_metrics_free(r);
        pg_buf_free(&bytes);
    }
}

static void test_records_of_another_definition_are_passed_over(void **state)
{
    (void)state;
    pg_buf gains;
    put_gains(&gains);
    pg_metrics *r = NULL;
    assert_int_equal(pg_metrics_new(NULL, NULL, &r, NULL), PG_OK);
    const pg_str swapped[] = {PG_STR("status"), PG_STR("workflow")};
    pg_metric_def def = {.kind = PG_METRIC_COUNTER,
                         .name = PG_STR("prompt_generation_total"),
                         .help = PG_STR("Other labels"),
                         .labels = swapped,
                         .label_count = 2};
    pg_metric *m = NULL;
    assert_int_equal(pg_metrics_define(r, &def, &m, NULL), PG_OK);
    assert_int_equal(pg__records_show(pg_buf_str(&gains), r, NULL), PG_OK);
    assert_null(pg_metric_next(m, NULL));
    pg_metric_release(m);
    pg_metrics_free(r);
    pg_buf_free(&gains);
}

static void test_sums_stop_at_the_greatest_number_instead_of_wrapping(void **state)
{
    (void)state;
    pg_buf gains;
    put_gains(&gains);
    record *counter = record_of_kind(&gains, PG_METRIC_COUNTER);
    values_of(counter)[COUNTER_WHOLE] = UINT64_MAX - 1;
    pg_totals totals;
    pg__totals_init(&totals, NULL);
    for (int i = 0; i < 3; i++)
        assert_int_equal(pg__totals_merge(&totals, pg_buf_str(&gains), SIZE_MAX, NULL), PG_OK);
    pg_buf sum = {.ptr = totals.bytes.ptr + TOTALS_FRONT, .len = totals.bytes.len - TOTALS_FRONT};
    assert_true(values_of(record_of_kind(&sum, PG_METRIC_COUNTER))[COUNTER_WHOLE] == UINT64_MAX);
    assert_int_equal(totals.count, 3);
    pg__totals_free(&totals);
    pg_buf_free(&gains);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gains_are_three_records_since_live_gauges_are_not_stored),
        cmocka_unit_test(test_records_that_are_cut_off_do_not_verify),
        cmocka_unit_test(test_not_a_byte_beyond_the_records_is_read),
        cmocka_unit_test(test_heads_and_values_that_make_no_sense_do_not_verify),
        cmocka_unit_test(test_definitions_that_make_no_sense_do_not_verify),
        cmocka_unit_test(test_definitions_whose_text_makes_no_sense_are_passed_over),
        cmocka_unit_test(test_a_series_with_the_key_of_a_definition_gives_way_to_it),
        cmocka_unit_test(test_keys_that_end_early_are_passed_over),
        cmocka_unit_test(test_records_of_another_definition_are_passed_over),
        cmocka_unit_test(test_sums_stop_at_the_greatest_number_instead_of_wrapping),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
