--- A run of a workflow, as the parent sees it: find the script, resolve the target, load what its
--- state needs, fork, answer the worker, take the outcome.
local errors = require "promptgen.lazy" "promptgen.errors"
local host = require "promptgen.host"

local run = {}

--- The script named on the command line: a path that exists (from the current directory, else from
--- the workspace), else a name on the search path.
---@param app table
---@param name string
---@return promptgen.Script? script
---@return promptgen.Error? err
function run.find_script(app, name)
  local runtime = app:runtime()
  if not name:find("/", 1, true) and not name:match("%.lua$") then
    return runtime:find("workflows/" .. name .. ".lua")
  end
  local found, err = run.read_path(app, name)
  if found or err.code ~= "not_found" then
    return found, err
  end
  local tail = name:match("(workflows/[^/]+)$")
  if tail then
    return runtime:find(tail)
  end
  err.hint = { "name a workflow file, or a workflow from promptgen workflows" }
  return nil, err
end

local function absolute(dir, path)
  return path:sub(1, 1) == "/" and path or dir .. "/" .. path
end

--- A script by path. Naming it is consent to a restricted run, wherever it lies.
function run.read_path(app, path)
  local first
  for _, dir in ipairs(app:script_dirs()) do
    local full = absolute(dir, path)
    local folder, base = full:match("^(.*)/([^/]+)$")
    local root = folder and require("promptgen.fs").root(folder == "" and "/" or folder)
    if root then
      local source, err = root:read(base, require("promptgen.runtime").max_source)
      root:close()
      if source then
        local name = path:match("(workflows/[^/]+)$") or path
        local stock = require("promptgen.runtime").is_stock(name, source)
        return { name = name, layer = "path", path = path, source = source, stock = stock, shadowed = {} }
      end
      err.path = path
      first = first or err.code ~= "not_found" and err or nil
    end
  end
  return nil, first or errors.new { code = "not_found", path = path, message = "there is no such workflow file" }
end

--- Options that a workflow may see.
local VISIBLE = {
  "dry_run", "json", "max_tokens", "order", "project_context", "skip_review", "trust_filesystem",
  "trust_plan", "verbose",
}

--- True when a run has no stranger's code in it: the workflow is stock, and so is every stock script
--- that something on the search path takes the place of.
local function is_trusted(job)
  if not job.script or not job.script.stock then
    return false
  end
  local embedded = require "promptgen.embedded"
  for name in pairs(job.overridden) do
    local found = embedded.source(name) and job.runtime:find(name)
    if embedded.source(name) and not (found and found.stock) then
      return false
    end
  end
  return true
end

--- Key of everything that decides what a run of stock scripts prints, beside the files it reads.
local function outcome_key(job)
  return require "promptgen.canonical" { job.script.name, job.args, job.options }
end

--- The outcome of an earlier run of stock scripts, unless a name in it means another plan now.
local function known_outcome(job)
  local outcome = job.standing and job.standing.outcome
  for target, path in pairs(outcome and outcome.resolutions or {}) do
    if job.workspace:resolve(target) ~= path then
      return nil
    end
  end
  return outcome
end

--- Keeps what stock scripts made, for the next run. What a worker sends is never kept.
local function keep_outcome(job, outcome)
  if job.trusted and job.standing and #job.output == 0 then
    outcome.resolutions = job.workspace.resolutions
    job.standing.new_outcome = outcome
  end
end

local function looks_like_target(arg)
  return arg and (arg:sub(1, 1) == "@" or arg:match("%.md$")) and true or false
end

--- Resolves the first argument when it names a plan, and loads the documents its state rests on.
local function prepare_target(app, job)
  local target = job.args[1]
  if not looks_like_target(target) then
    return true
  end
  local workspace = job.workspace
  local path, err = workspace:resolve(target)
  if not path then
    return nil, err
  end
  job.args[1] = path
  local options = require "promptgen.state_options"(app.options)
  local found
  found, err = require("promptgen.standing").of(workspace, app:folder_cache(), path, options,
    job.trusted and outcome_key(job) or nil)
  if not found then
    return nil, err
  end
  job.standing = found
  if found.status then
    local status = found.status
    job.resolved[path] = status
    job.target_status = status
    app.about.plan, app.about.achievement = status.feature, status.next and status.next.number
    app:note("debug", "plan resolved", { path = path, state = status.state, total = status.total })
  end
  return true
end

--- What of promptgen's own options a worker is told.
function run.visible_options(app)
  local out = {}
  for _, key in ipairs(VISIBLE) do
    out[key] = app.options[key]
  end
  return out
end

local function new_job(app, script, args)
  local workspace, err = app:workspace()
  if not workspace then
    return nil, err
  end
  return {
    script = script, args = args, workspace = workspace, runtime = app:runtime(),
    overridden = app:runtime():overridden(), app = app,
    options = run.visible_options(app), resolved = {},
  }
