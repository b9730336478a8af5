--- Runs docs/workflows.md from top to bottom in an empty directory, as a reader would.
local program = require "support.program"

--- The shell blocks of the page and the text block after each.
local function steps_of(page)
  local steps = {}
  for info, text in page:gmatch "```(%l+)\n(.-)```\n" do
    if info == "sh" then
      steps[#steps + 1] = { script = text }
    elseif info == "text" then
      steps[#steps].expected = text
    end
  end
  return steps
end

describe("docs/workflows.md", function()
  local dir = program.temp_dir()
  local steps = steps_of(program.read(program.source_dir .. "/docs/workflows.md"))

  teardown(function()
    program.remove(dir)
  end)

  it("has steps, each with what it prints", function()
    assert.truthy(#steps >= 5)
    for _, step in ipairs(steps) do
      assert.truthy(step.expected, step.script)
    end
  end)

  for number, step in ipairs(steps) do
    it(("prints what it says: step %d"):format(number), function()
      program.write(dir .. "/step.sh", step.script)
      local printed = program.sh(("cd %s && HOME=%s PATH=%s:$PATH sh step.sh 2>err.txt; "
        .. "grep -v '^promptgen: notice' err.txt"):format(dir, dir,
        program.path:match("^(.*)/[^/]*$")))
      assert.equal(step.expected, printed .. "\n")
    end)
  end

  it("says on standard error which files of the workspace take the place of stock ones", function()
    local result = program.run({ "next", "@TALLY" }, { cwd = dir })
    assert.equal(0, result.status, result.err)
    assert.matches("notice: workflows/templates/base.lua", result.err, 1, true)
    assert.matches("notice: workflows/templates/create_subplan.lua", result.err, 1, true)
    assert.equal("", program.run({ "next", "@TALLY", "--builtin" }, { cwd = dir }).err)
  end)
end)
