--- Profiles of the real program: what is measured, where it goes, and that measuring changes nothing.
local program = require "support.program"
local cjson = require "cjson"

describe("a profile", function()
  local root

  before_each(function()
    root = program.example_copy()
  end)

  after_each(function()
    program.remove(root)
  end)

  local function run(...)
    return program.run({ ... }, { cwd = root })
  end

  local function write_workflow(name, body)
    program.sh("mkdir -p " .. root .. "/workflows")
    program.write(root .. "/workflows/" .. name .. ".lua",
      ('local workflow = require "promptgen.workflow"\nreturn workflow.define { name = "%s", summary = "s", '
        .. "run = function(ctx)\n%s\nend }\n"):format(name, body))
  end

  --- The stock workflow with a line more: no stock script any more, so it runs in a worker.
  local function own_next()
    program.sh("mkdir -p " .. root .. "/workflows")
    local stock = program.read(program.source_dir .. "/workflows/next.lua")
    program.write(root .. "/workflows/next.lua", stock .. "-- own\n")
  end

  it("is a table on standard error and leaves standard output as it is", function()
    own_next()
    local plain = run("next", "@CSV-IMPORT")
    assert.equal(0, plain.status, plain.err)
    local profiled = run("next", "@CSV-IMPORT", "--profile")
    assert.equal(0, profiled.status)
    assert.equal(plain.out, profiled.out)
    assert.matches("\nordered by cumulative time\n\n +ncalls +tottime +percall +cumtime +percall +process where\n",
      profiled.err)
    assert.matches("\nparent %d+%.%d+ ms, worker %d+%.%d+ ms; %d+ calls", profiled.err)
    assert.matches("  parent  promptgen/cli%.lua:%d+%(dispatch%)\n", profiled.err)
    assert.matches("  worker  workflows/next%.lua:%d+%(run%)\n", profiled.err)
    assert.matches("  parent  {host%.protect}\n", profiled.err)
  end)

  it("is ordered as asked for", function()
    assert.matches("ordered by own time", run("next", "@CSV-IMPORT", "--profile=self").err)
    assert.matches("ordered by number of calls", run("next", "@CSV-IMPORT", "--profile=calls").err)
    local wrong = run("next", "@CSV-IMPORT", "--profile=size")
    assert.equal(2, wrong.status)
    assert.matches("it takes one of cumtime, self, calls", wrong.err)
  end)

  it("names parsing, state detection, prompt generation and the listing of feedback", function()
    own_next()
    local file = root .. "/out.folded"
    local result = run("run", "workflows/next.lua", "@CSV-IMPORT", "--profile-out", file)
    assert.equal(0, result.status, result.err)
    assert.matches("^promptgen: notice: [^\n]*\n$", result.err)
    local text = program.read(file)
    for _, name in ipairs { "plan parsing", "state detection", "feedback listing", "start%-up" } do
      assert.matches("parent;[^\n]*%[" .. name .. "%]", text)
    end
    assert.matches("worker;[^\n]*%[prompt generation%]", text)
    assert.matches("\nworker;%[entering the sandbox%] %d+\n", text)
    assert.matches("\nparent;[^\n]*;plan%.parse %[C%] %d+\n", text)
    assert.matches("%[prompt generation%];Context:prompt promptgen/context.lua:%d+", text)
    for line in text:gmatch "[^\n]+" do
      assert.is_truthy(line:match "^parent[; ].* %d+$" or line:match "^parent %d+$"
        or line:match "^worker[; ].* %d+$" or line:match "^worker %d+$", line)
    end
  end)

  it("shows that work in the table, of stock scripts and of one's own", function()
    local function shown(text)
      for _, name in ipairs { "plan parsing", "state detection", "feedback listing", "prompt generation" } do
        assert.matches("\n[%d%./ ]+%S+  %[" .. name .. "%]\n", text)
      end
    end
    for _, order in ipairs { "cumtime", "self", "calls" } do
      shown(run("next", "@CSV-IMPORT", "--no-cache", "--profile=" .. order).err)
    end
    own_next()
    local text = run("next", "@CSV-IMPORT", "--no-cache", "--profile").err
    shown(text)
    assert.matches("  worker  %[prompt generation%]\n", text)
  end)

  it("is written as a flame graph or for speedscope by the ending of the file", function()
    own_next()
    assert.equal(0, run("next", "@CSV-IMPORT", "--profile-out=out.svg").status)
    local text = program.read(root .. "/out.svg")
    assert.matches("^<svg xmlns=", text)
    assert.matches("<title>worker\n", text)
    assert.equal(0, run("next", "@CSV-IMPORT", "--profile-out", root .. "/out.json").status)
    local file = cjson.decode(program.read(root .. "/out.json"))
    assert.equal("promptgen next @CSV-IMPORT", file.name)
    assert.equal(4, #file.profiles)
    local parent, worker = file.profiles[3], file.profiles[4]
    assert.is_true(worker.startValue > parent.startValue)
    assert.is_true(worker.endValue < parent.endValue)
  end)

  it("with an ending that says nothing is refused before the run", function()
    for _, name in ipairs { "out", "out.png", "out.svg/" } do
      local result = run("next", "@CSV-IMPORT", "--profile-out", name)
      assert.equal(2, result.status)
      assert.equal("", result.out)
      assert.matches("hint: name a file that ends in %.svg", result.err)
    end
  end)

  it("that cannot be written is an error before the run", function()
    program.sh("mkdir " .. root .. "/dir.svg")
    for path, code in pairs { ["no/such/out.svg"] = "not_found", ["dir.svg"] = "not_regular" } do
      local result = run("next", "@CSV-IMPORT", "--profile-out", path)
      assert.equal(4, result.status)
      assert.equal("", result.out)
      assert.matches("error%[" .. code .. "%] " .. path:gsub("%p", "%%%0"), result.err)
    end
    assert.matches("name a file that is not there yet", run("next", "@CSV-IMPORT", "--profile-out", "dir.svg").err)
    assert.equal("", program.sh("find " .. root .. " -name '.promptgen-*'"))
    assert.equal(0, run("next", "@CSV-IMPORT", "--profile-out", "out.txt").status)
    assert.matches("^parent", program.read(root .. "/out.txt"))
    assert.equal("", program.sh("find " .. root .. " -name '.promptgen-*'"))
  end)

  it("counts what the thread that reads ahead costs as parsing", function()
    for _ = 1, 3 do
      assert.equal(0, run("next", "@CSV-IMPORT", "--no-cache", "--profile-out", "out.folded").status)
      for line in program.read(root .. "/out.folded"):gmatch "[^\n]*ahead:[wp][^\n]*" do
        assert.matches("%[plan parsing%].*ahead:", line)
      end
    end
  end)

  it("is made of commands without a worker and of failures too", function()
    assert.matches("\nparent %d+%.%d+ ms; %d+ calls", run("next", "@CSV-IMPORT", "--profile").err)
    assert.matches("\nparent %d+%.%d+ ms; %d+ calls", run("status", "@CSV-IMPORT", "--profile").err)
    local plain, profiled = run("next", "@NOTHING"), run("next", "@NOTHING", "--profile")
    assert.equal(plain.status, profiled.status)
    assert.matches("ordered by cumulative time", profiled.err)
    assert.is_truthy(profiled.err:find(plain.err, 1, true))
    write_workflow("bad", "error 'boom'")
    profiled = run("run", "bad", "--profile", "--profile-out=out.folded")
    assert.equal(1, profiled.status)
    assert.matches("\nworker;[^\n]*;run workflows/bad%.lua:2 %d+\n", program.read(root .. "/out.folded"))
    assert.matches("error%[workflow_error%] workflows/bad%.lua:3: boom", profiled.err)
  end)

  it("holds what a workflow names itself", function()
    write_workflow("mine", [[
      local profile = require "promptgen.profile"
      local double = profile.wrap("doubling", function(n) return 2 * n, nil end)
      local span <close> = profile.span "all of it"
      assert(select("#", double(4)) == 2 and double(4) == 8)
      return "done"]])
    local result = run("run", "mine", "--profile-out=out.folded")
    assert.equal("done\n", result.out)
    assert.matches("worker;[^\n]*;%[all of it%];%[doubling%]", program.read(root .. "/out.folded"))
    assert.equal("", run("run", "mine").err)
    assert.matches("promptgen: debug: doubling took %d+%.%d+ s", run("run", "mine", "--log-level=debug").err)
  end)

  it("reports the durations of the named work as debug entries", function()
    local result = run("next", "@CSV-IMPORT", "--log-level=debug")
    for _, name in ipairs { "plan parsing", "state detection", "prompt generation", "feedback listing" } do
      assert.matches("promptgen: debug: " .. name .. " took %d+%.%d+ s", result.err)
    end
  end)

  it("lifts no limit", function()
    for _, body in ipairs {
      "while true do end", "while true do string.rep('x', 2) end",
      "while true do pcall(function() while true do end end) end",
      "coroutine.wrap(function() while true do end end)()",
      "while true do pcall(coroutine.wrap(function() while true do pcall(error) end end)) end",
      "xpcall(function() while true do end end, function() while true do end end)",
      "local x <close> = setmetatable({}, { __close = function() while true do end end }) error 'x'",
    } do
      write_workflow("bad", body)
      local result = run("run", "bad", "--profile", "--timeout=400ms")
      assert.equal(5, result.status, body .. "\n" .. result.err)
      assert.equal("", result.out)
      assert.matches("error%[limit%] [^\n]*the time limit of 0%.4 s was reached", result.err)
    end
    write_workflow("bad", "local t = {} while true do pcall(function() t[#t + 1] = ('x'):rep(1e6) .. #t end) end")
    local result = run("run", "bad", "--profile", "--mem=20M")
    assert.equal(5, result.status, result.err)
    assert.matches("memory limit", result.err)
  end)

  it("stays bounded whatever a workflow does", function()
    write_workflow("deep", [[
      local function down(n) return n == 0 and 0 or 1 + down(n - 1) end
      for i = 1, 300 do load(("\n"):rep(i) .. "return function() end")()() end
      for i = 1, 2000 do coroutine.wrap(function() coroutine.yield() end)() end
      local profile = require "promptgen.profile"
      for i = 1, 5000 do local s <close> = profile.span("span " .. i) end
      return tostring(down(20000))]])
    local result = run("run", "deep", "--profile=calls", "--profile-out=out.svg")
    assert.equal(0, result.status, result.err)
    assert.equal("20000\n", result.out)
    assert.matches("20001/1 [^\n]*workflows/deep%.lua:3%(down%)", result.err)
    assert.is_true(#program.read(root .. "/out.svg") < 5000000)
  end)

  it("cannot be reached by a workflow other than through promptgen.profile", function()
    write_workflow("bad", "require 'promptgen.profiler'")
    assert.matches("module 'promptgen.profiler' is not available", run("run", "bad").err)
    write_workflow("bad", "local p = require 'promptgen.profile' p.start() return 'x'")
    assert.equal(1, run("run", "bad").status)
    assert.equal(1, run("run", "bad", "--profile").status)
  end)
end)
