/// What promptgen knows of one Markdown file: a plan, a subplan, an execution task, a feedback
/// file.
///
/// A record is one relocatable block of bytes: a head of scalars, tables of rows, the strings and
/// the text itself, joined by offsets. It never changes, so that threads, processes and files can
/// share it: pg_plan_dump gives its bytes, pg_plan_load takes them back and checks every offset.
/// Fields of the head and of the rows are declared once, in the lists below; the structs, the
/// checks of the loader and the Lua view follow from them, and a change of the lists changes the
/// schema number, so that records of another version are refused.
///
/// Lines are 1-based, ranges inclusive; line 0 means "none". A reference with offset 0 means "no
/// string", which differs from an empty one.
///
/// Thread note: a record may be read and retained by any thread; parsing may run on many threads.
#ifndef PROMPTGEN_PLAN_H
#define PROMPTGEN_PLAN_H

#include "promptgen/alloc.h"
#include "promptgen/phrases.h"
#include "promptgen/status.h"
#include "promptgen/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// A string of a record: bytes [at, at + len) of its block; at 0 = none.
typedef struct pg_ref {
    uint32_t at;
    uint32_t len;
} pg_ref;

/// Rows [first, first + count) of another table.
typedef struct pg_rows {
    uint32_t first;
    uint32_t count;
} pg_rows;

/// Types of fields: REF (pg_ref), LINE (uint32_t, 0 to the number of lines), COUNT (uint32_t), FLAG
/// (uint32_t, 0 or 1), PARTS (pg_rows of the table `parts`).

/// F(TYPE, name, comment) for each scalar of a record.
#define PG_PLAN_HEAD(F)                                                                            \
    F(REF, text, "the regular text of the file")                                                   \
    F(REF, kind, "\"plan\" when an achievement is defined, else \"document\"")                     \
    F(REF, path, "as the caller gave it")                                                          \
    F(REF, feature, "NAME of PLAN_NAME.md; none for other file names and without a path")          \
    F(REF, title, "text of the first heading")                                                     \
    F(LINE, title_line, "line of that heading")                                                    \
    F(REF, status, "value of the Status field before the second heading of rank 1 or 2")           \
    F(LINE, status_line, "line of that field")                                                     \
    F(COUNT, lines, "lines of the text")                                                           \
    F(COUNT, bytes, "bytes of the file")                                                           \
    F(FLAG, empty, "the file has nothing but white space")                                         \
    F(FLAG, partial, "only the header was parsed")                                                 \
    F(REF, handoff_next, "number of the achievement that the handoff names as next")               \
    F(LINE, handoff_next_line, "where it does")                                                    \
    F(FLAG, handoff_says_complete, "the handoff says that the plan is complete")                   \
    F(LINE, handoff_complete_line, "where it does")                                                \
    F(REF, archive_location, "folder the plan is to be archived in")                               \
    F(LINE, archive_line, "where it is stated")                                                    \
    F(FLAG, says_complete, "header, completion section or closing block says complete")            \
    F(FLAG, stale_header, "header and end of the document are at odds about it")

/// Achievements in the order of the file, each number once.
#define PG_PLAN_ACHIEVEMENT(F)                                                                     \
    F(REF, number, "such as 1.2 or 3.5.1")                                                         \
    F(REF, title, "without status marks")                                                          \
    F(REF, title_raw, "as written")                                                                \
    F(LINE, line, "line of the definition")                                                        \
    F(LINE, end_line, "last line of its section that is neither blank nor a rule")                 \
    F(REF, goal, "value of a Goal, Purpose or Description field")                                  \
    F(REF, effort, "value of an Effort field, or the effort behind the title")                     \
    F(REF, priority, "value of a Priority field, or the priority heading above")                   \
    F(REF, mark, "\"complete\" when the title is marked so")                                       \
    F(PARTS, parts, "labelled blocks of the section")

