--- The command line itself: options, help, closed streams.
local cjson = require "cjson"
local program = require "support.program"

describe("promptgen", function()
  it("shows its version and its help", function()
    assert.matches("^promptgen %d+%.%d+%.%d+ %(Lua 5%.4%)\n$", program.run({ "--version" }).out)
    local help = program.run { "help" }
    assert.equal(0, help.status)
    assert.matches("usage: promptgen COMMAND", help.out)
    assert.equal(help.out, program.run({ "--help" }).out)
    for _, command in ipairs { "run", "plans", "parse", "paths" } do
      assert.matches("usage: promptgen " .. command, program.run({ "help", command }).out)
    end
  end)

  it("gives help as data, the same that its text says", function()
    local all = cjson.decode(program.run({ "help", "--json" }).out)
    assert.equal("promptgen.help/1", all.schema)
    local text = program.run({ "help" }).out
    for _, command in ipairs(all.commands) do
      assert.is_truthy(text:find(("\n  %-12s %s\n"):format(command.name, command.summary), 1, true), command.name)
      local page = cjson.decode(program.run({ "help", command.name, "--json" }).out)
      local own = program.run({ "help", command.name }).out
      assert.is_truthy(own:find(("usage: promptgen %s %s\n"):format(page.name, page.usage), 1, true), command.name)
      for _, option in ipairs(page.options) do
        assert.is_truthy(own:find("\n  " .. option.names, 1, true), option.names)
      end
    end
    assert.same({ status = 0, meaning = "ok" }, all.exit_statuses[1])
    assert.is_true(#all.options > 20)
  end)

  it("prints one JSON object for each command that has no other output", function()
    local dir = program.example_copy()
    for _, args in ipairs {
      { "plans" }, { "status" }, { "status", "@CSV-IMPORT" }, { "explain", "@CSV-IMPORT" }, { "next", "@CSV-IMPORT" },
      { "graph", "@CSV-IMPORT" }, { "lint", "--level", "error" }, { "lint", "--rules" },
      { "completions", "fish" }, { "doctor" },
      { "workflows" }, { "templates" }, { "which", "next" }, { "copy", "next" }, { "copy", "review", "--dry-run" },
      { "paths" }, { "cache", "stats" }, { "cache", "list" }, { "cache", "gc" }, { "metrics" }, { "help" },
      { "version" }, { "new", "workflow", "mine" }, { "test" },
    } do
      args[#args + 1] = "--json"
      local result = program.run(args, { cwd = dir })
      assert.equal(0, result.status, result.err)
      assert.matches("^promptgen%.", cjson.decode(result.out).schema, nil, table.concat(args, " "))
    end
    program.remove(dir)
  end)

  it("calls a workflow in its help as it was called, not as its file does", function()
    local dir = program.example_copy()
    program.sh("mkdir " .. dir .. "/workflows")
    program.write(dir .. "/workflows/other.lua",
      'return require("promptgen.workflow").define { name = "declared", summary = "s", run = print }')
    for _, name in ipairs { "other", "workflows/other.lua" } do
      local result = program.run({ "help", name }, { cwd = dir })
      assert.is_truthy(result.out:find("usage: promptgen run " .. name .. " [PLAN]\n", 1, true),
        result.out .. result.err)
    end
    program.remove(dir)
  end)

  it("tells a workflow from the command that is called like it", function()
    local workflow = program.run({ "help", "run", "fix" }).out
    assert.matches("^usage: promptgen run fix PLAN\n", workflow)
    assert.equal(workflow, program.run({ "run", "fix", "--help" }).out)
    assert.matches("^usage: promptgen fix ", program.run({ "help", "fix" }).out)
    assert.matches("^usage: promptgen run WORKFLOW", program.run({ "run", "--help" }).out)
    assert.equal(program.run({ "subplan", "--help" }).out, program.run({ "run", "subplan", "--help" }).out)
    local result = program.run({ "run", "fix", "@CSV-IMPORT", "1.1" }, { cwd = program.example })
    assert.equal(2, result.status)
    assert.matches("hint: promptgen help run fix shows", result.err, 1, true)
    result = program.run { "help", "run", "nowhere" }
    assert.equal(2, result.status)
    assert.matches("there is no workflow 'nowhere'", result.err, 1, true)
    assert.equal(2, program.run({ "help", "new", "plan" }).status)
    local page = program.read(program.source_dir .. "/docs/commands.md")
    assert.matches("\n`promptgen run fix PLAN`\n", page, 1, true)
  end)

  it("has hints about --interactive that can be followed", function()
    local result = program.run({ "next", "--resolve", "@CSV-IMPORT", "--interactive" }, { cwd = program.example })
    assert.equal(2, result.status)
    assert.matches("unknown option '--resolve'\nhint: promptgen help interactive ", result.err, 1, true)
    local help = program.run { "help", "interactive" }
    assert.equal(0, help.status)
    assert.matches("^usage: promptgen %-%-interactive %[PLAN%]\n", help.out)
    assert.matches("\n  %-%-achievement N ", help.out)
    result = program.run({ "--interactive", "--achievement", "1.1" }, { cwd = program.example })
    assert.equal(2, result.status)
    assert.matches("--interactive needs a plan for --achievement", result.err, 1, true)
  end)

  it("lists the stock templates outside a workspace, and no others", function()
    local outside = program.run({ "templates" }, { cwd = "/" })
    assert.equal(0, outside.status, outside.err)
    assert.equal(program.run({ "templates", "--builtin" }, { cwd = program.example }).out, outside.out)
    assert.matches("\nskeletons/subplan +embedded +A new SUBPLAN\n", outside.out)
    assert.equal(4, program.run({ "templates", "--root", "/none" }, { cwd = "/" }).status)
  end)

  it("describes a workflow, inside a workspace and outside", function()
    for _, dir in ipairs { program.example, "/" } do
      local help = program.run({ "help", "next" }, { cwd = dir })
      assert.equal(0, help.status, help.err)
      assert.matches("usage: promptgen run next PLAN", help.out)
      assert.matches("%-%-achievement N", help.out)
      assert.equal(help.out, program.run({ "next", "--help" }, { cwd = dir }).out)
      assert.matches("\nnext +embedded +Write the prompt", program.run({ "workflows" }, { cwd = dir }).out)
    end
  end)

  it("rejects what it does not know and names what is near", function()
    for _, row in ipairs {
      { { "statsu" }, "did you mean status%?" }, { { "nxt" }, "did you mean next%?" },
      { { "--bogus" }, "unknown option" },
      { { "next" }, "missing argument plan.*promptgen plans lists the plans" },
      { { "parse" }, "missing argument file" }, { { "parse", "a", "b" }, "unexpected argument 'b'" },
      { { "plans", "--nope" }, "unknown option" }, { { "help", "nothing" }, "no command or workflow" },
      { { "run" }, "run needs the name or path" },
    } do
      local result = program.run(row[1], { cwd = program.example })
      assert.equal(2, result.status, result.err)
      assert.equal("", result.out)
      assert.matches("^promptgen: error%[usage%] ", result.err)
      assert.matches(row[2], result.err)
    end
  end)

  it("rejects malformed values with what it takes", function()
    for _, value in ipairs { "-1", "0", "1e99", "nan", "0x10", "99999999999999999999", "", "10 s", "1h" } do
      local result = program.run { "plans", "--timeout=" .. value }
      assert.equal(2, result.status, value)
      assert.matches("hint: it takes a duration", result.err)
    end
    for _, value in ipairs { "-1", "0", "1T", "1.5M", "99999999999999999999" } do
      assert.equal(2, program.run({ "plans", "--mem", value }).status, value)
    end
    assert.equal(2, program.run({ "plans", "--color", "blue" }).status)
    assert.equal(2, program.run({ "plans", "--json=1" }).status)
    assert.equal(2, program.run({ "plans", "--root" }).status)
  end)

  it("writes an error as one JSON object with --json", function()
    local result = program.run({ "status", "@NO-SUCH-PLAN", "--json" }, { cwd = program.example })
    assert.equal(4, result.status)
    assert.equal("", result.out)
    local object = require("cjson").decode(result.err)
    assert.equal("promptgen.error/1", object.schema)
    assert.equal("not_found", object.error.code)
    assert.equal(4, object.exit)
  end)

  it("is quiet when the reader of its output goes away", function()
    local out = program.sh(("%s help | head -n 1 >/dev/null; echo done"):format(program.path))
    assert.equal("done", out)
  end)

  it("reports a full or closed standard output as an I/O error", function()
    local _, status = program.sh(program.path .. " --version >/dev/full")
    assert.equal(6, status)
    _, status = program.sh("(" .. program.path .. " --version >&- 2>/dev/null)")
    assert.equal(6, status)
    _, status = program.sh(program.path .. " --version 2>&- </dev/null")
    assert.equal(0, status)
  end)

  it("ignores Lua's own environment variables and the locale", function()
    local plain = program.run({ "plans" }, { cwd = program.example })
    local other = program.run({ "plans" }, { cwd = program.example, env = {
      LUA_INIT = "error 'loaded'", LUA_PATH = "/nonexistent/?.lua", LUA_CPATH = "/nonexistent/?.so",
      LC_ALL = "de_DE.UTF-8", TERM = "", COLUMNS = "-1", HOME = "/nonexistent", TMPDIR = "/x", NO_COLOR = "1",
    } })
    assert.equal(0, plain.status, plain.err)
    assert.equal(plain.out, other.out)
    assert.equal(plain.err, other.err)
  end)
end)
