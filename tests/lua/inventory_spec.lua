--- Which files lie beside a plan, the list of active plans, and what the next execution is.
local fake = require "lua.support.fake_workspace"
local handoff = require "promptgen.handoff"
local inventory = require "promptgen.state.inventory"
local plans = require "promptgen.plan"
local register = require "promptgen.prompt.register"
local state = require "promptgen.state"
local statistics = require "promptgen.statistics"

local DIR = "work-space/plans/SHOP/"
local PLAN = DIR .. "PLAN_SHOP.md"
local TEXT = [[
# PLAN: Shop

## Achievements

**Achievement 1.1**: Cart

- **Effort**: 2-3 hours

**Achievement 1.2**: Payment

- **Effort**: 90 minutes

**Achievement 10.2**: Receipt

## Archive Location

**Archive Location**: `old/shop/`
]]

local plan = assert(plans.parse(TEXT, { path = PLAN }))
local DONE = "# E\n\n**Status**: ✅ Complete\n\n## Learning Summary\n\nx\n\n## Completion\n\n**Time**: 2 hours\n"

local function workspace(files)
  files[PLAN] = TEXT
  return fake.workspace(files)
end

describe("the inventory of a plan", function()
  local files = {
    [DIR .. "subplans/SUBPLAN_SHOP_11.md"] = "# S\n", [DIR .. "execution/EXECUTION_TASK_SHOP_11_02.md"] = DONE,
    [DIR .. "execution/EXECUTION_TASK_SHOP_11_01.md"] = DONE,
    [DIR .. "execution/EXECUTION_TASK_SHOP_11_01_V2.md"] = DONE,
    [DIR .. "execution/feedbacks/APPROVED_11.md"] = "# A\n", [DIR .. "execution/feedbacks/FIX_12.md"] = "# F\n",
    [DIR .. "execution/feedbacks/FIX_12_RESOLUTION.md"] = "# R\n", [DIR .. "execution/SKIPPED_102.md"] = "# S\n",
    [DIR .. "execution/feedbacks/APPROVED_99.md"] = "# A\n",
    ["old/shop/subplans/SUBPLAN_SHOP_12.md"] = "# S\n", ["work-space/execution/EXECUTION_TASK_SHOP_12_01.md"] = DONE,
    ["work-space/subplans/SUBPLAN_OTHER_12.md"] = "# S\n",
  }

  it("has every kind of file of every achievement, wherever it lies, and reads none", function()
    local ws = workspace(files)
    local found = inventory.of(ws, plan)
    assert.same({ "1.1", "1.2", "10.2" }, found.numbers)
    assert.same({
      subplan = DIR .. "subplans/SUBPLAN_SHOP_11.md", approved = DIR .. "execution/feedbacks/APPROVED_11.md",
      executions = { DIR .. "execution/EXECUTION_TASK_SHOP_11_01.md",
        DIR .. "execution/EXECUTION_TASK_SHOP_11_01_V2.md", DIR .. "execution/EXECUTION_TASK_SHOP_11_02.md" },
    }, found.by_number["1.1"])
    assert.same({
      subplan = "old/shop/subplans/SUBPLAN_SHOP_12.md", fix = DIR .. "execution/feedbacks/FIX_12.md",
      resolution = DIR .. "execution/feedbacks/FIX_12_RESOLUTION.md",
      executions = { "work-space/execution/EXECUTION_TASK_SHOP_12_01.md" },
    }, found.by_number["1.2"])
    assert.same({ executions = {}, skipped = DIR .. "execution/SKIPPED_102.md" }, found.by_number["10.2"])
    assert.same({ DIR .. "execution/feedbacks/APPROVED_99.md" }, found.undefined)
    assert.same({}, ws.looked_at)
  end)

  it("is what the figures of a plan count", function()
    local status = { total = 3,
      achievements = { { state = "approved" }, { state = "skipped" }, { state = "executing" } } }
    assert.same({
      achievements = 3, approved = 1, skipped = 1, open = 1, percent = 66, subplans = 2, executions = 4,
      planned = { low = 3.5, high = 4.5, of = 2 }, recorded = { hours = 8, of = 4 },
    }, statistics.of(workspace(files), plan, status))
    local none = statistics.of(workspace {}, plan, { total = 0, achievements = {} })
    assert.same({ 0, 0, 0 }, { none.percent, none.subplans, none.executions })
    assert.is_nil(none.recorded)
  end)
end)

describe("the list of active plans", function()
  it("is found where projects keep it, with the lines that name the plan", function()
    assert.is_nil(register.find(workspace {}, plan))
    local text = "# Active\n\n- SHOP: in progress\n- OTHER\n- see SHOP\n"
    for _, path in ipairs { "ACTIVE_PLANS.md", "work-space/ACTIVE_PLANS.md", "LLM/ACTIVE_PLANS.md" } do
      local ws = fake.workspace { [PLAN] = TEXT, [path] = text }
      assert.same({ path = path, lines = { 3, 5 }, count = 5 }, register.find(ws, plan))
    end
  end)
end)

describe("what a handoff tells", function()
  local function of(files)
    local ws = workspace(files)
    return handoff.of(ws, plan, assert(state.resolve(ws, plan, {})))
  end

  it("is what is closed, begun and next, and the line that names it", function()
    local told = of {
      [DIR .. "execution/feedbacks/APPROVED_11.md"] = "# A\n\nGood.\n",
      [DIR .. "subplans/SUBPLAN_SHOP_12.md"] = "# S\n\nx\n",
      [DIR .. "execution/EXECUTION_TASK_SHOP_11_01.md"] = DONE,
    }
    assert.same({ 1, 3, 33, 1, 1 }, { told.closed, told.total, told.percent, #told.done, #told.under_way })
    assert.equal("- ⏳ Next: Achievement 1.2 (Payment)", told.line)
    assert.same({ DIR .. "execution/EXECUTION_TASK_SHOP_11_01.md", "1.1", true },
      { told.last.path, told.last.number, told.last.complete })
    assert.equal("Learning Summary", told.last.parts[1].title)
  end)

  it("has no next step and no execution where there is none", function()
    local told = of { [DIR .. "parallel.json"] = [[{"achievements": [{"achievement_id": "1.1", "dependencies": ["1.2"]},
      {"achievement_id": "1.2", "dependencies": ["10.2"]}, {"achievement_id": "10.2", "dependencies": ["1.1"]}]}]] }
    assert.same({ 0, 3 }, { told.closed, #told.blocked })
    assert.is_nil(told.next)
    assert.is_nil(told.line)
    assert.is_nil(told.last)
  end)
end)
