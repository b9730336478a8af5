---@meta cjson

--- `require "cjson"` in a workflow: JSON as lua-cjson has it. Keys are written in no certain order;
--- promptgen.json writes them in that of their making. NaN and infinities are refused, nesting deeper
--- than 100 is an error.
---@class promptgen.cjson
---@field null userdata stands for null in both directions
local cjson = {}

--- JSON text for a value. Raises for what JSON has no form for: a function, a sparse array, NaN.
---@param value any
---@return string text
function cjson.encode(value) end

--- The value of a JSON text; null becomes `cjson.null`. Raises for what is not JSON.
---@param text string
---@return any value
function cjson.decode(text) end

return cjson
