/// Block structure of a Markdown text, with line spans.
///
/// What comes out is a flat array of blocks in document order, the lines of the text, and readers
/// for sections, labelled fields and pipe tables. Inline markup is not interpreted: the text of a
/// block is its source. The rules are CommonMark 0.30 (https://spec.commonmark.org/0.30/), as the
/// cmark library implements them; pipe tables follow the extension of GitHub Flavored Markdown.
///
/// The text is first made regular, once and for all readers: a byte order mark at the start is
/// dropped, each malformed byte of UTF-8 becomes U+FFFD, CRLF and a lone CR become LF. NUL bytes
/// stay. Line numbers count the line ends of the original and are 1-based.
///
/// Cost: linear in the text. Nesting is never recursed. Work and memory that nested containers can
/// provoke are bounded, see PG_LIMIT below.
///
/// Thread note: a parsed text is immutable and may be read by many threads; parsing uses one
/// thread-local variable and may run on many threads at once.
#ifndef PROMPTGEN_MARKDOWN_H
#define PROMPTGEN_MARKDOWN_H

#include "promptgen/alloc.h"
#include "promptgen/status.h"
#include "promptgen/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Largest text accepted: 16 MiB.
#define PG_MD_INPUT_MAX ((size_t)16 << 20)

/// "No block": the parent of a block at the top level.
#define PG_MD_NONE UINT32_MAX

/// X(symbol, "name"): kinds of blocks.
#define PG_MD_KIND_LIST(X)                                                                         \
    X(QUOTE, "quote")                                                                              \
    X(LIST, "list")                                                                                \
    X(ITEM, "item")                                                                                \
    X(CODE, "code")                                                                                \
    X(HTML, "html")                                                                                \
    X(PARAGRAPH, "paragraph")                                                                      \
    X(HEADING, "heading")                                                                          \
    X(RULE, "rule")

typedef enum pg_md_kind {
#define PG_MD_ENUM(symbol, name) PG_MD_##symbol,
    PG_MD_KIND_LIST(PG_MD_ENUM)
#undef PG_MD_ENUM
        PG_MD_KIND_COUNT
} pg_md_kind;

/// One block. A container comes before its content; the blocks with index in (i, next) are the
/// descendants of block i.
typedef struct pg_md_block {
    uint32_t line;     ///< first line, 1-based
    uint32_t end_line; ///< last line, inclusive; blank lines at the end count only inside a fence
    uint32_t column;   ///< 1-based byte column of the first byte on `line`
    uint32_t parent;   ///< index of the container, PG_MD_NONE at the top level
    uint32_t depth;    ///< number of containers around it, 0 at the top level
    uint32_t next;     ///< index of the first block after this one and its descendants
    uint8_t kind;      ///< pg_md_kind
    uint8_t level;     ///< heading: 1-6; other kinds: 0
    bool ordered;      ///< list: numbered
    bool fenced;       ///< code: between fences
    bool quoted;       ///< a container around it is a quote
} pg_md_block;

/// What a line belongs to, as bits.
enum {
    PG_MD_LINE_BLANK = 1, ///< empty, or spaces and tabs
    PG_MD_LINE_RULE = 2,  ///< a thematic break
    PG_MD_LINE_CODE = 4,  ///< in a code block, its fences included
    PG_MD_LINE_HTML = 8   ///< in an HTML block
};

/// A heading at the top level and what follows it.
typedef struct pg_md_section {
    pg_str title;   ///< source text of the heading without its marks; a setext heading of several
                    ///< lines keeps its line ends
    uint32_t block; ///< index of the heading
    uint32_t line;  ///< line of the heading
    uint32_t end_line; ///< last line before the next heading of the same or a higher rank that is
                       ///< neither blank nor a rule
    uint8_t level;     ///< 1-6
} pg_md_section;

/// `**Label**: value`, `**Label:** value`, `**Label: value**` or `Label: value`; before the colon
/// of the first form a remark in parentheses may stand.
typedef struct pg_md_field {
    pg_str label;   ///< without emphasis marks and symbols around it, never empty
    pg_str value;   ///< the rest of the line or, in the third form, of the emphasis; trimmed; may
                    ///< be empty
    uint32_t line;  ///< line of the label
    uint32_t block; ///< index of the paragraph it stands in
    bool bold;      ///< the label is emphasised
} pg_md_field;

/// A pipe table: a header row, a delimiter row, body rows.
typedef struct pg_md_table {
    uint32_t line;     ///< line of the header row; the first body row is `line + 2`
    uint32_t end_line; ///< line of the last row
    uint32_t block;    ///< index of the paragraph it stands in
    uint32_t columns;  ///< cells of the delimiter row
} pg_md_table;

