--- Rules about the plan itself: what it should say, how long it may be, where it goes afterwards.
local layout = require "promptgen.layout"

local structure = {}

--- Sections that a plan should have: words of which its title has one.
local SECTIONS = {
  { "goal", "goal", "objective", "purpose" },
  { "success criteria", "success criteria", "completion criteria", "definition of done" },
  { "handoff", "handoff", "current status" },
}

local function has_section(plan, words)
  for _, section in ipairs(plan.sections) do
    local title = section.title:lower()
    for _, word in ipairs(words) do
      if title:find(word:lower(), 1, true) then
        return true
      end
    end
  end
  return false
end

local function check_sections(self)
  local wanted = {}
  for i, row in ipairs(SECTIONS) do
    wanted[i] = { row[1], table.move(row, 2, #row, 1, {}) }
  end
  for _, name in ipairs(self.settings.sections or {}) do
    wanted[#wanted + 1] = { name, { name } }
  end
  for _, row in ipairs(wanted) do
    if not has_section(self.plan, row[2]) and not (row[1] == "handoff" and self.plan.handoff) then
      self:add("missing_section", self.plan.path, nil, ("there is no section on the %s"):format(row[1]),
        "add one, or turn the rule off")
    end
  end
end

--- Achievements of which the plan says nothing but the title.
local function check_achievements(self)
  for _, one in ipairs(self.plan.achievements) do
    local text = self.plan:text(one.line + 1, math.max(one.line + 1, one.end_line))
    if one.end_line <= one.line or not text:find "%w" then
      self:add("empty_achievement", self.plan.path, one.line,
        ("nothing is said of %s but its title"):format(one.number), "say what it is for and how it is tested")
    end
  end
end

local function check_effort(self)
  local sum, most = 0, self.settings.plan_hours or 40
  for _, one in ipairs(self.plan.achievements) do
    local _, high = require("promptgen.statistics").hours(one.effort)
    sum = sum + (high or 0)
  end
  if sum > most then
    self:add("plan_effort", self.plan.path, nil,
      ("its achievements add up to %g hours, more than %g"):format(sum, most), "divide it into several plans")
  end
end

local LIMITS = {
  plan = { "plan_size", "plan_lines", 900, "move what is done, or what only explains, into other files" },
  subplan = { "subplan_size", "subplan_lines", 600, "keep the design, move what is long into other files" },
  execution = { "execution_size", "execution_lines", 200, "keep the log short; other work is another execution" },
}

local function check_sizes(self)
  self:each_file(function(path, kind)
    local limit = LIMITS[kind]
    local record = limit and (kind == "plan" and self.plan or self.workspace:document(path))
    local most = limit and self.settings[limit[2]] or limit and limit[3]
    if record and record.lines > most then
      self:add(limit[1], path, nil, ("it has %d lines, more than %d"):format(record.lines, most), limit[4])
    end
  end)
end

--- Files that lie beside the plan and in the archive it names.
local function check_twice(self, folder)
  for _, place in ipairs { "subplans", "execution", "execution/feedbacks", "planning" } do
    local there = {}
    for _, entry in ipairs(self.workspace:list(layout.join(folder, place)) or {}) do
      there[entry.name] = entry.type ~= "dir"
    end
    local function check(path)
      local dir, name = layout.split(path)
      local archived = layout.join(layout.join(folder, place), name)
      if there[name] and path ~= archived and (place == "planning") == (path == self.plan.path)
        and (path == self.plan.path or ("/" .. dir):sub(-#place - 1) == "/" .. place) then
        self:add("archived_twice", path, nil, "it is in the archive too: " .. archived, "keep one of the two")
      end
    end
    self:each_file(check)
  end
end

local function check_archive(self)
  local plan = self.plan
  if layout.guess(plan.path, plan.feature) == "archived" then
    return
  end
  if not plan.archive_location then
    self:add("no_archive", plan.path, nil, "it names no archive location",
      "add a line such as **Archive Location**: `documentation/archive/name/`")
    return
  end
  local folder, err = require("promptgen.archiving").folder(self.status)
  if not folder then
    self:add("archive_open", plan.path, plan.archive_line, err.message, "fill it in")
  else
    check_twice(self, folder)
  end
end

--- Applies the rules.
---@param self promptgen.Lint
function structure.check(self)
  check_sections(self)
  check_achievements(self)
  check_effort(self)
  check_sizes(self)
  check_archive(self)
end

return structure
