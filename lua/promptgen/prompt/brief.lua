--- The brief: everything a prompt for one step tells, computed from the plan, the state and the files.
---
--- Templates get it as `brief`. It holds facts and paths; wording is the templates' business, except
--- for the reasons in the reading list.
local layout = require "promptgen.layout"
local placeholder = require "promptgen.lazy" "promptgen.placeholder"
local quote = require "promptgen.prompt.quote"
local reading = require "promptgen.prompt.reading"
local sections = require "promptgen.prompt.sections"
local steps = require "promptgen.prompt.steps"

local brief = {}

---@class promptgen.prompt.Brief
---@field name string feature of the plan
---@field target string what to give `promptgen status`: "@NAME", or the path where that is not enough
---@field word string the target, quoted for a shell
---@field commands table<string, string> such as "promptgen status @NAME" under `status`
---@field plan { path: string, title: string, lines: integer }
---@field progress { closed: integer, total: integer, open: integer }?
---@field number string?
---@field title string?
---@field label string? "1.2: Title", or the number alone where there is no title
---@field goal string?
---@field effort string?
---@field priority string?
---@field state string?
---@field words promptgen.prompt.Quote? the plan's own words on the achievement
---@field tests { label: string, text: string?, none: boolean }? what the plan says of tests
---@field unwritten { line: integer, says: string, count: integer }? what the plan leaves to be written of it
---@field unwritten_fix { line: integer, says: string }? what the review leaves to be written
---@field others { label: string, state: string, needed: boolean }[] achievements near this one
---@field evidence { path: string, line: integer?, says: string }[]
---@field reading promptgen.prompt.ReadingList
---@field existing string[] files the plan names that exist
---@field files { subplan: string, execution: string?, approved: string, fix: string, resolution: string }
---@field first_file string? the file to begin with
---@field claimed boolean? the plan's text says it is done, no file does
---@field objective { text: string, first: integer, last: integer }? of the SUBPLAN, in its first sentences
---@field divided { path: string, executions: promptgen.state.PlannedExecution[] }? what parallel.json makes of it
---@field learnings promptgen.prompt.Extract[]? of earlier executions, each with its `path`
---@field statistics promptgen.Statistics? what the plan took; worked out when it is first asked for
---@field register { path: string, lines: integer[] }|false|nil the list of active plans, where there is one

--- What is worked out only for a template that asks for it, as it reads many files.
local ON_DEMAND = {
  statistics = function(self)
    return require("promptgen.statistics").of(self.workspace, self.record, self.status)
  end,
  register = function(self)
    return require("promptgen.prompt.register").find(self.workspace, self.record) or false
  end,
}

local Brief = {}

function Brief:__index(key)
  local work_out = ON_DEMAND[key]
  if work_out and self.status then
    local value = work_out(self)
    rawset(self, key, value)
    return value
  end
  return Brief[key]
end

--- What `promptgen status` takes to mean this plan and no other.
local function target_of(workspace, plan)
  local target = "@" .. plan.feature
  local resolved = workspace:resolve(target)
  return resolved == plan.path and target or plan.path
end

--- A word of a shell command: quoted unless it is plain, so that a file name cannot add commands.
local function shell_word(text)
  if text:find("^[%w_@%-./]+$") then
    return text
  end
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

--- A word of a shell command, quoted where it has to be.
function Brief.shell_word(_, text)
  return shell_word(text)
end

local function commands_for(word)
  return {
    status = "promptgen status " .. word, explain = "promptgen explain " .. word,
    next = "promptgen next " .. word, archive = "promptgen archive " .. word,
    verify = "promptgen verify " .. word, lint = "promptgen lint " .. word, complete = "promptgen complete " .. word,
    pause = "promptgen pause " .. word, resume = "promptgen resume " .. word,
    approve = "promptgen approve " .. word, fix = "promptgen fix " .. word, new = "promptgen new",
  }
end

local CLOSED = { approved = true, skipped = true }

local function progress_of(status)
  if not status then
    return nil
  end
  local closed = 0
  for _, item in ipairs(status.achievements) do
    closed = closed + (CLOSED[item.state] and 1 or 0)
  end
  return { closed = closed, total = status.total, open = status.total - closed }
end

--- Effort and priority stand in a line of their own: no list marks, no trailing punctuation. What is
--- still to be written is no fact.
local function fact(text)
  if not text or text:find("]", 1, true) and placeholder.is(text) then
    return nil
  end
  text = text:gsub("%s+", " "):match("^%s*(.-)[%s.]*$")
  return text ~= "" and text or nil
end

--- "Priority 0: HIGH - Setup" as it reads after the word Priority.
local function priority_of(text)
  text = fact(text)
  return text and text:gsub("^[Pp]riority%s+(%S-):%s*", "%1, ")
end

local function numbers_of(plan)
  local numbers = {}
  for i, achievement in ipairs(plan.achievements) do
    numbers[i] = achievement.number
  end
  return numbers
end

local function start(workspace, plan, status)
  local target = target_of(workspace, plan)
  local word = shell_word(target)
  return setmetatable({
    workspace = workspace, name = plan.feature, target = target, word = word, commands = commands_for(word),
    plan = { path = plan.path, title = plan.title or plan.feature, lines = plan.lines },
    record = plan, status = status, progress = progress_of(status), evidence = {},
    reading = reading.new(workspace), existing = {},
  }, Brief)
end

