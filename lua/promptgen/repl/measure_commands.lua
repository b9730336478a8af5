--- `:time`, `:profile`: how long an evaluation took, and where the time went.
local columns = require "promptgen.columns"

local commands = {}

--- Rows of the table of `:profile`.
local PROFILE_ROWS = 20

local function seconds_text(seconds)
  if seconds < 1e-3 then
    return ("%.1f us"):format(seconds * 1e6)
  elseif seconds < 1 then
    return ("%.2f ms"):format(seconds * 1e3)
  end
  return ("%.3f s"):format(seconds)
end

--- `:time EXPR`
function commands.time(repl, argument)
  local outcome, err, traceback = repl:play { op = "time", text = argument, echo = true }
  if outcome and type(outcome.elapsed) == "number" then
    repl.screen:line("note", seconds_text(outcome.elapsed))
  end
  return outcome and true, err, traceback
end

--- A line of the table in a narrow terminal: the end of a place says more than its beginning.
local function fit_profile_line(line, room)
  local numbers, place = line:match "^(.-%d  worker  )(.*)$"
  if not place or not room then
    return columns.cut(line, room)
  end
  return numbers .. columns.tail(place, math.max(room - #numbers, 16))
end

--- The table of a worker's profile; nothing when it is not of the shape of one.
local function put_profile(repl, bytes)
  local value = type(bytes) == "string" and require("promptgen.pack").decode(bytes)
  local data = value and require("promptgen.profile.data").read(value, "worker")
  if data then
    local embedded = require "promptgen.embedded"
    require("promptgen.profile.names").apply({ data }, embedded.source "function_names.txt",
      function(file) return (embedded.source(file)) end)
    local text, room = require("promptgen.profile.table").render({ data }, "cumtime", PROFILE_ROWS), repl:room()
    repl.screen:put((text:gsub("[^\n]+", function(line) return fit_profile_line(line, room) end)))
  end
end

--- `:profile EXPR`
function commands.profile(repl, argument)
  local outcome, err, traceback = repl:play { op = "profile", text = argument, echo = true }
  if outcome then
    put_profile(repl, outcome.profile)
  end
  return outcome and true, err, traceback
end

return commands
