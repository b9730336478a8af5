--- init, new and batch: what they make, and what they refuse to make.
local program = require "support.program"
local workspace = require "support.workspace"

local TARGET = "@WORD-COUNT"
local DIR = "work-space/plans/WORD-COUNT/"

describe("init", function()
  local top

  before_each(function()
    top = program.temp_dir()
  end)

  after_each(function()
    program.remove(top)
  end)

  local function init(...)
    return program.run({ "init", ... }, { cwd = top })
  end

  it("makes a workspace of this directory, or of one that it makes", function()
    assert.equal("promptgen.lua\n", init().out)
    assert.equal("a/b/promptgen.lua\n", init("a/b").out)
    assert.equal(0, program.run({ "plans" }, { cwd = top .. "/a/b/work-space/plans" }).status)
    assert.equal(top .. "/c/promptgen.lua\n", init(top .. "/c/").out)
    assert.equal("d/promptgen.lua\n", init("--root", "d").out)
    assert.equal(2, init("--root", "d", "e").status)
    assert.equal(2, init("").status)
  end)

  it("says so when the workspace lies in another one", function()
    assert.equal("", init().err)
    for _, args in ipairs { { "a/b", "--dry-run" }, { "a/b" } } do
      local result = init(table.unpack(args))
      assert.equal(0, result.status)
      assert.matches("warning.* lies in another one, " .. top:gsub("%p", "%%%0") .. ":", result.err)
    end
    assert.equal("", init("a/b", "--example").err)
  end)

  it("never writes over anything", function()
    program.write(top .. "/promptgen.lua", "return {}\n")
    assert.equal(7, init().status)
    local result = init("--example")
    assert.equal(0, result.status)
    assert.equal("return {}\n", program.read(top .. "/promptgen.lua"))
    assert.equal(7, init("--example").status)
    program.write(top .. "/file", "")
    assert.equal(4, init("file").status)
  end)

  it("makes nothing in a dry run, not even the directory", function()
    local result = init("a/b", "--example", "--dry-run")
    assert.equal(0, result.status, result.err)
    assert.matches("PLAN_WORD%-COUNT", result.out)
    assert.equal("", (program.sh("ls " .. top)))
  end)

  it("makes an example whose first step can be taken at once", function()
    local result = init("--example", "-v")
    assert.matches("next: promptgen next @WORD%-COUNT", result.err)
    local prompt = program.run({ "next", TARGET }, { cwd = top })
    assert.equal(0, prompt.status, prompt.err)
    assert.matches("Count the words of one file", prompt.out)
  end)
end)

