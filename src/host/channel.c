/// Framed messages over a stream socket. See channel.h.
#include "channel.h"

#include "promptgen/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum { HEADER_SIZE = 5 };

const char *pg_frame_name(int type)
{
    switch (type) {
#define PG_FRAME_CASE(symbol, letter, name)                                                        \
    case letter:                                                                                   \
        return name;
        PG_FRAME_LIST(PG_FRAME_CASE)
#undef PG_FRAME_CASE
    default:
        return NULL;
    }
}

/// Waits until `fd` can be read (POLLIN) or written (POLLOUT).
static pg_status wait_ready(int fd, short events, pg_channel_wait *wait, pg_error *err)
{
    for (;;) {
        struct timespec left;
        struct timespec *timeout = NULL;
        if (wait->deadline_ns >= 0) {
            int64_t ns = wait->deadline_ns - pg_now_ns(NULL);
            if (ns <= 0)
                return pg_error_set(err, PG_LIMIT, "the time limit was reached");
            left.tv_sec = ns / PG_NS_PER_SECOND;
            left.tv_nsec = (long)(ns % PG_NS_PER_SECOND);
            timeout = &left;
        }
        struct pollfd entries[2] = {
            {.fd = fd, .events = events},
            {.fd = wait->attention_fd, .events = POLLIN},
        };
        int n = ppoll(entries, 2, timeout, NULL);
        if (n > 0 && entries[1].revents != 0 && wait->attend != NULL)
            wait->attend(wait->ctx, wait);
        if (n > 0 && entries[0].revents != 0)
            return PG_OK;
        if (n < 0 && errno != EINTR)
            return pg_error_set(err, PG_IO, "cannot wait for the other process: %s",
                                strerror(errno));
    }
}

/// Drops the first `sent` bytes of the parts.
static void advance(struct iovec **parts, size_t *count, size_t sent)
{
    while (*count > 0 && sent >= (*parts)->iov_len) {
        sent -= (*parts)->iov_len;
        (*parts)++;
        (*count)--;
    }
    if (*count > 0) {
        (*parts)->iov_base = (char *)(*parts)->iov_base + sent;
        (*parts)->iov_len -= sent;
    }
}

/// Sends all of the parts. With `wait` it never blocks but in there.
static pg_status send_all(int fd, struct iovec *parts, size_t count, pg_channel_wait *wait,
                          pg_error *err)
{
    int flags = MSG_NOSIGNAL | (wait != NULL ? MSG_DONTWAIT : 0);
    while (count > 0) {
        struct msghdr message = {.msg_iov = parts, .msg_iovlen = count};
        ssize_t n = sendmsg(fd, &message, flags);
        if (n >= 0) {
            advance(&parts, &count, (size_t)n);
            continue;
        }
        pg_status status = PG_OK;
        if (errno == EAGAIN && wait != NULL)
            status = wait_ready(fd, POLLOUT, wait, err);
        else if (errno != EINTR)
            status =
                pg_error_set(err, PG_IO, "cannot send to the other process: %s", strerror(errno));
        if (status != PG_OK)
            return status;
    }
    return PG_OK;
}

pg_status pg_channel_send_attending(int fd, pg_channel_wait *wait, pg_frame_type type,
                                    pg_str payload, pg_error *err)
{
    if (payload.len > PG_FRAME_MAX)
        return pg_error_set(err, PG_TOO_LARGE, "a message of %zu bytes is over the limit of %d",
                            payload.len, PG_FRAME_MAX);
    unsigned char header[HEADER_SIZE];
    for (int i = 0; i < 4; i++)
        header[i] = (unsigned char)(payload.len >> (8 * i));
    header[4] = (unsigned char)type;
    struct iovec parts[2] = {
        {header, sizeof header},
        {(void *)payload.ptr, payload.len},
    };
    return send_all(fd, parts, payload.len > 0 ? 2 : 1, wait, err);
}

pg_status pg_channel_send(int fd, pg_frame_type type, pg_str payload, pg_error *err)
{
    return pg_channel_send_attending(fd, NULL, type, payload, err);
}

static pg_status receive_bytes(int fd, pg_channel_wait *wait, void *into, size_t len, pg_error *err)
{
    bool blocking = wait->deadline_ns < 0 && wait->attention_fd < 0;
    char *at = into;
    while (len > 0) {
        pg_status status = blocking ? PG_OK : wait_ready(fd, POLLIN, wait, err);
        if (status != PG_OK)
            return status;
        ssize_t n = recv(fd, at, len, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0 || (n < 0 && errno == ECONNRESET))
            return pg_error_set(err, PG_CRASH, "the other process closed the channel");
        if (n < 0)
            return pg_error_set(err, PG_IO, "cannot receive from the other process: %s",
                                strerror(errno));
        at += n;
        len -= (size_t)n;
    }
    return PG_OK;
}

pg_status pg_channel_receive_attending(int fd, pg_channel_wait *wait, pg_frame_type *type,
                                       pg_buf *payload, pg_error *err)
{
    unsigned char header[HEADER_SIZE];
    pg_status status = receive_bytes(fd, wait, header, sizeof header, err);
    if (status != PG_OK)
        return status;
    size_t len = 0;
    for (int i = 3; i >= 0; i--)
        len = len << 8 | header[i];
    if (len > PG_FRAME_MAX || pg_frame_name(header[4]) == NULL)
        return pg_error_set(err, PG_CORRUPT, "malformed message from the other process");
    payload->len = 0;
    if (!pg_buf_reserve(payload, len))
        return pg_error_set(err, PG_NOMEM, "not enough memory for a message of %zu bytes", len);
    status = receive_bytes(fd, wait, payload->ptr, len, err);
    if (status != PG_OK)
        return status;
    payload->len = len;
    *type = (pg_frame_type)header[4];
    return PG_OK;
}

pg_status pg_channel_receive(int fd, int64_t deadline_ns, pg_frame_type *type, pg_buf *payload,
                             pg_error *err)
{
    pg_channel_wait wait = {.deadline_ns = deadline_ns, .attention_fd = -1};
    return pg_channel_receive_attending(fd, &wait, type, payload, err);
}
