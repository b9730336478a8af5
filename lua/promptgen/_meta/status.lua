---@meta promptgen.status

--- An error as data. Prints as "path:line:column: message".
---@class promptgen.Error
---@field code string one of the keys of `status.codes`; stable
---@field message string one sentence; not stable
---@field path? string workspace-relative path of the file concerned
---@field line? integer 1-based
---@field column? integer 1-based, in bytes
---@field offset? integer byte offset in the input
---@field hint? string|string[] what to do about it
---@field cause? promptgen.Error|string

--- Error codes, their exit statuses and the constructor of error values.
---@class promptgen.status
---@field codes table<string, integer> code name to process exit status
local status = {}

--- Gives `fields` the error metatable and returns it. Raises for a code that is not in `codes`.
---@param fields table {code=, message=, path=?, line=?, column=?, hint=?, cause=?}
---@return promptgen.Error
function status.error(fields) end

--- True for a value made by `status.error` or by a C module.
---@param value any
---@return boolean
function status.is_error(value) end

--- Process exit status of a code; 70 for a code that is not known.
---@param code string
---@return integer exit_status 0..130
function status.exit(code) end

return status
