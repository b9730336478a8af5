--- Reads parallel.json: which achievement waits for which.
---
--- Two shapes are in use. Both list achievements with an id and its dependencies; the second adds
--- waves of achievements with dependencies of their own, which hold for an achievement that states
--- none itself. A file that cannot be understood enforces nothing and gives a warning.
---
--- In a folder that several plans share a file is that of the plan that its `plan_name` names; one that
--- names none is for all of them. A plan without a file of that name has one with its feature in the name.
local layout = require "promptgen.layout"

local parallel = {}

---@alias promptgen.state.Dependencies table<string, string[]> number to the numbers it waits for

local function as_number(value)
  if type(value) == "table" then
    value = value.achievement_id or value.id or value.number
  end
  if type(value) == "number" then
    value = string.format("%.14g", value)
  end
  if type(value) == "string" then
    return value:match("^%s*(%d[%d.]*)%s*$") or value:match("[Aa]chievement%s+(%d[%d.]*%d)")
  end
end

--- An array of the document; nil for anything else.
local function array(value)
  return type(value) == "table" and (#value > 0 or next(value) == nil) and value or nil
end

local function decode(text)
  local ok, value = pcall(require("cjson").decode, text)
  if not ok then
    return nil, "is not JSON: " .. tostring(value):gsub("^.-:%d+: ", "")
  elseif type(value) ~= "table" then
    return nil, "holds no object"
  elseif value.achievements ~= nil and not array(value.achievements) then
    return nil, "has `achievements` that is not an array"
  end
  return value
end

---@class promptgen.state.ParallelReader
local Reader = {}
Reader.__index = Reader

function Reader:warn(code, message)
  self.warnings:add(code, self.path, nil, message)
end

--- Dependencies as known numbers, each once; undefined ones enforce nothing.
function Reader:known_numbers(owner, value)
  local list, seen = {}, {}
  for _, entry in ipairs(array(value) or {}) do
    local number = as_number(entry)
    if not number or not self.codes.numbers[number] then
      self:warn("unknown_dependency", ("%s depends on %s, which the plan does not define")
        :format(owner, number or type(entry)))
    elseif not seen[number] then
      seen[number] = true
      list[#list + 1] = number
    end
  end
  return list
end

function Reader:read_achievements(list)
  for _, item in ipairs(list or {}) do
    local number = type(item) == "table" and as_number(item) or nil
    if not number then
      self:warn("malformed_parallel", "has an achievement without an id")
    elseif not self.codes.numbers[number] then
      self:warn("unknown_dependency", ("lists %s, which the plan does not define"):format(number))
    elseif array(item.dependencies) then
      self.found[number] = self:known_numbers(number, item.dependencies)
    elseif type(item.dependencies) == "string" then
      self.found[number] = self:known_numbers(number, { item.dependencies })
    end
  end
end

function Reader:read_waves(waves)
  if type(waves) ~= "table" then
    return
  end
  local names, inherited = {}, {}
  for name, wave in pairs(waves) do
    if type(wave) == "table" and array(wave.dependencies) then
      names[#names + 1] = name
    end
  end
  table.sort(names, function(a, b) return tostring(a) < tostring(b) end)
  for _, name in ipairs(names) do
    local wave = waves[name]
    local list = self:known_numbers(tostring(name), wave.dependencies)
    for _, member in ipairs(array(wave.achievements) or {}) do
      local number = as_number(member)
      if number and self.codes.numbers[number] and not self.found[number] then
        inherited[number] = list
      end
    end
  end
  for number, list in pairs(inherited) do
    self.found[number] = list
  end
end

--- A cycle reachable from `start`, as a list of numbers; the walk keeps its own stack.
local function cycle_from(found, start, done)
  local path, at, iterators = { start }, { [start] = 1 }, { 1 }
  while #path > 0 do
    local number = path[#path]
    local nexts = found[number] or {}
    local i = iterators[#path]
    iterators[#path] = i + 1
    local following = nexts[i]
    if not following then
      done[number], at[number] = true, nil
      path[#path], iterators[#iterators] = nil, nil
    elseif at[following] then
      local cycle = table.move(path, at[following], #path, 1, {})
      cycle[#cycle + 1] = following
      return cycle
    elseif not done[following] then
      path[#path + 1] = following
      at[following] = #path
      iterators[#path] = 1
    end
  end
end

--- A name of a plan as it is compared: neither case, signs, `PLAN_` nor `.md` make a difference.
local function plain(name)
  return (name:lower():gsub("%.md$", ""):gsub("^%s*plan[%s_:-]+", ""):gsub("[%s%p]", ""))
end

--- The plan that a text is for when it is not this one, as the text names it: in a folder of its own a
--- plan has every file, unless that names another plan beside it.
local function other_plan(ctx, found, text)
  local value = decode(text)
  local named = value and value.plan_name
  local key = type(named) == "string" and plain(named) or ""
  local function is_among(names)
    for _, name in ipairs(names) do
      if plain(name) == key then
        return true
      end
    end
  end
  if key == "" or is_among(ctx.features) or is_among { ctx.plan.title } then
    return nil
  end
  return (found.collects or is_among(found.plans)) and named or nil
end

--- Dependencies from the text of a parallel.json.
---@param text string
---@param path string for warnings
---@param codes promptgen.state.Codes
---@param warnings promptgen.state.Warnings
---@param order string[] numbers in file order
---@return promptgen.state.Dependencies
function parallel.read(text, path, codes, warnings, order)
  local reader = { path = path, codes = codes, warnings = warnings, found = {} }
  setmetatable(reader, Reader)
  local value, why = decode(text)
  if not value then
    reader:warn("malformed_parallel", why .. "; no dependency is enforced")
    return {}
  end
  if value.achievements == nil then
    reader:warn("malformed_parallel", "lists no achievements; no dependency is enforced")
  end
  reader:read_achievements(value.achievements)
  reader:read_waves(value.parallel_execution_waves)
  local done = {}
  for _, number in ipairs(order) do
    local cycle = not done[number] and cycle_from(reader.found, number, done)
    if cycle then
      local way = table.concat(cycle, " -> ")
      reader:warn("dependency_cycle", "the dependencies form a cycle: " .. way)
      break
    end
  end
  return reader.found
end

--- The layout names the file that was found, or is to be made; that is kept with the state.
local function keep(places, path)
  places.parallel, places.options.parallel = path, path
end

--- The code of an execution, when it belongs to the achievement that file names spell `prefix`.
local function execution_code(value, prefix)
  local code = type(value) == "string" and value:match "^%s*([%d.]+_%d+)%s*$"
  return code and code:sub(1, #prefix + 1) == prefix .. "_" and code or nil
end

---@class promptgen.state.PlannedExecution
---@field code string such as "11_02"
---@field waits string[] codes of the executions that go first
---@field about? string what the file says of it

--- The executions that an entry of the file divides its achievement into; nil for fewer than two.
local function division_of(entry, prefix)
  local list, seen = {}, {}
  for _, one in ipairs(array(entry.executions) or {}) do
    local item = type(one) == "table" and one or { execution_id = one }
    local code = execution_code(item.execution_id, prefix)
    if code and not seen[code] then
      seen[code] = true
      local waits = {}
      for _, other in ipairs(array(item.dependencies) or {}) do
        waits[#waits + 1] = execution_code(other, prefix)
      end
      local about = item.title or item.description or item.name
      list[#list + 1] = { code = code, waits = waits, about = type(about) == "string" and about or nil }
    end
  end
  return #list > 1 and list or nil
end

--- Entries of the array `achievements` by their numbers.
local function entries_of(value)
  local entries = {}
  for _, item in ipairs(value and array(value.achievements) or {}) do
    local number = type(item) == "table" and as_number(item) or nil
    if number then
      entries[number] = item
    end
  end
  return entries
end

local function divisions_of(text, ctx)
  local list = {}
  for number, entry in pairs(entries_of(decode(text))) do
    if ctx.by_number[number] then
      list[number] = division_of(entry, ctx.layout.subplan(number):match("_([%d.]+)%.md$"))
    end
  end
  return next(list) and list or nil
end

--- Dependencies of a plan from the file that the scan found.
---@param ctx promptgen.state.Context with its layout
---@param found promptgen.state.Scan
---@return promptgen.state.Dependencies
---@return table<string, promptgen.state.PlannedExecution[]>? divisions executions of achievements that are divided
function parallel.of(ctx, found)
  local path = found.parallel
  local text, err = ctx.ws:read(path)
  if not text then
    ctx.warnings:add("unreadable_file", path, nil, "cannot be read: " .. tostring(err.message))
    return {}
  end
  local dir, name = layout.split(path)
  local tagged = layout.tagged_parallel(ctx.feature)
  local other = name ~= tagged and other_plan(ctx, found, text)
  if other then
    keep(ctx.layout, layout.join(dir, tagged))
    ctx.warnings:add("foreign_parallel", path, nil,
      ("is for the plan %s and is left out; the one of this plan would be %s"):format(other, tagged))
    return {}
  end
  keep(ctx.layout, path)
  return parallel.read(text, path, ctx.codes, ctx.warnings, ctx.numbers), divisions_of(text, ctx)
end

--- What the file of a plan says of each achievement, as it is written there.
---@param ws promptgen.Workspace
---@param path string
---@return table<string, table> entries by number; empty without a file that can be understood
---@return table? document
function parallel.entries(ws, path)
  local text = ws:read(path)
  local value = text and decode(text) or nil
  return entries_of(value), value
end

return parallel
