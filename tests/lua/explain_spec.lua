--- What people read about a status, and its JSON.
local cjson = require "cjson"
local columns = require "promptgen.columns"
local explain = require "promptgen.explain"
local fake = require "lua.support.fake_workspace"
local json = require "promptgen.json"
local report = require "promptgen.state.report"
local state = require "promptgen.state"

local LONG = "A title that is rather long, with an emoji ✅ and 日本語 in it, and more words after that"

local CASES = {
  active = { { achievements = { { "1.1", LONG }, { "1.2", "Two" } }, handoff_next = "9.9" }, {
    ["subplans/SUBPLAN_F_11.md"] = fake.in_progress(),
    ["execution/EXECUTION_TASK_F_11_01.md"] = fake.in_progress() } },
  plan_complete = { { achievements = { { "1.1", LONG } } },
    { ["execution/feedbacks/APPROVED_11.md"] = fake.feedback "1.1" } },
  blocked = { { achievements = { "1.1", "1.2" } }, { ["parallel.json"] = [[{"achievements": [
    {"achievement_id": "1.1", "dependencies": ["1.2"]},
    {"achievement_id": "1.2", "dependencies": ["1.1"]}]}]] } },
  conflict = { { achievements = { "1.1" } }, {
    ["execution/feedbacks/APPROVED_21.md"] = fake.feedback "2.1",
    ["subplans/SUBPLAN_F_31.md"] = fake.document() } },
}

local function case(name, opts)
  local ws, plan = fake.nested(table.unpack(CASES[name]))
  local status = assert(state.resolve(ws, plan, opts))
  assert.equal(name, status.state)
  return status, ws, plan
end

local function assert_fits(text, width)
  for line in text:gmatch "[^\n]+" do
    -- A path is never broken: it may be copied.
    if columns.width(line) > width and not line:match "^%s*%S+$" and not line:find "work%-space/" then
      error("wider than " .. width .. ": " .. line)
    end
  end
end

describe("promptgen.explain", function()
  for name in pairs(CASES) do
    it("fits narrow terminals and pipes: " .. name, function()
      local status, ws, plan = case(name)
      for _, width in ipairs { 40, 60, 80, 200 } do
        assert_fits(explain.status(status, ws.root, width), width)
        assert_fits(explain.plans({ explain.row(status.path, status) }, width), width)
        assert_fits(explain.why(assert(state.explain(ws, plan)), width), width)
      end
      assert.is_string(explain.status(status, ws.root))
      assert.is_string(explain.why(assert(state.explain(ws, plan))))
      assert.is_string(explain.findings(status))
    end)
  end

  it("shows progress, the next step and its file", function()
    local status, ws = case "active"
    local text = explain.status(status, ws.root)
    assert.matches("0 of 2 approved", text)
    assert.matches("> 1.1", text, 1, true)
    assert.matches("next: 1.1 continue the EXECUTION_TASK (started)", text, 1, true)
    assert.matches("work-space/plans/F/execution/EXECUTION_TASK_F_11_01.md", text, 1, true)
    assert.matches("promptgen next @F\n", text, 1, true)
    assert.matches("[dangling_handoff]", text, 1, true)
    assert.matches("root /fake", text, 1, true)
  end)

  it("shows a conflict with evidence and the three ways out", function()
    local status, ws = case "conflict"
    local text = explain.status(status, ws.root)
    for _, part in ipairs { "conflict 1 (undefined_feedback)", "conflict 2 (undefined_work)", "likely cause",
      "--trust-plan", "--trust-filesystem", "repair", "APPROVED_21.md", "settle the conflict",
      "promptgen next @F --resolve" } do
      assert.matches(part, text, 1, true)
    end
  end)

  it("names the blockers", function()
    local status, ws = case "blocked"
    local text = explain.status(status, ws.root)
    assert.matches("1.1 waits for 1.2", text, 1, true)
    assert.matches("nothing is free", text, 1, true)
  end)

  it("gives the command that clears a conflict or a block, not one that goes past it", function()
    for name, command in pairs { conflict = "promptgen next @F --resolve", blocked = "promptgen next @F" } do
      local _, ws, plan = case(name)
      local text = explain.why(assert(state.explain(ws, plan, "1.1")))
      assert.matches("\nrun: " .. command .. "\n", text, 1, true)
    end
  end)

  it("gives the evidence, the rule and the next command", function()
    local _, ws, plan = case "active"
    local text = explain.why(assert(state.explain(ws, plan, "1.1")))
    for _, part in ipairs { "1.1 " .. LONG .. ": executing", "EXECUTION_TASK_F_11_01.md:5: Status: In Progress",
      "an APPROVED file that is not empty", "by the rule started", "run: promptgen next @F" } do
      assert.matches(part, text, 1, true)
    end
    text = explain.why(assert(state.explain(ws, plan, "1.2")))
    assert.matches("SUBPLAN_F_12.md: does not exist", text, 1, true)
    assert.matches("run: promptgen next @F --achievement 1.2", text, 1, true)
  end)

  it("refuses a number nobody defines, and names those that are", function()
    local _, ws, plan = case "active"
    local explanation, err = state.explain(ws, plan, "7.7")
    assert.is_nil(explanation)
    assert.equal("not_found", err.code)
    assert.matches("1.1, 1.2", err.hint)
  end)

  it("lists a plan that cannot be read with the reason", function()
    assert.equal("PLAN  STATE  CLOSED  NEXT       WARNINGS\na.md  error          too large\n",
      explain.plans { explain.row("a.md", nil, { message = "too large" }) })
    assert.equal("there are no plans\n", explain.plans {})
  end)

  it("never cuts the name of a plan in a list: it takes two lines instead", function()
    local rows = {}
    for i, name in ipairs { ("LONG-NAME-"):rep(4) .. "A", ("LONG-NAME-"):rep(4) .. "B" } do
      rows[i] = { name, "in progress", "1/13", "1.1 write the synthesis of the executions", "3" }
    end
    local narrow = explain.plans(rows, 60)
    assert.matches(rows[1][1] .. "\n  in progress  1/13  1.1 write the synthesis of…  3 warnings\n", narrow, 1, true)
    assert.matches(rows[2][1], narrow, 1, true)
    assert_fits(narrow, 60)
    assert.matches("PLAN ", explain.plans(rows, 120))
    assert.matches("of the executions", explain.plans(rows))
  end)

  it("names a plan so that the command works", function()
    assert.equal("@A-B_2", explain.target { feature = "A-B_2", path = "x" })
    assert.equal("'a b/it'\\''s.md'", explain.target { path = "a b/it's.md" })
    assert.equal("'p/PLAN_A B.md'", explain.target { feature = "A B", path = "p/PLAN_A B.md" })
  end)
end)

