--- `promptgen repl` on a terminal: editing, completion, interrupts, a worker that dies, signals.
local program = require "support.program"

local quote = program.quote

describe("promptgen repl on a terminal", function()
  local dir, home

  before_each(function()
    dir, home = program.example_copy(), program.temp_dir()
  end)
  after_each(function()
    program.remove(dir)
    program.remove(home)
  end)

  --- Plays the steps; see tests/support/terminal.py. The conversation is returned.
  local function play(steps, args, env)
    local path = home .. "/steps"
    program.write(path, steps)
    local words = {}
    for i, arg in ipairs(args or { "repl", "@CSV-IMPORT" }) do
      words[i] = quote(arg)
    end
    local out, status = program.sh(("cd %s && env -i PATH=/usr/bin:/bin HOME=%s TERM=xterm %s python3 %s %s %s %s")
      :format(quote(dir), quote(home), env or "", quote(program.source_dir .. "/tests/support/terminal.py"),
        quote(path), quote(program.path), table.concat(words, " ")))
    assert.equal(0, status, out)
    return out
  end

  it("greets, evaluates, and leaves with Ctrl-D", function()
    local out = play [[
expect help shows what there is
expect CSV-IMPORT>.* $
send 1 + 1\r
expect \x1b\[33m2\x1b\[0m\r\n.*CSV-IMPORT>
send x = {b = 1, a = 'ü'}\r
expect CSV-IMPORT>
send x\r
expect a.* = .*"ü".*b.* = .*1.* }
expect CSV-IMPORT>
send \x04
end 0
]]
    assert.matches("promptgen %d", out)
  end)

  it("has added what an entry counted to the totals when its window is closed", function()
    play [[
expect CSV-IMPORT>
send metrics.counter{name = "mine_total", help = "own"}:inc(3)\r
expect CSV-IMPORT>
signal KILL
]]
    local env = { HOME = home, XDG_STATE_HOME = home .. "/.local/state" }
    assert.matches("\nmine_total 3\n", program.run({ "metrics" }, { cwd = dir, env = env }).out)
  end)

  it("takes entries of several lines, and gives them up with Ctrl-C", function()
    play [[
expect CSV-IMPORT>
send function f(n)\r
expect >>
send return n + 1\r
expect >>
send end\r
expect CSV-IMPORT>
send f(41)\r
expect \n.*42
expect CSV-IMPORT>
send function g(\r
expect >>
send \x03
expect \^C.*CSV-IMPORT>
send half\x03
expect \^C.*CSV-IMPORT>
send g\r
expect nil
expect CSV-IMPORT>
send :quit\r
end 0
]]
  end)

  it("takes a pasted text of several lines as one entry", function()
    play [[
expect CSV-IMPORT>
send \x1b[200~function p()\r\treturn "pasted"\rend\r\x1b[201~
expect pasted
absent error
send \r
expect CSV-IMPORT>
send p()\r
expect \n.*"pasted"
send \x04
end 0
]]
  end)

  it("completes globals, fields, methods, plans, paths, modules, templates and commands", function()
    program.write(dir .. "/.env", "SECRET")
    play [[
expect CSV-IMPORT>
send plan.ach\t[1].num\t\r
expect plan\.ach.*ievements\[1\]\.num.*ber.*\n.*"0\.1"
expect CSV-IMPORT>
send workspace:pl\t\t
expect workspace:pl.*an.*plan   plans\r\n.*workspace:plan
send \x03
expect CSV-IMPORT>
send workspace:plan('@mon\t).feature\r
expect MONTHLY-REPORT'\)?.*\.feature.*"MONTHLY-REPORT"
expect CSV-IMPORT>
send workspace:list('work-space/pl\tCSV\t
expect work-space/pl.*ans/.*CSV.*-IMPORT/
send \x03
expect CSV-IMPORT>
send require 'promptgen.te\t.define\r
expect promptgen\.te.*mplate'
expect CSV-IMPORT>
send workspace:read '.en\tZ
expect \.en[^v]*Z
send \x03
expect CSV-IMPORT>
send :hel\tcache.cach\t\r
expect :hel.*p .*cache\.cach.*ed.*A decorator
expect CSV-IMPORT>
send :render revi\t
expect :render revi.*ew
send \x03
expect CSV-IMPORT>
send setmetatable({}, {__index = function() error "called" end}).\t\x03
expect CSV-IMPORT>
send trap = setmetatable({own = 1}, {__index = function() while true do end end})\r
expect CSV-IMPORT>
send trap.o\t\r
expect trap\.o.*wn.*\n.*1
send \x04
end 0
]]
  end)

  it("stops an evaluation with Ctrl-C and keeps the variables", function()
    play [[
expect CSV-IMPORT>
send x = 7\r
expect CSV-IMPORT>
send print('run' .. 'ning') while true do x = 8 end\r
expect running
send \x03
expect error\[interrupted\].*repl:1
expect CSV-IMPORT>
send x\r
expect \n.*8
expect CSV-IMPORT>
send print('run' .. 'ning') while true do pcall(function() while true do end end) end\r
expect running
send \x03
expect error\[interrupted\]
expect CSV-IMPORT>
send coroutine.wrap(function() print('run' .. 'ning') while true do end end)()\r
expect running
send \x03
expect error\[interrupted\]
expect CSV-IMPORT>
send while true do print('fl' .. 'ood') end\r
expect flood
send \x03
expect error\[interrupted\]
expect CSV-IMPORT>
send x\r
expect \n.*8
send \x04
end 0
]]
  end)

  it("goes on after a limit with the variables it had", function()
    play([[
expect CSV-IMPORT>
send x = 5\r
expect CSV-IMPORT>
send while true do end\r
expect error\[limit\].*time limit
expect CSV-IMPORT>
send t = {} while true do t[#t + 1] = ('x'):rep(1000) .. #t end\r
expect error\[limit\]
expect CSV-IMPORT>
send x\r
expect \n.*33m5\x1b
send \x04
end 0
]], { "repl", "@CSV-IMPORT", "--timeout", "300ms", "--mem", "32M" })
  end)

  it("kills a worker that does not stop, and says so", function()
    play [[
expect CSV-IMPORT>
send x = 7\r
expect CSV-IMPORT>
send print('run' .. 'ning') local _ = ('x'):rep(200000):find(('.-'):rep(60) .. 'y')\r
expect running
send \x03
expect did not stop within a second.*variables of this one are gone
expect CSV-IMPORT>
send x\r
expect nil
send \x04
end 0
]]
  end)

  it("goes on typing while a deaf worker owes names, and keeps its variables", function()
    local out = play [[
expect CSV-IMPORT>
send v = 5\r
expect CSV-IMPORT>
kill STOP
send pri\t
send Z
expect pri.*Z
send \tY
expect Y
send \x03
expect \^C.*CSV-IMPORT>
send pri\t\x03
expect \^C.*CSV-IMPORT>
kill CONT
send v\r
expect \n.*5
expect CSV-IMPORT>
send pri\t\r
expect pri.*nt.*<function
expect CSV-IMPORT>
send \x04
end 0
]]
    assert.is_nil(out:find("gone", 1, true))
  end)

  it("takes an entry of several lines from a deaf worker's user, and kills it when asked to", function()
    play [[
expect CSV-IMPORT>
send v = 5\r
expect CSV-IMPORT>
kill STOP
send pri\t\x03
expect \^C.*CSV-IMPORT>
send function f()\r
expect >>
send end\r
expect end.*2004l
send \x03
expect did not stop within a second.*variables of this one are gone
expect CSV-IMPORT>
send v\r
expect nil
send \x04
end 0
]]
  end)

  it("tells of a dead worker behind the line that is being typed", function()
    local out = play [[
expect CSV-IMPORT>
send v = 5\r
expect CSV-IMPORT>
kill KILL
send worksp\t
send Z
expect worksp.*Z
send \x03
expect \^C\r+\n.*variables( of this one)? are gone.*CSV-IMPORT>
send \x04
end 0
]]
    assert.is_nil(out:find "worksp[ace]*the")
  end)

  it("recovers when the worker is killed from outside", function()
    play [[
expect CSV-IMPORT>
send x = 7\r
expect CSV-IMPORT>
send x\r
expect \n.*7
expect CSV-IMPORT>
kill KILL
send x\r
expect variables( of this one)? are gone
expect CSV-IMPORT>
send x\r
expect nil
expect CSV-IMPORT>
send print('run' .. 'ning') while true do end\r
expect running
kill ABRT
expect worker_crash.*signal 6
expect CSV-IMPORT>
send plan.feature\r
expect \n.*"CSV-IMPORT"
send \x04
end 0
]]
  end)

  it("goes on however often its worker is killed, and at whatever moment", function()
    for seed = 1, 2 do
      play([[
expect CSV-IMPORT>
kills 15 while true do end
kills 15 for i = 1, 1e4 do y = i end
kills 10 :caches
kills 10 plan.lines
kills 5 big = {} for i = 1, 1e5 do big['k' .. i] = i end
send 'al' .. 'ive', plan.feature\r
expect "alive".*"CSV-IMPORT"
expect CSV-IMPORT>
send state:next(plan).number\r
expect "0\.2"
send \x04
end 0
]], nil, "SEED=" .. seed)
    end
  end)

  it("survives SIGINT at any moment", function()
    local steps = { "expect CSV-IMPORT>" }
    local entries = { "x = 1", ":caches", "for i = 1, 1e5 do y = i end", "plan.ach\\t", "print(('x'):rep(5000))",
      ":render review", "function f(", "workspace:plans()", ":help" }
    for i = 1, 20 do
      steps[#steps + 1] = "send " .. entries[i % #entries + 1] .. "\\r"
      steps[#steps + 1] = i % 3 == 0 and "signal INT" or "send \\x03"
      steps[#steps + 1] = i % 4 == 0 and "signal INT" or "resize 30 " .. 60 + i
    end
    steps[#steps + 1] = "send \\x03\\x03"
    steps[#steps + 1] = "send \\r6 * 7, 'alive'\\r"
    steps[#steps + 1] = 'expect 42.*"alive"'
    steps[#steps + 1] = "expect CSV-IMPORT>"
    steps[#steps + 1] = "send \\x04"
    steps[#steps + 1] = "end 0"
    play(table.concat(steps, "\n") .. "\n")
  end)

  it("keeps its variables and its worker through storms of Ctrl-C and SIGINT", function()
    for seed = 1, 3 do
      play([[
expect CSV-IMPORT>
send kept = 'here'\r
expect CSV-IMPORT>
storm 15 while true do end
storm 10 while true do print(('fl'):rep(9)) end
storm 10 :caches
storm 10 workspace:plans()
storm 5 plan.ach\t
signals 10 for i = 1, 2e6 do y = i end
signals 10 print(('x'):rep(5000))
signals 10 :help cache
send \x03
send kept .. '!', 'al' .. 'ive'\r
expect "here!".*"alive"
absent gone
send \x04
end 0
]], nil, "SEED=" .. seed)
    end
  end)

  it("obeys signals that come while a name is completed", function()
    local steps = { [[
expect CSV-IMPORT>
send big = {} for i = 1, 1e5 do big['k' .. i] = i end\r
expect CSV-IMPORT>
]] }
    for _ = 1, 10 do
      steps[#steps + 1] = "send big.\\t\\x03\nexpect \\^C.*CSV-IMPORT>\n"
    end
    play(table.concat(steps) .. "send big.k1\\r\nexpect \\n.*1\nexpect CSV-IMPORT>\nsend \\x04\nend 0\n")
    play(table.concat(steps) .. "send big.\\t\nsignal TERM\nend -15\n")
  end)

  it("takes an entry of a hundred thousand bytes, typed or pasted", function()
    play [[
expect CSV-IMPORT>
paste 10000 -- ten char
send \r
expect CSV-IMPORT>
paste 3000 x = (x or 0) + 1 -- and a comment of some length\r
send \r
expect CSV-IMPORT>
send x\r
expect \n.*3000
expect CSV-IMPORT>
send \x04
end 0
]]
    assert.equal("x\n", program.read(home .. "/.local/state/promptgen/repl_history")) -- the others are too long
  end)

  it("fits what it shows into a narrow terminal", function()
    local out = play([[
expect CSV-IMPORT>
resize 20 60
expect \r\x1b\[J.*CSV-IMPORT>
send :caches\r
expect store.*CSV-IMPORT>
send :cache plan_cache\r
expect KEY.*…/PLAN_CSV-IMPORT\.md  parent.*…/PLAN_CSV-IMPORT\.md  worker.*CSV-IMPORT>
send :help\r
expect Names.*CSV-IMPORT>
send state:next(plan)\r
expect title.*CSV-IMPORT>
send \x04
end 0
]], nil, "NO_COLOR=1")
    local columns = require "promptgen.columns"
    for line in out:match "\27%[J(.*)$":gmatch "[^\r\n]+" do
      line = line:gsub("\27%[[%d;?]*%a", "")
      assert.is_true(columns.width(line) <= 60 or line:find '"' ~= nil, line)
    end
  end)

  it("keeps the history between sessions, private", function()
    play [[
expect CSV-IMPORT>
send remembered = 'first'\r
expect CSV-IMPORT>
send  hidden = 1\r
expect CSV-IMPORT>
send function multi()\r
expect >>
send end\r
expect CSV-IMPORT>
send \x04
end 0
]]
    local path = home .. "/.local/state/promptgen/repl_history"
    assert.equal("600", program.sh("stat -c %a " .. path))
    assert.equal("remembered = 'first'\nfunction multi()\\x0aend\n", program.read(path))
    program.sh("chmod 644 " .. path)
    play [[
expect CSV-IMPORT>
send \x1b[A\x1b[A\r
expect remembered = 'first'
expect CSV-IMPORT>
send remembered\r
expect \n.*"first"
send \x04
end 0
]]
    assert.equal("600", program.sh("stat -c %a " .. path))
  end)

  it("escapes control bytes of values and of printed text", function()
    local out = play [[
expect CSV-IMPORT>
send '\\27]0;title\\7'\r
expect 2004l.*"\\x1b\]0;title\\x07"
expect CSV-IMPORT>
send print '\\27[31mred\\r\\0'\r
expect 2004l\\x1b\[31mred\\x0d\\x00\r\n
expect CSV-IMPORT>
send error '\\27[2Jwiped'\r
expect \\x1b\[2Jwiped
send \x04
end 0
]]
    assert.is_nil(out:find("\27]0;", 1, true))
    assert.is_nil(out:find("\27[2J", 1, true))
  end)

  it("shows no colour with NO_COLOR or on a dumb terminal", function()
    local steps = "expect CSV-IMPORT>\nsend 1 + 1\\r\nexpect 2\\r\\n\nexpect CSV\nsend \\x04\nend 0\n"
    local out = play(steps, nil, "NO_COLOR=1")
    assert.is_nil(out:find "\27%[%d*m")
    out = play(steps, nil, "TERM=dumb")
    assert.is_nil(out:find "\27")
  end)

  it("gives the terminal back when it is stopped, resized or ended by a signal", function()
    for name, status in pairs { TERM = -15, HUP = -1, QUIT = -3 } do
      play(("expect CSV-IMPORT>\nsend half\nexpect half\nsignal %s\nend %d\n"):format(name, status))
    end
    play [[
expect CSV-IMPORT>
send 40 + 2
expect 2
resize 30 60
expect \r\x1b\[J.*CSV-IMPORT>.*40 \+ 2
signal TSTP
stop
signal CONT
expect CSV-IMPORT>.*40 \+ 2
send \r
expect \n.*42
send \x04
end 0
]]
    play [[
expect CSV-IMPORT>
send print('run' .. 'ning') while true do end\r
expect running
signal TERM
end -15
]]
  end)

  it("edits the last entry in the user's editor", function()
    program.write(dir .. "/editor", "#!/bin/sh\nsed -i s/1/5/ \"$1\"\n")
    program.sh("chmod +x " .. dir .. "/editor")
    play([[
expect CSV-IMPORT>
send y = 1\r
expect CSV-IMPORT>
send :edit\r
expect y = 5
expect CSV-IMPORT>
send y\r
expect \n.*5
send \x04
end 0
]], nil, "EDITOR=" .. dir .. "/editor")
    assert.equal("", program.sh("find /tmp -maxdepth 1 -name 'promptgen-*.lua'"))
  end)

  it("does nothing when the editor leaves the last entry as it was", function()
    play([[
expect CSV-IMPORT>
send n = (n or 0) + 1\r
expect CSV-IMPORT>
send :edit\r
expect CSV-IMPORT>
send n\r
expect \n.*33m1\x1b
send \x04
end 0
]], nil, "EDITOR=true")
  end)

  it("shows what a plan's file has become between two looks", function()
    program.write(dir .. "/editor", "#!/bin/sh\nprintf '\\nmore\\n' >>\"$1\"\n")
    program.sh("chmod +x " .. dir .. "/editor")
    play([[
expect CSV-IMPORT>
send plan.lines\r
expect \n.*94
expect CSV-IMPORT>
send :caches\r
expect plan_cache +parent +1/.*plan_cache +worker +1/.*store +disk
expect CSV-IMPORT>
send :edit @CSV-IMPORT\r
expect CSV-IMPORT>
send :cache plan_cache\r
expect parent.*changed +3127 bytes, was 3121.*worker.*changed +3127
expect CSV-IMPORT>
send plan.lines\r
expect \n.*96
expect CSV-IMPORT>
send :entry work-space/plans/CSV-IMPORT/PLAN_CSV\t\r
expect parent.*3127 B.*(valid|doubtful).*worker.*3127 B
expect CSV-IMPORT>
send \x04
end 0
]], nil, "EDITOR=" .. dir .. "/editor")
  end)

  it("runs a file first and stays, also when it fails", function()
    program.write(dir .. "/lib.lua", "loaded = 'yes'\nerror 'but'\n")
    play([[
expect lib\.lua:2: but
expect promptgen>
send loaded\r
expect "yes"
send \x04
end 0
]], { "repl", "--load", "lib.lua" })
  end)
end)
