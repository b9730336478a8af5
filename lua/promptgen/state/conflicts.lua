--- Conflicts between a plan and the files beside it: what is at odds, why, and the ways out.
local kinds = require "promptgen.lazy" "promptgen.state.conflict_kinds"

local conflicts = {}

---@class promptgen.state.Evidence
---@field path string workspace-relative
---@field line? integer
---@field says string

---@class promptgen.state.WayOut
---@field option "--trust-plan"|"--trust-filesystem"|"repair"
---@field effect string

---@class promptgen.state.Conflict
---@field kind "undefined_feedback"|"undefined_work"|"shared_code"|"dates"|"duplicate_number"
---@field message string one sentence
---@field evidence promptgen.state.Evidence[]
---@field cause string what most likely happened
---@field resolution string how to repair it
---@field ways_out promptgen.state.WayOut[] three: either side trusted, or the repair

local Conflicts = {}
Conflicts.__index = Conflicts

---@param plan_path string
function conflicts.new(plan_path)
  return setmetatable({ list = {}, plan_path = plan_path, reported = {} }, Conflicts)
end

--- An approval dated before the FIX it should answer.
function Conflicts:dates(facts, approved, fix, approved_on, fixed_on)
  if self.reported[approved.path] then
    return
  end
  self.reported[approved.path] = true
  kinds.dates(self, facts, approved, fix, approved_on, fixed_on)
end

local function group_by_code(files)
  local order, groups = {}, {}
  for _, file in ipairs(files) do
    local code = file.code
    if not file.archive then
      if not groups[code] then
        groups[code] = {}
        order[#order + 1] = code
      end
      table.insert(groups[code], file)
    end
  end
  table.sort(order)
  return order, groups
end

--- Records what the names alone show: files nobody defined, shared codes, numbers defined twice.
---@param found promptgen.state.Scan
---@param ctx promptgen.state.Context
function Conflicts:report(found, ctx)
  local order, groups = group_by_code(found.undefined)
  for _, code in ipairs(order) do
    kinds.undefined(self, code, groups[code], ctx.numbers)
  end
  for _, one in ipairs(found.ambiguous) do
    kinds.shared_code(self, one.file, one.candidates)
  end
  for _, clash in ipairs(ctx.clashes) do
    kinds.duplicate(self, clash.number, clash.definitions)
  end
end

--- With one side trusted, what was at odds is only worth a warning.
---@param warnings promptgen.state.Warnings
function Conflicts:settle(warnings)
  for _, conflict in ipairs(self.list) do
    local first = conflict.evidence[1]
    warnings:add("conflict_trusted", first.path, first.line, conflict.message)
  end
  self.list = {}
end

return conflicts
