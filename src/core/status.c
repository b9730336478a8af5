/// Status names, exit statuses and error formatting. See status.h.
#include "promptgen/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

typedef struct status_row {
    const char *name;
    const char *text;
    int exit_status;
} status_row;

static const status_row rows[PG_STATUS_COUNT] = {
#define PG_STATUS_ROW(symbol, name, exit, text) {name, text, exit},
    PG_STATUS_LIST(PG_STATUS_ROW)
#undef PG_STATUS_ROW
};

static const status_row *row_of(pg_status code)
{
    return (unsigned)code < PG_STATUS_COUNT ? &rows[code] : &rows[PG_INTERNAL];
}

const char *pg_status_name(pg_status code)
{
    return row_of(code)->name;
}

const char *pg_status_text(pg_status code)
{
    return row_of(code)->text;
}

int pg_status_exit(pg_status code)
{
    return row_of(code)->exit_status;
}

pg_status pg_status_from_name(const char *name, size_t len)
{
    for (int i = 0; i < PG_STATUS_COUNT; i++)
        if (strlen(rows[i].name) == len && memcmp(rows[i].name, name, len) == 0)
            return (pg_status)i;
    return PG_STATUS_COUNT;
}

/// Cuts a partial UTF-8 sequence off the end of a full buffer.
static void trim_partial_sequence(char *text, size_t len)
{
    size_t start = len;
    while (start > 0 && ((unsigned char)text[start - 1] & 0xC0) == 0x80)
        start--;
    if (start == 0)
        return;
    unsigned char lead = (unsigned char)text[start - 1];
    size_t need = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
    if (len - start < need)
        text[start - 1] = '\0';
}

pg_status(pg_error_set)(pg_error *err, pg_status code, const char *fmt, ...)
{
    if (err == NULL)
        return code;
    err->code = code;
    err->line = 0;
    err->column = 0;
    err->offset = 0;
    va_list args;
    va_start(args, fmt);
    // NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): started in the line above
    int n = vsnprintf(err->message, sizeof err->message, fmt, args);
    va_end(args);
    if (n < 0)
        err->message[0] = '\0';
    else if ((size_t)n >= sizeof err->message)
        trim_partial_sequence(err->message, sizeof err->message - 1);
    return code;
}

void pg_error_at(pg_error *err, int line, int column, size_t offset)
{
    if (err == NULL)
        return;
    err->line = line;
    err->column = column;
    err->offset = offset;
}

void pg_error_clear(pg_error *err)
{
    if (err == NULL)
        return;
    memset(err, 0, sizeof *err);
}
