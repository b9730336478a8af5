-- Cache hits from Lua beside a plain table look-up, in one run; the cost of the empty loop is taken
-- off every row. Keys are absolute paths, as in use. Prints name, operations and nanoseconds an
-- operation, tab-separated.
-- usage: LUA_CPATH='build/release/lib/?.so' lua5.4 tests/bench/bench_cache.lua

local cache = require "promptgen.cache"
local timer = require "promptgen.timer"

local OPS, ROUNDS, KEYS = 200000, 9, 1024

local keys, plain = {}, {}
local lru = cache.new { max_size = KEYS, ttl = 300 }
local squares = cache.cached { max_size = KEYS, ttl = 300 }(function(path, n)
  return path .. n
end)
for i = 1, KEYS do
  keys[i] = ("/home/user/project/work-space/plans/FEATURE-%04d/PLAN_X.md"):format(i)
  plain[keys[i]] = i
  lru:set(keys[i], i)
  squares(keys[i], 1)
end
local get = lru:getter()

local loops = {
  ["lua.empty_loop"] = function(n)
    local sum
    for i = 1, n do
      sum = keys[i % KEYS + 1]
    end
    return sum
  end,
  ["lua.table_get"] = function(n)
    local sum
    for i = 1, n do
      sum = plain[keys[i % KEYS + 1]]
    end
    return sum
  end,
  ["lua.cache_getter"] = function(n)
    local sum
    for i = 1, n do
      sum = get(keys[i % KEYS + 1])
    end
    return sum
  end,
  ["lua.cache_get"] = function(n)
    local sum
    for i = 1, n do
      sum = lru:get(keys[i % KEYS + 1])
    end
    return sum
  end,
  ["lua.cached_call"] = function(n)
    local sum
    for i = 1, n do
      sum = squares(keys[i % KEYS + 1], 1)
    end
    return sum
  end,
  ["lua.cache_set"] = function(n)
    for i = 1, n do
      lru:set(keys[i % KEYS + 1], i)
    end
  end,
}

local order = { "lua.empty_loop", "lua.table_get", "lua.cache_getter", "lua.cache_get",
  "lua.cached_call", "lua.cache_set" }
local best = {}
collectgarbage("stop")
for _ = 1, ROUNDS do
  for _, name in ipairs(order) do
    local watch = timer.start()
    loops[name](OPS)
    local ns = watch:stop() * 1e9 / OPS
    best[name] = math.min(best[name] or math.huge, ns)
  end
end
for _, name in ipairs(order) do
  local ns = best[name]
  if name ~= "lua.empty_loop" then
    ns = ns - best["lua.empty_loop"]
  end
  print(("%s\t%d\t%.1f"):format(name, OPS, ns))
end
local empty = best["lua.empty_loop"]
for _, name in ipairs { "lua.cache_getter", "lua.cache_get" } do
  print(("%s / lua.table_get\tratio\t%.2f"):format(
    name, (best[name] - empty) / (best["lua.table_get"] - empty)))
end
