--- One plan and where it stands, through the cache when there is one: what `next`, `status`,
--- `explain`, `plans` and the workflows share.
local standing = {}

---@class promptgen.Standing
---@field plan promptgen.Plan
---@field status? promptgen.state.Status nil for a document that defines no achievement
---@field save fun() stores what the answer rested on; call it when the output is out

local function nothing() end

--- Resolves the state of the plan at `path`.
---@param workspace promptgen.Workspace
---@param cache? promptgen.FolderCache
---@param path string
---@param options promptgen.state.Options
---@return promptgen.Standing? standing
---@return promptgen.Error? err
function standing.of(workspace, cache, path, options)
  if cache then
    cache:load(path)
  end
  workspace:start_noting()
  local plan, err = workspace:document(path)
  local status
  if plan and plan.kind == "plan" then
    status, err = require("promptgen.state").resolve(workspace, plan, options)
  end
  local touched = workspace:stop_noting()
  if not plan or (plan.kind == "plan" and not status) then
    return nil, err
  end
  return {
    plan = plan, status = status,
    save = cache and function() cache:save(path, touched) end or nothing,
  }
end

return standing
