/// What can be read from a parsed text: lines, headings, sections, fences. See markdown.h.
#include "promptgen/markdown.h"

#include "markdown_internal.h"

#include <string.h>

pg_str pg_markdown_text(const pg_markdown *md)
{
    return (pg_str){md->source.text, md->source.text_len};
}

uint32_t pg_markdown_line_count(const pg_markdown *md)
{
    return md->source.line_count;
}

pg_str pg_markdown_line(const pg_markdown *md, uint32_t line)
{
    if (line == 0 || line > md->source.line_count)
        return PG_STR("");
    return pg__md_source_line(&md->source, line - 1);
}

size_t pg_markdown_line_offset(const pg_markdown *md, uint32_t line)
{
    if (line == 0)
        return 0;
    uint32_t index = line - 1 < md->source.line_count ? line - 1 : md->source.line_count;
    size_t offset = md->source.starts[index];
    return offset < md->source.text_len ? offset : md->source.text_len;
}

unsigned pg_markdown_line_flags(const pg_markdown *md, uint32_t line)
{
    return line == 0 || line > md->source.line_count ? 0 : md->source.flags[line - 1];
}

size_t pg_markdown_invalid_bytes(const pg_markdown *md, uint32_t *line, size_t *offset)
{
    if (line != NULL)
        *line = md->source.invalid_line;
    if (offset != NULL)
        *offset = md->source.invalid_at;
    return md->source.invalid_count;
}

const pg_md_block *pg_markdown_blocks(const pg_markdown *md, uint32_t *count)
{
    *count = md->block_count;
    return md->blocks;
}

pg_str pg_markdown_block_line(const pg_markdown *md, uint32_t block, uint32_t line)
{
    pg_str text = pg_markdown_line(md, line);
    if (block >= md->block_count)
        return pg_str_trim(text);
    const pg_md_block *b = &md->blocks[block];
    if (line == b->line)
        return pg_str_trim(pg_str_slice(text, b->column - 1, text.len));
    text = pg_str_trim(text);
    if (text.len > 0 && text.ptr[0] == '>' && b->quoted) {
        while (text.len > 0 && (text.ptr[0] == '>' || text.ptr[0] == ' ' || text.ptr[0] == '\t'))
            text = pg_str_slice(text, 1, text.len);
    }
    return text;
}

/// `# Title ##` without its marks.
static pg_str atx_text(pg_str line)
{
    while (line.len > 0 && line.ptr[0] == '#')
        line = pg_str_slice(line, 1, line.len);
    line = pg_str_trim(line);
    size_t end = line.len;
    while (end > 0 && line.ptr[end - 1] == '#')
        end--;
    // The closing marks count only after a blank; `# C#` has none.
    if (end == 0 || line.ptr[end - 1] == ' ' || line.ptr[end - 1] == '\t')
        line.len = end;
    return pg_str_trim(line);
}

pg_str pg_markdown_heading_text(const pg_markdown *md, uint32_t block)
{
    if (block >= md->block_count || md->blocks[block].kind != PG_MD_HEADING)
        return PG_STR("");
    const pg_md_block *b = &md->blocks[block];
    pg_str first = pg_markdown_block_line(md, block, b->line);
    if (b->line == b->end_line)
        return atx_text(first);
    pg_str last = pg_markdown_block_line(md, block, b->end_line - 1);
    return (pg_str){first.ptr, (size_t)(last.ptr + last.len - first.ptr)};
}

pg_str pg_markdown_fence_info(const pg_markdown *md, uint32_t block)
{
    if (block >= md->block_count || !md->blocks[block].fenced)
        return PG_STR("");
    pg_str line = pg_markdown_block_line(md, block, md->blocks[block].line);
    size_t marks = 0;
    while (marks < line.len && line.ptr[marks] == line.ptr[0])
        marks++;
    return pg_str_trim(pg_str_slice(line, marks, line.len));
}

uint32_t pg_markdown_last_content_line(const pg_markdown *md, uint32_t first, uint32_t last)
{
    if (last > md->source.line_count)
        last = md->source.line_count;
    while (last > first &&
           (pg_markdown_line_flags(md, last) & (PG_MD_LINE_BLANK | PG_MD_LINE_RULE)) != 0)
        last--;
    return last > first ? last : first;
}

const pg_md_section *pg_markdown_sections(const pg_markdown *md, uint32_t *count)
{
    *count = md->section_count;
    return md->sections;
}

static bool is_section_heading(const pg_md_block *block)
{
    return block->kind == PG_MD_HEADING && block->depth == 0;
}

/// Closes the open sections of rank `level` or lower, which end before `line`.
static void close_sections(pg_markdown *md, uint32_t open[7], unsigned level, uint32_t line)
{
    for (unsigned rank = level; rank <= 6; rank++) {
        if (open[rank] == PG_MD_NONE)
            continue;
        pg_md_section *section = &md->sections[open[rank]];
        uint32_t heading_end = md->blocks[section->block].end_line;
        section->end_line = pg_markdown_last_content_line(md, heading_end, line - 1);
        open[rank] = PG_MD_NONE;
    }
}

pg_status pg__md_find_sections(pg_markdown *md, pg_error *err)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < md->block_count; i = md->blocks[i].next)
        count += is_section_heading(&md->blocks[i]);
    if (count == 0)
        return PG_OK;
    md->sections = pg_calloc(md->alloc, count, sizeof *md->sections);
    if (md->sections == NULL)
        return pg_error_set(err, PG_NOMEM, "no memory for %u sections", count);
    md->section_count = count;
    uint32_t open[7];
    for (unsigned rank = 0; rank <= 6; rank++)
        open[rank] = PG_MD_NONE;
    uint32_t found = 0;
    for (uint32_t i = 0; i < md->block_count; i = md->blocks[i].next) {
        const pg_md_block *block = &md->blocks[i];
        if (!is_section_heading(block))
            continue;
        close_sections(md, open, block->level, block->line);
        pg_md_section *section = &md->sections[found];
        section->block = i;
        section->line = block->line;
        section->level = block->level;
        section->title = pg_markdown_heading_text(md, i);
        open[block->level] = found++;
    }
    close_sections(md, open, 1, md->source.line_count + 1);
    return PG_OK;
}
