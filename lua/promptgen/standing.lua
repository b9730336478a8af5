--- One plan and where it stands, through the cache when there is one: what `next`, `status`,
--- `explain`, `plans` and the workflows share.
local standing = {}

---@class promptgen.Standing
---@field status? promptgen.state.Status nil for a document that defines no achievement; one from the
--- cache lacks its plan until promptgen.state.frozen.thaw
---@field outcome? table of an earlier run of stock scripts, when one was asked for and is stored
---@field new_outcome? table set it to have it stored
---@field save fun(): (promptgen.store.Record|promptgen.store.Dependency[])? stores what the workspace was
--- asked for up to now: the state's documents, and those that a workflow read for its prompt. Call it when
--- the output is out. Gives what all of that rests on, when it is known
---@field let_go fun() after `save`, for a command that goes through many plans: drops what was read for
--- this one

local FLAGS = { "achievement", "skip_review", "trust_filesystem", "trust_plan" }

--- Name of a set of options; two sets that could answer differently have two names.
---@param options promptgen.state.Options
---@return string
function standing.options_key(options)
  local parts = {}
  for i, flag in ipairs(FLAGS) do
    parts[i] = tostring(options[flag] or false)
  end
  parts[#parts + 1] = table.concat(options.order or {}, ",")
  return table.concat(parts, " ")
end

local function resolve(workspace, path, options, meanwhile)
  if meanwhile then
    require("promptgen.foresight").begin(workspace, path, meanwhile)
  end
  local plan, err = workspace:document(path)
  if not plan then
    return nil, err
  elseif plan.kind ~= "plan" then
    return false
  end
  return require("promptgen.state").resolve(workspace, plan, options)
end

--- Resolves the state of the plan at `path`.
---@param workspace promptgen.Workspace
---@param cache? promptgen.FolderCache
---@param path string
---@param options promptgen.state.Options
---@param lean? boolean|string what is enough, if it is stored, to load no documents: true for the status,
--- or the key of an outcome
---@param meanwhile? fun() what can be done while a second thread reads the plan; the caller then ends
--- `workspace:read_ahead`
---@return promptgen.Standing? standing
---@return promptgen.Error? err
function standing.of(workspace, cache, path, options, lean, meanwhile)
  local key = standing.options_key(options)
  local outcome_key = type(lean) == "string" and "outcome " .. lean or nil
  local hit = cache and cache:load(path, outcome_key or lean and key or nil)
  local status, err = hit and hit.states[key], nil
  workspace:start_noting()
  local known = status ~= nil and status ~= false
  workspace:count(known and "hits" or "misses", "status_cache")
  if not known then
    status, err = resolve(workspace, path, options, meanwhile)
  end
  if status == nil then
    workspace:stop_noting()
    return nil, err
  elseif known then
    status = require("promptgen.state.frozen").revive(status)
  end
  local standing_now = {
    status = status or nil, outcome = outcome_key and hit and hit.states[outcome_key] or nil,
  }
  local touched
  function standing_now.save()
    touched = workspace:stop_noting()
    if not cache then
      return nil
    elseif hit and not hit.keys and known then
      return hit.record -- all that was needed came from the store
    end
    local states = {}
    if not known and status then
      states[key] = require("promptgen.state.frozen").freeze(status)
    end
    if standing_now.new_outcome then
      states[outcome_key] = standing_now.new_outcome
    end
    return cache:save(path, touched, states)
  end
  function standing_now.let_go()
    if hit and not hit.keys then
      hit.record:close()
    end
    workspace:drop(touched or {}, path:match "^(.*)/" or "")
  end
  return standing_now
end

return standing
