--- What can be worked on at the same time: the achievements in question, what is known of them, and the
--- parallel.json that an analysis has to fill in.
local errors = require "promptgen.lazy" "promptgen.errors"
local placeholder = require "promptgen.lazy" "promptgen.placeholder"
local parallel = require "promptgen.lazy" "promptgen.state.parallel"

local discovery = {}

---@class promptgen.discovery.Subject an achievement to compare with the others
---@field number string
---@field label string
---@field state string
---@field closed boolean
---@field effort string?
---@field priority string? its name as `priorities` gives it
---@field line integer? of the plan
---@field end_line integer?
---@field subplan string?
---@field dependencies string[] as parallel.json has them now

---@class promptgen.Discovery
---@field level 1|2|3 of one achievement; of one priority; of the whole plan
---@field subjects promptgen.discovery.Subject[] open ones in question
---@field others promptgen.discovery.Subject[] closed ones, and those outside the question
---@field priority string? at level 2, as the plan writes it
---@field parallel { path: string, exists: boolean, lines?: integer, keys?: string[], other?: string } the file to
---write; `keys` are those of it that the skeleton lacks, `other` is the file of another plan in the folder
---@field skeleton string JSON
---@field executions string[] at level 1: codes that the SUBPLAN plans, or the first two
---@field planned boolean at level 1: whether the SUBPLAN plans several

local CLOSED = { approved = true, skipped = true }

--- What a priority is called on the command line: "1" for "Priority 1: HIGH - Core", else its text. An
--- achievement without one has the number before the first dot of its own.
---@param achievement table of the record
---@return string key
---@return string text
function discovery.priority_of(achievement)
  local text = achievement.priority
  if not text or not text:find("%S") then
    local major = achievement.number:match("^%d+")
    return major, "Priority " .. major
  end
  text = text:gsub("%s+", " "):match("^%s*(.-)[%s.]*$")
  return text:match("^[Pp][Rr][Ii][Oo][Rr][Ii][Tt][Yy]%s+([%w.]-)%f[:%s%z]") or text, text
end

