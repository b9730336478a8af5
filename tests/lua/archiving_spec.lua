--- Where the files of a plan go when it is archived.
local archiving = require "promptgen.archiving"
local layout = require "promptgen.layout"
local tree = require "lua.support.tree_backend"

local function status_of(path, fields)
  local feature = path:match "PLAN_(.-)%.md$"
  local plan = { path = path, feature = feature }
  for key, value in pairs(fields or {}) do
    plan[key] = value
  end
  return { path = path, feature = feature, plan = plan, layout = layout.of(path, feature) }
end

local function moves_of(files, status, folder)
  local moves, emptied = archiving.moves(tree.workspace(files), status, folder)
  if not moves then
    return nil, emptied
  end
  local map = {}
  for _, move in ipairs(moves) do
    map[move.from] = move.path
  end
  return map, emptied
end

describe("promptgen.archiving", function()
  it("takes the folder asked for, the one stated, or one of the plan's name", function()
    local stated = status_of("work-space/plans/A/PLAN_A.md", { archive_location = "./archive/a-2026/" })
    assert.equal("elsewhere/a", archiving.folder(stated, "elsewhere//a/"))
    assert.equal("archive/a-2026", archiving.folder(stated))
    local unstated = status_of "work-space/plans/BIG-ONE/PLAN_BIG-ONE.md"
    assert.equal("documentation/archive/big-one", archiving.folder(unstated))
  end)

  it("takes the folder above, where a plan states the folder of the PLAN itself", function()
    local stated = status_of("work-space/plans/A/PLAN_A.md", { archive_location = "archive/a/planning/" })
    assert.equal("archive/a", archiving.folder(stated))
  end)

  it("refuses a location that is not filled in, and one outside the workspace", function()
    for _, value in ipairs { "archive/a-YYYY-MM/", "archive/[date]/", "archive/<name>", "../out", "/abs", "." } do
      local folder, err = archiving.folder(status_of("work-space/plans/A/PLAN_A.md", { archive_location = value }))
      assert.is_nil(folder, value)
      assert.equal("bad_input", err.code)
    end
    assert.is_nil((archiving.folder(status_of "work-space/plans/A/PLAN_A.md", "../../out")))
  end)

  it("refuses what no script may touch, asked for or stated by the plan", function()
    for _, value in ipairs { ".git/x", "./.git/hooks/", "archive/.GIT/a", ".env.d/a", "keys/a.pem" } do
      local folder, err = archiving.folder(status_of("work-space/plans/A/PLAN_A.md",
        { archive_location = value, archive_line = 7 }))
      assert.is_nil(folder, value)
      assert.equal("permission", err.code)
      assert.equal(7, err.line)
      folder, err = archiving.folder(status_of "work-space/plans/A/PLAN_A.md", value)
      assert.is_nil(folder, value)
      assert.matches(value, err.message, 1, true)
    end
    assert.equal("archive/.github", archiving.folder(status_of "work-space/plans/A/PLAN_A.md", "archive/.github"))
  end)

  it("moves everything of a folder of its own, the PLAN and its neighbours to planning/", function()
    local map, emptied = moves_of({
      "work-space/plans/A/PLAN_A.md", "work-space/plans/A/parallel.json", "work-space/plans/A/NOTES.md",
      "work-space/plans/A/subplans/SUBPLAN_A_11.md", "work-space/plans/A/execution/feedbacks/APPROVED_11.md",
      "work-space/plans/A/documentation/deep/er/x.md", "work-space/plans/B/PLAN_B.md",
    }, status_of "work-space/plans/A/PLAN_A.md", "arch/a")
    assert.same({
      ["work-space/plans/A/PLAN_A.md"] = "arch/a/planning/PLAN_A.md",
      ["work-space/plans/A/parallel.json"] = "arch/a/planning/parallel.json",
      ["work-space/plans/A/NOTES.md"] = "arch/a/planning/NOTES.md",
      ["work-space/plans/A/subplans/SUBPLAN_A_11.md"] = "arch/a/subplans/SUBPLAN_A_11.md",
      ["work-space/plans/A/execution/feedbacks/APPROVED_11.md"] = "arch/a/execution/feedbacks/APPROVED_11.md",
      ["work-space/plans/A/documentation/deep/er/x.md"] = "arch/a/documentation/deep/er/x.md",
    }, map)
    assert.equal("work-space/plans/A/documentation/deep/er", emptied[1])
    assert.equal("work-space/plans/A", emptied[#emptied])
  end)

  it("moves only files of its name from shared folders", function()
    local map, emptied = moves_of({
      "work-space/plans/PLAN_A.md", "work-space/plans/PLAN_B.md", "work-space/subplans/SUBPLAN_A_11.md",
      "work-space/subplans/SUBPLAN_B_11.md", "work-space/subplans/SUBPLAN_A_B_11.md",
      "work-space/execution/EXECUTION_TASK_A_11_01.md", "work-space/execution/SKIPPED_A_12.md",
      "work-space/execution/feedbacks/APPROVED_A_11.md", "work-space/execution/feedbacks/APPROVED_11.md",
    }, status_of "work-space/plans/PLAN_A.md", "arch/a")
    assert.same({
      ["work-space/plans/PLAN_A.md"] = "arch/a/planning/PLAN_A.md",
      ["work-space/subplans/SUBPLAN_A_11.md"] = "arch/a/subplans/SUBPLAN_A_11.md",
      ["work-space/execution/EXECUTION_TASK_A_11_01.md"] = "arch/a/execution/EXECUTION_TASK_A_11_01.md",
      ["work-space/execution/SKIPPED_A_12.md"] = "arch/a/execution/SKIPPED_A_12.md",
      ["work-space/execution/feedbacks/APPROVED_A_11.md"] = "arch/a/execution/feedbacks/APPROVED_A_11.md",
    }, map)
    assert.same({}, emptied)
  end)

  it("refuses a plan that is archived already and a place inside the plan's own folder", function()
    for path, folder in pairs {
      ["documentation/archive/a/planning/PLAN_A.md"] = "arch/a",
      ["work-space/plans/A/PLAN_A.md"] = "work-space/plans/A/old",
    } do
      local map, err = moves_of({ path }, status_of(path), folder)
      assert.is_nil(map)
      assert.equal("bad_input", err.code)
    end
  end)

  it("tells which places are taken, two files for one place included", function()
    local workspace = tree.workspace { "arch/a/x", "work-space/plans/A/PLAN_A.md" }
    assert.same({ "arch/a/x", "arch/a/y" }, archiving.taken(workspace, {
      { from = "1", path = "arch/a/x" }, { from = "2", path = "arch/a/y" }, { from = "3", path = "arch/a/y" },
    }))
  end)
end)
