--- The reading list of a prompt: which files, which of their lines, how many, and why.
local sections = require "promptgen.prompt.sections"

local reading = {}

--- Documents longer than this are read in part, if that saves enough.
local LONG, PARTIAL = 400, 0.75

---@class promptgen.prompt.Reading
---@field path string
---@field lines integer lines to read
---@field first integer? first line, when not the whole file is meant
---@field last integer?
---@field why string
---@field parts promptgen.prompt.Range[]? where to look first, or what to read of a long file
---@field partial boolean? only `parts` need reading

---@class promptgen.prompt.ReadingList
---@field items promptgen.prompt.Reading[]
---@field lines integer lines in all
---@field files fun(self): integer how many files they are in
---@field optional promptgen.prompt.Reading[] worth a look when the work touches them
---@field avoid string[] what not to read

local List = {}
List.__index = List

---@return promptgen.prompt.ReadingList
function reading.new(workspace)
  return setmetatable({ workspace = workspace, items = {}, lines = 0, optional = {}, avoid = {} },
    List)
end

--- A range of lines of a file.
function List:range(path, range, why)
  self.items[#self.items + 1] = {
    path = path, first = range.first, last = range.last, why = why,
    lines = range.last - range.first + 1,
  }
  self.lines = self.lines + range.last - range.first + 1
end

--- A document: whole, or, when it is long, the parts of it that are wanted. Returns its record, or
--- nil when it cannot be read (then it is not listed).
---@param path string?
---@param why string
---@param wanted promptgen.prompt.Wanted[]? parts to point out
---@param whole boolean? read it whole, however long it is
function List:document(path, why, wanted, whole)
  local record = path and self.workspace:document(path)
  if not record then
    return nil
  end
  local item = { path = path, lines = record.lines, why = why }
  local parts = wanted and record.lines > 60 and sections.find(record, wanted, { max_count = 8 })
    or {}
  if #parts > 0 then
    item.parts = parts
  end
  local count = 0
  for _, part in ipairs(parts) do
    count = count + part.last - part.first + 1
  end
  if #parts > 0 and record.lines > LONG and count < record.lines * PARTIAL and not whole then
    item.partial, item.lines = true, count
  end
  self.items[#self.items + 1] = item
  self.lines = self.lines + item.lines
  return record
end

--- Sections of the plan that may bear on the work; optional reading.
function List:plan_sections(plan)
  for _, range in ipairs(sections.find(plan, sections.of_plan,
    { max_lines = 200, max_count = 6 })) do
    self.optional[#self.optional + 1] = {
      path = plan.path, first = range.first, last = range.last, title = range.title,
      why = range.why, lines = range.last - range.first + 1,
    }
  end
end

--- Number of files that the items are in.
function List:files()
  local seen, count = {}, 0
  for _, item in ipairs(self.items) do
    count = count + (seen[item.path] and 0 or 1)
    seen[item.path] = true
  end
  return count
end

function List:leave(what)
  self.avoid[#self.avoid + 1] = what
end

return reading
