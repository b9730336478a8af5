--- The execution of a job: in a worker, whose frames are answered and judged here, or, for stock
--- scripts, in this process.
local errors = require "promptgen.lazy" "promptgen.errors"
local host = require "promptgen.host"

local exchange = {}

local function too_much_output(app)
  return nil, errors.new {
    code = "limit", message = ("the workflow printed more than %d bytes"):format(app.options.out_max),
    hint = "--out-max raises the limit",
  }
end

local handlers = {}

function handlers.output(app, job, text)
  if type(text) ~= "string" then
    return nil, errors.new { code = "worker_crash", message = "the worker sent output that is not text" }
  end
  job.output[#job.output + 1] = text
  job.output_size = job.output_size + #text
  if job.output_size > app.options.out_max then
    return too_much_output(app)
  end
  return true
end

function handlers.log(app, _, entry)
  app:open_log():receive(entry, app.options.out_max)
  return true
end

--- One profile a worker, and only when one was asked for.
function handlers.profile(app, job, value)
  if (app.options.profile or app.options.profile_out) and not job.profiled then
    job.profiled = true
    app.worker_profiles = app.worker_profiles or {}
    table.insert(app.worker_profiles, value)
    app.profiled_sources = job.served or {}
    if job.script then
      app.profiled_sources[job.script.path] = job.script.source
    end
  end
  return true
end

function handlers.metrics(app, job, rows)
  require("promptgen.totals").receive(app, job, rows, "the workflow")
  return true
end

function handlers.request(_, job, request)
  local answer, err = require("promptgen.serve").answer(job, request)
  if answer == nil then
    job.worker:refuse(err)
  else
    job.worker:answer(answer)
  end
  return true
end

--- Exit statuses that a worker may choose are those of these codes; any other becomes 1.
local WORKER_EXITS = { [1] = true, [3] = true, [4] = true, [5] = true, [7] = true }

local function worker_error(job, value)
  local err = errors.normalise(value, "workflow_error")
  if not WORKER_EXITS[require("promptgen.status").exit(err.code)] then
    err.code = "workflow_error"
  end
  if not err.path and not err.line and job.script then
    err.path = job.script.path
  end
  return err
end

local function limit_hint(app, job, err)
  if err.code ~= "limit" then
    return err
  end
  err.path = err.path or job.script and job.script.path
  if err.message:find("time limit", 1, true) then
    err.message = ("the time limit of %g s was reached"):format(app.options.timeout)
    err.hint = err.hint or { "--timeout raises it" }
  elseif err.message:find("memory limit", 1, true) then
    err.message = ("the memory limit of %d MiB was reached"):format(app.options.mem >> 20)
    err.hint = err.hint or { "--mem raises it" }
  end
  return err
end

--- Exchanges frames until the outcome.
local function converse(app, job)
  while true do
    local name, value = job.worker:next()
    if not name then
      return nil, value
    elseif name == "result" then
      return value
    elseif name == "error" then
      return nil, worker_error(job, value)
    end
    local ok, err = handlers[name](app, job, value)
    if not ok then
      return nil, err
    end
  end
end

local function check_outcome(app, job, outcome)
  if job.check then
    return job.check(outcome)
  end
  if type(outcome) == "table" and type(outcome.usage) == "table" then
    local err = errors.normalise(outcome.usage, "usage")
    err.code = "usage"
    return nil, err
  end
  if job.templates and type(outcome) == "table" and type(outcome.templates) == "table" then
    return outcome
  end
  if type(outcome) ~= "table" or (not job.describe and type(outcome.text) ~= "string") then
    return nil, errors.new { code = "worker_crash", message = "the worker sent a malformed result" }
  end
  if not job.describe and job.output_size + #outcome.text > app.options.out_max then
    return too_much_output(app)
  end
  return outcome
end

--- Runs stock scripts in this process: they are part of the program.
local function execute_here(app, job)
  local port = { counts_here = true }
  function port.request(request)
    return require("promptgen.serve").answer(job, request)
  end
  function port.send(kind, value)
    local ok, err = handlers[kind](app, job, value)
    if not ok then
      error(err, 0)
    end
    return ok
  end
  function port.open_log()
    return app:open_log()
  end
  local ok, outcome = host.protect(require("promptgen.worker").run, job, port)
  if not ok then
    return nil, worker_error(job, outcome)
  end
  return check_outcome(app, job, outcome)
end

--- Runs a job in a worker; `job.check` judges an outcome that is no prompt.
---@param app table
---@param job table its `worker` is for the caller to close
---@return table? outcome
---@return promptgen.Error? err
function exchange.execute(app, job)
  job.output, job.output_size = {}, 0
  job.log_level, job.log_is_used = app:log_level(), app.log_output ~= nil
  if job.trusted then
    return execute_here(app, job)
  end
  host.deadline(app.options.timeout + 1) -- the worker's own deadline comes first
  local limits = { timeout = app.options.timeout, memory = app.options.mem, profile = true }
  if job.workspace then
    job.workspace:read_ahead(nil) -- a process with threads must not fork
  end
  local worker, err = host.start_worker(limits, function() return require("promptgen.worker").run(job) end)
  if not worker then
    return nil, err
  end
  job.worker = worker
  require("promptgen.serve").foresee(job)
  local outcome
  outcome, err = converse(app, job)
  if outcome then
    outcome, err = check_outcome(app, job, outcome)
  end
  return outcome, err and limit_hint(app, job, err)
end

return exchange
