--- `promptgen lint`: a plan in order has no findings, and each rule finds what it is for.
local cjson = require "cjson"
local program = require "support.program"
local rules = require "promptgen.lint.rules"
local workspace = require "support.workspace"

local TARGET = "@WORD-COUNT"
local DIR = "work-space/plans/WORD-COUNT/"
local PLAN = DIR .. "PLAN_WORD-COUNT.md"
local SUBPLAN = DIR .. "subplans/SUBPLAN_WORD-COUNT_11.md"
local EXECUTION = DIR .. "execution/EXECUTION_TASK_WORD-COUNT_11_%s.md"
local FEEDBACK = DIR .. "execution/feedbacks/%s_%s.md"
local PARALLEL = DIR .. "parallel.json"

local function replace(path, ...)
  local list = table.pack(...)
  return function(ws) ws:edit(path, table.unpack(list, 1, list.n)) end
end

local function add(path, text)
  return function(ws) ws:write(path, (ws:exists(path) and ws:read(path) or "") .. text) end
end

local function reopen(ws)
  program.sh("rm " .. ws.root .. "/" .. FEEDBACK:format("APPROVED", "11"))
end

--- Adds an achievement where the plan defines them.
local function define(text)
  return replace(PLAN, "(### Priority 2)", text:gsub("%%", "%%%%") .. "\n\n%1")
end

local DONE = "# EXECUTION_TASK: 1.1\n\n**Status**: ✅ Complete\n"

