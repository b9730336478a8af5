--- What a run may read and write: the one place that decides, asked by the parent for every request
--- of a worker. Deny beats allow; only flags and the user's own configuration grant.
local errors = require "promptgen.lazy" "promptgen.errors"

local permissions = {}

---@class promptgen.Permissions
local Permissions = {}
Permissions.__index = Permissions

--- Names below a workspace that are never given to a script, as patterns on one path component.
permissions.secret = { "^%.git$", "^%.env", "%.pem$", "%.key$", "^id_" }

--- Whether a path is, or leads through, something that is never given to a script nor written by a
--- command.
---@param path string relative
---@return boolean
function permissions.is_secret(path)
  for component in path:gmatch("[^/]+") do
    local name = component:lower()
    for _, pattern in ipairs(permissions.secret) do
      if name:find(pattern) then
        return true
      end
    end
  end
  return false
end

--- "a/b" without empty and "." components, or nil when ".." leaves the start.
local function clean(path)
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
  return table.concat(out, "/")
end

---@param grants {read?: string[], write?: string[], env?: string[]} absolute directories, names
---@return promptgen.Permissions
function permissions.new(grants)
  return setmetatable({ grants = grants or {} }, Permissions)
end

local function refuse(what, path, flag)
  return nil, errors.new {
    code = "permission", path = path, message = ("the workflow may not %s this file"):format(what),
    hint = flag and ("%s would permit it"):format(flag) or "no flag permits it",
  }
end

local function granted_below(dirs, path)
  for _, dir in ipairs(dirs or {}) do
    local prefix = dir:gsub("/+$", "") .. "/"
    if path:sub(1, #prefix) == prefix then
      return dir, path:sub(#prefix + 1)
    end
  end
end

---@class promptgen.Place
---@field dir? string absolute directory granted by a flag; nil = the workspace
---@field path string below it

local function locate(self, kind, path)
  if type(path) ~= "string" or path == "" or path:find("\0", 1, true) then
    return nil, errors.new { code = "bad_input", message = "a path is a string that is not empty and has no NUL" }
  end
  if path:sub(1, 1) ~= "/" then
    local inside = clean(path)
    if not inside then
      return nil, errors.new { code = "outside_root", path = path, message = "the path leaves the workspace" }
    end
    return { path = inside }
  end
  local dir, rest = granted_below(self.grants[kind], path)
  local inside = dir and clean(rest)
  if not inside then
    return refuse(kind, path, ("--allow-%s=%s"):format(kind, path:match("^(.+)/[^/]*$") or "/"))
  end
  return { dir = dir, path = inside }
end

--- Where a path may be read, or `permission`, `outside_root`, `bad_input`.
---@param path string
---@return promptgen.Place?
---@return promptgen.Error?
function Permissions:reading(path)
  local place, err = locate(self, "read", path)
  if place and permissions.is_secret(place.path) then
    return refuse("read", path)
  end
  return place, err
end

--- Where a path may be written. In the workspace that needs --allow-write for a directory above it;
--- `.git`, secrets, the configuration and the scripts are never written.
---@param path string
---@param root string absolute path of the workspace
---@return promptgen.Place?
---@return promptgen.Error?
function Permissions:writing(path, root)
  local place, err = locate(self, "write", path)
  if not place then
    return nil, err
  end
  local protected = place.path == "promptgen.lua" or place.path:find("^workflows/")
    or permissions.is_secret(place.path)
  if protected and not place.dir then
    return refuse("write", path)
  end
  if place.dir or granted_below(self.grants.write, root .. "/" .. place.path) then
    return place
  end
  return refuse("write", path, ("--allow-write=%s"):format(place.path:match("^(.+)/[^/]*$") or "."))
end

--- The value of an environment variable that --allow-env names.
---@param name string
---@return boolean? allowed
---@return promptgen.Error? err
function Permissions:environment(name)
  for _, granted in ipairs(self.grants.env or {}) do
    if granted == name then
      return true
    end
  end
  return nil, errors.new {
    code = "permission", message = ("the workflow may not read the variable %s"):format(tostring(name)),
    hint = ("--allow-env=%s would permit it"):format(tostring(name)),
  }
end

return permissions
