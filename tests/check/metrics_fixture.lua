-- Makes what the checks of the metrics text look at, in the directory given as argument:
--   state/     totals of several runs, for `promptgen metrics`
--   odd.prom   a registry with awkward names, labels and numbers, in format 0.0.4
--   odd.om     the same in OpenMetrics
-- usage: LUA_CPATH='build/dev/lib/?.so' lua5.4 tests/check/metrics_fixture.lua DIR
local metrics = require "promptgen.metrics"
local metrics_store = require "promptgen.metrics_store"

local dir = assert(arg[1], "a directory is needed")

local function write(name, text)
  local file = assert(io.open(dir .. "/" .. name, "wb"))
  assert(file:write(text))
  assert(file:close())
end

-- 40 runs in 20 flushes: durations 2 ms, 4 ms, ... 80 ms.
local store = assert(metrics_store.open(dir .. "/state"))
for run = 1, 20 do
  local registry = metrics.new_registry(true)
  local prompts = registry:get "prompt_generation_total"
  local duration = registry:get "prompt_generation_duration_seconds"
  for k = 1, 2 do
    prompts:inc { workflow = "next", status = run % 10 == 0 and "error" or "success" }
    duration:observe(((run - 1) * 2 + k) * 0.002, { workflow = "next" })
  end
  registry:get("plan_cache_hits_total"):inc { cache_name = "plan_cache", hit_type = "hit" }
  registry:get("promptgen_last_success_timestamp_seconds"):set(1.7e9 + run)
  assert(store:flush(registry) == "stored")
end

local odd = metrics.new_registry()
local labelled = odd:counter { name = "odd_labels_total", help = 'A\nhelp\\text with "quotes"', labels = { "value" } }
for _, value in ipairs { "", "\\x\n\"", "\\n", "foo\\", "} # {=,é", "a\tb", "a\rb", "x\0y", "日本" } do
  labelled:inc { value = value }
end
local numbers = odd:gauge { name = "odd_numbers", help = "Numbers", labels = { "n" } }
for i, value in ipairs { 0 / 0, math.huge, -math.huge, 0, -0.0, 1, 0.23, 3.14e42, -1.23e-45, 5e-324,
  1.7976931348623157e308, 0.1 + 0.2, 2 ^ 53 - 1, 2.0 ^ 64 } do
  numbers:set(value, { n = ("%02d"):format(i) })
end
local big = odd:counter { name = "odd_big_total", help = "Big" }
big:inc(2 ^ 53 - 1)
local histogram = odd:histogram { name = "odd_seconds", help = "H", unit = "seconds",
  buckets = { 1e-6, 0.5, 1, 2.5, 1e6 } }
for _, value in ipairs { 0, 1e-7, 0.5, 2, 1e9, math.huge } do
  histogram:observe(value)
end
odd:histogram { name = "odd_signed", help = "Negative bounds", buckets = { -1, 0, 1 } }:observe(-5)
odd:counter { name = "odd_unused_total", help = "Without series", labels = { "k" } }
write("odd.prom", odd:export "prometheus")
write("odd.om", odd:export "openmetrics")
