--- Plans between runs: one stored record per plan holds every document and listing that its state
--- rests on, each with its signature, so that the next run parses nothing.
---
--- A state is used only if all its record depends on is as it was, absent files included; a document or
--- listing, if it is itself as it was. The store is trusted with nothing else: without it every answer
--- is the same.
---
--- A payload is two lengths of four bytes, the packed states that were resolved, a packed head, and
--- the dumped documents one after another. The head has, by key, where each document lies, and the
--- listings and contents themselves. The states stand apart, since many a command needs nothing
--- else. A document becomes a record when somebody asks for it.
local folder_cache = {}

--- Raised when the meaning of the payload changes.
folder_cache.version = 15

---@class promptgen.FolderCache
---@field store promptgen.store.Store
---@field workspace promptgen.Workspace
local FolderCache = {}
FolderCache.__index = FolderCache

--- Bytes of the record that tries whether there is room.
local PROBE = 16 * 1024

--- What a workspace keeps, each kind in a cache of its own.
folder_cache.KINDS = { "documents", "listings", "contents" }

--- Number of all that decides what a stored record means: its layout, the program that parsed, the
--- patterns it used.
---@param patterns? table of the workspace
---@return integer
function folder_cache.schema(patterns)
  local parts = {
    folder_cache.version, require("promptgen.plan").schema(),
    require("promptgen.store").program_version(), patterns or false,
  }
  return tonumber(require("promptgen.fs").hash(require "promptgen.canonical"(parts)):sub(1, 15), 16)
end

--- Key of the record of a plan.
---@param root string absolute path of the workspace
---@param path string of the plan, relative to it
---@return string
function folder_cache.key(root, path)
  return root .. "\0" .. path
end

--- Key of the record of a workspace's overview: no plan has this path.
---@param root string
---@param name string
---@return string
function folder_cache.overview_key(root, name)
  return root .. "\0\0" .. name
end

--- What a key is of.
---@param key string
---@return string root
---@return string? path of the plan; of another record its name
---@return "plan"|"index"|"overview"|nil kind
function folder_cache.split(key)
  local root, path = key:match("^([^%z]*)%z(.*)$")
  if not path then
    return key
  elseif path == "" then
    return root, "index of plans", "index"
  elseif path:sub(1, 1) == "\0" then
    return root, path:sub(2), "overview"
  end
  return root, path, "plan"
end

--- The cache of a workspace, or nil and why there is none.
---@param workspace promptgen.Workspace
---@param dir? string absolute path of the store
---@return promptgen.FolderCache? cache
---@return promptgen.Error? err
function folder_cache.open(workspace, dir)
  local handle = workspace.backend.handle
  if not dir or not handle then
    return nil, require("promptgen.status").error {
      code = "io", message = dir and "the workspace cannot be cached" or "there is no cache directory: HOME is not set",
    }
  end
  local store, err = require("promptgen.store").open(dir, { schema = folder_cache.schema(workspace.patterns) })
  if not store then
    return nil, err
  end
  return setmetatable({ store = store, workspace = workspace, handle = handle, loaded = {} }, FolderCache)
end

local function key_of(self, path)
  return folder_cache.key(self.workspace.root, path)
end

local function absent_error(path)
  return require("promptgen.status").error {
    code = "not_found", path = path, message = "there is no such file or directory",
  }
end

--- The two lengths a payload begins with.
folder_cache.LENGTHS = "<I4I4"
local LENGTHS_SIZE = 8

--- The table that `size` bytes of a payload from `first` on hold, or nil.
local function unpack_part(record, first, size)
  local value = require("promptgen.pack").decode(record:payload(first, first + size - 1))
  return type(value) == "table" and value or nil
end

--- The states of a stored payload, and where its head is; nil when it is not a payload.
local function read_states(record)
  local prefix = record:payload(1, LENGTHS_SIZE)
  if #prefix < LENGTHS_SIZE then
    return nil
  end
  local states_size, head_size = folder_cache.LENGTHS:unpack(prefix)
  return unpack_part(record, LENGTHS_SIZE + 1, states_size), LENGTHS_SIZE + states_size, head_size
end

--- A kept entry whose record is made from its stored bytes when it is first used.
local function stored_document(record, first, size)
  local function bytes()
    return record:payload(first, first + size - 1)
  end
  return { bytes = bytes, revive = function() return (record:plan(first, first + size - 1)) end }
end

local function kept_of(kind, row, record, base)
  if row[2] == false then
    return { err = absent_error(row[1]) }
  elseif kind == "documents" then
    return stored_document(record, base + row[2] + 1, row[3])
  end
  return { value = row[2] }
end

local function by_path(dependencies)
  local map = {}
  for _, dependency in ipairs(dependencies) do
    map[dependency.path] = dependency
  end
  return map
end

--- Dependencies of a loaded record by path, made once.
---@param hit table
---@return table<string, promptgen.store.Dependency>
function folder_cache.dependencies_of(hit)
  hit.by_path = hit.by_path or by_path(hit.record:dependencies())
  return hit.by_path
end

