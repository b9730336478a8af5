---@meta promptgen.store

--- The persistent cache: records on disk that know which files they were computed from. Whatever goes
--- wrong is a miss, never an error. Only for the trusted half of the program.
---@class promptgen.store
local store = {}

---@alias promptgen.store.Miss "absent"|"unreadable"|"untrusted"|"truncated"|"magic"|"schema"|"checksum"|"layout"|"collision"|"stale"

---@class (exact) promptgen.store.Options
---@field schema? integer version of what the payloads mean; default 0
---@field max_bytes? integer of all records; default 256 MiB
---@field max_records? integer default 50000

---@class (exact) promptgen.store.Dependency
---@field path string relative to the root
---@field kind "file"|"dir"|"absent"
---@field signature? string of promptgen.fs, read together with the content; not needed for "absent"
---@field hash? string fs.hash of the content, or store.listing_hash of a directory; not for "absent"

---@class (exact) promptgen.store.Verdict
---@field change "none"|"root"|"gone"|"appeared"|"size"|"content"|"unreadable"
---@field path? string of the dependency that changed
---@field hashed integer contents that had to be compared
---@field doubtful integer dependencies that will have to be compared next time too

---@class (exact) promptgen.store.Collection
---@field busy boolean another process was at it; nothing was done
---@field records integer left
---@field bytes integer in them
---@field removed integer records removed
---@field stale_files integer temporary files of dead processes removed
---@field stale_schemas integer directories of other versions removed

---@class (exact) promptgen.store.Item
---@field name string 16 hexadecimal digits
---@field size integer bytes
---@field used number last use, to the day; seconds since the epoch

---@class (exact) promptgen.store.Stats
---@field hits integer
---@field misses integer
---@field miss_reasons table<promptgen.store.Miss, integer>
---@field refreshed integer hits whose record was written again
---@field hashed integer contents compared
---@field writes integer
---@field write_failures integer
---@field removed integer records removed by collections
---@field max_bytes integer
---@field max_records integer

--- An open store.
---@class promptgen.store.Store
local Store = {}

--- The record of `key` if it is there and still true for the files beneath `root`.
---@param key string
---@param root promptgen.fs.Root
---@return promptgen.store.Record? record
---@return promptgen.store.Miss? reason
function Store:fetch(key, root) end

--- The record of `key` if it is there, true or stale in part; `record:holds` and `record:changed` then
--- tell what of it is stale.
---@param key string
---@param root promptgen.fs.Root
---@return promptgen.store.Record? record
---@return "fresh"|"refreshed"|"stale"|promptgen.store.Miss state or reason of a miss
function Store:fetch_each(key, root) end

--- The record of `key`, true or not.
---@param key string
---@return promptgen.store.Record? record
---@return promptgen.store.Miss? reason
function Store:get(key) end

--- Writes the record of `key`. Raises for a malformed dependency.
---@param key string
---@param root promptgen.fs.Root what the paths of the dependencies are relative to
---@param dependencies promptgen.store.Dependency[]|promptgen.store.Dependencies a mixed set raises
---@param payload string|(string|promptgen.plan.Record)[] a list stands for its parts one after another, a record
--- of promptgen.plan for its bytes
---@return boolean written
function Store:put(key, root, dependencies, payload) end

--- Whether there is a record of `key`, good or not. One system call; counts nothing.
---@param key string
---@return boolean
function Store:has(key) end

--- Removes the record of `key`.
---@param key string
---@return boolean was_there
function Store:remove(key) end

--- Why nothing is written any more, for one warning to the user.
---@return string?
function Store:problem() end

--- How many records this process found damaged or tampered with; they were removed.
---@return integer
function Store:damaged() end

--- Counts of this process.
---@return promptgen.store.Stats
function Store:stats() end

--- Every record, in order of name.
---@return promptgen.store.Item[]? items
---@return number|promptgen.Error now seconds since the epoch, or `out_of_memory`
function Store:list() end

