--- Which plans a workspace has: an index of the folders that hold PLAN files.
---
--- It is plain data ({version, dirs = {path → {signature, dirs, files}}}), so that it can be kept
--- between runs. Refreshing it costs one check per known folder; only a folder that changed is
--- listed again. The walk never enters a plan's own folders, hidden ones, or links.
local feature_of = require("promptgen.resolver").feature_of

local plan_index = {}

plan_index.version = 2

--- Where plans live. `deep` folders are walked, of the others only the files are seen.
plan_index.places = {
  { path = "work-space/plans", deep = true },
  { path = "work-space/backlog-plans", deep = true },
  { path = "work-space" },
  { path = "." },
}

--- Folders inside a plan's folder that hold its work, never other plans.
plan_index.own_folders = {
  subplans = true, execution = true, documentation = true, planning = true, summary = true,
}

local MAX_FOLDERS = 100000

---@class promptgen.IndexedPlan
---@field path string of the PLAN file
---@field folder string name of its folder; "" when that does not name it (top of a place, or a
--- folder with a plan of its own name)
---@field feature string its file name without PLAN_ and .md

---@class promptgen.PlanIndex
---@field version integer
---@field dirs table<string, {signature: string?, hash: string, dirs: string[], files: string[]}>
---@field order string[] paths of `dirs`, in the order of the walk
---@field plans promptgen.IndexedPlan[] sorted by path
---@field skipped promptgen.Error[] folders that could not be listed
---@field changed boolean it differs from the earlier one

local function join(dir, name)
  return dir == "." and name or dir .. "/" .. name
end

--- Markdown files and folders worth walking of one listing. What has the name of a PLAN counts as one
--- whatever it is: who reads it is told what it is instead.
local function digest(entries)
  local dirs, files = {}, {}
  for _, entry in ipairs(entries) do
    local name = entry.name
    if feature_of(name) then
      files[#files + 1] = name
    elseif entry.type == "dir" then
      if name:sub(1, 1) ~= "." and not plan_index.own_folders[name:lower()] then
        dirs[#dirs + 1] = name
      end
    elseif entry.type ~= "other" and name:find("%.[mM][dD]$") then
      files[#files + 1] = name
    end
  end
  return dirs, files
end

--- The record of one folder: the old one when nothing about it has changed.
local function look(backend, dir, old)
  if old and old.signature and backend.check and backend.check(dir, old.signature) == "fresh" then
    return old
  end
  local entries, signature = backend.list(dir)
  if not entries then
    return nil, signature
  end
  signature = type(signature) == "string" and signature or nil
  local hash = require("promptgen.store").listing_hash(entries)
  if old and old.signature == signature and old.hash == hash then
    return old
  end
  local dirs, files = digest(entries)
  return { signature = signature, hash = hash, dirs = dirs, files = files }
end

--- Whether every folder the index knows, and every place it knows to be missing, is as it was.
local function still_holds(backend, index)
  if not backend.check or #index.skipped > 0 then
    return false
  end
  for _, place in ipairs(plan_index.places) do
    local path = place.path
    if not index.dirs[path] and not (backend.absent and backend.check(path, backend.absent) == "fresh") then
      return false
    end
  end
  for _, dir in ipairs(index.order) do
    local signature = index.dirs[dir].signature
    if not signature or backend.check(dir, signature) ~= "fresh" then
      return false
    end
  end
  return true
end

--- Adds the plans of one folder. The folder's name is a name of its plan: of the one named like it,
--- else of each.
local function add_plans(index, dir, record, at_top)
  local folder = at_top and "" or dir:match("([^/]+)$")
  local found, owned = {}, false
  for _, name in ipairs(record.files) do
    local feature = feature_of(name)
    if feature then
      found[#found + 1] = { path = join(dir, name), feature = feature }
      owned = owned or feature:lower() == folder:lower()
    end
  end
  for _, plan in ipairs(found) do
    plan.folder = (not owned or plan.feature:lower() == folder:lower()) and folder or ""
    index.plans[#index.plans + 1] = plan
  end
end

local function walk(backend, index, old, place)
  local stack = { place.path }
  while #stack > 0 do
    local dir = table.remove(stack)
    local known = old.dirs[dir]
    local record, err = look(backend, dir, known)
    if record then
      index.changed = index.changed or record ~= known
      index.dirs[dir] = record
      index.order[#index.order + 1] = dir
      add_plans(index, dir, record, dir == place.path)
      for i = #record.dirs, 1, -1 do
        stack[#stack + 1] = place.deep and join(dir, record.dirs[i]) or nil
      end
    elseif err.code ~= "not_found" then
      index.skipped[#index.skipped + 1] = err
    end
    if #index.order > MAX_FOLDERS then
      return nil, require("promptgen.errors").new {
        code = "limit", path = place.path, message = ("more than %d folders of plans"):format(MAX_FOLDERS),
      }
    end
  end
  return true
end

--- What an index rests on; nil when that cannot be said of a folder.
---@param index promptgen.PlanIndex
---@return promptgen.store.Dependency[]?
function plan_index.dependencies(index)
  local list = {}
  for _, place in ipairs(plan_index.places) do
    if not index.dirs[place.path] then
      list[#list + 1] = { path = place.path, kind = "absent" }
    end
  end
  for _, dir in ipairs(index.order) do
    local record = index.dirs[dir]
    if not record.signature then
      return nil
    end
    list[#list + 1] = { path = dir, kind = "dir", signature = record.signature, hash = record.hash }
  end
  return #index.skipped == 0 and list or nil
end

--- An index as the files are now.
---@param backend promptgen.Backend
---@param old? promptgen.PlanIndex an earlier one; returned itself when it still holds
---@return promptgen.PlanIndex? index
---@return promptgen.Error? err `limit`
function plan_index.refresh(backend, old)
  if not old or old.version ~= plan_index.version then
    old = { dirs = {}, order = {} }
  elseif still_holds(backend, old) then
    old.changed = false
    return old
  end
  local index = {
    version = plan_index.version, dirs = {}, order = {}, plans = {}, skipped = {}, changed = false,
  }
  for _, place in ipairs(plan_index.places) do
    local ok, err = walk(backend, index, old, place)
    if not ok then
      return nil, err
    end
  end
  index.changed = index.changed or #index.order ~= #old.order
  table.sort(index.plans, function(a, b) return a.path < b.path end)
  return index
end

return plan_index
