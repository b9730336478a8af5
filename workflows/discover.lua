-- `promptgen discover @PLAN`: writes the prompt that finds out what can be worked on at the same time,
-- and records it in parallel.json.
local errors = require "promptgen.errors"
local target = require "promptgen.target"
local workflow = require "promptgen.workflow"

local function level_of(args)
  return args.level or args.achievement and "1" or args.priority and "2" or "3"
end

local NEEDS = { ["1"] = "achievement", ["2"] = "priority" }

--- What a level needs, and that nothing else is given.
local function check(args)
  local level = level_of(args)
  if not level:match("^[123]$") then
    return nil, ("there is no level %s"):format(level), "the levels are 1, 2 and 3"
  end
  for own, name in pairs(NEEDS) do
    if own == level and not args[name] then
      return nil, ("level %s needs --%s"):format(level, name),
        name == "achievement" and "--achievement N is the one to divide" or "--priority P is the one to look at"
    elseif own ~= level and args[name] then
      return nil, ("--%s is for level %s, not for level %s"):format(name, own, level)
    end
  end
  return true
end

local function closed(plan, step)
  return nil, errors.new {
    code = "bad_input", path = plan.path,
    message = ("achievement %s is %s: there is nothing to divide"):format(step.number, step.state),
  }
end

--- The question as data, for --json.
local function data_of(found)
  local numbers = {}
  for i, subject in ipairs(found.subjects) do
    numbers[i] = subject.number
  end
  return {
    level = found.level, priority = found.priority, achievements = numbers, executions = found.executions,
    file = found.parallel.path, exists = found.parallel.exists,
  }
end

--- At level 1 the prompt is about one achievement, as those of its steps are.
local function step_of(status)
  local step = {}
  for key, value in pairs(status.next) do
    step[key] = value
  end
  step.recommendation = "discover"
  return step
end

return workflow.define {
  name = "discover",
  summary = "Write the prompt that finds what can be worked on at the same time",
  arguments = { { "plan", "@NAME or path of a plan" } },
  options = {
    { "--level", "value", "1 inside an achievement, 2 inside a priority, 3 the whole plan; default: by the others",
      metavar = "L" },
    { "--achievement", "value", "at level 1: the achievement to divide", metavar = "N" },
    { "--priority", "value", "at level 2: the priority, by number or text", metavar = "P" },
  },
  check = check,
  run = function(ctx)
    local plan, status = target.settled(ctx)
    if not plan then
      return nil, status
    end
    local level = tonumber(level_of(ctx.args))
    if level == 1 and not status.next.recommendation then
      return closed(plan, status.next)
    end
    local found, err = require("promptgen.discovery").of(ctx.workspace, plan, status, {
      level = level, achievement = ctx.args.achievement, priority = ctx.args.priority,
    })
    if not found then
      return nil, err
    end
    local prompt
    prompt, err = ctx:prompt("discover", {
      plan = plan, status = status, step = level == 1 and step_of(status) or nil, discovery = found,
    })
    if prompt then
      prompt.data = data_of(found)
    end
    return prompt, err
  end,
}
