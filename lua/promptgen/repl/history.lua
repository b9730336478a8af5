--- What was entered in earlier sessions: one escaped entry a line, in a file that only its owner can
--- read. Written after every entry, so that nothing is lost when the program is killed.
local history = {}

history.file = "repl_history"

local ENTRIES_MAX = 2000
local ENTRY_MAX = 16 * 1024
local FILE_MAX = 4 * 1024 * 1024

---@class promptgen.repl.History
---@field entries string[] oldest first
local History = {}
History.__index = History

local function escape(text)
  return (text:gsub("[%c\\\127]", function(c) return ("\\x%02x"):format(c:byte()) end))
end

local function unescape(line)
  return (line:gsub("\\x(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

local function parse(text)
  local entries = {}
  for line in text:gmatch "[^\n]+" do
    entries[#entries + 1] = unescape(line)
  end
  return table.move(entries, math.max(#entries - ENTRIES_MAX + 1, 1), #entries, 1, {})
end

--- The newest entries as a file, of ENTRIES_MAX lines and FILE_MAX bytes at most.
local function render(entries)
  local lines, size = {}, 0
  for i = #entries, math.max(#entries - ENTRIES_MAX + 1, 1), -1 do
    local line = escape(entries[i]) .. "\n"
    size = size + #line
    if size > FILE_MAX then
      break
    end
    table.insert(lines, line)
  end
  for i = 1, #lines // 2 do
    lines[i], lines[#lines + 1 - i] = lines[#lines + 1 - i], lines[i]
  end
  return table.concat(lines)
end

--- Opens the history in a directory, which is made if need be. Without one, or when it cannot be
--- read, the history lives as long as the session.
---@param dir? string absolute
---@return promptgen.repl.History
---@return promptgen.Error? err why it is not kept
function history.open(dir)
  local self = setmetatable({ entries = {} }, History)
  if not dir then
    return self
  end
  local fs = require "promptgen.fs"
  local root, err = fs.root(dir)
  if not root then
    local parent = fs.root "/"
    local made
    made, err = parent:make_dirs((dir:gsub("^/+", "")))
    root = made and fs.root(dir)
    parent:close()
  end
  if not root then
    return self, err
  end
  self.root = root
  local text
  text, err = root:read(history.file, FILE_MAX)
  if text then
    self.entries = parse(text)
  elseif err.code ~= "not_found" then
    self.root = nil
    return self, err
  end
  return self
end

--- The file's entries may be newer than ours: another session may be open.
local function newest(self)
  local text, signature = self.root:read(history.file, FILE_MAX)
  return text and parse(text) or {}, text and signature or require("promptgen.fs").absent
end

--- Adds an entry, unless it is blank, begins with a blank, is huge, or is the last one again.
---@param entry string
---@return boolean added
function History:add(entry)
  if not entry:find "%S" or entry:find "^%s" or #entry > ENTRY_MAX or entry == self.entries[#self.entries] then
    return false
  end
  self.entries[#self.entries + 1] = entry
  for _ = 1, self.root and 3 or 0 do
    local entries, signature = newest(self)
    entries[#entries + 1] = entry
    local written, err = self.root:write(history.file, render(entries),
      { mode = 384, sync = false, expected = signature }) -- 384 = 0600
    if written then
      break
    elseif err.code ~= "conflict" then
      self.root = nil -- told once by whoever asks
      self.problem = err
    end
  end
  return true
end

return history
