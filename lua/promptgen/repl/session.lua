--- The parent's side of a worker that lives on: starts it when it is needed, plays turns, replaces it
--- when it dies.
local errors = require "promptgen.errors"
local host = require "promptgen.host"

local session = {}

--- Longest life of a worker's processor time; turns have limits of their own.
local LIFE_SECONDS = 30 * 86400

---@class promptgen.repl.Session
---@field output fun(value: any) what the worker prints: text, or {pieces}
---@field notice fun(text: string) what the user has to know
local Session = {}
Session.__index = Session

---@class promptgen.repl.SessionOptions
---@field app table
---@field workspace promptgen.Workspace
---@field signals userdata of promptgen.signals
---@field plan? string path of the plan
---@field output fun(value: any): boolean?, promptgen.Error?
---@field notice fun(text: string)
---@field seconds? number limit of a turn
---@field counts promptgen.repl.Counts
---@field memory integer bytes

---@param options promptgen.repl.SessionOptions
---@return promptgen.repl.Session
function session.new(options)
  local self = setmetatable(options, Session)
  self.settings = {}
  return self
end

local function new_job(self)
  local app = self.app
  return {
    app = app, workspace = self.workspace, runtime = app:runtime(),
    options = require("promptgen.run").visible_options(app), log_level = app:log_level(),
    overridden = {}, resolved = {}, args = {}, plan = self.plan,
  }
end

--- Starts a worker; it inherits what the parent has loaded.
function Session:start()
  self.job = new_job(self)
  local job, err = self.job
  if self.plan then
    self.workspace:document(self.plan)
  end
  self.worker, err = host.start_worker(
    { timeout = LIFE_SECONDS, memory = self.memory, signals = self.signals },
    function() return require("promptgen.repl.worker").run(job) end)
  self.is_ready = false
  return self.worker ~= nil, err
end

function Session:close()
  if self.worker then
    self.worker:close()
    self.worker = nil
  end
end

--- A worker that ended by itself while nobody looked.
local function ensure_worker(self)
  if self.worker and not self.worker:alive() then
    self:close()
    self.notice "the worker process has ended; a new one has started, its variables are gone"
  end
  if not self.worker then
    return self:start()
  end
  return true
end

local handlers = {}

function handlers.output(self, value)
  return self.output(value)
end

function handlers.log(self, entry)
  self.app:open_log():receive(entry, self.app.options.out_max)
  return true
end

function handlers.metrics(self, rows)
  self.counts:receive(rows)
  return true
end

function handlers.request(self, request)
  self.counts:tick(false)
  local ok, answer, err = host.protect(require("promptgen.repl.live").answer, self.job, request)
  if not ok then -- whatever a worker asks, the session goes on
    answer, err = nil, errors.normalise(answer, "internal")
  end
  if answer == nil then
    self.worker:refuse(err or errors.new { code = "not_found", message = "there is no answer" })
  else
    self.worker:answer(answer)
  end
  return true
end

--- Exchanges frames until the worker asks for its next turn; "gone" when it will not any more. Nothing
--- at all when that has not come by the deadline, or a signal has come before it.
local function converse(self, deadline)
  while true do
    if deadline and not self.worker:wait(deadline:left()) then
      return nil
    end
    local name, value = self.worker:next()
    if not name then
      return nil, value, "gone"
    elseif name == "request" and type(value) == "table" and value.op == "turn" then
      return type(value.outcome) == "table" and value.outcome or {}
    elseif not handlers[name] then
      return nil, name == "error" and errors.normalise(value, "worker_crash")
        or errors.new { code = "worker_crash", message = "the worker left its loop" }, "gone"
    end
    local ok, err = handlers[name](self, value)
    if not ok then
      return nil, err
    end
  end
end

--- Lets go of a worker that is dead or out of step; the error says what that means.
local function give_up(self, err, gone)
  self:close()
  if err.code == "interrupted" then
    err.message = "the evaluation did not stop within a second, so its worker was ended"
  end
  if gone then
    err.hint = err.hint or "a new worker starts with the next entry; the variables of this one are gone"
  end
  return err
end

--- What a turn needs to know of the world now.
local function with_circumstances(self, command)
  self.app.search_path = nil -- scripts may have come or gone
  self.job.runtime = self.app:runtime()
  local overridden = {}
  for name in pairs(self.job.runtime:overridden()) do
    overridden[#overridden + 1] = name
  end
  command.overridden, command.plan, command.seconds = overridden, self.plan, self.seconds
  command.print = self.settings
  return command
end

--- Gives the worker a command once it is ready for one. What a turn that was not waited for still
--- brings is passed over.
local function exchange(self, command, deadline)
  local outcome, err, gone = true, nil, nil
  if not self.is_ready then
    outcome, err, gone = converse(self, deadline)
  end
  self.is_ready = false
  if outcome then
    self.worker:answer(with_circumstances(self, command))
    outcome, err, gone = converse(self, deadline)
    self.is_ready = outcome ~= nil
  end
  return outcome, err, gone
end

--- Plays one turn. The outcome is data of the worker's; `error` in it is normalised.
---@param command {op: string} see promptgen.repl.worker
---@param patience? number seconds to wait for the outcome; default: as long as the worker lives
---@return table? outcome nil without an error when it did not come in time, or a signal came first
---@return promptgen.Error? err the worker is gone
function Session:turn(command, patience)
  local ok, err = ensure_worker(self)
  if not ok then
    return nil, err
  end
  -- The worker raises the limit itself and tells where; this one is for what it cannot stop.
  self.counts:begin()
  local seconds = patience or self.seconds
  self.worker:begin_turn(seconds and seconds + 1)
  local deadline = patience and require("promptgen.timer").deadline(patience)
  local outcome, gone
  outcome, err, gone = exchange(self, command, deadline)
  self.was_interrupted = self.worker:interrupted()
  if not patience then
    self.counts:tick(true)
  end
  if not outcome then
    return nil, err and give_up(self, err, gone)
  end
  if outcome.error ~= nil then
    outcome.error = errors.normalise(outcome.error, "workflow_error")
  end
  return outcome
end

return session