/// Labelled blocks inside the sections of achievements.
#define PG_PLAN_PART(F)                                                                            \
    F(REF, label, "such as Deliverables")                                                          \
    F(LINE, line, "line of the label")                                                             \
    F(LINE, end_line, "last line of the block that is neither blank nor a rule")

/// The handoff section: up to the line before the next heading of rank 1 or 2. At most one row.
#define PG_PLAN_HANDOFF(F)                                                                         \
    F(LINE, line, "line of its heading")                                                           \
    F(LINE, end_line, "last line")

/// Headings at the top level and the ranges they govern.
#define PG_PLAN_SECTION(F)                                                                         \
    F(COUNT, level, "1-6")                                                                         \
    F(REF, title, "text of the heading")                                                           \
    F(LINE, line, "line of the heading")                                                           \
    F(LINE, end_line, "last line before the next heading of its rank, neither blank nor a rule")

/// Labelled fields outside code.
#define PG_PLAN_FIELD(F)                                                                           \
    F(REF, label, "without emphasis and symbols")                                                  \
    F(REF, value, "rest of the line; may be empty")                                                \
    F(LINE, line, "line of the label")                                                             \
    F(FLAG, bold, "the label is emphasised")

/// Definitions of a number that is already defined.
#define PG_PLAN_DUPLICATE(F)                                                                       \
    F(REF, number, "the number")                                                                   \
    F(REF, title, "title of this definition")                                                      \
    F(LINE, line, "line of this definition")                                                       \
    F(LINE, first_line, "line of the definition that counts")                                      \
    F(FLAG, same_title, "both titles say the same")

/// Archive locations that the text states, in the order of the file.
#define PG_PLAN_ARCHIVE(F)                                                                         \
    F(REF, value, "folder as written")                                                             \
    F(LINE, line, "where it is stated")

// What a document says about the state of work; see facets.h.

/// The line that says complete.
#define PG_PLAN_COMPLETE(F)                                                                        \
    F(LINE, line, "line of the status")                                                            \
    F(REF, says, "the status as written")                                                          \
    F(REF, where, "\"header\", \"completion\" or \"closing\"")

/// The status in the header.
#define PG_PLAN_HEADER_STATUS(F)                                                                   \
    F(LINE, line, "line of the status")                                                            \
    F(REF, says, "the status as written")                                                          \
    F(FLAG, complete, "it says complete")

/// Executions that a SUBPLAN plans.
#define PG_PLAN_PLANNED(F)                                                                         \
    F(REF, code, "such as 11_02, or 02 where only the execution is numbered")                      \
    F(REF, feature, "of a full file name; may be empty")                                           \
    F(LINE, line, "where it is planned")

/// The first value that a skeleton left to be filled in.
#define PG_PLAN_PLACEHOLDER(F)                                                                     \
    F(LINE, line, "where it stands")                                                               \
    F(REF, says, "as written")

/// The synthesis of several executions.
#define PG_PLAN_SYNTHESIS(F) F(LINE, line, "where it stands")

/// The date in the header.
#define PG_PLAN_DATE(F)                                                                            \
    F(REF, value, "YYYY-MM-DD")                                                                    \
    F(LINE, line, "where it is stated")

/// The achievement that the title names.
#define PG_PLAN_NAMES_NUMBER(F)                                                                    \
    F(REF, number, "such as 1.2")                                                                  \
    F(LINE, line, "line of the title")

/// Achievements that the plan's own text marks as done, each once, in the order of the file.
#define PG_PLAN_CLAIM(F)                                                                           \
    F(REF, number, "number of the achievement")                                                    \
    F(LINE, line, "where it is marked")                                                            \
    F(REF, says, "the line as written")

/// Findings of the parser.
#define PG_PLAN_WARNING(F)                                                                         \
    F(REF, code, "stable name")                                                                    \
    F(LINE, line, "where")                                                                         \
    F(REF, message, "one sentence without a final full stop")

