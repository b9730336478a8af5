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

--- An expression without the comment that ends it: what follows can then stand on the same line. A
--- shorter text that compiles ends at a comment, since the inside of a string has no end.
local function without_comment(text, compile)
  local from = text:match "()[^\n]*$"
  for at, after in text:sub(from):gmatch "()%-%-()" do
    local cut = text:sub(1, from + at - 2)
    if text:sub(from + after - 1, from + after - 1) ~= "[" and compile("return " .. cut) then
      return cut
    end
  end
  return text .. "\n"
end

--- A chunk that takes a function and returns what that makes of the expression's values. All on the
--- lines of the text: an error is told with the number of its own line.
local function compile_packed(text, compile)
  local before, after = "local values = (...)(", ") return values"
  return compile(before .. text .. after) or compile(before .. without_comment(text, compile) .. after)
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
    local packed = compile_packed(asked or text, compile)
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
