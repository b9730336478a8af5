--- The life of a plan in a fresh directory, with promptgen's commands and a text editor and nothing
--- else. After every step all answers agree: status, next, explain, plans; for people and as JSON.
local agreement = require "support.agreement"
local program = require "support.program"
local workspace = require "support.workspace"

local TARGET = "@WORD-COUNT"
local DIR = "work-space/plans/WORD-COUNT/"
local PLAN = DIR .. "PLAN_WORD-COUNT.md"
local FEEDBACK = DIR .. "execution/feedbacks/"

local function subplan(code)
  return DIR .. "subplans/SUBPLAN_WORD-COUNT_" .. code .. ".md"
end

local function execution(code)
  return DIR .. "execution/EXECUTION_TASK_WORD-COUNT_" .. code .. ".md"
end

describe("a plan from init to the archive", function()
  local ws

  setup(function()
    ws = workspace.new("--example", "--date", "2031-01-01")
  end)
  teardown(function()
    ws:close()
  end)

  --- `file` is relative to the plan's folder in the answers, as the program prints it.
  local function stands(expected, ...)
    expected.file = expected.file and expected.file:sub(#DIR + 1)
    return agreement.check(ws, TARGET, expected, ...)
  end

  --- Has the prompt name a file and the command make exactly that file.
  local function makes(prompt, path, ...)
    assert(prompt:find("`" .. path .. "`", 1, true), "the prompt does not name " .. path .. ":\n" .. prompt)
    assert.equal(path .. "\n", (ws:ok(...)))
  end

  local function finish(code)
    ws:fill(execution(code))
    ws:edit(execution(code), "In Progress", "✅ Complete")
  end

  it("starts with the first achievement, which has no SUBPLAN", function()
    local prompt = stands { state = "active", total = 3, approved = 0, skipped = 0, number = "1.1",
      step = "no_subplan", recommendation = "create_subplan", rule = "first_open" }
    makes(prompt, subplan "11", "new", "subplan", TARGET, "1.1")
    stands { number = "1.1", step = "subplan_draft", recommendation = "continue_subplan", rule = "started",
      file = subplan "11" }
  end)

  it("has a draft until the last bracket is filled in", function()
    ws:edit(subplan "11", "| 11_01 |[^\n]*",
      "| 11_01 | the count | tests/run.sh |\n| 11_02 | the errors | tests/run.sh |",
      "%[What will exist[^\n]*", "The script prints the number of words of one file.")
    local prompt = stands { number = "1.1", step = "subplan_draft", recommendation = "continue_subplan" }
    assert.is_nil(prompt:find("[What will exist", 1, true))
    assert.is_truthy(prompt:find("[Every file to create", 1, true), prompt)
    ws:fill(subplan "11")
    stands { number = "1.1", step = "subplan_ready", recommendation = "create_execution", file = subplan "11" }
  end)

  it("goes through both planned executions", function()
    local prompt = stands {}
    makes(prompt, execution "11_01", "new", "execution", TARGET, "1.1")
    stands { number = "1.1", step = "executing", recommendation = "continue_execution", file = execution "11_01" }
    finish "11_01"
    prompt = stands { number = "1.1", step = "execution_due", recommendation = "create_next_execution" }
    makes(prompt, execution "11_02", "new", "execution", TARGET, "1.1")
    stands { number = "1.1", step = "executing", recommendation = "continue_execution", file = execution "11_02" }
    finish "11_02"
    stands { number = "1.1", step = "executed", recommendation = "synthesize", file = execution "11_02" }
  end)

  it("is reviewed when the executions have been brought together", function()
    ws:write(subplan "11", ws:read(subplan "11")
      .. "\n## Execution Results Synthesis\n\nBoth executions delivered what they should.\n")
    stands { number = "1.1", step = "executed", recommendation = "review" }
    ws:edit(subplan "11", "%*%*Status%*%*: Draft", "**Status**: ✅ Complete")
    local prompt = stands { number = "1.1", step = "executed", recommendation = "review" }
    assert.is_truthy(prompt:find("`" .. FEEDBACK .. "APPROVED_11.md`", 1, true))
    makes(prompt, FEEDBACK .. "FIX_11.md", "fix", TARGET, "1.1", "--date", "2031-01-02",
      "--critical", "An empty file prints nothing", "--minor", "The tests have no names")
    prompt = stands { number = "1.1", step = "needs_fix", recommendation = "address_fixes", rule = "needs_fix_first",
      file = FEEDBACK .. "FIX_11.md" }
    assert.is_truthy(prompt:find("An empty file prints nothing", 1, true))
  end)

  it("is fixed, in two rounds", function()
    ws:fill(FEEDBACK .. "FIX_11.md")
    local prompt = stands { number = "1.1", step = "needs_fix" }
    makes(prompt, FEEDBACK .. "FIX_11_RESOLUTION.md", "fix", TARGET, "1.1", "--resolution", "--date", "2031-01-03")
    stands { number = "1.1", step = "needs_fix", file = FEEDBACK .. "FIX_11.md" }
    ws:fill(FEEDBACK .. "FIX_11_RESOLUTION.md")
    prompt = stands { number = "1.1", step = "fix_resolved", recommendation = "review",
      file = FEEDBACK .. "FIX_11_RESOLUTION.md" }
    assert.is_truthy(prompt:find(FEEDBACK .. "FIX_11_RESOLUTION.md", 1, true))
    ws:ok("fix", TARGET, "1.1", "--date", "2031-01-04", "--critical", "It counts spaces")
    assert.is_false(ws:exists(FEEDBACK .. "FIX_11_RESOLUTION.md"))
    prompt = stands { number = "1.1", step = "needs_fix", file = FEEDBACK .. "FIX_11.md" }
    assert.is_truthy(prompt:find("It counts spaces", 1, true))
    ws:ok("fix", TARGET, "1.1", "--resolution", "--date", "2031-01-05")
    ws:fill(FEEDBACK .. "FIX_11_RESOLUTION.md")
    stands { number = "1.1", step = "fix_resolved", recommendation = "review" }
  end)

  it("waits for the approval, which opens the next achievement", function()
    stands({ state = "blocked", nothing = true, approved = 0 }, "--skip-review")
    makes(stands {}, FEEDBACK .. "APPROVED_11.md", "approve", TARGET, "1.1", "--date", "2031-01-06")
    stands { state = "active", approved = 1, number = "1.2", step = "no_subplan", rule = "first_open" }
  end)

  it("follows the handoff where that is possible, and says so where it is not", function()
    local function names(number)
      ws:edit(PLAN, "(Status & Handoff\n\n)[^\n]*", "%1- Next: Achievement " .. number)
    end
    names "1.2"
    stands { number = "1.2", rule = "handoff" }
    for number, code in pairs { ["1.1"] = "stale_handoff", ["7.7"] = "dangling_handoff" } do
      names(number)
      local _, status = stands { number = "1.2", rule = "first_open" }
      assert.equal(code, status.warnings[1].code)
    end
    names "2.1"
    stands { number = "1.2", rule = "first_open" } -- 2.1 waits for 1.2
    names "1.2"
  end)

  it("takes files that are written by hand as well as its own", function()
    ws:write(subplan "12", "# SUBPLAN: Achievement 1.2\n\n**Status**: In Progress\n\n"
      .. "## Objective\n\nCount several files.\n\n## Deliverables\n\n- `wordcount.sh`\n\n"
      .. "## Approach\n\nA loop.\n\n## Tests\n\n`sh tests/run.sh`\n")
    local prompt = stands { number = "1.2", step = "subplan_ready", recommendation = "create_execution" }
    assert.is_truthy(prompt:find(execution "12_01", 1, true))
    ws:write(execution "12_01", "# EXECUTION_TASK: 1.2\n\n**Status**: In Progress\n\n"
      .. "## Iteration Log\n\n### Iteration 1\n\n**Status**: ✅ Complete\n\nTried a loop.\n")
    stands { number = "1.2", step = "executing", file = execution "12_01" }
    ws:write(execution "12_01", ws:read(execution "12_01") .. "\n## Completion Status\n\n**Status**: ✅ **COMPLETE**\n")
    local _, status = stands { number = "1.2", step = "executed", recommendation = "review" }
    assert.equal("stale_header", status.warnings[1].code)
    ws:write(FEEDBACK .. "APPROVED_12.md", "")
    stands { number = "1.2", step = "executed", approved = 1 }
    ws:write(FEEDBACK .. "APPROVED_12.md", "# APPROVED: Achievement 1.2\n\n**Status**: ✅ Approved\n")
    stands { number = "2.1", step = "no_subplan", approved = 2, rule = "first_open" }
  end)

  it("stops at a conflict until it is settled", function()
    ws:write(FEEDBACK .. "APPROVED_77.md", "# APPROVED: Achievement 7.7\n\nFine.\n")
    local _, status = stands { state = "conflict", nothing = true }
    assert.equal("undefined_feedback", status.conflicts[1].kind)
    stands({ state = "active", number = "2.1", approved = 2, total = 3 }, "--trust-plan")
    stands({ state = "active", number = "2.1", approved = 3, total = 4 }, "--trust-filesystem")
    ws:fails("conflict", "skip", TARGET, "2.1", "--reason", "no")
    program.sh("rm " .. ws.root .. "/" .. FEEDBACK .. "APPROVED_77.md")
    stands { state = "active", number = "2.1" }
  end)

  it("is complete when the last achievement is skipped, and open again when one is added", function()
    ws:ok("skip", TARGET, "2.1", "--reason", "Nobody else uses it.", "--date", "2031-01-07")
    local prompt = stands { state = "plan_complete", nothing = true, approved = 2, skipped = 1, total = 3 }
    assert.is_truthy(prompt:find("promptgen archive " .. TARGET, 1, true), prompt)
    ws:edit(PLAN, "\n## 📝", "\n**Achievement 2.2**: Count lines too\n\n- **Goal**: Lines are counted\n\n## 📝")
    stands { state = "active", total = 4, number = "2.2", step = "no_subplan" }
    ws:fails("bad_input", "archive", TARGET)
    ws:ok("skip", TARGET, "2.2", "--reason", "An afterthought.")
    stands { state = "plan_complete", approved = 2, skipped = 2, total = 4 }
  end)

  it("keeps its state in the archive, where it is found by the same name", function()
    local before = ws:json("status", TARGET)
    local archived = "documentation/archive/word-count/planning/PLAN_WORD-COUNT.md"
    assert.is_truthy(ws:ok("archive", TARGET):find(archived, 1, true))
    assert.is_false(ws:exists(PLAN))
    assert.same({}, ws:json("plans").plans)
    local after = ws:json("status", archived)
    assert.equal("plan_complete", after.state)
    for i, item in ipairs(before.achievements) do
      assert.equal(item.state, after.achievements[i].state)
    end
    local prompt = ws:ok("next", archived)
    assert.is_nil(prompt:find("promptgen archive", 1, true), prompt)
    ws:fails("not_found", "next", TARGET)
  end)
end)