--- Adds what is needed to tell later whether an entry still holds.
local function sign(kept, path)
  local dependency = folder_cache.dependencies_of(kept.hit)[path]
  if not dependency or dependency.kind == "absent" then
    kept.signature = require("promptgen.fs").absent
  else
    kept.signature, kept.hash = dependency.signature, dependency.hash
  end
end

local function fill(self, head, hit, base)
  local record, keys = hit.record, {}
  local changed = hit.whole and {} or record:changed()
  for _, kind in ipairs(folder_cache.KINDS) do
    local cache = self.workspace[kind]
    keys[kind] = {}
    for key, row in pairs(head[kind]) do
      if not changed[row[1]] then
        local kept = kept_of(kind, row, record, base)
        kept.hit = hit
        if not self.workspace.snapshot then
          sign(kept, row[1])
        end
        cache:set(key, kept, nil, kind == "documents" and row[3] or nil)
        keys[kind][key] = row[1]
      end
    end
  end
  return keys
end

---@class promptgen.FolderHit
---@field keys? table<string, table<string, string>> cache name to key to path
---@field record promptgen.store.Record
---@field whole boolean nothing it rests on has changed
---@field states table<string, table> resolved states by their options, as data

--- Counts what a record holds as served.
local function count_hits(workspace, record)
  workspace:count("hits", "plan_cache", record:count "file")
  workspace:count("hits", "directory_cache", record:count "dir")
end

--- Fills the workspace with what is stored for a plan and still true; there are no states when
--- anything has changed. With `options_key`, nothing is filled when the state for these options is
--- stored: the hit then has no keys.
---@param path string of the plan
---@param options_key? string
---@return promptgen.FolderHit? hit
---@return string? reason of a miss
function FolderCache:load(path, options_key)
  local record, found = self.store:fetch_each(key_of(self, path), self.handle)
  if not record then
    require("promptgen.totals").discarded(found)
    return nil, found
  end
  local states, at, size = read_states(record)
  local hit = { record = record, whole = found ~= "stale" }
  hit.states = hit.whole and states or {}
  if not (options_key and hit.states[options_key]) then
    local head = states and unpack_part(record, at + 1, size)
    if not head then
      return nil, "layout"
    end
    hit.keys = fill(self, head, hit, at + size)
    self.loaded[path] = hit
  end
  count_hits(self.workspace, record)
  return hit
end

--- Key of the index of plans: that of a plan without a path.
local function index_key(self)
  return folder_cache.key(self.workspace.root, "")
end

--- The index of plans that was saved last. It is checked folder by folder when it is used.
---@return promptgen.PlanIndex?
function FolderCache:load_index()
  local record = self.store:get(index_key(self))
  local index = record and record:root() == self.workspace.root
    and require("promptgen.pack").decode(record:payload())
  return type(index) == "table" and index or nil
end

---@param index promptgen.PlanIndex
function FolderCache:save_index(index)
  local bytes = require("promptgen.pack").encode(index)
  if bytes then
    self.store:put(index_key(self), self.handle, {}, bytes)
  end
end

--- Lets go of what was loaded for a plan.
---@param path string
function FolderCache:forget(path)
  self.loaded[path] = nil
end

--- Whether something is stored for a plan, true or not.
---@param path string of the plan
---@return boolean
function FolderCache:has(path)
  return self.store:has(key_of(self, path))
end

--- Adds to `touched` what `keys` has beyond it; true when there was nothing more in `touched`.
local function unite(touched, keys)
  local covered = true
  for kind, paths in pairs(touched) do
    for key in pairs(paths) do
      covered = covered and keys[kind][key] ~= nil
    end
    for key, path in pairs(keys[kind]) do
      paths[key] = path
    end
  end
  return covered
end

--- Stores what a plan's state and prompt rested on, unless that is what was loaded.
---@param path string of the plan
---@param touched table of Workspace:stop_noting; completed with what was loaded
---@param states table<string, table> resolved states by their options
---@return promptgen.store.Record|promptgen.store.Dependency[]|nil rests what that was, when all of it is known
function FolderCache:save(path, touched, states)
  local hit = self.loaded[path]
  local covered = hit and unite(touched, hit.keys) and hit.whole
  for options in pairs(states) do
    covered = covered and hit.states[options] ~= nil
  end
  if covered then
    return hit.record
  end
  local parts, dependencies =
    require("promptgen.folder_record").make(self.workspace, touched, states, hit and hit.states or {})
  if parts then
    self.store:put(key_of(self, path), self.handle, dependencies, parts)
  end
  return dependencies
end

--- Whether a record can be written now; see `problem` for why not.
---@return boolean
function FolderCache:probe()
  local key = folder_cache.overview_key(self.workspace.root, "probe")
  return self.store:put(key, self.handle, {}, ("\0"):rep(PROBE)) and self.store:remove(key)
end

--- Why nothing can be stored, for one warning; nil while all is well.
---@return string?
function FolderCache:problem()
  return self.store:problem()
end

--- How many records were found damaged.
---@return integer
function FolderCache:damaged()
  return self.store:damaged()
end

function FolderCache:close()
  self.store:close()
end

return folder_cache
