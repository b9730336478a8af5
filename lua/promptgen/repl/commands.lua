--- The commands of the REPL, all of the form `:name argument`.
local errors = require "promptgen.errors"

local commands = {}

--- A command context for the commands of the command line that show a plan.
local function plain_context(repl, args)
  return {
    app = repl.app, args = args, workspace = repl.workspace, width = repl:room(), json = false,
    options = repl.app.options, state_dir = repl.app.state_dir(), cache_dir = repl.app.cache_dir(),
    out = function(text)
      local ok, err = repl.screen:put(text)
      if not ok then
        error(err, 0)
      end
    end,
  }
end

local function run_command(repl, name, args)
  local ok, result, err = require("promptgen.host").protect(
    require("promptgen.command." .. name).run, plain_context(repl, args))
  if not ok then
    return nil, errors.normalise(result, "internal")
  elseif not result then
    return nil, err
  end
  return true
end

local function need_plan(repl, name)
  if repl.plan then
    return repl.plan
  end
  return nil, errors.new { code = "usage", message = "there is no plan",
    hint = ("start with promptgen repl @PLAN, or name one: :%s @PLAN"):format(name) }
end

local function inspector(name)
  return function(repl, argument)
    return require("promptgen.repl.inspect_commands")[name](repl, argument)
  end
end

local function measurer(name)
  return function(repl, argument)
    if argument == "" then
      return nil, errors.new { code = "usage", message = (":%s needs an expression"):format(name) }
    end
    return require("promptgen.repl.measure_commands")[name](repl, argument)
  end
end

local function state(repl, argument)
  local target, err = argument ~= "" and argument or nil, nil
  if not target then
    target, err = need_plan(repl, "state")
  end
  return target and run_command(repl, "status", { plan = target }), err
end

local function explain(repl, argument)
  local target, number = argument:match "^(@%S+)%s*(%S*)$"
  local err
  if not target then
    target, err = need_plan(repl, "explain")
    number = argument
  end
  if not target then
    return nil, err
  end
  return run_command(repl, "explain", { plan = target, number = number ~= "" and number or nil })
end

local function render(repl, argument)
  if argument == "" then
    return nil, errors.new { code = "usage", message = ":render needs the name of a template",
      hint = table.concat(repl:templates(), ", ") }
  end
  local outcome, err, traceback = repl:play { op = "render", name = argument }
  local told = {}
  for _, script in ipairs(repl.session.job.served or {}) do
    if not told[script.path] then
      told[script.path] = true
      repl.app:notice_shadow(script)
    end
  end
  repl.session.job.served = nil
  if not outcome then
    if err.code == "not_found" then
      local names = repl:templates()
      local near = errors.nearest(argument, names)
      err.hint = #near > 0 and "did you mean " .. table.concat(near, ", ") .. "?"
        or "templates: " .. table.concat(names, ", ")
    end
    return nil, err, traceback
  elseif type(outcome.text) == "string" then
    repl.screen:put(outcome.text)
    if math.type(outcome.lines) == "integer" and math.type(outcome.tokens) == "integer" then
      repl.screen:line("note", ("%d lines, about %d tokens"):format(outcome.lines, outcome.tokens))
    end
  end
  return true
end

local function metrics(repl)
  local outcome, err = repl:play { op = "metrics" }
  if not outcome then
    return nil, err
  end
  local function section(title, text)
    repl.screen:line("title", title)
    repl.screen:put((text:gsub("#[^\n]*\n", "")))
  end
  require("promptgen.totals").count_caches(repl.app, true)
  section("parent", require("promptgen.metrics").export())
  section("worker", type(outcome.text) == "string" and outcome.text or "")
  return true
end

local function reload(repl)
  local workspace = repl.workspace
  for _, name in ipairs { "documents", "listings", "contents" } do
    workspace[name]:clear()
  end
  local outcome, err = repl:play { op = "reload" }
  if outcome then
    repl.screen:line("note", "libraries, templates and plans are read again; variables are kept")
  end
  return outcome and true, err
end

--- The file that an argument of `:edit` means: a template or workflow of the workspace, a plan, a path.
local function file_to_edit(repl, argument)
  local workspace = repl.workspace
  if argument:sub(1, 1) == "@" then
    local path, err = workspace:resolve(argument)
    return path and workspace.root .. "/" .. path, err
  elseif argument:sub(1, 1) == "/" then
    return argument
  end
  local scripts = { argument, ("workflows/templates/%s.lua"):format(argument), ("workflows/%s.lua"):format(argument) }
  for _, name in ipairs(scripts) do
    if workspace:stat(name) then
      return workspace.root .. "/" .. name
    end
  end
  return nil, errors.new { code = "not_found", path = argument, message = "there is no such file in the workspace",
    hint = ("promptgen copy %s makes an own copy of a stock script"):format(argument) }
end

