/// Comparing a record with the files it was computed from. See store.h.
#include "store_internal.h"

#include "promptgen/pool.h"

#include <string.h>

/// Dependencies that one thread compares in one go.
enum { PART = 1024 };

const char *pg_dep_kind_name(pg_dep_kind kind)
{
    static const char *const names[] = {"file", "dir", "absent"};
    return names[kind <= PG_DEP_ABSENT ? kind : PG_DEP_ABSENT];
}

const char *pg_store_change_name(pg_store_change change)
{
    static const char *const names[] = {
#define PG_STORE_CHANGE_NAME(symbol, name) name,
        PG_STORE_CHANGE_LIST(PG_STORE_CHANGE_NAME)
#undef PG_STORE_CHANGE_NAME
    };
    return (size_t)change < sizeof names / sizeof names[0] ? names[change] : "none";
}

pg_status pg_listing_hash(const pg_listing *listing, pg_hash128 *hash, pg_error *err)
{
    pg_buf text;
    pg_buf_init(&text, NULL);
    for (size_t i = 0; i < pg_listing_count(listing); i++) {
        pg_dir_entry entry = pg_listing_get(listing, i);
        pg_buf_put(&text, entry.name.ptr, entry.name.len + 1); // with its NUL
        pg_buf_put_char(&text, pg_file_type_name(entry.type)[0]);
    }
    bool ok = !text.failed;
    if (ok)
        *hash = pg_hash128_of(pg_buf_str(&text));
    pg_buf_free(&text);
    return ok ? PG_OK : pg_error_set(err, PG_NOMEM, "no memory for a directory listing");
}

/// Reads what the dependency names now: its signature and the hash of its content.
static pg_status read_now(const pg_root *root, const pg_dep *dep, pg_buf *scratch,
                          pg_signature *signature, pg_hash128 *hash)
{
    if (dep->kind == PG_DEP_DIR) {
        pg_listing *listing = NULL;
        pg_status status = pg_root_list(root, dep->path, &listing, NULL);
        if (status != PG_OK)
            return status;
        *signature = *pg_listing_signature(listing);
        status = pg_listing_hash(listing, hash, NULL);
        pg_listing_free(listing);
        return status;
    }
    pg_status status = pg_root_read(root, dep->path, 0, scratch, signature, NULL);
    if (status == PG_OK)
        *hash = pg_hash128_of(pg_buf_str(scratch));
    return status;
}

static bool is_doubtful(const pg_signature *signature)
{
    return (signature->flags & (PG_SIG_RACY | PG_SIG_ODD_FS)) != 0;
}

static pg_store_change change_of_status(pg_status status)
{
    switch (status) {
    case PG_NOT_FOUND:
    case PG_NOT_DIRECTORY:
    case PG_NOT_REGULAR:
    case PG_OUTSIDE:
        return PG_STORE_CHANGE_GONE;
    default:
        return PG_STORE_CHANGE_UNREADABLE;
    }
}

/// Compares a dependency whose signature differs or proves nothing by its content.
static pg_store_change compare_content(const pg_root *root, pg_dep *dep, pg_freshness freshness,
                                       pg_buf *scratch, pg_store_verdict *verdict)
{
    if (freshness == PG_STALE) {
        pg_signature now;
        pg_status status = pg_root_stat(root, dep->path, &now, NULL);
        if (status != PG_OK)
            return change_of_status(status);
        if (now.type != dep->signature.type)
            return PG_STORE_CHANGE_GONE;
        // The size of a directory says nothing about what is in it.
        if (dep->kind == PG_DEP_FILE && now.size != dep->signature.size)
            return PG_STORE_CHANGE_SIZE;
    }
    pg_signature signature;
    pg_hash128 hash = {0};
    verdict->hashed++;
    pg_status status = read_now(root, dep, scratch, &signature, &hash);
    if (status != PG_OK)
        return change_of_status(status);
    if (!pg_hash128_equal(hash, dep->hash))
        return PG_STORE_CHANGE_CONTENT;
    if (!pg_signature_equal(&signature, &dep->signature) ||
        signature.flags != dep->signature.flags) {
        dep->signature = signature;
        verdict->state = PG_STORE_REFRESHED;
    }
    return PG_STORE_CHANGE_NONE;
}

