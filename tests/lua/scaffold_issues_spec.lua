--- Titles of the issues of a FIX file, in the layouts that reviews have.
local issues = require "promptgen.scaffold.issues"
local plan = require "promptgen.plan"

local function titles(text)
  local list = {}
  for i, one in ipairs(issues.critical(assert(plan.parse(text)))) do
    list[i] = one.title
  end
  return list
end

describe("promptgen.scaffold.issues", function()
  it("reads the headings below Critical Issues, whatever their level", function()
    local text = "# FIX\n\n## Issues Found\n\n### Critical Issues\n\n#### 1. **First one**\n\ntext\n\n"
      .. "#### 2. **Second: `code`**\n\n##### Detail\n\ntext\n\n### Minor Issues\n\n- a\n- b\n\n#### Not critical\n"
    assert.same({ "First one", "Second: `code`" }, titles(text))
    assert.same({ "A", "B" }, titles "# FIX\n\n## 🔴 Critical Issues (2)\n\n### A\n\nx\n\n### B\n\ny\n")
  end)

  it("finds none where there is no such section", function()
    assert.same({}, titles "# FIX\n\nSomething is wrong.\n")
    assert.same({}, titles "# FIX\n\n## Critical Issues\n\nNone.\n")
    assert.same({}, issues.minor(assert(plan.parse "# FIX\n")))
  end)

  it("reads minor issues from lists and from headings", function()
    local list = "# FIX\n\n### Minor Issues\n\n- one\n  more\n* two\n1. three\n\n  - deeper\n\n## Next\n\n- no\n"
    assert.same({ "one", "two", "three" }, issues.minor(assert(plan.parse(list))))
    local headings = "# FIX\n\n### Minor Issues\n\n#### 1. **one**\n\n- x\n\n#### 2. two\n"
    assert.same({ "one", "two" }, issues.minor(assert(plan.parse(headings))))
  end)
end)
