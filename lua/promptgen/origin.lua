--- The last line of a copied script: which stock script it was made from, and of which bytes.
---
--- `-- promptgen copy of workflows/next.lua sha256 <64 digits>`. It is left out when a script is
--- compared with the stock one, so that an unchanged copy still counts as stock.
local origin = {}

local FORMAT = "-- promptgen copy of %s sha256 %s\n"
local PATTERN = "\n%-%- promptgen copy of (%S+) sha256 (%x+)\n?$"

--- `source` with its origin at the end.
---@param source string of the stock script
---@param name string on the search path
---@return string
function origin.mark(source, name)
  local body = source:sub(-1) == "\n" and source or source .. "\n"
  return body .. FORMAT:format(name, require("promptgen.digest").sha256(source))
end

--- Name and digest that a copy records; nil when it records none.
---@param source string
---@return string? name
---@return string? sha256 of the stock script when it was copied
function origin.of(source)
  return source:match(PATTERN)
end

--- `source` without its origin line.
---@param source string
---@return string
function origin.strip(source)
  local at = source:find(PATTERN)
  return at and source:sub(1, at) or source
end

return origin
