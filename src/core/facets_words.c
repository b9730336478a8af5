/// Words and numbers of a line, for the readers of facets.
#include "facets_internal.h"

#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_word_byte(char c)
{
    return is_letter(c) || is_digit(c) || c == '%';
}

/// True for a mark that belongs to a word when word bytes stand on both sides of it.
static bool joins(pg_str s, size_t at)
{
    return (s.ptr[at] == '.' || s.ptr[at] == '/') && at + 1 < s.len && is_word_byte(s.ptr[at + 1]);
}

pg_str pg__word_next(pg_words *words)
{
    pg_str s = words->rest;
    size_t from = 0;
    while (from < s.len && !is_word_byte(s.ptr[from]))
        from++;
    size_t to = from;
    while (to < s.len && (is_word_byte(s.ptr[to]) || joins(s, to)))
        to++;
    words->rest = pg_str_slice(s, to, s.len);
    return pg_str_slice(s, from, to);
}

bool pg__word_in(pg_str word, const char *const *list)
{
    char first = '\0';
    if (word.len > 0)
        first = word.ptr[0];
    if (first >= 'A' && first <= 'Z')
        first = (char)(first - 'A' + 'a');
    for (; *list != NULL; list++) // most words differ from the list in the first letter already
        if (**list == first && strlen(*list) == word.len &&
            pg_str_equal_nocase(word, pg_str_from(*list)))
            return true;
    return false;
}

bool pg__has_word(pg_str text, const char *const *list)
{
    pg_words words = {text};
    for (pg_str word = pg__word_next(&words); word.len > 0; word = pg__word_next(&words))
        if (pg__word_in(word, list))
            return true;
    return false;
}

size_t pg__number_length(pg_str s)
{
    size_t at = 0;
    while (at < s.len && is_digit(s.ptr[at])) {
        while (at < s.len && is_digit(s.ptr[at]))
            at++;
        if (at + 1 < s.len && s.ptr[at] == '.' && is_digit(s.ptr[at + 1]))
            at++;
    }
    return at;
}

static const char *const USUAL[] = {"achievement", NULL};

/// The bytes from `from` to `to`, with letters beside ASCII that stand right before them.
static pg_str with_letters_before(pg_str text, const char *from, const char *to)
{
    while (from > text.ptr && ((unsigned char)from[-1] & 0x80) != 0)
        from--;
    return (pg_str){from, (size_t)(to - from)};
}

bool pg__take_keyword(const pg_phrases *keywords, pg_words *words)
{
    enum { WORDS_MAX = 4 };
    pg_words rest = *words;
    pg_str first = pg__word_next(&rest), last = first;
    if (keywords == NULL && pg__word_in(first, USUAL)) {
        *words = rest;
        return true;
    }
    for (int i = 0; keywords != NULL && i < WORDS_MAX && last.len > 0; i++) {
        pg_str plain = {first.ptr, (size_t)(last.ptr + last.len - first.ptr)};
        pg_str whole = with_letters_before(words->rest, first.ptr, last.ptr + last.len);
        if (pg_phrases_equal(keywords, plain) != 0 || pg_phrases_equal(keywords, whole) != 0) {
            *words = rest;
            return true;
        }
        last = pg__word_next(&rest);
    }
    return false;
}

bool pg__is_keyword(const pg_phrases *keywords, pg_str word, pg_words at, pg_words *after)
{
    if (keywords == NULL)
        return pg__word_in(word, USUAL);
    bool is = pg__take_keyword(keywords, &at);
    if (is)
        *after = at;
    return is;
}

pg_str pg__achievement_number(const pg_phrases *keywords, pg_str text)
{
    pg_words words = {text}, at = words;
    for (pg_str word = pg__word_next(&words); word.len > 0; word = pg__word_next(&words)) {
        if (!pg__is_keyword(keywords, word, at, &words)) {
            at = words;
            continue;
        }
        pg_str next = pg__word_next(&words);
        size_t len = pg__number_length(next);
        return len == next.len ? next : pg_str_slice(next, 0, 0);
    }
    return (pg_str){0};
}

pg_str pg__skip_marks(pg_str s)
{
    for (;;) {
        s = pg_md_skip_symbols(s);
        size_t n = 0;
        while (n < s.len && (s.ptr[n] == '*' || s.ptr[n] == '_' || s.ptr[n] == '`'))
            n++;
        if (n == 0)
            return s;
        s = pg_str_slice(s, n, s.len);
    }
}
