local cache = require "promptgen.cache"
local timer = require "promptgen.timer"

describe("promptgen.cache", function()
  local now
  local function clock()
    return now
  end

  before_each(function()
    now = 0
  end)

  describe("a cache", function()
    it("gives up the least recently used entry", function()
      local c = cache.new { max_size = 2 }
      c:set("1", 1)
      c:set("2", 2)
      c:set("3", 3)
      assert.same({ "3", "2" }, c:keys())
      assert.equal(2, c:get("2"))
      c:set("4", 4)
      assert.same({ "4", "2" }, c:keys())
      c:set("5", 5)
      assert.same({ "5", "4" }, c:keys())
    end)

    it("does not mark an entry by peek", function()
      local c = cache.new { max_size = 2 }
      c:set("x", 1)
      c:set("y", 2)
      assert.equal(1, (c:peek("x")))
      c:set("z", 3)
      assert.is_nil((c:peek("x")))
      assert.equal(0, c:stats().hits + c:stats().misses)
    end)

    it("keeps false and the empty string as values", function()
      local c = cache.new()
      c:set("no", false)
      c:set("empty", "")
      assert.same({ false, "hit" }, { c:get("no") })
      assert.same({ "", "hit" }, { c:get("empty") })
      assert.same({ false, nil, "hit" }, { c:get_or_compute("no", error) })
    end)

    it("hands back the very object it was given", function()
      local c = cache.new()
      local object = setmetatable({}, {})
      c:set("k", object)
      assert.equal(object, c:get("k"))
      assert.equal(object, c:getter()("k"))
    end)

    it("tells why there is no value", function()
      local c = cache.new { ttl = 2, clock = clock }
      assert.same({ nil, "miss" }, { c:get("k") })
      c:set("k", 1)
      now = 2
      assert.same({ 1, "hit" }, { c:get("k") })
      now = 2.001
      assert.same({ nil, "expired" }, { c:get("k") })
      assert.same({ nil, "miss" }, { c:get("k") })
      c:set("gone", nil)
      assert.same({ nil, "negative" }, { c:get("gone") })
    end)

    it("takes a clock of promptgen.timer", function()
      local manual = timer.manual(100)
      local c = cache.new { ttl = 1, clock = manual }
      c:set("k", 1)
      manual:advance(1.5)
      assert.is_nil((c:get("k")))
    end)

    it("lets an entry have a life of its own", function()
      local c = cache.new { ttl = 1, clock = clock }
      c:set("zero", 1, 0)
      c:set("ever", 2, math.huge)
      c:set("long", 3, 10)
      assert.equal(1, (c:get("zero")))
      now = 5
      assert.is_nil((c:get("zero")))
      assert.equal(2, (c:get("ever")))
      assert.equal(1, c:stats().evictions.ttl)
      now = 10.1
      assert.equal(1, c:expire())
      assert.same({ "ever" }, c:keys())
      for _, bad in ipairs { -1, 0 / 0 } do
        assert.has_error(function()
          c:set("k", 1, bad)
        end)
      end
    end)

    it("bounds the sum of weights and refuses what is too heavy", function()
      local c = cache.new { max_bytes = 3 }
      assert.is_true(c:set("a", "x", nil, 1))
      assert.is_true(c:set("b", "yy"))
      assert.equal(3, c:stats().bytes)
      assert.is_true(c:set("c", "zzz"))
      assert.same({ "c" }, c:keys())
      assert.is_false(c:set("d", "wwww"))
      assert.same({ "c" }, c:keys())
      assert.is_true(c:set("e", {}, nil, 0))
      assert.has_error(function()
        c:set("f", 1, nil, -1)
      end)
    end)

    it("reports the keys of the reference and more", function()
      local c = cache.new { name = "plan_cache", max_size = 50, ttl = 300 }
      c:set("k", 1)
      for _ = 1, 3 do
        c:get("k")
      end
      c:get("other")
      local stats = c:stats()
      assert.equal("plan_cache", stats.name)
      assert.equal(3, stats.hits)
      assert.equal(1, stats.misses)
      assert.equal(1, stats.size)
      assert.equal(50, stats.max_size)
      assert.equal(75.0, stats.hit_rate)
      assert.equal(300, stats.ttl)
      assert.equal(64, stats.bytes)
      assert.same({ size = 0, bytes = 0, ttl = 0, explicit = 0 }, stats.evictions)
      assert.equal(0.0, cache.new():stats().hit_rate)
    end)

    it("forgets everything and its counts when cleared", function()
      local c = cache.new()
      c:set("a", 1)
      c:get("a")
      c:clear()
      local stats = c:stats()
      assert.same({ 0, 0, 0, 0 }, { stats.size, stats.bytes, stats.hits, stats.misses })
      assert.equal(1, stats.evictions.explicit)
      assert.is_false(c:delete("a"))
    end)

    it("counts a rejected value as a miss", function()
      local c = cache.new()
      c:set("k", 1)
      assert.equal(1, c:get "k")
      assert.is_true(c:reject "k")
      local stats = c:stats()
      assert.same({ 0, 1, 0 }, { stats.hits, stats.misses, stats.size })
      assert.is_false(c:reject "k")
    end)

    it("takes any bytes as a key", function()
      local c = cache.new()
      local long = ("x"):rep(65536)
      for i, key in ipairs { "", "a", "a\0", "a\0b", long } do
        c:set(key, i)
      end
      assert.equal(1, (c:get("")))
      assert.equal(3, (c:get("a\0")))
      assert.equal(4, (c:get("a\0b")))
      assert.equal(5, (c:get(long)))
    end)

    it("lets go of values it has dropped", function()
      local c = cache.new { max_size = 2 }
      local alive = setmetatable({}, { __mode = "v" })
      for i = 1, 4 do
        local object = {}
        alive[i] = object
        c:set("k" .. i, object)
      end
      c:delete("k4")
      collectgarbage()
      collectgarbage()
      assert.is_nil(alive[1])
      assert.is_nil(alive[2])
      assert.is_table(alive[3])
      assert.is_nil(alive[4])
    end)

    it("resists scans with the sieve policy", function()
      local c = cache.new { max_size = 3, policy = "sieve" }
      c:set("a", 1)
      c:set("b", 2)
      c:set("c", 3)
      c:get("a")
      for i = 1, 2 do
        c:set("scan" .. i, i)
      end
      assert.equal(1, (c:get("a")))
    end)

    it("raises for wrong arguments and unknown options", function()
      local c = cache.new()
      for _, call in ipairs {
        function() c:get(1) end,
        function() c:get() end,
        function() c:set("k") end,
        function() c.get({}, "k") end,
        function() c.get(io.stdout, "k") end,
        function() cache.new { max_sise = 3 } end,
        function() cache.new { max_size = -1 } end,
        function() cache.new { ttl = -1 } end,
        function() cache.new { ttl = "1" } end,
        function() cache.new { policy = "fifo" } end,
        function() cache.new { clock = 3 } end,
        function() cache.new { key = tostring } end,
        function() cache.cached { key = "x" } end,
        function() cache.cached {}(3) end,
        function() c:get_or_compute("k") end,
      } do
        assert.has_error(call)
      end
    end)

    it("can be closed, also twice, and raises afterwards", function()
      local c = cache.new { name = "closing" }
      local get = c:getter()
      c:close()
      c:close()
      assert.has_error(function() c:get("k") end)
      assert.has_error(function() get("k") end)
      do
        local _ <close> = cache.new()
      end
    end)

    it("survives a finalizer that uses it while values are dropped", function()
      local c = cache.new { max_size = 4 }
      for i = 1, 2000 do
        local object = setmetatable({}, { __gc = function() c:set("from gc", i) end })
        c:set("k" .. i % 7, object)
      end
      collectgarbage()
      assert.is_true(c:stats().size <= 4)
    end)

    it("closes with its state while values have finalizers that fail", function()
      local script = [[
        local cache = require "promptgen.cache"
        c = cache.new { max_size = 3 }
        for i = 1, 5 do c:set("k" .. i, setmetatable({}, { __gc = function() error "no" end })) end
        f = cache.cached {}(function() coroutine.yield() end)
        co = coroutine.create(function() f() end)
        coroutine.resume(co)
      ]]
      local path = os.tmpname()
      local file = assert(io.open(path, "w"))
      file:write(script)
      file:close()
      assert.is_true(os.execute("lua5.4 " .. path .. " 2>/dev/null"))
      os.remove(path)
    end)
  end)

  describe("get_or_compute", function()
    it("computes once and passes arguments on", function()
      local c = cache.new()
      local runs = 0
      local function sum(...)
        runs = runs + 1
        local total = 0
        for _, n in ipairs { ... } do
          total = total + n
        end
        return total
      end
      assert.same({ 6, nil, "loaded" }, { c:get_or_compute("k", sum, 1, 2, 3) })
      assert.same({ 6, nil, "hit" }, { c:get_or_compute("k", sum, 1, 2, 3) })
      assert.equal(1, runs)
      local stats = c:stats()
      assert.same({ 1, 0, 1, 1 }, { stats.loads, stats.load_failures, stats.hits, stats.misses })
    end)

    it("keeps nothing for nil unless asked to", function()
      local runs = 0
      local function nothing()
        runs = runs + 1
        return nil
      end
      local c = cache.new()
      c:get_or_compute("k", nothing)
      c:get_or_compute("k", nothing)
      assert.equal(2, runs)
      local n = cache.new { negative = true, clock = clock }
      assert.equal("loaded", (select(3, n:get_or_compute("k", nothing))))
      assert.equal("negative", (select(3, n:get_or_compute("k", nothing))))
      assert.equal(3, runs)
      now = 5.001
      n:get_or_compute("k", nothing)
      assert.equal(4, runs)
      assert.equal(1, n:stats().negatives)
    end)

    it("passes a returned error on and does not keep it", function()
      local c = cache.new { negative = true }
      local failure = { code = "io" }
      local value, err, level = c:get_or_compute("k", function()
        return nil, failure
      end)
      assert.is_nil(value)
      assert.equal(failure, err)
      assert.is_nil(level)
      assert.equal(1, c:stats().load_failures)
      assert.equal(7, (c:get_or_compute("k", function() return 7 end)))
    end)

    it("raises the very object its loader raised and keeps nothing", function()
      local c = cache.new()
      for count, object in ipairs { "text", { 1 }, false } do
        local ok, err = pcall(c.get_or_compute, c, "k", function()
          error(object, 0)
        end)
        assert.is_false(ok)
        assert.equal(object, err)
        assert.equal(count, c:stats().load_failures)
      end
      local ok, err = pcall(c.get_or_compute, c, "k", function() error(nil) end)
      assert.is_false(ok)
      assert.is_nil(err)
      assert.equal(4, c:stats().loads)
      assert.equal(4, c:stats().load_failures)
      assert.equal(1, (c:get_or_compute("k", function() return 1 end)))
    end)

    it("keeps the traceback of a loader's error", function()
      local c = cache.new()
      local function the_culprit()
        local x = nil
        return x.y
      end
      local _, trace = xpcall(function()
        local v = c:get_or_compute("k", function()
          local v = the_culprit()
          return v
        end)
        return v
      end, debug.traceback)
      assert.matches("the_culprit", trace)
    end)

    it("lets the loader choose the life of its value", function()
      local c = cache.new { clock = clock }
      c:get_or_compute("short", function() return 1, nil, 2 end)
      c:get_or_compute("never", function() return 1, nil, -1 end)
      c:get_or_compute("nan", function() return 1, nil, 0 / 0 end)
      c:get_or_compute("text", function() return 1, nil, "5" end)
      assert.is_nil((c:peek("never")))
      assert.is_nil((c:peek("nan")))
      now = 3
      assert.is_nil((c:peek("short")))
      assert.equal(1, (c:peek("text")))
    end)

    it("raises when the loader asks for its own key, and not for another", function()
      local c = cache.new()
      local _, err = pcall(c.get_or_compute, c, "k", function()
        return c:get_or_compute("k", error)
      end)
      assert.matches("recursive load", err)
      assert.equal(2, (c:get_or_compute("k", function()
        return (c:get_or_compute("b", function() return 1 end)) + 1
      end)))
      assert.same({ "k", "b" }, c:keys())
    end)

    it("hands out but does not keep what was deleted while it was computed", function()
      local c = cache.new()
      for _, change in ipairs {
        function() c:delete("k") end,
        function() c:clear() end,
      } do
        assert.equal(1, (c:get_or_compute("k", function()
          change()
          return 1
        end)))
        assert.is_nil((c:peek("k")))
      end
      c:get_or_compute("k", function()
        c:set("k", "newer")
        return "older"
      end)
      assert.equal("newer", (c:get("k")))
    end)

    it("works across yields, and lets another coroutine compute for itself", function()
      local c = cache.new()
      local first = coroutine.wrap(function()
        return (c:get_or_compute("k", function()
          coroutine.yield("waiting")
          return "first"
        end))
      end)
      assert.equal("waiting", first())
      assert.equal("second", (c:get_or_compute("k", function() return "second" end)))
      assert.is_nil((c:peek("k")))
      assert.equal("first", first())
      assert.equal("first", (c:get("k")))
      assert.equal(2, c:stats().loads)
    end)

    it("gives a load up when its coroutine is closed or collected", function()
      local c = cache.new()
      local function suspended()
        local co = coroutine.create(function()
          c:get_or_compute("k", coroutine.yield)
        end)
        coroutine.resume(co)
        return co
      end
      coroutine.close(suspended())
      assert.equal(1, c:stats().load_failures)
      suspended()
      collectgarbage()
      collectgarbage()
      assert.equal(2, c:stats().load_failures)
      c:get_or_compute("k", function() return 1 end)
      assert.equal(1, (c:peek("k")))
    end)

    it("survives being closed by its own loader", function()
      local c = cache.new()
      assert.equal(1, (c:get_or_compute("k", function()
        c:close()
        return 1
      end)))
    end)
  end)

  describe("key", function()
    it("differs for different arguments", function()
      local lists = {
        {}, { nil, n = 1 }, { nil, nil, n = 2 }, { false }, { true }, { 1 }, { "1" }, { 1.0 },
        { 0.0 }, { -0.0 }, { "" }, { "", "" }, { "a:b", "c" }, { "a", "b:c" }, { "ab", "c" },
        { "a", "bc" }, { "abc" }, { math.huge }, { -math.huge }, { math.mininteger },
        { "a", nil, n = 2 },
        { "a" }, { "n" }, { "i\0\0\0\0\0\0\0\0" }, { 0 },
      }
      local seen = {}
      for i, list in ipairs(lists) do
        local key = cache.key(table.unpack(list, 1, list.n or #list))
        assert.is_nil(seen[key], i .. " has the key of " .. tostring(seen[key]))
        seen[key] = i
        assert.equal(key, cache.key(table.unpack(list, 1, list.n or #list)))
      end
    end)

    it("refuses what has no key", function()
      for _, bad in ipairs { 0 / 0, {}, print, io.stdout, coroutine.create(print) } do
        assert.has_error(function()
          cache.key("x", bad)
        end)
      end
    end)
  end)

  describe("cached", function()
    local runs
    local function counted(...)
      runs = runs + 1
      return ...
    end

    before_each(function()
      runs = 0
    end)

    it("remembers results by arguments and shows its cache", function()
      local square = cache.cached { max_size = 2, ttl = 300, name = "squares" }(function(x)
        runs = runs + 1
        return x * x
      end)
      assert.equal(9, square(3))
      assert.equal(9, square(3))
      assert.equal(1, runs)
      local stats = square.cache:stats()
      assert.same({ "squares", 1, 1, 2 }, { stats.name, stats.hits, stats.misses, stats.max_size })
      assert.is_nil(square.other)
    end)

    it("tells argument types and positions apart", function()
      local f = cache.cached()(counted)
      for _, args in ipairs { { 1 }, { "1" }, { 1.0 }, { "a:b", "c" }, { "a", "b:c" } } do
        assert.same(args, { f(table.unpack(args)) })
      end
      assert.equal(5, runs)
      assert.equal("integer", math.type(f(1)))
      assert.equal("float", math.type(f(1.0)))
    end)

    it("keeps all results of a call, nils among them", function()
      local f = cache.cached {}(counted)
      for _ = 1, 2 do
        assert.same({ 1, nil, 3, nil, n = 4 }, table.pack(f(1, nil, 3, nil)))
      end
      assert.equal(1, runs)
      local t = { n = 5 }
      local g = cache.cached {}(function() return t end)
      g()
      assert.equal(t, g())
    end)

    it("remembers false and not nil, unless nil is asked for", function()
      local f = cache.cached {}(counted)
      assert.is_false(f(false))
      assert.is_false(f(false))
      assert.equal(1, runs)
      f(nil)
      f(nil)
      assert.equal(3, runs)
      local g = cache.cached { negative = true }(counted)
      assert.equal(1, select("#", g(nil)))
      assert.equal(1, select("#", g(nil)))
      assert.equal(4, runs)
    end)

    it("passes nil and an error through without keeping them", function()
      local f = cache.cached { negative = true }(counted)
      for _ = 1, 2 do
        assert.same({ nil, "why", n = 2 }, table.pack(f(nil, "why")))
      end
      assert.equal(2, runs)
      assert.equal(2, f.cache:stats().load_failures)
    end)

    it("raises what the function raises and calls it again", function()
      local object = {}
      local f = cache.cached {}(function()
        runs = runs + 1
        error(object)
      end)
      for i = 1, 2 do
        local ok, err = pcall(f, 1)
        assert.is_false(ok)
        assert.equal(object, err)
        assert.equal(i, runs)
      end
    end)

    it("uses the key function, and bypasses the cache when it fails", function()
      local f = cache.cached { key = function(t) return t.id end }(counted)
      local a = { id = "x" }
      assert.equal(a, f(a))
      assert.equal(a, f({ id = "x" }))
      assert.equal(1, runs)
      f(3)
      f({ id = 5 })
      assert.equal(3, runs)
      assert.equal(2, f.cache:stats().bypassed)
      assert.equal(a, f.cache:get("x"))
    end)

    it("bypasses the cache for arguments without a key", function()
      local f = cache.cached {}(counted)
      local t = {}
      assert.equal(t, f(t))
      assert.equal(t, f(t))
      assert.equal(2, runs)
      assert.equal(2, f.cache:stats().bypassed)
      assert.equal(0, f.cache:stats().misses)
    end)

    it("computes again after the life of a result", function()
      local f = cache.cached { ttl = 10, clock = clock }(counted)
      f(1)
      now = 10
      f(1)
      assert.equal(1, runs)
      now = 10.5
      f(1)
      assert.equal(2, runs)
    end)

    it("takes long arguments and many of them", function()
      local f = cache.cached {}(counted)
      local long = ("y"):rep(100000)
      f(long)
      assert.equal(long, f(long))
      local args = {}
      for i = 1, 200 do
        args[i] = i
      end
      f(table.unpack(args))
      assert.same(args, { f(table.unpack(args)) })
      assert.equal(2, runs)
    end)

    it("lets a function call itself with other arguments", function()
      local fib
      fib = cache.cached { max_size = 200 }(function(n)
        runs = runs + 1
        return n < 2 and n or fib(n - 1) + fib(n - 2)
      end)
      assert.equal(102334155, fib(40))
      assert.equal(41, runs)
    end)

    it("works when the function yields", function()
      local f = cache.cached {}(function(x)
        runs = runs + 1
        return coroutine.yield(x) + 1
      end)
      local co = coroutine.wrap(function()
        return f(1)
      end)
      assert.equal(1, co())
      assert.equal(42, co(41))
      assert.equal(42, f(1))
      assert.equal(1, runs)
    end)
  end)

  describe("all", function()
    it("lists the named caches that are still in use", function()
      local a = cache.new { name = "all-a" }
      local b = cache.cached { name = "all-b" }(print)
      cache.new { name = "all-gone" }
      cache.new()
      collectgarbage()
      collectgarbage()
      local names = {}
      for _, c in ipairs(cache.all()) do
        names[#names + 1] = c:stats().name:match("^all%-.*")
      end
      assert.same({ "all-a", "all-b" }, names)
      assert.is_truthy(a and b)
    end)

    it("keeps its order however many caches come and go", function()
      local kept = {}
      for i = 1, 60 do
        local c = cache.new { name = "order-" .. i }
        if i % 3 == 0 then
          kept[#kept + 1] = c
        end
        if i % 10 == 0 then
          collectgarbage()
        end
      end
      collectgarbage()
      local at = 0
      for _, c in ipairs(cache.all()) do
        local name = c:stats().name
        if name:find("^order%-") then
          at = at + 1
          assert.equal(kept[at], c)
        end
      end
      assert.equal(#kept, at)
    end)
  end)
end)
