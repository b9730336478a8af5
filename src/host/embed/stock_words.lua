--- Build tool: gives the source of promptgen.stock_words, what promptgen.patterns.list() gives without a
--- configuration, so that no run has to spell the stock words out again.
---
--- arguments: LUA_DIR; returns the source.
local lua_dir = ...

local function sorted_keys(t)
  local keys = {}
  for key in pairs(t) do
    keys[#keys + 1] = key
  end
  table.sort(keys)
  return keys
end

--- Lua source of a value made of strings and tables of them.
local function source_of(value)
  if type(value) == "string" then
    return ("%q"):format(value)
  end
  local parts = {}
  for _, key in ipairs(sorted_keys(value)) do
    local name = type(key) == "string" and key .. "=" or ""
    parts[#parts + 1] = name .. source_of(value[key])
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

local patterns = assert(loadfile(lua_dir .. "/promptgen/patterns.lua", "t"))()
return "return " .. source_of(patterns.list()) .. "\n"
