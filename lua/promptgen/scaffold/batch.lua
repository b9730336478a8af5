--- What `promptgen batch` makes: all SUBPLANs, or all first EXECUTION_TASKs, of one level of dependency.
local errors = require "promptgen.errors"
local facts = require "promptgen.scaffold.facts"
local states = require "promptgen.state.states"

local batch = {}

--- By kind: which states lack the file, and which stand in the way.
local KINDS = {
  subplans = { module = "promptgen.scaffold.subplan", lacks = { no_subplan = true }, early = {}, field = "subplan",
    what = "a SUBPLAN" },
  executions = {
    module = "promptgen.scaffold.execution", field = "execution", lacks = { subplan_ready = true },
    early = { no_subplan = "has no SUBPLAN", subplan_draft = "has a draft of a SUBPLAN" }, what = "an EXECUTION_TASK",
  },
}

--- True for a name of something that can be made in a batch.
function batch.is_kind(name)
  return KINDS[name] ~= nil
end

---@class promptgen.BatchRow
---@field item promptgen.state.Item
---@field what "create"|"there"|"closed"|"early"

local function bad_input(status, message, hint)
  return nil, errors.new { code = "bad_input", path = status.path, message = message, hint = hint }
end

local function row_of(kind, item)
  if states.is_closed(item) then
    return { item = item, what = "closed" }
  elseif kind.lacks[item.state] then
    return { item = item, what = "create" }
  end
  return { item = item, what = kind.early[item.state] and "early" or "there" }
end

--- Rows of one level, in file order: the level asked for, or the lowest that lacks something.
local function choose(status, kind, asked)
  local level_of, circle = require("promptgen.levels").of(status.achievements)
  if not level_of then
    return bad_input(status, "the dependencies form a circle: " .. table.concat(circle, ", "),
      "settle it in " .. status.layout.parallel)
  end
  local by_level, lowest, highest = {}, nil, 0
  for _, item in ipairs(status.achievements) do
    local level, row = level_of[item.number], row_of(kind, item)
    by_level[level] = by_level[level] or {}
    table.insert(by_level[level], row)
    highest = math.max(highest, level)
    if row.what == "create" or row.what == "early" then
      lowest = math.min(lowest or level, level)
    end
  end
  local level = asked or lowest
  if not level then
    return bad_input(status, "no open achievement lacks " .. kind.what)
  elseif not by_level[level] then
    return bad_input(status, ("there is no level %d"):format(level), ("the levels are 0 to %d"):format(highest))
  end
  return by_level[level], level
end

local function refuse_early(status, kind, rows, level)
  local hint = {}
  for _, row in ipairs(rows) do
    if row.what == "early" then
      hint[#hint + 1] = row.item.number .. " " .. kind.early[row.item.state]
    end
  end
  if #hint > 0 then
    hint[#hint + 1] = ("promptgen batch %s subplans --level %d shows what is missing")
      :format(require("promptgen.explain").target(status), level)
    return bad_input(status, ("level %d is not ready for executions"):format(level), hint)
  end
  return true
end

local WORDS = { create = "create", there = "is there", closed = "closed" }

--- The file of a kind that an achievement has, or what its state rests on.
local function existing(inventory, kind, item)
  local own = inventory.by_number[item.number]
  local path = own and (kind.field == "subplan" and own.subplan or kind.field == "execution" and own.executions[1])
  return path or nil
end

--- The preview: one line for each achievement of the level.
local function preview(run, kind, status, rows, level, changes)
  local inventory = require("promptgen.state.inventory").of(run.workspace, status.plan)
  local columns = require "promptgen.columns"
  local by_number, cells = {}, {}
  for i, change in ipairs(changes) do
    by_number[changes.numbers[i]] = change.path
  end
  for i, row in ipairs(rows) do
    cells[i] = { row.item.number, WORDS[row.what], by_number[row.item.number]
      or row.what == "there" and existing(inventory, kind, row.item) or row.item.path or "" }
  end
  return function(room)
    return ("%s  level %d, %d to create\n\n"):format(status.feature, level, #changes)
      .. columns.table(cells, room, { { 3, 16, "end" } })
  end
end

---@param run promptgen.Transition
---@param args {plan: string, kind: "subplans"|"executions", level?: integer, yes?: boolean, date?: string}
---@return promptgen.Decision?
---@return promptgen.Error? err `bad_input` when nothing is missing, or SUBPLANs are
function batch.decide(run, args)
  local date, err = facts.date(args.date)
  if not date then
    return nil, err
  end
  local status
  status, err = run:status(args.plan)
  if not status then
    return nil, err
  end
  local kind = KINDS[args.kind]
  local rows, level = choose(status, kind, args.level)
  if not rows then
    return nil, level
  end
  local ok
  ok, err = refuse_early(status, kind, rows, level)
  if not ok then
    return nil, err
  end
  local changes = { numbers = {} }
  for _, row in ipairs(rows) do
    if row.what == "create" then
      local own
      own, err = run:status(args.plan, row.item.number)
      if not own then
        return nil, err
      end
      local maker = require(kind.module)
      changes[#changes + 1] = args.kind == "subplans" and maker.change(own, date) or maker.change(own, 1, date)
      changes.numbers[#changes] = row.item.number
    end
  end
  if #changes == 0 then
    return bad_input(status, ("no open achievement of level %d lacks %s"):format(level, kind.what))
  end
  return {
    changes = changes, target = status.path, numbers = changes.numbers,
    preview = not args.yes and preview(run, kind, status, rows, level, changes) or nil,
  }
end

return batch
