local levels = require "promptgen.levels"

describe("promptgen.levels", function()
  it("puts what depends on nothing on level 0 and the rest above what it depends on", function()
    local items = {
      { number = "2.1", dependencies = { "1.1", "1.2" } }, { number = "1.1" },
      { number = "1.2", dependencies = { "1.1" } }, { number = "3.1", dependencies = {} },
    }
    assert.same({ ["1.1"] = 0, ["1.2"] = 1, ["2.1"] = 2, ["3.1"] = 0 }, levels.of(items))
    assert.same({}, levels.of {})
  end)

  it("counts a dependency on something unknown as none", function()
    assert.same({ ["1.1"] = 0 }, levels.of { { number = "1.1", dependencies = { "9.9" } } })
  end)

  it("names the numbers of a circle", function()
    local found, circle = levels.of {
      { number = "1.1" }, { number = "1.2", dependencies = { "1.3" } }, { number = "1.3", dependencies = { "1.2" } },
    }
    assert.is_nil(found)
    assert.same({ "1.2", "1.3" }, circle)
    assert.is_nil((levels.of { { number = "1.1", dependencies = { "1.1" } } }))
  end)

  it("takes a long chain in any order without recursion", function()
    local items = {}
    for i = 300, 1, -1 do
      items[#items + 1] = { number = tostring(i), dependencies = i > 1 and { tostring(i - 1) } or {} }
    end
    assert.equal(299, levels.of(items)["300"])
  end)
end)
