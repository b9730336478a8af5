--- Plans between runs: one stored record per plan holds every document and listing that its state
--- rests on, each with its signature, so that the next run parses nothing.
---
--- A record is used only if all it depends on is as it was, absent files included. The store is
--- trusted with nothing else: without it every answer is the same.
local folder_cache = {}

--- Raised when the meaning of the payload changes.
folder_cache.version = 1

---@class promptgen.FolderCache
---@field store promptgen.store.Store
---@field workspace promptgen.Workspace
local FolderCache = {}
FolderCache.__index = FolderCache

local KINDS = { "documents", "listings", "contents" }

--- Text that differs when anything in plain data differs.
local function canonical(value)
  if type(value) ~= "table" then
    return type(value):sub(1, 1) .. tostring(value) .. "\0"
  end
  local parts = {}
  for key, item in pairs(value) do
    parts[#parts + 1] = canonical(key) .. canonical(item)
  end
  table.sort(parts)
  return "{" .. table.concat(parts) .. "}"
end

--- Number of all that decides what a stored record means: its layout, the program that parsed, the
--- patterns it used.
---@param patterns? table of the workspace
---@return integer
function folder_cache.schema(patterns)
  local parts = {
    folder_cache.version, require("promptgen.plan").schema(),
    require("promptgen.store").program_version(), patterns or false,
  }
  return tonumber(require("promptgen.fs").hash(canonical(parts)):sub(1, 15), 16)
end

--- Key of the record of a plan.
---@param root string absolute path of the workspace
---@param path string of the plan, relative to it
---@return string
function folder_cache.key(root, path)
  return root .. "\0" .. path
end

--- Workspace and plan of a key.
---@param key string
---@return string root
---@return string? path
function folder_cache.split(key)
  local root, path = key:match("^([^%z]*)%z(.*)$")
  return root or key, path
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

--- The value of a kept entry from its stored form; false stands for a known absence.
local function revive(kind, stored, path)
  if stored == false then
    return { err = require("promptgen.status").error {
      code = "not_found", path = path, message = "there is no such file or directory",
    } }
  elseif kind ~= "documents" then
    return { value = stored }
  end
  local record = require("promptgen.plan").load(stored)
  return record and { value = record }
end

local function by_path(dependencies)
  local map = {}
  for _, dependency in ipairs(dependencies) do
    map[dependency.path] = dependency
  end
  return map
end

local function fill(self, payload, dependencies)
  local keys = {}
  for _, kind in ipairs(KINDS) do
    local cache = self.workspace[kind]
    keys[kind] = {}
    for key, row in pairs(payload[kind]) do
      local path, stored = row[1], row[2]
      local kept, dependency = revive(kind, stored, path), dependencies[path]
      if not kept or not dependency then
        return nil
      end
      kept.signature, kept.hash = dependency.signature, dependency.hash
      if dependency.kind == "absent" then
        kept.signature = require("promptgen.fs").absent
      end
      cache:set(key, kept)
      keys[kind][key] = true
    end
  end
  return keys
end

--- Fills the workspace with what is stored for a plan and still true.
---@param path string of the plan
---@return boolean hit
---@return string? reason of a miss
function FolderCache:load(path)
  local record, reason = self.store:fetch(key_of(self, path), self.handle)
  if not record then
    return false, reason
  end
  local payload = require("promptgen.pack").decode(record:payload())
  local keys = type(payload) == "table" and fill(self, payload, by_path(record:dependencies()))
  record:close()
  self.loaded[path] = keys or nil
  return keys and true or false, not keys and "layout" or nil
end

--- True when everything used came from the stored record.
local function covered(loaded, touched)
  if not loaded then
    return false
  end
  for kind, keys in pairs(touched) do
    for key in pairs(keys) do
      if not loaded[kind][key] then
        return false
      end
    end
  end
  return true
end

local function stored_form(kind, kept)
  if kept.err then
    return false
  end
  return kind == "documents" and require("promptgen.plan").dump(kept.value) or kept.value
end

local function dependency_of(kind, path, kept)
  if kept.err then
    return { path = path, kind = "absent" }
  elseif kind == "listings" then
    return { path = path, kind = "dir", signature = kept.signature,
      hash = require("promptgen.store").listing_hash(kept.value) }
  end
  return { path = path, kind = "file", signature = kept.signature, hash = kept.hash }
end

--- Payload and dependencies of what was used; nil when an entry was not kept.
local function collect(self, touched)
  local payload, dependencies, seen = {}, {}, {}
  for _, kind in ipairs(KINDS) do
    payload[kind] = {}
    for key, path in pairs(touched[kind]) do
      local kept = self.workspace[kind]:peek(key)
      if not kept then
        return nil
      end
      payload[kind][key] = { path, stored_form(kind, kept) }
      if not seen[path] then
        seen[path] = true
        dependencies[#dependencies + 1] = dependency_of(kind, path, kept)
      end
    end
  end
  return payload, dependencies
end

--- Stores what a plan's state rested on, unless that is what was loaded.
---@param path string of the plan
---@param touched table of Workspace:stop_noting
---@return boolean written
function FolderCache:save(path, touched)
  if covered(self.loaded[path], touched) then
    return false
  end
  local payload, dependencies = collect(self, touched)
  local bytes = payload and require("promptgen.pack").encode(payload)
  return bytes and self.store:put(key_of(self, path), self.handle, dependencies, bytes) or false
end

--- Why nothing can be stored, for one warning; nil while all is well.
---@return string?
function FolderCache:problem()
  return self.store:problem()
end

function FolderCache:close()
  self.store:close()
end

return folder_cache
