--- cache:entries: what a cache holds, for inspection.
local cache = require "promptgen.cache"
local timer = require "promptgen.timer"

describe("cache:entries", function()
  local clock, c

  before_each(function()
    clock = timer.manual(100)
    c = cache.new { max_size = 10, ttl = 60, negative_ttl = 5, clock = clock }
  end)

  it("tells key, weight, hits, age and what is left of each life", function()
    c:set("a", "four")
    clock:advance(2)
    c:set("b", "x", math.huge, 7)
    c:get "a"
    c:get "a"
    clock:advance(1)
    assert.same({
      { key = "a", weight = 4, hits = 2, age = 3.0, left = 57.0, negative = false },
      { key = "b", weight = 7, hits = 0, age = 1.0, negative = false },
    }, c:entries())
  end)

  it("counts hits anew when a value is replaced, and none for a peek", function()
    c:set("a", 1)
    c:get "a"
    c:peek "a"
    assert.equal(1, c:entries()[1].hits)
    c:set("a", 2)
    assert.equal(0, c:entries()[1].hits)
    assert.equal(0.0, c:entries()[1].age)
  end)

  it("shows negative entries last, and expired ones with a life below 0", function()
    c:set("none", nil)
    c:set("some", 1)
    assert.same({ "some", "none" }, { c:entries()[1].key, c:entries()[2].key })
    assert.is_true(c:entries()[2].negative)
    clock:advance(61)
    assert.equal(-1.0, c:entries()[1].left)
    assert.equal(-56.0, c:entries()[2].left)
  end)

  it("changes neither order nor statistics, and stops at its limit", function()
    for i = 1, 5 do
      c:set("k" .. i, i)
    end
    local before = c:stats()
    assert.equal(2, #c:entries(2))
    assert.equal("k5", c:entries(1)[1].key)
    assert.same({}, c:entries(0))
    assert.same(before, c:stats())
    assert.same({ "k5", "k4", "k3", "k2", "k1" }, c:keys())
    assert.error_matches(function() c:entries(-1) end, "out of range")
  end)

  it("keeps keys with any bytes", function()
    c:set("a\0b\255", 1)
    c:set("", 2)
    assert.equal("", c:entries()[1].key)
    assert.equal("a\0b\255", c:entries()[2].key)
  end)
end)
