--- Running a script file of the search path: compile once, run in an environment of its own.
local embedded = require "promptgen.embedded"
local errors = require "promptgen.lazy" "promptgen.errors"
local guard = require "promptgen.guard"

local script = {}

--- Line and text of Lua's syntax error, without the chunk name that it repeats.
local function syntax_error(path, message)
  local line, text = message:match(":(%d+): (.*)$")
  return errors.new {
    code = "script_syntax", path = path, line = tonumber(line), message = text or message,
  }
end

--- The function of a script. Stock text runs from the bytecode of the program; other text must be
--- Lua source.
---@param found promptgen.Script
---@param env table
---@return function? chunk
---@return promptgen.Error? err `script_syntax`
function script.load(found, env)
  if found.stock then
    return embedded.load(found.name, env)
  end
  if found.source:byte(1) == 27 then
    return nil, errors.new {
      code = "script_syntax", path = found.path, message = "binary chunk refused",
      hint = "scripts are Lua source text",
    }
  end
  local chunk, message = guard.chunk(found.source, "@" .. found.path, env)
  if not chunk then
    return nil, syntax_error(found.path, message)
  end
  return chunk
end

return script
