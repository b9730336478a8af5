--- What the caches report of themselves, and whether an entry would answer now.
local caches = require "promptgen.repl.caches"
local program = require "support.program"

describe("the reports of caches", function()
  local dir, ws

  before_each(function()
    dir = program.temp_dir()
    program.write(dir .. "/a.md", "# A\n")
    ws = assert(require("promptgen.workspace").open { root = dir })
  end)

  after_each(function()
    ws:close()
    program.remove(dir)
  end)

  local function entry(name, key)
    for _, report in ipairs(caches.collect(name)) do
      for _, one in ipairs(report.entries or {}) do
        if one.key == key then
          return one
        end
      end
    end
  end

  it("has every named cache, with entries for the one that is asked for", function()
    ws:document "a.md"
    ws:list "."
    local names = {}
    for _, report in ipairs(caches.collect "plan_cache") do
      names[#names + 1] = report.stats.name
      assert.equal(report.stats.name == "plan_cache", report.entries ~= nil)
    end
    assert.is_true(#names >= 3)
    local sorted = table.move(names, 1, #names, 1, {})
    table.sort(sorted)
    assert.same(sorted, names)
    local one = entry("plan_cache", "a.md")
    assert.equal("promptgen.plan", one.what)
    assert.equal(4, one.weight)
    assert.is_string(one.signature)
    assert.equal("1 entries", entry("*", ".").what)
  end)

  it("judges an entry by the file as it is now", function()
    ws:document "a.md"
    local function verdict()
      return table.pack(caches.validity(ws, entry("plan_cache", "a.md")))
    end
    local first = verdict()[1]
    assert.is_true(first == "valid" or first == "doubtful")
    program.write(dir .. "/a.md", "# A, longer\n")
    assert.same({ "changed", "12 bytes, was 4", n = 2 }, verdict())
    program.write(dir .. "/b.md", "# B\n")
    os.rename(dir .. "/b.md", dir .. "/a.md")
    assert.equal("another file has taken its place", verdict()[2])
    os.remove(dir .. "/a.md")
    assert.same({ "gone", "the file is gone", n = 2 }, verdict())
    assert.is_nil(ws:document "new.md")
    program.write(dir .. "/new.md", "x")
    local absent = entry("plan_cache", "new.md")
    assert.equal("nothing there", absent.what)
    assert.equal("the file has appeared", select(2, caches.validity(ws, absent)))
  end)

  it("judges entries without a file by their life", function()
    assert.equal("valid", (caches.validity(ws, { key = "k", what = "x" })))
    assert.equal("expired", (caches.validity(ws, { key = "k", left = -3.5 })))
    assert.equal("valid", (caches.validity(ws, { key = "k", signature = "not a signature" })))
    assert.equal("expired 3 s ago", select(2, caches.validity(ws, { key = "k", left = -3.5 })))
  end)

  it("describes values without asking them", function()
    local cache = require("promptgen.cache").new { name = "hostile" }
    local function trap()
      error "a metamethod was called"
    end
    cache:set("t", setmetatable({ value = setmetatable({}, { __len = trap, __index = trap }) }, { __index = trap }))
    cache:set("f", print)
    cache:set("s", "text")
    cache:set("n", nil)
    local what = {}
    for _, report in ipairs(caches.collect "hostile") do
      for _, one in ipairs(report.entries or {}) do
        what[one.key] = one.what
      end
    end
    assert.same({ t = "table", f = "function", s = "4 bytes", n = "nothing there" }, what)
    cache:close()
  end)

  it("tells ages in words", function()
    assert.same({ "now", "5 s", "3 min", "25 h" },
      { caches.age(0.2), caches.age(5), caches.age(200), caches.age(90000) })
  end)
end)
