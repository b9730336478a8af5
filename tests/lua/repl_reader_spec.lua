--- When typed text is a whole chunk.
local reader = require "promptgen.repl.reader"

local function kind(text)
  return select(2, reader.compile(text, load))
end

describe("the reader", function()
  it("takes an expression as one, with or without an equals sign before it", function()
    for _, text in ipairs { "1 + 1", "  x", "f(1)", "=1", " = 'a'", "1, 2, 3", "function() end", "1 -- comment" } do
      assert.equal("expression", kind(text), text)
    end
    assert.same({ 2, nil, 3, n = 3 }, reader.compile("1 + 1, nil, 3 -- comment", load)(table.pack))
    assert.same({ n = 0 }, reader.compile("(function() end)()", load)(table.pack))
  end)

  it("takes what ends with a semicolon as statements, whose values are shown all the same", function()
    for _, text in ipairs { "f();", ";", "x;", "{ n = 3 }; -- comment", "=1;" } do
      assert.equal("statements", kind(text), text)
    end
    assert.equal(5, reader.compile("2 + 3;", load)())
  end)

  it("takes statements as statements", function()
    for _, text in ipairs { "x = 1", "local x = 1", "for i = 1, 2 do end", "return 1", "goto a ::a::", "return" } do
      assert.matches("^[se]", kind(text))
    end
    assert.equal("statements", kind "x = 1")
  end)

  it("tells the line of an error in an expression, whatever follows it", function()
    local env = {}
    local function compile(part)
      return load(part, "=repl", "t", env)
    end
    for text, line in pairs { ["a.b"] = 1, ["=a.b"] = 1, ["a.b -- note"] = 1, ["'--' .. a.b --[ note"] = 1,
      ["\na.b"] = 2, ["a --[[ -- ]] .b -- note"] = 1, ["{ 1,\n a.b }"] = 2 } do
      local chunk, what = reader.compile(text, compile)
      assert.equal("expression", what, text)
      local _, message = pcall(chunk, table.pack)
      assert.matches(("^repl:%d: attempt to index a nil value"):format(line), message, text)
    end
  end)

  it("asks for more where the text ends in the middle", function()
    for _, text in ipairs { "function f()", "x = {", "if true then", "f(", "x = [[a", "--[[ a", "1 +",
      "for i = 1, 2 do\n  x = i", "x =", "return {" } do
      assert.equal("incomplete", kind(text), text)
      assert.is_true(reader.needs_more(text), text)
    end
  end)

  it("asks for no more where the text is whole, wrong, or too long to be evaluated", function()
    for _, text in ipairs { "x = 1", "f()", "x = = 1", "", "--[[ " .. ("x"):rep(256 * 1024) } do
      assert.is_false(reader.needs_more(text), text:sub(1, 20))
    end
  end)

  it("reports an error that more text would not cure", function()
    local chunk, what, message = reader.compile("x = = 1", load)
    assert.is_nil(chunk)
    assert.equal("error", what)
    assert.matches("unexpected symbol near '='", message)
    assert.equal("error", kind "end")
    assert.equal("error", kind "x = 'a\nb'")
  end)

  it("takes blank text and comments as nothing", function()
    for _, text in ipairs { "", "   ", "\n\n", "-- note", "--", "  -- a\n -- b" } do
      assert.equal("blank", kind(text), text)
    end
  end)

  it("knows a local that is gone with its line", function()
    assert.equal("x", reader.lost_local "local x = 1")
    assert.equal("f", reader.lost_local "local function f()\n return 1\nend")
    assert.is_nil(reader.lost_local "local x = 1; print(x)")
    assert.is_nil(reader.lost_local "x = 1")
    assert.is_nil(reader.lost_local "do local x = 1 end")
  end)
end)
