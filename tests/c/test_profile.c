/// Tests of the call tree: whose time is whose, by a clock that only the test moves.
#include "support.h"

#include "promptgen/pack.h"
#include "promptgen/profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// Addresses to be compared, never read.
static const char addresses[4096];
#define THREAD(n) ((const void *)&addresses[n])
#define FRAME(n) ((const void *)&addresses[1000 + (n)])

/// A profile on a clock of its own. Each report takes the profiler 1 ns.
typedef struct fixture {
    test_clock clock;
    pg_profile *p;
} fixture;

static void begin(fixture *f)
{
    test_clock_init(&f->clock, 1000);
    assert_int_equal(pg_profile_new(NULL, &f->clock.clock, &f->p, NULL), PG_OK);
    pg_profile_resume(f->p);
}

static void work(fixture *f, int64_t ns)
{
    f->clock.now += ns;
}

static void pause_profile(fixture *f)
{
    pg_profile_pause(f->p);
    work(f, 1);
}

/// Calls a function in `frame`; the same name is the same function.
static uint32_t function_of(fixture *f, const char *name)
{
    for (uint32_t i = 0; i < pg_profile_functions(f->p); i++)
        if (pg_str_equal(pg_profile_function_at(f->p, i).name, pg_str_from(name)))
            return i;
    pg_profile_function function = {PG_PROFILE_LUA, pg_str_from(name), PG_STR("file.lua"), 7};
    return pg_profile_add(f->p, &function);
}

static void call_on(fixture *f, int thread, int frame, const char *name)
{
    pause_profile(f);
    pg_profile_call(f->p, THREAD(thread), FRAME(frame), frame > 0 ? FRAME(frame - 1) : NULL,
                    function_of(f, name));
    pg_profile_resume(f->p);
}

static void return_on(fixture *f, int thread, int frame)
{
    pause_profile(f);
    pg_profile_return(f->p, THREAD(thread), FRAME(frame));
    pg_profile_resume(f->p);
}

static void call(fixture *f, int frame, const char *name)
{
    call_on(f, 0, frame, name);
}

static void leave_frame(fixture *f, int frame)
{
    return_on(f, 0, frame);
}

static void tail_call(fixture *f, int frame, const char *name)
{
    pause_profile(f);
    pg_profile_tail_call(f->p, THREAD(0), FRAME(frame), function_of(f, name));
    pg_profile_resume(f->p);
}

static void enter(fixture *f, int frame, const char *name)
{
    pause_profile(f);
    pg_profile_enter(f->p, THREAD(0), FRAME(frame), pg_str_from(name));
    pg_profile_resume(f->p);
}

static void leave(fixture *f, const char *name)
{
    pause_profile(f);
    pg_profile_leave(f->p, THREAD(0), pg_str_from(name));
    pg_profile_resume(f->p);
}

/// What a packed profile says: the tree as "a;b;c calls self" lines, and its numbers.
typedef struct view {
    char tree[16384];
    char names[64][80];
    char spans[1024]; ///< "name start end" lines
    int64_t start, end, overhead, lost;
    int64_t self; ///< of all nodes
} view;

static pg_pack_item next_item(pg_unpack *in, pg_pack_kind kind)
{
    pg_pack_item item;
    assert_int_equal(pg_unpack_next(in, &item, NULL), PG_OK);
    assert_int_equal(item.kind, kind);
    return item;
}

static long long next_int(pg_unpack *in)
{
    return next_item(in, PG_PACK_INT).as.integer;
}

static uint32_t array_under(pg_unpack *in, const char *key)
{
    assert_true(pg_str_equal(next_item(in, PG_PACK_STR).as.string, pg_str_from(key)));
    return next_item(in, PG_PACK_ARRAY).as.count;
}

