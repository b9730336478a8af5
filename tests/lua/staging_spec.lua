local fs = require "promptgen.fs"
local pack = require "promptgen.pack"
local staging = require "promptgen.staging"

local function temp_dir()
  local pipe = assert(io.popen "mktemp -d")
  local path = pipe:read "l"
  pipe:close()
  return path
end

describe("promptgen.staging", function()
  local dir, state, root

  before_each(function()
    dir, state = temp_dir(), temp_dir()
    root = assert(fs.root(dir))
  end)

  after_each(function()
    root:close()
    os.execute(("rm -rf '%s' '%s'"):format(dir, state))
  end)

  local function staged(path, bytes)
    return { root = root, path = path, bytes = bytes }
  end

  it("writes all files and leaves no log", function()
    assert(root:write("a", "old"))
    assert.is_true(staging.commit({ staged("a", "new"), staged("d/b", "made") }, { state_dir = state }))
    assert.equal("new", root:read "a")
    assert.equal("made", root:read "d/b")
    assert.is_false(staging.repair(root:path(), state))
  end)

  it("changes none when one cannot be written", function()
    assert(root:write("a", "old"))
    assert(root:make_dirs "b")
    local ok, err = staging.commit({ staged("a", "new"), staged("b", "a directory is there") }, { state_dir = state })
    assert.is_nil(ok)
    assert.equal("not_regular", err.code)
    assert.equal("old", root:read "a")
  end)

  it("puts the earlier files back when a later one fails while writing", function()
    assert(root:write("a", "old"))
    assert(root:write("file", "x"))
    local ok, err = staging.commit({
      staged("a", "new"), staged("made", "x"), staged("file/below", "y"),
    }, { state_dir = state })
    assert.is_nil(ok)
    assert.is_string(err.code)
    assert.equal("old", root:read "a")
    assert.equal("not_found", select(2, root:read "made").code)
  end)

  local function leave_log(entries)
    local state_root = assert(fs.root(state))
    for _, entry in ipairs(entries) do
      entry.root = root:path()
    end
    assert(state_root:write("undo/" .. fs.hash(root:path()) .. ".log",
      pack.encode { version = 2, files = entries }, { parents = true }))
    state_root:close()
  end

  it("repairs a write that was killed between two renames", function()
    assert(root:write("a", "new a"))
    assert(root:write("b", "old b"))
    assert(root:write("made", "new"))
    leave_log {
      { path = "a", bytes = "old a", new = fs.hash "new a" },
      { path = "made", new = fs.hash "new" },
      { path = "b", bytes = "old b", new = fs.hash "new b" },
    }
    assert.is_true(staging.repair(root:path(), state))
    assert.equal("old a", root:read "a")
    assert.equal("old b", root:read "b")
    assert.equal("not_found", select(2, root:read "made").code)
    assert.is_false(staging.repair(root:path(), state))
  end)

  it("leaves alone what somebody changed after the kill", function()
    assert(root:write("a", "edited by hand"))
    leave_log { { path = "a", bytes = "old a", new = fs.hash "new a" } }
    assert.is_true(staging.repair(root:path(), state))
    assert.equal("edited by hand", root:read "a")
  end)

  it("ignores a log that does not decode", function()
    local state_root = assert(fs.root(state))
    assert(state_root:write("undo/" .. fs.hash(root:path()) .. ".log", "\xff\xff", { parents = true }))
    state_root:close()
    assert.is_true(staging.repair(root:path(), state))
  end)

  it("removes and moves files together with writes", function()
    assert(root:write("old", "old"))
    assert(root:write("review", "one"))
    local ok, err = staging.commit({
      { root = root, path = "kept/old", from = "old" }, { root = root, path = "review", bytes = "two" },
      { root = root, path = "none", remove = true }, -- nothing is there
    }, { state_dir = state })
    assert.is_nil(ok)
    assert.same({ "conflict", "none" }, { err.code, err.path })
    assert.equal("old", root:read "old")
    assert.is_true(staging.commit({
      { root = root, path = "kept/old", from = "old" }, { root = root, path = "review", remove = true },
    }, { state_dir = state }))
    assert.equal("old", root:read "kept/old")
    assert.equal("not_found", select(2, root:read "review").code)
    assert.is_false(staging.repair(root:path(), state))
  end)

  it("undoes moves and removals when a later change fails", function()
    assert(root:write("a", "a"))
    assert(root:write("b", "b"))
    assert(root:write("c", "c"))
    assert(root:write("taken", "theirs"))
    local ok, err = staging.commit({
      { root = root, path = "x/a", from = "a" }, { root = root, path = "b", remove = true },
      { root = root, path = "taken", from = "c" },
    }, { state_dir = state })
    assert.is_nil(ok)
    assert.equal("conflict", err.code)
    assert.equal("taken", err.path)
    for _, name in ipairs { "a", "b", "c" } do
      assert.equal(name, root:read(name))
    end
    assert.equal("theirs", root:read "taken")
    assert.equal("not_found", select(2, root:read "x/a").code)
  end)

  it("changes nothing when a file is not what it was when it was read", function()
    assert(root:write("a", "first"))
    local _, seen = root:read "a"
    assert(root:write("a", "second, by somebody else"))
    for _, change in ipairs {
      { root = root, path = "a", bytes = "mine", expected = seen },
      { root = root, path = "a", remove = true, expected = seen },
      { root = root, path = "b", from = "a", expected = seen },
      { root = root, path = "a", bytes = "mine", expected = fs.absent },
    } do
      local ok, err = staging.commit({ change, staged("made", "x") }, { state_dir = state })
      assert.is_nil(ok)
      assert.equal("conflict", err.code)
      assert.equal("second, by somebody else", root:read "a")
      assert.equal("not_found", select(2, root:read "made").code)
    end
  end)

  it("refuses to write while another one holds the lock", function()
    local lock = assert(staging.lock(root:path(), 0))
    local ok, err = staging.commit({ staged("a", "x") }, { state_dir = state, wait = 0 })
    assert.is_nil(ok)
    assert.equal("conflict", err.code)
    assert.matches("another promptgen", err.message)
    assert.is_true(staging.commit({ staged("a", "x") }, { state_dir = state, lock = lock }))
    lock:close()
    assert.is_true(staging.commit({ staged("a", "y") }, { state_dir = state, wait = 0 }))
  end)

  it("leaves the log of a write that is still at work alone", function()
    assert(root:write("a", "half done"))
    leave_log { { path = "a", bytes = "old", new = fs.hash "half done" } }
    local lock = assert(staging.lock(root:path(), 0))
    assert.is_false(staging.repair(root:path(), state))
    assert.equal("half done", root:read "a")
    assert.is_true(staging.repair(root:path(), state, lock))
    assert.equal("old", root:read "a")
    lock:close()
  end)

  it("repairs moves and removals of a killed run", function()
    assert(root:write("moved", "m"))
    assert(root:write("waiting", "w"))
    leave_log {
      { path = "moved", from = "dir/origin" }, { path = "gone", bytes = "g" },
      { path = "later", from = "waiting" },
    }
    assert.is_true(staging.repair(root:path(), state))
    assert.equal("m", root:read "dir/origin")
    assert.equal("not_found", select(2, root:read "moved").code)
    assert.equal("g", root:read "gone")
    assert.equal("w", root:read "waiting")
  end)
end)
