--- The persistent history: private, escaped, shared by sessions, bounded.
local history = require "promptgen.repl.history"
local program = require "support.program"

describe("the history", function()
  local dir

  before_each(function() dir = program.temp_dir() end)
  after_each(function() program.remove(dir) end)

  it("keeps entries for the next session, in a file that only its owner can read", function()
    local first = history.open(dir .. "/new/state")
    assert.is_true(first:add "x = 1")
    assert.is_true(first:add "function f()\n  return '\\n\27'\nend")
    assert.same({ "x = 1", "function f()\n  return '\\n\27'\nend" }, history.open(dir .. "/new/state").entries)
    local path = dir .. "/new/state/repl_history"
    assert.equal("600", program.sh("stat -c %a " .. path))
    local text = program.read(path)
    assert.is_nil(text:find("[^\n\32-\126]"))
    assert.equal(2, select(2, text:gsub("\n", "")))
  end)

  it("leaves out blanks, repetitions, huge entries, and what begins with a blank", function()
    local h = history.open(dir)
    assert.is_true(h:add "a")
    for _, entry in ipairs { "a", "", "  ", " secret", ("x"):rep(20000) } do
      assert.is_false(h:add(entry))
    end
    assert.same({ "a" }, history.open(dir).entries)
  end)

  it("keeps the entries of two sessions at once", function()
    local one, two = history.open(dir), history.open(dir)
    one:add "1"
    two:add "2"
    one:add "3"
    assert.same({ "1", "2", "3" }, history.open(dir).entries)
  end)

  it("keeps the newest two thousand", function()
    local lines = {}
    for i = 1, 2500 do
      lines[i] = "x" .. i .. "\n"
    end
    program.write(dir .. "/repl_history", table.concat(lines))
    local h = history.open(dir)
    assert.equal(2000, #h.entries)
    assert.equal("x2500", h.entries[2000])
    h:add "last"
    local again = history.open(dir).entries
    assert.equal(2000, #again)
    assert.equal("last", again[2000])
  end)

  it("drops the oldest entries where all of them would fill more than the file may hold", function()
    local line = ("\\x01"):rep(16384) .. "\n"
    program.write(dir .. "/repl_history", line:rep((4 << 20) // #line))
    local h = history.open(dir)
    for i = 1, 3 do
      assert.is_true(h:add(i .. ("\1"):rep(16000)))
    end
    assert.is_true(h:add "last")
    assert.is_nil(h.problem)
    assert.is_true(#program.read(dir .. "/repl_history") <= 4 << 20)
    local entries = history.open(dir).entries
    assert.equal("last", entries[#entries])
    assert.matches("^3\1", entries[#entries - 1])
    assert.is_true(#entries > 50)
  end)

  it("goes on without a file where none can be had", function()
    local h = history.open(nil)
    assert.is_true(h:add "a")
    assert.same({ "a" }, h.entries)
    program.sh(("mkdir %s/repl_history"):format(dir))
    local other, err = history.open(dir)
    assert.equal("not_regular", err.code)
    assert.is_true(other:add "a")
    local nowhere
    nowhere, err = history.open "/proc/nowhere/at/all"
    assert(err)
    assert.is_true(nowhere:add "a")
  end)
end)
