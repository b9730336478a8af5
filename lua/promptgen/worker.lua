--- The inside of a run: builds the context, runs the workflow, returns the outcome as data.
---
--- In a worker everything it needs from outside comes over the channel. A run of stock scripts alone
--- has no stranger's code in it and happens in the parent, with a port that answers directly.
local environment = require "promptgen.environment"
local errors = require "promptgen.lazy" "promptgen.errors"
local guard = require "promptgen.guard"
local script = require "promptgen.script"
local workflow = require "promptgen.workflow"

local worker = {}

---@class promptgen.Port the way out of a run
---@field request fun(request: table): any, promptgen.Error?
---@field send fun(kind: "output"|"log"|"metrics", value: any)
---@field open_log? fun() where the log of this process serves

--- Printed text, sent in pieces of at least 32 KiB.
local function new_output(port)
  local out = { parts = {}, size = 0 }
  function out.flush()
    if out.size > 0 then
      port.send("output", table.concat(out.parts))
      out.parts, out.size = {}, 0
    end
  end
  function out.print(...)
    local row = table.pack(...)
    for i = 1, row.n do
      row[i] = tostring(row[i])
    end
    local text = table.concat(row, "\t") .. "\n"
    out.parts[#out.parts + 1] = text
    out.size = out.size + #text
    if out.size >= 32768 then
      out.flush()
    end
  end
  return out
end

--- A script by its name on the search path: stock ones are here already, others are asked for.
local function find_script(job, name)
  local found = job.scripts[name]
  if found then
    return found
  end
  local err
  if job.overridden[name] then
    found, err = job.port.request { op = "script", name = name }
  else
    local source = require("promptgen.embedded").source(name)
    found = source and { name = name, layer = "embedded", path = name, source = source, stock = true }
    if not found then
      found, err = job.port.request { op = "script", name = name }
    end
  end
  if not found then
    return nil, err
  end
  job.scripts[name] = found
  job.used[#job.used + 1] = found
  return found
end

--- The log of the run: in a worker, entries that the parent wants go over the channel.
local function open_log(job)
  local log = require "promptgen.log"
  if job.port.open_log then
    job.port.open_log()
  elseif not job.log_is_open then
    job.log_is_open = true
    log.configure { level = job.log_level or "off", write = function(entry) job.port.send("log", entry) end }
  end
  return log
end

--- `require` of a script: promptgen's public modules, and files of `workflows/lib/`.
local function new_require(job, state)
  local loaded, loading = {}, {}
  local function run_lib(name)
    if loading[name] then
      error(errors.new { code = "workflow_error", message = ("module '%s' requires itself"):format(name) }, 0)
    end
    local file = name:gsub("^workflows%.lib%.", ""):gsub("^lib%.", ""):gsub("%.", "/")
    local found, err = find_script(job, "workflows/lib/" .. file .. ".lua")
    if not found and err.code == "not_found" then
      err = errors.new { code = "workflow_error", cause = err,
        message = ("there is no module '%s' for a workflow"):format(name),
        hint = "modules of your own live in workflows/lib/" }
    end
    if not found then
      error(err, 0)
    end
    loading[name] = true
    local chunk, syntax = script.load(found, state.env)
    if not chunk then
      error(syntax, 0)
    end
    local value = chunk(name)
    loading[name] = nil
    return value == nil and true or value
  end
  return function(name)
    if type(name) ~= "string" or not name:match("^[%w_./-]+$") then
      error("bad argument #1 to 'require' (a module name expected)", 2)
    end
    if name == "promptgen.log" or name == "promptgen.profile" then
      open_log(job)
      return require(name)
    elseif environment.modules[name] then
      return require(name)
    elseif name == "cjson" or name == "cjson.safe" then
      return require "promptgen.cjson"
    elseif name:match("^promptgen%.") or name:find("..", 1, true) then
      error(("module '%s' is not available to a workflow"):format(name), 2)
    end
    if loaded[name] == nil then
      loaded[name] = run_lib(name)
    end
    return loaded[name]
  end
end

--- Turns what user code raised into an error with a place.
local function handler(value)
  local err = errors.normalise(value, "workflow_error")
  local fired = guard.limit()
  if fired then
    guard.disarm() -- user code is being left for good; what follows is the report
  end
  if fired and err.code ~= "limit" then
    err = errors.new { code = "limit", message = ("the %s limit was reached"):format(fired),
      path = err.path, line = err.line }
  end
  if not err.line then
    local path, line = guard.place()
    if not err.path or err.path == path then
      err.path, err.line = path, line
    end
  end
  return err
end

local function protected(f, ...)
  local results = table.pack(xpcall(f, handler, ...))
  if not results[1] then
    -- Lua calls no handler when memory is out.
    error(errors.is(results[2]) and results[2] or handler(results[2]), 0)
  end
  return table.unpack(results, 2, results.n)
end

local function load_definition(job, env)
  local chunk, err = script.load(job.script, env)
  if not chunk then
    error(err, 0)
  end
  local def = protected(chunk)
  local ok
  ok, err = workflow.check(def)
  if not ok then
    err.path = job.script.path
    error(err, 0)
  end
  return def
end

local function parse_arguments(def, job)
  local arguments, topic = require "promptgen.arguments", require("promptgen.cli").help_topic(def.name)
  local args, err = arguments.parse({
    name = def.name, help_topic = topic, summary = def.summary,
    arguments = def.arguments or arguments.of_workflow, options = def.options,
  }, job.args)
  if args and def.check then
    local ok, message, hint = protected(def.check, args)
    if not ok then
      return nil, {
        message = ("%s: %s"):format(def.name, tostring(message or "these arguments do not go together")),
        hint = hint ~= nil and tostring(hint) or ("promptgen help %s shows what it accepts"):format(topic),
      }
    end
  end
  return args, err
end

--- A context for `run(ctx)`; see docs/workflows.md.
local function new_context(job, args)
  return require("promptgen.context").new {
    args = args, job = job,
    find = function(name) return find_script(job, name) end,
    request = job.port.request,
    open_log = function() return open_log(job) end,
  }
end

--- What user code has counted. In the parent nothing is sent: the counts are there already.
local function send_metrics(port)
  if not port.counts_here then
    local rows = require("promptgen.metrics").deltas()
    if #rows > 0 then
      port.send("metrics", rows)
    end
  end
end

--- Body of the worker. `job` is data and records inherited from the parent:
--- {script?, args, overridden, workspace?, options, describe?, templates?, documents?}.
---@param job table
---@param port? promptgen.Port default: the channel of this worker
---@return table outcome
function worker.run(job, port)
  if not port then
    environment.lock_shared()
    local channel = require "promptgen.channel"
    port = { request = channel.request, send = channel.send }
    require("promptgen.metrics").deltas() -- the parent's, inherited with its memory
    if job.workspace then -- a description needs none
      job.workspace:use_backend(require("promptgen.remote").new(port.request))
    end
  end
  job.port = port
  if job.log_is_used then
    open_log(job)
  end
  job.scripts, job.used = {}, {}
  if job.script then
    job.scripts[job.script.name], job.used[1] = job.script, job.script
  end
  local state, output = {}, new_output(port)
  state.env = environment.new { print = output.print, require = new_require(job, state) }
  job.env = state.env
  if job.templates then
    return require("promptgen.run.outcome").of_templates(job, new_context(job, {}))
  elseif job.documents then
    return {
      texts = require("promptgen.rendering").in_worker(job, find_script, protected),
      used = require("promptgen.run.outcome").used_scripts(job),
    }
  end
  local def = load_definition(job, state.env)
  if job.describe then
    return require("promptgen.run.outcome").of_definition(def)
  end
  local args, err = parse_arguments(def, job)
  if not args then
    return { workflow = def.name, usage = { message = err.message, hint = err.hint } }
  end
  local ctx = new_context(job, args)
  ctx.workflow = def.name
  local run = protected
  if next(job.overridden) and require("promptgen.hooks").present(job.overridden) then
    function run(f) return require("promptgen.hooks").around(job, f, ctx, protected) end
  end
  local results = table.pack(pcall(run, def.run, ctx))
  if results[1] then
    output.flush()
  end
  local sent, problem = pcall(send_metrics, port) -- a run that fails has counted, too
  if not results[1] then
    error(results[2], 0)
  elseif not sent then
    error(problem, 0)
  end
  return require("promptgen.run.outcome").of_run(job, def, results[2], results[3])
end

worker.find_script, worker.new_require, worker.open_log = find_script, new_require, open_log

return worker
