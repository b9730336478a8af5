--- What `@NAME` and paths on the command line mean: the one resolver behind every surface.
---
--- Case never matters (ASCII letters), an exact hit beats a prefix and a prefix a part of a name, and
--- two hits of one kind are an error that lists them.
local candidates = require "promptgen.lazy" "promptgen.candidates"
local errors = require "promptgen.lazy" "promptgen.errors"
local plan_index = require "promptgen.lazy" "promptgen.plan_index"

local resolver = {}

local PLANS = "work-space/plans"

--- "a/b" without empty and "." components; nil when ".." climbs out.
---@param path string
---@return string? clean "." for nothing left
function resolver.clean(path)
  local out = {}
  for component in path:gmatch("[^/]+") do
    if component == ".." then
      if #out == 0 then
        return nil
      end
      out[#out] = nil
    elseif component ~= "." then
      out[#out + 1] = component
    end
  end
  return #out > 0 and table.concat(out, "/") or "."
end

--- One path, or an error that lists several. Of names that differ in case only, the one written
--- exactly as asked wins.
---@param hits {path: string, folder: string?, feature: string?, name: string?}[] one or more
local function only(target, hits, name)
  if #hits == 1 then
    return hits[1].path
  end
  local paths, exact = {}, {}
  for i, hit in ipairs(hits) do
    paths[i] = hit.path
    if hit.folder == name or hit.feature == name or hit.name == name then
      exact[#exact + 1] = hit.path
    end
  end
  if #exact == 1 then
    return exact[1]
  end
  return nil, candidates.ambiguous(target, paths)
end

local function no_plan(target, name, index)
  return nil, candidates.not_found(target, name, index, "no plan has this name")
end

--- PLAN files of one listing, the one named like its folder apart.
local function plan_files(entries, dir)
  local folder = (dir:match("([^/]+)$") or ""):lower()
  local own, all = nil, {}
  for _, entry in ipairs(entries) do
    local feature = plan_index.feature_of(entry.name)
    if feature then
      all[#all + 1] = dir .. "/" .. entry.name
      own = feature:lower() == folder and all[#all] or own
    end
  end
  return own, all
end

--- Plans anywhere below `dir`, for a group folder that has none of its own.
local function plans_below(ws, dir)
  local index = ws:index()
  local out = {}
  for _, plan in ipairs(index and index.plans or {}) do
    if plan.path:sub(1, #dir + 1) == dir .. "/" then
      out[#out + 1] = plan.path
    end
  end
  return out
end

--- The PLAN of a folder.
---@param entries promptgen.fs.Entry[] its listing
local function in_folder(ws, target, dir, entries)
  local own, all = plan_files(entries, dir)
  if own or #all == 1 then
    return own or all[1]
  elseif #all > 1 then
    return nil, candidates.ambiguous(target, all)
  end
  local below = plans_below(ws, dir)
  local hints = candidates.shown(below)
  if #below > 0 then
    table.insert(hints, 1, "it is a group of plans:")
  else
    hints[1] = "a plan is a file PLAN_NAME.md in a folder of its own"
  end
  return nil, errors.new {
    code = "not_found", path = target, message = ("%s has no PLAN file of its own"):format(dir),
    hint = #hints > 0 and hints or nil, candidates = below,
  }
end

--- A folder directly below the plans root, which is final: its path and listing. nil and an error
--- when there are several or it cannot be listed; nil when there is none.
local function direct_folder(ws, target, name)
  local dir = PLANS .. "/" .. name
  local entries, err = ws:list(dir)
  if entries then
    return dir, entries
  elseif err.code ~= "not_found" and err.code ~= "not_directory" then
    return nil, err
  end
  local found = {}
  for _, entry in ipairs(ws:list(PLANS) or {}) do
    if entry.name:lower() == name:lower() and entry.type ~= "file" and entry.type ~= "other" then
      found[#found + 1] = PLANS .. "/" .. entry.name
    end
  end
  if #found > 1 then
    return nil, candidates.ambiguous(target, found)
  elseif #found == 0 then
    return nil
  end
  entries, err = ws:list(found[1])
  if not entries then
    return nil, err.code ~= "not_directory" and err or nil
  end
  return found[1], entries
end

local function matching(index, accepts)
  local hits = {}
  for _, plan in ipairs(index.plans) do
    if accepts(plan.folder:lower()) or accepts(plan.feature:lower()) then
      hits[#hits + 1] = plan
    end
  end
  return hits
end

--- Exact names at any depth, then a unique prefix, then a unique part of a name.
local function by_name(ws, target, name)
  local index, err = ws:index()
  if not index then
    return nil, err
  end
  local wanted = name:lower()
  local stem = wanted:match("^plan_(.+)$")
  local tests = {
    function(known) return known == wanted or (stem and known == stem) end,
    function(known) return known:sub(1, #wanted) == wanted or (stem and known:sub(1, #stem) == stem) end,
    function(known) return known:find(wanted, 1, true) ~= nil or (stem and known:find(stem, 1, true) ~= nil) end,
  }
  for _, accepts in ipairs(tests) do
    local hits = matching(index, accepts)
    if #hits > 0 then
      return only(target, hits, name)
    end
  end
  for _, dir in ipairs(index.order) do
    if dir:lower():match("([^/]+)$") == wanted then
      return in_folder(ws, target, dir, ws:list(dir) or {})
    end
  end
  return no_plan(target, name, index)
end

--- A file's name as it would be written after an @.
local function bare(name)
  return plan_index.feature_of(name) or (name:gsub("%.[mM][dD]$", ""))
end

--- Where a file of a plan's own folders would lie, from the feature in its name.
local function work_folders(index, name)
  local dirs = { "work-space/subplans", "work-space/execution" }
  local lower = name:lower()
  for _, plan in ipairs(index.plans) do
    if lower:find("_" .. plan.feature:lower() .. "_", 1, true) then
      local dir = plan.path:match("^(.*)/[^/]*$") or "."
      dirs[#dirs + 1] = dir .. "/subplans"
      dirs[#dirs + 1] = dir .. "/execution"
    end
  end
  return dirs
end

--- `@X.md`: files of that name, in the folders of the index and among the work of plans.
local function by_file(ws, target, name)
  local index, err = ws:index()
  if not index then
    return nil, err
  end
  local wanted, hits, seen = name:lower(), {}, {}
  local function take(dir, known)
    local path = dir == "." and known or dir .. "/" .. known
    if known:lower() == wanted and not seen[path] then
      seen[path] = true
      hits[#hits + 1] = { path = path, name = known }
    end
  end
  for _, dir in ipairs(index.order) do
    for _, known in ipairs(index.dirs[dir].files) do
      take(dir, known)
    end
  end
  for _, dir in ipairs(#hits == 0 and work_folders(index, name) or {}) do
    for _, entry in ipairs(ws:list(dir) or {}) do
      take(dir, entry.name)
    end
  end
  if #hits == 0 then
    return nil, candidates.not_found(target, bare(name), index, "no file has this name")
  end
  return only(target, hits, name)
end

--- The plan a path leads to: the file itself, or the PLAN of a folder. nil, nil when nothing is there.
local function at_path(ws, target, path)
  local stat, err = ws:stat(path)
  if not stat then
    if err.code == "not_found" or err.code == "not_directory" then
      return nil
    end
    return nil, err
  elseif stat.type ~= "dir" then
    return path
  end
  local entries
  entries, err = ws:list(path)
  if not entries then
    return nil, err
  end
  return in_folder(ws, target, path, entries)
end

--- Workspace-relative readings of a path as the user wrote it, in the order they are tried.
local function readings(ws, path)
  local root = ws.root == "/" and "" or ws.root
  local function below(full)
    return full and full:sub(1, #root + 1) == root .. "/" and full:sub(#root + 2) or full == root and "." or nil
  end
  if path:sub(1, 1) == "/" then
    return { below(path) or below(ws:canonical(path)) }
  end
  local cwd = ws.cwd and below(ws.cwd)
  return { cwd and cwd ~= "." and cwd .. "/" .. path or path, path }
end

local function by_path(ws, target, paths)
  local outside = true
  for _, path in ipairs(paths) do
    local clean = resolver.clean(path)
    if clean then
      outside = false
      local found, err = at_path(ws, target, clean)
      if found or err then
        return found, err
      end
    end
  end
  if outside then
    return nil, errors.new {
      code = "outside_root", path = target, message = "the path leads out of the workspace",
      hint = ("the workspace is %s; --root DIR names another"):format(ws.root),
    }
  end
  local index, err = ws:index()
  if not index then
    return nil, err
  end
  local name = target:match("([^/@]+)/*$") or ""
  return nil, candidates.not_found(target, bare(name), index, "there is no such file or directory")
end

--- The file a target means: `@NAME`, `@FILE.md`, or a path of a file or of a plan's folder.
---@param ws promptgen.Workspace
---@param target string
---@return string? path workspace-relative
---@return promptgen.Error? err `not_found` or `ambiguous` with `candidates`; `outside_root`
function resolver.resolve(ws, target)
  if target:find("\0", 1, true) then
    return nil, errors.new { code = "bad_input", path = target, message = "the name contains a NUL byte" }
  elseif target:sub(1, 1) ~= "@" then
    return by_path(ws, target, readings(ws, target))
  end
  local name = target:sub(2):gsub("/+$", "")
  if name:find("/", 1, true) then
    return by_path(ws, target, { name, PLANS .. "/" .. name })
  elseif name == "" or name == "." or name == ".." then
    local index, err = ws:index()
    if not index then
      return nil, err
    end
    return no_plan(target, name, index)
  elseif name:lower():find("%.md$") then
    return by_file(ws, target, name)
  end
  local dir, found = direct_folder(ws, target, name)
  if dir then
    return in_folder(ws, target, dir, found)
  elseif found then
    return nil, found
  end
  return by_name(ws, target, name)
end

return resolver
