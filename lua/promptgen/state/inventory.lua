--- Which files lie beside a plan for each of its achievements, wherever they may lie.
---
--- The state asks for as much as decides it; the inventory is of everything there is, for figures and
--- for comparisons with what a plan says of its files.
local context = require "promptgen.state.context"
local executions = require "promptgen.state.executions"
local scan = require "promptgen.state.scan"

local inventory = {}

---@class promptgen.state.Files paths, relative to the workspace
---@field subplan string?
---@field executions string[] in their order
---@field approved string?
---@field fix string?
---@field resolution string?
---@field skipped string?

---@class promptgen.state.Inventory
---@field numbers string[] of the achievements, in the order of the plan
---@field by_number table<string, promptgen.state.Files>
---@field undefined string[] paths of files whose code fits no achievement

local KINDS = { "subplan", "approved", "fix", "resolution", "skipped" }

local function files_of(slot)
  local files = { executions = {} }
  for _, kind in ipairs(KINDS) do
    files[kind] = slot and slot[kind] and slot[kind].path or nil
  end
  for i, item in ipairs(executions.arrange(slot and slot.executions or {})) do
    files.executions[i] = item.file.path
  end
  return files
end

--- Lists the files of a plan. Nothing is read.
---@param ws promptgen.Workspace
---@param plan promptgen.plan.Record
---@return promptgen.state.Inventory
function inventory.of(ws, plan)
  local ctx = context.new(ws, plan, {})
  local found = scan.own(ctx)
  scan.outer(found, ctx)
  local out = { numbers = ctx.numbers, by_number = {}, undefined = {} }
  for _, number in ipairs(ctx.numbers) do
    out.by_number[number] = files_of(found.slots[number])
  end
  for i, file in ipairs(found.undefined) do
    out.undefined[i] = file.path
  end
  return out
end

return inventory
