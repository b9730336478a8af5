--- Random work on random plans: whatever files appear in whatever order, the answer holds together.
local fake = require "lua.support.fake_workspace"
local state = require "promptgen.state"
local states = require "promptgen.state.states"

--- A generator of its own, so that a seed means the same everywhere (xorshift64).
local function generator(seed)
  local x = seed * 2654435761 | 1
  local function below(n)
    x = x ~ x << 13
    x = x ~ x >> 7
    x = x ~ x << 17
    return (x >> 11) % n
  end
  return below
end

local NUMBERS = { "0.1", "0.2", "1.1", "1.2", "1.11", "11.1", "3.5.1" }
local CODES = { "01", "02", "11", "12", "111", "1.11", "11.1", "351", "99" }
local DATES = { "2025-01-01", "2025-01-02", "2025-01-03" }

local function document(below)
  local kinds = {
    fake.complete, fake.in_progress, fake.document,
    function() return fake.document { empty = true } end,
    function() return fake.document { placeholder = { line = 3, says = "[Fill in]" } } end,
    function() return fake.complete { stale_header = true, synthesis = { line = 8 } } end,
    function()
      return fake.in_progress { planned = { { code = "11_01", line = 4 }, { code = "02", line = 5 } } }
    end,
    function() return fake.feedback("1.1", DATES[1 + below(4)]) end,
    function() return fake.feedback(nil, DATES[1 + below(4)]) end,
    function() return { error = { code = "too_large", message = "too large" } } end,
    function() return { entry_type = "other" } end,
    function() return "{\"achievements\": [{\"achievement_id\": \"1.1\", \"dependencies\": [\"0.1\"]}]}" end,
  }
  local made = kinds[1 + below(#kinds)]()
  return type(made) == "string" and fake.document() or made
end

local function file_name(below)
  local code = CODES[1 + below(#CODES)]
  local shapes = {
    "subplans/SUBPLAN_F_%s.md", "execution/EXECUTION_TASK_F_%s_01.md",
    "execution/EXECUTION_TASK_F_%s_02.md", "execution/EXECUTION_TASK_F_%s_01_V2.md",
    "execution/feedbacks/APPROVED_%s.md", "execution/feedbacks/FIX_%s.md",
    "execution/feedbacks/FIX_%s_RESOLUTION.md", "execution/SKIPPED_%s.md", "subplans/SUBPLAN_G_%s.md",
  }
  return shapes[1 + below(#shapes)]:format(code)
end

local function random_plan(below)
  local achievements, duplicates = {}, {}
  for _, number in ipairs(NUMBERS) do
    if below(2) == 1 then
      achievements[#achievements + 1] = number
    end
  end
  if #achievements > 0 and below(8) == 0 then
    duplicates[1] = { number = achievements[1], title = "Again", line = 99, same_title = below(2) == 0 }
  end
  return {
    achievements = achievements, duplicates = duplicates,
    handoff_next = below(2) == 0 and NUMBERS[1 + below(#NUMBERS)] or nil,
    handoff_says_complete = below(5) == 0,
    claims = below(2) == 0 and { { number = NUMBERS[1 + below(#NUMBERS)], line = 7, says = "✅" } } or nil,
  }
end

local OPTIONS = { {}, { skip_review = true }, { trust_plan = true }, { trust_filesystem = true } }

local function check(status, opts, spec)
  local closed, by_number = 0, {}
  for _, item in ipairs(status.achievements) do
    by_number[item.number] = item
    closed = closed + (states.is_closed(item) and 1 or 0)
    assert(#item.evidence > 0, item.state .. " without evidence")
    assert((item.recommendation == nil) == states.is_closed(item), item.state .. " recommends")
  end
  assert.equal(closed, status.approved + status.skipped)
  if status.state == "plan_complete" then
    assert(closed == status.total and status.total > 0, "complete with something open")
    assert.is_nil(status.next)
    assert.same({}, status.conflicts)
  elseif status.state == "active" then
    local item = by_number[status.next.number]
    assert(not states.is_closed(item), "a closed step is next")
    assert(not item.blockers or status.next.rule == "needs_fix_first", "a blocked step is next")
    assert(not opts.skip_review or item.recommendation ~= "review", "a review is next")
    assert.equal(item.state, status.next.state)
  elseif status.state == "conflict" then
    assert(#status.conflicts > 0 and status.next == nil)
    assert(not (opts.trust_plan or opts.trust_filesystem), "a conflict in spite of trust")
  elseif status.state == "no_achievements" then
    assert.equal(0, #spec.achievements)
  else
    assert.equal("blocked", status.state)
    assert(closed < status.total)
  end
end

describe("random work", function()
  it("never crashes, is never complete with something open, never goes back to a closed step", function()
    local reached = {}
    for seed = 1, 200 do
      local below = generator(seed)
      local spec, files = random_plan(below), {}
      for step = 1, 12 do
        local name = file_name(below)
        files[name] = below(10) == 0 and nil or document(below)
        if below(6) == 0 then
          files["parallel.json"] = ({ "{", '{"achievements": [{"achievement_id": "1.1", "dependencies":'
            .. ' ["0.1", "1.2"]}, {"achievement_id": "1.2", "dependencies": ["1.1"]}]}' })[1 + below(2)]
        end
        local ws, plan = fake.nested(spec, files)
        local opts = OPTIONS[1 + below(#OPTIONS)]
        local ok, err = pcall(function()
          local status = assert(state.resolve(ws, plan, opts))
          check(status, opts, spec)
          reached[status.state] = true
          for _, item in ipairs(status.achievements) do
            reached[item.state] = true
            assert(state.explain(ws, plan, item.number, opts))
          end
        end)
        if not ok then
          error(("seed %d, step %d: %s"):format(seed, step, tostring(err)))
        end
      end
    end
    for _, row in ipairs(states.list) do
      assert.is_true(reached[row.name] == true, row.name .. " was never reached")
    end
    for _, name in ipairs { "active", "plan_complete", "blocked", "conflict", "no_achievements" } do
      assert.is_true(reached[name] == true, name .. " was never reached")
    end
  end)

  it("gives the same answer however the files came to be", function()
    for seed = 1, 40 do
      local below = generator(seed)
      local spec, files, answers = random_plan(below), {}, {}
      for _ = 1, 15 do
        files[file_name(below)] = document(below)
      end
      for i = 1, 2 do
        local ws, plan = fake.nested(spec, files)
        local status = assert(state.resolve(ws, plan))
        answers[i] = require("promptgen.json").encode {
          state = status.state, next = status.next and status.next.number or "none",
          warnings = status.warnings, conflicts = status.conflicts,
        }
      end
      assert.equal(answers[1], answers[2])
    end
  end)
end)
