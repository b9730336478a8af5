---@meta promptgen.digest

--- Digests that name exactly which bytes were used.
---@class promptgen.digest
local digest = {}

--- SHA-256 (FIPS 180-4) of `bytes` as 64 lower-case hexadecimal digits.
---@param bytes string
---@return string hex
function digest.sha256(bytes) end

return digest
