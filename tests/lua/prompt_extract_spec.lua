--- Parts of documents that prompts quote, in the spellings of real ones; and the checker of prompts.
local extract = require "promptgen.prompt.extract"
local plans = require "promptgen.plan"
local support = require "lua.support.prompts"

local function parse(text)
  return assert(plans.parse(text, {}))
end

describe("a part of a document", function()
  it("is found under any heading that names it, with symbols or without, at any level", function()
    for heading, meaning in pairs {
      ["## Objective"] = "objective", ["## 🎯 Objective"] = "objective", ["## 🛠️ Approach"] = "approach",
      ["## Approach"] = "approach", ["### 2. The Approach"] = "approach", ["## GOALS"] = "objective",
      ["## 🎨 Design: Menu Flow"] = "approach", ["## 🔌 Implementation Strategy"] = "approach",
      ["## 📋 Detailed Refactoring Plan"] = "approach", ["## 📚 Learning Summary"] = "learning",
      ["### Key Learnings"] = "learning", ["## Lessons Learned"] = "learning", ["## 🎯 Mission"] = "objective",
      ["Objective\n---------"] = "objective",
    } do
      local _, above = heading:gsub("\n", "")
      local record = parse("# T\n\n## Other\n\nx\n\n" .. heading .. "\n\nThe text.\n\n---\n\n## Rest\n\ny\n")
      local found = assert(extract.quote(record, meaning, 10), heading)
      assert.same({ 7, 9 + above, true }, { found.first, found.last, found.whole }, heading)
      assert.equal(heading .. "\n\nThe text.", found.text)
    end
  end)

  it("is found behind a bold label, up to the next one, a heading or a rule", function()
    for _, text in ipairs {
      "# T\n\n**Objective**: Sort the rows.\nAll of them.\n\n**Status**: Ready\n",
      "# T\n\n**🎯 Objective:** Sort the rows.\nAll of them.\n\n## Approach\n\nx\n",
      "# T\n\n**Objective**: Sort the rows.\nAll of them.\n\n---\n\nEnd.\n",
    } do
      local found = assert(extract.quote(parse(text), "objective", 10), text)
      assert.same({ 3, 4 }, { found.first, found.last }, text)
      assert.equal("Sort the rows. All of them.", (extract.sentences(parse(text), "objective")))
    end
  end)

  it("is a heading sooner than a label, and the telling word sooner than the near one", function()
    local record = parse("# T\n\n**Implementation Approach**: later\n\n## Strategy\n\na\n\n## 🎨 Design\n\nb\n")
    assert.equal("🎨 Design", extract.find(record, "approach").title)
    record = parse("# T\n\n## Design\n\na\n\n### Approach\n\nb\n\n## Our Approach\n\nc\n")
    assert.equal("Our Approach", extract.find(record, "approach").title)
  end)

  it("is not found where nothing names it", function()
    for _, text in ipairs { "# T\n\nPlain.\n", "# T\n\n## Redesign\n\nx\n", "# T\n\n## Re-design\n\nx\n", "",
      "## Approach\n" } do
      assert.is_nil(extract.find(parse(text), "approach"), text)
    end
  end)

  it("is quoted as far as was asked for, and says so", function()
    local record = parse("# T\n\n## Learnings\n\n1\n2\n3\n4\n")
    local found = extract.quote(record, "learning", 4)
    assert.same({ 3, 8, 6, 4, false, "## Learnings\n\n1\n2" },
      { found.first, found.last, found.count, found.shown, found.whole, found.text })
  end)

  it("gives its first sentences in one line, cut between them", function()
    local record = parse("## Goal\n\nRead it: **all** of it.\nThen sort.\n\nMore.\n")
    local text, place = extract.sentences(record, "objective")
    assert.equal("Read it: all of it. Then sort.", text)
    assert.same({ first = 3, last = 4 }, place)
    text = extract.sentences(parse("## Goal\n\n" .. ("A sentence of words. "):rep(40) .. "\n"), "objective")
    assert.truthy(#text < 330)
    assert.matches("words%. …$", text)
    for _, body in ipairs { "```\ncode\n```", "| a |\n|---|", "### Inner\n\nx", "> quoted" } do
      assert.is_nil(extract.sentences(parse("## Goal\n\n" .. body .. "\n"), "objective"), body)
    end
  end)
end)

describe("the reader of prompts that other tests rely on", function()
  local FILES = { ["a/b.md"] = "one\ntwo\nthree\n" }

  local function complaints(body)
    local text = "# Title\n\n" .. body .. "\n\nBegin now.\n"
    return support.complaints(text, function(path)
      return FILES[path] and 3
    end, {}, function(path) return FILES[path] end)
  end

  it("accepts what is true", function()
    assert.same({}, complaints "Lines 1-2 (2 lines) of `a/b.md`:\n\n```markdown\none\ntwo\n```")
    assert.same({}, complaints "Lines 1-3 (3 lines) of `a/b.md`; the first is quoted:\n\n```\none\n```")
    assert.same({}, complaints("- `a/b.md` (3 lines): x\n- `a/b.md`, lines 1-2 (2 lines): y\n"
      .. "- In all: 5 lines of 1 file"))
  end)

  it("finds quotes, sums, counts and ranges that are not", function()
    for body, what in pairs {
      ["Lines 1-2 (2 lines) of `a/b.md`:\n\n```\none\nzwei\n```"] = "a quote that is not what stands there",
      ["Lines 1-2 (2 lines) of `a/b.md`:\n\n```\none\n```"] = "a quote that is not what stands there",
      ["- `a/b.md` (3 lines): x\n- In all: 4 lines of 1 file"] = "a sum that is 3",
      ["- `a/b.md` (4 lines): x"] = "a wrong number of lines",
      ["- `a/b.md`, lines 1-2 (3 lines): x"] = "a wrong count",
      ["- `a/b.md`, lines 2-4 (3 lines): x"] = "lines that are not in a/b.md",
      ["- `a/c.md`: x"] = "a path that does not exist",
    } do
      local wrong = complaints(body)
      assert.equal(1, #wrong, body)
      assert.matches(what, wrong[1], 1, true)
    end
  end)
end)
