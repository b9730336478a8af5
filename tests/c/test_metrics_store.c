/// Tests of the file of totals: accumulation, damage, locks, limits.
#include "support.h"

#include "metrics_store_internal.h"

#include "promptgen/hash.h"
#include "promptgen/metric_names.h"

#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const pg_str labels[] = {{"next", 4}, {"success", 7}};

/// A directory, a store in it, and the wall clock of both.
typedef struct fixture {
    char dir[64];
    char state[96]; ///< does not exist at first
    test_clock wall;
    pg_metrics_store *store;
} fixture;

static int setup(void **state)
{
    static fixture f;
    memset(&f, 0, sizeof f);
    test_temp_dir(f.dir, sizeof f.dir);
    (void)snprintf(f.state, sizeof f.state, "%s/a/b", f.dir);
    test_clock_init(&f.wall, INT64_C(1700000000) * PG_NS_PER_SECOND);
    pg_metrics_store_options options = {.wall = &f.wall.clock, .lock_wait_ns = -1};
    assert_int_equal(pg_metrics_store_new(pg_str_from(f.state), &options, &f.store, NULL), PG_OK);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    pg_metrics_store_free(f->store);
    test_remove_tree(f->dir);
    return 0;
}

static pg_metrics *standard(fixture *f)
{
    pg_metrics *r = NULL;
    assert_int_equal(pg_metrics_new_standard(NULL, &f->wall.clock, &r, NULL), PG_OK);
    return r;
}

static void add_prompts(pg_metrics *r, double amount)
{
    pg_series *s = NULL;
    assert_int_equal(pg_metrics_series(r, PG_METRIC_ID_PROMPTS, labels, 2, &s, NULL), PG_OK);
    assert_int_equal(pg_counter_add(s, amount, NULL), PG_OK);
    pg_series_release(s);
}

static pg_flush_result flush(fixture *f, pg_metrics *r)
{
    pg_flush_result result;
    pg_error err = {0};
    assert_int_equal(pg_metrics_store_flush(f->store, r, false, &result, &err), PG_OK);
    assert_int_equal(err.code, PG_OK);
    return result;
}

/// One process: counts `amount` prompts, flushes, ends.
static pg_flush_result run_process(fixture *f, double amount)
{
    pg_metrics *r = standard(f);
    add_prompts(r, amount);
    pg_flush_result result = flush(f, r);
    pg_metrics_free(r);
    return result;
}

static pg_metrics *load(fixture *f)
{
    pg_metrics *r = standard(f);
    pg_error err = {0};
    assert_int_equal(pg_metrics_store_load(f->store, r, &err), PG_OK);
    assert_int_equal(err.code, PG_OK);
    return r;
}

static double total_of(fixture *f, pg_metric_id id, const pg_str *values, size_t count)
{
    pg_metrics *r = load(f);
    pg_series *s = NULL;
    assert_int_equal(pg_metrics_series(r, id, values, count, &s, NULL), PG_OK);
    double value = pg_series_value(s);
    pg_series_release(s);
    pg_metrics_free(r);
    return value;
}

static double prompts_total(fixture *f)
{
    return total_of(f, PG_METRIC_ID_PROMPTS, labels, 2);
}

static char *path_of(fixture *f, const char *name)
{
    static char path[160];
    (void)snprintf(path, sizeof path, "%s/%s", f->state, name);
    return path;
}

static bool exists(fixture *f, const char *name)
{
    struct stat st;
    return lstat(path_of(f, name), &st) == 0;
}

static size_t read_file(const char *path, char **bytes)
{
    FILE *in = fopen(path, "rb");
    assert_non_null(in);
    assert_int_equal(fseek(in, 0, SEEK_END), 0);
    size_t size = (size_t)ftell(in);
    rewind(in);
    *bytes = malloc(size + 1);
    assert_non_null(*bytes);
    assert_int_equal(fread(*bytes, 1, size, in), size);
    assert_int_equal(fclose(in), 0);
    return size;
}

static void test_totals_add_up_over_processes(void **state)
{
    fixture *f = *state;
    assert_int_equal(run_process(f, 1), PG_FLUSH_STORED);
    assert_int_equal(run_process(f, 2), PG_FLUSH_STORED);
    assert_int_equal(run_process(f, 0.5), PG_FLUSH_STORED);
    assert_true(prompts_total(f) == 3.5);
    assert_false(exists(f, "metrics.v1.bad"));
}

static void test_without_a_gain_no_file_is_touched(void **state)
{
    fixture *f = *state;
    pg_metrics *r = standard(f); // build_info is a live gauge
    assert_int_equal(flush(f, r), PG_FLUSH_NOTHING);
    assert_int_equal(pg_metrics_store_flush(f->store, r, true, NULL, NULL), PG_OK);
    assert_false(exists(f, ""));
    assert_true(prompts_total(f) == 0); // no file is no error
    pg_metrics_free(r);
}

static void test_only_what_is_new_is_added(void **state)
{
    fixture *f = *state;
    pg_metrics *r = standard(f);
    add_prompts(r, 3);
    assert_int_equal(flush(f, r), PG_FLUSH_STORED);
    assert_int_equal(flush(f, r), PG_FLUSH_NOTHING);
    add_prompts(r, 4);
    assert_int_equal(flush(f, r), PG_FLUSH_STORED);
    assert_true(prompts_total(f) == 7);
    pg_metrics_free(r);
}

