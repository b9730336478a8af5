--- What the commands about state share: one plan, all plans.

local overview = {}

local KEYS = { "trust_plan", "trust_filesystem", "skip_review", "order" }

--- Options for promptgen.state: those of promptgen itself that concern states.
---@param ctx table command context
---@return promptgen.state.Options
function overview.state_options(ctx)
  local opts = {}
  for _, key in ipairs(KEYS) do
    opts[key] = ctx.options[key]
  end
  return opts
end

--- A plan without achievements is an error where one plan is asked for.
local function refuse_empty(status)
  if status.state == "no_achievements" then
    return nil, require("promptgen.status").error {
      code = "no_achievements", path = status.path, message = "the plan defines no achievement",
      hint = "an achievement is defined by a line such as **Achievement 1.1**: Title",
    }
  end
  return status
end

--- Status of one plan, through the cache of the application where there is one.
local function standing_of(ctx, path, opts)
  local workspace = ctx.workspace
  local cache = ctx.app and ctx.app:folder_cache()
  local found, err = require("promptgen.standing").of(workspace, cache, path, opts)
  if not found then
    return nil, err
  end
  found.save()
  if found.status then
    return found.status
  end
  local plan
  plan, err = workspace:document(path)
  if not plan then
    return nil, err
  end
  return require("promptgen.state").resolve(workspace, plan, opts)
end

--- Where the plan a target names stands.
---@param ctx table command context
---@param target string "@NAME" or a path
---@return promptgen.state.Status?
---@return promptgen.Error? err also no_achievements
function overview.resolve(ctx, target)
  local path, err = ctx.workspace:resolve(target)
  if not path then
    return nil, err
  end
  local status
  status, err = standing_of(ctx, path, overview.state_options(ctx))
  if not status then
    return nil, err
  end
  return refuse_empty(status)
end

--- Why an achievement of that plan is where it is.
---@param ctx table command context
---@param target string
---@param number? string the next step without one
---@return promptgen.state.Explanation?
---@return promptgen.Error? err
function overview.explain(ctx, target, number)
  local plan, err = ctx.workspace:plan(target)
  if not plan then
    return nil, err
  end
  local explanation
  explanation, err = require("promptgen.state").explain(ctx.workspace, plan, number, overview.state_options(ctx))
  if not explanation then
    return nil, err
  end
  local ok
  ok, err = refuse_empty(explanation.status)
  return ok and explanation, err
end

--- Visits all plans of the workspace in byte order of their paths. A status is let go of after its
--- visit: a workspace may have thousands of plans, and a status holds on to records.
---@param ctx table command context
---@param visit fun(path: string, status: promptgen.state.Status?, err: promptgen.Error?)
---@return boolean? ok
---@return promptgen.Error? err
function overview.each(ctx, visit)
  local paths, err = ctx.workspace:plans()
  if not paths then
    return nil, err
  end
  local opts = overview.state_options(ctx)
  for _, path in ipairs(paths) do
    local status, why = standing_of(ctx, path, opts)
    visit(path, status, not status and why or nil)
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
