-- Counting from Lua beside an (almost) empty C call, in one run; the cost of the empty loop is taken
-- off every row. Prints name, operations and nanoseconds an operation, tab-separated; a ratio row has
-- the ratio in place of nanoseconds.
-- usage: LUA_CPATH='build/release/lib/?.so' lua5.4 tests/bench/bench_metrics.lua

local metrics = require "promptgen.metrics"
local timer = require "promptgen.timer"

local OPS, ROUNDS = 200000, 25

local counter = metrics.get("prompt_generation_total"):labels { workflow = "next", status = "success" }
local histogram = metrics.get("prompt_generation_duration_seconds"):labels { workflow = "next" }
local labels = { workflow = "next", status = "success" }
local split = metrics.get "prompt_generation_total"
local inc = counter.inc
local bound = counter:incrementer()
local empty = coroutine.isyieldable -- looks at no argument and returns one boolean

local order = { "empty_c_call", "counter_method_inc", "counter_local_inc", "counter_incrementer",
  "counter_inc_labels", "histogram_observe", "histogram_time" }

local loops = {
  empty_loop = function(n)
    for _ = 1, n do end
  end,
  empty_c_call = function(n)
    for _ = 1, n do empty() end
  end,
  counter_method_inc = function(n)
    for _ = 1, n do counter:inc() end
  end,
  counter_local_inc = function(n)
    for _ = 1, n do inc(counter) end
  end,
  counter_incrementer = function(n)
    for _ = 1, n do bound() end
  end,
  counter_inc_labels = function(n)
    for _ = 1, n do split:inc(labels) end
  end,
  histogram_observe = function(n)
    for _ = 1, n do histogram:observe(0.003) end
  end,
  histogram_time = function(n)
    for _ = 1, n do
      local _ <close> = histogram:time()
    end
  end,
}

--- Fastest of several rounds of each loop, the loops in turns: a slow moment of the machine meets all.
local function measure()
  local least = {}
  for round = 0, ROUNDS do
    for name, run in pairs(loops) do
      local watch = timer.start()
      run(OPS)
      local took = watch:stop() / OPS * 1e9
      least[name] = round > 0 and math.min(least[name] or took, took) or nil
    end
  end
  return least
end

local cost = measure()
for _, name in ipairs(order) do
  cost[name] = cost[name] - cost.empty_loop
  print(("metrics.lua.%s\t%d\t%.2f"):format(name, OPS, cost[name]))
end
for _, name in ipairs { "counter_method_inc", "counter_local_inc", "counter_incrementer", "histogram_observe" } do
  print(("metrics.lua.%s_per_empty_c_call\t%d\t%.2f"):format(name, OPS,
    cost[name] / cost.empty_c_call))
end
