--- What is wrong with a plan and the files beside it: conflicts, differences between words and files
--- (promptgen.comparison), and the rules of promptgen.lint.*. Each finding has a rule, a level, a place
--- and a way to mend it. Nothing is changed.
local lint = {}

---@alias promptgen.lint.Level "error"|"warning"|"note"

---@class promptgen.lint.Finding
---@field rule string
---@field level promptgen.lint.Level
---@field path string
---@field line? integer
---@field message string
---@field mend? string

---@class promptgen.lint.Settings of the configuration; see docs/lint.md
---@field levels? table<string, promptgen.lint.Level|"off">
---@field plan_lines? integer
---@field subplan_lines? integer
---@field execution_lines? integer
---@field plan_hours? number
---@field sections? string[]

--- What the rules look at.
---@class promptgen.Lint
---@field workspace promptgen.Workspace
---@field plan promptgen.plan.Record
---@field status promptgen.state.Status
---@field files promptgen.state.Inventory
---@field settings promptgen.lint.Settings
---@field findings promptgen.lint.Finding[]
local Lint = {}
Lint.__index = Lint

--- Adds a finding.
---@param rule string
---@param path string
---@param line integer?
---@param message string
---@param mend? string
function Lint:add(rule, path, line, message, mend)
  local level = (self.settings.levels or {})[rule] or require("promptgen.lint.rules").level(rule) or "warning"
  if level ~= "off" then
    self.findings[#self.findings + 1] = {
      rule = rule, level = level, path = path, line = line, message = message, mend = mend,
    }
  end
end

--- Every Markdown file of the plan that counts: path, kind, number.
---@param visit fun(path: string, kind: string, number: string?)
function Lint:each_file(visit)
  visit(self.plan.path, "plan", nil)
  for _, number in ipairs(self.files.numbers) do
    local own = self.files.by_number[number]
    if own.subplan then
      visit(own.subplan, "subplan", number)
    end
    for _, path in ipairs(own.executions) do
      visit(path, "execution", number)
    end
    for _, kind in ipairs { "approved", "fix", "resolution", "skipped" } do
      if own[kind] then
        visit(own[kind], kind, number)
      end
    end
  end
end

local function add_conflicts(self)
  for _, conflict in ipairs(self.status.conflicts) do
    local place = conflict.evidence[1] or {}
    self:add(conflict.kind, place.path or self.plan.path, place.line, conflict.message, conflict.resolution)
  end
end

--- What the comparison finds and the rules here tell better.
local TOLD = { dependency_cycle = true, malformed_parallel = true, unknown_dependency = true }

--- The parser warns of a number that is defined again; with another title that is a conflict.
local function rule_of(self, finding)
  if finding.code ~= "duplicate_number" then
    return not TOLD[finding.code] and finding.code or nil
  end
  for _, conflict in ipairs(self.status.conflicts) do
    if conflict.kind == "duplicate_number" then
      return nil
    end
  end
  return "repeated_number"
end

local function add_comparison(self)
  local target = require("promptgen.explain").target(self.status)
  local compared = require("promptgen.comparison").of(self.workspace, self.plan, self.status, target)
  for _, finding in ipairs(compared.findings) do
    local rule = rule_of(self, finding)
    if rule then
      local message = finding.says and finding.says ~= "" and finding.says ~= finding.found
        and ("%s: %s"):format(finding.says, finding.found) or finding.found
      self:add(rule, finding.path, finding.line, message, finding.mend)
    end
  end
end

local GROUPS = { "structure", "documents", "links", "parallel" }

local ORDER = { error = 1, warning = 2, note = 3 }

local function sorted(findings)
  for i, finding in ipairs(findings) do
    finding.order = i
  end
  table.sort(findings, function(a, b)
    if a.path ~= b.path then
      return a.path < b.path
    elseif (a.line or 0) ~= (b.line or 0) then
      return (a.line or 0) < (b.line or 0)
    elseif a.level ~= b.level then
      return ORDER[a.level] < ORDER[b.level]
    end
    return a.order < b.order
  end)
  for _, finding in ipairs(findings) do
    finding.order = nil
  end
  return findings
end

--- Findings of one plan, by file and line.
---@param workspace promptgen.Workspace
---@param plan promptgen.plan.Record
---@param status promptgen.state.Status
---@param settings? promptgen.lint.Settings
---@return promptgen.lint.Finding[]
function lint.plan(workspace, plan, status, settings)
  local self = setmetatable({
    workspace = workspace, plan = plan, status = status, settings = settings or {}, findings = {},
    files = require("promptgen.state.inventory").of(workspace, plan),
  }, Lint)
  add_conflicts(self)
  add_comparison(self)
  for _, group in ipairs(GROUPS) do
    require("promptgen.lint." .. group).check(self)
  end
  return sorted(self.findings)
end

--- The finding for a plan that cannot be looked at.
---@param path string
---@param err promptgen.Error
---@return promptgen.lint.Finding
function lint.failure(path, err)
  return { rule = err.code, level = "error", path = err.path or path, line = err.line, message = err.message,
    mend = type(err.hint) == "table" and err.hint[1] or err.hint }
end

--- Checks the settings of a configuration.
---@param settings any
---@return promptgen.lint.Settings? settings
---@return string? message what is wrong
function lint.check_settings(settings)
  local rules = require "promptgen.lint.rules"
  for key, value in pairs(settings) do
    local kind = rules.settings[key]
    if not kind then
      return nil, ("lint: unknown setting '%s'"):format(tostring(key))
    elseif type(value) ~= kind then
      return nil, ("lint: '%s' is a %s, not a %s"):format(key, type(value), kind)
    end
  end
  for i, name in pairs(settings.sections or {}) do
    if math.type(i) ~= "integer" or type(name) ~= "string" then
      return nil, "lint: 'sections' is a list of titles"
    end
  end
  for rule, level in pairs(settings.levels or {}) do
    if not rules.level(rule) then
      return nil, ("lint: there is no rule '%s'"):format(tostring(rule))
    elseif level ~= "off" and not ORDER[level] then
      return nil, ("lint: the level of '%s' is error, warning, note or off"):format(rule)
    end
  end
  return settings
end

return lint
