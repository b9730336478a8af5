local nearest = require "promptgen.nearest"

describe("promptgen.nearest", function()
  it("finds a name with one letter missing, added, changed or swapped", function()
    local names = { "title", "status", "achievement" }
    assert.equal("title", nearest.of("titel", names))
    assert.equal("title", nearest.of("titl", names))
    assert.equal("status", nearest.of("statuss", names))
    assert.equal("achievement", nearest.of("acheivement", names))
  end)

  it("finds a name that differs only in letter case", function()
    assert.equal("Title", nearest.of("title", { "Title" }))
  end)

  it("names nothing when nothing is near", function()
    assert.is_nil(nearest.of("plan", { "achievement", "x" }))
    assert.is_nil(nearest.of("", { "a" }))
    assert.is_nil(nearest.of(("x"):rep(100), { ("x"):rep(99) }))
  end)

  it("answers alike for any order of the names", function()
    assert.equal("abca", nearest.of("abcx", { "abcb", "abca", "abcc" }))
    assert.equal("abca", nearest.of("abcx", { "abcc", "abca", "abcb" }))
  end)

  it("lists the string keys of tables in byte order, each once", function()
    assert.same({ "a", "b", "c" }, nearest.keys({ b = 1, a = 1, [1] = 1 }, nil, { c = 1, a = 2 }))
  end)
end)
