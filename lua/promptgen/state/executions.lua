--- The execution files of one achievement: which of them count.
---
--- A later version ("_V2", "_RECOVERY") takes the place of its base file, a copy from an archive
--- stands in for a base that is gone, a parallel part counts beside its base.
local names = require "promptgen.state.names"

local executions = {}

---@class promptgen.state.Execution
---@field file promptgen.state.File
---@field ordinal integer
---@field counts boolean false when another file replaces it
---@field replaced_by? string name of that file

local function latest(group)
  local best
  for _, item in ipairs(group.versions) do
    if not best or item.version > best.version then
      best = item
    end
  end
  return best
end

--- Marks what is replaced. Versions of one series ("V2", "V3") replace each other; two series
--- ("V2", "RECOVERY") both count.
local function settle(group)
  local series = {}
  for _, item in ipairs(group.versions) do
    local key = item.file.suffix:upper():gsub("%d+$", "")
    series[key] = series[key] or { versions = {} }
    table.insert(series[key].versions, item)
  end
  for _, one in pairs(series) do
    local best = latest(one)
    for _, item in ipairs(one.versions) do
      if item ~= best then
        item.replaced_by = best.file.name
      end
    end
  end
  local successor = latest(group)
  for _, item in ipairs(group.bases) do
    if successor then
      item.replaced_by = successor.file.name
    elseif item ~= group.base then
      item.replaced_by = group.base.file.name
    end
  end
end

--- The files in name order, each with what it counts for.
---@param files promptgen.state.File[]
---@return promptgen.state.Execution[] list
---@return integer distinct how many executions there are, versions and parts aside
---@return table<integer, boolean> ordinals
function executions.arrange(files)
  local sorted = { table.unpack(files) }
  table.sort(sorted, function(a, b)
    if a.name ~= b.name then
      return a.name < b.name
    end
    return a.path < b.path
  end)
  local list, groups, ordinals, distinct = {}, {}, {}, 0
  for i, file in ipairs(sorted) do
    local role, version = names.role(file.suffix)
    local ordinal = file.ordinal
    local item = { file = file, ordinal = ordinal, version = version }
    list[i] = item
    local group = groups[ordinal]
    if not group then
      group = { bases = {}, versions = {} }
      groups[ordinal] = group
      ordinals[ordinal] = true
      distinct = distinct + 1
    end
    if role == "version" then
      table.insert(group.versions, item)
    elseif role ~= "part" then
      table.insert(group.bases, item)
      if role == "base" or not group.base then
        group.base = item
      end
    end
  end
  for _, group in pairs(groups) do
    settle(group)
  end
  for _, item in ipairs(list) do
    item.counts = item.replaced_by == nil
  end
  return list, distinct, ordinals
end

return executions
