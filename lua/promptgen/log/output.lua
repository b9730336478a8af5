--- Where the parent's log entries go: standard error, and the file of --log-file.
local host = require "promptgen.host"
local log = require "promptgen.log"
local render = require "promptgen.log.render"

local output = {}

---@class promptgen.log.Output
---@field context table<string, string> what all entries say of the run
---@field file? promptgen.logfile.File
local Output = {}
Output.__index = Output

--- Chatter is for a terminal or for -v; warnings and errors are always shown.
local function default_level(options)
  if options.verbose then
    return "debug"
  end
  return host.isatty(2) and "info" or "warning"
end

--- The less strict of two levels.
local function wider(a, b)
  return log.ranks[a] <= log.ranks[b] and a or b
end

--- Opens what the options ask for, and makes `promptgen.log` write there. With a file, --log-level
--- and --log-format are the file's; standard error keeps its defaults.
---@param options table promptgen's own options
---@param context table<string, string> what entries say of the run; read when they are written
---@return promptgen.log.Output? output
---@return promptgen.Error? err of the log file: `not_found`, `permission`, `io`, `not_regular`
function output.open(options, context)
  local self = setmetatable({ context = context, json = false, level = default_level(options) }, Output)
  if options.log_file then
    local err
    self.file, err = require("promptgen.logfile").open(options.log_file)
    if not self.file then
      return nil, err
    end
    self.file_json = options.log_format == "json"
    self.file_level = options.log_level or (options.verbose and "debug" or "info")
  else
    self.json = options.log_format == "json"
    self.level = options.log_level or self.level
  end
  log.configure { level = self:widest(), write = function(entry) self:write(entry) end }
  return self
end

--- The level below which nothing is written anywhere.
---@return promptgen.log.Level
function Output:widest()
  return self.file and wider(self.level, self.file_level) or self.level
end

local function timestamp()
  return require("promptgen.logfile").timestamp()
end

--- A log that cannot be written is no reason to fail the user's command; it is said once.
function Output:write_file(line)
  local ok, err = self.file:write(line .. "\n")
  if not ok and not self.file_failed then
    self.file_failed = true
    host.write(2, ("promptgen: warning: the log file is incomplete: %s\n"):format(err.message))
  end
end

local function is_wanted(entry, level)
  return log.ranks[entry.level] >= log.ranks[level]
end

--- Writes one entry, one write a line.
---@param entry promptgen.log.Entry
function Output:write(entry)
  local context = self.context
  if entry.process then
    context = setmetatable({ process = entry.process }, { __index = context })
  end
  if is_wanted(entry, self.level) then
    local line = self.json and render.json(entry, context, timestamp())
      or "promptgen: " .. render.text(entry)
    host.write(2, line .. "\n")
  end
  self:record(entry, context)
end

--- Writes an entry to the log file alone: for what standard error shows in another form.
---@param entry promptgen.log.Entry
---@param context? table
function Output:record(entry, context)
  if self.file and is_wanted(entry, self.file_level) then
    context = context or self.context
    self:write_file(self.file_json and render.json(entry, context, timestamp())
      or render.text(entry, context, timestamp()))
  end
end

--- Takes a worker's entry; `budget` bytes are kept, what is beyond is dropped, which is said once.
---@param value any
---@param budget integer
function Output:receive(value, budget)
  local entry, size = require("promptgen.log.received").check(value)
  if not entry or self.is_full then
    return
  end
  self.received = (self.received or 0) + size
  if self.received > budget then
    self.is_full = true
    log.warning "further log entries of the workflow are dropped: too many"
    return
  end
  entry.process = "worker"
  self:write(entry)
end

--- Closes the file.
function Output:close()
  if self.file then
    self.file:close()
  end
end

return output