--- How often a listed record was found true, in all processes; lost counts are possible.
---@param name string
---@return integer
function Store:hits(name) end

--- A listed record, without counting, marking or removing anything.
---@param name string
---@return promptgen.store.Record? record
---@return promptgen.store.Miss? reason
function Store:inspect(name) end

--- Removes a listed record, good or damaged.
---@param name string
---@return boolean was_there
function Store:discard(name) end

--- Removes what exceeds the bounds and what dead processes left.
---@return promptgen.store.Collection
function Store:collect() end

--- Removes every record, of every version.
---@return promptgen.store.Collection
function Store:clear() end

--- Again is fine.
function Store:close() end

--- A record in memory; it outlives its store.
---@class promptgen.store.Record
local Record = {}

--- What it was put under.
---@return string
function Record:key() end

--- Absolute path of the root its dependencies are relative to.
---@return string
function Record:root() end

--- The payload, or its bytes from `first` to `last`.
---@param first? integer 1-based
---@param last? integer
---@return string
function Record:payload(first, last) end

--- The record of promptgen.plan whose bytes lie in the payload from `first` to `last`: as
--- plan.load(record:payload(first, last)), without the string in between.
---@param first integer 1-based
---@param last integer
---@return promptgen.plan.Record? plan
---@return promptgen.Error? err corrupt
function Record:plan(first, last) end

--- When it was written.
---@return number seconds since the epoch
function Record:created() end

--- Number of dependencies, or of those of one kind that were not found changed.
---@param kind? "file"|"dir"|"absent"
---@return integer
function Record:count(kind) end

--- Whether none of these dependencies was found changed by `fetch_each`.
---@param positions string from `Dependencies:add`
---@return boolean
function Record:holds(positions) end

--- Paths of the dependencies that were found changed by `fetch_each`.
---@return table<string, true>
function Record:changed() end

--- What it was computed from, in the order it was given to `put`.
---@return promptgen.store.Dependency[]
function Record:dependencies() end

--- One of them, without a table: path, kind, signature, hash. Nothing when there is none at `index`.
---@param index integer 1-based
---@return string? path
---@return string? kind
---@return string? signature
---@return string? hash
function Record:dependency(index) end

--- Compares with the files. "refreshed" is as good as "fresh": only signatures changed.
---@param root promptgen.fs.Root
---@return "fresh"|"refreshed"|"stale" state
---@return promptgen.store.Verdict verdict
function Record:validate(root) end

--- Frees it at once; again is fine.
function Record:close() end

--- Dependencies gathered from many records, one for each path.
---@class promptgen.store.Dependencies
local Dependencies = {}

--- Adds those of a record, all of them or some, or those of a list.
---@param from promptgen.store.Record|promptgen.store.Dependency[]
---@param positions? string of some of them, from an earlier `add` that gave the record its dependencies
---@return string positions where each of them is in this set, four bytes each
function Dependencies:add(from, positions) end

--- Number of paths.
---@return integer
function Dependencies:count() end

--- Whether two additions disagreed about a path: nothing can rest on this set.
---@return boolean
function Dependencies:mixed() end

--- Frees it at once; again is fine.
function Dependencies:close() end

--- An empty set.
---@return promptgen.store.Dependencies
function store.dependencies() end

--- Opens the store in `dir`; what is missing of it is made by the first write.
---@param dir string absolute path
---@param options? promptgen.store.Options
---@return promptgen.store.Store? store
---@return promptgen.Error? err `invalid_argument`, `permission`, `not_directory`, `io`
function store.open(dir, options) end

--- Hash of a directory's names and types.
---@param entries promptgen.fs.Entry[] as root:list gives them
---@return string
function store.listing_hash(entries) end

--- A number that tells this program file from every other, to be mixed into a schema.
---@return integer
function store.program_version() end

return store
