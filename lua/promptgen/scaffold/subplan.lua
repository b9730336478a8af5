--- `promptgen new subplan @PLAN N`.
local facts = require "promptgen.scaffold.facts"

local subplan = {
  usage = "subplan @PLAN N",
  arguments = { "plan", "number" },
  options = {},
}

--- The change that makes the SUBPLAN of an achievement.
---@param status promptgen.state.Status of that achievement
---@param date string
---@return promptgen.Change
function subplan.change(status, date)
  local step = status.next
  return {
    path = status.layout.subplan(step.number),
    document = { template = "skeletons/subplan", values = {
      plan = facts.plan(status), achievement = facts.achievement(status, step), date = date,
    } },
  }
end

---@param run promptgen.Transition
---@param args {plan: string, number: string, date?: string}
---@return promptgen.Decision?
---@return promptgen.Error? err `conflict` when it has one, or is closed
function subplan.decide(run, args)
  local status, err = run:status(args.plan, args.number)
  if not status then
    return nil, err
  end
  local step = status.next
  if step.subplan then
    return run:lost(step.subplan, ("the SUBPLAN of %s was to be created, but there is one"):format(step.number),
      "edit it, or promptgen next " .. require("promptgen.explain").target(status))
  elseif step.state ~= "no_subplan" then
    return run:lost(step.path or status.path,
      ("achievement %s is %s: it needs no SUBPLAN"):format(step.number, step.state))
  end
  local date
  date, err = facts.date(args.date)
  if not date then
    return nil, err
  end
  return { changes = { subplan.change(status, date) }, target = status.path, numbers = { step.number } }
end

return subplan
