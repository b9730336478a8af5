local explain = require "promptgen.explain"
local fake = require "lua.support.fake_workspace"
local frozen = require "promptgen.state.frozen"
local json = require "promptgen.json"
local pack = require "promptgen.pack"
local report = require "promptgen.state.report"
local state = require "promptgen.state"

local CASES = {
  { { achievements = { "1.1", "1.2" }, handoff_next = "9.9" }, {
    ["subplans/SUBPLAN_F_11.md"] = fake.in_progress(),
    ["execution/EXECUTION_TASK_F_11_01.md"] = fake.in_progress() } },
  { { achievements = { "1.1" } }, { ["execution/feedbacks/APPROVED_21.md"] = fake.feedback "2.1" } },
  { { achievements = { "1.1" } }, { ["execution/feedbacks/APPROVED_11.md"] = fake.feedback "1.1" } },
  { { achievements = { "1.1" } }, { ["subplans/SUBPLAN_F_21.md"] = fake.in_progress() },
    { trust_filesystem = true, achievement = "2.1" } },
}

describe("promptgen.state.frozen", function()
  it("keeps everything that is shown, and little else", function()
    for _, case in ipairs(CASES) do
      local ws, plan = fake.nested(case[1], case[2])
      local bytes = assert(pack.encode(frozen.freeze(assert(state.resolve(ws, plan, case[3])))))
      assert.is_true(#bytes < 4096, #bytes .. " bytes")
      local kept = frozen.revive(assert(pack.decode(bytes)))
      assert.is_nil(rawget(kept, "achievements"))
      local status = assert(state.resolve(ws, plan, case[3]))
      assert.equal(json.encode(report.status(status, {})), json.encode(report.status(kept, {})))
      assert.equal(explain.status(status, "/r", 80), explain.status(kept, "/r", 80))
      assert.equal(explain.why(assert(state.reasons(status))), explain.why(assert(state.reasons(kept))))
      local _, err = state.reasons(kept, "7.7")
      assert.equal("not_found", err.code)
    end
  end)

  it("gives the next step its achievement again, also one that a file defined", function()
    for _, case in ipairs { CASES[1], CASES[4] } do
      local ws, plan = fake.nested(case[1], case[2])
      local kept = frozen.revive(frozen.freeze(assert(state.resolve(ws, plan, case[3]))))
      assert.is_nil(kept.plan)
      frozen.thaw(kept, plan)
      assert.equal(plan, kept.plan)
      assert.equal(kept.next.number, kept.next.achievement.number)
    end
  end)
end)
