local json = require "promptgen.json"
local cjson = require "cjson"

describe("promptgen.json", function()
  it("keeps the declared key order and leaves nil values out", function()
    local value = json.object { { "z", 1 }, { "a", json.null }, { "gone", nil }, { "m", json.array {} } }
    assert.equal('{"z":1,"a":null,"m":[]}', json.encode(value))
  end)

  it("sorts the keys of a plain table", function()
    assert.equal('{"a":[1,2],"b":{"c":true}}', json.encode { b = { c = true }, a = { 1, 2 } })
  end)

  it("escapes controls, quotes and backslashes and replaces malformed UTF-8", function()
    assert.equal([["a\u0000\n\"\\\u001b\u007f"]], json.encode('a\0\n"\\\27\127'))
    assert.equal('"x\u{FFFD}y\u{FFFD}"', json.encode("x\xffy\xc3"))
    assert.equal('"✅"', json.encode("✅"))
  end)

  it("writes numbers that read back as the same number", function()
    for _, n in ipairs { 0, -1, 2 ^ 53, 0.1, 1 / 3, 5e-324, 1.7976931348623157e308, math.maxinteger } do
      assert.equal(n, tonumber(json.encode(n)))
    end
  end)

  it("refuses what JSON cannot hold", function()
    assert.has_error(function() json.encode(print) end, "JSON cannot hold a function")
    assert.has_error(function() json.encode(0 / 0) end)
    assert.has_error(function() json.encode { [1.5] = 1 } end)
    local loop = {}
    loop[1] = loop
    assert.has_error(function() json.encode(loop) end, "JSON value nested deeper than 100 levels")
  end)

  it("is read back by cjson as the same data", function()
    local text = json.encode(json.object { { "s", "é\n" }, { "n", 1.5 }, { "l", json.array { "a", json.array {} } } })
    local back = cjson.decode(text)
    assert.equal("é\n", back.s)
    assert.equal(1.5, back.n)
    assert.equal("a", back.l[1])
  end)
end)
