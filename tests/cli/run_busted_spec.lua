--- The script that runs these specs.
local program = require "support.program"

describe("tests/run_busted", function()
  it("takes a folder of the build that is relative to where it is called", function()
    local dir = program.temp_dir()
    finally(function() program.remove(dir) end)
    program.write(dir .. "/own_spec.lua", [[
it("is told where", function()
  assert.equal(os.getenv "EXPECTED", os.getenv "PROMPTGEN_BUILD_DIR")
  assert.truthy(package.cpath:find(os.getenv "EXPECTED" .. "/lib/?.so", 1, true))
end)
]])
    local build = os.getenv "PROMPTGEN_BUILD_DIR"
    local above, name = build:match "^(.*)/([^/]+)$"
    for _, given in ipairs { name, build } do
      local out, status = program.sh(("cd %s && EXPECTED=%s PROMPTGEN_BUILD_DIR=%s %s %s"):format(program.quote(above),
        program.quote(build), program.quote(given), program.quote(program.source_dir .. "/tests/run_busted"),
        program.quote(dir .. "/own_spec.lua")))
      assert.equal(0, status, out)
    end
  end)
end)