/// Where an iteration stands. Start with a zeroed value.
typedef struct pg_md_cursor {
    uint32_t block; ///< next block to look at
    uint32_t line;  ///< next line of that block, 0 = its first
} pg_md_cursor;

typedef struct pg_markdown pg_markdown;

/// Parses `text` (at most PG_MD_INPUT_MAX bytes, any bytes), which is copied.
/// PG_OK and `*out` (free with pg_markdown_free), or PG_TOO_LARGE; PG_LIMIT when containers nest so
/// deep over so many lines, or blocks are so many, that parsing would take more than a bounded
/// effort (about 2^28 container visits, 256 MiB); PG_NOMEM. `*out` is NULL on failure.
PG_NODISCARD pg_status pg_markdown_parse(pg_str text, const pg_alloc *alloc, pg_markdown **out,
                                         pg_error *err);

/// As pg_markdown_parse, but a text that is in its regular form already is not copied: `text` must
/// stay as it is until `*out` is freed.
PG_NODISCARD pg_status pg_markdown_parse_in_place(pg_str text, const pg_alloc *alloc,
                                                  pg_markdown **out, pg_error *err);

void pg_markdown_free(pg_markdown *md); ///< NULL is fine

/// The regular text. All views that the functions below give are slices of it and live as long
/// as `md`.
pg_str pg_markdown_text(const pg_markdown *md);

/// Number of lines; a last line without a line end counts, an empty text has none.
uint32_t pg_markdown_line_count(const pg_markdown *md);

/// Line `line` without its line end; empty outside 1..line_count.
pg_str pg_markdown_line(const pg_markdown *md, uint32_t line);

/// Offset in the text at which `line` (1..line_count + 1) begins; clamped to the text.
size_t pg_markdown_line_offset(const pg_markdown *md, uint32_t line);

/// PG_MD_LINE_* bits of a line; 0 outside 1..line_count.
unsigned pg_markdown_line_flags(const pg_markdown *md, uint32_t line);

/// Malformed bytes that were replaced; when there are any, `*line` and `*offset` (0-based, in the
/// original bytes; both nullable) tell the first.
size_t pg_markdown_invalid_bytes(const pg_markdown *md, uint32_t *line, size_t *offset);

/// The blocks in document order; `*count` receives their number. NULL when there are none.
const pg_md_block *pg_markdown_blocks(const pg_markdown *md, uint32_t *count);

/// Name of a kind, such as "paragraph"; "unknown" outside the list.
const char *pg_md_kind_name(unsigned kind);

/// Line `line` of block `block` without the marks of the containers around it and without leading
/// and trailing blanks. On the first line of a heading its opening marks remain.
pg_str pg_markdown_block_line(const pg_markdown *md, uint32_t block, uint32_t line);

/// Text of a heading without its marks. Empty for other kinds.
pg_str pg_markdown_heading_text(const pg_markdown *md, uint32_t block);

/// Info string of a fenced code block, such as "lua"; empty for other blocks.
pg_str pg_markdown_fence_info(const pg_markdown *md, uint32_t block);

/// The last line in [first, last] that is neither blank nor a rule; `first` when there is none.
uint32_t pg_markdown_last_content_line(const pg_markdown *md, uint32_t first, uint32_t last);

/// Number of sections, and section `index` (0-based, in document order).
/// The array lives as long as `md`.
const pg_md_section *pg_markdown_sections(const pg_markdown *md, uint32_t *count);

/// `s` without the white space, check boxes and symbols (emoji, arrows, dingbats) it begins with.
pg_str pg_md_skip_symbols(pg_str s);

/// Reads a field from one line of text that has no container marks (see pg_markdown_block_line).
/// A label may follow a check box or symbols and has at most 60 bytes; one that is not emphasised
/// begins with a letter and has at most five words and no punctuation that ends a phrase. Sets
/// label, value and bold; false when the line is not a field.
bool pg_md_field_read(pg_str line, pg_md_field *out);

/// The next field of a paragraph (those in list items and quotes included); false at the end.
bool pg_markdown_next_field(const pg_markdown *md, pg_md_cursor *cursor, pg_md_field *out);

/// The next pipe table; false at the end.
bool pg_markdown_next_table(const pg_markdown *md, pg_md_cursor *cursor, pg_md_table *out);

/// Splits a table row into its trimmed cells; writes at most `max` to `cells` (nullable) and
/// returns how many there are. A pipe after a backslash is part of its cell, and the backslash
/// stays in the view.
size_t pg_md_row_cells(pg_str line, pg_str *cells, size_t max);

#endif
