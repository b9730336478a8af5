--- The values a template prints and the names it sees: strict in both, with the nearest name.
local filters = require "promptgen.template.filters"
local nearest = require "promptgen.nearest"
local trouble = require "promptgen.template.trouble"
local unit = require "promptgen.template.unit"

local values = {}

local fail = trouble.fail

--- The source of the expression being run, for messages.
local function expression(frame)
  if frame.at == 0 then
    return "the expression"
  end
  return (frame.unit.text:sub(unit.tag(frame.unit, frame.at)):gsub("%s+", " "))
end

local function undefined(frame)
  local source = expression(frame)
  local name = source:match("^[%a_][%w_]*")
  if frame.template.params[source] then
    fail("undefined_name", ("the parameter '%s' was not given"):format(source),
      "give it, test it with {% if %}, or use the filter default(...)")
  end
  fail("undefined_name", ("'%s' is not defined"):format(source),
    name == source and nil or "the value of the expression is nil")
end

--- `value`, which must not be nil.
function values.defined(run, value)
  if value == nil then
    undefined(run.frames[run.depth])
  end
  return value
end

local function refuse_value(run, value)
  if value == nil then
    undefined(run.frames[run.depth])
  end
  fail("template_error", ("'%s' is a %s; a template prints strings and numbers"):format(
    expression(run.frames[run.depth]), type(value)),
    type(value) == "boolean" and "choose a text: {{ x and \"yes\" or \"no\" }}" or nil)
end

--- The function that writes the value of an expression: a string as it is, a number in its shortest
--- form, and nothing else.
function values.writer(run)
  local write = run.output.value
  return function(value)
    if not write(value) then
      refuse_value(run, value)
    end
  end
end

--- Names of the fields of a value, as far as they can be known.
local function field_names(object)
  local ok, names = pcall(function()
    local keys = {}
    for key in pairs(object) do
      keys[#keys + 1] = key
    end
    return keys
  end)
  return ok and names or {}
end

--- Fails for `object.key`, which is nil, naming the nearest field.
function values.missing_field(run, object, key)
  local source = expression(run.frames[run.depth])
  local parent = source:match("^([%w_.]+)%." .. key .. "%f[^%w_]") or "the value"
  if object == nil then
    fail("undefined_name", ("'%s' is not defined, so it has no field '%s'"):format(parent, key))
  end
  local near = nearest.of(key, field_names(object))
  fail("undefined_name", ("'%s' has no field '%s'"):format(parent, key),
    near and ("did you mean '%s'?"):format(near) or nil)
end

--- Globals worth offering as the nearest name.
local COMMON = { include = 1, render = 1, ipairs = 1, pairs = 1, string = 1, table = 1,
                 math = 1, tostring = 1, type = 1, select = 1 }

--- The value of a name nothing defines: nil for a parameter that was not given, else an error.
local function undefined_name(run, key)
  local frame = run.frames[run.depth]
  if frame.template.params[key] then
    return nil
  end
  local near = nearest.of(key, nearest.keys(frame.scope, frame.template.params,
    frame.template.helpers, filters, COMMON))
  fail("undefined_name", ("'%s' is not defined"):format(tostring(key)),
    near and ("did you mean '%s'?"):format(near)
      or "a template sees its parameters, the helpers, and its own locals")
end

local function refuse_new(_, key)
  fail("template_error", ("'%s' is not declared"):format(tostring(key)),
    ("write: local %s = ..."):format(tostring(key)))
end

--- The metatable of the scopes of a template. Behind a scope lie the filters, include and render,
--- the helpers of the template, and then the globals of the caller's environment.
function values.scope_metatable(run, template)
  local known = run.scopes[template]
  if known then
    return known
  end
  local env = run.engine.options.env
  local names = {}
  for name, filter in pairs(filters) do
    names[name] = filter
  end
  names.include, names.render, names.pcall = run.include, run.render, run.pcall
  for name, helper in pairs(template.helpers) do
    names[name] = helper
  end
  setmetatable(names, {
    __index = function(_, key)
      local value = env[key]
      if value == nil then
        return undefined_name(run, key)
      end
      return value
    end,
  })
  local made = { __index = names, __newindex = refuse_new }
  run.scopes[template] = made
  return made
end

--- A scope inside `outer` with more names in front.
function values.inner_scope(outer, names)
  return setmetatable(names, { __index = outer, __newindex = refuse_new })
end

return values
