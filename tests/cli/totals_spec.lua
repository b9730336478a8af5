--- What runs count, over processes.
local program = require "support.program"

describe("totals", function()
  local root, env

  before_each(function()
    root = program.example_copy()
    env = { XDG_STATE_HOME = root .. "/state", XDG_CACHE_HOME = root .. "/cache" }
  end)

  after_each(function()
    program.remove(root)
  end)

  local function metric(pattern)
    local text = program.run({ "metrics" }, { cwd = root, env = env }).out
    return tonumber(text:match("\n" .. pattern .. " (%S+)\n"))
  end

  it("count every prompt, error and cache look-up of all runs", function()
    for _ = 1, 3 do
      assert.equal(0, program.run({ "next", "@CSV-IMPORT" }, { cwd = root, env = env }).status)
    end
    assert.equal(4, program.run({ "next", "@NOPE" }, { cwd = root, env = env }).status)
    assert.equal(3, metric 'prompt_generation_total{workflow="next",status="success"}')
    assert.equal(1, metric 'prompt_generation_total{workflow="next",status="not_found"}')
    assert.equal(4, metric 'prompt_generation_duration_seconds_count{workflow="next"}')
    local function lookups(cache, result)
      return metric(('plan_cache_hits_total{cache_name="%s",hit_type="%s"}'):format(cache, result)) or 0
    end
    local read = lookups("plan_cache", "miss")
    assert.is_true(read > 3, "PLAN, SUBPLAN, execution and feedback files")
    assert.equal(2 * read, lookups("plan_cache", "hit"))
    assert.same({ 2, 1 }, { lookups("status_cache", "hit"), lookups("status_cache", "miss") })
    assert.equal(0, program.run({ "next", "@CSV-IMPORT", "--no-cache" }, { cwd = root, env = env }).status)
    assert.equal(3 * read, lookups("plan_cache", "hit") + lookups("plan_cache", "miss"))
    local plan = root .. "/work-space/plans/CSV-IMPORT/PLAN_CSV-IMPORT.md"
    program.write(plan, program.read(plan) .. "\nOne line more.\n")
    assert.equal(0, program.run({ "next", "@CSV-IMPORT" }, { cwd = root, env = env }).status)
    assert.equal(read + 1, lookups("plan_cache", "miss")) -- the file that changed, no other
    assert.equal(3 * read - 1, lookups("plan_cache", "hit"))
  end)

  it("take what a user's workflow counts of known metrics, and nothing else", function()
    program.sh("mkdir -p " .. root .. "/workflows")
    program.write(root .. "/workflows/count.lua", [[
      local workflow = require "promptgen.workflow"
      local metrics = require "promptgen.metrics"
      return workflow.define { name = "count", run = function()
        metrics.counter { name = "my_own_total", help = "own" }:inc(5)
        metrics.get("promptgen_errors_total"):inc(2, { error_type = "mine", component = "workflow" })
        return "counted"
      end }]])
    local result = program.run({ "count" }, { cwd = root, env = env })
    assert.equal("counted\n", result.out, result.err)
    local _, warnings = result.err:gsub("promptgen: warning: what the workflow counted is not used", "")
    assert.equal(1, warnings, result.err)
    assert.equal(1, metric 'prompt_generation_total{workflow="count",status="success"}')
    assert.equal(1, metric "promptgen_metric_deltas_rejected_total")
    assert.is_nil(metric "my_own_total")
  end)

  it("that cannot be read are told once and start anew", function()
    program.sh("mkdir -p " .. root .. "/state/promptgen")
    program.write(root .. "/state/promptgen/metrics.v1", "not metrics")
    local first = program.run({ "next", "@CSV-IMPORT" }, { cwd = root, env = env })
    assert.equal(0, first.status)
    local _, warnings = first.err:gsub("promptgen: warning: the totals of earlier runs", "")
    assert.equal(1, warnings, first.err)
    assert.equal("", program.run({ "next", "@CSV-IMPORT" }, { cwd = root, env = env }).err)
  end)

  it("that cannot be kept cost one warning and nothing else", function()
    program.write(root .. "/state", "a file is in the way")
    local result = program.run({ "next", "@CSV-IMPORT" }, { cwd = root, env = env })
    assert.equal(0, result.status)
    assert.matches("^# ", result.out)
    local _, warnings = result.err:gsub("promptgen: warning: the totals", "")
    assert.equal(1, warnings)
  end)
end)
