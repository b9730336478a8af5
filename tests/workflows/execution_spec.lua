--- The workflow `execution`, with the real program.
local program = require "support.program"
local workflows = require "support.workflows"

local PLAN = "work-space/plans/CSV-IMPORT/PLAN_CSV-IMPORT.md"
local HOME = "/work-space/plans/CSV-IMPORT/"

describe("promptgen execution", function()
  local dir

  before_each(function() dir = program.example_copy() end)
  after_each(function() program.remove(dir) end)

  local function check(...)
    return workflows.check(dir, PLAN, { "execution", "@CSV-IMPORT", ... },
      { extra = { "tests/test_importer.py" } }) -- what the plan asks for
  end

  it("carries out the next planned execution", function()
    local object = assert(check())
    assert.same({ "0.2", "create_next_execution" }, { object.next.number, object.next.recommendation })
    assert.matches("EXECUTION_TASK_CSV-IMPORT_02_02.md", object.prompt, 1, true)
    assert.equal(object.prompt, assert(check "next").prompt)
  end)

  it("begins the first one", function()
    program.sh("rm " .. dir .. HOME .. "execution/EXECUTION_TASK_CSV-IMPORT_02_01.md")
    local object = assert(check "create")
    assert.equal("create_execution", object.next.recommendation)
    assert.matches("EXECUTION_TASK_CSV-IMPORT_02_01.md", object.prompt, 1, true)
  end)

  it("takes up one that is not complete, at its last iteration", function()
    program.write(dir .. HOME .. "execution/EXECUTION_TASK_CSV-IMPORT_02_02.md",
      "# EXECUTION_TASK: New rows\n\n**Status**: In Progress\n\n## Iteration Log\n\n### Iteration 1\n\nBegan.\n"
      .. "\n### Iteration 2\n\nGoing on.\n")
    local object = assert(check())
    assert.equal("continue_execution", object.next.recommendation)
    assert.matches("The last iteration of the log is in lines 11-13: `Iteration 2`", object.prompt, 1, true)
  end)

  it("leaves an execution aside that a later version replaces", function()
    program.write(dir .. HOME .. "execution/EXECUTION_TASK_CSV-IMPORT_02_01_V2.md",
      "# EXECUTION_TASK: Again\n\n**Status**: ✅ Complete\n\n## Learning Summary\n\n- The second way is better.\n")
    local object = assert(check())
    assert.matches("1 execution file is complete", object.prompt, 1, true)
    assert.matches("\n- The second way is better.\n", object.prompt, 1, true)
    assert.is_nil(object.prompt:find("PRAGMA user_version", 1, true))
    assert.matches("; 1 EXECUTION_TASK that a later version replaces;", object.prompt, 1, true)
  end)

  it("adds one that the SUBPLAN does not plan, when it is asked to", function()
    program.sh("rm " .. dir .. HOME .. "execution/feedbacks/APPROVED_01.md")
    local _, status = check("--achievement", "0.1")
    assert.equal(4, status)
    local object = assert(check("next", "--achievement", "0.1"))
    assert.matches("the code `01_02`, which the SUBPLAN does not plan.", object.prompt, 1, true)
  end)

  it("refuses to go on with what is not begun, and kinds that are none", function()
    local _, status, answer = check("continue", "--achievement", "1.1")
    assert.equal(4, status)
    assert.matches("its next step is to create the SUBPLAN", answer.error.hint[1], 1, true)
    local result = program.run({ "execution", "@CSV-IMPORT", "stop" }, { cwd = dir })
    assert.equal(2, result.status)
    assert.matches("error[usage] execution: there is no 'stop' of an execution", result.err, 1, true)
  end)

  it("works for every achievement of real plans", function()
    if not workflows.corpus() then
      return pending("the real workspace is not here")
    end
    workflows.over_corpus(function(path, number)
      return { "execution", path, "--achievement", number }
    end, function(item)
      return item.recommendation ~= nil and item.recommendation:find("execution", 1, true) ~= nil
    end)
    local made = workflows.over_corpus(function(path, number)
      return { "execution", path, "next", "--achievement", number }
    end, function(item) return item.state == "executed" or item.state == "execution_due" end)
    assert.truthy(made > 5)
  end)
end)
