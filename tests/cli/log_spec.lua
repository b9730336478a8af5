--- The log of the program: what reaches standard error, what the log file, and in which form.
local program = require "support.program"
local cjson = require "cjson"

local WORKFLOW = [==[
local workflow = require "promptgen.workflow"
local log = require "promptgen.log"
return workflow.define { name = "talk", summary = "writes log entries", run = function(ctx)
  ctx.log.debug("one", { n = 1 })
  log.info "two"
  log.with({ step = "s" }).warning("three\27[31m")
  log.error "four"
  return "done"
end }
]==]

local TIME = "%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%d%.%d%d%dZ"

describe("the log", function()
  local root

  before_each(function()
    root = program.temp_dir()
    program.sh(("mkdir -p %s/work-space/plans %s/workflows"):format(root, root))
    program.write(root .. "/workflows/talk.lua", WORKFLOW)
  end)

  after_each(function()
    program.remove(root)
  end)

  local function run(...)
    local result = program.run({ "run", "talk", ... }, { cwd = root })
    assert.equal(0, result.status, result.err)
    assert.equal("done\n", result.out)
    return result.err
  end

  local function objects(text)
    local list = {}
    for line in text:gmatch "[^\n]+" do
      list[#list + 1] = cjson.decode(line)
    end
    return list
  end

  it("shows warnings and errors, no chatter, when standard error is no terminal", function()
    assert.equal("promptgen: warning: three\\x1b[31m step=s\npromptgen: error: four\n", run())
  end)

  it("shows everything with -v", function()
    local text = run "-v"
    assert.matches("\npromptgen: debug: one n=1\npromptgen: info: two\npromptgen: warning: three", text)
    assert.matches("promptgen: debug: workflow found", text)
  end)

  it("obeys --log-level", function()
    assert.equal("", run("--log-level", "off"))
    assert.equal("promptgen: error: four\n", run("--log-level=error"))
    assert.matches("promptgen: info: two", run("--log-level", "info"))
    assert.is_nil(run("--log-level", "info"):find "one")
  end)

  it("is one JSON object a line with --log-format json", function()
    local list = objects(run("--log-format", "json", "--log-level", "debug"))
    local two
    for _, object in ipairs(list) do
      assert.matches("^" .. TIME .. "$", object.time)
      two = object.message == "two" and object or two
    end
    assert.equal("info", two.level)
    assert.equal("talk", two.workflow)
    assert.equal("worker", two.process)
  end)

  it("goes to --log-file, each run appended, and leaves standard error as it is", function()
    local file = root .. "/run.log"
    program.write(file, "before\n")
    for _ = 1, 2 do
      assert.equal("promptgen: warning: three\\x1b[31m step=s\npromptgen: error: four\n", run("--log-file", file))
    end
    local text = program.read(file)
    assert.matches("^before\n" .. TIME .. " info: two workflow=talk process=worker\n", text)
    local _, count = text:gsub("info: prompt made workflow=talk bytes=4\n", "")
    assert.equal(2, count)
    assert.is_nil(text:find "debug:")
  end)

  it("gives the file its own level and form", function()
    local file = root .. "/run.log"
    run("--log-file", file, "--log-level", "debug", "--log-format", "json")
    local list = objects(program.read(file))
    assert.equal("workflow found", list[1].message)
    assert.equal("prompt made", list[#list].message)
    program.sh("rm " .. file)
    run("--log-file", file, "--log-level", "off")
    assert.equal("", program.read(file))
  end)

  it("records a failed run with its code in the file", function()
    program.write(root .. "/workflows/talk.lua", "error 'boom'")
    local file = root .. "/run.log"
    local result = program.run({ "run", "talk", "--log-file", file, "--log-format", "json" }, { cwd = root })
    assert.equal(1, result.status)
    assert.matches("^promptgen: error%[workflow_error%] workflows/talk.lua:1: boom", result.err)
    local list = objects(program.read(file))
    assert.equal("boom", list[#list].message)
    assert.same({ code = "workflow_error", path = "workflows/talk.lua", line = 1 }, list[#list].fields)
  end)

  it("names the plan and the achievement of the run", function()
    local file, seen = root .. "/run.log", 0
    local args = { "next", "@CSV-IMPORT", "--log-file", file, "--log-level", "debug", "--log-format", "json" }
    local result = program.run(args, { cwd = program.example })
    assert.equal(0, result.status, result.err)
    for _, object in ipairs(objects(program.read(file))) do
      assert.equal("next", object.workflow)
      if object.message == "prompt made" then
        seen = seen + 1
        assert.equal("CSV-IMPORT", object.plan)
        assert.matches("^%d[%d.]*$", object.achievement)
      end
    end
    assert.equal(1, seen)
  end)

  it("that cannot be opened is an error before anything runs", function()
    program.sh("mkfifo " .. root .. "/fifo")
    for path, pattern in pairs {
      [root .. "/no/such.log"] = "error%[io%] .*No such file", [root] = "error%[io%] .*directory",
      [root .. "/fifo"] = "error%[not_regular%] .*FIFO",
    } do
      local result = program.run({ "run", "talk", "--log-file", path }, { cwd = root })
      assert.is_true(result.status == 6 or result.status == 4)
      assert.equal("", result.out)
      assert.matches(pattern, result.err)
    end
  end)

  it("that cannot be written does not fail the run and is told once", function()
    local err = run("--log-file", "/dev/full", "--log-level", "debug")
    local _, count = err:gsub("the log file is incomplete", "")
    assert.equal(1, count)
  end)

  it("of a workflow that floods it is cut off, and says so", function()
    program.write(root .. "/workflows/talk.lua", [[
      local log = require "promptgen.log"
      return require("promptgen.workflow").define { name = "talk", summary = "s", run = function()
        for _ = 1, 3000 do log.error(("x"):rep(1000)) end
        return "done"
      end }]])
    local err = run "--out-max=1M"
    assert.is_true(#err < 1200000)
    local last = err:sub(-100):match "[^\n]*\n$"
    assert.equal("promptgen: warning: further log entries of the workflow are dropped: too many\n", last)
  end)

  it("takes nothing that is not an entry", function()
    program.write(root .. "/workflows/talk.lua", [[
      return require("promptgen.workflow").define { name = "talk", summary = "s", run = function(ctx)
        assert(not pcall(ctx.log.error, 7))
        assert(not pcall(ctx.log.error, "x", "y"))
        ctx.log.error("ok", { deep = { 1 }, fn = print })
        return "done"
      end }]])
    assert.matches("^promptgen: error: ok deep=\"table: 0x%x+\" fn=\"function: 0x%x+\"\n$", run())
  end)
end)