describe("new", function()
  local ws

  before_each(function()
    ws = workspace.new("--example")
  end)

  after_each(function()
    ws:close()
  end)

  it("plan makes a plan that says how achievements are defined, or defines those given", function()
    assert.equal("work-space/plans/BIG-ONE/PLAN_BIG-ONE.md\n", ws:ok("new", "plan", "BIG-ONE"))
    assert.matches("^# PLAN: Big One\n", ws:read "work-space/plans/BIG-ONE/PLAN_BIG-ONE.md")
    assert.matches("an achievement is defined by", ws:fails("no_achievements", "status", "@BIG-ONE").hint[1])
    ws:ok("new", "plan", "later/Second", "--title", "T", "--goal", "G", "--achievement", "One", "--achievement", "Two")
    local status = ws:json("status", "@Second")
    assert.same({ 2, "One", "1.2" }, { status.total, status.achievements[1].title, status.achievements[2].number })
    assert.equal("work-space/plans/later/Second/PLAN_Second.md", status.path)
  end)

  it("plan refuses names that are none, and names that are taken, in any letters and any group", function()
    for _, name in ipairs { "..", "../X", "a b", "X.md", "/abs", "x/../y", "-x", ".hidden", "a\nb", "" } do
      local result = ws:run("new", "plan", "--", name)
      assert.equal(2, result.status, name .. result.err)
    end
    ws:ok("new", "plan", "later/OTHER")
    assert.matches("choose another name", ws:fails("conflict", "new", "plan", "other").hint[2])
    ws:fails("conflict", "new", "plan", "word-count")
  end)

  it("subplan makes one for a number that the plan defines, once", function()
    ws:fails("not_found", "new", "subplan", TARGET, "3.1")
    ws:ok("new", "subplan", TARGET, "1.2", "--date", "2031-02-03")
    local text = ws:read(DIR .. "subplans/SUBPLAN_WORD-COUNT_12.md")
    assert.matches("^# SUBPLAN: Achievement 1%.2 %- Count the words of several files\n", text)
    assert.matches("%*%*Created%*%*: 2031%-02%-03\n", text)
    assert.matches("takes any number of files", text)
    ws:fails("conflict", "new", "subplan", TARGET, "1.2")
    ws:ok("approve", TARGET, "2.1", "--force")
    ws:fails("conflict", "new", "subplan", TARGET, "2.1")
  end)

  it("execution makes the one that is due, or the one asked for", function()
    assert.matches("has no SUBPLAN", ws:fails("bad_input", "new", "execution", TARGET, "1.1").message)
    ws:ok("new", "subplan", TARGET, "1.1")
    assert.matches("is a draft", ws:fails("bad_input", "new", "execution", TARGET, "1.1").message)
    ws:fill(DIR .. "subplans/SUBPLAN_WORD-COUNT_11.md")
    local path = DIR .. "execution/EXECUTION_TASK_WORD-COUNT_11_%s.md"
    assert.equal(path:format "01" .. "\n", ws:ok("new", "execution", TARGET, "1.1"))
    assert.matches("is not complete", ws:fails("bad_input", "new", "execution", TARGET, "1.1").message)
    assert.equal(path:format "03" .. "\n", ws:ok("new", "execution", TARGET, "1.1", "3"))
    assert.matches("execution 03 of 1.1", ws:fails("conflict", "new", "execution", TARGET, "1.1", "03").message)
    ws:edit(path:format "01", "In Progress", "✅ Complete")
    ws:edit(path:format "03", "In Progress", "✅ Complete")
    assert.equal(path:format "04" .. "\n", ws:ok("new", "execution", TARGET, "1.1"))
    for _, number in ipairs { "0", "-1", "x", "1000", "1.5" } do
      assert.equal(2, ws:run("new", "execution", TARGET, "1.1", number).status)
    end
  end)

  it("execution takes a variant for the execution it stands for", function()
    ws:ok("new", "subplan", TARGET, "1.1")
    ws:fill(DIR .. "subplans/SUBPLAN_WORD-COUNT_11.md")
    ws:write(DIR .. "execution/EXECUTION_TASK_WORD-COUNT_11_02_V2.md", "# E\n\n**Status**: ✅ Complete\n")
    ws:fails("conflict", "new", "execution", TARGET, "1.1", "2")
    assert.equal(DIR .. "execution/EXECUTION_TASK_WORD-COUNT_11_01.md\n", ws:ok("new", "execution", TARGET, "1.1"))
  end)

  it("puts the files of a plan in a shared folder where they are looked for", function()
    ws:write("work-space/plans/PLAN_FLAT.md", "# PLAN: Flat\n\n## Achievements\n\n**Achievement 1.1**: One\n")
    assert.equal("work-space/subplans/SUBPLAN_FLAT_11.md\n", ws:ok("new", "subplan", "@FLAT", "1.1"))
    ws:fill "work-space/subplans/SUBPLAN_FLAT_11.md"
    assert.equal("work-space/execution/EXECUTION_TASK_FLAT_11_01.md\n", ws:ok("new", "execution", "@FLAT", "1.1"))
    assert.equal("work-space/execution/feedbacks/APPROVED_FLAT_11.md\n", ws:ok("approve", "@FLAT", "1.1", "--force"))
    assert.equal("plan_complete", ws:json("status", "@FLAT").state)
    ws:ok("archive", "@FLAT", "--to", "documentation/archive/FLAT")
    assert.equal("plan_complete", ws:json("status", "documentation/archive/FLAT/planning/PLAN_FLAT.md").state)
  end)

  it("workflow makes one that runs as it is", function()
    assert.equal("workflows/mine.lua\nworkflows/templates/mine.lua\nworkflows/tests/mine.lua\n"
      .. "workflows/tests/fixtures/mine/work-space/plans/SAMPLE/PLAN_SAMPLE.md\n", ws:ok("new", "workflow", "mine"))
    assert.matches("Next is achievement 1.1", ws:ok("run", "workflows/mine.lua", TARGET))
    assert.matches("Next is achievement 2.1", ws:ok("mine", TARGET, "--achievement", "2.1"))
    ws:fails("conflict", "new", "workflow", "mine")
    ws:fails("usage", "new", "workflow", "../mine")
  end)

  it("says how it is used", function()
    for _, args in ipairs {
      { "new", "thing", "x" }, { "new", "plan" }, { "new", "plan", "A", "B" }, { "new", "subplan", TARGET },
      { "new", "subplan", TARGET, "1.1", "--goal", "x" }, { "new", "workflow", "x", "--force" }, { "new" },
    } do
      local result = ws:run(table.unpack(args))
      assert.equal(2, result.status, table.concat(args, " "))
      assert.matches("hint: promptgen ", result.err)
    end
  end)
end)