static void test_a_loaded_registry_writes_the_totals_as_text(void **state)
{
    fixture *f = *state;
    (void)run_process(f, 2);
    f->wall.now += 5 * PG_NS_PER_SECOND;
    (void)run_process(f, 3);
    pg_metrics *r = load(f);
    pg_buf text;
    pg_buf_init(&text, NULL);
    assert_int_equal(pg_metrics_write(r, PG_METRICS_OPENMETRICS, &text, NULL), PG_OK);
    pg_str total = PG_STR("prompt_generation_total{workflow=\"next\",status=\"success\"} 5\n");
    pg_str created = // of the first process
        PG_STR("prompt_generation_created{workflow=\"next\",status=\"success\"} 1700000000.000\n");
    assert_true(pg_str_find(pg_buf_str(&text), total, 0) != (size_t)-1);
    assert_true(pg_str_find(pg_buf_str(&text), created, 0) != (size_t)-1);
    pg_buf_free(&text);
    pg_metrics_free(r);
}

static pg_status define_gauge(pg_metrics *r, const char *name, pg_gauge_mode mode, pg_series **out)
{
    pg_metric_def def = {
        .kind = PG_METRIC_GAUGE, .name = pg_str_from(name), .help = PG_STR("G"), .mode = mode};
    pg_metric *m = NULL;
    pg_status status = pg_metrics_define(r, &def, &m, NULL);
    if (status == PG_OK)
        status = pg_metric_series(m, NULL, 0, out, NULL);
    pg_metric_release(m);
    return status;
}

static void test_gauges_follow_their_mode(void **state)
{
    fixture *f = *state;
    static const char *const names[] = {"g_live", "g_last", "g_max", "g_min"};
    const double sets[] = {5, 9, 7};
    const double expected[] = {0, 7, 9, 5};
    for (size_t i = 0; i < 3; i++) {
        pg_metrics *r = standard(f);
        for (int mode = 0; mode < PG_GAUGE_MODE_COUNT; mode++) {
            pg_series *s = NULL;
            assert_int_equal(define_gauge(r, names[mode], (pg_gauge_mode)mode, &s), PG_OK);
            pg_gauge_set(s, sets[i]);
            pg_series_release(s);
        }
        f->wall.now += 1;
        assert_int_equal(flush(f, r), PG_FLUSH_STORED);
        pg_metrics_free(r);
    }
    pg_metrics *r = standard(f);
    pg_series *s[PG_GAUGE_MODE_COUNT];
    for (int mode = 0; mode < PG_GAUGE_MODE_COUNT; mode++)
        assert_int_equal(define_gauge(r, names[mode], (pg_gauge_mode)mode, &s[mode]), PG_OK);
    assert_int_equal(pg_metrics_store_load(f->store, r, NULL), PG_OK);
    for (int mode = 0; mode < PG_GAUGE_MODE_COUNT; mode++) {
        assert_true(pg_series_value(s[mode]) == expected[mode]);
        pg_series_release(s[mode]);
    }
    pg_metrics_free(r);
}

static void observe(fixture *f, const double *bounds, size_t count, double value)
{
    pg_metrics *r = standard(f);
    pg_metric_def def = {.kind = PG_METRIC_HISTOGRAM,
                         .name = PG_STR("h"),
                         .help = PG_STR("H"),
                         .bounds = bounds,
                         .bound_count = count};
    pg_metric *m = NULL;
    pg_series *s = NULL;
    assert_int_equal(pg_metrics_define(r, &def, &m, NULL), PG_OK);
    assert_int_equal(pg_metric_series(m, NULL, 0, &s, NULL), PG_OK);
    pg_histogram_observe(s, value);
    assert_int_equal(flush(f, r), PG_FLUSH_STORED);
    pg_series_release(s);
    pg_metric_release(m);
    pg_metrics_free(r);
}

static pg_histogram_summary summary_of_h(fixture *f, const double *bounds, size_t count,
                                         int64_t *created)
{
    pg_metrics *r = standard(f);
    pg_metric_def def = {.kind = PG_METRIC_HISTOGRAM,
                         .name = PG_STR("h"),
                         .help = PG_STR("H"),
                         .bounds = bounds,
                         .bound_count = count};
    pg_metric *m = NULL;
    pg_series *s = NULL;
    pg_histogram_summary y;
    assert_int_equal(pg_metrics_define(r, &def, &m, NULL), PG_OK);
    assert_int_equal(pg_metrics_store_load(f->store, r, NULL), PG_OK);
    assert_int_equal(pg_metric_series(m, NULL, 0, &s, NULL), PG_OK);
    pg_histogram_summarise(s, &y);
    *created = pg_series_created_ns(s);
    pg_series_release(s);
    pg_metric_release(m);
    pg_metrics_free(r);
    return y;
}

static void test_histograms_add_up_and_start_anew_with_other_bounds(void **state)
{
    fixture *f = *state;
    const double first[] = {1, 2, 3}, moved[] = {1, 2, 4}, more[] = {1, 2, 3, 4};
    int64_t begin = f->wall.now, created;
    observe(f, first, 3, 0.5);
    f->wall.now += 10;
    observe(f, first, 3, 2.5);
    pg_histogram_summary y = summary_of_h(f, first, 3, &created);
    assert_true(y.count == 2 && y.sum == 3 && y.min == 0.5 && y.max == 2.5);
    assert_int_equal(created, begin);
    observe(f, moved, 3, 2.5);
    y = summary_of_h(f, moved, 3, &created);
    assert_true(y.count == 1 && y.sum == 2.5);
    assert_int_equal(created, begin + 10);
    assert_int_equal(summary_of_h(f, first, 3, &created).count, 0); // not shown as something else
    observe(f, more, 4, 9);
    assert_int_equal(summary_of_h(f, more, 4, &created).count, 1);
    observe(f, more, 4, (double)INFINITY);
    observe(f, more, 4, 1);
    y = summary_of_h(f, more, 4, &created);
    assert_true(y.count == 3 && isinf(y.sum) && y.min == 1);
}

