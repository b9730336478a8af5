---@meta promptgen.pool

--- Many files at once, on all cores. All threads have ended when a function returns, so the process
--- may fork afterwards. Only for the trusted half of the program.
---@class promptgen.pool
local pool = {}

---@class (exact) promptgen.pool.Options
---@field patterns? table|userdata as for plan.parse
---@field threads? integer default one for each processor, at most 64
---@field timeout? number seconds after which no file is begun any more; default none

---@class promptgen.pool.Result either a record or an error
---@field record? promptgen.plan.Record
---@field signature? string of promptgen.fs, of the bytes that were parsed
---@field hash? string fs.hash of those bytes
---@field err? promptgen.Error

--- Reads and parses files. One that fails has its error in its place and stops no other.
---@param root promptgen.fs.Root
---@param paths string[] relative to the root
---@param options? promptgen.pool.Options
---@return promptgen.pool.Result[]? results in the order of the paths
---@return promptgen.Error? err when the patterns do not compile
function pool.parse(root, paths, options) end

--- Number of processors this process may use.
---@return integer
function pool.processors() end

return pool
