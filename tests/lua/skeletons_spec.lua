--- The stock skeletons: what the parser sees in them, whatever the plan's titles are.
local plan = require "promptgen.plan"
local template = require "promptgen.template"

local function engine()
  return template.engine { loader = function(_, name)
    local path = "workflows/templates/" .. name .. ".lua"
    local file = assert(io.open(path, "rb"))
    local source = file:read "a"
    file:close()
    return { source = source, path = path }
  end }
end

local function render(name, values)
  return assert(engine():render("skeletons/" .. name, values))
end

local HOSTILE = {
  "Plain title", "`code` and *stars*", "[Whole in brackets]", "✅ **COMPLETE**", "**Status**: ✅ Complete",
  "# Heading", "a {{ b }} {% end %} c", "```", "two\nlines\n\n## Heading", "<!-- comment", "x: y", "| cell | cell |",
}

local function base(title)
  return {
    plan = { name = "F", path = "p/PLAN_F.md", target = "@F" },
    achievement = { number = "1.2", code = "12", title = title, goal = title, tests = title, deliverables = title },
    date = "2026-01-31",
  }
end

local function with(title, more)
  local values = base(title)
  for key, value in pairs(more) do
    values[key] = value
  end
  return values
end

local KINDS = {
  subplan = {}, execution = { execution = { number = 2, code = "12_02" }, subplan = "s/SUBPLAN_F_12.md" },
  approved = { reviewer = "Ada" }, fix = { reviewer = "Ada" },
  resolution = { executor = "Bob", fix = "f/FIX_12.md", issues = { { title = "One", line = 3 } }, minor = { "m" } },
  skipped = { reviewer = "Ada", reason = "no time" },
}

local function parsed(kind, title)
  local text = render(kind, with(title, KINDS[kind]))
  return assert(plan.parse(text)), text
end

