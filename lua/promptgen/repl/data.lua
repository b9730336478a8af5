--- Values as plain data, for JSON: nothing of a table is left out.
local inspect = require "promptgen.inspect"

local data = {}

--- Levels of tables and userdata.
local DEPTH_MAX = 60

local function read_field(value, name)
  return value[name]
end

local plain

local function plain_userdata(value, depth)
  local fields = inspect.type_name(value) and inspect.members(value) or {}
  if #fields == 0 then
    return value -- refused where it is sent
  end
  local out = {}
  for _, name in ipairs(fields) do
    local ok, found = pcall(read_field, value, name)
    if ok and found ~= nil then
      out[name] = plain(found, depth + 1)
    end
  end
  return out
end

function plain(value, depth)
  if depth > DEPTH_MAX then
    return value
  elseif type(value) == "userdata" then
    return plain_userdata(value, depth)
  elseif type(value) ~= "table" then
    return value
  end
  local out = {}
  for key, item in next, value do
    out[key] = plain(item, depth + 1)
  end
  return out
end

--- A copy in which a record, an achievement and whatever else has fields is a table of them.
---@param value any
---@return any
function data.plain(value)
  return plain(value, 1)
end

--- What of a table `json.encode` keeps whole: a table that is not a sequence becomes an object, its
--- numbers its keys. Raises for a key that JSON has no form for.
---@param value any plain data without cycles
---@return any
function data.whole(value)
  if type(value) ~= "table" then
    return value
  end
  local json, count, pairs_list = require "promptgen.json", 0, {}
  for _ in next, value do
    count = count + 1
  end
  if count == #value then
    local list = {}
    for i = 1, count do
      list[i] = data.whole(value[i])
    end
    return json.array(list)
  end
  for key, item in next, value do
    if type(key) ~= "string" and (type(key) ~= "number" or value[tostring(key)] ~= nil) then
      error(("JSON has no key like the %s %s"):format(type(key), tostring(key)), 0)
    end
    pairs_list[#pairs_list + 1] = { tostring(key), data.whole(item) }
  end
  table.sort(pairs_list, function(a, b) return a[1] < b[1] end)
  return json.object(pairs_list)
end

return data
