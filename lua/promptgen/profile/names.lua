--- Names of functions by the line of their definition, from source text.
---
--- Embedded modules keep no names of local variables, and a function called through a table has no
--- name of its own; what its author called it stands where it is defined.
local names = {}

local PATTERNS = {
  "function%s+([%a_][%w_.:]*)%s*%(", -- function a.b:c(, local function d(
  "([%a_][%w_.]*)%s*=%s*function%s*%(", -- a.b = function(, local c = function(
  '%["([^"]+)"%]%s*=%s*function%s*%(', -- ["a"] = function(
}

local function name_in(line)
  for _, pattern in ipairs(PATTERNS) do
    local name = line:match(pattern)
    if name then
      return name
    end
  end
end

--- Calls `found(line, name)` for each line that defines a function with a name.
local function scan(text, found)
  local number = 0
  for line in text:gmatch "([^\n]*)\n?" do
    number = number + 1
    local name = line:find("function", 1, true) and name_in(line)
    if name then
      found(number, name)
    end
  end
end

--- Names by line.
---@param text string source of a chunk
---@return table<integer, string>
function names.of(text)
  local out = {}
  scan(text, function(line, name) out[line] = name end)
  return out
end

--- The same as text, one "file:line name" a line: what the build embeds of the trusted modules.
---@param text string
---@param file string chunk name
---@return string
function names.list(text, file)
  local out = {}
  scan(text, function(line, name) out[#out + 1] = ("%s:%d %s\n"):format(file, line, name) end)
  return table.concat(out)
end

--- Gives Lua functions the names of their definitions.
---@param profiles promptgen.profile.Data[]
---@param listed string lists as `names.list` makes them
---@param source_of fun(file: string): string? source text of a script
function names.apply(profiles, listed, source_of)
  local by_place, by_file = {}, {}
  for place, name in listed:gmatch "([^\n]-:%d+) ([^\n]+)" do
    by_place[place] = name
  end
  local function find(fn)
    local known = by_place[fn.source .. ":" .. fn.line]
    if known then
      return known
    end
    if by_file[fn.source] == nil then
      local text = source_of(fn.source)
      by_file[fn.source] = text and names.of(text) or false
    end
    return by_file[fn.source] and by_file[fn.source][fn.line]
  end
  for _, profile in ipairs(profiles) do
    for _, fn in ipairs(profile.functions) do
      if fn.kind == "lua" and fn.line > 0 then
        fn.name = find(fn) or fn.name
      end
    end
  end
end

return names
