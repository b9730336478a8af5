--- The parameters of a template: their declarations, and the check of the values given.
local nearest = require "promptgen.nearest"
local status = require "promptgen.status"

local params = {}

---@class promptgen.template.Param
---@field required boolean? an error when it is not given
---@field type string? one of the names in `params.types`; default "any"
---@field default any? the value when none is given
---@field doc string? one line for people

local function is_integer(value) return math.type(value) == "integer" end

--- Name -> test. A record is what plans and documents are: a table, or a userdata of the C core.
params.types = {
  any = function() return true end,
  string = function(v) return type(v) == "string" end,
  number = function(v) return type(v) == "number" end,
  integer = is_integer,
  boolean = function(v) return type(v) == "boolean" end,
  table = function(v) return type(v) == "table" end,
  list = function(v) return type(v) == "table" and (next(v) == nil or v[1] ~= nil) end,
  record = function(v) return type(v) == "table" or type(v) == "userdata" end,
  ["function"] = function(v) return type(v) == "function" end,
}

local FIELDS = { required = "boolean", type = "string", doc = "string" }

--- Why a declaration is wrong, or nil. `reserved` are the names a parameter must not take.
---@param declared table<string, promptgen.template.Param>
---@param reserved table<string, any>
---@return string? problem
function params.problem(declared, reserved)
  for _, name in ipairs(nearest.keys(declared)) do
    local spec = declared[name]
    if not name:find("^[%a_][%w_]*$") or name:find("^__") then
      return ("'%s' cannot name a parameter"):format(name)
    elseif reserved[name] then
      return ("the parameter '%s' has the name of a helper"):format(name)
    elseif type(spec) ~= "table" then
      return ("the parameter '%s' is declared by a table"):format(name)
    end
    for key, value in pairs(spec) do
      if key ~= "default" and type(value) ~= FIELDS[key] then
        return ("the parameter '%s': %s is not a field of a declaration, or has the wrong type")
          :format(name, tostring(key))
      end
    end
    local test = params.types[spec.type or "any"]
    if not test then
      return ("the parameter '%s': there is no type '%s'"):format(name, spec.type)
    elseif spec.default ~= nil and not test(spec.default) then
      return ("the parameter '%s': its default is not a %s"):format(name, spec.type)
    elseif spec.default ~= nil and spec.required then
      return ("the parameter '%s' is required and has a default"):format(name)
    end
  end
  return nil
end

local function wrong(template, message, hint)
  return nil, status.error {
    code = "template_error", path = template.path, hint = hint,
    message = ("template '%s': %s"):format(template.name, message),
  }
end

--- Checks the values for a template and fills the defaults in. Values are not changed.
---@param template promptgen.template.Loaded
---@param values table<string, any>
---@return table<string, any>? scope a new table
---@return promptgen.Error? err template_error
function params.check(template, values)
  local declared, scope = template.params, {}
  for name, value in pairs(values) do
    if type(name) ~= "string" or not declared[name] then
      local near = type(name) == "string" and nearest.of(name, nearest.keys(declared))
      local known = nearest.keys(declared)
      return wrong(template, ("it has no parameter '%s'"):format(tostring(name)),
        near and ("did you mean '%s'?"):format(near)
          or #known > 0 and "its parameters are " .. table.concat(known, ", ")
          or "it takes no parameters")
    end
    scope[name] = value
  end
  for _, name in ipairs(template.param_names) do
    local spec = declared[name]
    local value = scope[name]
    if value == nil then
      value = spec.default
      scope[name] = value
    end
    if value == nil then
      if spec.required then
        return wrong(template, ("the parameter '%s' is missing"):format(name), spec.doc)
      end
    elseif not params.types[spec.type or "any"](value) then
      return wrong(template, ("the parameter '%s' takes a %s, and got a %s"):format(name,
        spec.type, math.type(value) or type(value)), spec.doc)
    end
  end
  return scope
end

return params
