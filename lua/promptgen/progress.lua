--- How far a long command is: one line on standard error, when that is a terminal and more than a
--- second has passed. It is gone when the command has finished.
local progress = {}

---@class promptgen.Progress
---@field private done integer
local Progress = {}
Progress.__index = Progress

local PATIENCE = 1
local INTERVAL = 0.1

---@class promptgen.ProgressOptions for tests; by default the program's own
---@field now? fun(): number seconds
---@field write? fun(text: string)
---@field terminal? boolean

local function host()
  return require "promptgen.host"
end

--- Starts to tell about `total` things.
---@param total integer
---@param what string such as "plans"
---@param options? promptgen.ProgressOptions
---@return promptgen.Progress
function progress.new(total, what, options)
  options = options or {}
  local terminal = options.terminal
  if terminal == nil then
    terminal = host().isatty(2)
  end
  local self = setmetatable({
    total = total, what = what, done = 0, now = options.now or host().now,
    write = options.write or function(text) host().write(2, text) end,
  }, Progress)
  self.due = terminal and self.now() + PATIENCE or nil
  return self
end

--- So many more are done.
---@param count? integer default 1
function Progress:step(count)
  self.done = self.done + (count or 1)
  if not self.due then
    return
  end
  local now = self.now()
  if now >= self.due then
    self.due, self.shown = now + INTERVAL, true
    self.write(("\r%d of %d %s\27[K"):format(self.done, self.total, self.what))
  end
end

--- Takes the line away; again is fine.
function Progress:finish()
  if self.shown then
    self.shown = false
    self.write "\r\27[K"
  end
end

return progress
