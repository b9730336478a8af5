--- Copies a prompt: to a program of the desktop that keeps the clipboard, else to the terminal.
---
--- Copying is a courtesy after a run that has succeeded: it takes at most LIMIT seconds, and nothing
--- of it is an error.
local copier = require "promptgen.copier"
local host = require "promptgen.host"

local clipboard = {}

--- Seconds for all programs together.
clipboard.limit = 0.3

--- Bytes above which terminals drop an OSC 52 sequence: 100,000 bytes with its base64 and frame.
clipboard.terminal_max = 74994

--- In the order in which they are tried; `variable` must be set for those that need a display.
local PROGRAMS = {
  { "wl-copy", "--type", "text/plain", variable = "WAYLAND_DISPLAY" },
  { "xclip", "-selection", "clipboard", "-in", variable = "DISPLAY" },
  { "xsel", "--clipboard", "--input", variable = "DISPLAY" },
  { "pbcopy" },
}

local function is_set(variable)
  local value = host.getenv(variable)
  return value ~= nil and value ~= ""
end

--- Where a program is that could take something here; nil when it cannot.
local function path_of(program)
  return (not program.variable or is_set(program.variable)) and copier.find(program[1]) or nil
end

--- Hands the text to the first program that takes it: its name, or why none did.
local function to_program(text)
  local ends, why = host.now() + clipboard.limit, {}
  for _, program in ipairs(PROGRAMS) do
    local path = path_of(program)
    local left = ends - host.now()
    if path and left > 0 then
      local argv = table.move(program, 2, #program, 2, { path })
      local ok, err = copier.feed(argv, text, left)
      if ok then
        return program[1]
      end
      why[#why + 1] = err.message
    end
  end
  return nil, why
end

--- The standard stream that is a terminal which may know OSC 52.
local function terminal_stream()
  local term = host.getenv "TERM"
  if term == nil or term == "" or term == "dumb" or term == "linux" then
    return nil
  end
  return host.isatty(1) and 1 or host.isatty(2) and 2 or nil
end

--- Bytes of a control string that GNU screen hands on at once.
local SCREEN_CHUNK = 240

--- The control sequence that has a terminal copy. GNU screen does not know it: it hands on to the
--- terminal around it what stands in its own control strings. tmux knows it.
local function sequence_for(text)
  local sequence = copier.osc52(text)
  if not is_set "STY" then
    return sequence
  end
  local chunks = {}
  for i = 1, #sequence, SCREEN_CHUNK do
    chunks[#chunks + 1] = "\27P" .. sequence:sub(i, i + SCREEN_CHUNK - 1) .. "\27\\"
  end
  return table.concat(chunks)
end

local function to_terminal(text, why)
  local stream = terminal_stream()
  if not stream then
    why[#why + 1] = "there is no program or terminal that takes it"
  elseif #text > clipboard.terminal_max then
    why[#why + 1] = ("a terminal takes %d bytes, the prompt has %d"):format(clipboard.terminal_max, #text)
  elseif host.write(stream, sequence_for(text)) then
    return "the terminal"
  end
  return nil
end

--- What would be asked to take a prompt, in this order: names of programs, "the terminal".
---@return string[]
function clipboard.takers()
  local out = {}
  for _, program in ipairs(PROGRAMS) do
    out[#out + 1] = path_of(program) and program[1] or nil
  end
  out[#out + 1] = terminal_stream() and "the terminal" or nil
  return out
end

--- Copies a text.
---@param text string
---@return string? taker name of the program, or "the terminal"
---@return string? why when nothing took it
function clipboard.copy(text)
  host.deadline(0) -- the run is over; its time limit must not end the program now
  local taker, why = to_program(text)
  taker = taker or to_terminal(text, why)
  if taker then
    return taker
  end
  return nil, table.concat(why, "; ")
end

--- Copies the prompt of a run and says so to those who watch.
---@param app promptgen.App
---@param text string
function clipboard.offer(app, text)
  local taker, why = clipboard.copy(text)
  if taker then
    app:log("info", "the prompt was copied to the clipboard by " .. taker)
  else
    app:log("info", "the prompt was not copied: " .. why)
  end
end

return clipboard
