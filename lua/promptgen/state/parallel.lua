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

--- Dependencies of a plan from the file that the scan found.
---@param ctx promptgen.state.Context with its layout
---@param found promptgen.state.Scan
---@return promptgen.state.Dependencies
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
  return parallel.read(text, path, ctx.codes, ctx.warnings, ctx.numbers)
end

return parallel
