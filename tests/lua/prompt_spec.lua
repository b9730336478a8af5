local prompt = require "promptgen.prompt"
local support = require "lua.support.prompts"

local DIR = "work-space/plans/CSV/"
local PLAN = DIR .. "PLAN_CSV.md"

local PLAN_TEXT = [[
# PLAN: Read CSV files

## Constraints

Standard library only.

## Achievements

### Priority 1: HIGH - Core

**Achievement 1.1**: Reader

- **Goal**: Read one CSV file
- **Effort**: 2 hours
- **Deliverables**:
  - `src/reader.py`
- **Tests**: `pytest tests/test_reader.py`

**Achievement 1.2**: Writer

- **Goal**: Write one CSV file
]]

local SUBPLAN = [[
# SUBPLAN: Achievement 1.1

**Status**: Ready

## Objective

Read a file.

## Planned Executions

| Execution | Delivers |
|---|---|
| 11_01 | the reader |
| 11_02 | the limits |

## Tests

tests/test_reader.py
]]

local EXECUTION = [[
# EXECUTION_TASK: Achievement 1.1

**Status**: In Progress

## Iteration Log

### Iteration 1

Read headers.

### Iteration 2

Read rows.

## Learning Summary

Quotes are hard.
]]

local FIX = [[
# FIX REQUIRED: Achievement 1.1

**Review Date**: 2025-01-02

## Issues Found

### Critical Issues

1. Quoted fields are split.

## Next Steps

Repair the quotes.
]]

local FILES = {
  [PLAN] = PLAN_TEXT,
  [DIR .. "subplans/SUBPLAN_CSV_11.md"] = SUBPLAN,
  [DIR .. "execution/EXECUTION_TASK_CSV_11_01.md"] = EXECUTION,
  [DIR .. "execution/EXECUTION_TASK_CSV_11_02.md"] = EXECUTION,
  [DIR .. "execution/feedbacks/FIX_11.md"] = FIX,
  [DIR .. "execution/feedbacks/FIX_11_RESOLUTION.md"] = "# RESOLUTION: Achievement 1.1\n\nDone.\n",
  ["src/reader.py"] = "pass\n",
}

local EXECUTIONS = {
  DIR .. "execution/EXECUTION_TASK_CSV_11_01.md", DIR .. "execution/EXECUTION_TASK_CSV_11_02.md",
}

--- What the state module says of each recommendation.
local STEPS = {
  create_subplan = { state = "no_subplan" },
  continue_subplan = { state = "subplan_draft", subplan = true, path = "subplans/SUBPLAN_CSV_11.md" },
  create_execution = { state = "subplan_ready", subplan = true, execution_number = 1 },
  continue_execution = { state = "executing", subplan = true, executions = 1,
                         path = "execution/EXECUTION_TASK_CSV_11_01.md" },
  create_next_execution = { state = "execution_due", subplan = true, executions = 2,
                            execution_number = 3 },
  synthesize = { state = "executed", subplan = true, executions = 2 },
  review = { state = "executed", subplan = true, executions = 2 },
  address_fixes = { state = "needs_fix", subplan = true, executions = 2, fix = true },
}

local function step_for(recommendation, plan, spec)
  spec = spec or STEPS[recommendation]
  local path = spec.path and DIR .. spec.path
  return {
    number = "1.1", achievement = plan.achievements[1], state = spec.state,
    recommendation = recommendation, rule = "first_open", path = path,
    subplan = spec.subplan and DIR .. "subplans/SUBPLAN_CSV_11.md" or nil,
    executions = table.move(EXECUTIONS, 1, spec.executions or 0, 1, {}),
    fix = spec.fix and DIR .. "execution/feedbacks/FIX_11.md" or nil,
    resolution = spec.resolution and DIR .. "execution/feedbacks/FIX_11_RESOLUTION.md" or nil,
    execution_number = spec.execution_number,
    evidence = { { path = path or PLAN, line = 3, says = "Status: In Progress" } },
  }
end

local function status_for(items, more)
  local status = {
    feature = "CSV", path = PLAN, state = "active", total = 2, approved = 0, skipped = 0,
    achievements = items or {
      { number = "1.1", title = "Reader", state = "executing" },
      { number = "1.2", title = "Writer", state = "no_subplan" },
    },
    conflicts = {}, warnings = {},
  }
  for key, value in pairs(more or {}) do
    status[key] = value
  end
  return status
