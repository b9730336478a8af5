--- The command line: promptgen's own options, then a command or a workflow.
local errors = require "promptgen.lazy" "promptgen.errors"
local host = require "promptgen.host"

local cli = {}

--- Commands in the order of the help text. Each is the module promptgen.command.<name>.
cli.commands = {
  "run", "next", "plans", "status", "explain", "graph", "lint", "parse", "workflows", "templates", "which", "copy",
  "init", "new", "approve", "fix", "skip", "batch", "archive", "test", "repl", "cache", "paths", "metrics",
  "completions", "doctor",
  "help", "version",
}

local is_command = {}
for _, name in ipairs(cli.commands) do
  is_command[name] = true
end

--- Modules with another name than their command: "init" would be the module of the folder.
local MODULES = { init = "make_workspace" }

--- Declaration of a command.
---@param name string
---@return table? command
function cli.command(name)
  return is_command[name] and require("promptgen.command." .. (MODULES[name] or name)) or nil
end

--- What `help` is asked for to show a workflow: its name, unless a command has that.
---@param name string
---@return string topic
function cli.help_topic(name)
  return is_command[name] and name ~= "next" and "run " .. name or name
end

--- What a command's `run` gets: the application with parsed arguments, and the parts that commands
--- share. `workspace` raises an error value when there is none.
local function new_context(app, command, args)
  local fields = {
    app = app, args = args, json = app.options.json or false, options = app.options,
    command = command,
    out = function(text)
      local ok, err = app:out(text)
      if not ok then
        error(err, 0)
      end
    end,
  }
  return setmetatable(fields, { __index = function(_, key)
    if key == "workspace" then
      local workspace, err = app:workspace()
      if not workspace then
        error(err, 0)
      end
      return workspace
    elseif key == "order" then
      return app.options.order
    elseif key == "width" then
      return app:width()
    elseif key == "color" then
      return app:color(1)
    elseif key == "state_dir" or key == "cache_dir" or key == "config_dir" then
      return app[key]()
    end
  end })
end

local function without_separator(list)
  for i, value in ipairs(list) do
    if value == "--" then
      table.remove(list, i)
      break
    end
  end
  return list
end

local function execute(app, command, list)
  local args, err
  if command.raw_arguments then
    args = list
  else
    args, err = require("promptgen.arguments").parse(command, without_separator(list))
    if not args then
      return nil, err
    end
  end
  return command.run(new_context(app, command, args))
end

local function run_command(app, command, list)
  local ok, result, err = host.protect(execute, app, command, list)
  if not ok then
    err = errors.normalise(result, "internal")
  elseif result then
    err = nil
  end
  if err and not err.closed then
    require("promptgen.totals").failure(app, command.name, err.code)
  elseif command.counts then
    require("promptgen.totals").flush(app)
  end
  local unkept = app:check_cache()
  if not ok then
    error(err, 0)
  elseif not result then
    return nil, err
  elseif unkept then
    return nil, unkept
  end
  return result == true and 0 or result
end

local function unknown(app, name)
  local names = table.move(cli.commands, 1, #cli.commands, 1, {})
  for _, script in ipairs(app:runtime():names("workflows/")) do
    local workflow = script:match("([^/]+)%.lua$")
    if workflow and not cli.command(workflow) then
      names[#names + 1] = workflow
    end
  end
  local near = errors.nearest(name, names)
  return nil, errors.new {
    code = "usage", message = ("there is no command or workflow '%s'"):format(name),
    hint = #near > 0 and { "did you mean " .. table.concat(near, ", ") .. "?" }
      or { "promptgen help lists the commands" },
  }
end

--- On a terminal, no command at all is the wish to be asked.
local function wants_menu(options, name)
  if options.help or options.version then
    return false
  end
  return options.interactive or name == nil and not options.json and host.isatty(0) and host.isatty(1)
end

--- What `--help` on a command line asks about.
local function help_words(rest)
  local workflow = rest[1] == "run" and rest[2]
  return { rest[1], workflow and workflow:sub(1, 1) ~= "-" and workflow or nil }
end

local function dispatch(app, rest)
  local options, name = app.options, rest[1]
  if wants_menu(options, name) then
    local arguments = table.move(rest, name == "next" and 2 or 1, #rest, 1, {})
    return run_command(app, require "promptgen.command.interactive", arguments)
  end
  if options.version then
    return run_command(app, cli.command "version", rest)
  elseif options.help or name == nil then
    return run_command(app, cli.command "help", options.help and help_words(rest) or {})
  end
  local command = cli.command(name)
  if command then
    return run_command(app, command, table.move(rest, 2, #rest, 1, {}))
  elseif name:sub(1, 1) == "-" then
    return nil, errors.new { code = "usage", message = ("unknown option '%s'"):format(name),
      hint = "promptgen help lists the options" }
  elseif name:find("/", 1, true) or app:runtime():is_overridden("workflows/" .. name .. ".lua")
    or require("promptgen.embedded").source("workflows/" .. name .. ".lua") then
    return run_command(app, cli.command "run", rest)
  end
  return unknown(app, name)
end

--- Runs a command line.
---@param args string[]
---@return integer? exit_status
---@return promptgen.Error? err
function cli.run(args)
  local options, rest = require("promptgen.options").extract(args)
  if not options then
    return nil, rest
  end
  local app = require("promptgen.app").new(options)
  if options.log_file or options.log_level or options.profile or options.profile_out then
    return require("promptgen.observe").run(app, dispatch, rest)
  end
  return dispatch(app, rest)
end

return cli
