--- Lets the user choose from a list: with arrow keys or numbers where the terminal can move its cursor,
--- else by typing a number.
---
--- The terminal is held only while this waits. In between, its modes are its own, and Ctrl-C ends the
--- program as it ends any other.
local columns = require "promptgen.columns"
local host = require "promptgen.host"
local list = require "promptgen.menu.list"

local choice = {}

--- Lines kept for what stands above and below a list, and least number of choices in sight.
local FRAME, LEAST = 4, 3

--- True for a terminal that only writes forwards.
local function is_plain()
  local term = host.getenv "TERM"
  return term == nil or term == "" or term == "dumb"
end

local KEYS = "Enter: choose   arrows or number: move   q: back"

--- Text of the list, without the end of its last line, and how many lines it has.
local function draw(screen, model)
  local room = (host.columns(1) or 80) - 1
  model:fit(math.max(LEAST, (host.rows(1) or 24) - FRAME))
  local lines = {}
  for i, line in ipairs(model:lines(room)) do
    lines[i] = screen:paint(line[2] and "prompt" or "", line[1])
  end
  local rest = #model.labels - model.rows
  local below = rest > 0 and ("%d more   "):format(rest) .. KEYS or KEYS
  lines[#lines + 1] = screen:paint("note", columns.cut(below, room))
  return table.concat(lines, "\n"), #lines
end

--- Takes `count` drawn lines away, the cursor being on the last.
local function erase(count)
  return (count > 1 and ("\27[%dA"):format(count - 1) or "") .. "\r\27[J"
end

local function with_keys(screen, model, keyboard)
  local text, count = draw(screen, model)
  screen.write(text)
  while true do
    local key, byte = keyboard:read()
    if key == "interrupted" or key == "eof" then
      screen.write "\n"
      return nil, key
    end
    local done = model:press(key, byte)
    if done then
      screen.write(erase(count))
      return done == "chosen" and model.marked or nil, "back"
    end
    local redrawn, now = draw(screen, model)
    if redrawn ~= text or key == "redraw" then
      screen.write(erase(count) .. redrawn)
      text, count = redrawn, now
    end
  end
end

local function by_number(screen, model)
  model:fit(#model.labels)
  local ask = require "promptgen.menu.ask"
  for _, line in ipairs(model:lines(math.maxinteger)) do
    screen:line("", line[1])
  end
  while true do
    local answer, why = ask.line(("number (Enter: %d, q: back): "):format(model.marked))
    if not answer then
      return nil, why
    end
    answer = answer:match "^%s*(.-)%s*$"
    local number = answer == "" and model.marked or math.tointeger(tonumber(answer))
    if answer == "q" then
      return nil, "back"
    elseif number and number >= 1 and number <= #model.labels then
      return number
    end
    screen:line("note", ("a number from 1 to %d"):format(#model.labels))
  end
end

--- Waits until the user has chosen.
---@param screen promptgen.repl.Screen
---@param labels string[] one line each
---@param marked? integer the likely one, which Enter takes; default 1
---@return integer? index
---@return "back"|"interrupted"|"eof"|promptgen.Error why there is none
function choice.from(screen, labels, marked)
  local clean = {}
  for i, label in ipairs(labels) do
    clean[i] = screen:clean((label:gsub("%s+", " ")))
  end
  local model = list.new(clean, marked)
  if is_plain() then
    return by_number(screen, model)
  end
  local signals, err = require("promptgen.signals").open()
  if not signals then
    return nil, err
  end
  local keyboard
  keyboard, err = require("promptgen.keyboard").open(signals)
  if not keyboard then
    signals:close()
    return nil, err
  end
  local index, why = with_keys(screen, model, keyboard)
  keyboard:close()
  signals:close()
  if index then
    screen:line("prompt", "> " .. columns.cut(clean[index], (host.columns(1) or 80) - 3))
  end
  return index, why
end

return choice
