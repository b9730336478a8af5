--- What may come next on a command line, for the shells: their scripts hand the words over and take the
--- answer, so there is one place that knows.
local options = require "promptgen.options"

local completions = {}

---@class promptgen.Candidate
---@field [1] string the whole word
---@field [2]? string what it is, one line

--- Answers in place of candidates: the shell completes names of files or folders itself.
completions.files, completions.dirs = ":files", ":dirs"

local FILES = { ["log-file"] = true, ["profile-out"] = true, textfile = true }
local DIRS = { root = true, runtime = true, ["allow-read"] = true, ["allow-write"] = true, to = true, dir = true }

--- Values of options that have few.
local VALUES = {
  color = { "auto", "always", "never" }, ["log-level"] = { "debug", "info", "warning", "error", "off" },
  ["log-format"] = { "text", "json" }, profile = { "cumtime", "self", "calls" },
}

--- Values of options of one command.
local OWN_VALUES = {
  graph = { format = { "tree", "mermaid", "dot" } }, lint = { level = { "note", "warning", "error" } },
}

--- Values of arguments that have few, by command and argument.
local ARGUMENTS = {
  new = { kind = { "plan", "subplan", "execution", "workflow" } }, batch = { kind = { "subplans", "executions" } },
  cache = { action = { "stats", "list", "show", "warm", "clear", "gc", "verify" } }, metrics = { action = { "reset" } },
  completions = { shell = { "bash", "zsh", "fish" } },
  subplan = { kind = { "create", "continue", "synthesize" } },
  execution = { kind = { "create", "continue", "next" } },
}

local Line = {}
Line.__index = Line

--- The option of a word, of promptgen itself or of the command: name without dashes, and whether it
--- takes a value.
local function option_of(self, word)
  local name = word:match "^%-%-([^=]+)" or word:match "^%-(%a)$"
  for _, option in ipairs(options.list) do
    if name and (option.name == name or option.short == name) then
      return option.name, option.kind ~= "flag" and option.kind ~= "optional"
    end
  end
  for _, option in ipairs(self.spec and self.spec.options or {}) do
    for own in option[1]:gmatch "%-%-?([%w%-]+)" do
      if own == name then
        return own, option[2] ~= "flag"
      end
    end
  end
end

--- The declaration of a command or a workflow; nil for a name that is none.
local function spec_of(app, name)
  local cli = require "promptgen.cli"
  local command = name ~= "next" and name ~= "run" and cli.command(name)
  if command then
    return command
  end
  local script = require("promptgen.run.find").script(app, name)
  local described = script and require("promptgen.run").describe(app, script)
  if described then
    described.arguments = described.arguments or { { "plan", "@NAME or path of a plan" } }
    return described
  end
end

