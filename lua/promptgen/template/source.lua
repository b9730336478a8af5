--- Places in template text: from a byte of a body to path, line, column and excerpt.
---
--- A body is a string inside a Lua file. Its place in that file is found by looking for the body
--- verbatim; where it is not there exactly once, the place is told as `body:LINE`, never guessed.
local source = {}

local EXCERPT_MAX = 120 -- bytes of a line shown in an excerpt

--- Line and column (both 1-based, in bytes) of a byte of `text`.
---@param text string
---@param at integer
---@return integer line
---@return integer column
function source.position(text, at)
  local line, start = 1, 1
  while true do
    local newline = text:find("\n", start, true)
    if not newline or newline >= at then
      return line, at - start + 1
    end
    line, start = line + 1, newline + 1
  end
end

--- The line of `text` with this number, without its newline; "" when there is none.
---@param text string
---@param number integer
---@return string line
function source.line(text, number)
  local start = 1
  for _ = 2, number do
    local newline = text:find("\n", start, true)
    if not newline then
      return ""
    end
    start = newline + 1
  end
  return (text:match("^[^\r\n]*", start))
end

--- Lua reads every kind of line end inside a long string as one "\n"; places are told in such text.
---@param file string
---@return string file
function source.normal(file)
  if file:find("\r", 1, true) then
    file = file:gsub("\r\n?", "\n")
  end
  return file
end

--- First byte of `body` in `file`, when it stands there exactly once.
---@param file string normal text of the Lua file, or of the body file itself
---@param body string
---@return integer? at
function source.locate(file, body)
  local at = body ~= "" and file:find(body, 1, true)
  if not at or file:find(body, at + 1, true) then
    return nil
  end
  return at
end

--- Two lines that show a place: the line, and a caret below its column.
---@param text string
---@param line integer
---@param column integer
---@return string[] excerpt
function source.excerpt(text, line, column)
  local shown, caret = source.line(text, line):gsub("%c", " "), column
  if #shown > EXCERPT_MAX then
    local from = math.max(1, column - EXCERPT_MAX // 2)
    shown, caret = shown:sub(from, from + EXCERPT_MAX - 1), column - from + 1
  end
  return { ("%5d | "):format(line) .. shown, "      | " .. (" "):rep(caret - 1) .. "^" }
end

return source
