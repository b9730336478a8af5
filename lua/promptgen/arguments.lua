--- Arguments of one command or workflow against its declaration.
---
--- A declaration has `arguments` ({name, help, optional?, list?}) and `options` ({names, kind, help,
--- default?, metavar?}). Plain positional arguments are assigned directly; anything with a dash goes
--- to argparse, which is loaded only then: it costs more than the rest of a warm start.
local errors = require "promptgen.lazy" "promptgen.errors"

local arguments = {}

--- Those of a workflow that declares none.
arguments.of_workflow = { { "plan", "@NAME or path of a plan", optional = true } }

local function key_of(option)
  return require("promptgen.workflow").key_of(option)
end

local function build_parser(spec)
  local argparse = require "argparse"
  local parser = argparse(spec.usage_name, spec.summary):add_help(false)
  for _, argument in ipairs(spec.arguments or {}) do
    local arity = argument.list and (argument.optional and "*" or "+") or (argument.optional and "?" or 1)
    parser:argument(argument[1], argument[2]):args(arity)
  end
  for _, option in ipairs(spec.options or {}) do
    local key = key_of(option)
    if option[2] == "flag" then
      parser:flag(option[1], option[3]):target(key)
    else
      local metavar = option.metavar or key:upper()
      local o = parser:option(option[1], option[3]):target(key):argname("<" .. metavar .. ">")
      o:count(option[2] == "list" and "*" or "?")
    end
  end
  return parser
end

local function with_defaults(spec, values)
  for _, option in ipairs(spec.options or {}) do
    local key = key_of(option)
    if values[key] == nil then
      values[key] = option.default
    end
  end
  return values
end

local function usage_error(spec, message, missing)
  return nil, errors.new {
    code = "usage", message = message,
    hint = { ("promptgen help %s shows what it accepts"):format(spec.help_topic or spec.name),
      missing == "plan" and "promptgen plans lists the plans; @NAME names one" or nil },
  }
end

--- Without options: each argument takes its place.
local function assign(spec, list)
  local values, at = {}, 1
  for _, argument in ipairs(spec.arguments or {}) do
    local name = argument[1]
    if argument.list then
      values[name] = table.move(list, at, #list, 1, {})
      at = #list + 1
    else
      values[name] = list[at]
      at = at + 1
    end
    local empty = values[name] == nil or (argument.list and #values[name] == 0)
    if empty and not argument.optional then
      return usage_error(spec, ("%s: missing argument %s"):format(spec.name, name), name)
    end
  end
  if at <= #list then
    return usage_error(spec, ("%s: unexpected argument '%s'"):format(spec.name, list[at]))
  end
  return values
end

--- Parses `list` by `spec`. Keys of the result: argument names, and option names without dashes
--- with "-" as "_".
---@param spec {name: string, help_topic?: string, summary?: string, arguments?: table[], options?: table[]}
---@param list string[]
---@return table<string, any>? values
---@return promptgen.Error? err `usage`
function arguments.parse(spec, list)
  local dashed
  for _, value in ipairs(list) do
    dashed = dashed or value:sub(1, 1) == "-" and value or nil
  end
  if dashed and #(spec.options or {}) == 0 then -- argparse would call it an argument too many
    return usage_error(spec, ("%s: unknown option '%s'"):format(spec.name, dashed))
  elseif not dashed then
    local values, err = assign(spec, list)
    return values and with_defaults(spec, values), err
  end
  local ok, result = build_parser(spec):pparse(list)
  if not ok then
    return usage_error(spec, ("%s: %s"):format(spec.name, result))
  end
  return with_defaults(spec, result)
end

return arguments
