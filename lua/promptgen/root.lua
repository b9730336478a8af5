--- Which directory is the workspace: the one named, else the nearest one upwards that looks like one.
local errors = require "promptgen.lazy" "promptgen.errors"

local root = {}

--- What makes a directory a workspace; the first that is there counts.
root.markers = { "promptgen.lua", "work-space/plans/" }

local function absolute(cwd, path)
  return path:sub(1, 1) == "/" and path or cwd .. "/" .. path
end

--- A directory the user named: it need not look like a workspace yet.
local function named(cwd, path, origin)
  local handle, err = require("promptgen.fs").root(absolute(cwd, path))
  if not handle then
    err.path = path
    err.hint = ("%s names the workspace"):format(origin)
    return nil, err
  end
  local found = handle:path()
  handle:close()
  return found
end

---@class (exact) promptgen.RootQuery
---@field cwd string current directory, absolute; the search starts there
---@field explicit? string what --root says
---@field env? string what $PROMPTGEN_ROOT says; "" = nothing

--- The absolute path of the workspace: `explicit`, else `env`, else the nearest directory from `cwd`
--- upwards with `promptgen.lua` or `work-space/plans/`.
---@param query promptgen.RootQuery
---@return string? path
---@return promptgen.Error? err `not_found`, `not_directory`; `permission` for one that another user
--- controls, unless it was named
function root.find(query)
  if query.explicit then
    return named(query.cwd, query.explicit, "--root")
  elseif query.env and query.env ~= "" then
    return named(query.cwd, query.env, "PROMPTGEN_ROOT")
  end
  local found, err = require("promptgen.fs").find_up(query.cwd, root.markers)
  if found then
    return found
  elseif err.code ~= "not_found" then
    return nil, err
  end
  return nil, errors.new {
    code = "not_found", path = query.cwd,
    message = "neither this directory nor one above it is a workspace",
    hint = { "a workspace has promptgen.lua or work-space/plans/; `promptgen init` makes one",
      "--root DIR or PROMPTGEN_ROOT names one elsewhere" },
  }
end

return root
