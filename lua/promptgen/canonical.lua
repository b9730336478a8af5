--- Text that differs when anything in plain data differs: for keys made of options and settings.
---@param value any nil, boolean, number, string, or a table of them
---@return string
local function canonical(value)
  if type(value) ~= "table" then
    return type(value):sub(1, 1) .. tostring(value) .. "\0"
  end
  local parts = {}
  for key, item in pairs(value) do
    parts[#parts + 1] = canonical(key) .. canonical(item)
  end
  table.sort(parts)
  return "{" .. table.concat(parts) .. "}"
end

return canonical
