--- Where the files of a plan are looked for: its own folder, flat places, archives; nothing deeper.
local fake = require "lua.support.fake_workspace"
local state = require "promptgen.state"

local function resolve(plan, files, opts)
  files[plan.path] = plan
  local ws = fake.workspace(files)
  local status = assert(state.resolve(ws, plan, opts))
  local states = {}
  for i, item in ipairs(status.achievements) do
    states[i] = item.state
  end
  return table.concat(states, " "), status, ws
end

local function warned(status)
  local codes = {}
  for i, warning in ipairs(status.warnings) do
    codes[i] = warning.code
  end
  return table.concat(codes, " ")
end

local TWO = { achievements = { "0.1", "1.1" } }
local approved = fake.feedback()

describe("a plan in its own folder", function()
  local DIR = "work-space/plans/group/F/"
  local plan = fake.plan(DIR .. "PLAN_F.md", TWO)

  it("finds its files there, whatever lies beside it", function()
    assert.equal("approved subplan_ready", (resolve(plan, {
      [DIR .. "execution/feedbacks/APPROVED_01.md"] = approved,
      [DIR .. "subplans/SUBPLAN_F_11.md"] = fake.in_progress(),
      [DIR .. "PLAN_SUMMARY.md"] = fake.document(),
      ["work-space/plans/group/G/PLAN_G.md"] = fake.document(),
    })))
  end)

  it("is its own also under another name than the feature, whose files count too", function()
    local other = fake.plan("work-space/plans/old-name/PLAN_F.md", TWO)
    assert.equal("approved executed", (resolve(other, {
      ["work-space/plans/old-name/execution/feedbacks/APPROVED_01.md"] = approved,
      ["work-space/plans/old-name/subplans/SUBPLAN_old-name_11.md"] = fake.in_progress(),
      ["work-space/plans/old-name/execution/EXECUTION_TASK_F_11_01.md"] = fake.complete(),
    })))
  end)

  it("ignores deeper folders and copies", function()
    local states, status = resolve(plan, {
      [DIR .. "F-old/execution/feedbacks/APPROVED_01.md"] = approved,
      [DIR .. "execution/feedbacks/old/APPROVED_01.md"] = approved,
      [DIR .. "documentation/SUBPLAN_F_11.md"] = fake.in_progress(),
    })
    assert.equal("no_subplan no_subplan", states)
    assert.equal("", warned(status))
  end)

  it("takes a kind by the name and not by the folder", function()
    assert.equal("skipped executed", (resolve(plan, {
      [DIR .. "execution/SUBPLAN_F_11.md"] = fake.in_progress(),
      [DIR .. "subplans/EXECUTION_TASK_F_11_01.md"] = fake.complete(),
      [DIR .. "execution/feedbacks/SKIPPED_01.md"] = fake.document(),
    })))
    assert.equal("no_subplan subplan_ready", (resolve(plan, { [DIR .. "SUBPLAN_F_11.md"] = fake.in_progress() })))
  end)

  it("leaves files of another feature out and says so", function()
    local states, status = resolve(plan, { [DIR .. "subplans/SUBPLAN_G_11.md"] = fake.in_progress() })
    assert.equal("no_subplan no_subplan", states)
    assert.equal("foreign_file", warned(status))
  end)
end)

describe("a plan of another file name", function()
  it("has its files by that name", function()
    local plan = fake.plan("docs/roadmap.md", TWO)
    assert.is_nil(plan.feature)
    assert.equal("subplan_ready no_subplan",
      (resolve(plan, { ["docs/subplans/SUBPLAN_roadmap_01.md"] = fake.in_progress() })))
  end)
end)

describe("a plan in a folder that other plans use", function()
  local plan = fake.plan("work-space/plans/group/PLAN_F.md", TWO)

  it("sees only names of its own feature", function()
    local states, status = resolve(plan, {
      ["work-space/plans/group/G/PLAN_G.md"] = fake.document(),
      ["work-space/plans/group/execution/feedbacks/APPROVED_01.md"] = approved,
      ["work-space/plans/group/execution/feedbacks/APPROVED_F_11.md"] = approved,
      ["work-space/plans/group/subplans/SUBPLAN_G_01.md"] = fake.in_progress(),
    })
    assert.equal("no_subplan approved", states)
    assert.equal("shared_feedback", warned(status))
    assert.equal("flat", status.layout.kind)
  end)

  it("sees plain feedback names when it is alone after all", function()
    assert.equal("approved no_subplan", (resolve(plan, {
      ["work-space/plans/group/execution/feedbacks/APPROVED_01.md"] = approved,
    })))
  end)
end)

