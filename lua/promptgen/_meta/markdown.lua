---@meta promptgen.markdown

--- Block structure of Markdown texts. Lines are 1-based, ranges inclusive.
---@class promptgen.markdown
local markdown = {}

---@class promptgen.markdown.Block
---@field kind "quote"|"list"|"item"|"code"|"html"|"paragraph"|"heading"|"rule"
---@field line integer first line
---@field end_line integer last line
---@field column integer byte column of the first byte, 1-based
---@field depth integer number of containers around it
---@field parent integer? index in the list of blocks; nil at the top level
---@field level integer? of a heading, 1-6
---@field text string? of a heading, without its marks
---@field ordered boolean? of a list
---@field fenced boolean? of a code block
---@field info string? of a code block; empty when it has none

---@class promptgen.markdown.Section
---@field level integer 1-6
---@field title string source text of the heading
---@field line integer line of the heading
---@field end_line integer last line before the next heading of its rank, neither blank nor a rule

---@class promptgen.markdown.Field
---@field label string without emphasis and symbols around it
---@field value string rest of the line; may be empty
---@field line integer
---@field bold boolean whether the label is emphasised

---@class promptgen.markdown.Table
---@field line integer line of the header row
---@field end_line integer line of the last row
---@field header string[] cells, at most 256
---@field rows string[][] cells of the body rows; row `i` stands on line `line + 1 + i`

--- A parsed text. Immutable; collection frees it.
---@class promptgen.markdown.Document
local document = {}

--- Parses a text of at most 16 MiB: any bytes, any line ends. Malformed UTF-8 becomes U+FFFD.
---@param text string
---@return promptgen.markdown.Document? document
---@return promptgen.Error? err codes: too_large, limit (nesting or number of blocks), out_of_memory
function markdown.parse(text) end

--- Blocks in document order, containers before their content: all, or those of a kind or a depth only.
--- `parent` counts all blocks.
---@param kind? string as in promptgen.markdown.Block
---@param depth? integer
---@return promptgen.markdown.Block[]
function document:blocks(kind, depth) end

--- All headings at the top level, with the range each governs.
---@return promptgen.markdown.Section[]
function document:sections() end

--- All labelled fields of paragraphs: `**Label**: value`, `**Label:** value`, `Label: value`.
---@return promptgen.markdown.Field[]
function document:fields() end

--- All pipe tables.
---@return promptgen.markdown.Table[]
function document:tables() end

--- Lines `first` to `last` joined by line feeds, without a final one. Out of range is clamped.
---@param first integer? default 1
---@param last integer? default the number of lines
---@return string
function document:text(first, last) end

--- Number of lines; a last line without a line end counts.
---@return integer
function document:line_count() end

--- Malformed bytes that were replaced, with line and byte offset (0-based) of the first.
---@return integer count
---@return integer? line
---@return integer? offset
function document:invalid() end

return markdown
