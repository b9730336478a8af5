--- `promptgen approve @PLAN N | --all`: writes the approval of an achievement, or of several.
local errors = require "promptgen.errors"
local facts = require "promptgen.scaffold.facts"
local review = require "promptgen.scaffold.review"
local states = require "promptgen.state.states"

local function approval(run, status, signature, args)
  local step = status.next
  local ok, err = review.check_date(run, step.fix, signature.date)
  if not ok then
    return nil, err
  end
  return review.new_file(run, status.layout.approved(step.number), {
    template = "skeletons/approved", values = {
      plan = facts.plan(status), achievement = facts.achievement(status, step),
      reviewer = signature.reviewer, date = signature.date, summary = args.summary,
      verified = args.verified, tests = args.test, recommendations = args.recommend,
    },
  }, ("%s was to be approved by %s, but it is approved already"):format(step.number, signature.reviewer))
end

--- True when there is something to approve: work that is done, or answered fixes.
local function is_reviewable(item)
  return item.recommendation == "review" or item.state == "executed"
end

local REASONS = {
  needs_fix = "its review asks for fixes that no RESOLUTION answers", skipped = "it is skipped",
  no_subplan = "no work on it is recorded", executing = "an execution is not complete",
  execution_due = "a planned execution is missing",
}

local function refuse(status, item)
  local target = require("promptgen.explain").target(status)
  return review.refuse(item.path or status.path,
    ("achievement %s is not ready for approval: %s"):format(item.number,
      REASONS[item.state] or "it is " .. item.state),
    ("promptgen explain %s %s tells more"):format(target, item.number), "--force approves it all the same")
end

local function one(run, args, signature)
  local status, err = run:status(args.plan, args.number)
  if not status then
    return nil, err
  end
  local step = status.next
  if not (is_reviewable(step) or args.force or step.state == "approved") then
    return refuse(status, step)
  end
  local change
  change, err = approval(run, status, signature, args)
  return change and { changes = { change }, target = status.path, numbers = { step.number } }, err
end

--- Numbers to approve: those that await review; all open ones of a plan that says it is complete.
local function waiting(status, force)
  local chosen, left = {}, {}
  for _, item in ipairs(status.achievements) do
    if not states.is_closed(item) then
      local list = (force or status.says_complete or is_reviewable(item)) and chosen or left
      list[#list + 1] = item.number
    end
  end
  return chosen, left
end

local function all(run, args, signature)
  local status, err = run:status(args.plan)
  if not status then
    return nil, err
  end
  local chosen, left = waiting(status, args.force)
  if #chosen == 0 then
    local message = #left == 0 and "every achievement is closed" or "no achievement awaits review"
    return review.refuse(status.path, message, #left > 0 and "--force approves every open one" or nil)
  end
  local decision = { changes = {}, target = status.path, numbers = chosen }
  for i, number in ipairs(chosen) do
    local own
    own, err = run:status(args.plan, number)
    if own then
      decision.changes[i], err = approval(run, own, signature, args)
    end
    if not decision.changes[i] then
      return nil, err
    end
  end
  if #left > 0 then
    decision.notes = { "not ready for approval and left as they are: " .. table.concat(left, ", ") }
  end
  return decision
end

return {
  name = "approve",
  summary = "approve an achievement whose work was reviewed",
  usage = "@PLAN N | @PLAN --all [--reviewer NAME] [--summary TEXT]",
  arguments = {
    { "plan", "@NAME or path of a plan" }, { "number", "the achievement", optional = true },
  },
  options = review.with_options {
    { "--all", "flag", "all that await review; all open ones of a plan that says it is complete" },
    { "--summary", "value", "what the reviewer says", metavar = "TEXT" },
    { "--verified", "list", "a deliverable, and how it was verified; may be repeated", metavar = "TEXT" },
    { "--test", "list", "a command that was run, and its result; may be repeated", metavar = "TEXT" },
    { "--recommend", "list", "what could be better later; may be repeated", metavar = "TEXT" },
  },
  run = function(ctx)
    local args = ctx.args
    if (args.number ~= nil) == (args.all == true) then
      return nil, errors.new { code = "usage", message = "approve takes an achievement or --all",
        hint = "promptgen approve @PLAN 1.1" }
    end
    local ok, signature, err
    ok, err = review.check_texts(args, { "summary", "verified", "test", "recommend" })
    if not ok then
      return nil, err
    end
    signature, err = review.signature(args)
    if not signature then
      return nil, err
    end
    return require("promptgen.transition").run(ctx, function(run)
      return (args.all and all or one)(run, args, signature)
    end)
  end,
}