static void read_functions(pg_unpack *in, view *v)
{
    uint32_t count = array_under(in, "functions");
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(next_item(in, PG_PACK_ARRAY).as.count, 4);
        pg_str kind = next_item(in, PG_PACK_STR).as.string;
        pg_str name = next_item(in, PG_PACK_STR).as.string;
        (void)next_item(in, PG_PACK_STR);
        (void)next_int(in);
        if (i < 64)
            (void)snprintf(v->names[i], sizeof v->names[i], "%s%.*s", *kind.ptr == 's' ? "#" : "",
                           (int)(name.len < 70 ? name.len : 70), name.ptr);
    }
}

static void read_nodes(pg_unpack *in, view *v)
{
    static char paths[128][400];
    uint32_t count = array_under(in, "nodes");
    assert_int_equal(count % 4, 0);
    size_t at = 0;
    for (uint32_t i = 0; i < count / 4; i++) {
        long long parent = next_int(in);
        long long function = next_int(in);
        long long calls = next_int(in);
        long long self = next_int(in);
        assert_true(parent < (long long)i);
        v->self += self;
        if (i >= 128 || at > sizeof v->tree - 500)
            continue;
        if (i == 0)
            (void)snprintf(paths[0], sizeof paths[0], "/");
        else
            (void)snprintf(paths[i], sizeof paths[i], "%.300s%s%s",
                           parent == 0 ? "" : paths[parent], parent == 0 ? "" : ";",
                           v->names[function]);
        at += (size_t)snprintf(v->tree + at, sizeof v->tree - at, "%s %lld %lld\n", paths[i], calls,
                               self);
    }
}

static void read_spans(pg_unpack *in, view *v)
{
    uint32_t count = array_under(in, "spans");
    size_t at = 0;
    for (uint32_t i = 0; i < count / 3; i++) {
        long long function = next_int(in);
        long long start = next_int(in);
        long long end = next_int(in);
        if (at < sizeof v->spans - 100)
            at += (size_t)snprintf(v->spans + at, sizeof v->spans - at, "%s %lld %lld\n",
                                   v->names[function], start, end);
    }
}

/// Ends the fixture and reads what it packed.
static void finish(fixture *f, view *v)
{
    memset(v, 0, sizeof *v);
    pg_profile_pause(f->p);
    pg_buf packed;
    pg_buf_init(&packed, NULL);
    assert_int_equal(pg_profile_pack(f->p, &packed, NULL), PG_OK);
    pg_unpack in;
    pg_unpack_init(&in, pg_buf_str(&packed));
    assert_int_equal(next_item(&in, PG_PACK_MAP).as.count, 7);
    int64_t *const numbers[] = {&v->start, &v->end, &v->overhead, &v->lost};
    for (size_t i = 0; i < 4; i++) {
        (void)next_item(&in, PG_PACK_STR);
        *numbers[i] = next_int(&in);
    }
    read_functions(&in, v);
    read_nodes(&in, v);
    read_spans(&in, v);
    assert_true(pg_unpack_done(&in));
    assert_int_equal(v->end - v->start, v->self + v->overhead); // all time is somebody's
    pg_buf_free(&packed);
    pg_profile_free(f->p);
}

static void test_time_belongs_to_the_function_that_runs(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    work(&f, 5);
    call(&f, 0, "main");
    work(&f, 10);
    for (int i = 0; i < 3; i++) {
        call(&f, 1, "helper");
        work(&f, 100);
        leave_frame(&f, 1);
    }
    work(&f, 20);
    leave_frame(&f, 0);
    work(&f, 7);
    view v;
    finish(&f, &v);
    assert_string_equal(v.tree, "/ 0 12\nmain 1 30\nmain;helper 3 300\n");
    assert_int_equal(v.overhead, 8);
    assert_int_equal(v.end - v.start, 12 + 30 + 300 + 8);
    assert_int_equal(v.lost, 0);
}

static void test_recursion_makes_one_node_a_level(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    for (int round = 0; round < 2; round++) {
        for (int depth = 0; depth < 3; depth++) {
            call(&f, depth, "again");
            work(&f, 10);
        }
        for (int depth = 2; depth >= 0; depth--)
            leave_frame(&f, depth);
    }
    view v;
    finish(&f, &v);
    assert_string_equal(v.tree, "/ 0 0\nagain 2 20\nagain;again 2 20\nagain;again;again 2 20\n");
}

