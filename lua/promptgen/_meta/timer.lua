---@meta promptgen.timer

--- Durations and deadlines on a monotonic clock. All times are seconds.
---@class promptgen.timer
local timer = {}

--- A clock that stands still until it is moved; for tests and replays.
---@class promptgen.timer.Clock
local Clock = {}

--- Its reading.
---@return number seconds
function Clock:now() end

--- Moves it by `seconds`, which may be negative. Raises when that leaves its range of 292 years.
---@param seconds number
---@return promptgen.timer.Clock self
function Clock:advance(seconds) end

--- Sets its reading.
---@param seconds number
---@return promptgen.timer.Clock self
function Clock:set(seconds) end

--- Measures one span at a time. As a to-be-closed variable it stops when its block ends, also by an
--- error:
---
--- ```lua
--- local watch = timer.start()
--- do
---   local running <close> = watch
---   work()
--- end
--- print(watch:elapsed())
--- ```
---@class promptgen.timer.Stopwatch
local Stopwatch = {}

--- Begins a span at 0, also when one is running.
---@return promptgen.timer.Stopwatch self
function Stopwatch:start() end

--- Ends the span; a stopwatch that is not running keeps its last one.
---@return number seconds length of the span, never negative
function Stopwatch:stop() end

--- 0.0 before the first start, the running span while open, the last span after a stop.
---@return number seconds
function Stopwatch:elapsed() end

--- True between start and stop.
---@return boolean
function Stopwatch:running() end

--- A moment on a clock.
---@class promptgen.timer.Deadline
local Deadline = {}

--- True from that very moment on.
---@return boolean
function Deadline:passed() end

--- Time left: 0.0 once it has passed, `math.huge` when it never passes.
---@return number seconds
function Deadline:left() end

--- The monotonic clock: only differences mean anything.
---@return number seconds
function timer.now() end

--- A stopwatch that has not been started.
---@param clock? promptgen.timer.Clock default: the monotonic clock
---@return promptgen.timer.Stopwatch
function timer.new(clock) end

--- A stopwatch that runs.
---@param clock? promptgen.timer.Clock default: the monotonic clock
---@return promptgen.timer.Stopwatch
function timer.start(clock) end

--- A deadline `seconds` from now; 0 or less has passed already, `math.huge` never passes.
---@param seconds number
---@param clock? promptgen.timer.Clock default: the monotonic clock
---@return promptgen.timer.Deadline
function timer.deadline(seconds, clock) end

--- A clock under the caller's control.
---@param seconds? number its first reading; default 0
---@return promptgen.timer.Clock
function timer.manual(seconds) end

return timer
