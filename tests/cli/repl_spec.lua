--- `promptgen repl` without a terminal: expressions, files, standard input, exit statuses.
local program = require "support.program"

describe("promptgen repl without a terminal", function()
  local dir

  before_each(function() dir = program.example_copy() end)
  after_each(function() program.remove(dir) end)

  local function repl(args, input, env)
    table.insert(args, 1, "repl")
    return program.run(args, { cwd = dir, input = input, env = env })
  end

  local function value(expression, target)
    local result = repl { target or "@CSV-IMPORT", "-e", expression }
    assert.equal("", result.err)
    assert.equal(0, result.status)
    return result.out
  end

  it("shows the value of an expression and leaves", function()
    assert.equal("2\n", value "1 + 1")
    assert.equal('1\n"two"\n{ 3 }\nnil\n', value "1, 'two', {3}, nil")
    assert.equal("", value "x = 1")
    assert.equal("5\n", value "2 + 3;")
    assert.equal("1\n", value "print(1);")
    assert.equal("", value ";")
    assert.equal("hello\n", value "print 'hello'")
    assert.equal('"CSV-IMPORT"\n', value "plan.feature")
    assert.equal("2\n", repl({ "-e", "x = 1", "-e", "x + 1" }).out)
  end)

  it("has the workspace, the plan, states and the modules at hand", function()
    local names = { "workspace", "state", "cache", "metrics", "template", "regex", "markdown", "timer", "ctx" }
    for _, name in ipairs(names) do
      assert.matches('^"[tu][as][be][lr]', value(("type(%s)"):format(name)))
    end
    assert.equal("3\n", value "#workspace:plans()")
    assert.equal('"0.2"\n', value "state:next(plan).number")
    assert.equal("nil\n", repl({ "-e", "plan" }).out)
    assert.equal('"MONTHLY-REPORT"\n', value("plan.feature", "@MONTHLY"))
    assert.equal(4, repl({ "@NO-SUCH-PLAN", "-e", "1" }).status)
  end)

  it("gives user code nothing but the workspace", function()
    assert.equal("nil\tnil\tnil\tnil\tnil\n", value "print(io, os, debug, package, dofile)")
    for _, module in ipairs { "promptgen.host", "promptgen.fs", "promptgen.channel", "promptgen.editor",
      "promptgen.turn", "promptgen.inspect", "promptgen.repl.worker" } do
      local result = repl { "-e", ("require %q"):format(module) }
      assert.equal(1, result.status)
      assert.matches("is not available", result.err)
    end
    program.write(dir .. "/.env", "SECRET")
    local result = repl { "-e", "select(2, workspace:read '.env').code", "-e", "select(2, workspace:read '../x').code" }
    assert.equal('"permission"\n"outside_root"\n', result.out)
  end)

  it("fails with the place, the traceback and a status", function()
    local result = repl { "-e", "function f() error 'boom' end", "-e", "f()" }
    assert.equal(1, result.status)
    assert.equal("", result.out)
    assert.matches("^promptgen: error%[workflow_error%] %-e 1:1: boom\n", result.err)
    assert.matches("'f'\n", result.err)
    result = repl { "-e", "x = = 1" }
    assert.equal(1, result.status)
    assert.matches("error%[script_syntax%] repl:1: unexpected symbol near '='", result.err)
    result = repl { "-e", "prnt(1)" }
    assert.matches("did you mean print", result.err)
    result = repl { "-e", "error(select(2, workspace:read 'nothing.md'))" }
    assert.equal(4, result.status)
    assert.matches("error%[not_found%] nothing.md", result.err)
  end)

  it("evaluates what it is told in order, and stops at the first error", function()
    local result = repl { "-e", "print(1)", "-e", "error 'x'", "-e", "print(2)" }
    assert.equal("1\n", result.out)
    assert.equal(1, result.status)
  end)

  it("runs files before", function()
    program.write(dir .. "/lib.lua", "function double(x)\n  return 2 * x\nend\n")
    assert.equal("42\n", repl({ "--load", "lib.lua", "-e", "double(21)" }).out)
    program.write(dir .. "/bad.lua", "x = 1\nerror 'in file'\n")
    local result = repl { "--load", "bad.lua", "-e", "1" }
    assert.equal(1, result.status)
    assert.matches("bad.lua:2: in file", result.err)
    assert.equal(4, repl({ "--load", "none.lua", "-e", "1" }).status)
  end)

  it("reads chunks from a pipe, without prompt and without showing values", function()
    local input = "x = 20\n\nfunction f(n)\n  return n + 1\nend\n1 + 1\nf(x)\nprint(f(x))\nprint('ü✅')"
    for _, args in ipairs { { "-" }, {}, { "@CSV-IMPORT", "-" } } do
      local result = repl(args, input)
      assert.equal("21\nü✅\n", result.out)
      assert.equal("", result.err)
      assert.equal(0, result.status)
    end
    local result = repl({ "-" }, "print(1)\nerror 'stop'\nprint(2)\n")
    assert.equal("1\n", result.out)
    assert.equal(1, result.status)
    result = repl({ "-" }, "function f()\n")
    assert.equal(1, result.status)
    assert.matches("unfinished", result.err)
    result = repl({ "-" }, "print(1)\n:quit\nprint(2)\n")
    assert.equal("1\n", result.out)
    assert.equal(0, result.status)
  end)

  it("takes commands from a pipe too", function()
    local result = repl({ "@CSV-IMPORT" }, ":state\n:explain 1.1\n:help cache.key\n")
    assert.equal(0, result.status)
    assert.matches("1 of 4 approved", result.out)
    assert.matches("1%.1 Import Command with Preview: no_subplan", result.out)
    assert.matches("cache%.key%(%.%.%.%)", result.out)
    result = repl({}, ":nothing\n")
    assert.equal(2, result.status)
    assert.matches("there is no command ':nothing'", result.err)
    assert.equal(2, repl({}, ":state\n").status)
  end)

  it("writes values as JSON", function()
    local values = "1, 'a\\0', nil, {b = {1, 2}, a = true}"
    local result = repl { "@CSV-IMPORT", "-e", values, "-e", "plan.feature", "--json" }
    assert.equal('{"schema":"promptgen.repl/1","values":[[1,"a\\u0000",null,{"a":true,"b":[1,2]}],["CSV-IMPORT"]]}\n',
      result.out)
    assert.equal(1, repl({ "-e", "print", "--json" }).status)
    assert.equal(1, repl({ "-e", "0/0", "--json" }).status)
    assert.equal(2, repl({ "--json" }, "1").status)
  end)

  it("ends what takes too long or too much", function()
    local result = repl { "-e", "while true do end", "--timeout", "300ms" }
    assert.equal(5, result.status)
    assert.matches("the time limit was reached", result.err)
    local stubborn = "pcall(function() while true do end end) while true do pcall(error) end"
    result = repl { "-e", stubborn, "--timeout", "300ms" }
    assert.equal(5, result.status)
    result = repl { "-e", "('x'):rep(1e9):gsub('.', '%0%0')", "--timeout", "5s" }
    assert.equal(5, result.status)
    result = repl { "-e", "t = {} while true do t[#t + 1] = ('x'):rep(1000) .. #t end", "--mem", "32M" }
    assert.equal(5, result.status)
    assert.matches("the memory limit was reached", result.err)
    result = repl { "-e", "while true do print(('x'):rep(1000)) end", "--out-max", "1M" }
    assert.equal(5, result.status)
  end)

  it("goes on after memory that was refused", function()
    local result = repl({ "-", "--mem", "32M" }, "x = 5\nprint(pcall(string.rep, 'x', 1e9))\nprint(x)\n")
    assert.matches("5\n$", result.out)
  end)

  it("shows hostile values within bounds", function()
    local result = repl { "-e", "t = {} t.t = t return t",
      "-e", "setmetatable({}, {__tostring = function() while true do end end})",
      "-e", "setmetatable({1}, {__index = error, __pairs = error, __len = error, __name = '\\27[31m'})",
      "-e", "'\\27]0;x\\7\\r\\u{202e}' .. ('x'):rep(1e6)", "-e", "t = {} for i = 1, 1e6 do t[i] = i end return t" }
    assert.equal("", result.err)
    assert.equal(0, result.status)
    assert.is_nil(result.out:find "[\27\7\r]")
    assert.matches("{ t = <table 0x%x+, shown above> }\n{}\n", result.out)
    assert.matches("… 100001%d bytes\n", result.out)
    assert.matches("… 999900 more", result.out)
    assert.is_true(#result.out < 8000)
    for _, code in ipairs { "return", "error()", "error(nil)", "error(setmetatable({}, {__tostring = error}))",
      "error({code = 'not_found'})", "error(print)", "coroutine.wrap(function() error 'x' end)()",
      "string.rep('x', -1)", "table.unpack({}, 1, 1e6)", "coroutine.yield(1)", "select(-1)" } do
      result = repl { "-e", code, "-e", "1" }
      assert.is_true(result.status == 0 or result.status == 1 or result.status == 4, code .. ": " .. result.err)
    end
  end)

  it("keeps the variables when user code replaces what the prompt itself uses", function()
    local broken = {
      ["metrics.export = nil"] = ":metrics", ["cache.all = nil"] = ":caches", ["timer.start = nil"] = ":time 1",
      ["profile.start = nil"] = ":profile 1", ["require('promptgen.template').engine = nil"] = ":render review",
      ["require('promptgen.errors').normalise = nil"] = "error 'x'",
    }
    for change, entry in pairs(broken) do
      local result = repl({ "@CSV-IMPORT", "-" }, change .. "\n" .. entry .. "\n")
      assert.equal(1, result.status, change .. ": " .. result.err)
      assert.matches("attempt to call a nil value", result.err)
      assert.is_nil(result.err:find "new worker", change)
    end
    for _, change in ipairs { "workspace.document = nil", "ctx.workspace = nil", "workspace = nil",
      "getmetatable(workspace).__index = nil", "workspace.documents = nil", "_G = nil",
      "setmetatable(_G, { __newindex = error, __index = function() end })", "_ENV = nil", "math = nil" } do
      local result = repl({ "@CSV-IMPORT", "-" }, "local p = print function check() p(x) end x = 7\n" .. change
        .. "\n2\ncheck()\n")
      assert.equal("7\n", result.out, change .. ": " .. result.err)
    end
  end)

  it("answers with bounded text and time whatever a value is", function()
    local deep = ("{"):rep(150) .. ("}"):rep(150)
    local values = {
      "setmetatable({}, { __name = ('x'):rep(1e6) })", "coroutine.running()", "{ [print] = print, [{}] = {} }", deep,
      "setmetatable({}, { __tostring = function() while true do end end, __metatable = false, __mode = 'kv' })",
      "setmetatable({}, { __name = setmetatable({}, { __tostring = error }), __pairs = error, __close = error })",
      "(function() local t = {} local c = t for _ = 1, 1e5 do c.n = {} c = c.n end return t end)()",
      "(function() local t = {} for i = 1, 1e6 do t['k' .. i] = i end return t end)()",
      "(function() local t = {} for i = 1, 1e5 do t[i] = { i, { i } } end return t end)()",
      "(function() local t = {} for i = 1, 99 do t[i] = ('y'):rep(1e5) end return t end)()",
      "('\\27[2J\\0\\r\\b\\u{202e}\\xff'):rep(1e6)", "{ ['\\27[31m' .. ('k'):rep(1e6)] = 1 }",
      "table.unpack({}, 1, 5000)", "error", "_G", "0/0, -0.0, 1/0, math.mininteger, 2^63", "('z'):rep(5e7)",
    }
    local args = { "@CSV-IMPORT", "--timeout", "300s" }
    for _, expression in ipairs(values) do
      args[#args + 1] = "-e"
      args[#args + 1] = expression
    end
    args[#args + 1] = "-e"
    args[#args + 1] = "'still here'"
    local result = repl(args)
    assert.equal("", result.err)
    assert.matches('"still here"\n$', result.out)
    assert.is_nil(result.out:find "[%z\1-\9\11-\31\127]")
    assert.is_nil(result.out:find("\u{202e}", 1, true))
    assert.is_true(#result.out < 400000, tostring(#result.out))
  end)

  it("reports an error that is hostile itself", function()
    for _, thrown in ipairs { "setmetatable({}, { __tostring = function() while true do end end })", "('x'):rep(1e7)",
      "{ code = ('c'):rep(1e6), message = {}, hint = { {} }, path = print }", "setmetatable({}, { __index = error })",
      "'\\27]0;title\\7'", "coroutine.create(print)" } do
      local result = repl { "-e", ("error(%s)"):format(thrown) }
      assert.equal(1, result.status, value)
      assert.is_true(#result.err < 20000)
      assert.matches("^promptgen: error%[workflow_error%]", result.err)
    end
  end)

  it("passes control bytes that user code prints unchanged into a pipe", function()
    assert.equal("\27[31m\0\n", value "print '\\27[31m\\0'")
  end)

  it("sees what changes on disk at the next look", function()
    local path = dir .. "/work-space/plans/CSV-IMPORT/PLAN_CSV-IMPORT.md"
    local script = ([[
print(plan.lines, workspace:plan("@CSV-IMPORT").lines)
:cache plan_cache
:edit @CSV-IMPORT
:cache plan_cache
print(plan.lines, #workspace:list "work-space/plans")
:cache plan_cache
]])
    program.write(dir .. "/editor", "#!/bin/sh\nprintf '\\nmore\\n' >>\"$1\"\nmkdir -p work-space/plans/NEW\n")
    program.sh("chmod +x " .. dir .. "/editor")
    local before = select(2, program.read(path):gsub("\n", "\n"))
    local result = repl({ "@CSV-IMPORT" }, script, { EDITOR = dir .. "/editor" })
    assert.equal("", result.err)
    local out = result.out
    assert.matches(("^%d\t%d\n"):format(before, before), out)
    assert.matches(("\n%d\t4\n"):format(before + 2), out)
    assert.matches("changed  %d+ bytes, was %d+\n", out)
    assert.equal(2, select(2, out:gsub("changed  %d+ bytes", "")))
  end)

  it("lists as many entries of a cache as of a table, and those with a text in their keys", function()
    local fill = "many = cache.new { name = 'many', max_size = 500 } for i = 1, 300 do many:set('key' .. i, i) end"
    local out = value(fill .. " return nil")
    assert.equal("nil\n", out)
    local result = repl { "-e", fill, "-e", ":cache many", "-e", ":set items 5", "-e", ":cache many",
      "-e", ":cache many key29", "-e", ":cache many nothing" }
    assert.equal("", result.err)
    assert.matches("\n… 200 more: ", result.out)
    assert.matches("\n… 295 more: ", result.out)
    assert.matches("\n… 6 more: ", result.out) -- key29 and key290 to key299
    assert.matches("no entries\n$", result.out)
  end)

  it("replaces a worker that is killed, and says so", function()
    program.write(dir .. "/kill", [[#!/bin/sh
for child in $(cat /proc/$PPID/task/$PPID/children); do
  [ "$child" = $$ ] && continue
  kill -KILL "$child"
  until grep -q 'State:.Z' "/proc/$child/status"; do :; done
done
]])
    program.sh("chmod +x " .. dir .. "/kill")
    local result = repl({ "@CSV-IMPORT", "-" }, "x = 1\nprint(x)\n:edit @CSV-IMPORT\nprint(x, plan.feature)\n",
      { EDITOR = dir .. "/kill" })
    assert.equal("1\nnil\tCSV-IMPORT\n", result.out)
    assert.matches("notice: the worker process has ended; a new one has started", result.err)
    assert.equal(0, result.status)
  end)

  it("renders a template of the workspace as it is now, and says that it shadows a stock one", function()
    program.sh(("mkdir -p %s/workflows/templates"):format(dir))
    local path = dir .. "/workflows/templates/review.lua"
    program.write(path, 'return require("promptgen.template").define { body = "one {{ plan.feature }}\\n" }\n')
    program.write(dir .. "/editor", "#!/bin/sh\nsed -i s/one/two/ \"$1\"\n")
    program.sh("chmod +x " .. dir .. "/editor")
    local result = repl({ "@CSV-IMPORT" }, ":render review\n:edit review\n:render review\n",
      { EDITOR = dir .. "/editor" })
    assert.equal("one CSV-IMPORT\n1 lines, about 5 tokens\ntwo CSV-IMPORT\n1 lines, about 5 tokens\n",
      (result.out:gsub("about %d+", "about 5")))
    assert.matches("workflows/templates/review.lua of this workspace is used in place of the stock one", result.err)
    result = repl({ "@CSV-IMPORT" }, ":render nothing\n")
    assert.equal(4, result.status)
    assert.matches("hint: templates: .*review", result.err)
    assert.matches("hint: did you mean review%?", repl({ "@CSV-IMPORT" }, ":render reveiw\n").err)
    program.write(path, 'return require("promptgen.template").define { body = "{{ nothing.here }}" }\n')
    result = repl({ "@CSV-IMPORT" }, ":render review\n")
    assert.equal(1, result.status)
    assert.matches("review", result.err)
  end)

  it("tells where in its input an error is", function()
    local result = repl({ "-" }, "x = 1\n\n\nlocal y =\n 2 error('at line 5')\n")
    assert.matches("stdin:5: at line 5", result.err)
    assert.matches("stdin:2: ", repl({ "-" }, "x = 1\nx = = 2\n").err)
    assert.matches("%-e 2:1: second", repl({ "-e", "1", "-e", "error 'second'" }).err)
    assert.matches(" repl:1: ", repl({ "-e", "a.b" }).err)
  end)

  it("says that a local of an earlier chunk is gone", function()
    local hint = "local '%a' of line %d is gone with its chunk"
    assert.matches(hint:gsub("%%a", "a"):gsub("%%d", "2"), repl({ "-" }, "x = 1\nlocal a={b=1}\nprint(a.b)\n").err)
    assert.matches(hint:gsub("%%a", "f"):gsub("%%d", "1"), repl({ "-" }, "local function f()\nend\nf()\n").err)
    assert.is_nil(repl({ "-" }, "local a={b=1}\nprint(c.b)\n").err:find("gone", 1, true))
  end)

  it("refuses commands without what they need, and with what they do not take", function()
    for entry, message in pairs { [":time"] = "needs an expression", [":profile"] = "needs an expression",
      [":entry"] = "needs a key", [":quit now"] = "takes no argument", [":hits zzz"] = "takes no argument",
      [":explain"] = "name one: :explain @PLAN" } do
      local result = repl({ "-" }, entry .. "\n")
      assert.equal(2, result.status, entry)
      assert.is_truthy(result.err:find(message, 1, true), entry .. result.err)
    end
    assert.is_nil(repl({ "-e", "y.z" }).err:find("did you mean _", 1, true))
  end)

  it("leaves with :quit among expressions", function()
    local result = repl { "-e", ":quit", "-e", "1" }
    assert.equal("", result.out)
    assert.equal(0, result.status)
  end)

  it("loses nothing of a value in JSON", function()
    local function json(expression, ...)
      return repl { "@CSV-IMPORT", "--json", "-e", expression, ... }
    end
    assert.equal('{"schema":"promptgen.repl/1","values":[[{"1":1,"3":2}]]}\n', json("{[1]=1,[3]=2}").out)
    assert.equal('{"schema":"promptgen.repl/1","values":[[{"1":7,"a":[]}]]}\n', json("{7, a = {}}").out)
    local plan = json("plan", "-e", "{ plan.achievements[1] }").out
    assert.matches('"feature":"CSV%-IMPORT"', plan)
    assert.matches('"number":"0%.1"', plan)
    local result = json("{[true] = 1}")
    assert.equal(1, result.status)
    assert.matches("table key of type boolean", result.err)
    result = json(":caches")
    assert.equal(2, result.status)
    assert.matches("commands have no JSON", result.err)
  end)

  it("keeps a table whole when a cache has a hostile name", function()
    local make = "evil = cache.new { name = 'evil\\27[31m\\nx' } evil:set('k', 1) evil:get 'k'"
    local out = repl({ "-e", make, "-e", ":caches", "-e", ":hits" }).out
    assert.is_nil(out:find("\27", 1, true))
    assert.is_nil(out:find "\nx ")
    assert.equal(3, select(2, out:gsub("evil\\x1b%[31m\\n?x?0?a?x", "")))
  end)

  it("starts no editor on a pipe", function()
    local result = repl({ "-" }, "x = 1\n:edit\n", { EDITOR = "echo started" })
    assert.equal(2, result.status)
    assert.is_nil(result.out:find "started")
    assert.matches("needs a terminal", result.err)
  end)

  it("reports a standard output that takes nothing", function()
    for redirection, status in pairs { [">/dev/full"] = 6, [">&-"] = 6, ["2>&-"] = 0, ["<&-"] = 0 } do
      local _, actual = program.sh(("(cd %s && %s repl -e 'print(1)' %s)"):format(
        program.quote(dir), program.path, redirection))
      assert.equal(status, actual, redirection)
    end
  end)

  it("ends quietly when the reader of its output goes away", function()
    local out = program.sh(("cd %s && %s repl -e 'for i = 1, 1e5 do print(i) end' | head -n 1"):format(
      program.quote(dir), program.path))
    assert.equal("1", out)
  end)

  it("tells what is wrong with its arguments", function()
    assert.equal(2, repl({ "@CSV-IMPORT", "@MONTHLY-REPORT" }).status)
    assert.equal(2, repl({ "--bogus" }).status)
    assert.matches("look into the workspace", program.run({ "help", "repl" }).out)
    assert.equal(4, program.run({ "repl", "-e", "1" }, { cwd = "/" }).status)
  end)
end)