static void test_an_error_that_unwinds_is_noticed_by_the_next_report(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    call(&f, 0, "main");
    call(&f, 1, "pcall");
    call(&f, 2, "fails");
    call(&f, 3, "deeper");
    work(&f, 4);
    leave_frame(&f, 1); // the two above never return
    work(&f, 8);
    call(&f, 1, "protect");
    call(&f, 2, "fails");
    call(&f, 3, "deeper");
    call(&f, 2, "after"); // called by frame 1: the frames above it are gone
    work(&f, 16);
    leave_frame(&f, 2);
    leave_frame(&f, 1);
    leave_frame(&f, 0);
    view v;
    finish(&f, &v);
    assert_string_equal(v.tree, "/ 0 0\nmain 1 8\nmain;pcall 1 0\nmain;pcall;fails 1 0\n"
                                "main;pcall;fails;deeper 1 4\nmain;protect 1 0\n"
                                "main;protect;fails 1 0\nmain;protect;fails;deeper 1 0\n"
                                "main;protect;after 1 16\n");
}

static void test_reports_may_begin_in_the_middle(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    leave_frame(&f, 9);
    call(&f, 5, "inner"); // its caller, frame 4, was never reported
    work(&f, 3);
    leave_frame(&f, 5);
    leave_frame(&f, 4);
    call(&f, 4, "next");
    work(&f, 2);
    view v;
    finish(&f, &v);
    assert_string_equal(v.tree, "/ 0 0\ninner 1 3\nnext 1 2\n");
}

static void test_a_tail_call_is_shown_beneath_what_it_replaces(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    call(&f, 0, "main");
    call(&f, 1, "first");
    work(&f, 1);
    tail_call(&f, 1, "second");
    work(&f, 2);
    call(&f, 2, "leaf");
    work(&f, 4);
    leave_frame(&f, 2);
    leave_frame(&f, 1); // one return for the whole chain
    work(&f, 8);
    leave_frame(&f, 0);
    view v;
    finish(&f, &v);
    assert_string_equal(v.tree, "/ 0 0\nmain 1 8\nmain;first 1 1\nmain;first;second 1 2\n"
                                "main;first;second;leaf 1 4\n");
}

static void test_a_loop_of_tail_calls_does_not_grow(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    call(&f, 0, "main");
    call(&f, 1, "even");
    for (int i = 0; i < 5000; i++) {
        tail_call(&f, 1, "odd");
        work(&f, 1);
        tail_call(&f, 1, "even");
        work(&f, 2);
    }
    leave_frame(&f, 1);
    leave_frame(&f, 0);
    view v;
    finish(&f, &v);
    assert_string_equal(v.tree, "/ 0 0\nmain 1 0\nmain;even 5001 10000\nmain;even;odd 5000 5000\n");
    assert_int_equal(v.lost, 0);
}

static void test_a_coroutine_belongs_to_who_continues_it(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    call(&f, 0, "main");
    call(&f, 1, "resume");
    call_on(&f, 1, 0, "body");
    work(&f, 1);
    call_on(&f, 1, 1, "yield");
    work(&f, 2);
    leave_frame(&f, 1); // resume returns: the coroutine has yielded
    work(&f, 4);
    call(&f, 1, "other");
    call(&f, 2, "resume");
    work(&f, 8);
    return_on(&f, 1, 1); // continued beneath `other`
    work(&f, 16);
    return_on(&f, 1, 0); // the coroutine ends
    work(&f, 32);
    leave_frame(&f, 2);
    leave_frame(&f, 1);
    leave_frame(&f, 0);
    view v;
    finish(&f, &v);
    assert_string_equal(v.tree,
                        "/ 0 0\nmain 1 4\nmain;resume 1 0\nmain;resume;body 1 1\n"
                        "main;resume;body;yield 1 2\nmain;other 1 0\nmain;other;resume 1 40\n"
                        "main;other;resume;body 0 16\nmain;other;resume;body;yield 0 0\n");
}

