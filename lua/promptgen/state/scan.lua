--- One look at the folders of a plan: which files exist for which achievement.
---
--- The plan's own folder is listed first. The flat places and the archives are listed only by
--- `scan.outer`, when the own folder leaves something open. Nothing here reads a file.
local layout = require "promptgen.layout"
local names = require "promptgen.state.names"

local scan = {}

---@class promptgen.state.File: promptgen.state.Name
---@field path string
---@field name string
---@field archive boolean

---@class promptgen.state.Slot files of one achievement
---@field approved? promptgen.state.File
---@field fix? promptgen.state.File
---@field resolution? promptgen.state.File
---@field skipped? promptgen.state.File
---@field subplan? promptgen.state.File
---@field executions promptgen.state.File[]

---@class promptgen.state.Scan
---@field slots table<string, promptgen.state.Slot>
---@field undefined promptgen.state.File[] files whose code fits no number of the plan
---@field ambiguous { file: promptgen.state.File, candidates: string[] }[]
---@field has_feedback boolean
---@field parallel? string the file about parallel work: with the feature in its name, else parallel.json
---@field plans string[] other plans in the very folder
---@field shared boolean other plans use the folder
---@field collects boolean the folder collects plans, by its name or by what is in it
---@field listed table<string, boolean>

local OWN_FOLDERS = {
  subplans = true, execution = true, documentation = true, planning = true, summary = true,
}

local function list(ctx, dir)
  local entries, err = ctx.ws:list(dir)
  if entries then
    return entries
  end
  if err and err.code ~= "not_found" and err.code ~= "not_directory" then
    ctx.warnings:add("unreadable_folder", dir, nil, "cannot be listed: " .. tostring(err.message))
  end
end

local function is_plan(entry)
  return entry.type ~= "dir" and entry.name:find("^PLAN_.+%.[mM][dD]$") ~= nil
end

--- True when other plans lie in this folder or in folders below it.
local function has_neighbours(ctx, dir, entries, own_name)
  for _, entry in ipairs(entries) do
    if is_plan(entry) and entry.name ~= own_name then
      return true
    end
  end
  for _, entry in ipairs(entries) do
    if entry.type == "dir" and not OWN_FOLDERS[entry.name] then
      for _, inner in ipairs(list(ctx, layout.join(dir, entry.name)) or {}) do
        if is_plan(inner) then
          return true
        end
      end
    end
  end
  return false
end

--- A copy in an archive gives way to the file itself, a longer name to a shorter one.
local function better(new, old)
  if new.suffix == nil or old.suffix == nil then
    return new.suffix == nil and old.suffix ~= nil
  end
  return false
end

