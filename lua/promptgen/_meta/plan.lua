---@meta promptgen.plan

--- Records: what promptgen knows of one Markdown file. Lines are 1-based, ranges inclusive.
---@class promptgen.plan
local plan = {}

---@class promptgen.plan.Part
---@field label string such as "Deliverables"
---@field line integer line of the label
---@field end_line integer last line that is neither blank nor a rule

---@class promptgen.plan.Achievement
---@field number string such as "1.2" or "3.5.1"
---@field title string? without status marks
---@field title_raw string? as written
---@field line integer line of the definition
---@field end_line integer last line of its section that is neither blank nor a rule
---@field goal string? value of a Goal, Purpose or Description field
---@field effort string? value of an Effort field, or the effort behind the title
---@field priority string? value of a Priority field, or the priority heading above
---@field mark "complete"? when the title is marked so
---@field parts promptgen.plan.Part[] labelled blocks of the section

---@class promptgen.plan.Range
---@field line integer
---@field end_line integer

---@class promptgen.plan.Section
---@field level integer 1-6
---@field title string text of the heading
---@field line integer line of the heading
---@field end_line integer last line before the next heading of its rank, neither blank nor a rule

---@class promptgen.plan.Field
---@field label string without emphasis and symbols
---@field value string rest of the line; may be empty
---@field line integer
---@field bold boolean whether the label is emphasised

---@class promptgen.plan.Duplicate
---@field number string number that is defined again
---@field title string? title of this definition
---@field line integer line of this definition
---@field first_line integer line of the definition that counts
---@field same_title boolean whether both titles say the same

---@class promptgen.plan.Archive
---@field value string folder as written
---@field line integer

---@class promptgen.plan.Says
---@field line integer
---@field says string as written

---@class promptgen.plan.Complete: promptgen.plan.Says
---@field where "header"|"completion"|"closing"

---@class promptgen.plan.HeaderStatus: promptgen.plan.Says
---@field complete boolean whether it says complete

---@class promptgen.plan.Planned
---@field code string such as "11_02", or "02" where only the execution is numbered
---@field feature string of a full file name; may be empty
---@field line integer

---@class promptgen.plan.Date
---@field value string YYYY-MM-DD
---@field line integer

---@class promptgen.plan.Named
---@field number string such as "1.2"
---@field line integer

---@class promptgen.plan.Claim: promptgen.plan.Says
---@field number string achievement that the plan's own text marks as done

---@class promptgen.plan.Warning
---@field code string invalid_utf8, unclosed_fence, malformed_number, duplicate_number, repeated_handoff
---@field line integer
---@field message string

--- A record. It never changes; its tables are views for reading. Scalars are read from the record
--- each time, tables are built on first use.
---@class promptgen.plan.Record
---@field kind "plan"|"document" "plan" when an achievement is defined
---@field path string? as given to `parse`
---@field feature string? NAME of PLAN_NAME.md
---@field title string? text of the first heading
---@field title_line integer?
---@field status string? value of the Status field in the header
---@field status_line integer?
---@field lines integer lines of the text
---@field bytes integer bytes of the file
---@field empty boolean whether the file has nothing but white space
---@field partial boolean whether only the header was parsed
---@field achievements promptgen.plan.Achievement[] in the order of the file, each number once
---@field handoff promptgen.plan.Range? the handoff section
---@field handoff_next string? number that it names as next, defined or not
---@field handoff_next_line integer?
---@field handoff_says_complete boolean
---@field handoff_complete_line integer?
---@field archive_location string? folder the plan is to be archived in
---@field archive_line integer?
---@field archives promptgen.plan.Archive[] all folders stated
---@field sections promptgen.plan.Section[]
---@field fields promptgen.plan.Field[] labelled fields outside code
---@field duplicates promptgen.plan.Duplicate[]
---@field says_complete boolean header, completion section or closing block says complete
---@field stale_header boolean header and end of the document are at odds about it
---@field complete promptgen.plan.Complete? the line that says complete
---@field header_status promptgen.plan.HeaderStatus?
---@field planned promptgen.plan.Planned[] executions that a SUBPLAN plans
---@field placeholder promptgen.plan.Says? first value that a skeleton left to be filled in
---@field synthesis { line: integer }? of several executions
---@field date promptgen.plan.Date? stated in the header
---@field names_number promptgen.plan.Named? the achievement that the title names
---@field claims promptgen.plan.Claim[]
---@field warnings promptgen.plan.Warning[]
---@field parts promptgen.plan.Part[] those of all achievements
local record = {}

--- Lines `first` to `last` joined by line feeds, without a final one. Out of range is clamped.
---@param first integer? default 1
---@param last integer? default the number of lines
---@return string
function record:text(first, last) end

--- Text below the first heading that contains `title` (without case); nothing when there is none.
---@param title string
---@return string? text
---@return integer? line of the heading
---@return integer? end_line
function record:section(title) end

--- The words of plans: phrases by meaning, patterns by name. See `promptgen.patterns`.
---@class promptgen.plan.Words
---@field patterns table<string, string>
---@field labels table<string, string[]>
---@field headings table<string, string[]>
---@field keyword? string[] what an achievement is called; without it, "Achievement"

---@class (exact) promptgen.plan.ParseOptions
---@field path? string stored in the record, and gives the feature
---@field patterns? promptgen.plan.Patterns|promptgen.patterns.Config compiled words, or additions to the stock ones (compiled once for each table)
---@field extent? "all"|"header" "header" reads only up to the second heading; default "all"

--- Compiled words.
---@class promptgen.plan.Patterns

--- Parses a Markdown text: any bytes, any line ends, at most 16 MiB.
---@param text string
---@param options promptgen.plan.ParseOptions?
---@return promptgen.plan.Record? record
---@return promptgen.Error? err codes: too_large, limit, regex_syntax (of own patterns), out_of_memory
function plan.parse(text, options) end

--- The bytes of a record, for `load` in this version of promptgen.
---@param record promptgen.plan.Record
---@return string bytes
function plan.dump(record) end

--- How many bytes `dump` gives.
---@param record promptgen.plan.Record
---@return integer bytes
function plan.size(record) end

--- Takes a record back. All offsets are checked.
---@param bytes string
---@return promptgen.plan.Record? record
---@return promptgen.Error? err codes: corrupt, out_of_memory
function plan.load(bytes) end

--- Number that changes with the form of records.
---@return integer
function plan.schema() end

--- Compiles words. `jit` compiles to machine code, which pays from about fifty files on.
---@param words promptgen.plan.Words
---@param jit boolean? default false
---@return promptgen.plan.Patterns? patterns
---@return promptgen.Error? err codes: regex_syntax, invalid_argument, out_of_memory
function plan.patterns(words, jit) end

return plan