--- Paths of the step's files: those that exist as they are, the others where the layout puts them.
local function files_of(plan, step, status)
  local places = status and status.layout
    or layout.of(plan.path, plan.feature, { numbers = numbers_of(plan) })
  local number = step.number
  return {
    subplan = step.subplan or places.subplan(number),
    execution = step.execution_number and places.execution(number, step.execution_number) or nil,
    approved = places.approved(number),
    fix = step.fix or places.fix(number),
    resolution = step.resolution or places.resolution(number),
    skipped = places.skipped(number),
  }
end

--- Achievements shown beside the one in hand: so many before it and after it.
local BEFORE, AFTER = 9, 6

--- The achievements near the one of the step, and all it depends on.
local function others_of(status, step)
  local at, needed, list = 1, {}, {}
  for _, number in ipairs(step.dependencies or {}) do
    needed[number] = true
  end
  for i, item in ipairs(status.achievements) do
    at = item.number == step.number and i or at
  end
  for i, item in ipairs(status.achievements) do
    local near = i >= at - BEFORE and i <= at + AFTER
    if i ~= at and (near or needed[item.number]) then
      list[#list + 1] = {
        label = item.number .. (fact(item.title) and ", " .. item.title or ""),
        state = item.state, needed = needed[item.number] or false,
      }
    end
  end
  list.partly = #list < #status.achievements - 1
  return list
end

--- How the achievement, and the execution to create, are spelled in file names: "32" and "32_01".
local function codes_of(files)
  local code = files.subplan:match("_([%d.]+)%.md$")
  return code, files.execution and files.execution:match("_([%d.]+_%d+)%.md$") or nil
end

--- Execution files but for those that a later version replaces.
local function counting(step)
  local replaced, list = {}, {}
  for _, path in ipairs(step.replaced or {}) do
    replaced[path] = true
  end
  for _, path in ipairs(step.executions or {}) do
    if not replaced[path] then
      list[#list + 1] = path
    end
  end
  return list
end

function Brief:add_step(plan, step, status)
  local achievement = step.achievement
  self.step, self.state = step, step.state
  self.number, self.title = achievement.number, fact(achievement.title)
  self.label = self.number .. (self.title and ": " .. self.title or "")
  self.goal, self.effort = fact(achievement.goal), fact(achievement.effort)
  self.priority = priority_of(achievement.priority)
  self.words = quote.achievement(plan, achievement)
  self.tests = quote.tests(plan, achievement)
  self.unwritten = self.words.text:find("]", 1, true) and achievement.line
    and placeholder.left(plan, achievement.line, achievement.end_line) or nil
  self.others = status and others_of(status, step) or {}
  self.evidence = step.evidence or {}
  self.files = files_of(plan, step, status)
  self.executions = counting(step)
  if status and status.divided and status.divided[self.number] then
    self.divided = { path = status.layout.parallel, executions = status.divided[self.number] }
  end
  self.replaced = step.replaced or {}
  self.code, self.execution_code = codes_of(self.files)
  self.claimed = step.claimed and step.state == "no_subplan" or false
end

--- The open or the closed achievements, for prompts about a whole plan.
local function items_of(status, closed)
  local list = {}
  for _, item in ipairs(status.achievements) do
    if (CLOSED[item.state] or false) == closed then
      list[#list + 1] = {
        number = item.number, state = item.state,
        label = item.number .. (fact(item.title) and ", " .. item.title or ""),
        blockers = item.blockers or {}, path = item.path,
      }
    end
  end
  return list
end

--- Where the plan says what it is for and how it stands.
local function read_whole_plan(self, plan)
  local wanted = { { "goal", "what the plan is for" }, { "success criteria", "when it has succeeded" },
                   { "completion criteria", "when it is complete" } }
  for _, range in ipairs(sections.find(plan, wanted, { max_count = 4 })) do
    self.reading:range(plan.path, range, range.why)
  end
  if plan.handoff then
    self.reading:range(plan.path, { first = plan.handoff.line, last = plan.handoff.end_line },
      "the handoff")
  end
end

--- What a prompt about a whole plan tells.
function Brief:add_plan(plan, status)
  self.state = status.state
  self.waiting, self.closed = items_of(status, false), items_of(status, true)
  self.conflicts, self.warnings = status.conflicts, status.warnings
  self.archive, self.archive_line = plan.archive_location, plan.archive_line
  local archive = self.archive or ""
  self.archive_open = archive:find("YYYY", 1, true) ~= nil or archive:find("[%[<{]") ~= nil
  self.archived = layout.guess(plan.path, plan.feature) == "archived"
  for _, item in ipairs(self.waiting) do
    if #item.blockers > 0 then -- dependencies come from nowhere else
      self.parallel = (status.layout
        or layout.of(plan.path, plan.feature, { numbers = numbers_of(plan) })).parallel
    end
  end
  read_whole_plan(self, plan)
end

--- The brief of a step, or of a plan that has none (complete, blocked, in conflict).
---@param workspace promptgen.Workspace
---@param plan promptgen.plan.Record
---@param step promptgen.state.Step?
---@param status promptgen.state.Status?
---@return promptgen.prompt.Brief
function brief.of(workspace, plan, step, status)
  local self = start(workspace, plan, status)
  if step then
    self:add_step(plan, step, status)
    local add = steps[step.recommendation]
    if add then
      add(self, plan)
    end
  elseif status then
    self:add_plan(plan, status)
  end
  return self
end

return brief
