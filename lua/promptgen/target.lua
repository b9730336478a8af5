--- What the stock workflows ask before they write a prompt: the plan, where it stands, and the
--- achievement they can serve. One that can serve none says why, and what would come instead.
local errors = require "promptgen.lazy" "promptgen.errors"

local target = {}

--- How a plan is named on a command line, for hints: `@NAME` where that finds it, else its path in quotes.
---@param plan { feature?: string, path: string }
---@return string word
function target.word(plan)
  return require("promptgen.explain").target(plan)
end

--- The error for a plan and files that contradict each other.
---@param plan promptgen.plan.Record
---@param status promptgen.state.Status
---@param way_out string what writes a prompt that settles it
---@return nil
---@return promptgen.Error
function target.in_conflict(plan, status, way_out)
  local hint = {}
  for i = 2, #status.conflicts do
    hint[#hint + 1] = "also: " .. status.conflicts[i].message
  end
  hint[#hint + 1] = way_out .. " writes a prompt that has the conflict settled"
  hint[#hint + 1] = "--trust-plan or --trust-filesystem goes on with one side"
  local first = status.conflicts[1]
  local place = first.evidence and first.evidence[1] or {}
  return nil, errors.new {
    code = "conflict", path = place.path or plan.path, line = place.line,
    message = first.message, hint = hint,
  }
end

--- The plan of `ctx.args.plan`, and where it stands; `ctx.args.achievement` is asked about, if given.
--- A plan in conflict is the caller's to deal with: see `target.in_conflict`.
---@param ctx promptgen.Context
---@return promptgen.plan.Record? plan
---@return promptgen.state.Status|promptgen.Error status_or_err
function target.resolve(ctx)
  local plan, err = ctx.workspace:plan(ctx.args.plan)
  if not plan then
    return nil, err
  end
  local status
  status, err = ctx.state:all(plan, { achievement = ctx.args.achievement })
  if not status then
    return nil, err
  elseif status.state == "no_achievements" then
    return nil, require "promptgen.no_achievements"(plan.path, plan)
  end
  return plan, status
end

--- Recommendation by state: a name, or a function of the item that gives one or nil.
---@alias promptgen.target.Serves table<string, string|fun(item: promptgen.state.Item): string?>

local function served(serves, item)
  local value = serves[item.state]
  if type(value) == "function" then
    return value(item)
  end
  return value
end

local function refuse_one(plan, status, item, purpose)
  local phrase = item.recommendation
    and require("promptgen.state.states").phrases[item.recommendation]
  return nil, errors.new {
    code = "bad_input", path = item.path or plan.path,
    message = ("achievement %s is %s: there is nothing to %s"):format(item.number, item.state, purpose),
    hint = phrase and {
      "its next step is to " .. phrase,
      ("promptgen next %s --achievement %s writes the prompt for that"):format(target.word(plan), item.number),
    } or (status.state == "plan_complete" and "every achievement of the plan is closed"
      or "without --achievement the first one that fits is taken"),
  }
end

local function refuse_all(plan, status, purpose)
  local next_one = status.next
  local phrase = next_one and require("promptgen.state.states").phrases[next_one.recommendation]
  return nil, errors.new {
    code = "bad_input", path = plan.path,
    message = ("no achievement of the plan has anything to %s"):format(purpose),
    hint = phrase and ("the next step is to %s, for achievement %s: promptgen next %s")
      :format(phrase, next_one.number, target.word(plan))
      or status.state == "plan_complete" and "every achievement of the plan is closed"
      or ("promptgen status %s shows what waits for what"):format(target.word(plan)),
  }
end

--- The first open achievement that is served; free ones before those that wait for others.
local function first_served(status, serves)
  local waiting
  for _, item in ipairs(status.achievements) do
    if served(serves, item) then
      if not item.blockers then
        return item
      end
      waiting = waiting or item
    end
  end
  return waiting
end

--- Number of the execution file to create after those that exist.
local function following_execution(plan, step)
  local layout, names = require "promptgen.layout", require "promptgen.state.names"
  local dir = layout.split(plan.path)
  local _, folder = layout.split(dir)
  local highest = 0
  for _, path in ipairs(step.executions) do
    local _, name = layout.split(path)
    local read = names.read(name, { plan.feature, folder })
    highest = math.max(highest, read and read.ordinal or 0)
  end
  return highest + 1
end

local CREATES = { create_execution = true, create_next_execution = true }

--- The step as this workflow takes it: with the recommendation it serves.
local function taken(plan, step, recommendation)
  local own = {}
  for key, value in pairs(step) do
    own[key] = value
  end
  own.evidence = step.evidence
  own.recommendation = recommendation
  if CREATES[recommendation] and not own.execution_number then
    own.execution_number = following_execution(plan, step)
  end
  return own
end

--- The step of the achievement asked for, or else of the next one, or else of the first that a
--- workflow serves.
---@param ctx promptgen.Context
---@param plan promptgen.plan.Record
---@param status promptgen.state.Status
---@param serves promptgen.target.Serves
---@param purpose string what the workflow does, for errors: "there is nothing to ..."
---@return promptgen.state.Step? step
---@return promptgen.state.Status|promptgen.Error status_or_err
function target.step(ctx, plan, status, serves, purpose)
  local step = status.next
  local recommendation = step and served(serves, step)
  if recommendation then
    return taken(plan, step, recommendation), status
  elseif ctx.args.achievement then
    return refuse_one(plan, status, step, purpose)
  end
  local item = first_served(status, serves)
  if not item then
    return refuse_all(plan, status, purpose)
  end
  local asked, err = ctx.state:all(plan, { achievement = item.number })
  if not asked then
    return nil, err
  end
  return taken(plan, asked.next, served(serves, item)), asked
end

--- As `target.resolve`, for a workflow that has nothing to say of a plan in conflict.
---@param ctx promptgen.Context
---@return promptgen.plan.Record? plan
---@return promptgen.state.Status|promptgen.Error status_or_err
function target.settled(ctx)
  local plan, status = target.resolve(ctx)
  if plan and status.state == "conflict" then
    return target.in_conflict(plan, status, ("promptgen next %s --resolve"):format(target.word(plan)))
  end
  return plan, status
end

--- As `target.settled`, for a workflow about a plan that has something open; an achievement asked for
--- must be open too.
---@param ctx promptgen.Context
---@param purpose string what the workflow does, for errors: "there is nothing to ..."
---@return promptgen.plan.Record? plan
---@return promptgen.state.Status|promptgen.Error status_or_err
function target.open(ctx, purpose)
  local plan, status = target.settled(ctx)
  if not plan then
    return nil, status
  elseif status.state == "plan_complete" then
    return nil, errors.new {
      code = "bad_input", path = plan.path,
      message = "the plan is complete: there is nothing to " .. purpose,
      hint = ("promptgen complete %s writes the prompt that closes it"):format(target.word(plan)),
    }
  elseif ctx.args.achievement and not status.next.recommendation then
    return refuse_one(plan, status, status.next, purpose)
  end
  return plan, status
end

--- The whole of a workflow that serves some states: resolves, chooses, renders.
---@param ctx promptgen.Context
---@param serves promptgen.target.Serves
---@param purpose string
---@return promptgen.Prompt? prompt
---@return promptgen.Error? err conflict, no_achievements, bad_input, and those of prompts
function target.prompt(ctx, serves, purpose)
  local plan, status = target.settled(ctx)
  if not plan then
    return nil, status
  end
  local step
  step, status = target.step(ctx, plan, status, serves, purpose)
  if not step then
    return nil, status
  end
  return ctx:prompt(step.recommendation, { plan = plan, step = step, status = status })
end

--- The option that every workflow about one achievement has.
target.achievement_option = {
  "--achievement", "value", "this achievement, instead of the first that fits", metavar = "N",
}

return target
