--- The interactive REPL: prompt, multi-line entries, history, completion.
local errors = require "promptgen.errors"
local host = require "promptgen.host"

local terminal = {}

--- Runs one entry and shows what went wrong. False when nobody can see it any more.
local function run_entry(self, text)
  if text:match "^%s*:[%a]" then
    self:remember(text)
  end
  local result, err, traceback = self:run(text)
  if result or not err then
    return true
  elseif err.closed then
    return nil, err
  end
  self:report(err, traceback)
  return true
end

local function hint_at_local(self, text)
  local name = require("promptgen.repl.reader").lost_local(text)
  if name then
    self.screen:line("note", ("'%s' is gone with its line: leave out 'local' to keep it"):format(name))
  end
end

--- Reads a line. What the user has to know meanwhile is told behind it, and not into it.
local function read_line(self, prompt)
  self.untold = {}
  local line, why = self.editor:read(prompt)
  local untold = self.untold
  self.untold = nil
  for _, text in ipairs(untold) do
    self:notice(text)
  end
  return line, why
end

--- Reads on until the text is a whole chunk; nil when the user gave it up.
local function complete_entry(self, text)
  while require("promptgen.repl.reader").needs_more(text) do
    local line = read_line(self, self.continuation)
    if not line then
      return nil
    end
    text = text .. "\n" .. line
  end
  return text
end

local function read_entry(self)
  local line, why = read_line(self, self.prompt)
  if not line then
    self.is_over = why == "end" or type(why) == "table"
    return nil, type(why) == "table" and why or nil
  elseif not line:find "%S" then
    return nil
  elseif line:match "^%s*:[%a]" then
    return line
  end
  local text = complete_entry(self, line)
  if text then
    self:remember(text)
  end
  return text
end

--- Seconds that a completion waits for the worker, which has a limit of its own and may be deaf to it.
local COMPLETION_LIMIT = 0.2

local function names_of_worker(self, before)
  local outcome, err = self.session:turn({ op = "complete", before = before }, COMPLETION_LIMIT)
  if self.session.was_interrupted then
    self.signals:put_back_interrupt() -- meant for the line, not for its completion
  end
  if err then
    self:notice(err.hint and err.message .. "; " .. err.hint or err.message)
  end
  local names = {}
  for _, name in ipairs(outcome and type(outcome.names) == "table" and outcome.names or {}) do
    names[#names + 1] = type(name) == "string" and name:match "^[%a_][%w_]*$" or nil
  end
  local erase = outcome and outcome.erase
  return names, math.type(erase) == "integer" and erase <= #before and erase or 0
end

local function plan_names(self)
  local names = {}
  for _, path in ipairs(self.workspace:plans() or {}) do
    local feature = path:match "PLAN_([%w._%-]+)%.md$"
    names[#names + 1] = feature and "@" .. feature
  end
  return names
end

local function cache_names()
  local names = { "store" }
  for _, report in ipairs(require("promptgen.repl.caches").collect()) do
    names[#names + 1] = report.stats.name
  end
  return names
end

local function cache_keys()
  local keys = {}
  for _, report in ipairs(require("promptgen.repl.caches").collect "*") do
    for _, entry in ipairs(report.entries) do
      keys[#keys + 1] = not entry.key:find "[%c ]" and entry.key or nil
    end
  end
  return keys
end

--- Names of the modules that user code can require.
local function modules(self)
  local names = {}
  for name in pairs(require("promptgen.environment").modules) do
    names[#names + 1] = name
  end
  for _, file in ipairs(self.app:runtime():names "workflows/lib/") do
    local name = file:match "^workflows/(lib/.+)%.lua$"
    names[#names + 1] = name and name:gsub("/", ".")
  end
  table.sort(names)
  return names
end

local PATHS_MAX = 1000

--- What lies in the directory of the path that is being typed, as far as user code may see it.
local function paths(self, text)
  local dir, prefix = text:match "^(.*/)([^/]*)$"
  dir, prefix = dir or "", prefix or text
  local names, permissions = {}, self.app:permissions()
  for _, entry in ipairs(self.workspace:list(dir == "" and "." or dir:sub(1, -2)) or {}) do
    local is_wanted = entry.name:sub(1, #prefix) == prefix and (entry.name:sub(1, 1) ~= "." or prefix ~= "")
      and not entry.name:find "[%c\"'\\]"
    if is_wanted and #names < PATHS_MAX and permissions:reading(dir .. entry.name) then
      names[#names + 1] = dir .. entry.name .. (entry.type == "dir" and "/" or "")
    end
  end
  return names
end

local function new_completer(self)
  local sources = { commands = {}, arguments = {}, expressions = {} }
  local makers = {
    topic = require("promptgen.repl.help").topics, cache = cache_names,
    key = cache_keys, template = function() return self:templates() end, plan = function() return plan_names(self) end,
  }
  for i, command in ipairs(require("promptgen.repl.commands").list) do
    sources.commands[i] = ":" .. command.name
    sources.arguments[command.name] = makers[command.takes]
    sources.expressions[command.name] = command.takes == "expression" or nil
  end
  sources.names = function(before) return names_of_worker(self, before) end
  sources.plans, sources.templates = makers.plan, makers.template
  sources.modules, sources.paths = function() return modules(self) end, function(text) return paths(self, text) end
  sources.width = function() return self:width() end
  return require("promptgen.repl.completion").new(sources)
end

--- A prompt: the plan's name, or the program's. The colour stands between marks that take no room.
local function prompts(self)
  local name = self.plan and self.plan:match "PLAN_([^/]+)%.md$" or "promptgen"
  name = errors.escape_controls(name):sub(1, 30)
  local function paint(text)
    return self.screen.color and "\1\27[1m\1" .. text .. "\1\27[0m\1 " or text .. " "
  end
  self.prompt, self.continuation = paint(name .. ">"), paint((" "):rep(#name - 1) .. ">>")
end

--- Reads the history of earlier sessions; what prevents it is told behind the next entry.
local function load_history(self)
  local history, problem = require("promptgen.repl.history").open(self.app.state_dir())
  history.problem = problem
  for _, entry in ipairs(history.entries) do
    self.editor:remember(entry)
  end
  self.history = history
end

local function open_terminal(self)
  local err
  self.editor, err = require("promptgen.editor").open(self.signals, new_completer(self),
    function() load_history(self) end)
  return self.editor ~= nil, err
end

local function greet(self)
  local text = ("promptgen %s, %s. :help shows what there is, Ctrl-D leaves."):format(host.version, _VERSION)
  self.screen:line("note", (require("promptgen.columns").wrap(text, self:room(), ""):gsub("\n$", "")))
end

--- Converses until the user leaves.
---@param self promptgen.Repl
---@return integer? status
---@return promptgen.Error? err
function terminal.converse(self)
  self.is_interactive, self.echoes = true, true
  local ok, err = open_terminal(self)
  if not ok then
    return nil, err
  end
  prompts(self)
  greet(self)
  while not self.is_over do
    local text
    text, err = read_entry(self)
    if text then
      ok, err = run_entry(self, text)
      if not ok then
        return nil, err
      end
      hint_at_local(self, text)
    elseif err then
      return nil, err
    end
  end
  self.editor:close()
  return 0
end

return terminal
