--- Texts in square brackets that a skeleton leaves where something is still to be written. They state
--- nothing: no prompt may give them as facts.
---
--- The rule is close to that of the C core for whole documents (src/core/facets_subplan.c): the whole of a
--- value or a line, beginning with a letter, without brackets inside. A link and a tick box are none.
local placeholder = {}

--- Whether a value is nothing but a text to be written.
---@param value string?
---@return boolean
function placeholder.is(value)
  local inner = value and value:match "^[%s*_]*%[(%a[^%[%]]+)%][%s*_.]*$"
  return inner ~= nil and not inner:find "\n%s*\n"
end

--- The text to be written in a line: all of it but its list mark, or the value of a label in bold. After
--- other labels brackets are more often a list: "algorithm: [one, two]".
---@param line string
---@return string? says with its brackets
function placeholder.of_line(line)
  local text = line:gsub("^%s*[-*+]%s+", ""):gsub("^%s*%d+[.)]%s+", ""):gsub("^%[[ xX]%]%s+", "")
    :match "^%s*(.-)%s*$"
  if text:sub(-1) ~= "]" then
    return nil
  elseif placeholder.is(text) then
    return text
  end
  local value = text:match "^%*%*[^*]+%*%*:?%s*(.+)$"
  return placeholder.is(value) and value or nil
end

--- Whether a line of a text is still to be written, code or not. Only lines that end in a bracket are
--- taken apart: they are few.
local function has_some(text)
  local at = text:find("]", 1, true)
  while at do
    local stop = text:match("^[ \t\r]*()\n", at + 1) or text:match("^%s*()$", at + 1)
    if stop then
      local start = at
      while start > 1 and text:byte(start - 1) ~= 10 do
        start = start - 1
      end
      if placeholder.of_line(text:sub(start, at)) then
        return true
      end
    end
    at = text:find("]", at + 1, true)
  end
  return false
end

--- What is still to be written between two lines of a document, outside code.
---@param record promptgen.plan.Record
---@param first integer
---@param last integer
---@return { line: integer, says: string, count: integer }? left the first of them, and how many there are
function placeholder.left(record, first, last)
  local text = record:text(first, last)
  if not has_some(text) then
    return nil
  end
  local left, number, fence = nil, first, nil
  for line in (text .. "\n"):gmatch "([^\n]*)\n" do
    local mark = line:match "^%s*(```+)" or line:match "^%s*(~~~+)"
    if mark and (not fence or mark:sub(1, #fence) == fence) then
      fence = not fence and mark or nil
    end
    local says = not fence and not mark and placeholder.of_line(line)
    if says then
      left = left or { line = number, says = says, count = 0 }
      left.count = left.count + 1
    end
    number = number + 1
  end
  return left
end

--- A text without its lines that are still to be written; nil when nothing else is in it.
---@param text string?
---@return string?
function placeholder.without(text)
  if not text or not text:find("]", 1, true) then
    return text
  end
  local kept = {}
  for line in (text .. "\n"):gmatch "([^\n]*)\n" do
    kept[#kept + 1] = not placeholder.of_line(line) and line or nil
  end
  local rest = table.concat(kept, "\n")
  return rest:find "%S" and not placeholder.is(text) and rest or nil
end

return placeholder
