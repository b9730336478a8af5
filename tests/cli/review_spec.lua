--- approve, fix and skip: what they write, what they refuse, and what two of them at once come to.
local program = require "support.program"
local workspace = require "support.workspace"

local TARGET = "@WORD-COUNT"
local DIR = "work-space/plans/WORD-COUNT/"
local FEEDBACK = DIR .. "execution/feedbacks/"

describe("reviews:", function()
  local ws

  before_each(function()
    ws = workspace.new("--example")
  end)

  after_each(function()
    ws:close()
  end)

  local function execute(number)
    local code = number:gsub("%.", "")
    ws:ok("new", "subplan", TARGET, number)
    ws:fill(DIR .. "subplans/SUBPLAN_WORD-COUNT_" .. code .. ".md")
    ws:ok("new", "execution", TARGET, number)
    ws:edit(DIR .. ("execution/EXECUTION_TASK_WORD-COUNT_%s_01.md"):format(code), "In Progress", "✅ Complete")
  end

  describe("approve", function()
    it("writes reviewer, date, summary, recommendations, and what was verified and run", function()
      execute "1.1"
      local out = ws:ok("approve", TARGET, "1.1", "--reviewer", "Ada L.", "--date", "2031-02-03",
        "--summary", "It works.", "--recommend", "faster", "--recommend", "smaller",
        "--verified", "wordcount.sh: read", "--test", "sh tests/run.sh: 4 passed")
      assert.equal(FEEDBACK .. "APPROVED_11.md\n", out)
      local text = ws:read(FEEDBACK .. "APPROVED_11.md")
      assert.matches("^# APPROVED: Achievement 1%.1\n", text)
      assert.matches("%*%*Reviewer%*%*: Ada L%.\n%*%*Review Date%*%*: 2031%-02%-03\n", text)
      assert.matches("## Summary\n\nIt works%.\n", text)
      assert.matches("%- faster\n%- smaller\n$", text)
      assert.matches("## Deliverables Verified\n\n%- wordcount%.sh: read\n", text)
      assert.matches("## Tests\n\n%- sh tests/run%.sh: 4 passed\n", text)
      assert.is_nil(text:find "%[%u")
    end)

    it("leaves what is not said to be written, and lint names it", function()
      execute "1.1"
      ws:ok("approve", TARGET, "1.1")
      local text = ws:read(FEEDBACK .. "APPROVED_11.md")
      assert.matches("## Tests\n\n%- %[The commands that were run, and their results%]\n", text)
      assert.is_nil(text:find("Approved.\n", 1, true))
      assert.matches("APPROVED_11%.md:%d+.*still to be written: %[What was delivered", (ws:ok("lint", TARGET)))
    end)

    it("takes today's date and the user's name", function()
      execute "1.1"
      local before = program.sh "date +%F"
      ws:ok("approve", TARGET, "1.1")
      local after, text = program.sh "date +%F", ws:read(FEEDBACK .. "APPROVED_11.md")
      local date = text:match "Review Date%*%*: (%S+)"
      assert.is_true(date == before or date == after, date)
      assert.matches("Reviewer%*%*: tester\n", text)
      local nobody = program.run({ "approve", TARGET, "1.2" }, { cwd = ws.root })
      assert.equal(2, nobody.status)
      assert.matches("%-%-reviewer NAME", nobody.err)
    end)

    it("refuses what is not ready, unless it is forced", function()
      local err = ws:fails("bad_input", "approve", TARGET, "1.1")
      assert.matches("no work on it is recorded", err.message)
      ws:ok("new", "subplan", TARGET, "1.1")
      ws:fails("bad_input", "approve", TARGET, "1.1")
      ws:ok("new", "execution", TARGET, "1.1", "--force")
      assert.matches("an execution is not complete", ws:fails("bad_input", "approve", TARGET, "1.1").message)
      ws:ok("fix", TARGET, "1.1")
      assert.matches("no RESOLUTION answers", ws:fails("bad_input", "approve", TARGET, "1.1").message)
      ws:ok("approve", TARGET, "1.1", "--force")
      assert.equal("approved", ws:json("status", TARGET).achievements[1].state)
    end)

    it("tells who was faster, with both facts", function()
      ws:ok("approve", TARGET, "1.1", "--force", "--reviewer", "Ada", "--date", "2031-02-03")
      local err, status = ws:fails("conflict", "approve", TARGET, "1.1", "--reviewer", "Bob")
      assert.equal(7, status)
      assert.matches("to be approved by Bob, but it is approved already", err.message)
      assert.matches('there now: "APPROVED: Achievement 1.1", Reviewer: Ada, Review Date: 2031%-02%-03', err.hint[1])
      assert.equal(FEEDBACK .. "APPROVED_11.md", err.path)
    end)

    it("refuses an approval dated before the FIX it answers, which would not count", function()
      execute "1.1"
      ws:ok("fix", TARGET, "1.1", "--date", "2031-02-03")
      ws:fails("bad_input", "approve", TARGET, "1.1", "--force", "--date", "2031-02-02")
      ws:ok("approve", TARGET, "1.1", "--force", "--date", "2031-02-03")
      assert.equal("active", ws:json("status", TARGET).state)
    end)

    it("replaces an approval that is empty, as that counts for nothing", function()
      execute "1.1"
      ws:write(FEEDBACK .. "APPROVED_11.md", " \n")
      assert.equal("replace", ws:json("approve", TARGET, "1.1").files[1].action)
      assert.matches("^# APPROVED", ws:read(FEEDBACK .. "APPROVED_11.md"))
    end)

    it("--all approves what awaits review and names what does not", function()
      execute "1.1"
      execute "1.2"
      local answer = ws:json("approve", TARGET, "--all")
      assert.same({ "1.1", "1.2" }, answer.achievements)
      assert.matches("left as they are: 2.1", answer.notes[1])
      assert.matches("no achievement awaits review", ws:fails("bad_input", "approve", TARGET, "--all").message)
      assert.same({ "2.1" }, ws:json("approve", TARGET, "--all", "--force").achievements)
      assert.matches("every achievement is closed", ws:fails("bad_input", "approve", TARGET, "--all").message)
    end)

    it("--all closes an older plan that says it is complete and has no review", function()
      ws:edit(DIR .. "PLAN_WORD-COUNT.md", "%*%*Status%*%*: Planning", "**Status**: ✅ Complete")
      assert.equal("complete_without_approvals", ws:json("status", TARGET).warnings[1].code)
      assert.same({ "1.1", "1.2", "2.1" }, ws:json("approve", TARGET, "--all").achievements)
      assert.equal("plan_complete", ws:json("status", TARGET).state)
    end)

    it("writes all approvals or none", function()
      execute "1.1"
      execute "1.2"
      program.sh(("mkdir -p %s/%sAPPROVED_12.md"):format(ws.root, FEEDBACK)) -- a folder is in the way
      ws:fails("not_regular", "approve", TARGET, "--all")
      assert.is_false(ws:exists(FEEDBACK .. "APPROVED_11.md"))
    end)

    it("knows the plan's numbers and its own usage", function()
      assert.matches("1.1, 1.2, 2.1", ws:fails("not_found", "approve", TARGET, "7.7").hint[1])
      ws:fails("not_found", "approve", TARGET, "11")
      ws:fails("not_found", "approve", "@NONE", "1.1")
      ws:fails("usage", "approve", TARGET)
      ws:fails("usage", "approve", TARGET, "1.1", "--all")
      for _, date in ipairs { "yesterday", "2031-13-01", "2031-00-10", "2031-02-30", "31-02-03" } do
        ws:fails("usage", "approve", TARGET, "1.1", "--force", "--date", date)
      end
    end)

    it("spells a number with its dots where another one shares its code", function()
      ws:edit(DIR .. "PLAN_WORD-COUNT.md", "%*%*Achievement 1%.2%*%*", "**Achievement 11.1**",
        "%*%*Achievement 2%.1%*%*", "**Achievement 1.11**")
      program.sh(("rm %s/%sparallel.json"):format(ws.root, DIR))
      assert.equal(FEEDBACK .. "APPROVED_1.11.md\n", ws:ok("approve", TARGET, "1.11", "--force"))
      assert.equal(FEEDBACK .. "APPROVED_11.1.md\n", ws:ok("approve", TARGET, "11.1", "--force"))
      assert.equal(2, ws:json("status", TARGET).approved)
    end)

    it("refuses a plan in conflict, and goes on with one side when told which", function()
      ws:write(FEEDBACK .. "APPROVED_99.md", "# APPROVED: Achievement 9.9\n\n**Status**: ✅ Approved\n")
      local err = ws:fails("conflict", "approve", TARGET, "1.1", "--force")
      assert.matches("promptgen explain @WORD%-COUNT", err.hint[1])
      ws:ok("approve", TARGET, "1.1", "--force", "--trust-plan")
    end)
  end)

  describe("fix", function()
    it("keeps earlier rounds, so that a new one is not answered yet", function()
      execute "1.1"
      for round = 1, 3 do
        ws:ok("fix", TARGET, "1.1", "--critical", "Round " .. round)
        assert.equal("needs_fix", ws:json("status", TARGET).next.state)
        ws:ok("fix", TARGET, "1.1", "--resolution")
        ws:fill(FEEDBACK .. "FIX_11_RESOLUTION.md")
        assert.equal("fix_resolved", ws:json("status", TARGET).next.state)
      end
      assert.matches("Round 1", ws:read(FEEDBACK .. "earlier/FIX_11_R1.md"))
      assert.matches("Round 2", ws:read(FEEDBACK .. "earlier/FIX_11_R2.md"))
      assert.matches("Round 2", ws:read(FEEDBACK .. "earlier/FIX_11_RESOLUTION_R2.md"))
      assert.matches("earlier/FIX_11_R2.md", ws:read(FEEDBACK .. "FIX_11.md"))
      assert.same({}, ws:json("status", TARGET).warnings)
    end)

    it("refuses blank texts, and words of a review for the answer to it", function()
      execute "1.1"
      for _, option in ipairs { "--critical", "--minor", "--positive", "--summary" } do
        assert.matches(option .. " needs a text", ws:fails("usage", "fix", TARGET, "1.1", option, " ").message, 1, true)
        assert.matches(option .. " belongs to the review", ws:fails("usage", "fix", TARGET, "1.1", "--resolution",
          option, "Q").message, 1, true)
      end
      assert.is_false(ws:exists(FEEDBACK .. "FIX_11.md"))
      ws:fails("usage", "approve", TARGET, "1.1", "--verified", "")
    end)

    it("refuses where there is nothing to review, or a review that counts", function()
      assert.matches("nothing to review", ws:fails("bad_input", "fix", TARGET, "1.1").message)
      assert.matches("no fixes are asked for", ws:fails("bad_input", "fix", TARGET, "1.1", "--resolution").message)
      execute "1.1"
      ws:ok("fix", TARGET, "1.1", "--reviewer", "Ada")
      assert.matches("Reviewer: Ada", ws:fails("conflict", "fix", TARGET, "1.1").hint[1])
      ws:ok("fix", TARGET, "1.1", "--resolution")
      assert.matches("there is a draft of it", ws:fails("conflict", "fix", TARGET, "1.1", "--resolution").message)
      ws:fill(FEEDBACK .. "FIX_11_RESOLUTION.md")
      ws:fails("conflict", "fix", TARGET, "1.1", "--resolution")
      ws:ok("approve", TARGET, "1.1")
      assert.matches("1.1 is approved", ws:fails("conflict", "fix", TARGET, "1.1").message)
    end)

    it("--resolution replaces an answer that came before the FIX, and keeps it", function()
      execute "1.1"
      ws:ok("fix", TARGET, "1.1", "--date", "2031-02-03")
      ws:write(FEEDBACK .. "FIX_11_RESOLUTION.md", "# RESOLUTION: Achievement 1.1\n\n**Date**: 2031-02-01\n\nOld.\n")
      assert.equal("needs_fix", ws:json("status", TARGET).next.state)
      ws:fails("bad_input", "fix", TARGET, "1.1", "--resolution", "--date", "2031-02-02")
      ws:ok("fix", TARGET, "1.1", "--resolution", "--date", "2031-02-04")
      assert.matches("Old%.", ws:read(FEEDBACK .. "earlier/FIX_11_RESOLUTION_R1.md"))
      ws:fill(FEEDBACK .. "FIX_11_RESOLUTION.md")
      assert.equal("fix_resolved", ws:json("status", TARGET).next.state)
    end)

    it("sees a FIX wherever it counts, and makes no second one", function()
      execute "1.1"
      ws:write(DIR .. "FIX_1.1.md", "# FIX: Achievement 1.1\n")
      assert.equal("needs_fix", ws:json("status", TARGET).next.state)
      assert.equal(DIR .. "FIX_1.1.md", ws:fails("conflict", "fix", TARGET, "1.1").path)
    end)

    it("takes the issues of a review that was written by hand", function()
      execute "1.1"
      ws:write(FEEDBACK .. "FIX_11.md", "# FIX: Achievement 1.1\n\n**Review Date**: 2026-01-01\n\n"
        .. "## Critical Issues\n\n### 1. **`a` is wrong**\n\ntext\n\n### 2. b too\n\n## Minor Issues\n\n- c\n")
      ws:ok("fix", TARGET, "1.1", "--resolution")
      local text = ws:read(FEEDBACK .. "FIX_11_RESOLUTION.md")
      assert.matches("### 1%. `a` is wrong\n.*### 2%. b too\n.*\n%- c\n", text)
    end)

    it("takes the issues of a review in every layout that the prompt for fixes takes", function()
      execute "1.1"
      ws:write(FEEDBACK .. "FIX_11.md", "# FIX: Achievement 1.1\n\n## Issues\n\n### Critical Issues\n\n"
        .. "1. **a is wrong**\n   - more\n2. **b too**\n\n### Minor Issues\n\n**3. c**\n\ntext\n\n**4. d**\n\ntext\n")
      ws:ok("fix", TARGET, "1.1", "--resolution")
      local text = ws:read(FEEDBACK .. "FIX_11_RESOLUTION.md")
      assert.matches("### 1%. a is wrong\n.*### 2%. b too\n.*\n%- c\n.*\n%- d\n", text)
      for _, title in ipairs { "a is wrong", "b too", "c", "d" } do
        assert.is_truthy(ws:ok("run", "fix", TARGET):find(": " .. title .. " (line", 1, true), title)
      end
    end)
  end)

  describe("skip", function()
    it("closes an achievement with a reason, once", function()
      assert.matches("needs a reason", ws:fails("usage", "skip", TARGET, "1.1").message)
      ws:fails("usage", "skip", TARGET, "1.1", "--reason", " ")
      ws:ok("skip", TARGET, "1.1", "--reason", "done elsewhere", "--reviewer", "Ada")
      assert.matches("## Reason\n\ndone elsewhere\n$", ws:read(DIR .. "execution/SKIPPED_11.md"))
      local status = ws:json("status", TARGET)
      assert.same({ "skipped", "1.2" }, { status.achievements[1].state, status.next.number })
      assert.matches("Decided by: Ada", ws:fails("conflict", "skip", TARGET, "1.1", "--reason", "x").hint[1])
      ws:ok("approve", TARGET, "1.2", "--force")
      ws:fails("conflict", "skip", TARGET, "1.2", "--reason", "x")
    end)
  end)
end)
