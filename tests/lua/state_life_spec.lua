--- The life of one achievement: every state, in the order a piece of work goes through them.
local fake = require "lua.support.fake_workspace"
local state = require "promptgen.state"

local SUBPLAN = "subplans/SUBPLAN_F_11.md"
local EXEC = "execution/EXECUTION_TASK_F_11_%02d.md"
local FEEDBACK = "execution/feedbacks/%s_11.md"

local placeholder = fake.document { placeholder = { line = 9, says = "[TO BE FILLED]" } }
local planned_two = fake.in_progress {
  planned = { { code = "11_01", line = 20 }, { code = "11_02", line = 21 } },
}
local synthesised = fake.complete { synthesis = { line = 30 } }

local APPROVED, FIX = FEEDBACK:format "APPROVED", FEEDBACK:format "FIX"
local RESOLUTION = "execution/feedbacks/FIX_11_RESOLUTION.md"

-- name, files, state, recommendation, file of the step
local LIFE = {
  { "nothing exists", {}, "no_subplan", "create_subplan", nil },
  { "an empty SUBPLAN", { [SUBPLAN] = fake.document { empty = true } },
    "subplan_draft", "continue_subplan", SUBPLAN },
  { "a SUBPLAN with placeholders left", { [SUBPLAN] = placeholder },
    "subplan_draft", "continue_subplan", SUBPLAN },
  { "a SUBPLAN that is filled in", { [SUBPLAN] = fake.in_progress() },
    "subplan_ready", "create_execution", SUBPLAN },
  { "a SUBPLAN that says complete without an execution file", { [SUBPLAN] = fake.complete() },
    "subplan_complete", "review", SUBPLAN },
  { "an execution under way",
    { [SUBPLAN] = planned_two, [EXEC:format(1)] = fake.in_progress() },
    "executing", "continue_execution", EXEC:format(1) },
  { "an empty execution file", { [SUBPLAN] = planned_two,
      [EXEC:format(1)] = fake.document { empty = true } },
    "executing", "continue_execution", EXEC:format(1) },
  { "an open execution under a SUBPLAN whose header says complete",
    { [SUBPLAN] = fake.complete(), [EXEC:format(1)] = fake.in_progress() },
    "executing", "continue_execution", EXEC:format(1) },
  { "one of two planned executions complete",
    { [SUBPLAN] = planned_two, [EXEC:format(1)] = fake.complete() },
    "execution_due", "create_next_execution", EXEC:format(1) },
  { "the second execution under way",
    { [SUBPLAN] = planned_two, [EXEC:format(1)] = fake.complete(),
      [EXEC:format(2)] = fake.in_progress() },
    "executing", "continue_execution", EXEC:format(2) },
  { "both executions complete, no synthesis",
    { [SUBPLAN] = planned_two, [EXEC:format(1)] = fake.complete(),
      [EXEC:format(2)] = fake.complete() },
    "executed", "synthesize", EXEC:format(2) },
  { "both executions complete and a synthesis",
    { [SUBPLAN] = synthesised, [EXEC:format(1)] = fake.complete(),
      [EXEC:format(2)] = fake.complete() },
    "executed", "review", EXEC:format(2) },
  { "a single execution complete",
    { [SUBPLAN] = fake.in_progress(), [EXEC:format(1)] = fake.complete() },
    "executed", "review", EXEC:format(1) },
  { "a review that asks for fixes",
    { [SUBPLAN] = synthesised, [EXEC:format(1)] = fake.complete(), [FIX] = fake.feedback("1.1") },
    "needs_fix", "address_fixes", FIX },
  { "an empty RESOLUTION",
    { [SUBPLAN] = synthesised, [FIX] = fake.feedback("1.1"),
      [RESOLUTION] = fake.document { empty = true } },
    "needs_fix", "address_fixes", FIX },
  { "a RESOLUTION dated before its FIX",
    { [SUBPLAN] = synthesised, [FIX] = fake.feedback("1.1", "2025-03-02"),
      [RESOLUTION] = fake.feedback("1.1", "2025-03-01") },
    "needs_fix", "address_fixes", FIX },
  { "a RESOLUTION of the same day",
    { [SUBPLAN] = synthesised, [FIX] = fake.feedback("1.1", "2025-03-02"),
      [RESOLUTION] = fake.feedback("1.1", "2025-03-02") },
    "fix_resolved", "review", RESOLUTION },
  { "a RESOLUTION without dates",
    { [SUBPLAN] = synthesised, [FIX] = fake.feedback("1.1"), [RESOLUTION] = fake.feedback("1.1") },
    "fix_resolved", "review", RESOLUTION },
  { "an empty APPROVED beside a RESOLUTION",
    { [SUBPLAN] = synthesised, [FIX] = fake.feedback("1.1"), [RESOLUTION] = fake.feedback("1.1"),
      [APPROVED] = fake.document { empty = true } },
    "fix_resolved", "review", RESOLUTION },
  { "an approval after the fix round",
    { [SUBPLAN] = synthesised, [FIX] = fake.feedback("1.1", "2025-03-01"),
      [RESOLUTION] = fake.feedback("1.1", "2025-03-02"),
      [APPROVED] = fake.feedback("1.1", "2025-03-03") },
    "approved", nil, APPROVED },
  { "an approval and nothing else", { [APPROVED] = fake.feedback("1.1") }, "approved", nil, APPROVED },
  { "a skip", { [SUBPLAN] = fake.in_progress(), ["execution/SKIPPED_11.md"] = fake.document() },
    "skipped", nil, "execution/SKIPPED_11.md" },
  { "a skip although the review asked for fixes",
    { [FIX] = fake.feedback("1.1"), ["execution/SKIPPED_11.md"] = fake.document() },
    "skipped", nil, "execution/SKIPPED_11.md" },
}

describe("the life of an achievement", function()
  for _, row in ipairs(LIFE) do
    local name, files, expected, recommendation, file = table.unpack(row, 1, 5)
    it(("%s: %s"):format(name, expected), function()
      local ws, plan = fake.nested({ achievements = { "1.1", "1.2" } }, files)
      local status = assert(state.resolve(ws, plan))
      local item = status.achievements[1]
      assert.equal(expected, item.state)
      assert.equal(recommendation, item.recommendation)
      assert.equal(file, item.file)
      assert.is_true(#item.evidence > 0)
      for _, one in ipairs(item.evidence) do
        assert.is_string(one.path)
        assert.is_string(one.says)
      end
    end)
  end

  it("passes through every state of the table", function()
    local seen = {}
    for _, row in ipairs(LIFE) do
      seen[row[3]] = true
    end
    for _, row in ipairs(require("promptgen.state.states").list) do
      assert.is_true(seen[row.name], row.name .. " is in no row of this spec")
    end
  end)

  it("closes a skipped achievement and shows it as skipped", function()
    local ws, plan = fake.nested({ achievements = { "1.1" } },
      { ["execution/SKIPPED_11.md"] = fake.document() })
    local status = assert(state.resolve(ws, plan))
    assert.equal("plan_complete", status.state)
    assert.equal(0, status.approved)
    assert.equal(1, status.skipped)
    assert.is_nil(status.next)
  end)
end)
