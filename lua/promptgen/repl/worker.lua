--- The worker's side of the REPL: evaluates what the user typed, turn by turn.
---
--- The worker asks its parent for the next turn and hands over the outcome of the last one with that
--- request. User code runs within promptgen.turn, so that an interrupt or a limit ends the turn and
--- leaves the variables; everything else here is trusted.
local channel = require "promptgen.channel"
local environment = require "promptgen.environment"
local errors = require "promptgen.errors"
local evaluation = require "promptgen.repl.evaluation"
local guard = require "promptgen.guard"
local names = require "promptgen.repl.names"
local turn = require "promptgen.turn"

local worker = {}

--- Seconds that completing a name may take.
local COMPLETION_LIMIT = 0.1

--- Seconds that looking at the plan's file may take, should the user have tampered with how.
local REFRESH_LIMIT = 5

--- Modules that are there without `require`, by their names.
local PRELOADED = { "cache", "markdown", "metrics", "profile", "regex", "template", "timer" }

local function send_print(...)
  local row = table.pack(...)
  for i = 1, row.n do
    row[i] = tostring(row[i])
  end
  channel.send("output", table.concat(row, "\t") .. "\n")
end

--- A module by name, or nil where this program has none.
local function module(name)
  local ok, found = pcall(require, "promptgen." .. name)
  return ok and found or nil
end

--- Gives the globals their preloaded names. `plan` is set at each turn.
local function preload(session)
  local env, ctx = session.env, session.ctx
  for _, name in ipairs(PRELOADED) do
    env[name] = module(name)
  end
  env.workspace, env.state, env.ctx = ctx.workspace, ctx.state, ctx
  session.workspace, session.document = ctx.workspace, ctx.workspace.document
end

local function new_context(session)
  local job = session.job
  local ctx = require("promptgen.context").new {
    args = {}, job = job, request = channel.request,
    find = function(name) return require("promptgen.worker").find_script(job, name) end,
    open_log = function() return require("promptgen.worker").open_log(job) end,
  }
  ctx.workspace:use_backend(require("promptgen.repl.live").backend(channel.request))
  ctx.workspace.snapshot = false
  return ctx
end

local function new_session(job)
  job.scripts, job.used, job.resolved, job.port = {}, {}, {}, channel
  local session = { job = job }
  local lazy_require = function(name)
    session.require = session.require or require("promptgen.worker").new_require(job, session)
    return session.require(name)
  end
  session.env = environment.new { print = send_print, require = lazy_require }
  job.env = session.env
  session.ctx = new_context(session)
  preload(session)
  return session
end

--- The plan as its file is now, unless the user has given the name to something else.
local function refresh_plan(session, path)
  local env = session.env
  if not path or rawget(env, "plan") ~= session.plan then
    return
  end
  local record = session.document(session.workspace, path)
  if record then
    session.plan = record
    rawset(env, "plan", record)
  end
end

--- What the workspace's scripts and states were before may have changed on disk.
local function refresh(session, command)
  local job = session.job
  job.scripts, job.used, job.overridden = {}, {}, {}
  for _, name in ipairs(command.overridden or {}) do
    job.overridden[name] = true
  end
  for path in pairs(job.resolved) do
    job.resolved[path] = nil
  end
  turn.run(REFRESH_LIMIT, refresh_plan, session, command.plan)
end

local commands = {}

--- {op = "eval", text, echo, name?}: evaluates; shows the values of an expression with `echo`.
function commands.eval(session, command)
  local chunk, kind = evaluation.compile(session, command)
  if not chunk then
    return kind
  end
  local values, failed = evaluation.run(session, command, chunk, kind)
  return failed or evaluation.conclude(session, command, values)
end

--- {op = "profile", text, echo}: the same, with a profile of the evaluation as packed bytes.
function commands.profile(session, command)
  local chunk, kind = evaluation.compile(session, command)
  if not chunk then
    return kind
  end
  local profile, profiler = require "promptgen.profile", require "promptgen.profiler"
  profile.start()
  for _, own in ipairs(evaluation.hidden) do
    profiler.hide(own)
  end
  local values, failed = evaluation.run(session, command, chunk, kind)
  local measured = profiler.stop()
  local outcome = failed or evaluation.conclude(session, command, values)
  outcome.profile = measured
  return outcome
end

