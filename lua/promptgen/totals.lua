--- What a run counts, and how the counts outlive it. Nothing here can fail a command: a problem is
--- one warning.
local host = require "promptgen.host"

local totals = {}

--- A label value for a workflow: its name, when that is one that a workflow may have. What was mistyped
--- is not worth a series of its own for all time.
local function workflow_label(name)
  return name and #name <= 64 and name:match("^[%w_-]+$") and name or "other"
end

--- One prompt asked for: its outcome ("success" or an error code) and how long it took.
---@param workflow? string its name; nil when there is no such workflow
---@param status string
---@param seconds number
function totals.prompt(workflow, status, seconds)
  local metrics = require "promptgen.metrics"
  local label = workflow_label(workflow)
  metrics.get("prompt_generation_total"):inc(1, { workflow = label, status = status })
  metrics.get("prompt_generation_duration_seconds"):observe(seconds, { workflow = label })
  if status == "success" then
    metrics.get("promptgen_last_success_timestamp_seconds"):set(host.wall_time())
  end
end

--- Look-ups in the named caches, unless the store must not be looked into. A process that lasts has caches
--- in its memory all the same.
---@param app promptgen.App
local function add_lookups(app)
  local is_wanted = app.lasts or app.cache ~= false and not app.options.no_cache
  local metric = is_wanted and require("promptgen.metrics").get "plan_cache_hits_total"
  for result, counts in pairs(app.lookups) do
    for cache, count in pairs(counts) do
      if metric then
        metric:inc(count, { cache_name = cache, hit_type = result == "hits" and "hit" or "miss" })
      end
      counts[cache] = nil
    end
  end
end

local DAMAGE = { untrusted = true, truncated = true, magic = true, schema = true, checksum = true, layout = true }

--- A stored record that could not be used; counted when that was because it did not verify.
---@param reason? promptgen.store.Miss
function totals.discarded(reason)
  if DAMAGE[reason] then
    require("promptgen.metrics").get("promptgen_cache_corrupt_total"):inc { reason = reason }
  end
end

--- Entries that had left each cache when that was last looked at, by the cache and the reason.
local evicted = setmetatable({}, { __mode = "k" })

local function count_evictions(metrics, stats, before)
  for reason, count in pairs(stats.evictions) do
    if count > (before[reason] or 0) then
      metrics.get("promptgen_cache_evictions_total")
        :inc(count - (before[reason] or 0), { cache_name = stats.name, reason = reason })
    end
  end
end

--- Counts what was looked up in the named caches of this process, and what left them, since the last time.
---@param app promptgen.App
---@param present? boolean note what they hold, too: of use only in a process that lasts
function totals.count_caches(app, present)
  add_lookups(app)
  local metrics = require "promptgen.metrics"
  for _, cache in ipairs(require("promptgen.cache").all()) do
    local stats = cache:stats()
    count_evictions(metrics, stats, evicted[cache] or {})
    evicted[cache] = stats.evictions
    if present then
      metrics.get("promptgen_cache_entries"):set(stats.size, { cache_name = stats.name })
      metrics.get("promptgen_cache_size_bytes"):set(stats.bytes, { cache_name = stats.name })
    end
  end
end

--- Takes what a worker has counted. It is checked like everything that a worker sends; what is not right
--- is counted, not used, and told once.
---@param app promptgen.App
---@param run table one run of the worker: it may send one set
---@param rows any
---@param what string "the workflow"
function totals.receive(app, run, rows, what)
  local merged, err
  if not run.has_counted then
    local metrics = require "promptgen.metrics"
    -- what a test of a workflow counts is checked and no more
    local registry = app.is_trial and metrics.new_registry(true) or metrics.registry()
    run.has_counted = true
    merged, err = registry:merge(rows)
  end
  if not merged and not run.metrics_refused then
    run.metrics_refused = true
    app:log("warning", ("what %s counted is not used: %s"):format(what, err and err.message or "it was sent twice"))
  end
end

--- Warns once when a flush had to set a file aside: the totals of earlier runs are gone then.
---@param app promptgen.App
function totals.report_reset(app)
  local resets = require("promptgen.metrics").get "promptgen_metrics_store_resets_total"
  if resets:get() > 0 and not app.told_reset then
    app.told_reset = true
    app:log("warning", "the totals of earlier runs could not be read and start anew; that file is now metrics.v1.bad")
  end
end

--- Adds what this process has counted to the totals of all runs.
---@param app promptgen.App
---@param quiet? boolean say nothing when that cannot be done
function totals.flush(app, quiet)
  local dir = app.state_dir()
  if not dir then
    return
  end
  totals.count_caches(app)
  local store, err = require("promptgen.metrics_store").open(dir)
  local done
  if store then
    done, err = store:flush(require("promptgen.metrics").registry())
  end
  if done then
    totals.report_reset(app)
  elseif not quiet and not app.told_lost then
    app.told_lost = true
    app:log("warning", "the totals of this run are lost: " .. tostring(err and err.message))
  end
end

--- Counts a command that failed. When that cannot be kept, the failure is enough to tell.
---@param app promptgen.App
---@param command string its name
---@param code string of the error
function totals.failure(app, command, code)
  require("promptgen.metrics").get("promptgen_errors_total"):inc { error_type = code, component = command }
  totals.flush(app, true)
end

return totals
