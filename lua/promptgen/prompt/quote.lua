--- The plan's own words on an achievement: quoted whole, or its telling parts when it is very long.
local layout = require "promptgen.layout"
local placeholder = require "promptgen.lazy" "promptgen.placeholder"

local quote = {}

--- Longest section that is quoted whole.
local WHOLE_LINES, WHOLE_BYTES = 260, 16384

--- Parts that are quoted of a longer one, and lines of each.
local PARTS = {
  "goal", "purpose", "description", "deliverables", "files", "success", "success criteria", "test",
  "tests", "testing requirements", "validation", "constraints", "dependencies",
}
local PART_LINES = 40

local KNOWN = {}
for _, label in ipairs(PARTS) do
  KNOWN[label] = true
end

---@class promptgen.prompt.Quote
---@field text string
---@field first integer
---@field last integer
---@field count integer lines
---@field whole boolean

--- Quotes an achievement of a plan.
---@param plan promptgen.plan.Record
---@param achievement table of the record
---@return promptgen.prompt.Quote
function quote.achievement(plan, achievement)
  local first, last = achievement.line, achievement.end_line
  local text = plan:text(first, last)
  if last - first < WHOLE_LINES and #text <= WHOLE_BYTES then
    return { text = text, first = first, last = last, count = last - first + 1, whole = true }
  end
  local pieces = { plan:text(first, first) }
  for _, part in ipairs(achievement.parts) do
    if KNOWN[part.label:lower()] then
      local stop = math.min(part.end_line, part.line + PART_LINES - 1)
      local piece = plan:text(part.line, stop)
      pieces[#pieces + 1] = piece:sub(1, WHOLE_BYTES // 4)
    end
  end
  return { text = table.concat(pieces, "\n\n"), first = first, last = last,
           count = last - first + 1, whole = false }
end

--- Labels under which plans say how an achievement is tested.
local TESTS = { tests = true, test = true, ["testing requirements"] = true, validation = true,
                verification = true, ["test cases"] = true }

--- What the plan says of the tests of an achievement: the label it says it under, the text where that
--- is one line, and `none` where it says that there are none. nil when it says nothing.
---@param plan promptgen.plan.Record
---@param achievement table
---@return { label: string, text: string?, none: boolean }?
function quote.tests(plan, achievement)
  for _, part in ipairs(achievement.parts) do
    if TESTS[part.label:lower()] then
      local text = plan:text(part.line, part.end_line)
      text = text:gsub("^%s*[-*+]?%s*[*_]*[^:\n]*:[*_]*%s*", "", 1):match("^(.-)%s*$")
      if text:find("]", 1, true) and not placeholder.without(text) then
        return nil
      end
      local one_line = text ~= "" and not text:find("\n", 1, true) and text or nil
      local none = one_line ~= nil and one_line:lower():find("^n/?a%f[%A]") ~= nil
      return { label = part.label, text = one_line, none = none }
    end
  end
  return nil
end

--- Workspace-relative paths that a text names in backticks and that exist, in order, each once.
---@param workspace promptgen.Workspace
---@param text string
---@param max integer
---@return string[]
function quote.existing_paths(workspace, text, max)
  local found, seen = {}, {}
  for span in text:gmatch("`([^`\n]+)`") do
    local path = span:match("^%.?/?([%w_%-.][%w_%-./]*%.%w+)$")
    if path and path:find("/", 1, true) and not path:find("..", 1, true) and not seen[path] then
      seen[path] = true
      if quote.is_file(workspace, path) then
        found[#found + 1] = path
      end
    end
    if #found == max then
      break
    end
  end
  return found
end

--- Whether a file exists, by the listing of its folder.
function quote.is_file(workspace, path)
  local dir, name = layout.split(path)
  local entries = workspace:list(dir)
  for _, entry in ipairs(entries or {}) do
    if entry.name == name then
      return entry.type == "file"
    end
  end
  return false
end

return quote
