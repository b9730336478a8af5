--- The workflow `subplan`, with the real program.
local program = require "support.program"
local workflows = require "support.workflows"

local PLAN = "work-space/plans/CSV-IMPORT/PLAN_CSV-IMPORT.md"
local SUBPLANS = "/work-space/plans/CSV-IMPORT/subplans/"

describe("promptgen subplan", function()
  local dir

  before_each(function() dir = program.example_copy() end)
  after_each(function() program.remove(dir) end)

  local function check(...)
    return workflows.check(dir, PLAN, { "subplan", "@CSV-IMPORT", ... })
  end

  it("designs the first achievement that has no SUBPLAN, though another one is in work", function()
    local object = assert(check())
    assert.same({ "1.1", "create_subplan" }, { object.next.number, object.next.recommendation })
    assert.equal(object.prompt, assert(check "create").prompt)
  end)

  it("finishes one that has placeholders", function()
    program.write(dir .. SUBPLANS .. "SUBPLAN_CSV-IMPORT_11.md",
      "# SUBPLAN: Preview\n\n**Achievement**: 1.1\n**Status**: Ready\n\n## Objective\n\n[What will exist]\n")
    local object = assert(check())
    assert.same({ "1.1", "continue_subplan" }, { object.next.number, object.next.recommendation })
    assert.matches("What is missing:", object.prompt, 1, true)
  end)

  it("goes over one that is filled in only when it is asked to", function()
    program.write(dir .. SUBPLANS .. "SUBPLAN_CSV-IMPORT_11.md",
      "# SUBPLAN: Preview\n\n**Achievement**: 1.1\n**Status**: Ready\n\n## Objective\n\nShow rows.\n")
    local _, status = check("--achievement", "1.1")
    assert.equal(4, status)
    local object = assert(check("continue", "--achievement", "1.1"))
    assert.equal("continue_subplan", object.next.recommendation)
    assert.matches("Nothing in it is marked as open.", object.prompt, 1, true)
  end)

  it("brings complete executions together", function()
    program.sh("rm " .. dir .. "/work-space/plans/CSV-IMPORT/execution/feedbacks/APPROVED_01.md")
    local object = assert(check("synthesize", "--achievement", "0.1"))
    assert.equal("synthesize", object.next.recommendation)
    assert.matches("The one execution of this achievement is complete.", object.prompt, 1, true)
  end)

  it("refuses to create what exists, and kinds that are none", function()
    local _, status, answer = check("create", "--achievement", "0.2")
    assert.equal(4, status)
    assert.matches("achievement 0.2 is execution_due: there is nothing to design", answer.error.message)
    local result = program.run({ "subplan", "@CSV-IMPORT", "destroy" }, { cwd = dir })
    assert.equal(2, result.status)
    assert.matches("error[usage] subplan: there is no 'destroy' of a SUBPLAN", result.err, 1, true)
    assert.matches("create, continue or synthesize", result.err, 1, true)
  end)

  it("works for every achievement of real plans", function()
    if not workflows.corpus() then
      return pending("the real workspace is not here")
    end
    local made = workflows.over_corpus(function(path, number)
      return { "subplan", path, "--achievement", number }
    end, function(item)
      local what = item.recommendation
      return what == "create_subplan" or what == "continue_subplan" or what == "synthesize"
    end)
    assert.truthy(made > 10)
    made = workflows.over_corpus(function(path, number)
      return { "subplan", path, "synthesize", "--achievement", number }
    end, function(item) return item.state == "executed" end)
    assert.truthy(made > 5)
  end)
end)
