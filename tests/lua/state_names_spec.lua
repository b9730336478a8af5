local codes = require "promptgen.state.codes"
local executions = require "promptgen.state.executions"
local names = require "promptgen.state.names"

local function read(name)
  return names.read(name, { "FOO", "BAR2" })
end

describe("promptgen.state.codes", function()
  it("reads a code only against the numbers of the plan", function()
    local known = codes.new { "0.1", "10.2", "3.5.1", "1.1" }
    assert.equal("0.1", known:decode "01")
    assert.equal("10.2", known:decode "102")
    assert.equal("3.5.1", known:decode "351")
    assert.equal("3.5.1", known:decode "3.5.1")
    assert.is_nil((known:decode "1.02"))
    assert.same({ nil, nil }, { known:decode "21" })
  end)

  it("says which numbers share a code, and takes them with dots", function()
    local known = codes.new { "1.11", "11.1", "2.1" }
    local number, candidates = known:decode "111"
    assert.is_nil(number)
    assert.same({ "1.11", "11.1" }, candidates)
    assert.equal("11.1", known:decode "11.1")
    assert.equal("1.11", known:spell "1.11")
    assert.equal("21", known:spell "2.1")
  end)
end)

describe("promptgen.state.names", function()
  it("reads every kind of file", function()
    assert.same({ kind = "subplan", code = "11", tagged = true }, read "SUBPLAN_FOO_11.md")
    assert.same({ kind = "execution", code = "11", ordinal = 2, tagged = true },
      read "EXECUTION_TASK_FOO_11_02.md")
    assert.same({ kind = "approved", code = "102", tagged = false }, read "APPROVED_102.md")
    assert.same({ kind = "fix", code = "1.11", tagged = false }, read "FIX_1.11.md")
    assert.same({ kind = "resolution", code = "11", tagged = false }, read "FIX_11_RESOLUTION.md")
    assert.same({ kind = "skipped", code = "11", tagged = false }, read "SKIPPED_11.md")
    assert.same({ kind = "approved", code = "11", tagged = true }, read "APPROVED_FOO_11.md")
  end)

  it("reads every suffix in use", function()
    for name, suffix in pairs {
      ["EXECUTION_TASK_FOO_11_01_V2.md"] = "V2",
      ["EXECUTION_TASK_FOO_11_01_RECOVERY.md"] = "RECOVERY",
      ["EXECUTION_TASK_FOO_11_01_NESTED_ARCHIVED.md"] = "NESTED_ARCHIVED",
      ["EXECUTION_TASK_FOO_11_01_PARALLEL_02.md"] = "PARALLEL_02",
      ["SUBPLAN_FOO_11_ARCHIVED.md"] = "ARCHIVED",
      ["SUBPLAN_FOO_08_05.md"] = "05",
    } do
      assert.equal(suffix, read(name).suffix, name)
    end
  end)

  it("knows digits in a feature name, and a longer feature from its own", function()
    assert.equal("01", read("SUBPLAN_BAR2_01.md").code)
    assert.same({ nil, "foreign" }, { read "SUBPLAN_FOO_TWO_01.md" })
    assert.same({ nil, "foreign" }, { read "SUBPLAN_OTHER_01.md" })
  end)

  it("leaves out what has no number, and says so for our own names", function()
    assert.same({ nil, "unclear" }, { read "APPROVED_1_REVIEW.md" })
    assert.same({ nil, "unclear" }, { read "APPROVED_FINAL.md" })
    assert.same({ nil, "unclear" }, { read "SUBPLAN_FOO_.md" })
    assert.same({ nil, "unclear" }, { read "EXECUTION_TASK_FOO_11_x.md" })
    for _, name in ipairs { "README.md", "EXECUTION_ANALYSIS_FOO.md", "APPROVED_11.txt", ".md", "PLAN_FOO.md" } do
      assert.same({}, { read(name) }, name)
    end
  end)
end)

local function arrange(...)
  local files = {}
  for i, name in ipairs { ... } do
    files[i] = read(name)
    files[i].name, files[i].path = name, name
  end
  local list, distinct = executions.arrange(files)
  local counting = {}
  for _, item in ipairs(list) do
    if item.counts then
      counting[#counting + 1] = item.file.name:match("FOO_11_(.*)%.md")
    end
  end
  return table.concat(counting, " "), distinct
end

describe("promptgen.state.executions", function()
  local E = "EXECUTION_TASK_FOO_11_%s.md"

  it("lets a variant take the place of its base", function()
    assert.equal("01_V2 02", (arrange(E:format "01", E:format "02", E:format "01_V2")))
    assert.equal("01_RECOVERY", (arrange(E:format "01", E:format "01_RECOVERY")))
  end)

  it("lets the latest version count, by number and not by letters", function()
    assert.equal("01_V10", (arrange(E:format "01_V9", E:format "01_V10", E:format "01")))
  end)

  it("counts variants of different kinds each", function()
    assert.equal("01_RECOVERY 01_V2", (arrange(E:format "01", E:format "01_V2", E:format "01_RECOVERY")))
  end)

  it("takes an archived copy only where the file itself is gone", function()
    assert.equal("01", (arrange(E:format "01", E:format "01_ARCHIVED")))
    assert.equal("01_ARCHIVED", (arrange(E:format "01_ARCHIVED")))
  end)

  it("counts a parallel part beside its base", function()
    assert.equal("01 01_PARALLEL_02", (arrange(E:format "01", E:format "01_PARALLEL_02")))
  end)

  it("does not take a variant for another execution", function()
    local _, distinct = arrange(E:format "01", E:format "01_V2", E:format "02")
    assert.equal(2, distinct)
  end)
end)
