--- How `@NAME` and paths are found beyond a folder directly below the plans root: by the index of plans,
--- by file, by path.
local candidates = require "promptgen.lazy" "promptgen.candidates"
local errors = require "promptgen.lazy" "promptgen.errors"
local resolver = require "promptgen.resolver"

local search = {}

local in_folder = resolver.in_folder

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

function search.no_plan(target, name, index)
  return nil, candidates.not_found(target, name, index, "no plan has this name")
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
function search.by_name(ws, target, name)
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
  return search.no_plan(target, name, index)
end

--- A file's name as it would be written after an @.
local function bare(name)
  return resolver.feature_of(name) or (name:gsub("%.[mM][dD]$", ""))
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
function search.by_file(ws, target, name)
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
function search.readings(ws, path)
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

function search.by_path(ws, target, paths)
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

return search
