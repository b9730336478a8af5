-- `promptgen resume @PLAN`: writes the prompt that takes up a plan which was laid aside.
local errors = require "promptgen.errors"
local target = require "promptgen.target"
local workflow = require "promptgen.workflow"

local function all_wait(plan, status)
  local hint = {}
  for _, item in ipairs(status.achievements) do
    if item.blockers and #hint < 5 then
      hint[#hint + 1] = ("%s waits for %s"):format(item.number, table.concat(item.blockers, ", "))
    end
  end
  hint[#hint + 1] = ("promptgen next %s writes the prompt that clears what is in the way"):format(target.word(plan))
  return nil, errors.new {
    code = "bad_input", path = plan.path, hint = hint,
    message = "every open achievement waits for something: there is nothing to resume",
  }
end

return workflow.define {
  name = "resume",
  summary = "Write the prompt that takes up a plan which was laid aside",
  arguments = { { "plan", "@NAME or path of a plan" } },
  options = {
    { "--achievement", "value", "the one to go on with, instead of the next one", metavar = "N" },
  },
  run = function(ctx)
    local plan, status = target.open(ctx, "resume")
    if not plan then
      return nil, status
    elseif not status.next then
      return all_wait(plan, status)
    end
    return ctx:prompt("resume", {
      plan = plan, status = status, asked = ctx.args.achievement,
      handoff = require("promptgen.handoff").of(ctx.workspace, plan, status),
    })
  end,
}
