local rendering = require "promptgen.rendering"

describe("promptgen.rendering", function()
  it("takes one text for each document and scripts with their names from a worker", function()
    local outcome = { texts = { "a", "b" }, used = { { name = "n", path = "p", layer = "embedded", stock = true } } }
    assert.equal(outcome, rendering.check(outcome, 2, 2))
  end)

  it("refuses anything else as the work of a broken worker", function()
    local script = { name = "n", path = "p", layer = "l" }
    for _, outcome in ipairs {
      false, "text", {}, { texts = "a", used = {} }, { texts = {}, used = "x" }, { texts = { "a" }, used = {} },
      { texts = { "a", 1 }, used = {} }, { texts = { "a", {} }, used = {} },
      { texts = { "a", "b" }, used = { "x" } }, { texts = { "a", "b" }, used = { script, {} } },
      { texts = { "a", "b" }, used = { { name = "n", path = {}, layer = "l" } } },
    } do
      local checked, err = rendering.check(outcome, 2, 100)
      assert.is_nil(checked)
      assert.equal("worker_crash", err.code)
    end
  end)

  it("refuses more bytes than the limit", function()
    local checked, err = rendering.check({ texts = { "abc", "d" }, used = {} }, 2, 3)
    assert.is_nil(checked)
    assert.equal("limit", err.code)
  end)
end)
