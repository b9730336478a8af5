---@meta promptgen.inspect

--- What values are, without asking them: nothing here calls a metamethod or a function of a script.
--- For the trusted code that shows values to people.
---@class promptgen.inspect
local inspect = {}

---@class (exact) promptgen.inspect.Function
---@field kind "C"|"Lua"
---@field source? string name of the chunk, shortened for display
---@field line? integer where the definition begins
---@field end_line? integer where it ends
---@field parameters? string[] names; "..." last when there is one; names of stripped code are "?"

--- The metatable of a value, also behind a `__metatable` field.
---@param value any
---@return table? metatable
function inspect.metatable(value) end

--- Where an object is in memory; nil for strings, numbers, booleans and nil.
---@param value any
---@return string? address such as "0x55d0c8"
function inspect.address(value) end

--- Name of the type of a userdata.
---@param value any
---@return string? name such as "promptgen.plan"
function inspect.type_name(value) end

--- Names of what a userdata of a C module has, in no order.
---@param userdata userdata
---@return string[] fields
---@return string[] methods
function inspect.members(userdata) end

--- Where a function comes from.
---@param fn function
---@return promptgen.inspect.Function
function inspect.describe(fn) end

return inspect
