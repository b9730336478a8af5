--- What a broken or hostile workflow does to the program: a clear error with its place, the right
--- exit status, nothing on standard output, nothing changed in the workspace.
local program = require "support.program"

local function snapshot(dir)
  return program.sh(("cd %s && find . -type f -exec sha256sum {} + | sort"):format(program.quote(dir)))
end

describe("a workflow that", function()
  local root

  before_each(function()
    root = program.temp_dir()
    program.sh(("mkdir -p %s/work-space/plans %s/workflows"):format(root, root))
  end)

  after_each(function()
    program.remove(root)
  end)

  --- Runs `source` as workflows/bad.lua and checks what every failure has in common.
  local function fails(source, status, pattern, args)
    program.write(root .. "/workflows/bad.lua", source)
    local before = snapshot(root)
    local list = { "run", "workflows/bad.lua" }
    table.move(args or {}, 1, #(args or {}), 3, list)
    local result = program.run(list, { cwd = root })
    assert.equal(status, result.status, result.err)
    assert.equal("", result.out)
    assert.matches("^promptgen: error%[[%w_]+%] ", result.err)
    assert.is_nil(result.err:find("[%z\1-\8\11-\31]"))
    assert.is_true(#result.err <= 9000)
    assert.matches(pattern, result.err)
    assert.equal(before, snapshot(root))
    return result
  end

  local function body(text)
    return 'local workflow = require "promptgen.workflow"\n'
      .. 'return workflow.define { name = "bad", run = function(ctx)\n' .. text .. "\nend }\n"
  end

  it("does not compile is reported with its line", function()
    fails("local x =\n\nreturn }", 1, "error%[script_syntax%] workflows/bad.lua:3: unexpected symbol")
  end)

  it("returns nothing or a number is told how a workflow file ends", function()
    fails("local x = 1", 1, "workflows/bad.lua: the workflow file returns nothing")
    fails("return 7", 1, "returns a number, not a workflow\nhint: end the file with: return workflow.define")
    fails("return {}", 1, "has no usable name")
    fails('return { name = "x" }', 1, "has no run function")
  end)

  it("asks for a template that does not exist is told those with a name like it", function()
    fails(body 'return ctx:prompt("reveiw", {})', 4, "did you mean workflows/templates/review.lua%?")
    local result = fails(body 'return ctx:prompt("zebra", {})', 4, "there is no script")
    assert.is_nil(result.err:find("did you mean", 1, true))
  end)

  it("asks for a template in vain is told where, also when the call is the last thing it does", function()
    fails(body 'local x = 1\nreturn ctx:prompt("zebra", {})', 4, "workflows/bad.lua:4: there is no script")
    fails(body 'local made, err = ctx:prompt("zebra", {})\n\nreturn made, err', 4, "bad.lua:3: there is no script")
    fails(body 'return coroutine.wrap(function() return ctx:prompt("zebra", {}) end)()', 4, "bad.lua:3: there is no")
  end)

  it("returns nothing or a number from run is told so", function()
    fails(body "return nil", 1, "run returned nothing")
    fails(body "return 7", 1, "run returned a number")
    fails(body "return {}", 1, "run returned a table, not a prompt")
    fails(body "return { text = function() end }", 1, "not a prompt")
  end)

  it("raises is reported with file and line", function()
    fails(body 'error "boom"', 1, "error%[workflow_error%] workflows/bad.lua:3: boom")
    fails(body "local t = nil\nreturn t.x", 1, "workflows/bad.lua:4: attempt to index a nil value")
    fails(body "error()", 1, "error object is a nil value")
    fails(body "error {}", 1, "error object is a table value")
    fails(body 'error { code = "limit", message = "mine" }', 5, "error%[limit%]")
    fails(body 'error { code = "internal", message = "mine" }', 1, "error%[workflow_error%].*mine")
    fails(body 'error { code = "interrupted", message = "mine" }', 1, "error%[workflow_error%]")
    fails(body 'error(setmetatable({}, { __tostring = function() error "again" end }))', 1, "table value")
  end)

  it("puts control bytes into an error cannot reach the terminal with them", function()
    local result = fails(body [[error "\27]0;title\7"]], 1, [[\x1b%]0;title\x07]])
    assert.is_nil(result.err:find "\27")
  end)

  it("raises a huge message has it cut", function()
    fails(body 'error(("A"):rep(1e7))', 1, "AAA…")
  end)

  it("loops for ever is stopped at the deadline with the line", function()
    fails(body "while true do end", 5, "error%[limit%] workflows/bad.lua:3: the time limit of 0.3 s was reached",
      { "--timeout", "300ms" })
    fails(body "while true do pcall(function() while true do end end) end", 5, "time limit", { "--timeout=300ms" })
    fails(body "coroutine.wrap(function() while true do end end)()", 5, "time limit", { "--timeout=300ms" })
    fails(body "xpcall(function() while true do end end, function() while true do end end)", 5, "time limit",
      { "--timeout=300ms" })
    fails(body "local x <close> = setmetatable({}, { __close = function() while true do end end }) error 'x'", 5,
      "time limit", { "--timeout=300ms" })
    fails("while true do end", 5, "workflows/bad.lua:1: the time limit", { "--timeout=300ms" })
  end)

  it("loops inside a C function is stopped too", function()
    fails(body '(("a"):rep(300)):find((".-"):rep(20) .. "b")', 5, "time limit", { "--timeout=300ms" })
    fails(body 'return tostring(("a"):rep(3e4):gmatch(".-.-.-.-b")())', 5, "time limit", { "--timeout=300ms" })
  end)

  it("asks the library for disproportionate work is refused", function()
    fails(body 'table.concat(setmetatable({}, { __index = type }), "", 1, 1 << 60)', 1, "a range of more than")
    fails(body "table.unpack({}, 1, 1e8)", 1, "range of more than")
    fails(body "table.insert(setmetatable({}, { __len = function() return 1 << 40 end }), 1, 1)", 1, "range")
    fails(body "table.move({}, 1, 1 << 40, 2)", 1, "range")
    local result = program.run({ "run", "workflows/bad.lua" }, { cwd = root })
    assert.equal(1, result.status)
    program.write(root .. "/workflows/bad.lua", body 'return ("" ):rep(1 << 60) .. "empty"')
    assert.equal("empty\n", program.run({ "run", "workflows/bad.lua" }, { cwd = root }).out)
  end)

  it("takes memory without end is stopped at the limit", function()
    fails(body "local t = {} while true do t[#t + 1] = ('x'):rep(1e5) .. #t end", 5,
      "the memory limit of 20 MiB was reached", { "--mem=20M" })
    fails(body "local t = {} while true do pcall(function() t[#t + 1] = ('x'):rep(1e6) .. #t end) end", 5,
      "memory limit", { "--mem=20M" })
    fails(body "return ('x'):rep(1 << 30)", 5, "memory limit", { "--mem=20M" })
    fails(body "return ('x'):rep(1 << 40)", 1, "workflows/bad.lua:3: resulting string too large")
  end)

  it("prints without end is stopped at the output limit", function()
    fails(body "while true do print(('x'):rep(1000)) end", 5, "printed more than 1048576 bytes", { "--out-max=1M" })
    fails(body "return ('x'):rep(2000000)", 5, "printed more than 1048576 bytes", { "--out-max=1M" })
  end)

  it("recurses without end is an error, not a crash", function()
    fails(body "local function f() return 1 + f() end return f()", 1, "stack overflow")
    fails(body "local t = {} for i = 1, 3000 do t = setmetatable({}, { __index = t }) end return t.x", 1, ".")
  end)

  it("sets a finalizer is refused", function()
    fails(body "setmetatable({}, { __gc = function() while true do end end })", 1, "__gc is not permitted")
    program.write(root .. "/workflows/bad.lua", body
      "local mt = {} setmetatable({}, mt) mt.__gc = function() error 'ran' end return 'fine'")
    assert.equal("fine\n", program.run({ "run", "workflows/bad.lua" }, { cwd = root }).out)
  end)

  it("is or loads a binary chunk is refused before it is read", function()
    fails(string.dump(function() return 1 end), 1, "binary chunk refused")
    fails(body 'assert(load("\\27Lua"))', 1, "attempt to load a binary chunk")
    fails(body "load(function() return 'x' end)", 1, "string expected")
    fails(body [[return load("return os", nil, "t", _G)()]], 1, "run returned nothing")
  end)

  it("reaches for the system finds nothing", function()
    for _, expression in ipairs {
      "os.execute", "io.open", "io.popen", "dofile", "loadfile", "debug.getregistry", "package.loadlib",
      "string.dump", "collectgarbage", "coroutine.close",
    } do
      fails(body(("return tostring(%s('x'))"):format(expression)), 1, "attempt to ")
    end
    for _, module in ipairs {
      "os", "io", "debug", "promptgen.host", "promptgen.fs", "promptgen.channel", "lib/../x",
    } do
      fails(body(("require %q"):format(module)), 1, ".")
    end
  end)

  it("changes shared tables affects only itself", function()
    fails(body "getmetatable('').__index = {}", 1, "attempt to")
    program.write(root .. "/workflows/bad.lua", body
      "string.rep = nil table.concat = nil _G.tostring = nil pairs = nil return 'still here'")
    assert.equal("still here\n", program.run({ "run", "workflows/bad.lua" }, { cwd = root }).out)
  end)

  it("names a reserved option is told so", function()
    fails('return { name = "bad", run = print, options = { { "--json", "flag", "x" } } }', 1,
      "option %-%-json belongs to promptgen itself")
  end)

  it("reads outside the workspace or a secret gets a refusal that names the flag", function()
    fails(body "return assert(ctx.workspace:read '../x')", 3, "error%[outside_root%]")
    fails(body "return assert(ctx.workspace:read '/etc/passwd')", 3, "%-%-allow%-read=/etc would permit it")
    program.write(root .. "/.env", "SECRET=1")
    fails(body "return assert(ctx.workspace:read '.env')", 3, "error%[permission%]")
    fails(body "return assert(ctx:write('x.md', 'text'))", 3, "%-%-allow%-write=. would permit it")
    fails(body "return assert(ctx:env 'HOME')", 3, "%-%-allow%-env=HOME would permit it")
  end)
end)

describe("a workflow", function()
  it("that makes the worker collect everything keeps its channel", function()
    local root = program.temp_dir()
    program.sh(("mkdir -p %s/work-space/plans %s/workflows"):format(root, root))
    program.write(root .. "/workflows/heavy.lua", [[
      local workflow = require "promptgen.workflow"
      return workflow.define { name = "heavy", run = function(ctx)
        for i = 1, 300000 do local t = { ("x"):rep(100) .. i } end
        assert(ctx.workspace:list "work-space")
        return "done"
      end }]])
    local result = program.run({ "run", "heavy" }, { cwd = root })
    assert.equal("", result.err)
    assert.equal("done\n", result.out)
    program.remove(root)
  end)

  it("sees pairs in one order, whatever the run", function()
    local root = program.temp_dir()
    program.sh(("mkdir -p %s/work-space/plans %s/workflows"):format(root, root))
    program.write(root .. "/workflows/order.lua", [[
      local workflow = require "promptgen.workflow"
      return workflow.define { name = "order", run = function()
        local t, out = {}, {}
        for i = 1, 200 do t["key" .. i * 7 % 211] = i end
        for k, v in pairs(t) do out[#out + 1] = k .. "=" .. v end
        return table.concat(out, " ") .. math.random(1000)
      end }]])
    local first = program.run({ "run", "order" }, { cwd = root })
    assert.equal(0, first.status, first.err)
    for _ = 1, 3 do
      assert.equal(first.out, program.run({ "run", "order" }, { cwd = root }).out)
    end
    program.remove(root)
  end)
end)
