--- What is known about one achievement, looked up when it is asked for and at most once.
---
--- The table of states asks these facts in its order, so that a file is read only when no earlier
--- row has already decided.
local executions = require "promptgen.state.executions"

local facts = {}

local compute = {}

---@class promptgen.state.Facts
---@field number string
---@field slot promptgen.state.Slot
---@field approved promptgen.state.File|false
---@field fix promptgen.state.File|false
---@field resolution promptgen.state.File|false a RESOLUTION that answers the FIX
---@field skipped promptgen.state.File|false
---@field subplan promptgen.state.File|false
---@field claim { line: integer, says: string }|false the plan's own word, when it is trusted
---@field draft boolean
---@field subplan_says_complete boolean
---@field has_executions boolean
---@field incomplete promptgen.state.File|false the first execution file that is not complete
---@field last_execution promptgen.state.File|false
---@field due { code: string, ordinal: integer, line: integer }|false the next planned execution
---@field needs_synthesis boolean

--- The record of a file that was looked at, or nil; never reads.
function facts.peek(self, file)
  return file and self.ctx.records[file.path] or nil
end

--- A review file: its header is all that matters here.
local function header_of(self, file)
  return file and self.ctx:record(file.path, true) or nil
end

--- Reads a review file that counts, and warns when its title names another achievement.
local function counted(self, file)
  local record = header_of(self, file)
  local names = record and record.names_number
  if names and names.number ~= self.number then
    self.ctx.warnings:add("feedback_mismatch", file.path, names.line,
      ("the title names %s, the file name %s; the file name decides")
        :format(names.number, self.number))
  end
  return file or false
end

local function not_empty(self, file)
  local record = header_of(self, file)
  if record and record.empty then
    self.ctx.warnings:add("empty_feedback", file.path, nil, "is empty and counts as absent")
  end
  return record ~= nil and not record.empty
end

local function date_of(self, file)
  local record = header_of(self, file)
  local date = record and record.date
  return date and date.value
end

function compute.approved(self)
  local file = self.slot.approved
  if self.claim then
    return self.claim.file
  elseif not file or not not_empty(self, file) then
    return false
  end
  counted(self, file)
  local fix = self.slot.fix
  if not fix then
    return file
  end
  local approved_on, fixed_on = date_of(self, file), date_of(self, fix)
  if approved_on and fixed_on and approved_on < fixed_on then
    self.ctx.conflicts:dates(self, file, fix, approved_on, fixed_on)
    return self.ctx.trust ~= "filesystem" and file
  elseif not (approved_on and fixed_on and approved_on > fixed_on) and not self.resolution then
    self.ctx.warnings:add("fix_kept", fix.path, nil,
      "the FIX stays beside an approval that is not dated later")
  end
  return file
end

--- With the plan trusted, what it marks as done is done; an open FIX it cannot have known is not.
function compute.claim(self)
  local claim = self.ctx.trust == "plan" and self.ctx.claims[self.number]
  if not claim or self.slot.fix and not self.resolution then
    return false
  end
  return { line = claim.line, says = claim.says,
           file = self.slot.approved or { path = self.ctx.plan.path, is_plan = true } }
end

function compute.fix(self)
  local fix = self.slot.fix
  if fix and not self.slot.resolution then
    self.ctx:record(fix.path) -- whole: what is still to be written matters in an open review
  end
  return counted(self, fix)
end

--- A RESOLUTION with placeholders left is still being written.
local function still_a_draft(self, file)
  local record = self.ctx:record(file.path)
  local left = record and record.placeholder
  if left then
    self.ctx.warnings:add("draft_resolution", file.path, left.line,
      ("is a draft and answers nothing yet: %s"):format(left.says))
  end
  return left ~= nil
end

function compute.resolution(self)
  local file, fix = self.slot.resolution, self.slot.fix
  if not file or still_a_draft(self, file) or not not_empty(self, file) then
    return false
  end
  counted(self, file)
  local resolved_on, fixed_on = date_of(self, file), date_of(self, fix)
  if resolved_on and fixed_on and resolved_on < fixed_on then
    self.late_fix = { resolved_on = resolved_on, fixed_on = fixed_on }
    return false
  end
  return file
end

function compute.skipped(self)
  return self.slot.skipped or false
end

function compute.subplan(self)
  return self.slot.subplan or false
end

function compute.subplan_record(self)
  return self.subplan and self.ctx:record(self.subplan.path)
end

function compute.draft(self)
  local record = self.subplan_record
  return not record or record.empty or record.placeholder ~= nil
end

local function stale_header(self, file, record)
  if record.stale_header then
    local header = record.header_status
    self.ctx.warnings:add("stale_header", file.path, header and header.line,
      ("the header says %q, the end of the document says otherwise")
        :format(header and header.says or ""))
  end
end

function compute.subplan_says_complete(self)
  local record = self.subplan_record
  if record and record.says_complete then
    stale_header(self, self.subplan, record)
    return true
  end
  return false
end

function compute.arranged(self)
  local list, distinct, ordinals = executions.arrange(self.slot.executions)
  return { list = list, distinct = distinct, ordinals = ordinals }
end

function compute.has_executions(self)
  return #self.slot.executions > 0
end

function compute.last_execution(self)
  local list = self.arranged.list
  return list[#list] and list[#list].file
end

function compute.incomplete(self)
  for _, item in ipairs(self.arranged.list) do
    if item.counts then
      local record = self.ctx:record(item.file.path)
      if not record or not record.says_complete then
        return item.file
      end
      stale_header(self, item.file, record)
    end
  end
  return false
end

local function contains(list, value)
  for _, one in ipairs(list) do
    if one == value then
      return true
    end
  end
  return false
end

--- The number of a planned execution of this achievement; nil for one of another.
local function own_ordinal(self, planned)
  local code, ordinal = planned.code:match("^(.-)_?(%d+)$")
  local feature = planned.feature or ""
  if not ordinal or feature ~= "" and not contains(self.ctx.features, feature)
    or code ~= "" and self.ctx.codes:decode(code) ~= self.number then
    return nil
  end
  return math.tointeger(tonumber(ordinal))
end

function compute.due(self)
  local record = self.subplan_record
  local best
  for _, planned in ipairs(record and record.planned or {}) do
    local ordinal = own_ordinal(self, planned)
    if ordinal and not self.arranged.ordinals[ordinal] and (not best or ordinal < best.ordinal) then
      best = { code = planned.code, ordinal = ordinal, line = planned.line }
    end
  end
  return best
end

function compute.needs_synthesis(self)
  local record = self.subplan_record
  return self.arranged.distinct > 1 and not (record and record.synthesis)
end

local methods = {}

--- The line that dates a document already read.
function methods.date_line(self, file)
  local record = facts.peek(self, file)
  return record and record.date and record.date.line or nil
end

local Facts = {}

function Facts.__index(self, key)
  local method = methods[key]
  if method then
    return method
  end
  local fn = compute[key]
  local value = fn and fn(self) or false
  rawset(self, key, value)
  return value
end

--- Facts of one achievement.
---@param ctx promptgen.state.Context
---@param number string
---@param slot promptgen.state.Slot
---@return promptgen.state.Facts
function facts.new(ctx, number, slot)
  return setmetatable({ ctx = ctx, number = number, slot = slot }, Facts)
end

return facts