describe("a skeleton", function()
  for kind in pairs(KINDS) do
    it("of kind " .. kind .. " names its achievement and bears its date, whatever the title is", function()
      for _, title in ipairs(HOSTILE) do
        local record, text = parsed(kind, title)
        assert.equal("1.2", record.names_number and record.names_number.number, text)
        assert.equal("2026-01-31", record.date and record.date.value, text)
        assert.is_nil(text:find("\n\n\n", 1, true), text)
        assert.equal("\n", text:sub(-1))
      end
    end)
  end

  it("of a SUBPLAN has placeholders, plans its first execution and is not complete", function()
    for _, title in ipairs(HOSTILE) do
      local record, text = parsed("subplan", title)
      assert.is_truthy(record.placeholder, text)
      assert.is_false(record.says_complete)
      assert.equal(1, #record.planned)
      assert.equal("12_01", record.planned[1].code)
    end
  end)

  it("of an EXECUTION_TASK is not complete, and is when its status says so", function()
    for _, title in ipairs(HOSTILE) do
      local record, text = parsed("execution", title)
      assert.is_false(record.says_complete, text)
      local done = text:gsub("In Progress", "✅ Complete", 1)
      assert.is_true(plan.parse(done).says_complete, done)
    end
  end)

  it("of a RESOLUTION is a draft until everything in brackets is written", function()
    for _, title in ipairs(HOSTILE) do
      local record, text = parsed("resolution", title)
      assert.is_truthy(record.placeholder, text)
      local written = text:gsub("%[%u[^\n]*%]\n", "written\n")
      assert.is_nil(plan.parse(written).placeholder, written)
    end
  end)

  it("of an approval has the parts that the review prompt names, and claims nothing that nobody said", function()
    local record, text = parsed("approved", "Plain title")
    local titles = {}
    for i, section in ipairs(record.sections) do
      titles[i] = section.title
    end
    assert.same({ "APPROVED: Achievement 1.2", "Summary", "Deliverables Verified", "Tests", "Recommendations" }, titles)
    assert.equal("[What was delivered, in a few sentences]", record.placeholder.says)
    for _, title in ipairs(table.pack(table.unpack(titles, 2))) do
      assert.matches("## " .. title .. "\n\n%-? ?%[%u", text)
      assert.matches("`## " .. title, assert(io.open "workflows/templates/review.lua"):read "a", 1, true)
    end
  end)

  it("of an approval leaves nothing to be filled in when everything is told", function()
    local text = render("approved", with("Plain title", {
      reviewer = "Ada", summary = "s", verified = { "`a.c`: read" }, tests = { "make test: passes" },
      recommendations = { "None" },
    }))
    assert.is_nil(plan.parse(text).placeholder, text)
    assert.matches("\n## Deliverables Verified\n\n%- `a%.c`: read\n", text)
    assert.matches("\n## Tests\n\n%- make test: passes\n", text)
  end)

  it("of an EXECUTION_TASK has each section that the prompt names once", function()
    local _, text = parsed("execution", "Plain title")
    for _, title in ipairs { "What We Build", "Iteration Log", "Learning Summary", "Future Work",
                             "Completion Status" } do
      assert.equal(1, select(2, text:gsub("\n## " .. title .. "\n", "")), title)
    end
    assert.is_nil(text:find("## Evidence", 1, true))
  end)

  it("of a FIX has the layout that its readers expect", function()
    local text = render("fix", with("Title", {
      reviewer = "Ada", critical = { "One", "Two" }, minor = { "m1", "m2" }, positives = { "p" }, summary = "s",
    }))
    assert.matches("\n### Critical Issues\n\n#### 1%. %*%*One%*%*\n\n.*\n\n#### 2%. %*%*Two%*%*\n", text)
    assert.matches("\n### Minor Issues\n\n%- m1\n%- m2\n\n## What Worked Well\n\n%- p\n", text)
    local found = require("promptgen.fix_file").read(assert(plan.parse(text)))
    assert.same({ "One", "Two", "m1", "m2" }, { found.issues[1].title, found.issues[2].title,
      found.issues[3].title, found.issues[4].title })
    assert.same({ 2, 2, 1 }, { found.critical, found.minor, #found.worked })
  end)

  it("of a PLAN defines the achievements given, and none otherwise", function()
    local values = { name = "F", title = "T", date = "2026-01-31", archive = "documentation/archive/f/" }
    local none = assert(plan.parse(render("plan", values), { path = "PLAN_F.md" }))
    assert.equal("document", none.kind)
    assert.equal("documentation/archive/f/", none.archive_location)
    values.achievements = HOSTILE
    local record = assert(plan.parse(render("plan", values), { path = "PLAN_F.md" }))
    assert.equal(#HOSTILE, #record.achievements)
    assert.equal("1." .. #HOSTILE, record.achievements[#HOSTILE].number)
    assert.is_nil(record.handoff_next)
    assert.is_false(record.handoff_says_complete)
  end)

  it("of the example defines three achievements and their dependencies", function()
    local record = assert(plan.parse(render("example_plan", {
      name = "WORD-COUNT", date = "2026-01-31", archive = "documentation/archive/word-count/",
    }), { path = "PLAN_WORD-COUNT.md" }))
    assert.equal(3, #record.achievements)
    assert.same({}, record.warnings)
    for _, achievement in ipairs(record.achievements) do
      assert.is_truthy(achievement.goal and achievement.effort and achievement.priority)
    end
    local json = render("example_parallel", { name = "WORD-COUNT", date = "2026-01-31" })
    local parallel = require("cjson").decode((json))
    assert.same({ "1.1", "1.2" }, parallel.achievements[3].dependencies)
  end)

  it("of the configuration is data that promptgen accepts", function()
    local values = assert(load(render("config", {}), "=config", "t", {}))()
    assert.same({}, values)
    for setting in render("config", {}):gmatch "%-%- (%w+) = " do
      assert.is_truthy(require("promptgen.config").schema[setting], setting)
    end
  end)
end)