--- Reads the words before the one to be completed.
local function read(app, words)
  local self = setmetatable({ app = app, arguments = {}, current = words[#words] or "" }, Line)
  local i = 1
  while i < #words do
    local word = words[i]
    if word == "--" then
      self.is_plain = true
    elseif word:sub(1, 1) == "-" and not self.is_plain then
      local name, takes = option_of(self, word)
      if takes and not word:find("=", 1, true) then
        if i + 1 == #words then
          self.value_of = name
        elseif name == "root" then
          app.options.root = words[i + 1]
        end
        i = i + 1
      elseif name == "root" then
        app.options.root = word:match "=(.*)$"
      end
    elseif not self.command then
      self.command = word
      if word ~= "run" then
        self.spec = spec_of(app, word)
      end
    elseif self.command == "run" and not self.spec then
      self.spec, self.workflow = spec_of(app, word) or {}, word
    else
      self.arguments[#self.arguments + 1] = word
    end
    i = i + 1
  end
  return self
end

local function one_line(text)
  return text and (text:gsub("%s+", " ")) or nil
end

local function add_workflows(self, out, is_hidden)
  local runtime = self.app:runtime()
  for _, full in ipairs(runtime:names "workflows/") do
    local name = full:match "^workflows/([^/]+)%.lua$"
    if name and not (is_hidden and is_hidden[name]) then
      local script = runtime:find(full)
      local described = script and script.stock and require("promptgen.run").describe(self.app, script)
      out[#out + 1] = { name, one_line(described and described.summary) or "a workflow" }
    end
  end
end

local function commands(self)
  local cli, out, known = require "promptgen.cli", {}, {}
  for _, name in ipairs(cli.commands) do
    out[#out + 1], known[name] = { name, one_line(cli.command(name).summary) }, true
  end
  add_workflows(self, out, known)
  return out
end

local function option_names(self)
  local out = {}
  for _, option in ipairs(self.spec and self.spec.options or {}) do
    for name in option[1]:gmatch "%-%-[%w%-]+" do
      out[#out + 1] = { name, one_line(option[3]) }
    end
  end
  for _, option in ipairs(options.list) do
    out[#out + 1] = { "--" .. option.name, one_line(option.help) }
  end
  return out
end

--- Every plan by the name that `@` takes; two of one name are left to their paths.
local function plans(self)
  local workspace = self.app:workspace()
  local out, seen = {}, {}
  for _, path in ipairs(workspace and workspace:plans() or {}) do
    local feature = path:match "PLAN_([^/]+)%.[mM][dD]$"
    if feature and feature:find "^[%w._%-]+$" and not seen[feature] then
      seen[feature] = true
      out[#out + 1] = { "@" .. feature, path }
    end
  end
  return out
end

--- Numbers of the plan that stands among the arguments.
local function numbers(self)
  local workspace, target = self.app:workspace(), nil
  for _, argument in ipairs(self.arguments) do
    target = target or (argument:sub(1, 1) == "@" or argument:find "%.md$") and argument or nil
  end
  local path = workspace and target and workspace:resolve(target)
  local plan = path and workspace:document(path)
  local out = {}
  for i, one in ipairs(plan and plan.achievements or {}) do
    out[i] = { one.number, one_line(one.title) }
  end
  return out
end

local function scripts(self)
  local runtime, out = self.app:runtime(), {}
  for _, folder in ipairs { "workflows/", "workflows/templates/", "workflows/templates/skeletons/" } do
    for _, full in ipairs(runtime:names(folder)) do
      local name = full:match "^workflows/templates/(.+)%.lua$" or full:match "^workflows/([^/]+)%.lua$"
      out[#out + 1] = name and { name, full } or nil
    end
  end
  return out
end

local function rules()
  local out = {}
  for i, rule in ipairs(require("promptgen.lint.rules").list) do
    out[i] = { rule[1], rule[3] }
  end
  return out
end

local function listed(values)
  local out = {}
  for i, value in ipairs(values) do
    out[i] = { value }
  end
  return out
end

--- Values of an option, or a directive; nil when they cannot be known.
local function values_of(self, name)
  local own = OWN_VALUES[self.command or ""]
  if FILES[name] or DIRS[name] then
    return FILES[name] and completions.files or completions.dirs
  elseif name == "achievement" and self.command ~= "new" then
    return numbers(self)
  elseif name == "rule" then
    return rules()
  end
  local values = own and own[name] or VALUES[name]
  return values and listed(values) or {}
end

--- What an argument takes, by its name.
local BY_NAME = {
  plan = plans, number = numbers, name = scripts,
  topic = commands,
  file = function(self) return self.current:sub(1, 1) == "@" and plans(self) or completions.files end,
  files = function() return completions.files end,
  dir = function() return completions.dirs end,
}

--- What stands behind the kind of `new`.
local function new_words(self)
  local kind, at = self.arguments[1], #self.arguments
  if kind == "subplan" or kind == "execution" then
    return at == 1 and plans(self) or at == 2 and numbers(self) or {}
  end
  return {}
end

local function argument_words(self)
  local spec = self.spec
  if self.command == "run" and not spec then
    local out = {}
    add_workflows(self, out)
    return self.current:find("/", 1, true) and completions.files or out
  elseif not spec then
    return {}
  elseif self.command == "new" and #self.arguments > 0 then
    return new_words(self)
  end
  local declared = spec.arguments or {}
  local argument = declared[#self.arguments + 1] or (#declared > 0 and declared[#declared].list and declared[#declared])
  local name = argument and argument[1]
  local few = ARGUMENTS[self.workflow or self.command]
  if not name then
    return {}
  elseif few and few[name] then
    return listed(few[name])
  elseif BY_NAME[name] then
    return BY_NAME[name](self)
  end
  return self.current:sub(1, 1) == "@" and plans(self) or {}
end

--- Candidates that begin with `current`. Names come from files that anybody may have made: a word that a
--- shell would read as more than a word is left out, and what is said of it cannot reach the terminal.
local function matching(candidates, current)
  local escape = require("promptgen.errors").escape_controls
  local out, folded = {}, current:lower()
  for _, candidate in ipairs(candidates) do
    local word = candidate[1]
    if word:sub(1, #current):lower() == folded and word:find "^[%w@._=/+:,-]+$" then
      out[#out + 1] = { word, candidate[2] and escape(candidate[2]) }
    end
  end
  return out
end

--- What may stand in the place of the last word.
---@param app promptgen.App
---@param words string[] those behind the program's name; the last one is to be completed, and may be empty
---@return promptgen.Candidate[]|":files"|":dirs" candidates
function completions.of(app, words)
  local self = read(app, words)
  local found
  if self.value_of then
    found = values_of(self, self.value_of)
  elseif self.current:sub(1, 1) == "-" and not self.is_plain then
    local name = self.current:match "^%-%-([^=]+)="
    if not name then
      return matching(option_names(self), self.current)
    end
    found = values_of(self, name)
    for i, candidate in ipairs(type(found) == "table" and found or {}) do
      found[i] = { ("--%s=%s"):format(name, candidate[1]), candidate[2] }
    end
  elseif not self.command then
    found = commands(self)
  else
    found = argument_words(self)
  end
  return type(found) == "table" and matching(found, self.current) or found
end

return completions
