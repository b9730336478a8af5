--- The worker's side of the REPL: evaluates what the user typed, turn by turn.
---
--- The worker asks its parent for the next turn and hands over the outcome of the last one with that
--- request. User code runs within promptgen.turn, so that an interrupt or a limit ends the turn and
--- leaves the variables; everything else here is trusted.
local channel = require "promptgen.channel"
local environment = require "promptgen.environment"
local errors = require "promptgen.errors"
local guard = require "promptgen.guard"
local names = require "promptgen.repl.names"
local printer = require "promptgen.repl.printer"
local reader = require "promptgen.repl.reader"
local turn = require "promptgen.turn"

local worker = {}

local CHUNK = "=repl"

--- Seconds that completing a name may take.
local COMPLETION_LIMIT = 0.15

--- Modules that are there without `require`, by their names.
local PRELOADED = { "cache", "markdown", "metrics", "profile", "regex", "template", "timer" }

local function send_print(...)
  local row = table.pack(...)
  for i = 1, row.n do
    row[i] = tostring(row[i])
  end
  channel.send("output", table.concat(row, "\t") .. "\n")
end

local function send_pieces(pieces)
  channel.send("output", { pieces = pieces })
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
  job.scripts, job.used, job.resolved = {}, {}, {}
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
  local record = session.ctx.workspace:document(path)
  if record then
    session.plan, env.plan = record, record
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
  refresh_plan(session, command.plan)
end

local function compile(session, text)
  return guard.chunk(text, CHUNK, session.env)
end