static void test_a_torn_half_gives_the_generation_before(void **state)
{
    fixture *f = *state;
    (void)run_process(f, 1); // writes generations 1 and 2
    (void)run_process(f, 2); // generation 3, in the first half
    (void)run_process(f, 4); // generation 4, in the second half
    int fd = open(path_of(f, "metrics.v1"), O_RDWR);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, "torn", 4, PG_METRICS_STORE_HALF + 100), 4);
    assert_int_equal(close(fd), 0);
    assert_true(prompts_total(f) == 3);
    (void)run_process(f, 8);
    assert_true(prompts_total(f) == 11);
    assert_false(exists(f, "metrics.v1.bad"));
}

/// Checks that the damaged file is set aside, counted, and the totals start anew.
static void assert_starts_anew(fixture *f)
{
    pg_metrics *r = standard(f);
    assert_int_equal(pg_metrics_store_load(f->store, r, NULL), PG_CORRUPT);
    pg_metrics_free(r);
    (void)run_process(f, 5);
    assert_true(exists(f, "metrics.v1.bad"));
    assert_true(prompts_total(f) == 5);
    assert_true(total_of(f, PG_METRIC_ID_STORE_RESETS, NULL, 0) == 1);
    (void)run_process(f, 6);
    assert_true(prompts_total(f) == 11);
    assert_true(total_of(f, PG_METRIC_ID_STORE_RESETS, NULL, 0) == 1);
}

static void test_a_damaged_file_is_set_aside_and_counted(void **state)
{
    fixture *f = *state;
    (void)run_process(f, 1);
    int fd = open(path_of(f, "metrics.v1"), O_RDWR);
    assert_int_equal(pwrite(fd, "xxxx", 4, 20), 4);
    assert_int_equal(pwrite(fd, "xxxx", 4, PG_METRICS_STORE_HALF + 20), 4);
    assert_int_equal(close(fd), 0);
    assert_starts_anew(f);
}

static void test_a_file_of_something_else_is_set_aside(void **state)
{
    fixture *f = *state;
    (void)run_process(f, 1);
    test_write_file(path_of(f, "metrics.v1"), "hello", 5);
    assert_starts_anew(f);
}

static void test_an_empty_file_is_set_aside(void **state)
{
    fixture *f = *state;
    (void)run_process(f, 1);
    assert_int_equal(truncate(path_of(f, "metrics.v1"), 0), 0);
    assert_starts_anew(f);
}

static void test_a_new_file_leaves_nothing_else_behind(void **state)
{
    fixture *f = *state;
    (void)run_process(f, 1);
    DIR *dir = opendir(f->state);
    assert_non_null(dir);
    size_t names = 0;
    while (readdir(dir) != NULL)
        names++;
    assert_int_equal(closedir(dir), 0);
    assert_int_equal(names, 3); // ".", ".." and the file
}

/// Gives both halves another schema, with heads that verify.
static void test_a_newer_file_is_set_aside(void **state)
{
    fixture *f = *state;
    (void)run_process(f, 1);
    int fd = open(path_of(f, "metrics.v1"), O_RDWR);
    for (off_t at = 0; at <= PG_METRICS_STORE_HALF; at += PG_METRICS_STORE_HALF) {
        pg_half head;
        assert_int_equal(pread(fd, &head, sizeof head, at), sizeof head);
        head.schema = 2;
        head.head_hash = pg_hash64((pg_str){(const char *)&head, sizeof head - 8});
        assert_int_equal(pwrite(fd, &head, sizeof head, at), sizeof head);
    }
    assert_int_equal(close(fd), 0);
    assert_starts_anew(f);
}

/// Whatever the file holds, a process that counts 100 ends with a total of 100 more than one of the
/// generations, or of 100 alone.
static void assert_survives(fixture *f, const char *bytes, size_t size)
{
    (void)unlink(path_of(f, "metrics.v1.bad"));
    test_write_file(path_of(f, "metrics.v1"), bytes, size);
    (void)run_process(f, 100);
    double total = prompts_total(f);
    assert_true(total == 100 || total == 101 || total == 103);
}

static void test_no_truncation_does_harm(void **state)
{
    fixture *f = *state;
    (void)run_process(f, 1);
    (void)run_process(f, 2);
    char *bytes;
    size_t size = read_file(path_of(f, "metrics.v1"), &bytes);
    for (size_t cut = 0; cut < 600; cut++)
        assert_survives(f, bytes, cut);
    for (size_t cut = PG_METRICS_STORE_HALF - 3; cut <= size; cut++)
        assert_survives(f, bytes, cut);
    free(bytes);
}

static void test_no_flipped_bit_does_harm(void **state)
{
    fixture *f = *state;
    (void)run_process(f, 1);
    (void)run_process(f, 2);
    char *bytes;
    size_t size = read_file(path_of(f, "metrics.v1"), &bytes);
    for (size_t i = 0; i < size; i++) {
        if (i == 400)
            i = PG_METRICS_STORE_HALF; // zeros between the halves
        bytes[i] = (char)(bytes[i] ^ (1 << i % 8));
        assert_survives(f, bytes, size);
        bytes[i] = (char)(bytes[i] ^ (1 << i % 8));
    }
    free(bytes);
}

