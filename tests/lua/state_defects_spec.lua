--- Mistakes that a tool of this kind has made before, each with the test that keeps it out. The
--- plans and files here are texts, so that parser and resolver are tested together.
local fake = require "lua.support.fake_workspace"
local layout = require "promptgen.layout"
local plans = require "promptgen.plan"
local state = require "promptgen.state"

local PATH = "work-space/plans/F/PLAN_F.md"

local function plan_text(numbers, handoff)
  local out = { "# PLAN: F\n\n**Status**: Planning\n\n## Desirable Achievements\n" }
  for _, number in ipairs(numbers) do
    out[#out + 1] = ("**Achievement %s**: Title of %s\n\n- Goal: the goal of %s\n"):format(number, number, number)
  end
  out[#out + 1] = "## 📝 Current Status & Handoff\n\n" .. (handoff or "") .. "\n"
  return table.concat(out, "\n")
end

local function resolve(text, files, opts)
  local all = { [PATH] = text }
  for name, content in pairs(files or {}) do
    all["work-space/plans/F/" .. name] = content
  end
  local plan = assert(plans.parse(text, { path = PATH }))
  return state.resolve(fake.workspace(all), plan, opts)
end

local function document(status, tail)
  return ("# Document\n\n**Status**: %s\n\n---\n\n## Work\n\ntext\n%s"):format(status, tail or "")
end

local APPROVED = "# APPROVED: Achievement %s\n\n**Review Date**: 2025-03-01\n\n## Summary\n\nGood.\n"
local function approval(number) return APPROVED:format(number) end

describe("a conflict", function()
  it("is told with both sides and ways out, and never ends in a crash", function()
    local status = assert(resolve(plan_text { "1.1" }, { ["execution/feedbacks/APPROVED_77.md"] = approval "7.7" }))
    assert.equal("conflict", status.state)
    assert.equal(3, #status.conflicts[1].ways_out)
    assert.equal(PATH, status.conflicts[1].evidence[2].path)
  end)

  it("is looked for also when one achievement is asked for", function()
    local status = assert(resolve(plan_text { "1.1" }, { ["execution/feedbacks/APPROVED_77.md"] = approval "7.7" },
      { achievement = "1.1" }))
    assert.equal("conflict", status.state)
  end)

  it("is found in execution files too", function()
    local status = assert(resolve(plan_text { "1.1" },
      { ["execution/EXECUTION_TASK_F_77_01.md"] = document "In Progress" }))
    assert.equal("conflict", status.state)
  end)
end)

describe("a plan whose achievements are written in another style", function()
  it("is never complete: whole bold labels are read", function()
    local text = "# PLAN: F\n\n## Desirable Achievements\n\n**Achievement 0.1: Setup** ⏱️ 2-3 hours\n\n- x\n"
    local status = assert(resolve(text))
    assert.equal(1, status.total)
    assert.equal("create_subplan", status.next.recommendation)
  end)

  it("is never complete: without any achievement it says so", function()
    local status = assert(resolve "# PLAN: F\n\n**Status**: ✅ Complete\n\n## Notes\n\nnothing\n")
    assert.equal("no_achievements", status.state)
    assert.is_nil(status.next)
  end)

  it("is never complete for being a digest of another plan", function()
    local status = assert(resolve "# PLAN SUMMARY\n\n- Achievement 0.1: x\n\n| Achievement 0.2 | done |\n")
    assert.equal("no_achievements", status.state)
  end)
end)

describe("an unknown achievement", function()
  it("is an error that lists the known ones", function()
    local status, err = resolve(plan_text { "1.1", "1.2" }, {}, { achievement = "7.7" })
    assert.is_nil(status)
    assert.equal("not_found", err.code)
    assert.matches("1.1, 1.2", err.hint)
  end)
end)

describe("a number code", function()
  it("of three digits is read against the plan: 102 approves 10.2", function()
    local status = assert(resolve(plan_text { "10.1", "10.2" },
      { ["execution/feedbacks/APPROVED_102.md"] = approval "10.2" }))
    assert.equal("approved", status.achievements[2].state)
    assert.equal("10.1", status.next.number)
  end)

  it("that two numbers share approves neither of them", function()
    local status = assert(resolve(plan_text { "1.11", "11.1" },
      { ["execution/feedbacks/APPROVED_111.md"] = approval "1.11" }))
    assert.equal("conflict", status.state)
    assert.equal(0, status.approved)
  end)

  it("of a three-part number is a number like any other", function()
    local status = assert(resolve(plan_text { "3.5.1" },
      { ["execution/feedbacks/APPROVED_351.md"] = approval "3.5.1" }))
    assert.equal("plan_complete", status.state)
  end)
end)

describe("planned executions", function()
  local subplan = "# SUBPLAN\n\n**Status**: In Progress\n\n## 🔄 Active EXECUTION_TASKs\n\n"
    .. "| Execution | Status |\n| --- | --- |\n| %s | Complete |\n| %s | Planning |\n"

  for name, pair in pairs {
    ["full file names"] = { "EXECUTION_TASK_F_11_01", "EXECUTION_TASK_F_11_02" },
    ["short codes"] = { "11_01", "11_02" },
  } do
    it("are counted when the table spells them as " .. name, function()
      local status = assert(resolve(plan_text { "1.1" }, {
        ["subplans/SUBPLAN_F_11.md"] = subplan:format(pair[1], pair[2]),
        ["execution/EXECUTION_TASK_F_11_01.md"] = document "✅ Complete",
      }))
      assert.equal("execution_due", status.next.state)
      assert.equal(2, status.next.execution_number)
    end)
  end
end)

describe("finished work", function()
  local files = {
    ["subplans/SUBPLAN_F_11.md"] = document "In Progress",
    ["execution/EXECUTION_TASK_F_11_01.md"] = document("🔄 In Progress", "\n---\n\n**Status**: ✅ Complete\n"),
  }

  it("is to be reviewed, not begun anew", function()
    local status = assert(resolve(plan_text { "1.1" }, files))
    assert.equal("review", status.next.recommendation)
  end)

  it("of several executions is to be brought together first", function()
    local more = { ["execution/EXECUTION_TASK_F_11_02.md"] = document "Complete ✅" }
    for name, text in pairs(files) do
      more[name] = text
    end
    assert.equal("synthesize", assert(resolve(plan_text { "1.1" }, more)).next.recommendation)
  end)

  it("of a SUBPLAN alone is to be reviewed", function()
    local status = assert(resolve(plan_text { "1.1" }, { ["subplans/SUBPLAN_F_11.md"] = document "Complete" }))
    assert.equal("subplan_complete", status.next.state)
    assert.equal("review", status.next.recommendation)
  end)

  it("that is approved is never offered, with either side trusted", function()
    for _, side in ipairs { "trust_plan", "trust_filesystem" } do
      local status = assert(resolve(plan_text { "1.1", "1.2" },
        { ["execution/feedbacks/APPROVED_11.md"] = approval "1.1" }, { [side] = true }))
      assert.equal("1.2", status.next.number)
    end
  end)
end)

describe("a feature name with digits", function()
  it("finds its files, and the next execution is not the first again", function()
    local path = "work-space/plans/BETA2/PLAN_BETA2.md"
    local text = plan_text { "1.1" }
    local ws = fake.workspace {
      [path] = text,
      ["work-space/plans/BETA2/subplans/SUBPLAN_BETA2_11.md"] =
        "# S\n\n## Planned Executions\n\n- EXECUTION_TASK_BETA2_11_01\n- EXECUTION_TASK_BETA2_11_02\n",
      ["work-space/plans/BETA2/execution/EXECUTION_TASK_BETA2_11_01.md"] = document "Complete",
    }
    local status = assert(state.resolve(ws, assert(plans.parse(text, { path = path }))))
    assert.equal(2, status.next.execution_number)
    local l = layout.of(path, "BETA2")
    assert.equal("work-space/plans/BETA2/execution/EXECUTION_TASK_BETA2_11_02.md", l.execution("1.1", 2))
  end)
end)

describe("dependencies", function()
  it("do not make everything look complete once SUBPLANs exist", function()
    local status = assert(resolve(plan_text { "1.1", "1.2" }, {
      ["subplans/SUBPLAN_F_11.md"] = document "In Progress", ["subplans/SUBPLAN_F_12.md"] = document "In Progress",
      ["parallel.json"] = [[{"achievements": [{"achievement_id": "1.1", "dependencies": [], "status": "not_started"},
        {"achievement_id": "1.2", "dependencies": ["1.1"], "status": "complete"}]}]],
    }))
    assert.equal("active", status.state)
    assert.equal("1.1", status.next.number)
    assert.equal(0, status.approved)
  end)

  it("in a cycle end in a message and not in a crash", function()
    local status = assert(resolve(plan_text { "1.1", "1.2" }, { ["parallel.json"] = [[{"achievements": [
      {"achievement_id": "1.1", "dependencies": ["1.2"]}, {"achievement_id": "1.2", "dependencies": ["1.1"]}]}]] }))
    assert.equal("blocked", status.state)
    assert.equal("dependency_cycle", status.warnings[1].code)
  end)

  it("of odd types neither crash nor block", function()
    for _, value in ipairs { '{"a": 1}', '"1.2"', "1.2", "null", "[[1]]", "[{}]", "true" } do
      local status = assert(resolve(plan_text { "1.1", "1.2" }, { ["parallel.json"] =
        '{"achievements": [{"achievement_id": "1.1", "dependencies": ' .. value .. "}]}" }))
      assert.is_not_nil(status.next, value)
    end
  end)
end)

describe("a file made by a batch", function()
  it("is not complete because its instructions mention a status", function()
    local text = "# EXECUTION_TASK\n\n**Status**: [TO BE FILLED]\n\n## Instructions\n\n"
      .. "Set `**Status**: ✅ Complete` when done.\n\n```\n**Status**: ✅ Complete\n```\n"
    local status = assert(resolve(plan_text { "1.1" }, {
      ["subplans/SUBPLAN_F_11.md"] = document "In Progress", ["execution/EXECUTION_TASK_F_11_01.md"] = text }))
    assert.equal("executing", status.next.state)
  end)

  it("is a draft while its SUBPLAN has placeholders", function()
    local status = assert(resolve(plan_text { "1.1" },
      { ["subplans/SUBPLAN_F_11.md"] = "# S\n\n**Status**: Draft\n\n## Objective\n\n[TO BE FILLED: objective]\n" }))
    assert.equal("subplan_draft", status.next.state)
  end)
end)

describe("the handoff", function()
  it("is read to its end, past headings of the third rank", function()
    local status = assert(resolve(plan_text({ "1.1", "1.2" },
      "### Overall\n\nfine\n\n### Next Steps\n\n**⏳ Next: Achievement 1.2** (T)\n")))
    assert.equal("1.2", status.next.number)
    assert.equal("handoff", status.next.rule)
  end)

  it("alone names the next step: prose elsewhere does not", function()
    local text = plan_text({ "1.1", "1.2" }, "nothing yet") .. "\n## History\n\n**Next**: Achievement 1.2\n"
    local status = assert(resolve(text))
    assert.equal("1.1", status.next.number)
    assert.equal("first_open", status.next.rule)
  end)

  it("that names finished work is passed over with a warning", function()
    local status = assert(resolve(plan_text({ "1.1", "1.2" }, "- ⏳ Next: Achievement 1.1 (T)"),
      { ["execution/feedbacks/APPROVED_11.md"] = approval "1.1" }))
    assert.equal("1.2", status.next.number)
    assert.equal("stale_handoff", status.warnings[1].code)
  end)

  it("inside a fence is a sample", function()
    local text = "# PLAN: F\n\n```markdown\n## 📝 Current Status & Handoff\n\n- ⏳ Next: Achievement 1.2 (T)\n```\n\n"
      .. "## Desirable Achievements\n\n**Achievement 1.1**: A\n\n**Achievement 1.2**: B\n"
    assert.equal("1.1", assert(resolve(text)).next.number)
  end)
end)

describe("a review", function()
  it("that asks for fixes is answered by its RESOLUTION", function()
    local files = { ["execution/feedbacks/FIX_11.md"] = "# FIX REQUIRED: Achievement 1.1\n\nfix this\n" }
    assert.equal("needs_fix", assert(resolve(plan_text { "1.1" }, files)).next.state)
    files["execution/feedbacks/FIX_11_RESOLUTION.md"] = "# FIX RESOLUTION: Achievement 1.1\n\nfixed\n"
    assert.equal("fix_resolved", assert(resolve(plan_text { "1.1" }, files)).next.state)
  end)

  it("for an unknown achievement is not silently dropped", function()
    local status = assert(resolve(plan_text { "1.1" }, { ["execution/feedbacks/FIX_77.md"] = "# FIX\n\nx\n" }))
    assert.equal("conflict", status.state)
  end)

  it("of a folder that is named otherwise than the feature counts", function()
    local path, text = "work-space/plans/dashboard/PLAN_F.md", plan_text { "1.1" }
    local ws = fake.workspace { [path] = text,
      ["work-space/plans/dashboard/execution/feedbacks/APPROVED_11.md"] = approval "1.1" }
    assert.equal("plan_complete", assert(state.resolve(ws, assert(plans.parse(text, { path = path })))).state)
  end)
end)

describe("a status that is written plainly", function()
  for _, spelling in ipairs { "Complete", "✅ Complete", "Complete ✅", "✅ **COMPLETE** - all phases", "Completed" } do
    it("is understood: " .. spelling, function()
      local status = assert(resolve(plan_text { "1.1" }, {
        ["subplans/SUBPLAN_F_11.md"] = document "In Progress",
        ["execution/EXECUTION_TASK_F_11_01.md"] = document(spelling) }))
      assert.equal("executed", status.next.state)
    end)
  end
end)

describe("progress", function()
  it("never counts more than there is: stray approvals do not add", function()
    local status = assert(resolve(plan_text { "1.1" }, {
      ["execution/feedbacks/APPROVED_11.md"] = approval "1.1",
      ["execution/feedbacks/APPROVED_99.md"] = approval "9.9" },
      { trust_plan = true }))
    assert.equal(1, status.approved)
    assert.equal(1, status.total)
  end)

  it("does not pass over an earlier achievement because a later one is approved", function()
    local status = assert(resolve(plan_text { "1.1", "1.2" },
      { ["execution/feedbacks/APPROVED_12.md"] = approval "1.2" }))
    assert.equal("1.1", status.next.number)
  end)
end)
