--- `promptgen help [COMMAND|WORKFLOW|run WORKFLOW]`: usage of the program, of a command, or of a workflow.
local errors = require "promptgen.errors"

--- What a page of help says, as data; texts and JSON are made of it.
---@class promptgen.HelpPage
---@field name string as it is called, "run next"
---@field usage string what follows the name
---@field summary string
---@field arguments {name: string, help: string, optional: boolean}[]
---@field options {names: string, value: string?, help: string}[]

local EXIT_STATUS = {
  { 0, "ok" }, { 1, "workflow or template" }, { 2, "usage" }, { 3, "permission" }, { 4, "bad input" },
  { 5, "limit" }, { 6, "I/O" }, { 7, "conflict" }, { 8, "lint" }, { 70, "internal" },
}

local function usage_of(spec)
  if spec.usage then
    return spec.usage
  end
  local parts = {}
  for _, argument in ipairs(spec.arguments or {}) do
    parts[#parts + 1] = argument.optional and "[" .. argument[1]:upper() .. "]" or argument[1]:upper()
  end
  return table.concat(parts, " ")
end

--- The page of a declaration.
---@param spec table of a command or a workflow
---@param prefix string "run " of a workflow
---@return promptgen.HelpPage
local function page_of(spec, prefix)
  local page = {
    name = prefix .. spec.name, usage = usage_of(spec), summary = spec.summary or "", arguments = {}, options = {},
  }
  for i, argument in ipairs(spec.arguments or {}) do
    page.arguments[i] = { name = argument[1], help = argument[2] or "", optional = argument.optional or false }
  end
  for i, option in ipairs(spec.options or {}) do
    local value = option[2] ~= "flag" and (option.metavar or "VALUE") or nil
    page.options[i] = { names = option[1], value = value, help = option[3] or "" }
  end
  return page
end

--- promptgen's own options, in the same form.
local function global_options()
  local out = {}
  for i, option in ipairs(require("promptgen.options").list) do
    local names = (option.short and "-" .. option.short .. ", " or "") .. "--" .. option.name
    out[i] = { names = names, help = option.help, value = option.kind ~= "flag" and option.metavar or nil,
      optional = option.kind == "optional" }
  end
  return out
end

local function row(out, name, text)
  out[#out + 1] = ("  %-22s %s\n"):format(name, text)
end

local function page_text(page)
  local out = { ("usage: promptgen %s %s\n\n%s\n"):format(page.name, page.usage, page.summary) }
  for _, part in ipairs { "arguments", "options" } do
    if #page[part] > 0 then
      out[#out + 1] = ("\n%s:\n"):format(part)
    end
    for _, entry in ipairs(page[part]) do
      row(out, (entry.name or entry.names) .. (entry.value and " " .. entry.value or ""), entry.help)
    end
  end
  out[#out + 1] = "\npromptgen help lists the options that every command takes.\n"
  return table.concat(out)
end

local function overview_text()
  local cli = require "promptgen.cli"
  local out = { "Writes the next prompt for a coding agent from the Markdown plans of a project.\n\n",
    "usage: promptgen COMMAND [arguments] [options]\n",
    "       promptgen WORKFLOW [@PLAN] [options]\n\ncommands:\n" }
  for _, name in ipairs(cli.commands) do
    out[#out + 1] = ("  %-12s %s\n"):format(name, cli.command(name).summary)
  end
  out[#out + 1] = "\noptions, anywhere before --:\n"
  for _, option in ipairs(global_options()) do
    row(out, option.names .. (option.value and (option.optional and "" or " ") .. option.value or ""), option.help)
  end
  local statuses = {}
  for i, entry in ipairs(EXIT_STATUS) do
    statuses[i] = ("%d %s"):format(entry[1], entry[2])
  end
  out[#out + 1] = "\nexit status: " .. table.concat(statuses, ", ", 1, 6) .. ",\n"
    .. table.concat(statuses, ", ", 7) .. "\n"
  return table.concat(out)
end

local function options_json(json, options)
  local out = {}
  for i, option in ipairs(options) do
    out[i] = json.object {
      { "names", option.names }, { "value", option.value or json.null }, { "help", option.help },
    }
  end
  return json.array(out)
end

local function page_json(page)
  local json = require "promptgen.json"
  local arguments = {}
  for i, argument in ipairs(page.arguments) do
    arguments[i] = json.object {
      { "name", argument.name }, { "help", argument.help }, { "optional", argument.optional },
    }
  end
  return json.encode(json.object {
    { "schema", "promptgen.help/1" }, { "name", page.name }, { "usage", page.usage }, { "summary", page.summary },
    { "arguments", json.array(arguments) }, { "options", options_json(json, page.options) },
  }) .. "\n"
end

local function overview_json()
  local json, cli = require "promptgen.json", require "promptgen.cli"
  local commands, statuses = {}, {}
  for i, name in ipairs(cli.commands) do
    commands[i] = json.object { { "name", name }, { "summary", cli.command(name).summary } }
  end
  for i, entry in ipairs(EXIT_STATUS) do
    statuses[i] = json.object { { "status", entry[1] }, { "meaning", entry[2] } }
  end
  return json.encode(json.object {
    { "schema", "promptgen.help/1" }, { "commands", json.array(commands) },
    { "options", options_json(json, global_options()) }, { "exit_statuses", json.array(statuses) },
  }) .. "\n"
end

local function workflow_page(ctx, name)
  local runner = require "promptgen.run"
  local script, err = require("promptgen.run.find").script(ctx.app, name)
  if not script then
    return nil, err
  end
  local description
  description, err = runner.describe(ctx.app, script)
  if not description then
    return nil, err
  end
  description.name = name -- as it was called: the name of a file may be another than it declares
  description.arguments = description.arguments or require("promptgen.arguments").of_workflow
  return page_of(description, "run ")
end

--- What is not among the commands, because an option calls it.
local function interactive_page()
  local page = page_of(require "promptgen.command.interactive", "")
  page.name = "--interactive"
  return page
end

--- `name` is that of the workflow in `help run NAME`.
local function topic_page(ctx, topic, name)
  local command = require("promptgen.cli").command(topic)
  if name and topic ~= "run" then
    return nil, errors.new { code = "usage", message = ("help: unexpected argument '%s'"):format(name),
      hint = "promptgen help COMMAND, promptgen help WORKFLOW or promptgen help run WORKFLOW" }
  elseif topic == "interactive" then
    return interactive_page()
  elseif command and topic ~= "next" and not name then
    return page_of(command, "")
  end
  topic = name or topic
  local page, err = workflow_page(ctx, topic)
  if not page and err.code == "not_found" then
    err = errors.new { code = "usage",
      message = ("there is no %s '%s'"):format(name and "workflow" or "command or workflow", topic),
      hint = name and "promptgen workflows lists them" or "promptgen help lists the commands" }
  end
  return page, err
end

return {
  name = "help",
  summary = "show help for a command or a workflow",
  usage = "[COMMAND | WORKFLOW | run WORKFLOW]",
  arguments = {
    { "topic", "a command or a workflow", optional = true },
    { "workflow", "of `run`: a workflow, also one that is called like a command", optional = true },
  },
  run = function(ctx)
    if not ctx.args.topic then
      ctx.out(ctx.json and overview_json() or overview_text())
      return true
    end
    local page, err = topic_page(ctx, ctx.args.topic, ctx.args.workflow)
    if not page then
      return nil, err
    end
    ctx.out(ctx.json and page_json(page) or page_text(page))
    return true
  end,
}
