-- `promptgen run fix @PLAN`: writes the prompt for the fixes that a review asks for. The command
-- `promptgen fix`, which writes the FIX file itself, has the short name.
local target = require "promptgen.target"
local workflow = require "promptgen.workflow"

return workflow.define {
  name = "fix",
  summary = "Write the prompt that addresses the fixes a review asks for",
  arguments = { { "plan", "@NAME or path of a plan" } },
  options = { target.achievement_option },
  run = function(ctx)
    return target.prompt(ctx, { needs_fix = "address_fixes" }, "fix")
  end,
}
