--- The number codes of file names: an achievement number with its dots left out.
---
--- "11" may be 1.1 and "102" 10.2 or 1.02, so a code means something only against the numbers a
--- plan defines. A number written with its dots is never ambiguous.
local codes = {}

---@class promptgen.state.Codes
---@field numbers table<string, boolean>
---@field by_code table<string, string[]>
local Codes = {}
Codes.__index = Codes

--- The code of a number: "1.2" gives "12".
---@param number string
---@return string code
function codes.encode(number)
  return (number:gsub("%.", ""))
end

--- Codes of the given numbers.
---@param numbers string[] in file order
---@return promptgen.state.Codes
function codes.new(numbers)
  local self = setmetatable({ numbers = {}, by_code = {} }, Codes)
  for _, number in ipairs(numbers) do
    self:add(number)
  end
  return self
end

--- Adds a number; adding one twice changes nothing.
---@param number string
function Codes:add(number)
  if self.numbers[number] then
    return
  end
  self.numbers[number] = true
  local code = codes.encode(number)
  local sharing = self.by_code[code]
  if sharing then
    sharing[#sharing + 1] = number
  else
    self.by_code[code] = { number }
  end
end

--- The number a code or dotted number of a file name means.
---@param text string digits, or digits with dots
---@return string? number nil when none or several fit
---@return string[]? candidates the numbers that share the code; nil when none is defined
function Codes:decode(text)
  local sharing = self.by_code[text]
  if sharing and not sharing[2] then
    return sharing[1]
  elseif self.numbers[text] then
    return text
  end
  return nil, sharing
end

--- How a file name should spell a number: its code, or the dotted form when the code is shared.
---@param number string
---@return string
function Codes:spell(number)
  local code = codes.encode(number)
  local sharing = self.by_code[code]
  if sharing and #sharing > 1 then
    return number
  end
  return code
end

--- A number for a code that the plan does not define: the last digit is taken as the minor part.
--- Used only when the files beside a plan are asked to define achievements.
---@param text string
---@return string
function codes.guess(text)
  if text:find(".", 1, true) or #text < 2 then
    return text
  end
  return text:sub(1, -2) .. "." .. text:sub(-1)
end

return codes
