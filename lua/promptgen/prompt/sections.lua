--- Choosing the parts of a document that a reader needs, by the titles of its sections.
local sections = {}

--- What to look for in a title (lower case, anywhere in it) and what the section is good for.
---@class promptgen.prompt.Wanted
---@field [1] string words in the title
---@field [2] string? why it is worth reading

--- Sections of a PLAN that bear on more than one achievement.
---@type promptgen.prompt.Wanted[]
sections.of_plan = {
  { "constraint", "what the work must respect" },
  { "scope", "what belongs to the plan and what does not" },
  { "architecture", "the structure the work must fit" },
  { "file structure", "where files belong" },
  { "technical specification", "what the parts must do" },
  { "testing strategy", "how this plan wants its work tested" },
  { "error handling", "how errors are to be handled" },
  { "performance requirement", "the figures to meet" },
  { "library integration", "which libraries to use" },
  { "key decision", "what is decided already" },
}

--- Sections of a SUBPLAN that somebody who carries it out or judges it needs.
---@type promptgen.prompt.Wanted[]
sections.of_subplan = {
  { "objective" }, { "deliverable" }, { "what needs to be created" }, { "approach" },
  { "implementation strategy" }, { "implementation plan" }, { "execution plan" }, { "refactoring plan" },
  { "planned execution" }, { "execution strategy" }, { "test" }, { "success criteria" },
  { "done when" }, { "expected result" },
}

--- Sections of a FIX file beside its issues.
---@type promptgen.prompt.Wanted[]
sections.of_fix = { { "next step" }, { "recommend" }, { "what worked" }, { "scope" } }

--- Sections of an EXECUTION_TASK that tell what came of it.
---@type promptgen.prompt.Wanted[]
sections.of_results = {
  { "learning" }, { "completion" }, { "final status" }, { "results" }, { "summary" },
}

---@class promptgen.prompt.Range
---@field title string
---@field first integer
---@field last integer
---@field why string?

--- The sections of a record whose titles hold one of the wanted words, in the order they stand, none
--- inside another.
---@param record promptgen.plan.Record
---@param wanted promptgen.prompt.Wanted[]
---@param options { max_lines: integer?, max_count: integer?, max_level: integer? }?
---@return promptgen.prompt.Range[]
function sections.find(record, wanted, options)
  options = options or {}
  local found, covered = {}, 0
  for _, section in ipairs(record.sections) do
    local lines = section.end_line - section.line + 1
    if section.level >= 2 and section.level <= (options.max_level or 2)
      and section.line > covered and lines > 1
      and lines <= (options.max_lines or math.huge) then
      local title = section.title:lower()
      for _, want in ipairs(wanted) do
        if title:find(want[1], 1, true) then
          found[#found + 1] = {
            title = section.title, first = section.line, last = section.end_line, why = want[2],
          }
          covered = section.end_line
          break
        end
      end
    end
    if #found == (options.max_count or 12) then
      break
    end
  end
  return found
end

--- The last section whose title matches; `empty` when the title still has a placeholder in brackets.
---@param record promptgen.plan.Record
---@param pattern string Lua pattern for the title in lower case
---@return { title: string, first: integer, last: integer, empty: boolean }?
function sections.last(record, pattern)
  for i = #record.sections, 1, -1 do
    local section = record.sections[i]
    if section.title:lower():find(pattern) then
      return { title = section.title, first = section.line, last = section.end_line,
               empty = section.title:find("%[.*%]") ~= nil }
    end
  end
  return nil
end

return sections