/// Records whose hashes are right and whose content is not.
static void test_forged_records_are_refused(void **state)
{
    fixture *f = *state;
    (void)run_process(f, 1);
    char *bytes;
    size_t size = read_file(path_of(f, "metrics.v1"), &bytes);
    pg_half head;
    char *half = bytes + PG_METRICS_STORE_HALF;
    memcpy(&head, half, sizeof head);
    for (size_t i = 0; i < head.length; i++) {
        for (int mask = 1; mask < 256; mask *= 16) {
            half[sizeof head + i] = (char)(half[sizeof head + i] ^ mask);
            pg_half forged = head;
            forged.records_hash = pg_hash64((pg_str){half + sizeof head, head.length});
            forged.head_hash = pg_hash64((pg_str){(const char *)&forged, sizeof forged - 8});
            memcpy(half, &forged, sizeof forged);
            test_write_file(path_of(f, "metrics.v1"), bytes, size);
            pg_metrics *r = standard(f);
            pg_status status = pg_metrics_store_load(f->store, r, NULL);
            assert_true(status == PG_OK || status == PG_CORRUPT);
            pg_metrics_free(r);
            half[sizeof head + i] = (char)(half[sizeof head + i] ^ mask);
        }
    }
    free(bytes);
}

/// An allocator that has no block beyond what a store ever needs.
static void *resize_modestly(void *ctx, void *ptr, size_t old_size, size_t new_size)
{
    (void)ctx;
    (void)old_size;
    assert_true(new_size <= 4 * PG_METRICS_STORE_HALF);
    if (new_size > 0)
        return realloc(ptr, new_size);
    free(ptr);
    return NULL;
}

static void test_a_half_that_claims_to_be_huge_costs_no_memory(void **state)
{
    fixture *f = *state;
    (void)run_process(f, 1);
    int fd = open(path_of(f, "metrics.v1"), O_RDWR);
    for (off_t at = 0; at <= PG_METRICS_STORE_HALF; at += PG_METRICS_STORE_HALF) {
        pg_half head;
        assert_int_equal(pread(fd, &head, sizeof head, at), sizeof head);
        head.length = UINT32_MAX - 7;
        head.head_hash = pg_hash64((pg_str){(const char *)&head, sizeof head - 8});
        assert_int_equal(pwrite(fd, &head, sizeof head, at), sizeof head);
    }
    assert_int_equal(close(fd), 0);
    const pg_alloc modest = {resize_modestly, NULL};
    const pg_metrics_store_options options = {.alloc = &modest};
    pg_metrics_store *store = NULL;
    assert_int_equal(pg_metrics_store_new(pg_str_from(f->state), &options, &store, NULL), PG_OK);
    pg_metrics *r = standard(f);
    assert_int_equal(pg_metrics_store_load(store, r, NULL), PG_CORRUPT);
    pg_metrics_free(r);
    pg_metrics_store_free(store);
}

static int lock_file(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT, 0600);
    assert_true(fd >= 0);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    return fd;
}

static void test_behind_a_stuck_lock_gains_wait_and_are_added_once(void **state)
{
    fixture *f = *state;
    (void)run_process(f, 1);
    int fd = lock_file(path_of(f, "metrics.v1"));
    assert_int_equal(run_process(f, 2), PG_FLUSH_PENDING);
    assert_int_equal(run_process(f, 4), PG_FLUSH_PENDING);
    assert_int_equal(close(fd), 0);
    assert_true(prompts_total(f) == 1);
    assert_int_equal(run_process(f, 8), PG_FLUSH_STORED);
    assert_true(prompts_total(f) == 15);
    assert_int_equal(run_process(f, 16), PG_FLUSH_STORED);
    assert_true(prompts_total(f) == 31);
}

static void test_totals_behind_a_stuck_lock_can_be_read(void **state)
{
    fixture *f = *state;
    (void)run_process(f, 3);
    int fd = lock_file(path_of(f, "metrics.v1"));
    assert_true(prompts_total(f) == 3);
    pg_metrics *r = standard(f);
    pg_flush_result result;
    assert_int_equal(pg_metrics_store_flush(f->store, r, true, &result, NULL), PG_OK);
    pg_metrics_free(r);
    assert_false(exists(f, "metrics.pending")); // there was nothing to add
    assert_int_equal(close(fd), 0);
}

static void test_pending_gains_are_moved_without_a_gain_of_ones_own(void **state)
{
    fixture *f = *state;
    (void)run_process(f, 1);
    int fd = lock_file(path_of(f, "metrics.v1"));
    (void)run_process(f, 2);
    assert_int_equal(close(fd), 0);
    pg_metrics *r = standard(f);
    assert_int_equal(flush(f, r), PG_FLUSH_STORED);
    pg_metrics_free(r);
    assert_true(prompts_total(f) == 3);
}

static void test_a_death_between_moving_and_emptying_does_not_add_twice(void **state)
{
    fixture *f = *state;
    (void)run_process(f, 1);
    int fd = lock_file(path_of(f, "metrics.v1"));
    (void)run_process(f, 2);
    assert_int_equal(close(fd), 0);
    char *pending;
    size_t size = read_file(path_of(f, "metrics.pending"), &pending);
    assert_true(size > 0);
    (void)run_process(f, 4);
    assert_true(prompts_total(f) == 7);

    // As if the file had not been emptied: the half says that it holds these bytes.
    test_write_file(path_of(f, "metrics.pending"), pending, size);
    (void)run_process(f, 8);
    assert_true(prompts_total(f) == 15);

    // The same, with another gain appended by a process that met a lock in between.
    test_write_file(path_of(f, "metrics.pending"), pending, size);
    fd = lock_file(path_of(f, "metrics.v1"));
    (void)run_process(f, 16);
    assert_int_equal(close(fd), 0);
    (void)run_process(f, 32);
    assert_true(prompts_total(f) == 63);
    free(pending);
}

