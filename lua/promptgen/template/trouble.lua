--- Errors of a rendering: raised without a place where they happen, given place, excerpt and
--- include chain where they are caught.
---
--- The frames of a run (template/runtime.lua) stand, after an error, as they stood when it was
--- raised.
local loader = require "promptgen.template.loader"
local source = require "promptgen.template.source"
local status = require "promptgen.status"
local unit = require "promptgen.template.unit"

local trouble = {}

local CHAIN_MAX = 8 -- lines of the include chain that are shown

--- Raises an error that has no place yet; `trouble.locate` adds it.
---@param code string
---@param message string
---@param hint string?
function trouble.fail(code, message, hint)
  error({ template_failure = true, code = code, message = message, hint = hint }, 0)
end

--- Where a frame stands: the byte of its text.
local function frame_at(frame)
  return frame.at > 0 and unit.tag(frame.unit, frame.at) or 1
end

--- "included from path:line" for each frame below the one the error lies in, innermost first.
local function chain(run, depth)
  local lines = {}
  for i = depth - 1, 1, -1 do
    local frame = run.frames[i]
    local place = unit.place(frame.unit, frame_at(frame))
    local line = ("included from %s:%s"):format(place.path, place.line or place.said)
    if #lines == 0 or lines[#lines] ~= line then
      lines[#lines + 1] = line
    end
    if #lines == CHAIN_MAX and i > 2 then
      lines[#lines + 1] = ("... %d more"):format(i - 1)
      break
    end
  end
  return lines
end

--- A message of Lua about one of the files read, as an error with that place; else nil. Lines behind
--- the end of a file are those of texts compiled at build time: they say nothing, and are taken off.
local function placed_in_file(run, message)
  for _, used in ipairs(run.engine.sources) do
    local line, rest = loader.split_position(message, used.path)
    if line and line > source.position(used.source, #used.source) then
      return nil, rest
    elseif line then
      return status.error { code = "template_error", message = rest, path = used.path,
                            line = line }
    end
  end
  return nil, message
end

--- Code, message and hint of a raised value, and the error itself when it knows its own place.
local function describe(run, raised)
  if type(raised) == "string" then
    local placed, message = placed_in_file(run, raised)
    return "template_error", message or placed.message, nil, placed
  elseif type(raised) ~= "table" or not (raised.template_failure or status.is_error(raised)) then
    return "template_error", ("(error object is a %s value)"):format(type(raised))
  end
  local own = not raised.template_failure and raised.path and raised or nil
  return raised.code, raised.message, raised.hint, own
end

--- Adds lines to the hints of an error.
local function with_hints(err, lines)
  local hints = type(err.hint) == "table" and err.hint or { err.hint }
  for _, line in ipairs(lines) do
    hints[#hints + 1] = line
  end
  err.hint = #hints > 0 and hints or nil
  return err
end

--- Turns whatever was raised into an error value with its place and its include chain.
function trouble.locate(run, raised)
  local code, message, hint, placed = describe(run, raised)
  local depth = math.min(run.depth, run.max_depth)
  local frame = run.frames[depth]
  if not frame then
    return placed or status.is_error(raised) and raised
      or status.error { code = code, message = message, hint = hint }
  end
  local owner, at = frame.unit, frame_at(frame)
  local id, line, rest = unit.split_message(message)
  if id and run.engine.units[id] then
    owner, message = run.engine.units[id], rest
    at = unit.origin(owner, line)
  end
  local lines = {}
  if placed then
    -- The error names its own place; the template is where it was met.
    local place = unit.place(owner, at)
    lines[1] = ("included from %s:%s"):format(place.path, place.line or place.said)
  end
  for _, more in ipairs(chain(run, depth)) do
    lines[#lines + 1] = more
  end
  placed = placed or unit.error(owner, at, { code = code, message = message, hint = hint })
  return with_hints(placed, lines)
end

return trouble
