--- Evaluating what the user typed, inside the worker: compile, run within limits, show the values.
---
--- User code runs within promptgen.turn, so that an interrupt or a limit ends it and leaves the
--- variables; an outcome is plain data for the parent.
local channel = require "promptgen.channel"
local errors = require "promptgen.errors"
local guard = require "promptgen.guard"
local printer = require "promptgen.repl.printer"
local reader = require "promptgen.repl.reader"
local turn = require "promptgen.turn"

local evaluation = {}

local CHUNK = "=repl"

--- Values of one evaluation that are shown.
local SHOWN_MAX = 100

--- Shows pieces {style, text}.
local function send_pieces(pieces)
  channel.send("output", { pieces = pieces })
end

--- Longest text that is moved to the line it stood on: line ends are put before it.
local MOVED_MAX = 128 * 1024

--- Compiles a text of a command that may name where it comes from.
local function compile(session, command, text)
  local place = type(command.place) == "table" and command.place or nil
  local before = place and ("\n"):rep((place.line or 1) - 1) or ""
  return guard.chunk(#before <= MOVED_MAX and before .. text or text, place and "=" .. place.name or CHUNK, session.env)
end

--- What a name that is not defined may have been meant to be.
local function hint_for(session, message)
  local name = type(message) == "string" and message:match "a nil value %(global '([^']+)'%)"
  if not name then
    return nil
  end
  local known = {}
  for key in next, session.env do
    known[#known + 1] = type(key) == "string" and key ~= "_" and key or nil
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

--- Runs `fn` as a turn of the user's: its results from 3 on, or nil and an outcome that tells why
--- there are none.
function evaluation.protected(session, seconds, fn, ...)
  local results = table.pack(turn.run(seconds, fn, ...))
  if results[1] then
    return results
  end
  return nil, failure(session, results[2], results[3], results[4])
end

--- Evaluates a chunk of the reader's: its values, or nil and an outcome.
function evaluation.run(session, command, chunk, kind)
  local pack = kind == "expression" and table.pack or nil
  local results, failed = evaluation.protected(session, command.seconds, chunk, pack)
  if not results then
    return nil, failed
  elseif kind == "expression" then
    return results[3]
  end
  local values = table.pack(table.unpack(results, 3, results.n))
  values.n = results[2]
  return values
end

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
  local _, failed = evaluation.protected(session, command.seconds, show, values, options)
  return failed
end

--- Compiles the text of a command; nil and an outcome when there is nothing to run.
function evaluation.compile(session, command)
  local chunk, kind, message
  if command.name then
    chunk, message = guard.chunk(command.text, "@" .. command.name, session.env)
    kind = chunk and "statements" or "error"
  else
    chunk, kind, message = reader.compile(command.text, function(text) return compile(session, command, text) end)
  end
  if not chunk and kind ~= "blank" then
    message = kind == "incomplete" and "unfinished at its end" or message
    return nil, { error = errors.normalise(message, "script_syntax") }
  end
  return chunk, chunk and kind or {}
end

--- Keeps the first value as `_` and shows all of them where that is wanted.
function evaluation.conclude(session, command, values)
  if values.n > 0 then
    rawset(session.env, "_", values[1])
  end
  return command.echo and values.n > 0 and report_values(session, command, values) or {}
end

evaluation.shown_max = SHOWN_MAX
evaluation.hidden = { evaluation.run, evaluation.protected, turn.run }

return evaluation
