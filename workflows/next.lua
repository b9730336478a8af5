-- `promptgen next @PLAN`: works out where a plan stands and writes the prompt for its next step.
--
-- Each recommendation has a template of its own name under workflows/templates/; a plan that is
-- complete, blocked or in conflict has one too.
local errors = require "promptgen.errors"
local workflow = require "promptgen.workflow"

local function no_achievements(plan)
  local hint, line = { "an achievement is defined by a line such as: **Achievement 1.1**: Title" }, nil
  for _, warning in ipairs(plan.warnings) do
    if warning.code == "malformed_number" then
      line = warning.line
      table.insert(hint, 1, warning.message)
      break
    end
  end
  hint[#hint + 1] = "promptgen parse " .. plan.path .. " shows what is found in the file"
  return nil, errors.new {
    code = "no_achievements", path = plan.path, line = line,
    message = "the plan defines no achievement, so there is no next step", hint = hint,
  }
end

local function in_conflict(ctx, plan, status)
  if ctx.args.resolve then
    return ctx:prompt("conflict", { plan = plan, status = status })
  end
  local hint = {}
  for i = 2, #status.conflicts do
    hint[#hint + 1] = "also: " .. status.conflicts[i].message
  end
  hint[#hint + 1] = "--resolve writes a prompt that has the conflict settled"
  hint[#hint + 1] = "--trust-plan or --trust-filesystem goes on with one side"
  local first = status.conflicts[1]
  local place = first.evidence and first.evidence[1] or {}
  return nil, errors.new {
    code = "conflict", path = place.path or plan.path, line = place.line,
    message = first.message, hint = hint,
  }
end

local function nothing_to_do(plan, step)
  return nil, errors.new {
    code = "bad_input", path = plan.path,
    message = ("achievement %s is %s: there is nothing to do"):format(step.number, step.state),
    hint = "without --achievement the next open one is taken",
  }
end

return workflow.define {
  name = "next",
  summary = "Write the prompt for the next step of a plan",
  arguments = { { "plan", "@NAME or path of a plan" } },
  options = {
    { "--achievement", "value", "the step of this achievement, instead of the next one",
      metavar = "N" },
    { "--resolve", "flag", "in a conflict, write the prompt that has it settled" },
  },
  run = function(ctx)
    local plan, err = ctx.workspace:plan(ctx.args.plan)
    if not plan then
      return nil, err
    end
    local status
    status, err = ctx.state:all(plan, { achievement = ctx.args.achievement })
    if not status then
      return nil, err
    elseif status.state == "no_achievements" then
      return no_achievements(plan)
    elseif status.state == "conflict" then
      return in_conflict(ctx, plan, status)
    end
    local step = status.next
    if not step then
      return ctx:prompt(status.state, { plan = plan, status = status })
    elseif not step.recommendation then
      return nothing_to_do(plan, step)
    end
    return ctx:prompt(step.recommendation, { plan = plan, step = step, status = status })
  end,
}
