--- `promptgen help [COMMAND]`: usage of the program, of a command, or of a workflow.
local errors = require "promptgen.errors"

local function option_lines(out, list)
  for _, option in ipairs(list) do
    local names = (option.short and "-" .. option.short .. ", " or "") .. "--" .. option.name
    if option.kind ~= "flag" then
      names = names .. (option.kind == "optional" and "" or " ") .. option.metavar
    end
    out[#out + 1] = ("  %-22s %s\n"):format(names, option.help)
  end
end

local function overview()
  local cli = require "promptgen.cli"
  local out = { "Writes the next prompt for a coding agent from the Markdown plans of a project.\n\n",
    "usage: promptgen COMMAND [arguments] [options]\n",
    "       promptgen WORKFLOW [@PLAN] [options]\n\ncommands:\n" }
  for _, name in ipairs(cli.commands) do
    out[#out + 1] = ("  %-12s %s\n"):format(name, cli.command(name).summary)
  end
  out[#out + 1] = "\noptions, anywhere before --:\n"
  option_lines(out, require("promptgen.options").list)
  out[#out + 1] = "\nexit status: 0 ok, 1 workflow or template, 2 usage, 3 permission, 4 bad input, 5 limit,\n"
    .. "6 I/O, 7 conflict, 8 lint, 70 internal\n"
  return table.concat(out)
end

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

local function describe(spec, prefix)
  local out = { ("usage: promptgen %s%s %s\n\n%s\n"):format(prefix, spec.name, usage_of(spec), spec.summary or "") }
  if #(spec.arguments or {}) > 0 then
    out[#out + 1] = "\narguments:\n"
    for _, argument in ipairs(spec.arguments) do
      out[#out + 1] = ("  %-22s %s\n"):format(argument[1], argument[2] or "")
    end
  end
  if #(spec.options or {}) > 0 then
    out[#out + 1] = "\noptions:\n"
    for _, option in ipairs(spec.options) do
      local value = option[2] ~= "flag" and " " .. (option.metavar or "VALUE") or ""
      out[#out + 1] = ("  %-22s %s\n"):format(option[1] .. value, option[3] or "")
    end
  end
  out[#out + 1] = "\npromptgen help lists the options that every command takes.\n"
  return table.concat(out)
end

local function workflow_help(ctx, name)
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
  local plan = { { "plan", "@NAME or path of a plan", optional = true } }
  description.arguments = description.arguments or plan
  return describe(description, "run ")
end

return {
  name = "help",
  summary = "show help for a command or a workflow",
  arguments = { { "topic", "a command or a workflow", optional = true } },
  run = function(ctx)
    local topic = ctx.args.topic
    if not topic then
      ctx.out(overview())
      return true
    end
    local command = require("promptgen.cli").command(topic)
    if command and topic ~= "next" then
      ctx.out(describe(command, ""))
      return true
    end
    local text, err = workflow_help(ctx, topic)
    if not text and err.code == "not_found" then
      return nil, errors.new { code = "usage", message = ("there is no command or workflow '%s'"):format(topic),
        hint = "promptgen help lists the commands" }
    elseif not text then
      return nil, err
    end
    ctx.out(text)
    return true
  end,
}
