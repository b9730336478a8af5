--- The table of a profile, in the columns of Python's cProfile.
local label = require "promptgen.profile.label"

local report = {}

---@class promptgen.profile.Row
---@field process string
---@field fn promptgen.profile.Function
---@field calls integer
---@field primitive integer calls that were not made, directly or not, by the function itself
---@field own integer nanoseconds
---@field total integer nanoseconds with what it called; a recursion counts once

--- Whether a node is called within another one of the same function. `within` counts the functions
--- on the way from the root.
local function add_node(rows, within, node, process)
  local row = rows[node.fn]
  if not row then
    row = { process = process, fn = node.fn, calls = 0, primitive = 0, own = 0, total = 0 }
    rows[node.fn] = row
    rows[#rows + 1] = row
  end
  row.calls, row.own = row.calls + node.calls, row.own + node.own
  if not within[node.fn] then
    row.primitive, row.total = row.primitive + node.calls, row.total + node.total
  end
end

--- One row a function and process.
---@param profile promptgen.profile.Data
---@return promptgen.profile.Row[]
function report.rows(profile)
  local rows, within = {}, {}
  local function walk(node)
    for _, child in ipairs(node.children) do
      add_node(rows, within, child, profile.process)
      local before = within[child.fn]
      within[child.fn] = true
      walk(child)
      within[child.fn] = before
    end
  end
  walk(profile.root)
  return rows
end

local KEYS = { cumtime = "total", self = "own", calls = "calls" }
local ORDERS = { cumtime = "cumulative time", self = "own time", calls = "number of calls" }

local function where(row)
  local place, name = label.place(row.fn), label.name(row.fn)
  if row.fn.kind == "lua" then
    return ("%s(%s)"):format(place, row.fn.name == "" and "function" or name)
  end
  return row.fn.kind == "c" and "{" .. name .. "}" or name
end

local function sort(rows, order)
  local key = KEYS[order]
  table.sort(rows, function(a, b)
    if a[key] ~= b[key] then
      return a[key] > b[key]
    elseif a.process ~= b.process then
      return a.process < b.process
    end
    return where(a) < where(b)
  end)
end

local function ms(ns)
  return ("%.3f"):format(ns / 1e6)
end

local function summary(profiles)
  local calls, primitive, rows, parts, lost = 0, 0, {}, {}, 0
  for i, profile in ipairs(profiles) do
    for _, row in ipairs(report.rows(profile)) do
      rows[#rows + 1] = row
      calls, primitive = calls + row.calls, primitive + row.primitive
    end
    parts[i] = ("%s %s ms"):format(profile.process, ms(profile.root.total))
    lost = lost + profile.lost
  end
  local text = ("%s; %d calls (%d primitive); times in milliseconds, without the profiler's own")
    :format(table.concat(parts, ", "), calls, primitive)
  return rows, lost > 0 and text .. ("; %d reports lost: the profile is full"):format(lost) or text
end

local FORMAT = "%13s %9s %9s %9s %9s  %-7s %s"
local HEAD = FORMAT:format("ncalls", "tottime", "percall", "cumtime", "percall", "process", "where")

local function line(row)
  local calls = row.calls == row.primitive and tostring(row.calls) or row.calls .. "/" .. row.primitive
  return FORMAT:format(calls, ms(row.own), ms(row.own / math.max(row.calls, 1)),
    ms(row.total), ms(row.total / math.max(row.primitive, 1)), row.process, where(row))
end

--- Named work that is shown although it does not fit: it is what a reader looks for.
local MAX_NAMED = 20

--- The table as text.
---@param profiles promptgen.profile.Data[]
---@param order "cumtime"|"self"|"calls"
---@param max_rows? integer of each process; default: all
---@return string text
function report.render(profiles, order, max_rows)
  local rows, text = summary(profiles)
  sort(rows, order)
  local out = { text, "ordered by " .. ORDERS[order], "", HEAD }
  local shown, named, left_out = {}, 0, 0
  for _, row in ipairs(rows) do
    local count = (shown[row.process] or 0) + 1
    local fits = count <= (max_rows or count)
    local is_named = not fits and row.fn.kind == "span" and named < MAX_NAMED
    shown[row.process], named = count, named + (is_named and 1 or 0)
    if fits or is_named then
      out[#out + 1] = line(row)
    else
      left_out = left_out + 1
    end
  end
  if left_out > 0 then
    out[#out + 1] = ("%13s further functions; --profile-out writes them all"):format(left_out)
  end
  return table.concat(out, "\n") .. "\n"
end

return report
