-- `promptgen review @PLAN`: writes the prompt for somebody who judges the work on an achievement.
local target = require "promptgen.target"
local workflow = require "promptgen.workflow"

--- States whose work is reported as done.
local DONE = { executed = "review", fix_resolved = "review", subplan_complete = "review" }

--- With --early also those where it is not.
local EARLY = { executing = "review", execution_due = "review" }
for state, recommendation in pairs(DONE) do
  EARLY[state] = recommendation
end

return workflow.define {
  name = "review",
  summary = "Write the prompt for a review: approve the work, or ask for fixes",
  arguments = { { "plan", "@NAME or path of a plan" } },
  options = {
    target.achievement_option,
    { "--early", "flag", "also for work that is not reported as done" },
  },
  run = function(ctx)
    return target.prompt(ctx, ctx.args.early and EARLY or DONE, "review")
  end,
}
