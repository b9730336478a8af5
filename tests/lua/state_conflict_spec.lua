local fake = require "lua.support.fake_workspace"
local state = require "promptgen.state"

local function resolve(spec, files, opts)
  local ws, plan = fake.nested(spec, files)
  return assert(state.resolve(ws, plan, opts))
end

local function kinds(status)
  local list = {}
  for i, conflict in ipairs(status.conflicts) do
    list[i] = conflict.kind
  end
  return list
end

local FEEDBACK = "execution/feedbacks/"
local DATED_WRONG = {
  [FEEDBACK .. "APPROVED_11.md"] = fake.feedback("1.1", "2025-03-01"),
  [FEEDBACK .. "FIX_11.md"] = fake.feedback("1.1", "2025-03-02"),
}

-- kind, spec, files
local KINDS = {
  { "undefined_feedback", { achievements = { "1.1" } },
    { [FEEDBACK .. "APPROVED_21.md"] = fake.feedback "2.1" } },
  { "undefined_feedback", { achievements = { "1.1" } },
    { [FEEDBACK .. "FIX_21.md"] = fake.feedback "2.1" } },
  { "undefined_feedback", { achievements = { "1.1" } },
    { ["execution/SKIPPED_21.md"] = fake.document() } },
  { "undefined_work", { achievements = { "1.1" } }, { ["subplans/SUBPLAN_F_21.md"] = fake.document() } },
  { "undefined_work", { achievements = { "1.1" } },
    { ["execution/EXECUTION_TASK_F_21_01.md"] = fake.document() } },
  { "shared_code", { achievements = { "1.11", "11.1" } },
    { [FEEDBACK .. "APPROVED_111.md"] = fake.feedback() } },
  { "dates", { achievements = { "1.1" } }, DATED_WRONG },
  { "duplicate_number", { achievements = { { "1.1", "One" } }, duplicates = {
      { number = "1.1", title = "Another", line = 90, first_line = 10, same_title = false } } }, {} },
}

