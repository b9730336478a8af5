--- What each recommendation adds to a brief: what to read, what not to, and where to begin.
local extract = require "promptgen.prompt.extract"
local placeholder = require "promptgen.lazy" "promptgen.placeholder"
local quote = require "promptgen.prompt.quote"
local sections = require "promptgen.prompt.sections"

--- Recommendation -> function(brief, plan).
local steps = {}

--- Issues are quoted up to this length; longer ones are read in the file.
local ISSUE_LINES = 160

--- What a FIX file asks for: the section of its issues, in the reviewer's words.
---@param record promptgen.plan.Record
---@return promptgen.prompt.Quote?
local function issues_of(record)
  local found = sections.find(record, { { "issue" }, { "required fix" }, { "fixes required" },
    { "problem" }, { "finding" } }, { max_count = 1 })[1]
  if not found then
    return nil
  end
  local count = found.last - found.first + 1
  return {
    first = found.first, last = found.last, count = count, whole = count <= ISSUE_LINES,
    text = record:text(found.first, math.min(found.last, found.first + ISSUE_LINES - 1)),
  }
end

--- Files a review names: those that exist, and those that do not.
local function named_files(workspace, references)
  local named, missing = {}, {}
  for _, path in ipairs(references) do
    table.insert(quote.is_file(workspace, path) and named or missing, path)
  end
  return named, missing
end

local function leave_plan(self)
  self.reading:leave(("the rest of the plan, which has %d lines in all"):format(self.plan.lines))
end

local function leave_others(self)
  if #(self.replaced or {}) > 0 then
    self.reading:leave(("%d EXECUTION_TASK%s that a later version replaces"):format(#self.replaced,
      #self.replaced == 1 and "" or "s"))
  end
  self.reading:leave("SUBPLANs, EXECUTION_TASKs and reviews of other achievements")
end

--- The SUBPLAN, for somebody who carries it out or judges it.
local function read_subplan(self, why, whole)
  local record = self.reading:document(self.step.subplan, why, sections.of_subplan, whole)
  self.subplan_record = record
  if record then
    local text, place = extract.sentences(record, "objective")
    local is_fact = text and not placeholder.is(text)
    self.objective = is_fact and { text = text, first = place.first, last = place.last } or nil
  end
end

--- Executions whose learnings are quoted, the latest ones, and lines of each.
local LEARNINGS, LEARNING_LINES = 4, 30

--- Whether anything stands below the heading, or after the label, that is not still to be written.
local function is_written(record, found)
  local first = math.min(found.last, found.first + 1)
  return placeholder.without(record:text(first, found.last)) ~= nil
end

--- What earlier executions of the achievement learnt, in their own words; those that say nothing of it,
--- or more than is quoted, are to be read.
local function quote_learnings(self, current)
  local earlier = {}
  for _, path in ipairs(self.executions) do
    if path ~= current then
      earlier[#earlier + 1] = path
    end
  end
  self.learnings = {}
  for i, path in ipairs(earlier) do
    local record = self.workspace:document(path)
    local found = record and i > #earlier - LEARNINGS and extract.quote(record, "learning", LEARNING_LINES)
    if found and is_written(record, found) then
      found.path = path
      self.learnings[#self.learnings + 1] = found
    else
      self.reading:document(path, "what was done and learnt before", sections.of_results)
    end
  end
end

--- Files the plan names that exist already: the code the work touches.
local function read_code(self)
  self.existing = quote.existing_paths(self.workspace, self.words.text, 8)
end

local function read_results(self, why)
  for _, path in ipairs(self.executions) do
    self.reading:document(path, why, sections.of_results)
  end
end

function steps.create_subplan(self, plan)
  self.reading:plan_sections(plan)
  read_code(self)
  leave_plan(self)
  leave_others(self)
  self.first_file = self.files.subplan
end

function steps.continue_subplan(self, plan)
  self.subplan_record = self.reading:document(self.step.subplan, "what is written so far", nil, true)
  self.reading:plan_sections(plan)
  read_code(self)
  leave_plan(self)
  leave_others(self)
  self.first_file = self.files.subplan
end

--- Whether the achievement can be divided.
function steps.discover(self)
  read_subplan(self, "what it creates and changes, and how the work is cut today", true)
  read_code(self)
  leave_plan(self)
  leave_others(self)
end

--- Words of a SUBPLAN that has its executions go on one after the other.
local ONE_BY_ONE = { "sequential", "one after the other", "not parallel", "not in parallel", "no parallel",
                     "parallelize" }

--- Whether the SUBPLAN plans several executions that go on at the same time.
local function is_side_by_side(record)
  if not record or #(record.planned or {}) < 2 then
    return false
  end
  local said = false
  for _, range in ipairs(sections.find(record, { { "planned execution" }, { "execution strategy" } })) do
    local text = record:text(range.first, range.last):lower()
    for _, words in ipairs(ONE_BY_ONE) do
      if text:find(words, 1, true) then
        return false
      end
    end
    said = said or text:find("parallel", 1, true) ~= nil or text:find("at the same time", 1, true) ~= nil
  end
  return said
end

function steps.create_execution(self)
  read_subplan(self, "the design to carry out", true)
  self.side_by_side = is_side_by_side(self.subplan_record)
  read_code(self)
  leave_plan(self)
  leave_others(self)
  self.first_file = self.files.execution
end

function steps.create_next_execution(self)
  self.unplanned = self.state == "executed"
  read_subplan(self, "the design; its list of executions says what this one does")
  self.side_by_side = is_side_by_side(self.subplan_record)
  quote_learnings(self)
  leave_plan(self)
  leave_others(self)
  self.first_file = self.files.execution
end

function steps.continue_execution(self)
  local path = self.step.path or self.executions[1]
  self.execution = path
  local record = self.reading:document(path, "the work so far", nil, true)
  if record then
    self.last_iteration = sections.last(record, "iteration%s*#?%d")
  end
  read_subplan(self, "the design that is being carried out")
  quote_learnings(self, path)
  leave_plan(self)
  leave_others(self)
  self.first_file = path
end

function steps.synthesize(self)
  read_subplan(self, "the document to complete")
  read_results(self, "one of the executions to bring together")
  leave_plan(self)
  leave_others(self)
  self.first_file = self.files.subplan
end

local UNFINISHED = { executing = true, execution_due = true }

function steps.review(self)
  self.early = UNFINISHED[self.state] or false
  if self.state == "fix_resolved" then
    self.reading:document(self.step.fix, "what the last review asked for", nil, true)
    self.reading:document(self.step.resolution, "what was done about it", nil, true)
  end
  read_subplan(self, "the design to judge the work by")
  read_results(self, "what was done")
  read_code(self)
  leave_plan(self)
  leave_others(self)
  self.first_file = self.files.approved
end

function steps.address_fixes(self)
  local record = self.reading:document(self.step.fix, "the review", sections.of_fix, true)
  self.fix_record = record
  if record then
    self.unwritten_fix = record.placeholder
    self.issues = issues_of(record)
    self.fix = require("promptgen.fix_file").read(record)
    self.named, self.missing = named_files(self.workspace, self.fix.references)
  end
  read_subplan(self, "the design the review judged by")
  read_results(self, "what was done")
  leave_plan(self)
  leave_others(self)
  self.first_file = self.files.resolution
end

return steps
