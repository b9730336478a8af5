/// What a SUBPLAN says of its executions: placeholders left, executions planned, their synthesis.
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

/// Without the emphasis marks around it.
static pg_str strip_emphasis(pg_str s)
{
    while (s.len >= 2 && (s.ptr[0] == '*' || s.ptr[0] == '_') && s.ptr[s.len - 1] == s.ptr[0])
        s = pg_str_trim(pg_str_slice(s, 1, s.len - 1));
    return s;
}

bool pg__is_placeholder(pg_str value)
{
    value = strip_emphasis(value);
    if (value.len < 4 || value.ptr[0] != '[' || value.ptr[value.len - 1] != ']')
        return false;
    pg_str inner = pg_str_slice(value, 1, value.len - 1);
    // A list of values, a footnote, a wiki link and a link are no placeholders.
    if (!is_letter(inner.ptr[0]) || memchr(inner.ptr, ']', inner.len) != NULL)
        return false;
    return pg_str_find(inner, PG_STR("["), 0) == (size_t)-1;
}

/// True for "[actual]", which stands for a value to be measured rather than for a missing text.
static bool is_single_word(pg_str placeholder)
{
    return placeholder.ptr[1] >= 'a' && memchr(placeholder.ptr, ' ', placeholder.len) == NULL;
}

void pg__facet_placeholder_line(pg_facet_reader *reader, const pg_facet_context *context,
                                uint32_t line, pg_str text)
{
    pg_facets *out = reader->out;
    pg_md_field field;
    // The synthesis is filled in when the executions are done, and so is their list.
    if (out->placeholder.line != 0 || context->synthesis || context->depth > 2 || text.len == 0 ||
        memchr(text.ptr, ']', text.len) == NULL)
        return;
    if (pg__is_placeholder(text))
        out->placeholder = (pg_facet_line){line, text};
    else if (pg_md_field_read(text, &field) && pg__is_placeholder(field.value) &&
             (field.bold || !is_single_word(field.value)))
        out->placeholder = (pg_facet_line){line, field.value};
}

/// Words that a skeleton or an author leaves where a text is still to come.
static bool is_still_to_come(pg_str text)
{
    static const char *const first[] = {"tbd", "todo", "pending", "none", "n/a", NULL};
    static const char *const to[] = {"to", "will", "not", NULL};
    static const char *const be[] = {"be", "yet", NULL};
    pg_words words = {text};
    pg_str word = pg__word_next(&words);
    if (pg__word_in(word, first))
        return true;
    return pg__word_in(word, to) && pg__word_in(pg__word_next(&words), be);
}

void pg__facet_synthesis_line(pg_facet_reader *reader, const pg_facet_context *context,
                              uint32_t line, pg_str text)
{
    pg_md_field field;
    if (!context->synthesis || reader->out->synthesis != 0 || text.len == 0 || text.ptr[0] == '|')
        return;
    if (pg_md_field_read(text, &field))
        text = field.value;
    pg_words words = {text};
    if (pg__word_next(&words).len == 0 || text.ptr[text.len - 1] == ':' ||
        pg__is_placeholder(text) || is_still_to_come(text))
        return;
    reader->out->synthesis = line;
}

/// Words before a name that tell it is not planned, or only perhaps.
static const char *const UNPLANNED_BEFORE[] = {"if",     "after",      "depends",       "see",
                                               "unless", "optionally", "alternatively", NULL};
/// Words that say so wherever they stand.
static const char *const UNPLANNED[] = {"optional",  "alternative", "cancelled", "canceled",
                                        "abandoned", "superseded",  "obsolete",  NULL};

/// True for "if needed" and the like.
static bool has_condition(pg_str text)
{
    static const char *const condition[] = {"if", NULL};
    static const char *const need[] = {"needed", "necessary", "required", NULL};
    pg_words words = {text};
    for (pg_str word = pg__word_next(&words); word.len > 0; word = pg__word_next(&words)) {
        pg_words after = words;
        if (pg__word_in(word, condition) && pg__word_in(pg__word_next(&after), need))
            return true;
    }
    return false;
}

static bool is_code_byte(char c)
{
    return is_digit(c) || c == '.';
}

/// Length of "11_02" or "1.1_02" at `at`; 0 when there is none.
static size_t code_length(pg_str s, size_t at)
{
    size_t end = at;
    while (end < s.len && is_code_byte(s.ptr[end]))
        end++;
    if (end == at || s.ptr[end - 1] == '.' || end >= s.len || s.ptr[end] != '_')
        return 0;
    size_t ordinal = end + 1;
    end = ordinal;
    while (end < s.len && is_digit(s.ptr[end]))
        end++;
    if (end == ordinal || (end < s.len && (is_letter(s.ptr[end]) || s.ptr[end] == '_')))
        return 0;
    return end - at;
}

