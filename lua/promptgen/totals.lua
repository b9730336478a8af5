--- What a run counts, and how the counts outlive it. Nothing here can fail a command: a problem is
--- one warning.
local host = require "promptgen.host"

local totals = {}

--- A label value for a workflow: its name, when that is one that a workflow may have.
---@param name string
---@return string
function totals.workflow_label(name)
  return #name <= 64 and name:match("^[%w_-]+$") and name or "other"
end

--- One prompt asked for: its outcome ("success" or an error code) and how long it took.
---@param workflow string
---@param status string
---@param seconds number
function totals.prompt(workflow, status, seconds)
  local metrics = require "promptgen.metrics"
  local label = totals.workflow_label(workflow)
  metrics.get("prompt_generation_total"):inc(1, { workflow = label, status = status })
  metrics.get("prompt_generation_duration_seconds"):observe(seconds, { workflow = label })
  if status == "success" then
    metrics.get("promptgen_last_success_timestamp_seconds"):set(host.wall_time())
  end
end

--- One look-up in a named cache.
---@param cache string
---@param hit boolean
function totals.lookup(cache, hit)
  require("promptgen.metrics").get("plan_cache_hits_total"):inc(1, {
    cache_name = cache, hit_type = hit and "hit" or "miss",
  })
end

--- Adds what this process has counted to the totals of all runs.
---@param app promptgen.App
function totals.flush(app)
  local dir = app.state_dir()
  if not dir then
    return
  end
  local store, err = require("promptgen.metrics_store").open(dir)
  local done
  if store then
    done, err = store:flush(require("promptgen.metrics").registry())
  end
  if not done then
    app:log("warning", "the totals of this run are lost: " .. tostring(err and err.message))
  end
end

return totals
