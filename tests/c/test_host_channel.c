/// Tests of frames: order, limits, hostile headers, deadlines, a peer that is gone.
#include "support.h"

#include "channel.h"

#include "promptgen/clock.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int ends[2];

static int open_pair(void **state)
{
    (void)state;
    return socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
}

static int close_pair(void **state)
{
    (void)state;
    (void)close(ends[0]);
    (void)close(ends[1]);
    return 0;
}

static pg_status receive(int64_t deadline_ns, pg_frame_type *type, pg_buf *payload)
{
    pg_error err = {0};
    pg_status status = pg_channel_receive(ends[1], deadline_ns, type, payload, &err);
    assert_int_equal(status, err.code);
    return status;
}

static void test_frames_arrive_in_order_with_their_bytes(void **state)
{
    (void)state;
    assert_int_equal(pg_channel_send(ends[0], PG_FRAME_OUTPUT, (pg_str){"a\0b", 3}, NULL), PG_OK);
    assert_int_equal(pg_channel_send(ends[0], PG_FRAME_RESULT, (pg_str){NULL, 0}, NULL), PG_OK);
    pg_buf payload;
    pg_buf_init(&payload, NULL);
    pg_frame_type type;
    assert_int_equal(receive(-1, &type, &payload), PG_OK);
    assert_int_equal(type, PG_FRAME_OUTPUT);
    assert_true(pg_str_equal(pg_buf_str(&payload), (pg_str){"a\0b", 3}));
    assert_int_equal(receive(-1, &type, &payload), PG_OK);
    assert_int_equal(type, PG_FRAME_RESULT);
    assert_int_equal(payload.len, 0);
    pg_buf_free(&payload);
}

static void test_an_announced_length_above_the_limit_is_refused_before_allocating(void **state)
{
    (void)state;
    const unsigned char header[5] = {0xff, 0xff, 0xff, 0xff, 'O'};
    assert_int_equal(write(ends[0], header, sizeof header), sizeof header);
    test_alloc t;
    test_alloc_init(&t);
    pg_buf payload;
    pg_buf_init(&payload, &t.alloc);
    pg_frame_type type;
    assert_int_equal(receive(-1, &type, &payload), PG_CORRUPT);
    assert_int_equal(t.requests, 0);
}

static void test_an_unknown_type_is_refused(void **state)
{
    (void)state;
    const unsigned char header[5] = {0, 0, 0, 0, 'z'};
    assert_int_equal(write(ends[0], header, sizeof header), sizeof header);
    pg_buf payload;
    pg_buf_init(&payload, NULL);
    pg_frame_type type;
    assert_int_equal(receive(-1, &type, &payload), PG_CORRUPT);
}

static void test_a_frame_cut_short_by_a_dying_peer_is_a_crash(void **state)
{
    (void)state;
    const unsigned char bytes[7] = {10, 0, 0, 0, 'O', 'a', 'b'};
    assert_int_equal(write(ends[0], bytes, sizeof bytes), sizeof bytes);
    (void)close(ends[0]);
    pg_buf payload;
    pg_buf_init(&payload, NULL);
    pg_frame_type type;
    assert_int_equal(receive(-1, &type, &payload), PG_CRASH);
    pg_buf_free(&payload);
}

static void test_silence_past_the_deadline_is_a_limit(void **state)
{
    (void)state;
    pg_buf payload;
    pg_buf_init(&payload, NULL);
    pg_frame_type type;
    assert_int_equal(receive(pg_now_ns(NULL) + 1000 * 1000, &type, &payload), PG_LIMIT);
    assert_int_equal(receive(pg_now_ns(NULL) - 1, &type, &payload), PG_LIMIT);
}

static void test_sending_to_a_closed_peer_is_an_error_and_no_signal(void **state)
{
    (void)state;
    (void)close(ends[1]);
    pg_error err = {0};
    assert_int_equal(pg_channel_send(ends[0], PG_FRAME_LOG, PG_STR("x"), &err), PG_IO);
    assert_true(strlen(err.message) > 0);
}

static void test_a_failed_allocation_is_reported(void **state)
{
    (void)state;
    assert_int_equal(pg_channel_send(ends[0], PG_FRAME_OUTPUT, PG_STR("text"), NULL), PG_OK);
    test_alloc t;
    test_alloc_init(&t);
    t.fail_at = 1;
    pg_buf payload;
    pg_buf_init(&payload, &t.alloc);
    pg_frame_type type;
    assert_int_equal(receive(-1, &type, &payload), PG_NOMEM);
}

#define CHANNEL_TEST(f) cmocka_unit_test_setup_teardown(f, open_pair, close_pair)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CHANNEL_TEST(test_frames_arrive_in_order_with_their_bytes),
        CHANNEL_TEST(test_an_announced_length_above_the_limit_is_refused_before_allocating),
        CHANNEL_TEST(test_an_unknown_type_is_refused),
        CHANNEL_TEST(test_a_frame_cut_short_by_a_dying_peer_is_a_crash),
        CHANNEL_TEST(test_silence_past_the_deadline_is_a_limit),
        CHANNEL_TEST(test_sending_to_a_closed_peer_is_an_error_and_no_signal),
        CHANNEL_TEST(test_a_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
