--- What the parent does with the frames of a worker that is not what it should be. The worker is played.
describe("promptgen.run.exchange", function()
  local exchange, metrics, frames, warnings, app, job

  before_each(function()
    package.preload["promptgen.host"] = function()
      return {
        deadline = function() end,
        start_worker = function()
          return { next = function()
            local frame = table.remove(frames, 1)
            return frame[1], frame[2]
          end }
        end,
      }
    end
    package.loaded["promptgen.host"], package.loaded["promptgen.run.exchange"] = nil, nil
    exchange, metrics = require "promptgen.run.exchange", require "promptgen.metrics"
    metrics.reset_instance()
    warnings = {}
    app = { options = { timeout = 1, mem = 1 << 20, out_max = 1000 } }
    function app.log(_, level, message)
      warnings[#warnings + 1] = level .. ": " .. message
    end
    function app.log_level() return "off" end
    job = {}
  end)

  after_each(function()
    package.preload["promptgen.host"] = nil
    package.loaded["promptgen.host"], package.loaded["promptgen.run.exchange"] = nil, nil
    metrics.reset_instance()
  end)

  local function own(amount)
    return { { name = "own_total", kind = "counter", labels = {}, value = amount,
      definition = { help = "Own", labels = {}, max_series = 1 } } }
  end

  local function play(...)
    frames = { ... }
    return exchange.execute(app, job)
  end

  it("adds what a worker counted", function()
    assert.is_truthy(play({ "metrics", own(2) }, { "result", { text = "x" } }))
    assert.equal(2.0, metrics.get("own_total"):get())
    assert.same({}, warnings)
  end)

  it("takes counts once a run, and tells the rest once", function()
    assert.is_truthy(play({ "metrics", own(2) }, { "metrics", own(2) }, { "metrics", own(2) },
      { "result", { text = "x" } }))
    assert.equal(2.0, metrics.get("own_total"):get())
    assert.same({ "warning: what the workflow counted is not used: it was sent twice" }, warnings)
  end)

  it("checks what a test of a workflow counts, and counts none of it", function()
    app.is_trial = true
    assert.is_truthy(play({ "metrics", own(2) }, { "result", { text = "x" } }))
    assert.is_nil(metrics.get "own_total")
    assert.same({}, warnings)
    job = {}
    assert.is_truthy(play({ "metrics", own(-1) }, { "result", { text = "x" } }))
    assert.equal(1, #warnings)
  end)

  it("goes on after counts that are none", function()
    for _, rows in ipairs { "rows", 5, { 5 }, own(1e18), own(0 / 0), own(-1) } do
      job, warnings = {}, {}
      assert.is_truthy(play({ "metrics", rows }, { "result", { text = "x" } }))
      assert.equal(1, #warnings)
      assert.matches("^warning: what the workflow counted is not used: ", warnings[1])
    end
    assert.is_nil(metrics.get "own_total")
    assert.equal(6.0, metrics.get("promptgen_metric_deltas_rejected_total"):get())
  end)

  it("takes one profile, and only when one was asked for", function()
    assert.is_truthy(play({ "profile", "x" }, { "result", { text = "x" } }))
    assert.is_nil(app.worker_profiles)
    app.options.profile = "cumtime"
    assert.is_truthy(play({ "profile", "x" }, { "profile", "y" }, { "result", { text = "x" } }))
    assert.same({ "x" }, app.worker_profiles)
  end)

  it("refuses output that is no text, or too much of it", function()
    local outcome, err = play({ "output", {} }, { "result", { text = "x" } })
    assert.is_nil(outcome)
    assert.equal("worker_crash", err.code)
    outcome, err = play({ "output", ("x"):rep(1001) }, { "result", { text = "x" } })
    assert.is_nil(outcome)
    assert.equal("limit", err.code)
  end)
end)
