/// Sets of phrases with meanings. See phrases.h.
#include "promptgen/phrases.h"

#include <string.h>

enum { NO_ENTRY = UINT16_MAX, ENTRIES_MAX = 4096 };

/// One phrase, in lower case with single spaces.
typedef struct entry {
    uint32_t at;       ///< offset of its text in the bytes of the set
    uint16_t len;      ///< bytes
    uint16_t by_hash;  ///< next entry of its bucket
    uint16_t by_start; ///< next entry of its start list
    uint8_t meaning;
    bool whole; ///< matches a whole text only
} entry;

struct pg_phrases {
    const pg_alloc *alloc;
    size_t count;
    size_t bucket_count; ///< a power of two
    size_t byte_count;
    size_t size;          ///< bytes of the whole block; the arrays below lie in it
    entry *entries;       ///< count
    uint16_t *buckets;    ///< bucket_count heads of lists by hash
    char *bytes;          ///< byte_count
    uint16_t starts[256]; ///< heads of lists by the first two bytes
};

static char fold(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c + ('a' - 'A'));
    if (c == '\t' || c == '\n' || c == '\r')
        return ' ';
    return c;
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// Of the ends of the text only: most labels asked about are none of the set, and few share both
/// ends with one that is.
static size_t hash(pg_str s)
{
    if (s.len == 0)
        return 0;
    return (size_t)(unsigned char)fold(s.ptr[0]) * 31 + (unsigned char)fold(s.ptr[s.len - 1]);
}

/// Start list of a text that begins with `a` and `b`.
static size_t start_list(char a, char b)
{
    return ((size_t)(unsigned char)fold(a) * 33 ^ (unsigned char)fold(b)) & 255;
}

/// Bytes of `text` that `phrase` (folded) covers from the start, or 0.
static size_t cover(pg_str text, pg_str phrase)
{
    size_t at = 0;
    for (size_t i = 0; i < phrase.len; i++) {
        if (at == text.len || fold(text.ptr[at]) != phrase.ptr[i])
            return 0;
        at++;
        while (phrase.ptr[i] == ' ' && at < text.len && fold(text.ptr[at]) == ' ')
            at++;
    }
    return at;
}

/// Writes the folded form of `text` to `out` (room for its length); returns its length.
static size_t write_folded(pg_str text, char *out)
{
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = fold(text.ptr[i]);
        if (c != ' ' || (len > 0 && out[len - 1] != ' '))
            out[len++] = c;
    }
    while (len > 0 && out[len - 1] == ' ')
        len--;
    return len;
}

static void add(pg_phrases *p, const pg_phrase *phrase)
{
    pg_str text = phrase->text;
    bool whole = text.len > 0 && text.ptr[0] == '=';
    text = pg_str_slice(text, whole ? 1 : 0, text.len);
    size_t at = p->byte_count;
    size_t len = write_folded(text, p->bytes + at);
    if (len < 2 || len > UINT16_MAX)
        return;
    p->byte_count += len;
    entry *e = &p->entries[p->count];
    uint16_t *bucket = &p->buckets[hash((pg_str){p->bytes + at, len}) & (p->bucket_count - 1)];
    uint16_t *start = &p->starts[start_list(p->bytes[at], p->bytes[at + 1])];
    *e = (entry){(uint32_t)at, (uint16_t)len, *bucket, *start, (uint8_t)phrase->meaning, whole};
    *bucket = *start = (uint16_t)p->count++;
}

/// The room that the bytes of all phrases may need.
static size_t total_length(const pg_phrase *list, size_t count)
{
    size_t total = 1;
    for (size_t i = 0; i < count; i++)
        total += list[i].text.len;
    return total;
}

pg_status pg_phrases_new(const pg_phrase *list, size_t count, const pg_alloc *alloc,
                         pg_phrases **out, pg_error *err)
{
    *out = NULL;
    if (count > ENTRIES_MAX)
        return pg_error_set(err, PG_INVALID, "there are %zu phrases, more than %d", count,
                            ENTRIES_MAX);
    size_t buckets = 16;
    while (buckets < count * 2)
        buckets *= 2;
    size_t bytes = total_length(list, count);
    size_t size = sizeof(pg_phrases) + (count + 1) * sizeof(entry) + buckets * sizeof(uint16_t);
    pg_phrases *p = pg_calloc(alloc, 1, size + bytes);
    if (p == NULL)
        return pg_error_set(err, PG_NOMEM, "no memory for %zu phrases", count);
    p->alloc = alloc;
    p->bucket_count = buckets;
    p->entries = (entry *)(void *)(p + 1);
    p->buckets = (uint16_t *)(void *)(p->entries + count + 1);
    p->bytes = (char *)(p->buckets + buckets);
    p->size = size + bytes;
    memset(p->starts, 0xFF, sizeof p->starts);
    memset(p->buckets, 0xFF, buckets * sizeof *p->buckets);
    for (size_t i = 0; i < count; i++)
        add(p, &list[i]);
    *out = p;
    return PG_OK;
}

void pg_phrases_free(pg_phrases *phrases)
{
    if (phrases != NULL)
        pg_free(phrases->alloc, phrases, phrases->size);
}

static pg_str text_of(const pg_phrases *p, const entry *e)
{
    return (pg_str){p->bytes + e->at, e->len};
}

unsigned pg_phrases_equal(const pg_phrases *phrases, pg_str text)
{
    uint16_t at = phrases->buckets[hash(text) & (phrases->bucket_count - 1)];
    while (at != NO_ENTRY) {
        const entry *e = &phrases->entries[at];
        if (text.len > 0 && cover(text, text_of(phrases, e)) == text.len)
            return e->meaning;
        at = e->by_hash;
    }
    return 0;
}

/// Whether only symbols stand in `s`.
static bool has_no_word(pg_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (is_word(s.ptr[i]))
            return false;
    return true;
}

/// Bits of the phrases that begin at byte `at` of `text`.
static uint32_t inside_at(const pg_phrases *p, pg_str text, size_t at)
{
    uint32_t bits = 0;
    pg_str rest = pg_str_slice(text, at, text.len);
    uint16_t i = rest.len < 2 ? NO_ENTRY : p->starts[start_list(rest.ptr[0], rest.ptr[1])];
    for (; i != NO_ENTRY; i = p->entries[i].by_start) {
        const entry *e = &p->entries[i];
        size_t len = cover(rest, text_of(p, e));
        if (len == 0 || (len < rest.len && is_word(rest.ptr[len])))
            continue;
        if (!e->whole || (has_no_word(pg_str_slice(text, 0, at)) &&
                          has_no_word(pg_str_slice(rest, len, rest.len))))
            bits |= UINT32_C(1) << e->meaning;
    }
    return bits;
}

uint32_t pg_phrases_inside(const pg_phrases *phrases, pg_str text)
{
    uint32_t bits = 0;
    bool before = false; // the byte before belongs to a word
    for (size_t at = 0; at < text.len; at++) {
        bool here = is_word(text.ptr[at]);
        if (here && !before)
            bits |= inside_at(phrases, text, at);
        before = here;
    }
    return bits;
}
