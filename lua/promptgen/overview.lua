--- What the commands about state share: options, one plan, all plans.
local state = require "promptgen.state"

local overview = {}

local OPTIONS = {
  { "--trust-plan", "flag", "believe the plan where the files disagree" },
  { "--trust-filesystem", "flag", "believe the files where the plan disagrees" },
  { "--skip-review", "flag", "go past achievements that only await review" },
}

--- Option declarations of a command: its own, then those that every answer about state takes.
---@param own table[]
---@return table[]
function overview.options(own)
  return table.move(OPTIONS, 1, #OPTIONS, #own + 1, own)
end

--- Options for promptgen.state from a command's arguments.
---@param ctx table command context
---@return promptgen.state.Options
function overview.state_options(ctx)
  local args = ctx.args
  return {
    trust_plan = args.trust_plan, trust_filesystem = args.trust_filesystem,
    skip_review = args.skip_review, order = ctx.order,
  }
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

--- Where the plan a target names stands.
---@param ctx table command context
---@param target string "@NAME" or a path
---@return promptgen.state.Status?
---@return promptgen.Error? err also no_achievements
function overview.resolve(ctx, target)
  local plan, err = ctx.workspace:plan(target)
  if not plan then
    return nil, err
  end
  local status
  status, err = state.resolve(ctx.workspace, plan, overview.state_options(ctx))
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
  explanation, err = state.explain(ctx.workspace, plan, number, overview.state_options(ctx))
  if not explanation then
    return nil, err
  end
  local ok
  ok, err = refuse_empty(explanation.status)
  return ok and explanation, err
end

--- All plans of the workspace, each with its status or the reason why there is none.
---@param ctx table command context
---@return { path: string, status?: promptgen.state.Status, err?: promptgen.Error }[]?
---@return promptgen.Error? err
function overview.all(ctx)
  local paths, err = ctx.workspace:plans()
  if not paths then
    return nil, err
  end
  local list = {}
  local opts = overview.state_options(ctx)
  for i, path in ipairs(paths) do
    local status
    local plan, why = ctx.workspace:plan(path)
    if plan then
      status, why = state.resolve(ctx.workspace, plan, opts)
    end
    list[i] = { path = path, status = status, err = not status and why or nil }
  end
  return list
end

return overview
