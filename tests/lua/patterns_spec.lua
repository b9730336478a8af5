local patterns = require "promptgen.patterns"
local plans = require "promptgen.plan"

describe("promptgen.patterns", function()
  it("spells each phrase with each keyword", function()
    local words = patterns.list { keyword = { "Mile stone" }, labels = { goal = { "Aim" } } }
    assert.truthy(words.patterns.definition:find([[(?:Achievement|Mile\s+stone)]], 1, true))
    local progress = table.concat(words.labels.progress, ",")
    assert.truthy(progress:find("Completed Mile stones", 1, true))
    assert.truthy(progress:find("Completed Achievements", 1, true))
    assert.equal("Aim", words.labels.goal[#words.labels.goal])
  end)

  it("takes spellings literally", function()
    local words = patterns.list { keyword = { "A+%1 (x)" } }
    assert.truthy(words.patterns.definition:find([[(?:Achievement|A\+%1\s+\(x\))]], 1, true))
    assert.truthy(table.concat(words.headings.defining, ","):find("A+%1 (x)s", 1, true))
  end)

  it("leaves the stock words as they are", function()
    patterns.list { keyword = { "Milestone" }, headings = { defining = { "Roadmap" } } }
    local words = patterns.list()
    assert.is_nil(words.patterns.definition:find "Milestone")
    assert.is_nil(table.concat(words.headings.defining, ","):find "Roadmap")
  end)

  it("are the words that the C tests read", function()
    local file = assert(io.open "tests/fixtures/plan_words.tsv")
    local text = file:read "a"
    file:close()
    local chunk = assert(loadfile "tests/fixtures/plan_words.lua")
    assert.equal(chunk "plan_words", text, "run: lua5.4 tests/fixtures/plan_words.lua > tests/fixtures/plan_words.tsv")
  end)
end)

describe("what an achievement is called", function()
  local NAMES = { "Milestone", "Work Item", "Étape" }

  local function parse(text, keyword)
    return assert(plans.parse(text, { path = "PLAN_X.md", patterns = keyword and { keyword = { keyword } } or nil }))
  end

  it("is read in titles, labels, closing lines and claims, as configured", function()
    for _, name in ipairs(NAMES) do
      local function text(template)
        return (template:gsub("@", name))
      end
      local subplan = text("# SUBPLAN: @ 1.2 - Title\n\n**Status**: Ready\n\n## End\n\nx\n\n---\n\n"
        .. "**@ 1.2**: ✅ **COMPLETE**\n")
      assert.same({ "1.2", 1 }, { parse(subplan, name).names_number.number, parse(subplan, name).names_number.line })
      assert.is_true(parse(subplan, name).says_complete, name)
      assert.is_nil(parse(subplan).names_number)
      assert.is_false(parse(subplan).says_complete)
      -- another number than its own decides nothing
      assert.is_false(parse(subplan:gsub("1%.2%*%*", "1.3**"), name).says_complete)
      local bare = text "# T\n\n**@**: 1.2\n\n## Completion\n\n@ 1.2 COMPLETE\n"
      assert.is_true(parse(bare, name).says_complete, name)
      assert.is_false(parse(bare:gsub("1%.2 C", "1.3 C"), name).says_complete, name)
      local header = text "# T\n\n**Status**: ✅ @ 1.2 Complete\n"
      assert.is_true(parse(header, name).header_status.complete, name)
    end
  end)

  it("is read in the claims of a plan", function()
    for _, name in ipairs(NAMES) do
      local plan = parse(([[
# PLAN: X

## @s

**@ 1.1**: One

x

**@ 1.2**: Two

y

## Current Status & Handoff

- ✅ @ 1.1: One
- ⏳ Next: @ 1.2
]]):gsub("@", name), name)
      assert.equal(2, #plan.achievements)
      assert.equal("1.2", plan.handoff_next)
      assert.same({ "1.1", 15 }, { plan.claims[1].number, plan.claims[1].line })
      assert.equal(1, #plan.claims)
    end
  end)

  it("stays Achievement beside what is configured", function()
    local text = "# SUBPLAN: Achievement 1.2\n\n## A\n\nx\n\n---\n\n**Achievement 1.2**: ✅ COMPLETE\n"
    assert.equal("1.2", parse(text, "Milestone").names_number.number)
    assert.is_true(parse(text, "Milestone").says_complete)
    assert.is_nil(parse("# SUBPLAN: Milestones 1.2\n", "Milestone").names_number)
    assert.is_nil(parse("# SUBPLAN: Mile stone 1.2\n", "Milestone").names_number)
  end)

  it("are the same as spelled out at build time", function()
    local source_dir = os.getenv "PROMPTGEN_SOURCE_DIR" or "."
    local tool = assert(loadfile(source_dir .. "/src/host/embed/stock_words.lua", "t"))
    assert.same(require("promptgen.patterns").list(), assert(load(tool(source_dir .. "/lua"), "=words", "t", {}))())
  end)
end)
