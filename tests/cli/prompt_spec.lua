--- Prompts of the real program on the example workspace.
local program = require "support.program"

local PLANS = { "@CSV-IMPORT", "@MONTHLY-REPORT", "@CURRENCY-RATES" }

describe("promptgen next --dry-run", function()
  it("tells what it read, warm as well as cold, and prints the same prompt", function()
    local root = program.example_copy()
    local plain = program.run({ "next", "@CSV-IMPORT" }, { cwd = root })
    local result = program.run({ "next", "@CSV-IMPORT", "--dry-run" }, { cwd = root })
    assert.equal(0, result.status, result.err)
    assert.equal(plain.out, result.out)
    for _, line in ipairs {
      "uses workflows/next.lua (embedded)",
      "lists work-space/plans/CSV-IMPORT/execution/feedbacks",
      "reads work-space/plans/CSV-IMPORT/PLAN_CSV-IMPORT.md",
      "reads work-space/plans/CSV-IMPORT/subplans/SUBPLAN_CSV-IMPORT_02.md",
    } do
      assert.is_truthy(result.err:find("promptgen: " .. line .. "\n", 1, true), result.err)
    end
    assert.is_nil(result.err:find("SUBPLAN_CSV-IMPORT_01", 1, true))
    local object = require("cjson").decode(program.run({ "next", "@CSV-IMPORT", "--dry-run", "--json" },
      { cwd = root }).out)
    assert.is_true(#object.dry_run.reads >= 3)
    assert.same({}, object.dry_run.writes)
    program.remove(root)
  end)

  it("tells what was read outside of the workspace by leave of --allow-read", function()
    local root, outside = program.example_copy(), program.temp_dir()
    program.sh("mkdir " .. root .. "/workflows " .. outside .. "/deep")
    program.write(outside .. "/deep/facts.md", "facts\n")
    program.write(root .. "/workflows/far.lua", ([[
      return require("promptgen.workflow").define { name = "far", summary = "reads far away", run = function(ctx)
        assert(not ctx.workspace:read("%s/none.md"))
        return #assert(ctx.workspace:list("%s/deep")) .. assert(ctx.workspace:read("%s/deep/facts.md"))
      end }]]):format(outside, outside, outside))
    local args = { "run", "workflows/far.lua", "@CSV-IMPORT", "--dry-run", "--allow-read=" .. outside }
    local result = program.run(args, { cwd = root })
    assert.equal("1facts\n", result.out, result.err)
    assert.is_truthy(result.err:find("promptgen: lists " .. outside .. "/deep\n", 1, true), result.err)
    assert.is_truthy(result.err:find("promptgen: reads " .. outside .. "/deep/facts.md\n", 1, true), result.err)
    assert.is_nil(result.err:find("none.md", 1, true))
    program.remove(root)
    program.remove(outside)
  end)
end)

describe("executions that go on at the same time", function()
  it("are told to keep out of each other's way, where the SUBPLAN plans several", function()
    local ws = require("support.workspace").new("--example")
    local subplan = "work-space/plans/WORD-COUNT/subplans/SUBPLAN_WORD-COUNT_11.md"
    ws:ok("new", "subplan", "@WORD-COUNT", "1.1")
    ws:fill(subplan)
    local single = ws:read(subplan)
    local function says(text, more)
      ws:write(subplan, (single:gsub("## Planned Executions\n\n([^#]*)\n\n", function(rows)
        return "## Planned Executions\n\n" .. text .. "\n\n" .. rows .. (more or "") .. "\n\n"
      end)))
      return ws:ok("next", "@WORD-COUNT"):find("touch no file that belongs to another execution", 1, true) ~= nil
    end
    local second = "\n| 11_02 | the rest | tests |"
    assert.is_true(says("Multiple executions, in parallel.", second))
    assert.is_false(says("Multiple executions, in parallel."))
    assert.is_false(says("Sequential: no parallel work.", second))
    assert.is_false(says("Two executions.", second))
    ws:close()
  end)
end)

describe("project context", function()
  it("is in the prompt as configured, and left out with --no-project-context, warm as well as cold", function()
    local root = program.example_copy()
    for _ = 1, 2 do
      local with = program.run({ "next", "@CSV-IMPORT" }, { cwd = root }).out
      local without = program.run({ "next", "@CSV-IMPORT", "--no-project-context" }, { cwd = root })
      assert.equal(0, without.status, without.err)
      assert.matches("docs/PROJECT.md", with, 1, true)
      assert.is_nil(without.out:find("docs/PROJECT.md", 1, true))
    end
    program.remove(root)
  end)
end)

describe("promptgen next", function()
  local dir = program.example_copy()

  teardown(function()
    program.remove(dir)
  end)

  it("prints the same whether a prompt was compiled with the program or is put together", function()
    local stock = {}
    for i, plan in ipairs(PLANS) do
      local result = program.run({ "next", plan }, { cwd = dir })
      assert.equal(0, result.status, result.err)
      stock[i] = result.out
    end
    program.sh("mkdir -p " .. dir .. "/workflows/templates")
    program.write(dir .. "/workflows/templates/base.lua",
      'return require("promptgen.template").define { extends = "base" }\n')
    for i, plan in ipairs(PLANS) do
      local result = program.run({ "next", plan }, { cwd = dir })
      assert.equal(0, result.status, result.err)
      assert.equal(stock[i], result.out)
      assert.matches("notice: workflows/templates/base.lua", result.err, 1, true)
    end
    program.sh("rm -r " .. dir .. "/workflows")
  end)

  it("tells of the templates that were used only, though others are read ahead", function()
    program.sh("mkdir -p " .. dir .. "/workflows/templates")
    for _, name in ipairs { "base", "conflict", "blocked" } do
      program.write(dir .. "/workflows/templates/" .. name .. ".lua",
        ('return require("promptgen.template").define { extends = %q }\n'):format(name))
    end
    program.sh("mkdir " .. dir .. "/workflows/templates/folder.lua")
    local result = program.run({ "next", "@CSV-IMPORT" }, { cwd = dir })
    program.sh("rm -r " .. dir .. "/workflows")
    assert.equal(0, result.status, result.err)
    assert.matches("notice: workflows/templates/base.lua", result.err, 1, true)
    assert.is_nil(result.err:find "conflict.lua" or result.err:find "blocked.lua" or result.err:find "folder.lua")
  end)

  it("names every template it used", function()
    local result = program.run({ "next", "@CSV-IMPORT", "--json" }, { cwd = dir })
    local scripts = {}
    for _, script in ipairs(require("cjson").decode(result.out).scripts) do
      scripts[script.name] = script.source
    end
    assert.equal("embedded", scripts["workflows/next.lua"])
    assert.equal("embedded", scripts["workflows/templates/base.lua"])
    assert.equal("embedded", scripts["workflows/templates/partials/facts.lua"])
  end)

  it("drops sections to keep a budget, or refuses", function()
    local whole = program.run({ "next", "@CSV-IMPORT" }, { cwd = dir }).out
    local less = program.run({ "next", "@CSV-IMPORT", "--max-tokens", "1200" }, { cwd = dir })
    assert.equal(0, less.status, less.err)
    assert.truthy(#less.out < #whole)
    assert.matches("Left out, to stay within 1200 tokens", less.out)
    local none = program.run({ "next", "@CSV-IMPORT", "--max-tokens", "50" }, { cwd = dir })
    assert.equal(5, none.status)
    assert.equal("", none.out)
    assert.matches("^promptgen: error%[limit%]", none.err)
  end)

  it("says what is wrong with an achievement that is not there or closed", function()
    local result = program.run({ "next", "@CSV-IMPORT", "--achievement", "7.7" }, { cwd = dir })
    assert.equal(4, result.status)
    assert.matches("7.7", result.err, 1, true)
    result = program.run({ "next", "@CSV-IMPORT", "--achievement", "0.1" }, { cwd = dir })
    assert.equal(4, result.status)
    assert.matches("achievement 0.1 is approved: there is nothing to do", result.err, 1, true)
  end)
end)
