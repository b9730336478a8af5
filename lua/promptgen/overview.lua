--- What the commands about state share: one plan, all plans.
local standing = require "promptgen.standing"
local state = require "promptgen.state"

local overview = {}

local function options_of(ctx)
  return (require "promptgen.state_options"(ctx.options))
end

--- Where the plan a target names stands. A plan without achievements is an error here.
---@param ctx table command context
---@param target string "@NAME" or a path
---@return promptgen.Standing? standing with a status; call its `save` when the output is out
---@return promptgen.Error? err
function overview.standing(ctx, target)
  local workspace = ctx.workspace
  local path, err = workspace:resolve(target)
  if not path then
    return nil, err
  end
  local found
  found, err = standing.of(workspace, ctx.app:folder_cache(), path, options_of(ctx))
  if not found then
    return nil, err
  elseif not found.status or found.status.state == "no_achievements" then
    found.save()
    return nil, require "promptgen.no_achievements"(path, workspace:document(path))
  end
  return found
end

--- Plans that are parsed together, before they are resolved one by one.
local CHUNK = 128

--- Parses those of `paths` from `first` on that the cache knows nothing of, on all cores. Returns how
--- many these are.
local function preload(workspace, cache, paths, first)
  local cold = {}
  for i = first, math.min(first + CHUNK - 1, #paths) do
    if not (cache and cache:has(paths[i])) then
      cold[#cold + 1] = paths[i]
    end
  end
  require("promptgen.preload").documents(workspace, cold)
  return #cold
end

--- Growth of the heap (KiB) and number of parsed plans, whose records are outside of it, after which
--- garbage is collected: the collector is off in a short-lived program.
local GARBAGE, RECORDS = 24 * 1024, 100

local function collect_garbage(heap)
  if collectgarbage "count" - heap.size > GARBAGE or heap.parsed > RECORDS then
    collectgarbage()
    heap.size, heap.parsed = collectgarbage "count", 0
  end
end

--- Visits plans in the order of their paths. A status is let go of after its visit: a workspace may
--- have thousands of plans, and a status holds on to records. `take`, if given, is asked first, and
--- what it answers needs no visit.
local function visit_all(ctx, paths, visit, take)
  local workspace, cache, opts = ctx.workspace, ctx.app:folder_cache(), options_of(ctx)
  local heap = { size = collectgarbage "count", parsed = 0 }
  local left = {}
  for _, path in ipairs(paths) do
    if not (take and take(path)) then
      left[#left + 1] = path
    end
  end
  local progress = require("promptgen.progress").new(#left, "plans")
  for i, path in ipairs(left) do
    progress:step()
    if i % CHUNK == 1 then
      collect_garbage(heap)
      heap.parsed = heap.parsed + preload(workspace, cache, left, i)
    end
    local found, why = standing.of(workspace, cache, path, opts, true)
    if found then
      local after = visit(path, found.status or state.empty(path))
      local rests = found.save()
      if after then
        after(rests)
      end
      found.let_go()
      if cache then
        cache:forget(path)
      end
    else
      visit(path, nil, why)
    end
  end
  progress:finish()
end

--- Visits all plans of the workspace in byte order of their paths.
---@param ctx table command context
---@param visit fun(path: string, status: promptgen.state.Status?, err: promptgen.Error?)
---@return boolean? ok
---@return promptgen.Error? err
function overview.each(ctx, visit)
  local paths, err = ctx.workspace:plans()
  if not paths then
    return nil, err
  end
  visit_all(ctx, paths, function(...) visit(...) end)
  return true
end

--- Values made anew for the plans of which `builder` has none.
local function make_values(ctx, paths, make, builder)
  local by_path = {}
  visit_all(ctx, paths, function(path, status, why)
    local value = make(path, status, why)
    by_path[path] = value
    return builder and function(rests)
      builder:add(path, value, rests)
    end
  end, builder and function(path)
    by_path[path] = builder:take(path)
    return by_path[path] ~= nil
  end)
  local values = {}
  for i, path in ipairs(paths) do
    values[i] = by_path[path]
  end
  return values
end

--- What `make` says of every plan, in byte order of their paths. It is kept between runs: `make` looks
--- at nothing but its arguments, and gives something that can be packed.
---@param ctx table command context
---@param name string of what `make` says, unique among the commands
---@param make fun(path: string, status: promptgen.state.Status?, err: promptgen.Error?): any
---@return any[]? values
---@return promptgen.Error? err
function overview.values(ctx, name, make)
  local workspace = ctx.workspace
  local cache = ctx.app:folder_cache()
  local overview_cache = cache and require "promptgen.overview_cache"
  local full_name = name .. " " .. standing.options_key(options_of(ctx))
  local kept = cache and overview_cache.load(cache, full_name)
  if kept and kept.values then
    return kept.values
  end
  local paths, err = workspace:plans()
  if not paths then
    return nil, err
  end
  local builder = cache and overview_cache.new(cache, full_name, kept)
  local values = make_values(ctx, paths, make, builder)
  if builder then
    if #paths > CHUNK then
      collectgarbage() -- to make room for what is written as one piece
    end
    builder:save(workspace.known_index, paths)
    builder:close()
  end
  return values
end

--- JSON of a list of plans.
---@param ctx table command context
---@param schema string
---@param make fun(path: string, status: promptgen.state.Status?, err: promptgen.Error?): table
---@return string? text
---@return promptgen.Error? err
function overview.json(ctx, schema, make)
  local json = require "promptgen.json"
  local parts, err = overview.values(ctx, schema, function(path, status, why)
    return json.encode(make(path, status, why))
  end)
  if not parts then
    return nil, err
  end
  local head = json.encode(json.object { { "schema", schema }, { "root", ctx.workspace.root } })
  return head:sub(1, -2) .. ',"plans":[' .. table.concat(parts, ",") .. "]}\n"
end

return overview
