--- What Tab does: names of the worker's globals, plans, templates, commands and their arguments.
local columns = require "promptgen.columns"

local completion = {}

local LISTED_MAX = 200

---@class promptgen.repl.CompletionSources each gives candidates; all are bounded and quick
---@field commands string[] names with their colon
---@field arguments table<string, fun(): string[]> by command, without colon
---@field expressions table<string, true> commands whose argument is an expression
---@field names fun(before: string): string[], integer names, and the bytes of the prefix
---@field plans fun(): string[] targets with their "@"
---@field templates fun(): string[]
---@field modules fun(): string[] what can be required
---@field paths fun(text: string): string[] files of the workspace, and directories with their "/"
---@field width fun(): integer

local function with_prefix(list, prefix)
  local out, folded = {}, prefix:lower()
  for _, name in ipairs(list) do
    if name:sub(1, #prefix):lower() == folded then
      out[#out + 1] = name
    end
  end
  return out
end

--- The text since the quote that is open at the end of `before`, and the quote.
local function open_string(before)
  local quote, from, at = nil, nil, 1
  while at <= #before do
    local c = before:sub(at, at)
    if quote and c == "\\" then
      at = at + 1
    elseif quote == c then
      quote = nil
    elseif not quote and (c == '"' or c == "'") then
      quote, from = c, at + 1
    elseif not quote and before:sub(at, at + 1) == "--" then
      return nil
    end
    at = at + 1
  end
  if quote then
    return before:sub(from), quote
  end
end

--- Methods of a workspace whose first argument is a path.
local TAKES_PATH = { read = true, document = true, list = true, stat = true, write = true }

--- What a text inside quotes may become: its beginning decides, else what it is an argument of.
local function quoted(sources, head, text)
  if head:find "%f[%w_]require%s*%(?%s*$" then
    return sources.modules()
  elseif text:sub(1, 1) == "@" then
    return sources.plans()
  elseif text:find("/", 1, true) or TAKES_PATH[head:match "[.:](%a+)%s*%(?%s*$"] then
    return sources.paths(text)
  end
  return text ~= "" and sources.templates() or {}
end

--- Candidates for the text before the cursor, what of it they replace, and what closes a single one.
local function candidates(sources, before)
  local command, argument = before:match "^%s*:(%a+)%s+(.*)$"
  if before:match "^%s*:%a*$" then
    local prefix = before:match ":%a*$"
    return with_prefix(sources.commands, prefix), #prefix, " "
  elseif command and sources.arguments[command] then
    return with_prefix(sources.arguments[command](), argument), #argument, ""
  elseif command and not sources.expressions[command] then
    return {}, 0, ""
  end
  local typed = command and argument or before
  local text, quote = open_string(typed)
  if text then
    return with_prefix(quoted(sources, typed:sub(1, -#text - 2), text), text), #text, quote
  end
  local names, erase = sources.names(command and argument or before)
  return names, erase, ""
end

--- What all of `list` begin with.
local function common_prefix(list)
  local first, last = list[1], list[1]
  for _, name in ipairs(list) do
    first, last = name < first and name or first, name > last and name or last
  end
  local n = 0
  while n < #first and first:byte(n + 1) == last:byte(n + 1) do
    n = n + 1
  end
  return first:sub(1, n)
end

--- The candidates in columns.
---@param list string[]
---@param width integer
---@return string
function completion.listing(list, width)
  local shown, widest = math.min(#list, LISTED_MAX), 1
  for i = 1, shown do
    widest = math.max(widest, columns.width(list[i]))
  end
  widest = math.min(widest, math.max(width - 2, 1))
  local across = math.max(1, (width + 1) // (widest + 2))
  local down = (shown + across - 1) // across
  local lines = {}
  for row = 1, down do
    local line = {}
    for column = 0, across - 1 do
      local name = list[row + column * down]
      if name and row + column * down <= shown then
        line[#line + 1] = columns.pad(columns.cut(name, widest), widest)
      end
    end
    lines[row] = (table.concat(line, "  "):gsub("%s+$", "")) .. "\n"
  end
  if #list > shown then
    lines[#lines + 1] = ("… %d more\n"):format(#list - shown)
  end
  return table.concat(lines)
end

--- The completer of a line editor.
---@param sources promptgen.repl.CompletionSources
---@return fun(before: string, after: string): integer, string, string
function completion.new(sources)
  return function(before, after)
    if before:match "^%s*$" or before:match "\n%s*$" then
      return 0, "  ", "" -- indentation
    end
    local list, erase, closing = candidates(sources, before)
    if #list == 0 then
      return 0, "", ""
    elseif #list == 1 then
      closing = list[1]:sub(-1) == "/" and "" or closing
      closing = after:sub(1, #closing) == closing and "" or closing
      return erase, list[1] .. closing, ""
    end
    local prefix = common_prefix(list)
    local typed = before:sub(#before - erase + 1)
    if #prefix > #typed or prefix:sub(1, #typed) ~= typed and #prefix == #typed then
      return erase, prefix, ""
    end
    return 0, "", completion.listing(list, sources.width())
  end
end

return completion
