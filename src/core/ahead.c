/// A queue of documents and the thread that works it off. See ahead.h.
#include "promptgen/ahead.h"

#include "promptgen/pool.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>

typedef enum entry_state { WAITING, IN_WORK, DONE, GONE } entry_state;

typedef struct entry {
    char *path; ///< owned
    size_t path_len;
    bool header_only;
    entry_state state; ///< under the lock
    pg_status status;  ///< with `result`: of the thread until DONE
    pg_ahead_result result;
} entry;

struct pg_ahead {
    const pg_root *root;
    const pg_alloc *alloc;
    pthread_t thread;
    bool started;           ///< the thread exists
    bool impossible;        ///< no thread can be had
    pg_buf text;            ///< of the thread: the file in work
    pthread_mutex_t lock;   ///< of all below
    pthread_cond_t changed; ///< something below changed
    const pg_patterns *patterns;
    bool complete; ///< nothing more will be wanted
    bool ending;   ///< nothing more will be taken
    size_t count;
    entry entries[PG_AHEAD_MAX];
};

pg_status pg_ahead_new(const pg_root *root, const pg_alloc *alloc, pg_ahead **out, pg_error *err)
{
    *out = NULL;
    pg_ahead *ahead = pg_calloc(alloc, 1, sizeof *ahead);
    if (ahead == NULL)
        return pg_error_set(err, PG_NOMEM, "no memory to read ahead");
    ahead->root = root;
    ahead->alloc = alloc;
    ahead->impossible = pg_pool_processors() < 2;
    pg_buf_init(&ahead->text, alloc);
    (void)pthread_mutex_init(&ahead->lock, NULL);
    (void)pthread_cond_init(&ahead->changed, NULL);
    *out = ahead;
    return PG_OK;
}

/// Called by the parser of the second thread when it needs the patterns; NULL at the end.
static const pg_patterns *wait_for_patterns(void *ctx)
{
    pg_ahead *ahead = ctx;
    (void)pthread_mutex_lock(&ahead->lock);
    while (ahead->patterns == NULL && !ahead->ending)
        (void)pthread_cond_wait(&ahead->changed, &ahead->lock);
    const pg_patterns *patterns = ahead->patterns;
    (void)pthread_mutex_unlock(&ahead->lock);
    return patterns;
}

static pg_status read_document(pg_ahead *ahead, entry *e)
{
    pg_str path = {e->path, e->path_len};
    pg_status status = pg_root_read(ahead->root, path, 0, &ahead->text, &e->result.signature, NULL);
    if (status != PG_OK)
        return status;
    e->result.hash = pg_hash128_of(pg_buf_str(&ahead->text));
    const pg_plan_options options = {
        .path = path,
        .header_only = e->header_only,
        .wait_for_patterns = wait_for_patterns,
        .ctx = ahead,
    };
    return pg_plan_parse(pg_buf_str(&ahead->text), &options, ahead->alloc, &e->result.plan, NULL);
}

/// The first document nobody works on; NULL at the end. The lock is held.
static entry *next_entry(pg_ahead *ahead)
{
    while (!ahead->ending) {
        for (size_t i = 0; i < ahead->count; i++)
            if (ahead->entries[i].state == WAITING)
                return &ahead->entries[i];
        if (ahead->complete)
            return NULL;
        (void)pthread_cond_wait(&ahead->changed, &ahead->lock);
    }
    return NULL;
}

static void *thread_main(void *arg)
{
    pg_ahead *ahead = arg;
    (void)pthread_mutex_lock(&ahead->lock);
    for (entry *e; (e = next_entry(ahead)) != NULL;) {
        e->state = IN_WORK;
        (void)pthread_mutex_unlock(&ahead->lock);
        e->status = read_document(ahead, e);
        if (ahead->text.failed)
            pg_buf_free(&ahead->text); // a buffer that failed once stays failed
        (void)pthread_mutex_lock(&ahead->lock);
        e->state = DONE;
        (void)pthread_cond_signal(&ahead->changed); // only the other thread can wait
    }
    (void)pthread_mutex_unlock(&ahead->lock);
    return NULL;
}

