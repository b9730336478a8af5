--- `status`, `explain`, `plans` and `next` of the real program: one answer.
local cjson = require "cjson"
local program = require "support.program"

local quote = program.quote

local function decoded(args, opts)
  local result = program.run(args, opts)
  assert.equal(0, result.status, result.err)
  assert.equal("", result.err)
  return cjson.decode(result.out), result
end

local function with_workspace(body)
  local dir = program.example_copy()
  local ok, err = pcall(body, dir)
  program.remove(dir)
  if not ok then
    error(err, 0)
  end
end

describe("plans and status", function()
  it("give the same answers, as text and as JSON", function()
    local opts = { cwd = program.example }
    local plans = decoded({ "plans", "--json" }, opts)
    assert.equal("promptgen.plans/1", plans.schema)
    local all = decoded({ "status", "--all", "--json" }, opts)
    assert.equal("promptgen.statuses/1", all.schema)
    assert.equal(#plans.plans, #all.plans)
    local text = program.run({ "plans" }, opts).out
    for i, short in ipairs(plans.plans) do
      local one = decoded({ "status", "@" .. short.feature, "--json" }, opts)
      assert.equal("promptgen.status/1", one.schema)
      assert.equal(short.path, one.path)
      assert.equal(short.state, one.state)
      assert.same(short.next, one.next)
      assert.same(all.plans[i].achievements, one.achievements)
      assert.equal(#short.warnings, #one.warnings)
      local why = decoded({ "explain", "@" .. short.feature, "--json" }, opts)
      assert.equal("promptgen.explain/1", why.schema)
      assert.equal(one.next.number, why.achievement.number)
      assert.equal(one.next.rule, why.rule)
      assert.same(one.warnings, why.warnings)
      assert.matches(short.feature, text, 1, true)
      local prompt = decoded({ "next", "@" .. short.feature, "--json" }, opts)
      assert.equal(one.state, prompt.state)
      for _, key in ipairs { "number", "state", "recommendation", "rule", "file" } do
        assert.equal(one.next[key] ~= cjson.null and one.next[key] or nil, prompt.next[key])
      end
    end
  end)

  it("do not depend on the current directory", function()
    local from_root = program.run({ "status", "--all", "--json" }, { cwd = program.example })
    local from_below = program.run({ "status", "--all", "--json" }, { cwd = program.example .. "/work-space/plans" })
    local from_elsewhere = program.run({ "status", "--all", "--json", "--root", program.example }, { cwd = "/" })
    assert.equal(0, from_root.status, from_root.err)
    assert.equal(from_root.out, from_below.out)
    assert.equal(from_root.out, from_elsewhere.out)
  end)

  it("show the root, the progress and what to do", function()
    local result = program.run({ "status", "@CSV-IMPORT" }, { cwd = program.example })
    assert.equal(0, result.status, result.err)
    assert.matches("root " .. program.sh("cd " .. quote(program.example) .. " && pwd -P"), result.out, 1, true)
    assert.matches("1 of %d+ approved", result.out)
    assert.matches("promptgen next @CSV-IMPORT", result.out, 1, true)
  end)

  it("take a plan or --all, not both, and only one side of a conflict", function()
    for _, args in ipairs { { "status", "@CSV-IMPORT", "--all" },
      { "status", "@CSV-IMPORT", "--trust-plan", "--trust-filesystem" } } do
      local result = program.run(args, { cwd = program.example })
      assert.equal(2, result.status)
      assert.equal("", result.out)
    end
  end)

  it("name what is near for an unknown plan and an unknown achievement", function()
    local result = program.run({ "status", "@CSV-IMPROT" }, { cwd = program.example })
    assert.equal(4, result.status)
    assert.matches("error[not_found]", result.err, 1, true)
    assert.matches("CSV-IMPORT", result.err, 1, true)
    result = program.run({ "explain", "@CSV-IMPORT", "7.7" }, { cwd = program.example })
    assert.equal(4, result.status)
    assert.matches("0.1, 0.2", result.err, 1, true)
  end)
end)

describe("graph", function()
  it("shows the tree, and draws for Mermaid and Graphviz", function()
    local opts = { cwd = program.example }
    local tree = program.run({ "graph", "@CSV-IMPORT" }, opts)
    assert.equal(0, tree.status, tree.err)
    assert.matches("\n> 0%.2 execution_due  ", tree.out)
    local data = decoded({ "graph", "@CSV-IMPORT", "--json" }, opts)
    assert.equal("promptgen.graph/1", data.schema)
    assert.equal(data.mermaid, program.run({ "graph", "@CSV-IMPORT", "--format", "mermaid" }, opts).out)
    assert.equal(data.dot, program.run({ "graph", "@CSV-IMPORT", "--format=dot" }, opts).out)
    local refused = program.run({ "graph", "@CSV-IMPORT", "--format", "png" }, opts)
    assert.equal(2, refused.status)
    assert.matches("tree, mermaid or dot", refused.err)
  end)
end)

describe("a conflict", function()
  it("is shown by status and explain, which exit 0", function()
    with_workspace(function(dir)
      program.write(dir .. "/work-space/plans/CSV-IMPORT/execution/feedbacks/APPROVED_77.md", "# APPROVED\n\nx\n")
      local status = decoded({ "status", "@CSV-IMPORT", "--json" }, { cwd = dir })
      assert.equal("conflict", status.state)
      assert.equal(cjson.null, status.next)
      assert.equal("undefined_feedback", status.conflicts[1].kind)
      assert.equal(3, #status.conflicts[1].ways_out)
      assert.equal(7, program.run({ "next", "@CSV-IMPORT" }, { cwd = dir }).status)
      for _, command in ipairs { "status", "explain" } do
        local result = program.run({ command, "@CSV-IMPORT" }, { cwd = dir })
        assert.equal(0, result.status)
        assert.matches("conflict 1 (undefined_feedback)", result.out, 1, true)
        assert.matches("--trust-filesystem", result.out, 1, true)
      end
      status = decoded({ "status", "@CSV-IMPORT", "--json", "--trust-plan" }, { cwd = dir })
      assert.equal("active", status.state)
    end)
  end)
end)

describe("work that goes on", function()
  it("is answered as the files are, run after run, from a kept cache and without one", function()
    with_workspace(function(dir)
      local home = dir .. "/home"
      local plan = dir .. "/work-space/plans/NEW"
      program.sh("mkdir -p " .. quote(home) .. " " .. quote(plan .. "/subplans") .. " "
        .. quote(plan .. "/execution/feedbacks"))
      local function answer(extra)
        local args = table.move(extra or {}, 1, #(extra or {}), 4, { "status", "@NEW", "--json" })
        return program.run(args, { cwd = dir, env = { HOME = home } })
      end
      local files = {
        plan = "PLAN_NEW.md", sub = "subplans/SUBPLAN_NEW_11.md",
        exec = "execution/EXECUTION_TASK_NEW_11_01.md", fix = "execution/feedbacks/FIX_11.md",
        resolution = "execution/feedbacks/FIX_11_RESOLUTION.md",
        approved = "execution/feedbacks/APPROVED_11.md",
      }
      local steps = {
        { "plan", "# PLAN: New\n\n## Achievements\n\n**Achievement 1.1**: One\n", "no_subplan" },
        { "sub", "# S\n\n**Status**: Draft\n\n## Objective\n\n[Describe it]\n", "subplan_draft" },
        { "sub", "# S\n\n**Status**: Draft\n\n## Objective\n\nDescribed.\n", "subplan_ready" },
        { "exec", "# E\n\n**Status**: In Progress\n\n## Work\n", "executing" },
        { "exec", "# E\n\n**Status**: ✅ Complete\n\n## Work\n", "executed" },
        { "fix", "# FIX REQUIRED: Achievement 1.1\n\nfix it\n", "needs_fix" },
        { "resolution", "# RESOLUTION: Achievement 1.1\n\nfixed\n", "fix_resolved" },
        { "approved", "", "fix_resolved" },
        { "approved", "# APPROVED: Achievement 1.1\n\nGood.\n", "plan_complete" },
      }
      for _, step in ipairs(steps) do
        program.write(plan .. "/" .. files[step[1]], step[2])
        local cold, warm, uncached = answer(), answer(), answer { "--no-cache" }
        assert.equal(0, cold.status, cold.err)
        assert.equal(cold.out, warm.out)
        assert.equal(cold.out, uncached.out)
        local status = cjson.decode(cold.out)
        assert.equal(step[3], status.next ~= cjson.null and status.next.state or status.state)
      end
    end)
  end)
end)

describe("a plan without achievements", function()
  it("is an error where it is asked for, and a row among others", function()
    with_workspace(function(dir)
      program.sh("mkdir -p " .. quote(dir .. "/work-space/plans/EMPTY"))
      program.write(dir .. "/work-space/plans/EMPTY/PLAN_EMPTY.md", "# PLAN: Empty\n\n**Status**: Complete\n")
      for _, command in ipairs { "status", "explain" } do
        local result = program.run({ command, "@EMPTY" }, { cwd = dir })
        assert.equal(4, result.status)
        assert.equal("", result.out)
        assert.matches("error[no_achievements] work-space/plans/EMPTY/PLAN_EMPTY.md", result.err, 1, true)
      end
      local result = program.run({ "explain", "@EMPTY", "1.1" }, { cwd = dir })
      assert.equal(4, result.status)
      result = program.run({ "plans" }, { cwd = dir })
      assert.equal(0, result.status)
      assert.matches("EMPTY%s+no achievements%s+0/0", result.out)
    end)
  end)
end)
