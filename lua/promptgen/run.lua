--- A run of a workflow, as the parent sees it: find the script (run/find.lua), resolve the target, load
--- what its state needs, execute (run/exchange.lua), keep and count the outcome.
local host = require "promptgen.host"

local run = {}

--- Options that a workflow may see.
local VISIBLE = {
  "dry_run", "json", "max_lines", "max_tokens", "order", "project_context", "skip_review", "trust_filesystem",
  "trust_plan", "verbose",
}

--- True when a run has no stranger's code in it: the workflow is stock, and so is every stock script
--- that something on the search path takes the place of.
local function is_trusted(job)
  if not job.script or not job.script.stock then
    return false
  end
  if next(job.overridden) and require("promptgen.hooks").present(job.overridden) then
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

--- What most runs need.
local MODULES = {
  "state", "run.exchange", "worker", "arguments", "context", "target", "prompt", "prompt.brief",
  "prompt.assemble", "fix_file", "template.params", "template.filters", "template.output",
}

--- Loads them while a second thread reads.
local function load_modules(job)
  for _, name in ipairs(MODULES) do
    require("promptgen." .. name)
  end
  require(job.trusted and "promptgen.template.stock" or "promptgen.template.runtime")
end

--- Resolves the argument that names a plan, and loads the documents its state rests on.
local function prepare_target(app, job)
  local place = require("promptgen.run.plan_word").find(job.args, function()
    return run.describe(app, job.script, job.trusted)
  end)
  if not place then
    return true
  end
  local workspace = job.workspace
  local path, err = workspace:resolve(job.args[place])
  if not path then
    return nil, err
  end
  job.args[place] = path
  local options = require "promptgen.state_options"(app.options)
  local found
  found, err = require("promptgen.standing").of(workspace, app:folder_cache(), path, options,
    job.trusted and outcome_key(job) or nil, function() load_modules(job) end)
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
  app.about.workflow = nil -- until it is found
  local ok, outcome, job_or_err = host.protect(run.attempt, app, name, args)
  if not ok then
    outcome, job_or_err = nil, require("promptgen.errors").normalise(outcome, "internal")
  end
  local totals = require "promptgen.totals"
  totals.prompt(app.about.workflow, outcome and "success" or job_or_err.code, host.now() - started)
  if not outcome then
    totals.flush(app)
  end
  return outcome, job_or_err
end

--- As run.workflow, without counting.
function run.attempt(app, name, args)
  host.deadline(app.options.timeout)
  local script, err = require("promptgen.run.find").script(app, name)
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
    job.workspace:read_ahead(nil)
    return nil, err
  end
  local outcome = known_outcome(job)
  if outcome then
    job.output, job.output_size = {}, 0
  else
    outcome, err = require("promptgen.run.exchange").execute(app, job)
    job.workspace:read_ahead(nil)
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
---@param trusted? boolean there is no stranger's code in it: no worker is needed
---@return table? description
---@return promptgen.Error? err
function run.describe(app, script, trusted)
  local job = {
    script = script, args = {}, runtime = app:runtime(), overridden = app:runtime():overridden(),
    app = app, options = {}, resolved = {}, describe = true, trusted = trusted,
  }
  local outcome, err = require("promptgen.run.exchange").execute(app, job)
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
  if not workspace and (err.code ~= "not_found" or app.options.root) then
    return nil, err -- the stock ones are there without a workspace too
  end
  local job = {
    templates = names, args = {}, workspace = workspace, runtime = app:runtime(), options = {},
    overridden = app:runtime():overridden(), app = app, resolved = {},
    script = nil,
  }
  local outcome
  outcome, err = require("promptgen.run.exchange").execute(app, job)
  if job.worker then
    job.worker:close()
  end
  return outcome and outcome.templates, err
end

return run
