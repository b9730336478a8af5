/// The date a document states in its header.
#include "facets_internal.h"

#include <stdio.h>
#include <string.h>

static const char *const MONTHS[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                     "jul", "aug", "sep", "oct", "nov", "dec"};
static const char *const MONTH_ENDS[] = {"uary", "ruary", "ch",     "il",   "",      "e",
                                         "y",    "ust",   "tember", "ober", "ember", "ember"};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/// Value of a run of `digits` digits at `at`, not part of a longer run; -1 when there is none.
static int number_at(pg_str s, size_t at, size_t digits)
{
    int value = 0;
    if (at + digits > s.len || (at + digits < s.len && is_digit(s.ptr[at + digits])))
        return -1;
    for (size_t i = at; i < at + digits; i++) {
        if (!is_digit(s.ptr[i]))
            return -1;
        value = value * 10 + (s.ptr[i] - '0');
    }
    return value;
}

static bool put_date(char out[11], int year, int month, int day)
{
    if (year < 1970 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31)
        return false;
    (void)snprintf(out, 11, "%04u-%02u-%02u", (unsigned)year % 10000u, (unsigned)month % 100u,
                   (unsigned)day % 100u);
    return true;
}

/// "2025-11-07" or "2025/11/07".
static bool read_numeric(pg_str s, char out[11])
{
    for (size_t at = 0; at + 10 <= s.len; at++) {
        char mark = s.ptr[at + 4];
        if ((mark != '-' && mark != '/') || s.ptr[at + 7] != mark ||
            (at > 0 && is_digit(s.ptr[at - 1])))
            continue;
        int year = number_at(s, at, 4), month = number_at(s, at + 5, 2);
        if (put_date(out, year, month, number_at(s, at + 8, 2)))
            return true;
    }
    return false;
}

/// 1-12 for the name of a month or its first three letters, else 0.
static int month_of(pg_str word)
{
    if (word.len < 3)
        return 0;
    for (int i = 0; i < 12; i++) {
        pg_str rest = pg_str_slice(word, 3, word.len);
        if (pg_str_equal_nocase(pg_str_slice(word, 0, 3), pg_str_from(MONTHS[i])) &&
            (rest.len == 0 || pg_str_equal_nocase(rest, pg_str_from(MONTH_ENDS[i])) ||
             (i == 8 && pg_str_equal_nocase(rest, PG_STR("t")))))
            return i + 1;
    }
    return 0;
}

/// Day of a word such as "7", "07" or "7th"; 0 when it is none.
static int day_of(pg_str word)
{
    size_t digits = 0;
    while (digits < word.len && is_digit(word.ptr[digits]))
        digits++;
    if (digits == 0 || digits > 2 || (word.len != digits && word.len != digits + 2))
        return 0;
    return number_at(pg_str_slice(word, 0, digits), 0, digits);
}

/// "November 7, 2025" or "7 Nov 2025".
static bool read_named(pg_str s, char out[11])
{
    pg_str last[3] = {{0}, {0}, {0}};
    pg_words words = {s};
    for (pg_str word = pg__word_next(&words); word.len > 0; word = pg__word_next(&words)) {
        last[0] = last[1];
        last[1] = last[2];
        last[2] = word;
        int year = word.len == 4 ? number_at(word, 0, 4) : -1;
        if (year < 0)
            continue;
        if (put_date(out, year, month_of(last[0]), day_of(last[1])) ||
            put_date(out, year, month_of(last[1]), day_of(last[0])))
            return true;
    }
    return false;
}

static bool ends_in_date(pg_str label)
{
    pg_words words = {label};
    pg_str last = {0};
    for (pg_str word = pg__word_next(&words); word.len > 0; word = pg__word_next(&words))
        last = word;
    return pg_str_equal_nocase(last, PG_STR("date"));
}

void pg__facet_date_line(pg_facet_reader *reader, const pg_facet_context *context, uint32_t line,
                         pg_str text)
{
    pg_facets *out = reader->out;
    char date[11];
    pg_md_field field;
    if (!context->header || reader->label_dated)
        return;
    bool labelled = pg_md_field_read(text, &field) && ends_in_date(field.label);
    if ((!labelled && out->date_line != 0) ||
        (!read_numeric(text, date) && !read_named(text, date)))
        return;
    memcpy(out->date, date, sizeof(date));
    out->date_line = line;
    reader->label_dated = labelled;
}
