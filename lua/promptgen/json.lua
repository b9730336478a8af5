--- JSON output with a declared key order, so that the same data always gives the same bytes.
---
--- `cjson` walks tables in hash order; output of a command must not depend on that. Decoding stays
--- with `cjson`. Rules: RFC 8259; strings are made valid UTF-8 (a malformed byte becomes U+FFFD).
local json = {}

local OBJECT, ARRAY = {}, {}

--- JSON null, for a value that is present and empty.
json.null = setmetatable({}, { __tostring = function() return "null" end })

--- An object whose keys keep the given order. A nil value leaves its key out.
---@param pairs_list { [1]: string, [2]: any }[]
---@return table object
function json.object(pairs_list)
  return setmetatable({ list = pairs_list }, OBJECT)
end

--- An array; also the way to write an empty one.
---@param list any[]
---@return table array
function json.array(list)
  return setmetatable({ list = list }, ARRAY)
end

local SHORT = {
  ['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f",
  ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t", ["\127"] = "\\u007f",
}

local function escape_byte(c)
  return SHORT[c] or string.format("\\u%04x", c:byte())
end

--- `s` with every malformed UTF-8 byte replaced by U+FFFD.
local function valid_utf8(s)
  local _, bad = utf8.len(s)
  if not bad then
    return s
  end
  local out, from = {}, 1
  while bad do
    out[#out + 1] = s:sub(from, bad - 1)
    out[#out + 1] = "\u{FFFD}"
    from = bad + 1
    _, bad = utf8.len(s, from)
  end
  out[#out + 1] = s:sub(from)
  return table.concat(out)
end

local function encode_string(s)
  return '"' .. valid_utf8(s):gsub('[%c"\\\127]', escape_byte) .. '"'
end

local function encode_number(n)
  if math.type(n) == "integer" then
    return string.format("%d", n)
  end
  if n ~= n or n == math.huge or n == -math.huge then
    error("JSON has no NaN or infinity", 0)
  end
  for digits = 15, 17 do
    local text = string.format("%." .. digits .. "g", n)
    if tonumber(text) == n then
      return text
    end
  end
end

local encode_value

local function encode_list(out, list, depth)
  out[#out + 1] = "["
  for i = 1, #list do
    if i > 1 then
      out[#out + 1] = ","
    end
    encode_value(out, list[i], depth)
  end
  out[#out + 1] = "]"
end

local function encode_pairs(out, list, depth)
  out[#out + 1] = "{"
  local first = true
  for i = 1, #list do
    local key, value = list[i][1], list[i][2]
    if value ~= nil then
      out[#out + 1] = (first and "" or ",") .. encode_string(key) .. ":"
      encode_value(out, value, depth)
      first = false
    end
  end
  out[#out + 1] = "}"
end

local function sorted_pairs(t)
  local list = {}
  for key, value in pairs(t) do
    if type(key) ~= "string" then
      error("a JSON object needs string keys, got a " .. type(key), 0)
    end
    list[#list + 1] = { key, value }
  end
  table.sort(list, function(a, b) return a[1] < b[1] end)
  return list
end

local function encode_table(out, value, depth)
  if depth > 100 then
    error("JSON value nested deeper than 100 levels", 0)
  end
  local mt = getmetatable(value)
  if mt == OBJECT then
    encode_pairs(out, value.list, depth + 1)
  elseif mt == ARRAY or #value > 0 or next(value) == nil then
    encode_list(out, mt == ARRAY and value.list or value, depth + 1)
  else
    encode_pairs(out, sorted_pairs(value), depth + 1)
  end
end

function encode_value(out, value, depth)
  local kind = type(value)
  if value == json.null then
    out[#out + 1] = "null"
  elseif kind == "string" then
    out[#out + 1] = encode_string(value)
  elseif kind == "number" then
    out[#out + 1] = encode_number(value)
  elseif kind == "boolean" then
    out[#out + 1] = tostring(value)
  elseif kind == "table" then
    encode_table(out, value, depth)
  else
    error("JSON cannot hold a " .. kind, 0)
  end
end

--- JSON text of a value, on one line. Plain tables are arrays when they have elements or are empty,
--- else objects with sorted keys. Raises for functions, NaN, infinities and nesting over 100 levels.
---@param value any
---@return string text
function json.encode(value)
  local out = {}
  encode_value(out, value, 0)
  return table.concat(out)
end

return json
