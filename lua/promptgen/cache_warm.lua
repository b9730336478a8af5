--- Filling the cache of plans: each plan is resolved as a command would resolve it, and what its
--- state rests on is stored.
local cache_warm = {}

--- Plans whose documents are held in memory at once.
local CHUNK = 256

--- The plans named on the command line, else those of the setting `warm`, else all. A name of the
--- configuration that finds no plan is a failure among others.
local function all_targets(ctx, targets, failed)
  local workspace = ctx.workspace
  local configured = #targets == 0 and ctx.app:config().warm or {}
  if #targets == 0 and #configured == 0 then
    return workspace:plans()
  end
  local paths = {}
  for _, target in ipairs(#targets > 0 and targets or configured) do
    local path, err = workspace:resolve(target)
    if path then
      paths[#paths + 1] = path
    elseif #targets > 0 then
      return nil, err
    else
      failed[#failed + 1] = target
    end
  end
  return paths
end

local function warm_chunk(ctx, cache, paths, result, progress)
  local workspace = ctx.workspace
  require("promptgen.preload").documents(workspace, paths)
  local options = require "promptgen.state_options"(ctx.options)
  local before = cache.store:stats().writes
  for _, path in ipairs(paths) do
    local standing = require("promptgen.standing").of(workspace, cache, path, options)
    if standing then
      standing.save()
    else
      result.failed[#result.failed + 1] = path
    end
    cache:forget(path)
    progress:step()
  end
  result.stored = result.stored + cache.store:stats().writes - before
end

---@class promptgen.WarmResult
---@field plans integer
---@field warm integer were stored and true before
---@field stored integer
---@field failed string[] paths of plans that cannot be resolved

--- Warms the named plans; without a name those of the configuration, or all.
---@param ctx table command context
---@param targets string[]
---@return promptgen.WarmResult? result
---@return promptgen.Error? err
function cache_warm.run(ctx, targets)
  local workspace = ctx.workspace
  local failed = {}
  local paths, err = all_targets(ctx, targets, failed)
  if not paths then
    return nil, err
  end
  local cache
  cache, err = require("promptgen.folder_cache").open(workspace, ctx.cache_dir)
  if not cache then
    return nil, err
  end
  local result = { plans = #paths + #failed, warm = 0, stored = 0, failed = failed }
  local cold = {}
  local progress = require("promptgen.progress").new(#paths, "plans")
  for i, path in ipairs(paths) do
    local hit = cache:load(path)
    if hit and hit.whole then
      result.warm = result.warm + 1
      cache:forget(path)
      progress:step()
    else
      cold[#cold + 1] = path
    end
    if #cold == CHUNK or i == #paths then
      warm_chunk(ctx, cache, cold, result, progress)
      cold = {}
    end
  end
  progress:finish()
  local problem = cache:problem()
  cache:close()
  if problem then
    return nil, require("promptgen.status").error { code = "io", path = ctx.cache_dir, message = problem }
  end
  return result
end

return cache_warm
