--- The life of a plan from `init --example` to its archive, with nothing but promptgen and edits of
--- files. After each step status, explain and next give the same answer.
local program = require "support.program"
local workspace = require "support.workspace"

local TARGET = "@WORD-COUNT"
local DIR = "work-space/plans/WORD-COUNT/"
local SUBPLAN = DIR .. "subplans/SUBPLAN_WORD-COUNT_%s.md"
local EXECUTION = DIR .. "execution/EXECUTION_TASK_WORD-COUNT_%s_%s.md"
local FEEDBACK = DIR .. "execution/feedbacks/%s_%s.md"

describe("the life of a plan", function()
  local ws

  before_each(function()
    ws = workspace.new("--example")
  end)

  after_each(function()
    ws:close()
  end)

  --- All surfaces say that this achievement is next, in this state, with this to do.
  local function stands_at(number, state, recommendation)
    local status, explained, prompt = ws:json("status", TARGET), ws:json("explain", TARGET), ws:json("next", TARGET)
    assert.same({ number, state, recommendation },
      { status.next.number, status.next.state, status.next.recommendation })
    for _, one in ipairs(status.achievements) do
      if one.number == number then
        assert.same({ state, recommendation }, { one.state, one.recommendation })
      end
    end
    assert.same({ number, state, recommendation, true, status.next.rule }, { explained.achievement.number,
      explained.achievement.state, explained.achievement.recommendation, explained.chosen, explained.rule })
    assert.same({ number, state, recommendation, status.next.rule },
      { prompt.next.number, prompt.next.state, prompt.next.recommendation, prompt.next.rule })
    assert.same({ "active", "active", "active" }, { status.state, explained.state, prompt.state })
    assert.equal("promptgen next " .. TARGET, explained.command)
    local text = ws:ok("status", TARGET)
    assert.matches("> " .. number:gsub("%.", "%%.") .. " +" .. state, text)
    assert.matches("achievement " .. number:gsub("%.", "%%."), ws:ok("next", TARGET))
    return status
  end

  local function warns(status, code)
    for _, warning in ipairs(status.warnings) do
      if warning.code == code then
        return warning
      end
    end
  end

  local function finish(path)
    ws:fill(path)
    ws:edit(path, "%*%*Status%*%*: In Progress", "**Status**: ✅ Complete")
  end

  it("goes from the first SUBPLAN to the archive", function()
    assert.same({}, stands_at("1.1", "no_subplan", "create_subplan").warnings)

    ws:ok("new", "subplan", TARGET, "1.1")
    stands_at("1.1", "subplan_draft", "continue_subplan")

    local subplan = SUBPLAN:format "11"
    ws:fill(subplan)
    ws:edit(subplan, "| 11_01 | everything | the tests below |",
      "| 11_01 | the script | sh tests/run.sh |\n| 11_02 | the tests | sh tests/run.sh |",
      "%*%*Status%*%*: Draft", "**Status**: Ready")
    stands_at("1.1", "subplan_ready", "create_execution")

    ws:ok("new", "execution", TARGET, "1.1")
    stands_at("1.1", "executing", "continue_execution")

    finish(EXECUTION:format("11", "01"))
    stands_at("1.1", "execution_due", "create_next_execution")

    ws:ok("new", "execution", TARGET, "1.1")
    stands_at("1.1", "executing", "continue_execution")

    finish(EXECUTION:format("11", "02"))
    stands_at("1.1", "executed", "synthesize")

    ws:write(subplan, ws:read(subplan) .. "\n## Execution Results Synthesis\n\nBoth hold; nothing is left open.\n")
    stands_at("1.1", "executed", "review")

    ws:ok("fix", TARGET, "1.1", "--critical", "An empty file gives an error", "--minor", "Name the tests")
    ws:fill(FEEDBACK:format("FIX", "11"))
    stands_at("1.1", "needs_fix", "address_fixes")
    assert.matches("An empty file gives an error", ws:ok("next", TARGET))

    ws:ok("fix", TARGET, "1.1", "--resolution")
    local resolution = FEEDBACK:format("FIX", "11_RESOLUTION")
    assert.matches("### 1%. An empty file gives an error\n.*%- Name the tests\n", ws:read(resolution))
    assert.is_truthy(warns(stands_at("1.1", "needs_fix", "address_fixes"), "draft_resolution"))

    ws:fill(resolution)
    assert.same({}, stands_at("1.1", "fix_resolved", "review").warnings)

    ws:ok("approve", TARGET, "1.1", "--summary", "It counts what it should.")
    local status = stands_at("1.2", "no_subplan", "create_subplan")
    assert.equal(1, status.approved)

    ws:ok("batch", TARGET, "subplans", "--yes")
    ws:fill(SUBPLAN:format "12")
    stands_at("1.2", "subplan_ready", "create_execution")
    ws:ok("batch", TARGET, "executions", "--yes")
    finish(EXECUTION:format("12", "01"))
    stands_at("1.2", "executed", "review")
    ws:ok("approve", TARGET, "--all")

    stands_at("2.1", "no_subplan", "create_subplan")
    ws:ok("skip", TARGET, "2.1", "--reason", "nobody else uses it")

    status = ws:json("status", TARGET)
    assert.same({ "plan_complete", 3, 2, 1 }, { status.state, status.total, status.approved, status.skipped })
    assert.same({}, status.warnings)
    assert.equal("promptgen archive " .. TARGET, ws:json("explain", TARGET).command)
    assert.equal("plan_complete", ws:json("next", TARGET).state)
    assert.matches("complete", ws:ok("next", TARGET))

    ws:ok("archive", TARGET)
    local archived = "documentation/archive/word-count/planning/PLAN_WORD-COUNT.md"
    assert.is_true(ws:exists(archived))
    assert.equal("there are no plans\n", ws:ok "plans")
    status = ws:json("status", archived)
    assert.same({ "plan_complete", 3, 2, 1 }, { status.state, status.total, status.approved, status.skipped })
    assert.is_nil((ws:ok("status", archived):find("promptgen archive", 1, true)))
    ws:fails("bad_input", "archive", archived)
  end)

  it("is told step by step on standard error with -v, and not into a pipe", function()
    local _, said = ws:ok("new", "subplan", TARGET, "1.1")
    assert.equal("", said)
    _, said = ws:ok("new", "execution", TARGET, "1.1", "--force", "-v")
    assert.matches("next: promptgen next @WORD%-COUNT", said)
    _, said = ws:ok("fix", TARGET, "1.1", "-v")
    assert.matches("next: fill in work%-space/.*FIX_11%.md, then promptgen next @WORD%-COUNT", said)
  end)

  it("is the same after cp -r, and after a dry run of every step nothing has changed", function()
    local before = ws:files()
    for _, args in ipairs {
      { "new", "subplan", TARGET, "1.1" }, { "new", "execution", TARGET, "1.1", "--force" },
      { "approve", TARGET, "1.1", "--force" }, { "fix", TARGET, "1.1", "--force" },
      { "skip", TARGET, "1.1", "--reason", "x" }, { "batch", TARGET, "subplans" },
      { "archive", TARGET, "--force" }, { "new", "plan", "OTHER" }, { "new", "workflow", "mine" },
    } do
      args[#args + 1] = "--dry-run"
      assert.matches("^diff %-%-git a/", (ws:ok(table.unpack(args))))
    end
    assert.same(before, ws:files())
  end)

  it("does what its dry run shows", function()
    local function compare(...)
      local list = { ... }
      list[#list + 1] = "--dry-run"
      local patch = ws:ok(table.unpack(list))
      local copy = ws.top .. "/copy"
      program.sh(("rm -rf %s && cp -r %s %s"):format(copy, ws.root, copy))
      program.write(ws.top .. "/patch", patch)
      local said, status = program.sh(("cd %s && git apply %s/patch"):format(copy, ws.top))
      assert(status == 0, said)
      ws:ok(...)
      local root = ws.root
      ws.root = copy
      local expected = ws:files()
      ws.root = root
      assert.same(expected, ws:files())
    end
    compare("new", "subplan", TARGET, "1.1")
    ws:fill(SUBPLAN:format "11")
    compare("new", "execution", TARGET, "1.1")
    compare("fix", TARGET, "1.1", "--critical", "One")
    compare("fix", TARGET, "1.1", "--resolution")
    ws:fill(FEEDBACK:format("FIX", "11_RESOLUTION"))
    compare("fix", TARGET, "1.1", "--critical", "Two")
    compare("archive", TARGET, "--force")
  end)
end)
