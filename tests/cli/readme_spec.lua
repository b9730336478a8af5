--- The README shows what the program really prints.
local program = require "support.program"

describe("the README", function()
  it("begins with the two commands and shows the real prompt of the example", function()
    local text = program.read(program.source_dir .. "/README.md")
    assert.matches("^# promptgen\n\n```sh\nmake demo.-\nmake test", text)
    local shown = text:match("````console\n%$ promptgen run workflows/next.lua @CSV%-IMPORT\n(.-)\n%[…%]\n````")
    assert.is_string(shown)
    local real = program.run({ "run", "workflows/next.lua", "@CSV-IMPORT" }, { cwd = program.example })
    assert.equal(shown, real.out:sub(1, #shown))
  end)

  it("names commands that exist", function()
    local text = program.read(program.source_dir .. "/README.md")
    local help = program.run({ "help" }).out
    for name in text:gmatch("`promptgen (%l+)[ `]") do
      assert.matches("\n  " .. name .. " ", help)
    end
  end)
end)
