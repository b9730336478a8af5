--- `promptgen repl`: reads what the user types, lets a worker evaluate it, shows what comes back.
---
--- This side is trusted: it keeps the terminal, the history and the settings, and runs none of what
--- was typed. See promptgen.repl.session and promptgen.repl.worker.
local errors = require "promptgen.errors"
local host = require "promptgen.host"

local repl = {}

---@class promptgen.Repl
---@field app table
---@field workspace promptgen.Workspace
---@field plan? string path of the plan
---@field screen promptgen.repl.Screen
---@field session promptgen.repl.Session
---@field is_over? boolean the user wants to leave
---@field place? {name: string, line?: integer} where the text comes from, for the messages of errors
---@field untold? string[] while a line is typed: notices that wait for its end
local Repl = {}
Repl.__index = Repl

--- Width of the terminal in cells; nil when there is none.
---@return integer?
function Repl:room()
  return self.app:width()
end

--- Width that values are laid out for.
---@return integer
function Repl:width()
  return self:room() or 80
end

--- Names of the templates on the search path.
---@return string[]
function Repl:templates()
  local names = {}
  for _, name in ipairs(self.app:runtime():names "workflows/templates/") do
    names[#names + 1] = name:match "([^/]+)%.lua$"
  end
  return names
end

local function write(text)
  return host.write(1, text)
end

local function new_screen(app)
  return require("promptgen.repl.screen").new {
    color = app:color(1), terminal = host.isatty(1), write = write,
  }
end

--- What a worker prints; a closed standard output ends the program.
local function show_output(self, value)
  local ok, err
  if type(value) == "string" then
    ok, err = self.screen:put(value)
  else
    ok, err = self.screen:put_pieces(type(value) == "table" and value.pieces)
  end
  self.written = (self.written or 0) + (type(value) == "string" and #value or 0)
  if ok and self.output_max and self.written > self.output_max then
    ok, err = nil, errors.new { code = "limit", message = ("more than %d bytes were printed"):format(self.output_max),
      hint = "--out-max raises the limit" }
  end
  return ok, err
end

local function new_session(self, spec)
  self.session = require("promptgen.repl.session").new {
    app = self.app, workspace = self.workspace, signals = self.signals, plan = self.plan,
    output = function(value) return show_output(self, value) end,
    notice = function(text) self:notice(text) end,
    seconds = spec.seconds, memory = self.app.options.mem,
    counts = require("promptgen.repl.counts").new(self.app, { at_once = self.wants_terminal }),
  }
end

--- What the user has to know about the program itself.
function Repl:notice(text)
  if self.untold then
    table.insert(self.untold, text)
  elseif self.is_interactive then
    self.screen:line("note", text)
  else
    host.write(2, "promptgen: notice: " .. errors.escape_controls(text) .. "\n")
  end
end

--- Plays a turn of the user's; an error in its outcome is an error.
---@return table? outcome
---@return promptgen.Error? err
---@return string? traceback
function Repl:play(command)
  self.session.settings.width = self.session.settings.width or self:width()
  local outcome, err = self.session:turn(command)
  if not outcome then
    return nil, err
  elseif outcome.error then
    outcome.error.is_foreign = true -- its code is the worker's choice
    return nil, outcome.error, outcome.traceback
  end
  return outcome
end

--- Evaluates a whole chunk.
function Repl:evaluate(text)
  return self:play { op = "eval", text = text, echo = self.echoes, place = self.place }
end

function Repl:remember(entry)
  if not entry:match "^%s*:[%a]" then
    self.last_entry = entry
  end
  if self.history and self.history:add(entry) then
    self.editor:remember(entry)
    local problem = self.history.problem
    if problem then
      self.history.problem = nil
      self:notice("the history is not kept: " .. problem.message)
    end
  end
end

--- Shows an error and what would help.
function Repl:report(err, traceback)
  if err.code == "interrupted" then
    write "\n" -- the terminal shows ^C where the cursor is
  end
  return self.screen:error(err, traceback)
end

--- Runs one command or whole chunk.
---@param text string
---@return any result
---@return promptgen.Error? err
---@return string? traceback
function Repl:run(text)
  if not text:match "^%s*:[%a]" then
    return self:evaluate(text)
  end
  local command, argument = require("promptgen.repl.commands").parse(text)
  if not command then
    return nil, argument
  end
  if argument ~= "" and not command.usage:find " " then
    return nil, errors.new { code = "usage", message = (":%s takes no argument"):format(command.name) }
  end
  return command.run(self, argument)
end

---@class promptgen.ReplSpec
---@field target? string "@NAME" or path of a plan
---@field expressions? string[] of -e
---@field load? string[] files of --load
---@field input boolean read standard input as it comes
---@field json boolean
---@field seconds? number limit of one evaluation

local function run(self, spec)
  local batch = require "promptgen.repl.batch"
  local ok, err = batch.load(self, spec.load or {})
  if not ok then
    return nil, err
  elseif spec.expressions and spec.json then
    return batch.json(self, spec.expressions)
  elseif spec.expressions then
    return batch.expressions(self, spec.expressions)
  elseif self.wants_terminal then
    return require("promptgen.repl.terminal").converse(self)
  end
  return batch.input(self)
end

--- Runs the REPL until its end.
---@param app table
---@param spec promptgen.ReplSpec
---@return integer|string|nil status exit status, or the JSON text
---@return promptgen.Error? err
function repl.run(app, spec)
  local workspace, err = app:workspace()
  if not workspace then
    return nil, err
  end
  workspace.snapshot = false -- a session is long: every look is checked against the files
  app.lasts = true
  local plan
  if spec.target then
    plan, err = workspace:resolve(spec.target)
    if not plan then
      return nil, err
    end
  end
  local signals
  signals, err = require("promptgen.signals").open()
  if not signals then
    return nil, err
  end
  local self = setmetatable({ app = app, workspace = workspace, plan = plan, signals = signals }, Repl)
  self.wants_terminal = not spec.expressions and not spec.input
  self.output_max = not self.wants_terminal and app.options.out_max or nil
  self.screen = new_screen(app)
  new_session(self, spec)
  local status
  status, err = run(self, spec)
  self.session:close()
  if self.editor then
    self.editor:close()
  end
  signals:close()
  return status, err
end

return repl
