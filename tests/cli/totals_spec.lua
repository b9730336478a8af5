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

  it("count workflows that are not there as one, whatever was typed", function()
    for _, name in ipairs { "typo1", "typo2", "workflows/typo3.lua" } do
      assert.equal(4, program.run({ "run", name }, { cwd = root, env = env }).status)
    end
    assert.equal(3, metric 'prompt_generation_total{workflow="other",status="not_found"}')
    assert.equal(3, metric 'prompt_generation_duration_seconds_count{workflow="other"}')
    assert.is_nil(program.run({ "metrics" }, { cwd = root, env = env }).out:find "typo")
  end)

  it("count the errors of every command", function()
    assert.equal(4, program.run({ "next", "@NOPE" }, { cwd = root, env = env }).status)
    assert.equal(4, program.run({ "status", "@NOPE" }, { cwd = root, env = env }).status)
    assert.equal(2, program.run({ "status", "--nope" }, { cwd = root, env = env }).status)
    assert.equal(4, program.run({ "parse", "no/such.md" }, { cwd = root, env = env }).status)
    assert.equal(1, metric 'promptgen_errors_total{error_type="not_found",component="next"}')
    assert.equal(1, metric 'promptgen_errors_total{error_type="not_found",component="status"}')
    assert.equal(1, metric 'promptgen_errors_total{error_type="usage",component="status"}')
    assert.equal(1, metric 'promptgen_errors_total{error_type="not_found",component="parse"}')
  end)

  it("count a run that ends by a raised error", function()
    program.write(root .. "/cache", "a file is in the way")
    local result = program.run({ "next", "@CSV-IMPORT", "--require-cache" }, { cwd = root, env = env })
    assert.equal(6, result.status, result.err)
    assert.equal(1, metric 'prompt_generation_total{workflow="next",status="io"}')
    assert.equal(1, metric 'promptgen_errors_total{error_type="io",component="next"}')
  end)

  it("of caches in memory are shown where a process lasts", function()
    local words = { "repl", "@CSV-IMPORT", "-e", ":reload", "-e", ":metrics" }
    local text = program.run(words, { cwd = root, env = env }).out
    assert.matches('\npromptgen_cache_entries{cache_name="plan_cache"} %d+\n', text)
    assert.matches('\npromptgen_cache_size_bytes{cache_name="directory_cache"} %d+\n', text)
    assert.matches('\npromptgen_cache_evictions_total{cache_name="directory_cache",reason="explicit"} %d+\n', text)
  end)

  it("count what a session at the prompt looks up and what its entries count", function()
    local words = { "repl", "@CSV-IMPORT", "-e", "state:all(plan)", "-e", "state:all(plan)",
      "-e", 'mine = metrics.counter { name = "mine_total", help = "own" } mine:inc(3)', "-e", "mine:inc(4)" }
    local result = program.run(words, { cwd = root, env = env })
    assert.equal("", result.err)
    assert.equal(7, metric "mine_total")
    local function lookups(cache, kind)
      return metric(('plan_cache_hits_total{cache_name="%s",hit_type="%s"}'):format(cache, kind)) or 0
    end
    assert.is_true(lookups("plan_cache", "miss") > 2)
    assert.is_true(lookups("plan_cache", "hit") > 2, "of the second look")
    assert.is_true(lookups("directory_cache", "miss") > 2)
    result = program.run({ "repl", "@CSV-IMPORT", "-e", "mine = metrics.counter { name = 'mine_total', help = 'own' }",
      "-e", "mine:inc(); error 'x'" }, { cwd = root, env = env })
    assert.equal(1, result.status)
    assert.equal(8, metric "mine_total")
    assert.equal(1, metric 'promptgen_errors_total{error_type="workflow_error",component="repl"}')
  end)

  it("refuse what an entry at the prompt must not count, told with the entry", function()
    local words = { "repl",
      "-e", "metrics.get('prompt_generation_total'):inc(7, { workflow = 'x', status = 'success' })",
      "-e", "metrics.counter { name = 'mine_total', help = 'own' }:inc(2)", "-e", "metrics.deltas = nil; 1" }
    local result = program.run(words, { cwd = root, env = env })
    assert.equal("promptgen: warning: what this entry counted is not used: delta of 'prompt_generation_total' is for "
      .. "promptgen alone to count\n", result.err:match "^[^\n]*\n")
    assert.is_nil(metric 'prompt_generation_total{workflow="x",status="success"}')
    assert.equal(2, metric "mine_total")
  end)

  it("show in a session what it looked up", function()
    local words = { "repl", "@CSV-IMPORT", "-e", "state:all(plan); state:all(plan)", "-e", ":metrics" }
    local text = program.run(words, { cwd = root, env = env }).out
    assert.matches('\nplan_cache_hits_total{cache_name="plan_cache",hit_type="hit"} %d+\n', text)
  end)

  it("count the look-ups of lint and graph", function()
    for _, words in ipairs { { "lint", "@CSV-IMPORT" }, { "graph", "@CSV-IMPORT" } } do
      program.sh("rm -rf " .. root .. "/state " .. root .. "/cache")
      program.run(words, { cwd = root, env = env })
      assert.is_truthy(metric 'plan_cache_hits_total{cache_name="plan_cache",hit_type="miss"}', words[1])
    end
  end)

  it("count stored records that do not verify", function()
    local function run_next(warning)
      local result = program.run({ "next", "@CSV-IMPORT" }, { cwd = root, env = env })
      assert.equal(warning or "", result.err)
      return result.out
    end
    local out = run_next()
    local records = program.sh("find " .. program.quote(root .. "/cache") .. " -type f -size +2k")
    for path in records:gmatch "[^\n]+" do
      local bytes = program.read(path)
      program.write(path, bytes:sub(1, -2) .. string.char(bytes:byte(-1) ~ 1))
    end
    assert.equal(out, run_next "promptgen: warning: a damaged record of the cache was passed over\n")
    assert.equal(1, metric 'promptgen_cache_corrupt_total{reason="checksum"}')
    assert.equal(out, run_next())
    assert.equal(1, metric 'promptgen_cache_corrupt_total{reason="checksum"}')
  end)

  --- Runs a workflow whose `run` is this text; `metrics` is at hand there.
  local function run_workflow(text)
    program.sh("mkdir -p " .. root .. "/workflows")
    program.write(root .. "/workflows/count.lua", ([[
      local workflow = require "promptgen.workflow"
      local metrics = require "promptgen.metrics"
      return workflow.define { name = "count", run = function()
        %s
        return "counted"
      end }]]):format(text))
    return program.run({ "count" }, { cwd = root, env = env })
  end

  it("take what a user's workflow counts in metrics of its own", function()
    for _ = 1, 2 do
      local result = run_workflow [[
        local own = metrics.counter { name = "my_own_total", help = "own", labels = { "k" } }
        own:inc(5, { k = "a" })
        metrics.histogram { name = "my_own_seconds", help = "own", buckets = { 1, 2 } }:observe(1.5)
        metrics.gauge { name = "my_own_level", help = "own", mode = "last" }:set(-3)
        metrics.get("promptgen_errors_total"):inc(2, { error_type = "mine", component = "workflow" })
        metrics.get("promptgen_retries_total"):inc { ["function"] = "fetch", error_type = "io" }]]
      assert.equal("counted\n", result.out, result.err)
      assert.equal("", (result.err:gsub("promptgen: workflows/count.lua[^\n]*\n", "")))
    end
    assert.equal(2, metric 'prompt_generation_total{workflow="count",status="success"}')
    assert.equal(0, metric "promptgen_metric_deltas_rejected_total")
    assert.equal(10, metric 'my_own_total{k="a"}')
    assert.equal(2, metric 'my_own_seconds_bucket{le="2"}')
    assert.equal(3, metric "my_own_seconds_sum")
    assert.equal(-3, metric "my_own_level")
    assert.equal(4, metric 'promptgen_errors_total{error_type="mine",component="workflow"}')
    assert.equal(2, metric 'promptgen_retries_total{function="fetch",error_type="io"}')
  end)

  it("take what a workflow counts before it fails", function()
    local result = run_workflow [[
      metrics.counter { name = "my_own_total", help = "own" }:inc(5)
      error "enough"]]
    assert.equal(1, result.status)
    assert.equal(5, metric "my_own_total")
    assert.equal(1, metric 'prompt_generation_total{workflow="count",status="workflow_error"}')
  end)

  it("refuse what a worker must not count, with one warning, and never fail the run", function()
    local own = 'local own = metrics.histogram { name = "my_own_seconds", help = "own" }\n'
    local absurd = {
      own .. "own:observe(math.huge)", own .. "own:observe(-5)", own .. "own:observe(1e18)",
      'metrics.counter { name = "my_own_total", help = "own" }:inc(1e18)',
      'metrics.gauge { name = "my_own_level", help = "own", mode = "max" }:set(0 / 0)',
      'metrics.gauge { name = "my_own_level", help = "own", mode = "max" }:set(math.huge)',
      'metrics.get("prompt_generation_total"):inc(7, { workflow = "next", status = "success" })',
      'metrics.get("plan_cache_hits_total"):inc(7, { cache_name = "plan_cache", hit_type = "hit" })',
      'metrics.get("prompt_generation_duration_seconds"):observe(math.huge, { workflow = "next" })',
      'metrics.get("promptgen_errors_total"):inc { error_type = "io", component = "next" }',
      'metrics.counter { name = "promptgen_own_total", help = "own" }:inc()',
      'for i = 1, 40 do metrics.counter { name = ("own%d_total"):format(i), help = "own" }:inc() end',
    }
    for i, text in ipairs(absurd) do
      local result = run_workflow(text)
      assert.equal(0, result.status, text)
      assert.equal("counted\n", result.out)
      local _, warnings = result.err:gsub("promptgen: warning: what the workflow counted is not used: ", "")
      assert.equal(1, warnings, text .. "\n" .. result.err)
      assert.equal(i, metric "promptgen_metric_deltas_rejected_total")
    end
    local text = program.run({ "metrics" }, { cwd = root, env = env }).out
    assert.is_nil(text:find("own", 1, true))
    assert.is_nil(text:find('workflow="next"', 1, true))
    assert.is_nil(text:find("Inf\n", 1, true))
    assert.is_nil(metric 'plan_cache_hits_total{cache_name="plan_cache",hit_type="hit"}')
  end)

  it("change label values that no scraper reads instead of failing the workflow", function()
    local result = run_workflow [[
      local own = metrics.counter { name = "my_own_total", help = "own", labels = { "k" } }
      own:inc { k = "a\255b" }
      own:inc { k = ("x"):rep(5000) }
      own:inc { k = 'quote " and\nline' }
      for i = 1, 200 do own:inc { k = i } end]]
    assert.equal("counted\n", result.out, result.err)
    assert.equal(1, metric 'my_own_total{k="a\u{FFFD}b"}')
    assert.equal(1, metric('my_own_total{k="' .. ("x"):rep(1024) .. '"}'))
    assert.equal(1, metric [[my_own_total{k="quote \" and\nline"}]])
    assert.equal(1, metric 'my_own_total{k="200"}')
    assert.equal(2, metric 'promptgen_metric_labels_changed_total{metric="my_own_total"}')
  end)

  it("let a mistake of the caller raise", function()
    for _, text in ipairs {
      'metrics.counter { name = "my_own_total", help = "own" }:inc(-1)',
      'metrics.counter { name = "my_own_total", help = "own", labels = { "k" } }:inc { other = 1 }',
      'metrics.counter { name = "my own", help = "own" }',
    } do
      local result = run_workflow(text)
      assert.equal(1, result.status, text)
      assert.matches("workflows/count.lua", result.err, 1, true)
    end
  end)

  it("that cannot be read are told once and start anew", function()
    local file = root .. "/state/promptgen/metrics.v1"
    for _ = 1, 2 do
      assert.equal("", program.run({ "next", "@CSV-IMPORT" }, { cwd = root, env = env }).err)
    end
    local good = program.read(file)
    local damaged = {
      "not metrics", "", good:sub(1, 40), good:sub(1, 80), ("\0"):rep(#good), (good:gsub("PGMETRIC", "PGMETRIX")),
    }
    for i, bytes in ipairs(damaged) do
      program.write(file, bytes)
      local first = program.run({ "next", "@CSV-IMPORT" }, { cwd = root, env = env })
      assert.equal(0, first.status)
      assert.matches("^# ", first.out)
      local _, warnings = first.err:gsub("promptgen: warning: the totals of earlier runs", "")
      assert.equal(1, warnings, i .. first.err)
      assert.equal("", program.run({ "next", "@CSV-IMPORT" }, { cwd = root, env = env }).err)
      assert.equal(2, metric 'prompt_generation_total{workflow="next",status="success"}')
      assert.equal(bytes, program.read(file .. ".bad"))
    end
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
