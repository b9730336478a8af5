/// Work on many items with all cores. See pool.h.
#include "promptgen/pool.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>

typedef struct pool {
    pg_pool_work work;
    void *ctx;
    size_t count;
    atomic_size_t next; ///< first item nobody has taken
} pool;

typedef struct pool_thread {
    pool *pool;
    pthread_t thread;
    unsigned worker;
} pool_thread;

unsigned pg_pool_processors(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    int count = CPU_COUNT(&set);
    return count < 1 ? 1 : count > PG_POOL_MAX_THREADS ? PG_POOL_MAX_THREADS : (unsigned)count;
}

static void work_off(pool *p, unsigned worker)
{
    // Relaxed: the items do not depend on one another, and joining orders all of them before what
    // the caller does next.
    for (;;) {
        size_t index = atomic_fetch_add_explicit(&p->next, 1, memory_order_relaxed);
        if (index >= p->count)
            return;
        p->work(p->ctx, index, worker);
    }
}

static void *thread_main(void *arg)
{
    pool_thread *t = arg;
    work_off(t->pool, t->worker);
    return NULL;
}

unsigned pg_pool_run(size_t count, unsigned threads, pg_pool_work work, void *ctx)
{
    if (threads == 0)
        threads = pg_pool_processors();
    if (threads > PG_POOL_MAX_THREADS)
        threads = PG_POOL_MAX_THREADS;
    if (threads > count)
        threads = count > 0 ? (unsigned)count : 1;
    pool p = {.work = work, .ctx = ctx, .count = count};
    atomic_init(&p.next, 0);
    pool_thread started[PG_POOL_MAX_THREADS];
    unsigned running = 1; // the caller
    sigset_t all, before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before); // new threads inherit the mask
    while (running < threads) {
        started[running] = (pool_thread){.pool = &p, .worker = running};
        if (pthread_create(&started[running].thread, NULL, thread_main, &started[running]) != 0)
            break;
        running++;
    }
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    work_off(&p, 0);
    for (unsigned i = 1; i < running; i++)
        (void)pthread_join(started[i].thread, NULL);
    return running;
}
