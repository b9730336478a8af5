--- The workflow `resume`, with the real program. The real plans are tried by pause_spec.
local program = require "support.program"
local workflows = require "support.workflows"

local HOME = "/work-space/plans/CSV-IMPORT/"

describe("promptgen resume", function()
  local scene = workflows.scene "resume"
  local check, has = scene.check, scene.has

  it("says where the plan stands, what to check, and the command that goes on", function()
    local object = assert(check())
    assert.equal("resume", object.template)
    has(object, "\n- Closed: 1 of 4 (25 %)\n- Next: 0.2, Duplicate Detection (`execution_due`), to do: create",
      "\n- At the top of the plan, line 3, stands: `🚀 In Progress`\n",
      "`, lines 15-18 (4 lines): what the plan is for\n",
      "`work-space/plans/CSV-IMPORT/execution/EXECUTION_TASK_CSV-IMPORT_02_01.md` (19 lines): the last execution, "
        .. "of achievement 0.2. Start with:\n  - lines 8-10, `Iteration 1`\n  - lines 12-14, `Learning Summary`\n",
      "\n3. Names: every file in the folders", "\n8. Run `promptgen next @CSV-IMPORT` and do",
      "`git commit -m 'plan: resume CSV-IMPORT at 0.2'`")
  end)

  it("goes on with the achievement that is asked for", function()
    local object = assert(check("--achievement", "1.1"))
    has(object, "\n8. Run `promptgen next @CSV-IMPORT --achievement 1.1` and do", "Next: 1.1, Import Command")
    local _, status = check("--achievement", "0.1")
    assert.equal(4, status)
  end)

  it("lists names that do not fit, dependencies, and executions that are not complete", function()
    program.write(scene.dir .. HOME .. "subplans/SUBPLAN_CSV-IMPORT_zwei.md", "# S\n")
    program.write(scene.dir .. HOME .. "parallel.json",
      '{"achievements": [{"achievement_id": "0.2", "dependencies": ["0.1"]}]}')
    program.write(scene.dir .. HOME .. "execution/EXECUTION_TASK_CSV-IMPORT_02_02.md",
      "# E\n\n**Status**: In Progress\n\n### Iteration 1\n\nBegan.\n")
    local object = assert(check())
    has(object, "\n   - `work-space/plans/CSV-IMPORT/subplans/SUBPLAN_CSV-IMPORT_zwei.md`: ",
      "\n- It depends on 0.1 (approved)\n", "the last execution, of achievement 0.2, not complete.",
      "Where it stopped is where the work goes on.")
  end)

  it("refuses a plan that is complete, or in which all wait", function()
    program.write(scene.dir .. HOME .. "parallel.json", [[{"achievements": [
      {"achievement_id": "0.2", "dependencies": ["1.1"]}, {"achievement_id": "1.1", "dependencies": ["0.2"]},
      {"achievement_id": "1.2", "dependencies": ["0.2"]}]}]])
    local _, status, answer = check()
    assert.equal(4, status)
    assert.matches("every open achievement waits for something", answer.error.message, 1, true)
    assert.equal("0.2 waits for 1.1", answer.error.hint[1])
    scene.approve_all_but()
    _, status, answer = check()
    assert.equal(4, status)
    assert.matches("there is nothing to resume", answer.error.message, 1, true)
  end)

  it("takes the last execution before it where the next achievement has none", function()
    program.sh("rm " .. scene.dir .. HOME .. "execution/EXECUTION_TASK_CSV-IMPORT_02_01.md")
    has(assert(check()), "`work-space/plans/CSV-IMPORT/execution/EXECUTION_TASK_CSV-IMPORT_01_01.md` (24 lines): "
      .. "the last execution, of achievement 0.1. Start with:")
    program.sh("rm -r " .. scene.dir .. HOME .. "execution")
    has(assert(check()), "\n6. Nothing was executed yet, so there is no log to go on from.\n")
  end)
end)
