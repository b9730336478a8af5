--- What `promptgen init` makes: a workspace, and perhaps an example plan.
local facts = require "promptgen.scaffold.facts"

local workspace = {}

local CONFIG = "promptgen.lua"
local PLANS = "work-space/plans"
local EXAMPLE = "WORD-COUNT"

local function example(run, date, changes)
  local dir = PLANS .. "/" .. EXAMPLE
  local plan = dir .. "/PLAN_" .. EXAMPLE .. ".md"
  if run:seen(plan) then
    return run:lost(plan, "the example plan was to be created, but it is there already")
  end
  changes[#changes + 1] = { path = plan, document = { template = "skeletons/example_plan", values = {
    name = EXAMPLE, date = date, archive = require("promptgen.scaffold.plan").archive_of(EXAMPLE),
  } } }
  changes[#changes + 1] = { path = dir .. "/parallel.json", document = {
    template = "skeletons/example_parallel", values = { name = EXAMPLE, date = date },
  } }
  return plan
end

--- The workspace that a directory lies in, above itself.
local function outer(home)
  local fs, markers, found = require "promptgen.fs", require("promptgen.root").markers, nil
  local dir = home:match "^(.+)/[^/]*$"
  while dir and not found do
    found = fs.find_up(dir, markers) -- a directory that is still to be made has nothing above it to see
    dir = dir:match "^(.+)/[^/]*$"
  end
  return found
end

---@param run promptgen.Transition
---@param args {dir?: string, example?: boolean, date?: string}
---@return promptgen.Decision?
---@return promptgen.Error? err `conflict` when all of it is there
function workspace.decide(run, args)
  local date, err = facts.date(args.date)
  if not date then
    return nil, err
  end
  local changes = {}
  local is_workspace = run:seen(CONFIG) ~= nil
  if is_workspace and not args.example then
    return run:lost(CONFIG, "a workspace was to be made here, but this is one", "promptgen plans shows what is in it")
  elseif not is_workspace then
    changes[1] = { path = CONFIG, document = { template = "skeletons/config", values = {} } }
    local around = outer(run.home)
    if around then
      run.ctx.app:log("warning", ("this workspace lies in another one, %s: commands run here no longer see its plans")
        :format(around))
    end
  end
  local plan
  if args.example then
    plan, err = example(run, date, changes)
    if not plan then
      return nil, err
    end
  end
  local enter = args.dir and ("cd %s, then "):format(args.dir) or ""
  return {
    changes = changes, folders = { PLANS }, target = plan, prefix = args.dir,
    next = enter .. (plan and "promptgen next @" .. EXAMPLE or "promptgen new plan NAME"),
  }
end

return workspace