static void test_a_damaged_pending_file_costs_only_what_it_held(void **state)
{
    fixture *f = *state;
    (void)run_process(f, 1);
    int fd = lock_file(path_of(f, "metrics.v1"));
    (void)run_process(f, 2);
    (void)run_process(f, 4);
    assert_int_equal(close(fd), 0);
    char *bytes;
    size_t size = read_file(path_of(f, "metrics.pending"), &bytes);
    double before = 1;
    for (uint64_t i = 0; i < size; i++) {
        uint64_t id = i + 1; // another life of the file, whose gains are in no half
        memcpy(bytes + 8, &id, sizeof id);
        bytes[i] = (char)(bytes[i] ^ 0x20);
        test_write_file(path_of(f, "metrics.pending"), bytes, size);
        (void)run_process(f, 8);
        double gained = prompts_total(f) - before;
        assert_true(gained == 8 || gained == 10 || gained == 14);
        before += gained;
        bytes[i] = (char)(bytes[i] ^ 0x20);
    }
    free(bytes);
}

static void test_a_forged_pending_gain_is_passed_over(void **state)
{
    fixture *f = *state;
    (void)run_process(f, 1);
    int fd = lock_file(path_of(f, "metrics.v1"));
    (void)run_process(f, 2);
    assert_int_equal(close(fd), 0);
    char *bytes;
    size_t size = read_file(path_of(f, "metrics.pending"), &bytes);
    bytes[32 + 4] = PG_METRIC_KIND_COUNT; // the kind of the first record, and a hash that fits
    uint64_t hash = pg_hash64((pg_str){bytes + 32, size - 32});
    memcpy(bytes + 24, &hash, sizeof hash);
    test_write_file(path_of(f, "metrics.pending"), bytes, size);
    (void)run_process(f, 4);
    assert_true(prompts_total(f) == 5);
    free(bytes);
}

static void test_with_both_files_locked_the_gain_is_kept_for_later(void **state)
{
    fixture *f = *state;
    (void)run_process(f, 1);
    int total = lock_file(path_of(f, "metrics.v1"));
    int pending = lock_file(path_of(f, "metrics.pending"));
    pg_metrics *r = standard(f);
    add_prompts(r, 2);
    pg_error err = {0};
    assert_int_equal(pg_metrics_store_flush(f->store, r, false, NULL, &err), PG_LIMIT);
    assert_int_equal(err.code, PG_LIMIT);
    assert_int_equal(close(total), 0);
    assert_int_equal(close(pending), 0);
    assert_int_equal(flush(f, r), PG_FLUSH_STORED);
    assert_true(prompts_total(f) == 3);
    pg_metrics_free(r);
}

/// How many of this process's descriptors are open on `path`.
static int open_count(const char *path)
{
    int count = 0;
    for (int fd = 3; fd < 64; fd++) {
        char link[32], target[256];
        (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        ssize_t n = readlink(link, target, sizeof target - 1);
        target[n > 0 ? n : 0] = '\0';
        count += strcmp(target, path) == 0;
    }
    return count;
}

static void *flush_with_patience(void *arg)
{
    fixture *f = arg;
    pg_metrics_store_options options = {.wall = &f->wall.clock,
                                        .lock_wait_ns = 60 * PG_NS_PER_SECOND};
    pg_metrics_store *store = NULL;
    if (pg_metrics_store_new(pg_str_from(f->state), &options, &store, NULL) != PG_OK)
        return NULL;
    pg_metrics *r = standard(f);
    add_prompts(r, 2);
    bool ok = pg_metrics_store_flush(store, r, false, NULL, NULL) == PG_OK;
    pg_metrics_free(r);
    pg_metrics_store_free(store);
    return ok ? arg : NULL;
}

static void test_a_file_replaced_while_one_waits_for_its_lock_is_not_written(void **state)
{
    fixture *f = *state;
    (void)run_process(f, 1);
    char path[160];
    (void)snprintf(path, sizeof path, "%s", path_of(f, "metrics.v1"));
    int fd = lock_file(path);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, flush_with_patience, f), 0);
    while (open_count(path) < 2) // until the other one has opened what it cannot lock
        (void)sched_yield();
    assert_int_equal(rename(path, f->store->bad), 0); // as one does that sets it aside
    (void)run_process(f, 4);                          // and another makes a new one
    assert_int_equal(close(fd), 0);
    void *done = NULL;
    assert_int_equal(pthread_join(thread, &done), 0);
    assert_ptr_equal(done, f);
    assert_true(prompts_total(f) == 6);
}

static void test_what_does_not_fit_is_dropped_and_counted(void **state)
{
    fixture *f = *state;
    static char big[1000];
    memset(big, 'x', sizeof big);
    pg_metrics *r = standard(f);
    add_prompts(r, 7);
    assert_int_equal(flush(f, r), PG_FLUSH_STORED);
    for (int i = 0; i < 400; i++) {
        (void)snprintf(big, 8, "%06d", i);
        big[6] = 'x';
        pg_str values[] = {{big, sizeof big}, PG_STR("error")};
        pg_series *s = NULL;
        assert_int_equal(pg_metrics_series(r, PG_METRIC_ID_PROMPTS, values, 2, &s, NULL), PG_OK);
        pg_counter_inc(s);
        pg_series_release(s);
    }
    assert_int_equal(flush(f, r), PG_FLUSH_STORED);
    add_prompts(r, 1);
    assert_int_equal(flush(f, r), PG_FLUSH_STORED);
    assert_true(prompts_total(f) == 8); // what was there goes on counting
    pg_series *s = NULL;
    assert_int_equal(pg_metrics_series(r, PG_METRIC_ID_STORE_DROPPED, NULL, 0, &s, NULL), PG_OK);
    assert_true(pg_series_value(s) > 100);
    pg_series_release(s);
    pg_metrics_free(r);
    struct stat st;
    assert_int_equal(stat(path_of(f, "metrics.v1"), &st), 0);
    assert_true(st.st_size <= 2 * PG_METRICS_STORE_HALF);
}

