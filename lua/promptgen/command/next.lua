--- `promptgen next @PLAN`: the prompt for the next step; short for `promptgen run next @PLAN`.
local run = require "promptgen.command.run"

return {
  name = "next",
  summary = "print the prompt for the next step of a plan",
  usage = "@PLAN [--achievement N]",
  raw_arguments = true,
  run = function(ctx)
    return run.workflow(ctx, "next", ctx.args)
  end,
}
