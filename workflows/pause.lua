-- `promptgen pause @PLAN`: writes the prompt that lays a plan aside so that anybody can take it up again.
local target = require "promptgen.target"
local workflow = require "promptgen.workflow"

return workflow.define {
  name = "pause",
  summary = "Write the prompt that lays a plan aside",
  arguments = { { "plan", "@NAME or path of a plan" } },
  options = {
    { "--achievement", "value", "what comes next, instead of the next step", metavar = "N" },
    { "--reason", "value", "why the plan is laid aside, for its handoff", metavar = "TEXT" },
  },
  run = function(ctx)
    local plan, status = target.open(ctx, "pause")
    if not plan then
      return nil, status
    end
    return ctx:prompt("pause", {
      plan = plan, status = status, reason = ctx.args.reason,
      handoff = require("promptgen.handoff").of(ctx.workspace, plan, status),
    })
  end,
}
