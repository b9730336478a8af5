--- What a session counts, and when that is added to the totals: its worker's metrics after each turn, all
--- of it in the file every now and then. The end of the command adds the rest.
local host = require "promptgen.host"
local totals = require "promptgen.totals"

local counts = {}

--- Seconds between two looks at the file while chunks follow each other.
local PERIOD = 15

---@class promptgen.repl.Counts
---@field app promptgen.App
---@field period number seconds
---@field now fun(): number
---@field flushed number when
local Counts = {}
Counts.__index = Counts

---@param app promptgen.App
---@param options? {at_once?: boolean, now?: fun(): number} at_once: write after each turn
---@return promptgen.repl.Counts
function counts.new(app, options)
  local now = options and options.now or host.now
  return setmetatable({
    app = app, now = now, flushed = now(), period = options and options.at_once and 0 or PERIOD,
  }, Counts)
end

--- A turn begins, in which the worker may send one set.
function Counts:begin()
  self.turn = {}
end

---@param rows any what the worker sent
function Counts:receive(rows)
  totals.receive(self.app, self.turn or {}, rows, "this entry")
end

--- A turn goes on or has ended: writes when it is time.
---@param is_over boolean
function Counts:tick(is_over)
  local now = self.now()
  if now - self.flushed >= PERIOD or is_over and now - self.flushed >= self.period then
    totals.flush(self.app)
    self.flushed = now
  end
end

return counts