describe("a skeleton of the workspace", function()
  local ws

  before_each(function()
    ws = workspace.new("--example")
  end)

  after_each(function()
    ws:close()
  end)

  local SUBPLAN = "workflows/templates/skeletons/subplan.lua"

  it("takes the place of the stock one, or changes a part of it, and is named", function()
    ws:write(SUBPLAN, [==[
local template = require "promptgen.template"
return template.define { extends = "skeletons/subplan", blocks = { risks = "None, {{ achievement.number }} is easy." } }
]==])
    local out, said = ws:ok("new", "subplan", TARGET, "1.1")
    assert.matches("notice: workflows/templates/skeletons/subplan.lua of this workspace", said)
    local text = ws:read(out:gsub("\n", ""))
    assert.matches("## Risks\n\nNone, 1%.1 is easy%.\n", text)
    assert.matches("## Objective\n\n%[What will exist", text)
    local scripts = ws:json("new", "subplan", TARGET, "1.2").scripts
    assert.same({ "workspace", false }, { scripts[1].source, scripts[1].stock })
    assert.equal((program.sh(("sha256sum <%s/%s"):format(ws.root, SUBPLAN)):match "^%x+"), scripts[1].sha256)
    assert.equal("", select(2, ws:ok("new", "subplan", TARGET, "2.1", "--builtin")))
  end)

  it("runs in the sandbox: it reads and writes nothing, ends in time, and is reported with its place", function()
    local function with(body)
      ws:write(SUBPLAN, 'local template = require "promptgen.template"\n' .. body)
    end
    local block = 'return template.define { extends = "skeletons/subplan", blocks = { risks = [[%s]] } }'
    with(block:format "{{ io.open('/etc/passwd') }}")
    ws:fails("undefined_name", "new", "subplan", TARGET, "1.1")
    with 'while true do end'
    local result = ws:run("new", "subplan", TARGET, "1.1", "--timeout", "300ms")
    assert.equal(5, result.status, result.err)
    with 'error "boom"'
    result = ws:run("new", "subplan", TARGET, "1.1")
    assert.equal(1, result.status, result.err)
    assert.matches("skeletons/subplan.lua:2: boom", result.err)
    with(block:format "{{ nothing }}")
    ws:fails("undefined_name", "new", "subplan", TARGET, "1.1")
    assert.is_false(ws:exists(DIR .. "subplans/SUBPLAN_WORD-COUNT_11.md"))
    program.sh(("rm %s/%s"):format(ws.root, SUBPLAN))
    ws:ok("new", "subplan", TARGET, "1.1") -- nothing is left locked
  end)
end)

