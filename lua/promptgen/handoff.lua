--- What somebody must know who lays a plan aside, or takes it up again: what is closed, what is under
--- way, what comes next, what is in the way, and where the last work is written down.
local sections = require "promptgen.prompt.sections"
local states = require "promptgen.state.states"

local handoff = {}

---@class promptgen.handoff.Item
---@field number string
---@field label string
---@field state string
---@field phrase string? what is to be done
---@field path string? the file that decides
---@field blockers string[]

---@class promptgen.handoff.Execution the last one, of the next achievement or else of those before it
---@field path string
---@field lines integer
---@field number string of its achievement
---@field complete boolean
---@field parts promptgen.prompt.Range[] what it learnt, how it ended, its last iteration

---@class promptgen.Handoff
---@field closed integer
---@field total integer
---@field percent integer rounded down
---@field done promptgen.handoff.Item[]
---@field under_way promptgen.handoff.Item[] begun, not closed
---@field next promptgen.handoff.Item?
---@field line string? how the handoff names the next achievement
---@field dependencies promptgen.handoff.Item[] of the next one
---@field blocked promptgen.handoff.Item[]
---@field last promptgen.handoff.Execution?
---@field range { first: integer, last: integer }? the handoff section
---@field header { line: integer, says: string }? the status at the top of the plan
---@field names { path: string, message: string }[] files whose names do not fit
---@field outside promptgen.prompt.Range[] sections on what the plan depends on

local function one_line(text)
  return text and text:gsub("%s+", " ")
end

local function item_of(item)
  local title = one_line(item.title)
  return {
    number = item.number, title = title, label = item.number .. (title and ", " .. title or ""),
    state = item.state, path = item.path, blockers = item.blockers or {},
    phrase = item.recommendation and states.phrases[item.recommendation] or nil,
  }
end

local NAMES = { foreign_file = true, unclear_name = true, shared_feedback = true, not_a_file = true,
                undefined_in_archive = true }

local function names_of(status)
  local list = {}
  for _, warning in ipairs(status.warnings) do
    if NAMES[warning.code] then
      list[#list + 1] = { path = warning.path, message = warning.message }
    end
  end
  return list
end

--- The execution that was worked on last, as far as names tell.
local function last_path(workspace, plan, status)
  local step = status.next
  if step and step.executions and #step.executions > 0 then
    return step.state == "executing" and step.path or step.executions[#step.executions], step.number
  end
  local files = require("promptgen.state.inventory").of(workspace, plan)
  local path, number
  for _, one in ipairs(files.numbers) do
    local own = files.by_number[one]
    if own and #own.executions > 0 then
      path, number = own.executions[#own.executions], one
    end
  end
  return path, number
end

local function last_of(workspace, plan, status)
  local path, number = last_path(workspace, plan, status)
  local record = path and workspace:document(path)
  if not record then
    return nil
  end
  local parts = sections.find(record, sections.of_results, { max_count = 3 })
  local iteration = sections.last(record, "iteration%s*#?%d")
  if iteration then
    parts[#parts + 1] = iteration
  end
  table.sort(parts, function(a, b) return a.first < b.first end)
  return {
    path = path, lines = record.lines, number = number, complete = record.says_complete or false, parts = parts,
  }
end

local OUTSIDE = { { "related plan" }, { "dependenc" }, { "prerequisite" } }

--- Collects what a handoff is about.
---@param workspace promptgen.Workspace
---@param plan promptgen.plan.Record
---@param status promptgen.state.Status
---@return promptgen.Handoff
function handoff.of(workspace, plan, status)
  local out = {
    total = status.total, done = {}, under_way = {}, blocked = {}, dependencies = {},
    names = names_of(status), last = last_of(workspace, plan, status),
    range = plan.handoff and { first = plan.handoff.line, last = plan.handoff.end_line } or nil,
    header = plan.header_status and { line = plan.header_status.line, says = plan.header_status.says } or nil,
    outside = sections.find(plan, OUTSIDE, { max_lines = 200, max_count = 3 }),
  }
  local by_number = {}
  for _, entry in ipairs(status.achievements) do
    local item = item_of(entry)
    by_number[item.number] = item
    local row = states.by_name[item.state]
    if row and row.closed then
      out.done[#out.done + 1] = item
    elseif row and row.started then
      out.under_way[#out.under_way + 1] = item
    end
    if #item.blockers > 0 then
      out.blocked[#out.blocked + 1] = item
    end
  end
  out.closed = #out.done
  out.percent = out.total > 0 and out.closed * 100 // out.total or 0
  local step = status.next
  if step then
    out.next = by_number[step.number] or item_of(step)
    local title = out.next.title and " (" .. out.next.title .. ")" or ""
    out.line = "- ⏳ Next: Achievement " .. step.number .. title
    for i, number in ipairs(step.dependencies or {}) do
      out.dependencies[i] = by_number[number]
    end
  end
  return out
end

return handoff