describe("a flat plan", function()
  local plan = fake.plan("work-space/plans/PLAN_F.md", TWO)

  it("finds its files in the folders of the work space by feature", function()
    local states, status = resolve(plan, {
      ["work-space/plans/PLAN_G.md"] = fake.document(),
      ["work-space/subplans/SUBPLAN_F_01.md"] = fake.in_progress(),
      ["work-space/subplans/SUBPLAN_G_11.md"] = fake.in_progress(),
      ["work-space/execution/EXECUTION_TASK_F_01_01.md"] = fake.complete(),
      ["work-space/execution/feedbacks/APPROVED_F_11.md"] = approved,
      ["work-space/execution/feedbacks/APPROVED_01.md"] = approved,
    })
    assert.equal("executed approved", states)
    assert.equal("shared_feedback", warned(status))
    assert.equal("work-space/execution/EXECUTION_TASK_F_01_01.md", status.achievements[1].file)
  end)

  it("takes plain feedback names when it is the only plan", function()
    assert.equal("approved no_subplan", (resolve(plan, {
      ["work-space/execution/feedbacks/APPROVED_01.md"] = approved,
    })))
  end)

  it("may lie in the workspace root with all its files", function()
    local root = fake.plan("PLAN_F.md", TWO)
    assert.equal("subplan_ready executing", (resolve(root, {
      ["SUBPLAN_F_01.md"] = fake.in_progress(), ["SUBPLAN_F_11.md"] = fake.in_progress(),
      ["EXECUTION_TASK_F_11_01.md"] = fake.in_progress(), ["PLAN_G.md"] = fake.document(),
    })))
  end)
end)

describe("an archive", function()
  local plan = fake.plan("work-space/plans/F/PLAN_F.md", {
    achievements = { "0.1", "1.1", "1.2" }, archive_location = "./documentation/archive/f-2025/",
  })

  it("is searched where the plan states one, and by feature", function()
    assert.equal("approved executed subplan_ready", (resolve(plan, {
      ["documentation/archive/f-2025/execution/feedbacks/APPROVED_01.md"] = approved,
      ["documentation/archive/f-2025/subplans/SUBPLAN_F_11.md"] = fake.in_progress(),
      ["documentation/archive/F/execution/EXECUTION_TASK_F_11_01.md"] = fake.complete(),
      ["documentation/archive/SUBPLAN_F_12_ARCHIVED.md"] = fake.in_progress(),
    })))
  end)

  it("adds the executions it holds to those in the plan's folder", function()
    assert.equal("no_subplan executed no_subplan", (resolve(plan, {
      ["work-space/plans/F/subplans/SUBPLAN_F_11.md"] = fake.in_progress {
        planned = { { code = "11_01", line = 1 }, { code = "11_02", line = 2 } } },
      ["work-space/plans/F/execution/EXECUTION_TASK_F_11_02.md"] = fake.complete(),
      ["documentation/archive/f-2025/execution/EXECUTION_TASK_F_11_01.md"] = fake.complete(),
    })))
  end)

  it("gives way to the plan's own folder", function()
    assert.equal("no_subplan subplan_draft no_subplan", (resolve(plan, {
      ["work-space/plans/F/subplans/SUBPLAN_F_11.md"] = fake.document { empty = true },
      ["documentation/archive/f-2025/subplans/SUBPLAN_F_11.md"] = fake.complete(),
    })))
  end)

  it("may number serially: undefined codes there are a warning", function()
    local _, status = resolve(plan, {
      ["documentation/archive/f-2025/subplans/SUBPLAN_F_07.md"] = fake.complete(),
    })
    assert.equal("active", status.state)
    assert.equal("undefined_in_archive", warned(status))
  end)

  it("holds a whole plan beside its planning folder", function()
    local archived = fake.plan("documentation/archive/F/planning/PLAN_F.md", TWO)
    local states, status = resolve(archived, {
      ["documentation/archive/F/execution/feedbacks/APPROVED_01.md"] = approved,
      ["documentation/archive/F/subplans/SUBPLAN_F_11.md"] = fake.in_progress(),
      ["documentation/archive/F/subplans/SUBPLAN_F_02.md"] = fake.in_progress(),
    })
    assert.equal("approved subplan_ready", states)
    assert.equal("undefined_in_archive", warned(status))
    assert.equal("subplans/SUBPLAN_F_11.md", status.achievements[2].file)
  end)

  it("holds a plan beside its files in one folder, numbered serially", function()
    local archived = fake.plan("documentation/archive/old-name-2025/plans/PLAN_F.md", TWO)
    local states, status = resolve(archived, {
      ["documentation/archive/old-name-2025/plans/SUBPLAN_F_07.md"] = fake.complete(),
      ["documentation/archive/old-name-2025/plans/SUBPLAN_F_11.md"] = fake.complete(),
      ["documentation/archive/old-name-2025/plans/EXECUTION_TASK_F_11_01.md"] = fake.complete(),
    })
    assert.equal("no_subplan executed", states)
    assert.equal("undefined_in_archive", warned(status))
  end)

  it("is not followed out of the workspace or into a placeholder", function()
    for _, location in ipairs { "../x/", "/etc/", "documentation/../../x", "documentation/archive/[name]/", "~/x" } do
      local odd = fake.plan("work-space/plans/F/PLAN_F.md", { achievements = { "0.1" }, archive_location = location })
      local _, _, ws = resolve(odd, {})
      for dir in pairs(ws.listed) do
        assert.is_nil(dir:find("..", 1, true))
        assert.is_nil(dir:find("[%[~]"))
        assert.not_equal("/", dir:sub(1, 1))
      end
    end
  end)
end)

