--- A module that is loaded when one of its functions is first used: for what most runs never need.
---@param name string of the module
---@return table proxy
return function(name)
  return setmetatable({}, { __index = function(proxy, key)
    local value = require(name)[key]
    rawset(proxy, key, value)
    return value
  end })
end
