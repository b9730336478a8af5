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

--- Calls `body(app, rest)` and passes on what it returns. A raised error becomes a returned one.
---@param app promptgen.App
---@param body fun(app: promptgen.App, rest: string[]): integer?, promptgen.Error?
---@param rest string[]
---@return integer? exit_status
---@return promptgen.Error? err
function observe.run(app, body, rest)
  local output, problem = app:open_log()
  if not output then
    return nil, problem
  end
  local ok, result, err = host.protect(body, app, rest)
  if not ok then
    err = type(result) == "table" and errors.is(result) and result or errors.normalise(result, "internal")
    result = nil
  end
  if err then
    log_failure(app, err)
  end
  output:close()
  return result, err
end

return observe
