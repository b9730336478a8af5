local fs = require "promptgen.fs"
local plan = require "promptgen.plan"
local pool = require "promptgen.pool"

describe("promptgen.pool", function()
  local dir, root

  setup(function()
    dir = os.tmpname()
    os.remove(dir)
    assert(os.execute("mkdir " .. dir))
    for i = 1, 20 do
      local file = assert(io.open(("%s/PLAN_%d.md"):format(dir, i), "w"))
      file:write(("# PLAN: Number %d\n\n## Achievements\n\n**Achievement 1.%d**: Only\n"):format(i, i))
      file:close()
    end
    root = assert(fs.root(dir))
  end)

  teardown(function()
    root:close()
    os.execute("rm -rf " .. dir)
  end)

  it("gives each file's record, signature and hash, in the order asked for", function()
    local paths = {}
    for i = 20, 1, -1 do
      paths[#paths + 1] = ("PLAN_%d.md"):format(i)
    end
    for threads = 1, 3 do
      local results = assert(pool.parse(root, paths, { threads = threads }))
      assert.equal(20, #results)
      for i, result in ipairs(results) do
        local text, signature = root:read(paths[i])
        assert.equal(paths[i], result.record.path)
        assert.equal("1." .. 21 - i, result.record.achievements[1].number)
        assert.equal(plan.dump(assert(plan.parse(text, { path = paths[i] }))), plan.dump(result.record))
        assert.is_true(fs.same(signature, result.signature))
        assert.equal(fs.hash(text), result.hash)
        assert.is_nil(result.err)
      end
    end
  end)

  it("has the error of a file in its place", function()
    local results = pool.parse(root, { "PLAN_1.md", "none.md", "PLAN_2.md" })
    assert.equal("PLAN_1.md", results[1].record.path)
    assert.is_nil(results[2].record)
    assert.equal("not_found", results[2].err.code)
    assert.equal("none.md", results[2].err.path)
    assert.equal("PLAN_2.md", results[3].record.path)
  end)

  it("keeps the records alive after the list is gone", function()
    local record = pool.parse(root, { "PLAN_1.md" })[1].record
    collectgarbage()
    collectgarbage()
    assert.equal("Number 1", record.title:match "Number %d")
  end)

  it("takes no files, and knows the processors", function()
    assert.same({}, pool.parse(root, {}))
    assert.is_true(pool.processors() >= 1)
  end)

  it("raises for wrong arguments", function()
    for _, call in ipairs {
      function() pool.parse(dir, {}) end,
      function() pool.parse(root) end,
      function() pool.parse(root, { 1 }) end,
      function() pool.parse(root, { {} }) end,
      function() pool.parse(root, {}, 3) end,
      function() pool.parse(root, {}, { threads = -1 }) end,
      function() pool.parse(root, {}, { timeout = -1 }) end,
      function() pool.parse(root, {}, { timeout = 0 / 0 }) end,
    } do
      assert.has_error(call)
    end
  end)
end)
