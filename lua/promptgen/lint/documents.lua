--- Rules about the documents of each achievement: what closed work left open, what was not planned.
local layout = require "promptgen.layout"
local names = require "promptgen.state.names"

local documents = {}

local CLOSED_TEXT = { subplan = true, execution = true, approved = true }

--- A text in square brackets that is left in a document of a closed achievement.
local function check_placeholders(self, items)
  self:each_file(function(path, kind, number)
    local item = CLOSED_TEXT[kind] and items[number]
    local record = item and item.state == "approved" and self.workspace:document(path)
    if record and record.placeholder then
      self:add("placeholder_left", path, record.placeholder.line,
        ("%s is approved, but this is still to be written: %s"):format(number, record.placeholder.says),
        "write it, or take it out")
    end
  end)
end

local function ordinal_of(self, path)
  local _, name = layout.split(path)
  local read = names.read(name, { self.plan.feature or "" })
  return read and read.ordinal
end

--- Executions of an approved achievement that are not complete. A variant replaces its base file.
local function check_incomplete(self, number, own)
  local latest, order = {}, {}
  for _, path in ipairs(own.executions) do
    local ordinal = ordinal_of(self, path) or path
    if not latest[ordinal] then
      order[#order + 1] = ordinal
    end
    latest[ordinal] = path
  end
  for _, ordinal in ipairs(order) do
    local path = latest[ordinal]
    local record = self.workspace:document(path)
    if record and not record.says_complete then
      local header = record.header_status
      self:add("approved_incomplete", path, header and header.line,
        ("%s is approved, but this does not say complete"):format(number), "say how it ended")
    end
  end
end

--- Executions that the SUBPLAN's list does not have, where it has one.
local function check_planned(self, number, own)
  local subplan = own.subplan and self.workspace:document(own.subplan)
  if not subplan or #(subplan.planned or {}) == 0 then
    return
  end
  local planned = {}
  for _, one in ipairs(subplan.planned) do
    local ordinal = math.tointeger(tonumber(one.code:match "(%d+)$"))
    planned[ordinal or false] = true
  end
  for _, path in ipairs(own.executions) do
    local ordinal = ordinal_of(self, path)
    if ordinal and not planned[ordinal] then
      self:add("unplanned_execution", path, nil,
        ("the SUBPLAN of %s plans no execution %02d"):format(number, ordinal),
        "add it to the list of executions in " .. own.subplan)
    end
  end
end

--- Paths in backticks of a part, with their lines.
local function paths_in(plan, part)
  local list = {}
  for line = part.line, part.end_line do
    for span in plan:text(line, line):gmatch "`([^`\n]+)`" do
      local path = span:match "^%.?/?([%w_%-.][%w_%-./]*%.%a%w*)$"
      if path and path:find("/", 1, true) and not path:find("..", 1, true) then
        list[#list + 1] = { path = path, line = line }
      end
    end
  end
  return list
end

--- Deliverables of approved achievements: relative to the root, or to the plan's folder.
local function check_deliverables(self, achievement)
  local is_file = require("promptgen.prompt.quote").is_file
  local home = layout.split(self.plan.path)
  for _, part in ipairs(achievement.parts) do
    if part.label:lower() == "deliverables" then
      for _, one in ipairs(paths_in(self.plan, part)) do
        if not is_file(self.workspace, one.path) and not is_file(self.workspace, layout.join(home, one.path)) then
          self:add("missing_deliverable", self.plan.path, one.line,
            ("%s is approved, but there is no %s"):format(achievement.number, one.path),
            "correct the path, or say what became of it")
        end
      end
    end
  end
end

--- Applies the rules.
---@param self promptgen.Lint
function documents.check(self)
  local items = {}
  for _, item in ipairs(self.status.achievements) do
    items[item.number] = item
  end
  check_placeholders(self, items)
  for _, number in ipairs(self.files.numbers) do
    local own, item = self.files.by_number[number], items[number]
    if item and item.state == "approved" then
      check_incomplete(self, number, own)
    end
    check_planned(self, number, own)
  end
  for _, achievement in ipairs(self.plan.achievements) do
    local item = items[achievement.number]
    if item and item.state == "approved" then
      check_deliverables(self, achievement)
    end
  end
end

return documents
