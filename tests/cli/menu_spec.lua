--- The menus of `promptgen` alone on a terminal, played on a terminal of their own.
local program = require "support.program"

local quote = program.quote

describe("promptgen on a terminal", function()
  local dir, home

  before_each(function()
    dir, home = program.example_copy(), program.temp_dir()
  end)
  after_each(function()
    program.remove(dir)
    program.remove(home)
  end)

  local function tool(name, script)
    program.write(home .. "/" .. name, "#!/bin/sh\nTRACE=" .. quote(home) .. "\n" .. script .. "\n")
    program.sh("chmod +x " .. quote(home .. "/" .. name))
  end

  --- Plays the steps; see tests/support/terminal.py.
  local function play(steps, args, env)
    program.write(home .. "/steps", steps)
    local words = {}
    for i, arg in ipairs(args or {}) do
      words[i] = quote(arg)
    end
    local out, status = program.sh(
      ("cd %s && env -i PATH=%s:/usr/bin:/bin HOME=%s TERM=xterm %s python3 %s %s %s %s"):format(
        quote(dir), quote(home), quote(home), env or "", quote(program.source_dir .. "/tests/support/terminal.py"),
        quote(home .. "/steps"), quote(program.path), table.concat(words, " ")))
    assert.equal(0, status, out)
    return out
  end

  local function next_prompt(...)
    local result = program.run({ "next", "@CSV-IMPORT", ... }, { cwd = dir })
    assert.equal(0, result.status, result.err)
    return result.out
  end

  local function plain(out)
    return (out:gsub("\27%[J", "\n"):gsub("\27%[[%d;?]*%a", ""):gsub("\r", ""))
  end

  it("copies the next prompt of the likely plan when Enter is all that is pressed", function()
    tool("pbcopy", [[cat >"$TRACE/copied"]])
    local out = plain(play [[
expect plans in .*> 1  CSV-IMPORT.*q: back\x1b\[0m$
send \r
expect next: 0.2 create the next EXECUTION_TASK, because all execution.*chosen by the rule.*q: back\x1b\[0m$
send \r
expect lines, about .* tokens.*> 1  copy it.*q: back\x1b\[0m$
send \r
expect copied to the clipboard by pbcopy.*> 6  done.*q: back\x1b\[0m$
send \r
expect >  1  prompt for the next step.*q: back\x1b\[0m$
send q
expect > 1  CSV-IMPORT.*q: back\x1b\[0m$
send q
end 0
]])
    assert.equal(next_prompt(), (program.read(home .. "/copied"):gsub("\n?$", "\n")))
    assert.matches("> prompt for the next step", out)
  end)

  it("moves by numbers and arrow keys, explains and views, without colour in 60 columns", function()
    local out = play([[
resize 24 60
expect plans in .*q: back$
send 2
expect > 2  MONTHLY-REPORT.*q: back$
send \x1b[B
expect > 3  CURRENCY-RATES.*q: back$
send \x1bOA
expect > 2  MONTHLY-REPORT.*q: back$
send \r
expect 1.1 address the review's fixes.*q: back$
send \x1b
expect > 1  CSV-IMPORT.*q: back$
send \r
expect >  1  prompt.*q: back$
send \x03
end 130
]], { "--color=never" })
    assert.is_nil(out:find "\27%[%d*m")
    for line in plain(out):gmatch "[^\n]+" do
      assert.is_true(utf8.len(line) <= 60 or line:find "plans in", line)
    end
  end)

  it("leaves with status 0 at the end of input, anywhere", function()
    play "expect plans in .*q: back\\x1b\\[0m$\nsend \\x04\nend 0\n"
    play("expect next: .*q: back\\x1b\\[0m$\nsend \\x04\nend 0\n", { "--interactive", "@CSV-IMPORT" })
  end)

  it("offers first the prompt for the achievement that the command line names", function()
    for _, args in ipairs {
      { "next", "--achievement", "1.2", "@CSV-IMPORT", "--interactive" },
      { "--interactive", "@CSV-IMPORT", "--achievement=1.2" },
    } do
      local out = plain(play([[
expect next: 0.2.*> .*1  prompt for 1.2 no_subplan: Category Rules.*q: back\x1b\[0m$
send \r
expect lines, about .* tokens.*q: back\x1b\[0m$
send \x04
end 0
]], args))
      assert.matches("for achievement 1.2", out, 1, true)
    end
    local unknown = play("end 4\n", { "--interactive", "@CSV-IMPORT", "--achievement", "7.7" })
    assert.matches("defines no achievement 7.7", unknown)
  end)

  it("works with plain numbers where the cursor cannot move", function()
    play([[
expect 1  CSV-IMPORT.*number .Enter: 1, q: back.: $
send 2\r
expect next: 1.1.*number .Enter: 1, q: back.: $
send 99\r
expect a number from 1 to.*number .Enter: 1, q: back.: $
send \x04
end 0
]], nil, "TERM=dumb")
  end)

  it("pages, edits and saves the prompt", function()
    tool("page", [[cp "$1" "$TRACE/paged"]])
    tool("edit", [[echo changed >"$1"]])
    play([[
expect next: .*q: back\x1b\[0m$
send \r
expect > 1  copy it.*q: back\x1b\[0m$
send 3\r
expect > view it.*> 3  view it.*q: back\x1b\[0m$
send 5\r
expect changed.*1 lines, edited.*q: back\x1b\[0m$
send 4\r
expect file .Enter: .*: $
send out.md\r
expect saved as .*out.md.*q: back\x1b\[0m$
send \x03
end 130
]], { "--interactive", "next", "@CSV-IMPORT" }, "PAGER=page EDITOR=edit")
    assert.equal(next_prompt(), (program.read(home .. "/paged"):gsub("\n?$", "\n")))
    assert.equal("changed\n", program.read(dir .. "/out.md"))
  end)

  describe("in a workspace of its own", function()
    local workspace = require "support.workspace"
    local ws

    before_each(function()
      ws = workspace.new("--example")
      program.remove(dir)
      dir = ws.root
    end)
    after_each(function()
      ws:close()
    end)

    local EXECUTION = "work-space/plans/WORD-COUNT/execution/EXECUTION_TASK_WORD-COUNT_11_01.md"
    local FIX = "work-space/plans/WORD-COUNT/execution/feedbacks/FIX_11.md"
    local WAIT = ".*q: back\\x1b\\[0m$\n"
    local USER = "USER=tester XDG_STATE_HOME=/nonexistent/state"

    --- Steps from pairs: what to expect before the list is there, and what to type.
    local function steps(...)
      local out, list = {}, { ... }
      for i = 1, #list, 2 do
        out[#out + 1] = "expect " .. list[i] .. (list[i]:find "%$$" and "\n" or WAIT)
        out[#out + 1] = "send " .. list[i + 1] .. "\n"
      end
      return table.concat(out)
    end

    it("begins with the only plan, and makes, approves and skips what is next", function()
      play(steps(
        "WORD-COUNT.*next: 1.1 create the SUBPLAN", "3\\r",
        "> 1  make the skeleton of the SUBPLAN of 1.1", "\\r",
        "SUBPLAN_WORD-COUNT_11.md.*next: 1.1 finish the SUBPLAN", "\\x04") .. "end 0\n", nil, USER)
      ws:fill "work-space/plans/WORD-COUNT/subplans/SUBPLAN_WORD-COUNT_11.md"
      play(steps("create the first EXECUTION_TASK", "4\\r", "skeleton of the EXECUTION_TASK of 1.1", "\\r",
        "continue the EXECUTION_TASK", "\\x04") .. "end 0\n", nil, USER)
      ws:edit(EXECUTION, "In Progress", "✅ Complete")
      play(steps("next: 1.1 review the work", "4\\r", "> 1  approve 1.1", "\\r",
        "the work on 1.1 was reviewed and is good.*> 1  no", "\\r", -- the likely answer changes nothing
        "next: 1.1 review the work", "4\\r", "ask for fixes of 1.1", "1\\r", "yes, approve 1.1", "2\\r",
        "1 of 3 approved.*next: 1.2 create the SUBPLAN", "3\\r",
        "skip an achievement", "2\\r", "> 1  1.2 no_subplan.*2  2.1 no_subplan", "2\\r",
        "why is 2.1 left out. $", "Nobody asks.\\r",
        "SKIPPED_21.md.*1 of 3 approved, 1 skipped", "\\x04") .. "end 0\n", nil, USER)
      assert.matches("Nobody asks%.", ws:read "work-space/plans/WORD-COUNT/execution/SKIPPED_21.md")
      assert.same({ 1, 1 }, { ws:json("status", "@WORD-COUNT").approved, ws:json("status", "@WORD-COUNT").skipped })
    end)

    it("asks for fixes, answers them, and archives a complete plan", function()
      ws:ok("approve", "@WORD-COUNT", "1.2", "--force")
      ws:ok("skip", "@WORD-COUNT", "2.1", "--reason", "no")
      ws:ok("new", "subplan", "@WORD-COUNT", "1.1")
      ws:fill "work-space/plans/WORD-COUNT/subplans/SUBPLAN_WORD-COUNT_11.md"
      ws:ok("new", "execution", "@WORD-COUNT", "1.1")
      ws:edit(EXECUTION, "In Progress", "✅ Complete")
      play(steps("next: 1.1 review", "4\\r", "ask for fixes", "2\\r", "what must be fixed.*: $", "It counts spaces\\r",
        "FIX_11.md.*address the review's fixes", "4\\r", "skeleton of the answer to the review of 1.1", "\\r",
        "FIX_11_RESOLUTION.md", "\\x03") .. "end 130\n", nil, USER)
      assert.matches("#### 1%. %*%*It counts spaces%*%*", ws:read(FIX))
      ws:ok("approve", "@WORD-COUNT", "1.1", "--force")
      play(steps("WORD-COUNT.*complete, 2 of 3 approved.*prompt to close the plan", "2\\r",
        "> 1  archive the plan", "\\r", "yes, archive it", "2\\r") .. "expect there are no plans\nend 4\n", nil, USER)
      assert.is_true(ws:exists "documentation/archive/word-count/planning/PLAN_WORD-COUNT.md")
    end)

    it("draws what waits for what, and makes a level of files", function()
      local tree = "1.1 no_subplan.*└─ 1.2 no_subplan.*└─ 2.1 no_subplan.*free now: 1.1"
      play(steps("next: 1.1", "4\\r", tree, "3\\r", "level 0, 1 to create.*> 1  no.*yes, write them", "2\\r",
        "SUBPLAN_WORD-COUNT_11.md.*1.1 subplan_draft", "4\\r", "is not ready for executions.*free now: 1.1", "2\\r",
        "lines, about .* tokens.*copy it", "6\\r", "free now: 1.1", "5\\r", "next: 1.1 finish", "5\\r",
        "free now", "\\x1b", "next: 1.1 finish", "5\\r", "free now", "\\x04") .. "end 0\n", nil, USER)
      assert.is_true(ws:exists "work-space/plans/WORD-COUNT/subplans/SUBPLAN_WORD-COUNT_11.md")
    end)

    it("offers every other workflow, also one of the workspace", function()
      ws:write("workflows/hello.lua", [[return require("promptgen.workflow").define {
        name = "hello", summary = "Says hello", run = function(ctx) return "hello " .. ctx.args.plan end }]])
      play(steps("next: 1.1", "5\\r", "subplan: Write the prompt.*verify: ", "2\\x1b", "next: 1.1", "5\\r",
        "hello: Says hello", "q") .. "expect next: 1.1" .. WAIT .. "send q\n"
        .. "expect plans in" .. WAIT .. "send \\x04\nend 0\n", nil, USER)
    end)

    it("explains a conflict and writes the prompt that settles it", function()
      ws:write("work-space/plans/WORD-COUNT/execution/feedbacks/APPROVED_77.md", "# APPROVED: 7.7\n\nFine.\n")
      local out = play(steps("in conflict.*> *1  explain the conflict", "\\r",
        "conflict 1 .undefined_feedback.*prompt that settles", "2\\r", "lines, about .* tokens", "\\x04") .. "end 0\n",
        nil, USER)
      assert.is_nil(plain(out):find("make a file", 1, true))
    end)

    it("says what blocks a plan, and where there is no plan", function()
      ws:edit("work-space/plans/WORD-COUNT/parallel.json", '"dependencies": %[%]', '"dependencies": ["2.1"]')
      play(steps("blocked, 0 of 3 approved.*> *1  prompt that names what blocks", "\\r",
        "lines, about .* tokens", "6\\r", "blocked, 0 of 3", "q")
        .. "expect plans in" .. WAIT .. "send q\nend 0\n", nil, USER)
      program.sh("rm -r " .. ws.root .. "/work-space/plans/WORD-COUNT")
      local out = play("end 4\n", nil, USER)
      assert.matches("there are no plans", out)
      assert.matches("promptgen new plan NAME", out)
    end)
  end)

  it("keeps what it showed in sight", function()
    local out = plain(play([[
resize 20 60
expect next: 0.2 create.*q: back$
send \x1b[F\x1b[A\x1b[A\x1b[A\x1b[A\r
expect 1.2  no_subplan.*Category Rules.*prompt for the next step.*q: back$
send \x04
end 0
]], { "--color=never", "--interactive", "@CSV-IMPORT" }))
    assert.equal(1, select(2, out:gsub("in progress, 1 of 4 approved\n  next:", "")))
  end)

  it("is not offered without a terminal", function()
    local result = program.run({ "--interactive" }, { cwd = dir })
    assert.equal(2, result.status)
    assert.matches("needs a terminal", result.err)
    assert.matches("^Writes the next prompt", program.run({}, { cwd = dir }).out)
  end)
end)
