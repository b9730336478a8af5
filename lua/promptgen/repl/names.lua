--- What a name that is being typed could become: globals, fields, methods.
---
--- Values are looked at, never asked: tables and chains of __index tables by raw access, a userdata
--- by the names its type keeps. The number of keys looked at is bounded, so is the time.
local inspect = require "promptgen.inspect"

local names = {}

--- Keys that are looked at for one completion, in all tables of a chain.
local KEYS_MAX = 10000
local NAMES_MAX = 500
local CHAIN_MAX = 16

local KEYWORDS = {
  "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in",
  "local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while",
}

--- The path and the beginning of the name before the cursor: `plan.achievements[1].ti` is
--- {"plan", "achievements", 1}, "ti" and ".". nil where no name is being typed.
---@param before string
---@return any[]? path
---@return string prefix
---@return string separator "." or ":" or "" for a global
function names.parse(before)
  local prefix = before:match "[%a_][%w_]*$" or ""
  local rest = before:sub(1, #before - #prefix)
  local path, separator = {}, rest:match "[.:]$"
  if not separator then
    return not rest:match "[%w_%]%)\"'%.:]$" and path or nil, prefix, ""
  elseif rest:match "%.%.$" or rest:match "::$" then
    return rest:match "[^%.]%.%.$" and path or nil, prefix, ""
  end
  rest = rest:sub(1, -2)
  while rest ~= "" do
    local head, index = rest:match "^(.*)%[(%d+)%]$"
    local before_key, key = rest:match "^(.*)%[\"([^\"\\]*)\"%]$"
    local before_name, dot, name = rest:match "^(.-)([.]?)([%a_][%w_]*)$"
    if head then
      table.insert(path, 1, math.tointeger(tonumber(index)))
      rest = head
    elseif before_key then
      table.insert(path, 1, key)
      rest = before_key
    elseif name then
      table.insert(path, 1, name)
      rest = before_name
      if dot == "" then
        return not rest:match "[%w_%]%)\"':]$" and path or nil, prefix, separator
      end
    else
      return nil, prefix, separator
    end
  end
  return nil, prefix, separator
end

local function index_of(value)
  local metatable = inspect.metatable(value)
  return metatable and rawget(metatable, "__index")
end

local function has(list, name)
  for _, one in ipairs(list) do
    if one == name then
      return true
    end
  end
  return false
end

local function read_field(value, key)
  return value[key]
end

--- value[key] without running anything of a script; nil where that cannot be known.
local function step(value, key)
  for _ = 1, CHAIN_MAX do
    if type(value) == "userdata" then
      local fields = inspect.members(value)
      local ok, found = pcall(read_field, value, has(fields, key) and key or nil)
      return ok and found or nil
    elseif type(value) ~= "table" then
      return nil
    end
    local found = rawget(value, key)
    if found ~= nil then
      return found
    end
    value = index_of(value)
  end
end

--- Adds the names in `t`; looks at no more than `left` keys and returns how many it may go on with.
local function add_keys(set, t, want, left)
  for key, value in next, t do
    left = left - 1
    if left < 0 then
      break
    end
    if type(key) == "string" and want(key, value) then
      set[key] = true
    end
  end
  return left
end

--- Adds the names below `value`, and those its chain of __index tables lends.
local function add_members(set, value, want)
  local left = KEYS_MAX
  for _ = 1, CHAIN_MAX do
    if type(value) == "userdata" then
      local fields, methods = inspect.members(value)
      for _, name in ipairs(fields) do
        set[name] = want(name, nil) or nil
      end
      for _, name in ipairs(methods) do
        set[name] = want(name, print) or nil
      end
      return
    elseif type(value) == "string" then
      value = index_of(value)
    end
    if type(value) ~= "table" or left < 0 then
      return
    end
    left = add_keys(set, value, want, left)
    value = index_of(value)
  end
end

local function is_callable(value)
  local metatable = type(value) == "table" and inspect.metatable(value)
  return type(value) == "function" or (metatable and rawget(metatable, "__call") ~= nil) or false
end

--- Names for the text before the cursor, in byte order; names that begin with "_" only when the
--- prefix does.
---@param env table globals
---@param before string
---@return string[] candidates
---@return integer erase bytes of the prefix
function names.complete(env, before)
  local path, prefix, separator = names.parse(before)
  if not path then
    return {}, 0
  end
  local value = env
  for _, key in ipairs(path) do
    value = step(value, key)
    if value == nil then
      return {}, 0
    end
  end
  local function want(name, member)
    return name:sub(1, #prefix) == prefix and name:find "^[%a_][%w_]*$" and #name <= 100
      and (prefix:sub(1, 1) == "_" or name:sub(1, 1) ~= "_")
      and (separator ~= ":" or is_callable(member)) and true or false
  end
  local set = {}
  add_members(set, value, want)
  for _, word in ipairs(#path == 0 and KEYWORDS or {}) do
    set[word] = set[word] or want(word) and prefix ~= "" or nil
  end
  local list = {}
  for name in next, set do
    list[#list + 1] = name
  end
  table.sort(list)
  return table.move(list, 1, math.min(#list, NAMES_MAX), 1, {}), #prefix
end

return names
