--- What a FIX file says, in any of the layouts that reviewers use: its head, its issues by weight,
--- what worked, and the files it names. It goes by the structure of the document; nothing but titles is
--- read as text.
---
--- An issue is a heading below "Critical Issues" or "Minor Issues" (or below the section of issues,
--- where those are missing), a paragraph that begins with a bold number, or an item of a list.
local fix_file = {}

---@class promptgen.fix_file.Entry
---@field title string one line, without marks
---@field line integer
---@field end_line integer last line of its text
---@field number integer? as the review numbers it, where it does
---@field weight "critical"|"minor"|"issue"? of an issue; "issue" where the review makes no difference

---@class promptgen.fix_file.Fix
---@field reviewer string?
---@field date string?
---@field status string?
---@field issues promptgen.fix_file.Entry[] in the order of the file
---@field critical integer
---@field minor integer
---@field worked promptgen.fix_file.Entry[] what the review praises, without a weight
---@field references string[] paths in backticks among the issues, sorted, each once
---@field passages string[] what an editor copied into it, such as "@Python (10-20)", sorted, each once

local HEAD = { reviewer = "reviewer", ["review date"] = "date", date = "date", status = "status" }

--- The labelled fields above the first section.
local function read_head(record, fix)
  local stop = math.huge
  for _, section in ipairs(record.sections) do
    if section.level >= 2 then
      stop = section.line
      break
    end
  end
  for _, field in ipairs(record.fields) do
    local key = field.line < stop and HEAD[field.label:lower()]
    if key and not fix[key] and field.value ~= "" then
      fix[key] = field.value:gsub("%*%*", "")
    end
  end
end

local SYMBOLS = { "⭐", "✅", "❌", "⚠️", "⚠", "🔴", "🟡" }
local LONGEST_TITLE = 120

--- A title on one line: no list mark, number, emphasis or symbol. Returns the number beside it.
local function clean(text)
  text = text:gsub("%s+", " "):gsub("^ ?[-*+] ", ""):gsub("%*%*", ""):gsub("__", "")
  if text:find("[\x80-\xff]") then
    for _, symbol in ipairs(SYMBOLS) do
      text = text:gsub(symbol, "")
    end
  end
  text = (text:gsub("  +", " "):match("^%s*(.*%S)") or ""):gsub("^%[.%] ", "")
  local number, rest = text:match("^#?(%d+)[.):]%s+(.*)$")
  text = (rest or text):match("^(.-)[%s:]*$")
  if #text > LONGEST_TITLE then
    local cut = text:sub(1, LONGEST_TITLE):match("^(.*)%s%S*$") or text:sub(1, LONGEST_TITLE)
    text = cut:gsub("[%s.,;:]+$", "") .. " …"
  end
  return text, math.tointeger(tonumber(number))
end

