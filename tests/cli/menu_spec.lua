--- The menus of `promptgen` alone on a terminal, played on a terminal of their own.
local program = require "support.program"

local quote = program.quote

describe("promptgen on a terminal", function()
  local dir, home

  before_each(function()
    dir, home = program.example_copy(), program.temp_dir()
  end)
  after_each(function()
    program.remove(dir)
    program.remove(home)
  end)

  local function tool(name, script)
    program.write(home .. "/" .. name, "#!/bin/sh\nTRACE=" .. quote(home) .. "\n" .. script .. "\n")
    program.sh("chmod +x " .. quote(home .. "/" .. name))
  end

  --- Plays the steps; see tests/support/terminal.py.
  local function play(steps, args, env)
    program.write(home .. "/steps", steps)
    local words = {}
    for i, arg in ipairs(args or {}) do
      words[i] = quote(arg)
    end
    local out, status = program.sh(
      ("cd %s && env -i PATH=%s:/usr/bin:/bin HOME=%s TERM=xterm %s python3 %s %s %s %s"):format(
        quote(dir), quote(home), quote(home), env or "", quote(program.source_dir .. "/tests/support/terminal.py"),
        quote(home .. "/steps"), quote(program.path), table.concat(words, " ")))
    assert.equal(0, status, out)
    return out
  end

  local function next_prompt(...)
    local result = program.run({ "next", "@CSV-IMPORT", ... }, { cwd = dir })
    assert.equal(0, result.status, result.err)
    return result.out
  end

  local function plain(out)
    return (out:gsub("\27%[J", "\n"):gsub("\27%[[%d;?]*%a", ""):gsub("\r", ""))
  end

  it("copies the next prompt of the likely plan when Enter is all that is pressed", function()
    tool("pbcopy", [[cat >"$TRACE/copied"]])
    local out = plain(play [[
expect plans in .*> 1  CSV-IMPORT.*q: back\x1b\[0m$
send \r
expect next: 0.2 create the next EXECUTION_TASK, because all execution.*chosen by the rule.*q: back\x1b\[0m$
send \r
expect lines, about .* tokens.*> 1  copy it.*q: back\x1b\[0m$
send \r
expect copied to the clipboard by pbcopy.*> 6  done.*q: back\x1b\[0m$
send \r
expect > 1  prompt for the next step.*q: back\x1b\[0m$
send q
expect > 1  CSV-IMPORT.*q: back\x1b\[0m$
send q
end 0
]])
    assert.equal(next_prompt(), (program.read(home .. "/copied"):gsub("\n?$", "\n")))
    assert.matches("> prompt for the next step", out)
  end)

  it("moves by numbers and arrow keys, explains and views, without colour in 60 columns", function()
    local out = play([[
resize 24 60
expect plans in .*q: back$
send 2
expect > 2  MONTHLY-REPORT.*q: back$
send \x1b[B
expect > 3  CURRENCY-RATES.*q: back$
send \x1bOA
expect > 2  MONTHLY-REPORT.*q: back$
send \r
expect 1.1 address the review's fixes.*q: back$
send \x1b
expect > 1  CSV-IMPORT.*q: back$
send \r
expect > 1  prompt.*q: back$
send \x03
end 130
]], { "--color=never" })
    assert.is_nil(out:find "\27%[%d*m")
    for line in plain(out):gmatch "[^\n]+" do
      assert.is_true(utf8.len(line) <= 60 or line:find "plans in", line)
    end
  end)

  it("leaves with status 0 at the end of input, anywhere", function()
    play "expect plans in .*q: back\\x1b\\[0m$\nsend \\x04\nend 0\n"
    play("expect next: .*q: back\\x1b\\[0m$\nsend \\x04\nend 0\n", { "--interactive", "@CSV-IMPORT" })
  end)

  it("works with plain numbers where the cursor cannot move", function()
    play([[
expect 1  CSV-IMPORT.*number .Enter: 1, q: back.: $
send 2\r
expect next: 1.1.*number .Enter: 1, q: back.: $
send 99\r
expect a number from 1 to.*number .Enter: 1, q: back.: $
send \x04
end 0
]], nil, "TERM=dumb")
  end)

  it("pages, edits and saves the prompt", function()
    tool("page", [[cp "$1" "$TRACE/paged"]])
    tool("edit", [[echo changed >"$1"]])
    play([[
expect next: .*q: back\x1b\[0m$
send \r
expect > 1  copy it.*q: back\x1b\[0m$
send 3\r
expect > view it.*> 3  view it.*q: back\x1b\[0m$
send 5\r
expect changed.*1 lines, edited.*q: back\x1b\[0m$
send 4\r
expect file .Enter: .*: $
send out.md\r
expect saved as .*out.md.*q: back\x1b\[0m$
send \x03
end 130
]], { "--interactive", "next", "@CSV-IMPORT" }, "PAGER=page EDITOR=edit")
    assert.equal(next_prompt(), (program.read(home .. "/paged"):gsub("\n?$", "\n")))
    assert.equal("changed\n", program.read(dir .. "/out.md"))
  end)

  it("is not offered without a terminal", function()
    local result = program.run({ "--interactive" }, { cwd = dir })
    assert.equal(2, result.status)
    assert.matches("needs a terminal", result.err)
    assert.matches("^Writes the next prompt", program.run({}, { cwd = dir }).out)
  end)
end)
