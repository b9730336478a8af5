--- Conflicts between a plan and the files beside it: what is at odds, why, and the ways out.
local codes_of = require "promptgen.state.codes"

local conflicts = {}

---@class promptgen.state.Evidence
---@field path string workspace-relative
---@field line? integer
---@field says string

---@class promptgen.state.WayOut
---@field option "--trust-plan"|"--trust-filesystem"|"repair"
---@field effect string

---@class promptgen.state.Conflict
---@field kind "undefined_feedback"|"undefined_work"|"shared_code"|"dates"|"duplicate_number"
---@field message string one sentence
---@field evidence promptgen.state.Evidence[]
---@field cause string what most likely happened
---@field resolution string how to repair it
---@field ways_out promptgen.state.WayOut[] three: either side trusted, or the repair

local Conflicts = {}
Conflicts.__index = Conflicts

---@param plan_path string
function conflicts.new(plan_path)
  return setmetatable({ list = {}, plan_path = plan_path, reported = {} }, Conflicts)
end

local function add(self, fields, plan_effect, files_effect)
  fields.ways_out = {
    { option = "--trust-plan", effect = plan_effect },
    { option = "--trust-filesystem", effect = files_effect },
    { option = "repair", effect = fields.resolution },
  }
  self.list[#self.list + 1] = fields
end

local function names_of(files)
  local list = {}
  for i, file in ipairs(files) do
    list[i] = file.name
  end
  return table.concat(list, ", ")
end

local FEEDBACK = { approved = true, fix = true, resolution = true, skipped = true }

--- A number whose code differs from `code` in a single digit.
local function close_number(code, numbers)
  for _, number in ipairs(numbers) do
    local other, same = codes_of.encode(number), 0
    if #other == #code then
      for i = 1, #code do
        same = same + (other:byte(i) == code:byte(i) and 1 or 0)
      end
      if same == #code - 1 then
        return number
      end
    end
  end
end

--- Numbers shown before the list is cut.
local SHOWN = 12

local function listed(numbers)
  local rest = #numbers - SHOWN
  return table.concat(numbers, ", ", 1, math.min(#numbers, SHOWN))
    .. (rest > 0 and (" and %d more"):format(rest) or "")
end

--- Files of one code that no number of the plan has.
local function undefined(self, code, files, numbers)
  local nearest = close_number(code, numbers)
  local evidence, feedback = {}, false
  for i, file in ipairs(files) do
    feedback = feedback or FEEDBACK[file.kind] or false
    evidence[i] = { path = file.path, says = "is for code " .. code }
  end
  evidence[#evidence + 1] = { path = self.plan_path, says = "defines " .. listed(numbers) }
  add(self, {
    kind = feedback and "undefined_feedback" or "undefined_work",
    message = ("%s %s for code %s, but the plan has no achievement of that code")
      :format(names_of(files), #files == 1 and "is" or "are", code),
    evidence = evidence,
    cause = "the achievement was removed or renumbered in the plan, or a file name is mistyped",
    resolution = ("define the achievement in the plan, or rename or remove the file%s")
      :format(#files == 1 and "" or "s")
      .. (nearest and (" (a defined number close to it: " .. nearest .. ")") or ""),
  }, #files == 1 and "ignores the file" or "ignores the files",
    ("takes the file%s as the definition of an achievement"):format(#files == 1 and "" or "s"))
end

--- A file whose code fits several numbers.
local function shared_code(self, file, candidates)
  local dotted = file.name:gsub("%f[%d]" .. file.code .. "%f[%D]", candidates[1], 1)
  add(self, {
    kind = "shared_code",
    message = ("%s may be for %s: they have the same code"):format(file.name,
      table.concat(candidates, " or ")),
    evidence = {
      { path = file.path, says = "is for code " .. file.code },
      { path = self.plan_path, says = "defines " .. table.concat(candidates, " and ") },
    },
    cause = "a number code leaves the dots out, and two numbers give the same digits",
    resolution = ("rename the file with the dotted number, such as %s"):format(dotted),
  }, "ignores the file",
    "gives the file to the number its title names, and ignores it when the title names none")
end

--- An approval dated before the FIX it should answer.
function Conflicts:dates(facts, approved, fix, approved_on, fixed_on)
  if self.reported[approved.path] then
    return
  end
  self.reported[approved.path] = true
  add(self, {
    kind = "dates",
    message = ("%s was approved on %s, but its FIX is dated %s")
      :format(facts.number, approved_on, fixed_on),
    evidence = {
      { path = approved.path, line = facts:date_line(approved), says = "dated " .. approved_on },
      { path = fix.path, line = facts:date_line(fix), says = "dated " .. fixed_on },
    },
    cause = "the work was reopened after its approval, or one of the dates is wrong",
    resolution = "remove the file that no longer holds, or correct its date",
  }, "keeps the approval and ignores the FIX", "lets the later file decide: the FIX is open")
end

--- One number with two titles.
local function duplicate(self, number, definitions)
  local evidence = {}
  for i, definition in ipairs(definitions) do
    evidence[i] = {
      path = self.plan_path, line = definition.line,
      says = ("%s: %s"):format(number, definition.title),
    }
  end
  add(self, {
    kind = "duplicate_number",
    message = ("the plan defines %s %d times, with different titles"):format(number, #definitions),
    evidence = evidence,
    cause = "an achievement was copied and kept its number, or the plan was renumbered in part",
    resolution = "give one of the achievements a number of its own",
  }, "keeps the first definition", "keeps the first definition; the files are for it")
end

local function group_by_code(files)
  local order, groups = {}, {}
  for _, file in ipairs(files) do
    local code = file.code
    if not file.archive then
      if not groups[code] then
        groups[code] = {}
        order[#order + 1] = code
      end
      table.insert(groups[code], file)
    end
  end
  table.sort(order)
  return order, groups
end

--- Records what the names alone show: files nobody defined, shared codes, numbers defined twice.
---@param found promptgen.state.Scan
---@param ctx promptgen.state.Context
function Conflicts:report(found, ctx)
  local order, groups = group_by_code(found.undefined)
  for _, code in ipairs(order) do
    undefined(self, code, groups[code], ctx.numbers)
  end
  for _, one in ipairs(found.ambiguous) do
    shared_code(self, one.file, one.candidates)
  end
  for _, clash in ipairs(ctx.clashes) do
    duplicate(self, clash.number, clash.definitions)
  end
end

--- With one side trusted, what was at odds is only worth a warning.
---@param warnings promptgen.state.Warnings
function Conflicts:settle(warnings)
  for _, conflict in ipairs(self.list) do
    local first = conflict.evidence[1]
    warnings:add("conflict_trusted", first.path, first.line, conflict.message)
  end
  self.list = {}
end

return conflicts
