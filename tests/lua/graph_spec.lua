--- The graph of dependencies: data, tree, and the languages of drawing programs.
local fake = require "lua.support.fake_workspace"
local graph = require "promptgen.graph"
local state = require "promptgen.state"

--- A plan of these achievements, with {number = dependencies} in its parallel.json.
local function drawn(numbers, needs, files)
  local cjson, list = require "cjson", {}
  for _, number in ipairs(numbers) do
    list[#list + 1] = { achievement_id = type(number) == "table" and number[1] or number,
      dependencies = #(needs[type(number) == "table" and number[1] or number] or {}) > 0
        and needs[type(number) == "table" and number[1] or number] or nil }
  end
  files = files or {}
  files["parallel.json"] = cjson.encode { achievements = list }
  local ws, plan = fake.nested({ achievements = numbers }, files)
  local status = assert(state.resolve(ws, plan))
  return graph.of(status, plan), status
end

local DIAMOND = { ["1.2"] = { "1.1" }, ["1.3"] = { "1.1" }, ["2.1"] = { "1.2", "1.3" } }
local APPROVED = "execution/feedbacks/APPROVED_%s.md"

describe("promptgen.graph", function()
  it("knows levels, what each achievement opens, and what is free", function()
    local self = drawn({ "1.1", "1.2", "1.3", "2.1" }, DIAMOND)
    assert.same({ { "1.1" }, { "1.2", "1.3" }, { "2.1" } }, self.levels)
    assert.same({ "1.2", "1.3" }, self.by_number["1.1"].opens)
    assert.same({ "1.2", "1.3" }, self.by_number["2.1"].needs)
    assert.same({ "1.1" }, self.free)
    self = drawn({ "1.1", "1.2", "1.3", "2.1" }, DIAMOND, { [APPROVED:format "11"] = fake.feedback "1.1" })
    assert.same({ "1.2", "1.3" }, self.free)
    assert.same({}, self.by_number["1.2"].blockers)
    assert.same({ "1.2", "1.3" }, self.by_number["2.1"].blockers)
  end)

  it("draws each achievement once, below its last dependency", function()
    local self = drawn({ "1.1", "1.2", "1.3", "2.1", "3.1" }, DIAMOND)
    local lines = {}
    for i, line in ipairs(graph.tree(self)) do
      lines[i] = line:gsub(" no_subplan  Title of %S+", ""):gsub(" no_subplan  ", " "):gsub("%s+$", "")
    end
    assert.equal(5, #lines)
    assert.matches("^> 1%.1", lines[1])
    assert.matches("^  ├─ 1%.2", lines[2])
    assert.matches("^  └─ 1%.3", lines[3])
    assert.matches("^     └─ 2%.1.*%(also needs 1%.2%)$", lines[4])
    assert.matches("^  3%.1", lines[5])
  end)

  it("goes on in a circle, and says so", function()
    local self, status = drawn({ "1.1", "1.2", "1.3" }, { ["1.1"] = { "1.2" }, ["1.2"] = { "1.1" } })
    assert.same({ "1.1", "1.2" }, self.circle)
    assert.same({ "1.3" }, self.free)
    local text = graph.text(self, status)
    assert.matches("in a circle, or behind one: 1%.1, 1%.2\n", text)
    assert.matches("1%.1 no_subplan .*%(needs 1%.2%)", text)
  end)

  it("adds up the hours of what is free, where the plan states all of them", function()
    local ws, plan = fake.nested({ achievements = { "1.1", "1.2", "1.3" } },
      { ["parallel.json"] = [[{"achievements":[{"achievement_id":"1.3","dependencies":["1.1"]}]}]] })
    local status = assert(state.resolve(ws, plan))
    local efforts = { achievements = { { number = "1.1", effort = "2-4 hours" },
      { number = "1.2", effort = "90 minutes" } } }
    assert.same({ one_by_one = 4.5, at_once = 3 }, graph.of(status, efforts).hours)
    assert.matches("free now: 1.1, 1.2 %(4.5 h one by one, 3 h at the same time%)",
      graph.text(graph.of(status, efforts), status))
    efforts.achievements[2].effort = "some"
    assert.is_nil(graph.of(status, efforts).hours)
  end)

  it("says that nothing is stated, and how to find out", function()
    local ws, plan = fake.nested({ achievements = { "1.1", "1.2" } }, {})
    local status = assert(state.resolve(ws, plan))
    assert.matches("no dependencies are stated; promptgen discover @F ", graph.text(graph.of(status, plan), status))
  end)

  it("is drawn by Mermaid and Graphviz, whatever the titles say", function()
    local self = drawn({ { "1.1", 'a "quoted" <b>#1</b> \\ & more' }, { "1.2", "x" } }, { ["1.2"] = { "1.1" } })
    local chart = graph.mermaid(self)
    assert.matches('\n  a1_1%["1%.1 a #quot;quoted#quot; #lt;b#gt;#35;1#lt;/b#gt; \\ #amp; more"%]:::next\n', chart)
    assert.matches("\n  a1_1 %-%-> a1_2\n", chart)
    local dot = graph.dot(self, 'F"')
    assert.matches('^digraph "F\\"" {\n', dot)
    assert.matches('label="1%.1 a \\"quoted\\" <b>#1</b> \\\\ & more"', dot)
    assert.matches('\n  "1%.1" %-> "1%.2";\n}\n$', dot)
  end)

  it("draws a long chain without getting deeper itself", function()
    local numbers, needs = {}, {}
    for i = 1, 3000 do
      numbers[i] = "1." .. i
      needs["1." .. i] = i > 1 and { "1." .. i - 1 } or nil
    end
    assert.equal(3000, #graph.tree(drawn(numbers, needs)))
  end)
end)
