--- The script that a command line names.
local errors = require "promptgen.lazy" "promptgen.errors"

local find = {}

--- The script named on the command line: a path that exists (from the current directory, else from
--- the workspace), else a name on the search path.
---@param app table
---@param name string
---@return promptgen.Script? script
---@return promptgen.Error? err
function find.script(app, name)
  local runtime = app:runtime()
  if not name:find("/", 1, true) and not name:match("%.lua$") then
    return runtime:find("workflows/" .. name .. ".lua")
  end
  local found, err = find.path(app, name)
  if found or err.code ~= "not_found" then
    return found, err
  end
  local tail = name:match("(workflows/[^/]+)$")
  if tail then
    return runtime:find(tail)
  end
  err.hint = { "name a workflow file, or a workflow from promptgen workflows" }
  return nil, err
end

local function absolute(dir, path)
  return path:sub(1, 1) == "/" and path or dir .. "/" .. path
end

--- A script by path. Naming it is consent to a restricted run, wherever it lies.
function find.path(app, path)
  local first
  for _, dir in ipairs(app:script_dirs()) do
    local full = absolute(dir, path)
    local folder, base = full:match("^(.*)/([^/]+)$")
    local root = folder and require("promptgen.fs").root(folder == "" and "/" or folder)
    if root then
      local source, err = root:read(base, require("promptgen.runtime").max_source)
      root:close()
      if source then
        local name = path:match("(workflows/[^/]+)$") or path
        local stock = require("promptgen.runtime").is_stock(name, source)
        return { name = name, layer = "path", path = path, source = source, stock = stock, shadowed = {} }
      end
      err.path = path
      first = first or err.code ~= "not_found" and err or nil
    end
  end
  return nil, first or errors.new { code = "not_found", path = path, message = "there is no such workflow file" }
end

return find
