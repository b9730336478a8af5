--- What `@NAME` and paths on the command line mean: the one resolver behind every surface.
---
--- Case never matters (ASCII letters), an exact hit beats a prefix and a prefix a part of a name, and
--- two hits of one kind are an error that lists them.
local candidates = require "promptgen.lazy" "promptgen.candidates"
local errors = require "promptgen.lazy" "promptgen.errors"
local search = require "promptgen.lazy" "promptgen.search"

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

--- The feature of a PLAN file's name, or nil for another name.
---@param name string
---@return string? feature
function resolver.feature_of(name)
  return name:match("^[Pp][Ll][Aa][Nn]_(.+)%.[mM][dD]$")
end

--- PLAN files of one listing, the one named like its folder apart.
local function plan_files(entries, dir)
  local folder = (dir:match("([^/]+)$") or ""):lower()
  local own, all = nil, {}
  for _, entry in ipairs(entries) do
    local feature = resolver.feature_of(entry.name)
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
function resolver.in_folder(ws, target, dir, entries)
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

--- The file a target means: `@NAME`, `@FILE.md`, or a path of a file or of a plan's folder.
---@param ws promptgen.Workspace
---@param target string
---@return string? path workspace-relative
---@return promptgen.Error? err `not_found` or `ambiguous` with `candidates`; `outside_root`
function resolver.resolve(ws, target)
  if target:find("\0", 1, true) then
    return nil, errors.new { code = "bad_input", path = target, message = "the name contains a NUL byte" }
  elseif target:sub(1, 1) ~= "@" then
    return search.by_path(ws, target, search.readings(ws, target))
  end
  local name = target:sub(2):gsub("/+$", "")
  if name:find("/", 1, true) then
    return search.by_path(ws, target, { name, PLANS .. "/" .. name })
  elseif name == "" or name == "." or name == ".." then
    local index, err = ws:index()
    if not index then
      return nil, err
    end
    return search.no_plan(target, name, index)
  elseif name:lower():find("%.md$") then
    return search.by_file(ws, target, name)
  end
  local dir, found = direct_folder(ws, target, name)
  if dir then
    return resolver.in_folder(ws, target, dir, found)
  elseif found then
    return nil, found
  end
  return search.by_name(ws, target, name)
end

return resolver