end

local function render(recommendation, opts, files, spec, status)
  local workspace = support.workspace(files or FILES)
  local plan = workspace:plan(PLAN)
  local options = { workspace = workspace }
  for key, value in pairs(opts or {}) do
    options[key] = value
  end
  local step = (STEPS[recommendation] or spec) and step_for(recommendation, plan, spec)
  return prompt.render(support.stock, recommendation,
    { plan = plan, step = step or nil, status = status or status_for() }, options)
end

local MAY_CREATE = {}
for _, path in ipairs {
  "subplans/SUBPLAN_CSV_11.md", "execution/EXECUTION_TASK_CSV_11_01.md",
  "execution/EXECUTION_TASK_CSV_11_03.md", "execution/feedbacks/APPROVED_11.md",
  "execution/feedbacks/FIX_11.md", "execution/feedbacks/FIX_11_RESOLUTION.md", "parallel.json",
} do
  MAY_CREATE[DIR .. path] = true
end

local function line_count(path)
  local text = FILES[path]
  return text and select(2, text:gsub("\n", "\n")) or nil
end

describe("the learnings of earlier executions", function()
  --- A prompt with so many executions, each with these learnings.
  local function with(recommendation, count, learning)
    local files = {}
    for path, text in pairs(FILES) do
      files[path] = text
    end
    local paths = {}
    for i = 1, count do
      paths[i] = DIR .. ("execution/EXECUTION_TASK_CSV_11_%02d.md"):format(i)
      files[paths[i]] = EXECUTION:gsub("Quotes are hard.\n", function() return learning .. i .. "\n" end)
    end
    local workspace = support.workspace(files)
    local plan = workspace:plan(PLAN)
    local step = step_for(recommendation, plan)
    step.executions, step.path = paths, paths[#paths]
    local made = assert(prompt.render(support.stock, recommendation,
      { plan = plan, step = step, status = status_for() }, { workspace = workspace }))
    assert.same({}, support.complaints(made.text, function(path)
      return files[path] and select(2, files[path]:gsub("\n", "\n"))
    end, MAY_CREATE, function(path) return files[path] end))
    return made.text, workspace, plan, step
  end

  it("are named, each with its lines, where they do not fit a budget", function()
    local _, workspace, plan, step = with("create_next_execution", 2, "Lesson ")
    for max = 500, 2000, 25 do
      local made = prompt.render(support.stock, "create_next_execution",
        { plan = plan, step = step, status = status_for() }, { workspace = workspace, max_tokens = max })
      if made and made.text:find("\"What was learnt before\"", 1, true) then
        local one = DIR .. "execution/EXECUTION_TASK_CSV_11_%02d.md"
        return assert.matches(("Read what the executions before it learnt: lines 15-17 of `%s`, lines 15-17 of `%s`.")
          :format(one:format(1), one:format(2)), made.text, 1, true)
      end
    end
    error "no budget left the learnings out"
  end)

  it("are quoted for the next execution, with their lines, and the log need not be read", function()
    local text = with("create_next_execution", 2, "Lesson ")
    assert.matches("## What was learnt before\n\nLines 15-17 (3 lines) of `" .. DIR
      .. "execution/EXECUTION_TASK_CSV_11_01.md`:\n\n```markdown\n## Learning Summary\n\nLesson 1\n```\n", text,
      1, true)
    assert.matches("\nLesson 2\n", text, 1, true)
    assert.is_nil(text:find("what was done and learnt before", 1, true))
  end)

  it("of all but the execution in hand are quoted when one is continued", function()
    local text = with("continue_execution", 2, "Lesson ")
    assert.matches("\nLesson 1\n", text, 1, true)
    assert.is_nil(text:find("Lesson 2", 1, true))
    assert.is_nil(with("continue_execution", 1, "Lesson "):find("What was learnt before", 1, true))
  end)

  it("of more than four are to be read, but for the last four", function()
    local text = with("create_next_execution", 6, "Lesson ")
    assert.is_nil(text:find("Lesson 2\n", 1, true))
    assert.matches("Lesson 3\n", text, 1, true)
    assert.matches("EXECUTION_TASK_CSV_11_02.md` (17 lines): what was done and learnt before", text, 1, true)
  end)

  it("that are long are quoted in part, and the prompt says so", function()
    local text = with("create_next_execution", 1, ("A line\n"):rep(50))
    assert.matches("(53 lines) of `" .. DIR .. "execution/EXECUTION_TASK_CSV_11_01.md`, of which the first 30 are "
      .. "quoted; read the rest there:", text, 1, true)
  end)
end)

describe("what is to be read", function()
  it("is added up, in lines and files", function()
    local text = assert(render "review").text
    assert.matches("\n- In all: %d+ lines of 3 files", text)
    assert.matches("\n- Objective, as the SUBPLAN puts it: Read a file.\n", text, 1, true)
  end)
end)

describe("the prompt", function()
  for recommendation in pairs(STEPS) do
    describe("for " .. recommendation, function()
      local made = assert(render(recommendation))

      it("names the plan, the achievement, its goal and its effort", function()
        for _, needed in ipairs { PLAN, "1.1", "Reader", "Read one CSV file.", "2 hours",
                                  "src/reader.py", "pytest tests/test_reader.py" } do
          assert.truthy(made.text:find(needed, 1, true), needed)
        end
      end)

      it("has good form, and tells the truth about files and lines", function()
        assert.same({}, support.complaints(made.text, line_count, MAY_CREATE))
      end)

      it("reports its lines and an estimate of its tokens", function()
        assert.equal(select(2, made.text:gsub("\n", "\n")), made.lines)
        assert.truthy(made.tokens > #made.text / 6 and made.tokens < #made.text / 2)
        assert.same({}, made.dropped)
        assert.equal(recommendation, made.template)
      end)

      it("tells how to verify with a command that names the plan", function()
        assert.truthy(made.text:find("promptgen status @CSV", 1, true))
      end)
    end)
  end

  it("says which file to create, in the place the layout gives it", function()
    local function last_line(recommendation)
      return render(recommendation).text:match("([^\n]*)\n$")
    end
    assert.matches("SUBPLAN_CSV_11.md", last_line "create_subplan")
    assert.matches("EXECUTION_TASK_CSV_11_01.md", last_line "create_execution")
    assert.matches("EXECUTION_TASK_CSV_11_03.md", last_line "create_next_execution")
    assert.matches("FIX_11_RESOLUTION.md", last_line "address_fixes")
    assert.matches("APPROVED_11.md", last_line "review")
  end)

  it("spells the codes of executions as the layout spells them", function()
    assert.truthy(render("create_subplan").text:find("`11_01`", 1, true))
    assert.truthy(render("create_next_execution").text:find("`11_03`", 1, true))
  end)

  it("points to files the plan names that exist", function()
    assert.truthy(render("create_subplan").text:find(
      "What exists already of the files the plan names: `src/reader.py`", 1, true))
  end)

  it("quotes what a review found, and tells how to look it up", function()
    local text = render("address_fixes").text
    local _, blocks = support.outline(text)
    assert.matches("Quoted fields are split", blocks[1])
    assert.truthy(text:find("lines 5-10 (6 lines)", 1, true) or text:find("lines 5-9 (5 lines)", 1, true))
  end)

  it("tells a second review to answer the first", function()
    local made = render("review", nil, nil,
      { state = "fix_resolved", subplan = true, executions = 2, fix = true, resolution = true })
    assert.truthy(made.text:find("For each issue of `" .. DIR .. "execution/feedbacks/FIX_11.md`", 1, true))
    assert.truthy(made.text:find("also delete `" .. DIR .. "execution/feedbacks/FIX_11_RESOLUTION.md`", 1, true))
    assert.same({}, support.complaints(made.text, line_count, MAY_CREATE))
  end)

  it("points to the last iteration of a log", function()
    assert.truthy(render("continue_execution").text:find("`Iteration 2`", 1, true))
  end)

  it("warns when the plan claims what no file shows", function()
    local workspace = support.workspace(FILES)
    local plan = workspace:plan(PLAN)
    local step = step_for("create_subplan", plan)
    step.claimed = true
    local made = prompt.render(support.stock, "create_subplan", { plan = plan, step = step },
      { workspace = workspace })
    assert.matches("marks this achievement as done, but no file shows it", made.text)
  end)

  it("reads a long document in part", function()
    local files = {}
    for path, text in pairs(FILES) do
      files[path] = text
    end
    local path = DIR .. "subplans/SUBPLAN_CSV_11.md"
    files[path] = SUBPLAN .. "\n## Notes\n" .. ("note\n"):rep(600)
    local text = render("continue_execution", nil, files).text
    assert.matches("It is long; these %d+ lines of it matter", text)
    assert.matches("lines %d+%-%d+, `Objective`", text)
  end)

  it("quotes the telling parts of a very long achievement", function()
    local files = { [PLAN] = PLAN_TEXT:gsub("%- %*%*Effort", ("filler\n"):rep(400) .. "- **Effort") }
    local text = render("create_subplan", nil, files).text
    assert.matches("too long to quote whole", text)
    local _, blocks = support.outline(text)
    assert.matches("pytest tests/test_reader.py", blocks[1])
  end)

  it("names the plan by path where its name is not enough", function()
    local workspace = support.workspace(FILES)
    workspace.resolve = function() return nil end
    local plan = workspace:plan(PLAN)
    local made = prompt.render(support.stock, "create_subplan",
      { plan = plan, step = step_for("create_subplan", plan) }, { workspace = workspace })
    assert.truthy(made.text:find("promptgen status " .. PLAN, 1, true))
  end)
end)

describe("the prompt of a plan without a next step", function()
  it("closes a complete plan", function()
    local items = { { number = "1.1", title = "Reader", state = "approved",
                      path = DIR .. "execution/feedbacks/FIX_11.md" },
                    { number = "1.2", title = "Writer", state = "skipped" } }
    local made = render("plan_complete", nil, nil, nil, status_for(items, { state = "plan_complete" }))
    assert.matches("2 of 2 achievements closed", made.text)
    assert.matches("1.2, Writer: skipped\n", made.text)
    assert.same({}, support.complaints(made.text, line_count, MAY_CREATE))
  end)

  it("names what blocks a blocked plan", function()
    local items = { { number = "1.1", title = "Reader", state = "no_subplan", blockers = { "1.2" } },
                    { number = "1.2", title = "Writer", state = "no_subplan", blockers = { "1.1" } } }
    local made = render("blocked", nil, nil, nil, status_for(items, { state = "blocked" }))
    assert.truthy(made.text:find("1.1, Reader (`no_subplan`): waits for 1.2", 1, true))
    assert.same({}, support.complaints(made.text, line_count, MAY_CREATE))
  end)

  it("asks for reviews where a blocked plan waits for nothing else, and names no parallel.json", function()
    local items = { { number = "1.1", title = "Reader", state = "executed", recommendation = "review" } }
    local made = render("blocked", nil, nil, nil, status_for(items, { state = "blocked" }))
    assert.truthy(made.text:find("1.1, Reader (`executed`): waits for its review", 1, true))
    assert.matches("promptgen next @[%w-]+ %-%-achievement N", made.text)
    assert.falsy(made.text:find("parallel.json", 1, true))
    assert.same({}, support.complaints(made.text, line_count, MAY_CREATE))
  end)

  it("lays a conflict out", function()
    local made = render("conflict", nil, nil, nil, status_for(nil, { state = "conflict", conflicts = { {
      kind = "undefined_number", message = "APPROVED_77.md belongs to no achievement",
      evidence = { { path = DIR .. "execution/feedbacks/FIX_11.md", says = "is there" } },
      cause = "the number was removed from the plan", resolution = "rename the file",
    } } }))
    assert.matches("1%. APPROVED_77.md belongs to no achievement%.", made.text)
    assert.matches("Likely cause: the number was removed from the plan%.", made.text)
    assert.same({}, support.complaints(made.text, line_count, MAY_CREATE))
  end)
end)

describe("project context", function()
  local files = { ["docs/PROJECT.md"] = "# Tally\n\n## Overview\n\nA ledger.\n\n## Secrets\n\nNone.\n" }
  for path, text in pairs(FILES) do
    files[path] = text
  end

  it("comes from the configured headings of the configured file", function()
    local made = render("create_subplan",
      { project = { file = "docs/PROJECT.md", headings = { "overview" } } }, files)
    assert.matches("## About this project", made.text)
    assert.matches("A ledger", made.text)
    assert.is_nil(made.text:find("Secrets", 1, true))
  end)

  it("is left out without a word when the file or the headings are missing", function()
    for _, project in ipairs { { file = "gone.md" }, { file = "docs/PROJECT.md", headings = { "x" } } } do
      local made = render("create_subplan", { project = project }, files)
      assert.is_nil(made.text:find("About this project", 1, true))
    end
  end)

  it("takes the first lines of a file when no heading is configured", function()
    local made = render("create_subplan", { project = { file = "docs/PROJECT.md", lines = 3 } }, files)
    local _, blocks = support.outline(made.text)
    assert.equal("# Tally\n\n## Overview\n", blocks[#blocks])
  end)
end)

describe("a budget", function()
  it("drops the project context first and the goal never", function()
    local files = { ["docs/PROJECT.md"] = "# P\n" .. ("words of context\n"):rep(100) }
    for path, text in pairs(FILES) do
      files[path] = text
    end
    local project = { file = "docs/PROJECT.md", lines = 100 }
    local whole = render("create_execution", { project = project }, files)
    local less = render("create_execution", { project = project, max_tokens = whole.tokens - 1 }, files)
    assert.equal("About this project", less.dropped[1].title)
    assert.equal(1, #less.dropped)
    local least = render("create_execution", { max_tokens = 1000 }, files)
    assert.truthy(least.tokens <= 1000)
    assert.matches("Read one CSV file", least.text)
    assert.matches("Begin now by creating", least.text)
    local none, err = render("create_execution", { max_tokens = 100 }, files)
    assert.is_nil(none)
    assert.equal("limit", err.code)
  end)

  it("says where to read what it dropped", function()
    local made = render("create_subplan", { max_tokens = 870 })
    assert.matches("Left out, to stay within 870 tokens", made.text)
    assert.truthy(made.text:find("Read what the plan asks for: lines 11-17 of `" .. PLAN, 1, true), made.text)
  end)

  it("leaves out what the plan says, which can be read there, before the limits and the checks", function()
    local whole = render("create_subplan", {})
    for max = whole.tokens - 1, 400, -40 do
      local made = render("create_subplan", { max_tokens = max })
      if made and made.text:find("Read what the plan asks for", 1, true) == nil then
        assert.matches("## Limits", made.text, 1, true)
        assert.matches("## Before you finish", made.text, 1, true)
      end
    end
  end)

  it("is a positive integer", function()
    assert.has_error(function() render("review", { max_tokens = 0 }) end)
    assert.has_error(function() render("review", { max_tokens = "9" }) end)
  end)
end)

describe("changes to a stock prompt", function()
  local function with(files)
    local names = { workspace = files }
    return function(kind, name)
      local hit, err = support.stock(kind, name)
      if names.workspace[name] then
        return { source = names.workspace[name], path = name .. ".lua", layer = "workspace", shadowed = { hit } }
      end
      return hit, err
    end
  end

  local function rendered(files, recommendation)
    local workspace = support.workspace(FILES)
    local plan = workspace:plan(PLAN)
    return prompt.render(with(files), recommendation,
      { plan = plan, step = step_for(recommendation, plan) }, { workspace = workspace })
  end

  it("append to one section of one prompt", function()
    local made = rendered({ create_execution = [[
return require("promptgen.template").define {
  extends = "create_execution",
  blocks = { verify = { append = "- `make lint` is silent.\n" } },
}]] }, "create_execution")
    assert.matches("%- `make lint` is silent%.\n\n## What the reviewer", made.text)
    assert.equal("workspace", made.sources[1].layer)
  end)

  it("add a section to every prompt through the frame", function()
    local files = { base = [[
return require("promptgen.template").define {
  extends = "base",
  blocks = { extra = '{% section house { title = "House rules", priority = 60 } %}\nNo tabs.\n{% endsection %}' },
}]] }
    for recommendation in pairs(STEPS) do
      assert.matches("## House rules\n\nNo tabs%.\n", rendered(files, recommendation).text)
    end
  end)

  it("change a partial wherever it is used", function()
    local made = rendered({ ["partials/facts"] = [[
return require("promptgen.template").define {
  params = { brief = {} }, body = "Facts of {{ brief.number }}\n",
}]] }, "review")
    assert.matches("\n\nFacts of 1.1\n\n", made.text)
  end)
end)
