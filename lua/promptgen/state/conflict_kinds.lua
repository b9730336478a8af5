--- What each kind of conflict between a plan and its files is told with: cause, evidence, ways out. Most
--- plans have none, so that this is loaded when one is found.
local codes_of = require "promptgen.state.codes"

local kinds = {}

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
function kinds.undefined(self, code, files, numbers)
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
function kinds.shared_code(self, file, candidates)
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

--- One number with two titles.
function kinds.duplicate(self, number, definitions)
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

--- An approval dated before the FIX it should answer.
function kinds.dates(self, facts, approved, fix, approved_on, fixed_on)
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

return kinds
