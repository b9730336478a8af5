--- `promptgen new plan NAME`.
local errors = require "promptgen.errors"
local facts = require "promptgen.scaffold.facts"

local plan = {
  usage = "plan NAME [--title TEXT] [--goal TEXT] [--achievement TITLE]…",
  arguments = { "plan" },
  options = { title = true, goal = true, achievement = true },
}

local PLANS = "work-space/plans"

--- Group folders and name of "later/NAME"; nil when it cannot be a name.
local function split(text)
  local folder, name = text:gsub("^@", ""):match "^(.-)([^/]+)$"
  if not name or folder:sub(1, 1) == "/" or not name:find "^%w[%w._-]*$" or name:find "%.md$" then
    return nil
  end
  for part in folder:gmatch "[^/]+" do
    if not part:find "^%w[%w._-]*$" then
      return nil
    end
  end
  return folder:gsub("/+", "/"), name
end

--- "MONTHLY-REPORT" reads "Monthly Report"; a name with small letters stays as it is.
local function title_of(name)
  local words = name:gsub("[-_]+", " ")
  if words:find "%l" then
    return words
  end
  return (words:lower():gsub("%f[%w]%w", string.upper))
end

--- The folder of a plan of this name, in any group and however its letters are; nil when there is none.
local function taken(run, name)
  local paths, err = run.workspace:plans()
  if not paths then
    return nil, err
  end
  for _, path in ipairs(paths) do
    local feature = path:match "PLAN_([^/]+)%.[mM][dD]$"
    if feature and feature:lower() == name:lower() then
      return path
    end
  end
end

--- Where plans of this name go after their time.
function plan.archive_of(name)
  return "documentation/archive/" .. name:lower() .. "/"
end

---@param run promptgen.Transition
---@param args {plan: string, title?: string, goal?: string, achievement?: string[], date?: string}
---@return promptgen.Decision?
---@return promptgen.Error? err `usage` for a name that is none, `conflict` when there is such a plan
function plan.decide(run, args)
  local folder, name = split(args.plan)
  if not folder then
    return nil, errors.new { code = "usage", message = ("'%s' cannot name a plan"):format(args.plan),
      hint = "use letters, digits, '-', '_' and '.', such as MONTHLY-REPORT or later/MONTHLY-REPORT" }
  end
  local date, err = facts.date(args.date)
  if not date then
    return nil, err
  end
  local there
  there, err = taken(run, name)
  if err then
    return nil, err
  elseif there then
    return run:lost(there, ("the plan %s was to be created, but there is one"):format(name), "choose another name")
  end
  local path = ("%s/%s%s/PLAN_%s.md"):format(PLANS, folder, name, name)
  local achievements = args.achievement or {}
  return {
    changes = { { path = path, document = { template = "skeletons/plan", values = {
      name = name, title = args.title or title_of(name), goal = args.goal, date = date,
      achievements = achievements, archive = plan.archive_of(name),
    } } } },
    target = #achievements > 0 and path or nil, fill = #achievements > 0 and path or nil,
    next = #achievements == 0 and ("define achievements in %s, then promptgen next @%s"):format(path, name) or nil,
    numbers = {},
  }
end

return plan
