--- Hooks of a workspace and of the user, round every workflow.
local cjson = require "cjson"
local program = require "support.program"

describe("a hook", function()
  local dir, home

  before_each(function()
    dir, home = program.example_copy(), program.temp_dir()
    program.sh(("mkdir -p %s/workflows/hooks %s/promptgen/workflows/hooks"):format(dir, home))
  end)
  after_each(function()
    program.remove(dir)
    program.remove(home)
  end)

  local function hook(name, text)
    program.write(dir .. "/workflows/hooks/" .. name .. ".lua", text)
  end

  local function run(...)
    return program.run({ ... }, { cwd = dir, env = { XDG_CONFIG_HOME = home, XDG_CACHE_HOME = home } })
  end

  local function json(...)
    local list = { ... }
    list[#list + 1] = "--json"
    local result = run(table.unpack(list))
    assert.equal(0, result.status, result.err)
    return cjson.decode(result.out)
  end

  local NOTE = 'return function(ctx) ctx.notes[1] = "Be brief in " .. ctx.workflow end\n'

  it("before a run adds notes, which every stock prompt says", function()
    hook("before", NOTE)
    for _, name in ipairs { "next", "discover", "pause" } do
      local result = run(name, "@CSV-IMPORT")
      assert.matches("\n## Also to be observed\n\n- Be brief in " .. name .. "\n\n", result.out, 1, true)
    end
    assert.is_nil(run("next", "@CSV-IMPORT", "--builtin").out:find("Also to be observed", 1, true))
  end)

  it("before a run gives values to workflows and templates", function()
    hook("before", 'return function(ctx) ctx.values.team = "blue"; ctx.args.plan = "@MONTHLY-REPORT" end\n')
    program.sh("mkdir -p " .. dir .. "/workflows/templates")
    program.write(dir .. "/workflows/templates/base.lua", [==[
return require("promptgen.template").define {
  extends = "base", blocks = { extra = "Team: {{ hook.values.team }}, `{{ brief.name }}`\n" },
}
]==])
    assert.matches("\nTeam: blue, `MONTHLY-REPORT`\n", run("next", "@CSV-IMPORT").out, 1, true)
    program.write(dir .. "/workflows/who.lua", [[
return require("promptgen.workflow").define {
  name = "who", summary = "Who", run = function(ctx) return ctx.values.team end,
}
]])
    assert.equal("blue\n", run("who", "@CSV-IMPORT").out)
  end)

  it("after a run sees the prompt and may change it; lines and tokens are counted again", function()
    local plain = json("next", "@CSV-IMPORT")
    hook("after", [[
return function(ctx, prompt)
  prompt.text = prompt.text .. ("%s %s %s\n"):format(ctx.workflow, prompt.template, prompt.step.number)
  prompt.data = { seen = true }
end
]])
    local changed = json("next", "@CSV-IMPORT")
    assert.equal(plain.prompt .. "next create_next_execution 0.2\n", changed.prompt)
    assert.equal(plain.lines + 1, changed.lines)
    assert.truthy(changed.tokens > plain.tokens)
    assert.same({ seen = true }, changed.data)
    program.write(dir .. "/workflows/text.lua",
      'return require("promptgen.workflow").define { name = "text", run = function() return "hello\\n" end }\n')
    hook("after", 'return function(_, prompt) prompt.text = prompt.text:upper() end\n')
    assert.equal("HELLO\n", run("text").out)
  end)

  it("refuses a run, by an error that it returns or raises, with file and line", function()
    hook("before", [[
local errors = require "promptgen.errors"
return function(ctx)
  if ctx.args.achievement == "1.1" then
    error("not that one")
  end
  return nil, errors.new { code = "permission", message = "nobody works today", hint = "come back" }
end
]])
    local result = run("next", "@CSV-IMPORT")
    assert.same({ 3, "" }, { result.status, result.out })
    assert.matches("error[permission] workflows/hooks/before.lua: nobody works today\nhint: come back", result.err,
      1, true)
    result = run("next", "@CSV-IMPORT", "--achievement", "1.1")
    assert.equal(1, result.status)
    assert.matches("error[workflow_error] workflows/hooks/before.lua:4: not that one", result.err, 1, true)
    hook("before", NOTE)
    hook("after", "return function(ctx, prompt)\n  return prompt.text + 1\nend\n")
    result = run("next", "@CSV-IMPORT")
    assert.same({ 1, "" }, { result.status, result.out })
    assert.matches("workflows/hooks/after.lua:2: attempt to add a 'string'", result.err, 1, true)
  end)

  it("refuses a run by returning false, too", function()
    for _, name in ipairs { "before", "after" } do
      hook(name, "return function() return false end\n")
      local result = run("next", "@CSV-IMPORT")
      assert.same({ 1, "" }, { result.status, result.out })
      assert.matches(("error[workflow_error] workflows/hooks/%s.lua: the hook refuses the run: it returned false")
        :format(name), result.err, 1, true)
      hook(name, "return function() end\n")
    end
    assert.equal(0, run("next", "@CSV-IMPORT").status)
    hook("before", "return function() return true end\n")
    assert.equal(0, run("next", "@CSV-IMPORT").status)
  end)

  it("is blamed for data that it spoils, and for no other", function()
    for _, text in ipairs { "prompt.data = function() end", "prompt.data = { print }", "prompt.data = 3" } do
      hook("after", "return function(_, prompt) " .. text .. " end\n")
      local result = run("verify", "@CSV-IMPORT")
      assert.same({ 1, "" }, { result.status, result.out }, text)
      assert.matches("error[workflow_error] workflows/hooks/after.lua: the data of the prompt cannot be shown",
        result.err, 1, true)
    end
    hook("after", "return function(_, prompt) prompt.data = nil end\n")
    program.write(dir .. "/workflows/mine.lua", [[
return require("promptgen.workflow").define { name = "mine",
  run = function() return { text = "x", data = { print } } end }
]])
    local result = run("mine")
    assert.equal(1, result.status)
    assert.matches("workflows/mine.lua: the data of the prompt cannot be shown as JSON", result.err, 1, true)
  end)

  it("cannot be a folder", function()
    for _, name in ipairs { "before", "after" } do
      program.sh(("rm -rf %s/workflows/hooks; mkdir -p %s/workflows/hooks/%s.lua"):format(dir, dir, name))
      local result = run("next", "@CSV-IMPORT")
      assert.same({ 4, "" }, { result.status, result.out })
      assert.matches(("workflows/hooks/%s.lua: not a regular file"):format(name), result.err, 1, true)
    end
  end)

  it("that is no hook is an error with its place", function()
    for text, message in pairs {
      ["return 1\n"] = "workflows/hooks/before.lua: the hook returns a number, not a function",
      ["return function(\n"] = "error[script_syntax] workflows/hooks/before.lua:",
      ["return function(ctx) ctx.notes = 3 end\n"] = "before.lua: ctx.notes and ctx.values are tables",
      ["return function(ctx) ctx.notes[1] = {} end\n"] = "before.lua: note 1 is a table, not a text",
      ["return function() os.exit(0) end\n"] = "before.lua:1: attempt to index a nil value (global 'os')",
    } do
      hook("before", text)
      local result = run("next", "@CSV-IMPORT")
      assert.same({ 1, "" }, { result.status, result.out })
      assert.matches(message, result.err, 1, true)
    end
    hook("before", NOTE)
    hook("after", "return function(_, prompt) prompt.text = nil end\n")
    local result = run("next", "@CSV-IMPORT")
    assert.matches("after.lua: the hook leaves a nil as the text of the prompt", result.err, 1, true)
  end)

  it("keeps to the budget of tokens", function()
    hook("after", "return function(_, prompt) prompt.text = prompt.text .. ('word '):rep(4000) end\n")
    local result = run("next", "@CSV-IMPORT", "--max-tokens", "3000")
    assert.equal(5, result.status)
    assert.matches("error[limit] workflows/hooks/after.lua: with what the hook adds", result.err, 1, true)
  end)

  it("is named on standard error, by which, by --dry-run and by --json with its digest", function()
    hook("before", NOTE)
    local result = run("next", "@CSV-IMPORT")
    assert.equal("promptgen: notice: workflows/hooks/before.lua of this workspace runs before every workflow "
      .. "(--builtin ignores it)\n", result.err)
    assert.matches("\n* workspace   workflows/hooks/before.lua", run("which", "before").out, 1, true)
    result = run("next", "@CSV-IMPORT", "--dry-run")
    assert.matches("uses workflows/hooks/before.lua (workspace)", result.err, 1, true)
    local found
    for _, script in ipairs(json("next", "@CSV-IMPORT").scripts) do
      found = script.name == "workflows/hooks/before.lua" and script or found
    end
    local sum = program.sh("sha256sum " .. dir .. "/workflows/hooks/before.lua"):match("^%x+")
    assert.same({ "workspace", sum, false }, { found.source, found.sha256, found.stock })
  end)

  it("is never passed by because a prompt is stored", function()
    local plain = run("next", "@CSV-IMPORT").out
    assert.equal(plain, run("next", "@CSV-IMPORT").out)
    hook("before", NOTE)
    local noted = run("next", "@CSV-IMPORT").out
    assert.matches("Be brief in next", noted, 1, true)
    hook("before", NOTE:gsub("brief", "kind"))
    assert.matches("Be kind in next", run("next", "@CSV-IMPORT").out, 1, true)
    program.sh("rm -r " .. dir .. "/workflows")
    assert.equal(plain, run("next", "@CSV-IMPORT").out)
  end)

  it("of the user runs too, before that of the workspace, and not in place of it", function()
    program.write(home .. "/promptgen/workflows/hooks/before.lua",
      'return function(ctx) ctx.notes[#ctx.notes + 1] = "mine" end\n')
    hook("before", 'return function(ctx) ctx.notes[#ctx.notes + 1] = "ours" end\n')
    assert.matches("\n\n- mine\n- ours\n\n", run("next", "@CSV-IMPORT").out, 1, true)
    local result = run("next", "@CSV-IMPORT", "--builtin")
    assert.matches("\n\n- mine\n\n", result.out, 1, true)
    assert.equal("", result.err)
    local _, stars = run("which", "before").out:gsub("\n%* ", "")
    assert.equal(2, stars)
  end)

  it("runs for a workflow only, not for its description or a wrong command line", function()
    hook("before", 'error("must not run")\n')
    assert.equal(0, run("help", "next").status)
    assert.equal(0, run("workflows").status)
    assert.equal(0, run("status", "@CSV-IMPORT").status)
    local result = run("discover", "@CSV-IMPORT", "--level", "1")
    assert.equal(2, result.status)
    assert.matches("level 1 needs --achievement", result.err, 1, true)
  end)
end)