describe("a conflict", function()
  for i, row in ipairs(KINDS) do
    it(("of kind %s is reported with evidence, cause and ways out (%d)"):format(row[1], i), function()
      local status = resolve(row[2], row[3])
      assert.equal("conflict", status.state)
      assert.is_nil(status.next)
      assert.same({ row[1] }, kinds(status))
      local conflict = status.conflicts[1]
      assert.is_true(#conflict.evidence >= 2)
      for _, one in ipairs(conflict.evidence) do
        assert.is_string(one.path)
        assert.is_true(#one.says > 0)
      end
      for _, field in ipairs { "message", "cause", "resolution" } do
        assert.is_true(#conflict[field] > 0)
      end
      local options = {}
      for n, way in ipairs(conflict.ways_out) do
        options[n] = way.option
        assert.is_true(#way.effect > 0)
      end
      assert.same({ "--trust-plan", "--trust-filesystem", "repair" }, options)
    end)

    it(("of kind %s is a warning when one side is trusted (%d)"):format(row[1], i), function()
      for _, side in ipairs { "trust_plan", "trust_filesystem" } do
        local status = resolve(row[2], row[3], { [side] = true })
        assert.not_equal("conflict", status.state)
        assert.same({}, status.conflicts)
        local found = false
        for _, warning in ipairs(status.warnings) do
          found = found or warning.code == "conflict_trusted"
        end
        assert.is_true(found)
      end
    end)
  end

  it("does not hide others", function()
    local status = resolve({ achievements = { "1.1", "1.11", "11.1" } }, {
      [FEEDBACK .. "APPROVED_21.md"] = fake.feedback "2.1", [FEEDBACK .. "APPROVED_111.md"] = fake.feedback(),
      ["subplans/SUBPLAN_F_31.md"] = fake.document(),
      [FEEDBACK .. "APPROVED_11.md"] = DATED_WRONG[FEEDBACK .. "APPROVED_11.md"],
      [FEEDBACK .. "FIX_11.md"] = DATED_WRONG[FEEDBACK .. "FIX_11.md"],
    })
    assert.same({ "undefined_feedback", "undefined_work", "shared_code", "dates" }, kinds(status))
  end)

  it("groups the files of one code", function()
    local status = resolve({ achievements = { "1.1" } }, {
      ["subplans/SUBPLAN_F_12.md"] = fake.document(),
      ["execution/EXECUTION_TASK_F_12_01.md"] = fake.document(),
      [FEEDBACK .. "APPROVED_12.md"] = fake.feedback "1.2",
    })
    assert.same({ "undefined_feedback" }, kinds(status))
    assert.equal(4, #status.conflicts[1].evidence)
    assert.matches("1.1", status.conflicts[1].resolution)
  end)

  it("is none when dotted names tell which of two numbers is meant", function()
    local status = resolve({ achievements = { "1.11", "11.1" } }, {
      [FEEDBACK .. "APPROVED_1.11.md"] = fake.feedback "1.11",
      ["subplans/SUBPLAN_F_11.1.md"] = fake.in_progress(),
    })
    assert.same({}, kinds(status))
    assert.equal("approved", status.achievements[1].state)
    assert.equal("subplan_ready", status.achievements[2].state)
  end)

  it("is none for a number defined twice with one title, and the first definition counts", function()
    local status = resolve { achievements = { { "1.1", "One" } }, duplicates = {
      { number = "1.1", title = "One", line = 90, first_line = 10, same_title = true } } }
    assert.same({}, kinds(status))
  end)

  it("is none when dates agree or are missing", function()
    for _, dates in ipairs { { "2025-03-02", "2025-03-01" }, { "2025-03-01", "2025-03-01" },
      { nil, "2025-03-01" }, { "2025-03-01", nil }, {} } do
      local status = resolve({ achievements = { "1.1" } }, {
        [FEEDBACK .. "APPROVED_11.md"] = fake.feedback("1.1", dates[1]),
        [FEEDBACK .. "FIX_11.md"] = fake.feedback("1.1", dates[2]),
      })
      assert.same({}, kinds(status))
      assert.equal("plan_complete", status.state)
    end
  end)

  it("is none for unclear names, which are left out with a warning", function()
    local status = resolve({ achievements = { "1.1" } }, {
      [FEEDBACK .. "APPROVED_1_REVIEW.md"] = fake.feedback(), [FEEDBACK .. "NOTES.md"] = fake.document(),
    })
    assert.same({}, kinds(status))
    assert.equal("unclear_name", status.warnings[1].code)
    assert.equal(1, #status.warnings)
  end)
end)

describe("--trust-plan", function()
  it("ignores files without a definition", function()
    local status = resolve({ achievements = { "1.1" } },
      { [FEEDBACK .. "APPROVED_21.md"] = fake.feedback "2.1" }, { trust_plan = true })
    assert.equal(1, status.total)
    assert.equal("no_subplan", status.next.state)
  end)

  it("keeps an approval that is dated before its FIX", function()
    assert.equal("plan_complete", resolve({ achievements = { "1.1" } }, DATED_WRONG,
      { trust_plan = true }).state)
  end)
end)

describe("--trust-filesystem", function()
  it("takes such files as definitions, by the number their title names", function()
    local status = resolve({ achievements = { "1.1" } }, {
      [FEEDBACK .. "APPROVED_102.md"] = fake.feedback("10.2", nil, { title = "APPROVED: 10.2" }),
      ["subplans/SUBPLAN_F_21.md"] = fake.in_progress(),
    }, { trust_filesystem = true })
    local states = {}
    for i, item in ipairs(status.achievements) do
      states[i] = item.number .. " " .. item.state
    end
    assert.same({ "1.1 no_subplan", "2.1 subplan_ready", "10.2 approved" }, states)
  end)

  it("does not offer an approved achievement", function()
    local status = resolve({ achievements = { "1.1", "1.2" } },
      { [FEEDBACK .. "APPROVED_11.md"] = fake.feedback "1.1" }, { trust_filesystem = true })
    assert.equal("1.2", status.next.number)
  end)

  it("lets the later file decide where dates are at odds", function()
    assert.equal("needs_fix", resolve({ achievements = { "1.1" } }, DATED_WRONG,
      { trust_filesystem = true }).next.state)
  end)

  it("gives a file of a shared code to the number its title names", function()
    local status = resolve({ achievements = { "1.11", "11.1" } },
      { [FEEDBACK .. "APPROVED_111.md"] = fake.feedback "11.1" }, { trust_filesystem = true })
    assert.equal("no_subplan", status.achievements[1].state)
    assert.equal("approved", status.achievements[2].state)
  end)

  it("cannot be given together with --trust-plan", function()
    local ws, plan = fake.nested { achievements = { "1.1" } }
    local status, err = state.resolve(ws, plan, { trust_plan = true, trust_filesystem = true })
    assert.is_nil(status)
    assert.equal("usage", err.code)
  end)
end)