describe("batch", function()
  local ws

  before_each(function()
    ws = workspace.new()
    ws:ok("new", "plan", "WIDE", "--achievement", "A", "--achievement", "B", "--achievement", "C", "--achievement", "D")
    ws:write("work-space/plans/WIDE/parallel.json", [[{ "plan_name": "WIDE", "achievements": [
      { "achievement_id": "1.1", "dependencies": [] }, { "achievement_id": "1.2", "dependencies": [] },
      { "achievement_id": "1.3", "dependencies": ["1.1"] }, { "achievement_id": "1.4", "dependencies": ["1.3"] } ] }]])
  end)

  after_each(function()
    ws:close()
  end)

  local function subplan(code)
    return "work-space/plans/WIDE/subplans/SUBPLAN_WIDE_" .. code .. ".md"
  end

  it("shows the lowest level that lacks something and writes it only with --yes", function()
    local before = ws:files()
    local out = ws:ok("batch", "@WIDE", "subplans")
    assert.matches("^WIDE  level 0, 2 to create\n\n1%.1  create  .*_11%.md\n1%.2  create  .*_12%.md\n$", out)
    assert.is_true(ws:json("batch", "@WIDE", "subplans").dry_run)
    assert.same(before, ws:files())
    assert.equal(subplan "11" .. "\n" .. subplan "12" .. "\n", ws:ok("batch", "@WIDE", "subplans", "--yes"))
    assert.same({ "1.3" }, ws:json("batch", "@WIDE", "subplans").achievements)
    assert.same({ "1.4" }, ws:json("batch", "@WIDE", "subplans", "--level", "2").achievements)
  end)

  it("leaves out what is there and what is closed", function()
    ws:ok("new", "subplan", "@WIDE", "1.1")
    assert.same({ "1.2" }, ws:json("batch", "@WIDE", "subplans").achievements)
    assert.matches("1%.1  is there", ws:ok("batch", "@WIDE", "subplans"))
    ws:ok("new", "execution", "@WIDE", "1.1", "--force")
    assert.matches("1%.1  is there  " .. subplan "11":gsub("%p", "%%%0") .. "\n", ws:ok("batch", "@WIDE", "subplans"))
    ws:ok("skip", "@WIDE", "1.2", "--reason", "x")
    assert.same({ "1.3" }, ws:json("batch", "@WIDE", "subplans").achievements)
    assert.matches("level 0 lacks", ws:fails("bad_input", "batch", "@WIDE", "subplans", "--level", "0").message)
  end)

  it("makes executions of a level only when all its SUBPLANs are written", function()
    ws:ok("batch", "@WIDE", "subplans", "--yes")
    ws:fill(subplan "11")
    local err = ws:fails("bad_input", "batch", "@WIDE", "executions", "--yes")
    assert.matches("1.2 has a draft", err.hint[1])
    ws:fill(subplan "12")
    assert.same({ "1.1", "1.2" }, ws:json("batch", "@WIDE", "executions", "--yes").achievements)
    assert.matches("1.3 has no SUBPLAN", ws:fails("bad_input", "batch", "@WIDE", "executions").hint[1])
  end)

  it("refuses a circle of dependencies, a level that is none and anything else", function()
    ws:fails("bad_input", "batch", "@WIDE", "subplans", "--level", "7")
    ws:fails("usage", "batch", "@WIDE", "subplans", "--level", "x")
    ws:fails("usage", "batch", "@WIDE", "reviews")
    ws:write("work-space/plans/WIDE/parallel.json", [[{ "achievements": [
      { "achievement_id": "1.1", "dependencies": ["1.2"] }, { "achievement_id": "1.2", "dependencies": ["1.1"] } ] }]])
    assert.matches("circle: 1.1, 1.2", ws:fails("bad_input", "batch", "@WIDE", "subplans").message)
  end)
end)
