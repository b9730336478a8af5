local canonical = require "promptgen.canonical"

describe("promptgen.canonical", function()
  it("is the same for equal data in any order", function()
    assert.equal(canonical { a = 1, b = { true, "x" } }, canonical { b = { true, "x" }, a = 1 })
  end)

  it("differs for every difference", function()
    local seen = {}
    for _, value in ipairs { 1, "1", true, "true", {}, { 1 }, { "1" }, { { 1 } }, { a = 1 }, { [1] = "a" },
      { "a", "b" }, { "a\0sb" }, { "b", "a" }, { a = { b = 1 } }, 1.0, 1.5, "" } do
      local text = canonical(value)
      assert.is_nil(seen[text], text)
      seen[text] = true
    end
  end)
end)
