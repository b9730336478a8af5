--- Writing several files so that either all of them change or none.
---
--- Each file is replaced by rename, and only if it still is what it was when the run began. Before
--- the first of several, an undo log with their old contents goes to the user's state directory; a
--- run that finds one at its start puts the old contents back. Without a state directory the files
--- are still replaced one by one, and rolled back on an error.
local errors = require "promptgen.errors"

local staging = {}

---@class promptgen.StagedFile
---@field root table promptgen.fs root
---@field path string below it
---@field bytes string

local function log_name(root)
  return "undo/" .. require("promptgen.fs").hash(root:path()) .. ".log"
end

local function state_root(state_dir)
  if not state_dir then
    return nil
  end
  local fs = require "promptgen.fs"
  local root = fs.root(state_dir)
  if root then
    return root
  end
  local top = fs.root "/"
  local made = top and top:make_dirs(state_dir:sub(2))
  if top then
    top:close()
  end
  return made and fs.root(state_dir) or nil
end

--- What stands there now: bytes and signature, or the signature of absence.
local function look(file)
  local bytes, signature = file.root:read(file.path)
  if bytes then
    return { bytes = bytes, signature = signature }
  elseif signature.code == "not_found" then
    return { signature = require("promptgen.fs").absent }
  end
  return nil, signature
end

local function put_back(root, path, old)
  if old.bytes then
    return root:write(path, old.bytes, {})
  end
  return root:remove(path)
end

local function roll_back(files, before, count)
  local failed
  for i = count, 1, -1 do
    local ok, err = put_back(files[i].root, files[i].path, before[i])
    failed = not ok and err or failed
  end
  return failed
end

local function write_log(log_root, files, before)
  local entries = {}
  for i, file in ipairs(files) do
    entries[i] = { root = file.root:path(), path = file.path, bytes = before[i].bytes,
      new = require("promptgen.fs").hash(file.bytes) }
  end
  local bytes, err = require("promptgen.pack").encode { version = 1, files = entries }
  if not bytes then
    return nil, err
  end
  return log_root:write(log_name(files[1].root), bytes, { parents = true, mode = 384 }) -- 0600
end

local function write_files(files, before)
  for i, file in ipairs(files) do
    local ok, err = file.root:write(file.path, file.bytes, { expected = before[i].signature, parents = true })
    if not ok then
      err.path = file.path
      local undone = roll_back(files, before, i - 1)
      if undone then
        err.hint = { "an earlier file could not be put back: " .. tostring(undone) }
      end
      return nil, err
    end
  end
  return true
end

--- Writes all files. A file that has changed since `before` was taken is a conflict, and then none
--- changes.
---@param files promptgen.StagedFile[]
---@param state_dir? string absolute
---@return boolean? ok
---@return promptgen.Error? err `conflict`, `io`, `permission`
function staging.commit(files, state_dir)
  local before = {}
  for i, file in ipairs(files) do
    local old, err = look(file)
    if not old then
      return nil, err
    end
    before[i] = old
  end
  local log_root = #files > 1 and state_root(state_dir) or nil
  if log_root then
    local logged, err = write_log(log_root, files, before)
    if not logged then
      return nil, errors.new { code = "io", message = "the undo log cannot be written", cause = err }
    end
  end
  local ok, err = write_files(files, before)
  if log_root then
    log_root:remove(log_name(files[1].root))
    log_root:close()
  end
  return ok, err
end

local function restore(entry, hash)
  local root = require("promptgen.fs").root(entry.root)
  if not root then
    return
  end
  local bytes = root:read(entry.path)
  if bytes and hash(bytes) == entry.new then -- untouched since: still the half-done write
    put_back(root, entry.path, { bytes = entry.bytes })
  end
  root:close()
end

--- Puts back what a run that was killed between two renames had changed. Files that somebody has
--- changed since are left alone.
---@param workspace_root string absolute
---@param state_dir? string absolute
---@return boolean repaired
function staging.repair(workspace_root, state_dir)
  local fs = require "promptgen.fs"
  local log_root = state_dir and fs.root(state_dir)
  if not log_root then
    return false
  end
  local name = "undo/" .. fs.hash(workspace_root) .. ".log"
  local bytes = log_root:read(name)
  if not bytes then
    log_root:close()
    return false
  end
  local log = require("promptgen.pack").decode(bytes)
  for _, entry in ipairs(type(log) == "table" and log.version == 1 and log.files or {}) do
    restore(entry, fs.hash)
  end
  log_root:remove(name)
  log_root:close()
  return true
end

return staging
