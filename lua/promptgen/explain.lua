--- Words about a status, for people: progress, the next step, warnings, conflicts, reasons.
---
--- Everything is text; what a plan says is passed through as it is (the program makes control bytes
--- visible on a terminal). `room` is the width of the terminal in cells, nil for a pipe.
local columns = require "promptgen.columns"
local states = require "promptgen.state.states"

local explain = {}

--- A title or name on one line.
local function flat(text)
  return (tostring(text or ""):gsub("%s+", " "))
end

--- How a plan is named on the command line: by its feature where that finds it, else by its path.
---@param status { feature?: string, path: string }
---@return string target
function explain.target(status)
  local feature = status.feature
  if feature and feature:find "^[%w._%-]+$" then
    return "@" .. feature
  end
  return "'" .. status.path:gsub("'", "'\\''") .. "'"
end

local function is_archived(status)
  return status.feature ~= nil
    and require("promptgen.layout").guess(status.path, status.feature) == "archived"
end

--- The command that follows from a status; nil when nothing does.
---@param status promptgen.state.Status
---@param item? promptgen.state.Item an achievement other than the next one
---@return string? command with the options that the status rests on, so that it finds the same
function explain.command(status, item)
  local target, flags = explain.target(status), status.flags or ""
  if status.state == "conflict" then
    return ("promptgen next %s --resolve%s"):format(target, flags)
  elseif status.state == "blocked" then
    return "promptgen next " .. target .. flags
  elseif item and not item.blockers and not states.is_closed(item)
    and not (status.next and status.next.number == item.number) then
    return ("promptgen next %s --achievement %s%s"):format(target, item.number, flags)
  elseif status.state == "active" then
    return "promptgen next " .. target .. flags
  elseif status.state == "plan_complete" and not is_archived(status) then
    return "promptgen archive " .. target .. flags
  end
end

--- "8 of 13 approved, 1 skipped".
---@param status promptgen.state.Status
---@return string
function explain.progress(status)
  local skipped = status.skipped > 0 and (", %d skipped"):format(status.skipped) or ""
  return ("%d of %d approved%s"):format(status.approved, status.total, skipped)
end

local HEADLINES = {
  active = "in progress", plan_complete = "complete", blocked = "blocked", conflict = "in conflict",
  no_achievements = "no achievements",
}

--- One or two words for the state of a plan.
---@param name string
---@return string
function explain.headline(name)
  return HEADLINES[name] or name
end

--- What a step asks for: "1.1 address the review's fixes".
---@param step promptgen.state.Step
---@return string
function explain.step(step)
  return step.number .. " " .. (states.phrases[step.recommendation] or step.state)
end

