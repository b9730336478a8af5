/// Worker handles in the parent and the life of the child. See lua_worker.h.
#include "lua_worker.h"

#include "lua_host.h"
#include "lua_signals.h"
#include "run_limits.h"
#include "sandbox.h"
#include "supervisor.h"

#include "../lua/lua_common.h"
#include "../lua/lua_pack.h"
#include "../lua/profiler.h"

#include "promptgen/clock.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

static const char worker_type[] = "promptgen.worker";

typedef struct worker_handle {
    pg_supervisor supervisor;
    pg_buf payload; ///< the last frame received or the next one to send
} worker_handle;

/// The one page that a worker that lives on shares with its parent.
static atomic_int *map_interrupt(void)
{
    void *page =
        mmap(NULL, sizeof(atomic_int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return page != MAP_FAILED ? page : NULL;
}

static worker_handle *check_worker(lua_State *L)
{
    return luaL_checkudata(L, 1, worker_type);
}

static int worker_close(lua_State *L)
{
    worker_handle *w = check_worker(L);
    pg_supervisor_end(&w->supervisor);
    if (w->supervisor.interrupt != NULL)
        (void)munmap(w->supervisor.interrupt, sizeof(atomic_int));
    w->supervisor.interrupt = NULL;
    pg_buf_free(&w->payload);
    return 0;
}

/// worker:begin_turn([seconds]): a worker that lives on has this long from now; default no limit
static int worker_begin_turn(lua_State *L)
{
    worker_handle *w = check_worker(L);
    lua_Number seconds = luaL_optnumber(L, 2, 0);
    luaL_argcheck(L, seconds >= 0 && seconds < 1e9, 2, "out of range");
    pg_supervisor_begin_turn(&w->supervisor, (int64_t)(seconds * (double)PG_NS_PER_SECOND));
    return 0;
}

/// worker:wait(seconds) -> boolean: a frame or the worker's end has come; false when time is over
/// or a signal has come, which is not taken
static int worker_wait(lua_State *L)
{
    worker_handle *w = check_worker(L);
    lua_Number seconds = luaL_checknumber(L, 2);
    luaL_argcheck(L, seconds >= 0 && seconds < 1e9, 2, "out of range");
    int64_t timeout_ns = (int64_t)(seconds * (double)PG_NS_PER_SECOND);
    lua_pushboolean(L, pg_supervisor_wait(&w->supervisor, timeout_ns));
    return 1;
}

/// worker:alive() -> boolean; false also when the process has ended unseen
static int worker_alive(lua_State *L)
{
    worker_handle *w = check_worker(L);
    lua_pushboolean(L, pg_supervisor_is_alive(&w->supervisor));
    return 1;
}

/// worker:interrupted() -> boolean: it was asked to stop since the turn began
static int worker_interrupted(lua_State *L)
{
    lua_pushboolean(L, check_worker(L)->supervisor.interrupted);
    return 1;
}

/// worker:next() -> frame name, value | nil, err
static int worker_next(lua_State *L)
{
    worker_handle *w = check_worker(L);
    pg_frame_type type;
    pg_error err = {0};
    if (pg_supervisor_next(&w->supervisor, &type, &w->payload, &err) != PG_OK)
        return pg_lua_fail(L, &err, NULL);
    lua_pushstring(L, pg_frame_name(type));
    if (pg_lua_unpack(L, pg_buf_str(&w->payload), &err) != PG_OK) {
        pg_supervisor_end(&w->supervisor);
        return pg_lua_fail(L, &err, NULL);
    }
    return 2;
}

static int send_answer(lua_State *L, pg_frame_type type)
{
    worker_handle *w = check_worker(L);
    luaL_checkany(L, 2);
    w->payload.len = 0;
    pg_error err = {0};
    if (pg_lua_pack(L, 2, &w->payload, &err) != PG_OK)
        return luaL_error(L, "cannot answer a worker: %s", err.message);
    pg_supervisor_answer(&w->supervisor, type, pg_buf_str(&w->payload));
    return 0;
}

/// worker:answer(value)
static int worker_answer(lua_State *L)
{
    return send_answer(L, PG_FRAME_ANSWER);
}

/// worker:refuse(error)
static int worker_refuse(lua_State *L)
{
    return send_answer(L, PG_FRAME_REFUSAL);
}

void pg_host_define_worker_type(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"next", worker_next},
        {"answer", worker_answer},
        {"refuse", worker_refuse},
        {"begin_turn", worker_begin_turn},
        {"interrupted", worker_interrupted},
        {"wait", worker_wait},
        {"alive", worker_alive},
        {"close", worker_close},
        {NULL, NULL},
    };
    pg_lua_new_type(L, worker_type, methods, worker_close);
    lua_pop(L, 1);
}

/// Sends the value at the top of the stack; a value that cannot be sent becomes an error frame.
static void send_top(lua_State *L, pg_frame_type type)
{
    pg_buf payload;
    pg_buf_init(&payload, NULL);
    pg_error err = {0};
    if (pg_lua_pack(L, -1, &payload, &err) != PG_OK) {
        type = PG_FRAME_ERROR;
        payload.len = 0;
        pg_pack_map(&payload, 2);
        pg_pack_str(&payload, PG_STR("code"));
        pg_pack_str(&payload, PG_STR("workflow_error"));
        pg_pack_str(&payload, PG_STR("message"));
        pg_pack_str(&payload, pg_str_from(err.message));
    }
    (void)!pg_channel_send(pg_host_of(L)->worker_fd, type, pg_buf_str(&payload), NULL);
}

