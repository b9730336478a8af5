---@meta promptgen.cache

--- Bounded caches of Lua values, and memoised functions. Keys are strings; values are any value but
--- nil and are kept as they are, never copied. A cache belongs to its Lua state.
---@class promptgen.cache
local cache = {}

---@class (exact) promptgen.cache.Options
---@field name? string shown in statistics; a cache given a name is listed by cache.all
---@field max_size? integer number of entries; default 128, 0 is taken as 1
---@field max_bytes? integer bound of the sum of weights; default none
---@field ttl? number life of an entry in seconds; default for ever
--- What to give up when full: the least recently used entry (default), or, with SIEVE, an old entry
--- that was not read lately, which resists scans.
---@field policy? "lru"|"sieve"
--- Keep the result "nothing" of get_or_compute and of memoised functions; default false.
---@field negative? boolean
---@field negative_ttl? number life of such an entry in seconds; default 5
--- Seconds, for tests; default a coarse monotonic clock.
---@field clock? (fun(): number)|promptgen.timer.Clock

---@class (exact) promptgen.cache.CachedOptions : promptgen.cache.Options
---@field key? fun(...): string makes the key of a call; when it fails, the call bypasses the cache

---@class (exact) promptgen.cache.Stats
---@field name string
---@field hits integer
---@field misses integer
---@field size integer entries held, expired ones that were not touched since included
---@field max_size integer
---@field hit_rate number percent of look-ups, 0.0 when there was none
---@field ttl? number seconds; nil = for ever
---@field bytes integer sum of weights
---@field max_bytes? integer nil = no bound
---@field negatives integer negative entries held; they do not count in `size`
---@field evictions { size: integer, bytes: integer, ttl: integer, explicit: integer }
---@field loads integer computations that ended
---@field load_failures integer those of them that failed
---@field load_ns integer nanoseconds spent in computations
---@field bypassed integer memoised calls that had no key

--- A bounded map from strings to values.
---@class promptgen.cache.Cache
local Cache = {}

--- The value of `key`, which counts as its use. An expired entry is removed.
---@param key string
---@return any value nil when there is none
---@return "hit"|"miss"|"expired"|"negative" why
function Cache:get(key) end

--- As get, but counts nothing, marks nothing and removes nothing.
---@param key string
---@return any value
---@return "hit"|"miss"|"expired"|"negative" why
function Cache:peek(key) end

--- Keeps `value` under `key`. A nil is kept as a negative entry: "nothing there is known".
--- A value that weighs more than max_bytes is refused; an older value of its key goes.
---@param key string
---@param value any
---@param ttl? number seconds, >= 0; default that of the cache
---@param weight? integer >= 0; default the length of a string, 64 for any other value
---@return boolean stored
function Cache:set(key, value, ttl, weight) end

--- Removes `key`. A computation of it under way is handed out but not kept.
---@param key string
---@return boolean was_there
function Cache:delete(key) end

--- Removes `key`, whose value `get` has just given and which turned out to be out of date: the hit counts
--- as a miss.
---@param key string
---@return boolean was_there
function Cache:reject(key) end

--- Removes everything and sets hits and misses to 0.
function Cache:clear() end

--- The keys of all values, most recent first.
---@return string[]
function Cache:keys() end

---@class (exact) promptgen.cache.Entry
---@field key string
---@field weight integer
---@field hits integer look-ups that found it since it was stored
---@field age number seconds since it was stored
---@field left? number seconds of its life left, below 0 when over; nil = for ever
---@field negative boolean it is known that there is nothing

--- What the cache holds, for inspection: counts nothing and marks nothing. Values come first, most
--- recent first, then negative entries.
---@param limit? integer default 1000
---@return promptgen.cache.Entry[]
function Cache:entries(limit) end

--- Removes what is past its life.
---@return integer removed
function Cache:expire() end

--- What it holds and how often it was asked.
---@return promptgen.cache.Stats
function Cache:stats() end

--- The value of `key`; when there is none, that of `fn(...)`, which is kept. `fn` returns the
--- value, or nil and an error, and may return a life in seconds as third result (negative: do not
--- keep).
--- An error, returned or raised, is passed on unchanged and is never kept. While a coroutine
--- computes a key, asking for that key in it raises; another coroutine computes for itself and
--- keeps nothing.
---
--- ```lua
--- local plan, err = plans:get_or_compute(path, parse, path)
--- ```
---@param key string
---@param fn fun(...): any, any, number?
---@param ... any arguments of fn
---@return any value
---@return any err
---@return "hit"|"negative"|"loaded"|nil level
function Cache:get_or_compute(key, fn, ...) end

--- A function that does what get does and returns the value only; the fastest way to look up.
---@return fun(key: string): any
function Cache:getter() end

--- Drops all values. Using the cache afterwards raises; closing it twice is fine.
function Cache:close() end

--- A new cache. Raises for an unknown option.
---@param options? promptgen.cache.Options
---@return promptgen.cache.Cache
function cache.new(options) end

--- A decorator that remembers the results of a function, by its arguments. The memoised function
--- has a field `cache`. Several results are kept together; results that begin with nil are not
--- kept, unless `negative` is set and there is no error beside it. A call with an argument that has
--- no key (see cache.key) bypasses the cache.
---
--- ```lua
--- local square = cache.cached { max_size = 50, ttl = 300, name = "squares" }(function(x)
---   return x * x
--- end)
--- square(3)
--- print(square.cache:stats().hit_rate)
--- ```
---@param options? promptgen.cache.CachedOptions
---@return fun(fn: function): function
function cache.cached(options) end

--- The key that cache.cached makes of these arguments. Different arguments have different keys: 1,
--- 1.0 and "1" differ, as do nil and a missing argument. Raises for a NaN, a table, a function, a
--- userdata and a thread.
---@param ... nil|boolean|number|string
---@return string
function cache.key(...) end

--- The caches of this state that were given a name and are still in use, in order of creation.
---@return promptgen.cache.Cache[]
function cache.all() end

return cache
