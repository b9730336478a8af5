--- `:caches`, `:cache`, `:entry`, `:hits`: what the caches of both processes and of the disk hold, and
--- whether it would answer now.
local cache_report = require "promptgen.repl.cache_report"
local caches = require "promptgen.repl.caches"
local columns = require "promptgen.columns"
local errors = require "promptgen.errors"

local commands = {}

local number, key_text, bytes = cache_report.number, cache_report.key_text, cache_report.bytes
local collect, store_of, store_entries = cache_report.collect, cache_report.store_of, cache_report.store_entries

local function rate(stats)
  local looks = number(stats.hits) + number(stats.misses)
  return looks > 0 and ("%.1f %%"):format(100 * number(stats.hits) / looks) or "-"
end

local function cache_row(where, stats)
  return {
    key_text(stats.name), where, ("%d/%d"):format(number(stats.size), number(stats.max_size)), bytes(stats.bytes),
    tostring(number(stats.hits)), tostring(number(stats.misses)), rate(stats),
    stats.ttl and ("%g s"):format(number(stats.ttl)) or "-",
  }
end

local function store_row(store)
  local stats, size = store:stats(), 0
  local items = store:list() or {}
  for _, item in ipairs(items) do
    size = size + item.size
  end
  return { "store", "disk", ("%d/%d"):format(#items, stats.max_records), bytes(size),
    tostring(stats.hits), tostring(stats.misses), rate(stats), "-" }
end

--- `:caches`
function commands.caches(repl)
  local found, err = collect(repl)
  if not found then
    return nil, err
  end
  local rows = { { "CACHE", "WHERE", "ENTRIES", "SIZE", "HITS", "MISSES", "RATE", "TTL" } }
  for _, one in ipairs(found) do
    rows[#rows + 1] = cache_row(one.where, one.report.stats)
  end
  local store = store_of(repl)
  rows[#rows + 1] = store and store_row(store) or nil
  return repl.screen:put(columns.table(rows, repl:room(), { { 1, 10 } }))
end

--- How a list of entries gives way: the reasons a little, then the keys, whose ends tell more.
local ENTRIES_SHRINK = { { 7, 24 }, { 1, 30, "end" }, { 7, 12 }, { 1, 20, "end" } }

local function entry_row(repl, where, entry)
  local verdict, why = caches.validity(repl.workspace, entry)
  return {
    key_text(entry.key), where, bytes(entry.weight), caches.age(number(entry.age)),
    tostring(number(entry.hits)), verdict, verdict == "valid" and tostring(entry.what) or why,
  }
end

local STORE_REASONS = {
  none = "every file it rests on is as it was", root = "its workspace has moved", gone = "%s is gone",
  appeared = "%s has appeared", size = "%s has changed", content = "%s has changed",
  unreadable = "%s cannot be read",
}

local function store_why(entry)
  return (STORE_REASONS[entry.reason] or entry.reason):format(entry.changed or "")
end

--- What a record of the store is about.
local function store_key(entry)
  return entry.path == "" and "(index of plans)" or entry.path or entry.name
end

local function store_entry_row(entry, now)
  return {
    store_key(entry), "disk", bytes(entry.size), caches.age(now - (entry.created or now)), "-",
    entry.state, store_why(entry),
  }
end

local function no_cache(found, name)
  local known = { "store" }
  for _, one in ipairs(found) do
    known[#known + 1] = one.report.stats.name
  end
  local near = errors.nearest(name, known)
  return nil, errors.new {
    code = "not_found", message = ("there is no cache '%s'"):format(name),
    hint = #near > 0 and "did you mean " .. near[1] .. "?" or ":caches lists them",
  }
end

--- A list of entries, as long as other tables are shown.
local function put_entries(repl, entries)
  local rows = { { "KEY", "WHERE", "SIZE", "AGE", "HITS", "STATE", "WHAT" } }
  local max = repl.session.settings.items or require("promptgen.repl.printer").defaults.items
  for i = 1, math.min(#entries, max) do
    rows[i + 1] = entries[i]()
  end
  if #entries == 0 then
    return repl.screen:line("note", "no entries")
  end
  repl.screen:put(columns.table(rows, repl:room(), ENTRIES_SHRINK))
  if #entries > max then
    repl.screen:line("note", ("… %d more: :cache NAME TEXT shows those with TEXT in their keys, :set items N more"
      .. " of them"):format(#entries - max))
  end
  return true
end

--- `:cache NAME [TEXT]`
function commands.cache(repl, argument)
  local name, part = argument:match "^(%S*)%s*(.-)$"
  if name == "" then
    return commands.caches(repl)
  end
  local entries, is_known = {}, name == "store"
  local function add(key, row, ...)
    if key:find(part, 1, true) then
      local args = table.pack(...)
      entries[#entries + 1] = function() return row(table.unpack(args, 1, args.n)) end
    end
  end
  local found, err = collect(repl, name)
  if not found then
    return nil, err
  end
  for _, one in ipairs(found) do
    if one.report.stats.name == name then
      is_known = true
      for _, entry in ipairs(one.report.entries or {}) do
        add(key_text(entry.key), entry_row, repl, one.where, entry)
      end
    end
  end
  if not is_known then
    return no_cache(found, name)
  end
  local list, now = store_entries(repl)
  for _, entry in ipairs(name == "store" and list or {}) do
    add(store_key(entry), store_entry_row, entry, now)
  end
  return put_entries(repl, entries)
end

local function put_fields(repl, fields)
  local width = 0
  for _, field in ipairs(fields) do
    width = math.max(width, #field[1])
  end
  for _, field in ipairs(fields) do
    local text = columns.wrap(field[2], repl:room(), (" "):rep(width + 2))
    repl.screen:put(columns.pad(field[1], width + 2) .. text:sub(width + 3))
  end
  return repl.screen:put "\n"
end

local function signature_text(signature)
  local fs = require "promptgen.fs"
  if type(signature) ~= "string" or #signature ~= #fs.absent then
    return "none"
  end
  local about = fs.describe(signature)
  if about.absent then
    return "no such file"
  end
  return ("%s of %d bytes, inode %d, written at %.9f%s"):format(about.type, about.size, about.inode, about.mtime,
    about.doubtful and ", read so soon after that its times prove nothing" or "")
end

local function put_entry(repl, one, entry)
  local verdict, why = caches.validity(repl.workspace, entry)
  return put_fields(repl, {
    { "cache", key_text(one.report.stats.name) .. ", " .. one.where }, { "key", key_text(entry.key) },
    { "value", tostring(entry.what) }, { "size", bytes(entry.weight) },
    { "age", caches.age(number(entry.age)) }, { "hits", tostring(number(entry.hits)) },
    { "made of", signature_text(entry.signature) }, { "state", verdict .. ": " .. why },
  })
end

local function put_store_entry(repl, entry, now)
  return put_fields(repl, {
    { "cache", "store, disk" }, { "key", store_key(entry) }, { "record", entry.name },
    { "rests on", ("%d files, folders and absences"):format(entry.items or 0) }, { "size", bytes(entry.size) },
    { "age", caches.age(now - (entry.created or now)) }, { "state", entry.state .. ": " .. store_why(entry) },
  })
end

--- `:entry KEY`
function commands.entry(repl, key)
  if key == "" then
    return nil, errors.new { code = "usage", message = ":entry needs a key", hint = ":cache NAME lists keys" }
  end
  local found, err = collect(repl, "*")
  if not found then
    return nil, err
  end
  local shown, known = 0, {}
  for _, one in ipairs(found) do
    for _, entry in ipairs(one.report.entries or {}) do
      known[#known + 1] = key_text(entry.key)
      if known[#known] == key then
        shown = shown + 1
        put_entry(repl, one, entry)
      end
    end
  end
  local list, now = store_entries(repl)
  for _, entry in ipairs(list) do
    if store_key(entry) == key then
      shown = shown + 1
      put_store_entry(repl, entry, now)
    end
  end
  if shown > 0 then
    return true
  end
  local near = errors.nearest(key, known)
  return nil, errors.new {
    code = "not_found", message = ("no cache has the key '%s'"):format(key),
    hint = #near > 0 and "did you mean " .. table.concat(near, ", ") .. "?" or ":cache NAME lists keys",
  }
end

local function put_most_used(repl, found)
  local all = {}
  for _, one in ipairs(found) do
    for _, entry in ipairs(one.report.entries or {}) do
      if number(entry.hits) > 0 then
        all[#all + 1] = { one = one, entry = entry }
      end
    end
  end
  table.sort(all, function(a, b)
    if a.entry.hits ~= b.entry.hits then
      return a.entry.hits > b.entry.hits
    end
    return a.entry.key < b.entry.key
  end)
  local rows = { { "HITS", "KEY", "CACHE", "WHERE" } }
  for i = 1, math.min(#all, 10) do
    local row = all[i]
    rows[i + 1] = { tostring(row.entry.hits), key_text(row.entry.key),
      key_text(row.one.report.stats.name), row.one.where }
  end
  if #rows > 1 then
    repl.screen:put("\n" .. columns.table(rows, repl:room(), { { 2, 20, "end" } }))
  end
  return true
end

local function put_all_runs(repl)
  local rows = { { "ALL RUNS", "HITS", "MISSES", "RATE" } }
  for i, run in ipairs(require("promptgen.cache_stats").runs(repl.app.state_dir())) do
    rows[i + 1] = { run.name, tostring(run.hits), tostring(run.misses), ("%.1f %%"):format(run.hit_rate) }
  end
  if #rows > 1 then
    repl.screen:put("\n" .. columns.table(rows, repl:room(), { { 1, 10 } }))
  end
end

--- `:hits`
function commands.hits(repl)
  local found, err = collect(repl, "*")
  if not found then
    return nil, err
  end
  local rows = { { "CACHE", "WHERE", "HITS", "MISSES", "RATE", "LOST TO SIZE", "TTL", "HAND" } }
  for _, one in ipairs(found) do
    local stats = one.report.stats
    local lost = type(stats.evictions) == "table" and stats.evictions or {}
    rows[#rows + 1] = { key_text(stats.name), one.where, tostring(number(stats.hits)), tostring(number(stats.misses)),
      rate(stats), tostring(number(lost.size) + number(lost.bytes)), tostring(number(lost.ttl)),
      tostring(number(lost.explicit)) }
  end
  repl.screen:put(columns.table(rows, repl:room(), { { 1, 10 } }))
  local store = store_of(repl)
  for reason, count in pairs(store and store:stats().miss_reasons or {}) do
    if count > 0 then
      repl.screen:put(("store: %d missed: %s\n"):format(count, reason))
    end
  end
  put_all_runs(repl)
  return put_most_used(repl, found)
end

return commands