static void test_a_coroutine_that_died_leaves_its_address_to_a_new_one(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    call(&f, 0, "main");
    for (int i = 0; i < 2; i++) {
        call(&f, 1, "resume");
        call_on(&f, 1, 0, "body");
        call_on(&f, 1, 1, "error");
        work(&f, 5);
        leave_frame(&f, 1);
    }
    leave_frame(&f, 0);
    view v;
    finish(&f, &v);
    assert_string_equal(v.tree, "/ 0 0\nmain 1 0\nmain;resume 2 0\nmain;resume;body 2 0\n"
                                "main;resume;body;error 2 10\n");
}

static void test_a_span_holds_what_is_called_within_it(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    call(&f, 0, "main");
    enter(&f, 0, "parse");
    work(&f, 10);
    call(&f, 1, "read");
    work(&f, 5);
    leave_frame(&f, 1);
    leave(&f, "parse");
    work(&f, 1);
    call(&f, 1, "read");
    work(&f, 2);
    leave_frame(&f, 1);
    leave(&f, "parse"); // not open: nothing happens
    leave_frame(&f, 0);
    view v;
    finish(&f, &v);
    assert_string_equal(v.tree, "/ 0 0\nmain 1 1\nmain;#parse 1 10\nmain;#parse;read 1 5\n"
                                "main;read 1 2\n");
    assert_string_equal(v.spans, "#parse 1001 1019\n");
}

static void test_a_span_ends_with_the_call_that_opened_it(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    call(&f, 0, "main");
    call(&f, 1, "work");
    enter(&f, 1, "outer");
    enter(&f, 1, "inner");
    work(&f, 3);
    leave_frame(&f, 1);
    work(&f, 1);
    enter(&f, 0, "open");
    work(&f, 6);
    view v;
    finish(&f, &v);
    assert_string_equal(v.tree, "/ 0 0\nmain 1 1\nmain;work 1 0\nmain;work;#outer 1 0\n"
                                "main;work;#outer;#inner 1 3\nmain;#open 1 6\n");
    assert_string_equal(v.spans, "#outer 1002 1007\n#inner 1003 1007\n#open 1009 1016\n");
}

static void test_leaving_a_span_closes_the_spans_within(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    enter(&f, 0, "outer");
    enter(&f, 0, "inner");
    leave(&f, "outer");
    work(&f, 9);
    view v;
    finish(&f, &v);
    assert_string_equal(v.tree, "/ 0 9\n#outer 1 0\n#outer;#inner 1 0\n");
}

static void test_a_restart_begins_anew_and_keeps_functions(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    call(&f, 0, "main");
    enter(&f, 0, "span");
    work(&f, 50);
    pg_profile_pause(f.p);
    pg_profile_restart(f.p);
    pg_profile_resume(f.p);
    assert_int_equal(pg_profile_functions(f.p), 2);
    call(&f, 0, "main");
    enter(&f, 0, "span");
    work(&f, 2);
    view v;
    finish(&f, &v);
    assert_string_equal(v.tree, "/ 0 0\nmain 1 0\nmain;#span 1 2\n");
    assert_int_equal(v.start, 1052);
}

static void test_what_reports_cost_is_taken_off_once_it_is_known(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    work(&f, 40);
    for (int i = 0; i < 5; i++) {
        call(&f, 0, "nothing");
        work(&f, 10 + i % 3);
        leave_frame(&f, 0);
        work(&f, 30);
    }
    pg_profile_calibrate(f.p);
    work(&f, 1000);
    pg_profile_resume(f.p);
    call(&f, 0, "quick");
    work(&f, 4);
    call(&f, 1, "slow");
    work(&f, 25);
    view v;
    finish(&f, &v);
    assert_string_equal(v.tree, "/ 0 0\nquick 1 0\nquick;slow 1 15\n");
    assert_int_equal(v.overhead, 1000 + 2 + 4 + 10);
}

