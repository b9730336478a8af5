--- A resolved state as plain data, and back: what is kept of it between runs.
---
--- Records and functions are left out; the plan's record and layout are put back when somebody has it. The list
--- of achievements, nearly all of it, is packed for itself and unpacked when it is first asked for: an
--- overview of many plans never does.
local frozen = {}

local LEFT_OUT = { plan = true, layout = true, achievement = true, facts = true }

local function copy(value, depth)
  if type(value) ~= "table" then
    return (type(value) ~= "function" and type(value) ~= "userdata") and value or nil
  elseif depth > 12 then
    return nil
  end
  local out = {}
  for key, item in pairs(value) do
    if not LEFT_OUT[key] then
      out[key] = copy(item, depth + 1)
    end
  end
  return out
end

--- `status` without what cannot be stored.
---@param status promptgen.state.Status
---@return table data
function frozen.freeze(status)
  for _, item in ipairs(status.achievements or {}) do
    local _ = item.evidence -- worked out when it is first asked for, and a copy cannot ask
  end
  local data = copy(status, 1)
  local options = status.layout and status.layout.options or {}
  data.places = { shared = options.shared, numbers = options.numbers, parallel = options.parallel }
  data.packed, data.achievements = require("promptgen.pack").encode(data.achievements), nil
  return data
end

local Frozen = {}

function Frozen.__index(status, key)
  if key == "achievements" then
    local list = require("promptgen.pack").decode(status.packed)
    rawset(status, key, list)
    return list
  end
end

--- The status that data of `freeze` stand for. Its plan is missing until `thaw`.
---@param data table a shallow copy is made
---@return promptgen.state.Status status
function frozen.revive(data)
  local status = {}
  for key, value in pairs(data) do
    status[key] = value
  end
  return setmetatable(status, Frozen)
end

--- Gives a status that was frozen its plan again, and the next step its achievement.
---@param status table
---@param plan promptgen.plan.Record
---@return promptgen.state.Status
function frozen.thaw(status, plan)
  if status.plan then
    return status
  end
  status.plan = plan
  if plan.feature then
    status.layout = require("promptgen.layout").of(plan.path, plan.feature, status.places)
  end
  local step = status.next
  for _, achievement in ipairs(step and plan.achievements or {}) do
    if achievement.number == step.number then
      step.achievement = achievement
      break
    end
  end
  if step and not step.achievement then -- defined by a file, with --trust-filesystem
    step.achievement = { number = step.number, title = step.title, parts = {} }
  end
  return status
end

return frozen
