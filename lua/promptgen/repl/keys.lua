--- The keys of a table in a fixed order, without asking the table: numbers, strings, then the rest.
---
--- A table may hold millions of keys, so only the first ones in that order are kept while all are
--- counted: memory is bounded by what is asked for, time by one pass.
local inspect = require "promptgen.inspect"

local keys = {}

local RANK = { number = 1, string = 2, boolean = 3 }

local function before(a, b)
  local ra, rb = RANK[type(a)] or 4, RANK[type(b)] or 4
  if ra ~= rb then
    return ra < rb
  elseif ra <= 2 then
    return a < b
  elseif ra == 3 then
    return not a and b
  end
  return inspect.address(a) < inspect.address(b)
end

--- Puts `key` into the sorted list `kept` of at most `max`, if it is among the first.
local function keep(kept, key, max)
  local n = #kept
  if n == max and not before(key, kept[n]) then
    return
  end
  local low, high = 1, n + 1
  while low < high do
    local middle = (low + high) // 2
    if before(key, kept[middle]) then
      high = middle
    else
      low = middle + 1
    end
  end
  table.insert(kept, low, key)
  kept[max + 1] = nil
end

--- Length of the sequence 1..n at the start of a table, at most `max`.
---@param t table
---@param max integer
---@return integer
function keys.sequence(t, max)
  local n = 0
  while n < max and rawget(t, n + 1) ~= nil do
    n = n + 1
  end
  return n
end

--- The first `max` keys of `t` that are not in 1..skip, in order, and how many such keys there are.
---@param t table
---@param skip integer
---@param max integer
---@return any[] first
---@return integer count
function keys.sorted(t, skip, max)
  local kept, count = {}, 0
  for key in next, t do
    if not (math.type(key) == "integer" and key >= 1 and key <= skip) then
      count = count + 1
      keep(kept, key, max)
    end
  end
  return kept, count
end

return keys
