--- Project context: parts of a file about the project, chosen by their headings.
local project = {}

local DEFAULT_LINES = 20
local TOTAL_LINES = 120

--- A heading is asked for by any part of its title, letter case and marks aside.
local function matches(title, wanted)
  return title:lower():find(wanted:lower(), 1, true) ~= nil
end

local function heading_list(spec)
  local list = {}
  for i, heading in ipairs(spec.headings or {}) do
    if type(heading) == "table" then
      list[i] = { heading[1], heading.lines or heading[2] }
    else
      list[i] = { heading }
    end
  end
  return list
end

local function add(parts, record, first, last, budget)
  last = math.min(last, first + budget - 1)
  parts[#parts + 1] = { first = first, last = last, text = record:text(first, last) }
  return last - first + 1
end

--- Reads project context. `spec` is the setting `project_context`: {file=, headings={"Overview",
--- {"Key Directories", lines = 15}}, lines=}. Without headings the file's first lines are taken.
---@param workspace promptgen.Workspace
---@param spec { file: string, headings: (string|table)[]?, lines: integer? }
---@return { path: string, parts: { first: integer, last: integer, text: string }[] }? context nil
--- when the file is missing or has none of the headings: context is help, not a condition
function project.read(workspace, spec)
  local record = type(spec.file) == "string" and workspace:document(spec.file)
  if not record or record.empty then
    return nil
  end
  local most, left, parts = spec.lines or DEFAULT_LINES, TOTAL_LINES, {}
  local wanted = heading_list(spec)
  if #wanted == 0 then
    add(parts, record, 1, record.lines, math.min(most, left))
  end
  for _, heading in ipairs(wanted) do
    for _, section in ipairs(record.sections) do
      if left > 0 and matches(section.title, heading[1]) then
        left = left - add(parts, record, section.line, section.end_line,
          math.min(heading[2] or most, left))
        break
      end
    end
  end
  return #parts > 0 and { path = spec.file, parts = parts } or nil
end

return project
