--- What one resolution works with: the plan's definitions and claims, and the files found for them.
local codes_of = require "promptgen.state.codes"
local conflicts_of = require "promptgen.state.conflicts"
local layout = require "promptgen.layout"
local scan = require "promptgen.state.scan"
local warnings_of = require "promptgen.state.warnings"

local context = {}

---@class promptgen.state.Context
---@field ws table the workspace
---@field plan table the plan's record
---@field trust "plan"|"filesystem"|nil
---@field list table[] achievements in file order
---@field by_number table<string, table>
---@field numbers string[] in file order
---@field clashes table[] numbers defined again with another title
---@field codes promptgen.state.Codes
---@field feature string of the plan; the name of a file that is not called PLAN_…
---@field features string[] names that files of this plan carry
---@field says_complete boolean the plan's own header or handoff
---@field text_claims table<string, { line: integer, says: string }> marked as done one by one
---@field claims table<string, { line: integer, says: string }> the same, and all when it says so
---@field records table<string, table|false> documents looked at
---@field warnings promptgen.state.Warnings
---@field conflicts table
---@field layout promptgen.Layout
local Context = {}
Context.__index = Context

local function read_definitions(self)
  self.list, self.by_number, self.numbers, self.clashes = {}, {}, {}, {}
  for _, achievement in ipairs(self.plan.achievements) do
    self:define(achievement)
  end
  local clashes = {}
  for _, duplicate in ipairs(self.plan.duplicates or {}) do
    local number = duplicate.number
    if not duplicate.same_title then
      if not clashes[number] then
        clashes[number] = { number = number, definitions = { self.by_number[number] } }
        table.insert(self.clashes, clashes[number])
      end
      table.insert(clashes[number].definitions, duplicate)
    end
  end
end

local function read_claims(self)
  local plan = self.plan
  self.text_claims = {}
  for _, claim in ipairs(plan.claims or {}) do
    self.text_claims[claim.number] = self.text_claims[claim.number] or claim
  end
  local header = plan.header_status
  local by_header = header ~= nil and header.complete == true
  self.says_complete = by_header or plan.handoff_says_complete == true
  self.claims = self.text_claims
  if self.says_complete then
    local whole = by_header and header
      or { line = plan.handoff_complete_line, says = "the handoff says complete" }
    self.claims = setmetatable({}, {
      __index = function(_, number) return self.text_claims[number] or whole end,
    })
  end
end

--- Adds an achievement at the end.
function Context:define(achievement)
  self.by_number[achievement.number] = achievement
  self.list[#self.list + 1] = achievement
  self.numbers[#self.numbers + 1] = achievement.number
  self.codes:add(achievement.number)
end

---@param ws table workspace
---@param plan table record of a plan
---@param opts promptgen.state.Options
---@return promptgen.state.Context
function context.new(ws, plan, opts)
  local _, name = layout.split(plan.path)
  local feature = plan.feature or name:gsub("%.[^.]*$", "")
  local self = setmetatable({
    ws = ws, plan = plan, records = {}, codes = codes_of.new {},
    warnings = warnings_of.new(), conflicts = conflicts_of.new(plan.path),
    feature = feature, features = { feature },
    trust = opts.trust_plan and "plan" or opts.trust_filesystem and "filesystem" or nil,
  }, Context)
  read_definitions(self)
  read_claims(self)
  return self
end

local HEADER = { extent = "header" }

--- The record of a document, read at most once; false when it cannot be read, with a warning.
---@param path string
---@param header? boolean what stands before the first section is enough
---@return table|false
function Context:record(path, header)
  local known = self.records[path]
  if known == nil then
    local record, err = self.ws:document(path, header and HEADER or nil)
    if not record then
      self.warnings:add("unreadable_file", path, nil,
        "cannot be read: " .. tostring(err and err.message or "no reason given"))
    end
    known = record or false
    self.records[path] = known
  end
  return known
end

--- True when the plan's own folder closes every achievement, so that no other place matters.
local function all_closed(self, found)
  for _, number in ipairs(self.numbers) do
    local slot = found.slots[number]
    local approved = slot and slot.approved and self:record(slot.approved.path, true)
    if not (slot and slot.skipped or approved and not approved.empty) then
      return false
    end
  end
  return true
end

--- The number a file without a definition is for: what its title names, when that has its code.
local function adopted_number(self, file)
  local record, code = self:record(file.path, true), file.code
  local named = record and record.names_number
  if named and codes_of.encode(named.number) == codes_of.encode(code) then
    return named.number
  end
  return self.codes:decode(code) or codes_of.guess(code)
end

local function before(a, b)
  local next_a, next_b = a.number:gmatch "%d+", b.number:gmatch "%d+"
  while true do
    local x, y = tonumber((next_a())), tonumber((next_b()))
    if not x or not y or x ~= y then
      return (x or -1) < (y or -1)
    end
  end
end

--- Gives files without a definition, and files of a shared code, the number their title names.
local function adopt(self, found)
  for _, one in ipairs(found.ambiguous) do
    local record = self:record(one.file.path, true)
    local named = record and record.names_number
    for _, candidate in ipairs(one.candidates) do
      if named and named.number == candidate then
        scan.assign(found, one.file, candidate)
      end
    end
  end
  local adopted = {}
  for _, file in ipairs(found.undefined) do
    local number = not file.archive and adopted_number(self, file)
    if number and not self.by_number[number] and not adopted[number] then
      local record = self:record(file.path, true)
      adopted[number] = {
        number = number, title = record and record.title or file.name, parts = {},
        defined_by = file.path,
      }
      adopted[#adopted + 1] = adopted[number]
    end
    if number then
      scan.assign(found, file, number)
    end
  end
  table.sort(adopted, before)
  for _, achievement in ipairs(adopted) do
    self:define(achievement)
  end
end

--- Looks for the files of the plan. Conflicts are recorded also when one side is trusted.
---@return promptgen.state.Scan
function Context:look()
  local found = scan.own(self)
  if not all_closed(self, found) then
    scan.outer(found, self)
  end
  for _, file in ipairs(found.undefined) do
    if file.archive then
      self.warnings:add("undefined_in_archive", file.path, nil,
        "is for code " .. file.code .. ", which the plan does not define")
    end
  end
  self.conflicts:report(found, self)
  if self.trust == "filesystem" then
    adopt(self, found)
  end
  self.layout = layout.of(self.plan.path, self.feature,
    { shared = found.shared, numbers = self.numbers })
  return found
end

return context
