--- The workflows `pause` and `resume`, with the real program.
local program = require "support.program"
local workflows = require "support.workflows"

local PLAN = "work-space/plans/CSV-IMPORT/PLAN_CSV-IMPORT.md"
local HOME = "/work-space/plans/CSV-IMPORT/"

--- A workspace of the example, in which `check(args...)` runs a workflow and holds its prompt against the
--- files.
local function workspace_for(name)
  local scene = {}
  before_each(function() scene.dir = program.example_copy() end)
  after_each(function() program.remove(scene.dir) end)
  function scene.check(...)
    return workflows.check(scene.dir, PLAN, { name, "@CSV-IMPORT", ... })
  end
  function scene.has(object, ...)
    for _, line in ipairs { ... } do
      assert.matches(line, object.prompt, 1, true)
    end
  end
  function scene.edit(...)
    for _, command in ipairs { ... } do
      program.sh(("sed -i %s %s"):format(program.quote(command), scene.dir .. "/" .. PLAN))
    end
  end
  --- Every achievement but those of `codes` is approved.
  function scene.approve_all_but(...)
    local open = {}
    for _, code in ipairs { ... } do
      open[code] = true
    end
    for _, item in ipairs(workflows.status(scene.dir, PLAN).achievements) do
      local code = item.number:gsub("%.", "")
      if not open[code] then
        program.write(("%s%sexecution/feedbacks/APPROVED_%s.md"):format(scene.dir, HOME, code),
          "# APPROVED: Achievement " .. item.number .. "\n\nGood.\n")
      end
    end
  end
  return scene
end

describe("promptgen pause", function()
  local scene = workspace_for "pause"
  local check, has = scene.check, scene.has

  it("says what is closed, begun and next, and what to write where", function()
    local object = assert(check())
    assert.equal("pause", object.template)
    has(object, "\n- Closed: 1 of 4 (25 %): 0.1\n- Begun: 0.2, Duplicate Detection (`execution_due`), to do: create",
      "\n- Next: 0.2, Duplicate Detection, to do: create the next EXECUTION_TASK\n",
      "`" .. PLAN .. "`, lines 79-91 (13 lines): the handoff as it is now\n",
      "\n- Line 3, the status at the top: `**Status**: ⏸️ Paused`\n",
      "\n  - `**Progress**: 1 of 4 achievements closed (25 %)`\n",
      "with the line `- ⏳ Next: Achievement 0.2 (Duplicate Detection)`",
      "`git commit -m 'plan: pause CSV-IMPORT at 1 of 4, next 0.2'`",
      "`promptgen verify @CSV-IMPORT`", "`promptgen resume @CSV-IMPORT`")
  end)

  it("takes another achievement as next, and the reason", function()
    local object = assert(check("--achievement", "1.1", "--reason", "The bank\nchanges its format"))
    has(object, "`- ⏳ Next: Achievement 1.1 (Import Command with Preview)`",
      "\nIt is laid aside because: The bank changes its format.\n", "`**Status**: Paused`, and the reason\n")
    local _, status, answer = check("--achievement", "0.1")
    assert.equal(4, status)
    assert.matches("achievement 0.1 is approved: there is nothing to pause", answer.error.message, 1, true)
  end)

  it("asks for a handoff where there is none, and knows the list of active plans", function()
    scene.edit("/^## 📝 Current Status/,/^- ⏳ Next/d")
    program.write(scene.dir .. "/ACTIVE_PLANS.md",
      "# Active plans\n\n| plan | state |\n|---|---|\n| CSV-IMPORT | active |\n")
    local object = assert(check())
    has(object, "- A new section `## Current Status & Handoff`, before the last one, with these parts:",
      "\n- `ACTIVE_PLANS.md` (5 lines): the list of active plans; this one stands in line 5\n",
      "\nIn `ACTIVE_PLANS.md`: the plan is paused, with today's date.\n")
  end)

  it("names blockers where nothing can go on", function()
    program.write(scene.dir .. HOME .. "parallel.json", [[{"achievements": [
      {"achievement_id": "0.2", "dependencies": ["1.1"]}, {"achievement_id": "1.1", "dependencies": ["0.2"]},
      {"achievement_id": "1.2", "dependencies": ["0.2"]}]}]])
    local object = assert(check())
    has(object, "\n- Blocked: 1.2, Category Rules waits for 0.2\n", "name no achievement as next",
      "shows the plan as blocked")
    local _, status = check("--achievement", "9.9")
    assert.equal(4, status)
  end)

  it("refuses a complete plan", function()
    scene.approve_all_but()
    local _, status, answer = check()
    assert.equal(4, status)
    assert.matches("the plan is complete: there is nothing to pause", answer.error.message, 1, true)
  end)

  it("leaves a plan that verify and status find nothing wrong with, when it is followed", function()
    local text = assert(check()).prompt
    local progress = assert(text:match("`(%*%*Progress%*%*: [^`]*)`"))
    local next_line = assert(text:match("with the line `([^`]*)`"))
    local header = assert(text:match("Line 3, the status at the top: `([^`]*)`"))
    scene.edit("3s/.*/" .. header .. "/", "s/^\\*\\*Last Updated.*/**Last Updated**: 2026-04-01/",
      "s/^\\*\\*Status\\*\\*: In Progress/**Status**: Paused\\n" .. progress:gsub("%%", "%%%%") .. "/",
      "s/^- ⏳ Next.*/" .. next_line .. "\\n\\n**Blockers**: none/")
    local result = program.run({ "verify", "@CSV-IMPORT" }, { cwd = scene.dir })
    assert.matches("agrees with its files", result.out, 1, true)
    result = program.run({ "status", "@CSV-IMPORT", "--json" }, { cwd = scene.dir })
    local status = require("cjson").decode(result.out)
    assert.same({ "0.2", "handoff", 0 }, { status.next.number, status.next.rule, #status.warnings })
  end)

  it("works for every real plan that has something open", function()
    local root, paths = workflows.corpus()
    if not root then
      return pending("the real workspace is not here")
    end
    for _, path in ipairs(paths) do
      local status = workflows.status(root, path)
      for _, name in ipairs { "pause", "resume" } do
        local object, code = workflows.check(root, path, { name, path }, { status = status })
        if status.state == "active" then
          assert.truthy(object, path)
        else
          assert.equal(status.state == "conflict" and 7 or 4, code)
        end
      end
    end
  end)
end)

describe("promptgen resume", function()
  local scene = workspace_for "resume"
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
