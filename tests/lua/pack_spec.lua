local pack = require "promptgen.pack"

local function round_trip(value)
  return (pack.decode(assert(pack.encode(value))))
end

describe("promptgen.pack", function()
  it("gives back what it was given", function()
    local value = { "a\0b", 1, -1, 2 ^ 53, 0.5, true, false, { k = { 1, 2, { deep = "x" } } }, {} }
    assert.same(value, round_trip(value))
    assert.is_nil(round_trip(nil))
    assert.equal("integer", math.type(round_trip(3)))
    assert.equal("float", math.type(round_trip(3.0)))
  end)

  it("keeps a table with holes or mixed keys as a map", function()
    assert.same({ [1] = "a", [3] = "c" }, round_trip { [1] = "a", [3] = "c" })
    assert.same({ [1] = "a", x = 1 }, round_trip { "a", x = 1 })
    assert.same({ [0] = 1, [-7] = 2 }, round_trip { [0] = 1, [-7] = 2 })
  end)

  it("refuses functions, odd keys, loops and excess, and says which", function()
    local function refused(value, pattern)
      local bytes, err = pack.encode(value)
      assert.is_nil(bytes)
      assert.equal("invalid_argument", err.code)
      assert.matches(pattern, err.message)
    end
    refused(print, "function")
    refused({ [1.5] = 1 }, "key of type number")
    refused({ [{}] = 1 }, "key of type table")
    local loop = {}
    loop.self = loop
    refused(loop, "deeper than 32")
  end)

  it("ignores metatables", function()
    local value = setmetatable({ 1 }, { __index = function() error("called") end,
      __len = function() return 99 end, __pairs = function() error("called") end })
    assert.same({ 1 }, round_trip(value))
  end)

  it("refuses malformed bytes without raising", function()
    for _, bytes in ipairs { "", "\xc1", "\x92\x01", "\x01\x01", "\x81\xc0\x01", "\xdd\xff\xff\xff\xff" } do
      local value, err = pack.decode(bytes)
      assert.is_nil(value)
      assert.equal("corrupt", err.code)
    end
    assert.equal("corrupt", select(2, pack.decode(("\x91"):rep(5000) .. "\x01")).code)
  end)

  it("survives every single-byte change of a packed value", function()
    local bytes = pack.encode { a = { 1, 2, 3 }, b = "text", c = { d = true, e = 1.5 } }
    for i = 1, #bytes do
      for _, delta in ipairs { 1, 7, 64, 128, 255 } do
        local changed = bytes:sub(1, i - 1) .. string.char((bytes:byte(i) + delta) % 256) .. bytes:sub(i + 1)
        pack.decode(changed)
      end
    end
  end)
end)
