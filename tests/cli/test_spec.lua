--- `promptgen test`: tests of a user's own workflows.
local program = require "support.program"

describe("promptgen test", function()
  local root

  before_each(function()
    root = program.example_copy()
    assert.equal(0, program.run({ "new", "workflow", "brief" }, { cwd = root }).status)
  end)

  after_each(function()
    program.remove(root)
  end)

  local function run(...)
    return program.run({ "test", ... }, { cwd = root })
  end

  it("passes on a new skeleton, from any directory", function()
    local result = run()
    assert.equal(0, result.status, result.out .. result.err)
    assert.matches("ok 1 %- workflows/tests/brief.lua: names the next achievement", result.out)
    assert.matches("\n2 passed, 0 failed\n$", result.out)
    local below = program.run({ "test", "brief" }, { cwd = root .. "/src" })
    assert.equal(result.out, below.out)
  end)

  it("fails when the workflow or its template changes what it says", function()
    program.sh("sed -i 's/Next is/Now do/' " .. root .. "/workflows/templates/brief.lua")
    local result = run()
    assert.equal(1, result.status)
    assert.matches("not ok 1 .-\n# lacks: Next is achievement 1.1", result.out)
    assert.matches("1 passed, 1 failed", result.out)
    local object = require("cjson").decode(run("--json").out)
    assert.equal(1, object.failed)
    assert.is_false(object.cases[1].passed)
  end)

  it("compares a whole prompt with a file", function()
    local prompt = program.run({ "brief", "@CSV-IMPORT" }, { cwd = root }).out
    program.write(root .. "/expected.md", prompt)
    program.write(root .. "/workflows/tests/whole.lua",
      'return { { name = "whole", workflow = "brief", args = { "@CSV-IMPORT" }, expected = "expected.md" } }')
    assert.equal(0, run("whole").status)
    program.write(root .. "/expected.md", prompt .. "more\n")
    local result = run("whole")
    assert.equal(1, result.status)
    assert.matches("differs from expected.md", result.out)
  end)

  it("refuses a test that cannot fail, and names mistakes", function()
    for source, pattern in pairs {
      ['return { { name = "x", workflow = "brief" } }'] = "expects nothing, so it cannot fail",
      ['return { { name = "x", workflow = "brief", contains = {} } }'] = "expects nothing, so it cannot fail",
      ['return { { name = "x", workflow = "brief", lacks = {}, contains = {} } }'] = "expects nothing",
      ['return { { name = "x", workflow = "brief", contains = { "" } } }'] = "contains holds something that is no text",
      ['return { { name = "x", workflow = "brief", lacks = { {} } } }'] = "lacks holds something that is no text",
      ['return { { name = "x", workflow = "brief", contain = {} } }'] = "did you mean contains%?",
      ["return {}"] = "returns no list of cases",
      ["return {"] = "error%[script_syntax%] workflows/tests/bad.lua:1",
      ['return { { name = "x", workflow = "brief", status = "4" } }'] = "status is not a number",
    } do
      program.write(root .. "/workflows/tests/bad.lua", source)
      local result = run("bad")
      assert.is_true(result.status == 4 or result.status == 1, result.err)
      assert.equal("", result.out)
      assert.matches(pattern, result.err)
    end
    assert.equal(4, run("none").status)
  end)

  it("runs the other files when one cannot be used, and names all such", function()
    program.write(root .. "/workflows/tests/a.lua", "return {")
    program.write(root .. "/workflows/tests/z.lua", "return {}")
    local result = run()
    assert.equal(1, result.status)
    assert.matches("\n2 passed, 0 failed\n$", result.out)
    assert.matches("error%[script_syntax%] workflows/tests/a.lua:1", result.err)
    assert.matches("workflows/tests/z.lua cannot be used either: the file returns no list", result.err)
    local object = require("cjson").decode(run("--json").out)
    assert.equal(2, object.passed)
    assert.same({ "workflows/tests/a.lua", "workflows/tests/z.lua" }, { object.errors[1].path, object.errors[2].path })
  end)

  it("reports a workflow that loops as a failed case", function()
    program.write(root .. "/workflows/loop.lua", "while true do end")
    program.write(root .. "/workflows/tests/loop.lua",
      'return { { name = "loops", workflow = "loop", contains = { "x" } } }')
    local result = run("loop", "--timeout=300ms")
    assert.equal(1, result.status, result.err)
    assert.matches("exit status 5, not 0", result.out)
  end)
end)
