--- An agent that does to the letter what the prompts say: each file it writes must bring the plan to
--- the state the prompt promised. Prompts and state resolver could otherwise drift apart unseen.
local fake = require "lua.support.fake_workspace"
local plan_module = require "promptgen.plan"
local prompt = require "promptgen.prompt"
local state = require "promptgen.state"
local support = require "lua.support.prompts"

local DIR = "work-space/plans/LIFE/"
local PLAN = DIR .. "PLAN_LIFE.md"

local PLAN_TEXT = [[
# PLAN: Life

**Status**: Planning

## Achievements

**Achievement 1.1**: First Thing

- **Goal**: Do the first thing
- **Effort**: 1 hour
]]

--- What `create_subplan` asks for, part by part.
local SUBPLAN = [[
# SUBPLAN: Achievement 1.1 - First Thing

**Plan**: LIFE
**Achievement**: 1.1
**Status**: Ready
**Created**: 2026-01-02

## Objective

The first thing exists.

## Deliverables

- `src/first.py`: the thing

## Approach

Directly.

## Planned Executions

| Execution | Delivers | Proved by |
|---|---|---|
| 11_01 | the thing | tests/test_first.py |
| 11_02 | its limits | tests/test_limits.py |

## Tests

tests/test_first.py

## Risks

None known.

## Done when

- src/first.py exists
]]

local LOG = [[
# EXECUTION_TASK: Achievement 1.1 - the thing

**SUBPLAN**: SUBPLAN_LIFE_11.md
**Status**: In Progress
**Started**: 2026-01-03

## What We Build

The thing.

## Iteration Log

### Iteration 1

Wrote it.
]]

local DONE = LOG:gsub("In Progress", "✅ Complete") .. [[

## Learning Summary

It was easy.

## Completion Status

**Status**: ✅ Complete

- `src/first.py`: exists
]]

local SYNTHESIS = [[

## Execution Results Synthesis

| Execution | Delivered |
|---|---|
| 11_01 | the thing |
| 11_02 | its limits |

Nothing is left open.
]]

local function feedback(title, fields, rest)
  return ("# %s: Achievement 1.1\n\n%s\n\n## Summary\n\nText.\n%s"):format(title, fields, rest or "")
end

local APPROVED = feedback("APPROVED",
  "**Reviewer**: R\n**Review Date**: 2026-01-06\n**Status**: ✅ Approved")

local function fix_of(date)
  return feedback("FIX REQUIRED",
    "**Reviewer**: R\n**Review Date**: " .. date .. "\n**Status**: ⚠️ Needs Fixes",
    "\n## Issues Found\n\n### Critical Issues\n\n1. It is wrong.\n\n## Next Steps\n\n1. Mend it.\n")
end

local RESOLUTION = "# RESOLUTION: Achievement 1.1\n\n**Date**: 2026-01-05\n**Status**: ✅ Resolved\n\n## Issues\n\n"
  .. "### 1. It is wrong\n\nMended.\n"

describe("an agent that follows the prompts", function()
  local files, plan = { [PLAN] = PLAN_TEXT }, assert(plan_module.parse(PLAN_TEXT, { path = PLAN }))

  --- Where the plan stands, with the files as they are now.
  local function resolve()
    local workspace = fake.workspace(files)
    function workspace.resolve(_, target) return target == "@LIFE" and PLAN end
    return workspace, assert(state.resolve(workspace, plan, {}))
  end

  --- The prompt for the next step; its promises are `state` -> `file it names`.
  local function ask(recommendation)
    local workspace, status = resolve()
    assert.equal(recommendation, status.next and status.next.recommendation)
    return assert(prompt.render(support.stock, recommendation,
      { plan = plan, step = status.next, status = status }, { workspace = workspace })).text
  end

  local function write(path, text)
    files[DIR .. path] = text
  end

  local function stands(expected)
    local _, status = resolve()
    assert.equal(expected, status.achievements[1].state)
    assert.same({}, status.conflicts)
    return status
  end

  local function promises(text, ...)
    for _, word in ipairs { ... } do
      assert.truthy(text:find(word, 1, true), word)
    end
  end

  it("comes from nothing to a SUBPLAN that is ready, by way of a draft", function()
    promises(ask "create_subplan", "`" .. DIR .. "subplans/SUBPLAN_LIFE_11.md`", "`subplan_ready`",
      "`11_01`", "`11_02`", "## Planned Executions", "**Status**: Ready")
    write("subplans/SUBPLAN_LIFE_11.md", "# SUBPLAN: Achievement 1.1\n\n## Objective\n\n[To be written]\n")
    stands "subplan_draft"
    promises(ask "continue_subplan", "What is missing", "[To be written]")
    write("subplans/SUBPLAN_LIFE_11.md", SUBPLAN)
    stands "subplan_ready"
  end)

  it("comes from there through a first execution to a second", function()
    promises(ask "create_execution", "`" .. DIR .. "execution/EXECUTION_TASK_LIFE_11_01.md`",
      "**Status**: In Progress", "`execution_due`", "## Completion Status")
    write("execution/EXECUTION_TASK_LIFE_11_01.md", LOG)
    stands "executing"
    promises(ask "continue_execution", "`Iteration 1`", "`execution_due`")
    write("execution/EXECUTION_TASK_LIFE_11_01.md", DONE)
    stands "execution_due"
    promises(ask "create_next_execution", "`11_02`",
      "`" .. DIR .. "execution/EXECUTION_TASK_LIFE_11_02.md`", "1 execution file is complete")
    write("execution/EXECUTION_TASK_LIFE_11_02.md", DONE)
    stands "executed"
  end)

  it("brings the executions together", function()
    promises(ask "synthesize", "## Execution Results Synthesis")
    write("subplans/SUBPLAN_LIFE_11.md", SUBPLAN:gsub("%*%*Status%*%*: Ready", "**Status**: ✅ Complete")
      .. SYNTHESIS)
    stands "executed"
  end)

  it("is reviewed, mends what the review found, and is reviewed again", function()
    promises(ask "review", "`" .. DIR .. "execution/feedbacks/APPROVED_11.md`",
      "`" .. DIR .. "execution/feedbacks/FIX_11.md`", "**Review Date**")
    write("execution/feedbacks/FIX_11.md", fix_of "2026-01-04")
    stands "needs_fix"
    promises(ask "address_fixes", "1. It is wrong.", "`fix_resolved`",
      "`" .. DIR .. "execution/feedbacks/FIX_11_RESOLUTION.md`")
    write("execution/feedbacks/FIX_11_RESOLUTION.md", RESOLUTION)
    stands "fix_resolved"
  end)

  it("counts a second review as unanswered once the old answer is deleted, as the prompt says", function()
    promises(ask "review", "also delete `" .. DIR .. "execution/feedbacks/FIX_11_RESOLUTION.md`")
    write("execution/feedbacks/FIX_11.md", fix_of "2026-01-05")
    files[DIR .. "execution/feedbacks/FIX_11_RESOLUTION.md"] = nil
    stands "needs_fix"
    write("execution/feedbacks/FIX_11_RESOLUTION.md", RESOLUTION)
    stands "fix_resolved"
  end)

  it("is approved, which completes the plan", function()
    ask "review"
    write("execution/feedbacks/APPROVED_11.md", APPROVED)
    local status = stands "approved"
    assert.equal("plan_complete", status.state)
    local workspace = resolve()
    local made = assert(prompt.render(support.stock, "plan_complete",
      { plan = plan, status = status }, { workspace = workspace }))
    promises(made.text, "1 of 1 achievement closed", DIR .. "execution/feedbacks/APPROVED_11.md")
  end)
end)