static pg_store_change check_dep(const pg_root *root, pg_dep *dep, pg_buf *scratch,
                                 pg_store_verdict *verdict)
{
    pg_freshness freshness = pg_root_check(root, dep->path, &dep->signature);
    if (dep->kind == PG_DEP_ABSENT)
        return freshness == PG_FRESH ? PG_STORE_CHANGE_NONE : PG_STORE_CHANGE_APPEARED;
    if (freshness == PG_FRESH)
        return PG_STORE_CHANGE_NONE;
    pg_store_change change = compare_content(root, dep, freshness, scratch, verdict);
    verdict->doubtful += change == PG_STORE_CHANGE_NONE && is_doubtful(&dep->signature);
    return change;
}

static bool is_of_root(const pg_store_record *record, const pg_root *root,
                       pg_store_verdict *verdict)
{
    if (pg_str_equal(pg_root_path(root), record->root))
        return true;
    verdict->state = PG_STORE_STALE;
    verdict->change = PG_STORE_CHANGE_ROOT;
    return false;
}

/// Adds what was found of the dependencies from `begin` to `end`. Stops at a stale one unless `on`.
static void check_range(pg_store_record *record, const pg_root *root, size_t begin, size_t end,
                        bool on, pg_buf *scratch, pg_store_verdict *verdict)
{
    for (size_t i = begin; i < end; i++) {
        pg_store_change change = check_dep(root, &record->deps[i], scratch, verdict);
        record->stale[i] = change != PG_STORE_CHANGE_NONE;
        if (!record->stale[i])
            continue;
        if (verdict->change == PG_STORE_CHANGE_NONE) {
            verdict->change = change;
            verdict->dep = i;
        }
        if (!on)
            break;
    }
    if (verdict->change != PG_STORE_CHANGE_NONE)
        verdict->state = PG_STORE_STALE;
}

pg_store_verdict pg_store_validate(pg_store_record *record, const pg_root *root)
{
    pg_store_verdict verdict = {.state = PG_STORE_FRESH};
    if (!is_of_root(record, root, &verdict))
        return verdict;
    pg_buf scratch;
    pg_buf_init(&scratch, record->alloc);
    check_range(record, root, 0, record->dep_count, false, &scratch, &verdict);
    pg_buf_free(&scratch);
    return verdict;
}

/// A comparison shared by threads; each part has one of them.
typedef struct comparison {
    pg_store_record *record;
    const pg_root *root;
    pg_store_verdict verdicts[PG_POOL_MAX_THREADS];
    pg_buf scratch[PG_POOL_MAX_THREADS];
} comparison;

static void compare_part(void *ctx, size_t index, unsigned worker)
{
    comparison *c = ctx;
    size_t end = (index + 1) * PART;
    check_range(c->record, c->root, index * PART,
                end < c->record->dep_count ? end : c->record->dep_count, true, &c->scratch[worker],
                &c->verdicts[worker]);
}

/// Adds what one thread found to what others did. Each met its parts in rising order.
static void unite(pg_store_verdict *all, const pg_store_verdict *one)
{
    all->hashed += one->hashed;
    all->doubtful += one->doubtful;
    if (one->state == PG_STORE_STALE && (all->state != PG_STORE_STALE || one->dep < all->dep)) {
        all->dep = one->dep;
        all->change = one->change;
    }
    if (one->state > all->state)
        all->state = one->state;
}

pg_store_verdict pg_store_validate_each(pg_store_record *record, const pg_root *root,
                                        unsigned threads)
{
    pg_store_verdict verdict = {.state = PG_STORE_FRESH};
    if (!is_of_root(record, root, &verdict)) {
        memset(record->stale, 1, record->dep_count * sizeof *record->stale);
        return verdict;
    }
    comparison c = {.record = record, .root = root};
    for (size_t i = 0; i < PG_POOL_MAX_THREADS; i++)
        pg_buf_init(&c.scratch[i], record->alloc);
    size_t parts = (record->dep_count + PART - 1) / PART;
    unsigned worked = pg_pool_run(parts, threads, compare_part, &c);
    for (size_t i = 0; i < PG_POOL_MAX_THREADS; i++)
        pg_buf_free(&c.scratch[i]);
    for (unsigned i = 0; i < worked; i++)
        unite(&verdict, &c.verdicts[i]);
    return verdict;
}
