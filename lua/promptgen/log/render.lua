--- Log entries as lines: text for people, JSON for programs. A line never holds a control byte, so
--- that no entry can forge another one or reach a terminal.
local errors = require "promptgen.errors"

local render = {}

--- What every entry says of the run, in this order, before its own fields.
render.context = { "workflow", "plan", "achievement", "process" }

--- Control bytes as escapes; also bytes that are not UTF-8, since a terminal may take some of those
--- for control codes.
local function one_line(text)
  local _, bad = utf8.len(text)
  if bad then
    text = text:gsub("[\128-\255]+", function(run)
      return utf8.len(run) and run or run:gsub(".", function(c) return ("\\x%02x"):format(c:byte()) end)
    end)
  end
  return (errors.escape_controls(text):gsub("\t", "\\x09"))
end

local function shown_number(value)
  if value ~= value then
    return "nan" -- the C library may print a sign before it
  end
  return math.type(value) == "float" and ("%.6g"):format(value) or tostring(value)
end

local function shown(value)
  local text = type(value) == "number" and shown_number(value) or tostring(value)
  if text == "" or text:find '[%s"=]' then
    text = '"' .. text:gsub('[\\"]', "\\%0") .. '"'
  end
  return one_line(text)
end

local function sorted_keys(fields)
  local keys = {}
  for key in next, fields do
    keys[#keys + 1] = key
  end
  table.sort(keys)
  return keys
end

--- `level: message key=value …`; with a time, `time level: …`.
---@param entry promptgen.log.Entry
---@param context? table<string, string>
---@param time? string
---@return string line without its end
function render.text(entry, context, time)
  local out = { (time and time .. " " or "") .. entry.level .. ": " .. one_line(entry.message) }
  for _, key in ipairs(render.context) do
    local value = context and context[key]
    if value ~= nil and time then
      out[#out + 1] = key .. "=" .. shown(value)
    end
  end
  local fields = entry.fields or {}
  for _, key in ipairs(sorted_keys(fields)) do
    out[#out + 1] = one_line(key) .. "=" .. shown(fields[key])
  end
  return table.concat(out, " ")
end

local function finite(value)
  if math.type(value) == "float" and (value ~= value or value == math.huge or value == -math.huge) then
    return shown_number(value)
  end
  return value
end

--- One JSON object: time, level, message, what is known of the run, fields.
---@param entry promptgen.log.Entry
---@param context? table<string, string>
---@param time? string
---@return string line without its end
function render.json(entry, context, time)
  local json = require "promptgen.json"
  local list = { { "time", time }, { "level", entry.level }, { "message", entry.message } }
  for _, key in ipairs(render.context) do
    list[#list + 1] = { key, context and context[key] }
  end
  if entry.fields and next(entry.fields) ~= nil then
    local fields = {}
    for i, key in ipairs(sorted_keys(entry.fields)) do
      fields[i] = { key, finite(entry.fields[key]) }
    end
    list[#list + 1] = { "fields", json.object(fields) }
  end
  return json.encode(json.object(list))
end

return render
