--- What the commands about state share: one plan, all plans.
local standing = require "promptgen.standing"
local state = require "promptgen.state"

local overview = {}

local function no_achievements(path)
  return nil, require("promptgen.status").error {
    code = "no_achievements", path = path, message = "the plan defines no achievement",
    hint = "an achievement is defined by a line such as **Achievement 1.1**: Title",
  }
end

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
    return no_achievements(path)
  end
  return found
end

--- Plans that are parsed together, before they are resolved one by one.
local CHUNK = 256

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
local GARBAGE, RECORDS = 40 * 1024, 512

local function collect_garbage(heap, parsed)
  heap.parsed = heap.parsed + parsed
  if collectgarbage "count" - heap.size > GARBAGE or heap.parsed > RECORDS then
    collectgarbage()
    heap.size, heap.parsed = collectgarbage "count", 0
  end
end

--- Visits all plans of the workspace in byte order of their paths. A status is let go of after its
--- visit: a workspace may have thousands of plans, and a status holds on to records.
---@param ctx table command context
---@param visit fun(path: string, status: promptgen.state.Status?, err: promptgen.Error?)
---@return boolean? ok
---@return promptgen.Error? err
function overview.each(ctx, visit)
  local workspace = ctx.workspace
  local paths, err = workspace:plans()
  if not paths then
    return nil, err
  end
  local cache, opts = ctx.app:folder_cache(), options_of(ctx)
  local heap = { size = collectgarbage "count", parsed = 0 }
  for i, path in ipairs(paths) do
    if i % CHUNK == 1 then
      collect_garbage(heap, preload(workspace, cache, paths, i))
    end
    local found, why = standing.of(workspace, cache, path, opts, true)
    if found then
      visit(path, found.status or state.empty(path))
      found.save()
      if cache then
        cache:forget(path)
      end
    else
      visit(path, nil, why)
    end
  end
  return true
end

--- JSON of a list of plans, written piece by piece.
---@param ctx table command context
---@param schema string
---@param make fun(path: string, status: promptgen.state.Status?, err: promptgen.Error?): table
---@return string? text
---@return promptgen.Error? err
function overview.json(ctx, schema, make)
  local json = require "promptgen.json"
  local parts = {}
  local ok, err = overview.each(ctx, function(path, status, why)
    parts[#parts + 1] = json.encode(make(path, status, why))
  end)
  if not ok then
    return nil, err
  end
  local head = json.encode(json.object { { "schema", schema }, { "root", ctx.workspace.root } })
  return head:sub(1, -2) .. ',"plans":[' .. table.concat(parts, ",") .. "]}\n"
end

return overview
