--- The workspace of a worker that lives on sees what the files are now, and no more than it may.
local live = require "promptgen.repl.live"
local program = require "support.program"
local workspace_module = require "promptgen.workspace"

describe("the live workspace", function()
  local dir, parent, worker, requests

  before_each(function()
    dir = program.temp_dir()
    program.sh(("mkdir -p %s/docs"):format(dir))
    program.write(dir .. "/docs/a.md", "# PLAN: A\n\n**Achievement 1.1**: One\n")
    program.write(dir .. "/.env", "SECRET=1\n")
    parent = assert(workspace_module.open { root = dir })
    local permissions = require("promptgen.permissions").new {}
    local job = { workspace = parent, app = { permissions = function() return permissions end } }
    requests = {}
    local backend = live.backend(function(request)
      requests[#requests + 1] = request.op
      return live.answer(job, request)
    end)
    worker = assert(workspace_module.open { root = dir, backend = backend })
  end)

  after_each(function()
    parent:close()
    program.remove(dir)
  end)

  it("answers from what it keeps while the file is as it was", function()
    local first = assert(worker:document "docs/a.md")
    assert.equal(first, worker:document "docs/a.md")
    local sent = 0
    for _, op in ipairs(requests) do
      sent = sent + (op == "live_document" and 1 or 0)
    end
    assert.equal(1, sent)
  end)

  it("counts look-ups where they are granted: hits and misses of the parent, hits of what the worker keeps", function()
    local function counted()
      local hits, misses = parent.lookups.hits.plan_cache or 0, parent.lookups.misses.plan_cache or 0
      return { hits, misses }
    end
    worker:document "docs/a.md"
    assert.same({ 0, 1 }, counted())
    worker:document "docs/a.md"
    worker:document "docs/a.md"
    assert.same({ 2, 1 }, counted())
    worker.documents:clear()
    worker:document "docs/a.md" -- the parent still has it
    assert.same({ 3, 1 }, counted())
    program.write(dir .. "/docs/a.md", "# PLAN: Another\n")
    worker:document "docs/a.md"
    assert.same({ 3, 2 }, counted())
    worker:list "docs"
    worker:list "docs"
    -- what has changed just now is read anew
    assert.equal(2, (parent.lookups.hits.directory_cache or 0) + parent.lookups.misses.directory_cache)
    assert.is_nil((worker:read "docs/none.md"))
    assert.same({ 3, 2 }, counted())
  end)

  it("sees a changed, a removed and a new file at the next look", function()
    assert.equal("PLAN: A", worker:document("docs/a.md").title)
    program.write(dir .. "/docs/a.md", "# PLAN: B\n\n**Achievement 1.1**: One\n")
    assert.equal("PLAN: B", worker:document("docs/a.md").title)
    assert.equal("# PLAN: B\n", worker:read("docs/a.md"):sub(1, 10))
    program.write(dir .. "/docs/a.md", "# PLAN: C\n")
    assert.equal("# PLAN: C\n", worker:read "docs/a.md")
    os.remove(dir .. "/docs/a.md")
    assert.equal("not_found", select(2, worker:document "docs/a.md").code)
    assert.equal("not_found", select(2, worker:document "docs/b.md").code)
    program.write(dir .. "/docs/b.md", "# New\n")
    assert.equal("New", worker:document("docs/b.md").title)
    assert.equal("b.md", worker:list("docs")[1].name)
  end)

  it("gives what the permissions give", function()
    for _, path in ipairs { ".env", "../x", "/etc/passwd", "docs/../.env" } do
      for _, method in ipairs { "read", "document", "stat" } do
        local value, err = worker[method](worker, path)
        assert.is_nil(value, method .. " " .. path)
        assert.is_true(err.code == "permission" or err.code == "outside_root", err.code)
      end
    end
    for _, entry in ipairs(worker:list ".") do
      assert.not_equal(".env", entry.name)
    end
    assert.equal("dir", worker:stat("docs").type)
  end)

  it("takes any request without failing", function()
    local permissions = require("promptgen.permissions").new {}
    local job = { workspace = parent, app = { permissions = function() return permissions end } }
    for _, request in ipairs { 1, "x", {}, { op = 1 }, { op = "live_check" }, { op = "live_check", path = 1 },
      { op = "live_check", path = "docs/a.md", signature = "short" }, { op = "live_read", path = {} },
      { op = "live_list", path = "docs\0" }, { op = "live_document", path = "docs/a.md", extent = {} } } do
      assert(pcall(live.answer, job, request) or type(request) == "table")
    end
    assert.equal("stale", live.answer(job, { op = "live_check", path = "docs/a.md", signature = "short" }))
    assert.equal("stale", live.answer(job, { op = "live_check", path = "docs/a.md", signature = ("x"):rep(48) }))
  end)
end)