static void test_a_function_can_be_renamed(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    call(&f, 0, "?");
    pg_profile_rename(f.p, 0, PG_STR("string.find"));
    view v;
    finish(&f, &v);
    assert_string_equal(v.names[0], "string.find");
}

static void test_names_keep_their_end_when_they_are_cut(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    char name[400];
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 2] = 'z';
    name[sizeof name - 1] = '\0';
    pg_profile_function at = pg_profile_function_at(f.p, function_of(&f, name));
    assert_int_equal(at.name.len, PG_PROFILE_MAX_TEXT);
    assert_int_equal(at.name.ptr[PG_PROFILE_MAX_TEXT - 1], 'z');
    pg_profile_free(f.p);
}

static void test_a_full_profile_charges_the_caller_and_counts_what_is_lost(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    char name[32];
    for (int i = 0; i < PG_PROFILE_MAX_FUNCTIONS + 10; i++) {
        (void)snprintf(name, sizeof name, "f%d", i);
        pg_profile_function function = {PG_PROFILE_C, pg_str_from(name), PG_STR(""), 0};
        uint32_t made = pg_profile_add(f.p, &function);
        assert_int_equal(made, i < PG_PROFILE_MAX_FUNCTIONS ? (uint32_t)i : PG_PROFILE_NONE);
    }
    pause_profile(&f);
    pg_profile_call(f.p, THREAD(0), FRAME(0), NULL, 0);
    pg_profile_call(f.p, THREAD(0), FRAME(1), FRAME(0), PG_PROFILE_NONE);
    pg_profile_resume(f.p);
    work(&f, 30);
    view v;
    finish(&f, &v);
    assert_string_equal(v.tree, "/ 0 0\nf0 1 30\n");
    assert_int_equal(v.lost, 10);
}

static void test_endless_recursion_over_many_functions_stays_bounded(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    char names[7][4] = {"a", "b", "c", "d", "e", "f", "g"};
    unsigned seed = 1;
    for (int round = 0; round < 20000; round++) {
        for (int depth = 0; depth < 12; depth++) {
            seed = seed * 1103515245u + 12345u;
            call(&f, depth, names[seed / 65536u % 7]);
        }
        leave_frame(&f, 0);
    }
    view v;
    finish(&f, &v);
    assert_true(v.lost > 0);
}

static void test_many_span_names_share_the_last_one(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    char name[32];
    for (int i = 0; i < 2 * PG_PROFILE_MAX_SPANS; i++) {
        (void)snprintf(name, sizeof name, "span %d", i);
        enter(&f, 0, name);
        leave(&f, name);
    }
    assert_int_equal(pg_profile_functions(f.p), PG_PROFILE_MAX_SPAN_NAMES);
    pg_profile_function last = pg_profile_function_at(f.p, PG_PROFILE_MAX_SPAN_NAMES - 1);
    assert_true(pg_str_equal(last.name, PG_STR("(other spans)")));
    pg_profile_free(f.p);
}

static void test_many_open_coroutines_are_bounded(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    enum { COUNT = PG_PROFILE_MAX_THREADS + 100 };
    char *many = malloc(COUNT);
    assert_non_null(many);
    uint32_t function = function_of(&f, "body");
    for (int i = 0; i < COUNT; i++) {
        pause_profile(&f);
        pg_profile_call(f.p, &many[i], FRAME(0), NULL, function);
        pg_profile_return(f.p, &many[i], FRAME(1)); // still open
        pg_profile_call(f.p, THREAD(0), FRAME(1), FRAME(0), function);
        pg_profile_return(f.p, THREAD(0), FRAME(1));
        pg_profile_resume(f.p);
    }
    free(many);
    view v;
    finish(&f, &v);
    assert_true(v.lost >= 100);
}