local function bar(status, length)
  local closed = status.approved + status.skipped
  local filled = status.total > 0 and closed * length // status.total or 0
  return ("[%s%s] %d %%"):format(("#"):rep(filled), ("-"):rep(length - filled),
    status.total > 0 and closed * 100 // status.total or 0)
end

local function place(one)
  return one.path and one.path .. (one.line and ":" .. one.line or "") or nil
end

local function add_evidence(out, list, room)
  for _, one in ipairs(list) do
    out[#out + 1] = columns.wrap(place(one) .. ": " .. flat(one.says), room, "    ")
  end
end

local function add_warnings(out, status, room)
  if #status.warnings == 0 then
    return
  end
  out[#out + 1] = "\nwarnings\n"
  for _, one in ipairs(status.warnings) do
    local where = place(one)
    local text = (where and where .. ": " or "") .. flat(one.message)
    out[#out + 1] = columns.wrap("[" .. one.code .. "] " .. text, room, "  ")
  end
end

local function add_conflicts(out, status, room)
  for i, one in ipairs(status.conflicts) do
    out[#out + 1] = "\n"
    out[#out + 1] = columns.wrap(("conflict %d (%s): %s"):format(i, one.kind, flat(one.message)), room, "")
    add_evidence(out, one.evidence, room)
    out[#out + 1] = columns.wrap("likely cause: " .. one.cause, room, "  ")
    out[#out + 1] = "  ways out:\n"
    for _, way in ipairs(one.ways_out) do
      out[#out + 1] = columns.wrap(way.option .. ": " .. way.effect, room, "    ")
    end
  end
end

local function add_blocked(out, status, room)
  for _, item in ipairs(status.achievements) do
    if item.blockers then
      out[#out + 1] = columns.wrap(("%s waits for %s"):format(item.number,
        table.concat(item.blockers, ", ")), room, "  ")
    elseif item.recommendation == "review" then
      out[#out + 1] = columns.wrap(item.number .. " awaits review", room, "  ")
    end
  end
end

local function add_next(out, status, room)
  local step = status.next
  if step then
    out[#out + 1] = "\n" .. columns.wrap(("next: %s (%s)"):format(explain.step(step), step.rule), room, "")
    if step.path then
      out[#out + 1] = columns.wrap(step.path, room, "  ")
    end
    if step.blockers then
      out[#out + 1] = columns.wrap("waits for " .. table.concat(step.blockers, ", "), room, "  ")
    end
  elseif status.state == "blocked" then
    out[#out + 1] = "\nnext: nothing is free\n"
    add_blocked(out, status, room)
  elseif status.state == "conflict" then
    out[#out + 1] = "\nnext: settle the conflict\n"
  else
    out[#out + 1] = "\nnext: every achievement is closed\n"
  end
  local command = explain.command(status)
  if command then
    out[#out + 1] = "  " .. command .. "\n"
  end
end

--- A plan with all its achievements.
---@param status promptgen.state.Status
---@param root string
---@param room? integer
---@return string
function explain.status(status, root, room)
  local out = {
    columns.cut(flat(status.feature or status.path) .. "  " .. explain.headline(status.state), room) .. "\n",
    "  " .. bar(status, room and math.min(30, math.max(10, room - 40)) or 30) .. "  "
      .. explain.progress(status) .. "\n",
    columns.wrap("plan " .. status.path, room, "  "), columns.wrap("root " .. root, room, "  "), "\n",
  }
  local rows = {}
  for i, item in ipairs(status.achievements) do
    local mark = status.next and status.next.number == item.number and ">" or " "
    local waits = item.blockers and "waits for " .. table.concat(item.blockers, ", ") or ""
    rows[i] = { mark .. " " .. item.number, item.state, flat(item.title), waits }
  end
  out[#out + 1] = columns.table(rows, room, { { 3, 12 }, { 4, 10 } })
  add_conflicts(out, status, room)
  add_next(out, status, room)
  add_warnings(out, status, room)
  return table.concat(out)
end

--- One plan as a row of `explain.plans`.
---@param path string
---@param status promptgen.state.Status?
---@param err promptgen.Error? why there is no status
---@return string[]
function explain.row(path, status, err)
  if not status then
    return { path, "error", "", flat(err and err.message), "" }
  end
  return {
    flat(status.feature or path), explain.headline(status.state),
    ("%d/%d"):format(status.approved + status.skipped, status.total),
    status.next and explain.step(status.next) or "",
    #status.warnings > 0 and tostring(#status.warnings) or "",
  }
end

local NEXT_LEAST = 16

--- Names are typed and copied: a table that would have to cut them becomes two lines a plan.
local function stacked(rows, room)
  local out = {}
  for _, row in ipairs(rows) do
    local warnings = row[5] ~= "" and ("  %s warning%s"):format(row[5], row[5] == "1" and "" or "s") or ""
    out[#out + 1] = row[1] .. "\n"
    out[#out + 1] = columns.cut(("  %s  %s  %s"):format(row[2], row[3], row[4]):gsub("%s+$", ""),
      room - columns.width(warnings)) .. warnings .. "\n"
  end
  return table.concat(out)
end

--- Many plans: one a line, or two where the terminal is too narrow for that.
---@param rows string[][] from `explain.row`
---@param room? integer
---@return string
function explain.plans(rows, room)
  if #rows == 0 then
    return "there are no plans\n"
  end
  local head = { "PLAN", "STATE", "CLOSED", "NEXT", "WARNINGS" }
  local table_rows = table.move(rows, 1, #rows, 2, { head })
  local least = NEXT_LEAST
  for _, column in ipairs { 1, 2, 3, 5 } do
    least = least + columns.longest(table_rows, column) + 2
  end
  if room and least > room then
    return stacked(rows, room)
  end
  return columns.table(table_rows, room, { { 4, NEXT_LEAST } })
end

--- Conflicts and warnings of a plan, below its name.
---@param status promptgen.state.Status
---@param room? integer
---@return string
function explain.findings(status, room)
  local out = { columns.cut(flat(status.feature or status.path), room) .. "\n" }
  add_conflicts(out, status, room)
  add_warnings(out, status, room)
  return (table.concat(out):gsub("\n\n", "\n"))
end

local function add_rules(out, status, room)
  if #status.considered == 0 then
    return
  end
  out[#out + 1] = "\nrules of the next step, in order\n"
  for _, try in ipairs(status.considered) do
    local text = ("%s: %s"):format(try.rule, try.outcome)
    if try.number and states.rules[try.rule] then
      text = text .. " - " .. states.rules[try.rule]
    end
    out[#out + 1] = columns.wrap(text, room, "  ")
  end
end

local function add_reasons(out, explanation, room)
  local item = explanation.item
  local row = states.by_name[item.state]
  out[#out + 1] = columns.wrap(("%s %s: %s"):format(item.number, flat(item.title), item.state), room, "")
  out[#out + 1] = columns.wrap("found: " .. row.means, room, "  ")
  add_evidence(out, item.evidence, room)
  if #explanation.passed > 0 then
    out[#out + 1] = columns.wrap("not found: " .. table.concat(explanation.passed, "; "), room, "  ")
  end
  if item.dependencies and #item.dependencies > 0 then
    out[#out + 1] = columns.wrap("depends on " .. table.concat(item.dependencies, ", "), room, "  ")
  end
  if item.blockers then
    out[#out + 1] = columns.wrap("waits for " .. table.concat(item.blockers, ", "), room, "  ")
  end
  if item.claimed then
    out[#out + 1] = columns.wrap("the plan's own text marks it as done", room, "  ")
  end
  if explanation.chosen then
    out[#out + 1] = columns.wrap("it is the next step, by the rule " .. explanation.status.next.rule, room, "  ")
  end
  if item.recommendation then
    out[#out + 1] = columns.wrap("to do: " .. states.phrases[item.recommendation], room, "  ")
  end
end

--- Why one achievement is where it is.
---@param explanation promptgen.state.Explanation
---@param room? integer
---@return string
function explain.why(explanation, room)
  local status, out = explanation.status, {}
  out[1] = columns.cut(("%s  %s, %s"):format(flat(status.feature or status.path),
    explain.headline(status.state), explain.progress(status)), room) .. "\n\n"
  if explanation.item then
    add_reasons(out, explanation, room)
  else
    out[#out + 1] = "every achievement is closed\n"
  end
  add_rules(out, status, room)
  if status.state == "blocked" then
    out[#out + 1] = "\nnothing is free\n"
    add_blocked(out, status, room)
  end
  add_conflicts(out, status, room)
  add_warnings(out, status, room)
  local command = explain.command(status, explanation.item)
  if command then
    out[#out + 1] = "\nrun: " .. command .. "\n"
  end
  return table.concat(out)
end

return explain