--- What a workspace in order lacks for each rule to find something.
local BREAKS = {
  undefined_feedback = add(FEEDBACK:format("APPROVED", "77"), "# APPROVED: 7.7\n"),
  undefined_work = add(DIR .. "subplans/SUBPLAN_WORD-COUNT_77.md", "# SUBPLAN: 7.7\n"),
  shared_code = function(ws)
    ws:edit(PLAN, "Achievement 1%.2%*%*", "Achievement 1.11**", "Achievement 2%.1%*%*", "Achievement 11.1**")
    ws:write(FEEDBACK:format("APPROVED", "111"), "# APPROVED\n\nFine.\n")
  end,
  dates = function(ws)
    ws:write(FEEDBACK:format("FIX", "11"), "# FIX: 1.1\n\n**Review Date**: 2031-05-01\n\nBad.\n")
  end,
  duplicate_number = define "**Achievement 1.1**: Something else\n\n- **Goal**: x",
  repeated_number = define "**Achievement 1.1**: Count the words of one file\n\n- **Goal**: x",
  no_achievements = add("work-space/plans/NONE/PLAN_NONE.md", "# PLAN: None\n"),
  malformed_parallel = function(ws) ws:write(PARALLEL, "{") end,
  unknown_dependency = replace(PARALLEL, '"dependencies": %[%]', '"dependencies": ["9.9"]'),
  dependency_cycle = replace(PARALLEL, '"dependencies": %[%]', '"dependencies": ["2.1"]'),
  parallel_shape = replace(PARALLEL, "level_3", "level_9"),
  foreign_parallel = function(ws)
    ws:write(DIR .. "PLAN_OTHER.md", "# PLAN: Other\n\n**Achievement 1.1**: Something\n\n- **Goal**: x\n")
    ws:edit(PARALLEL, '"plan_name": "[^"]*"', '"plan_name": "OTHER"')
  end,
  parallel_name = add(DIR .. "parallel-execution.json", "{}"),
  archived_twice = add("documentation/archive/word-count/subplans/SUBPLAN_WORD-COUNT_11.md", "# SUBPLAN: 1.1\n"),
  dangling_handoff = replace(PLAN, "(Status & Handoff\n\n)", "%1- Next: Achievement 7.7\n\n"),
  stale_handoff = replace(PLAN, "(Status & Handoff\n\n)", "%1- Next: Achievement 1.1\n\n"),
  handoff = replace(PLAN, "(Status & Handoff\n\n)",
    "%1**Status**: ✅ All achievements complete, the plan is complete\n\n"),
  status = replace(PLAN, "%*%*Status%*%*: In Progress", "**Status**: ✅ Complete"),
  claimed_done = replace(PLAN, "(Status & Handoff\n\n)",
    "%1- ✅ Achievement 1.2: Count the words of several files\n\n"),
  open_box = add(PLAN, "\n## Checklist\n\n- [ ] Achievement 1.1 is done\n"),
  count = add(PLAN, "\n## Statistics\n\n- **SUBPLANs**: 7 created\n"),
  missing_file = add(PLAN, "\n## Notes\n\n- ✅ SUBPLAN_WORD-COUNT_12 created\n"),
  unregistered = add(PLAN, "\n## Subplan Tracking\n\n- SUBPLAN_WORD-COUNT_99\n"),
  subplan_status = function(ws)
    reopen(ws)
    ws:edit(EXECUTION:format "01", "✅ Complete", "In Progress")
    ws:edit(SUBPLAN, "%*%*Status%*%*: %S+", "**Status**: ✅ Complete")
  end,
  complete_without_approvals = function(ws)
    program.sh("rm -r " .. ws.root .. "/" .. DIR .. "execution")
    ws:edit(PLAN, "%*%*Status%*%*: In Progress", "**Status**: ✅ Complete")
  end,
  stale_header = function(ws)
    reopen(ws)
    ws:write(EXECUTION:format "01", "# EXECUTION_TASK: 1.1\n\n**Status**: In Progress\n\n## Completion Status\n\n"
      .. "**Status**: ✅ Complete\n")
  end,
  feedback_mismatch = replace(FEEDBACK:format("APPROVED", "11"), "# APPROVED: Achievement 1%.1",
    "# APPROVED: Achievement 1.2"),
  fix_kept = add(FEEDBACK:format("FIX", "11"), "# FIX: 1.1\n\nBad.\n"),
  empty_feedback = add(FEEDBACK:format("APPROVED", "12"), " \n"),
  draft_resolution = function(ws)
    reopen(ws)
    ws:ok("fix", TARGET, "1.1", "--date", "2031-04-01")
    ws:ok("fix", TARGET, "1.1", "--resolution", "--date", "2031-04-01")
  end,
  draft_achievement = function(ws)
    ws:edit(PLAN, "%*%*Effort%*%*: 0%.25 hours", "**Effort**: [Hours]")
    program.sh(("rm -f %s/%s"):format(ws.root, FEEDBACK:format("APPROVED", "21")))
  end,
  draft_fix = function(ws)
    reopen(ws)
    ws:ok("fix", TARGET, "1.1", "--critical", "It is wrong", "--date", "2031-04-01")
  end,
  foreign_file = add(DIR .. "subplans/SUBPLAN_OTHER_11.md", "# SUBPLAN\n"),
  unclear_name = add(DIR .. "execution/feedbacks/APPROVED_x.md", "# APPROVED\n"),
  shared_feedback = add("work-space/plans/FLAT/PLAN_ONE.md",
    "# PLAN\n\n## Achievements\n\n**Achievement 1.1**: A\n\n- **Goal**: a\n"),
  not_a_file = function(ws)
    program.sh("mkfifo " .. ws.root .. "/" .. FEEDBACK:format("APPROVED", "12"))
  end,
  undefined_in_archive = add("documentation/archive/word-count/subplans/SUBPLAN_WORD-COUNT_77.md", "# SUBPLAN: 7.7\n"),
  unreadable_file = function(ws)
    program.sh(("rm %s/%s && ln -s /dev/zero %s/%s"):format(ws.root, SUBPLAN, ws.root, SUBPLAN))
    reopen(ws)
  end,
  unreadable_folder = function(ws)
    program.sh(("chmod 000 %s/%ssubplans"):format(ws.root, DIR))
  end,
  approved_incomplete = replace(EXECUTION:format "01", "✅ Complete", "In Progress"),
  placeholder_left = replace(EXECUTION:format "01", "## Iteration Log\n", "## Iteration Log\n\n[What was done]\n"),
  unplanned_execution = add(EXECUTION:format "02", DONE),
  missing_deliverable = function(ws) program.sh("rm " .. ws.root .. "/tests/run.sh") end,
  broken_link = add(PLAN, "\nSee [the design](documentation/none.md#part), [here](PLAN_WORD-COUNT.md),\n"
    .. "[root](tests/run.sh), "
    .. "[web](https://example.org/x), `[code](no.md)`, [anchor](#x) and [hidden](.git/x).\n\n    [block](none2.md)\n"),
  empty_achievement = define "**Achievement 1.3**: Only a title",
  archive_open = replace(PLAN, "documentation/archive/word%-count/", "documentation/archive/YYYY-MM/"),
  no_archive = replace(PLAN, "%*%*Archive Location%*%*:[^\n]*", "nowhere"),
  missing_section = replace(PLAN, "## Success Criteria", "## Hopes"),
  plan_size = add(PLAN, ("\nline"):rep(900)),
  plan_effort = replace(PLAN, "0%.25 hours", "41 hours"),
  subplan_size = add(SUBPLAN, ("\nline"):rep(600)),
  execution_size = add(EXECUTION:format "01", ("\nline"):rep(200)),
  malformed_number = add(PLAN, "\n**Achievement 3.x**: What\n\n- **Goal**: x\n"),
  unclosed_fence = add(PLAN, "\n```\ncode\n"),
  invalid_utf8 = add(PLAN, "\nbad \xff byte\n"),
  repeated_handoff = add(PLAN, "\n## 📝 Current Status & Handoff\n\nagain\n"),
}

