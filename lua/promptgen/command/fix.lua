--- `promptgen fix @PLAN N`: asks for fixes. With --resolution, the skeleton of the answer.
local facts = require "promptgen.scaffold.facts"
local layout = require "promptgen.layout"
local review = require "promptgen.scaffold.review"

--- A free place for an earlier round of a review: "earlier/FIX_11_R1.md" beside it. Nothing looks into
--- that folder but people.
local function earlier_place(run, path)
  local dir, name = layout.split(path)
  local stem, round = name:gsub("%.[mM][dD]$", ""), 1
  local place
  repeat
    place = ("%s/earlier/%s_R%d.md"):format(dir, stem, round)
    round = round + 1
  until not run:seen(place)
  return place
end

--- Keeps a file that gives way to a new one of the same name.
local function keep_earlier(run, changes, path)
  local seen, err = run:seen(path)
  if not seen then
    return nil, err
  end
  local place = earlier_place(run, path)
  changes[#changes + 1] = { path = place, bytes = seen.old }
  return place, nil, seen
end

local function fix_values(status, signature, args, earlier)
  return {
    plan = facts.plan(status), achievement = facts.achievement(status, status.next),
    reviewer = signature.reviewer, date = signature.date, summary = args.summary,
    critical = args.critical, minor = args.minor, positives = args.positive, earlier = earlier,
  }
end

--- Another round: the earlier FIX and its RESOLUTION are kept, so that the new one is not answered yet.
local function another_round(run, status, signature, args)
  local step, changes = status.next, {}
  local old_fix, err, seen = keep_earlier(run, changes, step.fix)
  if not old_fix then
    return nil, err
  end
  local old_answer = earlier_place(run, step.resolution)
  changes[#changes + 1] = { path = old_answer, from = step.resolution }
  changes[#changes + 1] = {
    path = step.fix, old = seen.old, expected = seen.expected, document = {
      template = "skeletons/fix", values = fix_values(status, signature, args, { old_fix, old_answer }),
    },
  }
  return { changes = changes, target = status.path, numbers = { step.number }, fill = step.fix }
end

local function request(run, args, signature)
  local status, err = run:status(args.plan, args.number)
  if not status then
    return nil, err
  end
  local step = status.next
  if step.state == "approved" or step.state == "skipped" then
    return run:lost(step.path or status.path,
      ("fixes were to be asked for, but %s is %s"):format(step.number, step.state), "remove that file to open it again")
  elseif step.state == "fix_resolved" then
    return another_round(run, status, signature, args)
  elseif not args.force and (step.state == "no_subplan" or step.state == "subplan_draft") then
    return review.refuse(status.path,
      ("achievement %s is %s: there is nothing to review"):format(step.number, step.state),
      "--force asks for fixes all the same")
  end
  local change
  change, err = review.new_file(run, step.fix or status.layout.fix(step.number), {
    template = "skeletons/fix", values = fix_values(status, signature, args, {}),
  }, ("fixes of %s were to be asked for by %s, but that is done already"):format(step.number, signature.reviewer),
    "add to that file, or wait for its RESOLUTION")
  return change and {
    changes = { change }, target = status.path, numbers = { step.number }, fill = change.path,
  }, err
end

--- The answer that is there: an empty one gives way, a draft is to be finished, one that is older than
--- the FIX is kept as an earlier round.
local function existing_answer(run, changes, path)
  local seen = run:seen(path)
  if not seen or not seen.old:find "%S" then
    return seen or {}
  end
  local record = run.workspace:document(path)
  if record and record.placeholder then
    return run:lost(path, "the answer was to be created, but there is a draft of it",
      "write what is still in square brackets")
  end
  local _, err, same = keep_earlier(run, changes, path)
  return same, err
end

--- The issues of a review as the skeleton of its answer takes them: those that must be fixed, and the
--- titles of the minor ones.
local function issues_of(record)
  local critical, minor = {}, {}
  for _, issue in ipairs(require("promptgen.fix_file").read(record).issues) do
    if issue.weight == "minor" then
      minor[#minor + 1] = issue.title
    else
      critical[#critical + 1] = { title = issue.title, line = issue.line }
    end
  end
  return critical, minor
end

local function answer(run, args, signature)
  local status, err = run:status(args.plan, args.number)
  if not status then
    return nil, err
  end
  local step, changes = status.next, {}
  if step.state == "fix_resolved" then
    return run:lost(step.resolution, ("the fixes of %s were to be answered, but they are already"):format(step.number))
  elseif step.state ~= "needs_fix" then
    return review.refuse(step.path or status.path, ("no fixes are asked for: achievement %s is %s")
      :format(step.number, step.state))
  end
  local ok, record, seen
  ok, err = review.check_date(run, step.fix, signature.date)
  if not ok then
    return nil, err
  end
  record, err = run.workspace:document(step.fix)
  if not record then
    return nil, err
  end
  local path = step.resolution or status.layout.resolution(step.number)
  seen, err = existing_answer(run, changes, path)
  if not seen then
    return nil, err
  end
  local critical, minor = issues_of(record)
  changes[#changes + 1] = { path = path, old = seen.old, expected = seen.expected, document = {
    template = "skeletons/resolution", values = {
      plan = facts.plan(status), achievement = facts.achievement(status, step), fix = step.fix,
      executor = signature.reviewer, date = signature.date,
      issues = critical, minor = minor,
    },
  } }
  return { changes = changes, target = status.path, numbers = { step.number }, fill = path }
end

local TEXTS = { "summary", "critical", "minor", "positive" }

--- What cannot be given: blank texts, and words of the review together with --resolution.
local function check(args)
  for _, name in ipairs(TEXTS) do
    local given = args[name]
    if args.resolution and given and #given > 0 then
      return nil, require("promptgen.errors").new { code = "usage",
        message = ("--%s belongs to the review, --resolution makes the answer to it"):format(name),
        hint = "ask for fixes and answer them in two commands" }
    end
  end
  return review.check_texts(args, TEXTS)
end

return {
  name = "fix",
  summary = "ask for fixes, or begin the answer to them",
  usage = "@PLAN N [--critical TITLE]… [--minor TEXT]… | @PLAN N --resolution",
  arguments = { { "plan", "@NAME or path of a plan" }, { "number", "the achievement" } },
  options = review.with_options {
    { "--resolution", "flag", "make the skeleton of the answer instead" },
    { "--summary", "value", "what is wrong, in a few sentences", metavar = "TEXT" },
    { "--critical", "list", "title of what must be fixed; may be repeated", metavar = "TITLE" },
    { "--minor", "list", "what should be fixed; may be repeated", metavar = "TEXT" },
    { "--positive", "list", "what must stay as it is; may be repeated", metavar = "TEXT" },
  },
  run = function(ctx)
    local args = ctx.args
    local ok, signature, err
    ok, err = check(args)
    if not ok then
      return nil, err
    end
    signature, err = review.signature(args)
    if not signature then
      return nil, err
    end
    return require("promptgen.transition").run(ctx, function(run)
      return (args.resolution and answer or request)(run, args, signature)
    end)
  end,
}
