--- Runs a command under the log file and the profiler that its options ask for. Loaded only then.
local errors = require "promptgen.errors"
local host = require "promptgen.host"

local observe = {}

--- A failure reaches standard error as every failure does; the log file gets it as an entry.
local function log_failure(app, err)
  if app.options.log_file and not err.closed then
    app.log_output:record {
      level = "error", message = err.message,
      fields = { code = err.code, path = err.path, line = err.line },
    }
  end
end

local function title(rest)
  return "promptgen " .. table.concat(rest, " ")
end

--- Calls the body; a raised error becomes a returned one.
local function call(app, body, rest)
  local ok, result, err = host.protect(body, app, rest)
  if ok then
    return result, err
  end
  return nil, errors.is(result) and result or errors.normalise(result, "internal")
end

local function call_profiled(app, body, rest)
  local profile = require "promptgen.profile.run"
  local ok, problem = profile.check(app)
  if not ok then
    return nil, problem
  end
  local name = title(rest)
  profile.start()
  require("promptgen.profile.points").install()
  local result, err = call(app, body, rest)
  ok, problem = profile.finish(app, name)
  if not ok and not err then
    return nil, problem
  end
  return result, err
end

--- Calls `body(app, rest)` and passes on what it returns.
---@param app promptgen.App
---@param body fun(app: promptgen.App, rest: string[]): integer?, promptgen.Error?
---@param rest string[]
---@return integer? exit_status
---@return promptgen.Error? err
function observe.run(app, body, rest)
  local options = app.options
  if options.log_file or options.log_level then
    local opened, problem = app:open_log()
    if not opened then
      return nil, problem
    end
  end
  local result, err
  if options.profile or options.profile_out then
    result, err = call_profiled(app, body, rest)
  else
    if options.log_level == "debug" then
      require("promptgen.profile.points").install()
    end
    result, err = call(app, body, rest)
  end
  if err then
    log_failure(app, err)
  end
  if app.log_output then
    app.log_output:close()
  end
  return result, err
end

return observe
