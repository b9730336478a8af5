-- `promptgen next @PLAN`: works out where a plan stands and writes the prompt for its next step.
--
-- Each recommendation has a template of its own name under workflows/templates/; a plan that is
-- complete, blocked or in conflict has one too.
local errors = require "promptgen.errors"
local target = require "promptgen.target"
local workflow = require "promptgen.workflow"

local function in_conflict(ctx, plan, status)
  if ctx.args.resolve then
    return ctx:prompt("conflict", { plan = plan, status = status })
  end
  return target.in_conflict(plan, status, "--resolve")
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
    local plan, status = target.resolve(ctx)
    if not plan then
      return nil, status
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
