--- The undo log of a write of several files: what to put back if the process is killed in between.
---
--- It lies in the user's state directory, one for each workspace, and is there only while the files
--- are being written. Whoever holds the workspace's lock and finds a log has found the remains of a
--- killed run.
local undo = {}

---@class promptgen.undo.Entry
---@field root string absolute path of the root that the paths are below
---@field path string
---@field from? string a move: where the file was
---@field bytes? string old content; nil when there was none
---@field new? string hash of the new content; nil when the file is removed or moved

--- Also known to promptgen.app, which looks for a log at each start.
local function log_name(home)
  return "undo/" .. require("promptgen.fs").hash(home) .. ".log"
end

--- The user's state directory, made if it is missing; nil without one.
local function open_state(state_dir)
  if not state_dir then
    return nil
  end
  local fs = require "promptgen.fs"
  local root = fs.root(state_dir)
  if root then
    return root
  end
  local top <close> = fs.root "/"
  return top and top:make_dirs(state_dir:sub(2)) and fs.root(state_dir) or nil
end

---@class promptgen.undo.Log
---@field root promptgen.fs.Root
---@field name string
local Log = {}
Log.__index = Log

--- Keeps the log of a write that is about to begin. Without a state directory there is none.
---@param home string absolute path of the workspace
---@param state_dir? string absolute
---@param entries promptgen.undo.Entry[]
---@return promptgen.undo.Log|false|nil log false when there is no place for one
---@return promptgen.Error? err
function undo.keep(home, state_dir, entries)
  local root = open_state(state_dir)
  if not root then
    return false
  end
  local bytes, err = require("promptgen.pack").encode { version = 2, files = entries }
  local written
  if bytes then
    written, err = root:write(log_name(home), bytes, { parents = true, mode = 384 }) -- 0600
  end
  if not written then
    root:close()
    return nil, require("promptgen.errors").new {
      code = "io", message = "the undo log cannot be written", cause = err,
    }
  end
  return setmetatable({ root = root, name = log_name(home) }, Log)
end

--- The write is complete, or has been undone.
function Log:drop()
  self.root:remove(self.name)
  self.root:close()
end

--- Puts one file back as it was, unless somebody has changed it since. It replaces nothing, so that a
--- change that was never made needs no undoing.
local function put_back(root, entry)
  local hash = require("promptgen.fs").hash
  if entry.from then
    return root:move(entry.path, entry.from, { parents = true })
  elseif not entry.new then
    return root:write(entry.path, entry.bytes, { no_replace = true, parents = true })
  end
  local bytes, signature = root:read(entry.path)
  if not bytes or hash(bytes) ~= entry.new then
    return true
  elseif entry.bytes then
    return root:write(entry.path, entry.bytes, { expected = signature })
  end
  return root:remove(entry.path, { expected = signature })
end

--- Puts back the first `count` entries, the last first. What was not done yet stays as it is.
---@param entries promptgen.undo.Entry[]
---@param count integer
---@return promptgen.Error? err the last failure
function undo.roll_back(entries, count)
  local failed
  for i = count, 1, -1 do
    local root <close>, err = require("promptgen.fs").root(entries[i].root)
    local ok = root ~= nil
    if root then
      ok, err = put_back(root, entries[i])
    end
    failed = not ok and err or failed
  end
  return failed
end

--- Puts back what a killed run had changed. Files that somebody has changed since are left alone.
--- The caller holds the workspace's lock.
---@param home string absolute path of the workspace
---@param state_dir? string absolute
---@return boolean repaired
function undo.repair(home, state_dir)
  local root <close> = state_dir and require("promptgen.fs").root(state_dir) or nil
  local bytes = root and root:read(log_name(home))
  if not bytes then
    return false
  end
  local log = require("promptgen.pack").decode(bytes)
  local entries = type(log) == "table" and log.version == 2 and log.files or {}
  undo.roll_back(entries, #entries)
  root:remove(log_name(home))
  return true
end

return undo
