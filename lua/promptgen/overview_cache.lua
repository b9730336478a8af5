--- What a command says of every plan, kept between runs in one record of the store: a warm overview of
--- thousands of plans reads one file, compares signatures, and prints.
---
--- The record rests on all that the plans rest on, and on the folders in which they were found. When
--- some of that has changed, the words about all other plans are still true and are used.
local overview_cache = {}

local LENGTHS = "<I4"
local LENGTHS_SIZE = 4

---@class promptgen.KeptOverview
---@field values any[]? in the order of the plans' paths; nil unless nothing has changed
---@field private record promptgen.store.Record
---@field private rows table<string, {value: any, rests: string}> by path

--- The part of a payload after the values: paths, and what each rests on.
local function read_rows(record, values, first)
  local rests = require("promptgen.pack").decode(record:payload(first))
  if type(rests) ~= "table" or type(rests.paths) ~= "table" or type(rests.rests) ~= "table" then
    return nil
  end
  local rows = {}
  for i, path in ipairs(rests.paths) do
    rows[path] = { value = values[i], rests = rests.rests[i] }
  end
  return rows
end

local function count_hits(workspace, record, states)
  workspace:count("hits", "plan_cache", record:count "file")
  workspace:count("hits", "directory_cache", record:count "dir")
  workspace:count("hits", "status_cache", states)
end

--- What is kept under a name.
---@param cache promptgen.FolderCache
---@param name string of the command's words and the options they depend on
---@return promptgen.KeptOverview?
function overview_cache.load(cache, name)
  local key = require("promptgen.folder_cache").overview_key(cache.workspace.root, name)
  local record, found = cache.store:fetch_each(key, cache.handle)
  if not record then
    require("promptgen.totals").discarded(found)
    return nil
  end
  local prefix = record:payload(1, LENGTHS_SIZE)
  local size = #prefix == LENGTHS_SIZE and LENGTHS:unpack(prefix) or 0
  local values = require("promptgen.pack").decode(record:payload(LENGTHS_SIZE + 1, LENGTHS_SIZE + size))
  if type(values) ~= "table" then
    return nil
  elseif found ~= "stale" then
    count_hits(cache.workspace, record, #values)
    record:close()
    return { values = values }
  end
  local rows = read_rows(record, values, LENGTHS_SIZE + size + 1)
  return rows and { record = record, rows = rows }
end

---@class promptgen.OverviewBuilder gathers an overview for the store
---@field private cache promptgen.FolderCache
---@field private name string
---@field private kept? promptgen.KeptOverview an earlier one
---@field private rows table<string, {value: any, rests: string}> by path; positions in `dependencies`
local Builder = {}
Builder.__index = Builder

---@param cache promptgen.FolderCache
---@param name string
---@param kept? promptgen.KeptOverview
---@return promptgen.OverviewBuilder
function overview_cache.new(cache, name, kept)
  return setmetatable({
    cache = cache, name = name, kept = kept, rows = {},
    dependencies = require("promptgen.store").dependencies(),
  }, Builder)
end

--- Takes the value of a plan over from the earlier overview, if it is still true.
---@param path string
---@return any value nil when it has to be made
function Builder:take(path)
  local row = self.kept and self.kept.rows[path]
  local record = row and self.kept.record
  if not row or not record:holds(row.rests) then
    return nil
  end
  self.rows[path] = { value = row.value, rests = self.dependencies:add(record, row.rests) }
  self.cache.workspace:count("hits", "status_cache")
  return row.value
end

--- Adds a value that was made.
---@param path string
---@param value any what can be packed
---@param rests promptgen.store.Record|promptgen.store.Dependency[]|nil nil: nothing will be stored
function Builder:add(path, value, rests)
  self.rows[path] = rests and { value = value, rests = self.dependencies:add(rests) }
end

--- The payload for plans in this order; nil when one of them was not added.
local function payload_of(rows, paths)
  local values, rests = {}, {}
  for i, path in ipairs(paths) do
    local row = rows[path]
    if not row then
      return nil
    end
    values[i], rests[i] = row.value, row.rests
  end
  local pack = require "promptgen.pack"
  local packed_values, packed_rests = pack.encode(values), pack.encode { paths = paths, rests = rests }
  return packed_values and packed_rests and LENGTHS:pack(#packed_values) .. packed_values .. packed_rests
end

--- Stores the overview, unless something is not known of what it rests on.
---@param index promptgen.PlanIndex in which the plans were found
---@param paths string[] of all of them, in order
function Builder:save(index, paths)
  local found = require("promptgen.plan_index").dependencies(index)
  local payload = found and payload_of(self.rows, paths)
  if not payload then
    return
  end
  self.dependencies:add(found)
  if not self.dependencies:mixed() then
    local key = require("promptgen.folder_cache").overview_key(self.cache.workspace.root, self.name)
    self.cache.store:put(key, self.cache.handle, self.dependencies, payload)
  end
end

--- Lets go of the earlier overview.
function Builder:close()
  self.dependencies:close()
  if self.kept then
    self.kept.record:close()
  end
end

return overview_cache
