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

---Returns the known name nearest to `name`, or nil when none is near enough to be worth naming:
---at most a third of the letters (and at least one) may differ. Of equally near names the first in
---byte order wins, so that the answer does not depend on the order of `names`.
---@param name string
---@param names string[] known names, in any order; entries that are not strings are passed over
---@return string? nearest
function nearest.of(name, names)
  if #name == 0 or #name > LONGEST then
    return nil
  end
  local wanted = name:lower()
  local limit = math.max(1, #name // 3)
  local found, least = nil, limit + 1
  for _, candidate in ipairs(names) do
    if type(candidate) == "string" and candidate ~= name and #candidate <= LONGEST then
      local cost = distance(wanted, candidate:lower(), limit)
      if cost < least or cost == least and found and candidate < found then
        found, least = candidate, cost
      end
    end
  end
  return least <= limit and found or nil
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
