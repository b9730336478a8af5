--- The fast way for stock templates that nobody overrides.
---
--- The build makes one function of each stock template with all its layers and partials
--- (src/host/embed/flatten.lua): {needs = names of the templates it is made of, specs = functions that
--- give the definitions which declare parameters, most derived first, run = the function}. It keeps no
--- places. When anything at all goes wrong, nothing is returned, and the caller renders the template
--- the usual way, which says what it was.
local definition = require "promptgen.template.definition"
local filters = require "promptgen.template.filters"
local output = require "promptgen.template.output"
local params = require "promptgen.template.params"

local stock = {}

--- The definitions behind a stock template, merged.
local function merged(name, whole)
  local template = { name = name, path = name, params = {}, param_names = {}, prepares = {} }
  definition.is_stock = true
  for i = #whole.specs, 1, -1 do
    local spec = whole.specs[i]()
    for key, param in next, spec.params or {} do
      template.params[key] = param
      template.param_names[#template.param_names + 1] = key
    end
    template.prepares[#template.prepares + 1] = spec.prepare
  end
  definition.is_stock = false
  return template
end

--- Writes strings and numbers; anything else fails.
local function writer(write)
  return function(value)
    if not write(value) then
      error("no text", 0)
    end
  end
end

local function opener(out)
  return function(name, given, changed)
    local section = { name = name }
    for _, key in ipairs { "title", "priority", "keep", "instead" } do
      section[key] = changed[key]
      if section[key] == nil then
        section[key] = given[key]
      end
    end
    section.priority, section.keep = section.priority or 50, section.keep or false
    out.cut(section)
  end
end

local function render(name, whole, values, options)
  local template = merged(name, whole)
  local scope = params.check(template, values)
  if not scope then
    return nil
  end
  for _, prepare in ipairs(template.prepares) do
    for key, value in next, assert(prepare(scope, options.context or {})) do
      scope[key] = value
    end
  end
  local out = output.new(options.max_output)
  whole.run(scope, out.write, writer(out.value), opener(out), function() out.cut(nil) end, filters,
    options.env)
  out.cut(nil)
  return out.pieces
end

--- The pieces of a stock template, or nil when the usual way has to be gone.
---@param name string
---@param whole table as described above
---@param values table<string, any>
---@param options promptgen.template.Options
---@return promptgen.template.Piece[]? pieces
function stock.pieces(name, whole, values, options)
  local ok, pieces = pcall(render, name, whole, values, options)
  definition.is_stock = false
  return ok and pieces or nil
end

return stock
