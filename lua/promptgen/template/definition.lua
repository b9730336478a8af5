--- `template.define`: what a template file returns, checked.
local filters = require "promptgen.template.filters"
local nearest = require "promptgen.nearest"
local params = require "promptgen.template.params"

local definition = {}

--- The metatable that marks a definition.
local MARK = {}

--- Names a template body finds beside its parameters, the filters among them.
definition.reserved = { include = true, render = true, super = true }
for name in pairs(filters) do
  definition.reserved[name] = true
end

local FIELDS = {
  summary = "string", params = "table", body = "string", body_file = "string", extends = "string",
  blocks = "table", helpers = "table", prepare = "function",
}
local BLOCK_FIELDS = {
  replace = "string", append = "string", prepend = "string", title = "string", priority = "number",
  keep = "boolean", instead = "string",
}

local function check_fields(what, spec, fields)
  for key, value in pairs(spec) do
    local wanted = fields[key]
    if not wanted then
      local near = type(key) == "string" and nearest.of(key, nearest.keys(fields))
      return ("%s has no field '%s'%s"):format(what, tostring(key),
        near and ("; did you mean '" .. near .. "'?") or "")
    elseif type(value) ~= wanted then
      return ("%s: '%s' is a %s, not a %s"):format(what, key, wanted, type(value))
    end
  end
  return nil
end

--- A block is given as text, which replaces, or as a table. Returns its table form.
local function block_of(name, given)
  if type(given) == "string" then
    return { replace = given }
  elseif type(given) ~= "table" then
    return nil, ("block '%s' is given by a text or a table"):format(tostring(name))
  end
  local problem = check_fields(("block '%s'"):format(tostring(name)), given, BLOCK_FIELDS)
  if problem then
    return nil, problem
  end
  return given
end

local function problem_of(spec)
  local problem = check_fields("a template", spec, FIELDS)
    or params.problem(spec.params or {}, definition.reserved)
  if problem then
    return problem
  end
  local texts = (spec.body and 1 or 0) + (spec.body_file and 1 or 0) + (spec.extends and 1 or 0)
  if texts ~= 1 then
    return "a template has one of body, body_file and extends"
  elseif spec.blocks and not spec.extends then
    return "blocks are given by a template that extends another; a body writes {% block name %}"
  end
  return nil
end

---@class promptgen.template.Block
---@field replace string? instead of the text below; `super()` in it prints that text
---@field prepend string? before it
---@field append string? after it
---@field title string? new title of a section
---@field priority number? new priority of a section
---@field instead string? what to tell the reader when the section is left out
---@field keep boolean? whether a section may be dropped to fit a budget

---@class promptgen.template.Spec
---@field summary string? one line for `promptgen templates`
---@field params table<string, promptgen.template.Param>? what the template takes
---@field body string? the text
---@field body_file string? the text, in a file of that name beside the templates
---@field extends string? the template this one changes; its own name means the one it shadows
---@field blocks table<string, string|promptgen.template.Block>? changes to its blocks
---@field helpers table<string, any>? more names for the text; a function among them is a filter
---@field prepare (fun(values: table, context: table): table?, promptgen.Error?)? makes more names

--- Set while a stock template runs: it was checked when the program was built.
definition.is_stock = false

--- Checks a template and marks it as one. Raises for a specification that is wrong, without a
--- position: `return template.define {...}` is a tail call, whose line Lua does not know.
---@param spec promptgen.template.Spec
---@return promptgen.template.Spec definition
function definition.define(spec)
  if definition.is_stock then
    return setmetatable(spec, MARK)
  elseif type(spec) ~= "table" then
    error("template.define takes a table", 2)
  end
  local problem = problem_of(spec)
  if problem then
    error(problem, 0)
  end
  local made = setmetatable({}, MARK)
  for key, value in pairs(spec) do
    made[key] = value
  end
  if spec.blocks then
    made.blocks = {}
    for name, given in pairs(spec.blocks) do
      local block, wrong = block_of(name, given)
      if not block then
        error(wrong, 0)
      end
      made.blocks[name] = block
    end
  end
  return made
end

--- Whether a value was made by `define`.
---@param value any
---@return boolean
function definition.is(value)
  return type(value) == "table" and getmetatable(value) == MARK
end

return definition
