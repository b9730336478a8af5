--- `promptgen skip @PLAN N --reason TEXT`: closes an achievement without doing it.
local errors = require "promptgen.errors"
local facts = require "promptgen.scaffold.facts"
local review = require "promptgen.scaffold.review"

local function decide(run, args, signature)
  local status, err = run:status(args.plan, args.number)
  if not status then
    return nil, err
  end
  local step = status.next
  if step.state == "approved" then
    return run:lost(step.path or status.path, ("%s was to be skipped, but it is approved"):format(step.number))
  end
  local change
  change, err = review.new_file(run, status.layout.skipped(step.number), {
    template = "skeletons/skipped", values = {
      plan = facts.plan(status), achievement = facts.achievement(status, step),
      reviewer = signature.reviewer, date = signature.date, reason = args.reason,
    },
  }, ("%s was to be skipped by %s, but it is skipped already"):format(step.number, signature.reviewer))
  return change and { changes = { change }, target = status.path, numbers = { step.number } }, err
end

local own = { { "--reason", "value", "why it is left out", metavar = "TEXT" } }
for _, option in ipairs(review.options) do
  if option[1] ~= "--force" then
    own[#own + 1] = option
  end
end

return {
  name = "skip",
  summary = "close an achievement without doing it, and say why",
  usage = "@PLAN N --reason TEXT",
  arguments = { { "plan", "@NAME or path of a plan" }, { "number", "the achievement" } },
  options = own,
  run = function(ctx)
    local args = ctx.args
    if not (args.reason and args.reason:find "%S") then
      return nil, errors.new { code = "usage", message = "skip needs a reason",
        hint = 'promptgen skip @PLAN 1.1 --reason "done by another plan"' }
    end
    local signature, err = review.signature(args)
    if not signature then
      return nil, err
    end
    return require("promptgen.transition").run(ctx, function(run)
      return decide(run, args, signature)
    end)
  end,
}
