/// The persistent cache: reading, validating and writing records of the size of a plan's. Prints
/// name, operations and nanoseconds an operation, tab-separated.
#include "promptgen/store.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RECORDS = 500, PAYLOAD = 12 * 1024, DEPS = 18, ROUNDS = 7 };

static void need(bool ok)
{
    if (!ok)
        abort();
}

static double per_op(int64_t start, int ops)
{
    return (double)(pg_now_ns(NULL) - start) / ops;
}

static void keep_best(double *best, double value)
{
    if (*best == 0 || value < *best)
        *best = value;
}

static pg_str key_of(int i, char *text)
{
    int n = sprintf(text, "/home/user/project/work-space/plans/FEATURE-%04d/PLAN.md", i);
    return (pg_str){text, (size_t)n};
}

/// Files of the workspace and the dependencies on them.
static void make_deps(const char *dir, const pg_root *root, pg_dep *deps, char names[][32])
{
    for (int i = 0; i < DEPS; i++) {
        char path[1024];
        (void)snprintf(names[i], 32, "SUBPLAN_%02d.md", i);
        (void)snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        need(fd >= 0 && write(fd, names[i], strlen(names[i])) > 0 && close(fd) == 0);
        deps[i] = (pg_dep){.path = pg_str_from(names[i])};
        need(pg_root_stat(root, deps[i].path, &deps[i].signature, NULL) == PG_OK);
        deps[i].signature.flags = 0; // as if it were older than the racy window
    }
}

int main(void)
{
    char dir[] = "/tmp/promptgen-bench-XXXXXX", cache_dir[64], key[96];
    need(mkdtemp(dir) != NULL);
    (void)snprintf(cache_dir, sizeof cache_dir, "%s/cache", dir);
    pg_root *root = NULL;
    pg_store *store = NULL;
    need(pg_root_open(pg_str_from(dir), NULL, &root, NULL) == PG_OK);
    pg_dep deps[DEPS];
    char names[DEPS][32];
    make_deps(dir, root, deps, names);
    char *payload = calloc(1, PAYLOAD);
    need(payload != NULL);
    double put = 0, get = 0, fetch = 0, open_get = 0, look = 0;
    need(pg_store_open(pg_str_from(cache_dir), NULL, &store, NULL) == PG_OK);
    for (int round = 0; round < ROUNDS; round++) {
        int64_t start = pg_now_ns(NULL);
        for (int i = 0; i < RECORDS; i++)
            need(pg_store_put(store, key_of(i, key), root, deps, DEPS, (pg_str){payload, PAYLOAD}));
        keep_best(&put, per_op(start, RECORDS));
        start = pg_now_ns(NULL);
        for (int i = 0; i < RECORDS; i++) {
            pg_store_record *record = pg_store_get(store, key_of(i, key), NULL);
            need(record != NULL);
            pg_store_record_free(record);
        }
        keep_best(&get, per_op(start, RECORDS));
        start = pg_now_ns(NULL);
        for (int i = 0; i < RECORDS; i++) {
            pg_store_record *record = pg_store_fetch(store, key_of(i, key), root, NULL, NULL);
            need(record != NULL);
            pg_store_record_free(record);
        }
        keep_best(&fetch, per_op(start, RECORDS));
        start = pg_now_ns(NULL);
        for (int i = 0; i < RECORDS; i++) {
            pg_store *fresh = NULL;
            need(pg_store_open(pg_str_from(cache_dir), NULL, &fresh, NULL) == PG_OK);
            pg_store_record_free(pg_store_get(fresh, key_of(i, key), NULL));
            pg_store_close(fresh);
        }
        keep_best(&open_get, per_op(start, RECORDS));
        start = pg_now_ns(NULL);
        for (int i = 0; i < RECORDS; i++)
            need(pg_root_check(root, deps[i % DEPS].path, &deps[i % DEPS].signature) == PG_FRESH);
        keep_best(&look, per_op(start, RECORDS));
    }
    printf("store.put_12k_18deps\t%d\t%.0f\n", RECORDS, put);
    printf("store.get_12k\t%d\t%.0f\n", RECORDS, get);
    printf("store.fetch_12k_18deps\t%d\t%.0f\n", RECORDS, fetch);
    printf("store.open_get_close_12k\t%d\t%.0f\n", RECORDS, open_get);
    printf("store.check_one_dependency\t%d\t%.0f\n", RECORDS, look);
    free(payload);
    (void)pg_store_clear(store);
    pg_store_close(store);
    pg_root_close(root);
    char command[96];
    (void)snprintf(command, sizeof command, "rm -rf %s", dir);
    return system(command) == 0 ? 0 : 1;
}