--- Priorities of a plan, in its order: key and text.
local function priorities_of(plan)
  local list, seen = {}, {}
  for _, achievement in ipairs(plan.achievements) do
    local key, text = discovery.priority_of(achievement)
    if not seen[key] then
      seen[key] = true
      list[#list + 1] = { key = key, text = text }
    end
  end
  return list
end

local function find_priority(plan, asked)
  local known, names = priorities_of(plan), {}
  for i, priority in ipairs(known) do
    if priority.key:lower() == asked:lower() or priority.text:lower() == asked:lower() then
      return priority
    end
    names[i] = priority.key
  end
  return nil, errors.new {
    code = "not_found", path = plan.path, message = ("the plan has no priority %s"):format(asked),
    hint = "its priorities are " .. table.concat(names, ", "),
  }
end

local function subject_of(achievement, item, subplan)
  local title = achievement.title and achievement.title:gsub("%s+", " ")
  return {
    number = item.number, state = item.state, closed = CLOSED[item.state] or false,
    label = item.number .. (title and ", " .. title or ""), title = title,
    effort = not placeholder.is(achievement.effort) and achievement.effort or nil,
    priority = discovery.priority_of(achievement), line = achievement.line, end_line = achievement.end_line,
    subplan = subplan, dependencies = item.dependencies or {}, known = item.dependencies ~= nil,
  }
end

--- All achievements of the plan, those in question first.
local function split(ctx, in_question)
  local files = require("promptgen.state.inventory").of(ctx.workspace, ctx.plan)
  local by_number, subjects, others = {}, {}, {}
  for _, achievement in ipairs(ctx.plan.achievements) do
    by_number[achievement.number] = achievement
  end
  for _, item in ipairs(ctx.status.achievements) do
    local achievement = by_number[item.number] or { number = item.number, title = item.title }
    local own = files.by_number[item.number]
    local subject = subject_of(achievement, item, own and own.subplan)
    table.insert(not subject.closed and in_question(subject) and subjects or others, subject)
  end
  return subjects, others
end

local function hours(subject)
  local low, high = require("promptgen.statistics").hours(subject.effort)
  return low and (low + high) / 2 or nil
end

--- A value of the file of today in the form that the encoder takes.
local function kept(value)
  if type(value) ~= "table" then
    if value == require("cjson").null then
      return nil
    end
    return value
  end
  local json = require "promptgen.json"
  if #value > 0 or next(value) == nil then
    local list = {}
    for i, item in ipairs(value) do
      local one = kept(item)
      if one == nil then
        one = json.null
      end
      list[i] = one
    end
    return json.array(list)
  end
  local keys, pairs_of = {}, {}
  for key in pairs(value) do
    keys[#keys + 1] = key
  end
  table.sort(keys)
  for _, key in ipairs(keys) do
    pairs_of[#pairs_of + 1] = { key, kept(value[key]) }
  end
  return json.object(pairs_of)
end

local SHOWN = { achievement_id = true, id = true, number = true, title = true, dependencies = true,
                estimated_hours = true, executions = true }

--- One achievement of parallel.json, on a line of its own. What the file says of it today stays, but for
--- what is to be found out.
local function entry(subject, executions, today)
  local json = require "promptgen.json"
  local runs, today_of = {}, {}
  for _, one in ipairs(type(today.executions) == "table" and today.executions or {}) do
    if type(one) == "table" and one.execution_id then
      today_of[one.execution_id] = kept(one)
    end
  end
  for i, code in ipairs(executions or {}) do
    runs[i] = today_of[code] or json.object { { "execution_id", code }, { "dependencies", json.array {} } }
  end
  local fields = {
    { "achievement_id", subject.number }, { "title", kept(today.title) or subject.title },
    { "dependencies", json.array(subject.dependencies) },
    { "estimated_hours", kept(today.estimated_hours) or hours(subject) },
    { "executions", executions and json.array(runs) or kept(today.executions) },
  }
  local keys = {}
  for key in pairs(today) do
    keys[#keys + 1] = not SHOWN[key] and key or nil
  end
  table.sort(keys)
  for _, key in ipairs(keys) do
    fields[#fields + 1] = { key, kept(today[key]) }
  end
  return "    " .. json.encode(json.object(fields))
end

local LEVELS = { "level_1", "level_2", "level_3" }

--- The file to write, in the form that the resolver reads: what is in question, and what the file says
--- of the others today, so that nothing gets lost.
local function skeleton_of(found, status, entries)
  local in_question, lines, by_number = {}, {}, {}
  for _, list in ipairs { found.subjects, found.others } do
    for _, subject in ipairs(list) do
      by_number[subject.number] = subject
      in_question[subject.number] = list == found.subjects
    end
  end
  for _, item in ipairs(status.achievements) do
    local subject = by_number[item.number]
    if in_question[item.number] or found.level == 3 or subject.known then
      lines[#lines + 1] = entry(subject, in_question[item.number] and found.executions or nil,
        entries[item.number] or {})
    end
  end
  local json = require "promptgen.json"
  return ('{\n  "plan_name": %s,\n  "parallelization_level": "%s",\n  "achievements": [\n%s\n  ]\n}'):format(
    json.encode(status.feature), LEVELS[found.level], table.concat(lines, ",\n"))
end

--- Codes of the executions that a SUBPLAN plans; without several, those of the file, or the first two.
local function executions_of(ctx, subject)
  local layout = ctx.status.layout
  local code = layout.subplan(subject.number):match("_([%d.]+)%.md$")
  local known = (ctx.status.divided or {})[subject.number]
  local record = subject.subplan and ctx.workspace:document(subject.subplan)
  local codes, seen = {}, {}
  for _, planned in ipairs(record and record.planned or {}) do
    local ordinal = planned.code:match("(%d+)$")
    if ordinal and not seen[ordinal] then
      seen[ordinal] = true
      codes[#codes + 1] = ("%s_%02d"):format(code, ordinal)
    end
  end
  if #codes > 1 then
    return codes, true
  end
  for i, one in ipairs(known or {}) do
    codes[i] = one.code
  end
  return known and codes or { code .. "_01", code .. "_02" }, false
end

local function too_few(ctx, found)
  local where = found.priority and (" of %s"):format(found.priority) or " of the plan"
  local count = #found.subjects
  return nil, errors.new {
    code = "bad_input", path = ctx.plan.path,
    message = count == 0 and ("every achievement%s is closed: there is nothing to find"):format(where)
      or ("only achievement %s%s is open: there is nothing to compare it with"):format(
        found.subjects[1].number, where),
    hint = count == 1 and ("--achievement %s looks for parallel work inside it"):format(found.subjects[1].number)
      or nil,
  }
end

local function lines_of(workspace, path)
  local text = workspace:read(path)
  return text and select(2, text:gsub("\n", "")) + (text:find("[^\n]$") and 1 or 0) or nil
end

local WRITTEN = { plan_name = true, parallelization_level = true, achievements = true }

--- Keys of the file of today that the one shown does not have.
local function other_keys(document)
  local keys = {}
  for key in pairs(document or {}) do
    keys[#keys + 1] = type(key) == "string" and not WRITTEN[key] and key or nil
  end
  table.sort(keys)
  return keys
end

--- The file in the same folder that is another plan's.
local function other_file(status)
  for _, warning in ipairs(status.warnings) do
    if warning.code == "foreign_parallel" then
      return warning.path
    end
  end
end

--- Collects what an analysis of parallel work starts from.
---@param workspace promptgen.Workspace
---@param plan promptgen.plan.Record
---@param status promptgen.state.Status with its layout
---@param opts { level: 1|2|3, achievement: string?, priority: string? }
---@return promptgen.Discovery? found
---@return promptgen.Error? err `not_found` for a priority, `bad_input` where nothing is open
function discovery.of(workspace, plan, status, opts)
  local ctx = { workspace = workspace, plan = plan, status = status }
  local found, wanted = { level = opts.level }, nil
  if opts.level == 2 then
    local err
    wanted, err = find_priority(plan, opts.priority)
    if not wanted then
      return nil, err
    end
    found.priority = wanted.text
  end
  found.subjects, found.others = split(ctx, function(subject)
    if opts.level == 1 then
      return subject.number == opts.achievement
    end
    return not wanted or subject.priority == wanted.key
  end)
  if #found.subjects < (opts.level == 1 and 1 or 2) then
    return too_few(ctx, found)
  end
  if opts.level == 1 then
    found.executions, found.planned = executions_of(ctx, found.subjects[1])
  end
  local path = status.layout.parallel
  local entries, document = parallel.entries(workspace, path)
  found.parallel = {
    path = path, exists = require("promptgen.prompt.quote").is_file(workspace, path),
    lines = lines_of(workspace, path), keys = other_keys(document), other = other_file(status),
  }
  found.skeleton = skeleton_of(found, status, entries)
  return found
end

return discovery
