--- Collects warnings: once per code and file, in the order they were found.
local warnings = {}

---@class promptgen.state.Warning
---@field code string stable
---@field message string
---@field path? string
---@field line? integer

---@class promptgen.state.Warnings
---@field list promptgen.state.Warning[]
---@field seen table<string, boolean>
local Warnings = {}
Warnings.__index = Warnings

---@return promptgen.state.Warnings
function warnings.new()
  return setmetatable({ list = {}, seen = {} }, Warnings)
end

---@param code string
---@param path? string
---@param line? integer
---@param message string
function Warnings:add(code, path, line, message)
  local key = code .. "\0" .. (path or "")
  if not self.seen[key] then
    self.seen[key] = true
    self.list[#self.list + 1] = { code = code, message = message, path = path, line = line }
  end
end

return warnings
