local patterns = require "promptgen.patterns"

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
