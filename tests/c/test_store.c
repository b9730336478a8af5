/// Tests of the store: round trips, damaged records, untrusted places, failing system calls.
#include "store_support.h"

#include <errno.h>
#include <sys/stat.h>

static pg_dep sample_deps[2];

static void put_sample(fixture *f, const char *key, const char *payload)
{
    fixture_write(f, "PLAN.md", "# a plan\n");
    sample_deps[0] = fixture_dep(f, "PLAN.md", PG_DEP_FILE);
    sample_deps[1] = fixture_dep(f, "execution", PG_DEP_ABSENT);
    assert_true(fixture_put(f, key, sample_deps, 2, payload));
}

static void test_a_record_comes_back_as_it_was_put(void **state)
{
    (void)state;
    fixture f;
    fixture_init(&f);
    pg_store_miss miss;
    assert_false(fixture_has(&f, "/w/plan", "x", &miss));
    assert_int_equal(miss, PG_STORE_MISS_ABSENT);
    put_sample(&f, "/w/plan", "the payload");
    fixture_reopen(&f);
    pg_store_record *record = pg_store_get(f.store, PG_STR("/w/plan"), &miss);
    assert_non_null(record);
    assert_int_equal(miss, PG_STORE_MISS_NONE);
    assert_true(pg_str_equal(pg_store_record_key(record), PG_STR("/w/plan")));
    assert_true(pg_str_equal(pg_store_record_root(record), pg_root_path(f.root)));
    assert_true(pg_str_equal(pg_store_record_payload(record), PG_STR("the payload")));
    assert_int_equal((uintptr_t)pg_store_record_payload(record).ptr % 8, 0);
    assert_int_equal(pg_store_record_created_ns(record), f.clock.now);
    assert_int_equal(pg_store_record_dep_count(record), 2);
    const pg_dep *dep = pg_store_record_dep(record, 0);
    assert_true(pg_str_equal(dep->path, PG_STR("PLAN.md")));
    assert_true(pg_signature_equal(&dep->signature, &sample_deps[0].signature));
    assert_true(pg_hash128_equal(dep->hash, sample_deps[0].hash));
    assert_int_equal(pg_store_record_dep(record, 1)->kind, PG_DEP_ABSENT);
    pg_store_record_free(record);
    put_sample(&f, "/w/plan", "");
    assert_true(fixture_has(&f, "/w/plan", "", NULL));
    assert_true(pg_store_remove(f.store, PG_STR("/w/plan")));
    assert_false(pg_store_remove(f.store, PG_STR("/w/plan")));
    assert_false(fixture_has(&f, "/w/plan", "", NULL));
    fixture_free(&f);
}

static void test_directories_are_private_and_made_by_the_first_write(void **state)
{
    (void)state;
    fixture f;
    fixture_init(&f);
    struct stat st;
    assert_int_equal(stat(f.dir, &st), -1);
    mode_t old = umask(0);
    put_sample(&f, "/w/plan", "x");
    (void)umask(old);
    char path[256];
    fixture_record_path(&f, "/w/plan", path, sizeof path);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    for (int i = 0; i < 3; i++) { // the two-digit directory, the version, the base
        *strrchr(path, '/') = '\0';
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0700);
    }
    assert_string_equal(path, f.dir);
    fixture_free(&f);
}

/// Writes `len` bytes as the record of "/w/plan".
static void plant(fixture *f, const void *bytes, size_t len)
{
    char path[256];
    fixture_record_path(f, "/w/plan", path, sizeof path);
    test_write_file(path, bytes, len);
}

/// The record file that holds `payload`, in memory that the caller frees.
static char *file_of(fixture *f, const char *payload, size_t *len)
{
    pg_buf file;
    pg_buf_init(&file, NULL);
    const pg_str parts[] = {pg_str_from(payload)};
    pg__store_encode(&file, f->options.schema, 5, pg_root_path(f->root), PG_STR("/w/plan"),
                     sample_deps, 2, parts, 1);
    assert_false(file.failed);
    *len = file.len;
    return file.ptr;
}

