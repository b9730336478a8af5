--- What skeletons are filled with: facts of a plan and of an achievement as plain values, who writes
--- and when.
local errors = require "promptgen.errors"
local host = require "promptgen.host"

local facts = {}

--- Lines without the indentation they have in common.
local function dedent(text)
  local least
  for line in text:gmatch "[^\n]+" do
    if line:find "%S" then
      local indent = #line:match "^ *"
      least = least and math.min(least, indent) or indent
    end
  end
  return least and least > 0 and ("\n" .. text):gsub("\n" .. (" "):rep(least), "\n"):sub(2) or text
end

--- What is written of a text: without what is still to be.
local function written(text)
  return text and require("promptgen.placeholder").without(text)
end

--- A labelled part of an achievement's section, without its label: the rest of that line, or the
--- lines below it.
local function part(plan, achievement, ...)
  for _, wanted in ipairs { ... } do
    for _, one in ipairs(achievement.parts) do
      if one.label:lower() == wanted then
        local text = plan:text(one.line, one.end_line)
        local head, rest = text:match "^([^\n]*)\n?(.*)$"
        head = head:gsub("^%s*[-*+]?%s*%*?%*?[^:]*:%*?%*?%s*", "", 1)
        text = head:find "%S" and head .. (rest ~= "" and "\n" .. rest or "") or dedent(rest)
        return text:find "%S" and written(text) or nil
      end
    end
  end
end

--- How a number is spelled in the names of this plan's files: "1.1" is "11".
---@param layout promptgen.Layout
---@param number string
---@return string
function facts.code(layout, number)
  return layout.subplan(number):match "_([%d.]+)%.md$"
end

--- A plan as templates get it.
---@param status promptgen.state.Status
---@return {name: string, path: string, target: string}
function facts.plan(status)
  return { name = status.feature, path = status.path, target = require("promptgen.explain").target(status) }
end

--- The achievement of a step, as templates get it.
---@param status promptgen.state.Status
---@param step promptgen.state.Step
---@return {number: string, code: string, title: string, goal?: string, tests?: string, deliverables?: string,
---executions?: promptgen.state.PlannedExecution[]}
function facts.achievement(status, step)
  local plan, one = status.plan, step.achievement
  return {
    number = one.number, code = facts.code(status.layout, one.number), title = one.title or one.number,
    executions = status.divided and status.divided[one.number] or nil,
    goal = written(one.goal), tests = part(plan, one, "tests", "test", "testing requirements"),
    deliverables = part(plan, one, "deliverables", "files"),
  }
end

local DAYS = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }

--- The date that a document bears: the one given, else today's.
---@param given? string
---@return string? date YYYY-MM-DD
---@return promptgen.Error? err `usage`
function facts.date(given)
  if not given then
    return host.today()
  end
  local year, month, day = given:match "^(%d%d%d%d)-(%d%d)-(%d%d)$"
  local days = year and DAYS[tonumber(month)]
  if not days or tonumber(day) < 1 or tonumber(day) > days then
    return nil, errors.new { code = "usage", message = ("'%s' is not a date"):format(given),
      hint = "write it as YYYY-MM-DD" }
  end
  return given
end

--- Who signs a document: the name given, else the user's.
---@param given? string
---@param option string for the hint
---@return string? name
---@return promptgen.Error? err `usage`
function facts.author(given, option)
  local name = given or host.getenv "USER" or host.getenv "LOGNAME"
  if not name or not name:find "%S" then
    return nil, errors.new { code = "usage", message = "it is not known who writes this",
      hint = option .. " NAME tells it; without it USER is taken" }
  end
  return name
end

return facts
