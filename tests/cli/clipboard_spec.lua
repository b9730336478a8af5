--- Copying the prompt: programs on PATH, their failures and time limit, the terminal's own way.
local program = require "support.program"

local quote = program.quote

describe("the clipboard", function()
  local dir, tools

  before_each(function()
    dir, tools = program.example_copy(), program.temp_dir()
  end)
  after_each(function()
    program.remove(dir)
    program.remove(tools)
  end)

  --- Puts a program on PATH that runs a shell script; $TOOLS is the folder where it leaves traces.
  local function tool(name, script)
    local path = tools .. "/" .. name
    program.write(path, "#!/bin/sh\nTOOLS=" .. quote(tools) .. "\n" .. script .. "\n")
    program.sh("chmod +x " .. quote(path))
  end

  local RECORD = [[printf '%s\n' "$0 $*" >"$TOOLS/called"; cat >"$TOOLS/copied"]]

  local function copied()
    local file = io.open(tools .. "/copied", "rb")
    return file and file:read "a", file and file:close()
  end

  local function called()
    return (program.read(tools .. "/called"):gsub("^[^ ]*/", ""):gsub("\n$", ""))
  end

  local function env(more)
    local out = { PATH = tools .. ":/usr/bin:/bin" }
    for key, value in pairs(more or {}) do
      out[key] = value
    end
    return out
  end

  local function next_prompt(args, variables)
    local result = program.run(
      table.move(args or {}, 1, #(args or {}), 3, { "next", "@CSV-IMPORT" }), { cwd = dir, env = env(variables) })
    assert.equal(0, result.status, result.err)
    return result
  end

  it("is left alone when the output is not a terminal", function()
    tool("pbcopy", RECORD)
    next_prompt()
    assert.is_nil(copied())
  end)

  it("gets exactly the prompt with --clipboard", function()
    tool("pbcopy", RECORD)
    local result = next_prompt { "--clipboard" }
    assert.equal(result.out, (copied():gsub("\n?$", "\n")))
    assert.equal("", result.err)
    assert.equal("# ", copied():sub(1, 2))
  end)

  it("gets the prompt, not the JSON around it, with --json", function()
    tool("pbcopy", RECORD)
    local plain = next_prompt().out
    next_prompt { "--clipboard", "--json" }
    assert.equal(plain, (copied():gsub("\n?$", "\n")))
  end)

  it("is left alone with --no-clipboard, whatever else is asked", function()
    tool("pbcopy", RECORD)
    next_prompt { "--clipboard", "--no-clipboard" }
    assert.is_nil(copied())
  end)

  it("is left alone by a run that fails", function()
    tool("pbcopy", RECORD)
    local result = program.run({ "next", "@NO-SUCH-PLAN", "--clipboard" }, { cwd = dir, env = env() })
    assert.equal(4, result.status)
    assert.is_nil(copied())
  end)

  it("chooses the program by the display there is", function()
    for _, name in ipairs { "wl-copy", "xclip", "xsel", "pbcopy" } do
      tool(name, RECORD)
    end
    next_prompt({ "--clipboard" }, { WAYLAND_DISPLAY = "wayland-0", DISPLAY = ":0" })
    assert.equal("wl-copy --type text/plain", called())
    next_prompt({ "--clipboard" }, { DISPLAY = ":0" })
    assert.equal("xclip -selection clipboard -in", called())
    program.sh("rm " .. quote(tools .. "/xclip"))
    next_prompt({ "--clipboard" }, { DISPLAY = ":0" })
    assert.equal("xsel --clipboard --input", called())
    next_prompt { "--clipboard" }
    assert.equal("pbcopy ", called())
  end)

  it("goes on to the next program when one fails", function()
    tool("wl-copy", "exit 3")
    tool("xclip", RECORD)
    local result = next_prompt({ "--clipboard", "-v" }, { WAYLAND_DISPLAY = "w", DISPLAY = ":0" })
    assert.matches("copied to the clipboard by xclip", result.err)
    assert.equal("xclip -selection clipboard -in", called())
  end)

  it("says with -v why nothing was copied, and the run succeeds", function()
    tool("pbcopy", "exit 1")
    local result = next_prompt { "--clipboard", "-v" }
    assert.matches("not copied: .*/pbcopy failed; there is no program or terminal", result.err)
    assert.equal("", next_prompt({ "--clipboard" }).err)
  end)

  it("kills a program that hangs, with what it started", function()
    tool("pbcopy", [[sleep 1000 & echo $! >"$TOOLS/child"; echo $$ >"$TOOLS/parent"; wait]])
    local result = next_prompt { "--clipboard", "-v" }
    assert.matches("pbcopy took too long", result.err)
    for _, who in ipairs { "parent", "child" } do
      local pid = program.read(tools .. "/" .. who):match "%d+"
      local state = program.sh(("sed -n 's/^State:\\t//p' /proc/%s/status"):format(pid))
      assert.is_truthy(state:match "^Z" or state:match "No such file", state)
    end
  end)

  it("kills a program that does not read a prompt larger than a pipe", function()
    program.sh("mkdir -p " .. quote(dir .. "/workflows"))
    program.write(dir .. "/workflows/big.lua", [[
      return require "promptgen.workflow".define { name = "big", summary = "big",
        run = function() return ("x"):rep(200000) end }]])
    tool("pbcopy", "exec sleep 1000")
    local result = program.run({ "run", "big", "--clipboard", "-v" }, { cwd = dir, env = env() })
    assert.equal(0, result.status, result.err)
    assert.matches("pbcopy took too long", result.err)
  end)

  it("kills a program that reads too slowly, and asks the next one", function()
    program.sh("mkdir -p " .. quote(dir .. "/workflows"))
    program.write(dir .. "/workflows/big.lua", [[
      return require "promptgen.workflow".define { name = "big", summary = "big",
        run = function() return ("x"):rep(200000) end }]])
    tool("xclip", [[while dd bs=1 count=1 2>/dev/null; do sleep 0.05; done >"$TOOLS/slow"]])
    tool("xsel", RECORD)
    local result = program.run({ "run", "big", "--clipboard", "-v" }, { cwd = dir, env = env { DISPLAY = ":0" } })
    assert.equal(0, result.status, result.err)
    assert.equal(200001, #result.out)
    assert.matches("xclip took too long", result.err) -- the time is for all programs together
    assert.is_nil(copied())
  end)

  it("takes a program's word for it: one that ends well has taken the prompt, one killed has not", function()
    tool("xclip", "kill -9 $$")
    tool("xsel", "exit 0")
    local result = next_prompt({ "--clipboard", "-v" }, { DISPLAY = ":0" })
    assert.matches("copied to the clipboard by xsel", result.err)
  end)

  it("copies a prompt with bytes of every kind unchanged", function()
    program.sh("mkdir -p " .. quote(dir .. "/workflows"))
    program.write(dir .. "/workflows/bytes.lua", [[
      return require "promptgen.workflow".define { name = "bytes", summary = "all bytes", run = function()
        local list = {}
        for i = 0, 255 do list[#list + 1] = string.char(i) end
        return table.concat(list):rep(300)
      end }]])
    tool("pbcopy", RECORD)
    local result = program.run({ "run", "bytes", "--clipboard" }, { cwd = dir, env = env() })
    assert.equal(0, result.status, result.err)
    assert.equal(256 * 300, #copied())
    assert.equal(result.out, copied() .. "\n")
  end)

  it("leaves alone what a program keeps in the background", function()
    tool("pbcopy", [[cat >"$TOOLS/copied"; sleep 1000 & echo $! >"$TOOLS/child"]])
    local result = next_prompt { "--clipboard", "-v" }
    assert.matches("copied to the clipboard by pbcopy", result.err)
    local pid = program.read(tools .. "/child"):match "%d+"
    assert.equal("", (program.sh("kill " .. pid)))
  end)

  it("is not held to the time limit of the run", function()
    tool("pbcopy", "exec sleep 1000")
    local result = next_prompt { "--clipboard", "-v", "--timeout=290ms" }
    assert.matches("pbcopy took too long", result.err)
  end)

  it("takes no program from the workspace by a relative entry of PATH", function()
    program.write(dir .. "/pbcopy", "#!/bin/sh\ntouch " .. quote(tools .. "/copied") .. "\n")
    program.sh("chmod +x " .. quote(dir .. "/pbcopy"))
    next_prompt({ "--clipboard" }, { PATH = ".::" .. "/usr/bin:/bin" })
    assert.is_nil(copied())
  end)

  it("gives the program no descriptor but its input and /dev/null", function()
    tool("list", [[pwd >"$1.dir"; exec ls -l /proc/self/fd >"$1"]])
    tool("pbcopy", [[exec "$TOOLS/list" "$TOOLS/copied"]])
    next_prompt { "--clipboard" }
    local mine = tools .. "/mine" -- what this test has open is open there too
    os.execute(quote(tools .. "/list") .. " " .. quote(mine))
    local function descriptors(text)
      local out = {}
      for fd, target in text:gmatch " (%d+) %-> ([^\n]+)" do
        out[#out + 1] = fd
        out[fd] = target
      end
      return out
    end
    local before, inside = descriptors(program.read(mine)), descriptors(copied())
    assert.equal(table.concat(before, " "), table.concat(inside, " "))
    assert.matches("^pipe:", inside["0"])
    assert.equal("/dev/null", inside["2"])
    assert.equal("/\n", program.read(tools .. "/copied.dir"))
  end)

  describe("of a terminal", function()
    --- The whole output of `next` on a terminal of its own.
    local function on_terminal(args, term, redirect, variables)
      local words = { quote(program.path), "next", "@CSV-IMPORT" }
      for _, arg in ipairs(args) do
        words[#words + 1] = quote(arg)
      end
      local line = table.concat(words, " ") .. (redirect or "")
      program.write(tools .. "/steps", "end 0\n")
      local out, status = program.sh(
        ("cd %s && env -i PATH=%s:/usr/bin:/bin HOME=%s TERM=%s %s python3 %s %s /bin/sh -c %s"):format(
          quote(dir), quote(tools), quote(tools), term, variables or "",
          quote(program.source_dir .. "/tests/support/terminal.py"), quote(tools .. "/steps"), quote(line)))
      assert.equal(0, status, out)
      return out
    end

    local function decode(text)
      program.write(tools .. "/base64", text)
      program.sh(("base64 -d <%s >%s"):format(quote(tools .. "/base64"), quote(tools .. "/decoded")))
      return program.read(tools .. "/decoded")
    end

    it("gets the prompt by OSC 52 when no program takes it", function()
      local plain = next_prompt().out
      local out = on_terminal({}, "xterm")
      local payload = out:match "\27%]52;c;([%w+/=]+)\a"
      assert.is_truthy(payload, out)
      assert.equal(plain, (decode(payload):gsub("\n?$", "\n")))
      assert.matches("copied to the clipboard by the terminal", out)
    end)

    it("gets it as it is inside tmux, and in parts that GNU screen hands on", function()
      local plain = next_prompt().out
      local payload = on_terminal({}, "tmux-256color", "", "TMUX=/tmp/s,1,0"):match "\27%]52;c;([%w+/=]+)\a"
      assert.equal(plain, (decode(payload):gsub("\n?$", "\n")))
      local out, parts = on_terminal({}, "screen", "", "STY=1.pts"), {}
      for part in out:gmatch "\27P([^\27]*\27?[^\27]*)\27\\" do
        parts[#parts + 1] = part
        assert.is_true(#part <= 240)
      end
      assert.is_true(#parts > 10)
      assert.equal("\27]52;c;" .. payload .. "\a", table.concat(parts))
      assert.is_nil(out:gsub("\27P.-\27\\", ""):find("\27]52", 1, true))
    end)

    it("is preferred less than a program", function()
      tool("pbcopy", RECORD)
      local out = on_terminal({}, "xterm")
      assert.is_nil(out:find("\27]52", 1, true))
      assert.matches("by pbcopy", out)
      assert.is_truthy(copied())
    end)

    it("gets nothing with --no-clipboard, nor when it is dumb", function()
      assert.is_nil(on_terminal({ "--no-clipboard" }, "xterm"):find("\27]52", 1, true))
      assert.is_nil(on_terminal({}, "dumb"):find("\27]52", 1, true))
    end)

    it("is reached by standard error when the output goes elsewhere and --clipboard asks", function()
      local redirect = " >" .. quote(tools .. "/out")
      assert.is_nil(on_terminal({}, "xterm", redirect):find("\27]52", 1, true))
      assert.is_truthy(on_terminal({ "--clipboard" }, "xterm", redirect):find("\27]52", 1, true))
    end)

    it("gets nothing above its limit, which is said", function()
      program.sh("mkdir -p " .. quote(dir .. "/workflows"))
      local big = [[return require "promptgen.workflow".define { name = "next", summary = "big",
        run = function() return ("x"):rep(%d) end }]]
      program.write(dir .. "/workflows/next.lua", big:format(74994))
      local payload = on_terminal({}, "xterm"):match "\27%]52;c;([%w+/=]+)\a"
      assert.equal(99992, #payload)
      program.write(dir .. "/workflows/next.lua", big:format(74995))
      local out = on_terminal({}, "xterm")
      assert.is_nil(out:find("\27]52", 1, true))
      assert.matches("a terminal takes 74994 bytes, the prompt has 74995", out)
    end)
  end)
end)
