--- `promptgen archive @PLAN`: moves a finished plan out of the way, never over anything.
local errors = require "promptgen.errors"

local SHOWN = 10

local function refuse_taken(taken)
  local hint = {}
  for i = 2, math.min(#taken, SHOWN) do
    hint[#hint + 1] = "also there: " .. taken[i]
  end
  if #taken > SHOWN then
    hint[#hint + 1] = ("and %d more"):format(#taken - SHOWN)
  end
  hint[#hint + 1] = "nothing was moved; --to DIR names another folder"
  return nil, errors.new { code = "conflict", path = taken[1], hint = hint,
    message = "a file was to be moved here, but there is one" }
end

local function refuse_open(status)
  return nil, errors.new { code = "bad_input", path = status.path,
    message = ("the plan is not complete: %s"):format(require("promptgen.explain").progress(status)),
    hint = { ("promptgen status %s shows what is open"):format(require("promptgen.explain").target(status)),
      "--force archives it as it is" } }
end

--- Status of the plan; with --force also of one that defines no achievement.
local function status_of(run, args)
  local status, err = run:status(args.plan)
  if status or err.code ~= "no_achievements" or not args.force then
    return status, err
  end
  local plan = run.workspace:plan(args.plan)
  return plan.feature and {
    plan = plan, path = plan.path, feature = plan.feature,
    layout = require("promptgen.layout").of(plan.path, plan.feature),
  } or nil, err
end

local function decide(run, args)
  local status, err = status_of(run, args)
  if not status then
    return nil, err
  elseif status.state ~= "plan_complete" and not args.force then
    return refuse_open(status)
  end
  local archiving = require "promptgen.archiving"
  local folder
  folder, err = archiving.folder(status, args.to)
  if not folder then
    return nil, err
  end
  local moves, emptied = archiving.moves(run.workspace, status, folder)
  if not moves then
    return nil, emptied
  end
  local taken = archiving.taken(run.workspace, moves)
  if #taken > 0 then
    return refuse_taken(taken)
  end
  local plan
  for _, move in ipairs(moves) do
    plan = move.from == status.path and move.path or plan
  end
  return { changes = moves, emptied = emptied, target = plan, next = "promptgen plans" }
end

return {
  name = "archive",
  summary = "move a complete plan to its archive",
  usage = "@PLAN [--to DIR]",
  arguments = { { "plan", "@NAME or path of a plan" } },
  options = {
    { "--to", "value", "folder below the workspace (the plan's archive location)", metavar = "DIR" },
    { "--force", "flag", "also when the plan is not complete" },
  },
  run = function(ctx)
    return require("promptgen.transition").run(ctx, function(run)
      return decide(run, ctx.args)
    end)
  end,
}
