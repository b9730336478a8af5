--- Profiling for scripts: functions and pieces of work that are timed by name.
---
--- Without `--profile` and without debug log entries nothing is measured, and a function handed in
--- comes back as it is.
local log = require "promptgen.log"
local profiler = require "promptgen.profiler"
local timer = require "promptgen.timer"

local profile = {}

local now = timer.now

--- Whether names are measured: a profiler runs, or debug entries are logged.
---@return boolean
function profile.enabled()
  return profiler.running() or log.enabled "debug"
end

local Call = {}

local function describe(level, call, what, seconds, problem)
  if log.enabled(level) then
    log[level](("%s %s %.6f s"):format(call.name, what, seconds), {
      ["function"] = call.name, duration = seconds, error = problem,
    })
  end
end

--- Ends a call, whichever way it ended. `value` is what was raised.
function Call:__close(value)
  profiler.leave(self.name)
  self.open[self.thread] = nil
  local seconds = now() - self.started
  if self.returned then
    describe("debug", self, "took", seconds)
  elseif value ~= nil then
    describe("error", self, "failed after", seconds,
      require("promptgen.errors").normalise(value, "workflow_error").message)
  else -- error(nil), or a coroutine that was closed
    describe("debug", self, "was left after", seconds)
  end
end

local function returning(call, ...)
  call.returned = true
  return ...
end

local function check(name, value, expected, position)
  if type(value) ~= expected then
    error(("bad argument #%d to 'profile.%s' (%s expected, got %s)"):format(position, name, expected, type(value)), 3)
  end
end

--- A function that does what `fn` does, and is timed: it stands in the profile as `name`, and its
--- duration is logged at debug, a failure at error. Results pass unchanged, nil and trailing nils
--- included; an error is raised again as the same value. Of a recursion the outermost call counts.
---
--- When nothing is measured the result is `fn` itself.
---
--- ```lua
--- local profile = require "promptgen.profile"
--- local collect = profile.wrap("collect the notes", function(dir) ... end)
--- ```
---@generic F: function
---@param name string
---@param fn F
---@return F
function profile.wrap(name, fn)
  check("wrap", name, "string", 1)
  check("wrap", fn, "function", 2)
  if not profile.enabled() then
    return fn
  end
  local open = setmetatable({}, { __mode = "k" }) -- coroutines with an open call
  local function timed(...)
    local thread = coroutine.running()
    if open[thread] then
      return fn(...)
    end
    open[thread] = true
    profiler.enter(name)
    local call <close> = setmetatable({ name = name, open = open, thread = thread, started = now() }, Call)
    return returning(call, fn(...))
  end
  profile.hide(timed)
  return timed
end

local Span = {}

function Span:__close()
  profiler.leave(self.name)
end

local NOTHING = setmetatable({}, { __close = function() end })

--- A piece of work with a name, to be closed at its end; it stands in the profile around what is
--- called meanwhile. Without `--profile` it does nothing.
---
--- ```lua
--- local span <close> = profile.span "read the notes"
--- ```
---@param name string
---@return table span with __close
function profile.span(name)
  check("span", name, "string", 1)
  if not profiler.running() then
    return NOTHING
  end
  profiler.enter(name, 2)
  return setmetatable({ name = name }, Span)
end

--- Leaves a function out of profiles: what it calls counts as called by its caller. For functions
--- that only wrap others.
---@param fn function
function profile.hide(fn)
  check("hide", fn, "function", 1)
  profiler.hide(fn)
end

--- Starts the profiler of this Lua state; `--profile` does it for a run. Raises when one runs.
function profile.start()
  profiler.start()
  for _, own in ipairs { check, describe, returning, Call.__close, Span.__close, profile.span, profile.wrap,
    profile.hide, profile.stop } do
    profiler.hide(own)
  end
end

--- Stops it. Raises when none runs.
---@param process? string what the profile is called, default "lua"
---@return promptgen.profile.Data
function profile.stop(process)
  local value = require("promptgen.pack").decode(profiler.stop())
  return require("promptgen.profile.data").read(value, process or "lua")
end

return profile