--- The outermost headings inside a range.
local function headings_in(record, first, last)
  local found, top = {}, nil
  for _, section in ipairs(record.sections) do
    if section.line >= first and section.line <= last then
      top = math.min(top or section.level, section.level)
    end
  end
  for _, section in ipairs(record.sections) do
    if section.level == top and section.line >= first and section.line <= last then
      found[#found + 1] = { line = section.line, text = section.title }
    end
  end
  return found
end

--- First lines of the blocks of a range that match a pattern.
local function blocks_in(record, blocks, first, last, pattern)
  local found = {}
  for _, block in ipairs(blocks) do
    if block.line >= first and block.line <= last then
      local text = record:text(block.line, block.line)
      if text:find(pattern) then
        found[#found + 1] = { line = block.line, text = text }
      end
    end
  end
  return found
end

--- The blocks of a record, parsed when they are first asked for: `blocks_of(kind, depth)`.
local function blocks_by_kind(record)
  local document
  local known = {}
  return function(kind, depth)
    if document == nil then
      document = require("promptgen.markdown").parse(record:text(1, record.lines)) or false
    end
    known[kind] = known[kind] or document and document:blocks(kind, depth) or {}
    return known[kind]
  end
end

--- Last line up to `stop` that is neither blank nor a rule.
local function last_line(record, first, stop)
  while stop > first and record:text(stop, stop):find("^[%s*_-]*$") do
    stop = stop - 1
  end
  return stop
end

--- Items that only say that there is nothing to say.
local NOTHING = { none = true, ["n/a"] = true, nothing = true, ["none found"] = true, ["none identified"] = true }

--- True for a title that somebody wrote: neither "None." nor a text in brackets that is still to be
--- written.
local function says_something(title)
  return not NOTHING[title:lower():match "^(.-)%W*$"] and not title:find "^%[[^%]]*%]$" and title ~= ""
end

--- The entries of a range, by the first layout of which there are any.
local function entries_in(record, blocks_of, first, last)
  local starts = headings_in(record, first, last)
  if #starts == 0 then
    starts = blocks_in(record, blocks_of("paragraph", 0), first, last, "^%s*%*%*#?%d+[.):]")
  end
  if #starts == 0 then
    starts = blocks_in(record, blocks_of("item", 1), first, last, "")
  end
  local entries = {}
  for i, start in ipairs(starts) do
    local title, number = clean(start.text)
    local stop = starts[i + 1] and starts[i + 1].line - 1 or last
    if says_something(title) then
      entries[#entries + 1] = { title = title, number = number, line = start.line,
                                end_line = last_line(record, start.line, stop) }
    end
  end
  return entries
end

local WEIGHTS = { { "critical", "critical" }, { "blocking", "critical" }, { "major", "critical" },
                  { "must fix", "critical" }, { "minor", "minor" }, { "should fix", "minor" } }

local function weight_of(title)
  for _, row in ipairs(WEIGHTS) do
    if title:lower():find(row[1], 1, true) then
      return row[2]
    end
  end
end

--- Words in the title of the section that holds the issues.
local ISSUES = { "issue", "required fix", "fixes required", "problem", "finding" }

local function holds_issues(section)
  for _, word in ipairs(ISSUES) do
    if section.title:lower():find(word, 1, true) then
      return true
    end
  end
  return false
end

local function is_praise(section)
  return section.title:lower():find("what worked", 1, true) ~= nil
end

--- The ranges that hold issues, each with its weight: groups by weight, or one section without groups.
--- A group may also stand in a section of another name ("### Critical Issues" below the summary).
local function groups_of(record)
  local groups, whole, around, praise = {}, nil, nil, false
  for _, section in ipairs(record.sections) do
    local holds = section.level == 2 and holds_issues(section)
    local weight = weight_of(section.title)
    if section.level == 2 then
      around, praise = holds and section or nil, is_praise(section)
    end
    local is_group = section.level == 3 and not praise
      and (around and not weight_of(around.title) or not around and holds_issues(section))
    if weight and (holds or is_group) then
      groups[#groups + 1] = { line = section.line, end_line = section.end_line, weight = weight }
    elseif holds and not whole then
      whole = { line = section.line, end_line = section.end_line, weight = "issue" }
    end
  end
  return #groups > 0 and groups or { whole }
end

local function references_in(record, issues)
  local list, seen = {}, {}
  for _, issue in ipairs(issues) do
    for span in record:text(issue.line, issue.end_line):gmatch("`([^`\n]+)`") do
      local path = span:match("^%.?/?([%w_%-.][%w_%-./]*%.%a%w*)$") or span:match("^([%w_%-./]+%.%a%w*):%d+")
      if path and path:find("/", 1, true) and not path:find("..", 1, true) and not seen[path] then
        seen[path] = true
        list[#list + 1] = path
      end
    end
  end
  table.sort(list)
  return list
end

local function passages_in(record, issues)
  local list, seen = {}, {}
  for _, issue in ipairs(issues) do
    for name, range in record:text(issue.line, issue.end_line):gmatch "@([%w_%-./#+]+) (%(%d+%-%d+%))" do
      local passage = ("@%s %s"):format(name, range)
      list[#list + 1] = not seen[passage] and passage or nil
      seen[passage] = true
    end
  end
  table.sort(list)
  return list
end

--- Reads a FIX file. Sections that it lacks give empty lists.
---@param record promptgen.plan.Record
---@return promptgen.fix_file.Fix
function fix_file.read(record)
  local fix = { issues = {}, worked = {}, critical = 0, minor = 0 }
  read_head(record, fix)
  local blocks_of = blocks_by_kind(record)
  for _, group in ipairs(groups_of(record)) do
    for _, entry in ipairs(entries_in(record, blocks_of, group.line + 1, group.end_line)) do
      entry.weight = group.weight
      fix.issues[#fix.issues + 1] = entry
      fix[group.weight] = (fix[group.weight] or 0) + 1
    end
  end
  for _, section in ipairs(record.sections) do
    if section.level == 2 and is_praise(section) then
      fix.worked = entries_in(record, blocks_of, section.line + 1, section.end_line)
      break
    end
  end
  fix.references, fix.passages = references_in(record, fix.issues), passages_in(record, fix.issues)
  return fix
end

return fix_file
