--- What the caches of a process hold, and whether it still holds: for the parent and for the worker.
local caches = {}

local ENTRIES_MAX = 1000

---@class promptgen.repl.CacheReport plain data
---@field stats promptgen.cache.Stats
---@field entries? promptgen.repl.EntryReport[]

---@class promptgen.repl.EntryReport : promptgen.cache.Entry
---@field what string what the value is, in a few words
---@field signature? string of the file it was made of

--- A value in a few words, without asking it anything.
local function describe(value)
  if type(value) == "table" and rawget(value, "err") ~= nil then
    return "nothing there"
  elseif type(value) == "table" and rawget(value, "revive") ~= nil then
    return "promptgen.plan, packed" -- as the disk has it, until the first look
  end
  local kept = type(value) == "table" and rawget(value, "value")
  if kept == nil or kept == false then
    kept = value
  end
  local kind = type(kept)
  if kind == "userdata" then
    return require("promptgen.inspect").type_name(kept) or kind
  elseif kind == "string" then
    return ("%d bytes"):format(#kept)
  elseif kind == "table" then
    return rawlen(kept) > 0 and ("%d entries"):format(rawlen(kept)) or "table"
  end
  return kind
end

local function entries_of(cache)
  local list = cache:entries(ENTRIES_MAX)
  for _, entry in ipairs(list) do
    local value = not entry.negative and cache:peek(entry.key) or nil
    entry.what = entry.negative and "nothing there" or describe(value)
    local signature = type(value) == "table" and rawget(value, "signature")
    entry.signature = type(signature) == "string" and signature or nil
  end
  return list
end

--- The named caches of this process in order of name; with entries for those called `name` ("*": all).
---@param name? string
---@return promptgen.repl.CacheReport[]
function caches.collect(name)
  local list = {}
  for _, cache in ipairs(require("promptgen.cache").all()) do
    local stats = cache:stats()
    list[#list + 1] = { stats = stats, entries = (name == "*" or stats.name == name) and entries_of(cache) or nil }
  end
  table.sort(list, function(a, b) return a.stats.name < b.stats.name end)
  return list
end

local function ago(seconds)
  if seconds < 1 then
    return "now"
  elseif seconds < 120 then
    return ("%d s"):format(seconds // 1)
  elseif seconds < 7200 then
    return ("%d min"):format(seconds // 60)
  end
  return ("%d h"):format(seconds // 3600)
end

caches.age = ago

local function change_of(before, after)
  if before.absent then
    return "the file has appeared"
  elseif before.size ~= after.size then
    return ("%d bytes, was %d"):format(after.size, before.size)
  elseif before.inode ~= after.inode then
    return "another file has taken its place"
  elseif before.mtime ~= after.mtime then
    return "written since"
  end
  return "its times or permissions were set"
end

--- Whether an entry would answer now, and why not, by the file it was made of.
---@param workspace promptgen.Workspace of the parent
---@param entry promptgen.repl.EntryReport
---@return string verdict "valid", "expired", "changed", "gone", "doubtful"
---@return string why
function caches.validity(workspace, entry)
  if type(entry.left) == "number" and entry.left < 0 then
    return "expired", ("expired %s ago"):format(ago(-entry.left))
  elseif type(entry.signature) ~= "string" then
    return "valid", "holds until it is given up"
  end
  local fs = require "promptgen.fs"
  if #entry.signature ~= #fs.absent then
    return "valid", "holds until it is given up"
  end
  local path = entry.key:match "^[^%z]*"
  local freshness = workspace.backend.check(path, entry.signature)
  if freshness == "fresh" then
    return "valid", "the file is as it was"
  elseif freshness == "doubtful" then
    return "doubtful", "its content is compared at the next look"
  end
  local stat = workspace.backend.stat(path)
  if not stat then
    return "gone", "the file is gone"
  end
  return "changed", change_of(fs.describe(entry.signature), fs.describe(stat.signature))
end

return caches
