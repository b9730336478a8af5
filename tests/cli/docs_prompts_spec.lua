--- The page with one prompt of each workflow is what the program prints.
local cjson = require "cjson"
local program = require "support.program"

local generator = program.source_dir .. "/docs/gen/prompts.lua"

describe("docs/prompts.md", function()
  local page = program.read(program.source_dir .. "/docs/prompts.md")

  it("is what the program prints today", function()
    local made = program.sh(("lua5.4 %s %s %s"):format(generator, program.path, program.example))
    assert.equal(made .. "\n", page, "run: make docs")
  end)

  it("has a section for every stock workflow", function()
    local list = cjson.decode(program.run({ "workflows", "--json" }).out).workflows
    assert.truthy(#list >= 10)
    for _, workflow in ipairs(list) do
      assert.matches("\n## " .. workflow.name .. "\n", page, 1, true)
    end
  end)
end)