describe("promptgen lint", function()
  local ws, base

  setup(function()
    ws = workspace.new("--example", "--date", "2031-01-01")
    ws:ok("new", "subplan", TARGET, "1.1")
    ws:fill(SUBPLAN)
    ws:ok("new", "execution", TARGET, "1.1")
    ws:fill(EXECUTION:format "01")
    ws:edit(EXECUTION:format "01", "In Progress", "✅ Complete")
    ws:ok("approve", TARGET, "1.1", "--date", "2031-03-01", "--summary", "Good.", "--verified", "`wordcount.sh`: read",
      "--test", "sh tests/run.sh: passes", "--recommend", "None")
    ws:edit(PLAN, "%*%*Status%*%*: Planning", "**Status**: In Progress")
    ws:write("tests/run.sh", "exit 0\n")
    base = ws.top .. "/base"
    program.sh(("cp -r %s %s"):format(ws.root, base))
  end)
  teardown(function()
    ws:close()
  end)
  before_each(function()
    program.remove(ws.root)
    program.sh(("cp -r %s %s"):format(base, ws.root))
  end)

  local function lint(...)
    local result = ws:run("lint", "--json", ...)
    assert(result.err == "", result.err)
    local found = cjson.decode(result.out)
    assert.equal(found.errors > 0 and 8 or 0, result.status)
    return found
  end

  it("finds nothing in a plan that is in order", function()
    local found = lint()
    assert.same({}, found.findings)
    assert.equal(1, found.plans)
    assert.equal("0 errors, 0 warnings, 0 notes in 1 plan\n", (ws:ok "lint"))
  end)

  for _, rule in ipairs(rules.list) do
    it(("finds, as %s[%s], %s"):format(rule[2], rule[1], rule[3]), function()
      assert(BREAKS[rule[1]], "no test breaks " .. rule[1])
      if rule[1] == "unreadable_folder" and program.sh "id -u" == "0" then
        return pending "root reads everything"
      end
      BREAKS[rule[1]](ws)
      if rule[1] == "shared_feedback" then
        ws:write("work-space/plans/FLAT/PLAN_TWO.md", ws:read "work-space/plans/FLAT/PLAN_ONE.md")
        ws:write("work-space/plans/FLAT/execution/feedbacks/APPROVED_11.md", "# APPROVED: 1.1\n\nFine.\n")
      end
      local seen = {}
      for _, finding in ipairs(lint().findings) do
        if finding.rule == rule[1] then
          seen[#seen + 1] = finding
        end
      end
      assert(#seen > 0, "nothing found; instead: " .. ws:run("lint").out)
      assert.equal(rule[2], seen[1].level)
      assert.equal(0, select(2, program.sh(("test -e %s/%s"):format(ws.root, seen[1].path))), seen[1].path)
      assert.is_truthy(#seen[1].message > 5)
      if rule[1] == "broken_link" then
        assert.equal(1, #seen)
        assert.equal("there is no documentation/none.md", seen[1].message)
      end
    end)
  end

  it("prints path, line, level, rule and the way to mend it, one finding a line", function()
    BREAKS.status(ws)
    BREAKS.unknown_dependency(ws)
    local result = ws:run("lint", TARGET)
    assert.equal(8, result.status)
    assert.equal("", result.err)
    local lines = {}
    for line in result.out:gmatch "[^\n]+" do
      lines[#lines + 1] = line
    end
    assert.matches("^work%-space/plans/WORD%-COUNT/PLAN_WORD%-COUNT%.md:3: warning%[status%] .* %(.+%)$", lines[1])
    assert.matches("parallel%.json:6: error%[unknown_dependency%] 1%.1 depends on 9%.9", lines[2])
    assert.equal("1 error, 1 warning, 0 notes in 1 plan", lines[3])
  end)

  it("shows what was asked for, and exits as that says", function()
    BREAKS.status(ws)
    BREAKS.no_archive(ws)
    assert.same({ 1, 1 }, { lint().warnings, lint().notes })
    assert.same({ 1, 0 }, { lint("--level", "warning").warnings, lint("--level", "warning").notes })
    assert.equal(0, #lint("--level", "error").findings)
    assert.equal("no_archive", lint("--rule", "no_archive").findings[1].rule)
    assert.equal(8, ws:run("lint", "--strict").status)
    assert.equal(0, ws:run("lint", "--strict", "--level", "error").status)
    ws:fails("usage", "lint", "--level", "fatal")
    assert.matches("no_archive", ws:fails("usage", "lint", "--rule", "no_archiv").hint[1])
    ws:fails("usage", "lint", "--rule", "nothing-like-it")
  end)

  it("takes levels and limits from the configuration", function()
    ws:write("promptgen.lua", 'return { lint = { levels = { status = "off", no_archive = "error" }, plan_lines = 10,\n'
      .. '  sections = { "Constraints", "Budget" } } }\n')
    BREAKS.status(ws)
    BREAKS.no_archive(ws)
    local by_rule = {}
    for _, finding in ipairs(lint().findings) do
      by_rule[finding.rule] = finding.level .. " " .. finding.message
    end
    assert.equal("error it names no archive location", by_rule.no_archive)
    assert.is_nil(by_rule.status)
    assert.matches("more than 10$", by_rule.plan_size)
    assert.equal("note there is no section on the Budget", by_rule.missing_section)
    for text, message in pairs {
      ["{ nope = 1 }"] = "unknown setting 'nope'", ["{ plan_lines = 'x' }"] = "'plan_lines' is a string",
      ["{ sections = { 7 } }"] = "'sections' is a list of titles",
      ["{ levels = { nope = 'off' } }"] = "no rule 'nope'", ["{ levels = { status = 'x' } }"] = "the level of 'status'",
    } do
      ws:write("promptgen.lua", "return { lint = " .. text .. " }\n")
      assert.matches(message, ws:fails("config", "lint").message, 1, true)
    end
  end)

  it("holds every odd shape of parallel.json against its form, and never breaks", function()
    local function findings(text)
      ws:write(PARALLEL, text)
      local list = {}
      for _, finding in ipairs(lint().findings) do
        list[#list + 1] = finding.rule .. " " .. finding.message
      end
      return table.concat(list, "\n")
    end
    for text, wanted in pairs {
      ["[]"] = "plan_name", ["7"] = "malformed_parallel", ["null"] = "malformed_parallel",
      ['{"achievements": {"a": 1}}'] = "malformed_parallel",
      ['{"achievements": [1, null, "1.1", []]}'] = "without an id",
      ['{"achievements": [{"achievement_id": {"x": 1}}]}'] = "without an id",
      ['{"achievements": [{"achievement_id": "1.1"}, {"achievement_id": "1.1"}]}'] = "1.1 is listed twice",
      ['{"achievements": [{"achievement_id": "1.1", "status": "odd"}]}'] = "the status of 1.1 is odd, which is none",
      ['{"achievements": [{"achievement_id": "1.1", "dependencies": 7}]}'] = "the dependencies of 1.1 are not a list",
      ['{"achievements": [{"achievement_id": "1.1", "estimated_hours": "soon"}]}'] = "`estimated_hours` of 1.1",
      ['{"achievements": [{"achievement_id": "1.1"}]}'] = "it does not list 1.2",
    } do
      assert.matches(wanted, findings(text), 1, true)
    end
    local quiet = findings([[{"plan_name": "W", "parallelization_level": "level_3", "achievements": [
      {"achievement_id": "1.1", "dependencies": null, "status": null, "estimated_hours": null},
      {"achievement_id": "1.2", "estimated_hours": "2-3"}, {"achievement_id": "2.1", "status": "complete"}]}]])
    assert.equal("", quiet)
  end)

  it("lists its rules", function()
    local text = ws:ok("lint", "--rules")
    local listed = ws:json("lint", "--rules").rules
    assert.equal(#rules.list, #listed)
    for i, rule in ipairs(rules.list) do
      assert.same({ rule[1], rule[2] }, { listed[i].rule, listed[i].level })
      assert.is_truthy(text:find(rule[1], 1, true))
    end
  end)

  it("goes on after a plan that cannot be read", function()
    program.sh(("mkdir -p %s/work-space/plans/A && mkfifo %s/work-space/plans/A/PLAN_A.md"):format(ws.root, ws.root))
    BREAKS.status(ws)
    local found = lint()
    assert.equal(2, found.plans)
    assert.same({ "not_regular", "status" }, { found.findings[1].rule, found.findings[2].rule })
  end)
end)

describe("docs/lint.md", function()
  it("lists every rule with its usual level", function()
    local page = program.read(program.source_dir .. "/docs/lint.md")
    for _, rule in ipairs(rules.list) do
      assert.is_truthy(page:find(("\n| `%s` | %s | %s |\n"):format(rule[1], rule[2], rule[3]), 1, true), rule[1])
    end
  end)
end)
