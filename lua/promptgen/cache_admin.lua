--- What the persistent cache holds, and which of it would be used: for `promptgen cache`.
local folder_cache = require "promptgen.folder_cache"

local cache_admin = {}

---@class promptgen.CacheEntry
---@field name string of the record
---@field size integer bytes
---@field hits integer uses since it got its place in the table of hits
---@field used number last use, to the day; seconds since the epoch
---@field created? number seconds since the epoch
---@field root? string workspace the record belongs to; nil when the record is damaged
---@field kind? "plan"|"index"|"overview"
---@field path? string plan, relative to the workspace; nil of another record
---@field items? integer files, directories and absences it rests on
---@field state "fresh"|"racy"|"stale"|"corrupt"
---@field reason string why it would miss, "recent" when its content would be compared, or "none"
---@field changed? string path of what changed

--- Opens the store.
---@param dir? string absolute path of the cache directory
---@param patterns? table of the workspace
---@return promptgen.store.Store? store
---@return promptgen.Error? err
function cache_admin.open(dir, patterns)
  if not dir then
    return nil, require("promptgen.status").error {
      code = "io", message = "there is no cache directory",
      hint = "it is $XDG_CACHE_HOME/promptgen, or $HOME/.cache/promptgen",
    }
  end
  return require("promptgen.store").open(dir, { schema = folder_cache.schema(patterns) })
end

--- Open roots by path; false for a workspace that is gone.
local function root_of(roots, path)
  if roots[path] == nil then
    roots[path] = require("promptgen.fs").root(path) or false
  end
  return roots[path]
end

local function judge(entry, record, roots)
  local root = root_of(roots, record:root())
  if not root then
    entry.state, entry.reason = "stale", "root"
    return
  end
  local state, verdict = record:validate(root)
  entry.reason, entry.changed = verdict.change, verdict.path
  entry.state = state == "stale" and "stale" or verdict.doubtful > 0 and "racy" or "fresh"
  if entry.state == "racy" then
    entry.reason = "recent"
  end
end

--- One listed record, judged against the files; nil when it is gone by now.
---@param store promptgen.store.Store
---@param item promptgen.store.Item
---@param roots table<string, promptgen.fs.Root|false> filled as roots are opened
---@return promptgen.CacheEntry? entry
---@return promptgen.store.Record? record open; nil for a damaged one
function cache_admin.look(store, item, roots)
  local record, miss = store:inspect(item.name)
  local entry = { name = item.name, size = item.size, used = item.used, hits = store:hits(item.name) }
  if not record then
    entry.state, entry.reason = "corrupt", miss
    return miss ~= "absent" and entry or nil
  end
  entry.root, entry.path, entry.kind = folder_cache.split(record:key())
  if entry.kind ~= "plan" then
    entry.path = nil -- the name that keeps its key apart is nobody's business
  end
  entry.created = record:created()
  entry.items = record:count()
  judge(entry, record, roots)
  return entry, record
end

--- Text to sort by: other records come after the plans of a workspace, what is damaged after all.
local function sort_key(entry)
  local path = entry.path or "\255" .. (entry.kind or "")
  return entry.root and entry.root .. "\0" .. path or "\255" .. entry.name
end

--- All records, by workspace and plan, damaged ones last.
---@param store promptgen.store.Store
---@return promptgen.CacheEntry[]? entries
---@return number|promptgen.Error now seconds since the epoch
function cache_admin.entries(store)
  local items, now = store:list()
  if not items then
    return nil, now
  end
  local entries, roots = {}, {}
  for _, item in ipairs(items) do
    local entry, record = cache_admin.look(store, item, roots)
    entries[#entries + 1] = entry
    if record then
      record:close()
    end
  end
  for _, root in pairs(roots) do
    if root then
      root:close()
    end
  end
  table.sort(entries, function(a, b) return sort_key(a) < sort_key(b) end)
  return entries, now
end

--- Sums over entries: records, bytes, and how many are in each state.
---@param entries promptgen.CacheEntry[]
---@return { records: integer, bytes: integer, fresh: integer, racy: integer, stale: integer, corrupt: integer }
function cache_admin.totals(entries)
  local totals = { records = #entries, bytes = 0, fresh = 0, racy = 0, stale = 0, corrupt = 0 }
  for _, entry in ipairs(entries) do
    totals.bytes = totals.bytes + entry.size
    totals[entry.state] = totals[entry.state] + 1
  end
  return totals
end

---@class promptgen.CacheDependency
---@field path string
---@field kind "file"|"dir"|"absent"
---@field state "fresh"|"doubtful"|"stale"

--- What the record of a plan rests on, each as its signature stands now.
---@param store promptgen.store.Store
---@param root promptgen.fs.Root
---@param path string of the plan
---@return promptgen.CacheEntry? entry
---@return promptgen.CacheDependency[]|promptgen.store.Miss dependencies or why there is no record
function cache_admin.show(store, root, path)
  local record, miss = store:get(folder_cache.key(root:path(), path))
  if not record then
    return nil, miss
  end
  local entry = { root = record:root(), path = path, created = record:created(), items = record:count() }
  entry.size = #record:payload()
  local dependencies = {}
  for i, dependency in ipairs(record:dependencies()) do
    dependencies[i] = {
      path = dependency.path, kind = dependency.kind, state = root:check(dependency.path, dependency.signature),
    }
  end
  table.sort(dependencies, function(a, b) return a.path < b.path end)
  judge(entry, record, { [record:root()] = root })
  record:close()
  return entry, dependencies
end

--- Reads every record and removes the damaged ones.
---@param store promptgen.store.Store
---@return { checked: integer, damaged: integer, removed: integer }? result
---@return promptgen.Error? err
function cache_admin.verify(store)
  local items, err = store:list()
  if not items then
    return nil, err
  end
  local result = { checked = 0, damaged = 0, removed = 0 }
  for _, item in ipairs(items) do
    local record, miss = store:inspect(item.name)
    if record then
      record:close()
    end
    if record or miss ~= "absent" then
      result.checked = result.checked + 1
    end
    if not record and miss ~= "absent" and miss ~= "unreadable" then
      result.damaged = result.damaged + 1
      result.removed = result.removed + (store:discard(item.name) and 1 or 0)
    end
  end
  return result
end

return cache_admin