static void test_random_reports_keep_the_account(void **state)
{
    (void)state;
    static const char *const names[] = {"a", "b", "c", "d"};
    for (unsigned seed = 1; seed <= 60; seed++) {
        fixture f;
        begin(&f);
        unsigned x = seed;
        for (int i = 0; i < 400; i++) {
            x = x * 1103515245u + 12345u;
            int thread = (int)(x / 65536u % 3);
            int frame = (int)(x / 1048576u % 6);
            const char *name = names[x / 8388608u % 4];
            switch (x / 4096u % 7) {
            case 0:
            case 1:
            case 2:
                call_on(&f, thread, frame, name);
                break;
            case 3:
                return_on(&f, thread, frame);
                break;
            case 4:
                tail_call(&f, frame, name);
                break;
            case 5:
                enter(&f, frame, name);
                break;
            default:
                leave(&f, name);
                break;
            }
            work(&f, (int64_t)(x / 65536u % 50));
        }
        view v;
        finish(&f, &v);
        assert_int_equal(v.lost, 0);
        assert_int_equal(v.overhead, 400);
    }
}

static bool profile_something(const pg_alloc *alloc, void *ctx)
{
    (void)ctx;
    pg_profile *p;
    if (pg_profile_new(alloc, NULL, &p, NULL) != PG_OK) {
        assert_null(p);
        return false;
    }
    pg_profile_function function = {PG_PROFILE_LUA, PG_STR("f"), PG_STR("x.lua"), 1};
    for (int i = 0; i < 100; i++) {
        uint32_t made = pg_profile_add(p, &function);
        pg_profile_call(p, THREAD(i % 3), FRAME(i), i > 2 ? FRAME(i - 3) : NULL, made);
        pg_profile_enter(p, THREAD(i % 3), FRAME(i), PG_STR("span"));
    }
    pg_buf packed;
    pg_buf_init(&packed, alloc);
    bool ok = pg_profile_pack(p, &packed, NULL) == PG_OK;
    pg_buf_free(&packed);
    pg_profile_free(p);
    return ok;
}

static void test_no_failed_allocation_leaks_or_breaks_a_profile(void **state)
{
    (void)state;
    test_alloc_sweep(profile_something, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_time_belongs_to_the_function_that_runs),
        cmocka_unit_test(test_recursion_makes_one_node_a_level),
        cmocka_unit_test(test_an_error_that_unwinds_is_noticed_by_the_next_report),
        cmocka_unit_test(test_reports_may_begin_in_the_middle),
        cmocka_unit_test(test_a_tail_call_is_shown_beneath_what_it_replaces),
        cmocka_unit_test(test_a_loop_of_tail_calls_does_not_grow),
        cmocka_unit_test(test_a_coroutine_belongs_to_who_continues_it),
        cmocka_unit_test(test_a_coroutine_that_died_leaves_its_address_to_a_new_one),
        cmocka_unit_test(test_a_span_holds_what_is_called_within_it),
        cmocka_unit_test(test_a_span_ends_with_the_call_that_opened_it),
        cmocka_unit_test(test_leaving_a_span_closes_the_spans_within),
        cmocka_unit_test(test_a_restart_begins_anew_and_keeps_functions),
        cmocka_unit_test(test_what_reports_cost_is_taken_off_once_it_is_known),
        cmocka_unit_test(test_a_function_can_be_renamed),
        cmocka_unit_test(test_names_keep_their_end_when_they_are_cut),
        cmocka_unit_test(test_a_full_profile_charges_the_caller_and_counts_what_is_lost),
        cmocka_unit_test(test_endless_recursion_over_many_functions_stays_bounded),
        cmocka_unit_test(test_many_span_names_share_the_last_one),
        cmocka_unit_test(test_many_open_coroutines_are_bounded),
        cmocka_unit_test(test_random_reports_keep_the_account),
        cmocka_unit_test(test_no_failed_allocation_leaks_or_breaks_a_profile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
