--- What the REPL writes: colours for pieces, escapes for everything a terminal would act on.
local errors = require "promptgen.errors"

local screen = {}

--- Style to the parameters of "select graphic rendition".
local COLORS = {
  number = "33", string = "32", literal = "35", key = "36", ["function"] = "34", type = "34",
  note = "2", error = "31", prompt = "1", title = "1",
}

---@class promptgen.repl.Screen
---@field color boolean
---@field terminal boolean control bytes are escaped
---@field write fun(text: string): boolean?, promptgen.Error?
local Screen = {}
Screen.__index = Screen

---@param options {color: boolean, terminal: boolean, write: fun(text: string): boolean?, promptgen.Error?}
---@return promptgen.repl.Screen
function screen.new(options)
  return setmetatable(options, Screen)
end

--- Text whose control bytes other than line ends cannot reach the terminal.
function Screen:clean(text)
  if not self.terminal then
    return text
  end
  return (text:gsub("[^\n]+", errors.escape_controls))
end

--- A piece of text in a style.
---@param style string
---@param text string
---@return string
function Screen:paint(style, text)
  text = self:clean(text)
  local code = self.color and COLORS[style]
  if not code or text == "" then
    return text
  end
  return ("\27[%sm%s\27[0m"):format(code, text)
end

--- Writes text as a worker printed it.
function Screen:put(text)
  return self.write(self:clean(text))
end

--- Writes pieces {style, text}; what is not of that shape is left out.
---@param pieces any
---@return boolean? ok
---@return promptgen.Error? err
function Screen:put_pieces(pieces)
  local out = {}
  for _, piece in ipairs(type(pieces) == "table" and pieces or {}) do
    if type(piece) == "table" and type(piece[1]) == "string" and type(piece[2]) == "string" then
      out[#out + 1] = self:paint(piece[1], piece[2])
    end
  end
  return self.write(table.concat(out))
end

--- Writes one line in a style.
function Screen:line(style, text)
  return self.write(self:paint(style, text) .. "\n")
end

--- An error with its traceback and hints, as lines.
---@param err promptgen.Error
---@param traceback? any
function Screen:error(err, traceback)
  local text = errors.format(err):gsub("\n$", "")
  local head, rest = text:match "^promptgen: ([^\n]*)\n?(.*)$"
  local out = { self:paint("error", head) }
  if type(traceback) == "string" and traceback ~= "" then
    out[#out + 1] = self:paint("note", traceback:sub(1, errors.limits.text))
  end
  if rest ~= "" then
    out[#out + 1] = self:paint("note", rest)
  end
  return self.write(table.concat(out, "\n") .. "\n")
end

return screen