/// One process of a workflow that counts `amount` in a metric of its own.
static void run_workflow(fixture *f, const pg_metric_def *def, const char *label, double amount)
{
    pg_metrics *r = standard(f);
    pg_metric *m = NULL;
    pg_series *s = NULL;
    const pg_str value = pg_str_from(label);
    assert_int_equal(pg_metrics_define(r, def, &m, NULL), PG_OK);
    assert_int_equal(pg_metric_series(m, &value, def->label_count, &s, NULL), PG_OK);
    if (def->kind == PG_METRIC_COUNTER)
        assert_int_equal(pg_counter_add(s, amount, NULL), PG_OK);
    else if (def->kind == PG_METRIC_HISTOGRAM)
        pg_histogram_observe(s, amount);
    else
        pg_gauge_set(s, amount);
    assert_int_equal(flush(f, r), PG_FLUSH_STORED);
    pg_series_release(s);
    pg_metric_release(m);
    pg_metrics_free(r);
}

/// The totals hold this line.
static bool shows(fixture *f, const char *line)
{
    pg_metrics *r = load(f);
    pg_buf text;
    pg_buf_init(&text, NULL);
    assert_int_equal(pg_metrics_write(r, PG_METRICS_PROMETHEUS, &text, NULL), PG_OK);
    bool found = pg_str_find(pg_buf_str(&text), pg_str_from(line), 0) < text.len;
    pg_buf_free(&text);
    pg_metrics_free(r);
    return found;
}

static const pg_str kind_label = {"kind", 4};
static const double own_bounds[] = {1, 2};
static const pg_metric_def own_notes = {.kind = PG_METRIC_COUNTER,
                                        .name = {"own_notes_total", 15},
                                        .help = {"Notes", 5},
                                        .labels = &kind_label,
                                        .label_count = 1};
static const pg_metric_def own_sizes = {.kind = PG_METRIC_HISTOGRAM,
                                        .name = {"own_size_bytes", 14},
                                        .help = {"Sizes", 5},
                                        .unit = {"bytes", 5},
                                        .bounds = own_bounds,
                                        .bound_count = 2};
static const pg_metric_def own_level = {
    .kind = PG_METRIC_GAUGE, .name = {"own_level", 9}, .help = {"Level", 5}, .mode = PG_GAUGE_LAST};

static void test_metrics_of_workflows_are_kept_with_their_definitions(void **state)
{
    fixture *f = *state;
    for (int round = 0; round < 2; round++) {
        run_workflow(f, &own_notes, "a", 2);
        run_workflow(f, &own_sizes, "", 1.5);
        run_workflow(f, &own_level, "", 7);
        (void)run_process(f, 1);
    }
    assert_true(shows(f, "# HELP own_notes_total Notes\n# TYPE own_notes_total counter\n"
                         "own_notes_total{kind=\"a\"} 4\n"));
    assert_true(shows(f, "own_size_bytes_bucket{le=\"1\"} 0\n"
                         "own_size_bytes_bucket{le=\"2\"} 2\n"
                         "own_size_bytes_bucket{le=\"+Inf\"} 2\nown_size_bytes_sum 3\n"));
    assert_true(shows(f, "own_level 7\n"));
    assert_true(prompts_total(f) == 2);
}

static void test_a_metric_that_a_workflow_defines_anew_starts_anew(void **state)
{
    fixture *f = *state;
    run_workflow(f, &own_notes, "a", 2);
    pg_metric_def changed = own_notes;
    changed.help = PG_STR("Notes that were read"); // another text is the same metric
    run_workflow(f, &changed, "a", 1);
    assert_true(shows(f, "# HELP own_notes_total Notes that were read\n"));
    assert_true(shows(f, "own_notes_total{kind=\"a\"} 3\n"));
    static const pg_str other_label = {"size", 4};
    changed.labels = &other_label;
    run_workflow(f, &changed, "a", 5);
    assert_true(shows(f, "own_notes_total{size=\"a\"} 5\n"));
    assert_false(shows(f, "kind=\"a\""));
    run_workflow(f, &own_notes, "a", 1); // what was before is gone, not hidden
    assert_true(shows(f, "own_notes_total{kind=\"a\"} 1\n"));
}

static void test_a_stored_definition_never_takes_promptgens_names(void **state)
{
    fixture *f = *state;
    pg_metrics *r = NULL; // of a program that did not have promptgen's metrics
    assert_int_equal(pg_metrics_new(NULL, &f->wall.clock, &r, NULL), PG_OK);
    pg_metric_def def = own_level;
    def.name = PG_STR("plan_cache_hits");
    pg_metric *m = NULL;
    assert_int_equal(pg_metrics_define(r, &def, &m, NULL), PG_OK);
    pg_series *s = pg_metric_find_series(m, NULL, 0);
    pg_gauge_set(s, 7);
    assert_int_equal(flush(f, r), PG_FLUSH_STORED);
    assert_false(shows(f, "plan_cache_hits 7"));
    pg_series_release(s);
    pg_metric_release(m);
    pg_metrics_free(r);
}

