-- `promptgen complete @PLAN`: for a plan whose achievements are all closed, the prompt that closes it,
-- with the figures of its work. With --summary the figures alone, for people, also before that. A plan
-- in conflict has no figures to rely on: it is refused, with --summary too.
local errors = require "promptgen.errors"
local target = require "promptgen.target"
local workflow = require "promptgen.workflow"

--- Open achievements that an error names; more are counted.
local SHOWN = 8

local function still_open(plan, status)
  local hint, open = {}, 0
  for _, item in ipairs(status.achievements) do
    if item.state ~= "approved" and item.state ~= "skipped" then
      open = open + 1
      if open <= SHOWN then
        hint[#hint + 1] = ("open: %s%s (%s)"):format(item.number, item.title and ", " .. item.title or "",
          item.state)
      end
    end
  end
  if open > SHOWN then
    hint[#hint + 1] = ("and %d more"):format(open - SHOWN)
  end
  for _, warning in ipairs(status.warnings) do
    if warning.code == "complete_without_approvals" then
      hint[#hint + 1] = ("the plan says it is complete: --trust-plan takes its word, and promptgen approve %s --all"
        .. " records a review of the whole"):format(target.word(plan))
    end
  end
  hint[#hint + 1] = ("promptgen next %s writes the prompt for the next step; --summary shows the figures so far")
    :format(target.word(plan))
  return nil, errors.new {
    code = "bad_input", path = plan.path, hint = hint,
    message = ("the plan is not complete: %d of %d achievements %s open"):format(open, status.total,
      open == 1 and "is" or "are"),
  }
end

return workflow.define {
  name = "complete",
  summary = "Close a complete plan, with the figures of its work",
  arguments = { { "plan", "@NAME or path of a plan" } },
  options = {
    { "--summary", "flag", "only what the plan took and what is left, for people" },
  },
  run = function(ctx)
    local plan, status = target.settled(ctx)
    if not plan then
      return nil, status
    elseif ctx.args.summary then
      return ctx:prompt("summary", { plan = plan, status = status })
    elseif status.state ~= "plan_complete" then
      return still_open(plan, status)
    end
    return ctx:prompt("plan_complete", { plan = plan, status = status })
  end,
}
