--- Runs docs/scaffolds.md from top to bottom in an empty directory, as a reader would.
local page = require "support.page"
local program = require "support.program"

describe("docs/scaffolds.md", function()
  local dir = program.temp_dir()
  local steps = page.steps "scaffolds.md"

  teardown(function()
    program.remove(dir)
  end)

  for number, step in ipairs(steps) do
    it(("prints what it says: step %d"):format(number), function()
      assert.equal(step.expected, page.run(dir, step.script))
    end)
  end

  it("names every skeleton there is", function()
    local text = program.read(program.source_dir .. "/docs/scaffolds.md")
    local names = program.sh("ls " .. program.source_dir .. "/workflows/templates/skeletons")
    for name in names:gmatch "([%w_]+)%.lua" do
      assert(text:find("`" .. name .. "`", 1, true), name)
    end
  end)
end)
