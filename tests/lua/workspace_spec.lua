-- Tests of the workspace object, its root, its index of plans, and the direct back end.
local tree = require "lua.support.tree_backend"
local workspace = require "promptgen.workspace"

local P = "work-space/plans/"

--- Stands in for the parser: a record that knows its path and size, and how often it was made.
local parsed

local function with_parser()
  parsed = {}
  package.loaded["promptgen.plan"] = {
    parse = function(text, opts)
      parsed[opts.path] = (parsed[opts.path] or 0) + 1
      if text == "malformed" then
        return nil, require("promptgen.errors").new { code = "bad_input", message = "no" }
      end
      return { path = opts.path, bytes = #text, text = text, extent = opts.extent, patterns = opts.patterns }
    end,
  }
end

local real_plan

setup(function() real_plan = package.loaded["promptgen.plan"] end)
before_each(with_parser)
teardown(function() package.loaded["promptgen.plan"] = real_plan end)

describe("a workspace", function()
  it("reads, lists and states paths as written, without ./", function()
    local ws = tree.workspace { ["docs/x.md"] = "text" }
    assert.equal("text", ws:read "./docs//x.md")
    assert.same({ { name = "x.md", type = "file" } }, (ws:list "docs/"))
    assert.same(ws:list ".", ws:list "")
    assert.equal("file", ws:stat "docs/x.md".type)
    assert.equal("not_found", select(2, ws:read "none").code)
  end)

  it("parses a document once and gives the same record again", function()
    local ws = tree.workspace { ["x.md"] = "text" }
    local first = ws:document "x.md"
    assert.equal(first, (ws:document "./x.md"))
    assert.same({ ["x.md"] = 1 }, parsed)
    assert.equal("x.md", first.path)
  end)

  it("parses again when the file has changed", function()
    local ws, backend = tree.workspace { ["x.md"] = "old" }
    ws:document "x.md"
    backend.add("x.md", "new")
    assert.equal("new", ws:document "x.md".text)
    assert.same({ ["x.md"] = 2 }, parsed)
  end)

  it("does not parse again when only the times of the file have changed", function()
    local ws, backend = tree.workspace { ["x.md"] = "text" }
    ws:document "x.md"
    backend.touch "x.md"
    ws:document "x.md"
    assert.equal(2, backend.read_count["x.md"])
    ws:document "x.md"
    assert.equal(2, backend.read_count["x.md"])
    assert.same({ ["x.md"] = 1 }, parsed)
  end)

  it("looks at the content when the signature proves nothing", function()
    local ws, backend = tree.workspace { ["x.md"] = "text" }
    ws:document "x.md"
    backend.check = function() return "doubtful" end
    ws:document "x.md"
    assert.same({ ["x.md"] = 1 }, parsed)
    backend.read = function() return "changed", "1" end
    assert.equal("changed", ws:document "x.md".text)
  end)

  it("lists a folder again when it has changed or is in doubt", function()
    local ws, backend = tree.workspace { "d/a" }
    ws:list "d"
    ws:list "d"
    assert.equal(1, backend.listed.d)
    backend.add("d/b")
    assert.equal(2, #ws:list "d")
    backend.check = function() return "doubtful" end
    ws:list "d"
    assert.equal(3, backend.listed.d)
  end)

  it("remembers an absence until the file appears", function()
    local ws, backend = tree.workspace { "y" }
    assert.equal("not_found", select(2, ws:list "d").code)
    assert.equal("not_found", select(2, ws:list "d").code)
    assert.equal(1, backend.listed.d)
    assert.is_nil((ws:document "d/x.md"))
    assert.is_nil((ws:document "d/x.md"))
    assert.equal(1, backend.read_count["d/x.md"])
    backend.add("d/x.md", "here")
    assert.equal("here", ws:document "d/x.md".text)
    assert.equal(1, #ws:list "d")
  end)

  it("does not keep a failure of the parser", function()
    local ws = tree.workspace { ["x.md"] = "malformed" }
    local record, err = ws:document "x.md"
    assert.is_nil(record)
    assert.equal("x.md", err.path)
    ws:document "x.md"
    assert.equal(2, parsed["x.md"])
  end)

  it("keeps extents of one document apart and hands patterns to the parser", function()
    local backend = tree.new { ["x.md"] = "text" }
    local ws = assert(workspace.open { root = "/ws", backend = backend, patterns = { "Milestone" } })
    assert.equal("head", ws:document("x.md", { extent = "head" }).extent)
    assert.is_nil(ws:document "x.md".extent)
    assert.same({ "Milestone" }, ws:document "x.md".patterns)
    assert.equal(2, parsed["x.md"])
  end)

  it("gives a snapshot over a back end that cannot check", function()
    local ws, backend = tree.workspace { ["x.md"] = "old", ["d/a"] = "" }
    ws:document "x.md"
    ws:list "d"
    local calls = 0
    local function refuse() calls = calls + 1 return nil, require("promptgen.errors").new {
      code = "not_found", message = "asked" } end
    ws:use_backend { read = refuse, list = refuse, document = refuse }
    backend.add("x.md", "new")
    assert.equal("old", ws:document "x.md".text)
    assert.equal(1, #ws:list "d")
    assert.equal(0, calls)
    assert.is_nil((ws:list "e"))
    assert.is_nil((ws:list "e"))
    assert.equal(1, calls)
  end)

  it("takes records, targets and plans from a back end that has them", function()
    local ws = assert(workspace.open { root = "/ws", backend = {
      document = function(path, opts) return { path = path, extent = opts and opts.extent } end,
      resolve = function(target) return "resolved" .. target end,
      plans = function() return { "a" } end,
    } })
    assert.equal("x", ws:document("x", { extent = "head" }).path)
    assert.equal("resolved@X", ws:plan "@X".path)
    assert.same({ "a" }, (ws:plans()))
  end)

  it("asks for permission before every access", function()
    local ws, backend = tree.workspace { ["x.md"] = "text", [".git/config"] = "secret" }
    backend.permit = function(path)
      if path:find "^%.git" then
        return nil, require("promptgen.errors").new { code = "permission", message = "no" }
      end
      return true
    end
    assert.equal("text", ws:read "x.md")
    for _, method in ipairs { "read", "list", "stat", "document" } do
      local value, err = ws[method](ws, "./a/../.git/config")
      assert.is_nil(value)
      assert.equal("permission", err.code)
    end
    assert.is_nil(backend.read_count[".git/config"])
  end)

  it("loads a plan by target or path", function()
    local ws = tree.workspace { [P .. "ALPHA/PLAN_ALPHA.md"] = "plan" }
    local plan = ws:plan "@alpha"
    assert.equal(P .. "ALPHA/PLAN_ALPHA.md", plan.path)
    assert.equal(plan, (ws:plan(plan.path)))
    assert.equal(plan, (ws:plan "work-space/plans/ALPHA"))
    assert.equal("not_found", select(2, ws:plan "@beta").code)
  end)
end)

describe("the index of plans", function()
  local function plan_folders(n)
    local files = {}
    for i = 1, n do
      files[i] = ("%sgroup/P%02d/PLAN_P%02d.md"):format(P, i, i)
    end
    return files
  end

  it("lists all plans in byte order", function()
    local ws = tree.workspace {
      P .. "B/PLAN_B.md", P .. "a/PLAN_a.md", "work-space/backlog-plans/C/PLAN_C.md", P .. "PLAN_FLAT.md",
      P .. "B/PLAN-NOTES.md", P .. "B/subplans/PLAN_NOT.md", P .. "B/PLAN_.md",
    }
    assert.same({ "work-space/backlog-plans/C/PLAN_C.md", P .. "B/PLAN_B.md", P .. "PLAN_FLAT.md",
      P .. "a/PLAN_a.md" }, (ws:plans()))
  end)

  it("lists only the folders that have changed since", function()
    local ws, backend = tree.workspace(plan_folders(20))
    assert.equal(20, #ws:plans())
    backend.listed = {}
    backend.add(P .. "group/P03/PLAN_EXTRA.md")
    backend.remove(P .. "group/P04/PLAN_P04.md")
    assert.equal(20, #ws:plans())
    assert.equal(1, backend.listed[P .. "group/P03"])
    assert.equal(1, backend.listed[P .. "group/P04"])
    assert.is_nil(backend.listed[P .. "group/P05"])
    assert.is_nil(backend.listed[P .. "group"])
  end)

  it("is kept between runs and saved only when it changed", function()
    local backend, saved, saves = tree.new(plan_folders(5)), nil, 0
    local store = { load = function() return saved end, save = function(index) saved, saves = index, saves + 1 end }
    local function run()
      local ws = assert(workspace.open { root = "/ws", backend = backend, index_store = store })
      return #ws:plans()
    end
    assert.equal(5, run())
    backend.listed = {}
    assert.equal(5, run())
    assert.equal(1, saves)
    assert.same({}, backend.listed)
    saved = { version = 0 }
    assert.equal(5, run())
    assert.equal(2, saves)
  end)

  it("is refreshed when a place appears that was missing", function()
    local ws, backend = tree.workspace { P .. "A/PLAN_A.md" }
    ws:plans()
    backend.add "work-space/backlog-plans/B/PLAN_B.md"
    assert.equal(2, #ws:plans())
  end)

  it("counts as unchanged when a doubtful folder turns out the same", function()
    local backend, saves = tree.new { P .. "A/PLAN_A.md" }, 0
    local store = { load = function() end, save = function() saves = saves + 1 end }
    local ws = assert(workspace.open { root = "/ws", backend = backend, index_store = store })
    ws:plans()
    backend.check = function() return "doubtful" end
    ws:plans()
    assert.equal(1, saves)
    backend.add(P .. "B/PLAN_B.md")
    assert.equal(2, #ws:plans())
    assert.equal(2, saves)
  end)

  it("reports folders it could not list beside the plans it found", function()
    local ws, backend = tree.workspace { P .. "A/PLAN_A.md", P .. "locked/" }
    backend.errors[P .. "locked"] = require("promptgen.errors").new { code = "permission", message = "no" }
    local paths, skipped = ws:plans()
    assert.same({ P .. "A/PLAN_A.md" }, paths)
    assert.equal("permission", skipped[1].code)
  end)

  it("walks any depth without recursion", function()
    local deep = P .. ("d/"):rep(1500) .. "PLAN_DEEP.md"
    local ws = tree.workspace { deep }
    assert.same({ deep }, (ws:plans()))
    assert.equal(deep, (ws:resolve "@deep"))
  end)
end)

describe("a workspace of files", function()
  local dir, ws

  local function sh(command)
    assert(os.execute("cd '" .. dir .. "' && " .. command))
  end

  before_each(function()
    local pipe = assert(io.popen "mktemp -d")
    dir = pipe:read "l"
    pipe:close()
    sh "chmod 755 . && mkdir -p work-space/plans/ALPHA && echo plan > work-space/plans/ALPHA/PLAN_ALPHA.md"
    ws = assert(workspace.open { root = dir, cwd = dir })
  end)

  after_each(function()
    ws:close()
    ws:close()
    os.execute("rm -rf '" .. dir .. "'")
  end)

  it("reads, resolves and parses beneath its root", function()
    assert.equal(dir, ws.root)
    assert.equal("plan\n", ws:read(P .. "ALPHA/PLAN_ALPHA.md"))
    assert.equal("plan\n", ws:plan "@alpha".text)
    assert.equal(P .. "ALPHA/PLAN_ALPHA.md", (ws:resolve(dir .. "/work-space/plans/ALPHA")))
    assert.equal("outside_root", select(2, ws:read "../x").code)
    assert.equal("outside_root", select(2, ws:read "/etc/passwd").code)
    assert.equal("bad_input", select(2, ws:read "a\0b").code)
    assert.equal("not_regular", select(2, ws:read "").code)
  end)

  it("drops what was read for one plan and keeps what plans share", function()
    ws:start_noting()
    sh "mkdir work-space/plans/ALPHA/execution"
    assert(ws:document(P .. "ALPHA/PLAN_ALPHA.md"))
    assert(ws:list(P .. "ALPHA/execution"))
    assert(ws:list(P .. "ALPHA"))
    assert(ws:list "work-space")
    ws:drop(ws:stop_noting(), P .. "ALPHA")
    assert.same({ 0, 1 }, { ws.documents:stats().size, ws.listings:stats().size })
    assert.is_not_nil(ws.listings:peek "work-space")
    assert(ws:document(P .. "ALPHA/PLAN_ALPHA.md"))
  end)

  it("sees every change of a file and of a folder", function()
    ws:plan "@alpha"
    sh "echo PLAN > work-space/plans/ALPHA/PLAN_ALPHA.md"
    assert.equal("PLAN\n", ws:plan "@alpha".text)
    assert.equal(1, #ws:plans())
    sh "mkdir work-space/plans/BETA && touch work-space/plans/BETA/PLAN_BETA.md"
    assert.equal(2, #ws:plans())
    sh "rm work-space/plans/BETA/PLAN_BETA.md"
    assert.equal(1, #ws:plans())
  end)

  it("finds a plan through a link to its folder and never walks links", function()
    sh "ln -s ALPHA work-space/plans/LINK && ln -s .. work-space/plans/ALPHA/up && ln -s /etc work-space/plans/OUT"
    assert.equal(P .. "LINK/PLAN_ALPHA.md", (ws:resolve "@LINK"))
    assert.same({ P .. "ALPHA/PLAN_ALPHA.md" }, (ws:plans()))
    assert.equal("outside_root", select(2, ws:resolve "@OUT").code)
  end)

  it("knows an absolute path that leads through a link", function()
    sh "ln -s work-space/plans here"
    local link = dir .. "-link"
    assert(os.execute(("ln -s '%s' '%s'"):format(dir, link)))
    assert.equal(P .. "ALPHA/PLAN_ALPHA.md", (ws:resolve(link .. "/" .. P .. "ALPHA/PLAN_ALPHA.md")))
    os.remove(link)
  end)

  it("writes a file and reads it back", function()
    assert(ws:write("docs/new.md", "text", { parents = true, sync = false }))
    assert.equal("text", ws:document "docs/new.md".text)
    assert.equal("outside_root", select(2, ws:write("../x", "")).code)
  end)

  it("leaks no descriptor over many files and errors", function()
    local function count()
      local stat <close> = assert(io.open "/proc/self/stat")
      local pipe <close> = assert(io.popen("ls /proc/" .. stat:read "n" .. "/fd | wc -l"))
      return pipe:read "n"
    end
    collectgarbage()
    local before = count()
    for i = 1, 300 do
      ws:read("none" .. i)
      ws:document(P .. "ALPHA/PLAN_ALPHA.md")
      ws:list(P .. "none" .. i)
      ws:resolve("@none" .. i)
    end
    collectgarbage()
    assert.is_true(count() - before < 5) -- the counting itself holds a pipe now and then
  end)

  describe("the root", function()
    local function find(query)
      query.cwd = query.cwd or dir
      return workspace.find_root(query)
    end

    it("is the nearest directory upwards with a marker", function()
      sh "mkdir -p work-space/plans/ALPHA/deep sub/deep && touch sub/promptgen.lua"
      assert.equal(dir, (find { cwd = dir .. "/work-space/plans/ALPHA/deep" }))
      assert.equal(dir .. "/sub", (find { cwd = dir .. "/sub/deep" }))
    end)

    it("is what was named, before what the environment says", function()
      sh "mkdir one two"
      assert.equal(dir .. "/one", (find { explicit = "one", env = dir .. "/two" }))
      assert.equal(dir .. "/two", (find { env = dir .. "/two" }))
      assert.equal(dir .. "/two", (find { env = "two" }))
      assert.equal(dir, (find { env = "" }))
      assert.equal(dir, (find { explicit = "one/.." }))
    end)

    it("must exist when it was named", function()
      local found, err = find { explicit = "none" }
      assert.is_nil(found)
      assert.equal("not_found", err.code)
      assert.matches("%-%-root", err.hint)
      found, err = find { env = P .. "ALPHA/PLAN_ALPHA.md" }
      assert.is_nil(found)
      assert.equal("not_directory", err.code)
      assert.matches("PROMPTGEN_ROOT", err.hint)
    end)

    it("says how to name one when there is none", function()
      local found, err = find { cwd = "/proc" }
      assert.is_nil(found)
      assert.equal("not_found", err.code)
      assert.matches("%-%-root", err.hint[2])
    end)

    it("refuses one that anyone may write into, unless it was named", function()
      sh "chmod 777 ."
      assert.equal("permission", select(2, find {}).code)
      assert.equal(dir, (find { explicit = "." }))
    end)
  end)
end)