static void test_workflows_cannot_take_the_place_of_promptgens_series(void **state)
{
    fixture *f = *state;
    static char big[900];
    memset(big, 'x', sizeof big);
    pg_metrics *r = standard(f);
    pg_metric *m = NULL;
    assert_int_equal(pg_metrics_define(r, &own_notes, &m, NULL), PG_OK);
    for (int i = 0; i < 400; i++) {
        (void)snprintf(big, 8, "%06d", i);
        big[6] = 'x';
        const pg_str value = {big, sizeof big};
        pg_series *s = NULL;
        assert_int_equal(pg_metric_series(m, &value, 1, &s, NULL), PG_OK);
        pg_counter_inc(s);
        pg_series_release(s);
        const pg_str retried[] = {value, PG_STR("io")}; // promptgen's metric, the workflow's series
        assert_int_equal(pg_metrics_series(r, PG_METRIC_ID_RETRIES, retried, 2, &s, NULL), PG_OK);
        pg_counter_inc(s);
        pg_series_release(s);
    }
    assert_int_equal(flush(f, r), PG_FLUSH_STORED);
    pg_metric_release(m);
    pg_metrics_free(r);
    struct stat st;
    assert_int_equal(stat(path_of(f, "metrics.v1"), &st), 0);
    assert_true(st.st_size <= PG_METRICS_STORE_HALF + PG_METRICS_STORE_HALF / 2 + 4096);
    (void)run_process(f, 3);
    assert_true(prompts_total(f) == 3);
    assert_true(total_of(f, PG_METRIC_ID_STORE_DROPPED, NULL, 0) > 100);
}

static void test_reset_empties_totals_and_pending_gains(void **state)
{
    fixture *f = *state;
    (void)run_process(f, 1);
    int fd = lock_file(path_of(f, "metrics.v1"));
    (void)run_process(f, 2);
    assert_int_equal(close(fd), 0);
    assert_int_equal(pg_metrics_store_reset(f->store, NULL), PG_OK);
    assert_true(prompts_total(f) == 0);
    (void)run_process(f, 4);
    assert_true(prompts_total(f) == 4);
}

static void test_reset_works_without_a_file_and_on_a_damaged_one(void **state)
{
    fixture *f = *state;
    assert_int_equal(pg_metrics_store_reset(f->store, NULL), PG_OK);
    assert_true(prompts_total(f) == 0);
    test_write_file(path_of(f, "metrics.v1"), "x", 1);
    assert_int_equal(pg_metrics_store_reset(f->store, NULL), PG_OK);
    (void)run_process(f, 4);
    assert_true(prompts_total(f) == 4);
}

static void test_a_thorough_flush_sets_a_damaged_file_aside_without_a_gain(void **state)
{
    fixture *f = *state;
    (void)run_process(f, 1);
    test_write_file(path_of(f, "metrics.v1"), "x", 1);
    pg_metrics *r = standard(f);
    assert_int_equal(pg_metrics_store_flush(f->store, r, true, NULL, NULL), PG_OK);
    pg_metrics_free(r);
    assert_true(exists(f, "metrics.v1.bad"));
    assert_true(total_of(f, PG_METRIC_ID_STORE_RESETS, NULL, 0) == 1);
}

static void test_links_pipes_and_directories_are_refused_and_the_gain_is_kept(void **state)
{
    fixture *f = *state;
    (void)run_process(f, 1);
    pg_metrics *r = standard(f);
    add_prompts(r, 2);
    char *path = path_of(f, "metrics.v1");
    assert_int_equal(rename(path, f->store->bad), 0);
    assert_int_equal(symlink(f->store->bad, path), 0);
    assert_int_equal(pg_metrics_store_flush(f->store, r, false, NULL, NULL), PG_NOT_REGULAR);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(pg_metrics_store_flush(f->store, r, false, NULL, NULL), PG_NOT_REGULAR);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(pg_metrics_store_flush(f->store, r, false, NULL, NULL), PG_NOT_REGULAR);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(rename(f->store->bad, path), 0);
    assert_int_equal(flush(f, r), PG_FLUSH_STORED);
    assert_true(prompts_total(f) == 3);
    pg_metrics_free(r);
}

static void test_a_directory_that_is_no_path_is_refused(void **state)
{
    (void)state;
    static char long_path[8192];
    memset(long_path, 'x', sizeof long_path);
    long_path[0] = '/';
    const pg_str dirs[] = {
        PG_STR(""), {"a\0b", 3}, {long_path, 4001}, {long_path, sizeof long_path}};
    pg_metrics_store *store = NULL;
    for (size_t i = 0; i < sizeof dirs / sizeof dirs[0]; i++)
        assert_int_equal(pg_metrics_store_new(dirs[i], NULL, &store, NULL), PG_INVALID);
    pg_metrics *r = NULL;
    assert_int_equal(pg_metrics_new_standard(NULL, NULL, &r, NULL), PG_OK);
    assert_int_equal(pg_metrics_store_new((pg_str){long_path, 4000}, NULL, &store, NULL), PG_OK);
    assert_int_equal(pg_metrics_store_flush(store, r, false, NULL, NULL), PG_OK); // nothing to add
    pg_series *s = NULL;
    assert_int_equal(pg_metrics_series(r, PG_METRIC_ID_STORE_RESETS, NULL, 0, &s, NULL), PG_OK);
    pg_counter_inc(s);
    assert_int_equal(pg_metrics_store_flush(store, r, false, NULL, NULL), PG_IO); // a name so long
    pg_series_release(s);
    pg_metrics_free(r);
    pg_metrics_store_free(store);
}

