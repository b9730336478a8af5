--- The workflow `fix`, with the real program.
local program = require "support.program"
local workflows = require "support.workflows"

local PLAN = "work-space/plans/MONTHLY-REPORT/PLAN_MONTHLY-REPORT.md"

describe("promptgen run fix", function()
  it("lists the issues of the review, their lines, what it praises and the files it names", function()
    local object = assert(workflows.check(program.example, PLAN, { "run", "fix", "@MONTHLY-REPORT" }))
    assert.same({ "1.1", "address_fixes" }, { object.next.number, object.next.recommendation })
    for _, line in ipairs {
      "The review by M. Okafor of 2026-02-20 has 2 issues (1 critical, 1 minor):",
      "1. Critical: Refunds Are Sorted by Their Sign (lines 15-19)",
      "2. Minor: `totals` has no docstring that names the unit (line 23)",
      "- One query, and tests that name what they guard",
      "- All 2 issues of the list appear in the resolution.",
    } do
      assert.matches("\n" .. line .. "\n", object.prompt, 1, true)
    end
  end)

  it("refuses where no review asks for fixes", function()
    local result = program.run({ "run", "fix", "@CSV-IMPORT" }, { cwd = program.example })
    assert.equal(4, result.status)
    assert.matches("no achievement of the plan has anything to fix", result.err, 1, true)
    result = program.run({ "run", "fix", "@CSV-IMPORT", "--achievement", "0.2" }, { cwd = program.example })
    assert.equal(4, result.status)
    assert.matches("achievement 0.2 is execution_due: there is nothing to fix", result.err, 1, true)
  end)

  it("leaves a review in free words to its reader", function()
    local dir = program.example_copy()
    finally(function() program.remove(dir) end)
    program.write(dir .. "/work-space/plans/MONTHLY-REPORT/execution/feedbacks/FIX_11.md", "fix it\n")
    local object = assert(workflows.check(dir, PLAN, { "run", "fix", "@MONTHLY-REPORT" }))
    assert.matches("read it whole before anything else", object.prompt, 1, true)
    assert.matches("Make a list of its issues", object.prompt, 1, true)
  end)

  it("works for every achievement of real plans", function()
    if not workflows.corpus() then
      return pending("the real workspace is not here")
    end
    workflows.over_corpus(function(path, number)
      return { "run", "fix", path, "--achievement", number }
    end, function(item) return item.state == "needs_fix" end)
  end)
end)
