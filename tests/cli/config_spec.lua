--- Configuration as the program uses it.
local program = require "support.program"

describe("promptgen.lua", function()
  local root

  before_each(function()
    root = program.example_copy()
  end)

  after_each(function()
    program.remove(root)
  end)

  local function configure(text)
    program.write(root .. "/promptgen.lua", text)
  end

  local function refused(text, pattern, status)
    configure(text)
    local result = program.run({ "plans" }, { cwd = root })
    assert.equal(status or 2, result.status, result.err)
    assert.equal("", result.out)
    assert.matches(pattern, result.err)
  end

  it("is data: mistakes are named with their place", function()
    refused("return {", "error%[config%] promptgen.lua:1: .*expected")
    refused("return 7", "error%[config%] promptgen.lua: the configuration is not a table")
    refused("return { time = 1 }", "unknown setting 'time'")
    refused("return { timeuot = 1 }", "did you mean timeout%?")
    refused("return { timeout = 'x' }", "setting 'timeout' is a string, not a number")
    refused("return { order = { print = function() end } }", "error%[config%].*function")
    refused("return { warm = function() end }", "error%[config%].*function")
    refused("return os", "not a table")
    refused("while true do end", "time limit", 5)
  end)

  it("of a workspace grants nothing", function()
    refused("return { allow_read = { '/etc' } }", "a workspace may not set 'allow_read'.*only your own configuration")
  end)

  it("puts project context into prompts", function()
    local with = program.run({ "next", "@CSV-IMPORT" }, { cwd = root })
    assert.equal(0, with.status, with.err)
    assert.matches("tally keeps a personal ledger in one SQLite file", with.out)
    configure ""
    local without = program.run({ "next", "@CSV-IMPORT" }, { cwd = root })
    assert.is_nil(without.out:find("personal ledger", 1, true))
  end)

  it("adds spellings of what defines an achievement", function()
    program.sh("sed -i 's/Achievement/Milestone/g' " .. root .. "/work-space/plans/later/CURRENCY-RATES/*.md")
    assert.equal(4, program.run({ "next", "@CURRENCY-RATES" }, { cwd = root }).status)
    configure [[return { patterns = { keyword = { "Milestone" } } }]]
    local result = program.run({ "next", "@CURRENCY-RATES" }, { cwd = root })
    assert.equal(0, result.status, result.err)
    assert.matches("Rates File", result.out)
  end)

  it("lowers a limit, and the command line has the last word", function()
    configure "return { timeout = 0.2 }"
    program.sh("mkdir -p " .. root .. "/workflows")
    program.write(root .. "/workflows/loop.lua", "while true do end")
    local result = program.run({ "run", "loop" }, { cwd = root })
    assert.equal(5, result.status)
    assert.matches("time limit of 0.2 s", result.err)
    result = program.run({ "run", "loop", "--timeout=300ms" }, { cwd = root })
    assert.matches("time limit of 0.3 s", result.err)
  end)

  it("refuses an unknown rule in the order of the next step", function()
    configure "return { order = { 'nonsense' } }"
    local result = program.run({ "next", "@CSV-IMPORT" }, { cwd = root })
    assert.equal(2, result.status, result.err)
    assert.matches("no rule", result.err)
  end)

  it("is evaluated once while it does not change", function()
    local cache = program.temp_dir()
    local env = { XDG_CACHE_HOME = cache }
    program.run({ "plans" }, { cwd = root, env = env })
    program.sh("touch -d '1 hour ago' " .. root .. "/promptgen.lua")
    program.run({ "plans" }, { cwd = root, env = env })
    local command = "cd %s && XDG_CACHE_HOME=%s strace -f -c -e trace=clone,clone3 %s plans 2>&1 >/dev/null"
      .. " | grep -c clone"
    local count = program.sh(command:format(root, cache, program.path))
    assert.equal("0", count)
    program.remove(cache)
  end)
end)
