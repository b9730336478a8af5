/// What the files of the markdown unit share.
#ifndef PROMPTGEN_CORE_MARKDOWN_INTERNAL_H
#define PROMPTGEN_CORE_MARKDOWN_INTERNAL_H

#include "promptgen/markdown.h"

/// The regular text and its lines. Invariant: starts[0] == 0, starts[line_count] == text_len + (1
/// when the last line has no line end), so that line i (0-based) is [starts[i], starts[i + 1] - 1).
typedef struct pg_md_source {
    const char *text;     ///< `owned`, or what was given when that is in its regular form
    size_t text_len;      ///< bytes of it
    char *owned;          ///< NULL when the text is borrowed; text_cap bytes
    size_t text_cap;      ///< bytes allocated
    uint32_t *starts;     ///< owned; starts_cap entries, line_count + 1 in use
    size_t starts_cap;    ///< entries allocated
    uint8_t *flags;       ///< owned; starts_cap entries, PG_MD_LINE_* of each line
    uint32_t line_count;  ///< number of lines
    size_t invalid_count; ///< malformed bytes replaced
    size_t invalid_at;    ///< offset of the first of them in the original
    uint32_t invalid_line;
} pg_md_source;

struct pg_markdown {
    const pg_alloc *alloc;
    pg_md_source source;
    pg_md_block *blocks; ///< owned; block_cap entries
    uint32_t block_count;
    uint32_t block_cap;
    pg_md_section *sections; ///< owned; section_count entries
    uint32_t section_count;
};

/// Takes `text` in its regular form and finds its lines. With `borrow` it is not copied if it has
/// that form already; it then has to outlive the source.
pg_status pg__md_source_read(pg_md_source *source, pg_str text, bool borrow, const pg_alloc *alloc,
                             pg_error *err);
void pg__md_source_free(pg_md_source *source, const pg_alloc *alloc);

/// Line `index` (0-based, in range) without its line end.
pg_str pg__md_source_line(const pg_md_source *source, uint32_t index);

/// Writes the outline of the text into `out` (room for text_len + line_count bytes) and returns its
/// length; see markdown_outline.c. Flags the blank lines. `*effort` receives a bound on the
/// container visits that parsing the outline can take.
size_t pg__md_outline(pg_md_source *source, char *out, uint64_t *effort);

/// Fills md->sections from md->blocks.
pg_status pg__md_find_sections(pg_markdown *md, pg_error *err);

#endif
