-- What log entries, timed functions and the profiler cost, beside a call of an empty function, in one
-- run; the cost of the empty loop is taken off every row. Prints name, operations and nanoseconds an
-- operation, tab-separated; a ratio row has the ratio in place of nanoseconds.
-- usage: LUA_PATH='lua/?.lua' LUA_CPATH='build/release/lib/?.so' lua5.4 tests/bench/bench_observe.lua

local log = require "promptgen.log"
local profile = require "promptgen.profile"
local timer = require "promptgen.timer"

local OPS, ROUNDS = 50000, 25

local function empty() end

local quiet = log.new { level = "warning", write = empty }
local loud = log.new { level = "debug", write = empty }
local fields = { template = "review" }
local unwrapped = profile.wrap("empty", empty)
log.configure { level = "debug", write = empty }
local timed = profile.wrap("empty", empty)
log.configure { level = "off", write = empty }

local order = {
  "empty_call", "log_below_level", "log_below_level_fields", "log_entry", "wrap_off", "wrap_timed", "span_off",
  "profiled_call",
}

local loops = {
  empty_loop = function(n) for _ = 1, n do end end,
  empty_call = function(n) for _ = 1, n do empty("message") end end,
  log_below_level = function(n) for _ = 1, n do quiet.debug("message") end end,
  log_below_level_fields = function(n) for _ = 1, n do quiet.debug("message", fields) end end,
  log_entry = function(n) for _ = 1, n do loud.debug("message", fields) end end,
  wrap_off = function(n) for _ = 1, n do unwrapped() end end,
  wrap_timed = function(n) for _ = 1, n do timed() end end,
  span_off = function(n)
    for _ = 1, n do
      local _ <close> = profile.span "x"
    end
  end,
  profiled_call = function(n) for _ = 1, n do empty("message") end end,
}

local function once(name, run)
  if name == "profiled_call" then
    profile.start()
  end
  local watch = timer.start()
  run(OPS)
  local took = watch:stop()
  if name == "profiled_call" then
    profile.stop()
  end
  return took / OPS * 1e9
end

--- Fastest of several rounds, the loops in turns: a slow moment of the machine meets all.
local ns = {}
for round = 0, ROUNDS do
  for name, run in pairs(loops) do
    local took = once(name, run)
    ns[name] = round > 0 and math.min(ns[name] or took, took) or nil
  end
end
for _, name in ipairs(order) do
  ns[name] = math.max(ns[name] - ns.empty_loop, 0)
  print(("%s\t%d\t%.1f"):format(name, OPS, ns[name]))
end
print(("log_below_level_to_empty_call\t%d\t%.2f"):format(OPS, ns.log_below_level / ns.empty_call))
