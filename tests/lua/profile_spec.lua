local data = require "promptgen.profile.data"
local log = require "promptgen.log"
local profile = require "promptgen.profile"
local profiler = require "promptgen.profiler"

--- Total nanoseconds, calls and the tree as "a;b" paths of a profile.
local function paths_of(measured)
  local paths, names = {}, {}
  data.walk(measured, function(node, depth)
    names[depth] = node.fn and node.fn.name or "/"
    if depth > 0 then
      paths[table.concat(names, ";", 1, depth)] = node
    end
  end)
  return paths
end

describe("profile.wrap", function()
  local entries

  before_each(function()
    entries = {}
    log.configure { level = "debug", write = function(entry) entries[#entries + 1] = entry end }
  end)

  after_each(function()
    log.configure { level = "off", write = function() end }
  end)

  it("returns the function itself when nothing is measured", function()
    log.configure { level = "info", write = function() end }
    assert.equal(print, profile.wrap("x", print))
    assert.is_false(profile.enabled())
  end)

  it("keeps nil results and their number", function()
    local wrapped = profile.wrap("x", function(...) return nil, select("#", ...), nil end)
    local results = table.pack(wrapped(nil, nil))
    assert.same({ n = 3, [2] = 2 }, results)
    assert.equal(0, select("#", profile.wrap("x", function() end)()))
  end)

  it("logs the duration at debug", function()
    profile.wrap("parse", function() end)()
    assert.equal(1, #entries)
    assert.equal("debug", entries[1].level)
    assert.matches("^parse took %d+%.%d%d%d%d%d%d s$", entries[1].message)
    assert.equal("parse", entries[1].fields["function"])
    assert.is_true(entries[1].fields.duration >= 0)
  end)

  it("raises the same error value again and logs it at error", function()
    local value = setmetatable({ code = "limit", message = "too much" }, { __tostring = error })
    local ok, caught = pcall(profile.wrap("fails", function() error(value) end))
    assert.is_false(ok)
    assert.is_true(rawequal(value, caught))
    assert.equal("error", entries[1].level)
    assert.matches("^fails failed after", entries[1].message)
    assert.equal("too much", entries[1].fields.error)
    assert.same({ false }, { pcall(profile.wrap("nil", function() error(nil) end)) })
    assert.matches("^nil was left after", entries[2].message)
  end)

  it("counts a recursion once, at the outermost call", function()
    local depth, deepest = 0, 0
    local wrapped
    wrapped = profile.wrap("again", function(n)
      depth = depth + 1
      deepest = math.max(deepest, depth)
      local result = n > 1 and wrapped(n - 1) or "end"
      depth = depth - 1
      return result
    end)
    assert.equal("end", wrapped(5))
    assert.equal(5, deepest)
    assert.equal(1, #entries)
    pcall(profile.wrap("fails", error))
    wrapped(1)
    assert.equal(3, #entries)
  end)

  it("keeps coroutines apart, also one that is closed half way", function()
    local wrapped = profile.wrap("body", function() coroutine.yield() end)
    local first, second = coroutine.create(wrapped), coroutine.create(wrapped)
    coroutine.resume(first)
    coroutine.resume(second)
    coroutine.resume(second)
    assert.equal(1, #entries)
    assert.is_true(coroutine.close(first))
    assert.equal(2, #entries)
    assert.matches("^body was left after", entries[2].message)
  end)

  it("raises for arguments of the wrong type", function()
    assert.error_matches(function() profile.wrap(1, print) end, "bad argument #1 to 'profile.wrap'")
    assert.error_matches(function() profile.wrap("x") end, "bad argument #2 to 'profile.wrap'")
    assert.error_matches(function() profile.span() end, "bad argument #1 to 'profile.span'")
  end)
end)

describe("the profiler", function()
  after_each(function()
    if profiler.running() then
      profiler.stop()
    end
  end)

  --- Functions have the names of their definitions in this file.
  local function measure(body)
    profile.start()
    body()
    local measured = profile.stop()
    require("promptgen.profile.names").apply({ measured }, "", function(path)
      local file = io.open(path)
      local text = file and file:read "a"
      return file and file:close() and text
    end)
    return measured
  end

  it("counts calls of Lua and C functions by their callers", function()
    local function leaf() return string.rep("x", 3) end
    local function twice() leaf() leaf() end
    local paths = paths_of(measure(function() twice() twice() end))
    assert.equal(2, paths["body;twice"].calls)
    assert.equal(4, paths["body;twice;leaf"].calls)
    assert.equal(4, paths["body;twice;leaf;string.rep"].calls)
    assert.equal("c", paths["body;twice;leaf;string.rep"].fn.kind)
    assert.matches("profile_spec.lua$", paths["body;twice"].fn.source)
  end)

  it("accounts for all time", function()
    local measured = measure(function() for i = 1, 200 do tostring(i) end end)
    assert.is_true(measured.root.total > 0)
    assert.equal(measured.stop - measured.start, measured.root.total + measured.overhead)
    assert.equal(0, measured.lost)
  end)

  it("follows errors, coroutines and tail calls", function()
    local function fails() error "x" end
    local function after() end
    local function last() return 1 end
    local function tail() return last() end
    local paths = paths_of(measure(function()
      pcall(fails)
      after()
      for _ in coroutine.wrap(function() coroutine.yield(1) after() coroutine.yield(2) end) do after() end
      tail()
    end))
    assert.equal(1, paths["body;pcall;fails;error"].calls)
    assert.equal(3, paths["body;after"].calls)
    assert.equal(1, paths["body;tail;last"].calls)
    local beneath = 0
    for path, node in pairs(paths) do
      beneath = beneath + (path:find "for iterator;.*;after$" and node.calls or 0)
    end
    assert.equal(1, beneath)
  end)

  it("shows spans around what is called within, closed by errors too", function()
    local function inner() end
    local paths = paths_of(measure(function()
      do
        local _ <close> = profile.span "outer"
        inner()
        pcall(function()
          local _ <close> = profile.span "nested"
          error "x"
        end)
        inner()
      end
      inner()
    end))
    assert.equal(2, paths["body;outer;inner"].calls)
    assert.equal("span", paths["body;outer"].fn.kind)
    assert.equal(1, paths["body;inner"].calls)
    assert.is_nil(paths["body;nested"])
  end)

  it("leaves the wrapper of a timed function out", function()
    local function work() return 7 end
    local paths = paths_of(measure(function()
      local timed = profile.wrap("the work", work)
      assert(timed() == 7)
      timed()
    end))
    assert.equal(2, paths["body;the work"].calls)
    assert.equal(2, paths["body;the work;work"].calls or 0)
    for path in pairs(paths) do
      assert.is_nil(path:find "timed")
      assert.is_nil(path:find "returning")
    end
  end)

  it("records spans with their time", function()
    local measured = measure(function()
      local _ <close> = profile.span "one"
    end)
    assert.equal("one", measured.spans[1].fn.name)
    assert.is_true(measured.start <= measured.spans[1].start)
    assert.is_true(measured.spans[1].start <= measured.spans[1].stop)
    assert.is_true(measured.spans[1].stop <= measured.stop)
  end)

  it("runs once, and only where the debug hook is free", function()
    assert.error_matches(profiler.stop, "no profiler runs")
    profiler.start()
    assert.is_true(profiler.running())
    assert.error_matches(profiler.start, "runs already")
    profiler.stop()
    debug.sethook(function() end, "c")
    local ok, message = pcall(profiler.start)
    debug.sethook()
    assert.is_false(ok)
    assert.matches("hook of this state is in use", message)
  end)

  it("does nothing for spans while it does not run", function()
    profiler.enter "x"
    profiler.leave "x"
    profiler.hide(print)
    local _ <close> = profile.span "x"
    assert.is_false(profiler.running())
  end)

  it("survives recursion to the end of the stack", function()
    local function forever(n) return 1 + forever(n) end
    local measured = measure(function() pcall(forever, 1) end)
    assert.is_true(#measured.nodes > 1000)
    assert.equal(measured.stop - measured.start, measured.root.total + measured.overhead)
  end)
end)

describe("a packed profile", function()
  local function valid()
    return {
      start = 100, ["end"] = 200, overhead = 1, lost = 0,
      functions = { { "lua", "f", "x.lua", 3 }, { "c", "g", "", 0 }, { "span", "s", "", 0 } },
      nodes = { -1, -1, 0, 5, 0, 0, 1, 10, 1, 1, 2, 20, 0, 2, 1, 30 }, spans = { 2, 110, 120 },
    }
  end

  it("becomes a tree with totals", function()
    local read = data.read(valid(), "worker")
    assert.equal(65, read.root.total)
    assert.equal(30, read.root.children[1].total)
    assert.equal("g", read.root.children[1].children[1].fn.name)
    assert.equal("worker", read.process)
    assert.equal(110, read.spans[1].start)
  end)

  it("of any other shape is refused", function()
    local function broken(change)
      local value = valid()
      change(value)
      return data.read(value, "worker")
    end
    assert.is_nil(data.read(nil, "worker"))
    assert.is_nil(data.read("text", "worker"))
    assert.is_nil(broken(function(v) v.start = "1" end))
    assert.is_nil(broken(function(v) v.nodes = {} end))
    assert.is_nil(broken(function(v) v.nodes[5] = 1 end)) -- its own parent
    assert.is_nil(broken(function(v) v.nodes[5] = 3 end)) -- a parent that follows
    assert.is_nil(broken(function(v) v.nodes[6] = 9 end))
    assert.is_nil(broken(function(v) v.nodes[7] = -1 end))
    assert.is_nil(broken(function(v) v.nodes[8] = math.maxinteger end))
    assert.is_nil(broken(function(v) v.nodes[8] = 1.5 end))
    assert.is_nil(broken(function(v) v.nodes[#v.nodes] = nil end))
    assert.is_nil(broken(function(v) v.functions[2] = "g" end))
    assert.is_nil(broken(function(v) v.functions[2][1] = "x" end))
    assert.is_nil(broken(function(v) v.spans = { 2, 120, 110 } end))
    assert.is_nil(broken(function(v) v.spans = { 7, 110, 120 } end))
    assert.is_nil(broken(function(v)
      for i = 1, data.limits.functions + 1 do
        v.functions[i] = { "c", "", "", 0 }
      end
    end))
  end)

  it("with random damage is refused or read, and never raises", function()
    math.randomseed(4)
    local junk = { -1, 0, 7, 1 << 60, 0.5, "x", {}, true }
    for _ = 1, 3000 do
      local value = valid()
      local keys = { "start", "end", "overhead", "lost", "functions", "nodes", "spans" }
      local key = keys[math.random(#keys)]
      if type(value[key]) == "table" and math.random() < 0.8 then
        value[key][math.random(#value[key] + 1)] = junk[math.random(#junk)]
      else
        value[key] = junk[math.random(#junk)]
      end
      local read = data.read(value, "worker")
      assert.is_true(read == nil or read.root.total >= 0)
    end
  end)

  it("that is very deep is shown as deep as makes sense", function()
    local value = valid()
    value.nodes = { -1, -1, 0, 1 }
    for i = 1, 20000 do
      table.move({ i - 1, 0, 1, 1 }, 1, 4, i * 4 + 1, value.nodes)
    end
    local read, deepest, sum = data.read(value, "worker"), 0, 0
    data.walk(read, function(_, depth, own) deepest, sum = math.max(deepest, depth), sum + own end)
    assert.equal(data.max_depth, deepest)
    assert.equal(20001, sum)
  end)
end)
