--- Rules about parallel.json. The resolver takes of it what it can; here it is held against its form.
local layout = require "promptgen.layout"

local parallel = {}

--- Other names under which such files were written, which nothing reads.
local OTHER_NAMES = {
  ["parallel-execution-analysis.json"] = true, ["parallel-execution.json"] = true,
  ["parallel_analysis.json"] = true,
}

local LEVELS = { level_1 = true, level_2 = true, level_3 = true }
local STATUSES = {
  not_started = true, subplan_created = true, execution_created = true, in_progress = true, complete = true,
  failed = true, skipped = true,
}

--- Line of the first place where a text stands in quotes.
local function line_of(text, value)
  local at = text:find('"' .. value .. '"', 1, true)
  if not at then
    return nil
  end
  local _, lines = text:sub(1, at):gsub("\n", "")
  return lines + 1
end

local function is_array(value)
  return type(value) == "table" and (#value > 0 or next(value) == nil)
end

local function check_top(self, path, text, value)
  if type(value.plan_name) ~= "string" then
    self:add("parallel_shape", path, line_of(text, "plan_name"), "`plan_name` is to be a text",
      "name the plan: " .. (self.plan.feature or ""))
  end
  if not LEVELS[value.parallelization_level] then
    self:add("parallel_shape", path, line_of(text, "parallelization_level"),
      "`parallelization_level` is to be level_1, level_2 or level_3", "3 is about the whole plan")
  end
end

--- A value of the file; null says as little as its absence.
local function stated(value)
  if value ~= require("cjson").null then
    return value
  end
end

local function check_one(self, path, line, number, one)
  if type(one.achievement_id) ~= "string" and one.id == nil and one.number == nil then
    self:add("parallel_shape", path, line, ("the id of %s is not a text"):format(number), "put it into quotes")
  end
  if stated(one.dependencies) ~= nil and not is_array(one.dependencies) then
    self:add("parallel_shape", path, line, ("the dependencies of %s are not a list"):format(number),
      "write them as [\"1.1\", \"1.2\"]")
  end
  if stated(one.status) ~= nil and not STATUSES[one.status] then
    local message = ("the status of %s is %s, which is none"):format(number, tostring(one.status))
    self:add("parallel_shape", path, line, message,
      "leave it out: the files tell where an achievement stands")
  end
  for _, key in ipairs { "estimated_hours", "actual_hours" } do
    local hours = stated(one[key])
    local is_hours = type(hours) == "number" and hours >= 0 or type(hours) == "string" and hours:find "^%s*%d"
    if hours ~= nil and not is_hours then
      self:add("parallel_shape", path, line, ("`%s` of %s is not a number of hours"):format(key, number),
        "write a number")
    end
  end
end

local function check_achievements(self, path, text, list)
  local seen = {}
  for _, one in ipairs(list) do
    local id = type(one) == "table" and (one.achievement_id or one.id or one.number)
    local number = (type(id) == "string" or type(id) == "number") and tostring(id) or nil
    if number then
      local line = line_of(text, number)
      check_one(self, path, line, number, one)
      if seen[number] then
        self:add("parallel_shape", path, line, ("%s is listed twice"):format(number), "put the two together")
      end
      seen[number] = true
    end
  end
  for _, number in ipairs(self.files.numbers) do
    if not seen[number] and next(seen) then
      self:add("parallel_shape", path, nil, ("it does not list %s"):format(number),
        "add it; until then it waits for nothing")
    end
  end
end

--- What the resolver found when it read the file.
local function add_warnings(self, path, text)
  for _, warning in ipairs(self.status.warnings) do
    if warning.path == path then
      local number = warning.message:match "^(%d[%d.]*) depends" or warning.message:match "^lists (%d[%d.]*)"
        or warning.message:match "cycle: (%d[%d.]*)"
      self:add(warning.code, path, number and line_of(text, number) or nil, warning.message)
    end
  end
end

local function check_names(self, own)
  local dir = layout.split(self.plan.path)
  for _, entry in ipairs(self.workspace:list(dir) or {}) do
    local path = layout.join(dir, entry.name)
    if OTHER_NAMES[entry.name:lower()] and path ~= own then
      self:add("parallel_name", path, nil, "nothing reads a file of this name",
        "call it parallel.json")
    end
  end
end

--- Applies the rules.
---@param self promptgen.Lint
function parallel.check(self)
  local places = self.status.layout or layout.of(self.plan.path, self.plan.feature)
  local path = places.parallel
  check_names(self, path)
  local text = self.workspace:read(path)
  if not text then
    return
  end
  add_warnings(self, path, text)
  local ok, value = pcall(require("cjson").decode, text)
  if ok and type(value) == "table" then
    check_top(self, path, text, value)
    check_achievements(self, path, text, is_array(value.achievements) and value.achievements or {})
  end
end

return parallel