static void test_a_record_cut_at_any_byte_is_a_miss_and_goes_away(void **state)
{
    (void)state;
    fixture f;
    fixture_init(&f);
    put_sample(&f, "/w/plan", "x");
    size_t len;
    char *file = file_of(&f, "some payload", &len);
    char path[256];
    fixture_record_path(&f, "/w/plan", path, sizeof path);
    for (size_t cut = 0; cut < len; cut++) {
        plant(&f, file, cut);
        pg_store_miss miss;
        assert_false(fixture_has(&f, "/w/plan", "some payload", &miss));
        assert_int_equal(miss, PG_STORE_MISS_TRUNCATED);
        assert_int_equal(access(path, F_OK), -1);
    }
    char *longer = malloc(len + 1);
    assert_non_null(longer);
    memcpy(longer, file, len);
    longer[len] = '\0';
    plant(&f, longer, len + 1);
    assert_false(fixture_has(&f, "/w/plan", "some payload", NULL));
    plant(&f, file, len);
    assert_true(fixture_has(&f, "/w/plan", "some payload", NULL));
    free(longer);
    free(file);
    fixture_free(&f);
}

static void test_a_record_with_any_bit_flipped_is_a_miss(void **state)
{
    (void)state;
    fixture f;
    fixture_init(&f);
    put_sample(&f, "/w/plan", "x");
    char payload[640];
    memset(payload, 'p', sizeof payload);
    payload[sizeof payload - 1] = '\0';
    size_t len;
    char *file = file_of(&f, payload, &len);
    assert_true(len > 900 && len < 1100);
    for (size_t bit = 0; bit < len * 8; bit++) {
        file[bit / 8] = (char)(file[bit / 8] ^ (1 << (bit % 8)));
        plant(&f, file, len);
        assert_false(fixture_has(&f, "/w/plan", payload, NULL));
        file[bit / 8] = (char)(file[bit / 8] ^ (1 << (bit % 8)));
    }
    plant(&f, file, len);
    assert_true(fixture_has(&f, "/w/plan", payload, NULL));
    free(file);
    fixture_free(&f);
}

static void test_another_schema_finds_nothing_and_harms_nothing(void **state)
{
    (void)state;
    fixture f;
    fixture_init(&f);
    put_sample(&f, "/w/plan", "x");
    for (int step = -1; step <= 1; step += 2) {
        f.options.schema = (uint64_t)(7 + step);
        fixture_reopen(&f);
        assert_false(fixture_has(&f, "/w/plan", "x", NULL));
    }
    f.options.schema = 7;
    fixture_reopen(&f);
    assert_true(fixture_has(&f, "/w/plan", "x", NULL));
    fixture_free(&f);
}

/// Makes the checksum of a changed file right again.
static void reseal(char *file, size_t len)
{
    const size_t from = offsetof(store_header, tag);
    uint64_t sum = pg_hash64((pg_str){file + from, len - from});
    memcpy(file + offsetof(store_header, checksum), &sum, sizeof sum);
}

static void test_a_record_of_another_format_or_machine_is_a_miss(void **state)
{
    (void)state;
    fixture f;
    fixture_init(&f);
    put_sample(&f, "/w/plan", "x");
    const size_t fields[] = {offsetof(store_header, tag), offsetof(store_header, format),
                             offsetof(store_header, schema)};
    for (size_t i = 0; i < 3; i++) {
        for (int byte = 0; byte < 4; byte++) {
            size_t len;
            char *file = file_of(&f, "x", &len);
            file[fields[i] + (size_t)byte] ^= 1;
            reseal(file, len);
            plant(&f, file, len);
            pg_store_miss miss;
            assert_false(fixture_has(&f, "/w/plan", "x", &miss));
            assert_int_equal(miss, PG_STORE_MISS_SCHEMA);
            free(file);
        }
    }
    fixture_free(&f);
}

static void test_the_record_of_another_key_under_the_same_hash_is_a_miss(void **state)
{
    (void)state;
    fixture f;
    fixture_init(&f);
    put_sample(&f, "/w/plan", "mine");
    put_sample(&f, "/w/other", "theirs");
    char mine[256], theirs[256];
    fixture_record_path(&f, "/w/plan", mine, sizeof mine);
    fixture_record_path(&f, "/w/other", theirs, sizeof theirs);
    assert_int_equal(rename(theirs, mine), 0);
    pg_store_miss miss;
    assert_false(fixture_has(&f, "/w/plan", "mine", &miss));
    assert_int_equal(miss, PG_STORE_MISS_COLLISION);
    assert_int_equal(access(mine, F_OK), 0); // it may be somebody else's good record
    put_sample(&f, "/w/plan", "mine again");
    assert_true(fixture_has(&f, "/w/plan", "mine again", NULL));
    fixture_free(&f);
}