local function edit(repl, argument)
  local host = require "promptgen.host"
  if argument == "" and not repl.is_interactive then
    return nil, errors.new { code = "usage", message = ":edit without a file needs a terminal" }
  end
  local command = host.getenv "VISUAL" or host.getenv "EDITOR"
  if not command or command == "" then
    command = "vi"
  end
  local editor = require "promptgen.editor"
  if argument ~= "" then
    local path, err = file_to_edit(repl, argument)
    if not path then
      return nil, err
    end
    local edited
    edited, err = editor.edit_file(command, path)
    repl.signals:drain() -- a Ctrl-C in there was not meant for us
    return edited, err
  end
  local text, err = editor.edit_text(command, repl.last_entry or "")
  repl.signals:drain()
  if not text then
    return nil, err
  end
  text = text:gsub("%s+$", "")
  if text == "" or text == (repl.last_entry or ""):gsub("%s+$", "") then
    return true
  end
  repl:remember(text)
  repl.screen:put(text .. "\n")
  return repl:run(text)
end

local SETTINGS = { "depth", "items", "string", "total", "width" }

local function set(repl, argument)
  local settings, defaults = repl.session.settings, require("promptgen.repl.printer").defaults
  local name, value = argument:match "^(%a+)%s*=?%s*(%d+)$"
  if name and defaults[name] and #value < 10 and tonumber(value) > 0 then
    settings[name] = math.tointeger(tonumber(value))
    return true
  elseif argument ~= "" then
    return nil, errors.new { code = "usage", message = ":set takes a name and a number above 0",
      hint = "names: " .. table.concat(SETTINGS, ", ") }
  end
  for _, key in ipairs(SETTINGS) do
    repl.screen:put(("%-8s %d\n"):format(key, settings[key] or key == "width" and repl:width() or defaults[key]))
  end
  return true
end

---@class promptgen.repl.Command
---@field name string
---@field usage string
---@field summary string
---@field run fun(repl: promptgen.Repl, argument: string): any, promptgen.Error?
---@field takes? "topic"|"cache"|"template"|"plan"|"expression" what its argument is

---@type promptgen.repl.Command[]
commands.list = {
  { name = "help", usage = ":help [TOPIC]", summary = "this list, or the description of a function", takes = "topic",
    run = function(repl, argument)
      return require("promptgen.repl.help").show(repl, commands.list, argument)
    end },
  { name = "caches", usage = ":caches", summary = "the caches of both processes and of the disk",
    run = inspector "caches" },
  { name = "cache", usage = ":cache NAME [TEXT]", summary = "entries of a cache: size, age, hits, whether they hold",
    takes = "cache", run = inspector "cache" },
  { name = "entry", usage = ":entry KEY", summary = "one entry: what it rests on and why it would miss",
    takes = "key", run = inspector "entry" },
  { name = "hits", usage = ":hits", summary = "hits, misses and losses, and the entries used most",
    run = inspector "hits" },
  { name = "metrics", usage = ":metrics", summary = "the metrics of both processes", run = metrics },
  { name = "state", usage = ":state [@PLAN]", summary = "where the plan stands", takes = "plan", run = state },
  { name = "explain", usage = ":explain [@PLAN] [N]", summary = "why an achievement is where it is", takes = "plan",
    run = explain },
  { name = "render", usage = ":render TEMPLATE", summary = "a template for the plan's next step", takes = "template",
    run = render },
  { name = "time", usage = ":time EXPR", summary = "evaluate and tell how long it took", takes = "expression",
    run = measurer "time" },
  { name = "profile", usage = ":profile EXPR", summary = "evaluate and show where the time went",
    takes = "expression", run = measurer "profile" },
  { name = "set", usage = ":set [NAME NUMBER]", summary = "limits of what is shown", run = set },
  { name = "reload", usage = ":reload", summary = "read libraries, templates and plans again", run = reload },
  { name = "edit", usage = ":edit [@PLAN|TEMPLATE|FILE]", takes = "plan",
    summary = "edit the last entry, or a file, in $VISUAL or $EDITOR", run = edit },
  { name = "quit", usage = ":quit", summary = "leave", run = function(repl)
    repl.is_over = true
    return true
  end },
}

--- The command that a line calls, and its argument; an error for an unknown one.
---@param line string begins with ":"
---@return promptgen.repl.Command? command
---@return string|promptgen.Error argument
function commands.parse(line)
  local name, argument = line:match "^%s*:(%S*)%s*(.-)%s*$"
  local near = {}
  for _, command in ipairs(commands.list) do
    if command.name == name then
      return command, argument
    elseif name ~= "" and command.name:sub(1, #name) == name then
      near[#near + 1] = command
    end
  end
  if #near == 1 then
    return near[1], argument
  end
  local known = {}
  for i, command in ipairs(commands.list) do
    known[i] = command.name
  end
  local hints = {}
  for i, command in ipairs(near) do
    hints[i] = ":" .. command.name
  end
  for _, close in ipairs(#near == 0 and errors.nearest(name, known) or {}) do
    hints[#hints + 1] = ":" .. close
  end
  return nil, errors.new { code = "usage", message = ("there is no command ':%s'"):format(name),
    hint = #hints > 0 and "did you mean " .. table.concat(hints, ", ") .. "?" or ":help lists the commands" }
end

return commands
