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
    assert.is_true(staging.commit({ staged("a", "new"), staged("d/b", "made") }, state))
    assert.equal("new", root:read "a")
    assert.equal("made", root:read "d/b")
    assert.is_false(staging.repair(root:path(), state))
  end)

  it("changes none when one cannot be written", function()
    assert(root:write("a", "old"))
    assert(root:make_dirs "b")
    local ok, err = staging.commit({ staged("a", "new"), staged("b", "a directory is there") }, state)
    assert.is_nil(ok)
    assert.equal("not_regular", err.code)
    assert.equal("old", root:read "a")
  end)

  it("puts the earlier files back when a later one fails while writing", function()
    assert(root:write("a", "old"))
    assert(root:write("file", "x"))
    local ok, err = staging.commit({ staged("a", "new"), staged("made", "x"), staged("file/below", "y") }, state)
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
      pack.encode { version = 1, files = entries }, { parents = true }))
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
end)
