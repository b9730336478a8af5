---@meta promptgen.regex

--- Perl-compatible regular expressions over UTF-8, with limits that a pattern cannot lift: 8 KiB
--- of pattern, a million steps and 20 MiB for one attempt. Positions are bytes, 1-based, as in
--- `string`.
---
--- A text that is not valid UTF-8 is `bad_input`, a pattern that runs away is `limit`; neither is
--- ever reported as "no match", which is a plain nil.
---@class promptgen.regex
local regex = {}

---@class (exact) promptgen.regex.Options
---@field jit? boolean compile to machine code (default true); false is cheaper for one short search

--- A compiled pattern.
---@class promptgen.regex.Regex
local Regex = {}

---@class (exact) promptgen.regex.Match
---@field [integer] string|false [0] is the whole match, [n] group n; false when it took no part
---@field start integer first byte
---@field stop integer last byte; `start - 1` for an empty match
---@field named table<string, string|false> groups by name

--- Compiles a pattern.
---
--- ```lua
--- local re = assert(regex.compile([[achievement (?<number>\d+(?:\.\d+)+)]], "i"))
--- print(re:match "Achievement 1.2")                 --> 1.2
--- print((re:gsub("achievement 3.5", "${number}")))  --> 3.5
--- ```
---@param pattern string
---@param flags? string letters: i no case, m lines, s dot matches newline, x free spacing,
--- A anchored, u Unicode classes
---@param options? promptgen.regex.Options
---@return promptgen.regex.Regex? re
---@return promptgen.Error? err `regex_syntax` with `offset` (0-based byte; absent at the start)
function regex.compile(pattern, flags, options) end

--- A pattern that matches exactly `text`, under every flag.
---@param text string
---@return string pattern
function regex.escape(text) end

--- First match from `init` on: its groups, or the whole match when the pattern has none. A group
--- that took no part is false.
---@param subject string
---@param init? integer first byte to search, negative from the end (default 1)
---@return string|false? ... captures; nil when nothing matches
---@return promptgen.Error? err after nil: `limit`, `bad_input`
function Regex:match(subject, init) end

--- Where the first match from `init` on lies, and its groups.
---@param subject string
---@param init? integer
---@return integer? start
---@return integer|promptgen.Error? stop
---@return string|false ... captures
function Regex:find(subject, init) end

--- The first match from `init` on as a table.
---@param subject string
---@param init? integer
---@return promptgen.regex.Match? match
---@return promptgen.Error? err
function Regex:exec(subject, init) end

--- Whether there is a match from `init` on.
---@param subject string
---@param init? integer
---@return boolean? found nil with an error
---@return promptgen.Error? err
function Regex:test(subject, init) end

--- Iterates over all matches: what `match` returns for each. Where a match was empty, one that is
--- not is tried before moving on by one character. An error is raised, as an error table.
---@param subject string
---@param init? integer
---@return fun(): string|false?, ... iterator
---@return nil
---@return nil
---@return userdata closing freed when a `for` loop ends, also by `break`
function Regex:gmatch(subject, init) end

--- Replaces matches. In a string, $0 is the match, $1 and ${1} a group, ${name} a named one, $$ a
--- dollar. A table is indexed with the first group (or the match), a function is called with the
--- groups; false or nil leaves the match as it is.
---@param subject string
---@param replacement string|table|fun(...: string|false): (string|number|false|nil)
---@param max? integer replace at most so many
---@return string? text
---@return integer|promptgen.Error count how many matches were replaced or looked at
function Regex:gsub(subject, replacement, max) end

--- Group numbers by name.
---@return table<string, integer> names a fresh table
function Regex:names() end

--- Whether the pattern was compiled to machine code.
---@return boolean jit
function Regex:jit() end

--- Frees the pattern; again is fine. Also done by `<close>` and the collector.
function Regex:close() end

return regex
