--- Look-ups in caches: of this process, and of all runs.
local cache_stats = {}

--- Statistics of the named caches of this process, by name: of a command that is over at once, what
--- it would work with.
---@param root? string absolute; the workspace whose caches are made
---@return promptgen.cache.Stats[]
function cache_stats.process(root)
  local workspace = root and require("promptgen.workspace").open { root = root }
  require("promptgen.template.unit").cache()
  local list = {}
  for i, cache in ipairs(require("promptgen.cache").all()) do
    list[i] = cache:stats()
  end
  table.sort(list, function(a, b) return a.name < b.name end)
  if workspace then
    workspace:close()
  end
  return list
end

---@class promptgen.CacheRuns
---@field name string of the cache
---@field hits integer
---@field misses integer
---@field hit_rate number percent

--- Look-ups of all runs, by name; empty where no totals can be had.
---@param state_dir? string directory of the totals
---@return promptgen.CacheRuns[]
function cache_stats.runs(state_dir)
  local store = state_dir and require("promptgen.metrics_store").open(state_dir)
  local registry = store and store:load(require("promptgen.metrics").new_registry(true))
  local by_name, list = {}, {}
  for _, metric in ipairs(registry and registry:collect() or {}) do
    for _, series in ipairs(metric.name == "plan_cache_hits_total" and metric.series or {}) do
      local name, found = series.labels.cache_name, series.labels.hit_type
      local row = by_name[name]
      if not row then
        row = { name = name, hits = 0, misses = 0 }
        by_name[name], list[#list + 1] = row, row
      end
      local field = (found == "hit" or found == "negative") and "hits" or "misses"
      row[field] = row[field] + math.tointeger(series.value)
    end
  end
  for _, row in ipairs(list) do
    local all = row.hits + row.misses
    row.hit_rate = all > 0 and 100 * row.hits / all or 0.0
  end
  table.sort(list, function(a, b) return a.name < b.name end)
  return list
end

return cache_stats