describe("the JSON of a status", function()
  it("has the documented keys in a fixed order", function()
    local status = case "active"
    local text = json.encode(report.status(status, { { "schema", "promptgen.status/1" } }))
    local value = cjson.decode(text)
    assert.equal("promptgen.status/1", value.schema)
    assert.equal("started", value.next.rule)
    assert.equal("execution/EXECUTION_TASK_F_11_01.md", value.next.file)
    assert.equal("executing", value.achievements[1].state)
    assert.equal(2, #value.achievements)
    assert.equal("work-space/plans/F/execution/EXECUTION_TASK_F_11_01.md",
      value.achievements[1].evidence[1].path)
    assert.equal("dangling_handoff", value.warnings[1].code)
    assert.matches('^{"schema":"promptgen.status/1","feature":"F","path":"[^"]*","state":"active","total":2,'
      .. '"approved":0,"skipped":0,"next":{"number":"1.1",', text)
  end)

  it("has null for a next step that does not exist, and empty arrays", function()
    local text = json.encode(report.status(case "plan_complete", {}))
    assert.matches('"next":null', text, 1, true)
    assert.matches('"conflicts":[],"warnings":[]', text, 1, true)
    assert.matches('"recommendation":null', text, 1, true)
  end)

  it("tells every conflict whole", function()
    local value = cjson.decode(json.encode(report.status(case "conflict", {})))
    assert.equal(2, #value.conflicts)
    for _, conflict in ipairs(value.conflicts) do
      assert.is_true(#conflict.evidence > 0 and #conflict.cause > 0 and #conflict.resolution > 0)
      assert.equal(3, #conflict.ways_out)
    end
  end)

  it("never says that the lack of something was not found", function()
    local states = require "promptgen.state.states"
    for _, row in ipairs(states.list) do
      assert.equal(row.is_lack or false, row.means:find "^no " ~= nil, row.means)
    end
    for _, files in ipairs { {}, { ["subplans/SUBPLAN_F_11.md"] = fake.in_progress() },
      { ["execution/feedbacks/APPROVED_11.md"] = fake.feedback "1.1" } } do
      local ws, plan = fake.nested({ achievements = { "1.1" } }, files)
      local explanation = assert(state.reasons(assert(state.resolve(ws, plan)), "1.1"))
      assert.is_nil(explain.why(explanation):find("not found:[^\n]*no SUBPLAN"))
      for _, means in ipairs(explanation.passed) do
        assert.is_nil(means:find "^no ")
      end
    end
  end)

  it("explains with rule, evidence, passed tests and command", function()
    local _, ws, plan = case "active"
    local explanation = assert(state.explain(ws, plan))
    local value = cjson.decode(json.encode(report.explanation(explanation, "promptgen next @F")))
    assert.equal("promptgen.explain/1", value.schema)
    assert.is_true(value.chosen)
    assert.equal("started", value.rule)
    assert.equal("1.1", value.achievement.number)
    assert.equal("picks 1.1", value.considered[3].outcome)
    assert.is_true(#value.passed > 3)
    assert.equal("promptgen next @F", value.command)
  end)
end)
