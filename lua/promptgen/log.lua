--- Log entries: a level, a message, fields. A level that is off is an empty function, so that a call
--- costs what calling an empty function costs.
---
--- The module itself is the logger of the process; where its entries go is decided once, by
--- `log.configure` (the parent: promptgen.log.output; a worker: the channel). Before that it is off.
local log = {}

---@alias promptgen.log.Level "debug"|"info"|"warning"|"error"|"off"

---@class promptgen.log.Entry
---@field level promptgen.log.Level
---@field message string
---@field fields? table<string, string|number|boolean>

--- One function a level; each raises for a message that is not a string, unless its level is off.
---@class promptgen.log.Logger
---@field debug fun(message: string, fields?: table)
---@field info fun(message: string, fields?: table)
---@field warning fun(message: string, fields?: table)
---@field error fun(message: string, fields?: table)

--- Rank of each level; an entry is written when its rank is at least the logger's.
---@type table<string, integer>
log.ranks = { debug = 1, info = 2, warning = 3, error = 4, off = 5 }

local METHODS = { "debug", "info", "warning", "error" }

local function nothing() end

--- A field as data; what is neither string, number nor boolean is shown by its `tostring`.
local function scalar(value)
  local kind = type(value)
  if kind == "string" or kind == "number" or kind == "boolean" then
    return value
  end
  return tostring(value)
end

local function merged(first, second)
  if not first and not second then
    return nil
  end
  local out = {}
  for key, value in next, first or {} do
    out[key] = value
  end
  for key, value in next, second or {} do
    out[tostring(key)] = scalar(value)
  end
  return out
end

local function emitter(level, write, context)
  return function(message, fields)
    if type(message) ~= "string" then
      error(("bad argument #1 to 'log.%s' (string expected, got %s)"):format(level, type(message)), 2)
    elseif fields ~= nil and type(fields) ~= "table" then
      error(("bad argument #2 to 'log.%s' (table expected, got %s)"):format(level, type(fields)), 2)
    end
    write { level = level, message = message, fields = merged(context, fields) }
  end
end

local function install(logger, options)
  local rank = log.ranks[options.level]
  if not rank then
    error(("'%s' is not a log level"):format(tostring(options.level)), 3)
  end
  for _, level in ipairs(METHODS) do
    logger[level] = log.ranks[level] >= rank and emitter(level, options.write, options.fields) or nothing
  end
  --- Whether entries of this level are written. Raises for what is no level.
  function logger.enabled(level)
    local asked = level ~= "off" and log.ranks[level]
    if not asked then
      error(("bad argument #1 to 'log.enabled' ('%s' is no level of entries)"):format(tostring(level)), 2)
    end
    return asked >= rank
  end
  --- A logger that adds `fields` to each of its entries.
  function logger.with(fields)
    return install({}, {
      level = options.level, write = options.write, fields = merged(options.fields, fields),
    })
  end
  return logger
end

---@class (exact) promptgen.log.Options
---@field level promptgen.log.Level entries below it are dropped
---@field write fun(entry: promptgen.log.Entry) called once an entry
---@field fields? table<string, any> added to each entry

--- A logger.
---@param options promptgen.log.Options
---@return promptgen.log.Logger
function log.new(options)
  return install({}, options)
end

--- Makes the module write from now on. Loggers made by `log.with` before keep what they had.
---@param options promptgen.log.Options
function log.configure(options)
  install(log, options)
end

log.configure { level = "off", write = nothing }

--- `log.debug(message, fields)`, `log.info`, `log.warning`, `log.error` write an entry;
--- `log.enabled(level)` tells whether one would be written; `log.with(fields)` gives a logger that
--- adds fields:
---
--- ```lua
--- local log = require "promptgen.log"
--- log.debug("template chosen", { template = "review" })
--- local child = log.with { achievement = "1.2" }
--- child.warning "no tests are named"
--- ```
---@type promptgen.log.Logger
return log