static void test_lengths_that_do_not_fit_are_rejected_in_spite_of_a_good_checksum(void **state)
{
    (void)state;
    fixture f;
    fixture_init(&f);
    put_sample(&f, "/w/plan", "x");
    size_t len;
    char *good = file_of(&f, "0123456789abcdef", &len);
    char *file = malloc(len);
    assert_non_null(file);
    uint64_t seed = 88172645463325252u;
    const size_t start = offsetof(store_header, created_ns);
    const size_t end = sizeof(store_header) + 2 * sizeof(store_dep);
    long accepted = 0;
    for (int round = 0; round < 60000; round++) {
        memcpy(file, good, len);
        int changes = 1 + (int)(seed % 3);
        for (int i = 0; i < changes; i++) {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            file[start + (seed >> 8) % (end - start)] = (char)(seed >> 40);
        }
        reseal(file, len);
        char *block = malloc(len); // exactly as long as the file, so that ASan sees a byte beyond
        assert_non_null(block);
        memcpy(block, file, len);
        pg_store_miss miss;
        pg_store_record *record = pg__store_decode(NULL, block, len, 7, &miss);
        if (record == NULL) {
            assert_true(miss == PG_STORE_MISS_LAYOUT || miss == PG_STORE_MISS_SCHEMA);
            free(block);
            continue;
        }
        accepted++; // a signature, a hash or the time changed: every view must lie in the block
        for (size_t i = 0; i < pg_store_record_dep_count(record); i++) {
            const pg_dep *dep = pg_store_record_dep(record, i);
            assert_true(dep->path.ptr >= block && dep->path.ptr + dep->path.len <= block + len);
        }
        assert_int_equal(pg_store_record_payload(record).len, 16);
        pg_store_record_free(record);
    }
    assert_true(accepted > 1000);
    free(file);
    free(good);
    fixture_free(&f);
}

