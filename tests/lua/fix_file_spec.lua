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

  it("may hold its groups of issues in a section of another name", function()
    local fix = read "### 🔴 Critical Issues (2)\n\n#### A\n\nx\n\n#### B\n\ny\n\n### Minor Issues\n\n- one\n* two\n"
    assert.same({ "critical - 3-5 A", "critical - 7-9 B", "minor - 13-13 one", "minor - 14-14 two" }, told(fix.issues))
  end)

  it("has no issue where it says that there is none, or where something is still to be written", function()
    local fix = read(table.concat({
      "## Issues", "", "### Critical Issues", "", "#### 1. **[What is wrong, in a few words]**", "", "### Minor Issues",
      "", "- None.", "- N/A", "- [What should be better]", "- None of the tests runs", "",
    }, "\n"))
    assert.same({ "minor - 12-12 None of the tests runs" }, told(fix.issues))
  end)

  it("names passages of code as an editor copies them", function()
    local fix = read "## Issues\n\n- See @Python (779-1075), @src/a.ts (1-2), @Python (779-1075), not @Ada (alone).\n"
    assert.same({ "@Python (779-1075)", "@src/a.ts (1-2)" }, fix.passages)
  end)

  it("may be free text, empty or odd bytes", function()
    for _, text in ipairs { "fix it\n", "## Issues\n", "## Issues\n\n\0\255\n", "### Critical Notes\n\n- x\n" } do
      assert.same({}, told(read(text).issues), text)
    end
  end)

  it("shortens long titles at a word", function()
    local fix = read("## Issues\n\n- " .. ("word "):rep(60) .. "\n")
    assert.matches("^word word .* word …$", fix.issues[1].title)
    assert.truthy(#fix.issues[1].title < 130)
  end)
end)

--- The first lines of what a reader finds in the real reviews: critical issues, minor ones, what is
--- praised; then the files that the issues name by a path.
local BY_HAND = {
  ["LLM-DASHBOARD-CLI/execution/feedbacks/FIX_11.md"] = {
    { 15, 32, 43 }, { 53, 57, 62 }, { 69, 75, 80, 85 }, {},
  },
  ["LLM-DASHBOARD-CLI/execution/feedbacks/FIX_12.md"] = {
    { 15, 41 }, {}, { 50, 51, 52, 53, 54, 55, 56, 57 }, { "LLM/dashboard/.dashboard.lock" },
  },
  ["LLM-DASHBOARD-CLI/execution/feedbacks/FIX_23.md"] = {
    { 15, 32, 45 }, { 65, 70, 75 }, { 82, 89, 95, 100 }, { "tests/LLM/dashboard/test_state_watcher.py" },
  },
  ["a_real-use-cases/GRAPHRAG-OBSERVABILITY-VALIDATION/execution/feedbacks/FIX_21.md"] = {
    { 21, 48, 79 }, { 103, 114 }, { 138, 164, 185, 198 }, {},
  },
  ["a_real-use-cases/GRAPHRAG-OBSERVABILITY-VALIDATION/execution/feedbacks/FIX_22.md"] = {
    { 22, 63 }, { 83, 111 }, { 144, 158, 173, 188 }, {},
  },
  ["a_real-use-cases/GRAPHRAG-OBSERVABILITY-VALIDATION/execution/feedbacks/FIX_31.md"] = {
    { 19, 34 }, { 46, 55 }, { 67, 68, 69, 74, 75, 76, 80, 81, 82, 83, 87, 88, 89, 90 }, {},
  },
  ["a_real-use-cases/GRAPHRAG-OBSERVABILITY-VALIDATION/execution/feedbacks/FIX_41.md"] = {
    { 26, 52, 85 }, { 121, 129, 140 }, { 154, 168, 182, 196 },
    { "documentation/Pipeline-Testing-Infrastructure-Added.md", "documentation/Stage-Compatibility-Report.md",
      "documentation/Stage-Performance-Impact.md", "documentation/Stage-Test-Results.md" },
  },
  ["a_real-use-cases/GRAPHRAG-OBSERVABILITY-VALIDATION/execution/feedbacks/FIX_43.md"] = {
    { 19, 28, 34, 39, 44 }, { 53, 58, 65 }, { 74, 80, 86, 92 },
    { "documentation/Configuration-Matrix.md", "documentation/Configuration-Troubleshooting-Guide.md",
      "documentation/Configuration-Validation-Report.md", "documentation/Recommended-Configurations.md",
      "observability/validate-achievement-43.sh" },
  },
}

local function lines_of(entries, weight)
  local list = {}
  for _, entry in ipairs(entries) do
    list[#list + 1] = entry.weight == weight and entry.line or nil
  end
  return list
end

describe("the FIX files of a real workspace", function()
  local shared = os.getenv "PROMPTGEN_SHARED" or (os.getenv "PROMPTGEN_SOURCE_DIR" or ".") .. "/../shared"
  for path, expected in pairs(BY_HAND) do
    it("have the issues that a reader finds: " .. path:match("[^/]+$"), function()
      local file = io.open(shared .. "/corpus/workspace/work-space/plans/" .. path, "rb")
      if not file then
        return pending("the real workspace is not here")
      end
      local record = assert(plan.parse(file:read "a", { path = path }))
      file:close()
      local fix = fix_file.read(record)
      assert.same(expected, { lines_of(fix.issues, "critical"), lines_of(fix.issues, "minor"), lines_of(fix.worked),
        fix.references })
      assert.same({ #expected[1], #expected[2] }, { fix.critical, fix.minor })
      assert.truthy(fix.reviewer and fix.date:find("^2025%-11%-1%d$") and fix.status:find("NEEDS FIXES"))
      for _, issue in ipairs(fix.issues) do
        assert.truthy(record:text(issue.line, issue.line):find(issue.title:match("^%w+"), 1, true))
        assert.truthy(record:text(issue.end_line, issue.end_line):find("%S"))
      end
    end)
  end
end)
