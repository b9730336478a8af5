--- When a session's counts reach the totals of all runs. The clock is turned by hand.
describe("promptgen.repl.counts", function()
  local metrics = require "promptgen.metrics"
  local totals, counts, flushed, time, app, warnings

  before_each(function()
    package.preload["promptgen.host"] = function() return {} end
    for _, name in ipairs { "promptgen.host", "promptgen.totals", "promptgen.repl.counts" } do
      package.loaded[name] = nil
    end
    totals, counts = require "promptgen.totals", require "promptgen.repl.counts"
    flushed, time, warnings = 0, 1000, {}
    totals.flush = function() flushed = flushed + 1 end
    metrics.reset_instance()
    app = { log = function(_, _, message) warnings[#warnings + 1] = message end }
  end)
  after_each(function()
    package.preload["promptgen.host"] = nil
    for _, name in ipairs { "promptgen.host", "promptgen.totals", "promptgen.repl.counts" } do
      package.loaded[name] = nil
    end
    metrics.reset_instance()
  end)

  local function new(at_once)
    return counts.new(app, { at_once = at_once, now = function() return time end })
  end

  local function play(session, seconds)
    session:begin()
    time = time + seconds
    session:tick(true)
  end

  local function own(amount)
    return { { name = "own_total", kind = "counter", labels = {}, value = amount,
      definition = { help = "Own", labels = {}, max_series = 1 } } }
  end

  it("are written every 15 seconds while chunks follow each other", function()
    local session = new(false)
    for _ = 1, 14 do
      play(session, 1)
    end
    assert.equal(0, flushed)
    play(session, 1)
    assert.equal(1, flushed)
    for _ = 1, 45 do
      play(session, 1)
    end
    assert.equal(4, flushed)
  end)

  it("are written after each turn at a terminal, where nobody knows when the next one is", function()
    local session = new(true)
    play(session, 0.1)
    play(session, 0.1)
    assert.equal(2, flushed)
  end)

  it("are written within a turn that lasts", function()
    local session = new(true)
    session:begin()
    for _ = 1, 40 do
      time = time + 1
      session:tick(false)
    end
    assert.equal(2, flushed)
  end)

  it("take one set of a worker's metrics in a turn, checked", function()
    local session = new(true)
    session:begin()
    session:receive(own(2))
    session:receive(own(2))
    assert.same({ "what this entry counted is not used: it was sent twice" }, warnings)
    session:begin()
    session:receive(own(3))
    assert.equal(5.0, metrics.get("own_total"):get())
    for _, hostile in ipairs { own(-1), own(1e18), { 1 }, "x" } do
      session:begin()
      session:receive(hostile)
    end
    assert.equal(5, #warnings)
    assert.equal(5.0, metrics.get("own_total"):get())
  end)
end)
