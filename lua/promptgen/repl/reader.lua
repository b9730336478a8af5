--- Whether what was typed is a whole chunk, and how to compile it.
local reader = {}

--- A chunk ends in the middle when the parser stopped at its end, as in the stock interpreter.
local function stopped_at_end(message)
  return message:find "near <eof>%s*$" or message:find "near '<eof>'%s*$"
end

--- True for text without a token: blank, or comments of one line each.
local function is_blank(text)
  return not text:find "%-%-%[=*%[" and not text:gsub("%-%-[^\n]*", ""):find "%S"
end

--- Compiles `text` as an expression, else as statements. The chunk of an expression takes a function
--- and returns what that makes of the values: called with table.pack, no call in the expression is a
--- tail call, and a traceback has all names.
---@param text string
---@param compile fun(text: string): function?, string?
---@return function? chunk nil for blank text too
---@return "expression"|"statements"|"blank"|"incomplete"|"error" kind
---@return string? message of the parser, with "error"
function reader.compile(text, compile)
  local asked = text:match "^%s*=(.*)$"
  if is_blank(asked or text) then
    return nil, "blank"
  end
  local chunk, expression_message = compile("return " .. (asked or text))
  if chunk then
    local packed = compile(("local values = (...)(%s\n) return values"):format(asked or text))
    return packed or chunk, packed and "expression" or "statements" -- what ends with ";" cannot be packed
  end
  local message = expression_message
  if not asked then
    chunk, message = compile(text)
  end
  if chunk then
    return chunk, "statements"
  elseif stopped_at_end(message) or stopped_at_end(expression_message) then
    return nil, "incomplete"
  end
  return nil, "error", message
end

--- Longest text that is looked at for its end; the worker refuses longer ones.
local WHOLE_MAX = 256 * 1024

--- True when `text` ends in the middle and more lines are wanted. It is compiled and never run, so that
--- no worker is needed.
---@param text string
---@return boolean
function reader.needs_more(text)
  local function compile(part)
    return load(part, "=repl", "t", {})
  end
  return #text <= WHOLE_MAX and select(2, reader.compile(text, compile)) == "incomplete"
end

--- The name of a `local` that alone makes up the text: it would be gone with its line.
---@param text string
---@return string? name
function reader.lost_local(text)
  return text:match "^%s*local%s+function%s+([%a_][%w_]*)" or text:match "^%s*local%s+([%a_][%w_]*)[^\n;]*$"
end

return reader
