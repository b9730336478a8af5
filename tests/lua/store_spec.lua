local fs = require "promptgen.fs"
local store = require "promptgen.store"

describe("promptgen.store", function()
  local base, root, cache

  local function write(name, text)
    local file = assert(io.open(base .. "/work/" .. name, "wb"))
    file:write(text)
    file:close()
  end

  local function file_dependency(name)
    local bytes, signature = assert(root:read(name))
    return { path = name, kind = "file", signature = signature, hash = fs.hash(bytes) }
  end

  local function dir_dependency(name)
    local entries, signature = assert(root:list(name))
    return { path = name, kind = "dir", signature = signature, hash = store.listing_hash(entries) }
  end

  before_each(function()
    base = os.tmpname()
    os.remove(base)
    assert(os.execute("mkdir -p " .. base .. "/work/sub"))
    root = assert(fs.root(base .. "/work"))
    cache = assert(store.open(base .. "/cache", { schema = 3 }))
  end)

  after_each(function()
    root:close()
    cache:close()
    os.execute("rm -rf " .. base)
  end)

  it("gives back what it was given while the files are what they were", function()
    write("a.md", "one")
    local absent = { path = "sub/x", kind = "absent", signature = fs.absent }
    local deps = { file_dependency("a.md"), dir_dependency("sub"), absent }
    assert.same({ nil, "absent" }, { cache:fetch("/k", root) })
    assert.is_true(cache:put("/k", root, deps, "pay\0load"))
    local record = assert(cache:fetch("/k", root))
    assert.equal("pay\0load", record:payload())
    assert.equal("load", record:payload(5))
    assert.equal("pay", record:payload(1, 3))
    assert.equal("", record:payload(9))
    assert.equal("/k", record:key())
    assert.equal(root:path(), record:root())
    assert.is_true(math.abs(record:created() - os.time()) < 60)
    assert.same(deps, record:dependencies())
    assert.same({ "a.md", "file", deps[1].signature, deps[1].hash }, { record:dependency(1) })
    assert.same({ "sub/x", "absent", fs.absent }, { record:dependency(3) })
    assert.equal(0, select("#", record:dependency(4)))
    assert.equal(store.program_version(), store.program_version())
    assert.is_true(store.program_version() > 0)
    write("a.md", "two")
    assert.same({ nil, "stale" }, { cache:fetch("/k", root) })
    assert.equal("pay\0load", cache:get("/k"):payload())
  end)

  it("takes a payload in parts, and gives a record of a plan back from where it lies", function()
    local plan = require "promptgen.plan"
    local one = assert(plan.parse("# One\n\n**Status**: Active\n", { path = "one.md" }))
    assert.equal(#plan.dump(one), plan.size(one))
    assert.is_true(cache:put("/k", root, {}, { "abc", one, "", "xyz" }))
    local record = assert(cache:get("/k"))
    assert.equal("abc" .. plan.dump(one) .. "xyz", record:payload())
    local back = assert(record:plan(4, 3 + plan.size(one)))
    record:close()
    assert.same({ "One", "Active", "one.md" }, { back.title, back.status, back.path })
    record = assert(cache:get("/k"))
    assert.equal("corrupt", select(2, record:plan(3, 3 + plan.size(one))).code)
    assert.equal("corrupt", select(2, record:plan(1, 0)).code)
    assert.error_matches(function() record:plan(0, 1) end, "positive position")
    assert.error_matches(function() cache:put("/k", root, {}, { "a", {} }) end, "strings and records")
    assert.is_true(cache:put("/k", root, {}, {}))
    assert.equal("", cache:get("/k"):payload())
  end)

  it("sees what was absent appear, and a directory change", function()
    cache:put("/a", root, { { path = "new.md", kind = "absent" } }, "x")
    cache:put("/d", root, { dir_dependency("sub") }, "x")
    assert(cache:fetch("/a", root))
    assert(cache:fetch("/d", root))
    write("new.md", "x")
    write("sub/new.md", "x")
    assert.same({ nil, "stale" }, { cache:fetch("/a", root) })
    assert.same({ nil, "stale" }, { cache:fetch("/d", root) })
  end)

  it("gives a record that is stale in part, and tells which part", function()
    write("a.md", "one")
    write("b.md", "one")
    local set <close> = store.dependencies()
    local first = set:add { file_dependency("a.md"), dir_dependency("sub") }
    local second = set:add { file_dependency("b.md"), dir_dependency("sub"), { path = "no", kind = "absent" } }
    assert.same({ 8, 12, 4 }, { #first, #second, set:count() })
    assert.is_true(cache:put("/k", root, set, "x"))
    local record, state = cache:fetch_each("/k", root)
    assert.equal("fresh", state)
    assert.same({ 4, 2, 1, 1 }, { record:count(), record:count "file", record:count "dir", record:count "absent" })
    write("b.md", "longer")
    record, state = cache:fetch_each("/k", root)
    assert.equal("stale", state)
    assert.same({ ["b.md"] = true }, record:changed())
    assert.same({ true, false }, { record:holds(first), record:holds(second) })
    assert.equal(1, record:count "file")
    assert.same({ nil, "absent" }, { cache:fetch_each("/none", root) })
    assert.has_error(function() record:holds("\255\255\255\255") end)
    assert.has_error(function() record:holds("abc") end)
  end)

  it("gathers the dependencies of records, each path once", function()
    write("a.md", "one")
    write("b.md", "one")
    cache:put("/1", root, { file_dependency("a.md"), dir_dependency("sub") }, "x")
    cache:put("/2", root, { dir_dependency("sub"), file_dependency("b.md") }, "x")
    local set, again = store.dependencies(), store.dependencies()
    local one, two = set:add(cache:get "/1"), set:add(cache:get "/2")
    assert.same({ "\0\0\0\0\1\0\0\0", "\1\0\0\0\2\0\0\0" }, { one, two })
    assert.is_true(cache:put("/all", root, set, "x"))
    again:add(cache:get "/all", two)
    assert.equal(2, again:count())
    assert.is_false(again:mixed())
    write("b.md", "two")
    again:add { file_dependency("b.md") }
    assert.is_true(again:mixed())
    assert.has_error(function() cache:put("/all", root, again, "x") end)
    set:close()
    set:close()
  end)

  it("tells which dependency makes a record stale", function()
    write("a.md", "one")
    write("b.md", "one")
    cache:put("/k", root, { file_dependency("a.md"), file_dependency("b.md") }, "x")
    write("b.md", "longer")
    local record = cache:get("/k")
    local state, verdict = record:validate(root)
    assert.equal("stale", state)
    assert.equal("size", verdict.change)
    assert.equal("b.md", verdict.path)
  end)

  it("lists, inspects, collects and clears", function()
    for i = 1, 3 do
      assert.is_true(cache:put("/k" .. i, root, {}, ("x"):rep(i)))
    end
    local items = cache:list()
    assert.equal(3, #items)
    local keys = {}
    for _, item in ipairs(items) do
      assert.is_true(item.size > 0)
      assert.is_true(math.abs(item.used - os.time()) < 60)
      keys[#keys + 1] = cache:inspect(item.name):key()
    end
    table.sort(keys)
    assert.same({ "/k1", "/k2", "/k3" }, keys)
    assert.same({ nil, "absent" }, { cache:inspect("0000000000000000") })
    local result = cache:collect()
    assert.same({ 3, 0, false }, { result.records, result.removed, result.busy })
    assert.is_true(cache:has("/k1"))
    assert.is_true(cache:remove("/k1"))
    assert.is_false(cache:has("/k1"))
    assert.is_false(cache:remove("/k1"))
    assert.equal(2, cache:clear().removed)
    assert.same({}, cache:list())
  end)

  it("counts hits and misses by reason", function()
    cache:put("/k", root, {}, "x")
    cache:fetch("/k", root)
    cache:fetch("/other", root)
    local stats = cache:stats()
    assert.equal(1, stats.hits)
    assert.equal(1, stats.misses)
    cache:get("/k")
    assert.equal(2, cache:stats().hits)
    assert.equal(1, stats.miss_reasons.absent)
    assert.equal(0, stats.miss_reasons.checksum)
    assert.equal(1, stats.writes)
    assert.is_nil(cache:problem())
  end)

  it("cannot be opened where others may write", function()
    assert(os.execute("mkdir -p " .. base .. "/open && chmod 777 " .. base .. "/open"))
    local none, err = store.open(base .. "/open")
    assert.is_nil(none)
    assert.equal("permission", err.code)
    none, err = store.open("relative")
    assert.is_nil(none)
    assert.equal("invalid_argument", err.code)
  end)

  it("has a hash of listings that tells names and types apart", function()
    local function hash(...)
      return store.listing_hash { ... }
    end
    local file = { name = "a", type = "file" }
    assert.equal(hash(file), hash { name = "a", type = "file" })
    assert.not_equal(hash(file), hash { name = "a", type = "dir" })
    assert.not_equal(hash(file), hash { name = "b", type = "file" })
    assert.not_equal(hash(file), hash())
    assert.not_equal(hash({ name = "a", type = "file" }, { name = "b", type = "file" }),
      hash { name = "afb", type = "file" })
  end)

  it("raises for malformed dependencies and closed handles", function()
    write("a.md", "one")
    local good = file_dependency("a.md")
    for _, change in ipairs {
      { "path", 3 }, { "kind", "folder" }, { "signature", "short" }, { "hash", "xyz" },
      { "hash", ("g"):rep(32) }, { "hash", nil }, { "signature", nil },
    } do
      local bad = {}
      for k, v in pairs(good) do
        bad[k] = v
      end
      bad[change[1]] = change[2]
      assert.has_error(function() cache:put("/k", root, { bad }, "x") end)
    end
    assert.has_error(function() cache:put("/k", root, { 1 }, "x") end)
    assert.has_error(function() cache:put("/k", {}, {}, "x") end)
    assert.has_error(function() cache:fetch("/k") end)
    assert.has_error(function() store.listing_hash { 1 } end)
    local record = cache:put("/k", root, {}, "x") and cache:get("/k")
    record:close()
    record:close()
    assert.has_error(function() record:payload() end)
    cache:close()
    cache:close()
    assert.has_error(function() cache:get("/k") end)
  end)
end)
