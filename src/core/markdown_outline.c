/// The outline of a text: what the block structure depends on, and nothing else.
///
/// Which blocks a Markdown text has is decided by how its lines begin. The outline keeps the
/// beginning of each line up to the first byte that cannot be part of a block mark, and writes an
/// `x` for the rest (nothing in a heading); a line whose whole text matters (a fence, HTML, a
/// possible link reference definition) is kept as it is. The outline has the same lines, and each
/// block begins at the same byte of its line, but its inline content is trivial: parsing it takes
/// about half the time and memory of parsing the text, and nothing in the text can provoke costly
/// inline parsing. tests/fuzz/fuzz_markdown.c compares the blocks of both.
#include "markdown_internal.h"

#include <string.h>

/// HTML blocks that end with a marker, not at a blank line (CommonMark 0.30 section 4.6, kinds
/// 1-5).
enum {
    HTML_ELEMENT = 1,
    HTML_COMMENT = 2,
    HTML_INSTRUCTION = 4,
    HTML_DECLARATION = 8,
    HTML_CDATA = 16
};

typedef struct outline {
    unsigned html;    ///< HTML_* kinds that may be open; then every line is kept
    bool definition;  ///< a link reference definition may be open; ends at a blank line
    uint64_t deepest; ///< most columns that block marks took on a line so far
    uint64_t effort;  ///< container visits so far, at most
} outline;

/// Bytes of which block marks, and the blanks around them, consist. Line feeds never get here.
static bool is_mark(char c)
{
    static const bool marks[256] = {
        [' '] = true, ['\t'] = true, ['\v'] = true, ['\f'] = true, ['>'] = true, ['*'] = true,
        ['+'] = true, ['-'] = true,  ['_'] = true,  ['='] = true,  ['#'] = true, ['.'] = true,
        [')'] = true, ['0'] = true,  ['1'] = true,  ['2'] = true,  ['3'] = true, ['4'] = true,
        ['5'] = true, ['6'] = true,  ['7'] = true,  ['8'] = true,  ['9'] = true,
    };
    return marks[(unsigned char)c];
}

static bool has_prefix_nocase(pg_str s, pg_str prefix)
{
    return s.len >= prefix.len && pg_str_equal_nocase(pg_str_slice(s, 0, prefix.len), prefix);
}

static bool contains(pg_str s, pg_str needle)
{
    return pg_str_find(s, needle, 0) != (size_t)-1;
}

/// The HTML_* kind that `rest`, which begins with `<`, may open.
static unsigned html_start(pg_str rest)
{
    static const pg_str elements[] = {{"<script", 7}, {"<pre", 4}, {"<style", 6}, {"<textarea", 9}};
    if (pg_str_starts_with(rest, PG_STR("<!--")))
        return HTML_COMMENT;
    if (pg_str_starts_with(rest, PG_STR("<?")))
        return HTML_INSTRUCTION;
    if (pg_str_starts_with(rest, PG_STR("<![CDATA[")))
        return HTML_CDATA;
    if (pg_str_starts_with(rest, PG_STR("<!")))
        return HTML_DECLARATION;
    for (size_t i = 0; i < sizeof elements / sizeof elements[0]; i++) {
        size_t len = elements[i].len;
        if (has_prefix_nocase(rest, elements[i]) &&
            (rest.len == len || strchr("> \t\v\f", rest.ptr[len]) != NULL))
            return HTML_ELEMENT;
    }
    return 0;
}

