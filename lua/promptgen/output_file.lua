--- A file that the user has named for a report. It may lie anywhere; it is written as a whole or not at all.
local errors = require "promptgen.errors"

local output_file = {}

--- The folder, opened, and the name in it.
local function locate(app, path)
  local full = path
  if path:sub(1, 1) ~= "/" then
    local cwd, err = app:cwd()
    if not cwd then
      return nil, nil, err
    end
    full = cwd .. "/" .. path
  end
  local folder, name = full:match "^(.*)/([^/]+)$"
  if not folder then
    return nil, nil, errors.new { code = "usage", message = ("'%s' names no file"):format(path) }
  end
  local root, err = require("promptgen.fs").root(folder == "" and "/" or folder)
  return root, name, err
end

--- Calls `act(root, name)` in the file's folder; what goes wrong names the path as the user gave it.
local function within(app, path, act)
  local root, name, err = locate(app, path)
  local done
  if root then
    done, err = act(root, name)
    root:close()
  end
  if done then
    return true
  end
  err.path = path
  if err.code == "not_regular" then
    err.hint = "name a file that is not there yet, or a regular one to be replaced"
  end
  return nil, err
end

--- Replaces the file by `text`.
---@param app promptgen.App
---@param path string absolute, or relative to the current directory
---@param text string
---@return boolean? ok
---@return promptgen.Error? err `usage` for what names no file; `not_found`, `permission`, `not_regular`, `io`
function output_file.write(app, path, text)
  return within(app, path, function(root, name) return root:write(name, text) end)
end

--- A file of another name in the same folder shows whether one can be written there.
local function try(root, name)
  local there = root:stat(name)
  if there and there.type ~= "file" then
    return nil, errors.new { code = "not_regular", message = "something else than a regular file is there" }
  end
  local trial = ".promptgen-" .. require("promptgen.fs").hash(name)
  local written, err = root:write(trial, "")
  if written then
    written, err = root:remove(trial)
  end
  return written, err
end

--- Whether `write` is going to succeed, as far as that can be known: for work that is long or visible.
---@param app promptgen.App
---@param path string
---@return boolean? ok
---@return promptgen.Error? err as of `write`
function output_file.check(app, path)
  return within(app, path, try)
end

return output_file
