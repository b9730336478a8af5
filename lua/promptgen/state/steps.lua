--- The next step: chosen or asked for, with all that a prompt for it needs.
local choose = require "promptgen.state.choose"
local states = require "promptgen.state.states"

local steps = {}

--- A step: an item and what a prompt for it needs.
local function step_of(ctx, item, rule)
  local step, f = { evidence = item.evidence }, ctx.facts_of[item]
  for key, value in pairs(item) do
    step[key] = value
  end
  step.rule = rule
  step.achievement = ctx.by_number[item.number]
  step.subplan = f.subplan and f.subplan.path or nil
  step.executions, step.replaced = {}, {}
  for i, one in ipairs(f.arranged.list) do
    step.executions[i] = one.file.path
    if not one.counts then
      step.replaced[#step.replaced + 1] = one.file.path
    end
  end
  step.fix = f.slot.fix and f.slot.fix.path or nil
  step.resolution = f.slot.resolution and f.slot.resolution.path or nil
  if item.recommendation == "create_execution" then
    step.execution_number = 1
  elseif item.recommendation == "create_next_execution" then
    step.execution_number = f.due.ordinal
  end
  return step
end

--- Warns of a handoff that names nothing, or something closed.
---@param ctx promptgen.state.Context
---@param by_number table<string, promptgen.state.Item>
function steps.check_handoff(ctx, by_number)
  local plan = ctx.plan
  local number = plan.handoff_next
  local item = number and by_number[number]
  if number and not item then
    ctx.warnings:add("dangling_handoff", plan.path, plan.handoff_next_line,
      ("the handoff names %s, which the plan does not define"):format(number))
  elseif item and states.is_closed(item) then
    ctx.warnings:add("stale_handoff", plan.path, plan.handoff_next_line,
      ("the handoff names %s, which is %s"):format(number, item.state))
  end
end

--- A step that would create a SUBPLAN for something the plan marks as done deserves a word.
local function warn_claimed(ctx, step, items)
  local claim = ctx.text_claims[step.number]
  if step.state ~= "no_subplan" or not claim then
    return
  end
  for _, item in ipairs(items) do
    if not states.is_closed(item) and not item.claimed then
      step.unclaimed = item.number
      break
    end
  end
  ctx.warnings:add("claimed_done", ctx.plan.path, claim.line,
    ("the plan marks %s as done, but no file shows it%s"):format(step.number, step.unclaimed
      and "; --trust-plan goes on with " .. step.unclaimed or ""))
end

--- The step to take: the achievement asked for, or the one the rules choose.
---@param ctx promptgen.state.Context
---@param status promptgen.state.Status
---@param by_number table<string, promptgen.state.Item>
---@param opts promptgen.state.Options
---@return promptgen.state.Step?
function steps.next(ctx, status, by_number, opts)
  local item, rule
  if opts.achievement then
    item, rule = by_number[opts.achievement], "asked"
    status.considered = { { rule = rule, outcome = "picks " .. item.number, number = item.number } }
  else
    item, rule, status.considered = choose.next(status.achievements, {
      handoff = ctx.plan.handoff_next, skip_review = opts.skip_review, order = opts.order,
    })
  end
  if item then
    local step = step_of(ctx, item, rule)
    warn_claimed(ctx, step, status.achievements)
    return step
  end
end

return steps
