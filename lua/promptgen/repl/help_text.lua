--- Setting the texts of `:help` for the width of a terminal.
local columns = require "promptgen.columns"

local help_text = {}

--- Room that the text beside a name needs; with less it goes below.
local LEAST_BESIDE = 28

--- Paragraphs are not set wider than this: long lines are hard to read.
local WIDEST = 100

--- Names and what they are, a blank column between; a long text goes on below itself.
---@param rows string[][] {name, text}
---@param room? integer cells of a line; nil = nothing is broken
---@return string lines
function help_text.list(rows, room)
  local width = 4
  for _, row in ipairs(rows) do
    width = row[2] == "" and width or math.max(width, columns.width(row[1]) + 4)
  end
  local below = room and room - width < LEAST_BESIDE
  local out = {}
  for _, row in ipairs(rows) do
    local indent = (" "):rep(below and 6 or width)
    local text = columns.wrap(row[2], room, indent)
    if row[2] == "" then
      out[#out + 1] = columns.wrap(row[1], room, "  ")
    elseif below then
      out[#out + 1] = "  " .. row[1] .. "\n" .. text
    else
      out[#out + 1] = columns.pad("  " .. row[1], width) .. text:sub(#indent + 1)
    end
  end
  return table.concat(out)
end

--- What a line of a docstring is: "row" of a list, "blank", "code" fence, or "text".
local function kind_of(line)
  return line:find "^```" and "code" or line:find "^  %S" and "row" or line:find "%S" and "text" or "blank"
end

--- Shows the lines gathered so far.
local function flush(state)
  if state.kind == "row" then
    state.out[#state.out + 1] = help_text.list(state.lines, state.room)
  elseif state.kind == "text" then
    state.out[#state.out + 1] = columns.wrap(table.concat(state.lines, " "), state.room, "")
  end
  state.lines, state.kind = {}, nil
end

local function add(state, line, kind)
  if kind ~= state.kind then
    flush(state)
    state.kind = kind
  end
  if kind == "row" then
    local name, text = line:match "^  (%S+)%s%s+(.*)$"
    state.lines[#state.lines + 1] = { name or line:match "^%s*(.*)$", text or "" }
  elseif kind == "text" and line:find "^[-*] " then
    flush(state)
    state.lines, state.kind = { line }, kind
  elseif kind == "text" then
    state.lines[#state.lines + 1] = line
  else
    state.out[#state.out + 1] = line .. "\n"
    state.kind = nil
  end
end

--- A text of the reference for a terminal: paragraphs and lists broken at blanks, examples as they
--- are, without their fences.
---@param text string
---@param room? integer cells of a line; nil leaves the text as it is
---@return string
function help_text.fit(text, room)
  if not room then
    return text
  end
  local state, is_code = { out = {}, lines = {}, room = math.min(room, WIDEST) }, false
  for line in text:gmatch "([^\n]*)\n" do
    local kind = kind_of(line)
    if kind == "code" then
      flush(state)
      is_code = not is_code
    elseif is_code then
      state.out[#state.out + 1] = "  " .. line .. "\n"
    else
      add(state, line, kind)
    end
  end
  flush(state)
  return table.concat(state.out)
end

return help_text
