--- Changing several files so that either all of them change or none.
---
--- A file is written, moved or removed only if it still is what it was when the change was decided.
--- One process at a time changes files of a workspace: it holds a lock on the root. Before the first
--- of several changes, an undo log goes to the user's state directory; a run that finds one at its
--- start puts things back. Without a state directory they are still put back on an error.
local errors = require "promptgen.errors"

local staging = {}

---@class promptgen.StagedFile
---@field root promptgen.fs.Root
---@field path string below it
---@field bytes? string new content
---@field remove? boolean the file goes away
---@field from? string the file is moved from there to `path`
---@field expected? string signature the file must still have; for a move, that of `from`

---@class promptgen.StagingOptions
---@field state_dir? string absolute; where the undo log goes
---@field home? string absolute path of the workspace; default the root of the first file
---@field lock? promptgen.fs.Lock|false held by the caller; false = none can be had
---@field wait? number seconds to wait for the lock (10)

local DEFAULT_WAIT = 10

--- The lock of a workspace: whoever holds it may change files. False where there are no locks.
---@param home string absolute path of the workspace
---@param wait number seconds
---@return promptgen.fs.Lock|false|nil lock
---@return promptgen.Error? err `conflict` when another process holds it all the time
function staging.lock(home, wait)
  local root <close>, err = require("promptgen.fs").root(home)
  if not root then
    return nil, err
  end
  local lock
  lock, err = root:lock(".", wait)
  if lock then
    return lock
  elseif err.code == "conflict" then
    return nil, errors.new {
      code = "conflict", path = home,
      message = ("another promptgen has been changing this workspace for %g s"):format(wait),
      hint = "try again when it is done",
    }
  end
  return false -- comparing before each write is all that is left
end

--- What stands there now: bytes and signature, or the signature of absence.
local function look(root, path)
  local bytes, signature = root:read(path)
  if bytes then
    return { bytes = bytes, signature = signature }
  elseif signature.code == "not_found" then
    return { signature = require("promptgen.fs").absent }
  end
  signature.path = path
  return nil, signature
end

local function changed(path, signature)
  local fs = require "promptgen.fs"
  local message = "the file has changed since it was read"
  if fs.same(signature, fs.absent) then
    message = "the file has been removed since it was read"
  end
  return nil, errors.new { code = "conflict", path = path, message = message }
end

--- What undoes a change, and the signature that the file must keep until it is made.
local function examine(file)
  local fs = require "promptgen.fs"
  local entry = { root = file.root:path(), path = file.path, from = file.from }
  if file.from then
    return entry, file.expected
  end
  local old, err = look(file.root, file.path)
  if not old then
    return nil, err
  elseif file.expected and not fs.same(file.expected, old.signature) then
    if fs.same(file.expected, fs.absent) then
      return nil, errors.new { code = "conflict", path = file.path, message = "the file exists already" }
    end
    return changed(file.path, old.signature)
  elseif file.remove and not old.bytes then
    return changed(file.path, old.signature)
  end
  entry.bytes = old.bytes
  entry.new = not file.remove and fs.hash(file.bytes) or nil
  return entry, old.signature
end

local function apply(file, expected)
  local ok, err
  if file.from then
    ok, err = file.root:move(file.from, file.path, { expected = expected, parents = true })
  elseif file.remove then
    ok, err = file.root:remove(file.path, { expected = expected })
  else
    ok, err = file.root:write(file.path, file.bytes, { expected = expected, parents = true })
  end
  if not ok then
    err.path = err.path or file.path
  end
  return ok, err
end

local function apply_all(files, entries, expected)
  for i, file in ipairs(files) do
    local ok, err = apply(file, expected[i])
    if not ok then
      local failed = require("promptgen.undo").roll_back(entries, i - 1)
      if failed then
        err.hint = { "an earlier file could not be put back: " .. tostring(failed) }
      end
      return nil, err
    end
  end
  return true
end

local function commit_locked(files, home, state_dir)
  local entries, expected = {}, {}
  for i, file in ipairs(files) do
    local entry, signature = examine(file)
    if not entry then
      return nil, signature
    end
    entries[i], expected[i] = entry, signature
  end
  if #files < 2 then
    return apply_all(files, entries, expected)
  end
  local log, err = require("promptgen.undo").keep(home, state_dir, entries)
  if log == nil then
    return nil, err
  end
  local ok
  ok, err = apply_all(files, entries, expected)
  if log then
    log:drop()
  end
  return ok, err
end

--- Makes all changes. A file that has changed since it was read is a conflict, and then none is made.
---@param files promptgen.StagedFile[]
---@param options? promptgen.StagingOptions
---@return boolean? ok
---@return promptgen.Error? err `conflict`, `io`, `permission`
function staging.commit(files, options)
  options = options or {}
  if #files == 0 then
    return true
  end
  local home = options.home or files[1].root:path()
  if options.lock ~= nil then
    return commit_locked(files, home, options.state_dir)
  end
  local lock, err = staging.lock(home, options.wait or DEFAULT_WAIT)
  if lock == nil then
    return nil, err
  end
  local ok
  ok, err = commit_locked(files, home, options.state_dir)
  if lock then
    lock:close()
  end
  return ok, err
end

--- Puts back what a run that was killed between two changes had done. A run that is still at work
--- holds the lock, and is left alone.
---@param home string absolute path of the workspace
---@param state_dir? string absolute
---@param lock? promptgen.fs.Lock|false held by the caller
---@return boolean repaired
function staging.repair(home, state_dir, lock)
  if lock ~= nil then
    return require("promptgen.undo").repair(home, state_dir)
  end
  lock = staging.lock(home, 0)
  if lock == nil then
    return false
  end
  local repaired = require("promptgen.undo").repair(home, state_dir)
  if lock then
    lock:close()
  end
  return repaired
end

return staging
