--- The rules of the next step, what blocks it, and the warnings that go with it.
local fake = require "lua.support.fake_workspace"
local state = require "promptgen.state"

local function sub(code) return ("subplans/SUBPLAN_F_%s.md"):format(code) end
local function exec(code, n) return ("execution/EXECUTION_TASK_F_%s_%02d.md"):format(code, n) end
local function feedback(kind, code) return ("execution/feedbacks/%s_%s.md"):format(kind, code) end

local function resolve(spec, files, opts)
  local ws, plan = fake.nested(spec, files)
  return assert(state.resolve(ws, plan, opts)), ws
end

local function codes_of(status)
  local list = {}
  for i, warning in ipairs(status.warnings) do
    list[i] = warning.code
  end
  table.sort(list)
  return list
end

local THREE = { "0.1", "0.2", "1.1" }

local function depends(list)
  return [[{"achievements": [{"achievement_id": "]] .. list[1] .. [[", "dependencies": ["]]
    .. list[2] .. [["]}]}]]
end

describe("the next step", function()
  it("is the first whose review asks for fixes, before the handoff and what is started", function()
    local status = resolve({ achievements = THREE, handoff_next = "0.2" }, {
      [sub "01"] = fake.in_progress(), [feedback("FIX", "11")] = fake.feedback "1.1",
    })
    assert.equal("needs_fix_first", status.next.rule)
    assert.equal("1.1", status.next.number)
    assert.equal("active", status.state)
  end)

  it("is a fix even when the achievement waits for another one", function()
    local status = resolve({ achievements = THREE }, {
      [feedback("FIX", "11")] = fake.feedback "1.1", ["parallel.json"] = depends { "1.1", "0.1" },
    })
    assert.equal("1.1", status.next.number)
    assert.same({ "0.1" }, status.next.blockers)
  end)

  it("is what the handoff names, before what is started", function()
    local status = resolve({ achievements = THREE, handoff_next = "0.2" },
      { [sub "01"] = fake.in_progress() })
    assert.equal("handoff", status.next.rule)
    assert.equal("0.2", status.next.number)
  end)

  it("is the first started when the handoff names none", function()
    local status = resolve({ achievements = THREE }, { [sub "11"] = fake.in_progress() })
    assert.equal("started", status.next.rule)
    assert.equal("1.1", status.next.number)
  end)

  it("is the first open one in the order of the file, not of the numbers", function()
    local status = resolve({ achievements = { "8.5", "0.1" } })
    assert.equal("first_open", status.next.rule)
    assert.equal("8.5", status.next.number)
  end)

  it("passes over what is started and blocked", function()
    local status = resolve({ achievements = THREE },
      { [sub "11"] = fake.in_progress(), ["parallel.json"] = depends { "1.1", "0.2" } })
    assert.equal("first_open", status.next.rule)
    assert.equal("0.1", status.next.number)
  end)

  it("passes over a handoff whose achievement is blocked", function()
    local status = resolve({ achievements = THREE, handoff_next = "1.1" },
      { ["parallel.json"] = depends { "1.1", "0.2" } })
    assert.equal("0.1", status.next.number)
    assert.matches("waits for 0.2", status.considered[2].outcome)
  end)

  it("is free once its dependencies are approved or skipped", function()
    local status = resolve({ achievements = THREE, handoff_next = "1.1" }, {
      ["parallel.json"] = depends { "1.1", "0.2" }, ["execution/SKIPPED_02.md"] = fake.document(),
    })
    assert.equal("1.1", status.next.number)
    assert.same({ "0.2" }, status.next.dependencies)
    assert.is_nil(status.next.blockers)
  end)

  it("is a review when work awaits one, and --skip-review goes past it", function()
    local spec = { achievements = THREE }
    local files = { [sub "01"] = fake.in_progress(), [exec("01", 1)] = fake.complete() }
    assert.equal("review", resolve(spec, files).next.recommendation)
    local status = resolve(spec, files, { skip_review = true })
    assert.equal("0.2", status.next.number)
    assert.equal("executed", status.achievements[1].state)
  end)

  it("passes over a handoff that awaits review with --skip-review", function()
    local status = resolve({ achievements = THREE, handoff_next = "0.1" },
      { [sub "01"] = fake.in_progress(), [exec("01", 1)] = fake.complete() }, { skip_review = true })
    assert.equal("0.2", status.next.number)
  end)

  it("does not pass over a synthesis with --skip-review", function()
    local status = resolve({ achievements = THREE }, {
      [sub "01"] = fake.in_progress(), [exec("01", 1)] = fake.complete(),
      [exec("01", 2)] = fake.complete(),
    }, { skip_review = true })
    assert.equal("synthesize", status.next.recommendation)
  end)

  it("follows another order when one is configured", function()
    local spec, files = { achievements = THREE, handoff_next = "0.2" }, { [sub "11"] = fake.in_progress() }
    local status = resolve(spec, files, { order = { "started", "first_open" } })
    assert.equal("1.1", status.next.number)
    local ws, plan = fake.nested(spec, files)
    local none, err = state.resolve(ws, plan, { order = { "best" } })
    assert.is_nil(none)
    assert.equal("config", err.code)
  end)

  it("is the achievement that was asked for, whatever its state", function()
    local status = resolve({ achievements = THREE }, { [feedback("APPROVED", "02")] = fake.feedback "0.2" },
      { achievement = "0.2" })
    assert.equal("asked", status.next.rule)
    assert.equal("approved", status.next.state)
    assert.is_nil(status.next.recommendation)
  end)

  it("carries what a prompt needs", function()
    local status = resolve({ achievements = { "1.1" } }, {
      [sub "11"] = fake.in_progress { planned = { { code = "11_01", line = 1 }, { code = "02", line = 2 } } },
      [exec("11", 1)] = fake.complete(),
    })
    local step = status.next
    assert.equal("work-space/plans/F/subplans/SUBPLAN_F_11.md", step.subplan)
    assert.same({ "work-space/plans/F/execution/EXECUTION_TASK_F_11_01.md" }, step.executions)
    assert.equal("1.1", step.achievement.number)
    assert.equal("create_next_execution", step.recommendation)
    assert.equal(2, step.execution_number)
    assert.equal("work-space/plans/F/execution/EXECUTION_TASK_F_11_01.md", step.path)
    assert.equal("execution/EXECUTION_TASK_F_11_01.md", step.file)
  end)
end)

describe("a plan as a whole", function()
  it("is complete when every achievement is approved or skipped", function()
    local status = resolve({ achievements = { "0.1", "0.2" } }, {
      [feedback("APPROVED", "01")] = fake.feedback "0.1", ["execution/SKIPPED_02.md"] = fake.document(),
    })
    assert.equal("plan_complete", status.state)
    assert.is_nil(status.next)
    assert.equal(2, status.total)
    assert.equal(1, status.approved)
  end)

  it("is never complete without achievements", function()
    local status = resolve { achievements = {} }
    assert.equal("no_achievements", status.state)
    assert.equal(0, status.total)
  end)

  it("is blocked when every open achievement waits, and names the blockers", function()
    local status = resolve({ achievements = { "0.1", "0.2" } }, { ["parallel.json"] = [[{"achievements": [
      {"achievement_id": "0.1", "dependencies": ["0.2"]},
      {"achievement_id": "0.2", "dependencies": ["0.1"]}]}]] })
    assert.equal("blocked", status.state)
    assert.is_nil(status.next)
    assert.same({ "0.2" }, status.achievements[1].blockers)
    assert.same({ "dependency_cycle" }, codes_of(status))
  end)

  it("is blocked when all that is open awaits review and reviews are skipped", function()
    local status = resolve({ achievements = { "0.1" } },
      { [sub "01"] = fake.in_progress(), [exec("01", 1)] = fake.complete() }, { skip_review = true })
    assert.equal("blocked", status.state)
  end)

  it("is answered by its files when it says complete without a review", function()
    local header = { line = 3, says = "Complete", complete = true }
    local status = resolve({ achievements = THREE, header_status = header })
    assert.equal("0.1", status.next.number)
    assert.same({ "complete_without_approvals" }, codes_of(status))
    status = resolve({ achievements = THREE, handoff_says_complete = true, handoff_complete_line = 9 })
    assert.same({ "complete_without_approvals" }, codes_of(status))
    assert.equal(9, status.warnings[1].line)
    status = resolve({ achievements = THREE, header_status = header },
      { [feedback("APPROVED", "01")] = fake.feedback "0.1" })
    assert.same({}, codes_of(status))
  end)

  it("is complete on its own word when the plan is trusted", function()
    local status = resolve({ achievements = THREE, handoff_says_complete = true }, {}, { trust_plan = true })
    assert.equal("plan_complete", status.state)
    assert.matches("the plan says", status.achievements[1].evidence[1].says)
    assert.is_nil(status.achievements[1].file)
  end)
end)

describe("the handoff", function()
  it("warns when it names a closed achievement, also in a complete plan", function()
    local approved = { [feedback("APPROVED", "01")] = fake.feedback "0.1" }
    local status = resolve({ achievements = THREE, handoff_next = "0.1", handoff_next_line = 40 }, approved)
    assert.same({ "stale_handoff" }, codes_of(status))
    assert.equal(40, status.warnings[1].line)
    assert.equal("0.2", status.next.number)
    status = resolve({ achievements = { "0.1" }, handoff_next = "0.1" }, approved)
    assert.equal("plan_complete", status.state)
    assert.same({ "stale_handoff" }, codes_of(status))
  end)

  it("warns when it names an achievement nobody defines", function()
    local status = resolve { achievements = THREE, handoff_next = "3.4" }
    assert.same({ "dangling_handoff" }, codes_of(status))
    assert.equal("0.1", status.next.number)
  end)
end)

describe("what the plan marks as done", function()
  local claims = { { number = "0.1", line = 50, says = "✅ Achievement 0.1" },
                   { number = "0.2", line = 51, says = "✅ Achievement 0.2" } }

  it("is a warning when the next step would begin it anew, with the first one not marked", function()
    local status = resolve { achievements = THREE, claims = claims }
    assert.equal("0.1", status.next.number)
    assert.equal("1.1", status.next.unclaimed)
    assert.same({ "claimed_done" }, codes_of(status))
  end)

  it("is no warning when files show the work", function()
    local status = resolve({ achievements = THREE, claims = claims }, { [sub "01"] = fake.in_progress() })
    assert.same({}, codes_of(status))
  end)

  it("is taken as done with --trust-plan, but for an open FIX", function()
    local spec = { achievements = THREE, claims = claims }
    local status = resolve(spec, {}, { trust_plan = true })
    assert.equal("1.1", status.next.number)
    assert.equal(2, status.approved)
    status = resolve(spec, { [feedback("FIX", "02")] = fake.feedback "0.2" }, { trust_plan = true })
    assert.equal("0.2", status.next.number)
    assert.equal("needs_fix", status.next.state)
  end)
end)

describe("warnings", function()
  it("tell of a review whose title names another achievement, by file", function()
    local status = resolve({ achievements = THREE }, {
      [feedback("APPROVED", "01")] = fake.feedback "1.1", [feedback("APPROVED", "02")] = fake.feedback "1.1",
    })
    assert.same({ "feedback_mismatch", "feedback_mismatch" }, codes_of(status))
    assert.equal("approved", status.achievements[1].state)
  end)

  it("tell of a FIX that stays beside an approval, unless a RESOLUTION stands between", function()
    local files = { [feedback("APPROVED", "01")] = fake.feedback("0.1", "2025-03-02"),
                    [feedback("FIX", "01")] = fake.feedback("0.1", "2025-03-02") }
    assert.same({ "fix_kept" }, codes_of(resolve({ achievements = THREE }, files)))
    files[feedback("FIX", "01")] = fake.feedback("0.1")
    assert.same({ "fix_kept" }, codes_of(resolve({ achievements = THREE }, files)))
    files["execution/feedbacks/FIX_01_RESOLUTION.md"] = fake.feedback "0.1"
    assert.same({}, codes_of(resolve({ achievements = THREE }, files)))
    files["execution/feedbacks/FIX_01_RESOLUTION.md"] = nil
    files[feedback("FIX", "01")] = fake.feedback("0.1", "2025-03-01")
    assert.same({}, codes_of(resolve({ achievements = THREE }, files)))
  end)

  it("tell of an empty approval, which counts as absent", function()
    local status = resolve({ achievements = { "0.1" } },
      { [feedback("APPROVED", "01")] = fake.document { empty = true } })
    assert.equal("no_subplan", status.next.state)
    assert.same({ "empty_feedback" }, codes_of(status))
  end)

  it("tell of a header that is out of date, only for files that decide", function()
    local stale = fake.complete { stale_header = true }
    local status = resolve({ achievements = { "0.1", "0.2" } }, {
      [sub "01"] = fake.in_progress(), [exec("01", 1)] = stale,
      [sub "02"] = stale, [exec("02", 1)] = fake.in_progress(),
    })
    assert.same({ "stale_header" }, codes_of(status))
    assert.equal("work-space/plans/F/" .. exec("01", 1), status.warnings[1].path)
  end)

  it("tell of files that cannot be read or are none", function()
    local error_record = { error = { code = "too_large", message = "too large" } }
    local status = resolve({ achievements = { "0.1", "0.2" } }, {
      [sub "01"] = error_record, [feedback("APPROVED", "02")] = error_record,
      [feedback("FIX", "01")] = { entry_type = "other" }, ["parallel.json"] = error_record,
    })
    assert.equal("subplan_draft", status.achievements[1].state)
    assert.equal("no_subplan", status.achievements[2].state)
    assert.same({ "not_a_file", "unreadable_file", "unreadable_file", "unreadable_file" }, codes_of(status))
  end)
end)

describe("what is looked at", function()
  it("is each folder once, and no file that no state needs", function()
    local files = { [sub "02"] = fake.in_progress(), [exec("02", 1)] = fake.in_progress(),
                    [exec("02", 2)] = fake.complete() }
    for _, code in ipairs { "01", "11" } do
      files[sub(code)] = fake.complete()
      files[exec(code, 1)] = fake.complete()
      files[feedback("APPROVED", code)] = fake.feedback(code == "01" and "0.1" or "1.1")
    end
    local _, ws = resolve({ achievements = THREE }, files)
    for dir, times in pairs(ws.listed) do
      assert.equal(1, times, dir)
    end
    local looked_at = {}
    for path, times in pairs(ws.looked_at) do
      assert.equal(1, times, path)
      looked_at[#looked_at + 1] = path:match "[^/]+$"
    end
    table.sort(looked_at)
    assert.same({ "APPROVED_01.md", "APPROVED_11.md", "EXECUTION_TASK_F_02_01.md" }, looked_at)
  end)

  it("stays inside the plan's folder when that closes everything", function()
    local _, ws = resolve({ achievements = { "0.1" } }, { [feedback("APPROVED", "01")] = fake.feedback "0.1" })
    for dir in pairs(ws.listed) do
      assert.equal("work-space/plans/F", dir:sub(1, 18))
    end
  end)
end)