--- Gives a file to an achievement.
function scan.assign(self, file, number)
  local slot = self.slots[number]
  if not slot then
    slot = { executions = {} }
    self.slots[number] = slot
  end
  local kind = file.kind
  if kind == "execution" then
    for _, other in ipairs(slot.executions) do
      if other.name == file.name then
        return
      end
    end
    slot.executions[#slot.executions + 1] = file
  elseif not slot[kind] or better(file, slot[kind]) then
    slot[kind] = file
  end
end

local FEEDBACK = { approved = true, fix = true, resolution = true, skipped = true }

local function sort_file(self, file, codes)
  if FEEDBACK[file.kind] then
    self.has_feedback = true
  end
  local number, candidates = codes:decode(file.code)
  if number then
    scan.assign(self, file, number)
  elseif candidates then
    self.ambiguous[#self.ambiguous + 1] = { file = file, candidates = candidates }
  else
    self.undefined[#self.undefined + 1] = file
  end
end

local REFUSED = {
  foreign = { "foreign_file", "belongs to another feature and is left out" },
  unclear = { "unclear_name", "has no achievement number that can be read and is left out" },
  untagged = { "shared_feedback", "names no feature, several plans share the folder: left out" },
}

local function refuse(ctx, place, entry, why)
  if why == "untagged" or why and place.own then
    local code, message = table.unpack(REFUSED[why])
    ctx.warnings:add(code, layout.join(place.dir, entry.name), nil, entry.name .. " " .. message)
  end
end

local function take(self, ctx, place, entry)
  local file, why = names.read(entry.name, ctx.features)
  if not file then
    return refuse(ctx, place, entry, why)
  elseif not file.tagged and not place.own then
    return refuse(ctx, place, entry, self.collects and "untagged" or nil)
  end
  file.name = entry.name
  file.path = layout.join(place.dir, entry.name)
  file.archive = place.archive
  if entry.type ~= "file" and entry.type ~= "link" then
    ctx.warnings:add("not_a_file", file.path, nil, "is not a regular file and is left out")
    return
  end
  sort_file(self, file, ctx.codes)
end

--- Takes the files of a folder; returns the names of its subfolders.
local function take_all(self, ctx, place, entries)
  local folders = {}
  for _, entry in ipairs(entries) do
    if entry.type == "dir" then
      folders[entry.name] = true
    end
    take(self, ctx, place, entry)
  end
  return folders
end

--- Looks at `subplans/`, `execution/` and `execution/feedbacks/` below a folder already listed.
local function take_work(self, ctx, place, entries)
  local folders = take_all(self, ctx, place, entries)
  local function below(name, dir)
    local path = layout.join(dir, name)
    local found = list(ctx, path)
    return found and take_all(self, ctx,
      { dir = path, own = place.own, archive = place.archive }, found), path
  end
  if folders.subplans then
    below("subplans", place.dir)
  end
  if folders.execution then
    local inner, path = below("execution", place.dir)
    if inner and inner.feedbacks then
      below("feedbacks", path)
    end
  end
end

--- True below a folder of archives, where older work may be numbered serially.
local function in_archive(dir)
  return ("/" .. dir .. "/"):find "[/%-_]archives?/" ~= nil
end

--- Lists the plan's own folder. `ctx` has ws, plan, codes, features, warnings.
---@return promptgen.state.Scan
function scan.own(ctx)
  local self = {
    slots = {}, undefined = {}, ambiguous = {}, has_feedback = false, listed = {}, plans = {},
    shared = false,   -- other plans use the folder
    collects = false, -- the folder collects plans, by its name or by what is in it
  }
  local dir, own_name = layout.split(ctx.plan.path)
  local guess = layout.guess(ctx.plan.path, ctx.feature)
  local entries = list(ctx, dir) or {}
  if guess == "flat" or guess == nil then
    self.shared = has_neighbours(ctx, dir, entries, own_name)
    self.collects = guess == "flat" or self.shared
  end
  if not self.collects then
    local _, folder = layout.split(dir)
    ctx.features[#ctx.features + 1] = folder
  end
  local tagged = layout.tagged_parallel(ctx.feature)
  for _, entry in ipairs(entries) do
    local known = entry.name == tagged or entry.name == "parallel.json" and not self.parallel
    if known and entry.type ~= "dir" then
      self.parallel = layout.join(dir, entry.name)
    elseif is_plan(entry) and entry.name ~= own_name then
      self.plans[#self.plans + 1] = entry.name
    end
  end
  self.listed[dir] = true
  take_work(self, ctx, { dir = dir, own = not self.shared, archive = in_archive(dir) }, entries)
  if guess == "archived" then
    local home = layout.split(dir)
    self.listed[home] = true
    take_work(self, ctx, { dir = home, own = true, archive = true }, list(ctx, home) or {})
  end
  return self
end

--- The archive a plan states, as a path below the root; nil when it states none or a placeholder.
local function stated_archive(plan)
  local path = plan.archive_location
  if not path or path:find("[%[%]<>*{}%c]") or path:find("^[/~]") then
    return nil
  end
  path = path:gsub("^%./", ""):gsub("/+$", "")
  if path == "" or ("/" .. path .. "/"):find("/%.%.?/") then
    return nil
  end
  return path
end

local ARCHIVE = "documentation/archive"

--- Lists the flat places and the archives by feature name, and adds what they hold.
---@param self promptgen.state.Scan
function scan.outer(self, ctx)
  local function visit(dir, own, archive)
    if not dir or self.listed[dir] then
      return nil
    end
    self.listed[dir] = true
    local entries = list(ctx, dir)
    if entries then
      take_work(self, ctx, { dir = dir, own = own, archive = archive }, entries)
    end
    return entries
  end
  local space = layout.work_space((layout.split(ctx.plan.path)))
  visit(space, self.collects and not self.shared, in_archive(space))
  local stated = stated_archive(ctx.plan)
  local archives = visit(ARCHIVE, false, true)
  if stated and (archives or stated:sub(1, #ARCHIVE + 1) ~= ARCHIVE .. "/") then
    visit(stated, true, true)
  end
  if archives then
    visit(layout.join(ARCHIVE, ctx.feature), true, true)
  end
end

return scan
