--- The workflow `discover`, with the real program.
local cjson = require "cjson"
local plans = require "promptgen.plan"
local program = require "support.program"
local state = require "promptgen.state"
local workflows = require "support.workflows"
local fake = require "lua.support.fake_workspace"

local PLAN = "work-space/plans/CSV-IMPORT/PLAN_CSV-IMPORT.md"
local PARALLEL = "work-space/plans/CSV-IMPORT/parallel.json"

--- The JSON that a prompt shows.
local function skeleton(text)
  return (assert(text:match("```json\n(.-)\n```")))
end

describe("promptgen discover", function()
  local dir

  before_each(function() dir = program.example_copy() end)
  after_each(function() program.remove(dir) end)

  local function check(...)
    return workflows.check(dir, PLAN, { "discover", "@CSV-IMPORT", ... },
      { extra = { PARALLEL, "tests/test_importer.py" } })
  end

  local function usage(...)
    local result = program.run({ "discover", "@CSV-IMPORT", ... }, { cwd = dir })
    assert.same({ 2, "" }, { result.status, result.out }, result.err)
    return result.err
  end

  it("compares all open achievements of a plan, and names the closed ones", function()
    local object = assert(check())
    assert.equal("discover", object.template)
    assert.equal(object.prompt, assert(check("--level", "3")).prompt)
    assert.matches("\n- 1.1, Import Command with Preview (`no_subplan`), 2 hours: `" .. PLAN
      .. "`, lines 58-66 (9 lines)\n", object.prompt, 1, true)
    assert.matches("\n  - designed in `work-space/plans/CSV-IMPORT/subplans/SUBPLAN_CSV-IMPORT_02.md`\n",
      object.prompt, 1, true)
    assert.matches("\n- Closed already, so that nothing waits for it: 0.1\n", object.prompt, 1, true)
    local file = cjson.decode(skeleton(object.prompt))
    assert.same({ "CSV-IMPORT", "level_3", 4 },
      { file.plan_name, file.parallelization_level, #file.achievements })
    assert.equal(2.5, file.achievements[2].estimated_hours)
  end)

  it("asks for independence in four respects, four times each", function()
    local text = assert(check()).prompt
    local list = assert(text:match("Independence, .-:\n\n(.-)\n\n"))
    local _, groups = list:gsub("%f[^\n\0]%- ", "")
    local _, points = list:gsub("\n  %- ", "")
    assert.same({ 4, 16 }, { groups, points })
  end)

  it("compares those of one priority, by number or by text", function()
    local object = assert(check("--priority", "1"))
    assert.equal(object.prompt, assert(check("--level", "2", "--priority", "priority 1: user interface")).prompt)
    assert.matches("In question: Priority 1: USER INTERFACE.", object.prompt, 1, true)
    assert.matches("Open, but of another priority: 0.2.", object.prompt, 1, true)
    local file = cjson.decode(skeleton(object.prompt))
    assert.same({ "level_2", "1.1", "1.2" },
      { file.parallelization_level, file.achievements[1].achievement_id, file.achievements[2].achievement_id })
  end)

  it("keeps what the file says of achievements that are not in question", function()
    program.write(dir .. "/" .. PARALLEL,
      '{"achievements": [{"achievement_id": "0.2", "dependencies": ["0.1"]}, {"achievement_id": "1.2"}]}')
    local object = assert(check("--priority", "1"))
    assert.matches("Change `" .. PARALLEL .. "`, so that it holds the keys below.", object.prompt, 1, true)
    local file = cjson.decode(skeleton(object.prompt))
    assert.equal("0.2", file.achievements[1].achievement_id)
    assert.same({ "0.1" }, file.achievements[1].dependencies)
  end)

  it("divides one achievement into the executions that its SUBPLAN plans, or into two", function()
    local object = assert(check("--achievement", "0.2"))
    assert.same({ "0.2", "discover" }, { object.next.number, object.next.recommendation })
    local file = cjson.decode(skeleton(object.prompt))
    assert.equal("level_1", file.parallelization_level)
    assert.same({ "02_01", "02_02" }, { file.achievements[1].executions[1].execution_id,
      file.achievements[1].executions[2].execution_id })
    object = assert(check("--level", "1", "--achievement", "1.1"))
    assert.equal("11_02", cjson.decode(skeleton(object.prompt)).achievements[1].executions[2].execution_id)
    assert.matches("The prompt for the SUBPLAN, and its skeleton, take the executions from it.", object.prompt, 1, true)
  end)

  it("hands the executions on to the prompt for the SUBPLAN, and to its skeleton", function()
    program.write(dir .. "/" .. PARALLEL, [[{"plan_name": "CSV-IMPORT", "achievements": [{"achievement_id": "1.1",
      "executions": [{"execution_id": "11_01", "title": "the | table"}, "11_02",
        {"execution_id": "11_03", "dependencies": ["11_01", "99_01"]}, {"execution_id": "77_01"}, 5]}]}]])
    for _ = 1, 2 do -- the second time from the cache
      local text = program.run({ "subplan", "@CSV-IMPORT", "--achievement", "1.1" }, { cwd = dir }).out
      assert.matches("which `" .. PARALLEL .. "` states.", text, 1, true)
      assert.matches("\n   - `11_01`: the | table\n   - `11_02`\n   - `11_03`, after 11_01\n5. ", text, 1, true)
    end
    local object = assert(check("--achievement", "1.1"))
    local runs = cjson.decode(skeleton(object.prompt)).achievements[1].executions
    assert.same({ 3, "11_03", "11_01" }, { #runs, runs[3].execution_id, runs[3].dependencies[1] })
    assert.equal("the | table", runs[1].title)
    assert.equal(0, program.run({ "new", "subplan", "@CSV-IMPORT", "1.1" }, { cwd = dir }).status)
    local made = program.read(dir .. "/work-space/plans/CSV-IMPORT/subplans/SUBPLAN_CSV-IMPORT_11.md")
    assert.matches("|---|---|---|\n| 11_01 | the / table | [The tests that prove it] |\n"
      .. "| 11_02 | [What it creates and changes] | [The tests that prove it] |\n"
      .. "| 11_03 | [What it creates and changes] | [The tests that prove it]; after 11_01 |\n", made, 1, true)
  end)

  it("has one thing to say of a file that is there: read it, keep what is not asked for", function()
    program.write(dir .. "/" .. PARALLEL, [[{"plan_name": "CSV-IMPORT", "parallelization_level": "level_3",
      "risks": ["x"], "achievements": [{"achievement_id": "1.1", "dependencies": ["0.2"],
      "estimated_hours": "4-6", "priority": 1, "flag": false, "none": null}]}
      ]])
    local text = assert(check()).prompt
    assert.matches("- `" .. PARALLEL .. "` (4 lines): what was found before\n", text, 1, true)
    assert.matches("\n- Keep the other keys that the file has today, and correct in them what is not true any more: "
      .. "`risks`.\n", text, 1, true)
    assert.is_nil(text:find("form of its own", 1, true))
    assert.is_nil(text:find("Replace the contents", 1, true))
    assert.matches("You write `" .. PARALLEL .. "`, and nothing else: no code, no plan, no review.", text, 1, true)
    assert.matches("Begin now by reading the lines given above of `" .. PLAN .. "`.", text, 1, true)
    for _, one in ipairs(cjson.decode(skeleton(text)).achievements) do
      if one.achievement_id == "1.1" then
        assert.same({ "4-6", 1, false, "0.2" }, { one.estimated_hours, one.priority, one.flag, one.dependencies[1] })
        assert.is_nil(one.none)
      end
    end
    text = assert(check("--achievement", "0.2")).prompt
    assert.matches("You write `" .. PARALLEL
      .. "` and, where it must agree with that, the list of planned executions in `", text, 1, true)
  end)

  it("leaves another plan's file in a shared folder as it is", function()
    local group = "work-space/plans/"
    for _, name in ipairs { "A", "B" } do
      program.write(dir .. "/" .. group .. "PLAN_" .. name .. ".md", "# PLAN: " .. name
        .. "\n\n**Achievement 1.1**: One\n\n- **Goal**: x\n\n**Achievement 1.2**: Two\n\n- **Goal**: y\n")
    end
    program.write(dir .. "/" .. group .. "parallel.json", '{"plan_name": "A", "achievements": []}')
    local text = program.run({ "discover", "@B" }, { cwd = dir }).out
    assert.matches("Leave `" .. group .. "parallel.json` as it is: it is another plan's.", text, 1, true)
    assert.matches("Create `" .. group .. "parallel_B.json`.", text, 1, true)
    text = program.run({ "discover", "@A" }, { cwd = dir }).out
    assert.matches("Change `" .. group .. "parallel.json`, so that it holds the keys below.", text, 1, true)
  end)

  it("wants an achievement at level 1, a priority at level 2, and neither at level 3", function()
    assert.matches("level 1 needs --achievement", usage("--level", "1"), 1, true)
    assert.matches("level 2 needs --priority", usage("--level", "2"), 1, true)
    assert.matches("--achievement is for level 1", usage("--level", "3", "--achievement", "1.1"), 1, true)
    assert.matches("--priority is for level 2", usage("--achievement", "1.1", "--priority", "1"), 1, true)
    assert.matches("there is no level 4", usage("--level", "4"), 1, true)
  end)

  it("refuses where there is nothing to compare or to divide", function()
    for _, case in ipairs {
      { { "--priority", "7" }, "the plan has no priority 7" },
      { { "--priority", "0" }, "only achievement 0.2 of Priority 0: FOUNDATION is open" },
      { { "--achievement", "0.1" }, "achievement 0.1 is approved" },
      { { "--achievement", "9.9" }, "the plan defines no achievement 9.9" },
    } do
      local _, status, answer = check(table.unpack(case[1]))
      assert.equal(4, status)
      assert.matches(case[2], answer.error.message, 1, true)
    end
  end)

  it("gives a file that the resolver reads as it was, for every real plan and each of its parts", function()
    local root, paths = workflows.corpus()
    if not root then
      return pending("the real workspace is not here")
    end
    local made = 0
    local function try(path, status, plan, ...)
      local object, code = workflows.check(root, path, { "discover", path, ... },
        { status = status, extra = { status.layout.parallel } })
      if not object then
        assert.equal(4, code)
        return
      end
      made = made + 1
      local text = program.read(root .. "/" .. path)
      local ws = fake.workspace { [path] = text, [status.layout.parallel] = skeleton(object.prompt) }
      local again = assert(state.resolve(ws, plan, {}))
      for _, warning in ipairs(again.warnings) do
        assert.is_nil(warning.code:find("dependency") or warning.code:find("parallel"), warning.message)
      end
      for i, item in ipairs(again.achievements) do
        local before = status.achievements[i].dependencies or {}
        assert.same(before, item.dependencies or {}, path .. " " .. item.number)
      end
    end
    for _, path in ipairs(paths) do
      local status, plan = workflows.status(root, path)
      if status.state ~= "conflict" then
        try(path, status, assert(plans.parse(program.read(root .. "/" .. path), { path = path })))
        local open = status.next and status.next.number
        if open then
          try(path, status, plan, "--achievement", open)
        end
        for _, priority in ipairs { "0", "1", "2" } do
          try(path, status, plan, "--priority", priority)
        end
      end
    end
    assert.truthy(made > 60, made)
  end)
end)
