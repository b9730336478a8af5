--- The workflow `pause`, with the real program.
local program = require "support.program"
local workflows = require "support.workflows"

local PLAN = workflows.csv_import
local HOME = "/work-space/plans/CSV-IMPORT/"

describe("promptgen pause", function()
  local scene = workflows.scene "pause"
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

  it("says one thing of what git may show: nothing, or what the handoff names", function()
    local text = assert(check()).prompt
    assert.matches("will be committed below; what does not is taken away, or named in the handoff", text, 1, true)
    assert.matches("\n- After the commit `git status --short` prints nothing but files that the handoff names.\n", text,
      1, true)
    assert.is_nil(text:find("`git status --short` prints nothing.", 1, true))
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
