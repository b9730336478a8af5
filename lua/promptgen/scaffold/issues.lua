--- The issues of a FIX file, for the skeleton of its RESOLUTION: their titles, not their texts.
local issues = {}

--- "2. **Title**" without number and emphasis.
local function plain(title)
  title = title:gsub("^%s*%d+[.)]%s*", ""):gsub("^%*+", ""):gsub("%*+%s*$", "")
  return title:match "^%s*(.-)%s*$"
end

local function below(record, word)
  for _, section in ipairs(record.sections) do
    if section.title:lower():find(word, 1, true) then
      return section
    end
  end
end

--- Headings of the next deeper level inside a section.
local function headings_in(record, section)
  local list, level = {}, nil
  for _, one in ipairs(record.sections) do
    if one.line > section.line and one.line <= section.end_line then
      level = level or one.level
      if one.level == level then
        list[#list + 1] = { title = plain(one.title), line = one.line }
      end
    end
  end
  return list
end

--- Titles of the critical issues: the headings below "Critical Issues".
---@param record promptgen.plan.Record
---@return {title: string, line: integer}[]
function issues.critical(record)
  local section = below(record, "critical")
  return section and headings_in(record, section) or {}
end

--- Minor issues: the items of the list below "Minor Issues", or the headings there.
---@param record promptgen.plan.Record
---@return string[]
function issues.minor(record)
  local section = below(record, "minor")
  if not section then
    return {}
  end
  local list = {}
  for _, heading in ipairs(headings_in(record, section)) do
    list[#list + 1] = heading.title
  end
  if #list > 0 or section.end_line <= section.line then
    return list
  end
  for line in (record:text(section.line + 1, section.end_line) .. "\n"):gmatch "([^\n]*)\n" do
    local item = line:match "^[-*+]%s+(.+)$" or line:match "^%d+[.)]%s+(.+)$"
    list[#list + 1] = item
  end
  return list
end

return issues