describe("the parallel.json of a folder", function()
  local PLANS = "work-space/plans/"
  local WAITS = [["achievements": [{"achievement_id": "0.1", "dependencies": ["1.1"]}]}]]

  local function plan_of(path) return fake.plan(path, TWO) end

  --- What 0.1 waits for, the warnings, and the file that the layout names.
  local function answer(path, files)
    local _, status = resolve(plan_of(path), files)
    local item = status.achievements[1]
    return table.concat(item.blockers or {}, " "), warned(status), status.layout.parallel, status
  end

  it("is that of the plan it names, where several plans share the folder", function()
    local files = { [PLANS .. "PLAN_B.md"] = plan_of(PLANS .. "PLAN_B.md"),
                    [PLANS .. "parallel.json"] = '{"plan_name": "plan_a", ' .. WAITS }
    assert.same({ "1.1", "", PLANS .. "parallel.json" },
      { table.unpack({ answer(PLANS .. "PLAN_A.md", files) }, 1, 3) })
    local waits, codes, path, status = answer(PLANS .. "PLAN_B.md", files)
    assert.same({ "", "foreign_parallel", PLANS .. "parallel_B.json" }, { waits, codes, path })
    assert.equal("is for the plan plan_a and is left out; the one of this plan would be parallel_B.json",
      status.warnings[1].message)
    assert.equal(PLANS .. "parallel.json", status.warnings[1].path)
  end)

  it("may be one a plan, with the feature in the name, which comes first", function()
    assert.same({ "1.1", "", PLANS .. "parallel_B.json" }, { table.unpack({ answer(PLANS .. "PLAN_B.md", {
      [PLANS .. "parallel.json"] = '{"plan_name": "A", "achievements": []}',
      [PLANS .. "parallel_B.json"] = '{"plan_name": "anything", ' .. WAITS,
    }) }, 1, 3) })
  end)

  it("is for all of them when it names none", function()
    for _, text in ipairs { "{" .. WAITS, '{"plan_name": "", ' .. WAITS, '{"plan_name": null, ' .. WAITS } do
      assert.same({ "1.1", "" }, { table.unpack({
        answer(PLANS .. "PLAN_B.md", { [PLANS .. "parallel.json"] = text }) }, 1, 2) }, text)
    end
  end)

  it("is known by the plan's feature, title or file name, however it is spelled", function()
    for _, name in ipairs { "CSV-IMPORT", "csv_import", "PLAN_CSV-IMPORT", "PLAN_CSV-IMPORT.md", "PLAN: Csv Import",
      "Csv Import" } do
      assert.same({ "1.1", "" }, { table.unpack({ answer(PLANS .. "PLAN_CSV-IMPORT.md", {
        [PLANS .. "parallel.json"] = ('{"plan_name": "%s", '):format(name) .. WAITS }) }, 1, 2) }, name)
    end
  end)

  it("is the plan's own in a folder of its own, unless it names another plan there", function()
    local path = PLANS .. "F/PLAN_F.md"
    local files = { [PLANS .. "F/parallel.json"] = '{"plan_name": "Old name", ' .. WAITS }
    assert.same({ "1.1", "" }, { table.unpack({ answer(path, files) }, 1, 2) })
    files[PLANS .. "F/PLAN_OLD-NAME.md"] = plan_of(PLANS .. "F/PLAN_OLD-NAME.md")
    assert.same({ "", "foreign_parallel", PLANS .. "F/parallel_F.json" },
      { table.unpack({ answer(path, files) }, 1, 3) })
  end)
end)
