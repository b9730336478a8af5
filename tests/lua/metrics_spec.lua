local metrics = require "promptgen.metrics"
local pack = require "promptgen.pack"
local timer = require "promptgen.timer"

describe("promptgen.metrics", function()
  local registry

  before_each(function()
    registry = metrics.new_registry()
  end)

  describe("counters", function()
    it("add 1, an amount, and to the series of given labels", function()
      local c = registry:counter { name = "c_total", help = "C" }
      c:inc()
      c:inc(42)
      c:inc(24.42)
      assert.equal(67.42, c:get())
      local l = registry:counter { name = "l_total", help = "L", labels = { "workflow", "status" } }
      l:inc { workflow = "next", status = "success" }
      l:inc(2, { status = "success", workflow = "next" })
      assert.equal(3.0, l:get { workflow = "next", status = "success" })
      assert.equal(0.0, l:get { workflow = "next", status = "error" })
    end)

    it("refuse what would not grow them and stay as they were", function()
      local c = registry:counter { name = "c_total", help = "C" }
      c:inc(0)
      for _, amount in ipairs { -1, 0 / 0, math.huge, "1", true } do
        assert.has_error(function() c:inc(amount) end)
      end
      assert.equal(0.0, c:get())
    end)

    it("give children that count without labels", function()
      local c = registry:counter { name = "c_total", help = "C", labels = { "k" } }
      local child = c:labels { k = "a" }
      child:inc()
      child:inc(2)
      assert.equal(3.0, child:get())
      assert.equal(3.0, c:get { k = "a" })
      assert.error_matches(function() child:inc(1, { k = "a" }) end, "labels are already given")
      assert.error_matches(function() child:labels { k = "b" } end, "labels are already given")
    end)

    it("give a function that only counts", function()
      local c = registry:counter { name = "c_total", help = "C", labels = { "k" } }
      local inc = c:labels({ k = "a" }):incrementer()
      collectgarbage()
      inc()
      inc(2.5)
      assert.equal(3.5, c:get { k = "a" })
      assert.has_error(function() inc(-1) end)
      assert.has_error(function() inc("1") end)
      assert.error_matches(function() c:incrementer() end, "labels are missing")
    end)

    it("keep a removed child usable and unwritten", function()
      local c = registry:counter { name = "c_total", help = "C", labels = { "k" } }
      local child = c:labels { k = "a" }
      assert.is_true(c:remove { k = "a" })
      assert.is_false(c:remove { k = "a" })
      child:inc()
      assert.equal(0.0, c:get { k = "a" })
      c:inc { k = "b" }
      c:clear()
      assert.is_nil(registry:export():find 'k="')
      c = nil -- luacheck: ignore
      collectgarbage()
      child:inc()
      assert.equal(2.0, child:get())
    end)
  end)

  describe("labels", function()
    local c

    before_each(function()
      c = registry:counter { name = "c_total", help = "C", labels = { "a", "b" } }
    end)

    it("may be strings, numbers and booleans", function()
      c:inc { a = 1, b = true }
      assert.equal(1.0, c:get { a = "1", b = "true" })
    end)

    it("must all be given, and no others", function()
      assert.error_matches(function() c:inc() end, "table expected")
      assert.error_matches(function() c:inc { a = "x" } end, "label 'b' is missing")
      assert.error_matches(function() c:inc { a = "x", b = "y", c = "z" } end, "no label 'c'")
      assert.error_matches(function() c:inc { a = "x", b = "y", "z" } end, "no label '1'")
      assert.error_matches(function() c:inc { a = "x", b = {} } end, "label 'b' is a table")
    end)

    it("that no scraper could read are changed, and counted", function()
      local cases = {
        { "a\255b", "a\u{FFFD}b" }, { "\xC3", "\u{FFFD}" }, { "\xED\xA0\x80", ("\u{FFFD}"):rep(3) },
        { ("y"):rep(1025), ("y"):rep(1024) }, { "x" .. ("é"):rep(1000), "x" .. ("é"):rep(511) },
        { ("\255"):rep(1000), ("\u{FFFD}"):rep(341) },
      }
      for i, case in ipairs(cases) do
        c:inc { a = i, b = case[1] }
        assert.equal(1.0, c:get { a = i, b = case[2] })
        assert.equal(1.0, c:get { a = i, b = case[1] })
      end
      c:inc { a = "x", b = ("y"):rep(1024) }
      assert.matches(('promptgen_metric_labels_changed_total{metric="c_total"} %d\n'):format(2 * #cases),
        registry:export(), 1, true)
    end)

    it("are not taken by a metric without any", function()
      local plain = registry:counter { name = "plain_total", help = "P" }
      plain:labels():inc()
      assert.equal(1.0, plain:get())
      assert.error_matches(function() plain:inc { a = "x" } end, "labels are already given")
    end)

    it("keep NUL bytes and quotes apart", function()
      c:inc { a = "x\0y", b = '"' }
      c:inc { a = "x", b = '"' }
      assert.equal(1.0, c:get { a = "x\0y", b = '"' })
    end)
  end)

  it("takes any value in a gauge", function()
    local g = registry:gauge { name = "g", help = "G", labels = { "k" } }
    g:set(5, { k = "a" })
    g:inc { k = "a" }
    g:dec(7.5, { k = "a" })
    assert.equal(-1.5, g:get { k = "a" })
    local child = g:labels { k = "b" }
    child:set(-math.huge)
    assert.equal(-math.huge, child:get())
    assert.has_error(function() child:set("1") end)
    assert.has_error(function() child:set() end)
  end)

  describe("histograms", function()
    it("summarise and know percentiles by the rule of floor(n * p)", function()
      local h = registry:histogram { name = "h_seconds", help = "H", unit = "seconds" }
      assert.same({ count = 0, sum = 0, min = 0, max = 0, avg = 0 }, h:summary())
      assert.equal(0.0, h:percentile(0.5))
      for i = 100, 1, -1 do
        h:observe(i / 100)
      end
      local summary = h:summary()
      assert.equal(100, summary.count)
      assert.equal(0.01, summary.min)
      assert.equal(1.0, summary.max)
      assert.is_true(math.abs(summary.avg - 0.505) < 1e-12)
      assert.equal(0.01, h:percentile(0))
      assert.equal(0.51, h:percentile(0.5))
      assert.equal(0.96, h:percentile(0.95))
      assert.equal(1.0, h:percentile(1))
      assert.has_error(function() h:percentile(1.5) end)
    end)

    it("drop what is no number, and say so", function()
      local h = registry:histogram { name = "h", help = "H", buckets = { 1, 2.5, 5 } }
      h:observe(0 / 0)
      h:observe(-math.huge)
      h:observe(math.huge)
      assert.equal(1, h:summary().count)
      assert.matches('promptgen_metric_observations_dropped_total{metric="h"} 2\n',
        registry:export(), 1, true)
    end)

    it("check their buckets", function()
      for _, buckets in ipairs { {}, { math.huge }, { 3, 1 }, { 1, 2, 2 }, { 1, math.huge, 3 },
        { 0 / 0 }, { "1" }, { true } } do
        assert.has_error(function() registry:histogram { name = "h", help = "H", buckets = buckets } end)
      end
      local h = registry:histogram { name = "h", help = "H", buckets = { 0, 1, 2, math.huge } }
      assert.same({ 0, 1, 2 }, h:describe().buckets)
      assert.same({ -15, -10, -5 }, metrics.linear_buckets(-15, 5, 3))
      assert.same({ 100, 120, 144 }, metrics.exponential_buckets(100, 1.2, 3))
      assert.has_error(function() metrics.linear_buckets(0, 0, 3) end)
      assert.has_error(function() metrics.exponential_buckets(0, 2, 3) end)
      assert.has_error(function() metrics.exponential_buckets(1, 2, 0) end)
    end)
  end)

  describe("timers", function()
    local h, clock

    before_each(function()
      clock = timer.manual(50)
      h = registry:histogram { name = "h_seconds", help = "H", labels = { "workflow" } }
    end)

    local next_step = { workflow = "next" }

    it("observe once when their block ends", function()
      do
        local timing <close> = h:time(next_step, clock)
        clock:advance(0.25)
        assert.equal(0.25, timing:elapsed())
      end
      assert.equal(1, h:summary(next_step).count)
      assert.equal(0.25, h:summary(next_step).sum)
    end)

    it("observe once when an error leaves the block, and pass the error value on", function()
      local thrown = {}
      local ok, err = pcall(function()
        local _ <close> = h:time(next_step, clock)
        clock:advance(1)
        error(thrown)
      end)
      assert.is_false(ok)
      assert.equal(thrown, err)
      assert.equal(1.0, h:summary(next_step).sum)
    end)

    it("observe once when their coroutine is closed", function()
      local co = coroutine.create(function()
        local _ <close> = h:time(next_step, clock)
        coroutine.yield()
      end)
      coroutine.resume(co)
      clock:advance(2)
      coroutine.close(co)
      assert.equal(1, h:summary(next_step).count)
      assert.equal(2.0, h:summary(next_step).sum)
    end)

    it("observe once when stopped by hand, and never when cancelled", function()
      do
        local timing <close> = h:time(next_step, clock)
        clock:advance(1)
        assert.equal(1.0, timing:stop())
        clock:advance(1)
        assert.equal(1.0, timing:stop())
      end
      do
        local timing <close> = h:time(next_step, clock)
        timing:cancel()
      end
      assert.equal(1, h:summary(next_step).count)
    end)

    it("do not observe when they are merely collected", function()
      h:time(next_step)
      collectgarbage()
      collectgarbage()
      assert.equal(0, h:summary(next_step).count)
    end)

    it("run on the monotonic clock by default and on a child without labels", function()
      local child = h:labels(next_step)
      child:time():stop()
      assert.equal(1, child:summary().count)
      assert.is_true(child:summary().max < 60)
    end)
  end)

  describe("wrapped functions", function()
    local h, clock

    before_each(function()
      clock = timer.manual(0)
      h = registry:histogram { name = "h_seconds", help = "H" }
    end)

    it("keep nils, the number of results and of arguments", function()
      local f = h:wrap(function(...)
        clock:advance(0.5)
        return select("#", ...), nil, 1, nil
      end, nil, clock)
      assert.same({ n = 4, 3, nil, 1, nil }, table.pack(f(nil, 2, nil)))
      assert.same({ n = 0 }, table.pack(h:wrap(function() end)()))
      assert.equal(2, h:summary().count)
      assert.equal(0.5, h:summary().max)
    end)

    it("raise the same error value, observe it, and can be called again", function()
      local thrown = setmetatable({}, { __tostring = function() return "x" end })
      local f = h:wrap(function() error(thrown) end)
      for i = 1, 2 do
        local ok, err = pcall(f)
        assert.is_false(ok)
        assert.equal(thrown, err)
        assert.equal(i, h:summary().count)
      end
    end)

    it("count recursion once, at the outermost call", function()
      local f
      f = h:wrap(function(depth)
        clock:advance(1)
        return depth > 1 and f(depth - 1) or "deep"
      end, nil, clock)
      assert.equal("deep", f(5))
      assert.equal(1, h:summary().count)
      assert.equal(5.0, h:summary().sum)
    end)

    it("may yield", function()
      local f = h:wrap(function(a)
        local b = coroutine.yield(a + 1)
        clock:advance(3)
        return b, "end"
      end, nil, clock)
      local co = coroutine.create(f)
      assert.same({ true, 2 }, { coroutine.resume(co, 1) })
      assert.same({ true, "b", "end" }, { coroutine.resume(co, "b") })
      assert.equal(3.0, h:summary().sum)
    end)

    it("are observed when closed while suspended", function()
      local f = h:wrap(coroutine.yield, nil, clock)
      local co = coroutine.create(f)
      coroutine.resume(co)
      clock:advance(4)
      coroutine.close(co)
      assert.equal(4.0, h:summary().sum)
      f = h:wrap(function() return 1 end)
      assert.equal(1, f())
    end)
  end)

  describe("registries", function()
    it("hold what is created, and give the same metric for the same definition", function()
      local def = { name = "c_total", help = "C", labels = { "k" } }
      registry:counter(def):inc { k = "a" }
      assert.equal(1.0, registry:counter(def):get { k = "a" })
      assert.equal(1.0, registry:get("c_total"):get { k = "a" })
      assert.is_nil(registry:get("other_total"))
      assert.error_matches(function() registry:counter { name = "c_total", help = "D" } end,
        "already defined differently")
    end)

    it("give objects that are equal when they count in the same place", function()
      local def = { name = "c_total", help = "C", labels = { "k" } }
      assert.is_true(registry:counter(def) == registry:counter(def))
      assert.is_true(registry:counter(def) == registry:get "c_total")
      assert.is_true(registry:counter(def):labels { k = "a" } == registry:counter(def):labels { k = "a" })
      assert.is_false(registry:counter(def):labels { k = "a" } == registry:counter(def):labels { k = "b" })
      assert.is_false(registry:counter(def):labels { k = "a" } == registry:counter(def))
      assert.is_false(registry:counter(def) == metrics.new_registry():counter(def))
      assert.is_false(registry:counter(def) == registry:gauge { name = "g", help = "G" })
      assert.is_false(registry:counter(def) == registry)
      assert.is_false(registry:counter(def) == "c_total")
    end)

    it("refuse names that collide or that no scraper reads", function()
      registry:counter { name = "c_total", help = "C" }
      registry:histogram { name = "h", help = "H" }
      for _, name in ipairs { "c", "c_total", "c_created", "h", "h_count", "h_sum", "h_bucket", "9",
        "a-b", "a:b", "", "é" } do
        assert.has_error(function() registry:gauge { name = name, help = "G" } end)
      end
      for _, name in ipairs { "c", "h", "a b_total" } do
        assert.has_error(function() registry:counter { name = name, help = "C" } end)
      end
    end)

    it("refuse bad labels, help texts and fields", function()
      local function bad(fields)
        fields.name = fields.name or "c_total"
        assert.has_error(function() registry:counter(fields) end)
      end
      bad { help = "" }
      bad {}
      bad { help = "C", unit = "seconds" }
      bad { help = "C", label = { "k" } }
      bad { help = "C", buckets = { 1 } }
      bad { help = "C", mode = "max" }
      for _, label in ipairs { "le", "quantile", "__x", "a-b", "1a", "" } do
        bad { help = "C", labels = { label } }
      end
      bad { help = "C", labels = { "a", "a" } }
      bad { help = "C", labels = "a" }
      bad { help = "C", labels = { 1 } }
      for _, count in ipairs { 9, 200, 100000 } do
        local names = {}
        for i = 1, count do
          names[i] = "label" .. i
        end
        bad { help = "C", labels = names }
      end
      local many = {}
      for i = 1, 200 do
        many[i] = i
      end
      for _, buckets in ipairs { many, 5, "x", true } do
        assert.has_error(function() registry:histogram { name = "h", help = "H", buckets = buckets } end)
      end
      assert.is_nil(registry:get "c_total")
    end)

    it("leave a metric out on request until it is registered", function()
      local c = registry:counter { name = "c_total", help = "C", register = false }
      assert.is_nil(registry:get "c_total")
      assert.equal(c, registry:register(c))
      c:inc()
      assert.equal(1.0, registry:get("c_total"):get())
      local twin = registry:counter { name = "c_total", help = "C", register = false }
      assert.has_error(function() registry:register(twin) end)
    end)

    it("bound the series of a metric", function()
      local c = registry:counter { name = "c_total", help = "C", labels = { "k" }, max_series = 3 }
      for i = 1, 10 do
        c:inc { k = i }
      end
      assert.equal(8.0, c:get { k = "other" })
      assert.matches('promptgen_metric_series_dropped_total{metric="c_total"} 8\n', registry:export(),
        1, true)
    end)

    it("reset everything, gauges included", function()
      local c = registry:counter { name = "c_total", help = "C" }
      local g = registry:gauge { name = "g", help = "G" }
      local h = registry:histogram { name = "h", help = "H" }
      c:inc()
      g:set(3)
      h:observe(1)
      registry:reset_all()
      assert.equal(0.0, c:get())
      assert.equal(0.0, g:get())
      assert.equal(0, h:summary().count)
    end)

    it("stay alive while one of their functions runs", function()
      assert.equal("", metrics.new_registry():export())
      metrics.new_registry():counter({ name = "c_total", help = "C" }):inc()
      collectgarbage()
    end)
  end)

  describe("the registry of the state", function()
    before_each(metrics.reset_instance)
    after_each(metrics.reset_instance)

    it("has the metrics of promptgen from the start", function()
      assert.same({ "workflow", "status" }, metrics.get("prompt_generation_total"):describe().labels)
      assert.equal(14, #metrics.get("prompt_generation_duration_seconds"):describe().buckets)
      assert.same({ "cache_name", "hit_type" }, metrics.get("plan_cache_hits_total"):describe().labels)
      assert.matches('\npromptgen_build_info{version="', metrics.export_prometheus_text(), 1, true)
      assert.equal(metrics.export_prometheus_text(), metrics.registry():export "prometheus")
    end)

    it("is new to no other process when it is new", function()
      assert.same({}, metrics.deltas())
      assert.same({}, metrics.new_registry(true):deltas())
    end)

    it("forgets everything with reset_instance", function()
      metrics.counter { name = "own_total", help = "Own" }
      metrics.reset_instance()
      assert.is_nil(metrics.get "own_total")
    end)
  end)

  it("writes the text of the guide's example", function()
    local prompts = registry:counter {
      name = "prompt_generation_total", help = "Total prompts generated",
      labels = { "workflow", "status" },
    }
    prompts:inc(50, { workflow = "next_achievement", status = "success" })
    prompts:inc(2, { workflow = "next_achievement", status = "error" })
    assert.equal([[
# HELP prompt_generation_total Total prompts generated
# TYPE prompt_generation_total counter
prompt_generation_total{workflow="next_achievement",status="error"} 2
prompt_generation_total{workflow="next_achievement",status="success"} 50
]], registry:export())
    assert.matches("# EOF\n$", registry:export "openmetrics")
    assert.has_error(function() registry:export "xml" end)
  end)

  it("collects everything as data", function()
    local h = registry:histogram { name = "h", help = "H", labels = { "k" }, buckets = { 1, 2 } }
    h:observe(1.5, { k = "a" })
    local family = registry:collect()[1]
    assert.equal("h", family.name)
    assert.equal("histogram", family.kind)
    local series = family.series[1]
    assert.same({ k = "a" }, series.labels)
    assert.equal(1, series.count)
    assert.same({ { le = 1, count = 0 }, { le = 2, count = 1 }, { le = math.huge, count = 1 } },
      series.buckets)
    assert.is_true(series.created > 1.5e9)
  end)

  describe("deltas", function()
    local worker, parent

    local function define(target)
      target:counter { name = "own_total", help = "Own", labels = { "workflow", "status" } }
      target:histogram { name = "own_seconds", help = "Own", labels = { "workflow" } }
      target:gauge { name = "own_time", help = "Own", mode = "max" }
      target:deltas()
    end

    before_each(function()
      worker, parent = metrics.new_registry(true), metrics.new_registry(true)
      define(worker)
      define(parent)
    end)

    local labels = { workflow = "next", status = "success" }

    local function work()
      worker:get("own_total"):inc(labels)
      worker:get("own_seconds"):observe(0.25, { workflow = "next" })
      worker:get("own_time"):set(1000.5)
    end

    it("carry what changed through a channel's encoding, once", function()
      for _ = 1, 2 do
        work()
        local rows = pack.decode(pack.encode(worker:deltas()))
        assert.equal(3, #rows)
        assert.is_true(parent:merge(rows))
        assert.same({}, worker:deltas())
      end
      assert.equal(2.0, parent:get("own_total"):get(labels))
      local summary = parent:get("own_seconds"):summary { workflow = "next" }
      assert.equal(2, summary.count)
      assert.equal(0.5, summary.sum)
      assert.equal(1000.5, parent:get("own_time"):get())
      assert.equal(2.0, worker:get("own_total"):get(labels))
    end)

    it("define the metrics that the other side does not know", function()
      parent = metrics.new_registry(true)
      for round = 1, 2 do
        work()
        worker:get("own_total"):inc { workflow = "next", status = "error" }
        assert.is_true(parent:merge(pack.decode(pack.encode(worker:deltas()))))
        assert.equal(round + 0.0, parent:get("own_total"):get(labels))
      end
      assert.same(worker:get("own_total"):describe(), parent:get("own_total"):describe())
      assert.same(worker:get("own_seconds"):describe(), parent:get("own_seconds"):describe())
      assert.same(worker:get("own_time"):describe(), parent:get("own_time"):describe())
    end)

    it("tell what was dropped of such a metric, and nothing that promptgen counts itself", function()
      parent = metrics.new_registry(true)
      worker:get("own_seconds"):observe(0 / 0, { workflow = "next" })
      assert.is_true(parent:merge(worker:deltas()))
      assert.matches('observations_dropped_total{metric="own_seconds"} 1\n', parent:export(), 1, true)
      worker:get("prompt_generation_total"):inc(labels)
      local ok, err = parent:merge(worker:deltas())
      assert.is_nil(ok)
      assert.matches("'prompt_generation_total' is for promptgen alone to count", err.message, 1, true)
    end)

    local function row(changes)
      local r = { name = "own_total", kind = "counter", value = 1,
        labels = { workflow = "next", status = "success" } }
      for key, value in pairs(changes) do
        r[key] = value
      end
      return r
    end

    local function histogram_row(changes)
      local r = { name = "own_seconds", kind = "histogram", value = 0.0003,
        min = 0.0001, max = 0.0002, labels = { workflow = "next" },
        counts = { 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 } }
      for key, value in pairs(changes) do
        r[key] = value
      end
      return r
    end

    local function new(changes)
      local definition = { help = "New", labels = { "workflow", "status" }, max_series = 10 }
      for key, value in pairs(changes) do
        definition[key] = value
      end
      return definition
    end

    it("are refused as a whole when any row is hostile", function()
      local hostile = {
        row { name = "unknown_total" }, row { name = 5 }, row { name = ("x"):rep(1e6) },
        row { kind = "gauge" }, row { kind = "counters" }, row { kind = 1 },
        row { value = -1 }, row { value = 0 / 0 }, row { value = math.huge }, row { value = 1e300 },
        row { value = "1" }, row { value = {} },
        row { labels = {} }, row { labels = "x" }, row { labels = { workflow = "next" } },
        row { labels = { workflow = "next", status = "success", more = "x" } },
        row { labels = { workflow = "next", status = 5 } },
        row { labels = { workflow = "next", status = "\255" } },
        row { labels = { workflow = "next", status = ("x"):rep(5000) } },
        row { labels = { "next", "success" } },
        histogram_row { counts = { 1 } }, histogram_row { counts = "x" },
        histogram_row { counts = setmetatable({}, { __index = error }) },
        histogram_row { counts = { 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1 } },
        histogram_row { counts = { 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.5 } },
        histogram_row { counts = { 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, math.maxinteger } },
        histogram_row { value = 0 / 0 }, histogram_row { min = "x" }, histogram_row { max = 0 / 0 },
        histogram_row { value = math.huge, max = math.huge }, histogram_row { min = -1 },
        histogram_row { counts = { 1, 10 ^ 18 // 1 | 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 } },
        row { name = "prompt_generation_total" }, row { name = "promptgen_errors_total" },
        row { definition = 5 }, row { definition = {} }, row { name = "new_total", definition = {} },
        row { name = "new_total", definition = new { help = 5 } },
        row { name = "new_total", definition = new { help = "" } },
        row { name = "new_total", definition = new { labels = "x" } },
        row { name = "new_total", definition = new { labels = { "workflow" } } },
        row { name = "new_total", definition = new { labels = { "workflow", 5 } } },
        row { name = "new_total", definition = new { labels = { "workflow", "a-b" } } },
        row { name = "new_total", definition = new { max_series = 0 / 0 } },
        row { name = "new_total", definition = new { max_series = 1e300 } },
        row { name = "new_total", definition = new { unit = 5 } },
        row { name = "new_time", kind = "gauge", definition = new { mode = "most" } },
        row { name = "new", kind = "histogram", definition = new { buckets = { "x" } } },
        row { name = "new", kind = "histogram", definition = new { buckets = { 2, 1 } } },
        row { name = "own_created", kind = "gauge", definition = new { mode = "last" } },
        row { name = "promptgen_new_total", definition = new {} },
        row { definition = new {} },
        "row", 5, setmetatable(row {}, { __index = error }),
      }
      for i, bad in ipairs(hostile) do
        local ok, err = parent:merge { row {}, bad }
        assert.is_nil(ok, "row " .. i)
        assert.equal("bad_input", err.code)
      end
      assert.equal(0.0, parent:get("own_total"):get(labels))
      assert.is_nil(parent:get "new_total")
      assert.equal(#hostile, parent:get("promptgen_metric_deltas_rejected_total"):get())
      assert.is_true(parent:merge { row {}, histogram_row {}, row { name = "new_total", definition = new {} } })
      assert.is_true(parent:merge {})
    end)

    it("are refused with the limit's name when they define too many metrics", function()
      local rows = {}
      for i = 1, 32 do
        rows[i] = row { name = ("new%d_total"):format(i), definition = new {} }
      end
      assert.is_true(parent:merge(rows))
      rows[33] = row { name = "new33_total", definition = new {} }
      local ok, err = parent:merge(rows)
      assert.is_nil(ok)
      assert.equal("more than 32 metrics of its own at once", err.message)
    end)

    it("are refused when they are no list, too many, or would make too many series", function()
      for _, rows in ipairs { "x", 5, false } do
        assert.is_nil(parent:merge(rows))
      end
      assert.is_true(parent:merge { row {} })
      local rows = {}
      for i = 1, 1001 do
        rows[i] = row { labels = { workflow = "w" .. i, status = "success" } }
      end
      assert.is_nil(parent:merge(rows))
      rows[1001] = nil
      assert.is_true(parent:merge(rows))
      for i = 1, 4097 do
        rows[i] = row {}
      end
      assert.is_nil(parent:merge(rows))
      rows[4097] = nil
      assert.is_true(parent:merge(rows))
    end)
  end)

  it("are all described in docs/metrics.md, with their kind and labels", function()
    local file = assert(io.open(os.getenv "PROMPTGEN_SOURCE_DIR" .. "/docs/metrics.md"))
    local text = file:read "a"
    file:close()
    local described = {}
    for name, kind, labels in text:gmatch "\n| `([%w_]+)` | (%l+) |([^|]*)|" do
      described[name] = kind .. " " .. labels:gsub("[`%s]", "")
    end
    for _, metric in ipairs(metrics.new_registry(true):collect()) do
      local expected = metric.kind .. " " .. table.concat(metric.labels, ",")
      assert.equal(expected, described[metric.name], metric.name)
      described[metric.name] = nil
    end
    assert.is_nil(next(described))
  end)

  it("raises for objects of another type", function()
    local c = registry:counter { name = "c_total", help = "C" }
    local g = registry:gauge { name = "g", help = "G" }
    assert.has_error(function() c.inc(g) end)
    assert.has_error(function() c.inc(io.stdout) end)
    assert.has_error(function() c.inc({}) end)
    assert.has_error(function() c.inc() end)
    assert.has_error(function() g.set(c, 1) end)
    assert.has_error(function() metrics.register({}) end)
    assert.has_error(function() metrics.counter("c_total") end)
    assert.has_error(function() metrics.get(5) end)
  end)
end)