/// Reads "EXECUTION_TASK_FEATURE_11_02", "EXECUTION_TASK_11_02" or "EXECUTION_02" at `at`.
static bool read_name(pg_str s, size_t at, pg_facet_planned *out)
{
    static const char *const prefixes[] = {"EXECUTION_TASK_", "EXECUTION_", NULL};
    size_t skip = 0;
    for (int i = 0; prefixes[i] != NULL && skip == 0; i++)
        if (pg_str_starts_with(pg_str_slice(s, at, s.len), pg_str_from(prefixes[i])))
            skip = strlen(prefixes[i]);
    if (skip == 0)
        return false;
    size_t from = at + skip, end = from;
    while (end < s.len && (is_letter(s.ptr[end]) || is_code_byte(s.ptr[end]) || s.ptr[end] == '_' ||
                           s.ptr[end] == '-'))
        end++;
    for (size_t i = from; i < end; i++) {
        size_t length = (i == from || s.ptr[i - 1] == '_') ? code_length(s, i) : 0;
        if (length > 0) {
            out->code = pg_str_slice(s, i, i + length);
            out->feature = pg_str_slice(s, from, i > from ? i - 1 : from);
            return true;
        }
    }
    size_t digits = from;
    while (digits < end && is_digit(s.ptr[digits]))
        digits++;
    if (digits == from || digits != end)
        return false;
    out->code = pg_str_slice(s, from, digits);
    out->feature = pg_str_slice(s, from, from);
    return true;
}

/// The execution a list item or a table cell plans: its first name, with few words before it.
static bool find_name(pg_str s, pg_facet_planned *out)
{
    size_t at = pg_str_find(s, PG_STR("EXECUTION_"), 0);
    if (at == (size_t)-1)
        return false;
    pg_words words = {pg_str_slice(s, 0, at)};
    int before = 0;
    for (pg_str word = pg__word_next(&words); word.len > 0; word = pg__word_next(&words))
        if (++before > 3 || pg__word_in(word, UNPLANNED_BEFORE))
            return false;
    return read_name(s, at, out);
}

static bool find_in_row(pg_str text, pg_facet_planned *out)
{
    pg_str cells[16];
    size_t count = pg_md_row_cells(text, cells, 16);
    for (size_t i = 0; i < count && i < 16; i++) {
        pg_str cell = pg__skip_marks(cells[i]);
        size_t code = code_length(cell, 0);
        pg_words words = {pg_str_slice(cell, code, cell.len)};
        if (code > 0 && pg__word_next(&words).len == 0) {
            *out = (pg_facet_planned){.code = pg_str_slice(cell, 0, code)};
            return true;
        }
        if (find_name(cell, out))
            return true;
    }
    return false;
}

static bool add_planned(pg_facet_reader *reader, const pg_facet_planned *planned)
{
    pg_facets *out = reader->out;
    if (out->planned_count == out->planned_cap) {
        size_t cap = out->planned_cap == 0 ? 8 : out->planned_cap * 2;
        void *grown =
            pg_realloc(reader->alloc, out->planned, out->planned_cap * sizeof(*out->planned),
                       cap * sizeof(*out->planned));
        if (grown == NULL)
            return false;
        out->planned = grown;
        out->planned_cap = cap;
    }
    out->planned[out->planned_count++] = *planned;
    return true;
}

bool pg__facet_planned_line(pg_facet_reader *reader, const pg_facet_context *context, uint32_t line,
                            pg_str text)
{
    pg_facet_planned planned;
    if (!context->work_list || text.len == 0)
        return true;
    bool row = !context->listed && text.ptr[0] == '|';
    bool item = context->listed && context->depth == 2;
    if (!row && !item)
        return true;
    bool found = row ? find_in_row(text, &planned) : false;
    if (item) {
        pg_str head = pg__skip_marks(text);
        size_t code = code_length(head, 0);
        if (code > 0)
            planned = (pg_facet_planned){.code = pg_str_slice(head, 0, code)};
        found = code > 0 || find_name(text, &planned);
    }
    if (!found || pg__has_word(text, UNPLANNED) || has_condition(text))
        return true;
    planned.line = line;
    return add_planned(reader, &planned);
}
