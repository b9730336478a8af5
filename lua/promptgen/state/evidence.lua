--- The evidence for a state: the files and lines that decided it, in words.
local facts = require "promptgen.state.facts"

local evidence = {}

--- Line and words of a document's status, from a record that was read anyway.
local function status_line(record)
  local header = record and record.header_status
  if header then
    return header.line, "Status: " .. header.says
  end
end

local function feedback(list, f, file, word)
  local record = facts.peek(f, file)
  local line, says = status_line(record)
  local date = record and record.date
  says = says or word
  if date then
    says = says .. ", dated " .. date.value
  end
  list[#list + 1] = { path = file.path, line = line, says = says }
end

local function complete_words(record)
  local complete = record.complete
  if not complete then
    return nil, "says complete"
  end
  local says = "says " .. complete.says
  if record.stale_header then
    says = says .. " (the header is out of date)"
  end
  return complete.line, says
end

local function incomplete_words(record)
  if not record then
    return nil, "cannot be read"
  elseif record.empty then
    return nil, "is empty"
  end
  local line, says = status_line(record)
  return line, says and says .. "; nothing says complete" or "nothing says complete"
end

local function executions(list, f)
  for _, item in ipairs(f.arranged.list) do
    local record = f.ctx.records[item.file.path]
    local line, says
    if not item.counts then
      says = "replaced by " .. item.replaced_by
    elseif record == nil then
      says = "not looked at: an earlier execution is open"
    elseif record and record.says_complete then
      line, says = complete_words(record)
    else
      line, says = incomplete_words(record)
    end
    list[#list + 1] = { path = item.file.path, line = line, says = says }
  end
end

local function subplan(list, f, says, line)
  list[#list + 1] = { path = f.subplan.path, line = line, says = says }
end

local by_state = {}

function by_state.approved(list, f)
  if f.claim then
    list[#list + 1] = {
      path = f.ctx.plan.path, line = f.claim.line, says = "the plan says: " .. f.claim.says,
    }
    return
  end
  feedback(list, f, f.approved, "approved")
  if f.slot.fix then
    feedback(list, f, f.slot.fix, "asked for fixes")
  end
end

function by_state.skipped(list, f)
  list[#list + 1] = { path = f.skipped.path, says = "skipped" }
end

function by_state.needs_fix(list, f)
  feedback(list, f, f.fix, "asks for fixes")
  if f.late_fix then
    feedback(list, f, f.slot.resolution, "resolves an earlier review")
  end
end

function by_state.fix_resolved(list, f)
  feedback(list, f, f.fix, "asked for fixes")
  feedback(list, f, f.resolution, "answers the FIX")
end

function by_state.no_subplan(list, f)
  list[#list + 1] = { path = f.ctx.layout.subplan(f.number), says = "does not exist" }
  executions(list, f)
end

function by_state.subplan_draft(list, f)
  local record = f.subplan_record
  if not record then
    subplan(list, f, "cannot be read")
  elseif record.empty then
    subplan(list, f, "is empty")
  else
    subplan(list, f, "still to be filled in: " .. record.placeholder.says, record.placeholder.line)
  end
end

function by_state.subplan_complete(list, f)
  local line, says = complete_words(f.subplan_record)
  subplan(list, f, says, line)
end

function by_state.subplan_ready(list, f)
  local line, says = status_line(f.subplan_record)
  subplan(list, f, says or "is filled in", line)
end

function by_state.executing(list, f)
  executions(list, f)
end

function by_state.execution_due(list, f)
  executions(list, f)
  subplan(list, f, "plans " .. f.due.code .. ", which does not exist", f.due.line)
end

function by_state.executed(list, f)
  executions(list, f)
  if f.needs_synthesis then
    subplan(list, f, "has no synthesis of the executions")
  end
end

--- Evidence of an achievement whose state is known.
---@param f promptgen.state.Facts
---@param state string
---@return promptgen.state.Evidence[]
function evidence.of(f, state)
  local list = {}
  by_state[state](list, f)
  return list
end

return evidence
