--- Filling the cache of plans: each plan is resolved as a command would resolve it, and what its
--- state rests on is stored.
local cache_warm = {}

--- Plans whose documents are held in memory at once.
local CHUNK = 256

local function all_targets(workspace, targets)
  if #targets == 0 then
    return workspace:plans()
  end
  local paths = {}
  for i, target in ipairs(targets) do
    local path, err = workspace:resolve(target)
    if not path then
      return nil, err
    end
    paths[i] = path
  end
  return paths
end

local function warm_chunk(workspace, cache, paths, result)
  require("promptgen.preload").documents(workspace, paths)
  local before = cache.store:stats().writes
  for _, path in ipairs(paths) do
    local standing = require("promptgen.standing").of(workspace, cache, path, {})
    if standing then
      standing.save()
    else
      result.failed[#result.failed + 1] = path
    end
  end
  result.stored = result.stored + cache.store:stats().writes - before
end

---@class promptgen.WarmResult
---@field plans integer
---@field warm integer were stored and true before
---@field stored integer
---@field failed string[] paths of plans that cannot be resolved

--- Warms the named plans, or all.
---@param ctx table command context
---@param targets string[]
---@return promptgen.WarmResult? result
---@return promptgen.Error? err
function cache_warm.run(ctx, targets)
  local workspace = ctx.workspace
  local paths, err = all_targets(workspace, targets)
  if not paths then
    return nil, err
  end
  local cache
  cache, err = require("promptgen.folder_cache").open(workspace, ctx.cache_dir)
  if not cache then
    return nil, err
  end
  local result = { plans = #paths, warm = 0, stored = 0, failed = {} }
  local cold = {}
  for i, path in ipairs(paths) do
    local hit = cache:load(path)
    if hit and hit.whole then
      result.warm = result.warm + 1
    else
      cold[#cold + 1] = path
    end
    if #cold == CHUNK or i == #paths then
      warm_chunk(workspace, cache, cold, result)
      cold = {}
    end
  end
  local problem = cache:problem()
  cache:close()
  if problem then
    return nil, require("promptgen.status").error { code = "io", path = ctx.cache_dir, message = problem }
  end
  return result
end

return cache_warm
