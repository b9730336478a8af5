--- One plan and where it stands, through the cache when there is one: what `next`, `status`,
--- `explain`, `plans` and the workflows share.
local standing = {}

---@class promptgen.Standing
---@field plan promptgen.Plan
---@field status? promptgen.state.Status nil for a document that defines no achievement
---@field save fun() stores what the workspace was asked for up to now: the state's documents, and those
--- that a workflow read for its prompt. Call it when the output is out

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
  if not plan or (plan.kind == "plan" and not status) then
    workspace:stop_noting()
    return nil, err
  end
  return {
    plan = plan, status = status,
    save = function()
      local touched = workspace:stop_noting()
      if cache then
        cache:save(path, touched)
      end
    end,
  }
end

return standing
