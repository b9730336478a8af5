--- The workflow `verify`, with the real program.
local cjson = require "cjson"
local program = require "support.program"
local workflows = require "support.workflows"

local PLAN = "work-space/plans/CSV-IMPORT/PLAN_CSV-IMPORT.md"
local HOME = "/work-space/plans/CSV-IMPORT/"

describe("promptgen verify", function()
  local dir

  before_each(function() dir = program.example_copy() end)
  after_each(function() program.remove(dir) end)

  --- Runs it; what it found, and the prompt.
  local function verify(...)
    local result = program.run({ "verify", "@CSV-IMPORT", "--json", ... }, { cwd = dir })
    assert.equal(0, result.status, result.err)
    local object = cjson.decode(result.out)
    return object.data.findings, object
  end

  --- Changes the plan by sed.
  local function edit(...)
    for _, command in ipairs { ... } do
      program.sh(("sed -i %s %s"):format(program.quote(command), dir .. "/" .. PLAN))
    end
  end

  local function line_of(text)
    local number = 0
    for line in (program.read(dir .. "/" .. PLAN)):gmatch("(.-)\n") do
      number = number + 1
      if line == text then
        return number
      end
    end
  end

  --- The one finding there is, as code, line of the plan, what stands there and what the files show.
  local function only(code, line, found)
    local findings = verify()
    assert.equal(1, #findings, cjson.encode(findings))
    local finding = findings[1]
    assert.same({ code, PLAN, line_of(line) or line }, { finding.code, finding.path, finding.line })
    assert.matches(found, finding.found, 1, true)
    assert.truthy(#finding.mend > 5)
    return finding
  end

  it("says so when a plan agrees with its files", function()
    local findings, object = verify()
    assert.same({}, findings)
    assert.equal("verified", object.template)
    assert.equal(3, object.data.checked)
    assert.matches("^The plan CSV%-IMPORT agrees with its files: 3 statements compared, no difference.\n",
      object.prompt)
  end)

  it("finds what is marked as done and not reviewed", function()
    edit("s/^- ⏳ Next: .*/&\\n- ✅ Achievement 1.1 (Import Command with Preview)/")
    only("claimed_done", "- ✅ Achievement 1.1 (Import Command with Preview)",
      "1.1 is no_subplan, to do: create the SUBPLAN")
  end)

  it("finds an open box for what is closed", function()
    edit("s/^## Archive Location/- [ ] Achievement 0.1: reader\\n- [ ] Achievement 1.2: rules\\n\\n&/")
    only("open_box", "- [ ] Achievement 0.1: reader", "0.1 is approved")
  end)

  it("knows what achievements are called here", function()
    program.write(dir .. "/promptgen.lua", 'return { patterns = { keyword = { "Milestone" } } }\n')
    edit("s/Achievement /Milestone /", "s;^## Archive Location;- [ ] Milestone 0.1: reader\\n"
      .. "- **Completed Milestones**: 3/4\\n\\n&;", "s;Last Updated.*;&\\nNow: 2/4 milestones done;")
    local findings = verify()
    assert.same({ "count", "open_box", "count" }, { findings[1].code, findings[2].code, findings[3].code })
  end)

  it("finds a header that lags behind, or runs ahead", function()
    edit("s/^.*Status.*🚀 In Progress/**Status**: 📋 Planning (draft)/")
    only("status", "**Status**: 📋 Planning (draft)", "2 of 4 achievements are begun, 1 closed")
    edit("3s/.*/**Status**: ✅ Complete/")
    only("status", "**Status**: ✅ Complete", "1 of 4 achievements is closed")
  end)

  it("counts one as one", function()
    program.sh("rm " .. dir .. "/work-space/plans/CSV-IMPORT/*/*_02*")
    edit("s/^.*Status.*🚀 In Progress/**Status**: 📋 Planning (draft)/")
    local found = {}
    for _, finding in ipairs(verify()) do
      found[finding.code] = finding.found
    end
    assert.equal("1 of 4 achievements is begun, 1 closed", found.status)
  end)

  it("finds a handoff that says complete, or names what is closed or not defined", function()
    edit("s/^- ⏳ Next: .*/**All achievements complete** ✅/", "s/^.*Status.*: In Progress/**Status**: ✅ Complete/")
    local findings = verify()
    assert.equal("handoff", findings[1].code, cjson.encode(findings))
    program.remove(dir)
    dir = program.example_copy()
    edit("s/Next: Achievement 0.2/Next: Achievement 0.1/")
    local finding = only("stale_handoff", "- ⏳ Next: Achievement 0.1 (Duplicate Detection)", "0.1, which is approved")
    assert.equal("let the handoff name the next achievement: 0.2", finding.mend)
    edit("s/Next: Achievement 0.1/Next: Achievement 3.7/")
    only("dangling_handoff", "- ⏳ Next: Achievement 3.7 (Duplicate Detection)", "the plan does not define")
  end)

  it("counts what the plan counts, in all its spellings", function()
    for line, found in pairs {
      ["**SUBPLANs**: 5 created (5 complete)"] = "there are 2 SUBPLANs",
      ["- **EXECUTION_TASKs Created**: 0"] = "there are 2 EXECUTION_TASKs",
      ["**Completed Achievements**: 2/4 (50%)"] = "1 of 4 achievements (25 %) are closed",
      ["**Progress**: 1/5 achievements complete"] = "1 of 4 achievements (25 %) are closed",
      ["**Progress**: 1/4 achievements complete (90%)"] = "1 of 4 achievements (25 %) are closed",
      ["- Total Achievements: 7"] = "there are 4 achievements",
    } do
      edit("s;^## Problem Statement;" .. line .. "\\n\\n&;")
      only("count", line, found)
      edit("/^" .. line:gsub("[*/]", "\\%0") .. "$/,+1d")
    end
    edit("s;^## Problem Statement;**SUBPLANs**: 2 created\\n**Progress**: 1 of 4 achievements (25%)\\n"
      .. "**EXECUTION_TASKs**: 2 (all complete)\\n\\n&;")
    local findings, object = verify()
    assert.same({}, findings)
    assert.equal(6, object.data.checked)
    edit("s;Last Updated.*;&\\nWhere we are: 3/4 achievements done;")
    only("count", "Where we are: 3/4 achievements done", "1 of 4 achievements (25 %) are closed")
  end)

  it("finds files that are spoken of and missing, but not those still to be made", function()
    edit("s;^## Problem Statement;- [x] **SUBPLAN_CSV-IMPORT_11**: preview ✅\\n- [ ] SUBPLAN_CSV-IMPORT_12\\n"
      .. "- Next: create SUBPLAN_CSV-IMPORT_12.md\\n- SUBPLAN_OTHER_11 ✅ and SUBPLAN_XX_NN ✅\\n\\n&;")
    only("missing_file", "- [x] **SUBPLAN_CSV-IMPORT_11**: preview ✅", "there is no SUBPLAN_CSV-IMPORT_11")
    edit("s/_11\\*\\*/_02**/", "s/^- \\[x\\] .*/&\\n  - EXECUTION_TASK_CSV-IMPORT_02_01: Complete\\n"
      .. "  - EXECUTION_TASK_CSV-IMPORT_02_02: Complete/")
    only("missing_file", "  - EXECUTION_TASK_CSV-IMPORT_02_02: Complete", "there is no EXECUTION_TASK_CSV-IMPORT_02_02")
  end)

  it("finds files that a plan's list of files lacks", function()
    edit("s;^## Problem Statement;## 🔄 Subplan Tracking\\n\\n- SUBPLAN_01: reader\\n"
      .. "- EXECUTION_TASK_CSV-IMPORT_01_01\\n\\n&;")
    only("unregistered", "## 🔄 Subplan Tracking", "it does not name SUBPLAN_02, EXECUTION_TASK_02_01")
  end)

  it("finds a SUBPLAN that says complete while an execution is not", function()
    program.write(dir .. HOME .. "execution/EXECUTION_TASK_CSV-IMPORT_02_02.md", "# E\n\n**Status**: In Progress\n")
    program.sh("sed -i 's/^.*Status.*$/**Status**: ✅ Complete/' " .. dir .. HOME .. "subplans/SUBPLAN_CSV-IMPORT_02.md")
    local findings = verify()
    assert.equal("subplan_status", findings[1].code, cjson.encode(findings))
    assert.matches("EXECUTION_TASK_CSV-IMPORT_02_02.md is not complete", findings[1].found, 1, true)
  end)

  it("hands on what the resolver warns of, and names the way out of a plan without reviews", function()
    program.write(dir .. HOME .. "execution/feedbacks/APPROVED_02.md", "")
    local findings = verify()
    assert.same({ "empty_feedback", (HOME .. "execution/feedbacks/APPROVED_02.md"):sub(2) },
      { findings[1].code, findings[1].path })
    program.sh("rm -r " .. dir .. HOME .. "execution/feedbacks")
    edit("3s/.*/**Status**: ✅ Complete/")
    findings = verify()
    assert.equal("complete_without_approvals", findings[1].code, cjson.encode(findings))
    assert.matches("`promptgen approve @CSV-IMPORT --all`", findings[1].mend, 1, true)
  end)

  it("takes no longer for lines without an end", function()
    local text = program.read(dir .. "/" .. PLAN)
    local long = "**Progress**: 1/4 " .. ("12345 "):rep(60000) .. "\n\n**SUBPLANs**: " .. ("9"):rep(200000) .. "\n\n"
      .. ("SUBPLAN_"):rep(50000) .. " ✅\n\n- [ ] " .. ("*"):rep(200000) .. "Achievement 1.1\n\n"
    text = text:gsub("## Problem Statement", function(title) return long .. title end)
      :gsub("%- ⏳ Next", function(next_one) return "- " .. ("9"):rep(200000) .. "/4 achievements\n" .. next_one end)
    program.write(dir .. "/" .. PLAN, text)
    local result = program.run({ "verify", "@CSV-IMPORT", "--timeout", "5s" }, { cwd = dir })
    assert.equal(0, result.status, result.err)
  end)

  it("trusts the plan when it is told to", function()
    edit("s/^- ⏳ Next: .*/&\\n- ✅ Achievement 1.1 (Import Command with Preview)/")
    assert.same({}, (verify("--trust-plan")))
  end)

  it("writes a prompt that names each place and how to mend it", function()
    edit("3s/.*/**Status**: Planning/", "s/Next: Achievement 0.2/Next: Achievement 0.1/")
    local object = assert(workflows.check(dir, PLAN, { "verify", "@CSV-IMPORT" }))
    assert.matches("\n1. `" .. PLAN .. "` line 3: `**Status**: Planning`\n"
      .. "   - the files: 2 of 4 achievements are begun, 1 closed\n   - to mend it: set it to `In Progress`\n",
      object.prompt, 1, true)
    assert.matches("\n6. Run `promptgen verify @CSV-IMPORT` again.", object.prompt, 1, true)
  end)

  it("is true of every real plan, place by place", function()
    local root, paths = workflows.corpus()
    if not root then
      return pending("the real workspace is not here")
    end
    local found = 0
    for _, path in ipairs(paths) do
      local status = workflows.status(root, path)
      local result = program.run({ "verify", path, "--json" }, { cwd = root })
      assert.equal(status.state == "conflict" and 7 or 0, result.status, result.err)
      local object = result.status == 0 and cjson.decode(result.out) or { data = { findings = {} } }
      for _, finding in ipairs(object.data.findings) do
        found = found + 1
        local text, at = nil, 0
        for line in (program.read(root .. "/" .. finding.path) .. "\n"):gmatch("(.-)\n") do
          at = at + 1
          text = at == finding.line and line or text
        end
        assert.truthy(text or not finding.line, finding.path)
        if finding.says and finding.path == path then
          local says = finding.says:gsub(" …$", "")
          assert.truthy(text:gsub("%s+", " "):find(says, 1, true), says)
        end
      end
      if object.template == "verify" then
        workflows.check(root, path, { "verify", path }, { status = status })
      end
    end
    assert.truthy(found > 100, found)
  end)
end)
