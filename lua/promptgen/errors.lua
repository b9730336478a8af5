--- Errors for people: rendering, normalising what scripts raise, nearest names.
local status = require "promptgen.status"

local errors = {}

errors.new = status.error
errors.is = status.is_error

--- What goes over the channel or into a report at most.
errors.limits = { depth = 8, text = 8192, hints = 12 }

local FIELDS = { "path", "line", "column", "offset" }

local function cut(text)
  return #text > errors.limits.text and text:sub(1, errors.limits.text) .. "…" or text
end

local function as_byte(c)
  return ("\\x%02x"):format(c:byte())
end

local function as_codepoint(c)
  return ("\\u{%x}"):format(utf8.codepoint(c))
end

--- Bytes that are not UTF-8 as visible escapes: many terminals obey 0x80 to 0x9f as control characters.
local function escape_invalid(text)
  local out, at = {}, 1
  while true do
    local valid, bad = utf8.len(text, at)
    if valid then
      out[#out + 1] = text:sub(at)
      return table.concat(out)
    end
    out[#out + 1] = text:sub(at, bad - 1) .. as_byte(text:sub(bad, bad))
    at = bad + 1
  end
end

--- Control characters, what turns the direction of writing, and bytes that are no text as visible
--- escapes, for a terminal and for a single-line report. A tab stays.
---@param text string
---@return string
function errors.escape_controls(text)
  if not text:find "[^\t\x20-\x7e]" then
    return text
  elseif not utf8.len(text) then
    text = escape_invalid(text)
  end
  return (text:gsub("[^\t\x20-\x7e\x80-\xff]", as_byte):gsub("\xc2[\x80-\x9f]", as_codepoint)
    :gsub("\xe2\x80[\xaa-\xae]", as_codepoint):gsub("\xe2\x81[\xa6-\xa9]", as_codepoint))
end

--- "path:line: message" of Lua's own messages, taken apart; the message alone when it has no place.
local function split_place(text)
  local path, line, message = text:match("^([^\n:]+):(%d+): (.*)$")
  if path then
    return path, tonumber(line), message
  end
  return nil, nil, text
end

local function hints_of(value)
  if type(value) == "string" then
    return { cut(value) }
  elseif type(value) ~= "table" then
    return nil
  end
  local list = {}
  for i = 1, math.min(#value, errors.limits.hints) do
    list[i] = type(value[i]) == "string" and cut(value[i]) or nil
  end
  return list
end

local function from_table(value, fallback, depth)
  local code = rawget(value, "code")
  local out = {
    code = type(code) == "string" and status.codes[code] and code or fallback,
    message = "(error object is a table value)",
  }
  local message = rawget(value, "message")
  if type(message) == "string" then
    out.message = cut(message)
  end
  for _, field in ipairs(FIELDS) do
    local v = rawget(value, field)
    if field == "path" and type(v) == "string" then
      out.path = cut(v)
    elseif field ~= "path" and math.type(v) == "integer" and v >= 0 then
      out[field] = v
    end
  end
  out.hint = hints_of(rawget(value, "hint"))
  local cause = rawget(value, "cause")
  if cause ~= nil and depth < errors.limits.depth then
    out.cause = errors.normalise(cause, fallback, depth + 1)
  end
  return status.error(out)
end

--- Any raised value as an error of known shape. Tables are read with raw access, strings lose the
--- place that Lua puts in front; anything else is described.
---@param value any
---@param fallback string code when the value carries none
---@param depth? integer of causes, internal
---@return promptgen.Error
function errors.normalise(value, fallback, depth)
  if type(value) == "table" then
    return from_table(value, fallback, depth or 1)
  end
  if type(value) ~= "string" then
    return status.error { code = fallback, message = "(error object is a " .. type(value) .. " value)" }
  end
  local text, trace = value:match("^(.-)\nstack traceback:(.*)$")
  local path, line, message = split_place(text or value)
  return status.error {
    code = fallback, message = cut(message), path = path, line = line,
    hint = trace and { "called from" .. cut(trace):gsub("\n%s+", "\n  ") } or nil,
  }
end

--- "path:line:column" of an error, or nil.
local function place_of(err)
  local place = err.path
  if err.line then
    place = (place and place .. ":" or "line ") .. err.line
    place = err.column and place .. ":" .. err.column or place
  end
  return place
end

local function one_line(text)
  return errors.escape_controls((text:gsub("%s*\n%s*", "; ")))
end

local function hint_lines(out, hint)
  if type(hint) == "string" then
    hint = { hint }
  end
  for _, line in ipairs(hint or {}) do
    for part in line:gmatch("[^\n]+") do
      out[#out + 1] = "hint: " .. errors.escape_controls(part)
    end
  end
end

--- The text for standard error: `promptgen: error[code] place: message`, then `cause:` and `hint:`
--- lines. Ends with a newline.
---@param err promptgen.Error
---@return string
function errors.format(err)
  local place = place_of(err)
  local out = {
    ("promptgen: error[%s] %s%s"):format(err.code, place and one_line(place) .. ": " or "",
      one_line(err.message)),
  }
  local cause, depth = err.cause, 1
  while cause and depth <= errors.limits.depth do
    local text = type(cause) == "table" and tostring(cause) or cause
    out[#out + 1] = "cause: " .. one_line(text)
    cause, depth = type(cause) == "table" and cause.cause or nil, depth + 1
  end
  hint_lines(out, err.hint)
  return table.concat(out, "\n") .. "\n"
end

local function json_of(json, err)
  if type(err) == "string" then
    return err
  end
  local hint = type(err.hint) == "string" and { err.hint } or err.hint
  return json.object {
    { "code", err.code }, { "message", err.message }, { "path", err.path }, { "line", err.line },
    { "column", err.column }, { "hint", hint and json.array(hint) },
    { "cause", err.cause and json_of(json, err.cause) },
  }
end

--- The same as one JSON object on one line.
---@param err promptgen.Error
---@return string
function errors.to_json(err)
  local json = require "promptgen.json"
  return json.encode(json.object {
    { "schema", "promptgen.error/1" }, { "error", json_of(json, err) },
    { "exit", status.exit(err.code) },
  }) .. "\n"
end

--- What helps against errors that come up too deep to know it.
local HINTS = {
  not_regular = "only regular files are read; a folder, a pipe or a device is not one",
  too_large = "files of more than 16 MiB are not read; split it, or move it out of the plan's folder",
  outside_root = "links and paths are not followed out of the workspace; --root DIR names a wider one",
}

--- Gives an error without a hint the one that fits its code, if there is one.
---@param err promptgen.Error
---@return promptgen.Error err the same
function errors.advise(err)
  if not err.hint and HINTS[err.code] then
    err.hint = { HINTS[err.code] }
  end
  return err
end

--- The names most like `name`, best first; see promptgen.nearest.
---@param name string
---@param candidates string[]
---@param count? integer default 3
---@return string[]
function errors.nearest(name, candidates, count)
  return require("promptgen.nearest").list(name, candidates, count)
end

return errors