/// T(SYMBOL, name, fields, single): the tables; `single` ones have at most one row and are seen
/// from Lua as that row or nil.
#define PG_PLAN_TABLES(T)                                                                          \
    T(ACHIEVEMENTS, achievements, PG_PLAN_ACHIEVEMENT, false)                                      \
    T(PARTS, parts, PG_PLAN_PART, false)                                                           \
    T(HANDOFF, handoff, PG_PLAN_HANDOFF, true)                                                     \
    T(SECTIONS, sections, PG_PLAN_SECTION, false)                                                  \
    T(FIELDS, fields, PG_PLAN_FIELD, false)                                                        \
    T(DUPLICATES, duplicates, PG_PLAN_DUPLICATE, false)                                            \
    T(ARCHIVES, archives, PG_PLAN_ARCHIVE, false)                                                  \
    T(COMPLETE, complete, PG_PLAN_COMPLETE, true)                                                  \
    T(HEADER_STATUS, header_status, PG_PLAN_HEADER_STATUS, true)                                   \
    T(PLANNED, planned, PG_PLAN_PLANNED, false)                                                    \
    T(PLACEHOLDER, placeholder, PG_PLAN_PLACEHOLDER, true)                                         \
    T(SYNTHESIS, synthesis, PG_PLAN_SYNTHESIS, true)                                               \
    T(DATE, date, PG_PLAN_DATE, true)                                                              \
    T(NAMES_NUMBER, names_number, PG_PLAN_NAMES_NUMBER, true)                                      \
    T(CLAIMS, claims, PG_PLAN_CLAIM, false)                                                        \
    T(WARNINGS, warnings, PG_PLAN_WARNING, false)

typedef enum pg_plan_type {
    PG_PLAN_REF,
    PG_PLAN_LINE,
    PG_PLAN_COUNT,
    PG_PLAN_FLAG,
    PG_PLAN_PARTS
} pg_plan_type;

typedef enum pg_plan_table {
#define PG_PLAN_TABLE_ENUM(symbol, name, fields, single) PG_PLAN_TABLE_##symbol,
    PG_PLAN_TABLES(PG_PLAN_TABLE_ENUM)
#undef PG_PLAN_TABLE_ENUM
        PG_PLAN_TABLE_NUMBER
} pg_plan_table;

#define PG_PLAN_MEMBER_REF pg_ref
#define PG_PLAN_MEMBER_LINE uint32_t
#define PG_PLAN_MEMBER_COUNT uint32_t
#define PG_PLAN_MEMBER_FLAG uint32_t
#define PG_PLAN_MEMBER_PARTS pg_rows
#define PG_PLAN_MEMBER(type, name, comment) PG_PLAN_MEMBER_##type name;

/// The scalars of a record, and one struct for the rows of each table. All members are made of
/// uint32_t, without padding.
typedef struct pg_plan_head {
    PG_PLAN_HEAD(PG_PLAN_MEMBER)
} pg_plan_head;
#define PG_PLAN_ROW_STRUCT(symbol, name, fields, single)                                           \
    typedef struct pg_plan_row_##name {                                                            \
        fields(PG_PLAN_MEMBER)                                                                     \
    } pg_plan_row_##name;
PG_PLAN_TABLES(PG_PLAN_ROW_STRUCT)
#undef PG_PLAN_ROW_STRUCT

/// Describes one field of the head or of a row.
typedef struct pg_plan_column {
    const char *name;
    pg_plan_type type;
    uint32_t offset; ///< bytes from the start of the head or row
} pg_plan_column;

/// Describes a table, or the head.
typedef struct pg_plan_layout {
    const char *name;
    const pg_plan_column *columns;
    uint32_t column_count;
    uint32_t row_size; ///< bytes
    bool single;       ///< at most one row
} pg_plan_layout;

/// Layout of the head, and of a table (NULL outside the list).
const pg_plan_layout *pg_plan_head_layout(void);
const pg_plan_layout *pg_plan_table_layout(unsigned table);

/// Number that identifies the layouts of this version.
uint32_t pg_plan_schema(void);

