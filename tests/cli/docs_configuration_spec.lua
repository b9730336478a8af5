--- Runs docs/configuration.md from top to bottom in an empty directory, as a reader would.
local config = require "promptgen.config"
local page = require "support.page"
local program = require "support.program"

describe("docs/configuration.md", function()
  local dir = program.temp_dir()
  local steps = page.steps "configuration.md"

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
      assert.equal(step.expected, page.run(dir, step.script))
    end)
  end

  it("names every setting, and no other", function()
    local text = program.read(program.source_dir .. "/docs/configuration.md")
    local list, named = assert(text:match("\n## All settings\n(.-)\n\nYour own file")), {}
    for row in list:gmatch("\n| (`.-) |") do
      for name in row:gmatch("`([%w_]+)`") do
        named[name] = true
        assert.truthy(config.schema[name], name)
      end
    end
    for name in pairs(config.schema) do
      assert.is_true(named[name], name)
    end
  end)
end)
