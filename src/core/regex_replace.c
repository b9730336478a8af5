/// Replacement of matches, and escaping. See regex.h.
#include "promptgen/regex.h"

#include <stdint.h>

/// One piece of a replacement: literal text, or a group when `text.ptr` is NULL.
typedef struct piece {
    pg_str text;
    size_t group;
} piece;

static pg_status bad_replacement(size_t offset, const char *what, pg_error *err)
{
    pg_status status = pg_error_set(err, PG_REGEX_SYNTAX, "%s in the replacement", what);
    pg_error_at(err, 0, 0, offset);
    return status;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/// Number of at most `max_digits` digits at `*at`, which moves past them; false when there is none.
static bool read_number(pg_str s, size_t *at, size_t max_digits, size_t *number)
{
    size_t begin = *at;
    *number = 0;
    while (*at < s.len && *at - begin < max_digits && is_digit(s.ptr[*at]))
        *number = *number * 10 + (size_t)(s.ptr[(*at)++] - '0');
    return *at > begin;
}

/// The reference behind a $ at `*at - 1`; `*at` moves past it.
static pg_status read_reference(const pg_regex *re, pg_str s, size_t *at, piece *out, pg_error *err)
{
    size_t dollar = *at - 1;
    if (*at < s.len && s.ptr[*at] == '$') {
        *out = (piece){.text = {s.ptr + *at, 1}};
        (*at)++;
        return PG_OK;
    }
    *out = (piece){.text = {NULL, 0}};
    if (*at < s.len && s.ptr[*at] == '{') {
        size_t close = pg_str_find(s, PG_STR("}"), *at);
        if (close == (size_t)-1)
            return bad_replacement(dollar, "a ${ without }", err);
        pg_str name = pg_str_slice(s, *at + 1, close);
        size_t end = 0;
        bool number = read_number(name, &end, 5, &out->group) && end == name.len;
        if (!number)
            out->group = pg_regex_group(re, name);
        *at = close + 1;
        if (!number && out->group == 0)
            return bad_replacement(dollar, "an unknown group", err);
    } else if (!read_number(s, at, 2, &out->group)) {
        return bad_replacement(dollar, "a lone $ (write $$)", err);
    }
    if (out->group > pg_regex_group_count(re))
        return bad_replacement(dollar, "an unknown group", err);
    return PG_OK;
}

/// Next piece of `s` from `*at`, which moves past it. `s` has more.
static pg_status read_piece(const pg_regex *re, pg_str s, size_t *at, piece *out, pg_error *err)
{
    if (s.ptr[*at] == '$') {
        (*at)++;
        return read_reference(re, s, at, out, err);
    }
    size_t end = pg_str_find(s, PG_STR("$"), *at);
    *out = (piece){.text = pg_str_slice(s, *at, end)};
    *at = end < s.len ? end : s.len;
    return PG_OK;
}

static pg_status check_replacement(const pg_regex *re, pg_str replacement, pg_error *err)
{
    pg_status status = PG_OK;
    piece ignored;
    for (size_t at = 0; at < replacement.len && status == PG_OK;)
        status = read_piece(re, replacement, &at, &ignored, err);
    return status;
}

/// Appends what stands for one match.
static pg_status expand(const pg_regex_iter *it, pg_str replacement, pg_buf *out, pg_error *err)
{
    for (size_t at = 0; at < replacement.len;) {
        piece p;
        pg_status status = read_piece(it->re, replacement, &at, &p, err);
        if (status != PG_OK)
            return status;
        if (p.text.ptr == NULL) {
            pg_span span = pg_match_group(it->match, p.group);
            p.text = pg_str_slice(it->subject, span.start, span.end);
        }
        pg_buf_put_str(out, p.text);
    }
    return PG_OK;
}

static pg_status check_room(const pg_buf *out, size_t begin, pg_error *err)
{
    if (out->failed)
        return pg_error_set(err, PG_NOMEM, "out of memory");
    if (out->len - begin > PG_REGEX_MAX_OUTPUT)
        return pg_error_set(err, PG_LIMIT, "the result is larger than %d bytes",
                            PG_REGEX_MAX_OUTPUT);
    return PG_OK;
}

static pg_status replace_all(pg_regex_iter *it, pg_str replacement, size_t max_count, pg_buf *out,
                             size_t *count, pg_error *err)
{
    size_t begin = out->len;
    size_t copied = 0;
    pg_status status = PG_OK;
    while (status == PG_OK && *count < max_count) {
        bool found = false;
        status = pg_regex_next(it, &found, err);
        if (status != PG_OK || !found)
            break;
        pg_span whole = pg_match_group(it->match, 0);
        pg_buf_put_str(out, pg_str_slice(it->subject, copied, whole.start));
        copied = whole.end;
        (*count)++;
        status = expand(it, replacement, out, err);
        if (status == PG_OK)
            status = check_room(out, begin, err);
    }
    pg_buf_put_str(out, pg_str_slice(it->subject, copied, it->subject.len));
    return status == PG_OK ? check_room(out, begin, err) : status;
}

pg_status pg_regex_replace(const pg_regex *re, pg_str subject, pg_str replacement, size_t max_count,
                           pg_buf *out, size_t *count, pg_error *err)
{
    pg_status status = check_replacement(re, replacement, err);
    pg_match *match = NULL;
    if (status == PG_OK)
        status = pg_match_new(re, &match, err);
    if (status != PG_OK)
        return status;
    size_t replaced = 0;
    pg_regex_iter it;
    pg_regex_iter_init(&it, re, subject, 0, match);
    status = replace_all(&it, replacement, max_count, out, &replaced, err);
    pg_match_free(match);
    if (status == PG_OK && count != NULL)
        *count = replaced;
    return status;
}

size_t pg_regex_escape(pg_str text, char *out)
{
    char *at = out;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool word = is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
                    (unsigned char)c >= 0x80;
        if (!word)
            *at++ = '\\';
        *at++ = c;
    }
    return (size_t)(at - out);
}
