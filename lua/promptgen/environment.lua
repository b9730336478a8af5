--- The globals of a user's script: what a workflow or template can name.
---
--- Privilege does not rest on this table (the worker process has none to give); it keeps scripts
--- from breaking each other and the trusted modules, and makes runs repeatable.
local guard = require "promptgen.guard"

local environment = {}

--- Modules of promptgen that a script may require, in the worker.
environment.modules = {
  ["promptgen.cache"] = true, ["promptgen.comparison"] = true,
  ["promptgen.discovery"] = true, ["promptgen.errors"] = true, ["promptgen.handoff"] = true,
  ["promptgen.json"] = true,
  ["promptgen.layout"] = true, ["promptgen.log"] = true, ["promptgen.markdown"] = true,
  ["promptgen.metrics"] = true, ["promptgen.plan"] = true, ["promptgen.profile"] = true,
  ["promptgen.prompt"] = true, ["promptgen.regex"] = true, ["promptgen.state"] = true,
  ["promptgen.status"] = true, ["promptgen.target"] = true, ["promptgen.template"] = true,
  ["promptgen.timer"] = true, ["promptgen.workflow"] = true,
}

local function copy(t)
  local out = {}
  for key, value in next, t do
    out[key] = value
  end
  return out
end

local RANK = { number = 1, string = 2 }

local function before(a, b)
  local ra, rb = RANK[type(a)], RANK[type(b)]
  if ra ~= rb then
    return ra < rb
  end
  return a < b
end

--- `pairs` in a fixed order (numbers, then strings, then other keys as they come), so that the same
--- input gives the same prompt.
local function ordered_pairs(t)
  local mt = getmetatable(t)
  if type(mt) == "table" and mt.__pairs then
    return mt.__pairs(t)
  end
  local keys, others = {}, {}
  for key in next, t do
    local list = RANK[type(key)] and keys or others
    list[#list + 1] = key
  end
  table.sort(keys, before)
  table.move(others, 1, #others, #keys + 1, keys)
  local i = 0
  return function()
    repeat
      i = i + 1
    until keys[i] == nil or t[keys[i]] ~= nil
    return keys[i], t[keys[i]]
  end, t, nil
end

local BASE = {
  "assert", "error", "getmetatable", "ipairs", "next", "pcall", "rawequal", "rawget", "rawlen",
  "rawset", "select", "tonumber", "tostring", "type", "_VERSION",
}

local function string_library()
  local lib = copy(string)
  lib.dump = nil
  lib.rep = guard.rep
  return lib
end

local function table_library()
  local lib = copy(table)
  for _, name in ipairs { "concat", "insert", "move", "remove", "unpack" } do
    lib[name] = guard[name]
  end
  return lib
end

local function coroutine_library()
  local lib = copy(coroutine)
  lib.close = nil -- nested closing overflows the C stack of Lua 5.4.4
  return lib
end

--- A fresh environment.
---@param hooks {print: fun(...), require: fun(name: string): any}
---@return table env
function environment.new(hooks)
  local env = {}
  for _, name in ipairs(BASE) do
    env[name] = _G[name]
  end
  env._G = env
  env.pairs = ordered_pairs
  env.setmetatable = guard.setmetatable
  env.xpcall = guard.xpcall
  env.load = guard.load_in(env)
  env.print = hooks.print
  env.require = hooks.require
  env.string = string_library()
  env.table = table_library()
  env.coroutine = coroutine_library()
  env.math = copy(math)
  env.utf8 = copy(utf8)
  return env
end

--- Guards what all scripts of a state share: the methods of strings.
function environment.lock_shared()
  local metatable = getmetatable("")
  metatable.__index = string_library()
  metatable.__metatable = "locked"
  math.randomseed(1)
end

return environment