end

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

--- What a worker counted is checked like everything it sends; what is not right is counted, not used.
function handlers.metrics(_, _, rows)
  require("promptgen.metrics").merge(rows)
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
function run.execute(app, job)
  job.output, job.output_size = {}, 0
  job.log_level, job.log_is_used = app:log_level(), app.log_output ~= nil
  if job.trusted then
    return execute_here(app, job)
  end
  host.deadline(app.options.timeout + 1) -- the worker's own deadline comes first
  local limits = { timeout = app.options.timeout, memory = app.options.mem, profile = true }
  local worker, err = host.start_worker(limits, function() return require("promptgen.worker").run(job) end)
  if not worker then
    return nil, err
  end
  job.worker = worker
  local outcome
  outcome, err = converse(app, job)
  if outcome then
    outcome, err = check_outcome(app, job, outcome)
  end
  return outcome, err and limit_hint(app, job, err)
end

--- Digest of a script that a run used: of the bytes that the parent gave, never of the worker's word.
---@param job table
---@param used {name: string, path: string, stock: boolean}
---@return string? sha256
function run.digest(job, used)
  local source
  if job.script and used.path == job.script.path then
    source = job.script.source
  elseif used.stock then
    source = require("promptgen.embedded").source(used.name)
  else
    source = job.served and job.served[used.path]
  end
  return source and require("promptgen.digest").sha256(source)
end

--- Runs a workflow. The worker is ended by the caller (`job.worker:close()`) after the outcome has
--- been used, so that its teardown does not delay the output.
---@param app table
---@param name string workflow name or path
---@param args string[] the rest of the command line
---@return table? outcome {text, workflow, step?, lines?, tokens?, dropped?, template?, used}
---@return promptgen.Error|table err_or_job
function run.workflow(app, name, args)
  local started = host.now()
  local outcome, job_or_err = run.attempt(app, name, args)
  local totals = require "promptgen.totals"
  totals.prompt(app.about.workflow or name, outcome and "success" or job_or_err.code, host.now() - started)
  if not outcome then
    totals.flush(app)
  end
  return outcome, job_or_err
end

--- As run.workflow, without counting.
function run.attempt(app, name, args)
  host.deadline(app.options.timeout)
  local script, err = run.find_script(app, name)
  if not script then
    return nil, err
  end
  app:notice_shadow(script)
  app.about.workflow = script.name:match("([^/]+)%.lua$") or script.name
  app:note("debug", "workflow found", { script = script.path, source = script.layer })
  local job
  job, err = new_job(app, script, args)
  if not job then
    return nil, err
  end
  job.trusted = is_trusted(job)
  if app.options.dry_run then
    app.cache = false -- it answers for files without reading them, and what is read is to be told
    job.workspace:start_noting()
  end
  local ok
  ok, err = prepare_target(app, job)
  if not ok then
    return nil, err
  end
  local outcome = known_outcome(job)
  if outcome then
    job.output, job.output_size = {}, 0
  else
    outcome, err = run.execute(app, job)
    if outcome then
      keep_outcome(job, outcome)
    end
  end
  for _, served in ipairs(job.served or {}) do
    app:notice_shadow(served)
  end
  if not outcome then
    if job.worker then
      job.worker:close()
    end
    return nil, err
  end
  app:note("info", "prompt made", {
    lines = outcome.lines, tokens = outcome.tokens, bytes = #outcome.text, template = outcome.template,
  })
  return outcome, job
end

--- Ends a run whose output is out: collects the worker, stores what the answer rested on.
---@param app table
---@param job table
function run.finish(app, job)
  if job.worker then
    job.worker:close()
  end
  if job.standing then
    job.standing.save()
  end
  require("promptgen.totals").flush(app)
end

--- The description of a workflow (name, summary, options, arguments) as its file declares it.
---@param app table
---@param script promptgen.Script
---@return table? description
---@return promptgen.Error? err
function run.describe(app, script)
  local job = {
    script = script, args = {}, runtime = app:runtime(), overridden = app:runtime():overridden(),
    app = app, options = {}, resolved = {}, describe = true,
  }
  local outcome, err = run.execute(app, job)
  if job.worker then
    job.worker:close()
  end
  return outcome, err
end

--- Descriptions of templates, in the order of `names`.
---@param app table
---@param names string[] such as "review"
---@return table[]? described {name, path, summary, params, blocks, layers} or {name, error}
---@return promptgen.Error? err
function run.describe_templates(app, names)
  local workspace, err = app:workspace()
  if not workspace then
    return nil, err
  end
  local job = {
    templates = names, args = {}, workspace = workspace, runtime = app:runtime(), options = {},
    overridden = app:runtime():overridden(), app = app, resolved = {},
    script = nil,
  }
  local outcome
  outcome, err = run.execute(app, job)
  if job.worker then
    job.worker:close()
  end
  return outcome and outcome.templates, err
end

return run