static bool start_thread(pg_ahead *ahead)
{
    if (ahead->started || ahead->impossible)
        return ahead->started;
    sigset_t all, before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before); // the new thread inherits the mask
    ahead->started = pthread_create(&ahead->thread, NULL, thread_main, ahead) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    ahead->impossible = !ahead->started;
    return ahead->started;
}

static entry *find(pg_ahead *ahead, pg_str path, bool header_only)
{
    for (size_t i = 0; i < ahead->count; i++) {
        entry *e = &ahead->entries[i];
        if (e->header_only == header_only && pg_str_equal((pg_str){e->path, e->path_len}, path))
            return e;
    }
    return NULL;
}

bool pg_ahead_want(pg_ahead *ahead, pg_str path, bool header_only)
{
    if (path.len == 0 || ahead->complete || ahead->count == PG_AHEAD_MAX ||
        find(ahead, path, header_only) != NULL || ahead->impossible)
        return false;
    char *copy = pg_malloc(ahead->alloc, path.len);
    if (copy == NULL)
        return false;
    memcpy(copy, path.ptr, path.len);
    (void)pthread_mutex_lock(&ahead->lock);
    ahead->entries[ahead->count++] =
        (entry){.path = copy, .path_len = path.len, .header_only = header_only};
    (void)pthread_cond_signal(&ahead->changed);
    (void)pthread_mutex_unlock(&ahead->lock);
    return start_thread(ahead);
}

void pg_ahead_give_patterns(pg_ahead *ahead, const pg_patterns *patterns)
{
    (void)pthread_mutex_lock(&ahead->lock);
    ahead->patterns = patterns;
    (void)pthread_cond_signal(&ahead->changed);
    (void)pthread_mutex_unlock(&ahead->lock);
}

bool pg_ahead_is_ready(pg_ahead *ahead, pg_str path, bool header_only)
{
    const entry *e = find(ahead, path, header_only);
    if (e == NULL)
        return false;
    (void)pthread_mutex_lock(&ahead->lock);
    bool ready = e->state == DONE;
    (void)pthread_mutex_unlock(&ahead->lock);
    return ready;
}

void pg_ahead_finish(pg_ahead *ahead)
{
    (void)pthread_mutex_lock(&ahead->lock);
    ahead->complete = true;
    (void)pthread_cond_signal(&ahead->changed);
    (void)pthread_mutex_unlock(&ahead->lock);
}

bool pg_ahead_take(pg_ahead *ahead, pg_str path, bool header_only, pg_ahead_result *out)
{
    entry *e = find(ahead, path, header_only);
    if (e == NULL)
        return false;
    (void)pthread_mutex_lock(&ahead->lock);
    while (e->state == IN_WORK)
        (void)pthread_cond_wait(&ahead->changed, &ahead->lock);
    bool taken = e->state == DONE && e->status == PG_OK;
    e->state = GONE;
    (void)pthread_mutex_unlock(&ahead->lock);
    if (taken) {
        *out = e->result;
        e->result.plan = NULL;
    }
    return taken;
}

void pg_ahead_free(pg_ahead *ahead)
{
    if (ahead == NULL)
        return;
    if (ahead->started) {
        (void)pthread_mutex_lock(&ahead->lock);
        ahead->ending = true;
        (void)pthread_cond_signal(&ahead->changed);
        (void)pthread_mutex_unlock(&ahead->lock);
        (void)pthread_join(ahead->thread, NULL);
    }
    for (size_t i = 0; i < ahead->count; i++) {
        pg_plan_release(ahead->entries[i].result.plan);
        pg_free(ahead->alloc, ahead->entries[i].path, ahead->entries[i].path_len);
    }
    pg_buf_free(&ahead->text);
    (void)pthread_cond_destroy(&ahead->changed);
    (void)pthread_mutex_destroy(&ahead->lock);
    pg_free(ahead->alloc, ahead, sizeof *ahead);
}
