--- Errors of name resolution, with what was probably meant.
local errors = require "promptgen.lazy" "promptgen.errors"

local candidates = {}

local MAX_SHOWN = 10
local MAX_NEAREST = 3
local MANY = 1000 -- names; among more, only the very nearest is looked for

--- The first paths or names of a list, and how many more there are.
---@param list string[]
---@return string[] hints
function candidates.shown(list)
  local out = table.move(list, 1, math.min(#list, MAX_SHOWN), 1, {})
  if #list > MAX_SHOWN then
    out[#out + 1] = ("… and %d more"):format(#list - MAX_SHOWN)
  end
  return out
end

--- Several things match.
---@param target string as the user wrote it
---@param paths string[] sorted in place
---@return promptgen.Error
function candidates.ambiguous(target, paths)
  table.sort(paths)
  return errors.new {
    code = "ambiguous", path = target, message = ("%d files match"):format(#paths),
    hint = candidates.shown(paths), candidates = paths,
  }
end

--- Names of the plans of an index, each once, in the order of their paths.
local function names_of(index)
  local names, seen = {}, {}
  for _, plan in ipairs(index.plans) do
    for _, name in ipairs { plan.folder, plan.feature } do
      if name ~= "" and not seen[name] then
        seen[name] = true
        names[#names + 1] = name
      end
    end
  end
  return names
end

--- The names most like `name`, the same in another case first; `names` is used up.
local function nearest_names(name, names)
  local nearest = require "promptgen.nearest"
  local out = {}
  local function take(i)
    out[#out + 1] = table.remove(names, i)
  end
  for i = #names, 1, -1 do
    if names[i]:lower() == name:lower() then
      take(i)
    end
  end
  local wanted = #names > MANY and 1 or MAX_NEAREST
  while #out < wanted do
    local found = nearest.of(name, names)
    if not found then
      return out
    end
    for i = #names, 1, -1 do
      if names[i] == found then
        take(i)
      end
    end
  end
  return out
end

--- Nothing matches.
---@param target string as the user wrote it
---@param name string the part of it that is compared with the names of plans
---@param index promptgen.PlanIndex
---@param message string
---@return promptgen.Error
function candidates.not_found(target, name, index, message)
  local found, hints = nearest_names(name, names_of(index)), {}
  for i, candidate in ipairs(found) do
    hints[i] = ("did you mean @%s?"):format(candidate)
  end
  if #hints == 0 then
    found = names_of(index)
    hints = candidates.shown(found)
    table.insert(hints, 1, #found > 0 and "the plans here are:" or "this workspace has no plans yet")
  end
  for _, err in ipairs(index.skipped) do
    hints[#hints + 1] = ("not searched: %s"):format(tostring(err))
  end
  return errors.new { code = "not_found", path = target, message = message, hint = hints, candidates = found }
end

return candidates
