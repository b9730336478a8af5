--- What a plan took: achievements, SUBPLANs, executions, and hours where its papers state them.
local statistics = {}

---@class promptgen.Statistics
---@field achievements integer
---@field approved integer
---@field skipped integer
---@field open integer
---@field percent integer of the achievements that are closed, rounded down
---@field subplans integer files
---@field executions integer files
---@field planned { low: number, high: number, of: integer }? hours, and how many achievements state them
---@field recorded { hours: number, of: integer }? hours, and how many executions state more than none

--- Labels under which executions state the time they took, in the order of trust. Within one group the
--- last statement counts: a log that goes on corrects what it said before.
local SPENT = {
  { "time spent", "time taken", "actual time", "actual time spent", "actual duration", "actual effort",
    "actual hours", "final time", "hours spent" },
  { "total time", "total time spent", "total duration", "total effort", "total hours" },
  { "actual", "time", "duration", "hours" },
}

--- "Total effort: 9-13 hours" also stands in lists of what a log reports on; its own is set in bold.
local TOTAL = 2

local GROUP = {}
for group, labels in ipairs(SPENT) do
  for _, label in ipairs(labels) do
    GROUP[label] = group
  end
end

local UNITS = {
  h = 1, hr = 1, hrs = 1, hour = 1, hours = 1,
  m = 1 / 60, min = 1 / 60, mins = 1 / 60, minute = 1 / 60, minutes = 1 / 60,
}

--- A number and its unit where `text` begins with them.
---@return number? low
---@return number? high
---@return string? rest
local function quantity(text)
  local low, high, unit, rest = text:match("^(%d+%.?%d*)%s*%-%s*(%d+%.?%d*)%s*(%a+)(.*)$")
  if not low then
    low, unit, rest = text:match("^(%d+%.?%d*)%s*(%a+)(.*)$")
    high = low
  end
  local factor = unit and UNITS[unit:lower()]
  if factor then
    return tonumber(low) * factor, tonumber(high) * factor, rest
  end
end

--- Bytes of a statement that are looked at.
local MOST = 200

--- Hours that a text begins with: "3-4 hours", "~45 minutes (audit)", "1h 15min". nil when it states none.
---@param text string?
---@return number? low
---@return number? high
function statistics.hours(text)
  text = (text or ""):sub(1, MOST):gsub("–", "-"):gsub("—", "-"):gsub("≈", "~"):gsub("[*_`]", "")
  local low, high, rest = quantity(text:match("^[%s~<>]*(.*)$"):gsub("^[Aa]bout%s+", ""))
  if not low then
    return nil
  end
  local more = quantity(rest:match("^%s*(.*)$")) -- the minutes of "1h 15min"
  if more and more < 1 then
    return low + more, high + more
  end
  return low, high
end

--- The lines of a log's iterations: what is stated there is of one round of work, not of the whole.
local function iterations_of(record)
  local ranges = {}
  for _, section in ipairs(record.sections) do
    if section.title:lower():find("^%A*iteration%s*#?%d") then
      ranges[#ranges + 1] = section
    end
  end
  return ranges
end

local function range_at(ranges, line)
  for i, range in ipairs(ranges) do
    if line >= range.line and line <= range.end_line then
      return i
    end
  end
end

--- Hours that an execution states: those of the whole, or else the sum of its iterations. The middle of
--- a range.
---@param record promptgen.plan.Record
---@return number? hours
function statistics.spent(record)
  local ranges, whole, rounds = iterations_of(record), {}, {}
  for _, field in ipairs(record.fields) do
    local group = GROUP[field.label:lower()]
    local low, high = statistics.hours(group and field.value)
    if low and (group ~= TOTAL or field.bold) then
      local at = range_at(ranges, field.line)
      local stated = at and (rounds[at] or {}) or whole
      stated[group] = (low + high) / 2
      if at then
        rounds[at] = stated
      end
    end
  end
  local hours = whole[1] or whole[2] or whole[3]
  if hours then
    return hours
  end
  for _, stated in pairs(rounds) do
    hours = (hours or 0) + (stated[1] or stated[2] or stated[3])
  end
  return hours
end

local function planned_by(plan)
  local planned = { low = 0, high = 0, of = 0 }
  for _, achievement in ipairs(plan.achievements) do
    local low, high = statistics.hours(achievement.effort)
    if low then
      planned.low, planned.high = planned.low + low, planned.high + high
      planned.of = planned.of + 1
    end
  end
  return planned.of > 0 and planned or nil
end

--- Counts a plan.
---@param workspace promptgen.Workspace
---@param plan promptgen.plan.Record
---@param status promptgen.state.Status
---@return promptgen.Statistics
function statistics.of(workspace, plan, status)
  local files = require("promptgen.state.inventory").of(workspace, plan)
  local approved, skipped = 0, 0
  for _, item in ipairs(status.achievements) do
    approved = approved + (item.state == "approved" and 1 or 0)
    skipped = skipped + (item.state == "skipped" and 1 or 0)
  end
  local closed = approved + skipped
  local out = {
    achievements = status.total, approved = approved, skipped = skipped,
    open = status.total - closed, percent = status.total > 0 and closed * 100 // status.total or 0,
    subplans = 0, executions = 0, planned = planned_by(plan),
  }
  local recorded = { hours = 0, of = 0 }
  for _, number in ipairs(files.numbers) do
    local own = files.by_number[number]
    out.subplans = out.subplans + (own.subplan and 1 or 0)
    for _, path in ipairs(own.executions) do
      out.executions = out.executions + 1
      local record = workspace:document(path)
      local hours = record and statistics.spent(record)
      if hours and hours > 0 then
        recorded.hours, recorded.of = recorded.hours + hours, recorded.of + 1
      end
    end
  end
  out.recorded = recorded.of > 0 and recorded or nil
  return out
end

return statistics