/// Sends what the profiler of this process has measured, if one runs. The outcome matters more: a
/// profile that cannot be sent is left out.
static void send_profile(lua_State *L)
{
    if (pg_profiler_of(L) == NULL)
        return;
    pg_buf payload;
    pg_buf_init(&payload, NULL);
    if (pg_profiler_pack(L, &payload, NULL) == PG_OK)
        (void)!pg_channel_send(pg_host_of(L)->worker_fd, PG_FRAME_PROFILE, pg_buf_str(&payload),
                               NULL);
    pg_buf_free(&payload);
}

/// A profile begins anew in the child, or ends, when the parent does not expect one.
static void begin_profile(lua_State *L, bool wanted)
{
    if (wanted) {
        pg_profiler_restart(L);
        return;
    }
    if (lua_gethook(L) == pg_profiler_hook)
        lua_sethook(L, NULL, 0, 0);
    pg_profiler_end(L);
}

/// A worker that lives on has limits in its turns only, and ignores the terminal's SIGINT: its
/// parent decides what that means.
static void prepare_session(lua_State *L, const atomic_int *interrupt, size_t memory_bytes)
{
    pg_host *host = pg_host_of(L);
    lua_gc(L, LUA_GCRESTART);
    host->interrupt = interrupt;
    host->memory_cap =
        memory_bytes < SIZE_MAX - host->memory.used ? host->memory.used + memory_bytes : SIZE_MAX;
    sigset_t only_interrupt;
    (void)sigemptyset(&only_interrupt);
    (void)sigaddset(&only_interrupt, SIGINT);
    (void)sigprocmask(SIG_SETMASK, &only_interrupt, NULL);
}

/// As a named piece of work, where a profiler runs.
static pg_status enter_sandbox(lua_State *L, int channel_fd, const pg_sandbox_limits *limits,
                               pg_sandbox_report *report, pg_error *err)
{
    const pg_str name = PG_STR("entering the sandbox");
    pg_profiler *profiler = pg_profiler_of(L);
    if (profiler != NULL)
        pg_profiler_enter(L, profiler, 0, name);
    pg_status status = pg_sandbox_enter(channel_fd, limits, report, err);
    if (profiler != NULL)
        pg_profiler_leave(L, profiler, name);
    return status;
}

/// Body of the child: never returns. `interrupt` is NULL for the worker of a single run; `profiled`
/// says that the parent takes a profile.
static void run_worker(lua_State *L, int entry, int channel_fd, const pg_sandbox_limits *limits,
                       const atomic_int *interrupt, bool profiled)
{
    pg_host *host = pg_host_of(L);
    pg_lua_memory_leave_shared(&host->memory);
    pg_sandbox_report report = {0};
    pg_error err = {0};
    begin_profile(L, profiled);
    if (enter_sandbox(L, channel_fd, limits, &report, &err) != PG_OK)
        _exit(70);
    host->worker_fd = channel_fd;
    host->deadline_ns = pg_now_ns(NULL) + limits->timeout_ns;
    // A stack of its own: an error shows the user's frames, not those of the parent's program.
    lua_State *thread = lua_newthread(L);
    lua_pushvalue(L, entry);
    lua_createtable(L, 0, 2); // [.., thread, entry, report]
    lua_pushinteger(L, report.landlock);
    lua_setfield(L, -2, "landlock");
    lua_pushinteger(L, report.seccomp);
    lua_setfield(L, -2, "seccomp");
    lua_xmove(L, thread, 2);
    if (interrupt != NULL)
        prepare_session(L, interrupt, limits->memory_bytes);
    else
        pg_limits_arm(thread, host, limits->memory_bytes);
    int status = lua_pcall(thread, 1, 1, 0);
    pg_limits_disarm(thread, host);
    send_profile(L);
    send_top(thread, status == LUA_OK ? PG_FRAME_RESULT : PG_FRAME_ERROR);
    _exit(0);
}

int pg_host_start_worker(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checktype(L, 2, LUA_TFUNCTION);
    double timeout = pg_lua_opt_field_number(L, 1, "timeout", 10.0);
    luaL_argcheck(L, timeout > 0 && timeout < 1e9, 1, "timeout out of range");
    pg_sandbox_limits limits = {
        .memory_bytes = pg_lua_opt_field_size(L, 1, "memory", (size_t)256 << 20),
        .timeout_ns = (int64_t)(timeout * (double)PG_NS_PER_SECOND),
        .parent = getpid(),
    };
    bool profiled = pg_lua_opt_field_bool(L, 1, "profile", false);
    pg_attention *attention = NULL;
    if (lua_getfield(L, 1, "signals") != LUA_TNIL) // [opts, entry, signals]
        attention = pg_host_check_signals(L, -1);
    worker_handle *w = lua_newuserdatauv(L, sizeof *w, 1); // [opts, entry, signals, worker]
    memset(w, 0, sizeof *w);
    w->supervisor.fd = -1;
    pg_buf_init(&w->payload, NULL);
    luaL_setmetatable(L, worker_type);
    lua_pushvalue(L, 3);
    lua_setiuservalue(L, -2, 1);
    atomic_int *interrupt = attention != NULL ? map_interrupt() : NULL;
    int worker_fd = -1;
    pg_error err = {0};
    pg_status status = PG_OK;
    if (attention != NULL && interrupt == NULL)
        status = pg_error_set(&err, PG_NOMEM, "not enough memory for a worker");
    if (status == PG_OK)
        status = pg_supervisor_start(&w->supervisor, limits.timeout_ns, &worker_fd, &err);
    w->supervisor.attention = attention;
    w->supervisor.interrupt = interrupt;
    if (status != PG_OK)
        return pg_lua_fail(L, &err, NULL);
    if (worker_fd >= 0)
        run_worker(L, 2, worker_fd, &limits, interrupt, profiled);
    return 1;
}
