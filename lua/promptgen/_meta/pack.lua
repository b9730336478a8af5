---@meta promptgen.pack

--- Lua values as MessagePack bytes: the encoding of the channel between processes.
---@class promptgen.pack
local pack = {}

--- Bytes of a value: nil, boolean, number, string, or a table of them (at most 32 levels deep and
--- 2^20 values). A table with exactly the keys 1..n is an array, any other a map whose keys are
--- strings or integers. Metatables are ignored.
---@param value any
---@return string? bytes
---@return promptgen.Error? err `invalid_argument`, `out_of_memory`
function pack.encode(value) end

--- The value that bytes hold; input is treated as hostile.
---@param bytes string
---@return any value nil is also a value; look at `err`
---@return promptgen.Error? err `corrupt`
function pack.decode(bytes) end

return pack