/// L(SYMBOL, "name", comment): what labels of fields mean to the parser.
#define PG_LABEL_LIST(L)                                                                           \
    L(GOAL, "goal", "purpose of an achievement")                                                   \
    L(EFFORT, "effort", "its effort")                                                              \
    L(PRIORITY, "priority", "its priority")                                                        \
    L(TITLE, "title", "its title")                                                                 \
    L(STATUS, "status", "status of the whole file")                                                \
    L(PROGRESS, "progress", "share of achievements that are done")                                 \
    L(ARCHIVE, "archive", "folder the plan is to be archived in")

/// Meaning of a label; PG_LABEL_OTHER for all labels that mean nothing to the parser.
typedef enum pg_label {
    PG_LABEL_OTHER,
#define PG_LABEL_ENUM(symbol, name, comment) PG_LABEL_##symbol,
    PG_LABEL_LIST(PG_LABEL_ENUM)
#undef PG_LABEL_ENUM
        PG_LABEL_COUNT
} pg_label;

/// H(SYMBOL, "name", comment): what headings mean to the parser.
#define PG_HEADING_LIST(H)                                                                         \
    H(DEFINING, "defining", "the section defines achievements")                                    \
    H(RETELLING, "retelling", "it defines only what no other section does")                        \
    H(LISTING, "listing", "it only lists or shows achievements")                                   \
    H(ASIDE, "aside", "it never defines, even in a plan without a defining section")               \
    H(HANDOFF, "handoff", "the handoff section")                                                   \
    H(ARCHIVE, "archive", "it states the archive location")

/// Meanings of headings; a heading may have several.
typedef enum pg_heading {
    PG_HEADING_OTHER,
#define PG_HEADING_ENUM(symbol, name, comment) PG_HEADING_##symbol,
    PG_HEADING_LIST(PG_HEADING_ENUM)
#undef PG_HEADING_ENUM
        PG_HEADING_COUNT
} pg_heading;

/// P(SYMBOL, "name", comment): patterns of lines. Each is applied to one line, title or value
/// without container marks, of which it sees the first 1024 bytes.
#define PG_PATTERN_LIST(P)                                                                         \
    P(DEFINITION, "definition", "first line of a paragraph; groups: number, title, tail")          \
    P(HEADING, "heading", "heading that defines; groups: number, title")                           \
    P(PLAN_TITLE, "plan_title", "title of a plan; it may define achievements in any section")      \
    P(OTHER_TITLE, "other_title", "title of a document about a plan; it defines none")             \
    P(OTHER_FIELD, "other_field", "line of a header that says the same")                           \
    P(PRIORITY, "priority", "heading that gives a priority to the achievements below")             \
    P(EFFORT_TAIL, "effort_tail", "text behind a title; group: effort")                            \
    P(TITLE_MARK, "title_mark", "title with marks at its end; group: the marks")                   \
    P(COMPLETE_MARK, "complete_mark", "marks that say complete")                                   \
    P(ALL_DONE, "all_done", "line saying that the plan is complete")                               \
    P(STATUS_DONE, "status_done", "value of a status saying so")                                   \
    P(PROGRESS_DONE, "progress_done", "value of a progress saying so")                             \
    P(NEXT, "next", "line naming the next achievement; group: its number")                         \
    P(NEXT_MARK, "next_mark", "line marking an achievement as next; group: its number")            \
    P(STARTED, "started", "line marking an achievement as in progress; group: its number")         \
    P(PENDING, "pending", "line marking an achievement as pending; group: its number")             \
    P(NEXT_BLOCK, "next_block", "label or heading above the steps to come")                        \
    P(NEXT_ITEM, "next_item", "step that begins with an open achievement; group: its number")      \
    P(ACTION, "action", "line telling to begin an achievement; group: its number")                 \
    P(PLACEHOLDER, "placeholder", "archive location that nobody filled in")

typedef enum pg_pattern_name {
#define PG_PATTERN_ENUM(symbol, name, comment) PG_PATTERN_##symbol,
    PG_PATTERN_LIST(PG_PATTERN_ENUM)
#undef PG_PATTERN_ENUM
        PG_PATTERN_COUNT
} pg_pattern_name;

