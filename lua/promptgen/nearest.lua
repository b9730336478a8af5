-- The nearest name: which of some known names a mistyped one was meant to be. Used for the hints of
-- error messages by templates, options and workflows; it decides nothing.
--
-- The distance is the optimal string alignment distance (insertions, deletions, replacements and
-- swaps of neighbours cost 1 each), on bytes and regardless of letter case.
local nearest = {}

local LONGEST = 64 -- bytes of a name worth comparing; longer ones are never near

local function distance(a, b, limit)
  local la, lb = #a, #b
  if math.abs(la - lb) > limit then
    return limit + 1
  end
  local before, last = nil, {}
  for j = 0, lb do
    last[j] = j
  end
  for i = 1, la do
    local row = { [0] = i }
    local ca, best = a:byte(i), i
    for j = 1, lb do
      local cb = b:byte(j)
      local cost = math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (ca == cb and 0 or 1))
      if before and j > 1 and ca == b:byte(j - 1) and a:byte(i - 1) == cb then
        cost = math.min(cost, before[j - 2] + 1)
      end
      row[j] = cost
      best = math.min(best, cost)
    end
    if best > limit then
      return limit + 1
    end
    before, last = last, row
  end
  return last[lb]
end

--- The known names near enough to `name` to be worth naming, nearest first: at most a third of the
--- letters (and at least one) may differ. Equally near names are in byte order, so that the answer
--- does not depend on the order of `names`.
---@param name string
---@param names string[] known names, in any order; entries that are not strings are passed over
---@param count integer? at most this many (3)
---@return string[]
function nearest.list(name, names, count)
  if #name == 0 or #name > LONGEST then
    return {}
  end
  local wanted, limit, scored = name:lower(), math.max(1, #name // 3), {}
  for _, candidate in ipairs(names) do
    if type(candidate) == "string" and candidate ~= name and #candidate <= LONGEST then
      local cost = distance(wanted, candidate:lower(), limit)
      if cost <= limit then
        scored[#scored + 1] = { candidate, cost }
      end
    end
  end
  table.sort(scored, function(a, b)
    if a[2] ~= b[2] then
      return a[2] < b[2]
    end
    return a[1] < b[1]
  end)
  local out = {}
  for i = 1, math.min(#scored, count or 3) do
    out[i] = scored[i][1]
  end
  return out
end

--- The nearest of them, or nil.
---@param name string
---@param names string[]
---@return string? nearest
function nearest.of(name, names)
  return nearest.list(name, names, 1)[1]
end

---Sorted string keys of a table, for use as `names`. Keys that are not strings are left out.
---@param ... table tables to take the keys of; nil is passed over
---@return string[] keys
function nearest.keys(...)
  local keys, seen = {}, {}
  for i = 1, select("#", ...) do
    for key in pairs((select(i, ...)) or {}) do
      if type(key) == "string" and not seen[key] then
        seen[key] = true
        keys[#keys + 1] = key
      end
    end
  end
  table.sort(keys)
  return keys
end

return nearest
