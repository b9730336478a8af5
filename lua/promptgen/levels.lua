--- Levels of dependency: 0 depends on nothing, any other on something of the level just below it.
--- Everything on one level can be worked on at the same time.
local levels = {}

--- The level of each achievement.
---@param items {number: string, dependencies?: string[]}[]
---@return table<string, integer>? levels by number
---@return string[]? circle numbers in a circle of dependencies, when there is one
function levels.of(items)
  local known, waiting = {}, {}
  for i, item in ipairs(items) do
    waiting[i] = item
  end
  local defined = {}
  for _, item in ipairs(items) do
    defined[item.number] = true
  end
  while #waiting > 0 do
    local left, found = {}, {}
    for _, item in ipairs(waiting) do
      local level = 0
      for _, number in ipairs(item.dependencies or {}) do
        if defined[number] then
          level = level and known[number] and math.max(level, known[number] + 1) or nil
        end
      end
      if level then
        found[item.number] = level
      else
        left[#left + 1] = item
      end
    end
    if not next(found) then
      local circle = {}
      for i, item in ipairs(left) do
        circle[i] = item.number
      end
      return nil, circle
    end
    for number, level in pairs(found) do
      known[number] = level
    end
    waiting = left
  end
  return known
end

return levels
