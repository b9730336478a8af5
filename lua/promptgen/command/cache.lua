--- `promptgen cache ACTION`: the cache of plans between runs.
local columns = require "promptgen.columns"
local errors = require "promptgen.errors"
local json = require "promptgen.json"

local actions = {}

local function admin()
  return require "promptgen.cache_admin"
end

local UNITS = { "KiB", "MiB", "GiB" }

local function size_text(bytes)
  if bytes < 1024 then
    return bytes .. " B"
  end
  local value, unit = bytes / 1024, 1
  while value >= 1024 and unit < #UNITS do
    value, unit = value / 1024, unit + 1
  end
  return ("%.1f %s"):format(value, UNITS[unit])
end

local SPANS = { { 86400, "d" }, { 3600, "h" }, { 60, "min" } }

local function age_text(seconds)
  for _, span in ipairs(SPANS) do
    if seconds >= span[1] then
      return ("%d %s"):format(seconds // span[1], span[2])
    end
  end
  return "now"
end

local REASONS = {
  root = "its workspace is gone or has moved", gone = "%s is gone", appeared = "%s has appeared",
  size = "%s has changed", content = "%s has changed", unreadable = "%s cannot be read",
  recent = "changed so recently that its content is compared",
}

--- Why an entry would miss, in words; "" when it would not.
local function why(entry)
  if entry.state == "corrupt" then
    return "damaged: " .. entry.reason
  end
  local text = REASONS[entry.reason]
  return text and text:format(entry.changed or "") or ""
end

local function object(ctx, action, fields)
  table.insert(fields, 1, { "schema", "promptgen.cache/1" })
  table.insert(fields, 2, { "action", action })
  table.insert(fields, 3, { "dir", ctx.cache_dir })
  ctx.out(json.encode(json.object(fields)) .. "\n")
  return true
end

local function entry_json(entry)
  return json.object {
    { "name", entry.name }, { "kind", entry.kind },
    { "root", entry.root }, { "path", entry.path }, { "size", entry.size }, { "hits", entry.hits },
    { "used", entry.used and math.floor(entry.used) }, { "created", entry.created and math.floor(entry.created) },
    { "items", entry.items }, { "state", entry.state }, { "reason", entry.reason }, { "changed", entry.changed },
  }
end

--- The statistics of caches, in the order of their rows.
local function caches_json(list)
  local out = {}
  for i, row in ipairs(list) do
    out[i] = json.object {
      { "name", row.name }, { "hits", row.hits }, { "misses", row.misses }, { "size", row.size },
      { "max_size", row.max_size }, { "hit_rate", row.hit_rate }, { "ttl", row.ttl or json.null },
      { "bytes", row.bytes }, { "max_bytes", row.max_bytes },
    }
  end
  return json.array(out)
end

local function stats_json(ctx, totals, limits, caches, runs)
  return object(ctx, "stats", {
    { "records", totals.records }, { "bytes", totals.bytes }, { "max_records", limits.max_records },
    { "max_bytes", limits.max_bytes },
    { "states", json.object {
      { "fresh", totals.fresh }, { "racy", totals.racy }, { "stale", totals.stale }, { "corrupt", totals.corrupt },
    } },
    { "process", caches_json(caches) }, { "all_runs", caches_json(runs) },
  })
end

--- A table of look-ups below its heading; nothing when there are none.
local function lookups(ctx, heading, list)
  local rows = { { "cache", "hits", "misses", "hit rate", "size", "at most", "ttl" } }
  for i, row in ipairs(list) do
    rows[i + 1] = { row.name, tostring(row.hits), tostring(row.misses), ("%.1f %%"):format(row.hit_rate),
      tostring(row.size), tostring(row.max_size), row.ttl and ("%g s"):format(row.ttl) or "-" }
  end
  if #list > 0 then
    ctx.out(("\n%s\n%s"):format(heading, columns.table(rows, ctx.width, {})))
  end
end

function actions.stats(ctx, store)
  local entries, err = admin().entries(store)
  if not entries then
    return nil, err
  end
  local cache_stats = require "promptgen.cache_stats"
  local totals, limits = admin().totals(entries), store:stats()
  local caches, runs = cache_stats.process((ctx.app:root())), cache_stats.runs(ctx.state_dir)
  for _, row in ipairs(runs) do -- what all runs share is the store, whose records hold all three kinds
    row.size, row.max_size = totals.records, limits.max_records
    row.bytes, row.max_bytes = totals.bytes, limits.max_bytes
  end
  if ctx.json then
    return stats_json(ctx, totals, limits, caches, runs)
  end
  ctx.out(("directory  %s\nrecords    %d of at most %d\nsize       %s of at most %s\n"):format(
    ctx.cache_dir, totals.records, limits.max_records, size_text(totals.bytes), size_text(limits.max_bytes)))
  ctx.out(("state      %d fresh, %d racy, %d stale, %d damaged\n"):format(
    totals.fresh, totals.racy, totals.stale, totals.corrupt))
  lookups(ctx, "in this process", caches)
  lookups(ctx, "in all runs", runs)
  return true
end

local function hits_text(hits)
  return hits == 1 and "1 hit" or hits .. " hits"
end

--- What a record holds, in words.
local WHAT = { index = "(where the plans are)", overview = "(an overview of all plans)" }

function actions.list(ctx, store)
  local entries, now = admin().entries(store)
  if not entries then
    return nil, now
  end
  if ctx.json then
    local list = {}
    for i, entry in ipairs(entries) do
      list[i] = entry_json(entry)
    end
    return object(ctx, "list", { { "entries", json.array(list) } })
  end
  local rows, root = {}, nil
  local function flush()
    if #rows > 0 then
      ctx.out(("%s\n%s"):format(root or "(damaged)", columns.table(rows, ctx.width, { { 6, 12 }, { 1, 24 } })))
    end
    rows = {}
  end
  for _, entry in ipairs(entries) do
    if entry.root ~= root then
      flush()
      root = entry.root
    end
    local what = entry.path or WHAT[entry.kind] or entry.name
    rows[#rows + 1] = {
      "  " .. what, size_text(entry.size), age_text(now - entry.used), hits_text(entry.hits), entry.state,
      why(entry),
    }
  end
  flush()
  if #entries == 0 then
    ctx.app:log("info", "the cache is empty")
  end
  return true
end

function actions.show(ctx, store, targets)
  if #targets ~= 1 then
    return nil, errors.new { code = "usage", message = "cache show takes one plan" }
  end
  local workspace = ctx.workspace
  local path, err = workspace:resolve(targets[1])
  if not path then
    return nil, err
  end
  local entry, dependencies = admin().show(store, workspace.backend.handle, path)
  if not entry then
    return nil, errors.new {
      code = "not_found", path = path, message = ("the cache has no record of this plan (%s)"):format(dependencies),
      hint = "promptgen cache warm makes one",
    }
  end
  if ctx.json then
    local list = {}
    for i, dependency in ipairs(dependencies) do
      list[i] = json.object {
        { "path", dependency.path }, { "kind", dependency.kind }, { "state", dependency.state },
      }
    end
    return object(ctx, "show", { { "entry", entry_json(entry) }, { "items", json.array(list) } })
  end
  local reason = why(entry)
  ctx.out(("%s  %s  %s%s\n"):format(path, entry.state, size_text(entry.size), reason ~= "" and "  " .. reason or ""))
  local rows = {}
  for i, dependency in ipairs(dependencies) do
    rows[i] = { "  " .. dependency.path, dependency.kind, dependency.state }
  end
  ctx.out(columns.table(rows, ctx.width, { { 1, 24 } }))
  return true
end

function actions.warm(ctx, _, targets)
  local result, err = require("promptgen.cache_warm").run(ctx, targets)
  if not result then
    return nil, err
  end
  if ctx.json then
    return object(ctx, "warm", {
      { "plans", result.plans }, { "warm_before", result.warm }, { "stored", result.stored },
      { "failed", json.array(result.failed) },
    })
  end
  ctx.out(("%d plan%s: %d %s warm, %d stored, %d failed\n"):format(result.plans,
    result.plans == 1 and "" or "s", result.warm, result.warm == 1 and "was" or "were", result.stored, #result.failed))
  for _, path in ipairs(result.failed) do
    ctx.out("  " .. path .. "\n")
  end
  return true
end

local function collection(ctx, action, result)
  if ctx.json then
    return object(ctx, action, {
      { "busy", result.busy }, { "removed", result.removed }, { "records", result.records },
      { "bytes", result.bytes }, { "stale_files", result.stale_files }, { "stale_schemas", result.stale_schemas },
    })
  elseif result.busy then
    ctx.out("another process is collecting\n")
    return true
  end
  ctx.out(("%d records removed, %d temporary files, %d other versions\n"):format(
    result.removed, result.stale_files, result.stale_schemas))
  return true
end

function actions.clear(ctx, store)
  if ctx.options.dry_run then
    local items, err = store:list()
    if not items then
      return nil, err
    end
    ctx.out(("%d records would be removed from %s\n"):format(#items, ctx.cache_dir))
    return true
  end
  return collection(ctx, "clear", store:clear())
end

function actions.gc(ctx, store)
  local result = store:collect()
  local settings = require("promptgen.config").open_store(ctx.cache_dir)
  if settings then -- its files are counted where they are waste; its records are no plans
    local own = settings:collect()
    settings:close()
    result.stale_files = result.stale_files + own.stale_files
    result.stale_schemas = result.stale_schemas + own.stale_schemas
  end
  return collection(ctx, "gc", result)
end

function actions.verify(ctx, store)
  local result, err = admin().verify(store)
  if not result then
    return nil, err
  end
  if ctx.json then
    return object(ctx, "verify", {
      { "checked", result.checked }, { "damaged", result.damaged }, { "removed", result.removed },
    })
  end
  ctx.out(("%d records checked, %d damaged, %d removed\n"):format(result.checked, result.damaged, result.removed))
  return true
end

local NAMES = { "stats", "list", "show", "warm", "clear", "gc", "verify" }

return {
  name = "cache",
  summary = "look at, fill and empty the cache of plans",
  usage = "[" .. table.concat(NAMES, "|") .. "] [@PLAN ...]",
  arguments = {
    { "action", table.concat(NAMES, ", ") .. "; stats without one", optional = true },
    { "plans", "for show and warm: @NAME or path; warm takes all plans without one", optional = true, list = true },
  },
  run = function(ctx)
    local name, targets = ctx.args.action or "stats", ctx.args.plans or {}
    local action = actions[name]
    if not action or (#targets > 0 and name ~= "show" and name ~= "warm") then
      return nil, errors.new {
        code = "usage",
        message = action and ("cache %s takes no plan"):format(name) or ("there is no cache action '%s'"):format(name),
        hint = "it takes " .. table.concat(NAMES, ", "),
      }
    end
    local store, err = admin().open(ctx.cache_dir)
    if not store then
      return nil, err
    end
    local ok
    ok, err = action(ctx, store, targets)
    store:close()
    return ok, err
  end,
}
