--- What the caches report: those of the parent, of the worker, and the store on disk.
local caches = require "promptgen.repl.caches"

local cache_report = {}

--- A number, 0 for anything else.
function cache_report.number(value)
  return type(value) == "number" and value or 0
end

--- A key on one line; the extent of a partly read document stands behind a NUL.
function cache_report.key_text(key)
  return require("promptgen.repl.quote").escape((key:gsub("%z(%w+)$", " %1")))
end

--- A size for people.
function cache_report.bytes(count)
  count = cache_report.number(count)
  if count < 10240 then
    return ("%d B"):format(count // 1)
  elseif count < 10 << 20 then
    return ("%d KiB"):format(count // 1024)
  end
  return ("%d MiB"):format(count // (1 << 20))
end

local function is_entry(entry)
  return type(entry) == "table" and type(entry.key) == "string"
end

--- A worker's report, which is a stranger's data: what has not the shape of one is left out.
local function checked(list)
  local out = {}
  for _, report in ipairs(type(list) == "table" and list or {}) do
    if type(report) == "table" and type(report.stats) == "table" and type(report.stats.name) == "string" then
      local entries = {}
      for _, entry in ipairs(type(report.entries) == "table" and report.entries or {}) do
        entries[#entries + 1] = is_entry(entry) and entry or nil
      end
      out[#out + 1] = { stats = report.stats, entries = entries }
    end
  end
  return out
end

--- Reports of the parent and of the worker.
---@return {where: string, report: promptgen.repl.CacheReport}[]?
---@return promptgen.Error? err
function cache_report.collect(repl, name)
  local outcome, err = repl:play { op = "caches", name = name }
  if not outcome then
    return nil, err
  end
  local out = {}
  for _, report in ipairs(caches.collect(name)) do
    out[#out + 1] = { where = "parent", report = report }
  end
  for _, report in ipairs(checked(outcome.caches)) do
    out[#out + 1] = { where = "worker", report = report }
  end
  return out
end

--- The store, when there is one.
function cache_report.store_of(repl)
  local folder_cache = repl.app:folder_cache()
  return folder_cache and folder_cache.store
end

--- Records of the disk that belong to this workspace, and the present time.
function cache_report.store_entries(repl)
  local store, own = cache_report.store_of(repl), {}
  if not store then
    return own, 0
  end
  local list, now = require("promptgen.cache_admin").entries(store)
  for _, entry in ipairs(list or {}) do
    if entry.root == repl.workspace.root then
      own[#own + 1] = entry
    end
  end
  return own, list and now or 0
end

return cache_report
