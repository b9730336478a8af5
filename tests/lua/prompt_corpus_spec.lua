--- Every prompt for every open achievement of a real workspace: its form, its paths, its counts.
--- The workspace is not part of the project; without it these tests are pending.
local prompt = require "promptgen.prompt"
local state = require "promptgen.state"
local support = require "lua.support.prompts"
local workspace = require "promptgen.workspace"

local shared = os.getenv "PROMPTGEN_SHARED"
  or (os.getenv "PROMPTGEN_SOURCE_DIR" or ".") .. "/../shared"
local root = shared .. "/corpus/workspace"
local known = io.open(shared .. "/corpus/expected_states.json")

local function line_counter()
  local counts = {}
  return function(path)
    if counts[path] == nil then
      local file = io.open(root .. "/" .. path, "rb")
      counts[path] = false
      if file then
        local text = file:read "a"
        file:close()
        local _, lines = (text or ""):gsub("\n", "\n")
        counts[path] = text and lines + ((text:sub(-1) ~= "\n" and #text > 0) and 1 or 0) or false
      end
    end
    return counts[path] or nil
  end
end

--- Text of a file; nil for what does not exist.
local function read(path)
  local file = io.open(root .. "/" .. path, "rb")
  local text = file and file:read "a"
  if file then
    file:close()
  end
  return text
end

--- Paths a prompt may name though they do not exist: those of the step's own files.
local function may_create(status, step)
  local places, number = status.layout, step and step.number
  local set = {}
  if number then
    for _, name in ipairs { "subplan", "approved", "fix", "resolution" } do
      set[places[name](number)] = true
    end
    set[places.execution(number, step.execution_number or 1)] = true
  end
  return set
end

if not known then
  pending("the real workspace is not here: prompts for it are not tested")
else
  local plans = require("cjson").decode(known:read "a")
  known:close()
  local line_count = line_counter()
  local ws = assert(workspace.open { root = root, snapshot = true })

  local function check(plan, status, step)
    local name = step and step.recommendation or status.state
    local made, err = prompt.render(support.stock, name,
      { plan = plan, step = step, status = status }, { workspace = ws })
    assert(made, tostring(err))
    local wrong = support.complaints(made.text, line_count, may_create(status, step), read)
    assert.same({}, wrong, made.text)
    return made
  end

  describe("the parts that prompts quote of a real workspace", function()
    it("are found in nearly every document", function()
      local extract = require "promptgen.prompt.extract"
      local counts = { SUBPLAN = 0, EXECUTION = 0, objective = 0, approach = 0, learning = 0 }
      local list = io.popen("cd '" .. root .. "' && find . -name 'SUBPLAN_*.md' -o -name 'EXECUTION_TASK_*.md'")
      for path in list:lines() do
        local record = assert(ws:document(path:sub(3)))
        local kind = path:match("/(%u+)_[^/]*$")
        counts[kind] = counts[kind] + 1
        for _, meaning in ipairs(kind == "SUBPLAN" and { "objective", "approach" } or { "learning" }) do
          counts[meaning] = counts[meaning] + (extract.find(record, meaning) and 1 or 0)
        end
      end
      list:close()
      assert.equal(counts.SUBPLAN, counts.objective)
      assert.truthy(counts.approach >= counts.SUBPLAN - 1)
      assert.truthy(counts.learning >= counts.EXECUTION - 17) -- the others have no word of it
    end)
  end)

  describe("the prompts for a real workspace", function()
    for _, expected in ipairs(plans) do
      it("are true and well formed: " .. expected.path:match("PLAN_(.*)%.md$"), function()
        local plan = assert(ws:plan(expected.path))
        local status = assert(state.resolve(ws, plan, {}))
        local made = 0
        for _, item in ipairs(status.achievements) do
          local asked = assert(state.resolve(ws, plan, { achievement = item.number }))
          local step = asked.next
          if step and step.recommendation then
            local text = check(plan, asked, step).text
            local achievement = step.achievement
            assert.truthy(text:find(achievement.number, 1, true))
            for _, needed in ipairs { achievement.title, achievement.effort } do
              assert.truthy(text:find(needed:gsub("%s+", " "):match("^%s*(.-)[%s.]*$"), 1, true), needed)
            end
            assert.truthy(text:find(plan:text(achievement.line, achievement.line), 1, true))
            made = made + 1
          end
        end
        if not status.next then
          check(plan, status, nil)
          made = made + 1
        end
        assert.truthy(made > 0)
      end)
    end
  end)
end
