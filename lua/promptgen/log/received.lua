--- Log entries of a worker, as its parent takes them: hostile data until checked and cut to size.
local log = require "promptgen.log"

local received = {}

received.limits = { message = 8192, fields = 32, key = 64, value = 1024 }

local function cut(text, max)
  return #text > max and text:sub(1, max) .. "…" or text
end

local function checked_fields(fields)
  if type(fields) ~= "table" then
    return nil
  end
  local limits, out, count = received.limits, {}, 0
  for key, value in next, fields do
    local kind = type(value)
    if count == limits.fields then
      break
    elseif type(key) == "string" and #key <= limits.key and (kind == "number" or kind == "boolean") then
      out[key], count = value, count + 1
    elseif type(key) == "string" and #key <= limits.key and kind == "string" then
      out[key], count = cut(value, limits.value), count + 1
    end
  end
  return out
end

--- The entry that a frame holds, and its size in bytes as it will be kept.
---@param value any
---@return promptgen.log.Entry? entry nil for what is none
---@return integer size
function received.check(value)
  if type(value) ~= "table" or type(value.message) ~= "string" then
    return nil, 0
  end
  local rank = log.ranks[value.level]
  if not rank or value.level == "off" then
    return nil, 0
  end
  local message = cut(value.message, received.limits.message)
  local fields, size = checked_fields(value.fields), #message
  for key, field in next, fields or {} do
    size = size + #key + (type(field) == "string" and #field or 8)
  end
  return { level = value.level, message = message, fields = fields }, size
end

return received