/// The HTML_* kinds that end on `line`, which has `marks` bytes of block marks.
static unsigned html_ends(pg_str line, size_t marks)
{
    static const pg_str elements[] = {
        {"</script>", 9}, {"</pre>", 6}, {"</style>", 8}, {"</textarea>", 11}};
    unsigned ends = 0;
    for (size_t i = 0; i < sizeof elements / sizeof elements[0]; i++)
        if (pg_str_find_nocase(line, elements[i], 0) != (size_t)-1)
            ends |= HTML_ELEMENT;
    if (contains(line, PG_STR("-->")))
        ends |= HTML_COMMENT;
    if (contains(line, PG_STR("?>")))
        ends |= HTML_INSTRUCTION;
    if (contains(pg_str_slice(line, marks, line.len), PG_STR(">"))) // not that of a quote
        ends |= HTML_DECLARATION;
    if (contains(line, PG_STR("]]>")))
        ends |= HTML_CDATA;
    return ends;
}

/// True when `rest`, which begins with `[`, may begin a link reference definition: its label is
/// followed by a colon, or does not end on this line.
static bool may_define(pg_str rest)
{
    for (size_t i = 1; i < rest.len; i++) {
        if (rest.ptr[i] == '\\')
            i++;
        else if (rest.ptr[i] == '[')
            return false;
        else if (rest.ptr[i] == ']')
            return i + 1 < rest.len && rest.ptr[i + 1] == ':';
    }
    return true;
}

static bool is_fence(pg_str rest)
{
    return rest.len >= 3 && (rest.ptr[0] == '`' || rest.ptr[0] == '~') &&
           rest.ptr[1] == rest.ptr[0] && rest.ptr[2] == rest.ptr[0];
}

/// How many bytes of `line`, whose block marks take `marks` bytes, must be kept.
static size_t keep(outline *o, pg_str line, size_t marks)
{
    pg_str rest = pg_str_slice(line, marks, line.len);
    bool whole = o->html != 0 || o->definition;
    if (rest.len > 0 && rest.ptr[0] == '<') {
        o->html |= html_start(rest);
        whole = true;
    } else if (rest.len > 0 && rest.ptr[0] == '[' && may_define(rest)) {
        o->definition = true;
        whole = true;
    }
    if (o->html != 0)
        o->html &= ~html_ends(line, marks);
    return whole || is_fence(rest) ? line.len : marks;
}

/// Sets the length of the block marks of `line`, and adds what they can cost. True when the line is
/// blank.
static bool measure(outline *o, pg_str line, size_t *marks)
{
    size_t at = 0;
    uint64_t columns = 1;
    while (at < line.len && (line.ptr[at] == ' ' || line.ptr[at] == '\t'))
        columns += line.ptr[at++] == '\t' ? 4 : 1;
    bool blank = at == line.len;
    while (at < line.len && is_mark(line.ptr[at]))
        columns += line.ptr[at++] == '\t' ? 4 : 1;
    if (columns > o->deepest)
        o->deepest = columns;
    // A blank line is matched against every open list item, whatever its indentation.
    o->effort += blank ? o->deepest : columns;
    *marks = at;
    return blank;
}

/// Whether block marks end as those of a heading do, `## `: it is a heading without its text, too,
/// and elsewhere the marks alone keep the line from being blank.
static bool is_heading_mark(const char *line, size_t marks)
{
    if (marks == 0 || line[marks - 1] != ' ')
        return false;
    while (marks > 0 && line[marks - 1] == ' ')
        marks--;
    return marks > 0 && line[marks - 1] == '#';
}

size_t pg__md_outline(pg_md_source *source, char *out, uint64_t *effort)
{
    outline o = {0};
    char *to = out;
    for (uint32_t i = 0; i < source->line_count; i++) {
        pg_str line = pg__md_source_line(source, i);
        size_t marks = 0;
        if (measure(&o, line, &marks)) {
            source->flags[i] |= PG_MD_LINE_BLANK;
            o.definition = false;
        }
        size_t kept = keep(&o, line, marks);
        memcpy(to, line.ptr, kept);
        to += kept;
        if (kept < line.len && !is_heading_mark(line.ptr, marks))
            *to++ = 'x';
        *to++ = '\n';
    }
    *effort = o.effort;
    return (size_t)(to - out);
}
