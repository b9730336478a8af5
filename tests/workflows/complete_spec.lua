--- The workflow `complete`, with the real program.
local program = require "support.program"
local statistics = require "promptgen.statistics"
local workflows = require "support.workflows"

local PLAN = "work-space/plans/CSV-IMPORT/PLAN_CSV-IMPORT.md"
local HOME = "/work-space/plans/CSV-IMPORT/"

local function parse(text)
  return assert(require("promptgen.plan").parse(text, {}))
end

describe("hours", function()
  it("are read where a text begins with them", function()
    for text, expected in pairs {
      ["3-4 hours"] = { 3, 4 }, ["3–4 hours"] = { 3, 4 }, ["~2.5 hours (within 2-3h)"] = { 2.5, 2.5 },
      ["1h"] = { 1, 1 }, ["45 minutes (audit)"] = { 0.75, 0.75 }, ["~90 min"] = { 1.5, 1.5 },
      ["1h 15min"] = { 1.25, 1.25 }, ["2 hours 30 minutes, with tests"] = { 2.5, 2.5 },
      ["<1 hour"] = { 1, 1 }, ["about 2 hours"] = { 2, 2 }, ["**2 hours**"] = { 2, 2 },
      ["2.5 hours / 3-4 hours estimated"] = { 2.5, 2.5 }, ["1 hour 3 tests"] = { 1, 1 },
      ["[Actual Time]"] = {}, ["0 / ~4-5 hours"] = {}, [""] = {}, ["3 weeks"] = {}, ["510 seconds"] = {},
      ["2025-11-10"] = {}, ["half an hour"] = {}, ["20% faster"] = {},
    } do
      assert.same(expected, { statistics.hours(text) }, text)
    end
    assert.is_nil(statistics.hours(nil))
  end)

  it("of an execution are those of the whole, under any label for the time it took", function()
    for text, expected in pairs {
      ["**Time**: 3.5 hours\n"] = 3.5,
      ["- Actual: 20 minutes\n"] = 1 / 3,
      ["**Time Spent**: 45 minutes (audit)\n\n## More\n\n**Time Spent**: 90 minutes (both)\n"] = 1.5,
      ["**Time Spent**: ~0.5 hours\n\n**Total Time**: 5.5 hours\n"] = 0.5, -- the total of all executions
      ["**Duration**: 1 hour\n\n**Total Time**: 3-4 hours\n"] = 3.5,
      ["**Estimated Time**: 3-4 hours\n**Start Time**: 2025-11-10\n**Duration**: [Actual Time]\n"] = false,
      ["   - Total effort: 9-13 hours\n"] = false, -- of what the log reports on
      ["## Log\n\n### Iteration 1\n\n**Time**: 30 min\n\n### Iteration 2\n\n**Time**: 45 min\n"] = 1.25,
      ["### Iteration 1\n\n**Time**: 30 min\n\n## Completion\n\n**Time**: 2 hours\n"] = 2,
      ["No word of it.\n"] = false,
    } do
      assert.equal(expected, statistics.spent(parse(text)) or false, text)
    end
  end)
end)

