--- FIX files in the layouts that reviewers use.
local fix_file = require "promptgen.fix_file"
local plan = require "promptgen.plan"

local HEAD = "# FIX REQUIRED: Achievement 1.1\n\n**Reviewer**: A. Person\n**Review Date**: 2026-02-20\n"
  .. "**Status**: ⚠️ **NEEDS FIXES**\n\n## Summary\n\n**Status**: not this one\n\n"
local HEAD_LINES = 10

local function read(text)
  return fix_file.read(assert(plan.parse(HEAD .. text, { path = "FIX_11.md" })))
end

--- "weight number first-last title", lines counted from the end of the head.
local function told(entries)
  local out = {}
  for i, one in ipairs(entries) do
    out[i] = ("%s %s %d-%d %s"):format(one.weight or "-", one.number or "-", one.line - HEAD_LINES,
      one.end_line - HEAD_LINES, one.title)
  end
  return out
end

describe("a FIX file", function()
  it("gives its reviewer, date and status", function()
    local fix = read ""
    assert.same({ "A. Person", "2026-02-20", "⚠️ NEEDS FIXES" }, { fix.reviewer, fix.date, fix.status })
    assert.same({ 0, 0, 0 }, { #fix.issues, #fix.worked, #fix.references })
  end)

  it("has issues under headings, with the files they name", function()
    local fix = read(table.concat({
      "## Issues Found", "", "### Critical Issues (must fix)", "",
      "#### 1. **First** ⚠️ BLOCKER", "", "See `src/b/two.py`, `src/a/one.py`, `src/b/two.py`.", "", "---", "",
      "#### 2. Second", "", "### Minor Issues (should fix)", "", "#### 3. Third: a thing", "", "Text.", "",
    }, "\n"))
    assert.same({ "critical 1 5-7 First BLOCKER", "critical 2 11-11 Second", "minor 3 15-17 Third: a thing" },
      told(fix.issues))
    assert.same({ 2, 1 }, { fix.critical, fix.minor })
    assert.same({ "src/a/one.py", "src/b/two.py" }, fix.references)
  end)

  it("has issues in numbered lists, with code between them", function()
    local fix = read(table.concat({
      "## Issues", "", "### Critical Issues", "", "1. **First**", "   - more", "", "```", "code", "```", "",
      "2. **Second**", "", "### Minor Issues", "", "- a bullet", "- another", "  of two lines", "",
    }, "\n"))
    assert.same({ "critical 1 5-10 First", "critical 2 12-12 Second", "minor - 16-16 a bullet",
                  "minor - 17-18 another" }, told(fix.issues))
  end)

  it("has issues as paragraphs that begin with a bold number", function()
    local fix = read(table.concat({
      "## Issues Found", "", "### Critical Issues", "", "**1. Missing Files (4 of 4)**", "", "- **Impact**: much",
      "", "**2. Wrong Status**", "", "- text", "",
    }, "\n"))
    assert.same({ "critical 1 5-7 Missing Files (4 of 4)", "critical 2 9-11 Wrong Status" }, told(fix.issues))
  end)

  it("may make no difference between its issues", function()
    local fix = read "## Required Fixes\n\n1. One\n2. Two\n"
    assert.same({ "issue 1 3-3 One", "issue 2 4-4 Two" }, told(fix.issues))
    assert.same({ 0, 0 }, { fix.critical, fix.minor })
  end)

  it("may hold them in sections of the second rank", function()
    local fix = read "## Critical Issues\n\n- One\n\n## Minor Issues\n\n- Two\n"
    assert.same({ "critical - 3-3 One", "minor - 7-7 Two" }, told(fix.issues))
  end)

  it("says what worked, which is never an issue", function()
    local fix = read(table.concat({
      "## Issues", "", "### Critical Issues", "", "- One", "", "## What Worked Very Well", "",
      "### 1. Critical Finding ⭐⭐", "", "- text", "", "### 2. Tests ✅", "",
    }, "\n"))
    assert.same({ "critical - 5-5 One" }, told(fix.issues))
    assert.same({ "- 1 9-11 Critical Finding", "- 2 13-13 Tests" }, told(fix.worked))
  end)

  it("may be free text, empty or odd bytes", function()
    for _, text in ipairs { "fix it\n", "## Issues\n", "## Issues\n\n\0\255\n", "### Critical Issues\n\n- x\n" } do
      assert.same({}, told(read(text).issues), text)
    end
  end)

  it("shortens long titles at a word", function()
    local fix = read("## Issues\n\n- " .. ("word "):rep(60) .. "\n")
    assert.matches("^word word .* word …$", fix.issues[1].title)
    assert.truthy(#fix.issues[1].title < 130)
  end)
end)

--- Counted by hand in the real reviews: critical, minor, praised.
local BY_HAND = {
  ["LLM-DASHBOARD-CLI/execution/feedbacks/FIX_11.md"] = { 3, 3, 4 },
  ["LLM-DASHBOARD-CLI/execution/feedbacks/FIX_12.md"] = { 2, 0, 8 },
  ["LLM-DASHBOARD-CLI/execution/feedbacks/FIX_23.md"] = { 3, 3, 4 },
  ["a_real-use-cases/GRAPHRAG-OBSERVABILITY-VALIDATION/execution/feedbacks/FIX_21.md"] = { 3, 2, 4 },
  ["a_real-use-cases/GRAPHRAG-OBSERVABILITY-VALIDATION/execution/feedbacks/FIX_22.md"] = { 2, 2, 4 },
  ["a_real-use-cases/GRAPHRAG-OBSERVABILITY-VALIDATION/execution/feedbacks/FIX_31.md"] = { 2, 2, 14 },
  ["a_real-use-cases/GRAPHRAG-OBSERVABILITY-VALIDATION/execution/feedbacks/FIX_41.md"] = { 3, 3, 4 },
  ["a_real-use-cases/GRAPHRAG-OBSERVABILITY-VALIDATION/execution/feedbacks/FIX_43.md"] = { 5, 3, 4 },
}

describe("the FIX files of a real workspace", function()
  local shared = os.getenv "PROMPTGEN_SHARED" or (os.getenv "PROMPTGEN_SOURCE_DIR" or ".") .. "/../shared"
  for path, expected in pairs(BY_HAND) do
    it("have the issues that a reader counts: " .. path:match("[^/]+$"), function()
      local file = io.open(shared .. "/corpus/workspace/work-space/plans/" .. path, "rb")
      if not file then
        return pending("the real workspace is not here")
      end
      local record = assert(plan.parse(file:read "a", { path = path }))
      file:close()
      local fix = fix_file.read(record)
      assert.same(expected, { fix.critical, fix.minor, #fix.worked })
      assert.truthy(fix.reviewer and fix.date:find("^2025%-11%-1%d$") and fix.status:find("NEEDS FIXES"))
      for _, issue in ipairs(fix.issues) do
        assert.truthy(record:text(issue.line, issue.line):find(issue.title:match("^%w+"), 1, true))
        assert.truthy(record:text(issue.end_line, issue.end_line):find("%S"))
      end
    end)
  end
end)
