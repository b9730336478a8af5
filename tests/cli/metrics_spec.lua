--- `promptgen metrics`: totals of all runs as text, JSON and files.
local cjson = require "cjson"
local metrics = require "promptgen.metrics"
local metrics_store = require "promptgen.metrics_store"
local program = require "support.program"

describe("promptgen metrics", function()
  local dir

  before_each(function()
    dir = program.temp_dir()
  end)

  after_each(function()
    program.remove(dir)
  end)

  local function run(args)
    table.insert(args, 1, "metrics")
    return program.run(args, { cwd = dir, env = { XDG_STATE_HOME = dir } })
  end

  --- Counts in the file as a run of the program would.
  local function count(amount)
    local registry = metrics.new_registry(true)
    registry:get("prompt_generation_total"):inc(amount, { workflow = "next", status = "success" })
    registry:get("prompt_generation_duration_seconds"):observe(0.002, { workflow = "next" })
    assert.equal("stored", metrics_store.open(dir .. "/promptgen"):flush(registry))
  end

  it("prints every metric before the first run, and makes no file for that", function()
    local result = run {}
    assert.equal(0, result.status)
    assert.equal("", result.err)
    assert.matches("# TYPE prompt_generation_total counter\n", result.out, 1, true)
    assert.matches("\npromptgen_metrics_store_resets_total 0\n", result.out, 1, true)
    assert.equal("", program.sh("ls " .. program.quote(dir)))
    assert.equal(run({ "--format=openmetrics" }).out, run({ "--format=openmetrics" }).out)
  end)

  it("prints the totals of all runs in three formats", function()
    count(2)
    count(3)
    local sample = '{workflow="next",status="success"} 5\n'
    assert.matches("\nprompt_generation_total" .. sample, run({}).out, 1, true)
    assert.equal(run({}).out, run({ "--format", "prometheus" }).out)
    local open = run({ "--format", "openmetrics" }).out
    assert.matches("\nprompt_generation_total" .. sample, open, 1, true)
    assert.matches("\n# EOF\n$", open)
    assert.equal(open, run({ "--format", "openmetrics" }).out)

    local json = run({ "--json" }).out
    assert.equal(json, run({ "--format", "json" }).out)
    local object = cjson.decode(json)
    assert.equal("promptgen.metrics/1", object.schema)
    local by_name = {}
    for _, metric in ipairs(object.metrics) do
      by_name[metric.name] = metric
    end
    local prompts = by_name.prompt_generation_total
    assert.equal("counter", prompts.kind)
    assert.equal(5, prompts.series[1].value)
    assert.equal("next", prompts.series[1].labels.workflow)
    local duration = by_name.prompt_generation_duration_seconds.series[1]
    assert.equal(2, duration.count)
    assert.equal(0.002, duration.min)
    assert.equal(15, #duration.buckets)
    assert.same({ le = "+Inf", count = 2 }, duration.buckets[15])
  end)

  it("writes a file for the textfile collector, as a whole", function()
    count(2)
    local result = run { "--textfile", "promptgen.prom" }
    assert.equal(0, result.status, result.err)
    assert.equal("", result.out)
    assert.equal(run({}).out, program.read(dir .. "/promptgen.prom"))
    assert.equal("promptgen\npromptgen.prom", program.sh("ls -A " .. program.quote(dir)))
    result = run { "--textfile", "no/such/dir/x.prom" }
    assert.equal(4, result.status)
    assert.matches("no/such/dir", result.err)
    assert.equal(2, run({ "--textfile", "dir/" }).status)
  end)

  it("sets the totals back, and only says so in a dry run", function()
    count(2)
    local result = run { "reset", "--dry-run" }
    assert.equal(0, result.status, result.err)
    assert.matches("success\"} 2\n", run({}).out, 1, true)
    result = run { "reset" }
    assert.equal(0, result.status, result.err)
    assert.is_nil(run({}).out:find('workflow="next"', 1, true))
    assert.equal("promptgen.metrics_reset/1", cjson.decode(run({ "reset", "--json" }).out).schema)
  end)

  it("sets a damaged file aside and goes on", function()
    count(2)
    program.write(dir .. "/promptgen/metrics.v1", "not metrics")
    local result = run {}
    assert.equal(0, result.status, result.err)
    assert.matches("\npromptgen_metrics_store_resets_total 1\n", result.out, 1, true)
    local _, warnings = result.err:gsub("promptgen: warning: the totals of earlier runs", "")
    assert.equal(1, warnings, result.err)
    assert.equal("", run({}).err)
    assert.equal("not metrics", program.read(dir .. "/promptgen/metrics.v1.bad"))
  end)

  it("names what is in the way of a textfile, and what to name instead", function()
    program.sh("mkdir " .. program.quote(dir .. "/folder"))
    local result = run { "--textfile", "folder" }
    assert.equal(4, result.status)
    assert.matches("error%[not_regular%] folder: ", result.err)
    assert.matches("hint: name a file that is not there yet, or a regular one", result.err)
    assert.is_nil(result.err:find("are read", 1, true))
  end)

  it("tells of totals that can be neither written nor read once", function()
    program.sh("mkdir -p " .. program.quote(dir .. "/promptgen/metrics.v1"))
    local result = run {}
    assert.not_equal(0, result.status)
    assert.is_nil(result.err:find("warning", 1, true))
    assert.matches("^promptgen: error%[", result.err)
  end)

  it("refuses formats and actions it does not know", function()
    local result = run { "--format", "xml" }
    assert.equal(2, result.status)
    assert.matches("unknown format 'xml'", result.err, 1, true)
    assert.equal(2, run({ "clear" }).status)
    assert.equal(2, run({ "reset", "more" }).status)
  end)

  it("says what is missing when there is no place for totals", function()
    local result = program.run({ "metrics" }, { cwd = dir, env = { HOME = "" } })
    assert.equal(2, result.status)
    assert.matches("HOME is not set", result.err, 1, true)
  end)
end)