static void test_a_directory_that_cannot_be_made_is_an_error(void **state)
{
    fixture *f = *state;
    char path[96];
    (void)snprintf(path, sizeof path, "%s/a", f->dir);
    test_write_file(path, "", 0);
    pg_metrics *r = standard(f);
    add_prompts(r, 1);
    assert_int_equal(pg_metrics_store_flush(f->store, r, false, NULL, NULL), PG_NOT_DIRECTORY);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(flush(f, r), PG_FLUSH_STORED);
    assert_true(prompts_total(f) == 1);
    pg_metrics_free(r);
    pg_metrics_store *none = NULL;
    assert_int_equal(pg_metrics_store_new(PG_STR(""), NULL, &none, NULL), PG_INVALID);
    assert_int_equal(pg_metrics_store_new(PG_STR("a\0b"), NULL, &none, NULL), PG_INVALID);
}

static void test_files_and_directories_are_private(void **state)
{
    fixture *f = *state;
    (void)run_process(f, 1);
    struct stat st;
    assert_int_equal(stat(f->state, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_int_equal(stat(path_of(f, "metrics.v1"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

static bool use_store(const pg_alloc *alloc, void *ctx)
{
    fixture *f = ctx;
    pg_metrics_store_options options = {.alloc = alloc, .wall = &f->wall.clock, .lock_wait_ns = -1};
    pg_metrics_store *store = NULL;
    if (pg_metrics_store_new(pg_str_from(f->state), &options, &store, NULL) != PG_OK)
        return false;
    pg_metrics *r = standard(f);
    add_prompts(r, 1);
    int fd = lock_file(path_of(f, "metrics.v1"));
    bool ok = pg_metrics_store_flush(store, r, false, NULL, NULL) == PG_OK;
    assert_int_equal(close(fd), 0);
    add_prompts(r, 1);
    ok = ok && pg_metrics_store_flush(store, r, false, NULL, NULL) == PG_OK;
    pg_metrics *shown = standard(f);
    ok = ok && pg_metrics_store_load(store, shown, NULL) == PG_OK;
    ok = ok && pg_metrics_store_reset(store, NULL) == PG_OK;
    pg_metrics_free(shown);
    pg_metrics_free(r);
    pg_metrics_store_free(store);
    return ok;
}

static void test_every_failed_allocation_leaves_nothing_behind(void **state)
{
    fixture *f = *state;
    (void)run_process(f, 1);
    test_alloc_sweep(use_store, f);
    pg_metrics *r = load(f); // the file is still good
    pg_metrics_free(r);
}

int main(void)
{
#define STORE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        STORE_TEST(test_totals_add_up_over_processes),
        STORE_TEST(test_without_a_gain_no_file_is_touched),
        STORE_TEST(test_only_what_is_new_is_added),
        STORE_TEST(test_a_loaded_registry_writes_the_totals_as_text),
        STORE_TEST(test_gauges_follow_their_mode),
        STORE_TEST(test_histograms_add_up_and_start_anew_with_other_bounds),
        STORE_TEST(test_a_torn_half_gives_the_generation_before),
        STORE_TEST(test_a_damaged_file_is_set_aside_and_counted),
        STORE_TEST(test_a_file_of_something_else_is_set_aside),
        STORE_TEST(test_an_empty_file_is_set_aside),
        STORE_TEST(test_a_new_file_leaves_nothing_else_behind),
        STORE_TEST(test_a_newer_file_is_set_aside),
        STORE_TEST(test_no_truncation_does_harm),
        STORE_TEST(test_no_flipped_bit_does_harm),
        STORE_TEST(test_forged_records_are_refused),
        STORE_TEST(test_a_half_that_claims_to_be_huge_costs_no_memory),
        STORE_TEST(test_behind_a_stuck_lock_gains_wait_and_are_added_once),
        STORE_TEST(test_totals_behind_a_stuck_lock_can_be_read),
        STORE_TEST(test_pending_gains_are_moved_without_a_gain_of_ones_own),
        STORE_TEST(test_a_death_between_moving_and_emptying_does_not_add_twice),
        STORE_TEST(test_a_damaged_pending_file_costs_only_what_it_held),
        STORE_TEST(test_a_forged_pending_gain_is_passed_over),
        STORE_TEST(test_with_both_files_locked_the_gain_is_kept_for_later),
        STORE_TEST(test_a_file_replaced_while_one_waits_for_its_lock_is_not_written),
        STORE_TEST(test_what_does_not_fit_is_dropped_and_counted),
        STORE_TEST(test_metrics_of_workflows_are_kept_with_their_definitions),
        STORE_TEST(test_a_metric_that_a_workflow_defines_anew_starts_anew),
        STORE_TEST(test_a_stored_definition_never_takes_promptgens_names),
        STORE_TEST(test_workflows_cannot_take_the_place_of_promptgens_series),
        STORE_TEST(test_reset_empties_totals_and_pending_gains),
        STORE_TEST(test_reset_works_without_a_file_and_on_a_damaged_one),
        STORE_TEST(test_a_thorough_flush_sets_a_damaged_file_aside_without_a_gain),
        STORE_TEST(test_links_pipes_and_directories_are_refused_and_the_gain_is_kept),
        STORE_TEST(test_a_directory_that_is_no_path_is_refused),
        STORE_TEST(test_a_directory_that_cannot_be_made_is_an_error),
        STORE_TEST(test_files_and_directories_are_private),
        STORE_TEST(test_every_failed_allocation_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
