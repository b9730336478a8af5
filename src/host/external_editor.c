/// Running the user's editor. See external_editor.h.
#include "external_editor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/// Attributes of a program that is to find signals as a shell would leave them.
static void reset_signals(posix_spawnattr_t *attributes)
{
    sigset_t none;
    sigset_t standard;
    (void)sigemptyset(&none);
    (void)sigemptyset(&standard);
    (void)sigaddset(&standard, SIGPIPE);
    (void)sigaddset(&standard, SIGXFSZ);
    (void)posix_spawnattr_setsigmask(attributes, &none);
    (void)posix_spawnattr_setsigdefault(attributes, &standard);
    (void)posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

pg_status pg_external_editor_run(const char *command, const char *path, pg_error *err)
{
    char script[PATH_MAX];
    int length = snprintf(script, sizeof script, "exec %s \"$1\"", command);
    if (length < 0 || (size_t)length >= sizeof script)
        return pg_error_set(err, PG_IO, "the editor's command is too long");
    char *const argv[] = {"sh", "-c", script, "sh", (char *)path, NULL};
    posix_spawnattr_t attributes;
    if (posix_spawnattr_init(&attributes) != 0)
        return pg_error_set(err, PG_NOMEM, "not enough memory to start the editor");
    reset_signals(&attributes);
    pid_t pid;
    int failed = posix_spawn(&pid, "/bin/sh", NULL, &attributes, argv, environ);
    (void)posix_spawnattr_destroy(&attributes);
    if (failed != 0)
        return pg_error_set(err, PG_IO, "cannot start the editor: %s", strerror(failed));
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return pg_error_set(err, PG_IO, "the editor (%s) failed", command);
    return PG_OK;
}

static pg_status write_all(int fd, pg_str text, pg_error *err)
{
    while (text.len > 0) {
        ssize_t n = write(fd, text.ptr, text.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return pg_error_set(err, PG_IO, "cannot write a temporary file: %s", strerror(errno));
        text = pg_str_slice(text, (size_t)n, text.len);
    }
    return PG_OK;
}

static pg_status read_back(const char *path, size_t max, pg_buf *edited, pg_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW); // an editor may have replaced the file
    if (fd < 0)
        return pg_error_set(err, PG_IO, "cannot read what was edited: %s", strerror(errno));
    pg_status status = PG_OK;
    edited->len = 0;
    for (ssize_t n = 1; n > 0 && status == PG_OK;) {
        char chunk[4096];
        n = read(fd, chunk, sizeof chunk);
        if (n < 0)
            status = pg_error_set(err, PG_IO, "cannot read what was edited: %s", strerror(errno));
        else
            pg_buf_put(edited, chunk, (size_t)n);
        if (edited->len > max)
            status = pg_error_set(err, PG_TOO_LARGE, "more than %zu bytes were entered", max);
        if (edited->failed)
            status = pg_error_set(err, PG_NOMEM, "not enough memory for what was edited");
    }
    (void)close(fd);
    return status;
}

pg_status pg_external_editor_edit_as(const char *command, pg_str text, const char *suffix,
                                     size_t max, pg_buf *edited, pg_error *err)
{
    const char *dir = getenv("TMPDIR");
    char path[PATH_MAX];
    int length = snprintf(path, sizeof path, "%s/promptgen-XXXXXX%s",
                          dir != NULL && *dir == '/' ? dir : "/tmp", suffix);
    if (length < 0 || (size_t)length >= sizeof path)
        return pg_error_set(err, PG_IO, "the path of the temporary directory is too long");
    int fd = mkostemps(path, (int)strlen(suffix), O_CLOEXEC);
    if (fd < 0)
        return pg_error_set(err, PG_IO, "cannot make a temporary file: %s", strerror(errno));
    pg_status status = write_all(fd, text, err);
    (void)close(fd);
    if (status == PG_OK)
        status = pg_external_editor_run(command, path, err);
    if (status == PG_OK)
        status = read_back(path, max, edited, err);
    (void)unlink(path);
    return status;
}

pg_status pg_external_editor_edit(const char *command, pg_str text, size_t max, pg_buf *edited,
                                  pg_error *err)
{
    return pg_external_editor_edit_as(command, text, ".lua", max, edited, err);
}
