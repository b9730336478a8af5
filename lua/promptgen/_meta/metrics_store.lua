---@meta promptgen.metrics_store

--- Totals of metrics over many processes, in one crash-safe file. Not for workflows.
---
--- ```lua
--- local metrics, stores = require "promptgen.metrics", require "promptgen.metrics_store"
--- local store = stores.open(state_dir)
--- store:flush(metrics.registry())                      -- at the end of a run
--- local totals = store:load(metrics.new_registry(true)) -- to show all runs
--- print(totals:export())
--- ```
---@class promptgen.metrics_store
local metrics_store = {}

---@class promptgen.metrics_store.Store
local Store = {}

--- A store in a directory, which is made when something is first written. Touches no file.
---@param dir string
---@param options? { lock_wait: number? } seconds to wait for the lock; default 0.05
---@return promptgen.metrics_store.Store? store
---@return promptgen.Error? err `out_of_memory`
function metrics_store.open(dir, options) end

--- Adds what the registry gained since its last flush. After an error the gain is flushed next time.
---@param registry promptgen.metrics.Registry
---@param thorough? boolean look at the file even without a gain: a damaged one is set aside, and what
--- is pending is moved over
---@return "nothing"|"stored"|"pending"|nil result "pending": the next flush of any process will add it
---@return promptgen.Error? err `io`, `permission`, `not_directory`, `not_regular`, `limit`
function Store:flush(registry, thorough) end

--- Adds the totals to a registry, which is for showing and must not be flushed.
---@param registry promptgen.metrics.Registry
---@return promptgen.metrics.Registry? registry the same
---@return promptgen.Error? err `corrupt` (a thorough flush sets the file aside), `io`, `permission`
function Store:load(registry) end

--- Empties the totals.
---@return true? ok
---@return promptgen.Error? err as of `flush`
function Store:reset() end

return metrics_store
