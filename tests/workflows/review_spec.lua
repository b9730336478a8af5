--- The workflow `review`, with the real program.
local program = require "support.program"
local workflows = require "support.workflows"

local PLAN = "work-space/plans/CSV-IMPORT/PLAN_CSV-IMPORT.md"

describe("promptgen review", function()
  local dir

  before_each(function() dir = program.example_copy() end)
  after_each(function() program.remove(dir) end)

  local function run(...)
    return program.run({ "review", ... }, { cwd = dir })
  end

  it("refuses when nothing is reported as done, and says what comes instead", function()
    local result = run "@CSV-IMPORT"
    assert.equal(4, result.status)
    assert.equal("", result.out)
    assert.matches("no achievement of the plan has anything to review", result.err, 1, true)
    assert.matches("create the next EXECUTION_TASK, for achievement 0.2", result.err, 1, true)
  end)

  it("refuses an achievement that is approved or awaits fixes", function()
    local result = run("@CSV-IMPORT", "--achievement", "0.1")
    assert.equal(4, result.status)
    assert.matches("achievement 0.1 is approved: there is nothing to review", result.err, 1, true)
    result = run("@MONTHLY-REPORT", "--achievement", "1.1")
    assert.equal(4, result.status)
    assert.matches("achievement 1.1 is needs_fix", result.err, 1, true)
  end)

  it("writes the prompt that next writes for finished work", function()
    program.sh("cd " .. dir .. " && rm work-space/plans/CSV-IMPORT/execution/feedbacks/APPROVED_01.md")
    local result = run("@CSV-IMPORT", "--achievement", "0.1")
    assert.equal(0, result.status, result.err)
    local next_one = program.run({ "next", "@CSV-IMPORT", "--achievement", "0.1" }, { cwd = dir })
    assert.equal(next_one.out, result.out)
    assert(workflows.check(dir, PLAN, { "review", "@CSV-IMPORT" },
      { extra = { "tests/test_importer.py" } })) -- what the plan asks for
  end)

  it("judges unfinished work when it is asked to, and says that it is unfinished", function()
    local object = assert(workflows.check(dir, PLAN, { "review", "@CSV-IMPORT", "--early" }))
    assert.equal("0.2", object.next.number)
    assert.equal("review", object.next.recommendation)
    assert.matches("It is not reported as done.", object.prompt, 1, true)
    assert.matches("plans 02_02, which does not exist", object.prompt, 1, true)
  end)

  it("works for every achievement of real plans", function()
    if not workflows.corpus() then
      return pending("the real workspace is not here")
    end
    local DONE = { executed = true, fix_resolved = true, subplan_complete = true }
    local made = workflows.over_corpus(function(path, number)
      return { "review", path, "--achievement", number }
    end, function(item) return DONE[item.state] end)
    assert.truthy(made > 10)
  end)
end)
