---@meta promptgen.profiler

--- The exact profiler of this Lua state, below `promptgen.profile`, which scripts use.
---@class promptgen.profiler
local profiler = {}

--- Starts it: from now on every call of a Lua or C function is recorded, in this coroutine and in
--- those made from now on. Raises when one runs, and when something else uses the debug hook.
function profiler.start() end

--- Stops it. Raises when none runs.
---@return string bytes a packed map, see include/promptgen/profile.h; `promptgen.profile.data` reads it
function profiler.stop() end

--- Whether it runs.
---@return boolean
function profiler.running() end

--- Opens a named span; what is called within it is shown beneath it. It ends by `leave`, or with the
--- function it was opened in. Nothing happens while no profiler runs.
---@param name string
---@param level? integer of the function it belongs to: 1 (default) is the calling one, 2 its caller
function profiler.enter(name, level) end

--- Closes the innermost open span of this name, and every span within. Nothing happens when none is
--- open.
---@param name string
function profiler.leave(name) end

--- Leaves a function, and every closure of the same definition, out of profiles: what it calls counts
--- as called by its caller.
---@param fn function
function profiler.hide(fn) end

return profiler
