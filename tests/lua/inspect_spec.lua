--- What can be learned of values without asking them.
local inspect = require "promptgen.inspect"

describe("promptgen.inspect", function()
  it("gives the metatable behind a locked one", function()
    local mt = { __metatable = "locked" }
    assert.equal(mt, inspect.metatable(setmetatable({}, mt)))
    assert.is_nil(inspect.metatable {})
    assert.is_nil(inspect.metatable(1))
    assert.is_table(inspect.metatable "")
  end)

  it("names objects by their address, and only objects", function()
    local t = {}
    assert.equal(inspect.address(t), inspect.address(t))
    assert.not_equal(inspect.address(t), inspect.address {})
    assert.matches("^0x%x+$", inspect.address(print))
    for _, value in ipairs { 1, "x", true } do
      assert.is_nil(inspect.address(value))
    end
    assert.is_nil(inspect.address(nil))
  end)

  it("knows the type and the members of a userdata", function()
    local watch = require("promptgen.timer").new()
    assert.equal("promptgen.timer.stopwatch", inspect.type_name(watch))
    assert.is_nil(inspect.type_name {})
    local fields, methods = inspect.members(watch)
    table.sort(methods)
    assert.same({}, fields)
    assert.same({ "elapsed", "running", "start", "stop" }, methods)
    local text = "# PLAN: X\n\n**Achievement 1.1**: A\n"
    local record = assert(require("promptgen.plan").parse(text, { path = "PLAN_X.md" }))
    local set = {}
    fields, methods = inspect.members(record)
    for _, name in ipairs(fields) do
      set[name] = true
      assert(pcall(function() return record[name] end), name)
    end
    assert.is_true(set.achievements and set.title and set.feature)
    table.sort(methods)
    assert.same({ "section", "text" }, methods)
    assert.error_matches(function() inspect.members {} end, "bad argument #1")
  end)

  it("describes functions by kind, place and parameters", function()
    local function sample(a, b, ...)
      return a, b, ...
    end
    local about = inspect.describe(sample)
    assert.equal("Lua", about.kind)
    assert.same({ "a", "b", "..." }, about.parameters)
    assert.equal(about.line + 2, about.end_line)
    assert.matches("inspect_spec.lua", about.source)
    assert.same({ kind = "C" }, inspect.describe(print))
    assert.same({}, inspect.describe(function() end).parameters)
  end)

  it("calls no metamethod", function()
    local function trap()
      error "a metamethod was called"
    end
    local value = setmetatable({}, { __index = trap, __tostring = trap, __name = trap, __len = trap })
    assert.is_table(inspect.metatable(value))
    assert.is_string(inspect.address(value))
    assert.is_nil(inspect.type_name(value))
  end)
end)