describe("promptgen complete", function()
  local dir

  before_each(function() dir = program.example_copy() end)
  after_each(function() program.remove(dir) end)

  local function approve_all(...)
    local skipped = { ... }
    for _, item in ipairs(workflows.status(dir, PLAN).achievements) do
      local code = item.number:gsub("%.", "")
      program.write(dir .. HOME .. "execution/feedbacks/APPROVED_" .. code .. ".md",
        "# APPROVED: Achievement " .. item.number .. "\n\nGood.\n")
    end
    for _, code in ipairs(skipped) do
      program.sh("rm " .. dir .. HOME .. "execution/feedbacks/APPROVED_" .. code .. ".md")
      program.write(dir .. HOME .. "execution/SKIPPED_" .. code .. ".md", "# SKIPPED\n\nNot needed.\n")
    end
  end

  it("refuses a plan that has open achievements, and names them", function()
    local result = program.run({ "complete", "@CSV-IMPORT" }, { cwd = dir })
    assert.equal(4, result.status)
    assert.equal("", result.out)
    assert.matches("the plan is not complete: 3 of 4 achievements are open", result.err, 1, true)
    assert.matches("open: 0.2, Duplicate Detection (execution_due)", result.err, 1, true)
  end)

  it("takes the word of a plan that says it is complete only when it is told to", function()
    program.sh("cd " .. dir .. HOME .. " && rm -r execution/feedbacks "
      .. "&& sed -i '3s/.*/**Status**: ✅ Complete/' PLAN_*.md")
    local result = program.run({ "complete", "@CSV-IMPORT" }, { cwd = dir })
    assert.equal(4, result.status)
    assert.matches("the plan says it is complete: --trust-plan takes its word, and promptgen approve "
      .. "@CSV-IMPORT --all records a review of the whole", result.err, 1, true)
    result = program.run({ "complete", "@CSV-IMPORT", "--trust-plan" }, { cwd = dir })
    assert.equal(0, result.status, result.err)
    assert.matches("^# Close the plan CSV%-IMPORT\n", result.out)
  end)

  it("closes a complete plan with its figures, as next does", function()
    approve_all "12"
    local object = assert(workflows.check(dir, PLAN, { "complete", "@CSV-IMPORT" }))
    assert.equal("plan_complete", object.template)
    for _, line in ipairs {
      "- Achievements: 4, of which 3 approved, 1 skipped", "- SUBPLANs: 2", "- EXECUTION_TASKs: 2",
      "- Hours, as the EXECUTION_TASKs state them: 4.5", "- Hours planned: 10 to 12",
    } do
      assert.matches("\n" .. line .. "\n", object.prompt, 1, true)
    end
    local by_next = assert(workflows.check(dir, PLAN, { "next", "@CSV-IMPORT" }))
    assert.equal(object.prompt, by_next.prompt)
  end)

  it("leaves out what no paper states, and says how many state the rest", function()
    approve_all()
    program.sh("sed -i '/Time/d' " .. dir .. HOME .. "execution/EXECUTION_TASK_CSV-IMPORT_02_01.md")
    local object = assert(workflows.check(dir, PLAN, { "complete", "@CSV-IMPORT" }))
    assert.matches("\n- Hours, as the EXECUTION_TASKs state them: 3.5 (stated by 1 of 2)\n", object.prompt, 1, true)
    program.sh("cd " .. dir .. HOME .. " && rm execution/EXECUTION* subplans/* && sed -i '/Effort/d' PLAN_*.md")
    object = assert(workflows.check(dir, PLAN, { "complete", "@CSV-IMPORT" }))
    assert.matches("## What the plan took\n\n- Achievements: 4, of which 4 approved\n\n##", object.prompt, 1, true)
  end)

  it("counts files that were archived already", function()
    approve_all()
    local archive = "documentation/archive/csv-import-2026/execution"
    program.sh(("cd %s && mkdir -p %s && mv .%s/execution/EXECUTION* %s"):format(dir, archive, HOME, archive))
    local object = assert(workflows.check(dir, PLAN, { "complete", "@CSV-IMPORT" }))
    assert.matches("\n- EXECUTION_TASKs: 2\n", object.prompt, 1, true)
  end)

  it("names the command that archives, and a part of the place that is left open", function()
    approve_all()
    local object = assert(workflows.check(dir, PLAN, { "complete", "@CSV-IMPORT" }))
    assert.matches("with `promptgen archive @CSV-IMPORT`: it moves",
      object.prompt, 1, true)
    program.sh("sed -i 's/csv-import-2026/csv-YYYY-MM/' " .. dir .. HOME .. "PLAN_CSV-IMPORT.md")
    object = assert(workflows.check(dir, PLAN, { "complete", "@CSV-IMPORT" }))
    assert.matches("`promptgen archive @CSV-IMPORT --to DIR`", object.prompt, 1, true)
  end)

  it("tells people the figures and what is left, at any time but in a conflict", function()
    local result = program.run({ "complete", "@CSV-IMPORT", "--summary" }, { cwd = dir })
    assert.equal([[
OPEN: CSV-IMPORT, 1 of 4 achievements closed

- Achievements: 4, of which 1 approved, 3 open (25 % closed)
- SUBPLANs: 2
- EXECUTION_TASKs: 2
- Hours, as the EXECUTION_TASKs state them: 4.5
- Hours planned: 10 to 12

Left to do:

- 0.2, Duplicate Detection (execution_due)
- 1.1, Import Command with Preview (no_subplan)
- 1.2, Category Rules (no_subplan)

Next:

- `promptgen next @CSV-IMPORT` writes the prompt for the next step
]], result.out)
    approve_all()
    program.write(dir .. "/work-space/ACTIVE_PLANS.md", "# Active\n\n- CSV-IMPORT: in progress\n")
    result = program.run({ "complete", "@CSV-IMPORT", "--summary" }, { cwd = dir })
    assert.matches("^COMPLETE: CSV%-IMPORT, 4 of 4 achievements closed\n", result.out)
    assert.matches("\n- `promptgen archive @CSV-IMPORT` puts it away, in `documentation/archive/csv-import-2026/`\n",
      result.out, 1, true)
    assert.matches("\n- `work-space/ACTIVE_PLANS.md` still has to say that it is complete\n", result.out, 1, true)
    assert.is_nil(result.out:find("\n\n\n", 1, true))
  end)

  it("closes those real plans that are complete, and no other", function()
    local root, paths = workflows.corpus()
    if not root then
      return pending("the real workspace is not here")
    end
    local made = 0
    for _, path in ipairs(paths) do
      local status = workflows.status(root, path)
      local object, code = workflows.check(root, path, { "complete", path }, { status = status })
      assert.equal(status.state == "plan_complete", object ~= nil, path)
      assert.equal(status.state == "conflict" and 7 or 4, code or 4)
      made = made + (object and 1 or 0)
    end
    assert.equal(1, made)
  end)
end)