--- What a name that is not defined may have been meant to be.
local function hint_for(session, message)
  local name = type(message) == "string" and message:match "a nil value %(global '([^']+)'%)"
  if not name then
    return nil
  end
  local known = {}
  for key in next, session.env do
    known[#known + 1] = type(key) == "string" and key or nil
  end
  local near = errors.nearest(name, known)
  return #near > 0 and "did you mean " .. table.concat(near, ", ") .. "?" or nil
end

--- The frames of the user, without those that every turn has.
local function tidy_traceback(text)
  if not text then
    return nil
  end
  text = text:gsub("^stack traceback:\n", ""):gsub("\n%s+%[C%]: in %?$", ""):gsub("^%s+%[C%]: in %?$", "")
  return text ~= "" and text or nil
end

local LIMITS = {
  time = "the time limit was reached", memory = "the memory limit was reached",
}

--- A failed turn as data.
local function failure(session, value, traceback, limit)
  local err = errors.normalise(value, "workflow_error")
  if limit and err.code ~= "interrupted" then
    err.code, err.message = "limit", LIMITS[limit]
  end
  if not err.hint then
    err.hint = hint_for(session, value)
  end
  err.cause = nil
  return { error = err, traceback = tidy_traceback(traceback) }
end

--- Runs `fn` as a turn of the user's: its results, or an outcome that tells why there are none.
local function protected(session, seconds, fn, ...)
  local results = table.pack(turn.run(seconds, fn, ...))
  if results[1] then
    return results
  end
  return nil, failure(session, results[2], results[3], results[4])
end

--- Evaluates a chunk of the reader's: its values, or an outcome that tells why there are none.
local function evaluate(session, command, chunk, kind)
  local results, failed = protected(session, command.seconds, chunk, kind == "expression" and table.pack or nil)
  if not results then
    return nil, failed
  elseif kind == "expression" then
    return results[3]
  end
  local values = table.pack(table.unpack(results, 3, results.n))
  values.n = results[2]
  return values
end

local SHOWN_MAX = 100

local function show(values, options)
  for i = 1, math.min(values.n, SHOWN_MAX) do
    local pieces = printer.pieces(values[i], options)
    pieces[#pieces + 1] = { "", "\n" }
    send_pieces(pieces)
  end
  if values.n > SHOWN_MAX then
    send_pieces { { "note", ("… %d more values\n"):format(values.n - SHOWN_MAX) } }
  end
end

--- Shows values. Printing is a turn of its own: it ends with an interrupt too.
local function report_values(session, command, values)
  local options = {}
  for key in pairs(printer.defaults) do
    options[key] = command.print and command.print[key] or nil
  end
  local _, failed = protected(session, command.seconds, show, values, options)
  return failed
end

local commands = {}

--- {op = "check", text}: whether the text is a whole chunk.
function commands.check(session, command)
  local _, kind = reader.compile(command.text, function(text) return compile(session, text) end)
  return { kind = kind }
end

local function syntax_failure(message)
  return { error = errors.normalise(message, "script_syntax") }
end

--- {op = "eval", text, echo, name?}: evaluates; shows the values of an expression with `echo`.
function commands.eval(session, command)
  local chunk, kind, message
  if command.name then
    chunk, message = guard.chunk(command.text, "@" .. command.name, session.env)
    kind = chunk and "statements" or "error"
  else
    chunk, kind, message = reader.compile(command.text, function(text) return compile(session, text) end)
  end
  if kind == "incomplete" then
    message = "unfinished at its end"
  end
  if not chunk then
    return kind == "blank" and {} or syntax_failure(message)
  end
  local values, failed = evaluate(session, command, chunk, kind)
  if not values then
    return failed
  elseif values.n > 0 then
    session.env._ = values[1]
  end
  if command.echo and values.n > 0 then
    return report_values(session, command, values) or {}
  end
  return {}
end

--- {op = "time", text, echo}: the same, with how long it took.
function commands.time(session, command)
  local watch = require("promptgen.timer").start()
  local outcome = commands.eval(session, command)
  outcome.elapsed = watch:stop()
  return outcome
end

--- {op = "value", text}: the value of an expression as plain data, for JSON.
function commands.value(session, command)
  local chunk, kind, message = reader.compile(command.text, function(text) return compile(session, text) end)
  if not chunk then
    return kind == "blank" and { values = {} } or syntax_failure(message or "unfinished at its end")
  end
  local values, failed = evaluate(session, command, chunk, kind)
  if not values then
    return failed
  end
  for i = 1, math.min(values.n, SHOWN_MAX) do
    local packed, err = require("promptgen.pack").encode(values[i])
    if not packed then
      return { error = errors.new {
        code = "workflow_error", message = "the value cannot be shown as JSON: " .. err.message,
      } }
    end
  end
  return { values = values, count = math.min(values.n, SHOWN_MAX) }
end

--- {op = "render", name}: a template for the plan's next step.
function commands.render(session, command)
  local ctx, plan = session.ctx, session.env.plan
  local results, failed = protected(session, command.seconds, function()
    local values = { plan = plan }
    if plan then
      values.status = ctx.state:all(plan)
      values.step = values.status and values.status.next
    end
    local prompt, err = ctx:prompt(command.name, values)
    if not prompt then
      error(err, 0)
    end
    return prompt.text, prompt.lines, prompt.tokens
  end)
  if not results then
    return failed
  end
  return { text = results[3], lines = results[4], tokens = results[5] }
end

--- {op = "complete", before}: names for what is being typed.
function commands.complete(session, command)
  local results = protected(session, COMPLETION_LIMIT, names.complete, session.env, command.before)
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

--- Body of the worker; ends with its parent.
---@param job table {workspace, overridden, options, permissions}
function worker.run(job)
  environment.lock_shared()
  local session = new_session(job)
  refresh_plan(session, job.plan)
  local outcome = {}
  while true do
    local command, err = channel.request { op = "turn", outcome = outcome }
    if not command then
      command = assert(channel.request { op = "turn", outcome = { error = errors.normalise(err, "workflow_error") } })
    end
    if LOOKS[command.op] then
      refresh(session, command)
    end
    outcome = commands[command.op](session, command)
    outcome.memory = collectgarbage "count"
  end
end

return worker
