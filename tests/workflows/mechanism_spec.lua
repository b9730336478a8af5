--- What all stock workflows have in common: conflicts, trust, dry runs, JSON, budgets, overriding.
local cjson = require "cjson"
local program = require "support.program"

local HOME = "work-space/plans/CSV-IMPORT/"

--- Each workflow with words that make it write a prompt for the example, and its template.
local WORKFLOWS = {
  { "next", {}, "create_next_execution" },
  { "subplan", {}, "create_subplan" },
  { "execution", {}, "create_next_execution" },
  { "review", { "--early" }, "review" },
  { "fix", { "--achievement", "1.1" }, "address_fixes", setup = HOME .. "execution/feedbacks/FIX_11.md" },
  { "pause", {}, "pause" },
  { "resume", {}, "resume" },
  { "verify", {}, "verified", asks = false },
  { "complete", { "--summary" }, "summary" },
  { "discover", {}, "discover" },
}

describe("every stock workflow", function()
  local dir

  before_each(function() dir = program.example_copy() end)
  after_each(function() program.remove(dir) end)

  local function write(path, text)
    program.sh(("mkdir -p %s/%s"):format(dir, path:match("^(.*)/")))
    program.write(dir .. "/" .. path, text)
  end

  local function run(case, ...)
    if case.setup then
      write(case.setup, "# FIX REQUIRED: Achievement 1.1\n\n## Issues Found\n\n1. Wrong.\n")
    end
    local words = { "run", case[1], "@CSV-IMPORT" }
    table.move(case[2], 1, #case[2], #words + 1, words)
    table.move({ ... }, 1, select("#", ...), #words + 1, words)
    return program.run(words, { cwd = dir })
  end

  it("is in this table", function()
    local known = {}
    for _, case in ipairs(WORKFLOWS) do
      known[case[1]] = true
    end
    for _, workflow in ipairs(cjson.decode(program.run({ "workflows", "--json" }).out).workflows) do
      assert.is_true(known[workflow.name], workflow.name)
    end
  end)

  for _, case in ipairs(WORKFLOWS) do
    local name = case[1]

    it(name .. " refuses a conflict with exit 7, and goes on when one side is trusted", function()
      write(HOME .. "execution/feedbacks/APPROVED_95.md", "# APPROVED: Achievement 9.5\n\nGood.\n")
      local result = run(case)
      assert.same({ 7, "" }, { result.status, result.out }, result.err)
      assert.matches("error[conflict] " .. HOME .. "execution/feedbacks/APPROVED_95.md", result.err, 1, true)
      assert.matches("--trust-plan or --trust-filesystem goes on with one side", result.err, 1, true)
      assert.matches("--resolve", result.err, 1, true)
      for _, flag in ipairs { "--trust-plan", "--trust-filesystem" } do
        result = run(case, flag)
        assert.equal(0, result.status, result.err)
      end
      result = run(case, "--trust-plan", "--trust-filesystem")
      assert.equal(2, result.status, result.err)
    end)

    it(name .. " tells with --dry-run what it reads, and with --json what it is made of", function()
      local plain = run(case)
      assert.equal(0, plain.status, plain.err)
      local dry = run(case, "--dry-run")
      assert.equal(plain.out, dry.out)
      assert.matches("promptgen: uses workflows/" .. name .. ".lua (embedded)\n", dry.err, 1, true)
      assert.matches("promptgen: reads " .. HOME .. "PLAN_CSV-IMPORT.md\n", dry.err, 1, true)
      local object = cjson.decode(run(case, "--json").out)
      assert.same({ "promptgen.prompt/1", name, case[3], plain.out },
        { object.schema, object.workflow, object.template, object.prompt })
      for _, script in ipairs(object.scripts) do
        assert.truthy(script.stock and #script.sha256 == 64)
      end
      assert.truthy(object.tokens > 0 and object.lines > 0)
    end)

    it(name .. " is changed block by block by a template of its own name", function()
      local plain = run(case).out
      local block = plain:find("\n## ", 1, true) and "closing" or (case[3] == "summary" and "next" or "text")
      write("workflows/templates/" .. case[3] .. ".lua", ([[
return require("promptgen.template").define {
  extends = "%s", blocks = { %s = { append = "And sign it.\n" } },
}
]]):format(case[3], block))
      local changed = run(case)
      assert.equal(0, changed.status, changed.err)
      assert.equal(plain .. "And sign it.\n", changed.out)
      assert.matches("notice: workflows/templates/" .. case[3] .. ".lua", changed.err, 1, true)
      assert.equal(plain, run(case, "--builtin").out)
    end)

    it(name .. " finds its plan wherever it stands on the command line", function()
      run(case) -- makes what the workflow needs
      local options = table.move(case[2], 1, #case[2], 1, {})
      options[#options + 1] = "--json"
      if not case[2][1] and case.asks ~= false then
        table.move({ "--achievement", "1.1" }, 1, 2, #options + 1, options)
      end
      local first = table.move(options, 1, #options, 4, { "run", name, "@CSV-IMPORT" })
      local last = table.move(options, 1, #options, 3, { "run", name })
      last[#last + 1] = "@CSV-IMPORT"
      local expected, found = program.run(first, { cwd = dir }), program.run(last, { cwd = dir })
      assert.same({ expected.status, expected.err }, { found.status, found.err })
      if expected.status == 0 then
        expected, found = cjson.decode(expected.out), cjson.decode(found.out)
        assert.same(expected, found)
        assert.same({ "CSV-IMPORT", HOME .. "PLAN_CSV-IMPORT.md" }, { found.feature, found.path })
        assert.truthy(found.state and found.total and found.approved and found.skipped)
      end
    end)

    it(name .. " keeps a budget of tokens, or refuses", function()
      local object = cjson.decode(run(case, "--json").out)
      local result = run(case, "--json", "--max-tokens", ("%d"):format(math.max(object.tokens - 20, 1)))
      if result.status == 0 then
        local less = cjson.decode(result.out)
        assert.truthy(less.tokens <= object.tokens - 20)
        assert.truthy(#less.dropped > 0)
        assert.matches("Left out, to stay within", less.prompt, 1, true)
      else
        assert.equal(5, result.status, result.err)
      end
      assert.equal(5, run(case, "--max-tokens", "5").status)
      assert.equal(5, run(case, "--max-lines", "1").status)
      assert.equal(object.prompt, run(case, "--max-lines", ("%d"):format(object.lines)).out)
    end)

    it(name .. " refuses a plan that is not there, and options it has not", function()
      local result = program.run({ "run", name, "@NOWHERE" }, { cwd = dir })
      assert.equal(4, result.status)
      assert.equal(2, run(case, "--nonsense").status)
      assert.equal(2, program.run({ "run", name }, { cwd = dir }).status)
      assert.equal(0, program.run({ "help", name }, { cwd = dir }).status)
    end)
  end
end)

describe("what a workflow says of a plan", function()
  local dir

  before_each(function() dir = program.example_copy() end)
  after_each(function() program.remove(dir) end)

  local function run(...)
    return program.run({ ... }, { cwd = dir })
  end

  it("has its next step with --json, as status does", function()
    local step = cjson.decode(run("status", "@CSV-IMPORT", "--json").out).next
    for _, words in ipairs { { "pause" }, { "resume" }, { "verify" }, { "discover" }, { "complete", "--summary" } } do
      local result = run(words[1], "@CSV-IMPORT", "--json", table.unpack(words, 2))
      local found = cjson.decode(result.out).next
      assert.same({ step.number, step.title, step.state, step.recommendation, step.rule },
        { found.number, found.title, found.state, found.recommendation, found.rule }, words[1])
    end
  end)

  it("has the question of discover as data", function()
    local path = HOME .. "parallel.json"
    local function data(...)
      return cjson.decode(run("discover", "@CSV-IMPORT", "--json", ...).out).data
    end
    assert.same({ level = 3, achievements = { "0.2", "1.1", "1.2" }, file = path, exists = false }, data())
    assert.same({ level = 1, achievements = { "1.1" }, executions = { "11_01", "11_02" }, file = path, exists = false },
      data("--achievement", "1.1"))
    program.write(dir .. "/" .. path, "{}")
    local found = data("--priority", "1")
    assert.same({ 2, { "1.1", "1.2" }, true }, { found.level, found.achievements, found.exists })
    assert.is_string(found.priority)
  end)

  it("names it in hints by a word that the shell can take", function()
    program.sh(("cp -R %s/work-space/plans/CSV-IMPORT '%s/work-space/plans/My Plan'"):format(dir, dir))
    program.sh(("cd '%s/work-space/plans/My Plan' && mv PLAN_*.md 'PLAN_My Plan.md'"):format(dir))
    local path = "work-space/plans/My Plan/PLAN_My Plan.md"
    local lines = {
      { "complete" }, { "run", "fix" }, { "run", "review", "--achievement", "1.1" },
      { "execution", "create", "--achievement", "1.1" },
    }
    for target, word in pairs { [path] = "'" .. path .. "'", ["@CSV-IMPORT"] = "@CSV-IMPORT" } do
      for _, line in ipairs(lines) do
        local words = table.move(line, 1, #line, 1, {})
        table.insert(words, words[1] == "run" and 3 or 2, target)
        local result = run(table.unpack(words))
        assert.equal(4, result.status, result.err)
        assert.matches("promptgen %l+ " .. word:gsub("%p", "%%%0") .. "[ \n]", result.err)
      end
    end
    program.write(dir .. "/" .. path, "# PLAN: My Plan\n")
    assert.matches("promptgen parse '" .. path .. "' shows", run("next", path).err, 1, true)
  end)

  it("refuses an empty number of an achievement in words", function()
    for _, name in ipairs { "next", "review", "pause", "discover" } do
      local result = run(name, "@CSV-IMPORT", "--achievement=")
      assert.equal(4, result.status)
      assert.matches("the number of the achievement is empty\n", result.err, 1, true)
    end
  end)
end)

describe("a plan after other words", function()
  local dir, home

  before_each(function()
    dir, home = program.example_copy(), program.temp_dir()
  end)
  after_each(function()
    program.remove(dir)
    program.remove(home)
  end)

  local function run(...)
    return program.run({ ... }, { cwd = dir, env = {
      XDG_CACHE_HOME = home .. "/cache", XDG_STATE_HOME = home .. "/state",
    } })
  end

  --- Words of a run that names its plan first, and of the same run that names it last.
  local function both(name, ...)
    local first, last = { name, "@CSV-IMPORT", ... }, { name, ... }
    last[#last + 1] = "@CSV-IMPORT"
    return first, last
  end

  it("decides the exit status of --exit-state", function()
    program.write(dir .. "/work-space/plans/CSV-IMPORT/PLAN_CSV-IMPORT.md",
      "# PLAN: CSV-IMPORT\n\n**Achievement 1.1**: One\n")
    program.sh(("rm -rf %s/work-space/plans/CSV-IMPORT/[a-z]*"):format(dir))
    program.sh(("mkdir -p %s/work-space/plans/CSV-IMPORT/execution/feedbacks"):format(dir))
    program.write(dir .. "/work-space/plans/CSV-IMPORT/execution/feedbacks/APPROVED_11.md",
      "# APPROVED: Achievement 1.1\n\nGood.\n")
    for _, words in ipairs { both("complete", "--summary", "--exit-state") } do
      local result = run(table.unpack(words))
      assert.equal(10, result.status, result.err)
    end
  end)

  it("has its record of the cache loaded and saved", function()
    local _, words = both("next", "--achievement", "1.1", "--log-level", "debug")
    assert.equal(0, run(table.unpack(words)).status)
    local list = cjson.decode(run("cache", "list", "--json").out)
    local found
    for _, entry in ipairs(list.entries) do
      found = found or tostring(entry.path or entry.folder):find("CSV-IMPORT", 1, true) ~= nil
    end
    assert.is_true(found)
  end)

  it("is told in the context of the log", function()
    for _, words in ipairs { both("next", "--achievement", "1.1", "--log-level", "debug", "--log-format", "json") } do
      local result = run(table.unpack(words))
      assert.equal(0, result.status)
      assert.matches('"plan":"CSV%-IMPORT"', result.err)
      assert.matches("plan resolved", result.err, 1, true)
    end
  end)

  it("is not a value of an option that looks like one", function()
    local result = run("pause", "--reason", "@NOWHERE", "@CSV-IMPORT", "--json")
    assert.equal(0, result.status, result.err)
    assert.equal("CSV-IMPORT", cjson.decode(result.out).feature)
    result = run("pause", "--reason", "@NOWHERE")
    assert.same({ 2, "" }, { result.status, result.out })
    result = run("pause", "--reason=x", "@NOWHERE")
    assert.equal(4, result.status)
    assert.matches("NOWHERE", result.err, 1, true)
  end)

  it("is found in the declaration of a workflow of the user, too", function()
    program.sh("mkdir -p " .. dir .. "/workflows")
    program.write(dir .. "/workflows/mine.lua", [[
print "loaded"
return require("promptgen.workflow").define { name = "mine", options = { { "--size", "value", "how much" } },
  arguments = { { "word", "any" }, { "plan", "@NAME" } },
  run = function(ctx) return ctx.args.word .. " " .. ctx.args.plan .. " " .. tostring(ctx.args.size) end }
]])
    for _, words in ipairs { { "--size", "@X", "a", "@CSV-IMPORT" }, { "a", "@CSV-IMPORT", "--size=@X" } } do
      local result = run("mine", "--json", table.unpack(words))
      assert.equal(0, result.status, result.err)
      local object = cjson.decode(result.out)
      assert.same({ "CSV-IMPORT", "a work-space/plans/CSV-IMPORT/PLAN_CSV-IMPORT.md @X", "loaded\n" },
        { object.feature, object.prompt, object.output })
    end
  end)

  it("is not asked for when a workflow sends a declaration that is none", function()
    program.sh("mkdir -p " .. dir .. "/workflows")
    program.write(dir .. "/workflows/mine.lua", [[
return require("promptgen.workflow").define { name = "mine", arguments = { 7, { true } },
  run = function() return "x" end }
]])
    local result = run("mine", "a", "@CSV-IMPORT")
    assert.not_equal(70, result.status, result.err)
  end)
end)

describe("a workflow of the user", function()
  local dir

  before_each(function()
    dir = program.example_copy()
    program.sh("mkdir -p " .. dir .. "/workflows")
  end)
  after_each(function() program.remove(dir) end)

  local function run(body, ...)
    program.write(dir .. "/workflows/mine.lua", ([[
return require("promptgen.workflow").define { name = "mine", options = { { "--size", "value", "how much" } },
  %s }
]]):format(body))
    return program.run({ "mine", ... }, { cwd = dir })
  end

  it("gives data beside its text, shown by --json", function()
    local result = run([[run = function() return { text = "x", data = { list = { 1, 2 }, deep = { a = "b" } } } end]],
      "--json")
    assert.same({ list = { 1, 2 }, deep = { a = "b" } }, cjson.decode(result.out).data)
    assert.is_nil(cjson.decode(run([[run = function() return "x" end]], "--json").out).data)
    for _, data in ipairs { "7", "{ 1, a = 2 }", "{ [3.5] = 1 }", "{ x = 0/0 }" } do
      result = run(("run = function() return { text = 'x', data = %s } end"):format(data))
      assert.equal(data == "{ 1, a = 2 }" and 0 or 1, result.status, data) -- an array with more is an array
      if result.status == 1 then
        assert.matches("workflows/mine.lua: the data of the prompt cannot be shown as JSON", result.err, 1, true)
      end
    end
  end)

  it("refuses arguments that do not go together, as a wrong command line", function()
    local CHECK = [[run = function() return "x" end, check = function(args)
      if args.size == "9" then return nil, "nothing is that big", "take 8" end
      if args.size == "boom" then error("went wrong") end
      return args.size ~= "0"
    end]]
    assert.equal(0, run(CHECK, "--size", "1").status)
    local result = run(CHECK, "--size", "9")
    assert.equal(2, result.status)
    assert.matches("error[usage] mine: nothing is that big\nhint: take 8\n", result.err, 1, true)
    result = run(CHECK, "--size", "0")
    assert.equal(2, result.status)
    assert.matches("mine: these arguments do not go together\nhint: promptgen help mine", result.err, 1, true)
    result = run(CHECK, "--size", "boom")
    assert.equal(1, result.status)
    assert.matches("workflows/mine.lua:%d+: went wrong", result.err)
    result = run([[run = print, check = 3]])
    assert.equal(1, result.status)
    assert.matches("check of the workflow is not a function", result.err, 1, true)
  end)
end)
