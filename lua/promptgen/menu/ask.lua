--- One line of text from the user, with the line editor.
local ask = {}

local function nothing()
  return 0, "", ""
end

--- Asks for a line.
---@param prompt string
---@return string? line
---@return "interrupted"|"eof"|promptgen.Error|nil why there is none
function ask.line(prompt)
  local signals, err = require("promptgen.signals").open()
  if not signals then
    return nil, err
  end
  local editor
  editor, err = require("promptgen.editor").open(signals, nothing, nothing)
  if not editor then
    signals:close()
    return nil, err
  end
  local line, why = editor:read(prompt)
  editor:close()
  signals:close()
  return line, why == "end" and "eof" or why
end

return ask