static void test_links_and_odd_files_in_place_of_a_record_are_not_followed(void **state)
{
    (void)state;
    fixture f;
    fixture_init(&f);
    put_sample(&f, "/w/plan", "x");
    char path[256], kept[256];
    fixture_record_path(&f, "/w/plan", path, sizeof path);
    (void)snprintf(kept, sizeof kept, "%s/kept", f.base);
    assert_int_equal(rename(path, kept), 0);
    pg_store_miss miss;
    assert_int_equal(symlink(kept, path), 0);
    assert_false(fixture_has(&f, "/w/plan", "x", &miss));
    assert_int_equal(miss, PG_STORE_MISS_UNTRUSTED);
    assert_int_equal(access(kept, F_OK), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_false(fixture_has(&f, "/w/plan", "x", &miss)); // and does not wait for a writer
    assert_int_equal(miss, PG_STORE_MISS_UNTRUSTED);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_false(fixture_has(&f, "/w/plan", "x", &miss));
    assert_int_equal(miss, PG_STORE_MISS_UNTRUSTED);
    assert_int_equal(rmdir(path), 0);
    if (geteuid() == 0) {
        assert_int_equal(rename(kept, path), 0);
        assert_int_equal(chown(path, 12345, 12345), 0);
        assert_false(fixture_has(&f, "/w/plan", "x", &miss));
        assert_int_equal(miss, PG_STORE_MISS_UNTRUSTED);
    }
    fixture_free(&f);
}

static pg_status open_at(fixture *f, const char *dir)
{
    pg_store *store = NULL;
    pg_error err = {0};
    pg_status status = pg_store_open(pg_str_from(dir), &f->options, &store, &err);
    if (status != PG_OK)
        assert_true(strlen(err.message) > 0);
    pg_store_close(store);
    return status;
}

static void test_a_directory_that_others_could_have_filled_is_refused(void **state)
{
    (void)state;
    fixture f;
    fixture_init(&f);
    put_sample(&f, "/w/plan", "x");
    assert_int_equal(open_at(&f, f.dir), PG_OK);
    assert_int_equal(chmod(f.dir, 0777), 0);
    assert_int_equal(open_at(&f, f.dir), PG_PERMISSION);
    assert_int_equal(chmod(f.dir, 0770), 0);
    assert_int_equal(open_at(&f, f.dir), PG_PERMISSION);
    assert_int_equal(chmod(f.dir, 0755), 0);
    assert_int_equal(open_at(&f, f.dir), PG_OK);
    char version[256];
    (void)snprintf(version, sizeof version, "%s/%s", f.dir, f.store->version);
    assert_int_equal(chmod(version, 0722), 0);
    assert_int_equal(open_at(&f, f.dir), PG_PERMISSION);
    assert_int_equal(chmod(version, 0700), 0);
    char link[256];
    (void)snprintf(link, sizeof link, "%s/link", f.base);
    assert_int_equal(symlink(f.dir, link), 0);
    assert_int_equal(open_at(&f, link), PG_NOT_DIRECTORY);
    char file[256];
    (void)snprintf(file, sizeof file, "%s/file", f.base);
    test_write_file(file, "x", 1);
    assert_int_equal(open_at(&f, file), PG_NOT_DIRECTORY);
    assert_int_equal(open_at(&f, "relative/path"), PG_INVALID);
    assert_int_equal(open_at(&f, ""), PG_INVALID);
    if (geteuid() == 0) {
        assert_int_equal(chown(f.dir, 12345, 12345), 0);
        assert_int_equal(open_at(&f, f.dir), PG_PERMISSION);
    }
    fixture_free(&f);
}

static void test_a_place_where_nothing_can_be_made_turns_writing_off(void **state)
{
    (void)state;
    fixture f;
    fixture_init(&f);
    fixture_write(&f, "PLAN.md", "x");
    char blocker[96];
    (void)snprintf(blocker, sizeof blocker, "%s/cache", f.base);
    test_write_file(blocker, "x", 1); // a file where a directory must be
    pg_dep dep = fixture_dep(&f, "PLAN.md", PG_DEP_FILE);
    assert_false(fixture_put(&f, "/w/plan", &dep, 1, "x"));
    assert_non_null(pg_store_problem(f.store));
    assert_false(fixture_put(&f, "/w/plan", &dep, 1, "x"));
    pg_store_stats stats;
    pg_store_read_stats(f.store, &stats);
    assert_int_equal(stats.write_failures, 2);
    assert_int_equal(stats.writes, 0);
    assert_false(fixture_has(&f, "/w/plan", "x", NULL));
    fixture_free(&f);
}

/// A system that fails the n-th of the replaced calls with `error`, or transfers one byte at a
/// time.
static struct {
    int calls, fail_at, error;
    bool short_counts;
} faults;

static bool fails(void)
{
    faults.calls++;
    if (faults.calls != faults.fail_at)
        return false;
    errno = faults.error;
    return true;
}

static int faulty_openat(int dir, const char *path, int flags, mode_t mode)
{
    return fails() ? -1 : openat(dir, path, flags, mode);
}

static ssize_t faulty_read(int fd, void *bytes, size_t count)
{
    return fails() ? -1 : read(fd, bytes, faults.short_counts && count > 1 ? 1 : count);
}

static ssize_t faulty_write(int fd, const void *bytes, size_t count)
{
    return fails() ? -1 : write(fd, bytes, faults.short_counts && count > 1 ? 1 : count);
}

static int faulty_renameat(int from_dir, const char *from, int to_dir, const char *to)
{
    return fails() ? -1 : renameat(from_dir, from, to_dir, to);
}

static const pg_store_ops faulty = {faulty_openat, faulty_read, faulty_write, faulty_renameat};

static void test_every_failing_system_call_leaves_the_old_record_or_the_new(void **state)
{
    (void)state;
    fixture f;
    fixture_init(&f);
    put_sample(&f, "/w/plan", "old");
    const int errors[] = {EIO, ENOSPC, EINTR, EACCES, EROFS, EDQUOT, EMFILE};
    for (size_t e = 0; e < sizeof errors / sizeof errors[0]; e++) {
        for (int at = 1; at < 40; at++) {
            f.options.ops = NULL;
            fixture_reopen(&f);
            put_sample(&f, "/w/plan", "old");
            f.options.ops = &faulty;
            faults.short_counts = e % 2 == 0 && at < 20;
            faults.calls = faults.fail_at = 0;
            fixture_reopen(&f);
            faults.calls = 0;
            faults.fail_at = at;
            faults.error = errors[e];
            bool put = fixture_put(&f, "/w/plan", sample_deps, 2, "new");
            bool permanent = errors[e] != EINTR && errors[e] != EMFILE;
            if (!put && permanent)
                assert_non_null(pg_store_problem(f.store));
            (void)pg_store_get(f.store, PG_STR("/w/missing"), NULL);
            f.options.ops = NULL;
            fixture_reopen(&f);
            assert_true(fixture_has(&f, "/w/plan", put ? "new" : "old", NULL));
        }
    }
    char command[256]; // no temporary file is left
    (void)snprintf(command, sizeof command, "test -z \"$(find %s -name '.*' -type f)\"", f.dir);
    assert_int_equal(system(command), 0);
    fixture_free(&f);
}

static void test_a_read_that_fails_is_a_miss_and_removes_nothing(void **state)
{
    (void)state;
    fixture f;
    fixture_init(&f);
    put_sample(&f, "/w/plan", "x");
    f.options.ops = &faulty;
    faults.short_counts = true;
    faults.fail_at = 0;
    fixture_reopen(&f);
    assert_true(fixture_has(&f, "/w/plan", "x", NULL));
    for (int at = 1; at < 5; at++) {
        faults.calls = 0;
        faults.fail_at = at;
        faults.error = EIO;
        pg_store_miss miss;
        assert_false(fixture_has(&f, "/w/plan", "x", &miss));
        assert_int_equal(miss, PG_STORE_MISS_UNREADABLE);
    }
    faults.calls = 0;
    faults.fail_at = 3;
    faults.error = EINTR;
    assert_true(fixture_has(&f, "/w/plan", "x", NULL));
    fixture_free(&f);
}

static void test_directories_removed_under_a_running_store_are_made_again(void **state)
{
    (void)state;
    fixture f;
    fixture_init(&f);
    put_sample(&f, "/w/plan", "x");
    test_remove_tree(f.dir);
    put_sample(&f, "/w/plan", "y");
    assert_true(fixture_has(&f, "/w/plan", "y", NULL));
    assert_null(pg_store_problem(f.store));
    fixture_free(&f);
}

static void test_dependencies_that_could_not_be_read_back_are_not_written(void **state)
{
    (void)state;
    fixture f;
    fixture_init(&f);
    put_sample(&f, "/w/plan", "x");
    pg_dep bad = sample_deps[0];
    bad.path = PG_STR("");
    assert_false(fixture_put(&f, "/w/bad", &bad, 1, "x"));
    bad = sample_deps[0];
    bad.kind = PG_DEP_ABSENT; // with the signature of a file
    assert_false(fixture_put(&f, "/w/bad", &bad, 1, "x"));
    assert_null(pg_store_problem(f.store));
    fixture_free(&f);
}

static bool store_and_fetch(const pg_alloc *alloc, void *ctx)
{
    fixture *f = ctx;
    pg_store_options options = f->options;
    options.alloc = alloc;
    pg_store *store = NULL;
    if (pg_store_open(pg_str_from(f->dir), &options, &store, NULL) != PG_OK)
        return false;
    bool put = pg_store_put(store, PG_STR("/w/swept"), f->root, sample_deps, 2, PG_STR("payload"));
    pg_store_record *record = put ? pg_store_get(store, PG_STR("/w/swept"), NULL) : NULL;
    bool ok = record != NULL;
    pg_store_record_free(record);
    pg_store_item *items = NULL;
    size_t count = 0;
    bool listed = pg_store_list(store, &items, &count, NULL) == PG_OK;
    if (listed)
        pg_store_items_free(store, items, count);
    (void)pg_store_collect(store);
    pg_store_close(store);
    return ok && listed;
}

static void test_the_store_survives_every_failed_allocation(void **state)
{
    (void)state;
    fixture f;
    fixture_init(&f);
    put_sample(&f, "/w/plan", "x");
    test_alloc_sweep(store_and_fetch, &f);
    fixture_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_record_comes_back_as_it_was_put),
        cmocka_unit_test(test_directories_are_private_and_made_by_the_first_write),
        cmocka_unit_test(test_a_record_cut_at_any_byte_is_a_miss_and_goes_away),
        cmocka_unit_test(test_a_record_with_any_bit_flipped_is_a_miss),
        cmocka_unit_test(test_another_schema_finds_nothing_and_harms_nothing),
        cmocka_unit_test(test_a_record_of_another_format_or_machine_is_a_miss),
        cmocka_unit_test(test_the_record_of_another_key_under_the_same_hash_is_a_miss),
        cmocka_unit_test(test_lengths_that_do_not_fit_are_rejected_in_spite_of_a_good_checksum),
        cmocka_unit_test(test_links_and_odd_files_in_place_of_a_record_are_not_followed),
        cmocka_unit_test(test_a_directory_that_others_could_have_filled_is_refused),
        cmocka_unit_test(test_a_place_where_nothing_can_be_made_turns_writing_off),
        cmocka_unit_test(test_every_failing_system_call_leaves_the_old_record_or_the_new),
        cmocka_unit_test(test_a_read_that_fails_is_a_miss_and_removes_nothing),
        cmocka_unit_test(test_directories_removed_under_a_running_store_are_made_again),
        cmocka_unit_test(test_dependencies_that_could_not_be_read_back_are_not_written),
        cmocka_unit_test(test_the_store_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