/// A named pattern as data.
typedef struct pg_pattern {
    pg_str name;
    pg_str pattern; ///< Perl syntax, see regex.h
} pg_pattern;

/// The words of plans as data of the caller; lua/promptgen/patterns.lua has the stock ones.
typedef struct pg_plan_words {
    const pg_pattern *patterns; ///< one for each name of PG_PATTERN_LIST; others are ignored
    size_t pattern_count;
    const pg_phrase *labels; ///< labels of fields; their meanings are pg_label
    size_t label_count;
    const pg_phrase *headings; ///< phrases that headings contain; their meanings are pg_heading
    size_t heading_count;
    const pg_phrase *keywords; ///< what an achievement is called (meaning 1); none: "achievement"
    size_t keyword_count;
    bool jit; ///< compile to machine code, which pays from about fifty files on
} pg_plan_words;

/// Compiled words; immutable, for any number of threads.
typedef struct pg_patterns pg_patterns;

/// Stable names of a pattern, a label and a heading meaning; "unknown" outside the lists.
const char *pg_pattern_text(unsigned name);
const char *pg_label_text(unsigned meaning);
const char *pg_heading_text(unsigned meaning);

/// Compiles the words. PG_OK and `*out` (free with pg_patterns_free); PG_INVALID when a pattern is
/// missing; PG_REGEX_SYNTAX (the message names the pattern); PG_NOMEM.
PG_NODISCARD pg_status pg_patterns_new(const pg_plan_words *words, const pg_alloc *alloc,
                                       pg_patterns **out, pg_error *err);
void pg_patterns_free(pg_patterns *patterns); ///< NULL is fine

typedef struct pg_plan pg_plan;

/// How to parse. Zero-initialise.
typedef struct pg_plan_options {
    const pg_patterns *patterns; ///< required, or NULL with `wait_for_patterns`
    pg_str path;                 ///< stored, and gives the feature; {NULL, 0} = none
    bool header_only;            ///< read only up to the second heading
    /// Gives the patterns when the text is parsed and they are needed; NULL ends with PG_INVALID.
    const pg_patterns *(*wait_for_patterns)(void *ctx);
    void *ctx; ///< of `wait_for_patterns`
} pg_plan_options;

/// Parses a Markdown text. PG_OK and `*out` with one reference (see pg_plan_release), or the errors
/// of pg_markdown_parse, PG_LIMIT of a pattern, PG_NOMEM. `*out` is NULL on failure.
PG_NODISCARD pg_status pg_plan_parse(pg_str text, const pg_plan_options *options,
                                     const pg_alloc *alloc, pg_plan **out, pg_error *err);

/// Takes the bytes of a record back, which are copied. PG_OK and `*out`, PG_CORRUPT when they are
/// not a record of this version or any offset, line or count in them is out of range, PG_NOMEM.
PG_NODISCARD pg_status pg_plan_load(pg_str bytes, const pg_alloc *alloc, pg_plan **out,
                                    pg_error *err);

/// The bytes of the record; they live as long as it.
pg_str pg_plan_dump(const pg_plan *plan);

/// One reference more; returns `plan`. Atomic.
pg_plan *pg_plan_retain(pg_plan *plan);

/// One reference less; the last one frees the record. NULL is fine. Atomic.
void pg_plan_release(pg_plan *plan);

/// The scalars.
const pg_plan_head *pg_plan_scalars(const pg_plan *plan);

/// The rows of a table as an array of pg_plan_row_<name>; `*count` receives their number.
const void *pg_plan_rows(const pg_plan *plan, pg_plan_table table, uint32_t *count);

/// A string of the record; {NULL, 0} for no string.
pg_str pg_plan_str(const pg_plan *plan, pg_ref ref);

/// Lines `first` to `last` joined by line feeds, without a final one; clamped. O(bytes before
/// `last`).
pg_str pg_plan_text(const pg_plan *plan, uint32_t first, uint32_t last);

#endif
