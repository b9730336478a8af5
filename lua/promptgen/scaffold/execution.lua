--- `promptgen new execution @PLAN N [EE]`.
local errors = require "promptgen.errors"
local facts = require "promptgen.scaffold.facts"

local execution = {
  usage = "execution @PLAN N [EE]",
  arguments = { "plan", "number", "execution" },
  optional = 1,
  options = { force = true },
}

--- The change that makes an EXECUTION_TASK.
---@param status promptgen.state.Status of that achievement
---@param ordinal integer
---@param date string
---@return promptgen.Change
function execution.change(status, ordinal, date)
  local step = status.next
  local achievement = facts.achievement(status, step)
  return {
    path = status.layout.execution(step.number, ordinal),
    document = { template = "skeletons/execution", values = {
      plan = facts.plan(status), achievement = achievement, date = date,
      execution = { number = ordinal, code = ("%s_%02d"):format(achievement.code, ordinal) },
      subplan = step.subplan or status.layout.subplan(step.number),
    } },
  }
end

--- The number in the name of an execution file: of "…_11_02_V2.md" it is 2.
local function ordinal_of(path, code)
  local tail = path:match("([^/]*)$"):gsub("%.[mM][dD]$", "")
  local at = tail:find("_" .. code .. "_", 1, true)
  return at and math.tointeger(tonumber(tail:match("^%d+", at + #code + 2)))
end

--- The files there are, by number, and the highest number.
local function existing(status)
  local code = facts.code(status.layout, status.next.number)
  local by_number, highest = {}, 0
  for _, path in ipairs(status.next.executions) do
    local ordinal = ordinal_of(path, code) or 1
    by_number[ordinal] = by_number[ordinal] or path
    highest = math.max(highest, ordinal)
  end
  return by_number, highest
end

local function bad_input(path, message, hint)
  return nil, errors.new { code = "bad_input", path = path, message = message, hint = hint }
end

--- Why the state speaks against a new execution; nil when it does not.
local function objection(status, asked)
  local step, target = status.next, require("promptgen.explain").target(status)
  local state = step.state
  if state == "no_subplan" then
    return bad_input(status.path, ("achievement %s has no SUBPLAN"):format(step.number),
      ("promptgen new subplan %s %s makes one"):format(target, step.number))
  elseif state == "subplan_draft" then
    return bad_input(step.subplan, ("the SUBPLAN of %s is a draft"):format(step.number),
      { "write what is still in square brackets", "--force makes the EXECUTION_TASK all the same" })
  elseif state == "executing" and not asked then
    return bad_input(step.path, ("an execution of %s is not complete"):format(step.number),
      { "promptgen next " .. target .. " continues it",
        ("promptgen new execution %s %s EE makes another one beside it"):format(target, step.number) })
  elseif state == "approved" or state == "skipped" then
    return bad_input(step.path, ("achievement %s is %s"):format(step.number, state),
      "--force makes an EXECUTION_TASK all the same")
  end
end

local function parse_ordinal(text)
  local ordinal = text and text:match "^%d%d?%d?$" and math.tointeger(tonumber(text))
  if text and (not ordinal or ordinal < 1) then
    return nil, errors.new { code = "usage", message = ("'%s' is not the number of an execution"):format(text),
      hint = "it is 1 to 999" }
  end
  return ordinal
end

--- The number of the new execution: the one asked for, the planned one that is due, or one more.
local function choose(run, status, asked)
  local by_number, highest = existing(status)
  local ordinal = asked or status.next.execution_number or highest + 1
  if by_number[ordinal] then
    return run:lost(by_number[ordinal], ("execution %02d of %s was to be created, but there is one")
      :format(ordinal, status.next.number), "without a number the next free one is taken")
  end
  return ordinal
end

---@param run promptgen.Transition
---@param args {plan: string, number: string, execution?: string, force?: boolean, date?: string}
---@return promptgen.Decision?
---@return promptgen.Error? err `bad_input` when the state speaks against it, `conflict` when it exists
function execution.decide(run, args)
  local asked, err = parse_ordinal(args.execution)
  if err then
    return nil, err
  end
  local date
  date, err = facts.date(args.date)
  if not date then
    return nil, err
  end
  local status
  status, err = run:status(args.plan, args.number)
  if not status then
    return nil, err
  end
  if not args.force then
    local _, against = objection(status, asked)
    if against then
      return nil, against
    end
  end
  local ordinal
  ordinal, err = choose(run, status, asked)
  if not ordinal then
    return nil, err
  end
  return {
    changes = { execution.change(status, ordinal, date) }, target = status.path,
    numbers = { status.next.number },
  }
end

return execution