--- {op = "time", text, echo}: the same, with how long the evaluation took.
function commands.time(session, command)
  local chunk, kind = evaluation.compile(session, command)
  if not chunk then
    return kind
  end
  local watch = require("promptgen.timer").start()
  local values, failed = evaluation.run(session, command, chunk, kind)
  local elapsed = watch:stop()
  local outcome = failed or evaluation.conclude(session, command, values)
  outcome.elapsed = elapsed
  return outcome
end

--- {op = "value", text}: the values of an expression as plain data, for JSON.
function commands.value(session, command)
  local chunk, kind = evaluation.compile(session, command)
  if not chunk then
    return kind.error and kind or { values = {}, count = 0 }
  end
  local values, failed = evaluation.run(session, command, chunk, kind)
  if not values then
    return failed
  end
  for i = 1, math.min(values.n, evaluation.shown_max) do
    values[i] = require("promptgen.repl.data").plain(values[i])
    local packed, err = require("promptgen.pack").encode(values[i])
    if not packed then
      return { error = errors.new {
        code = "workflow_error", message = "the value cannot be shown as JSON: " .. err.message,
      } }
    end
  end
  return { values = values, count = math.min(values.n, evaluation.shown_max) }
end

--- Of what a stock template may need, the parameters that this one declares.
local function values_for(session, name)
  local ctx, plan = session.ctx, session.env.plan
  local described, err = require("promptgen.template").engine {
    loader = ctx.loader, env = session.env, compile = guard.chunk,
  }:describe(name)
  if not described then
    return nil, err
  end
  local status = plan and described.params and ctx.state:all(plan)
  local known = { plan = plan, status = status, step = status and status.next }
  local values = {}
  for key in next, described.params or {} do
    values[key] = known[key]
  end
  return values
end

local function render(session, name)
  local values, err = values_for(session, name)
  if not values then
    return nil, err
  end
  return session.ctx:prompt(name, values)
end

--- {op = "render", name}: a template for the plan's next step.
function commands.render(session, command)
  local results, failed = evaluation.protected(session, command.seconds, render, session, command.name)
  if not results then
    return failed
  end
  local prompt = results[3]
  if not prompt then
    return { error = errors.normalise(results[4], "template_error") }
  end
  return { text = prompt.text, lines = prompt.lines, tokens = prompt.tokens }
end

--- {op = "complete", before}: names for what is being typed.
function commands.complete(session, command)
  local results = evaluation.protected(session, COMPLETION_LIMIT, names.complete, session.env, command.before)
  return { names = results and results[3] or {}, erase = results and results[4] or 0 }
end

--- {op = "caches"}: the named caches of this process, with their entries when a name is given.
function commands.caches(_, command)
  return { caches = require("promptgen.repl.caches").collect(command.name) }
end

--- {op = "metrics"}: the metrics of this process.
function commands.metrics()
  return { text = require("promptgen.metrics").export() }
end

--- {op = "reload"}: libraries are loaded anew by the next `require`.
function commands.reload(session)
  session.require = nil
  return {}
end

--- Turns that look at the workspace. The others must not change what they report.
local LOOKS = { eval = true, profile = true, render = true, time = true, value = true }

local function play(session, command)
  if LOOKS[command.op] then
    refresh(session, command)
  end
  return commands[command.op](session, command)
end

--- Plays a turn. What fails outside the user's code fails because of it: a function of a module that
--- both use was replaced. That ends the turn and not the worker, so that the variables are kept.
local function play_safely(session, command)
  local ok, outcome = pcall(play, session, command)
  if ok then
    return outcome
  end
  local message = type(outcome) == "string" and outcome or "the prompt itself failed"
  return { error = { code = "workflow_error", message = message,
    hint = "has a function of promptgen's own modules been replaced?" } }
end

--- Sends what a turn has counted. A set that cannot be sent is lost, and nothing else.
local function send_counts(take)
  local rows = take()
  if #rows > 0 then
    channel.send("metrics", rows)
  end
end

--- Body of the worker; ends with its parent.
---@param job table {workspace, overridden, options, resolved, plan?, log_level}
function worker.run(job)
  environment.lock_shared()
  local session = new_session(job)
  refresh_plan(session, job.plan)
  local take = require("promptgen.metrics").deltas
  take() -- the parent's, inherited with its memory
  local outcome = {}
  while true do
    local command, err = channel.request { op = "turn", outcome = outcome }
    if not command then
      command = assert(channel.request { op = "turn", outcome = { error = errors.normalise(err, "workflow_error") } })
    end
    outcome = play_safely(session, command)
    if LOOKS[command.op] then
      pcall(send_counts, take)
    end
  end
end

return worker
